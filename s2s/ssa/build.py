"""The builder: a desugared function and its signature become typed SSA.

One abstract interpretation of names and types. A loop is built again until the types of
its slots no longer change; a branch that is decided by the signature is not built.

In:

    def f(x, n):
        for i in range(n):
            x = x * x
        return x

Out, for a float and an int:

    f(x: float, n: int):
        for i in range(0, n, 1) with x1 = x:
            x2 = x1 * x1
            yield x2
        return x3
"""

from __future__ import annotations

import builtins
import inspect
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.errors import Origin
from s2s.parse.source import Parsed
from s2s.ssa.emit import const_type
from s2s.ssa.expr import Bound, Seq, Unbound
from s2s.ssa.growing import assigned_names
from s2s.ssa.ir import Function, Op, Region, Value, loop_parts
from s2s.ssa.iterate import Iteration
from s2s.ssa.list_operands import OperandBuilder
from s2s.ssa.lists import SOME, Grows, agreed
from s2s.ssa.memory import Around, Key, Meeting
from s2s.ssa.types import (
    ANY,
    INT,
    UNDEF,
    Array,
    Clash,
    List,
    Maybe,
    Static,
    Tuple,
    Type,
    bound,
    described,
    join,
    typeof,
)

if TYPE_CHECKING:
    from s2s.rules import Rules


def build(
    parsed: Parsed, core: gast.FunctionDef, types: dict[str, Type], rules: Rules
) -> Function:
    """SSA of the function for arguments of the given types.

    `attrs["globals"]` of the result maps each global that is read to its value in the
    body; `attrs["params"]` and `attrs["result"]` say how parameters and the returned
    object are made up of values.
    """
    objects: frozenset[gast.AST] = frozenset()
    while True:
        try:
            return Builder(parsed, rules, objects).function(core, types)
        except Grows as grows:
            objects |= grows.nodes


class Builder(OperandBuilder):
    def __init__(
        self, parsed: Parsed, rules: Rules, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, Region(), objects)
        self.parsed = parsed
        self.params: dict[str, Bound] = {}
        self.constants: set[str] = set()
        self.literals: dict[str, Value] = {}
        self.dead = False  # after a raise
        self.globals: dict[str, Value] = {}
        self.externals: dict[str, Any] = {}
        self.statics: dict[str, Any] = {}
        self.meeting = Meeting(self)

    def function(self, core: gast.FunctionDef, types: dict[str, Type]) -> Function:
        for name, type in types.items():
            param = Value(type, name, "user")
            self.region.params.append(param)
            if isinstance(type, Static):  # known: decides branches while compiling
                self.params[name] = self.env[name] = self.const(type.value)
                continue
            self.params[name] = self.env[name] = self.opened(param)
        body = self.region
        self.arguments = {v for item in self.params.values() for v in flat(item)}
        self.core = core
        self.constants = constant_names(core)
        for statement in core.body[:-1]:
            self.statement(statement)
        last = core.body[-1]
        assert isinstance(last, gast.Return)
        result: Bound = self.const(None)
        if not self.dead and last.value is not None:
            self.origin, self.at = self.origin_of(last.value), last
            with suppress(Unbound):
                result = self.closed(self.named(self.expr(last.value), "value"))
                result = self.fresh_item(result)
            self.refuse_unbound()
        body.results = flat(result)
        attrs = {
            "params": self.params,
            "globals": self.globals,
            "externals": self.externals,
            "statics": self.statics,
            "literals": self.literals,
            "result": result,
            "result_origin": self.origin,
            "types": types,
            "contiguous": self.contiguous,
            "rebound": self.rebound,
        }
        return Function(self.parsed.name, body, self.parsed.origin(core), attrs)

    def opened(self, value: Value) -> Bound:
        """Arguments that are tuples, as sequences of their items."""
        if not isinstance(value.type, Tuple):
            return value
        items = self.items(value)
        for k, item in enumerate(items):
            item.hint = f"{value.hint}_{k}"
        return Seq("tuple", tuple(self.opened(i) for i in items))

    def closed(self, item: Bound) -> Bound:
        """A result with every tuple-typed value taken apart."""
        if isinstance(item, Seq):
            return Seq(item.kind, tuple(map(self.closed, item.items)))
        if isinstance(item.type, Tuple) and not item.is_const:
            return self.closed(self.unpack(item))
        return item

    # names ----------------------------------------------------------------

    def origin_of(self, node: gast.AST) -> Origin | None:
        return self.parsed.origin(node)

    def _Name(self, node: gast.Name) -> Bound:
        item = self.fresh_item(self.checked(super()._Name(node), node))
        if node.id in self.env:
            self.env[node.id] = item
        return item

    def checked(self, item: Bound, node: gast.Name) -> Bound:
        """What a name stands for where it is read, and from there on.

        There it surely is bound: else the derivative fails where the primal does.
        """
        if isinstance(item, Seq):
            return item.of(self.checked(i, node) for i in item.items)
        if item.type == UNDEF:
            self.unbound.append(node)
            raise Unbound
        of = bound(item.type)
        if isinstance(of, Clash):
            self.refuse(
                node,
                f"`{node.id}` has two types that do not go together here: "
                + described(item.type),
                "use two names, or make both paths give the same type",
            )
        if isinstance(item.type, Maybe) and node.id in self.parsed.locals:
            return self.emit("bound", [item], ("x",), item.hint, item.role, of)
        return item

    def outer_name(self, node: gast.Name) -> Bound:
        name = node.id
        if name in self.parsed.locals:
            self.refuse(node, f"`{name}` is read before it is assigned")
        if name in self.parsed.closure:
            try:
                obj = self.parsed.closure[name].cell_contents
            except ValueError:
                self.refuse(node, f"closure variable `{name}` has no value yet")
        elif name in self.parsed.globals:
            obj = self.parsed.globals[name]
        elif hasattr(builtins, name):
            obj = getattr(builtins, name)
        else:
            self.refuse(node, f"name `{name}` is not defined")
        if isinstance(const_type(obj), Static) and not isinstance(
            obj, np.ndarray | np.generic | list
        ):
            if isinstance(obj, type) and issubclass(obj, BaseException):
                self.externals[name] = obj
            return self.static(name, obj)
        return self.outer_attribute(name, obj, node)

    def static(self, path: str, obj: Any) -> Value:
        """A global known by identity: another one at a later call is compiled anew."""
        if inspect.ismodule(obj) or getattr(builtins, path, self) is obj:
            return self.const(obj, path)
        if isinstance(obj, type) and issubclass(obj, BaseException):
            return self.const(obj, path)
        self.statics[path] = obj
        literal = obj is None or isinstance(obj, str | np.dtype)
        number = isinstance(obj, type) and issubclass(obj, np.generic)
        if literal or number:
            return self.const(obj)  # printed as what it is
        return self.const(obj, path)

    def outer_attribute(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """A global variable: read when the derivative is called, never frozen."""
        if path not in self.globals:
            self.globals[path] = Value(typeof(obj, path), path, "global")
        value = self.globals[path]
        return self.unpack(value) if isinstance(value.type, Tuple) else value

    # statements -----------------------------------------------------------

    def block(self, statements: list[gast.stmt]) -> None:
        for statement in statements:
            if self.dead:
                return
            self.statement(statement)

    def statement(self, node: gast.stmt) -> None:
        if self.dead:
            return
        self.origin, self.at = self.origin_of(node), node
        self.stored_by.clear()
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"`{type(node).__name__}` statements are not supported")
        depth = self.depth
        try:
            method(node)
        except Unbound:
            self.dead, self.depth = True, depth
        if not self.depth:
            self.refuse_unbound()

    def refuse_unbound(self) -> None:
        """Inside a loop, what an earlier iteration binds is only known in the end."""
        for node in self.unbound:
            what = f"`{node.id}` is" if isinstance(node, gast.Name) else "an item is"
            self.refuse(node, f"{what} read before it is assigned")

    def _Pass(self, node: gast.Pass) -> None:
        """Nothing to do."""

    def _Assign(self, node: gast.Assign) -> None:
        item = self.expr(node.value)
        self.origin = self.origin_of(node)
        for target in node.targets:
            self.assign(target, item)

    def assign(self, target: gast.expr, item: Bound) -> None:
        match target:
            case gast.Name(id=name):
                self.env[name] = self.named(item, name)
            case gast.Tuple(elts=elts) | gast.List(elts=elts):
                items = self.items_of(target, item, len(elts))
                if len(items) != len(elts):
                    self.refuse(target, f"{len(items)} values for {len(elts)} names")
                for element, part in zip(elts, items, strict=True):
                    self.assign(element, part)
            case gast.Subscript():
                self.assign_item(target, item)
            case _:
                self.refuse(target, "this assignment is not supported yet")

    def items_of(self, node: gast.AST, item: Bound, count: int) -> tuple[Bound, ...]:
        """The values that unpacking an object into `count` names gives."""
        if isinstance(item, Seq):
            return item.items
        of = bound(item.type)
        if isinstance(of, Tuple):
            return self.unpack(item).items
        if not isinstance(of, Array | List) or (isinstance(of, Array) and not of.rank):
            self.refuse(node, f"{described(of)} cannot be unpacked here")
        args = [item, self.const(count)]
        whole = self.emit("unpack", args, ("x", "count"))
        items = self.unpack(whole).items
        if isinstance(of, Array) and of.rank > 1:
            self.rows(item, items)
        return items

    def named(self, item: Bound, name: str) -> Bound:
        """The first name a value is bound to is its name in the output."""
        if isinstance(item, Seq):
            return item
        if item.is_const and name in self.constants:
            self.literals[name] = item
            return self.const(item.const, name)
        if item.role in ("temp", "index") and not item.is_const:
            item.hint, item.role = name, "user"
        return item

    def _AugAssign(self, node: gast.AugAssign) -> None:
        if isinstance(node.target, gast.Subscript):
            self.augment_item(node)
        else:
            self.augment_name(node)

    def _Expr(self, node: gast.Expr) -> None:
        call = node.value
        if isinstance(call, gast.Call) and isinstance(call.func, gast.Name):
            callee = self.expr(call.func)
            if isinstance(callee, Value) and callee.const is print:
                args = [self.message(a) for a in call.args]
                options = {str(k.arg): self.value(k.value) for k in call.keywords}
                names = ("x",) * len(args) + tuple(options)
                self.append(Op("print", [*args, *options.values()], names))
                return
        if not (isinstance(call, gast.Call) and self.changing_call(call)):
            self.expr(call)

    def message(self, node: gast.expr) -> Value:
        """An argument of print or of an exception: f-strings are allowed here."""
        if not isinstance(node, gast.JoinedStr):
            return self.value(node)
        values: list[Value] = []
        parts: list[Any] = []
        for part in node.values:
            if isinstance(part, gast.Constant):
                parts.append(part.value)
                continue
            assert isinstance(part, gast.FormattedValue)
            values.append(self.value(part.value))
            spec = part.format_spec.values if part.format_spec else []
            if not all(isinstance(s, gast.Constant) for s in spec):
                self.refuse(node, "format specifications must be constant")
            parts.append((part.conversion, "".join(s.value for s in spec)))
        op = Op("fstring", values, ("x",) * len(values), {"parts": parts})
        value = Value(ANY, "text", op=op)
        op.results = [value]
        self.append(op)
        return value

    def _Raise(self, node: gast.Raise) -> None:
        if node.exc is None or node.cause is not None:
            self.refuse(node, "only `raise Error(...)` is supported")
        call = node.exc
        func, args = (
            (call.func, call.args) if isinstance(call, gast.Call) else (call, [])
        )
        if isinstance(call, gast.Call) and call.keywords:
            self.refuse(node, "exceptions with keyword arguments are not supported")
        error = self.expr(func)
        if not (isinstance(error, Value) and isinstance(error.const, type)):
            self.refuse(node, "only exception classes can be raised")
        self.effect("raise", [error, *(self.message(a) for a in args)])
        self.dead = True

    def _Assert(self, node: gast.Assert) -> None:
        cond = self.truth(node.test, self.value(node.test))
        with self.branch() as failed:
            args = [self.message(node.msg)] if node.msg else []
            self.effect("raise", [self.const(AssertionError, "AssertionError"), *args])
        op = Op("if", [cond], ("cond",), {"form": "assert"}, [Region(), failed])
        self.append(op)

    # branches -------------------------------------------------------------

    def _If(self, node: gast.If) -> None:
        cond = self.truth(node.test, self.value(node.test))
        origin = self.origin_of(node)
        if cond.is_const:
            self.block(node.body if cond.const else node.orelse)
            return
        before, start = self.env, self.versions
        meeting = Meeting(self)
        regions, outcomes = [], []
        for branch in (node.body, node.orelse):
            self.env, self.dead, self.versions = dict(before), False, dict(start)
            with self.inside(Region()) as region:
                self.block(branch)
            regions.append(region)
            outcomes.append((self.env, self.dead))
            meeting.ends.append(None if self.dead else self.versions)
        (then, then_dead), (other, other_dead) = outcomes
        op = Op("if", [cond], ("cond",), {"form": None}, regions, origin=origin)
        self.dead = then_dead and other_dead
        self.env, self.versions, self.meeting = before, start, meeting
        meeting.cells(op)
        for name in sorted({*then, *other}, key=[*then, *other].index):
            ends = [
                None if is_dead else env.get(name, self.undefined(name))
                for env, is_dead in outcomes
            ]
            if any(e is not None and e is not before.get(name) for e in ends):
                self.env[name] = self.merged(node, op, name, ends[0], ends[1])
        self.region.ops.append(op)

    def undefined(self, name: str) -> Value:
        return Value(UNDEF, name, "user", const=None)

    def merged(
        self, node: gast.AST, op: Op, name: str, a: Bound | None, b: Bound | None
    ) -> Bound:
        """One name after both branches of an `if`; None stands for a dead branch."""
        if a is None and b is None:
            return self.undefined(name)
        if isinstance(a, Seq) or isinstance(b, Seq):
            if isinstance(a, Value) and a.type == UNDEF and b is not None:
                a = self.blank(b, name)
            if isinstance(b, Value) and b.type == UNDEF and a is not None:
                b = self.blank(a, name)
            if a is None or b is None or same_shape(a, b):
                some = a if a is not None else b
                assert isinstance(some, Seq)
                pairs = zip(
                    a.items if isinstance(a, Seq) else [None] * len(some.items),
                    b.items if isinstance(b, Seq) else [None] * len(some.items),
                    strict=True,
                )
                if isinstance(a, Seq) and isinstance(b, Seq):
                    some = agreed(a, b)
                return some.of(self.merged(node, op, name, x, y) for x, y in pairs)
            self.grow(a, b)
            self.refuse(node, f"`{name}` would be a tuple or list on one path only")
        if a is b:
            assert a is not None
            return a
        if (same := self.meeting.same_place(a, b)) is not None:
            return same
        ends = a, b
        a, b = self.meeting.fresh(op, a, b)
        types = [v.type for v in (a, b) if v is not None]
        type = types[0] if len(types) == 1 else join_bound(*types)
        if isinstance(type, Static) and len({id(v.const) for v in (a, b) if v}) == 1:
            return a or b  # type: ignore[return-value]
        type = clash(type, types)
        for value, region in zip((a, b), op.regions, strict=True):
            region.results.append(self.undefined(name) if value is None else value)
        result = Value(type, name, "user", op=op)
        op.results.append(result)
        self.meeting.met(result, *ends)
        return result

    # loops ----------------------------------------------------------------

    def _For(self, node: gast.For) -> None:
        self.over(node, Iteration(self, node))

    def over(self, node: gast.For, iteration: Iteration) -> None:
        held, running = len(self.held), len(self.running)
        self.held += iteration.values()
        self.running += iteration.lists
        self.loop(node, iteration)
        del self.held[held:], self.running[running:]

    def _While(self, node: gast.While) -> None:
        self.loop(node, None)

    def loop(self, node: gast.For | gast.While, iteration: Iteration | None) -> None:
        """Build the loop, again and again until its slot types stand still."""
        before = {n: self.fresh_item(i) for n, i in self.env.items()}
        assigned = [n for n in assigned_names(node) if not self.stays(n, node, before)]
        origin = self.origin_of(node)
        names = [n for n in assigned if n in before] + [
            n for n in assigned if n not in before
        ]
        entry = {n: before.get(n, self.undefined(n)) for n in names}
        shapes: dict[str, Bound] = dict(entry)
        memo: dict[str, list[Type]] = {}
        around = Around(self)
        around.enter(keyed(entry))
        start, unbound, rebound = self.versions, len(self.unbound), len(self.rebound)
        while True:
            del self.unbound[unbound:], self.rebound[rebound:]
            self.env, self.versions = dict(before), dict(start)
            op, params, ends = self.loop_once(
                node, iteration, names, shapes, memo, origin, around
            )
            changed = False
            more = [n for n in before if n not in names and self.changes(before[n])]
            if more:  # lists whose items are assigned in the body
                names += more
                entry.update((n, before[n]) for n in more)
                shapes.update((n, before[n]) for n in more)
                self.env, self.versions = dict(before), dict(start)
                mark, around = around.mark, Around(self)
                around.mark = mark
                around.enter(keyed(entry))
                continue
            for name in names:
                shape, end = shapes[name], ends[name]
                if isinstance(end, Seq) and not same_shape(shape, end):
                    if isinstance(shape, Value) and shape.type == UNDEF:
                        shapes[name], changed = self.blank(end, name), True
                        continue
                    self.grow(shape, end)
                    self.refuse(node, f"`{name}` changes its length in the loop")
                if isinstance(shape, Seq) and not isinstance(end, Seq):
                    self.grow(shape, end)
                    self.refuse(
                        node, f"`{name}` is a {shape.kind} before the loop only"
                    )
                if isinstance(shape, Seq) and isinstance(end, Seq):
                    met = agreed(shape, end)
                    changed |= met is not shape
                    shapes[name] = met
                old = [p.type for p in flat(params[name])]
                new = [
                    join_bound(o, e.type) for o, e in zip(old, flat(end), strict=True)
                ]
                new = [
                    clash(n, [o, e.type])
                    for n, o, e in zip(new, old, flat(end), strict=True)
                ]
                if new != old:
                    memo[name], changed = new, True
            if not changed and not around.news(op, keyed(params), keyed(ends)):
                break
        self.env, self.versions = before, start
        self.finish_loop(op, names, shapes, entry, params, ends, around)

    def stays(self, name: str, node: gast.AST, before: dict[str, Bound]) -> bool:
        """Whether a name means the same array all along, if `+=` is all it sees."""
        item = before.get(name)
        if not isinstance(item, Value) or isinstance(item.type, Maybe):
            return False
        of = item.type
        array = isinstance(of, Array) and of.rank > 0 and not of.loose
        return array and name not in rebound_names(node)

    def blank(self, shape: Bound, name: str) -> Bound:
        """A sequence of the same form with nothing bound in it."""
        if isinstance(shape, Seq):
            blanks = tuple(self.blank(i, name) for i in shape.items)
            return Seq(shape.kind, blanks, SOME if shape.kind == "list" else None)
        return self.undefined(name)

    def loop_once(
        self,
        node: gast.For | gast.While,
        iteration: Iteration | None,
        names: list[str],
        shapes: dict[str, Bound],
        memo: dict[str, list[Type]],
        origin: Origin | None,
        around: Around,
    ) -> tuple[Op, dict[str, Bound], dict[str, Bound]]:
        """One build of the loop with the slot types and stores known so far."""

        def parameters(region: Region) -> dict[str, Bound]:
            made = {}
            for name in names:
                types = memo.get(name) or [v.type for v in flat(shapes[name])]
                values = [Value(t, name, "user") for t in types]
                region.params += values
                made[name] = refill(shapes[name], iter(values))
            around.bind(keyed(made))
            region.params += around.carried(start)
            return made

        outer, start = self.env, dict(self.versions)
        body = Region()
        self.depth += 1
        if iteration is None:
            assert isinstance(node, gast.While)
            test = Region()
            self.env = {**outer, **parameters(test)}
            with self.inside(test):
                test.results = [self.truth(node.test, self.value(node.test))]
            op = Op("while", [], (), {}, [test, body], origin=origin)
        else:
            # another index in each build: lengths are named after it, and those of one
            # round are not those of another
            index = iteration.index
            iteration.index = Value(INT, index.hint, index.role)
            body.params.append(iteration.index)
            op = Op("for", iteration.bounds(), (), {}, [body], origin=origin)
        params = parameters(body)
        self.env = {**outer, **params}
        with self.inside(body):
            if iteration is not None:
                self.origin, self.at = origin, node
                iteration.enter()
                op.attrs["sugar"] = iteration.sugar
            statements, stop = split_stop(node.body)
            self.block(statements)
            if stop is not None and not self.dead:
                op.attrs["stop"] = True
                body.results.append(self.value(stop))
            ends = params
            if not self.dead:
                ends = {
                    n: self.fresh_item(self.env.get(n, self.undefined(n)))
                    for n in names
                }
        self.depth -= 1
        self.env, self.dead = outer, False
        return op, params, ends

    def finish_loop(
        self,
        op: Op,
        names: list[str],
        shapes: dict[str, Bound],
        entry: dict[str, Bound],
        params: dict[str, Bound],
        ends: dict[str, Bound],
        around: Around,
    ) -> None:
        """Fill in the ends of the slots and bind the names to the results."""
        made: dict[str, Bound] = {}
        for name in names:
            inits = (
                flat(entry[name])
                if same_shape(entry[name], shapes[name])
                else flat(shapes[name])
            )
            op.args += inits
            op.regions[-1].results += flat(ends[name])
            results = [Value(p.type, name, "user", op=op) for p in flat(params[name])]
            op.results += results
            made[name] = refill(shapes[name], iter(results))
        around.finish(op)
        around.bind(keyed(made))
        self.env.update(made)
        op.names = ("start", "stop", "step")[: loop_parts(op)[0]]
        op.names += ("init",) * (len(op.args) - len(op.names))
        self.region.ops.append(op)


def keyed(items: dict[str, Bound]) -> dict[Key, Value]:
    """The values of names, by name and position."""
    return {
        (name, k): value
        for name, item in items.items()
        for k, value in enumerate(flat(item))
    }


def join_bound(a: Type, b: Type) -> Type:
    """Join where a path that leaves the name unbound makes it a `Maybe`."""
    if (a == UNDEF) != (b == UNDEF):
        return Maybe(bound(b if a == UNDEF else a))
    return join(a, b)


def leaves(function: Function, names: list[str]) -> list[Value]:
    """The values that parameters are made up of, items of tuples among them.

    What takes an unread item out of its tuple may be gone as dead code; it is put back.
    """
    ops = function.body.ops
    values = [v for name in names for v in flat(function.attrs["params"][name])]
    for value in values:
        op = value.op
        while op is not None and op not in ops:
            ops.insert(0, op)
            op = op.args[0].op
    return values


def clash(joined: Type, types: list[Type]) -> Type:
    """The join of types, or a clash where they have none but Any."""
    apart = bound(joined) == ANY and ANY not in map(bound, types)
    return Clash(tuple(map(bound, types))) if apart else joined


def flat(item: Bound) -> list[Value]:
    """The values in a bound object, left to right."""
    if isinstance(item, Value):
        return [item]
    return [v for i in item.items for v in flat(i)]


def refill(shape: Bound, values: Any) -> Bound:
    """An object of the same structure, of other values."""
    if isinstance(shape, Seq):
        return shape.of(refill(i, values) for i in shape.items)
    return next(values)


def same_shape(a: Bound, b: Bound) -> bool:
    if isinstance(a, Seq) and isinstance(b, Seq):
        return (
            a.kind == b.kind
            and len(a.items) == len(b.items)
            and all(map(same_shape, a.items, b.items))
        )
    return isinstance(a, Value) and isinstance(b, Value)


def constant_names(core: gast.FunctionDef) -> set[str]:
    """Names that are only ever bound to one number: `dt = 0.01` at the top level.

    They keep their names in the output.
    """
    stores = Counter(
        n.id
        for n in gast.walk(core)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store | gast.Param)
    )
    return {
        s.targets[0].id
        for s in core.body
        if isinstance(s, gast.Assign)
        and len(s.targets) == 1
        and isinstance(s.targets[0], gast.Name)
        and stores[s.targets[0].id] == 1
        and is_number(s.value)
    }


def is_number(node: gast.expr) -> bool:
    """A numeric literal, perhaps with a minus."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        node = node.operand
    return isinstance(node, gast.Constant) and type(node.value) in (int, float, complex)


def rebound_names(node: gast.AST) -> set[str]:
    """Names that the statement may bind otherwise than by `+=` and its like."""
    augmented = {
        n.target
        for n in gast.walk(node)
        if isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name)
    }
    return {
        n.id
        for n in gast.walk(node)
        if isinstance(n, gast.Name)
        and isinstance(n.ctx, gast.Store)
        and n not in augmented
    }


def split_stop(body: list[gast.stmt]) -> tuple[list[gast.stmt], gast.expr | None]:
    """A loop body without its final `if FLAG: break`, and the flag."""
    last = body[-1]
    if isinstance(last, gast.If) and isinstance(last.body[0], gast.Break):
        return body[:-1], last.test
    return body, None

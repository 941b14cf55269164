"""SSA to statements: the body of a generated function.

In: a function with ownership settled. Out: the gast tree of its definition. Each
operation becomes one assignment, unless it is printed inline; loops and branches assign
what they carry at their ends, where the names differ.

    x2 = x1 * x1      ->     x = x * x
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gast

from s2s.codegen import tree
from s2s.codegen.inline import inline_values
from s2s.codegen.naming import name_values, unmovable
from s2s.codegen.source import blank, comment
from s2s.codegen.untouched import is_untouched
from s2s.errors import UnsupportedError
from s2s.names import NEVER, Names
from s2s.rules import BINARY
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.roots import Roots
from s2s.ssa.storage import may_repeat, slot_map, surely_number
from s2s.ssa.types import UNDEF, Array, List, Scalar, Tuple, bound, rank_of
from s2s.structure import TUPLE

Body = list[gast.stmt]


def emit(
    function: Function,
    name: str,
    defaults: dict[str, gast.expr],
    reserved: Iterable[str],
) -> gast.FunctionDef:
    """The definition of the generated function."""
    return Emit(function, reserved).definition(name, defaults)


class Emit:
    def __init__(self, function: Function, reserved: Iterable[str]) -> None:
        self.function = function
        kept: set[Value] = set()
        while True:
            self.inlined, self.conditional = inline_values(function, kept)
            self.names = name_values(function, self.inlined, reserved)
            if not (more := unmovable(function, self.names, kept)):
                break
            kept |= more
        self.flag = Names({*reserved, *self.names.values()}).fresh("done")
        self.uses = function.body.uses()
        self.carried = slot_map(function)
        self.roots = Roots(function)
        self.exits: dict[Op, Value] = {}  # `if`s that take the exit of their loop
        self.commented: int | None = None
        self.depth = 0

    def definition(self, name: str, defaults: dict[str, gast.expr]) -> gast.FunctionDef:
        params = [p.hint for p in self.function.body.params]
        given = [defaults[p] for p in params if p in defaults]
        args = gast.arguments(
            [gast.Name(p, gast.Param(), None, None) for p in params],
            [], None, [], [], None, given,
        )  # fmt: skip
        body = self.sweeps()
        self.refuse_hidden(params, body)
        return gast.FunctionDef(name, args, body, [], None, None)

    def refuse_hidden(self, params: list[str], body: Body) -> None:
        """A parameter must not have the name of a function that the code calls."""
        hiding = [p for p in params if p in NEVER | {"np", "math"}]
        if not hiding:
            return
        called = {
            n.func for s in body for n in gast.walk(s) if isinstance(n, gast.Call)
        }
        roots = {n.id for f in called for n in gast.walk(f) if isinstance(n, gast.Name)}
        for name in hiding:
            if name in roots:
                raise UnsupportedError(
                    f"the parameter `{name}` hides what the derivative calls",
                    self.function.origin,
                    "rename the parameter",
                )

    def sweeps(self) -> Body:
        """The statements of both sweeps and the return."""
        region = self.function.body
        split = self.function.attrs.get("split")
        pullback = bool(region.ops) and region.ops[-1].kind == "pullback"
        body: Body = []
        forward = [o for o in region.ops if o.attrs.get("sweep") != "reverse"]
        reverse = [o for o in region.ops if o.attrs.get("sweep") == "reverse"]
        body += self.ops(forward)
        if split is not None and body and not pullback:
            body.insert(0, comment("forward sweep"))
        after: Body = []
        after += self.ops(reverse)
        if after and body:
            body += [blank(), comment("reverse sweep")]
        body += after
        result = self.result(self.function.attrs["result"], iter(region.results))
        body.append(gast.Return(result))
        written = [o.attrs["name"] for o in region.walk() if o.kind == "set_global"]
        declared = [gast.Global(sorted({*written}))] if written else []
        return [*declared, *self.constants(body), *body]

    def constants(self, body: Body) -> Body:
        """The user's named numbers, as far as the body uses them."""
        literals = self.function.attrs.get("literals", {})
        used = {n for s in body for n in _names(s)} if literals else set()
        return [
            self.assign(name, self.use(value))
            for name, value in literals.items()
            if name in used
        ]

    def result(self, shape: Bound, values: Any) -> gast.expr:
        """The returned object, of the structure that the primal gives it."""
        if isinstance(shape, Seq):
            items = [self.result(i, values) for i in shape.items]
            if shape.kind == "dict" or shape.cls is not None:
                return tree.record(shape.form, shape.maker, items)
            kind = gast.Tuple if shape.kind == "tuple" else gast.List
            return kind(items, gast.Load())
        return self.use(next(values))

    # operands -------------------------------------------------------------

    def use(self, value: Value) -> gast.expr:
        """An operand: a literal, a name, or the expression itself."""
        if value.is_const:
            if value.spelling:
                return gast.parse(value.spelling, mode="eval").body
            return tree.constant(value.const)
        if value in self.inlined:
            return self.expression(value)
        return tree.name(self.names[value])

    def expression(self, value: Value) -> gast.expr:
        op = value.op
        assert op is not None
        if op.kind == "if":
            return self.conditional_expression(op)
        return tree.expression(op, [self.use(a) for a in op.args])

    def conditional_expression(self, op: Op) -> gast.expr:
        form = op.attrs["form"]
        cond = self.use(op.args[0])
        then, other = (self.use(r.results[0]) for r in op.regions)
        if form == "ifexp":
            return gast.IfExp(cond, then, other)
        rest = other if form == "or" else then
        if form == "compare" and isinstance(cond, gast.Compare):
            chained = isinstance(rest, gast.Compare)
            if chained and gast.dump(cond.comparators[-1]) == gast.dump(rest.left):
                ops = [*cond.ops, *rest.ops]
                return gast.Compare(
                    cond.left, ops, [*cond.comparators, *rest.comparators]
                )
        kind = gast.Or if form == "or" else gast.And
        parts = [cond]
        if isinstance(rest, gast.BoolOp) and isinstance(rest.op, kind):
            parts += rest.values
        else:
            parts.append(rest)
        return gast.BoolOp(kind(), parts)

    # statements -----------------------------------------------------------

    def region(self, region: Region) -> Body:
        self.depth += 1
        body = self.ops(region.ops)
        self.depth -= 1
        return body

    def ops(self, ops: list[Op]) -> Body:
        """Operations in a row; the items of one tuple are unpacked at once."""
        body: Body = []
        k = 0
        while k < len(ops):
            items = self.unpacked(ops, k)
            if items:
                names = [tree.name(self.names[o.result], store=True) for o in items]
                value = tree.expression(ops[k], [self.use(a) for a in ops[k].args])
                target = gast.Tuple(names, gast.Store())
                body += [*self.remark(ops[k]), gast.Assign([target], value, None)]
                k += len(items) + 1
                continue
            call = self.popped(ops, k)
            if call is not None:
                target = self.names.get(ops[k].result)
                body += self.remark(ops[k])
                if target is None or self.uses[ops[k].result] == 1:
                    body.append(gast.Expr(call))
                else:
                    body.append(self.assign(target, call))
                k += 2
                continue
            body += self.op(ops[k])
            k += 1
        return body

    def unpacked(self, ops: list[Op], k: int) -> list[Op]:
        """The operations after the k-th that take its tuple apart, if they are all."""
        of = ops[k].results[0].type if len(ops[k].results) == 1 else None
        if not isinstance(of, Tuple) or of.form.kind != "tuple":
            return []
        items = ops[k + 1 : k + 1 + len(of.items)]
        whole = ops[k].result
        fits = [
            o.kind == "pick" and o.args[0] is whole and o.args[1].const == j
            for j, o in enumerate(items)
        ]
        named = all(o.result in self.names for o in items if len(o.results) == 1)
        if len(items) < len(of.items) or self.uses[whole] != len(items):
            return []
        return items if all(fits) and named and len(items) > 1 else []

    def op(self, op: Op) -> Body:
        if op.results and all(r in self.inlined for r in op.results):
            return []
        special: Callable[[Op], Body] | None = getattr(self, f"_{op.kind}", None)
        body = special(op) if special else self.assignment(op)
        return self.remark(op) + body if body else body

    def remark(self, op: Op) -> Body:
        """The primal line that the following reversed lines belong to."""
        if op.attrs.get("sweep") != "reverse" or not self.depth or op.origin is None:
            return []
        if (op.kind == "if" and op.attrs.get("form") in BLOCKS) or is_loop(op):
            self.commented = None
            return []
        if op.kind == "pop" or self.commented == op.origin.stmt_line:
            return []
        if op.origin.stmt.startswith(COMPOUND):
            return []
        self.commented = op.origin.stmt_line
        return [comment(op.origin.stmt)]

    def assignment(self, op: Op) -> Body:
        target = self.names[op.result]
        number = (
            op.attrs.get("aug")
            and self.is_number(op)
            and surely_number(op.args[0], self.carried)
        )
        if op.attrs.get("in_place") or number:
            first = op.args[0]
            same = not first.is_const and first not in self.inlined
            if same and self.names[first] == target:
                value = self.use(op.args[1])
                return [self.augmented(op, tree.name(target, store=True), value)]
        value = self.expression(op.result)
        if op.attrs.get("derived") and surely_number(op.result, self.carried):
            kind, rest = continued(value, target)
            if rest is not None:
                return [gast.AugAssign(tree.name(target, store=True), kind, rest)]
        return [self.assign(target, value)]

    def augmented(self, op: Op, target: gast.expr, value: gast.expr) -> gast.stmt:
        kind = BINARY[op.kind][0]
        positive = without_minus(value) if kind in (gast.Add, gast.Sub) else None
        if positive is not None:
            kind = gast.Sub if kind is gast.Add else gast.Add
            value = positive
        return gast.AugAssign(target, kind(), value)

    def is_number(self, op: Op) -> bool:
        of = bound(op.args[0].type)
        return isinstance(of, Scalar) or (isinstance(of, Array) and not of.rank)

    def assign(self, target: str, value: gast.expr) -> gast.stmt:
        return gast.Assign([tree.name(target, store=True)], value, None)

    def moves(self, targets: Sequence[Value], sources: Sequence[Value]) -> Body:
        """Parallel assignment, in an order (or as a tuple) that overwrites nothing."""
        pending = []
        for target, source in zip(targets, sources, strict=True):
            if source.type == UNDEF or target not in self.names:
                continue
            name = self.names[target]
            value = self.use(source)
            if isinstance(value, gast.Name) and value.id == name:
                continue
            pending.append((name, value, source))
        body: Body = []
        while pending:
            for k, (name, value, source) in enumerate(pending):
                others = pending[:k] + pending[k + 1 :]
                if not any(name in _names(v) for _, v, _ in others):
                    body.append(self.move(name, value, source))
                    del pending[k]
                    break
            else:
                left = gast.Tuple(
                    [tree.name(n, store=True) for n, _, _ in pending], gast.Store()
                )
                right = gast.Tuple([v for _, v, _ in pending], gast.Load())
                body.append(gast.Assign([left], right, None))
                break
        return body

    def move(self, name: str, value: gast.expr, source: Value) -> gast.stmt:
        op = source.op
        if source in self.inlined and op is not None and op.attrs.get("in_place"):
            first = op.args[0]
            if not first.is_const and self.names.get(first) == name:
                return self.augmented(
                    op, tree.name(name, store=True), self.use(op.args[1])
                )
        return self.assign(name, value)

    def _if(self, op: Op) -> Body:
        form = op.attrs.get("form")
        if form == "assert":
            return self.asserted(op)
        if op.results and op.results[0] in self.conditional:
            value = self.conditional_expression(op)
            return [self.assign(self.names[op.result], value)]
        exit_at = None
        if op in self.exits:
            exit_at = op.results.index(self.exits[op])
        branches = []
        for region in op.regions:
            keep = [k for k in range(len(op.results)) if k != exit_at]
            moves = self.moves(
                [op.results[k] for k in keep], [region.results[k] for k in keep]
            )
            if exit_at is None:
                branches.append(self.region(region) + moves)
                continue
            stop = region.results[exit_at]
            last = region.ops[-1] if region.ops else None
            if last is not None and not moves and self.sets_only(last, stop):
                self.exits[last] = stop
                branches.append(self.region(region))
            else:
                branches.append(self.region(region) + self.leave(stop, moves))
        if form in CONTEXTS:
            return CONTEXTS[form](self.use(op.args[0]), *branches)
        return self.branches(self.use(op.args[0]), *branches)

    def branches(self, test: gast.expr, body: Body, orelse: Body) -> Body:
        if not body and not orelse:
            return []
        if not body:
            return [gast.If(negated(test), orelse, [])]
        return [gast.If(test, body, orelse)]

    def asserted(self, op: Op) -> Body:
        failed = op.regions[1].ops[-1]
        message = self.use(failed.args[1]) if len(failed.args) > 1 else None
        return [gast.Assert(self.use(op.args[0]), message)]

    def _while(self, op: Op) -> Body:
        body = self.moves([s.param for s in slots(op)], [s.init for s in slots(op)])
        test = op.regions[0]
        before = self.region(test)
        cond = self.use(test.results[0])
        if before:
            stop = gast.If(negated(cond), [gast.Break()], [])
            statements = [*before, stop, *self.loop_body(op)]
            cond = gast.Constant(True, None)
        else:
            statements = self.loop_body(op)
        body.append(gast.While(cond, statements or [gast.Pass()], []))
        return body + self.moves(op.results, [s.param for s in slots(op)])

    def _for(self, op: Op) -> Body:
        body = self.moves([s.param for s in slots(op)], [s.init for s in slots(op)])
        inner = op.regions[0]
        target, iterable, skipped = self.iteration(op)
        ops = [o for o in inner.ops if o not in skipped]
        statements = self.loop_body(op, ops)
        body.append(gast.For(target, iterable, statements or [gast.Pass()], [], None))
        return body + self.moves(op.results, [s.param for s in slots(op)])

    def loop_body(self, op: Op, ops: list[Op] | None = None) -> Body:
        """The statements of one iteration, the moves at its end, and the exit."""
        inner = op.regions[-1]
        ops = inner.ops if ops is None else ops
        _, _, y = loop_parts(op)
        moves = self.moves([s.param for s in slots(op)], inner.results[y:])
        if not y:
            return self.region(Region(ops=ops)) + moves
        stop = inner.results[0]
        if not moves and ops and self.sets_only(ops[-1], stop):
            self.exits[ops[-1]] = stop
        body = self.region(Region(ops=ops))
        if not ops or self.exits.get(ops[-1]) is not stop:
            return body + self.leave(stop, moves)
        return body

    def sets_only(self, op: Op, stop: Value) -> bool:
        """Whether a last `if` decides the exit, which can then be taken in it."""
        return (
            op.kind == "if"
            and op.attrs.get("form") is None
            and stop in op.results
            and self.uses[stop] == 1
        )

    def leave(self, stop: Value, moves: Body) -> Body:
        """The moves at the end of a round, and `break` where the flag says so.

        A flag that reads a name which the moves assign is computed before them.

            done = abs(x2 - x) < tol
            x = x2
            if done:
                break
        """
        if stop.is_const:
            return [*moves, gast.Break()] if stop.const else moves
        test, first = self.use(stop), Body()
        if _names(test) & {n for move in moves for n in _stored(move)}:
            first = [self.assign(self.flag, test)]
            test = tree.name(self.flag)
        return [*first, *moves, gast.If(test, [gast.Break()], [])]

    def iteration(self, op: Op) -> tuple[gast.expr, gast.expr, set[Op]]:
        """Target and iterable of a `for`, and the element reads that it replaces."""
        inner = op.regions[0]
        index = inner.params[0]
        if "drains" in op.attrs:
            return self.drained(op)
        unread = not self.uses[index] and index.role != "user"
        plain = (
            tree.name("_" if unread else self.names[index], store=True),
            tree.range_call([self.use(a) for a in op.args[:3]]),
            set[Op](),
        )
        sugar = op.attrs.get("sugar")
        if not sugar or sugar[0] == "range":
            return plain
        reads: set[Op] = set()
        found = self.sugared(sugar, index, inner, reads)
        if found is None:
            return plain
        counted = _has_enumerate(sugar)
        for other in inner.walk():
            if index in other.args and other not in reads and not counted:
                return plain
            if any(index in r.results for r in other.regions) and not counted:
                return plain
        if index in inner.results and not counted:
            return plain
        return found[0], found[1], reads

    def drained(self, op: Op) -> tuple[gast.expr, gast.expr, set[Op]]:
        """`for x in reversed(x_stack)`: pops and elements are the target."""
        body, index = op.regions[0], op.regions[0].params[0]
        ordered = [o for o in body.ops if o.kind == "pop" or index in o.args]
        targets = [tree.name(self.names[o.result], store=True) for o in ordered]
        stacks = [tree.call("reversed", [self.use(o.args[0])]) for o in ordered]
        if len(ordered) == 1:
            return targets[0], stacks[0], set(ordered)
        target = gast.Tuple(targets, gast.Store())
        return target, tree.call("zip", stacks), set(ordered)

    def sugared(
        self, sugar: tuple, index: Value, body: Region, reads: set[Op]
    ) -> tuple[gast.expr, gast.expr] | None:
        match sugar:
            case ("item", element, parts):
                read = element.op
                if read not in body.ops or not self.steady(read.args[0], body):
                    return None
                target = self.element_target(element, parts, body, reads)
                if target is None:
                    return None
                reads.add(read)
                return target, self.use(read.args[0])
            case ("zip" | "strict" as kind, inner):
                pairs = [self.sugared(s, index, body, reads) for s in inner]
                known = [p for p in pairs if p is not None]
                if len(known) != len(pairs):
                    return None
                target = gast.Tuple([t for t, _ in known], gast.Store())
                keywords = {"strict": tree.constant(True)} if kind == "strict" else {}
                return target, tree.call("zip", [i for _, i in known], keywords)
            case ("enumerate", start, count, inner):
                if count is not index or not (start.is_const and start.const == 0):
                    return None
                pair = self.sugared(inner, index, body, reads)
                if pair is None:
                    return None
                number = tree.name(self.names[index], store=True)
                target = gast.Tuple([number, pair[0]], gast.Store())
                return target, tree.call("enumerate", [pair[1]])
        return None

    def steady(self, value: Value, body: Region) -> bool:
        """Whether what a loop runs over can be written in its header."""
        if value.is_const:
            return True
        if value in body.params:
            slot = self.carried.get(value)
            same = frozenset([value])
            return slot is not None and self.roots.of[slot.yielded] == same
        if value.op is None or value.op not in body.ops:
            return True
        return value in self.inlined and all(
            self.steady(a, body) for a in value.op.args
        )

    def element_target(
        self, element: Value, parts: Bound, body: Region, reads: set[Op]
    ) -> gast.expr | None:
        """What a `for` assigns: the element's name, or those of its parts."""
        of = bound(element.type)
        if isinstance(parts, Value) or (isinstance(of, Tuple) and of.form != TUPLE):
            if element in self.inlined or element not in self.names:
                return None
            return tree.name(self.names[element], store=True)
        used = {a for o in body.walk() for a in o.args if a.op is not None}
        targets: list[gast.expr] = []
        for part in parts.items:
            if not isinstance(part, Value) or part in self.inlined:
                return None
            if part.op is not None and part.op in body.ops:
                reads.add(part.op)
                targets.append(tree.name(self.names[part], store=True))
            else:
                targets.append(tree.name("_", store=True))
        others = {o for o in body.walk() if element in o.args} - reads
        return None if others or not used else gast.Tuple(targets, gast.Store())

    def _pullback(self, op: Op) -> Body:
        (region,) = op.regions
        (ct,) = region.params
        inner = self.ops(region.ops)
        result = self.result(op.attrs["result"], iter(region.results))
        args = gast.arguments(
            [gast.Name(self.names[ct], gast.Param(), None, None)],
            [],
            None,
            [],
            [],
            None,
            [],
        )
        definition = gast.FunctionDef(
            self.names[op.result], args, [*inner, gast.Return(result)], [], None, None
        )
        return [definition]

    def _add_at(self, op: Op) -> Body:
        x, *index, v = op.args
        codes = op.attrs["index"]
        target = self.names[op.result]
        base = tree.name(target)
        operands = [self.use(i) for i in index]
        value = self.use(v)
        if isinstance(bound(x.type), List):
            place = base
            for operand in operands:
                place = gast.Subscript(place, operand, gast.Load())
            if op.attrs.get("items_in_place") is False and rank_of(v.type) != 0:
                value = gast.BinOp(place, gast.Add(), value)
                place = gast.Subscript(place.value, place.slice, gast.Store())
                return [gast.Assign([place], value, None)]
            place.ctx = gast.Store()
            return [self.augmented(Op("add", [], ()), place, value)]
        hops = sum(hop.count for hop in op.attrs.get("path", ()))
        if may_repeat(codes, index[hops:]):
            base, operands = self.through(op, base, operands)
            place = tree.as_object(tree.subscript(base, codes, operands).slice)
            change = "np.subtract.at" if op.attrs.get("minus") else "np.add.at"
            return [gast.Expr(tree.call(change, [base, place, value]))]
        place = self.place(op, base, operands)
        if isinstance(place, gast.Subscript) and is_untouched(op):
            value = tree.minus(value) if op.attrs.get("minus") else value
            return [gast.Assign([place], value, None)]
        kind = "sub" if op.attrs.get("minus") else "add"
        return [self.augmented(Op(kind, [], ()), place, value)]

    def _store(self, op: Op) -> Body:
        *index, v = op.args[1:]
        place = self.place(
            op, tree.name(self.names[op.result]), [self.use(i) for i in index]
        )
        return [gast.Assign([place], self.use(v), None)]

    def _append(self, op: Op) -> Body:
        return self.change_list(op, "append", op.args[1:])

    def _insert(self, op: Op) -> Body:
        return self.change_list(op, "insert", op.args[1:])

    def _removed(self, op: Op) -> Body:
        return self.change_list(op, "pop", op.args[2:])

    def change_list(self, op: Op, method: str, args: list[Value]) -> Body:
        """A call that changes a list."""
        base = tree.name(self.names[op.result])
        func = gast.Attribute(base, method, gast.Load())
        return [gast.Expr(gast.Call(func, [self.use(a) for a in args], []))]

    def popped(self, ops: list[Op], k: int) -> gast.expr | None:
        """`xs.pop()`, if two operations in a row read an item and remove it."""
        op, after = ops[k], ops[k + 1] if k + 1 < len(ops) else None
        if op.kind != "getitem" or after is None or after.kind != "removed":
            return None
        value = op.result
        if after.args[1] is not value or after.args[0] is not op.args[0]:
            return None
        (call,) = self._removed(after)
        assert isinstance(call, gast.Expr)
        return call.value

    def through(
        self, op: Op, base: gast.expr, operands: list[gast.expr]
    ) -> tuple[gast.expr, list[gast.expr]]:
        """The view that a store goes through, and what is left of its operands."""
        for hop in op.attrs.get("path", ()):
            args, operands = operands[: hop.count], operands[hop.count :]
            step = Op(hop.kind, op.args[: 1 + hop.count], hop.names, dict(hop.attrs))
            base = tree.expression(step, [base, *args])
        return base, operands

    def place(
        self, op: Op, base: gast.expr, operands: list[gast.expr]
    ) -> gast.Subscript | gast.Name:
        """What an update assigns to: `x[i]`, or `x` itself for `x += v`."""
        path, codes = op.attrs.get("path", ()), op.attrs["index"]
        base, operands = self.through(op, base, operands)
        if op.kind == "add_at" and not path and codes == ("e",):
            return tree.name(self.names[op.result], store=True)
        place = tree.subscript(base, codes, operands)
        place.ctx = gast.Store()
        return place

    def _bound(self, op: Op) -> Body:
        """A value that its name will not keep, or a mere look whether it is bound."""
        value, name = self.use(op.args[0]), self.names[op.result]
        look = not self.uses[op.result] or _names(value) == {name}
        return [self.assign("_" if look else name, value)]

    def _push(self, op: Op) -> Body:
        stack, value = op.args
        method = gast.Attribute(self.use(stack), "append", gast.Load())
        return [gast.Expr(gast.Call(method, [self.use(value)], []))]

    def _unpack(self, op: Op) -> Body:
        return [self.assign(self.names[op.result], self.use(op.args[0]))]

    def _print(self, op: Op) -> Body:
        pairs = list(zip(op.names, op.args, strict=True))
        args = [self.use(a) for n, a in pairs if n == "x"]
        keywords = {n: self.use(a) for n, a in pairs if n != "x"}
        return [gast.Expr(tree.call("print", args, keywords))]

    def _set_global(self, op: Op) -> Body:
        target, value = tree.name(op.attrs["name"], store=True), self.use(op.args[0])
        if op.attrs["aug"]:
            return [self.augmented(Op(op.attrs["aug"], [], ()), target, value)]
        return [gast.Assign([target], value, None)]

    def _raise(self, op: Op) -> Body:
        if not op.args:
            return [gast.Raise(None, None)]
        error, *args = (self.use(a) for a in op.args)
        return [gast.Raise(gast.Call(error, args, []), None)]


def in_context(context: gast.expr, body: Body, never: Body) -> Body:
    return [gast.With([gast.withitem(context, None)], body, None)] if body else []


def tried(errors: gast.expr, body: Body, handler: Body) -> Body:
    caught = gast.ExceptHandler(errors, None, handler or [gast.Pass()])
    return [gast.Try(body, [caught], [], [])] if body else []


CONTEXTS = {"with": in_context, "try": tried}
BLOCKS = (None, *CONTEXTS)
COMPOUND = "for ", "while ", "if ", "elif ", "with ", "try:"


def negated(test: gast.expr) -> gast.expr:
    """`not test`; two negations cancel, comparisons are never turned round (NaN)."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.UnaryOp(gast.Not(), test)


def continued(value: gast.expr, target: str) -> tuple[gast.operator, gast.expr | None]:
    """`target + a - b` as what to add to (or subtract from) the target: `a - b`."""
    plus, minus = gast.Add(), gast.Sub()
    match value:
        case gast.BinOp(
            left=gast.BinOp(left=gast.Name(id=name), op=first, right=a),
            op=gast.Add() | gast.Sub() as second,
            right=b,
        ) if name == target and isinstance(first, gast.Add | gast.Sub):
            adds = isinstance(first, gast.Add) == isinstance(second, gast.Add)
            return first, gast.BinOp(a, plus if adds else minus, b)
    return plus, None


def without_minus(value: gast.expr) -> gast.expr | None:
    """The tree of x for that of -x, also where x is a product; None otherwise."""
    if isinstance(value, gast.UnaryOp) and isinstance(value.op, gast.USub):
        return value.operand
    if isinstance(value, gast.BinOp) and isinstance(value.op, gast.Mult | gast.Div):
        left = without_minus(value.left)
        return left and gast.BinOp(left, value.op, value.right)
    return None


def _names(node: gast.AST) -> set[str]:
    return {n.id for n in gast.walk(node) if isinstance(n, gast.Name)}


def _stored(node: gast.AST) -> set[str]:
    """The names that a statement assigns."""
    return {
        n.id
        for n in gast.walk(node)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)
    }


def _has_enumerate(sugar: tuple) -> bool:
    return sugar[0] == "enumerate"

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

import functools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import TYPE_CHECKING

import gast

from s2s.errors import Origin, S2SError
from s2s.parse.unit import Unit
from s2s.ssa.apart import unsure
from s2s.ssa.bound import Bound, Ends, Made, Seq, Unbound, flat, refill
from s2s.ssa.custom import custom_of
from s2s.ssa.gradients import Derive
from s2s.ssa.identity import mades
from s2s.ssa.ir import Function, Value
from s2s.ssa.jacobians import NotAtOnce
from s2s.ssa.lists import Grows
from s2s.ssa.memory import has_storage
from s2s.ssa.outcome import Leaves, NotOne
from s2s.ssa.outline import Outlines, Repeats
from s2s.ssa.pullbacks import PullbackBuilder
from s2s.ssa.scopes import Closure, Scope
from s2s.ssa.types import (
    Static,
    Tuple,
    Type,
    may_be_none,
)
from s2s.ssa.user_calls import Units, kind_of_argument

if TYPE_CHECKING:
    from s2s.rules import Rules


@dataclass(eq=False)
class Found:
    """What was found out of a program while it was built: it holds for all types.

    `objects` are the lists that grow, and the loops that are written out; `own` the
    functions that are called as such, of which some are `recursive`.
    """

    objects: frozenset[gast.AST] = frozenset()
    units: Units = field(default_factory=dict)
    own: set[Unit] = field(default_factory=set)
    recursive: set[Unit] = field(default_factory=set)


def build(
    unit: Unit,
    types: dict[str, Type],
    rules: Rules,
    derive: Derive | None = None,
    found: Found | None = None,
) -> Function:
    """SSA of the function for arguments of the given types.

    `attrs["globals"]` of the result maps each global that is read to its value in the
    body; `attrs["params"]` and `attrs["result"]` say how parameters and the returned
    object are made up of values.
    """
    known = found or Found()

    def make(outlines: Outlines) -> Builder:
        return Builder(
            unit, rules, known.objects, known.units, derive, outlines=outlines
        )

    outlines = Outlines(make, known.own, known.recursive)
    while True:
        try:
            made = outlines.builder().function(types)
            if not outlines.again:
                return made
        except S2SError:
            if not outlines.again:
                raise
        except Grows as grows:
            known.objects = grows.among(known.objects)
        except NotAtOnce as reason:
            outlines.repeated_sweeps.add(reason.sweep)
        except Repeats as repeats:
            known.own.add(repeats.unit)
            if repeats.recursive:
                known.recursive.add(repeats.unit)


class Builder(PullbackBuilder):
    """Builds the function that is differentiated."""

    def function(self, types: dict[str, Type]) -> Function:
        params: dict[str, Bound] = {}
        for name, type in types.items():
            param = Value(type, name, "user")
            self.region.params.append(param)
            if isinstance(type, Static):  # known: decides branches while compiling
                params[name] = self.env[name] = self.const(type.value)
                continue
            params[name] = self.env[name] = self.opened(param)
        unit, custom = self.scope.unit, custom_of(self.scope.parsed.fn)
        self.scope.signature = tuple(map(kind_of_argument, params.values()))
        if custom is None and unit in self.outlines.own:
            self.origin = self.origin_of(unit.core)
            with suppress(NotOne):
                result = self.outlined(unit.core, Closure(unit, None, (), ()), params)
                return self.complete_function(params, types, result)
        if custom is None:
            return self.finished(params, types, self.no_none)
        callee = self.const(custom.fn, unit.core.name)
        result = self.custom(unit.core, custom, callee, list(params.values()), {})
        return self.complete_function(params, types, result)

    def no_none(self, result: Bound) -> Bound:
        """What is returned; it fails where that is None, which has no derivative."""

        def checked(value: Value) -> Value:
            if may_be_none(value.type):
                none = self.emit("is", [value, self.const(None)])
                name = self.scope.unit.core.name
                self.raise_if(none, TypeError, f"{name} returned None")
            return self.not_none(value, checked=True)

        return refill(result, map(checked, flat(result)))

    def as_callee(
        self,
        function: Closure,
        params: dict[str, Bound],
        values: list[Value],
        objects: list[Seq],
        origin: Origin | None,
    ) -> Function:
        """SSA of a function that is called, for parameters that consist of values.

        `attrs["outcome"]` says what becomes of the objects among them.
        """
        unit = function.unit
        signature = tuple(map(kind_of_argument, params.values()))
        self.scope = Scope(unit, function.scope, origin, signature)
        self.called[unit] = None
        self.region.params = values
        self.env |= params
        # the caller has these arrays, whatever their names come to mean here
        self.held += [v for v in values if has_storage(v)]
        for k, item in enumerate(objects):  # also those that no name is read of
            self.env[f"<{k}> object"] = item
            if item.kind == "list":
                self.kept |= mades(item)
        made = self.finished(params, {})
        after = [self.env[f"<{k}> object"] for k in range(len(objects))]
        now = [self.closed(self.fresh_item(item)) for item in after]
        pairs = list(zip(objects, now, strict=True))
        outcome = Leaves(self, values).outcome(made.attrs["result"], pairs)
        last = [self.version(self.places[values[k]].cell) for k in outcome.changes]
        made.attrs["outcome"] = outcome
        made.body.results = [*outcome.returned, *last]
        return made

    def finished(
        self,
        params: dict[str, Bound],
        types: dict[str, Type],
        given_back: Callable[[Bound], Bound] = lambda result: result,
    ) -> Function:
        """The body, for parameters that have been bound."""
        core = self.scope.unit.core
        self.arguments = {v for item in params.values() for v in flat(item)}
        self.constants = constant_names(core)
        for statement in core.body[:-1]:
            self.statement(statement)
        last = core.body[-1]
        assert isinstance(last, gast.Return)
        result: Bound = self.const(None)
        ends = self.dead
        if not self.dead and last.value is not None:
            self.origin, self.at = self.origin_of(last.value), last
            ends = True
            with suppress(Unbound, Ends):
                result = self.closed(self.named(self.expr(last.value), "value"))
                result = given_back(self.fresh_item(result))
                self.refuse_missing(last.value, result)
                ends = False
            self.refuse_unbound()
        made = self.complete_function(params, types, result)
        made.attrs["ends"] = ends
        return made

    def complete_function(
        self, params: dict[str, Bound], types: dict[str, Type], result: Bound
    ) -> Function:
        core, body = self.scope.unit.core, self.region
        self.globals |= {
            p: v for p, v in self.outlines.globals.items() if p not in self.globals
        }
        self.check_written()
        body.results = flat(result)
        attrs = {
            "params": params,
            "globals": self.globals,
            "externals": self.externals,
            "statics": self.statics,
            "sources": self.sources,
            "writes": self.writes,
            "called": [self.scope.unit, *self.called],
            "literals": self.literals,
            "result": result,
            "result_origin": self.origin,
            "types": types,
            "contiguous": self.contiguous,
            "rebound": self.rebound,
            "changed": self.changed,
        }
        function = Function(core.name, body, self.origin_of(core), attrs)
        attrs["shared"] = self.shared
        attrs["unsure"] = unsure(function, self.read_again)
        attrs["empty"] = self.read_empty
        return function

    def opened(self, value: Value) -> Bound:
        """Arguments that are tuples, as sequences of their items."""
        if not isinstance(value.type, Tuple):
            return value
        whole = self.unpack(value)
        for k, item in enumerate(whole.items):
            if isinstance(item, Value) and not item.is_const:
                name = str(whole.names[k]) if whole.names else ""
                plain = name.isidentifier() and not iskeyword(name)
                item.hint = name if plain else f"{value.hint}_{k}"
        opened = whole.of(self.opened(i) for i in whole.items if isinstance(i, Value))
        changing = whole.kind in ("dict", "object")
        return replace(opened, made=Made(None, self.region)) if changing else opened

    def closed(self, item: Bound) -> Bound:
        """A result with every tuple-typed value taken apart."""
        if isinstance(item, Seq):
            return item.of(map(self.closed, item.items))
        if isinstance(item.type, Tuple) and not item.is_const:
            return self.closed(self.unpack(item))
        return item


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


@functools.lru_cache(maxsize=1024)
def constant_names(core: gast.FunctionDef) -> frozenset[str]:
    """Names that are only ever bound to one number: `dt = 0.01` at the top level.

    They keep their names in the output.
    """
    stores = Counter(
        n.id
        for n in gast.walk(core)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store | gast.Param)
    )
    return frozenset(
        s.targets[0].id
        for s in core.body
        if isinstance(s, gast.Assign)
        and len(s.targets) == 1
        and isinstance(s.targets[0], gast.Name)
        and stores[s.targets[0].id] == 1
        and is_number(s.value)
    )


def is_number(node: gast.expr) -> bool:
    """A numeric literal, perhaps with a minus."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        node = node.operand
    return isinstance(node, gast.Constant) and type(node.value) in (int, float, complex)

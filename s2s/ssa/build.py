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

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from keyword import iskeyword
from typing import TYPE_CHECKING

import gast

from s2s.parse.unit import Unit
from s2s.ssa.bound import Bound, Made, Seq, Unbound, flat
from s2s.ssa.custom import custom_of
from s2s.ssa.ir import Function, Value
from s2s.ssa.jacobians import JacobianBuilder
from s2s.ssa.lists import Grows
from s2s.ssa.transforms import Derive
from s2s.ssa.types import (
    Static,
    Tuple,
    Type,
)
from s2s.ssa.user_calls import Units

if TYPE_CHECKING:
    from s2s.rules import Rules


def build(
    unit: Unit, types: dict[str, Type], rules: Rules, derive: Derive | None = None
) -> Function:
    """SSA of the function for arguments of the given types.

    `attrs["globals"]` of the result maps each global that is read to its value in the
    body; `attrs["params"]` and `attrs["result"]` say how parameters and the returned
    object are made up of values.
    """
    objects: frozenset[gast.AST] = frozenset()
    units: Units = {}
    while True:
        try:
            return Builder(unit, rules, objects, units, derive=derive).function(types)
        except Grows as grows:
            objects |= grows.nodes


class Builder(JacobianBuilder):
    """Builds the function that is differentiated."""

    def function(self, types: dict[str, Type]) -> Function:
        core = self.scope.unit.core
        params: dict[str, Bound] = {}
        for name, type in types.items():
            param = Value(type, name, "user")
            self.region.params.append(param)
            if isinstance(type, Static):  # known: decides branches while compiling
                params[name] = self.env[name] = self.const(type.value)
                continue
            params[name] = self.env[name] = self.opened(param)
        body = self.region
        self.arguments = {v for item in params.values() for v in flat(item)}
        self.constants = constant_names(core)
        custom = custom_of(self.scope.parsed.fn)
        for statement in core.body[:-1] if custom is None else ():
            self.statement(statement)
        last = core.body[-1]
        assert isinstance(last, gast.Return)
        result: Bound = self.const(None)
        if custom is not None:
            callee = self.const(custom.fn, core.name)
            result = self.custom(core, custom, callee, list(params.values()), {})
        elif not self.dead and last.value is not None:
            self.origin, self.at = self.origin_of(last.value), last
            with suppress(Unbound):
                result = self.closed(self.named(self.expr(last.value), "value"))
                result = self.fresh_item(result)
            self.refuse_unbound()
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
        return Function(core.name, body, self.origin_of(core), attrs)

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

"""Rule texts to SSA: how rules and transforms write operations.

In: `"g / y"` and the values of its names. Out: a value, its operations in the region.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.calls import ExprBuilder
from s2s.ssa.emit import Emitter
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.types import (
    Array,
    bound,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rules


class Quote(ExprBuilder):
    """Writes rule texts into a region, with values for their free names."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.users_text = False
        self.picked: dict[tuple[Value, int], Value] = {}  # items that have names

    def __call__(self, text: str | gast.expr, **values: Bound) -> Value:
        node = _parsed(text) if isinstance(text, str) else text
        outer, self.env = self.env, values
        try:
            return self.value(node)
        finally:
            self.env = outer

    def emit(self, kind: str, args: Sequence[Value], *rest: Any, **attrs: Any) -> Value:
        """Operations that s2s writes are `derived`: clean-ups may rewrite them."""
        return super().emit(kind, args, *rest, derived=True, **attrs)

    def item(self, base: Value, k: int) -> Value:
        return self.picked.get((base, k)) or super().item(base, k)

    def attribute(self, base: Value, name: str, node: gast.AST) -> Bound:
        """A shape is asked of a value that has a name, where one has the same."""
        if name in ("shape", "size"):
            base = self.shape_source(base)
        return super().attribute(base, name, node)

    def shape_source(self, value: Value) -> Value:
        """A value of the same shape that is easier to have than a temporary."""
        rows = self.rules
        return shape_source(
            value, lambda op: op.kind in rows and rows[op.kind].form == "partials"
        )

    def outer_name(self, node: gast.Name) -> Bound:
        obj = self.rules.namespace.get(node.id, getattr(builtins, node.id, None))
        return self.const(obj, node.id)


def shape_source(value: Value, elementwise: Callable[[Op], bool]) -> Value:
    """A named value of surely the same shape, so that a temporary need not be kept."""
    of, op = bound(value.type), value.op
    if value.role != "temp" or op is None or op.regions or not isinstance(of, Array):
        return value
    arrays = [a for a in op.args if not a.is_const and rank_of(a.type) != 0]
    if elementwise(op) and len(arrays) == 1 and rank_of(arrays[0].type) == of.rank:
        return shape_source(arrays[0], elementwise)
    for arg in op.args:
        found = shape_source(arg, elementwise) if not arg.is_const else arg
        t = bound(found.type)
        if found.role == "temp" or not isinstance(t, Array) or t.loose:
            continue
        if t.rank == of.rank:
            if all(a.same(b) for a, b in zip(t.shape, of.shape, strict=True)):
                return found
    return value


_cache: dict[str, gast.expr] = {}


def _parsed(text: str) -> gast.expr:
    if text not in _cache:
        _cache[text] = gast.parse(text, mode="eval").body
    return _cache[text]


def rule_values(e: Emitter, op: Op) -> Mapping[str, Bound]:
    """The names a rule's texts may use: parameters, defaults, and the result `z`."""
    values: dict[str, Bound] = {}
    for param in e.rules[op.kind].params:
        given = [a for a, n in zip(op.args, op.names, strict=True) if n == param.name]
        if param.form != "one":
            values[param.name] = Seq("list", tuple(given))
        elif given:
            values[param.name] = given[0]
        elif not param.required:
            values[param.name] = e.const(param.default)
    if len(op.results) == 1:
        values["z"] = op.results[0]
    return values

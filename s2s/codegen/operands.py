"""What a value reads as where it is used.

In: a function, and a value that is read. Out: the tree that stands for it: a literal, a
name, or, of a value that has no name, its whole expression.

    t = x * x
    y = t + 2.0     ->     y's second operand is `2.0`, its first one `x * x`
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import gast

from s2s.codegen import tree
from s2s.codegen.inline import inline_values
from s2s.codegen.items import listed
from s2s.codegen.naming import literal_names, name_values, unmovable
from s2s.names import Names
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.roots import Roots
from s2s.ssa.storage import slot_map


class OperandPrinter:
    """Knows which values have names; the printers of statements build on it."""

    def __init__(self, function: Function, reserved: Iterable[str]) -> None:
        self.function = function
        self.literals = literal_names(function, reserved)
        reserved = {*reserved, *self.literals.values()}
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
        self.exits: dict[Op, Value] = {}  # `if`s that take the exit of their loop
        self.commented: int | None = None
        self.depth = 0

    @functools.cached_property
    def roots(self) -> Roots:
        return Roots(self.function)

    def use(self, value: Value) -> gast.expr:
        """An operand: a literal, a name, or the expression itself."""
        if value.is_const:
            if value.spelling:
                return gast.parse(self.spelled(value), mode="eval").body
            return tree.constant(value.const)
        if value in self.inlined:
            made = self.expression(value)
            listed = value.op is not None and value.op.attrs.get("listed")
            return display(made) if listed else made
        return tree.name(self.names[value])

    def spelled(self, value: Value) -> str:
        """How a constant is written that has no literal of its own, or a name."""
        assert value.spelling is not None
        if value.role == "literal":
            return value.spelling.replace(value.hint, self.literals[value.hint])
        return value.spelling

    def expression(self, value: Value) -> gast.expr:
        op = value.op
        assert op is not None
        if op.kind == "if":
            return self.conditional_expression(op)
        trees = [self.use(a) for a in op.args]
        if op.kind == "mul" and op.attrs.get("turned"):  # not in place after all
            trees.reverse()
        if op.kind == "np.array":
            trees = list(map(display, trees))
        return listed(op, trees) or tree.expression(op, trees)

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

    def result(self, shape: Bound, values: Any) -> gast.expr:
        """The returned object, of the structure that the primal gives it."""
        if isinstance(shape, Seq):
            items = [self.result(i, values) for i in shape.items]
            if shape.kind == "dict" or shape.cls is not None:
                return tree.record(shape.form, shape.maker, items)
            kind = gast.Tuple if shape.kind == "tuple" else gast.List
            return kind(items, gast.Load())
        return self.use(next(values))


def display(item: gast.expr) -> gast.expr:
    """An item of an array: `np.array([x, y])` stands in `np.array([...])` as `[x, y]`.

    >>> row = gast.parse("np.array([x, 0.0])", mode="eval").body
    >>> gast.unparse(display(row)).strip()
    '[x, 0.0]'
    """
    match item:
        case gast.Call(
            func=gast.Attribute(value=gast.Name(id="np"), attr="array"),
            args=[gast.List() as items],
            keywords=[],
        ):
            return items
    return item


def names_in(node: gast.AST) -> set[str]:
    """The names that occur in a tree."""
    return {n.id for n in gast.walk(node) if isinstance(n, gast.Name)}

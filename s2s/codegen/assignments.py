"""Assignments: of one value, in place, and of what control flow carries.

In: an operation, or values and the names that they go to. Out: statements that assign.

    x2 = x1 + d             ->     x += d        where both are called x
    (a, b) become (b, a)    ->     a, b = b, a
"""

from __future__ import annotations

from collections.abc import Sequence

import gast

from s2s.codegen import tree
from s2s.codegen.blocks import Body
from s2s.codegen.operands import OperandPrinter, names_in
from s2s.rules import BINARY
from s2s.ssa.ir import Op, Value
from s2s.ssa.storage import surely_number
from s2s.ssa.types import UNDEF, Array, Scalar, bound


class AssignmentPrinter(OperandPrinter):
    """Prints what gives names to values."""

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
                if not any(name in names_in(v) for _, v, _ in others):
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
        return at_once(body)

    def move(self, name: str, value: gast.expr, source: Value) -> gast.stmt:
        op = source.op
        if source in self.inlined and op is not None and op.attrs.get("in_place"):
            first = op.args[0]
            if not first.is_const and self.names.get(first) == name:
                return self.augmented(
                    op, tree.name(name, store=True), self.use(op.args[1])
                )
        return self.assign(name, value)


def at_once(body: Body) -> Body:
    """`a = b = None` for names that are given None one after the other.

    >>> body = gast.parse("a = None; b = None; c = 1").body
    >>> print(gast.unparse(gast.Module(at_once(body), [])).strip())
    a = b = None
    c = 1
    """
    out: Body = []
    for stmt in body:
        match stmt, out[-1:]:
            case (
                gast.Assign(targets=more, value=gast.Constant(value=None)),
                [gast.Assign(targets=targets, value=gast.Constant(value=None))],
            ):
                targets += more
            case _:
                out.append(stmt)
    return out


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

"""Statements with a block, as trees: `if`, `with`, `try`.

In: the tree of a condition (context, exceptions) and statements. Out: the statement, or
nothing where nothing would be done.

    if c: (nothing)
    else: x = y         ->     if not c: x = y
"""

from __future__ import annotations

import gast

Body = list[gast.stmt]

PAIRS = (
    (gast.Lt, gast.GtE), (gast.LtE, gast.Gt), (gast.Eq, gast.NotEq),
    (gast.Is, gast.IsNot), (gast.In, gast.NotIn),
)  # fmt: skip
SIZES = (gast.Lt, gast.LtE, gast.Gt, gast.GtE)
OPPOSITES = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])}


def either(test: gast.expr, body: Body, orelse: Body, exact: bool = False) -> Body:
    """`if test: body`, and `else: orelse` where there is something to do."""
    if not body and not orelse:
        return []
    if not body:
        return [gast.If(negated(test, exact), orelse, [])]
    return [gast.If(test, body, orelse)]


def negated(test: gast.expr, exact: bool = False) -> gast.expr:
    """`not test`; two negations cancel.

    What compares sizes is turned round only if it is `exact`: NaN is in none of them.
    """
    match test:
        case gast.UnaryOp(op=gast.Not()):
            return test.operand
        case gast.Compare(ops=[sign]) if exact or not isinstance(sign, SIZES):
            return gast.Compare(test.left, [OPPOSITES[type(sign)]()], test.comparators)
    return gast.UnaryOp(gast.Not(), test)


def in_context(context: gast.expr, body: Body) -> Body:
    return [gast.With([gast.withitem(context, None)], body, None)] if body else []


BLOCKS = None, "with", "try"
COMPOUND = "for ", "while ", "if ", "elif ", "with ", "try:"

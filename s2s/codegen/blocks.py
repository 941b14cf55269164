"""Statements with a block, as trees: `if`, `with`, `try`.

In: the tree of a condition (context, exceptions) and statements. Out: the statement, or
nothing where nothing would be done.

    if c: (nothing)
    else: x = y         ->     if not c: x = y
"""

from __future__ import annotations

import gast

Body = list[gast.stmt]


def either(test: gast.expr, body: Body, orelse: Body) -> Body:
    """`if test: body`, and `else: orelse` where there is something to do."""
    if not body and not orelse:
        return []
    if not body:
        return [gast.If(negated(test), orelse, [])]
    return [gast.If(test, body, orelse)]


def negated(test: gast.expr) -> gast.expr:
    """`not test`; two negations cancel, comparisons are never turned round (NaN)."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    return gast.UnaryOp(gast.Not(), test)


def in_context(context: gast.expr, body: Body, never: Body) -> Body:
    return [gast.With([gast.withitem(context, None)], body, None)] if body else []


def tried(errors: gast.expr, body: Body, handler: Body) -> Body:
    caught = gast.ExceptHandler(errors, None, handler or [gast.Pass()])
    return [gast.Try(body, [caught], [], [])] if body else []


CONTEXTS = {"with": in_context, "try": tried}
BLOCKS = (None, *CONTEXTS)
COMPOUND = "for ", "while ", "if ", "elif ", "with ", "try:"

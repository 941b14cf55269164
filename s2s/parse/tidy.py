"""Drops the statements that do nothing and those that can never run.

In: the body of a function. Out: the same body without docstrings, `pass`, annotations
without a value and code after a certain jump; `x: float = e` becomes `x = e`. The
statements are new, the expressions in them are the old ones.

>>> text = '''
... def f(x):
...     "Twice."
...     y: float = 2 * x
...     return y
...     print("never")
... '''
>>> print(gast.unparse(gast.Module(tidy(gast.parse(text).body[0].body), [])).strip())
y = 2 * x
return y
"""

from __future__ import annotations

import copy

import gast

from s2s.parse.exits import NEXT, exits_of, is_endless


def tidy(block: list[gast.stmt]) -> list[gast.stmt]:
    kept: list[gast.stmt] = []
    for stmt in block:
        if does_nothing(stmt):
            continue
        kept.append(tidied(stmt))
        if NEXT not in exits_of(kept[-1]):
            break
    return kept


def does_nothing(stmt: gast.stmt) -> bool:
    match stmt:
        case (
            gast.Pass() | gast.AnnAssign(value=None) | gast.Expr(value=gast.Constant())
        ):
            return True
    return False


def tidied(stmt: gast.stmt) -> gast.stmt:
    if isinstance(stmt, gast.AnnAssign):
        return gast.copy_location(gast.Assign([stmt.target], stmt.value, None), stmt)
    stmt = copy.copy(stmt)
    if isinstance(stmt, gast.If | gast.For | gast.While):
        stmt.body = tidy(stmt.body)
        stmt.orelse = [] if is_endless(stmt) else tidy(stmt.orelse)
    return stmt

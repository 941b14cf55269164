"""Drops the statements that do nothing and those that can never run.

In: the body of a function. Out: the same body without docstrings, `pass`, annotations
without a value and code after a certain jump; `x: float = e` becomes `x = e`, imports
become assignments, `match` becomes `if`, a loop over several things becomes several
loops, and a `while` that binds names in its condition tests it in its body. The
statements are new, the expressions in them are the old ones.

>>> text = '''
... def f(x):
...     "Twice."
...     y: float = 2 * x
...     return y
...     print("never")
... '''
>>> body = tidy(gast.parse(text).body[0].body, Names())
>>> print(gast.unparse(gast.Module(body, [])).strip())
y = 2 * x
return y
"""

from __future__ import annotations

import copy

import gast

from s2s.names import Names
from s2s.parse.exits import NEXT, exits, is_endless
from s2s.parse.imported import import_assignments
from s2s.parse.matching import matched
from s2s.parse.unfold import Meaning, unfolded


def tidy(
    block: list[gast.stmt], names: Names, meaning: Meaning | None = None
) -> list[gast.stmt]:
    meaning = meaning or Meaning()
    kept: list[gast.stmt] = []
    for stmt in block:
        if does_nothing(stmt):
            continue
        kept += tidied(stmt, names, meaning)
        if NEXT not in exits(kept[-1:]):
            break
    return kept


def does_nothing(stmt: gast.stmt) -> bool:
    match stmt:
        case gast.Pass() | gast.AnnAssign(value=None):
            return True
        case gast.Expr(value=gast.Constant()):
            return True
    return False


def tidied(stmt: gast.stmt, names: Names, meaning: Meaning) -> list[gast.stmt]:
    """What takes the place of a statement."""
    if isinstance(stmt, gast.AnnAssign):
        return [gast.copy_location(gast.Assign([stmt.target], stmt.value, None), stmt)]
    if isinstance(stmt, gast.Import | gast.ImportFrom):
        return import_assignments(stmt)
    if isinstance(stmt, gast.Match):
        return tidy(matched(stmt, names), names, meaning)
    if isinstance(stmt, gast.For):
        made = unfolded(stmt, names, meaning)
        if made != [stmt]:
            return tidy(made, names, meaning)
    if isinstance(stmt, gast.While) and binds(stmt.test):
        stmt = tested_inside(stmt)
    stmt = copy.copy(stmt)
    if isinstance(stmt, gast.With | gast.Try):
        stmt.body = tidy(stmt.body, names, meaning)
    if isinstance(stmt, gast.Try):
        stmt.orelse = tidy(stmt.orelse, names, meaning)
        stmt.finalbody = tidy(stmt.finalbody, names, meaning)
        stmt.handlers = [copy.copy(h) for h in stmt.handlers]
        for handler in stmt.handlers:
            handler.body = tidy(handler.body, names, meaning)
    if isinstance(stmt, gast.If | gast.For | gast.While):
        stmt.body = tidy(stmt.body, names, meaning)
        stmt.orelse = [] if is_endless(stmt) else tidy(stmt.orelse, names, meaning)
    return [stmt]


def binds(node: gast.AST) -> bool:
    """Whether an expression binds a name by `:=`."""
    return any(isinstance(n, gast.NamedExpr) for n in gast.walk(node))


def tested_inside(stmt: gast.While) -> gast.While:
    """`while (x := e) > 0: ...` as a loop that is left where the condition fails."""

    def here(node: gast.AST) -> gast.AST:
        return gast.copy_location(node, stmt.test)

    failed = here(gast.UnaryOp(gast.Not(), stmt.test))
    leave = here(gast.If(failed, [*stmt.orelse, here(gast.Break())], []))
    endless = gast.While(here(gast.Constant(True, None)), [leave, *stmt.body], [])
    return gast.copy_location(endless, stmt)

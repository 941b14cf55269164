"""Control flow in a small core: one return, no continue, one break per loop.

In: a parsed function that `check_subset` lets pass. Out: a new FunctionDef, still
Python that runs. A loop is left early only by its last statement, `if FLAG: break`, and
then its first statement is `FLAG = False`; loops have no else; the only return is the
last statement of the function. Conditions stay as written, at most with a `not` in
front (for a NaN both `a < b` and `a >= b` are false); code is moved but never copied;
every made node has the position of the statement it stands for. Expressions are shared
with the parsed tree.

>>> import linecache
>>> from s2s.parse.source import parse_function
>>> text = '''
... def first_below(x, tol):
...     for v in x:
...         if v < tol:
...             return v
...     return tol
... '''
>>> linecache.cache["<below>"] = len(text), None, text.splitlines(True), "<below>"
>>> scope = {}
>>> exec(compile(text, "<below>", "exec"), scope)
>>> print(gast.unparse(desugar(parse_function(scope["first_below"]))).strip())
def first_below(x, tol):
    returned = False
    for v in x:
        returned = False
        if v < tol:
            value = v
            returned = True
        if returned:
            break
    if not returned:
        value = tol
    return value
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import gast

from s2s.errors import UnsupportedError
from s2s.names import Names
from s2s.parse.bounded import bounded
from s2s.parse.exits import NEXT, exits
from s2s.parse.jumps import Jumps, Place, made
from s2s.parse.missing import flagged
from s2s.parse.source import Parsed, read_outer
from s2s.parse.tidy import tidy
from s2s.parse.unfold import Meaning


def desugar(parsed: Parsed) -> gast.FunctionDef:
    tree = copy.copy(parsed.tree)
    names = Names([tree.name, *(n.id for n in names_in([tree])), *parsed.locals])
    look_up = Meaning(parsed.tree, functools.partial(meaning, parsed))
    tree.body = tidy(tree.body, names, look_up)
    tree.body = bounded(tree.body, names, look_up)
    tree.body = flagged(tree.body, names)
    if NEXT in exits(tree.body) or not returns_in(tree):
        tree.body.append(made("return None", tree))
    jumps = Jumps(names)
    match returns_in(tree):
        case [only] if only is tree.body[-1]:
            tree.body = [*jumps.block(tree.body[:-1], Place()), only]
        case [*_, last]:
            tree.body = jumps.block(tree.body, Place())
            tree.body.append(made(f"return {jumps.value}", last))
    refuse_lost_names(parsed, tree)
    return tree


def meaning(parsed: Parsed, node: gast.AST) -> Any:
    """The object that a dotted name stands for, if it is not a local one."""
    if isinstance(node, gast.Attribute):
        return getattr(meaning(parsed, node.value), node.attr, None)
    if isinstance(node, gast.Name) and node.id not in parsed.locals:
        with suppress(NameError):
            return read_outer(parsed, node.id)
    return None


def returns_in(tree: gast.FunctionDef) -> list[gast.Return]:
    returns = [n for n in gast.walk(tree) if isinstance(n, gast.Return)]
    return sorted(returns, key=lambda r: (r.lineno, r.col_offset))


def refuse_lost_names(parsed: Parsed, core: gast.FunctionDef) -> None:
    """A name is local even if it is only bound by code that was dropped."""
    lost = bound_in(parsed.tree.body) - bound_in(core.body) - bound_in([core.args])
    for name in names_in(core.body) if lost else ():
        if name.id in lost:
            raise UnsupportedError(
                f"`{name.id}` never has a value: it is local to `{parsed.name}`, "
                "but no statement that can run assigns it",
                parsed.origin(name),
                "assign it before it is used, or rename one of the two",
            )


def bound_in(nodes: Iterable[gast.AST]) -> set[str]:
    return {n.id for n in names_in(nodes) if not isinstance(n.ctx, gast.Load)}


def names_in(nodes: Iterable[gast.AST]) -> Iterator[gast.Name]:
    for node in nodes:
        yield from (n for n in gast.walk(node) if isinstance(n, gast.Name))

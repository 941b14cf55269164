"""Whether a text means what it was printed from.

In: a tree, and the tree that its text was parsed to. Out: nothing, or a `PrintError`
that names the first statement in which they differ. Positions do not count, nor do
comments and other things that a text does not say.

    >>> check_same(ast.parse("y = -1"), ast.parse("y = - 1"))
    True
    >>> check_same(ast.parse("pass"), ast.parse("break"))
    Traceback (most recent call last):
    s2s.codegen.same.PrintError: printed as something else: Pass()
"""

from __future__ import annotations

import ast
from typing import Any

from .literals import spelled
from .suite import marker


class PrintError(AssertionError):
    """A statement cannot be printed, or was printed as something else."""


# Fields that are not visible in the text.
UNWRITTEN = {"ctx", "kind", "type_comment", "type_ignores"}


def check_same(tree: Any, parsed: Any) -> bool:
    """Whether a tree is what its text was parsed to; raises for the first statement."""
    if tree is None:
        return parsed is None or parsed == []
    if isinstance(tree, list):
        tree = [node for node in tree if type(node) is not ast.Expr or not marker(node)]
        return len(tree) == len(parsed) and all(map(check_same, tree, parsed))
    if isinstance(tree, ast.Constant):
        tree = spelled(tree)
    same = type(tree) is type(parsed)
    if not isinstance(tree, ast.AST):
        return same and bool(tree == parsed)
    for name in tree._fields:
        if same and name not in UNWRITTEN:
            ours, theirs = getattr(tree, name, None), getattr(parsed, name, None)
            same = check_same(ours, theirs)
    if not same and isinstance(tree, ast.stmt | ast.Module):
        raise PrintError(f"printed as something else: {described(tree)}")
    return same


def described(node: ast.AST) -> str:
    """A statement in a message; not in its own words, for those may be wrong."""
    try:
        return f"{ast.dump(node):.500}"
    except ValueError:  # of a constant that is, say, an array
        return type(node).__name__

"""The shortest version of a program that still fails.

In: the text of a program, and whether a text fails. Out: a text that fails, and from
which nothing can be left out.

>>> text = "def f(x, y):\\n    if x:\\n        y = 2.0 * (x + 1.0)\\n    return y\\n"
>>> print(shortened(text, lambda text: "x + 1.0" in text))
def f(x, y):
    x + 1.0
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator


def shortened(text: str, fails: Callable[[str], bool]) -> str:
    while True:
        shorter = (t for t in candidates(ast.parse(text)) if len(t) < len(text))
        found = next(filter(fails, shorter), None)
        if found is None:
            return text
        text = found


def candidates(tree: ast.Module) -> Iterator[str]:
    """The program with one part less: a statement, a header, half an expression."""
    kept = {id(node) for part in counting(tree) for node in ast.walk(part)}
    for number, node in enumerate(ast.walk(tree)):
        for name, value in ast.iter_fields(node):
            for index, new in replacements(value, kept):
                smaller = copy.deepcopy(tree)
                at = list(ast.walk(smaller))[number]
                if index is None:
                    setattr(at, name, new)
                else:
                    getattr(at, name)[index : index + 1] = new
                yield ast.unparse(smaller)


def counting(tree: ast.Module) -> Iterator[ast.AST]:
    """The parts of `while` loops without which they might not end."""
    for node in ast.walk(tree):
        if isinstance(node, ast.While):
            yield node.test
            yield from node.body[:2]


def replacements(value: object, kept: set[int]) -> Iterator[tuple[int | None, object]]:
    """What may stand in the place of a field, or of an item of it."""
    if isinstance(value, ast.expr) and id(value) not in kept:
        for part in operands(value):
            yield None, part
    for index, item in enumerate(value if isinstance(value, list) else []):
        if id(item) in kept or getattr(item, "name", "") == "f":
            continue
        if isinstance(item, ast.FunctionDef | ast.ClassDef):
            yield index, [] if len(value) > 1 else [ast.Pass()]
            continue
        if isinstance(item, ast.stmt):
            yield index, [] if len(value) > 1 else [ast.Pass()]
            yield index, getattr(item, "body", [ast.Pass()])
        if isinstance(item, ast.stmt | ast.expr):
            wrap = ast.Expr if isinstance(item, ast.stmt) else lambda part: part
            for part in operands(item):
                yield index, [wrap(part)]


def operands(node: ast.AST) -> list[ast.expr]:
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]

"""Which operands ruff sets close to an operator.

In: an operand. Out: whether there is no space between it and the colon of its slice
(`u[1:-1]` but `u[i + 1 :]`), or the two stars of its power (`x**2` but `x[i] ** 2`).

    >>> [is_bound(ast.parse(text, mode="eval").body) for text in ("-1", "i + 1")]
    [True, False]
    >>> [is_base(ast.parse(text, mode="eval").body) for text in ("a.size", "x[i]")]
    [True, False]
"""

from __future__ import annotations

import ast

from .literals import spelled


def is_bound(node: ast.expr) -> bool:
    """Whether ruff sets a bound close to the colon of its slice."""
    if isinstance(node, ast.Constant):
        node = spelled(node)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return is_bound(node.operand)
    return isinstance(node, ast.Name | ast.Constant)


def is_base(node: ast.expr) -> bool:
    """Whether ruff sets an operand close to `**`, on its left."""
    if isinstance(node, ast.Attribute):
        return is_base(node.value)
    if isinstance(node, ast.Constant):
        plain = not isinstance(node.value, str | bytes) and node.value is not ...
        return plain and isinstance(spelled(node), ast.Constant)
    return isinstance(node, ast.Name)


def is_exponent(node: ast.expr) -> bool:
    """Whether ruff sets an operand close to `**`, on its right."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        while isinstance(node, ast.BinOp):
            node = node.left
        return is_base(node)
    if isinstance(node, ast.Constant):
        node = spelled(node)
    while isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        node = node.operand
    return is_base(node)

"""What a parsed line tells: where its expressions stand and how they hang together.

In: a line, and nodes that were parsed from it (`Spans`). Out: the text of stretches,
which parentheses a node stands in, the flat form of nested operations and chains.

    >>> line = "scale * (a + b) - c"
    >>> difference = ast.parse(line, mode="eval").body
    >>> spans = Spans(line)
    >>> operands, operators = spans.flatten(difference)
    >>> [spans.text(spans.start(each), spans.end(each)) for each in operands]
    ['scale', '(a + b)', 'c']
    >>> operators
    [' * ', ' - ']
"""

from __future__ import annotations

import ast

Operation = ast.BinOp | ast.BoolOp | ast.Compare
Link = ast.Attribute | ast.Call | ast.Subscript


def inner_end(node: ast.expr | ast.alias | ast.arg) -> int:
    """The column where a node ends, without the parentheses that it stands in."""
    assert node.end_col_offset is not None
    return node.end_col_offset


def base(link: Link) -> ast.expr:
    """What an attribute, a call or a subscript is taken of."""
    return link.func if isinstance(link, ast.Call) else link.value


class Spans:
    """Answers questions about the nodes of one line."""

    def __init__(self, line: str) -> None:
        self.line = line.encode()  # a node's columns count bytes

    def text(self, start: int, end: int | None = None) -> str:
        return self.line[start:end].decode()

    def in_parens(self, node: ast.expr) -> bool:
        """Whether an expression stands in parentheses that are not its own.

        Not to be asked of the only argument of a call.
        """
        before = self.line[: node.col_offset][-1:]
        return before == b"(" and self.line[inner_end(node) :][:1] == b")"

    def start(self, node: ast.expr) -> int:
        return node.col_offset - self.in_parens(node)

    def end(self, node: ast.expr) -> int:
        return inner_end(node) + self.in_parens(node)

    def is_bare(self, node: ast.Tuple) -> bool:
        """Whether a tuple is written without parentheses."""
        if not node.elts:
            return False
        last = node.elts[-1]
        closing = self.text(inner_end(last), inner_end(node)).count(")")
        return closing == self.in_parens(last)

    def flatten(self, node: Operation) -> tuple[list[ast.expr], list[str]]:
        """Operands and operators of nested operations, as they stand in the line."""
        match node:
            case ast.BinOp():
                parts = [node.left, node.right]
            case ast.Compare():
                parts = [node.left, *node.comparators]
            case _:
                parts = node.values
        operands: list[ast.expr] = []
        operators: list[str] = []
        end = None
        for part in parts:
            if end is not None:
                operators.append(self.text(end, self.start(part)))
            end = self.end(part)
            if isinstance(part, Operation) and not self.in_parens(part):
                inner_operands, inner_operators = self.flatten(part)
                operands += inner_operands
                operators += inner_operators
            else:
                operands.append(part)
        return operands, operators

    def unlink(self, node: ast.expr) -> tuple[ast.expr, list[Link]]:
        """The root of a chain, and its links from the root outwards."""
        links: list[Link] = []
        while isinstance(node, Link):
            links.insert(0, node)
            node = base(node)
            if self.in_parens(node):
                break
        return node, links

    def is_dotted(self, link: Link) -> bool:
        """Whether a dot follows brackets."""
        value = base(link)
        called = isinstance(value, ast.Call | ast.Subscript) or self.in_parens(value)
        return isinstance(link, ast.Attribute) and called

    def is_fluent(self, node: ast.expr) -> bool:
        """Whether a chain is to be broken before dots, for there are two."""
        _, links = self.unlink(node)
        return sum(map(self.is_dotted, links)) > 1

    def has_brackets(self, node: ast.expr) -> bool | None:
        """Whether an expression's own brackets hold something; None if it has none."""
        match node:
            case ast.Subscript() | ast.GeneratorExp():
                return True
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return True
            case ast.List(elts=inside) | ast.Set(elts=inside) | ast.Dict(values=inside):
                return bool(inside)
            case ast.Tuple(elts=inside) if not self.is_bare(node):
                return bool(inside)
            case ast.Call():
                return bool(node.args or node.keywords)
        return None

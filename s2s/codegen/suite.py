"""Statements one below the other: indentation, blank lines, comments, docstrings.

In: a list of statements and a function that writes the logical line of one, or of its
header. Out: the physical lines, with the blank lines that black and ruff want around
functions and imports.

    >>> tree = ast.parse("import numpy as np\\ndef f(x): return np.sin(x)")
    >>> def line(node): return ast.unparse(node).strip().splitlines()[0]
    >>> print("\\n".join(lines(tree.body, line)))
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        return np.sin(x)
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator

from .document import TAB, WIDTH
from .layout import layout

# Kinds of constants that stand, as statements, for a comment and a blank line.
COMMENT, BLANK = "comment", "blank"

Write = Callable[[ast.AST], str]


def lines(
    body: list[ast.stmt], write: Write, indent: int = 0, owner: str = "module"
) -> Iterator[str]:
    """The lines of a suite; its owner is a module, a def or a compound statement."""
    previous: ast.stmt | None = None
    asked = False  # for a blank line
    for index, node in enumerate(body):
        kind = marker(node)
        if kind == BLANK:
            asked = True
            continue
        yield from [""] * _gap(previous, body[index:], asked, owner)
        if kind == COMMENT:
            yield from _comment(_text(node), indent)
        elif index == 0 and owner != "compound" and _is_text(node):
            yield " " * indent + _docstring(_text(node))
        else:
            yield from _statement(node, write, indent)
        previous, asked = node, False


def marker(node: ast.AST) -> str | None:
    """Which marker a statement is, if it is one."""
    match node:
        case ast.Expr(value=ast.Constant(kind="comment" | "blank" as kind)):
            return str(kind)
    return None


def _statement(
    node: ast.stmt, write: Write, indent: int, prefix: str = ""
) -> Iterator[str]:
    def suite(body: list[ast.stmt], owner: str = "compound") -> Iterator[str]:
        return lines(body, write, indent + TAB, owner)

    pad = " " * indent
    for decorator in getattr(node, "decorator_list", []):
        yield layout("@" + write(decorator), indent)
    stub = isinstance(node, ast.FunctionDef) and _is_stub(node)
    yield layout(prefix + write(node) + " ..." * stub, indent)
    match node:
        case ast.FunctionDef(body=body) if not stub:
            yield from suite(body, "def")
        case ast.If(body=body, orelse=[ast.If() as chained]):
            yield from suite(body)
            yield from _statement(chained, write, indent, "el")
        case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
            yield from suite(node.body)
            for handler in getattr(node, "handlers", []):
                yield layout(write(handler), indent)
                yield from suite(handler.body)
            for word, field in ("else", "orelse"), ("finally", "finalbody"):
                if body := getattr(node, field, []):
                    yield f"{pad}{word}:"
                    yield from suite(body)


def _gap(
    previous: ast.stmt | None, rest: list[ast.stmt], asked: bool, owner: str
) -> int:
    """How many blank lines separate a statement from the first of the rest."""
    node = rest[0]
    if previous is None:
        return int(owner == "compound" and _is_def(node))
    following = node  # the statement that a comment belongs to
    if marker(node) == COMMENT:
        attached = (each for each in rest if marker(each) != COMMENT)
        following = next(attached, node)
    after_comment = marker(previous) == COMMENT
    if after_comment and not asked:
        return 0
    if _is_def(following) or _ends_with_def(previous):
        return 2 if owner == "module" else 1
    after_import = _is_import(previous) and not _is_import(node)
    after_docstring = owner == "module" and _is_text(previous)
    return int(asked or after_import or after_docstring)


def _is_stub(node: ast.FunctionDef) -> bool:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=value))]:
            return value is ...
    return False


def _is_def(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_text(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return marker(node) is None
    return False


def _text(node: ast.stmt) -> str:
    assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return str(node.value.value)


def _ends_with_def(node: ast.AST) -> bool:
    """Whether the last line of a statement belongs to a function definition."""
    if isinstance(node, ast.FunctionDef):
        return True
    fields = "finalbody", "orelse", "handlers", "body"
    suites = [getattr(node, field) for field in fields if getattr(node, field, [])]
    return bool(suites) and _ends_with_def(suites[0][-1])


def _comment(text: str, indent: int) -> Iterator[str]:
    """Lines of a comment; code that is too long is broken as code, prose at spaces."""
    margin = indent + len("# ")
    for long in text.splitlines() or [""]:
        for line in layout(long, margin).splitlines():
            code = line[margin:].rstrip()
            wrapped = textwrap.wrap(
                code, WIDTH - margin, break_long_words=False, break_on_hyphens=False
            )
            for part in wrapped if len(line) > WIDTH else [code]:
                yield " " * indent + f"# {part}".rstrip()


def _docstring(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    if text.endswith('"'):
        text = text[:-1] + r"\""
    shown = (
        char if char.isprintable() or char == "\n" else repr(char)[1:-1]
        for char in text
    )
    return '"""' + "".join(shown) + '"""'

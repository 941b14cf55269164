"""Positions in a tree become places in a text.

In: a file's lines, the tree of one function in it, and a node at some position in that
text (the node itself may be made later). Out: an `Origin`.

>>> lines = ["def f(x):", "    if x > 2.0:  # far", "        x = (x +", "        1.0)"]
>>> tree = gast.parse("\\n".join(lines)).body[0]
>>> origins = Origins("file.py", lines, tree)
>>> test = tree.body[0].test
>>> at = origins(test)
>>> (at.line, at.col, at.end_col, at.stmt)
(2, 7, 14, 'if x > 2.0:')
>>> origins(tree.body[0].body[0]).stmt
'x = (x + 1.0)'
"""

from __future__ import annotations

import io
import itertools
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from keyword import iskeyword

import gast

from s2s.errors import Origin

Position = tuple[int, int]  # line and utf-8 byte offset in it, as in Python's trees

LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def start_of(node: gast.AST) -> Position:
    return node.lineno, node.col_offset


def end_of(node: gast.AST) -> Position:
    return node.end_lineno, node.end_col_offset


class Origins:
    """The function node -> Origin of one parsed function."""

    def __init__(self, file: str, lines: list[str], tree: gast.FunctionDef) -> None:
        self.file = file
        self.lines = lines
        statements = [n for n in gast.walk(tree) if isinstance(n, gast.stmt)]
        self._statements = sorted(statements, key=start_of)
        self._starts = [start_of(s) for s in self._statements]
        self._texts: dict[Position, str] = {}
        self._known: dict[tuple[int, ...], Origin] = {}

    def __call__(self, node: gast.AST) -> Origin:
        span = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
        found = self._known.get(span)
        if found is None:
            found = self._known[span] = self._found(node)
        return found

    def _found(self, node: gast.AST) -> Origin:
        stmt = self._statement_at(start_of(node), end_of(node))
        line, end_line = node.lineno, node.end_lineno
        return Origin(
            file=self.file,
            line=line,
            col=self._column(line, node.col_offset),
            end_line=end_line,
            end_col=self._column(end_line, node.end_col_offset),
            text=self.lines[line - 1],
            stmt=self._text(stmt),
            stmt_line=stmt.lineno,
        )

    def _column(self, line: int, offset: int) -> int:
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def _statement_at(self, start: Position, end: Position) -> gast.stmt:
        """The innermost statement around a stretch of text."""
        last = bisect_right(self._starts, start) - 1
        for k in range(last, -1, -1):
            if end <= end_of(self._statements[k]):
                return self._statements[k]
        return self._statements[0]

    def _text(self, stmt: gast.stmt) -> str:
        start = start_of(stmt)
        if start not in self._texts:
            inner = _first_inside(stmt)
            text = one_line(self._segment(start, inner or end_of(stmt)), bool(inner))
            if isinstance(stmt, gast.Return) and not re.match(r"return\b", text):
                text = f"return {text}"  # the body of a lambda
            self._texts[start] = text
        return self._texts[start]

    def _segment(self, start: Position, end: Position) -> str:
        (line, _), (end_line, _) = start, end
        rows = self.lines[line - 1 : end_line]
        rows[-1] = rows[-1][: self._column(*end)]
        rows[0] = rows[0][self._column(*start) :]
        return "\n".join(rows)


def _first_inside(stmt: gast.stmt) -> Position | None:
    """Where the first statement in the body of a compound statement begins."""
    if isinstance(stmt, gast.Match):
        return start_of(stmt.cases[0].pattern)
    body = getattr(stmt, "body", None)
    if not body:
        return None
    return start_of((getattr(body[0], "decorator_list", None) or body)[0])


def one_line(code: str, is_header: bool = False) -> str:
    """Source text without comments and line breaks; a header ends at its last colon.

    >>> one_line("y = f(\\n    x,  # why\\n    'a  b',\\n)")
    "y = f(x, 'a  b')"
    >>> one_line("for i in x[1:]:  # note: rows\\n        ", is_header=True)
    'for i in x[1:]:'
    """
    wrapped = f"({code}\n)"  # line breaks mean nothing in parentheses
    rows = wrapped.split("\n")
    pieces: list[str] = []
    opened: list[list[int]] = []  # per bracket: its piece, the commas in it
    colon = 0
    row, col = 1, 1
    for token in itertools.islice(_tokens(wrapped), 1, None):
        closes = token.type == tokenize.OP and token.string in ")]}"
        if closes and not opened:
            break  # the parenthesis put around everything
        (start_row, start_col), (end_row, end_col) = token.start, token.end
        if start_row == row:
            gap = rows[row - 1][col:start_col]
            gap = " " if gap.isspace() else gap
        else:
            after, before = pieces[-1].rstrip()[-1:], token.string[:1]
            if closes and after == "," and _spare_comma(pieces, *opened[-1]):
                pieces.pop()
            gap = "" if after in "([{." or before in ")]}." else " "
        if token.type == tokenize.OP:
            if token.string in "([{":
                opened.append([len(pieces), 0])
            elif closes:
                opened.pop()
            elif token.string == "," and opened:
                opened[-1][1] += 1
            elif token.string == ":" and not opened:
                colon = len(pieces) + 1
        text = [*rows[start_row - 1 : end_row]]
        text[-1] = text[-1][:end_col]
        text[0] = text[0][start_col:]
        pieces.append(gap + "\\n".join(text))
        row, col = end_row, end_col
    return "".join(pieces[:colon] if is_header else pieces)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    # What stands before the body of a lambda may leave a bracket open.
    with suppress(tokenize.TokenError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in LAYOUT:
                yield token


def _spare_comma(pieces: list[str], bracket: int, commas: int) -> bool:
    """Whether the comma before a closing bracket may go: not in (x,) and a[x,]."""
    if commas > 1 or pieces[bracket] != "(" or not bracket:
        return commas > 1
    called = pieces[bracket - 1].strip()
    return called[-1] in ")]" or (called.isidentifier() and not iskeyword(called))

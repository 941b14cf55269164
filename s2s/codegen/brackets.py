"""Brackets and parentheses as documents, and what they mean for what is inside.

In: documents. Out: documents with brackets around them, that break in black's way.
Inside of brackets every operator may be followed by a break, outside of them none
may. A statement's *optional* parentheses lie between: they are printed only if the
statement is split, and the breaks within them are taken only then (`Level`).

    >>> from s2s.codegen.document import render
    >>> call = ["call", INSIDE.brackets("(", comma_separated(["a", "b"]), ")")]
    >>> print(render(call, indent=80).replace(" " * 80, ""))
    call(
        a,
        b,
    )
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .document import LINE, SOFT, Doc, Expandable, Group, Indent, Key, Line, When


@dataclass(frozen=True)
class Level:
    """What encloses an expression: nothing, brackets, or optional parentheses."""

    bracketed: bool = False
    key: Key | None = None  # the group of the optional parentheses

    def group(self, doc: Doc) -> Doc:
        """A group, provided that something encloses it."""
        if self.key is not None:
            return Group(doc, under=self.key)
        return Group(doc) if self.bracketed else doc

    def line(self, flat: str) -> Doc:
        """A break, provided that something encloses it."""
        if self.key is not None:
            broken = When(True, Line(flat), self.key)
            return [broken, When(False, flat, self.key)]
        return Line(flat) if self.bracketed else flat

    def brackets(self, left: str, doc: Doc, right: str) -> Doc:
        inside: Doc = Group([Indent([SOFT, doc]), SOFT])
        if self.key is not None:
            inside = Expandable(inside, self.key)
        return [left, inside, right]


BARE = Level()
INSIDE = Level(bracketed=True)


def parenthesized(doc: Doc) -> Doc:
    """Parentheses if the document breaks; it is written for the inside of brackets."""
    return Group([When(True, "("), Indent([SOFT, doc]), SOFT, When(True, ")")])


def optional(content: Callable[[Level], Doc]) -> Doc:
    """Parentheses if the content does not fit even with its own brackets broken."""
    key = Key()
    body = Indent([SOFT, content(Level(key=key))], under=key)
    return Group([When(True, "("), body, SOFT, When(True, ")")], key)


def comma_separated(docs: Sequence[Doc], trailing: bool = False) -> Doc:
    """Items with breaks between them, and a last comma if those are taken.

    A single item gets that comma only if `trailing` says so.
    """
    out: list[Doc] = []
    for doc in docs:
        out += [",", LINE, doc] if out else [doc]
    if trailing or len(docs) > 1:
        out.append(When(True, ","))
    return out

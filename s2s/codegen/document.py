"""Documents: text with optional line breaks, and the printer that chooses the breaks.

In: a document, which is a string, a `Line`, a list of documents, or one of the nodes
below. Out: its text, with lines of at most `WIDTH` columns wherever its breaks allow.
A group is printed on one line if it fits there, and with all its own breaks otherwise
(after Wadler, "A prettier printer"); the other nodes express what black and ruff do
beyond that, foremost the parentheses that appear only if a statement has to be split.

    >>> call = Group(["f(", Indent([SOFT, "x,", LINE, "y"]), SOFT, ")"])
    >>> print(render(call, indent=0))
    f(x, y)
    >>> print(render(["a = ", call], indent=80))
                                                                                    a = f(
                                                                                        x,
                                                                                        y
                                                                                    )
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

WIDTH = 88
TAB = 4


def width(text: str) -> int:
    """Columns that a text takes; those of East Asian scripts and emoji take two."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


class Key:
    """Names a group, so that other parts of a document can ask whether it broke."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line break. Flat, a soft one is `flat`; a hard one breaks always."""

    flat: str = ""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Flat if it fits on the line. `under`: a group only if that group broke."""

    body: Doc
    key: Key | None = None
    expand: bool = False
    under: Key | None = None


@dataclass(frozen=True, slots=True)
class Indent:
    """One step to the right. `under`: only if that group broke."""

    body: Doc
    under: Key | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Printed only if the group `key` (the enclosing one, without) broke, or did not."""

    broken: bool
    body: Doc
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Expandable:
    """Brackets whose breaking does not break the group around them.

    While it is measured whether `key` is flat, the body counts as fully broken, and
    only what stands before and after it has to fit.
    """

    body: Doc
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The first variant that fits flat up to its first break, else the last, broken."""

    variants: Sequence[Doc]


@dataclass(frozen=True, slots=True)
class Rescue:
    """Parenthesised on lines of its own if it fits only so, and bare otherwise."""

    body: Doc
    key: Key


Doc = str | Line | Group | Indent | When | Expandable | Best | Rescue | list["Doc"]

SOFT = Line()
LINE = Line(" ")
HARD = Line(hard=True)

# How far a trial looks: to the first break, or at all lines, strictly or not.
FIRST, ALL, LOOSE = range(3)


class Item(NamedTuple):
    """A piece of work: a document and the state in which to print it."""

    doc: Doc
    flat: bool
    indent: int
    look: int = FIRST


def render(doc: Doc, indent: int) -> str:
    """Text of a document that starts in column `indent`."""
    printer = _Printer(indent)
    printer.run(doc, indent)
    return "".join(printer.out)


@dataclass
class _Printer:
    column: int
    out: list[str] = field(default_factory=list)
    todo: list[Item] = field(default_factory=list)
    flat_groups: dict[Key, bool] = field(default_factory=dict)
    measured: bool = False  # the rest of the line is known to fit

    def __post_init__(self) -> None:
        self.out.append(" " * self.column)

    def run(self, doc: Doc, indent: int) -> None:
        self.todo.append(Item(doc, False, indent))
        while self.todo:
            self.step(*self.todo.pop())

    def step(self, doc: Doc, flat: bool, indent: int, look: int) -> None:
        if isinstance(doc, str):
            self.out.append(doc)
            self.column += width(doc)
        elif isinstance(doc, list):
            self.todo += [Item(part, flat, indent) for part in reversed(doc)]
        elif isinstance(doc, Line):
            if flat and not doc.hard:
                self.out.append(doc.flat)
                self.column += len(doc.flat)
            else:
                self.out.append("\n" + " " * indent)
                self.column, self.measured = indent, False
        elif isinstance(doc, Group):
            if doc.under is None or not self.flat_groups[doc.under]:
                flat = not doc.expand and self.group_is_flat(doc, flat, indent)
            if doc.key is not None:
                self.flat_groups[doc.key] = flat
            self.todo.append(Item(doc.body, flat, indent))
        elif isinstance(doc, Indent):
            self.todo.append(Item(doc.body, flat, self.indented(doc, indent)))
        elif isinstance(doc, When):
            if self.applies(doc, flat):
                self.todo.append(Item(doc.body, flat, indent))
        elif isinstance(doc, Expandable):
            if doc.key is None or self.flat_groups[doc.key]:
                self.measured = False
            self.todo.append(Item(doc.body, flat, indent))
        elif isinstance(doc, Best):
            self.todo.append(self.best(doc, flat, indent))
        else:
            self.rescue(doc, flat, indent)

    def group_is_flat(self, doc: Group | Rescue, flat: bool, indent: int) -> bool:
        if flat and self.measured:
            return True
        self.measured = True
        if doc.key is not None:
            self.flat_groups[doc.key] = True
        return self.fits(Item(doc.body, True, indent))

    def indented(self, doc: Indent, indent: int) -> int:
        skip = doc.under is not None and self.flat_groups[doc.under]
        return indent if skip else indent + TAB

    def applies(self, doc: When, flat: bool) -> bool:
        if doc.key is not None:
            flat = self.flat_groups[doc.key]
        return flat != doc.broken

    def best(self, doc: Best, flat: bool, indent: int) -> Item:
        if flat and self.measured:
            return Item(doc.variants[0], True, indent)
        self.measured = True
        for variant in doc.variants[:-1]:
            item = Item(variant, True, indent)
            if self.fits(item):
                return item
        return Item(doc.variants[-1], False, indent)

    def rescue(self, doc: Rescue, flat: bool, indent: int) -> None:
        broken = False
        if not self.group_is_flat(doc, flat, indent):
            self.flat_groups[doc.key] = False
            inner = indent + TAB
            broken = self.fits(
                Item(")", False, indent, ALL),
                Item(HARD, False, indent, ALL),
                Item(doc.body, False, inner, ALL),
                Item(HARD, False, inner, ALL),
                Item("(", False, indent, ALL),
            )
        self.flat_groups[doc.key] = not broken
        if broken:
            body = ["(", Indent([HARD, doc.body]), HARD, ")"]
            self.todo.append(Item(body, False, indent))
        else:
            self.todo.append(Item(doc.body, True, indent))

    def fits(self, *items: Item) -> bool:
        """Whether the items, and what follows them on their last line, fit."""
        todo = list(items)
        rest = len(self.todo)
        column = self.column
        while True:
            if todo:
                doc, flat, indent, look = todo.pop()
            elif rest:
                rest -= 1
                doc, flat, indent, look = self.todo[rest]
            else:
                return True
            if isinstance(doc, str):
                column += width(doc)
                if column > WIDTH and look != LOOSE:
                    return False
            elif isinstance(doc, list):
                todo += [Item(part, flat, indent, look) for part in reversed(doc)]
            elif isinstance(doc, Line):
                if flat and not doc.hard:
                    column += len(doc.flat)
                    if column > WIDTH and look != LOOSE:
                        return False
                elif flat or look == FIRST:
                    return True
                else:
                    column = indent
            elif isinstance(doc, Group):
                if doc.under is None or not self.flat_groups[doc.under]:
                    flat = flat and not doc.expand
                if doc.key is not None:
                    self.flat_groups[doc.key] = flat
                todo.append(Item(doc.body, flat, indent, look))
            elif isinstance(doc, Indent):
                todo.append(Item(doc.body, flat, self.indented(doc, indent), look))
            elif isinstance(doc, When):
                if self.applies(doc, flat):
                    todo.append(Item(doc.body, flat, indent, look))
            elif isinstance(doc, Expandable):
                if flat and (doc.key is None or self.flat_groups[doc.key]):
                    flat, look = False, LOOSE
                todo.append(Item(doc.body, flat, indent, look))
            elif isinstance(doc, Best):
                variant = doc.variants[0 if flat else -1]
                todo.append(Item(variant, flat, indent, FIRST if flat else look))
            else:
                self.flat_groups[doc.key] = flat
                todo.append(Item(doc.body, flat, indent, look))

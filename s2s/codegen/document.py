"""Documents: text with optional line breaks, and the printer that chooses the breaks.

In: a document, which is a string, one of the nodes below, or a sequence of documents.
Out: its text, on lines of at most `WIDTH` columns as far as its breaks allow.
A group is printed on one line if it fits there, and with all its own breaks otherwise
(after Wadler, "A prettier printer"); the other nodes express what black and ruff do
beyond that, foremost the parentheses that appear only if a statement has to be split.

    >>> call = Group(["f(", Indent([SOFT, "x", ",", LINE, "y"]), SOFT, ")"])
    >>> print(render(["a = ", call], indent=0))
    a = f(x, y)
    >>> print(render(["a = ", call], indent=80).replace(" " * 80, ""))
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
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


class Key:
    """Names a group, so that other parts of a document can ask whether it broke."""


@dataclass(frozen=True, slots=True)
class Line:
    """A break, or the text `flat` on an unbroken line. A hard one breaks always."""

    flat: str = ""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Flat if it fits on the line. `under`: a group only if that group broke."""

    body: Doc
    key: Key | None = None
    expand: bool = False  # break it in any case
    under: Key | None = None


@dataclass(frozen=True, slots=True)
class Indent:
    """One step to the right. `under`: only if that group broke."""

    body: Doc
    under: Key | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Printed only if the group `key`, or else the enclosing one, broke or did not."""

    broken: bool
    body: Doc
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Expandable:
    """The inside of brackets that may break without breaking the group around them.

    While it is measured whether the group `key` fits flat, the body counts as broken:
    only what stands before and after it has to fit.
    """

    body: Doc
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """The first variant that fits up to its first break, or else the last one."""

    variants: Sequence[Doc]


@dataclass(frozen=True, slots=True)
class Rescue:
    """In parentheses, on lines of its own, if it fits only so; bare otherwise."""

    body: Doc
    key: Key


Doc = str | Line | Group | Indent | When | Expandable | Best | Rescue | Sequence["Doc"]

SOFT = Line()
LINE = Line(" ")
HARD = Line(hard=True)


def render(doc: Doc, indent: int) -> str:
    """Text of a document that starts in column `indent`."""
    printer = _Printer(indent, [" " * indent])
    printer.run(doc, indent)
    return "".join(printer.out)


# How far a trial measures: to the first break, or all lines, strictly or not.
FIRST, ALL, LOOSE = range(3)


class _Item(NamedTuple):
    """A document to print, and the state to print it in."""

    doc: Doc
    flat: bool
    indent: int
    extent: int = FIRST


@dataclass
class _Printer:
    column: int
    out: list[str]
    todo: list[_Item] = field(default_factory=list)
    flat_groups: dict[Key, bool] = field(default_factory=dict)
    measured: bool = False  # the rest of the line is known to fit

    def run(self, doc: Doc, indent: int) -> None:
        self.todo.append(_Item(doc, False, indent))
        while self.todo:
            doc, flat, indent, _ = self.todo.pop()
            match doc:
                case str():
                    self.out.append(doc)
                    self.column += width(doc)
                case Line(text, hard):
                    if flat and not hard:
                        self.out.append(text)
                        self.column += len(text)
                    else:
                        self.out.append("\n" + " " * indent)
                        self.column, self.measured = indent, False
                case Rescue():
                    self.todo.append(self.rescued(doc, flat, indent))
                case Best(variants):
                    self.todo.append(self.best(variants, flat, indent))
                case Group(body, key, expand, under):
                    if under is None or not self.flat_groups[under]:
                        flat = not expand and self.is_flat(doc, flat, indent)
                    if key is not None:
                        self.flat_groups[key] = flat
                    self.todo.append(_Item(body, flat, indent))
                case Expandable(body, key):
                    if key is None or self.flat_groups[key]:
                        self.measured = False
                    self.todo.append(_Item(body, flat, indent))
                case _:
                    self.todo += self.unwrapped(_Item(doc, flat, indent))

    def unwrapped(self, item: _Item) -> list[_Item]:
        """The parts of a document that makes no choice itself, last one first."""
        doc, flat, indent, extent = item
        match doc:
            case Indent(body, under):
                if under is None or not self.flat_groups[under]:
                    indent += TAB
                return [_Item(body, flat, indent, extent)]
            case When(broken, body, key):
                unbroken = flat if key is None else self.flat_groups[key]
                return [] if broken == unbroken else [item._replace(doc=body)]
        assert isinstance(doc, list | tuple)
        return [_Item(part, flat, indent, extent) for part in reversed(doc)]

    def is_flat(self, doc: Group | Rescue, flat: bool, indent: int) -> bool:
        if flat and self.measured:
            return True
        self.measured = True
        if doc.key is not None:
            self.flat_groups[doc.key] = True
        return self.fits(_Item(doc.body, True, indent))

    def best(self, variants: Sequence[Doc], flat: bool, indent: int) -> _Item:
        if flat and self.measured:
            return _Item(variants[0], True, indent)
        self.measured = True
        for variant in variants[:-1]:
            if self.fits(_Item(variant, True, indent)):
                return _Item(variant, True, indent)
        return _Item(variants[-1], False, indent)

    def rescued(self, doc: Rescue, flat: bool, indent: int) -> _Item:
        broken = False
        if not self.is_flat(doc, flat, indent):
            self.flat_groups[doc.key] = False
            lines: list[Doc] = ["(", Indent([HARD, doc.body]), HARD, ")"]
            broken = self.fits(_Item(lines, False, indent, ALL))
        self.flat_groups[doc.key] = not broken
        return _Item(lines if broken else doc.body, not broken, indent)

    def fits(self, item: _Item) -> bool:
        """Whether an item, and what follows it on its last line, fits."""
        todo, rest = [item], len(self.todo)
        column = self.column
        while todo or rest:
            if not todo:
                rest -= 1
                todo.append(self.todo[rest])
            doc, flat, indent, extent = item = todo.pop()
            match doc:
                case str():
                    column += width(doc)
                    if column > WIDTH and extent != LOOSE:
                        return False
                case Line(text, hard):
                    if flat and not hard:
                        column += len(text)
                        if column > WIDTH and extent != LOOSE:
                            return False
                    elif flat or extent == FIRST:
                        return True
                    else:
                        column = indent
                case Rescue(body, key):
                    self.flat_groups[key] = flat
                    todo.append(_Item(body, flat, indent, extent))
                case Best(variants):
                    if flat:
                        todo.append(_Item(variants[0], True, indent))
                    else:
                        todo.append(_Item(variants[-1], False, indent, extent))
                case Group(body, key, expand, under):
                    if under is None or not self.flat_groups[under]:
                        flat = flat and not expand
                    if key is not None:
                        self.flat_groups[key] = flat
                    todo.append(_Item(body, flat, indent, extent))
                case Expandable(body, key):
                    if flat and (key is None or self.flat_groups[key]):
                        flat, extent = False, LOOSE
                    todo.append(_Item(body, flat, indent, extent))
                case _:
                    todo += self.unwrapped(item)
        return True

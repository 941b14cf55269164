"""Located diagnostics: a message, the source line it is about, a caret and advice.

In: what is wrong, where (an `Origin`), and what to do instead. Out: text for people.

>>> line = "    with open(p) as f:"
>>> header = line.strip()
>>> where = Origin("file.py", 12, 4, 13, 20, line, header, 12)
>>> print(UnsupportedError("`with` is not supported", where, "move it out of f"))
file.py:12:5: `with` is not supported
    with open(p) as f:
    ^^^^^^^^^^^^^^^^^^
advice: move it out of f
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

TAB = 4


@dataclass(frozen=True)
class Origin:
    """Where an operation comes from: lines from 1, columns (characters) from 0."""

    file: str
    line: int
    col: int
    end_line: int
    end_col: int
    text: str  # the whole source line of `line`
    stmt: str  # the statement on one line; of a compound statement its header
    stmt_line: int
    caller: Origin | None = None  # the call that led there, in another function

    def excerpt(self) -> str:
        """The source line, and carets under the part that is meant."""
        code_end = len(self.text.rstrip())
        end = self.end_col if self.end_line == self.line else code_end
        margin = len(self.text) - len(self.text.lstrip())
        shown = self.text.strip().replace("\t", " " * TAB)
        blank = " " * width(self.text[margin : self.col])
        carets = "^" * max(1, width(self.text[self.col : min(end, code_end)]))
        return f"    {shown}\n    {blank}{carets}"


def width(text: str) -> int:
    """How many columns of a terminal the text takes.

    >>> width("x"), width("数"), width("e\\N{COMBINING ACUTE ACCENT}")
    (1, 2, 1)
    """
    return sum(map(_char_width, text))


def _char_width(char: str) -> int:
    if char == "\t":
        return TAB
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def a(kind: str) -> str:
    """A noun with its article.

    >>> a("dict"), a("object")
    ('a dict', 'an object')
    """
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


class S2SError(Exception):
    """Every refusal of s2s is one of these."""

    def __init__(
        self, message: str, origin: Origin | None = None, advice: str | None = None
    ) -> None:
        super().__init__(message, origin, advice)
        self.message = message
        self.origin = origin
        self.advice = advice

    def __str__(self) -> str:
        text = self.message
        if self.origin is not None:
            at = self.origin
            text = f"{at.file}:{at.line}:{at.col + 1}: {text}\n{at.excerpt()}"
            calls: dict[str, None] = {}  # what calls itself is shown once
            while at.caller is not None:
                at = at.caller
                calls[f"\ncalled at {at.file}:{at.line}: {at.stmt}"] = None
            text += "".join(calls)
        if self.advice is not None:
            text += f"\nadvice: {self.advice}"
        return text


class SourceError(S2SError):
    """The source of a function is not to be had, or is not what runs."""


class UnsupportedError(S2SError):
    """A construct of Python or NumPy that s2s does not differentiate."""


class NotBatched(UnsupportedError):
    """Several directions need a sweep each."""


class CallsItself(UnsupportedError):
    """The text of a derivative that is not differentiated as a program."""


class TypingError(S2SError, TypeError):
    """An argument or a result of the wrong type."""


class OverlapError(S2SError, ValueError):
    """Arguments that lie in memory so that the primal computes something else."""


class InternalError(S2SError):
    """A mistake in s2s itself, found by one of its own checks."""

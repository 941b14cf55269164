"""What programs often do, as texts with holes.

`{s}` is a number, and `{s x}` one in which x is a number too; the letters of the other
holes are in `Idiomatic.hole`. A hole for a name is the same name all over a text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Idiom:
    """Functions, with what they take and return; numbers; headers of loops; statements,
    with the names that they bind.
    """

    functions: list[tuple[tuple[Any, ...], Any, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

"""Random programs over the language.

Out: `Program`s: the text of a function `f` of two floats, a vector, a matrix, a column
and an int, with the control flow, the reassignments and the broadcasting that people
write; where asked for, with stores, views and swaps, or with helper functions, objects
and containers too.

>>> program(3).text == program(3).text != program(4).text
True
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any

from brief import Brief
from callers import Callers
from expressions import Scope
from hypothesis import strategies as st
from objects import Objects
from statements import Statements, indented
from stores import Stores
from watch import Program

PARAMETERS = {"a": (), "b": (), "u": (3,), "A": (2, 3), "c": (2, 1), "n": "int"}


@st.composite
def programs(draw: Callable[..., Any]) -> Program:
    """Programs that hypothesis varies and shortens."""
    return written(Statements(lambda n: draw(below(n))))


@cache
def below(n: int) -> st.SearchStrategy[int]:
    return st.integers(0, n - 1)


def program(seed: int) -> Program:
    """A program with stores; every seed has its own."""
    return written(Stores(random.Random(seed).randrange))


def program_of_objects(seed: int) -> Program:
    """A module with functions and classes; `f` takes objects and containers, too."""
    return Program(Objects(random.Random(seed).randrange).program())


def written(writer: Statements) -> Program:
    writer.scope = Scope(dict(PARAMETERS))
    writer.result = writer.pick([(), (), (), (), (3,), (2, 3), "pair"])
    lines = writer.block(3, False) + writer.block(2, False)
    lines.append(writer.returned())
    return Program("\n".join(["def f(a, b, u, A, c, n):", *indented(lines)]) + "\n")


def program_of_calls(seed: int) -> Program:
    """A module of functions that are called often, or that call themselves."""
    return Program(Callers(random.Random(seed).randrange).program())


def program_of_idioms(seed: int) -> Program:
    """A module of few lines, with helper functions, a class or a generator."""
    return Program(Brief(random.Random(seed).randrange).program())

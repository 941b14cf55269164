"""What is evaluated once in Python is evaluated once, whatever has to look at it first.

Each of these statements calls what changes an object: `shift` or `get`. How
the rest of it is built depends on what the call gives, which must not be found out by
calling twice. They stand in `once.txt`, a blank line between them.
"""

from contextlib import nullcontext
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
from agree import check
from structures import close
from things import Body
from watch import Program

import s2s
from s2s.ssa.expr import Expressions

HELPERS = """
def shift(o, v):
    o.x += v
    o.m *= 1.5
    return o
"""
GET = """
    def get(q):
        o.m *= 2.0
        return q
"""
STATEMENTS = Path(__file__).with_name("once.txt").read_text("utf-8").split("\n\n")


def program(statement):
    """A function of an object and a vector, around the statement."""
    body = f"{GET}{indent(statement, '    ')}\n    return c * o.m * o.x[0]\n"
    return Program(f"{HELPERS}\ndef f(o, v):{body}").function


@pytest.mark.parametrize("statement", STATEMENTS)
def test_evaluated_once(statement):
    def args():
        return Body(2.1, np.array([1.0, 0.5, 0.3])), np.array([0.5, 0.25, 0.1])

    f = program(statement)
    value, (o_bar, v_bar) = s2s.value_and_grad(f, (0, 1))(*args())
    close(float(value), float(f(*args())), 1e-12, "value")
    up, down = (f(*moved(args(), step)) for step in (1e-6, -1e-6))
    slope = o_bar.m + np.sum(o_bar.x) + np.sum(v_bar)
    close(float(slope), float(up - down) / 2e-6, 1e-5, "slope")


def moved(args, step):
    """The arguments, each of their numbers a step further."""
    o, v = args
    return Body(o.m + step, o.x + step), v + step


def test_what_is_built_twice_is_found(monkeypatch):
    """The whole test suite runs with the guard that this puts to the test."""
    monkeypatch.setattr(Expressions, "standing_for", lambda *_: nullcontext())
    f = program("c = 1.0\nshift(o, v).energy()")
    with pytest.raises(AssertionError, match="called twice: shift"):
        s2s.grad(f)(Body(2.1, np.ones(3)), np.ones(3))


class Tank:
    """What the text does not show to be a call changes it."""

    def __init__(self, level):
        self.level = level

    def filled(self, by):
        self.level = self.level * by
        return self.level

    @property
    def head(self):
        return self.filled(1.5)

    @property
    def parts(self):
        return np.array([self.filled(1.5), 2.0 * self.level])

    @property
    def table(self):
        return {"a": self.filled(1.5), "b": 2.0 * self.level}

    def __add__(self, by):
        return np.array([self.filled(by), self.level**2])

    def __getitem__(self, k):
        return np.array([self.filled(k), self.level**2])


def over_a_property(x):
    tank, s = Tank(x), 0.0
    for part in tank.parts:
        s = s + part * tank.level
    return s * sum(part for part in tank.parts) * tank.level


def sorted_property(x):
    tank = Tank(x)
    least = sorted(tank.parts)[0]
    return least * max(tank.parts) * tank.level


def over_the_keys_of_a_property(x):
    tank, s = Tank(x), 0.0
    for _ in tank.table:
        s = s + tank.level
    return s * tank.level


def over_the_items_of_a_property(x):
    tank, s = Tank(x), 0.0
    for (_, value), part in zip(tank.table.items(), tank.parts, strict=True):
        s = s + value * part * tank.level
    found = {key: value * tank.level for key, value in tank.table.items()}
    return s * found["a"] * found["b"] * tank.level


def over_an_operator(x):
    tank, s = Tank(x), 0.0
    for part in tank + 1.25:
        s = s + part * tank.level
    for part in tank[2]:
        s = s + part * tank.level
    return s * tank.level


def beside_other_operators(x):
    tank = Tank(x)
    y = [tank.head, -tank.head, +tank.head]
    y[0] += tank.head
    return y[0] * y[1] * y[2] * tank.parts[::-1][0] * tank.level


@pytest.mark.parametrize(
    "f",
    [
        over_a_property,
        sorted_property,
        over_the_keys_of_a_property,
        over_the_items_of_a_property,
        over_an_operator,
        beside_other_operators,
    ],
)
def test_what_calls_without_a_call_in_the_text(f):
    check(f, (0.3,))

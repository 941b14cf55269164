"""What Python programs do beside arithmetic: objects that are run over, sets, enums."""

import functools
import itertools
import operator
import warnings
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
import pytest
from agree import check
from test_parse_source import run_cell

import s2s

X = 1.27
V = np.array([0.81, 1.34, 1.73])


# objects ------------------------------------------------------------------------------


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __iadd__(self, other):
        self.x = self.x + other.x
        self.y = self.y + other.y
        return self

    def __imul__(self, k):
        self.x *= k
        self.y *= k
        return self

    def __iter__(self):
        return iter((self.x, self.y))

    def __contains__(self, v):
        return v == self.x

    def __abs__(self):
        return self.x + self.y * self.y


class Items:
    def __init__(self, xs):
        self.xs = xs

    def __len__(self):
        return len(self.xs)

    def __getitem__(self, i):
        return self.xs[i]


def added_in_place(x):
    v = Vec(x, 2 * x)
    w = v
    v += Vec(x * x, 1.0)
    v *= x
    return w.x * v.y


def added_in_a_loop(x):
    v = Vec(x, 2 * x)
    for _ in range(3):
        v += Vec(x, v.x)
    return v.y * v.x


def run_over(x):
    a, b = Vec(x, 2 * x)
    s = a * b
    for c in Vec(x, x * x):
        s = s * 0.5 + c * c
    return s + sum(c * c for c in Vec(s, x)) + sum(list(Vec(x, 2.0)))


def taken_apart(x):
    a, *rest = Vec(x, x * x)
    return a * rest[0]


def run_over_items(x):
    s = 0.0
    for c in Items([x, x * x]):
        s = s * 0.5 + c * c
    return s


def run_over_elements(v):
    s = 0.0
    for c in Items(v):
        s = s * 0.5 + c * c
    return s


def asked(x):
    v = Vec(x, 2 * x)
    y = abs(v)
    if x in v and 2.0 not in v:
        y = y * x
    return y


# sets and enums -----------------------------------------------------------------------

NAMES = {"a", "b"}
NUMBERS = frozenset([1, 5])


class Kind(Enum):
    LINEAR = "linear"
    SQUARE = "square"


class Count(IntEnum):
    ONE = 1
    TWO = 2


def applied(kind, x):
    return x * x if kind is Kind.SQUARE else 2.0 * x


def of_a_display(x, name="a"):
    return x * x if name in {"a", "c"} else x


def of_a_global(x, name="b"):
    return x * x if name in NAMES else x


def of_numbers(x, n):
    s = {1, 2}
    y = x * x if n in s else x
    return y * x if n in NUMBERS else y + len({3, len(s)})


def of_members(x):
    y = applied(Kind("square"), x)
    for kind in Kind:
        y = y * applied(kind, x)
    return y + sum(x * k.value for k in Count)


# functions of functions ---------------------------------------------------------------


def operators(v):
    y = functools.reduce(operator.mul, v) + sum(map(operator.mul, v, v))
    return operator.truediv(operator.sub(y, 1.0), operator.getitem(v, 0))


def one_function_after_the_other(x):
    for f in (np.sin, np.exp, lambda t: t * t):
        x = f(x)
    return x


# several things at once ---------------------------------------------------------------

M = np.array([[1.13, 0.42, 0.77], [0.31, 1.55, 0.93], [0.62, 0.58, 1.91]])


def products(m):
    s = 0.0
    for i, j in itertools.product(range(2), range(3)):
        if i > j:
            continue
        s += m[i, j] * m[j, i] ** 2
    v = m[0]
    for a, b in itertools.product(v, repeat=2):
        s = s * 0.9 + a * b * b
    return s


def pairs(v):
    s = 0.0
    for a, b in itertools.pairwise(v):
        s += a * b**2
    for a, b in itertools.combinations(v, 2):
        s = s * 0.9 + a * b**2
    for i, j in itertools.combinations(range(3), 2):
        s = s * 0.9 + v[i] * v[j] ** 2
    return s


def positions(m):
    y = np.zeros_like(m)
    for i, j in np.ndindex(*m.shape):
        y[i, j] = m[i, j] ** 2
    for k in np.ndindex(2, 3):
        y[k] *= m[k]
    for (i, j), v in np.ndenumerate(m):
        y[j, i] += v * i
    return y


def positions_in_expressions(m):
    y = sum(m[i, j] * i for i, j in np.ndindex(m.shape)) * m
    rows = [m[ij] * v for ij, v in np.ndenumerate(m)]
    for ij in np.ndindex(m.shape):
        y[ij] += rows[ij[0]] * m[ij]
    return y * max(m[k] for k in np.ndindex(1, 2))


def written_while_they_are_read(v):
    for index, item in np.ndenumerate(v):
        v[2 - index[0]] = item * 0.5
    return v


def written_meanwhile(m):
    for i, j in np.ndindex(m.shape):
        m[i, j] = m[i, j] * m[0, 0]
    for (i, j), v in np.ndenumerate(m):
        m[i, j] = v * m[0, 0] * 0.5
    return m


def rows_taken_apart(m):
    a, *rest = m
    b, *inner, c = a
    return b * c * inner[0] * rest[0] + rest[1]


# patterns -----------------------------------------------------------------------------


@dataclass
class Point:
    x: float
    y: float


@dataclass
class Circle:
    r: float


def area(shape):
    match shape:
        case Circle(r):
            return 3.0 * r * r
        case Point(0.0, y=_):
            return 0.0
        case Point(x, y):
            return x * y
        case {"kind": "square", "side": a}:
            return a * a
        case {"kind": "box", "side": a, "height": h}:
            return a * a * h
        case {"w": w}:
            return w
    return 1.0


def patterns(x):
    s = area(Circle(x)) + area(Point(x, x * x)) + area({"kind": "square", "side": x})
    return s + area({"kind": "box", "side": x, "height": s}) + area({"w": x * x})


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (products, [M]),
        (pairs, [V]),
        (positions, [M]),
        (positions_in_expressions, [M]),
        (written_meanwhile, [0.5 * M]),
        (rows_taken_apart, [M]),
        (patterns, [X]),
        (added_in_place, [X]),
        (added_in_a_loop, [X]),
        (run_over, [X]),
        (taken_apart, [X]),
        (run_over_items, [X]),
        (run_over_elements, [V]),
        (asked, [X]),
        (of_a_display, [X]),
        (of_a_global, [X]),
        (of_numbers, [X, 1]),
        (of_numbers, [X, 5]),
        (of_members, [X]),
        (operators, [V]),
        (one_function_after_the_other, [X]),
    ],
)
def test_idiom(f, args):
    check(f, args)


def test_too_few_to_take_apart():
    def f(x):
        a, *_middle, b = x
        return a * b

    with pytest.raises(ValueError, match="at least 2, got 1"):
        f(np.ones(1))
    with pytest.raises(ValueError, match="at least 2 items to unpack"):
        s2s.grad(f)(np.ones(1))


def rebinds_an_end(x):
    n = 3
    for i, n in itertools.product(range(n), range(n)):  # noqa: B020
        x[i] = x[n] * 0.5 + x[i]
    return x


def grows_meanwhile(x):
    xs, s = [x[0], x[1]], 0.0
    for i, j in itertools.product(range(len(xs)), range(len(xs))):
        xs.append(x[2])
        s += xs[i] * xs[j]
    return s


def shortened_meanwhile(x):
    n = 3
    for i, j in np.ndindex(2, n):
        n = 1
        x[i] = x[j] * 0.5 + x[i]
    return x


def test_loops_that_change_what_they_run_over():
    check(rebinds_an_end, [V])
    with pytest.raises(s2s.S2SError, match="the loop around takes its items from"):
        s2s.vjp(written_while_they_are_read, V)
    with pytest.raises(s2s.S2SError, match="the loop around takes its items from"):
        s2s.vjp(grows_meanwhile, V)
    check(shortened_meanwhile, [V])


def test_a_global_set_may_change():
    scope = run_cell("def f(x, n):\n    return x * x if n in S else 3.0 * x\n", S={"a"})
    derivative = s2s.grad(scope["f"])
    assert derivative(2.0, "b") == 3.0
    scope["S"].add("b")
    assert derivative(2.0, "b") == 4.0


def test_warnings_are_given_once():
    def f(x):
        if x > 1.0:
            warnings.warn(f"{x} is large", RuntimeWarning, stacklevel=1)
        return x * x

    with pytest.warns(RuntimeWarning, match=r"1\.5 is large") as given:
        assert s2s.grad(f)(1.5) == 3.0
    assert len(given) == 1


def test_loops_from_the_end_on_count_down():
    def f(x, v, n):
        for i in reversed(range(1, n - 1)):
            x = x * v[i]
        for u in reversed(v):
            x = x * u + u
        for i in reversed(range(n - 2, -1, -1)):
            x = np.sin(x) * v[i]
        return x

    check(f, (0.7, V, 3))
    df = s2s.grad(f)
    df(0.7, V, 3)
    loops = [s.strip() for s in df.source.splitlines() if s.strip().startswith("for")]
    assert loops[:3] == [
        "for i in range(n - 2, 0, -1):",
        "for i in range(len(v) - 1, -1, -1):",
        "for i in range(n - 1):",
    ]

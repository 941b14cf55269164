"""Assignments through methods: `o[k] = v`, `del o[k]`, and those to properties."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.7, -0.4, 1.1])
W = np.array([0.3, 0.9, -0.6])
ARGS = (V, W, 0.7)


# items --------------------------------------------------------------------------------


@dataclass
class Pair:
    a: float
    b: float

    def __getitem__(self, k):
        return self.a if k == 0 else self.b

    def __setitem__(self, k, v):
        if k == 0:
            self.a = v
        elif k == 1:
            self.b = v
        else:
            raise IndexError(k)


class Grid:
    def __init__(self, n):
        self.values = np.zeros(n)
        self.writes = []

    def __getitem__(self, k):
        return self.values[k]

    def __setitem__(self, k, v):
        self.writes.append(v)
        self.values[k] = v


class Doubled(Grid):
    def __setitem__(self, k, v):
        super().__setitem__(k, 2.0 * v)


class Symmetric:
    def __init__(self, n):
        self.values = np.zeros((n, n))

    def __getitem__(self, ij):
        return self.values[ij]

    def __setitem__(self, ij, v):
        i, j = ij
        self.values[i, j] = self.values[j, i] = v


@dataclass
class Store:
    values: dict = field(default_factory=dict)

    def __getitem__(self, name):
        return self.values[name]

    def __setitem__(self, name, v):
        self.values[name] = v

    def __delitem__(self, name):
        del self.values[name]


class Stack:
    def __init__(self):
        self.xs = []

    def __getitem__(self, k):
        return self.xs[k]

    def __setitem__(self, k, v):
        self.xs[k] = v

    def __delitem__(self, k):
        del self.xs[k]

    def relax(self, c):
        for k in range(1, len(self.xs)):
            self[k] = self[k] * c + self[k - 1]
        self[0] *= c


def attributes_by_number(x, y, c):
    p = Pair(c, x[0])
    p[0] = p[1] * c
    p[1] += p[0]
    for i in range(2):
        p[i] = p[1 - i] * c
    p[0], p[1] = p[1], p[0] * y[0]
    for p[0] in x:
        p[1] += p[0] * c
    return p.a * p.b * x


def elements(x, y, c):
    g = Grid(3)
    for i in range(len(g.values)):
        g[i] = x[i] * c
    g[:2] = g[1]
    g[2] -= y[0]
    g.values[0] *= 2.0
    return g.values * g.writes[-1]


def method_of_the_base(x, y, c):
    g = Doubled(3)
    g[0] = c
    g[1] += x[0]
    g[1] += y[0]
    return g.values


def two_indices(x, y, c):
    s = Symmetric(3)
    for i in range(3):
        for j in range(i + 1):
            s[i, j] = x[i] * y[j]
    s[0, 1] *= c
    return s.values


def entries(x, y, c):
    s = Store()
    s["a"], s["b"] = x.copy(), y
    a = s["a"]
    s["a"] += y
    s["b"] = s["b"] * s["a"]
    s["c"] = c
    s["c"] *= 2.0
    b = s["b"]
    del s["b"]
    return a * b * s["c"] * len(s.values)


def items_of_a_list(x, y, c):
    s = Stack()
    for v in x:
        s.xs.append(v * c)
    s.relax(c)
    s[-1] += s[0]
    del s[1]
    return s[0] * s[1] * y


def in_lists_and_calls(x, y, c):
    def put(o, k, v):
        o[k] = v
        return o

    pairs = [Pair(c * i, 1.0) for i in range(3)]
    for p in pairs:
        p[1] = p[0] * c
        p[0] += y[0]
    put(pairs[0], 0, x[0])[1] += c
    return sum(p.a * p.b for p in pairs) * x


def argument(p, c):
    p[0] = c * p[1]
    p[1] *= p.a
    return p.a * p.b


def test_items():
    for f in (
        attributes_by_number,
        elements,
        method_of_the_base,
        two_indices,
        entries,
        items_of_a_list,
        in_lists_and_calls,
    ):
        check(f, ARGS)
    check(argument, (Pair(1.3, 0.4), 0.7))


def test_what_a_method_raises():
    def beyond(x, c):
        p = Pair(c, 1.0)
        p[int(x)] = c
        return p.a * x

    assert isinstance(raises_as(beyond, 2.3, 0.7), IndexError)


# properties ---------------------------------------------------------------------------


class Squashed:
    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        return self._x

    @x.setter
    def x(self, v):
        self._x = np.tanh(v)


class Counted:
    def __init__(self, x):
        self._x, self.reads, self.writes = x, 0, 0

    @property
    def x(self):
        self.reads += 1
        return self._x

    @x.setter
    def x(self, v):
        self.writes += 1
        self._x = v


class Scaled:
    def __init__(self, x):
        self.x = x

    @property
    def half(self):
        return self.x * 0.5

    @half.setter
    def half(self, v):
        self.x = v * 2.0


def augmented(x, y, c):
    o = Squashed(x)
    o.x += y
    o.x *= o.x + c
    return o.x


def in_a_loop(x, y, c):
    o = Squashed(c)
    for v in x:
        o.x += v * o.x
    return o.x * y


def seen_by_another_name(x, y, c):
    o = Counted(x.copy())
    inside = o._x
    o.x += y
    o.x *= c
    return inside * o.x * o.reads * o.writes


def of_a_new_array(x, y, c):
    o = Scaled(x)
    o.half += y
    o.half[0] = c  # of an array that is dropped
    return o.x


def of_a_list(x, y, c):
    o = Counted([c])
    o.x += [2.0 * c]
    return o.x[0] * o.x[1] * x


def of_items_and_calls(x, y, c):
    def made(v):
        return Scaled(v)

    os = [made(x), made(y)]
    os[0].half += c
    for o in os:
        o.half *= x
    made(os[0].x).half -= c
    return os[0].x * os[1].half


@pytest.mark.parametrize(
    "f",
    [
        augmented,
        in_a_loop,
        seen_by_another_name,
        of_a_new_array,
        of_a_list,
        of_items_and_calls,
    ],
)
def test_properties(f):
    check(f, ARGS)


# refusals -----------------------------------------------------------------------------


class Fixed:
    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        return self._x


def without_a_method(x, y, c):
    o = Fixed(x)
    o[0] = c
    return o.x


def without_a_setter(x, y, c):
    o = Fixed(x)
    o.x += y
    return o.x


@pytest.mark.parametrize(
    ("f", "match"),
    [
        (without_a_method, "a `Fixed` has no items: no `__setitem__`"),
        (without_a_setter, "the property `x` has no setter"),
    ],
)
def test_refused(f, match):
    with pytest.raises(s2s.UnsupportedError, match=match):
        s2s.vjp(f, *ARGS)

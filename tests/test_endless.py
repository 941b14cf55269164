"""Functions that call themselves with objects of another structure each time."""

from __future__ import annotations

import numpy as np
import pytest
from agree import check

import s2s
from s2s.ssa import outline

X, V = 0.7, np.array([0.5, 1.2, -0.8])


def collected(n, b, found):
    if n == 0:
        return sum(found)
    return collected(n - 1, b * b, [*found, b])


def rest(n, x, *more):
    if n == 0:
        return x * sum(more)
    return rest(n - 1, x, *more, x * n)


def text(n, b, s):
    return b * len(s) if n == 0 else text(n - 1, b * 2, s + "a")


def axes(n, a):
    return np.sum(a**2) if n == 0 else axes(n - 1, a[None])


def nested(n, pair):
    return pair if n == 0 else nested(n - 1, (pair, pair[0]))


def keys(n, d):
    if n == 0:
        return sum(d.values())
    return keys(n - 1, {k + "a": v * v for k, v in d.items()})


class Link:
    def __init__(self, v, after=None):
        self.v, self.after = v, after

    def total(self):
        if self.after is None:
            return self.v
        return self.v + self.after.total() ** 2


def chained(n, x, link):
    if n == 0:
        return link.total()
    return chained(n - 1, x * x, Link(x, link))


def odd(n, x, found):
    return sum(found) if n == 0 else even(n - 1, x, [*found, x])


def even(n, x, found):
    return sum(found) * 2 if n == 0 else odd(n - 1, x, [*found, x * n])


def halved(n, x, found):
    if n < 1:
        return sum(found)
    m = n // 2
    return halved(m, x, (*found, x * m))


def upwards(x, found, n=3):
    if len(found) == n:
        return sum(found)
    return upwards(x, [*found, x * len(found)])


def folded(layers, x):
    if not layers:
        return x
    return folded(layers[1:], np.tanh(x * layers[0]))


def within(n, x):
    def deeper(n, found):
        return sum(found) * x if n == 0 else deeper(n - 1, [*found, x])

    return deeper(n, [])


UNKNOWN = [
    lambda n, x: collected(n, x, []),
    lambda n, x: rest(n, x),
    lambda n, x: text(n, x, "b"),
    lambda n, x: axes(n, x * V),
    lambda n, x: nested(n, (x, x)),
    lambda n, x: keys(n, {"z": x}),
    lambda n, x: chained(n, x, Link(x)),
    lambda n, x: odd(n, x, []),
    lambda n, x: halved(n, x, (x,)),
    within,
    lambda n, x: s2s.grad(lambda y: collected(n, y, []))(x),
]
KNOWN = [
    lambda x: collected(3, x, []),
    lambda x: rest(3, x),
    lambda x: text(3, x, "b"),
    lambda x: axes(2, x * V),
    lambda x: nested(2, (x, x * x))[1][0],
    lambda x: keys(3, {"z": x}),
    lambda x: chained(3, x, Link(x)),
    lambda x: odd(3, x, []),
    lambda x: halved(9, x, (x,)),
    lambda x: upwards(x, []),
    lambda x: folded((x, x * x, 2.0, x), x),
    lambda x: within(3, x),
    lambda x: s2s.grad(lambda y: collected(3, y, []))(x),
]


@pytest.mark.parametrize("f", KNOWN)
@pytest.mark.parametrize("long", [0, 12])
def test_right_where_a_known_number_tells_how_often(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (X,))


@pytest.mark.parametrize("f", UNKNOWN)
@pytest.mark.parametrize("long", [0, 12])
def test_refused_where_none_does(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    with pytest.raises(s2s.UnsupportedError, match="larger arguments each time"):
        s2s.grad(f, 1)(3, X)


def test_a_call_of_itself_is_told_once():
    with pytest.raises(s2s.UnsupportedError) as refused:
        s2s.grad(lambda n, x: collected(n, x, []), 1)(3, X)
    assert str(refused.value).count("called at") == 2


def appended(n, x, found):
    if n == 0:
        return sum(found)
    found.append(x)
    return appended(n - 1, x * x, found)


def test_lists_that_grow_are_refused():
    with pytest.raises(s2s.UnsupportedError, match="calls itself: `found` is a list"):
        s2s.grad(lambda n, x: appended(n, x, []), 1)(3, X)

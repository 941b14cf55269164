"""Arrays without axes: what changes them in place is right, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agree import check

import s2s
from s2s.ssa import outline

V = np.array([0.3, 0.8])


def alone(x):
    t = np.array(x)
    t *= 2.0
    t += x * t
    return t * x


def in_a_loop(x, n):
    t = np.array(0.0)
    for k in range(n):
        t += x**k
    return t * x


def a_row(a, x):
    q = a[0, ...]
    q *= x
    return np.sum(a * a)


def by_an_index(x):
    t = np.array(x * x)
    t[()] *= x
    t[...] += np.sin(t)
    return t * x


def by_an_index_of_a_row(a, x):
    q = a[0, ...]
    q[...] *= x
    q[()] *= q
    return np.sum(a * a)


def scale(q, x):
    q *= x


def scaled(t, x):
    t *= x
    return t


def rows_by_calls(a, x):
    scale(a[0, ...], x)
    scale(a[1, ...], x)
    return np.sum(a * a)


def numbers_in_lists(x, n):
    xs = []
    for k in range(n):
        xs.append(np.sin(x * k))
    total = 0.0
    for t in xs:
        t += x
        total = total + t * xs[0]
    return total


def numbers_in_records(x, n):
    ps = [{"v": np.sin(x)} for _ in range(n)]
    for p in ps:
        p["v"] += x * p["v"]
    return ps[0]["v"] * ps[-1]["v"]


RIGHT: list[tuple[Any, list[Any]]] = [
    (alone, [0.7]),
    (in_a_loop, [0.7, 3]),
    (a_row, [V, 0.7]),
    (by_an_index, [0.7]),
    (by_an_index_of_a_row, [V, 0.7]),
    (rows_by_calls, [V, 0.7]),
    (numbers_in_lists, [0.7, 3]),
    (numbers_in_records, [0.7, 3]),
]


@pytest.mark.parametrize(("f", "args"), RIGHT, ids=lambda p: getattr(p, "__name__", ""))
def test_right(f, args, monkeypatch):
    check(f, args)
    monkeypatch.setattr(outline, "LONG", 0)
    check(f, args)


# names ------------------------------------------------------------------------------


def named_alike(x):
    t = np.array(x)
    r = scaled(t, x)
    return t * r


def by_another_name(x):
    def change(q):
        t = q
        t *= x

    t = np.array(x)
    change(t)
    return t * x


def an_argument(t, x):
    scaled(t, x)
    return t * x


def in_the_midst(x):
    t = np.array(x)
    return t * scaled(t, 2.0)


def summed(t, n):
    if n > 0:
        t += summed(t, n - 1)
    return t * 1.0


def by_recursion(x):
    t = np.array(x)
    summed(t, 2)
    return t * 1.5


# lists ------------------------------------------------------------------------------


def listed(x):
    u = np.array(x)
    for t in [u]:
        t += x
    return u * x


def counted(x):
    u = np.array(x)
    for _, t in enumerate([u]):
        t += x
    return u * x


def zipped(x):
    u = np.array(x)
    for t, y in zip([u], [x], strict=True):
        t += y
    return u * x


def twice(x):
    u = np.array(x)
    for t in (u, u):
        t += x
    return u * x


def many(x, n):
    u = np.array(x)
    for t in [u for _ in range(n)]:
        t += x
    return u * x


def an_item(x):
    u = np.array(x)
    xs = [u, u]
    xs[0] += x
    return xs[1] * x


def appended(x, n):
    u = np.array(x)
    xs = []
    for _ in range(n):
        xs.append(u)
    u += x
    return xs[0] * x


def in_records(x, n):
    u = np.array(x)
    ps = [{"v": u} for _ in range(n)]
    for p in ps:
        p["v"] += x
    return ps[0]["v"] * x


def a_row_in_a_list(a, x):
    q = a[0, ...]
    for t in [q]:
        t += x
    return np.sum(a * a)


# views ------------------------------------------------------------------------------


def viewed(make):
    def f(x):
        u = np.array(x)
        v = make(u)
        v += x
        return u * x

    return f


VIEWS = [
    lambda u: u[None],
    lambda u: u[...],
    lambda u: u.reshape(1),
    lambda u: u.reshape(()),
    lambda u: u.ravel(),
    lambda u: u.T,
    lambda u: np.asarray(u),
    lambda u: np.atleast_1d(u),
]

REFUSED: list[tuple[Any, list[Any]]] = [
    (named_alike, [0.7]),
    (by_another_name, [0.7]),
    (an_argument, [np.array(0.6), 0.7]),
    (in_the_midst, [0.7]),
    (by_recursion, [0.7]),
    (listed, [0.7]),
    (counted, [0.7]),
    (zipped, [0.7]),
    (twice, [0.7]),
    (many, [0.7, 2]),
    (an_item, [0.7]),
    (appended, [0.7, 2]),
    (in_records, [0.7, 2]),
    (a_row_in_a_list, [V, 0.7]),
    *((viewed(make), [0.7]) for make in VIEWS),
]


@pytest.mark.parametrize(
    ("f", "args"), REFUSED, ids=lambda p: getattr(p, "__name__", "")
)
@pytest.mark.parametrize("long", [0, 12])
def test_refused(f, args, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    with pytest.raises(s2s.UnsupportedError, match="be an array without axes"):
        s2s.grad(f, len(args) - 1 if isinstance(args[-1], float) else 0)(*args)


def test_what_a_function_changes_by_a_view_is_not_lost(monkeypatch):
    def change(q, x):
        v = q[None]
        v *= x

    def f(a, x):
        change(a[0, ...], x)
        change(a[1, ...], x)
        return np.sum(a * a)

    monkeypatch.setattr(outline, "LONG", 0)
    check(f, [V, 0.7])


def test_an_axis_for_what_has_none():
    def f(a, x):
        u, v = a[0, ...], np.array(a[1] * x)
        return np.sum(u[None] ** 2) * x + np.sum(np.sin(v[None, None]))

    check(f, [V, 0.7])

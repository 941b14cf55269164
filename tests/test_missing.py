"""Names that are None until something is found."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])


def pair(x):
    best = None
    for v in x:
        if best is None or v**2 < best[0]:
            best = (v**2, v)
    return best[0] * best[1]


def number(x):
    best, where = None, None
    for i, v in enumerate(x):
        if best is None or v < best:
            best, where = v, i
    return best**2 * x[where]


def array(x):
    best = None
    for k in range(3):
        y = x * k
        if best is None or np.sum(y) < np.sum(best):
            best = y
    return np.sum(best**2 + x)


def record(x):
    best = None
    for i, v in enumerate(x):
        found = {"v": v * v, "w": x * v, "i": i}
        if best is None or found["v"] < best["v"]:
            best = found
    return best["v"] * np.sum(best["w"]) + best["i"]


def previous(x):
    before, s = None, 0.0
    for v in x:
        if before is not None:
            s += v * before
        before = v
    return s


def found_or_not(x):
    a = b = 0.0
    for bound in (0.6, 5.0):
        best = None
        for v in x:
            if v > bound and (best is None or v < best[0]):
                best = (v, v * v)
        if best is None:
            a += x[0] ** 3
        else:
            b += best[0] * best[1]
    return a * b


def nearest(x):
    total = 0.0
    for i in range(len(x)):
        best = None
        for j in range(len(x)):
            if i != j:
                d = (x[i] - x[j]) ** 2
                if best is None or d < best:
                    best = d
        total += best
    return total


def runs(x):
    run, s = None, 0.0
    for v in x:
        if v < 0:
            run = None
        elif run is None:
            run = v * 2
        else:
            run = run * v
        if run is not None:
            s += run
    return s


def started(x):
    y, n = None, 0
    while y is None or n < 3:
        y = np.sum(np.sin(x)) if y is None else np.cos(y) * x[0]
        n += 1
    return y


@pytest.mark.parametrize(
    "f", [pair, number, array, record, previous, found_or_not, nearest, runs, started]
)
def test_missing(f):
    check(f, [V])
    if f is not record:
        s2s.check_grads(f, (V,))


def test_nothing_found():
    """What the primal does with None fails in the derivative as it does there."""

    def number(x):
        best = None
        for v in x:
            if v > 5.0 and (best is None or v < best):
                best = v
        return best * 2.0

    def pair(x):
        best = None
        for v in x:
            if v > 5.0 and (best is None or v < best[0]):
                best = (v, v)
        return best[0] * 2.0

    with pytest.raises(TypeError):
        s2s.grad(number)(V)
    assert isinstance(raises_as(pair, V), TypeError)


@dataclass
class Point:
    x: float
    y: float


class Pair(NamedTuple):
    v: float
    w: np.ndarray


def an_object(x, level):
    best = None
    for v in x:
        if v < level and (best is None or v < best.x):
            best = Point(v, v**2)
    return best.x * best.y


def a_named_tuple(x, level):
    best = None
    for v in x:
        if v < level:
            best = Pair(v, x * v)
    return best.v * np.sum(best.w**2)


def a_dict(x, level):
    best = None
    for v in x:
        if v < level and (best is None or v < best["v"]):
            best = {"v": v, "w": v**2}
    return best["v"] * best["w"]


def taken_apart(x, level):
    best = None
    for v in x:
        if v < level:
            best = v, v**2
    a, b = best
    return a * b


def conditional(x, level):
    p = Point(x[0], x[1]) if level > 1.0 else None
    return p.x * p.y


def that_changes(x, level):
    p = None
    if level > 1.0:
        p = Point(x[0], x[1])
    p.x *= 2.0
    return p.x * p.y


def until_there_is_one(x, level):
    q = None
    while q is None:
        q = (x[0] * level, x[1]) if level > 1.0 else None
        level = level + 1.0
    return q[0] * q[1]


def asked_for(x, level):
    best = None
    for v in x:
        r = x * v
        if v < level and (best is None or v > best[0]):
            best = v, r.copy()
        r[0] *= v
    if best is None:
        return 0.0
    if best[0] > 1.0 and x[0] < 1.0:
        return best[0]
    return best[0] * np.sum(best[1] ** 2)


@pytest.mark.parametrize("level", [2.0, 0.6, -0.9])
@pytest.mark.parametrize(
    "f",
    [
        an_object,
        a_named_tuple,
        a_dict,
        taken_apart,
        conditional,
        that_changes,
        until_there_is_one,
        asked_for,
    ],
)
def test_a_record(f, level):
    """It fails as None does where nothing was found."""
    try:
        f(V.copy(), level)
    except (TypeError, AttributeError):
        raises_as(f, V, level)
    else:
        check(f, (V, level))


@pytest.mark.parametrize("f", [pair, a_named_tuple, asked_for])
def test_second_derivatives_of_records(f):
    args = (V,) if f is pair else (V, 2.0)
    s2s.check_grads(f, args, order=2)


def test_it_is_asked_once():
    df = s2s.grad(an_object)
    df(V, 2.0)
    assert df.source.count("if no_best:") == 1
    assert "t = v < level and (no_best or v < best_x)" in df.source


def test_text():
    made = s2s.api.transformed(number, "grad", (0,))
    made.compile(V)
    assert "best = where = None\n    for i, v in enumerate(x):" in made.source
    assert "t = best is None or v < best" in made.source
    made = s2s.api.transformed(pair, "grad", (0,))
    made.compile(V)
    assert "no_best = True\n    for v in x:" in made.source
    assert "if no_best:" in made.source


# what is None is seen wherever it goes ------------------------------------------------


class Filter:
    def __init__(self):
        self.last = None

    def step(self, v):
        d = 0.0 if self.last is None else v * self.last
        self.last = v
        return d


def attribute(x):
    f = Filter()
    return sum(f.step(v) for v in x) * f.last


def above(xs, level):
    for v in xs:
        if v > level:
            return v * v
    return None


def returned(x):
    found, nothing = above(x, 1.0), above(x, 100.0)
    if nothing is None:
        nothing = x[0] ** 3
    return found * nothing


def in_containers(x):
    found = above(x, 1.0)
    xs, d = [found, x[1]], {"v": above(x, 100.0)}
    if xs[0] is None:
        return 2.0 * x[0]
    return found * xs[0] if d["v"] is None else d["v"]


def in_a_loop(x):
    f, s = Filter(), 0.0
    for k in range(4):
        f.last = above(x, 0.5 * k)
        s += x[1] * k if f.last is None else f.last
        x[k] *= 0.8
    return s


def instead(x):
    return (above(x, 100.0) or x[1]) * (above(x, 1.0) or x[2])


@pytest.mark.parametrize(
    "f",
    [attribute, returned, in_containers, in_a_loop, instead],
)
def test_what_may_be_none(f):
    check(f, [V])
    s2s.check_grads(f, (V,))


def test_a_list_does_not_tell_what_is_none():
    def f(x):
        found = []
        for k in range(4):
            found.append(above(x, 0.5 * k))
        return sum(x[0] if v is None else v for v in found)

    with pytest.raises(s2s.S2SError, match="may be None"):
        s2s.grad(f)(V)


def test_what_may_be_none_is_not_returned():
    with pytest.raises(TypeError, match="above returned None"):
        s2s.grad(above)(V, 100.0)
    np.testing.assert_allclose(s2s.grad(above)(V, 1.0), [0.0, 2.4, 0.0, 0.0])


def test_its_class_is_not_known():
    def f(x):
        return x[0] * (2.0 if isinstance(above(x, 1.0), float) else 3.0)

    with pytest.raises(s2s.S2SError, match="isinstance"):
        s2s.grad(f)(V)


def test_both_begin_as_none():
    def f(x):
        a, b = None, None
        s = 0.0
        for v in x:
            if a is not None and b is not None:
                s += a * b * v
            a, b = b, v
        return s

    check(f, [V])

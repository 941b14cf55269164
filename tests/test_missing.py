"""Names that are None until something is found."""

import numpy as np
import pytest
from agree import check

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
    """Where the primal has None, the derivative has no value."""

    def f(x):
        best = None
        for v in x:
            if v > 5.0 and (best is None or v < best):
                best = v
        return best * 2.0

    with pytest.raises(UnboundLocalError):
        s2s.grad(f)(V)


def test_text():
    made = s2s.api.transformed(number, "grad", (0,))
    made.compile(V)
    assert "no_best = True\n    for i, v in enumerate(x):" in made.source
    assert "t = no_best or v < best" in made.source


def test_refused():
    def handed_on(x):
        a, b = None, None
        s = 0.0
        for v in x:
            if a is not None and b is not None:
                s += a * b * v
            a, b = b, v
        return s

    def returned(x):
        found = None
        for v in x:
            if v > 0.6:
                found = v
        return found

    for f in (handed_on, returned):
        with pytest.raises(s2s.S2SError, match="two types that do not go together"):
            s2s.grad(f)(V)

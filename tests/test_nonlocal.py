"""Functions that assign to variables of the function around them."""

import numpy as np
import pytest
from agree import check

import s2s
from s2s.ssa import outline

V = np.array([0.3, -0.8, 1.1])


def counted(a, u):
    """Evaluations are counted, as solvers do."""
    count = 0

    def rhs(t, y):
        nonlocal count
        count += 1
        return -a * y * t

    y, t = u, 0.1
    while t < 0.5:
        k = rhs(t, y)
        y = y + 0.05 * (k + rhs(t + 0.1, y + 0.1 * k))
        t += 0.1
    return np.sum(y) + count * a


def added_up(a, u):
    total = 0.0

    def add(y):
        nonlocal total
        total = total + y * a

    for v in u:
        add(v)
    return total * a


def the_best_so_far(a, u):
    best = None

    def see(y):
        nonlocal best
        if best is None or y > best:
            best = y

    for v in u:
        see(v * a)
    return best * a


def of_a_parameter(a, u):
    def doubled(a):
        def bump():
            nonlocal a
            a = a * 2.0

        bump()
        bump()
        return a * u[0]

    return doubled(a) + doubled(a * a) + a


def in_some_rounds(a, u):
    x = u * 1.0

    def step():
        nonlocal x
        x = x * a + 1.0

    for k in range(3):
        if k != 1:
            step()
    return np.sum(x)


def changed_in_place_and_bound(a, u):
    x = u * 1.0

    def step():
        nonlocal x
        x += a
        x[0] = 2.0
        x = x * u

    for _ in range(3):
        step()
    return np.sum(x * u)


def one_after_the_other(a, u):
    i = 0

    def following():
        nonlocal i
        v = u[i]
        i += 1
        return v

    return following() * a + following() * a * a + following()


def of_two_functions(a, u):
    s = a

    def outer():
        nonlocal s
        s = s * 2.0

        def inner():
            nonlocal s
            s = s + u[0]

        inner()
        inner()

    outer()
    q = [s for s in u]
    return s * q[0] + sum(map(lambda s: s * a, u))


def in_what_is_mapped(a, u):
    last = a

    def smooth(v):
        nonlocal last
        last = 0.5 * last + 0.5 * v
        return last

    return np.sum(np.array([smooth(v) for v in u]) * u) + sum(map(smooth, u))


FUNCTIONS = [
    counted,
    added_up,
    the_best_so_far,
    of_a_parameter,
    in_some_rounds,
    changed_in_place_and_bound,
    one_after_the_other,
    of_two_functions,
    in_what_is_mapped,
]


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_nonlocal(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (0.7, V))


def test_the_names_are_those_of_the_program():
    df = s2s.grad(added_up)
    df(0.7, V)
    assert "        total = total + v * a\n" in df.source


def bound_by_a_walrus(a):
    n = 0

    def g():
        nonlocal n
        return (n := n + 1) * a

    return g() * g()


def counters(a):
    def counter():
        c = a

        def more():
            nonlocal c
            c += a
            return c

        return more

    more = counter()
    return more() * more()


def calls_itself(a):
    depth = 0

    def g(n):
        nonlocal depth
        depth += 1
        return a if n == 0 else a * g(n - 1)

    return g(3) * depth


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (bound_by_a_walrus, "`nonlocal` statements are not supported yet"),
        (counters, "what `c` stands for changes, in a function that has returned"),
        (calls_itself, "what `depth` stands for changes"),
    ],
)
def test_refused(f, message):
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f)(0.7)

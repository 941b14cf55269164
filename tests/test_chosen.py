"""Functions that are chosen at run time: by an `if`, by a place in a list or dict."""

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1])


def square(x):
    return x * x


def cube(x):
    return x**3


RULES = {"square": square, "cube": cube, "sine": np.sin}


def by_a_condition(x, c):
    f = np.sin if x > c else np.cos
    return f(x) * f(c)


def by_a_branch(x, c, n):
    if x > c:
        k = c * x

        def f(v):
            return v * k
    else:
        f = lambda v: v * v * n  # noqa: E731
    for _ in range(n):
        x = x + f(x)
    return x


def one_of_three(x, c):
    if c > 0.5:
        f = square
    elif c > 0.2:
        f = partial(np.power, 2.0)
    else:
        f = np.sin
    return f(x) * f(x * c)


def by_name(x, names):
    for name in names:
        x = RULES[name](x)
    return np.sum(x)


def by_position(xs, k):
    s = 0.0
    for i, x in enumerate(xs):
        s += (square, cube)[i % 2](x)
    return s * [np.sin, square, cube][k](s)


def handed_on(x, c, n):
    def solve(rhs, y):
        for _ in range(n):
            y = y + 0.1 * rhs(y)
        return y

    return solve(np.sin if c > 0 else square, x) * solve(cube if c > 1 else square, x)


def mapped(xs, c):
    f = square if c > 0.5 else cube
    return sum(map(f, xs)) + reduce(lambda a, b: a * f(b), xs, 1.0)


def fill_first(A, a):
    A[0] = a


def fill_last(A, a):
    A[-1] = a * a


def in_place(x, c):
    A = np.ones(3) * x
    fill = fill_first if c > 0.5 else fill_last
    fill(A, x * c)
    return A @ A


def pair(x, c):
    f, g = (square, cube) if c > 0.5 else (cube, np.sin)
    return f(x) * g(x)


def returned(x, c):
    def pick():
        if c > 0.5:
            return square
        return cube

    return pick()(x)


def in_a_loop(x, c, n):
    while n > 0:
        if x > c:
            step = square
        else:
            t = c * x
            step = lambda v, t=t: v * t + 1.0  # noqa: E731
        x = step(x)
        n -= 1
    return x


def closed_over(x, c):
    f = square if c > 0.5 else cube
    g = lambda v: f(v) * v  # noqa: E731
    return g(x) + f(x * 2.0)


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (by_a_condition, (0.7, 0.3)), (by_a_condition, (0.2, 0.3)),
    (by_a_branch, (0.7, 0.3, 3)), (by_a_branch, (0.2, 0.3, 3)),
    *((one_of_three, (0.7, c)) for c in (0.1, 0.3, 0.7)),
    (by_name, (V, ["sine", "cube", "sine"])), (by_name, (0.7, ["square"])),
    (by_position, (V, 1)), (by_position, (V, -3)),
    (handed_on, (0.7, 0.3, 3)), (handed_on, (0.7, -0.3, 2)),
    (mapped, (V, 0.3)), (mapped, (V, 0.7)),
    (in_place, (0.7, 0.3)), (in_place, (0.7, 0.9)),
    (pair, (0.7, 0.3)), (pair, (0.7, 0.9)), (returned, (0.7, 0.3)),
    (returned, (0.7, 0.9)), (closed_over, (0.7, 0.3)), (closed_over, (0.7, 0.9)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_right(f, args):
    check(f, args)


def test_right_or_refused():
    try:
        check(in_a_loop, (0.7, 0.3, 3))
    except s2s.UnsupportedError as error:
        assert "which function `step` is, is not known here" in error.message


def test_what_is_missing_fails_as_it_does():
    raises_as(by_name, 0.7, ["sine", "other"])
    raises_as(by_position, V, 3)


def test_second_derivatives():
    def f(x, name, c):
        return RULES[name](x) * (np.sin if c else square)(x * 2.0)

    for name in RULES:
        for c in (True, False):
            s2s.check_grads(lambda x, n=name, c=c: f(x, n, c), (0.7,), order=2)


def test_one_call_in_each_branch():
    d = s2s.grad(by_a_condition)
    d(0.7, 0.3)
    assert "if x > c:" in d.source
    assert "chosen" not in d.source


@pytest.mark.parametrize("n", [0, 3])
def test_a_function_of_an_earlier_round(n):
    def f(x, n):
        g = square
        for i in range(n):
            x = g(x)
            g = cube if i % 2 else square
        return x

    with pytest.raises(s2s.UnsupportedError, match="which function `g` is"):
        s2s.grad(f)(0.7, n)

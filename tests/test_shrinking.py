"""Arrays that are shorter in each round of a loop, and slices that an index moves.

What is taken to be equally long must be so for each argument: a part of length one is
broadcast without notice.
"""
# ruff: noqa: B007

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

rng = np.random.default_rng(23)


def vector(n: int) -> np.ndarray:
    return rng.normal(size=n)


def european(price, strike, n):
    u = np.exp(0.1)
    S = price * u ** np.arange(n, -n - 1, -2)
    V = np.maximum(strike - S, 0.0)
    for i in range(n):
        V = 0.9 * (0.4 * V[:-1] + 0.6 * V[1:])
    return V[0]


def american(price, strike, n):
    u = np.exp(0.1)
    V = np.maximum(strike - price * u ** np.arange(n, -n - 1, -2), 0.0)
    for i in range(n - 1, -1, -1):
        S = price * u ** np.arange(i, -i - 1, -2)
        V = 0.9 * (0.4 * V[:-1] + 0.6 * V[1:])
        V = np.maximum(V, strike - S)
    return V[0]


def american_on_a_shrinking_tree(price, strike, n):
    S = price * np.exp(0.1 * np.arange(n, -n - 1, -2))
    V = np.maximum(strike - S, 0.0)
    for i in range(n):
        S = S[:-1] * 0.95
        V = np.maximum(0.9 * (0.4 * V[:-1] + 0.6 * V[1:]), strike - S)
    return V[0]


def with_powers(price, strike, n):
    V = strike - price * 1.1 ** np.arange(n + 1)
    for i in range(n - 1, -1, -1):
        S = price * 1.1 ** np.arange(i, -1, -1) * 0.9 ** np.arange(0, i + 1, 1)
        V = np.maximum(0.4 * V[:-1] + 0.6 * V[1:], strike - S)
    return V[0]


def neville(x, y):
    p = y
    for k in range(1, len(x)):
        p = ((0.3 - x[k:]) * p[:-1] - (0.3 - x[:-k]) * p[1:]) / (x[:-k] - x[k:])
    return p[0]


def divided(x, y):
    c, total, w = y, y[0], 1.0
    for k in range(1, len(x)):
        c = (c[1:] - c[:-1]) / (x[k:] - x[:-k])
        w = w * (0.3 - x[k - 1])
        total = total + w * c[0]
    return total


def lags(x, y):
    total = 0.0
    for k in range(1, 4):
        total = total + np.sum(x[k:] * x[:-k] * y[k + 1 - 1 :]) / k
    return total


def red_and_black(u, f):
    u = u.copy()
    for t in range(2):
        for s in range(2):
            u[1 + s : -1 : 2] += 0.3 * (
                u[s:-2:2] + u[2 + s :: 2] - 2.0 * u[1 + s : -1 : 2] + f[1 + s : -1 : 2]
            )
    return np.sum(u**2)


def red_and_black_in_a_tuple(u, f):
    u = u.copy()
    for t in range(2):
        for s in (1, 2):
            u[s:-1:2] += 0.3 * (u[s - 1 : -2 : 2] + u[s + 1 :: 2] + f[s:-1:2])
    return np.sum(u**2)


def while_it_is_long(x, y):
    x, y = x * y, x + y
    while len(x) > 1:
        x = x[1:] * y[:-1] - x[:-1]
        y = y[1:] * 0.5
    return x[0]


NUMBERS = (1.1, 1.2)
PUTS = [european, american, american_on_a_shrinking_tree, with_powers]
TWO = [
    neville, divided, lags, red_and_black, red_and_black_in_a_tuple, while_it_is_long
]  # fmt: skip


def expect_plain(f: Callable[..., Any], wrt: tuple[int, ...], *args: Any) -> None:
    """It is right, and no sums are needed for what may have been broadcast."""
    check(f, args, wrt)
    df = s2s.grad(f, wrt)
    df(*args)
    assert "unbroadcast" not in df.source


@pytest.mark.parametrize("f", PUTS)
@pytest.mark.parametrize("n", [0, 1, 4])
def test_options(f: Callable[..., Any], n: int) -> None:
    expect_plain(f, (0, 1), *NUMBERS, n)


@pytest.mark.parametrize("f", TWO)
@pytest.mark.parametrize("n", [3, 4, 7])
def test_two_vectors(f: Callable[..., Any], n: int) -> None:
    expect_plain(f, (0, 1), vector(n), vector(n))


def numbers_of_lags(x, y):  # x[:-0] is empty
    total = 0.0
    for k in range(3):
        total = total + np.sum(x[k:]) * np.sum(x[:-k] * y[:-k])
    return total


def before_the_start(x, y):  # u[-1:] is the last one
    total = 0.0
    for k in range(3):
        total = total + np.sum(x[k - 1 : -1] * y[1:2]) + np.sum(y[k:] * x[k:-1][:1])
    return total


def one_is_left(x, y):
    for k in range(1, 4):
        x = x[1:] * y[k:][-1:] + x[:1]
        y = y[:-1] * x[-1:]
    return np.sum(x * x) + np.sum(y)


def by_two_then_one(x, y):
    for k in range(3):
        x = x[1:] * y[1:] if k % 2 else x[2:] * y[:1]
        y = y[1:][-len(x) :]
    return np.sum(x) + np.sum(y)


def sometimes(x, y):
    for k in range(4):
        if x[0] > 0:
            x = x[1:] * 2.0
        y = y[1:]
        x = x * y[:1]
    return np.sum(x) * np.sum(y)


def swapped(x, y):
    for k in range(3):
        x, y = y[1:], x[:-1] * 1.5
        y = y * x[:1] + y
    return np.sum(x * x) * np.sum(y)


def with_a_break(x, y):
    for k in range(1, 5):
        x = x[1:] * y[k:] + y[:-k]
        if len(x) < 3:
            break
    return np.sum(x * x)


def kept(x, y):
    xs = []
    for k in range(2):
        x = x[1:] * y[0]
        xs.append(x)
    total = 0.0
    for a in xs:
        total = total + np.sum(a * y[-1:]) + np.sum(a[:1] * x)
    return total


def nested(x, y):
    total = 0.0
    for i in range(3):
        z = x[i:]
        for j in range(1, 3):
            z = z[1:] * y[i + j :] - z[:-1]
        total = total + np.sum(z * z) * i
        x = x * y
    return total


def pyramid(x, y):
    while len(x) > 1:
        x = 0.5 * (x[::2] + x[1::2]) * y[: len(x[1::2])]
    return x[0]


def downwards(x, y):
    for k in range(3, 0, -1):
        x = x[k:] * y[:-k] * 2.0 + np.arange(k, 0, -1)[:1]
        y = y[k:]
    return np.sum(x) * np.sum(y * y)


def of_rows(x, y):
    A = np.outer(x, y)
    for k in range(2):
        A = A[1:] * y - A[:-1] * x[0]
        A = A[:, 1:] + A[:, :-1]
        y = y[1:]
    return np.sum(A**2)


MORE = [
    numbers_of_lags, before_the_start, one_is_left, by_two_then_one, sometimes,
    swapped, with_a_break, kept, nested, pyramid, downwards, of_rows,
]  # fmt: skip


@pytest.mark.parametrize("f", MORE)
@pytest.mark.parametrize("lengths", [(4, 4), (5, 5), (8, 8), (7, 7), (9, 8), (8, 9)])
def test_lengths_that_may_differ(f: Callable[..., Any], lengths: Any) -> None:
    x, y = map(vector, lengths)
    try:
        f(x.copy(), y.copy())
    except (ValueError, IndexError) as error:
        with pytest.raises(type(error)):
            s2s.grad(f, (0, 1))(x, y)
    else:
        check(f, [x, y], interpreted=False)


def test_they_are_named_anew_where_the_assumption_fails() -> None:
    df = s2s.grad(neville, (0, 1))
    for n in (4, 6):
        df(vector(n), vector(n))
    with pytest.raises(ValueError, match="broadcast"):
        df(vector(4), vector(6))


@pytest.mark.parametrize("f", [american_on_a_shrinking_tree, with_powers])
def test_second_derivatives_of_options(f: Callable[..., Any]) -> None:
    s2s.check_grads(lambda a, b: f(a, b, 4) ** 2, NUMBERS, order=2)


@pytest.mark.parametrize("f", [neville, lags, red_and_black, while_it_is_long, nested])
def test_second_derivatives(f: Callable[..., Any]) -> None:
    s2s.check_grads(f, (vector(5), vector(5)), order=2)

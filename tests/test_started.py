"""Sums that start from a number, and become arrays in the first round."""
# ruff: noqa: B007, SIM108

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

rng = np.random.default_rng(37)
A, X = rng.normal(size=(3, 3)), rng.normal(size=(4, 3))


def total(A, X, c, n):
    s = 0.0
    for i in range(n):
        s = s + A @ X[i] * c
    return np.sum(s**2)


def augmented(A, X, c, n):
    s = 0
    for x in X[:n]:
        s += np.sin(A[0] * x)
    return np.sum(np.sin(s * c))


def from_an_argument(A, X, c, n):
    s = c
    for i in range(n):
        s = s * A[i] + X[i] / c
    return np.sum(s**2)


def horner(A, X, c, n):
    y = 0.0
    for a in X[0]:
        y = y * A + a * c
    return np.sum(y * y)


def nested(A, X, c, n):
    s = 0.0
    for i in range(n):
        for k in range(i):
            s += A[k] * X[i] * c
    return np.sum(s**3)


def read_as_a_number(A, X, c, n):
    s = c
    for i in range(n):
        s = s + A[i] * np.sum(s**2) + np.sum(s)
    return np.sum(s**2)


def one_long(A, X, c, n):
    s = c
    for i in range(n):
        s = s * A[i, :1] + X[i, :1]
    return np.sum(s**2)


def longer_later(A, X, c, n):
    s = c
    for i in range(n):
        s = s * X[i, : 1 + 2 * (i > 0)] + c
    return np.sum(s**2)


def rows_and_columns(A, X, c, n):
    s = c
    for i in range(n):
        s = s * A[i : i + 1] + A[:, i : i + 1] * c
    return np.sum(s**2)


def on_one_path(A, X, c, n):
    s = c
    for i in range(n):
        if i % 2:
            s = s * A[i] + c
        else:
            s = np.sin(A[i]) * s
    return np.sum(s**2)


def with_a_break(A, X, c, n):
    s = c
    for i in range(n):
        s = s + A[i] * c
        if i == 1:
            break
    return np.sum(s**2)


def in_a_while(A, X, c, n):
    s, i = c, 0
    while np.sum(s) < 100.0 and i < n:
        s = s * A[i] + X[i]
        i += 1
    return np.sum(s) + np.sum(s**2)


def two_at_once(A, X, c, n):
    s, t = 0.0, c
    for i in range(n):
        s, t = s + A[i] * X[i], t + A[i] * c
    return np.sum(s * t)


def shrinking(A, X, c, n):
    s = c
    v = X[:, 0]
    for i in range(n):
        s = s * v[:1] + v
        v = v[3:] * A[0, 0]
        if len(v) < 1:
            break
    return np.sum(s**2)


FUNCTIONS = [
    total, augmented, from_an_argument, horner, nested, read_as_a_number, one_long,
    longer_later, rows_and_columns, on_one_path, with_a_break, in_a_while, two_at_once,
    shrinking,
]  # fmt: skip


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_it_is_right(f: Callable[..., Any], n: int) -> None:
    check(f, [A, X, 0.7, n], wrt=(0, 1, 2))


@pytest.mark.parametrize("f", [total, augmented, from_an_argument, horner])
def test_no_shape_is_asked_in_the_rounds(f: Callable[..., Any]) -> None:
    df = s2s.grad(f)
    df(A, X, 0.7, 3)
    assert "unbroadcast" not in df.source
    assert "broadcast_to" not in df.source


def test_second_derivatives() -> None:
    for f in (total, augmented):
        s2s.check_grads(lambda A, X, c, f=f: f(A, X, c, 2), (A, X, 0.7), order=2)

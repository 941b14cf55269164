"""Rows that change places by an index with two positions: LU with pivoting."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

rng = np.random.default_rng(29)
A, B = rng.normal(size=(4, 4)), rng.normal(size=4)


def solved(A, b):
    A, b, n = A.copy(), b.copy(), len(b)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        A[[k, p]] = A[[p, k]]
        b[[k, p]] = b[[p, k]]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


def factored(A, b):
    A, n = A.copy(), len(A)
    piv = np.arange(n)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p], :] = A[[p, k], :]
            piv[[k, p]] = piv[[p, k]]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    y = b[piv]
    for i in range(1, n):
        y[i] -= A[i, :i] @ y[:i]
    return np.sum(y**2) * A[-1, -1]


def columns(A, b):
    A = A * b
    for k in range(3):
        A[1:, [k, k + 1]] = A[1:, [k + 1, k]]
        A[k] *= np.sin(A[0])
    return np.sum(A**3 * b)


def one_place(A, b):
    A = np.sin(A)
    for i, j in ((1, 1), (-1, 3), (0, 2)):
        A[[i, j]] = A[[j, i]]
        A[j] = A[i] * A[j] * b
    return np.sum(A)


def read_too(A, b):
    A = A * 2.0
    rows = A[[2, 1]]
    A[[1, 2]] = rows
    A[1] *= b
    return np.sum(A**2 * b) + np.sum(np.sin(rows))


def not_the_same(A, b):
    A = A * 2.0
    A[[1, 2]] = A[[2, 3]]
    A[[0, 1], [1, 2]] = A[[1, 0], [2, 1]]
    A[[0, 1, 2]] = A[[1, 2, 0]]
    A[[0, 1]] = A[[1, 0]] * b
    return np.sum(A**2 * b)


@pytest.mark.parametrize(
    "f", [solved, factored, columns, one_place, read_too, not_the_same]
)
def test_it_is_right(f: Callable[..., Any]) -> None:
    check(f, [A, B])


@pytest.mark.parametrize("f", [solved, factored, columns])
def test_only_the_positions_are_kept(f: Callable[..., Any]) -> None:
    df = s2s.grad(f)
    df(A, B)
    assert "kept" not in df.source
    assert "np.array([" not in df.source
    assert "A_bar[" in df.source


def test_second_derivatives() -> None:
    s2s.check_grads(factored, (A, B), order=2)

"""Functions that write, and the statements that do the same, have one derivative."""

import numpy as np
import pytest
from agree import check_spellings
from inplace import Cases, L, P, S, V

pair = Cases()


@pair(S, V)
def out_arguments():
    def one(A, v):
        y = A @ v
        y = np.tanh(y)
        return np.sum(A.T @ y)

    def out(A, v):
        y = np.empty(3)
        np.dot(A, v, out=y)
        np.tanh(y, out=y)
        z = np.zeros_like(y)
        np.matmul(A.T, y, out=z)
        return np.sum(z)

    def positional(A, v):
        y = np.empty(3)
        np.dot(A, v, y)
        np.tanh(y, y)
        return np.sum(A.T.dot(y, y))

    def stores(A, v):
        y = np.empty(3)
        for i in range(3):
            y[i] = np.tanh(A[i] @ v)
        return np.sum(A.T @ y)

    return one, out, positional, stores


@pair(L, np.array([0, 2, 0]), P)
def duplicates():
    def one(v, k, w):
        np.add.at(v, k, w * w)
        return np.sum(v**2)

    def loop(v, k, w):
        for i, y in zip(k, w, strict=True):
            v[i] += y * y
        return np.sum(v**2)

    def index(v, k, w):
        for j in range(len(k)):
            v[k[j]] = v[k[j]] + w[j] ** 2
        return np.sum(v**2)

    def subtracted(v, k, w):
        np.subtract.at(v, k, -w * w)
        return np.sum(v**2)

    return one, loop, index, subtracted


@pair(L, 0.7)
def masks():
    def one(v, x):
        v[v < 0.0] = x * v[0]
        return np.sum(v**2)

    def where(v, x):
        v = np.where(v < 0.0, x * v[0], v)
        return np.sum(v**2)

    def loop(v, x):
        first = v[0]
        for i in range(len(v)):
            if v[i] < 0.0:
                v[i] = x * first
        return np.sum(v**2)

    def named(v, x):
        m = v < 0.0
        y = x * v[0]
        v[m] = 0.0
        v[m] += y
        return np.sum(v**2)

    return one, where, loop, named


@pair(S, 0.7)
def filling():
    def one(A, x):
        A[0] = x
        A[1, 1] = A[2, 2] = x * x
        return np.sum(A**3)

    def methods(A, x):
        A[0].fill(x)
        np.fill_diagonal(A[1:, 1:], x * x)
        return np.sum(A**3)

    def put(A, x):
        np.put(A, [0, 1, 2], x)
        np.put(A, [4, 8], x * x)
        return np.sum(A**3)

    def copied(A, x):
        np.copyto(A[0], x)
        k = np.array([1, 2])
        A[k, k] = x * x
        return np.sum(A**3)

    return one, methods, put, copied


@pair(L)
def sorting():
    def one(v):
        v.sort()
        return np.sum(v * np.arange(6))

    def pure(v):
        return np.sum(np.sort(v) * np.arange(6))

    def permuted(v):
        v[:] = v[np.argsort(v)]
        return np.sum(v * np.arange(6))

    def insertion(v):
        for i in range(1, len(v)):
            x = v[i]
            j = i - 1
            while j >= 0 and v[j] > x:
                v[j + 1] = v[j]
                j -= 1
            v[j + 1] = x
        return np.sum(v * np.arange(6))

    def selection(v):
        for i in range(len(v) - 1):
            j = i + np.argmin(v[i:])
            v[i], v[j] = v[j], v[i]
        return np.sum(v * np.arange(6))

    return one, pure, permuted, insertion, selection


@pytest.mark.parametrize(
    ("make", "args"), pair.found, ids=[make.__name__ for make, _ in pair.found]
)
def test_spellings_agree(make, args):
    check_spellings(make(), args)

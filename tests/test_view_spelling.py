"""Written through views or not, by rows or by elements: one derivative."""

import numpy as np
import pytest
from agree import check_spellings
from inplace import Cases, P, S, V, W

pair = Cases()


# views or not -------------------------------------------------------------------------


@pair(W, V)
def rows():
    def one(A, v):
        for i in range(len(A)):
            A[i] = A[i] * v + A[i, 0]
        return np.sum(A**2)

    def iteration(A, v):
        for row in A:
            row[:] = row * v + row[0]
        return np.sum(A**2)

    def enumerated(A, v):
        for i, row in enumerate(A):
            first = row[0]
            row *= v
            A[i] += first
        return np.sum(A**2)

    def whole(A, v):
        A[:] = A * v + A[:, :1]
        return np.sum(A**2)

    def transpose(A, v):
        B = A.T
        B[:] = B * v[:, None] + B[0]
        return np.sum(A**2)

    def entries(A, v):
        for i in range(A.shape[0]):
            first = A[i, 0]
            for j in range(A.shape[1]):
                A[i][j] = A[i, j] * v[j] + first
        return np.sum(A**2)

    def flat(A, v):
        w = A.reshape(-1)
        first = A[:, 0].copy()
        w[:3] = w[:3] * v + first[0]
        w[3:] *= v
        w[3:] += first[1]
        return np.sum(A**2)

    return one, iteration, enumerated, whole, transpose, entries, flat


@pair(S, V)
def columns():
    def one(A, v):
        for j in range(3):
            A[:, j] *= v[j]
            A[0, j] = A[1, j] ** 2
        return np.sum(A**2)

    def transposed(A, v):
        for j, column in enumerate(A.T):
            column *= v[j]
            column[0] = column[1] ** 2
        return np.sum(A**2)

    def together(A, v):
        A *= v
        A[0] = A[1] ** 2
        return np.sum(A**2)

    def zipped(A, v):
        for column, x in zip(A.transpose(), v, strict=True):
            np.multiply(column, x, out=column)
            np.square(column[1:2], out=column[:1])
        return np.sum(A**2)

    return one, transposed, together, zipped


@pair(V, P, 0.7)
def swaps():
    def one(a, b, x):
        a, b = b, a
        a[0] *= x
        b += a
        return np.sum(a * b**2)

    def named(a, b, x):
        c = a
        a = b
        b = c
        a[0] *= x
        b += a
        return np.sum(a * b**2)

    def unswapped(a, b, x):
        b[0] *= x
        a += b
        return np.sum(b * a**2)

    def copied(a, b, x):
        c = a.copy()
        a[:] = b
        b[:] = c
        a[0] *= x
        b += a
        return np.sum(a * b**2)

    def elements(a, b, x):
        for i in range(len(a)):
            a[i], b[i] = b[i], a[i]
        a[0] *= x
        b += a
        return np.sum(a * b**2)

    return one, named, unswapped, copied, elements


@pytest.mark.parametrize(
    ("make", "args"), pair.found, ids=[make.__name__ for make, _ in pair.found]
)
def test_spellings_agree(make, args):
    check_spellings(make(), args)

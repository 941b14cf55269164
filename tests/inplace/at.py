"""Updates through integers in which duplicates count: np.add.at and its kin."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


@case(V, np.array([0.7, -0.2, 0.4]), np.array([1, 2, 1]))
def added_at(v, w, k):
    np.add.at(v, k, w * w)
    return np.sum(v**2)


@case(V, np.array([0.7, -0.2, 0.4]), np.array([0, 0, 2]))
def subtracted_at(v, w, k):
    np.subtract.at(v, k, w)
    np.add.at(v, k, v[k] * w)
    return v


@case(V, 0.7, np.array([1, 2, 1]))
def number_added_at(v, x, k):
    np.add.at(v, k, x)
    np.add.at(v, [0, 0], 1.0)
    return v * v


@case(P, 0.7, np.array([True, False, True]))
def multiplied_at(v, x, mask):
    np.multiply.at(v, mask, x)
    np.divide.at(v, 1, x)
    return v


@case(S, np.array([0.7, -0.2, 0.4]), np.array([1, 2, 1]), np.array([0, 2, 0]))
def entries_added_at(A, w, i, j):
    np.add.at(A, (i, j), w * A[0])
    return A


@case(S, W, np.array([1, 1]))
def rows_added_at(A, B, k):
    np.add.at(A, k, B)
    return A * A


@case(L, 0.7, np.array([0, 2, 2, 1]))
def histogram(w, x, k):
    h = np.zeros(3)
    np.add.at(h, k, x * w[:4])
    return h * h[::-1]


@case(S, V, np.array([0, 1, 0]))
def added_at_through_views(A, v, k):
    r = A[1]
    np.add.at(r, k, v * v)
    np.subtract.at(A[:, 2], k, v)
    np.add.at(A.T[0], [1, 1], r[:2])
    return A

"""Stores in which the order of reading and writing matters."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


# chained, swapped, overlapping --------------------------------------------------------


@case(V, P, 1)
def chained(a, b, i):
    b[i] = a[i] = a[i] * b[i]
    return np.sum(a * b)


@case(V, 0.7)
def chained_with_a_name(v, x):
    y = v[0] = x * v[1]
    v[1] = v[2] = y * y
    return v


@case(V, 0, 2)
@case(V, 1, 1)
def swapped(v, i, j):
    v[i], v[j] = v[j], v[i]
    return v * np.array([1.0, 2.0, 3.0])


@case(V, 0.7)
def swapped_with_a_number(v, x):
    v[0], x = x, v[0] * v[1]
    return v * x


@case(V, 0.7)
def index_bound_in_the_same_statement(v, x):
    i = 0
    i, v[i] = 2, x * x
    return np.sum(v**2) * i


@case(W)
def swapped_rows_that_are_views(A):
    A[0], A[1] = A[1], A[0]
    return A


@case(W)
def swapped_rows(A):
    A[[0, 1]] = A[[1, 0]]
    A[0], A[1] = A[1].copy(), 2.0 * A[0]
    return A


@case(S)
def swapped_columns(A):
    old = A[:, 0].copy()
    A[:, 0] = A[:, 2]
    A[:, 2] = old
    return A * np.array([1.0, 2.0, 3.0])


@case(L)
def shifted(v):
    v[1:] = v[:-1]
    return np.sum(v**2)


@case(L)
def shifted_back(v):
    v[:-1] = v[1:]
    v[2:] = v[:-2] * v[2:]
    return v


@case(V)
def reversed_onto_itself(v):
    v[:] = v[::-1]
    return v * np.array([1.0, 2.0, 3.0])


@case(S)
def transposed_onto_itself(A):
    A[:] = A.T
    A[1:] = A[:-1]
    return A * A[0]


@case(V, W)
def element_in_a_nested_tuple(v, A):
    y = a, (b, v[0]) = v[1], (v[2], A[0, 0])
    v[1:], A[0, :2] = (a * b, y[0]), v[:2]
    return v * A


@case(V, P)
def element_as_a_loop_target(v, w):
    for v[1] in range(3):
        v[0] += v[1] * w[1]
    for v[2], k in zip(w, range(2), strict=False):
        v[k] *= v[2] + w[k]
    return v


@case(V, 0.7)
def annotated(v, x):
    v[0]: float  # noqa: B032
    v[1]: float = x * v[0]
    return v

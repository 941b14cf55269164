"""Stores to single elements."""

import numpy as np

from . import Cases, L, V, W

case = Cases()


# elements -----------------------------------------------------------------------------


@case(V, 0.7)
def first(v, x):
    v[0] = x
    return np.sum(v**2)


@case(V, 0.7)
def last(v, x):
    v[-1] = x * v[0]
    return v


@case(V, 0.7, 1)
@case(V, 0.7, -2)
def itself(v, x, i):
    v[i] = np.sin(v[i]) * x
    return np.sum(v**3)


@case(W, 0.7, 1, 2)
@case(W, 0.7, -1, 0)
def entry(A, x, i, j):
    A[i, j] = x * A[0, 1]
    return np.sum(A**2)


@case(W, 0.7)
def entry_of_row(A, x):
    A[1][2] = x * A[0][2]
    A[0][-1] = A[1][2] * x
    return A


@case(L, 0.7, 3)
def computed_index(v, x, n):
    v[n // 2] = x * v[n]
    v[len(v) - 1] = v[n - 1] * v[n // 2]
    v[v.size - n] = x**2
    return np.sum(v**2)


@case(V, 0.7, np.array([2, 0]))
def index_from_an_array(v, x, k):
    v[k[0]] = x * v[k[1]]
    return v


@case(V, 0.7)
def whole_numbers(v, x):
    v[0] = 1
    v[1] = len(v)
    v[2] = v[1] * x + True
    return v * v


@case(W, V)
def scalar_of_an_array(A, v):
    A[0, 0] = np.sum(v)
    A[1, 1] = v @ v
    A[0, 2] = np.max(A)
    return np.sum(A * A)


@case(np.ones((2, 3, 2)), 0.7)
def three_axes(T, x):
    T[1, 2, 0] = x
    T[0, :, 1] = x**2
    T[1, ..., 1] *= x
    return T * x


@case(V, 0.7)
def before_and_after(v, x):
    y = v[0] * v[1]
    v[0] = x * y
    z = v[0] * v[1]
    v[0] = z * y
    return v[0] * y + z


@case(V)
def all_overwritten(v):
    v[0] = 1.0
    v[1] = 2.0
    v[2] = 3.0
    return np.sum(v)

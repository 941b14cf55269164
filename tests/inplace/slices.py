"""Stores to slices: every way to say where, and what broadcasts into them."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


# slices -------------------------------------------------------------------------------


@case(V, 0.7)
def tail(v, x):
    v[1:] = x * v[1:]
    return np.sum(v**2)


@case(L, 0.7)
def number_into_slice(v, x):
    v[1:3] = x
    v[-2:] = x**2
    return np.sum(v**3)


@case(L)
def stepped(v):
    v[::2] = np.sin(v[1::2])
    v[1::3] = v[::3] * v[0]
    return v


@case(L)
def backwards(v):
    v[::-2] = v[:3] * v[3:]
    v[3:0:-1] = v[:3] ** 2
    return v


@case(L, 0.7, 1, 5, 2)
@case(L, 0.7, 5, 0, -2)
@case(L, 0.7, -4, -1, 1)
@case(L, 0.7, 4, 2, 1)
def bounds_from_arguments(v, x, lo, hi, step):
    v[lo:hi:step] = x * v[lo:hi:step] ** 2
    return np.sum(v**2)


@case(L, 0.7)
def none_bounds(v, x):
    v[None:2] = x
    v[3:None] = v[None:3] * v[3:None:None]
    return v


@case(L, 0.7)
def beyond_the_end(v, x):
    v[4:100] = x * v[0]
    v[-100:1] = x
    return np.sum(v**2)


@case(V, 0.7)
def empty_slice(v, x):
    v[2:1] = x
    v[5:] = x
    return np.sum(v**2)


@case(np.zeros(0), 0.7)
def empty_array(v, x):
    v[:] = x
    v[::2] *= x
    return np.sum(v) + x


@case(W, V)
def row(A, v):
    A[1] = v * A[0]
    return np.sum(A**2)


@case(W, V)
def column(A, v):
    A[:, 1] = v[:2]
    A[:, -1] = A[:, 0] * A[:, 1]
    return A


@case(S, V)
def block(A, v):
    A[1:, :2] = A[:2, 1:] * v[0]
    A[0, 1:] = v[:2]
    A[:-1, 0] = v[1:] * A[2, 2]
    return A


@case(S, 0.7)
def boundaries(A, x):
    A[0, :] = x
    A[-1, :] = A[-2, :]
    A[:, 0] = -A[:, 1]
    A[:, -1] = 2.0 * x - A[:, -2]
    return np.sum(A**2)


# Ellipsis, newaxis, everything --------------------------------------------------------


@case(W, V)
def everything(A, v):
    A[:] = v
    return np.sum(A * A)


@case(W, V)
def ellipsis(A, v):
    A[...] = v * A
    A[..., 0] = v[1]
    A[0, ...] = A[1, ...] * v
    return A


@case(V)
def ellipsis_is_read(v):
    w = v[...]
    w[0] *= v[1]
    return np.sum(v[...] ** 2) + np.sum(w[...])


@case(W)
def ellipsis_in_a_tuple(A):
    k, rest = (..., 0), ...
    np.add.at(A, (..., [0, 0]), 2.0 * A[k][:, None])
    A[k] = A[..., 1]
    A[rest] *= A
    return A


@case(V, 0.7)
def all_axes(v, x):
    A = np.empty((2, 3))
    A[:, :] = x
    v[...] = v * A[0]
    return v


@case(V, W)
def new_axis(v, A):
    v[None, :] = A[:1] ** 2
    v[:, np.newaxis] = v[:, np.newaxis] * A[:1, :1]
    return np.sum(v**2)


# broadcasting -------------------------------------------------------------------------


@case(W, V, 0.7)
def row_into_matrix(A, v, x):
    A[:] = x * v
    A[:, 1:] = v[:2] ** 2
    return np.sum(A**3)


@case(S, V)
def column_into_matrix(A, v):
    A[:] = v[:, None]
    A[:, 1:] *= A[:, :1]
    return A


@case(V, np.array([0.7]))
def one_element(v, w):
    v[:] = w
    v[1:] = w * v[1:]
    return v


@case(V, P[None, :])
def leading_unit_axis(v, r):
    v[:] = r**2
    return np.sum(v)


@case(V, 0.7)
def from_a_list(v, x):
    v[:] = [x, x * v[0], 0.5]
    v[:2] = x**2, v[2]
    return np.sum(v**2)


@case(L, 0.7)
def from_lists_of_any_length(v, x):
    v[:] = [u * x for u in v[::-1]]
    large = [u**2 for u in v if u > 0.3]
    v[v > 0.3] = large
    v[: len(large)] = large
    large[0] = x
    v[[0, 2]] = large[:2]
    v[1:] += v.tolist()[1:]
    v[:3] = range(3)
    return v * large[0]


@case(W, 0.7)
def rows_from_lists_of_any_length(A, x):
    rows = []
    for row in A:
        rows.append(row * x)
    A[:] = rows
    A[0] = [np.sum(row) for row in A.T]
    A[:, :2] = [(row[0], x) for row in A]
    A *= [k + 1.0 for k in range(A.shape[1])]
    A -= rows
    return A


@case(W, 0.7, 0.2)
def rows_from_lists(A, x, y):
    A[0] = [x, y, x * y]
    A[1] = np.array([y, 1.0, x])
    return A

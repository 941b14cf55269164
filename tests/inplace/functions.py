"""Functions and methods that write: out=, copyto, fill, sort, put, fill_diagonal."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


# out= ---------------------------------------------------------------------------------


@case(V, P)
def product_into(a, b):
    c = np.empty(3)
    np.multiply(a, b, out=c)
    return np.sum(c**2)


@case(V, P)
def sine_into_an_argument(v, w):
    np.sin(v, out=w)
    return v * w


@case(V)
def onto_itself(v):
    np.sin(v, out=v)
    np.multiply(v, v, out=v)
    return np.sum(v)


@case(V, P)
def positional(a, b):
    c = np.zeros_like(a)
    np.add(a, b, c)
    np.exp(c, c)
    np.subtract(c, a, b)
    return b * c


@case(V, W)
def into_a_view(v, A):
    np.multiply(v, A[1], out=A[0])
    np.cos(v[:2], out=v[1:])
    np.tanh(A[:, 1], A[:, 2])
    return A * v


@case(V, P)
def result_is_the_buffer(a, b):
    c = np.zeros(3)
    d = np.add(a, b, out=c)
    d[0] = a[1] * b[1]
    return c * d


@case(P, V)
def broadcast_into(v, w):
    A = np.empty((2, 3))
    np.divide(w, v, out=A)
    np.power(A, 2, out=A)
    np.maximum(A, 0.2, out=A)
    np.negative(A[0], out=A[1])
    return A


@case(W, V)
def matrix_products(A, v):
    y = np.zeros(2)
    np.dot(A, v, out=y)
    z = np.empty(3)
    np.matmul(A.T, y, out=z)
    A.dot(z, out=y)
    return z * y[0] * y[1]


@case(W)
def reductions(A):
    s = np.zeros(3)
    np.sum(A, axis=0, out=s)
    m = np.zeros(2)
    A.mean(axis=1, out=m)
    s[:2] *= m
    return s


@case(V)
def accumulations(v):
    np.cumsum(v, out=v)
    w = np.empty(3)
    np.cumprod(v, out=w)
    return w * v


@case(L)
def clipped(v):
    np.clip(v, -0.5, 1.0, out=v)
    v.clip(-0.45, 0.8, out=v)
    return np.sum(v**2)


@case(V, 3)
def in_a_loop(v, n):
    w = np.empty_like(v)
    for _ in range(n):
        np.sin(v, out=w)
        np.multiply(w, v, out=v)
        np.add(v, 0.5, out=v)
    return v


# copyto, fill, sort, put --------------------------------------------------------------


@case(V, P, W)
def copied_to(v, w, A):
    np.copyto(v, w * w)
    np.copyto(A, v)
    np.copyto(A[0], w)
    np.copyto(w, 0.5)
    return A * v * w


@case(V, 0.7)
def filled(v, x):
    v.fill(x)
    return np.sum(v**2) * x


@case(W, 0.7)
def filled_views(A, x):
    A[0].fill(x)
    A[:, 1].fill(A[0, 0] * x)
    r = A[1][1:]
    r.fill(3)
    return A


@case(V, 0.7)
def sorted_in_place(v, x):
    v.sort()
    v[0] *= x
    return v * np.array([1.0, 2.0, 3.0])


@case(W, S)
def sorted_along_axes(A, B):
    A.sort()
    A *= A
    B.sort(axis=0)
    return A @ B


@case(L)
def sorted_views(v):
    v[1:4].sort()
    v[::-1].sort()
    return v * np.arange(6)


@case(W)
def sorted_rows(A):
    A[0].sort()
    for row in A:
        row.sort()
    return A * A[0]


@case(L, np.array([0.7, -0.2]), np.array([1, 4]))
@case(L, np.array([0.7, -0.2]), np.array([2, 2]))
def put(v, w, k):
    np.put(v, k, w * w)
    return np.sum(v**2)


@case(W, 0.7)
def put_into_a_matrix(A, x):
    np.put(A, [0, 4], [x, A[0, 0]])
    A.put([5], x * x)
    return A


@case(S, V)
def lists_of_any_length(A, v):
    w = [x * y for x, y in zip(v, A[0], strict=True)]
    np.copyto(A[1], w)
    np.fill_diagonal(A, w)
    np.put(v, [k for k in range(2)], w)
    np.add.at(v, [0, 0, 1], w)
    np.multiply.at(v, v > 0.0, [x for x in v if x > 0.0])
    return A * v


@case(L, np.array([3, -1, 0]), P[:2])
@case(L, np.array([3, 0]), P)
@case(L, np.array([3, 0, 4]), P[:1])
def put_as_many(v, k, w):
    np.put(v, k, w)
    np.put(v, [1, 2, 5], w[:2] ** 2)
    np.put(v, k[:2], v[v > 0.8])
    return v * v


@case(np.asfortranarray(W), P)
@case(W[:, ::2], P)
def put_in_another_order(A, v):
    np.put(A, [1, -1, 0], v * v)
    return A * A


@case(S, 0.7)
def diagonal_filled(A, x):
    np.fill_diagonal(A, x)
    return A @ A


@case(S, V)
def diagonal_filled_from_an_array(A, v):
    np.fill_diagonal(A, v * A[0])
    np.fill_diagonal(A[1:], 1.0)
    return np.sum(A**2)


@case(S, V)
@case(S, V[:2])
@case(S, L)
@case(S, V[:1])
@case(W, V)
@case(np.vstack([S, W]), L)
def diagonal_as_long_as_it_is(A, v):
    np.fill_diagonal(A, v)
    return A * A


@case(V, 2)
@case(V, 3)
@case(V, 5)
def diagonal_of_a_new_matrix(v, n):
    A, B, C = np.ones((n, n)), np.zeros((3, 3)), np.ones((7, 2))
    np.fill_diagonal(A, v)
    np.fill_diagonal(B, v[:2])
    np.fill_diagonal(B[1:], [v[0], 2.0, v[1] * v[2], v[0]])
    np.fill_diagonal(C, v, wrap=False)
    return np.sum(A) * B, C


@case(V)
def diagonals_beside_the_first(v):
    n = len(v)
    A = np.zeros((n, n))
    np.fill_diagonal(A, -2.0 * v)
    np.fill_diagonal(A[1:], v[1:])
    np.fill_diagonal(A[:, 1:], v[:-1] ** 2)
    return A


@case(V)
@case(-P)
def diagonal_of_what_may_be_nothing(v):
    A = np.outer(v, v)
    np.fill_diagonal(A, v[v > 0.0])
    return A


@case(S)
def diagonal_of_sums(A):
    np.fill_diagonal(A, 0.0)
    np.fill_diagonal(A, -A.sum(axis=1))
    np.fill_diagonal(A[:2], np.diag(A) ** 2)
    return A

"""Augmented assignments: of elements, slices, whole arrays, aliases and numbers."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


# elements and slices ------------------------------------------------------------------


@case(P, 0.7)
def elements(v, x):
    v[0] += x
    v[1] -= x * v[0]
    v[2] *= x
    v[0] /= v[2]
    v[1] **= 2
    return v


@case(P, 0.7)
def powers(v, x):
    v[0] **= x
    v[1:] **= 3
    v[2] **= v[0]
    v **= 0.5
    return v


@case(L, 0.7)
def slices(v, x):
    v[1:] += x
    v[:-1] -= v[1:].copy()
    v[::2] *= v[1::2]
    v[-2:] /= x
    return np.sum(v**2)


@case(W, V, 0.7)
def rows_and_columns(A, v, x):
    A[0] += v
    A[1] *= A[0]
    A[:, 0] -= x
    A[:, -1] /= 2.0 + A[:, 1]
    return A


@case(L)
def neighbours(v):
    v[1:] += v[:-1]
    v[:-1] *= v[1:]
    v += v[::-1]
    return v


@case(S)
def row_elimination(A):
    A[1] -= A[1, 0] / A[0, 0] * A[0]
    A[2] -= A[2, 0] / A[0, 0] * A[0]
    A[2, 1:] -= A[2, 1] / A[1, 1] * A[1, 1:]
    return A[0, 0] * A[1, 1] * A[2, 2]


@case(V, np.array([1, 1, 2]))
def integers_count_once(v, k):
    v[k] += v[0]
    v[k] *= v[k]
    return v


@case(L, 0.7)
def masks(v, x):
    v[v > 0.0] *= x
    v[v < 0.0] += v[0]
    return np.sum(v**2)


@case(W, 0.7)
def through_a_view_without_a_name(A, x):
    A.T[0] += x
    A[1][1:] *= A[0][:2]
    A.reshape(-1)[4] -= x**2
    return A


# whole arrays -------------------------------------------------------------------------


@case(P, 0.7)
def every_operator(v, x):
    v += x
    v -= x * v
    v *= v
    v /= x
    v **= 2
    return v


@case(V)
def by_itself(v):
    v += v
    v *= v
    v -= 0.5 * v
    return np.sum(v)


@case(P)
def by_a_number_of_itself(v):
    v -= np.mean(v)
    v /= np.linalg.norm(v)
    v *= v[0]
    return v


@case(W)
def by_a_row_of_itself(A):
    A -= A[0]
    A *= A[1] + 2.0
    return A


@case(S)
def by_its_transpose(A):
    A += A.T
    A *= A.T
    return A


@case(W, V, 0.7)
def broadcast(A, v, x):
    A *= v
    A += A[:, :1]
    A /= x
    return np.sum(A**2)


@case(W, S)
def matrix_product(A, B):
    A @= B
    A @= B.T
    return A


@case(S, 2)
def matrix_power(A, n):
    B = np.eye(3)
    for _ in range(n):
        B @= A
        A @= A
    return B


@case(V)
def whole_numbers(v):
    v += 1
    v *= 2
    v **= 2
    v -= True
    return v


@case(V, 0.7)
def from_a_list(v, x):
    v += [x, 1.0, x * x]
    v[1:] *= [x, v[0]]
    return v


# aliases and numbers ------------------------------------------------------------------


@case(V, 0.7)
def alias(v, x):
    z = v
    z *= x
    z[0] += 1.0
    return np.sum(v**2)


@case(V, 0.7)
def new_array(v, x):
    z = v
    z = z * x
    z *= x
    return np.sum(v * z)


@case(0.7)
def number(x):
    y = x
    y *= 2.0
    y += x
    return x * y


@case(V, 0.7)
def number_of_an_array(v, x):
    s = v[0]
    s += x
    s *= s
    v[0] = s * v[1]
    s -= v[0]
    return v * s


@case(W, 0.7)
def row_of_an_array(A, x):
    r = A[0]
    r += x
    r *= A[1]
    return np.sum(A**2)


@case(W)
def row_that_is_rebound(A):
    r = A[0]
    r = r * 2.0
    r += A[1]
    return A * r


@case(V, 0.7)
def number_that_becomes_an_array(v, s):
    s += v
    s *= v
    return v * s


@case(V, W)
def sum_from_nothing(v, A):
    s = 0.0
    for row in A:
        s += row * v
    return v * s


@case(V, W)
def sum_into_the_first(v, A):
    s = v
    for row in A:
        s += row
        s *= s
    return v


@case((V, P), 0.7)
def items_of_a_tuple(p, x):
    a, b = p
    a *= x
    p[1][:] = a
    b += p[0]
    return p[0] * p[1]

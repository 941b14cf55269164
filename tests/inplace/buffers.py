"""Where buffers come from, where they go, and what they are made of."""

import numpy as np

from . import Cases, L, P, V, W

case = Cases()


# created inside -----------------------------------------------------------------------


@case(V, 0.7)
def zeros(v, x):
    A = np.zeros((2, 3))
    A[0] = v
    A[1, 1] = x
    return A * v


@case(V, 0.7)
def empty(v, x):
    A = np.empty((3, 2))
    A[:, 0] = v * x
    A[:, 1] = A[::-1, 0]
    return A


@case(V, 0.7)
def like_another(v, x):
    a, b, c = np.empty_like(v), np.zeros_like(v), np.ones_like(v)
    a[:] = x
    b[1:] = v[1:] * a[1:]
    c[0] -= b[1]
    return a * b + c


@case(V, 0.7)
def full(v, x):
    a = np.full(3, x)
    a[1] = v[0] * a[0]
    b = np.full_like(v, x * x)
    b[:2] *= a[1:]
    return a * b


@case(V)
def copy(v):
    w = v.copy()
    w[0] = v[1] * v[2]
    u = np.copy(w)
    u *= w
    return v * w + u


@case(V)
def array_of_an_array(v):
    w = np.array(v)
    w[0] *= w[1]
    u = 1.0 * v
    u[1:] = w[:2]
    return v * w * u


@case(0.7, 0.4)
def array_of_numbers(x, y):
    v = np.array([x, y, x * y])
    v[0] *= v[2]
    v[1:] = v[:2]
    return v


@case(V, P)
def array_of_rows(a, b):
    A = np.array([a, b, a * b])
    A[0] *= b
    A[:, 1] = a
    B = np.stack([a, b])
    B[0, 0] = A[0, 1]
    return A[:2] * B


@case(0.7, 3)
def constants(x, n):
    A = np.eye(n)
    A[0, 1:] = x
    t = np.linspace(0.0, 1.0, n)
    t[1] *= x
    s = np.arange(n) * 1.0
    s[0] = x
    return A @ t * s


@case(V)
def result_of_an_operation(v):
    w = np.sin(v)
    w[0] = w[1] * v[2]
    z = -w
    z += w * v
    return w * z


@case(L)
def result_of_a_reduction(v):
    s = v.reshape(2, 3).sum(axis=0)
    s[0] *= v[0]
    c = np.cumsum(s)
    c[1:] -= s[:2]
    return c * s


@case(V, 3)
def made_anew_in_each_turn(v, n):
    total = 0.0
    for i in range(n):
        w = np.zeros(3)
        w[i] = v[i] ** 2
        w += v
        total += np.sum(w * w)
    return total


@case(V, 3)
def kept_over_the_turns(v, n):
    w = np.empty(3)
    total = 0.0
    for i in range(n):
        w[:] = v * i
        w[0] = w[1] * v[0] + total
        total += np.sum(w * w)
    return total


@case(V, 0.7)
def of_no_axes(v, x):
    a = np.zeros(())
    a += x
    a[()] = a * v[0]
    a *= a
    return v * a


# arguments ----------------------------------------------------------------------------


@case(V, 0.7)
def read_before_it_is_overwritten(v, x):
    s = np.sum(v**2)
    v[:] = x
    return s * v


@case(V, P)
def one_argument_into_another(a, b):
    s = b @ b
    b[:] = a
    b[0] *= s
    a[1] = b[0]
    return a * b


@case((V, P), 0.7)
def in_a_tuple(p, x):
    p[0][0] = x
    p[1][1:] *= p[0][:2]
    return p[0] * p[1]


@case(W.T.copy(), 0.7)
@case(W[:, 1:].copy(), 0.7)
def of_another_shape(A, x):
    A[0, 1] = x
    A[1] *= A[0]
    return A


@case(L[::2], W[:, ::-1], 0.7)
def that_is_a_view_outside(v, A, x):
    v[0] = x * A[0, 0]
    A[1] = v * A[0]
    return A * v


# returned -----------------------------------------------------------------------------


@case(V, 0.7)
def twice(v, x):
    v[0] = x * v[1]
    return v, v


@case(W, 0.7)
def with_its_row(A, x):
    A[0, 1] = x
    r = A[0]
    r[2] *= A[1, 1]
    return A, r, A.T


@case(V, 0.7)
def before_and_after(v, x):
    old = v.copy()
    v[0] = x * v[1]
    middle = v * 1.0
    v *= old
    return old, middle, v


@case(V, P)
def with_a_number(a, b):
    a *= b
    s = np.sum(a)
    a[0] = s
    return s, a


@case(V, 0.7)
def in_a_list(v, x):
    w = v[1:]
    w *= x
    return [v, w, w[0]]


@case(V, 0.7, 3)
def restored_and_returned(v, x, n):
    for i in range(n):
        v[i] = v[i - 1] * v[i] * x
    return np.sum(v), v

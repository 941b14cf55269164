"""Programs in which it depends on the run which memory a name means.

They may be refused, with a place, but never differentiated wrongly.
"""
# ruff: noqa: B007, SIM108

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases(may_refuse=True)
F = np.asfortranarray(W)


# joins with another live alias --------------------------------------------------------


@case(V, 0.7)
@case(V, -0.7)
def alias_or_copy(v, x):
    w = v
    if x > 0.0:
        w = v.copy()
    w[0] = x * w[1]
    return v * w


@case(V, P, 0.7)
@case(V, P, -0.7)
def one_of_two(a, b, x):
    if x > 0.0:
        c = a
    else:
        c = b
    c[0] = x
    c *= c[0]
    return a * b


@case(V, P, 0.7)
@case(V, P, -0.7)
def conditional_expression(a, b, x):
    c = a if x > 0.0 else b
    c *= x
    return a + b


@case(W, 0.7)
@case(W, -0.7)
def row_or_new(A, x):
    r = np.ones(3)
    if x > 0.0:
        r = A[0]
    r *= x
    return A * r


@case(W, 3)
@case(W, 0)
def row_of_the_last_turn(A, n):
    r = np.ones(3)
    for i in range(n):
        r *= 2.0
        r = A[i % 2]
    r[0] = 2.0
    return A * r


@case(V, P, 0.7)
@case(V, P, -0.7)
def swapped_in_a_branch(a, b, x):
    if x > 0.0:
        a, b = b, a
    a[0] = b[1]
    b *= x
    return a, b


@case(V, P, 3)
@case(V, P, 4)
def swapped_while_another_looks(a, b, n):
    first = a
    for i in range(n):
        b[:] = a * a
        a, b = b, a
    first[0] = 2.0
    return a * b


@case(V, P, 3)
def alias_that_lags(a, b, n):
    old = a
    for i in range(n):
        old[0] = b[1]
        old = b
        b = np.sin(a)
        a[1] *= 2.0
    return a * b * old


@case(V, 0.7, 2)
def buffer_until_it_is_copied(v, x, n):
    w = v
    for i in range(n):
        w[0] *= x
        w = np.cos(w)
        w[1] += v[0]
    return v * w


@case(L, 0.7, 4)
@case(L, -0.7, 4)
def bounds_that_change(v, x, n):
    w = v
    for i in range(n):
        w[0] = x * w[-1]
        if w[0] > -0.2:
            w = w[1:]
    return v * w[0]


@case(W, 3)
def view_of_the_last_turn(A, n):
    r = A[0]
    for i in range(n):
        r = A[i % 2]
        r *= A[1, i]
    r[0] = 2.0
    return A


@case(W, 3)
@case(W, 2)
def rows_as_buffers(A, n):
    a, b = A[0], A[1]
    for i in range(n):
        b[1:] = a[:-1] * b[1:]
        b[0] += a[0]
        a, b = b, a
    return A


# view or copy: it depends on the memory -----------------------------------------------


@case(F, 0.7)
@case(W, 0.7)
@case(W[:, ::-1], 0.7)
def reshape_of_an_argument(A, x):
    v = A.reshape(-1)
    v[1] = x
    return A * x


@case(F, 0.7)
@case(W, 0.7)
def ravel_of_an_argument(A, x):
    v = A.ravel()
    v[1] = x
    A[1, 0] = v[2] * v[3]
    return A, v


@case(W, 0.7)
def ravel_of_a_transpose(A, x):
    v = A.T.ravel()
    v[1] = x
    A[1] *= v[0]
    return A, v


@case(S, 0.7)
def reshape_of_a_block(A, x):
    v = A[:, :2].reshape(6)
    v[0] = x
    w = A[:2].reshape(6)
    w[0] *= v[1]
    return A, v


@case(W, 0.7)
def reshape_of_a_product(A, x):
    B = A.T * A.T
    v = B.reshape(-1)
    v[0] = x
    v[2] = B[0, 1]
    return B, v


@case(W, 0.7)
@case(F, 0.7)
def reshape_of_a_copy(A, x):
    B = A.copy()
    v = B.reshape(-1)
    v[1] = x
    C = np.zeros_like(A)
    w = C.ravel()
    w[1:] = v[1:] ** 2
    return B * C


@case(W, 0.7)
def fortran_order(A, x):
    B = np.zeros((2, 3), order="F")
    B[:] = A
    v = B.ravel()
    v[0] = x
    w = B.ravel(order="F")
    w[1] *= x
    return B, v


@case(V, 0.7)
def other_names_for_the_array(v, x):
    a = np.asarray(v)
    a[0] = x
    b = np.atleast_2d(v)
    b[0, 1] *= x
    c = np.ascontiguousarray(v)
    c[2] = v[0] * v[1]
    return v


@case(V, 0.7)
def converted(v, x):
    a = v.astype(float, copy=False)
    a[0] = x
    b = v.astype(float)
    b[1] = x
    return v * b


@case(L, 0.7)
def split(v, x):
    a, b = np.split(v, 2)
    a *= x
    b[0] = a[1] * a[2]
    return v


@case(W, 0.7)
def view_of_everything(A, x):
    B = A.view()
    B[0] *= x
    A.flat[4] = B[0, 1] ** 2
    A[1] = A.flat[:3]
    return A


@case(V, 0.7)
def broadcast_view(v, x):
    B = np.broadcast_to(v, (2, 3))
    v[0] = x
    v[1] *= v[0]
    return B * v


@case(S, 0.7)
def diagonal_views(A, x):
    d, e = A.diagonal(), np.diag(A)
    A[1, 1] = x
    A[0] *= d[1]
    return d * e


@case(V, 0.4)
def real_and_imaginary_parts(v, x):
    z = np.zeros(3, dtype=complex)
    z.real = v
    z.imag[0] = x
    re = z.real
    re *= 2.0
    return np.abs(z) ** 2 * v


# views of one element -----------------------------------------------------------------


@case(V, 0.7, 2)
@case(V, 0.7, 0)
def element_or_number(u, a, n):
    if n:
        a = u[..., 0]
    u *= u
    return u * a


@case(V, 0.7, 2)
@case(V, 0.7, 0)
def element_or_number_in_an_expression(u, a, n):
    a = u[..., 0] if n else a
    u[0] = 3.0 * u[1]
    return u * a


@case(V, 0.7, 2)
@case(V, 0.7, 0)
def element_of_the_last_turn(u, a, n):
    for i in range(n):
        u[1] = a * u[2]
        a = u[..., 0]
    u[0] = 3.0 * u[1]
    b = a
    return u * b


@case(V, 0.7, 2)
def element_of_an_earlier_turn(u, a, n):
    for i in range(n):
        if i == 0:
            a = u[..., 0]
        u[0] = u[0] * u[1]
        u[1] = a * u[0]
    return u * a


@case(V, 0.7, 3)
def elements_in_a_tuple(u, a, n):
    p = (a, a)
    for _ in range(n):
        p = (p[1], u[..., 0])
    u *= u
    return u * p[0] + p[1]

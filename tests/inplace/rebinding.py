"""Names that move on while the arrays stay: rebinding, double buffers, branches."""
# ruff: noqa: B007, SIM108

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


# rebinding ----------------------------------------------------------------------------


@case(W, 0.7)
def base_is_rebound(A, x):
    r = A[0]
    A = A * 2.0
    r[1] = x
    A[0, 0] = r[0] * r[1]
    return A * r


@case(W, 0.7)
def base_is_passed_on(A, x):
    B = A
    A = np.ones((2, 3))
    B[0] = x * B[1]
    A[1] = B[0]
    return A * B


@case(L, 0.7)
def view_is_rebound(v, x):
    w = v[1:]
    w[0] = x
    w = w[1:]
    w[0] = x * v[1]
    w = v[:2]
    w *= v[2]
    return v


@case(V, P)
def names_exchanged(a, b):
    a, b = b, a
    a[0] = b[0] * b[1]
    b *= a
    return a, b


@case(V, P, 0.7)
def three_rotated(a, b, x):
    c = np.full(3, x)
    a, b, c = b, c, a
    c[0] = a[1] * b[2]
    a *= c
    return a * b


@case(V, 0.7)
def two_aliases(v, x):
    a = b = v
    a[0] = x
    b = b * a
    b[1] = a[0] * x
    a *= b
    return v


@case(V, P, 0.7)
def pair_of_arrays(a, b, x):
    pair = a, b
    pair[0][1] = x
    c, d = pair
    d *= c
    return a * b


@case(V, P)
def pair_unpacked_the_other_way(a, b):
    pair = a, b
    b, a = pair
    a[0] = b[0] * b[1]
    b += a
    return pair[0] * pair[1]


# double buffers -----------------------------------------------------------------------


@case(L, 0.2, 3)
@case(L, 0.2, 4)
@case(L, 0.2, 1)
@case(L, 0.2, 0)
def heat(u, k, steps):
    new = u.copy()
    for t in range(steps):
        new[1:-1] = u[1:-1] + k * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u, new = new, u
    return u


@case(V, P, 3)
@case(V, P, 2)
@case(V, P, 0)
def both_buffers_return(a, b, n):
    for i in range(n):
        b[:] = a * b
        b[0] = a[1] ** 2
        a, b = b, a
    return a, b * b


@case(P, 3)
def fresh_buffer_each_time(v, n):
    for i in range(n):
        new = np.empty_like(v)
        new[0] = v[0] * v[1]
        new[1:] = v[:-1] * v[1:]
        v = new
    return np.sum(v**2)


@case(V, 2)
def swapped_in_a_loop_inside(v, n):
    for t in range(n):
        w = np.zeros(3)
        for i in range(2):
            w[:] = np.sin(v)
            v, w = w, v
    return np.sum(v**2)


@case(V, P, 0.1, 2)
@case(V, P, 0.1, 3)
def leapfrog(old, now, c, n):
    new = np.zeros(3)
    for i in range(n):
        new[1] = now[1] - 0.5 * old[1] + c * np.sin(now[0]) * now[2]
        new[0] = now[1] * old[0]
        new[-1] = now[-2]
        old, now, new = now, new, old
    return now * old


@case(S, 5)
def rows_by_parity(A, n):
    for t in range(n):
        old, new = A[t % 2], A[(t + 1) % 2]
        new[0] = old[1] * old[2]
        new[1:] = old[:-1] + np.sin(new[1:])
    return A


@case(V, 0.7, 3)
def swapped_when_larger(v, x, n):
    a, b = v, np.zeros(3)
    for i in range(n):
        b[:] = x * a + b
        if b[1] < -0.5:
            a, b = b, a
    return np.sum(a)


@case(V, P, 1.0)
def until_converged(a, b, tol):
    while np.max(np.abs(a - b)) > tol:
        b[:] = 0.5 * (a + b) * a
        a, b = b, a
    return a * b


# branches -----------------------------------------------------------------------------


@case(W, 0.7)
@case(W, -0.7)
def view_in_one_branch(A, x):
    if x > 0.0:
        r = A[0]
        r *= x
        A[1] = r * r
    return A * x


@case(W, 0.7)
@case(W, -0.7)
def view_in_both_branches(A, x):
    if x > 0.0:
        r = A[0]
        r[1] = x
    else:
        r = A[1]
        r *= x
    return A, np.sum(r)


@case(W, 0.7)
@case(W, -0.7)
def row_of_the_branch(A, x):
    k = 0 if x > 0.0 else 1
    r = A[k]
    r[:] = x * A[1 - k]
    return A * r


@case(V, 0.7)
@case(V, -0.7)
def copy_in_one_branch(v, x):
    w = v.copy()
    if x > 0.0:
        w[0] = v[1] * x
        v[2] = w[0]
    else:
        v = w * x
        v[1] *= x
    return v * w


@case(V, 0.7)
@case(V, -0.7)
def new_array_in_one_branch(v, x):
    if x > 0.0:
        v = np.sin(v)
    v[0] = x * v[1]
    v *= v
    return v


@case(V, P, 0.7)
@case(V, P, -0.7)
def one_of_two(a, b, x):
    if x > 0.0:
        c = a
    else:
        c = b
    c[0] *= x
    return c * c


@case(W, 3)
def swapped_around_a_loop_that_stores(A, n):
    r = np.sin(A)
    for _ in range(n):
        r += 0.5
        A, r = r, A
        for k in range(2):
            if k == 0:
                A[:, 1:] = n
            else:
                r *= A
    return A * r


@case(V, 3)
def swapped_in_a_loop_without_rounds(u, n):
    w = u.copy()
    for _ in range(n - 3):
        u, w = w, u
    for k in range(2):
        w[k], w[1] = 0.0, u[k]
    u[u < 0.0] = n
    return u - w * u


@case(V, 0.6)
def swapped_and_stored_where_it_is_read(u, a):
    w = np.sin(u)
    s = 0.0
    for i in range(len(u)):
        u, w = w, u
        s = s - u[1] * a
        w[1] = i
    return s


@case(L, 4)
def swapped_twice_and_dead(u, n):
    s = np.zeros(len(u))
    for _ in range(n):
        s[2] += 0.5
        u, s = s, u
        s, u = u, s
        p = np.sin(u)
        p[::2] += 0.5
        u, p = p, u
    return np.sum(u) - np.sum(s)


@case(V, 0.6, 2)
def rebound_to_another_array_in_a_loop(u, a, n):
    s = a * u[1]
    for _ in range(n):
        if n:
            u = np.tanh(np.outer(u, u)[0])
    return s * len(u) + u[0]

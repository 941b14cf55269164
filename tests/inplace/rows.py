"""Views in loops, above all the rows that a loop runs over."""

import numpy as np

from . import Cases, S, V, W

case = Cases()


@case(W)
def rows_doubled(A):
    for row in A:
        row *= 2
    return np.sum(A**2)


@case(W, V)
def rows_and_their_numbers(A, v):
    for i, row in enumerate(A):
        row[i] = v[i] * row[2]
        row += i
    return A


@case(W, 2.0 * W)
def rows_of_two(A, B):
    for a, b in zip(A, B, strict=True):
        a[:] = a * b
        b[0] = a[1]
    return A * B


@case(W)
def columns(A):
    for c in A.T:
        c *= c[0]
        c[1] = c[0] * c[1]
    return A


@case(W)
def rows_from_the_last(A):
    for row in reversed(A):
        row *= A[0]
    for row in A[::-1]:
        row += A[1]
    return A


@case(W, 0.7)
def rows_rebound(A, x):
    for row in A:
        row = row * x
        row[0] = x
    return A * row


@case(V, 0.7)
def numbers_of_a_vector(v, x):
    s = 0.0
    for y in v:
        y *= x
        s += y * y
    return v * s


@case(S)
def entries_of_rows(A):
    for row in A:
        for j in range(1, len(row)):
            row[j] *= row[j - 1]
    return A


@case(S, 3)
def view_taken_inside(A, n):
    for i in range(n):
        r = A[i]
        r[0] = r[1] * r[2]
        A[0] = A[0] * r
    return A


@case(S, 3)
@case(S, 0)
def view_taken_outside(A, n):
    r = A[1]
    for i in range(n):
        r[i] = r[0] * A[i, 2]
        A[i] *= r[1]
    return A * r

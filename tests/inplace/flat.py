"""Reads and stores through `x.flat`, which counts along rows."""

import numpy as np

from . import Cases, S

case = Cases()


@case(S, 0.3)
def diagonal(x, s):
    n = len(x)
    K = x @ x.T
    K.flat[:: n + 1] += s
    return np.sum(np.linalg.inv(K + 3.0 * np.eye(n)))


@case(S)
def transpose(x):
    A = x.T
    A.flat[1:5:2] += 2.0 * x[0, 0]
    return x * A


@case(S)
def columns_apart(x):
    A = x[:, ::2]
    A.flat[1:4] *= x[1, 1]
    return x


@case(S)
def a_slice_is_a_copy(x):
    b = x.flat[1:4]
    b[0] = 5.0
    return x * x, b


@case(S)
def an_element_is_a_number(x):
    b = x.flat[2]
    x.flat[2] = 7.0
    return b * x


@case(S, np.array([0, 4, 8]))
def integers(x, k):
    x.flat[k] += x[0]
    return x**2


@case(S, [0, 4, 4])
def list_of_integers(x, k):
    x.flat[k] += x[0]
    return x**2


@case(S)
def mask(x):
    x.flat[x.flat[0:9] > 0.0] = 0.5
    return x**2


@case(S)
def loop_over_positions(x):
    for i in range(9):
        x.flat[i] *= x.flat[8 - i]
    return x


@case(S)
def loop_over_elements(x):
    s = 0.0
    for v in x.flat:
        s = s * 0.5 + v * v
    return s


@case(S)
def of_rows(x):
    s = x.flat[0]
    x[1:].flat[2] = x[0, 0] ** 2
    A = np.zeros((3, 3))
    A[1].flat[:] = x[0] * s
    A.flat[...] += 1.0
    return A * x

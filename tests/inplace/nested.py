"""Calls that write to their `out` in the midst of a statement."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


@case(S, V)
def method_as_an_operand(A, v):
    y = np.empty(3)
    np.dot(A, v, y)
    return np.sum(A.T.dot(y, y)) * y[0]


@case(V, P)
def seen_on_its_left(v, w):
    a = v * np.sin(w, out=v)
    b = v[0] * np.sum(np.cos(w, out=v))
    return a * b + v


@case(V, P)
def seen_on_its_right(v, w):
    return np.multiply(v, w, out=v) * v + np.sum(v) * w


@case(P, 0.7)
def into_the_target(v, x):
    v[1:] += np.sum(np.multiply(v, x, out=v))
    v[0] *= np.sum(np.add(v, x, v))
    return v * x


@case(L, 0.7)
def in_a_view_and_a_loop(v, x):
    s = 0.0
    r = v[::2]
    for k in range(3):
        s = s * x + np.sum(np.multiply(r, v[k : k + 3], out=r)) * v[k]
    return s + r


@case(W)
def of_functions(A):
    s = np.zeros(3)
    t = A.cumsum(0, out=A[::-1])[0] * np.sum(A, axis=0, out=s) + s
    m = np.empty(2)
    return t * np.max(A, 1, m)[0] + m[1]

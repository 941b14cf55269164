"""`+=` of what has no axes: a number is rebound, an array changes for all its names."""

import numpy as np

from . import Cases, P, V

case = Cases()


@case(V)
def old_value_of_a_number(v):
    s, d = v[0] * 1.0, 0.0
    for i in range(3):
        old = s
        s += v[i]
        d += s * old
    return d


@case(V, 0.7)
def number_of_a_sum(v, x):
    s = np.sum(v**2)
    t = s
    s *= x
    if x > 0.0:
        r = s
        s -= t
    else:
        r = t
    return s * t + r


@case(V, 2)
def integer_that_becomes_a_float(v, k):
    n = np.arange(3)[k]
    m = n
    n += v[0]
    return n * m


@case(np.float64(0.7), np.float64(0.4))
def arguments(x, y):
    x += y
    y *= x
    return x * y


@case(np.float64(0.7))
def array_of_no_axes(x):
    a = np.zeros(())
    a += x
    a *= a + x
    b = np.full((), 2.0)
    b[()] = x * a
    for _ in range(3):
        b += a * x
        a *= 0.5 * b
    if x > 0.0:
        a[...] = b
    return a * b


@case(P, 0.7)
def from_a_condition(v, x):
    t = np.where(x > 0.5, v[0], v[1])
    t += x
    return t * v

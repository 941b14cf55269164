"""Names that mean different arrays on different paths."""

import numpy as np

from . import Cases, V

case = Cases()


@case(V, 0.7)
@case(V, -0.7)
def another_array_on_one_path(v, x):
    w = np.zeros(5) + x
    if x > 0.0:
        v[0] = 3.0 * x
        w = v
    return np.sum(w * w)


@case(V, 0.7)
@case(V, -0.7)
def a_new_array_on_one_path(v, x):
    if x > 0.0:
        v = np.sin(v)
        v[0] = v[1] * v[2]
    for i in range(2):
        v[i] = v[i] * v[i + 1] * x
    return np.sum(v)


@case(V, 0.7, 3)
@case(V, -0.7, 2)
def swapped_on_one_path(v, x, n):
    if x > 0.0:
        w = np.sin(v)
        for _ in range(n):
            w[0] += 0.5
            v, w = w, v
    for i in range(2):
        v[i] = v[i] * v[i + 1]
    return np.sum(v * v)

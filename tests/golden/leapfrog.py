"""Two buffers that take turns: the adjoints take turns the other way round."""

import numpy as np


def leapfrog(u, c, steps):
    v = u.copy()
    new = np.empty_like(u)
    new[0] = new[-1] = 0.0
    for _ in range(steps):
        new[1:-1] = 2.0 * u[1:-1] - v[1:-1] + c * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        v, u, new = u, new, v
    return np.sum(u * u)


CALL = np.linspace(0.0, 1.0, 6), 0.3, 3
DERIVATIVES = {"grad": ("u", "c")}

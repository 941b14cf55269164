"""Heat in a rod, explicitly, each step making a new array."""

import numpy as np


def heat(u, k, steps):
    for _ in range(steps):
        d = u[2:] - 2.0 * u[1:-1] + u[:-2]
        u = np.concatenate([u[:1], u[1:-1] + k * d, u[-1:]])
    return np.sum(u**2)


CALL = np.linspace(0.0, 1.0, 7) ** 2, 0.2, 3
DERIVATIVES = {
    "grad": ("u", "k"),
    "grad.u": "u",  # linear in u: nothing need be kept
    "jvp": ("u", "k"),
}

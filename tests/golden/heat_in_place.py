"""Heat in a rod, in place: the steps are linear in u, so nothing of it is saved."""

import numpy as np


def heat_in_place(u, k, steps):
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


CALL = np.linspace(0.0, 1.0, 7) ** 2, 0.2, 3
DERIVATIVES = {
    "grad": ("u", "k"),
    "grad.u": "u",  # linear in u: nothing need be kept
    "jvp": ("u", "k"),
}

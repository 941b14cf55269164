"""A nonlinear sweep in place: the overwritten numbers are put back."""

import numpy as np


def relax_in_place(u, k, steps):
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * u[i + 1] * k
    return np.sum(u)


CALL = np.linspace(1.0, 2.0, 6), 0.7, 3
DERIVATIVES = {"grad": ("u", "k"), "jvp": ("u", "k")}

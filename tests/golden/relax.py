"""A nonlinear relaxation, in which each step needs the values before it."""

import numpy as np


def relax(u, k, steps):
    for _ in range(steps):
        u = np.concatenate([u[:1], u[:-2] * u[2:] * k, u[-1:]])
    return np.sum(u)


CALL = np.linspace(1.0, 2.0, 6), 0.7, 3
DERIVATIVES = {"grad": ("u", "k")}

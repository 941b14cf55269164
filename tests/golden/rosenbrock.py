"""The function of Rosenbrock, in slices."""

import numpy as np


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


CALL = (np.linspace(-1.0, 1.5, 6),)
DERIVATIVES = {"grad": "x", "jvp": "x"}

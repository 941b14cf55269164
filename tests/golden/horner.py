"""A polynomial by Horner's rule, over the items of an array."""

import numpy as np


def horner(coefficients, x):
    value = 0.0
    for c in coefficients:
        value = value * x + c
    return value


CALL = np.array([2.0, -1.0, 0.5, 3.0]), 1.5
DERIVATIVES = {"grad": ("coefficients", "x")}

"""A sum of arrays that starts with a number, as sums do."""

import numpy as np


def attraction(points, weights, x):
    force = 0.0
    for p, w in zip(points, weights, strict=True):
        d = x - p
        force += w * d / (1.0 + d @ d)
    return force @ force


CALL = (
    np.cos(np.arange(12.0)).reshape(4, 3),
    np.array([0.5, 1.2, 0.7, 0.9]),
    np.array([0.3, -0.2, 0.8]),
)
DERIVATIVES = {"grad": ("points", "weights", "x"), "jvp": ("points", "weights", "x")}

"""A network that is called in several places of a step of Runge and Kutta."""

import numpy as np


def velocity(y, w1, b1, w2):
    return np.tanh(y @ w1 + b1) @ w2


def flow(y, w1, b1, w2, target, steps):
    h = 1.0 / steps
    for _ in range(steps):
        k1 = velocity(y, w1, b1, w2)
        k2 = velocity(y + 0.5 * h * k1, w1, b1, w2)
        k3 = velocity(y + 0.5 * h * k2, w1, b1, w2)
        k4 = velocity(y + h * k3, w1, b1, w2)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum((y - target) ** 2)


_rng = np.random.default_rng(5)
CALL = (
    _rng.normal(size=(3, 2)),
    _rng.normal(size=(2, 4)),
    _rng.normal(size=4),
    _rng.normal(size=(4, 2)),
    _rng.normal(size=(3, 2)),
    3,
)
DERIVATIVES = {"value_and_grad": ("w1", "b1", "w2"), "jvp": ("w1",)}

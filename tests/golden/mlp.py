"""A network with one hidden layer, and its squared error."""

import numpy as np


def mlp(x, y, w1, b1, w2, b2):
    a = x @ w1 + b1
    h = np.maximum(a, 0.0)
    p = h @ w2 + b2
    r = p - y
    return np.mean(r**2)


def wave(*shape):
    return np.sin(np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape)


CALL = wave(5, 4), wave(5, 2), wave(4, 3), wave(3), wave(3, 2), wave(2)
DERIVATIVES = {"value_and_grad": ("w1", "b1", "w2", "b2")}

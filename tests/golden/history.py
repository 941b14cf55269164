"""A recurrent state written into a table, of which the adjoint reads it again."""

import numpy as np


def history(W, h0, steps):
    h = np.zeros((steps + 1, len(h0)))
    h[0] = h0
    for t in range(steps):
        h[t + 1] = np.tanh(W @ h[t])
    return np.sum(h**2)


CALL = np.eye(3) * 0.4 + 0.1, np.array([0.3, -0.2, 0.5]), 4
DERIVATIVES = {"grad": ("W", "h0")}

"""Logistic regression with a penalty."""

import numpy as np


def logistic(w, b, x, y, penalty=0.1):
    z = y * (x @ w + b)
    return np.mean(np.logaddexp(0.0, -z)) + penalty * np.sum(w**2)


CALL = np.array([0.5, -1.0]), 0.3, np.eye(4, 2) - 0.2, np.array([1.0, -1, -1, 1]), 0.1
DERIVATIVES = {"value_and_grad": ("w", "b")}

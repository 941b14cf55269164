"""The compliance of a structure: the derivative through a linear solve."""

import numpy as np


def truss(stiffness, load):
    u = np.linalg.solve(stiffness, load)
    return load @ u


CALL = np.diag([4.0, 5.0, 6.0]) + 0.5, np.array([1.0, 2.0, -1.0])
DERIVATIVES = {"grad": ("stiffness", "load")}

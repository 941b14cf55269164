"""A function that calls itself and changes its argument."""

import numpy as np


def sort(a, lo, hi):
    if lo >= hi:
        return
    p = a[hi]
    i = lo
    for j in range(lo, hi):
        if a[j] < p:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[hi] = a[hi], a[i]
    sort(a, lo, i - 1)
    sort(a, i + 1, hi)


def quicksort(x, w):
    """A sum over x in order: L-estimators are such sums."""
    a = x.copy()
    sort(a, 0, len(a) - 1)
    return a @ w


CALL = np.array([0.3, -0.8, 1.1, 0.2, -0.1]), np.array([0.1, 0.2, 0.4, 0.2, 0.1])
DERIVATIVES = {"grad": ("x", "w")}

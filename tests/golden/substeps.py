"""Steps of lengths that the state decides, as many as it takes, to given times."""

import numpy as np


def substeps(y, times):
    for i in range(1, len(times)):
        t = times[i - 1]
        while t < times[i]:
            step = min(times[i] - t, 0.1 * abs(y) ** (-1 / 3))
            y += step * (1.0 - y * y)
            t += step
    return y


CALL = 0.3, np.array([0.0, 0.5, 1.2])
DERIVATIVES = {"grad": "y"}

"""Kepler's equation by Newton's method, with a tolerance and a limit."""

import math


def newton(mean, eccentricity, limit=50):
    angle = mean
    for _ in range(limit):
        f = angle - eccentricity * math.sin(angle) - mean
        step = f / (1.0 - eccentricity * math.cos(angle))
        angle = angle - step
        if abs(step) < 1e-13:
            break
    return angle


CALL = 0.8, 0.4, 50
DERIVATIVES = {"grad": ("mean", "eccentricity")}

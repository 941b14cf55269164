"""Heat through faces of their own conductivity: one length is the other less one."""

import numpy as np


def conduction(u, kappa, dt, steps):
    flux = np.empty(len(u) - 1)
    for _ in range(steps):
        np.subtract(u[1:], u[:-1], out=flux)
        flux *= dt * kappa
        u[:-1] += flux
        u[1:] -= flux
    return np.sum(u**2)


CALL = np.array([0.3, 1.2, -0.4, 0.8]), np.array([0.9, 1.1, 0.7]), 0.1, 3
DERIVATIVES = {"grad": ("u", "kappa")}

"""Finite elements and solvers, as engineers write them."""

import math

import numpy as np


def beam(E, loads, lengths):
    """Compliance and largest deflection of a cantilever of several elements."""
    n = len(lengths)
    count = 2 * (n + 1)
    K = np.zeros((count, count))
    for e, L in enumerate(lengths):
        k = (
            E[e]
            / L**3
            * np.array(
                [
                    [12, 6 * L, -12, 6 * L],
                    [6 * L, 4 * L**2, -6 * L, 2 * L**2],
                    [-12, -6 * L, 12, -6 * L],
                    [6 * L, 2 * L**2, -6 * L, 4 * L**2],
                ]
            )
        )
        dofs = [2 * e, 2 * e + 1, 2 * e + 2, 2 * e + 3]
        K[np.ix_(dofs, dofs)] += k
    free = np.setdiff1d(np.arange(count), [0, 1])
    F = np.zeros(count)
    F[2::2] = loads
    u = np.zeros(count)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], F[free])
    return F @ u + 0.1 * np.max(np.abs(u))


def line_search(start, a):
    """Newton's method with backtracking, for two equations."""

    def residual(x):
        return np.array([x[0] ** 2 + x[1] - a[0], np.sin(x[0]) + x[1] ** 3 - a[1]])

    def jacobian(x):
        return np.array([[2 * x[0], 1.0], [np.cos(x[0]), 3 * x[1] ** 2]])

    x = start.copy()
    for _ in range(50):
        f = residual(x)
        norm = np.linalg.norm(f)
        if norm < 1e-12:
            break
        try:
            step = np.linalg.solve(jacobian(x), -f)
        except np.linalg.LinAlgError:
            step = -f
        t = 1.0
        while np.linalg.norm(residual(x + t * step)) > (1 - 1e-4 * t) * norm:
            t *= 0.5
        x += t * step
    else:
        raise RuntimeError("no convergence")
    return x[0] * x[1] + np.sum(x)


def bouncing(v, g, e):
    """The height of a ball that bounces, and when it did."""
    t, y, dt = 0.0, 1.0, 0.05
    events = []
    while t < 1.5:
        ahead = y + dt * v - 0.5 * g * dt**2
        if ahead < 0.0:
            tau = (v + math.sqrt(v**2 + 2 * g * y)) / g
            v = -e * (v - g * tau)
            rest = dt - tau
            y = v * rest - 0.5 * g * rest**2
            v -= g * rest
            events.append((t + tau, v))
        else:
            y = ahead
            v -= g * dt
        t += dt
    times = [event[0] for event in events]
    return y + sum(times) + (events[-1][1] if events else 0.0)


STIFFNESS, LOADS = np.array([1.0, 2.0, 1.5]), np.array([0.1, 0.2, 0.3])
CASES = [
    (beam, (STIFFNESS, LOADS, np.array([1.0, 0.8, 1.2]))),
    (line_search, (np.array([1.0, 1.0]), np.array([2.0, 1.5]))),
    (bouncing, (0.3, 9.81, 0.8)),
]

"""Partial differential equations and signals, each step a new array."""
# ruff: noqa: B007, SIM108

import numpy as np


def heat(u, k, steps):
    """Explicit steps; the ends are held."""
    for t in range(steps):
        inner = u[1:-1] + k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u = np.concatenate([u[:1], inner, u[-1:]])
    return np.sum(u**2)


def heat_2d(u, k, steps):
    """Insulated edges by repeating them."""
    for _ in range(steps):
        p = np.concatenate([u[:1], u, u[-1:]])
        p = np.concatenate([p[:, :1], p, p[:, -1:]], axis=1)
        lap = p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * u
        u = u + k * lap
    return u


def advection(u, c, steps):
    """Upwind on a ring; the direction depends on the sign of c."""
    for _ in range(steps):
        if c >= 0:
            u = u - c * (u - np.roll(u, 1))
        else:
            u = u - c * (np.roll(u, -1) - u)
    return u


def burgers(u, nu, dx, dt, steps):
    """Viscous Burgers with a limiter on the step."""
    for n in range(steps):
        up = np.roll(u, -1)
        um = np.roll(u, 1)
        flux = 0.25 * (up**2 - um**2) / dx
        u = u - dt * flux + nu * dt * (up - 2 * u + um) / dx**2
        biggest = np.max(np.abs(u))
        if biggest > 10.0:
            return np.inf
    return 0.5 * dx * np.sum(u * u)


def wave(u, v, c, steps):
    """Two fields that leapfrog."""
    previous, current = u, u + v
    for _ in range(steps):
        middle = (
            2 * current[1:-1]
            - previous[1:-1]
            + c**2 * (current[2:] - 2 * current[1:-1] + current[:-2])
        )
        following = np.hstack(([0.0], middle, [0.0]))
        previous, current = current, following
    return np.sum((current - previous) ** 2)


def jacobi(A, b, tol, limit):
    """Iterates until the residual is small or the patience is gone."""
    d = np.diag(A)
    R = A - np.diag(d)
    x = np.zeros_like(b)
    for k in range(limit):
        x = (b - R @ x) / d
        if np.linalg.norm(A @ x - b) < tol:
            break
    return x


def moving_average(signal, width):
    total = np.cumsum(signal)
    return (total[width:] - total[:-width]) / width


def exponential_smoothing(signal, alpha):
    """Mean square of the one-step errors."""
    level = signal[0]
    sse = 0.0
    for x in signal[1:]:
        error = x - level
        sse += error**2
        level += alpha * error
    return sse / (len(signal) - 1)


def total_variation(image, eps):
    dx = image[:-1, 1:] - image[:-1, :-1]
    dy = image[1:, :-1] - image[:-1, :-1]
    return np.sum(np.sqrt(dx**2 + dy**2 + eps))


def dft_power(x, k):
    n = np.arange(len(x))
    angle = 2 * np.pi * k * n / len(x)
    re, im = np.sum(x * np.cos(angle)), -np.sum(x * np.sin(angle))
    return re**2 + im**2


def tridiagonal(lower, diagonal, upper, rhs):
    """Thomas' algorithm with lists of coefficients kept in tuples."""
    n = len(diagonal)
    c = upper[0] / diagonal[0]
    d = rhs[0] / diagonal[0]
    for i in range(1, n):
        m = diagonal[i] - lower[i - 1] * c
        if i < n - 1:
            c = upper[i] / m
        d = (rhs[i] - lower[i - 1] * d) / m
    return d


_rng = np.random.default_rng(4)
_n = _rng.normal

CASES = [
    (heat, (_n(size=6), 0.2, 4)),
    (heat_2d, (_n(size=(3, 4)), 0.1, 3)),
    (advection, (_n(size=5), 0.4, 3)),
    (advection, (_n(size=5), -0.4, 3)),
    (burgers, (_n(size=6), 0.1, 0.5, 0.05, 4)),
    (wave, (_n(size=5), 0.1 * _n(size=5), 0.5, 3)),
    (jacobi, (4 * np.eye(3) + 0.5 * _n(size=(3, 3)), _n(size=3), 1e-13, 60)),
    (moving_average, (_n(size=7), 3)),
    (exponential_smoothing, (_n(size=6), 0.3)),
    (total_variation, (_n(size=(3, 4)), 0.01)),
    (dft_power, (_n(size=5), 2)),
    (tridiagonal, (_n(size=3), 4 + _n(size=4), _n(size=3), _n(size=4))),
]

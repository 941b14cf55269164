"""Equations solved by iteration."""
# ruff: noqa: B007

import math

import numpy as np


def newton_sqrt(a, x):
    """Heron's method, started from x."""
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def kepler(e, m):
    """Eccentric anomaly from the mean anomaly, by Newton's method."""
    E = m if e < 0.8 else np.pi
    for _ in range(50):
        f = E - e * math.sin(E) - m
        step = f / (1.0 - e * math.cos(E))
        E -= step
        if abs(step) < 1e-13:
            break
    else:
        raise RuntimeError("Kepler's equation did not converge")
    return E


def bisection(a, b, target, steps=48):
    """The root of x**3 + x - target between a and b, polished by one secant step."""
    fa = a**3 + a - target
    for k in range(steps):
        mid = 0.5 * (a + b)
        fm = mid**3 + mid - target
        if fa * fm <= 0.0:
            b = mid
        else:
            a, fa = mid, fm
    fb = b**3 + b - target
    if fb == fa:
        return a
    return a - fa * (b - a) / (fb - fa)


def fixed_point(c, tol=1e-12, max_iter=1000):
    """x = exp(-c x), iterated until it stands still."""
    x = 1.0
    for i in range(max_iter):
        x_new = math.exp(-c * x)
        if abs(x_new - x) < tol:
            return x_new
        x = x_new
    return x


def colebrook(reynolds, roughness):
    """The Darcy friction factor of turbulent flow in a pipe."""
    if reynolds < 2300:
        return 64.0 / reynolds
    f = 0.02
    converged = False
    while not converged:
        rhs = -2.0 * math.log10(roughness / 3.7 + 2.51 / (reynolds * math.sqrt(f)))
        f_new = 1.0 / rhs**2
        converged = abs(f_new - f) < 1e-14
        f = f_new
    return f


def halley(v, n, iterations):
    """The n-th roots of all entries of v."""
    x = np.ones_like(v)
    for _ in range(iterations):
        xn = x**n
        x = x * ((n - 1) * xn + (n + 1) * v) / ((n + 1) * xn + (n - 1) * v)
    return x


def secant(f0, x0, x1):
    """The root of log(x) + x = f0 by the secant method."""
    y0 = np.log(x0) + x0 - f0
    y1 = np.log(x1) + x1 - f0
    count = 0
    while abs(y1) > 1e-12 and count < 30:
        x0, x1 = x1, x1 - y1 * (x1 - x0) / (y1 - y0)
        y0, y1 = y1, np.log(x1) + x1 - f0
        count += 1
    return x1


CASES = [
    (newton_sqrt, (2.0, 5.0)),
    (kepler, (0.3, 1.1)),
    (kepler, (0.9, 0.4)),
    (bisection, (0.0, 2.0, 3.0, 3)),
    (fixed_point, (0.7,)),
    (colebrook, (1e5, 1e-3)),
    (colebrook, (1500.0, 1e-3)),
    (halley, (np.array([2.0, 3.0, 10.0]), 3, 6)),
    (secant, (2.5, 1.0, 2.0)),
]

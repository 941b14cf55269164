"""Linear algebra, polynomials and quadrature by hand."""
# ruff: noqa: B007

import numpy as np


def horner(coefficients, x):
    result = 0.0
    for c in coefficients:
        result = result * x + c
    return result


def clenshaw(coefficients, x):
    """A Chebyshev series from its last coefficient down."""
    b1 = b2 = 0.0
    for c in reversed(coefficients[1:]):
        b1, b2 = c + 2 * x * b1 - b2, b1
    return coefficients[0] + x * b1 - b2


def legendre(n, x):
    """Bonnet's recursion."""
    if n == 0:
        return 1.0
    p0, p1 = 1.0, x
    for k in range(1, n):
        p0, p1 = p1, ((2 * k + 1) * x * p1 - k * p0) / (k + 1)
    return p1


def power_iteration(A, v, steps):
    """The largest eigenvalue of a symmetric matrix."""
    for i in range(steps):
        w = A @ v
        v = w / np.linalg.norm(w)
    return v @ A @ v


def power_iteration_until(A, tol=1e-12):
    n = A.shape[0]
    v = np.ones(n) / np.sqrt(n)
    eigenvalue = 0.0
    while True:
        w = A.dot(v)
        new = v.dot(w)
        v = w / np.sqrt(np.sum(w * w))
        if abs(new - eigenvalue) < tol:
            break
        eigenvalue = new
    return new


def gauss_solve(A, b):
    """Elimination with partial pivoting; rows are replaced, never written."""
    n = len(b)
    M = np.column_stack([A, b])
    for k in range(n):
        p = k + np.argmax(np.abs(M[k:, k]))
        order = np.arange(n)
        order = np.where(order == k, p, np.where(order == p, k, order))
        M = M[order]
        pivot = M[k] / M[k, k]
        others = M - np.outer(M[:, k], pivot)
        M = np.where((np.arange(n) == k)[:, None], pivot, others)
    return M[:, -1]


def conjugate_gradient(A, b, iterations):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r
    rs = r @ r
    for i in range(iterations):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x = x + alpha * p
        r = r - alpha * Ap
        rs_new = r @ r
        if rs_new < 1e-24:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
    return x


def matrix_power(A, n):
    """By repeated squaring."""
    result = np.eye(len(A))
    while n > 0:
        if n % 2 == 1:
            result = result @ A
        A = A @ A
        n //= 2
    return np.trace(result)


def trapezoid(f0, decay, n):
    """The integral of f0 exp(-decay t) over [0, 1]."""
    h = 1.0 / n
    total = 0.0
    for i in range(n + 1):
        t = i * h
        w = 0.5 if i in (0, n) else 1.0
        total += w * f0 * np.exp(-decay * t)
    return total * h


def simpson(a, b, k, n):
    h = (b - a) / n
    s = np.sin(k * a) + np.sin(k * b)
    for i in range(1, n, 2):
        s += 4 * np.sin(k * (a + i * h))
    for i in range(2, n - 1, 2):
        s += 2 * np.sin(k * (a + i * h))
    return s * h / 3


def series_until_small(x, tol):
    """exp(-x**2) summed until the terms vanish; skips what underflows."""
    term, total = 1.0, 1.0
    for n in range(1, 100):
        term *= -x * x / n
        if abs(term) < 1e-300:
            continue
        total += term
        if abs(term) < tol:
            break
    else:
        raise ArithmeticError("the series did not converge")
    return total


def romberg(a, b, levels):
    """Richardson on trapezoid rules; a row is a tuple that grows shorter."""
    coarse = 0.5 * (b - a) * (np.exp(-a * a) + np.exp(-b * b))
    best = coarse
    n = 1
    for level in range(levels):
        n *= 2
        h = (b - a) / n
        middle = 0.0
        for i in range(1, n, 2):
            x = a + i * h
            middle += np.exp(-x * x)
        fine = 0.5 * coarse + h * middle
        best = fine + (fine - coarse) / 3
        coarse = fine
    return best


def continued_fraction(x, depth):
    """tan(x) from the bottom up."""
    value = 0.0
    for k in range(2 * depth - 1, 0, -2):
        value = x / (k - x * value)
    return value


def mahalanobis(x, mu, C):
    d = x - mu
    return np.sqrt(d @ np.linalg.solve(C, d))


_rng = np.random.default_rng(5)
_n = _rng.normal
_A = _n(size=(3, 3))
_SPD = _A @ _A.T + 2 * np.eye(3)

CASES = [
    (horner, ([1.0, -2.0, 0.5, 3.0], 1.3)),
    (horner, (np.array([1.0, -2.0, 0.5, 3.0]), 1.3)),
    (horner, ((1.0, -2.0, 0.5), np.array([0.3, 1.2]))),
    (clenshaw, (np.array([0.3, -1.0, 0.5, 0.2]), 0.4)),
    (legendre, (5, 0.3)),
    (legendre, (0, 0.3)),
    (legendre, (1, np.array([0.3, 0.5]))),
    (power_iteration, (_SPD, _n(size=3), 5)),
    (power_iteration_until, (_SPD,)),
    (gauss_solve, (_A, _n(size=3))),
    (conjugate_gradient, (_SPD, _n(size=3), 3)),
    (matrix_power, (0.5 * _A, 5)),
    (trapezoid, (2.0, 1.5, 6)),
    (simpson, (0.2, 1.1, 2.0, 6)),
    (series_until_small, (0.8, 1e-14)),
    (romberg, (0.1, 1.4, 3)),
    (continued_fraction, (0.7, 5)),
    (mahalanobis, (_n(size=3), _n(size=3), _SPD)),
]

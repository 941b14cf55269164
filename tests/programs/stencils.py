"""Partial differential equations on grids that are updated in place."""
# ruff: noqa: B007

import numpy as np


def heat(u, k, steps):
    """Explicit steps; the ends are held."""
    for t in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def heat_in_two_buffers(u, k, steps):
    """The same element by element; old and new take turns."""
    n = len(u)
    new = u.copy()
    for t in range(steps):
        for i in range(1, n - 1):
            new[i] = u[i] + k * (u[i + 1] - 2.0 * u[i] + u[i - 1])
        u, new = new, u
    return u


def heat_variable(u, kappa, dt, steps):
    """A conductivity per face, radiation u**4; nothing is allocated in the loop."""
    flux = np.empty(len(u) - 1)
    loss = np.empty_like(u)
    for t in range(steps):
        np.subtract(u[1:], u[:-1], out=flux)
        np.multiply(flux, kappa, out=flux)
        np.power(u, 4, out=loss)
        loss *= 0.01 * dt
        u -= loss
        flux *= dt
        u[:-1] += flux
        u[1:] -= flux
    return u


def heat_2d(T, alpha, dx, dt, steps):
    """Insulated edges, set after each step."""
    for n in range(steps):
        lap = (
            T[2:, 1:-1] + T[:-2, 1:-1] + T[1:-1, 2:] + T[1:-1, :-2] - 4 * T[1:-1, 1:-1]
        ) / dx**2
        T[1:-1, 1:-1] += dt * alpha * lap
        T[0, :] = T[1, :]
        T[-1, :] = T[-2, :]
        T[:, 0] = T[:, 1]
        T[:, -1] = T[:, -2]
    return T


def heat_2d_elements(T, alpha, steps):
    """A hot spot is held at the middle; T_old is refilled, not made anew."""
    rows, columns = T.shape
    T_old = np.empty_like(T)
    spot = T[rows // 2, columns // 2]
    for n in range(steps):
        T_old[:] = T
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                T[i, j] = T_old[i, j] + alpha * (
                    T_old[i + 1, j]
                    + T_old[i - 1, j]
                    + T_old[i, j + 1]
                    + T_old[i, j - 1]
                    - 4 * T_old[i, j]
                )
        T[rows // 2, columns // 2] = spot
    return np.mean(T)


def relax(u, k, steps):
    """A nonlinear sweep: each point from neighbours that were new and old."""
    for t in range(steps):
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * u[i + 1] * k
    return np.sum(u)


def gauss_seidel(A, b, tol, limit):
    """Iterates until x stands still."""
    n = len(b)
    x = np.zeros(n)
    for it in range(limit):
        change = 0.0
        for i in range(n):
            old = x[i]
            x[i] = (b[i] - A[i, :i] @ x[:i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
            change = max(change, abs(x[i] - old))
        if change < tol:
            break
    return x


def sor_poisson(u, f, h, omega, sweeps):
    """Over-relaxed Gauss-Seidel for u_xx + u_yy = f; the edges are held."""
    ny, nx = u.shape
    for s in range(sweeps):
        for i in range(1, ny - 1):
            for j in range(1, nx - 1):
                residual = (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4 * u[i, j]
                ) - h * h * f[i, j]
                u[i, j] += omega * 0.25 * residual
    return u


def red_black(u, f, h, sweeps):
    """Red points, then black points, as strided slices; odd numbers of points."""
    for s in range(sweeps):
        for p, q in [(1, 1), (2, 2), (1, 2), (2, 1)]:
            u[p:-1:2, q:-1:2] = 0.25 * (
                u[p - 1 : -2 : 2, q:-1:2]
                + u[p + 1 :: 2, q:-1:2]
                + u[p:-1:2, q - 1 : -2 : 2]
                + u[p:-1:2, q + 1 :: 2]
                - h**2 * f[p:-1:2, q:-1:2]
            )
    return u


def red_black_elements(u, reaction, sweeps):
    """A reaction term makes each update nonlinear."""
    rows, columns = u.shape
    for s in range(sweeps):
        for colour in range(2):
            for i in range(1, rows - 1):
                for j in range(1, columns - 1):
                    if (i + j) % 2 == colour:
                        mean = (
                            u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                        ) / 4
                        u[i, j] = mean / (1.0 + reaction * mean**2)
    return np.sum(u * u)


def red_black_masks(u, f, sweeps):
    """A mask per colour, with the edges taken out of it."""
    n, m = u.shape
    parity = (np.arange(n)[:, None] + np.arange(m)[None, :]) % 2
    for s in range(sweeps):
        for colour in (0, 1):
            mask = parity == colour
            mask[0, :] = mask[-1, :] = False
            mask[:, 0] = mask[:, -1] = False
            mean = np.zeros_like(u)
            mean[1:-1, 1:-1] = 0.25 * (
                u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
            )
            u[mask] = mean[mask] - f[mask]
    return u


def adi(u, r, steps):
    """Peaceman and Rachford: Thomas' algorithm along rows, then along columns."""
    n = len(u)
    half = np.zeros_like(u)
    c = np.zeros(n)
    d = np.zeros(n)
    for step in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                pivot = 1.0 + r + 0.5 * r * c[j - 1]
                rhs = u[i, j] + 0.5 * r * (u[i - 1, j] - 2 * u[i, j] + u[i + 1, j])
                c[j] = -0.5 * r / pivot
                d[j] = (rhs + 0.5 * r * d[j - 1]) / pivot
            for j in range(n - 2, 0, -1):
                half[i, j] = d[j] - c[j] * half[i, j + 1]
        for j in range(1, n - 1):
            for i in range(1, n - 1):
                pivot = 1.0 + r + 0.5 * r * c[i - 1]
                rhs = half[i, j] + 0.5 * r * (
                    half[i, j - 1] - 2 * half[i, j] + half[i, j + 1]
                )
                c[i] = -0.5 * r / pivot
                d[i] = (rhs + 0.5 * r * d[i - 1]) / pivot
            for i in range(n - 2, 0, -1):
                u[i, j] = d[i] - c[i] * u[i + 1, j]
    return u


def adi_slices(u, r, steps):
    """The same, all rows at once and then all columns at once, edges at zero."""
    n = len(u)
    v = np.zeros_like(u)
    p = np.zeros_like(u)
    q = np.zeros_like(u)
    a = -0.5 * r
    for step in range(steps):
        for j in range(1, n - 1):
            p[1:-1, j] = -a / (a * p[1:-1, j - 1] + 1.0 + r)
            q[1:-1, j] = (
                -a * u[:-2, j]
                + (1.0 - r) * u[1:-1, j]
                - a * u[2:, j]
                - a * q[1:-1, j - 1]
            ) / (a * p[1:-1, j - 1] + 1.0 + r)
        for j in range(n - 2, 0, -1):
            v[1:-1, j] = p[1:-1, j] * v[1:-1, j + 1] + q[1:-1, j]
        for j in range(1, n - 1):
            p[1:-1, j] = -a / (a * p[1:-1, j - 1] + 1.0 + r)
            q[1:-1, j] = (
                -a * v[j, :-2]
                + (1.0 - r) * v[j, 1:-1]
                - a * v[j, 2:]
                - a * q[1:-1, j - 1]
            ) / (a * p[1:-1, j - 1] + 1.0 + r)
        for j in range(n - 2, 0, -1):
            u[j, 1:-1] = p[1:-1, j] * u[j + 1, 1:-1] + q[1:-1, j]
    return np.sum(u**2)


_rng = np.random.default_rng(21)
_n = _rng.normal
_A = 4 * np.eye(3) + 0.5 * _n(size=(3, 3))
_enclosed = np.pad(_n(size=(3, 3)), 1)

CASES = [
    (heat, (_n(size=6), 0.2, 4)),
    (heat_in_two_buffers, (_n(size=5), 0.2, 3)),
    (heat_in_two_buffers, (_n(size=5), 0.2, 2)),
    (heat_variable, (_n(size=5), _rng.uniform(0.5, 1.5, 4), 0.1, 3)),
    (heat_2d, (_n(size=(4, 5)), 0.8, 0.7, 0.1, 3)),
    (heat_2d_elements, (_n(size=(4, 4)), 0.1, 2)),
    (relax, (_rng.uniform(0.5, 1.5, 6), 0.9, 3)),
    (gauss_seidel, (_A, _n(size=3), 1e-13, 40)),
    (sor_poisson, (_n(size=(4, 4)), _n(size=(4, 4)), 0.5, 1.3, 2)),
    (red_black, (_n(size=(5, 7)), _n(size=(5, 7)), 0.5, 2)),
    (red_black_elements, (_n(size=(4, 4)), 0.3, 2)),
    (red_black_masks, (_n(size=(4, 5)), 0.1 * _n(size=(4, 5)), 2)),
    (adi, (_enclosed, 0.4, 2)),
    (adi_slices, (_enclosed, 0.4, 2)),
]

"""Maps and differential equations, stepped forward."""
# ruff: noqa: B007

import numpy as np
from numpy import cos, sin

GRAVITY = 9.81


def logistic_map(x, r, n):
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def lyapunov_exponent(r, x0, n, transient=5):
    """The mean of log|f'| along an orbit of the logistic map."""
    x = x0
    total = 0
    for i in range(n + transient):
        if i >= transient:
            total += np.log(abs(r * (1 - 2 * x)))
        x = r * x * (1 - x)
    return total / n


def pendulum(theta, omega, length, dt, steps):
    """Runge-Kutta of order four; stops when the pendulum turns around."""
    for _ in range(steps):
        k1t = omega
        k1o = -GRAVITY / length * sin(theta)
        k2t = omega + 0.5 * dt * k1o
        k2o = -GRAVITY / length * sin(theta + 0.5 * dt * k1t)
        k3t = omega + 0.5 * dt * k2o
        k3o = -GRAVITY / length * sin(theta + 0.5 * dt * k2t)
        k4t = omega + dt * k3o
        k4o = -GRAVITY / length * sin(theta + dt * k3t)
        theta += dt * (k1t + 2 * k2t + 2 * k3t + k4t) / 6
        omega += dt * (k1o + 2 * k2o + 2 * k3o + k4o) / 6
        if omega < 0:
            break
    return theta


def lotka_volterra(state, params, dt, t_end):
    """Midpoint rule, given up early when the prey is nearly gone."""
    alpha, beta, gamma, delta = params
    x, y = state
    t = 0.0
    while t < t_end:
        xm = x + 0.5 * dt * (alpha * x - beta * x * y)
        ym = y + 0.5 * dt * (delta * x * y - gamma * y)
        x, y = (
            x + dt * (alpha * xm - beta * xm * ym),
            y + dt * (delta * xm * ym - gamma * ym),
        )
        t += dt
        if x < 0.05:
            return x, y, t
    return x, y, t


def van_der_pol(y, mu, dt, n):
    """A system in one array, built anew in each step."""
    for k in range(n):
        position, velocity = y
        dy = np.array([velocity, mu * (1 - position**2) * velocity - position])
        y = y + dt * dy
    return np.dot(y, y)


def adaptive_euler(y, rate, t_end, tol):
    """Step doubling: the step size follows the error estimate."""
    t, h = 0.0, 0.1
    while t < t_end:
        if t + h > t_end:
            h = t_end - t
        full = y - h * rate * y * y
        half = y - 0.5 * h * rate * y * y
        double = half - 0.5 * h * rate * half * half
        error = abs(double - full)
        if error > tol:
            h *= 0.5
            continue
        y = double
        t += h
        if error < 0.1 * tol:
            h *= 2.0
    return y


def three_body(positions, velocities, masses, dt, steps):
    """Symplectic Euler; accelerations by broadcasting over all pairs."""
    for _ in range(steps):
        r = positions[None, :, :] - positions[:, None, :]
        d2 = np.sum(r**2, axis=-1) + 0.01
        acc = np.sum(masses[None, :, None] * r / d2[:, :, None] ** 1.5, axis=1)
        velocities = velocities + dt * acc
        positions = positions + dt * velocities
    kinetic = 0.5 * np.sum(masses[:, None] * velocities**2)
    return kinetic


def double_well(x, noise, dt):
    """Langevin dynamics with the noise given."""
    barrier = 0
    for xi in noise:
        force = 4 * x * (1 - x * x)
        previous = x
        x = x + dt * force + np.sqrt(2 * dt) * xi
        if previous * x < 0:
            barrier += 1
    return x if barrier % 2 == 0 else -x


def rotation(angle, points):
    c, s = cos(angle), sin(angle)
    R = np.array([[c, -s], [s, c]])
    return points @ R.T


_rng = np.random.default_rng(1)

CASES = [
    (logistic_map, (0.3, 3.6, 12)),
    (lyapunov_exponent, (3.2, 0.3, 6)),
    (pendulum, (0.4, 1.0, 1.2, 0.05, 40)),
    (lotka_volterra, ([1.0, 0.5], (1.1, 0.4, 0.4, 0.1), 0.1, 0.95)),
    (lotka_volterra, ((0.06, 3.0), (0.5, 0.9, 0.4, 0.1), 0.1, 0.95)),
    (van_der_pol, (np.array([1.0, 0.2]), 1.5, 0.05, 20)),
    (adaptive_euler, (2.0, 1.3, 1.0, 5e-3)),
    (
        three_body,
        (_rng.normal(size=(3, 2)), _rng.normal(size=(3, 2)), np.array([1.0, 2.0, 0.5]),
         0.01, 5),
    ),
    (double_well, (0.9, _rng.normal(size=15), 0.01)),
    (rotation, (0.3, _rng.normal(size=(4, 2)))),
]  # fmt: skip

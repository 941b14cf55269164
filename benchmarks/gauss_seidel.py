"""Gauss-Seidel: a linear system row by row, and a nonlinear one point by point.

Each update overwrites one number that earlier adjoints read: that number is kept, and
put back on the way.
"""

import numpy as np

from benchmarks.libraries import jax, torch
from benchmarks.program import Program


def linear(A, b, sweeps):
    n = len(b)
    x = np.zeros(n)
    for _ in range(sweeps):
        for i in range(n):
            x[i] = (b[i] - A[i, :i] @ x[:i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


def linear_by_hand(A, b, sweeps):
    n = len(b)
    x = np.zeros(n)
    x_stack = []
    for _ in range(sweeps):
        for i in range(n):
            x_stack.append(x[i])
            x[i] = (b[i] - A[i, :i] @ x[:i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    value = np.sum(x**2)

    A_bar = np.zeros_like(A)
    b_bar = np.zeros_like(b)
    x_bar = 2.0 * x
    for _ in range(sweeps - 1, -1, -1):
        for i in range(n - 1, -1, -1):
            q_bar = x_bar[i] / A[i, i]
            A_bar[i, i] -= q_bar * x[i]
            x[i] = x_stack.pop()
            x_bar[i] = 0.0
            b_bar[i] += q_bar
            A_bar[i, :i] -= q_bar * x[:i]
            A_bar[i, i + 1 :] -= q_bar * x[i + 1 :]
            x_bar[:i] -= q_bar * A[i, :i]
            x_bar[i + 1 :] -= q_bar * A[i, i + 1 :]
    return value, (A_bar, b_bar)


def linear_in_jax(A, b, sweeps):
    """Whole rows, less the diagonal: slices whose length varies cannot be compiled."""
    n = len(b)

    def row(i, x):
        rest = A[i] @ x - A[i, i] * x[i]
        return x.at[i].set((b[i] - rest) / A[i, i])

    def sweep(_, x):
        return jax.lax.fori_loop(0, n, row, x)

    x = jax.lax.fori_loop(0, sweeps, sweep, jax.numpy.zeros(n))
    return jax.numpy.sum(x**2)


def linear_in_torch(A, b, sweeps):
    """What `@` keeps must not be written later: it takes copies."""
    n = len(b)
    x = torch.zeros_like(b)
    for _ in range(sweeps):
        for i in range(n):
            before, after = x[:i].clone(), x[i + 1 :].clone()
            x[i] = (b[i] - A[i, :i] @ before - A[i, i + 1 :] @ after) / A[i, i]
    return (x**2).sum()


def grid(u, f, k, sweeps):
    """Reaction and diffusion: u stands for its mean over the neighbours, damped."""
    u = u.copy()
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                mean = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
                u[i, j] = (mean + f[i, j]) / (1.0 + k * u[i, j] ** 2)
    return np.sum(u**2)


def grid_by_hand(u, f, k, sweeps):
    u = u.copy()
    n, m = u.shape
    u_stack = []
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                mean = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
                u_stack.append(u[i, j])
                u[i, j] = (mean + f[i, j]) / (1.0 + k * u[i, j] ** 2)
    value = np.sum(u**2)

    k_bar = 0.0
    f_bar = np.zeros_like(f)
    u_bar = 2.0 * u
    for _ in range(sweeps - 1, -1, -1):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                new = u[i, j]
                old = u_stack.pop()
                u[i, j] = old
                num_bar = u_bar[i, j] / (1.0 + k * old**2)
                den_bar = -num_bar * new
                k_bar += den_bar * old**2
                u_bar[i, j] = 2.0 * k * den_bar * old
                f_bar[i, j] += num_bar
                mean_bar = 0.25 * num_bar
                u_bar[i - 1, j] += mean_bar
                u_bar[i + 1, j] += mean_bar
                u_bar[i, j - 1] += mean_bar
                u_bar[i, j + 1] += mean_bar
    return value, (u_bar, f_bar, k_bar)


def grid_in_jax(u, f, k, sweeps):
    n, m = u.shape

    def point(i, j, u):
        mean = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
        return u.at[i, j].set((mean + f[i, j]) / (1.0 + k * u[i, j] ** 2))

    def row(i, u):
        return jax.lax.fori_loop(1, m - 1, lambda j, u: point(i, j, u), u)

    def sweep(_, u):
        return jax.lax.fori_loop(1, n - 1, row, u)

    return jax.numpy.sum(jax.lax.fori_loop(0, sweeps, sweep, u) ** 2)


def grid_in_torch(u, f, k, sweeps):
    """The power keeps its operand, so it takes a copy of it."""
    u = u.clone()
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                mean = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
                old = u[i, j].clone()
                u[i, j] = (mean + f[i, j]) / (1.0 + k * old**2)
    return (u**2).sum()


RNG = np.random.default_rng(0)

PROGRAMS = [
    Program(
        name="Gauss-Seidel, rows",
        primal=linear,
        args=(
            RNG.normal(size=(100, 100)) + 50.0 * np.eye(100),
            RNG.normal(size=100),
            20,
        ),
        wrt=("A", "b"),
        hand=linear_by_hand,
        jax=linear_in_jax,
        torch=linear_in_torch,
        in_place=True,
    ),
    Program(
        name="Gauss-Seidel, grid",
        primal=grid,
        args=(RNG.normal(size=(20, 20)), 0.1 * RNG.normal(size=(20, 20)), 0.3, 5),
        wrt=("u", "f", "k"),
        hand=grid_by_hand,
        jax=grid_in_jax,
        torch=grid_in_torch,
        in_place=True,
    ),
]

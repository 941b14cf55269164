"""The heat equation on a rod and on a plate, stepped in place.

The reverse sweep reads the Laplacian of each step, for the gradient in k alone: it is
kept as it is, never the field.
"""

import numpy as np

from benchmarks.libraries import jax
from benchmarks.program import Program


def rod(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def rod_by_hand(u, k, steps):
    u = u.copy()
    d_stack = []
    for _ in range(steps):
        d = u[2:] - 2.0 * u[1:-1] + u[:-2]
        d_stack.append(d)
        u[1:-1] += k * d
    value = np.sum(u**2)

    k_bar = 0.0
    u_bar = 2.0 * u
    for _ in range(steps - 1, -1, -1):
        w_bar = u_bar[1:-1]
        k_bar += w_bar @ d_stack.pop()
        d_bar = k * w_bar
        u_bar[2:] += d_bar
        u_bar[1:-1] -= 2.0 * d_bar
        u_bar[:-2] += d_bar
    return value, (u_bar, k_bar)


def rod_tuned(u, k, steps):
    """All memory is allocated before the loops."""
    u = u.copy()
    d = np.empty((steps, len(u) - 2))
    w = np.empty(len(u) - 2)
    for t in range(steps):
        np.multiply(u[1:-1], -2.0, out=d[t])
        d[t] += u[2:]
        d[t] += u[:-2]
        np.multiply(d[t], k, out=w)
        u[1:-1] += w
    value = u @ u

    k_bar = 0.0
    u_bar = 2.0 * u
    left, middle, right = u_bar[:-2], u_bar[1:-1], u_bar[2:]
    for t in range(steps - 1, -1, -1):
        k_bar += middle @ d[t]
        np.multiply(middle, k, out=w)
        left += w
        right += w
        w *= 2.0
        middle -= w
    return value, (u_bar, k_bar)


def rod_in_jax(u, k, steps):
    def step(_, u):
        return u.at[1:-1].add(k * (u[2:] - 2.0 * u[1:-1] + u[:-2]))

    return jax.numpy.sum(jax.lax.fori_loop(0, steps, step, u) ** 2)


def rod_in_torch(u, k, steps):
    u = u.clone()
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return (u**2).sum()


def plate(u, k, steps):
    """Insulated: the edges follow their neighbours."""
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1]
            + u[:-2, 1:-1]
            + u[1:-1, 2:]
            + u[1:-1, :-2]
            - 4.0 * u[1:-1, 1:-1]
        )
        u[0, :] = u[1, :]
        u[-1, :] = u[-2, :]
        u[:, 0] = u[:, 1]
        u[:, -1] = u[:, -2]
    return np.sum(u**2)


def plate_by_hand(u, k, steps):
    u = u.copy()
    d_stack = []
    for _ in range(steps):
        d = (
            u[2:, 1:-1]
            + u[:-2, 1:-1]
            + u[1:-1, 2:]
            + u[1:-1, :-2]
            - 4.0 * u[1:-1, 1:-1]
        )
        d_stack.append(d)
        u[1:-1, 1:-1] += k * d
        u[0, :] = u[1, :]
        u[-1, :] = u[-2, :]
        u[:, 0] = u[:, 1]
        u[:, -1] = u[:, -2]
    value = np.sum(u**2)

    k_bar = 0.0
    u_bar = 2.0 * u
    for _ in range(steps - 1, -1, -1):
        u_bar[:, -2] += u_bar[:, -1]
        u_bar[:, -1] = 0.0
        u_bar[:, 1] += u_bar[:, 0]
        u_bar[:, 0] = 0.0
        u_bar[-2, :] += u_bar[-1, :]
        u_bar[-1, :] = 0.0
        u_bar[1, :] += u_bar[0, :]
        u_bar[0, :] = 0.0
        w_bar = u_bar[1:-1, 1:-1]
        k_bar += np.sum(w_bar * d_stack.pop())
        d_bar = k * w_bar
        u_bar[2:, 1:-1] += d_bar
        u_bar[:-2, 1:-1] += d_bar
        u_bar[1:-1, 2:] += d_bar
        u_bar[1:-1, :-2] += d_bar
        u_bar[1:-1, 1:-1] -= 4.0 * d_bar
    return value, (u_bar, k_bar)


def plate_in_jax(u, k, steps):
    def step(_, u):
        u = u.at[1:-1, 1:-1].add(
            k
            * (
                u[2:, 1:-1]
                + u[:-2, 1:-1]
                + u[1:-1, 2:]
                + u[1:-1, :-2]
                - 4.0 * u[1:-1, 1:-1]
            )
        )
        u = u.at[0, :].set(u[1, :])
        u = u.at[-1, :].set(u[-2, :])
        u = u.at[:, 0].set(u[:, 1])
        return u.at[:, -1].set(u[:, -2])

    return jax.numpy.sum(jax.lax.fori_loop(0, steps, step, u) ** 2)


def plate_in_torch(u, k, steps):
    u = u.clone()
    for _ in range(steps):
        u[1:-1, 1:-1] += k * (
            u[2:, 1:-1]
            + u[:-2, 1:-1]
            + u[1:-1, 2:]
            + u[1:-1, :-2]
            - 4.0 * u[1:-1, 1:-1]
        )
        u[0, :] = u[1, :]
        u[-1, :] = u[-2, :]
        u[:, 0] = u[:, 1]
        u[:, -1] = u[:, -2]
    return (u**2).sum()


RNG = np.random.default_rng(0)

PROGRAMS = [
    Program(
        name="heat, 1-D",
        primal=rod,
        args=(RNG.normal(size=1000), 0.2, 500),
        wrt=("u", "k"),
        hand=rod_by_hand,
        tuned=rod_tuned,
        jax=rod_in_jax,
        torch=rod_in_torch,
        in_place=True,
    ),
    Program(
        name="heat, 2-D",
        primal=plate,
        args=(RNG.normal(size=(150, 150)), 0.1, 100),
        wrt=("u", "k"),
        hand=plate_by_hand,
        jax=plate_in_jax,
        torch=plate_in_torch,
        in_place=True,
    ),
]

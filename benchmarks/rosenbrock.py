"""Rosenbrock's valley: two scalars read from an array, and n numbers in slices."""

import numpy as np

from benchmarks.libraries import jax
from benchmarks.program import Program


def banana(x):
    a, b = x[0], x[1]
    return (1.0 - a) ** 2 + 100.0 * (b - a**2) ** 2


def banana_by_hand(x):
    a, b = x[0], x[1]
    c = 1.0 - a
    d = b - a**2
    value = c**2 + 100.0 * d**2

    d_bar = 200.0 * d
    a_bar = -2.0 * (c + d_bar * a)
    return value, (np.array([a_bar, d_bar]),)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_by_hand(x):
    a = x[:-1]
    c = 1.0 - a
    d = x[1:] - a**2
    value = np.sum(100.0 * d**2 + c**2)

    d_bar = 200.0 * d
    x_bar = np.zeros_like(x)
    x_bar[1:] = d_bar
    x_bar[:-1] -= 2.0 * (c + d_bar * a)
    return value, (x_bar,)


def rosenbrock_in_jax(x):
    a, b = x[:-1], x[1:]
    return jax.numpy.sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2)


def rosenbrock_in_torch(x):
    a, b = x[:-1], x[1:]
    return (100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2).sum()


START = np.random.default_rng(0).normal(1.0, 0.5, size=1000)

PROGRAMS = [
    Program(
        name="Rosenbrock, x[0], x[1]",
        primal=banana,
        args=(START[:2].copy(),),
        wrt=("x",),
        hand=banana_by_hand,
        jax=banana,
        torch=banana,
    ),
    *(
        Program(
            name=f"Rosenbrock, n = {n:,}",
            primal=rosenbrock,
            args=(START[:n].copy(),),
            wrt=("x",),
            hand=rosenbrock_by_hand,
            jax=rosenbrock_in_jax,
            torch=rosenbrock_in_torch,
        )
        for n in (2, 1000)
    ),
]

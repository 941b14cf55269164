"""The logistic map: a loop of 10,000 steps over two floats.

At r = 3, the edge of the first period doubling, the derivative with respect to the
start neither explodes nor vanishes, so that all of the reverse sweep matters.
"""

from benchmarks.libraries import jax
from benchmarks.program import Program


def logistic(r, x, steps):
    for _ in range(steps):
        x = r * x * (1.0 - x)
    return x


def logistic_by_hand(r, x, steps):
    xs = []
    for _ in range(steps):
        xs.append(x)
        x = r * x * (1.0 - x)
    value = x

    r_bar = 0.0
    x_bar = 1.0
    for x in reversed(xs):
        r_bar += x_bar * x * (1.0 - x)
        x_bar *= r * (1.0 - 2.0 * x)
    return value, (r_bar, x_bar)


def logistic_in_jax(r, x, steps):
    return jax.lax.fori_loop(0, steps, lambda _, x: r * x * (1.0 - x), x)


PROGRAMS = [
    Program(
        name="logistic map",
        primal=logistic,
        args=(3.0, 0.4, 10_000),
        wrt=("r", "x"),
        hand=logistic_by_hand,
        jax=logistic_in_jax,
        torch=logistic,
    )
]

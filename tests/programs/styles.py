"""What surrounds the numbers: globals, closures, asserts, lambdas, settings."""
# ruff: noqa: B007, E731, SIM109

import numpy as np
import numpy as xp
from numpy import pi, tanh

SCALE = 2.5
OFFSETS = np.array([0.1, -0.2, 0.3])


class Config:
    rate = 0.3
    steps = 4


def uses_globals(x):
    return SCALE * np.sum(x * OFFSETS) + Config.rate * pi


def uses_attributes(x):
    for _ in range(Config.steps):
        x = x - Config.rate * np.sin(x)
    return x


def make_scaled(factor, shift):
    def scaled(x):
        return factor * tanh(x) + shift

    return scaled


parabola = lambda x, a=2.0: a * x**2 + 1
in_tuple = (lambda x: x + 1.0, lambda x: xp.exp(x) * x)


def guarded(x, y):
    """Arguments are checked first, as they should be."""
    assert x > 0, "x must be positive"
    assert y.ndim == 1 and len(y) > 2, f"bad shape {y.shape}"
    if not np.all(np.isfinite(y)):
        raise ValueError("y is not finite")
    return x * np.sum(y / x**2)


def chatty(x, n):
    for i in range(n):
        x = x * np.cos(x)
        if i % 2 == 0:
            print("step", i, end="\n")
    print(f"done: {n:03d}")
    return x


def modes(x, mode, axis=None, flag=False):
    if mode == "sum":
        y = np.sum(x, axis=axis)
    elif mode == "mean":
        y = np.mean(x, axis=axis)
    else:
        y = x
    if flag:
        y = -y
    if axis is not None:
        y = y**2
    return np.sum(y)


def annotated(x: float, w: "np.ndarray", n: int = 2) -> float:
    total: float = 0.0
    k: int
    for k in range(n):
        total += x**k * w[k]
    return total


def dispatch(x):
    """Works for numbers and arrays alike."""
    if isinstance(x, float):
        return x * x
    if x.ndim == 1:
        return np.sum(x * x)
    return np.trace(x @ x.T)


def many_names(x, y):
    a = b = x * y
    (c, d), e = (a + 1, b - 1), a * b
    [f, g] = c, d
    f, g = g, f
    return f * c + g * d + e


def last_value_of_a_loop(values):
    for i, v in enumerate(values):
        if v < 0:
            break
    return v * (i + 1)


def conditional_expressions(x, y):
    s = 1.0 if x > y else -1.0
    big = x if x > y else y
    small = (y if x > y else x) or 1.0
    return s * big**2 / (1 + small**2 if small > 0 else 1 - small)


def chains(x, lo, hi):
    if lo < x < hi and not (x == lo or x == hi):
        return (x - lo) * (hi - x)
    if x <= lo or hi <= x:
        return 0.0
    return x


def tuples_in_tuples(state, dt):
    (x, v), (m, k) = state
    for _ in range(3):
        x, v = x + dt * v, v - dt * k / m * x
    return (x, v), 0.5 * m * v**2 + 0.5 * k * x**2


# fmt: off
def semicolons(x): y = x * x; z = y + x; return z  # noqa: E702
# fmt: on


CASES = [
    (uses_globals, (np.array([1.0, 2.0, 3.0]),)),
    (uses_attributes, (0.7,)),
    (make_scaled(2.0, 0.5), (0.3,)),
    (make_scaled(np.array([1.0, 2.0]), 0.5), (np.array([0.3, 0.4]),)),
    (parabola, (1.5,)),
    (parabola, (1.5, 0.5)),
    (in_tuple[1], (0.4,)),
    (guarded, (1.5, np.array([0.3, 0.4, 0.5]))),
    (chatty, (0.5, 3)),
    (modes, (np.array([[0.3, 0.4], [0.5, 0.7]]), "sum", 0)),
    (modes, (np.array([[0.3, 0.4], [0.5, 0.7]]), "mean", None, True)),
    (modes, (np.array([[0.3, 0.4], [0.5, 0.7]]), "none")),
    (annotated, (0.5, np.array([1.0, 2.0]))),
    (dispatch, (1.5,)),
    (dispatch, (np.array([1.0, 2.0]),)),
    (dispatch, (np.array([[1.0, 2.0]]),)),
    (many_names, (0.5, 1.5)),
    (last_value_of_a_loop, (np.array([0.5, 0.7, -0.3, 0.2]),)),
    (last_value_of_a_loop, ([0.5, 0.7, 0.3],)),
    (conditional_expressions, (0.5, 0.9)),
    (conditional_expressions, (0.5, -0.9)),
    (chains, (0.3, 0.0, 1.0)),
    (chains, (1.3, 0.0, 1.0)),
    (tuples_in_tuples, (((1.0, 0.0), (2.0, 3.0)), 0.1)),
    (semicolons, (0.7,)),
]

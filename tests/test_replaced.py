"""Arrays in lists and dicts in whose place others come, of another shape."""

import numpy as np
import pytest
from agree import check

V = np.array([0.5, 1.2, -0.3, 0.8])


def longer(x, n):
    xs = [x * k for k in range(n)]
    for i in range(n):
        xs[i] = np.concatenate([xs[i], xs[i][:1]])
    return sum(np.sum(v**2) for v in xs)


def shorter(x, n):
    xs = [x * k for k in range(n)]
    for i in range(n):
        for _ in range(i):
            xs[i] = xs[i][1:] * xs[i][:-1]
    return sum(np.sum(v**2) for v in xs)


def another(x, n):
    """What is put there is made of other things."""
    xs = [x * k for k in range(n)]
    s = 0.0
    for i in range(1, n):
        s += np.sum(xs[i - 1] * x[0])
        xs[i - 1] = np.outer(x, x[:i]).ravel() * np.sum(xs[i])
    return s + sum(np.sum(v**2) for v in xs)


def in_dict(x, n):
    """Under some keys there is nothing yet."""
    d = {}
    for i in range(n):
        d[i] = x * (i + 1)
    for i in range(n + 2):
        d[i] = np.concatenate([d[0], d[i % 2][:1]])
    return sum(np.sum(v**2) for v in d.values())


def in_tuple(x, n):
    xs = [(x * k, x[0]) for k in range(n)]
    for i in range(n):
        a, b = xs[i]
        xs[i] = np.concatenate([a, a[:1]]), b * 2
    s = 0.0
    for a, b in xs:
        s += np.sum(a**2) * b
    return s


@pytest.mark.parametrize("f", [longer, shorter, another, in_dict, in_tuple])
def test_arrays_of_another_shape(f):
    check(f, [V, 3])

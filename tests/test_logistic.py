"""The logistic function, which needs only its own value for its derivative."""

import math

import numpy as np
import pytest
from agree import check

import s2s

X = np.array([-3.0, -0.2, 0.0, 0.7, 4.0])


def vectors(x):
    return np.sum(1.0 / (1.0 + np.exp(-x)) * x)


def mixed(x, k):
    p = 1 / (np.exp(k * x - 1.0) + 1)
    return np.sum(p * p)


def named(x):
    e = np.exp(-x)
    below = 1.0 + e
    return np.sum(1.0 / below + e * below)


def numbers(x):
    return x / (1 + math.exp(-x)) + 1.0 / (1.0 + math.exp(2.0 * x))


def steps(x, w, n):
    for _ in range(n):
        x = 1.0 / (1.0 + np.exp(-(w * x)))
    return np.sum(x)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (vectors, (X,)),
        (mixed, (X, 0.7)),
        (mixed, (X[:1], 0.7)),
        (named, (X,)),
        (numbers, (0.3,)),
        (steps, (X, 1.3, 3)),
        (steps, (X, np.full(5, 1.3), 3)),
    ],
)
def test_derivatives(f, args):
    check(f, args)


def test_one_array_is_kept_for_each_round():
    df = s2s.grad(steps)
    df.compile(X, 1.3, 3)
    assert df.source.count("_stack = []") == 1


def test_where_the_exponential_overflows():
    df = s2s.grad(vectors)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(df(np.array([-800.0, 800.0])), [0.0, 1.0])


def test_dtypes():
    assert s2s.grad(vectors)(X.astype("float32")).dtype == "float32"
    z = X + 0.5j
    grad = s2s.grad(vectors, holomorphic=True)(z)
    step = (vectors(z + 1e-6 * np.eye(5)[1]) - vectors(z - 1e-6 * np.eye(5)[1])) / 2e-6
    assert grad[1] == pytest.approx(step)

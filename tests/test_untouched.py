"""Which places of an adjoint are assigned, and which are added to."""

import numpy as np
import pytest

import s2s

X = np.arange(1.0, 13.0).reshape(3, 4)
MASK = X > 2.0


def literal(x):
    return x[0, 1] * x[0, 2] * x[1, 1]


def same(x):
    return x[0, 1] * x[0, 1] + x[0, -3]


def masked(x):
    return np.sum(x[0, 1] * x[MASK])


def below_a_mask(x):
    y = np.stack([x, x])
    return y[0, 1, 1] * np.sum(y[:, MASK]) + y[1, 2, 0]


def sliced(x):
    return np.sum(x[0] * x[1]) + x[1, 0] * np.sum(x[:, 2])


def chosen(x, k):
    return x[0, 1] * x[k, 1]


@pytest.mark.parametrize(
    ("f", "args", "added"),
    [
        (literal, (X,), 0),
        (same, (X,), 1),
        (masked, (X,), 1),
        (below_a_mask, (X,), 2),
        (sliced, (X,), 2),
        (chosen, (X, 0), 1),
    ],
)
def test_places(f, args, added):
    df = s2s.grad(f)
    found = df(*args)
    numeric = np.zeros_like(X)
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-4
        x, *rest = args
        numeric[place] = (f(x + step, *rest) - f(x - step, *rest)) / 2e-4
    np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-7)
    assert df.source.count("] += ") == added, df.source

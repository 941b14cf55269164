"""Methods of arrays with arguments that are seldom given."""

import numpy as np
import pytest
from agree import check

U, W = np.array([0.3, -0.8, 0.6]), np.array([0.4, 0.9, 1.3])
A = np.arange(6.0).reshape(2, 3) * 0.1 + 0.2


def compressed(u, w):
    k = np.sin(u).compress([True, False, True])
    return np.sum(k * w[:2])


def compressed_rows(A, w):
    return np.sum(A.compress([False, True], axis=0) * w)


def one_number(u, w):
    return np.array([u[0] * u[0]]).reshape(()) * w[0]


def transposed(u, w):
    return np.sum(u.transpose(0) * w)


def clipped(u, w):
    return np.sum(u.clip(-0.5) * w)


@pytest.mark.parametrize(
    ("f", "x"),
    [(compressed, U), (compressed_rows, A), (one_number, U), (transposed, U),
     (clipped, U)],
)  # fmt: skip
def test_methods(f, x):
    check(f, [x, W])

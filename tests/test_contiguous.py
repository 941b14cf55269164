"""Updates through reshaped views, with arrays in every order in memory around them."""

from typing import Any

import numpy as np
import pytest

import s2s


def elements(A, B):
    C = np.zeros((2, 3))
    C[:] = A
    v = C.reshape(-1)
    v[1] = v[1] * v[2]
    v[1] = v[1] * v[3]
    return np.sum(np.exp(B) * C)


def transposed(A, B):
    C = np.zeros((2, 3))
    C[:] = A
    C.ravel()[1] = A[0, 0]
    return np.sum((B.T * 2.0).T * C)


def in_a_loop(A, B):
    C = np.zeros((2, 3))
    C += A * B
    v = C.ravel()
    for k in range(3):
        v[k] = v[k] * v[k + 1]
        C[1] *= 1.5
    return np.sum(C * B) + v[0]


def overwritten(A, B):
    C = np.empty((2, 3))
    np.multiply(A, B, out=C)
    for k in range(2):
        C.reshape(3, 2)[k, 1] *= C[0, k]
        C *= B
    return C


def in_branches(A, B):
    C = np.zeros((2, 3))
    C *= A
    C += B
    r = C.reshape(-1)
    if A[0, 0] > 0.0:
        r[1:] *= r[:-1]
    else:
        C.ravel()[0] = A[0, 1]
    return C.T


ORDERS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "gaps": lambda x: np.repeat(np.repeat(x, 2, 0), 2, 1)[::2, ::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize(
    "f", [elements, transposed, in_a_loop, overwritten, in_branches]
)
def test_right_in_every_order(f: Any, order: Any) -> None:
    rng = np.random.default_rng(0)
    A, B = order(rng.uniform(0.2, 1.0, (2, 3))), order(rng.normal(size=(2, 3)))
    dots = order(rng.normal(size=(2, 3))), order(rng.normal(size=(2, 3)))
    h = 1e-6
    up, down = (f(A + s * dots[0], B + s * dots[1]) for s in (h, -h))
    slope = (up - down) / (2.0 * h)
    out, out_dot = s2s.jvp(f, (A, B), dots)
    np.testing.assert_array_equal(out, f(A.copy(), B.copy()))
    np.testing.assert_allclose(out_dot, slope, rtol=1e-7)
    ct = np.asfortranarray(rng.normal(size=np.shape(out))) if np.ndim(out) else 1.0
    bars = s2s.vjp(f, A, B)[1](ct)
    inner = sum(np.sum(bar * dot) for bar, dot in zip(bars, dots, strict=True))
    assert inner == pytest.approx(np.sum(slope * ct), rel=1e-7)

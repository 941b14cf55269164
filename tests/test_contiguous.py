"""Updates through reshaped views, with arrays in every order in memory around them."""

from typing import Any

import numpy as np
import pytest
from agree import check

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


# arrays that are in the order of what they are computed from --------------------------


def outer(A, B):
    C = np.outer(A[0], B[1])
    v = C.ravel()
    v[::2] *= B[0, 0]
    C += v[1]
    return C


def stacked(A, B):
    C, D = np.array([A[0], B[1]]), np.stack([A[1], B[0]])
    v, w = C.reshape(3, 2), D.reshape(-1)
    v[1] = w[:2] * B[0, 0]
    w[3:] = v[0, 0]
    return C * D


def copied_in_another_order(A, B):
    C = A.T.copy()
    v = C.ravel()
    v[1] = v[0] * B[0, 0]
    return C @ B


def columns_and_rows(A, B):
    C = A[0][:, None] * B[1] + np.where(B[0] > 0.0, A[0], 1.0)
    D = np.diag(A[1]) @ C
    D.ravel()[::4] = 2.0 * C.ravel()[:3]
    C.ravel()[1:] *= D[0, 0]
    return C, D


def multiple(A, B):
    C = A * 2.0
    v = C.ravel()
    v[::2] *= B[0, 0]
    return C * v[1]


def copied(A, B):
    C, D = np.copy(A), B.astype(float)
    C.ravel()[1] = D[0, 0]
    D.reshape(-1)[2:] *= C[0, 1]
    return C * D


def of_both(A, B):
    C = np.exp(A) / (1.0 + B**2)
    if A[0, 0] > 0.0:
        C = -C
    v = C.reshape(-1)
    for i in range(1, 6):
        v[i] += v[i - 1] * C[0, 0]
    return C * np.zeros_like(C).ravel()[0] + C


def after_a_change(A, B):
    A[0] = B[1] * A[1]
    C = A + B
    v = C.ravel()
    C[0] *= 2.0
    return A * v[1]


def in_a_tuple(A, B):
    def f(p):
        C = p[0] * 2.0
        C.ravel()[1] = p[1][0, 0]
        return C

    return f((A, B))


NEW = [outer, stacked, copied_in_another_order, columns_and_rows]
OF_ARGUMENTS = [multiple, copied, of_both, after_a_change, in_a_tuple]
ARGS = np.array([[0.7, -0.4, 1.1], [0.3, 0.9, -0.6]]), np.linspace(0.2, 1.5, 6)


@pytest.mark.parametrize("f", [*NEW, *OF_ARGUMENTS])
def test_order_of_the_operands(f: Any) -> None:
    check(f, (ARGS[0], ARGS[1].reshape(2, 3)))


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("f", [outer, stacked, *OF_ARGUMENTS])
def test_derivatives_in_every_order(f: Any, order: Any) -> None:
    A, B = ARGS[0], ARGS[1].reshape(2, 3)
    rng = np.random.default_rng(0)
    dots = rng.normal(size=(2, 2, 3))
    value, want = s2s.jvp(f, (A, B), (*dots,))
    _, slope = s2s.jvp(f, (A, B), (*map(order, dots),))
    np.testing.assert_array_equal(slope, want)
    ct = rng.normal(size=value.shape)
    _, pullback = s2s.vjp(f, A, B)
    for bar, wanted in zip(pullback(order(ct)), pullback(ct), strict=True):
        np.testing.assert_allclose(bar, wanted, rtol=1e-14)


@pytest.mark.parametrize("f", OF_ARGUMENTS)
@pytest.mark.parametrize("order", ["F", "gaps", "backwards"])
def test_arguments_in_another_order(f: Any, order: str) -> None:
    A, B = (ORDERS[order](x.reshape(2, 3)) for x in ARGS)
    with pytest.raises(s2s.S2SError, match="is not contiguous, and this changes"):
        s2s.vjp(f, A, B)


def transposed_operand(A):
    C = A.T * 2.0
    v = C.ravel()
    v[0] = 1.0
    return C


def columns_chosen(A):
    C = A[:, [0, 1]]
    v = C.ravel()
    v[0] = 1.0
    return C


@pytest.mark.parametrize("f", [transposed_operand, columns_chosen])
def test_unknown_order(f: Any) -> None:
    with pytest.raises(s2s.S2SError, match="`C` may be the same array"):
        s2s.vjp(f, ARGS[0])

"""What NumPy returns itself, and what it copies: a change in place tells."""

import numpy as np
import pytest
from agree import check

import s2s

U, W = np.array([0.3, -0.8, 0.6]), np.array([0.4, 0.9, 1.3])
A = np.arange(6.0).reshape(2, 3) * 0.1 + 0.2


def then_changed(make):
    def f(u, w):
        r = make(u)
        r *= w
        return np.sum(u * w * r)

    return f


ITSELF = [
    lambda u: u.conj(),
    lambda u: u.conjugate(),
    lambda u: u.conj().T.T,
]
COPIES = [
    lambda u: np.conj(u),
    lambda u: np.r_[u],
    lambda u: np.apply_along_axis(lambda v: v, 0, u),
    lambda u: np.float64(u * 1.0),
]
REFUSED = [
    (lambda u: np.float64(u), "in place"),
    (lambda u: np.diff(u, n=0), "array itself"),
    (lambda u: np.choose([0, 0, 0], [u]), "a copy of it"),
]


@pytest.mark.parametrize("make", [*ITSELF, *COPIES])
def test_right(make):
    check(then_changed(make), [U, W])


def test_matrices():
    check(then_changed(lambda u: np.r_[u]), [A, W])
    check(then_changed(lambda u: u.conj()), [A, W])


def test_complex_arrays_are_conjugated():
    def f(z):
        r = z.conj()
        r *= 2.0
        return np.sum((r + z).real)

    z = U + 1j * W
    value, slope = s2s.value_and_grad(f)(z)
    assert value == f(z)
    np.testing.assert_allclose(slope, 3.0)


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_refused(make, message):
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(then_changed(make))(U, W)

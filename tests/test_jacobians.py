"""Jacobians, Hessians and their products, against JAX and formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import s2s
from s2s.structure import leaves

jax.config.update("jax_enable_x64", True)
X, Y = np.array([1.0, -0.5, 2.0]), np.array([0.5, -1.0])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def several(x, y):
    return x * np.sum(y), (np.outer(x, y), y[0] ** 2)


def several_in_jax(x, y):
    return x * jnp.sum(y), (jnp.outer(x, y), y[0] ** 2)


def in_place(x):
    z = np.zeros(4)
    for i in range(len(x)):
        z[i + 1] = z[i] * x[i] + x[i] ** 2
    return z


def of_a_pair(p, x):
    (a, b), c = p
    return a * x + b * c * x**2


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_against_jax(jacobian):
    ours = jacobian(several, (0, 1))(X, Y)
    theirs = jax.jacfwd(several_in_jax, (0, 1))(X, Y)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_one_argument_gives_no_tuple(jacobian):
    first, (second, _) = jacobian(several)(X, Y)
    assert np.allclose(first, np.sum(Y) * np.eye(3))
    assert second.shape == (3, 2, 3)
    assert np.allclose(jacobian(several, "y")(X, Y)[0], np.outer(X, np.ones(2)))


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_structure_of_arguments(jacobian):
    (a, b), c = jacobian(of_a_pair)(((2.0, 3.0), 4.0), 0.5)
    assert (a, b, c) == (0.5, 4.0 * 0.25, 3.0 * 0.25)


def test_programs_in_place():
    assert np.allclose(s2s.jacfwd(in_place)(X), s2s.jacrev(in_place)(X), rtol=1e-14)


def test_hessian_of_rosenbrock():
    a, b, c = X
    want = [
        [1200 * a**2 - 400 * b + 2, -400 * a, 0.0],
        [-400 * a, 200 + 1200 * b**2 - 400 * c + 2, -400 * b],
        [0.0, -400 * b, 200.0],
    ]
    assert np.allclose(s2s.hessian(rosenbrock)(X), want, rtol=1e-14)


def test_hessian_of_several_arguments():
    f = lambda x, y: np.sum(x) ** 2 * y[0] * y[1]  # noqa: E731
    theirs = jax.hessian(lambda x, y: jnp.sum(x) ** 2 * y[0] * y[1], (0, 1))(X, Y)
    ours = s2s.hessian(f, (0, 1))(X, Y)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert np.allclose(a, b, rtol=1e-13)


def test_product_with_the_hessian():
    v = np.array([0.3, 1.0, -2.0])
    (product,) = s2s.hvp(rosenbrock, (X,), (v,))
    assert np.allclose(product, s2s.hessian(rosenbrock)(X) @ v, rtol=1e-13)


def test_product_with_the_hessian_of_several_arguments():
    f = lambda x, y, n: np.sum(x) ** n * y  # noqa: E731
    x_part, y_part, n_part = s2s.hvp(f, (X, 2.0, 3), (None, 1.0, None))
    assert np.allclose(x_part, 3.0 * np.sum(X) ** 2)
    assert y_part == 0.0
    assert n_part is None


def test_linearize():
    out, f_dot = s2s.linearize(several, X, Y)
    assert np.array_equal(out[0], several(X, Y)[0])
    dot = f_dot(X, Y)
    assert np.allclose(dot[0], 2.0 * X * np.sum(Y))
    assert np.allclose(f_dot(2.0 * X, 2.0 * Y)[1][0], 2.0 * dot[1][0])


def test_complex_arguments_are_refused():
    with pytest.raises(s2s.TypingError, match="complex"):
        s2s.jacfwd(in_place)(X * 1j)

"""Derivatives that a differentiated function takes itself."""

import numpy as np
import pytest
from agree import check

import s2s

X = np.array([0.3, -0.8, 1.1])


def cube(x, a=1.0):
    return a * x * x * x


slope = s2s.grad(cube)


def of_a_global(x):
    return s2s.grad(cube)(x, 2.0) * x


def made_outside(x):
    return slope(x) + slope(x * x, 3.0)


def perturbation_confusion(x):
    def inner(y):
        return x + y

    return x * s2s.grad(inner)(1.0)


def captured(x, a):
    def inner(y):
        z = y
        for _ in range(3):
            z = z * y * a
        return z * x

    return s2s.grad(inner)(x) + s2s.grad(inner)(a)


def twice_inside(x):
    f = s2s.grad(s2s.grad(lambda y: np.sin(x * y)))
    return f(x)


def value_and_gradient(x):
    value, slope = s2s.value_and_grad(lambda y: y**3 * x)(2.0)
    return value * slope


def tangent_inside(x, v):
    y, y_dot = s2s.jvp(lambda u: u * np.sum(u * x), (x,), (v,))
    return np.sum(y * y_dot)


def newton(a):
    def residual(y):
        return y**3 - a * y - 2.0

    y = 2.0
    for _ in range(6):
        y = y - residual(y) / s2s.grad(residual)(y)
    return y


def descent(w, x, y):
    def loss(w):
        return np.mean((x @ w - y) ** 2)

    for _ in range(3):
        w = w - 0.1 * s2s.grad(loss)(w)
    return loss(w)


M = np.array([[1.0, 0.5], [-0.3, 2.0], [0.7, 0.1]])


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (of_a_global, (0.7,)),
        (made_outside, (0.7,)),
        (perturbation_confusion, (1.5,)),
        (captured, (0.7, 1.3)),
        (twice_inside, (0.7,)),
        (value_and_gradient, (0.7,)),
        (tangent_inside, (X, np.array([1.0, 0.5, -0.2]))),
        (newton, (1.2,)),
        (descent, (np.array([0.5, -0.2]), M, X)),
    ],
)
def test_derivatives_inside(f, args):
    check(f, args)


def test_no_perturbation_confusion():
    assert s2s.grad(perturbation_confusion)(1.5) == 1.0


def test_newton_against_the_implicit_function():
    a = 1.2
    y = newton(a)
    assert s2s.grad(newton)(a) == pytest.approx(y / (3.0 * y * y - a), rel=1e-9)


def test_what_is_refused():
    with pytest.raises(s2s.UnsupportedError, match="`hessian` with these arguments"):
        s2s.grad(lambda x: s2s.hessian(cube)(x))(1.0)
    with pytest.raises(s2s.UnsupportedError, match="`vjp` with these arguments"):
        s2s.grad(lambda x: s2s.vjp(cube, x)[0])(1.0)

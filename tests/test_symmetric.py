"""Derivatives of derivatives of functions that call themselves."""

import numpy as np
import pytest
from agree import check
from called import recursive

import s2s

X = np.array([0.4, -0.3, 0.8, 0.6, -0.7, 0.2])
SCALARS = [
    (recursive.top_fib, 0.7),
    (recursive.mutual, 0.6),
    (recursive.doubles, 0.7),
    (recursive.grid, 0.8),
    (recursive.chebyshev, 0.6),
    (recursive.memoized, 0.6),
]
ARRAYS = [
    (recursive.total, X),
    (recursive.spectrum, X[:4]),
    (recursive.sorted_score, X),
    (recursive.quicksort, X),
    (recursive.on_views, X[:4]),
]
MORE = [
    (recursive.nested, (0.6, 0.9)),
    (recursive.loop_in, (0.6, 3)),
    (recursive.ret_const, (0.5, 3)),
    (recursive.two, (X[:3], X[3:6])),
    (recursive.changing_args, (X[:4], 3)),
    (recursive.changed_between, (X[:4], 3)),
    (recursive.det, (np.outer(X[:3], X[:3]) + np.eye(3),)),
]


def name(value):
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("f", "x"), SCALARS + ARRAYS, ids=name)
def test_hessians_by_reverse_mode(f, x):
    want = s2s.hessian(f)(x)
    for jacobian in (s2s.jacrev(s2s.grad(f)), s2s.jacrev(s2s.jacrev(f))):
        assert np.allclose(jacobian(x), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("f", "args"), [*((f, (x,)) for f, x in SCALARS + ARRAYS), *MORE], ids=name
)
def test_second_order(f, args):
    s2s.check_grads(f, args)


@pytest.mark.parametrize(("f", "x"), SCALARS, ids=name)
def test_third_derivatives(f, x):
    second = s2s.grad(s2s.grad(f))
    h = 1e-4
    near, far = second(x + h) - second(x - h), second(x + 2 * h) - second(x - 2 * h)
    want = (8.0 * near - far) / (12.0 * h)
    for third in (s2s.grad(second), s2s.jacfwd(second), s2s.jacrev(s2s.hessian(f))):
        assert third(x) == pytest.approx(want, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(("f", "x"), SCALARS + ARRAYS, ids=name)
def test_inside_of_a_function(f, x):
    def norm(x):
        d = s2s.grad(f)(x)
        return np.sum(d * d * x)

    def curvature(x, v):
        value, d = s2s.value_and_grad(f)(x)
        return np.sum(s2s.hvp(f, (x,), (v * x,))[0] * d) + value * np.sum(v)

    check(norm, [x])
    check(curvature, [x, 0.3 * x + 0.1])

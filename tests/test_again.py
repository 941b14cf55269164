"""A generated gradient is a program too: it is differentiated again.

The derivative of the gradient, in both modes, against differences of the gradient.
"""

import copy

import numpy as np
import pytest
from structures import varies
from test_programs import CASES
from watch import Program

import s2s
from s2s import grad


def numeric(arg):
    return isinstance(arg, float | np.ndarray) and not np.iscomplexobj(arg)


SCALAR = [
    case
    for case in CASES
    if isinstance(case.values[0](*copy.deepcopy(case.values[1])), float | np.floating)
    and any(varies(a) and numeric(a) for a in case.values[1])
]


@pytest.mark.parametrize(("f", "args"), SCALAR)
def test_gradient_of_a_gradient(f, args):
    k = next(k for k, a in enumerate(args) if varies(a) and numeric(a))
    df, rng = s2s.grad(f, argnums=k), np.random.default_rng(0)
    shape = np.shape(args[k])
    v, w = (rng.normal(size=shape) if shape else rng.normal() for _ in range(2))
    dots = [v if i == k else None for i in range(len(args))]

    def gradient(step):
        moved = list(copy.deepcopy(args))
        moved[k] = moved[k] + step * v
        return np.asarray(df(*moved))

    h = 1e-6
    near, far = gradient(h) - gradient(-h), gradient(2 * h) - gradient(-2 * h)
    want = (8.0 * near - far) / (12.0 * h)
    _, got = s2s.jvp(df, copy.deepcopy(args), dots)
    assert np.allclose(got, want, rtol=1e-4, atol=1e-5 * (1.0 + np.max(np.abs(want))))
    _, pullback = s2s.vjp(df, *copy.deepcopy(args))
    left, right = np.sum(got * np.asarray(w)), np.sum(v * pullback(w)[k])
    assert abs(left - right) <= 1e-9 * (1.0 + abs(left))


def quintic(x):
    y = x
    for _ in range(4):
        y = y * x
    return y


def test_derivatives_of_a_power():
    want = [5.0 * 16.0, 20.0 * 8.0, 60.0 * 4.0, 120.0 * 2.0, 120.0]
    df = quintic
    for value in want:
        df = grad(df)
        assert df(2.0) == pytest.approx(value, rel=1e-14)


RATE = 3.0


def scaled(x):
    return RATE * np.sum(x**3)


def test_globals_are_read_anew(monkeypatch):
    df = grad(lambda x: RATE * x**3)
    second = grad(df)
    assert second(2.0) == 36.0
    monkeypatch.setitem(globals(), "RATE", 5.0)
    assert second(2.0) == 60.0


def test_tangent_of_a_gradient():
    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    value, dot = s2s.jvp(grad(scaled), (x,), (v,))
    assert np.allclose(value, 9.0 * x**2)
    assert np.allclose(dot, 18.0 * x * v)


def test_mixed_derivatives():
    f = lambda x, y: x**2 * y**3  # noqa: E731
    assert grad(grad(f, 0), 1)(2.0, 3.0) == 2 * 2.0 * 3 * 9.0
    assert grad(grad(f, "y"), "x")(2.0, 3.0) == 2 * 2.0 * 3 * 9.0


def test_value_and_gradient_of_a_gradient():
    df = s2s.value_and_grad(grad(quintic))
    assert df(2.0) == (80.0, 160.0)
    assert "def quintic_grad_value_and_grad(x):" in df.source


KIND = "cubes"


def chosen(x):
    return np.sum(RATE * x * x) if KIND == "squares" else 5.0 * x**3


def inside(x):
    return grad(chosen)(x) * 1.0


@pytest.mark.parametrize("second", [grad(grad(chosen)), grad(inside)])
def test_a_text_is_made_anew_where_its_globals_change(monkeypatch, second):
    assert second(3.0) == pytest.approx(90.0)
    monkeypatch.setitem(globals(), "KIND", "squares")
    assert second(3.0) == 6.0
    monkeypatch.setitem(globals(), "RATE", np.array([1.0, 2.0]))
    assert second(3.0) == 6.0
    monkeypatch.setitem(globals(), "RATE", np.array([1.0, 2.0, 3.0]))
    assert second(3.0) == 12.0


def test_a_helper_is_another_one(monkeypatch):
    second = grad(grad(with_a_helper))
    assert second(2.0) == 12.0
    monkeypatch.setitem(globals(), "helper", lambda x: x**2)
    assert second(2.0) == 2.0


def helper(x):
    return x**3


def with_a_helper(x):
    return helper(x)


@pytest.mark.parametrize("place", ["..., k", "k[::-1], 1:", "0, k", "k", "None, 1, k"])
def test_stores_at_places_that_may_repeat(place):
    text = (
        f"def f(A, s, k):\n    A[{place}] = np.sin(s)\n    return np.sum(A * A * s)\n"
    )
    f = Program(text).function
    A, k = np.outer([0.5, 0.2, -0.7], [1.0, 0.3, 0.8]), np.array([0, 2, 0])
    s2s.check_grads(f, (A, 0.4, k))

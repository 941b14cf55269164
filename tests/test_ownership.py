"""Results belong to the caller: they share memory with nothing."""

import numpy as np
import pytest
from agree import check
from structures import disjoint, leaves, same

import s2s
from s2s.derivative import Derivative

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


def linear(x, y):
    return np.sum(x) + np.sum(y)


def identity(x):
    return x


def twice(x):
    return x, x


def reshaped(x):
    return x.reshape(-1), x.T


def added(x, y):
    return x + y


def looped(x, n):
    for _ in range(n):
        x = x + 0.0
    return x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (identity, (W,)), (twice, (W,)), (reshaped, (W,)), (added, (W, W)),
        (added, (W, V)), (looped, (W, 0)), (looped, (W, 2)), (lambda x: -x, (W,)),
        (lambda x: x[:], (W,)), (lambda x: [x, x[0]], (W,)), (lambda x: x[None], (W,)),
        (lambda x, y: (y, x), (W, V)), (lambda x: np.broadcast_to(x, (4, 3)), (V,)),
        (lambda xs: xs[0] + xs[1], ([V, 2 * V],)), (lambda xs: xs, ([V, W],)),
        (lambda p: p, ((V, W),)), (lambda x: x if x[0] > 0 else 2 * x, (V,)),
    ],
)  # fmt: skip
def test_results_are_nobody_elses(f, args):
    _, pullback = s2s.vjp(f, *args)
    ct = f(*args)
    bars = pullback(ct)
    disjoint(bars, [args, ct], "cotangents")
    kept = [b.copy() for b in leaves(bars) if b is not None]
    for b in leaves(bars):
        if b is not None:
            b += 1.0
    again = pullback(ct)
    same([b for b in leaves(again) if b is not None], kept, "second pullback")
    dots = [a if isinstance(a, np.ndarray | list | tuple) else None for a in args]
    _, dot = s2s.jvp(f, args, dots)
    mine = [leaf for leaf in leaves(dot) if isinstance(leaf, np.ndarray)]
    for m in mine:
        assert m.flags.writeable
    disjoint(dot, [args], "tangents")


def test_gradients_share_nothing():
    g, h = s2s.grad(linear, (0, 1))(W, W)
    disjoint((g, h), [W], "gradient")

    def f(xs):
        total = 0.0
        for x in xs:
            total = total + np.sum(x)
        return total

    g = s2s.grad(f)([V, V, V])
    disjoint(g, [V], "gradient of a list")
    g = s2s.grad(lambda x: np.sum(x[0] + x[1]))((V, V))
    disjoint(g, [V], "gradient of a tuple")


def test_inputs_that_are_read_only():
    x = V.copy()
    x.flags.writeable = False
    g = s2s.grad(lambda x: np.sum(x * x))(x)
    assert g.flags.writeable


def test_a_tangent_that_is_copied_has_no_sweeps():
    d = Derivative(identity, "jvp")
    d.compile(V)
    assert ".copy()" in d.source
    assert "sweep" not in d.source


def test_what_comes_into_a_loop_is_copied_first():
    """Then each round may change it in place, and nothing is copied in the end."""

    def f(x, v, n):
        for _ in range(n):
            x = x + 0.1 * v * x
        return x

    check(f, (V, V + 2.0, 3))
    check(f, (V, V + 2.0, 0))
    d = Derivative(f, "vjp", (0, 1))
    d.compile(V, V + 2.0, 3)
    assert "x_bar = ct.copy()" in d.source
    assert "x_bar = x_bar.copy()" not in d.source


def test_an_adjoint_that_is_multiplied_changes_in_place():
    def f(x, v):
        y = x * v
        y = np.sin(y)
        y = 2.0 * y
        return np.sum(y * v)

    check(f, (V, V + 2.0))
    d = Derivative(f, "grad", (0, 1))
    d.compile(V, V + 2.0)
    assert "y_bar *= np.cos(y)" in d.source

"""Derivatives that the user gives: right where they are called, and as given."""

from __future__ import annotations

import math
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

RNG = np.random.default_rng(2)
A, b = RNG.normal(size=(3, 3)) + 3.0 * np.eye(3), RNG.normal(size=3)


def solve(A, b):
    return np.linalg.solve(A, b)


@s2s.custom_vjp(solve)
def solve_vjp(g, z, A, b):
    w = np.linalg.solve(A.T, g)
    return -np.outer(w, z), w


@s2s.custom_jvp(solve)
def solve_jvp(z, A, b, A_dot, b_dot):
    return np.linalg.solve(A, b_dot - A_dot @ z)


def steps(A, b):
    for _ in range(3):
        b = np.sin(solve(A, b))
    return np.sum(b**2)


def by_keyword(A, b):
    return np.sum(solve(A, b=2.0 * b) ** 2)


erf = np.vectorize(math.erf, otypes=[float])
s2s.rule("z = erf(x)", "2.0 / math.sqrt(math.pi) * g * np.exp(-x * x)", of=erf)


def option(s, t):
    return np.sum(s * erf(s * t) + erf(t))


def softplus(x):
    return np.log1p(np.exp(x))


s2s.rule("z = softplus(x)", "g / (1.0 + np.exp(-x))", of=softplus)


def large(x):
    return softplus(x) * 2.0


def product(x, y):
    return x * y


s2s.rule("z = product(x, y)", "g * y", "g * x", of=product)


def broadcast(x, y):
    return np.sum(product(x, y) ** 2)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (steps, (A, b)),
        (by_keyword, (A, b)),
        (solve, (A, b)),
        (option, (b, 0.4)),
        (large, (0.3,)),
        (broadcast, (A, b)),
        (broadcast, (b, 2.0)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_rules_agree_with_differences(f: Any, args: Any) -> None:
    check(f, args)


def test_the_rule_is_what_is_run() -> None:
    """The function itself overflows: exp(x) / (1 + exp(x)) is not a number there."""
    assert s2s.grad(large)(800.0) == 2.0
    assert s2s.grad(softplus)(800.0) == 1.0


def test_the_adjoint_reads_as_the_rule() -> None:
    df = s2s.grad(steps, ("A", "b"))
    df(A, b)
    assert "t = solve(A, b)" in df.source
    assert "w = np.linalg.solve(A.T, b_bar * np.cos(t))" in df.source
    assert "A_bar -= np.outer(w, t)" in df.source


def test_second_derivatives_go_through_the_rule() -> None:
    s2s.check_grads(by_keyword, (A, b), order=2)
    s2s.check_grads(large, (0.3,), order=2)


def test_zero() -> None:
    @s2s.zero
    def digits(x):
        return float(len(str(x)))

    def f(x):
        return x * digits(x)

    assert s2s.grad(f)(2.5) == 3.0
    assert s2s.jvp(f, (2.5,), (1.0,)) == (7.5, 3.0)


def test_stop_gradient() -> None:
    def f(x, y):
        return s2s.stop_gradient(x * y) * x

    assert s2s.grad(f, (0, 1))(2.0, 3.0) == (6.0, 0.0)
    assert s2s.jvp(f, (2.0, 3.0), (1.0, 1.0)) == (12.0, 6.0)

    def straight_through(x):
        return np.sum((x + s2s.stop_gradient(np.round(x) - x)) ** 2)

    x = np.array([0.3, 1.7])
    np.testing.assert_array_equal(s2s.grad(straight_through)(x), [0.0, 4.0])
    np.testing.assert_array_equal(s2s.stop_gradient(x), x)
    assert not np.shares_memory(s2s.stop_gradient(x), x)


def test_a_softmax_may_leave_out_the_largest() -> None:
    def plain(z):
        e = np.exp(z - np.max(z))
        return np.log(np.sum(e)) + np.max(z)

    def stopped(z):
        top = s2s.stop_gradient(np.max(z))
        return np.log(np.sum(np.exp(z - top))) + top

    np.testing.assert_allclose(s2s.grad(plain)(b), s2s.grad(stopped)(b), rtol=1e-14)


def test_a_mode_without_a_rule_is_refused() -> None:
    def cube(x):
        return x**3

    @s2s.custom_vjp(cube)
    def cube_vjp(g, z, x):
        return 3.0 * g * x**2

    def f(x):
        return cube(x) + x

    assert s2s.grad(f)(2.0) == 13.0
    with pytest.raises(s2s.UnsupportedError, match="`cube` has no rule for forward"):
        s2s.jvp(f, (2.0,), (1.0,))


def test_wrong_rules_are_refused() -> None:
    def f(x, y):
        return x * y

    with pytest.raises(s2s.TypingError, match="one partial for each"):
        s2s.rule("z = f(x, y)", "g * y", of=f)
    with pytest.raises(s2s.TypingError, match="write"):
        s2s.rule("f(x, y)", "g * y", "g * x", of=f)
    with pytest.raises(s2s.TypingError, match="a function is needed"):
        s2s.zero(2.0)  # type: ignore[arg-type]

    def changes(x):
        x[0] = 1.0
        return x

    s2s.zero(changes)
    with pytest.raises(s2s.UnsupportedError, match="this changes an array"):
        s2s.grad(lambda x: np.sum(x * changes(x)))(np.ones(3))

    def pair(x):
        return x, x

    s2s.zero(pair)
    with pytest.raises(s2s.UnsupportedError, match="must return a number"):
        s2s.grad(lambda x: x * pair(x)[0])(2.0)


class Layer:
    def steep(self, x):
        return 2.0 * x

    @classmethod
    def flat(cls, x):
        return 3.0 * x


@pytest.mark.parametrize("method", [Layer().steep, Layer.flat])
def test_a_rule_of_a_bound_method_is_refused(method) -> None:
    """Each access makes another object: the rule would never be found."""
    with pytest.raises(s2s.TypingError, match="bound method `Layer"):
        s2s.zero(method)
    with pytest.raises(s2s.TypingError, match="bound method `Layer"):
        s2s.rule("z = method(x)", "g", of=method)
    with pytest.raises(s2s.TypingError, match="bound method `Layer"):
        s2s.custom_vjp(method)(lambda g, z, x: g)


def test_saved_modules_import_the_function(tmp_path: Any) -> None:
    df = s2s.grad(steps, ("A", "b"))
    df(A, b)
    df.save(tmp_path / "made.py")
    text = (tmp_path / "made.py").read_text()
    assert f"from {solve.__module__} import solve\n" in text
    made = ModuleType("made")
    assert solve.__module__ in sys.modules
    exec(text, vars(made))
    for got, want in zip(made.steps_grad(A, b), df(A, b), strict=True):
        np.testing.assert_array_equal(got, want)


def test_arguments_that_are_known_decide_in_the_rule() -> None:
    def power(x, kind):
        return x**2 if kind == "square" else x**3

    @s2s.custom_vjp(power)
    def power_vjp(g, z, x, kind):
        if kind == "square":
            return 2.0 * g * x, None
        return 3.0 * g * x**2, None

    def f(x, kind):
        return power(x, "square") * power(x, kind)

    assert s2s.grad(f)(2.0, "square") == 32.0
    assert s2s.grad(f)(2.0, "cube") == 80.0


def clipped(x):
    return x


@s2s.custom_vjp(clipped)
def clipped_vjp(g, z, x):
    return np.clip(g, -50.0, 50.0)


@s2s.custom_jvp(clipped)
def clipped_jvp(z, x, x_dot):
    return x_dot


row = s2s.zero(lambda A, i: A[i])
TABLE = np.array([1.0, 2.0, 3.0])
table = s2s.zero(lambda x: TABLE)


def changed_result(x):
    y = clipped(x)
    y[0] = 0.0
    return np.sum(x)


def changed_argument(x):
    y = clipped(x)
    x[0] = 0.0
    return np.sum(y)


def changed_zeros(x):
    z = np.zeros((2, 3))
    y = row(z, 0)
    z[0] = 1.0
    return np.sum(x * y)


def changed_on_some_path(x):
    y = clipped(x) if x[0] > 0.0 else 2.0 * x
    y[0] = 0.0
    return np.sum(x)


def changed_global(x):
    y = table(x)
    y[0] = 0.0
    return np.sum(x * TABLE)


@pytest.mark.parametrize(
    ("f", "match"),
    [
        (changed_result, "this changes `y` in place, and `x` may be the same array"),
        (changed_argument, "this changes `x` in place, and `y` may be the same array"),
        (changed_zeros, "this changes `z` in place, and `y` may be the same array"),
        (changed_on_some_path, "`x` may be the same array"),
        (changed_global, "this changes the global `TABLE`"),
    ],
)
def test_what_a_function_with_a_rule_gives_may_be_its_argument(f, match) -> None:
    with pytest.raises(s2s.UnsupportedError, match=match):
        s2s.grad(f)(b)
    with pytest.raises(s2s.UnsupportedError, match=match):
        s2s.jvp(f, (b,), (b,))


def only_its_result(x):
    y = clipped(x * x)
    y *= x[1]
    y = clipped(y)
    y[0] = np.sin(y[0])
    return np.sum(y * y)


def in_a_loop(x):
    s = 0.0
    for i in range(3):
        x = clipped(x)
        x[i] *= x[0]
        s = s + np.sum(clipped(x) ** 2)
    return s


def looked_at(x):
    y = clipped(x)
    return np.sum(y * np.sin(x))


@pytest.mark.parametrize("f", [clipped, only_its_result, in_a_loop, looked_at])
def test_its_argument_may_change_where_nobody_looks(f) -> None:
    check(f, (b,))


def test_it_is_not_copied_where_nothing_changes() -> None:
    df = s2s.value_and_grad(looked_at)
    df(b)
    assert "y = clipped(x)\n" in df.source and "copy" not in df.source


FACTOR = 2.0


def scaled(x):
    return FACTOR * x


@s2s.custom_jvp(scaled)
def scaled_jvp(z, x, x_dot):
    return FACTOR * x_dot


@s2s.custom_vjp(scaled)
def scaled_vjp(g, z, x):
    return FACTOR * g


def squared(x):
    return scaled(x) * x


def along_itself(x):
    """The rule that reads a global is in the text of another derivative, thrice."""
    u = s2s.jvp(squared, (x,), (x,))[1]
    u = s2s.jvp(squared, (x,), (u,))[1]
    return s2s.jvp(squared, (x,), (u,))[1]


def test_a_rule_that_reads_a_global_in_derivatives_of_derivatives() -> None:
    check(along_itself, (0.7,))
    assert math.isclose(s2s.grad(along_itself)(0.7), 4.0 * 4.0**3 * 0.7**3)

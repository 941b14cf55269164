"""Names at their edges: what Python does, the derivative does."""
# ruff: noqa: B007

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1])


def test_a_name_becomes_an_array():
    def f(x, v):
        y = x
        for i in range(2):
            y = y * v + x
        return np.sum(y)

    check(f, (0.7, V))


def test_a_name_becomes_an_array_on_one_path():
    def f(x, v):
        y = x * x
        if x > 0:
            y = y * v
        z = y + v
        return np.sum(y * z) + np.sum(y)

    check(f, (0.7, V))
    check(f, (-0.7, V))


def test_a_name_becomes_a_float():
    def f(x, n):
        count = 0
        for _ in range(n):
            count = count + x
        return count * x

    check(f, (0.7, 3))
    check(f, (0.7, 0))


def test_an_array_becomes_a_float():
    def f(v, n):
        for _ in range(n):
            v = np.sum(v * v)
        return v * 2.0

    check(f, (V, 1))
    check(f, (V, 2))
    check(f, (V, 0))


def test_a_bool_that_counts():
    def f(x, y):
        n = (x > 0) + (y > 0)
        return n * x * y

    check(f, (0.7, 0.3))
    check(f, (0.7, -0.3))


def test_a_parameter_of_another_type():
    def f(x, mode):
        mode = x * x
        return mode * x

    check(f, (0.7, "name"))
    check(f, (0.7, None))


def test_bound_in_one_branch():
    def f(x):
        if x > 0:
            y = x * x
        return y * x

    check(f, (0.7,))
    assert isinstance(raises_as(f, -0.7), UnboundLocalError)


def test_unbound_but_not_read():
    def f(x, flag):
        if flag:
            y = x * x
        if flag:
            x = y + x
        return x * x

    check(f, (0.7, True))
    check(f, (0.7, False))


def test_bound_in_a_loop_that_may_not_run():
    def f(x, n):
        for i in range(n):
            y = x * (i + 1)
        return y * y

    check(f, (0.7, 2))
    assert isinstance(raises_as(f, 0.7, 0), UnboundLocalError)


def test_bound_in_a_later_iteration():
    def f(x, n):
        for i in range(n):
            if i == 1:
                y = x * x
            if i > 1:
                x = x + y * i
        return x

    check(f, (0.7, 4))
    check(f, (0.7, 1))


def test_surely_unbound_is_refused():
    def f(x):
        if x > 10.0:
            y = x
        else:
            x = x * y
        return x

    with pytest.raises(s2s.UnsupportedError, match="`y` is read before"):
        s2s.grad(f)(0.7)


def test_a_name_that_is_a_builtin():
    def f(x, sum):
        abs = x * sum
        max = abs * abs
        return max + sum

    check(f, (0.7, 0.3))


def test_names_that_the_generated_code_would_like():
    def f(x, x_bar, x_stack, ct, t, g, value, pullback):
        x_dot = x * x_bar
        for t2 in range(2):
            x_dot = x_dot * np.sin(t) + g
            out = x_dot * ct
        return out * value + x_stack * pullback

    check(f, tuple(0.1 * k + 0.3 for k in range(8)))


def test_deep_rebinding():
    def f(a, b):
        for _ in range(2):
            a, b = b, a
            for _ in range(2):
                b, a = a * b, b
                a, b = b, a + b
        return a - b

    check(f, (0.7, 0.3))


def test_three_way_rotation():
    def f(a, b, c, n):
        for _ in range(n):
            a, b, c = b, c, a * b
        return a + 2 * b + 3 * c

    for n in range(5):
        check(f, (0.7, 0.3, 1.2, n))

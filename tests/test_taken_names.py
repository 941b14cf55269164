"""Names that something else has, too: no value takes over what others read by them."""

import logging
import math

import numpy as np
import pytest
from agree import check

import s2s
from s2s.ssa import outline

V = np.array([0.3, -0.8, 1.1])

# what the functions below read, by names that others have for numbers of their own
n, axis, log = 3, 0.5, logging.getLogger(__name__)


class Rates:
    slow = 0.5


def power(a):
    return a**n


def slowed(a):
    return a * Rates.slow


def logged(a):
    log.debug("%s", a)
    return math.sin(a) * math.pi


def caught(a):
    try:
        if a > 0.0:
            raise ValueError(a)
        b = a
    except ValueError:
        b = a * a
    return b


def tripled(a):
    return 3.0 * a


s2s.rule("z = tripled(x)", "3.0 * g", of=tripled)


def kept(a):
    return tripled(a) * a


def powers(a):
    n = 2
    b = np.sin(power(a)) * n
    b = np.sin(b) * b + n
    return np.sin(b) * power(b) - n


def powers_of(m, a):
    n = 2
    return power(a) * n if m == 0 else powers_of(m - 1, a * n) - n


def scaled_by(k):
    def scaling(g):
        return lambda a: k * g(a)

    return scaling


@scaled_by(5.0)
def five_squares(a):
    return a * a


def number_like_a_global(x, v):
    n = 2
    return power(x) * n


def number_below_zero_like_a_global(x, v):
    n = -2
    return power(x) * n + v[-n] * (-n)


def number_like_a_closure_variable(x, v):
    k = 4
    return five_squares(x) * k


def numbers_like_a_global_and_what_it_could_be_called(x, v):
    n, n2 = 2, x * x
    return power(x) * n * n2


def number_like_a_class(x, v):
    Rates = 3
    return slowed(x) * Rates


def number_like_modules(x, v):
    np = 2
    math = 3.0
    return np * math * logged(x)


def number_like_a_logger(x, v):
    log = 2
    return logged(x) * log


def number_like_a_builtin(x, v):
    len = 2
    return np.sum(v[:len]) * x


def number_like_what_goes_back(x, v):
    reversed = 2
    for k in [0, 1, 2]:
        x = np.sin(x) * x * reversed + v[k]
    return x


def number_like_an_exception(x, v):
    ValueError = 2
    return caught(x) * ValueError


def number_like_a_helper(x, v):
    cumprod_jvp = 3
    cumprod_vjp = 2
    return np.sum(np.cumprod(v)) * x * cumprod_jvp * cumprod_vjp


def number_like_a_function_with_a_rule(x, v):
    tripled = 2
    return kept(x) * tripled


def number_like_a_function(x, v):
    powers = 2
    return each_power(x, v) * powers


def each_power(x, v):
    return powers(x) + powers(v[0])


def number_like_a_global_in_each_function(x, v):
    n = 2
    return (powers(x) + powers(v[0])) * n


def number_in_what_calls_itself(x, v):
    n = 4
    return powers_of(2, x) * n


def number_like_a_global_in_a_derivative(x, v):
    n = 2
    return s2s.grad(lambda y: power(y) * y * n)(x) * n


def number_like_a_tangent(x, v):
    x_dot = 5
    v_dot = 2
    return x * np.sum(v * v) * x_dot * v_dot


def number_like_an_adjoint(x, v):
    x_bar = 5
    x_stack = 2
    for k in range(3):
        x = np.sin(x) * x * v[k] * x_stack
    return x * x_bar


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize(
    "f",
    [
        number_like_a_global,
        number_below_zero_like_a_global,
        number_like_a_closure_variable,
        numbers_like_a_global_and_what_it_could_be_called,
        number_like_a_class,
        number_like_modules,
        number_like_a_logger,
        number_like_a_builtin,
        number_like_what_goes_back,
        number_like_an_exception,
        number_like_a_helper,
        number_like_a_function_with_a_rule,
        number_like_a_function,
        number_like_a_global_in_each_function,
        number_in_what_calls_itself,
        number_like_a_global_in_a_derivative,
        number_like_a_tangent,
        number_like_an_adjoint,
    ],
)
def test_a_number_that_has_the_name_of_what_others_read(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (0.7, V))


def test_a_number_keeps_its_name_where_it_can():
    def f(x):
        n = 2
        k = 3
        return power(x) * n * k

    df = s2s.grad(f)
    assert df(0.5) == 4.5
    assert "    n2 = 2\n    k = 3\n" in df.source


def test_what_a_number_with_a_name_is_not():
    def f(x, v):
        n = 2
        m = 0
        return x * (not n) + x * v[0] * (not m) + x * -n * (not -m)

    check(f, (0.7, V))


@pytest.mark.parametrize("long", [outline.LONG, 0])
def test_a_number_that_is_known_where_it_is_handed_on(long, monkeypatch):
    def total(a, k):
        b = np.sum(a, axis=k)
        b = b * np.sin(b)
        b = b * np.sin(b)
        return np.sum(b * np.sin(b)) * k

    def f(x, v):
        last = 1
        a = np.outer(v, v) * x
        return total(a, last) + total(a * a, last) - total(a, -last) * axis

    monkeypatch.setattr(outline, "LONG", long)
    check(f, (0.7, V))

"""Names that something else has, too: no value takes over what others read by them."""

import logging
import math

import numpy as np
import pytest
from agree import check

import s2s
from s2s.api import transformed
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


x_dot, theta_dot2 = 3.0, 1.5
ct, pullback, value, x_bar, x_stack, done = 1.5, 0.5, 2.0, 0.7, 1.1, 1.3


def energy(theta, theta_dot):
    return np.sum(0.5 * theta_dot**2 * (1.0 + theta**2) - np.cos(theta) * theta_dot)


def force(q, q_dot, q_dot_dot):
    return np.sin(q) * q_dot**2 + q_dot_dot * q


def energy_and_a_global(theta, theta_dot):
    return np.sum(theta * theta_dot**2) * theta_dot2


def of_a_global(x):
    return np.sum(x * x * x_dot)


def of_a_closure_variable(x_dot):
    def f(x):
        return np.sum(x * x * x_dot)

    return f


def of_a_global_in_a_function(x):
    return of_a_global(x) * of_a_global(2.0 * x)


def of_a_number(x):
    x_dot = 5
    x_dot2 = x * x
    return np.sum(x * x_dot2 * x_dot)


def of_globals_like_all_else(x):
    for _ in range(3):
        x = np.sin(x) * ct * x_stack
        if np.sum(x) > done:
            break
    return np.sum(x * x * pullback * value * x_bar)


def of_dicts(p, p_dot):
    return p["a"] * p_dot["a"] * p["b"]


def steps_of(q, q_dot, count=2):
    return q * q_dot if count == 0 else q + steps_of(q * q_dot, q_dot, count - 1)


def tangent_inside(x, v):
    return s2s.jvp(energy, (x, 0.3 * x), (1.0, x))[1]


def tangent_inside_of_a_closure(x, v):
    theta_dot = 3.0 * x
    return s2s.jvp(lambda theta: energy(theta, theta_dot), (x,), (theta_dot,))[1]


def hessian_inside(x, v):
    mixed = s2s.hessian(energy, (0, 1))(v * x, v)[0][1]
    return np.sum(mixed) + s2s.hvp(energy, (x, x), (1.0, x))[1]


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (energy, (0.7, 0.3)),
        (energy, (V, 0.3 * V)),
        (force, (0.7, 0.3, 0.2)),
        (energy_and_a_global, (V, 0.3)),
        (of_a_global, (V,)),
        (of_a_closure_variable(2.0), (V,)),
        (of_a_global_in_a_function, (V,)),
        (of_a_number, (V,)),
        (of_globals_like_all_else, (V,)),
        (of_dicts, ({"a": 0.7, "b": 0.3}, {"a": 0.2})),
        (steps_of, (0.7, 0.3)),
        (tangent_inside, (0.7, V)),
        (tangent_inside_of_a_closure, (0.7, V)),
        (hessian_inside, (0.7, V)),
    ],
)
def test_what_has_the_name_of_a_tangent(f, args, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, args)


def test_second_derivatives_of_what_has_the_name_of_a_tangent():
    q = 0.3 * V
    for f, args in (energy, (V, q)), (energy, (0.7, 0.3)), (of_a_global, (V,)):
        s2s.check_grads(f, args)
    (_, mixed), _ = s2s.hessian(energy, (0, 1))(V, q)
    assert np.allclose(mixed, np.diag(2.0 * q * V + np.sin(V)))
    gradient = s2s.grad(energy)(V, q)
    assert np.allclose(s2s.linearize(energy, V, q)[1](V, None), gradient @ V)
    assert np.allclose(s2s.jacfwd(force)(V, q, q), np.diag(np.cos(V) * q**2 + q))
    assert np.allclose(s2s.hvp(of_a_global, (V,), (V,))[0], 6.0 * V)


def test_what_tangents_are_called_then():
    for f, names in [
        (energy, "theta, theta_dot, theta_dot2, theta_dot_dot"),
        (energy_and_a_global, "theta, theta_dot, theta_dot3, theta_dot_dot"),
        (of_a_global, "x, x_dot2"),
    ]:
        count = len(names.split(", ")) // 2
        made = transformed(f, "jvp", tuple(range(count)))
        made.compile(*[V] * count)
        assert f"def {f.__name__}_jvp({names}):" in made.source


numpy = np


class Filter:
    rate = 2.0

    def apply(self, a):
        return self.rate * a


def like_helpers(cumprod_vjp, cumprod_jvp):
    def f(x, v):
        return np.sum(np.cumprod(v)) * x * cumprod_vjp * cumprod_jvp

    return f


def like_builtins(len, reversed):
    def f(x, v):
        for k in [0, 1, 2]:
            x = np.sin(x) * v[k] * reversed
        return np.sum(v[1:]) * x * len

    return f


def like_modules(np, math):
    def f(x, v):
        return numpy.sum(numpy.sin(v)) * x * np * math

    return f


def objects_like_builtins(len, range):
    def f(x, v):
        y = np.sum(np.sort(v[1:])) * len.rate
        for k in [0, 1, 2]:
            y = np.sin(y) * v[k] * range.rate
        return len.apply(x) * y

    return f


def method_like_a_builtin(len):
    def f(x, v):
        return len(x) * np.sum(v[1:])

    return f


def imported_like_a_helper(x, v):
    from math import pi as cumprod_jvp
    from math import tau as cumprod_vjp

    return np.sum(np.cumprod(v)) * x * cumprod_jvp * cumprod_vjp


def function_with_a_rule_like_a_helper():
    def cumprod_vjp(a):
        return a * a

    s2s.rule("z = cumprod_vjp(x)", "2.0 * g * x", of=cumprod_vjp)

    def f(x, v):
        return cumprod_vjp(x) * np.sum(np.cumprod(v))

    return f


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize(
    "f",
    [
        like_helpers(2.0, np.float64(0.5)),
        like_builtins(2, 1.5),
        like_modules(2.0, 0.5),
        objects_like_builtins(Filter(), Filter),
        method_like_a_builtin(Filter().apply),
        imported_like_a_helper,
        function_with_a_rule_like_a_helper(),
    ],
)
def test_what_has_the_name_of_what_the_output_reads(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (0.7, V))


def test_a_global_that_is_written_and_has_the_name_of_a_builtin(monkeypatch):
    def f(x, v):
        global reversed
        reversed = 3
        for k in [0, 1, 2]:
            x = np.sin(x) * v[k]
        return x

    monkeypatch.setitem(globals(), "reversed", 2)
    check(f, (0.7, V))
    assert globals()["reversed"] == 3


def cumulated(cumprod_vjp, v):
    return np.sum(np.cumprod(v)) * cumprod_vjp


def cumulated_of_a_parameter(x, cumprod_vjp):
    return np.sum(np.cumprod(cumprod_vjp)) * x


def cumulated_inside(cumprod_vjp, v):
    return s2s.grad(cumulated, 1)(cumprod_vjp, v) @ v


def counted(x, len):
    return np.sum(len[1:] * x)


def turned(np, v):
    return math.sin(np) * numpy.sum(v)


def with_a_constant_of_a_module(math, v):
    return math * math_pi()


def math_pi():
    return math.pi


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (cumulated, "cumprod_vjp"),
        (cumulated_of_a_parameter, "cumprod_vjp"),
        (cumulated_inside, "cumprod_vjp"),
        (counted, "len"),
        (turned, "np"),
        (with_a_constant_of_a_module, "math"),
    ],
)
def test_a_parameter_that_hides_what_the_derivative_calls(f, name):
    message = f"the parameter `{name}` hides what the derivative calls"
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f, (0, 1))(0.7, V)


def arrays_like_builtins(x, input, iter):
    w = input.copy()
    w[0] = x
    return np.sum(w.reshape(3, 1) * w) * iter.sum()


def dict_like_a_builtin(filter):
    return np.sum(filter["a"].copy() ** 2)


def waves(a, b):
    b = math.sin(a) * b
    b = b * math.sin(b) * math.pi
    b = b * math.sin(b)
    return b * math.sin(b)


def like_a_module_that_others_read(np, math):
    return waves(np, math) * waves(math, np)


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (arrays_like_builtins, (0.7, V, V)),
        (dict_like_a_builtin, ({"a": V},)),
        (like_a_module_that_others_read, (0.7, 0.3)),
    ],
)
def test_a_parameter_that_hides_nothing_that_is_read(f, args, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, args)

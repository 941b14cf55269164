"""Calls of the user's own functions, in every way that Python has of calling them."""

import functools
import math
from functools import partial, reduce

import numpy as np
import pytest
from agree import check, check_spellings, raises_as
from test_parse_source import run_cell

import s2s

X = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7], [0.1, 0.8, -0.3]])
RATE = 0.7
TABLE = np.array([0.5, 1.5, -0.5])


# helpers -------------------------------------------------------------------


def scaled(x, a=2.0, *, b=1.0):
    return a * x * x + b * x


def leaky(x):
    if x > 0.0:
        return x
    return 0.1 * x


def layer(w, x, act=np.tanh):
    return act(w @ x)


def both(x, y):
    return x * y, x + y


def total(*terms):
    out = 0.0
    for term in terms:
        out = out + term * term
    return out


def fill(a, v):
    for i in range(len(a)):
        a[i] = v * a[i] + i


def swapped(a, b):
    return b, a


def clipped_step(x, lo, hi):
    if lo >= hi:
        raise ArithmeticError(f"{lo} is not below {hi}")
    if x < lo:
        raise ValueError("too small")
    return min(x, hi)


def norm(x):
    return np.sqrt(np.sum(x**2))


def rated(x):
    return RATE * x + TABLE


def heun(rhs, y, dt, steps):
    for _ in range(steps):
        k1 = rhs(y)
        k2 = rhs(y + dt * k1)
        y = y + 0.5 * dt * (k1 + k2)
    return y


def adder(a):
    def add(x):
        return x + a * a

    return add


def counted(f):
    @functools.wraps(f)
    def wrapper(*args):
        return 2.0 * f(*args)

    return wrapper


@counted
def decorated(x, y):
    return x * x * y


class Model:
    """With parameters that are not differentiated."""

    kind = "tanh"

    def __init__(self):
        self.w = W.copy()
        self.bias = 0.25

    def __call__(self, x):
        return self.act(self.w @ x + self.bias)

    def act(self, x):
        return np.tanh(x) if self.kind == "tanh" else x

    def loss(self, x, power=2):
        return np.sum(self(x) ** power) * self.half

    @property
    def half(self):
        return 0.5 * self.bias

    @staticmethod
    def cube(x):
        return x**3

    @classmethod
    def named(cls, x):
        return x * len(cls.kind)


model = Model()


# programs --------------------------------------------------------------------


def positional_and_keywords(x):
    return scaled(x) + scaled(x, 3.0) + scaled(x, b=x) + scaled(x, a=x, b=0.5)


def early_returns(x, y):
    return leaky(x) * leaky(y) + leaky(x - y)


def functions_of_functions(w, x):
    h = layer(w, x)
    h = layer(w, h, act=leaky_all)
    return np.sum(layer(w, h, lambda z: z * np.sin(z)))


def leaky_all(x):
    return np.where(x > 0.0, x, 0.1 * x)


def several_results(x, y):
    p, s = both(x, y)
    q, _ = both(p, s)
    return q * both(s, x)[1]


def star_arguments(x, y):
    pair = (x, y)
    return total(x) + total(*pair, x * y) + total(*both(x, y)) + scaled(*pair)


def helper_fills_its_argument(x, v):
    a = x.copy()
    fill(a, v)
    fill(a[1:], 2.0 * v)
    return np.sum(a**2)


def helper_fills_the_callers_argument(x, v):
    y = x[::-1]
    fill(x, v)
    return np.sum(y * np.array([1.0, 2.0, 3.0]))


def helper_swaps(x):
    a, b = x.copy(), 2.0 * x
    for _ in range(3):
        a, b = swapped(a, b)
        a[0] = a[1] * b[2]
    return np.sum(a * b)


def in_loops_and_branches(x, n):
    s = 0.0
    for k in range(n):
        s = s + leaky(x - k) if k % 2 == 0 else scaled(s, a=0.1)
        while norm(np.array([s, x])) > 2.0:
            s = 0.5 * s
    return s


def helper_in_a_condition(x, y):
    return scaled(x) if norm(y) > 1.0 and leaky(x) > -1.0 else leaky(x)


def helper_reads_globals(x):
    return np.sum(rated(x) ** 2)


def closure_over_arguments(y, a):
    def rhs(y):
        return -a * y + np.sin(y)

    return np.sum(heun(rhs, y, 0.1, 3))


def closure_reads_what_is_bound_later(x):
    def f(y):
        return k * y

    k = x * x
    first = f(x)
    k = 2.0 * x
    return first + f(x)


def closure_over_an_array_that_changes(x):
    a = x.copy()
    f = lambda i: a[i] * a[0]  # noqa: E731
    s = f(1)
    a[0] = s * s
    return s + f(2)


def closure_that_is_returned(x):
    f, g = adder(x), adder(2.0 * x)
    return f(x) * g(f(x))


def closure_in_a_loop(x):
    s = 0.0
    for i in range(len(x)):

        def f(z):
            return z * x[i]  # noqa: B023

        s = s + f(f(1.0 + i))
    return s


def default_that_is_active(x, y):
    def f(z, a=x * x):
        return a * z

    x = 3.0 * y
    return f(y) + f(y, x)


def nested_twice(x):
    def f(y):
        def g(z):
            return x * y * z

        return g(y) + g(x)

    return f(x) * f(2.0)


def function_chosen_by_a_branch_that_is_known(x, kind):
    act = np.tanh if kind == "tanh" else leaky_all
    return np.sum(act(x) * x)


def partials(x):
    f = partial(scaled, a=x)
    g = partial(both, x)
    total_of = partial(np.sum, axis=0)
    return f(x) + f(2.0, b=x) + g(3.0)[0] + total_of(np.array([x, x * x]))


def maps_and_reductions(x):
    squares = list(map(scaled, [x, x + 1.0]))
    pairs = [p * q for p, q in map(both, squares, [x, 2.0])]
    return sum(map(leaky, pairs)) + reduce(lambda a, b: a * b + x, squares, x)


def reduction_over_an_array(x):
    return reduce(lambda a, b: a * b + 1.0, x)


def a_decorated_function(x, y):
    return decorated(x, y) + decorated(y, 2.0)


def methods_of_an_object(x):
    y = model(x)
    return model.loss(x) + model.loss(y, power=3) + np.sum(Model.cube(x))


def class_methods(x):
    return np.sum(model.named(x) * Model.named(x))


def helper_with_an_inner_loop(x):
    def horner(z, coefficients):
        y = 0.0
        for c in coefficients:
            y = y * z + c
        return y

    return horner(x[0], x) + horner(x[1], x[::-1]) * horner(2.0, [1.0, x[2]])


def comprehension_of_calls(x):
    return sum([leaky(v) * scaled(v) for v in x])


def calls_as_statements(x):
    a = np.zeros(3)

    def put(i, v):
        a[i] = v

    for i in range(3):
        put(i, x[i] * x[i - 1])
    put(0, a[1] * a[2])
    return np.sum(a * x)


def math_and_numpy_as_values(x):
    return sum([f(x) for f in (math.sin, math.cos, leaky)])


def rest_of_a_list(x, y):
    first, *middle, last = [x, y, x * y, both(x, y)]
    middle.append(last[0])
    (a, b, c), *none = [middle]
    return first * a + b * c * last[1] + len(none)


PROGRAMS = [
    (rest_of_a_list, (0.7, -0.4)),
    (positional_and_keywords, (0.7,)),
    (early_returns, (0.7, -0.4)),
    (functions_of_functions, (W, X)),
    (several_results, (0.7, -0.4)),
    (star_arguments, (0.7, -0.4)),
    (helper_fills_its_argument, (X, 0.6)),
    (helper_fills_the_callers_argument, (X, 0.6)),
    (helper_swaps, (X,)),
    (in_loops_and_branches, (0.7, 4)),
    (helper_in_a_condition, (0.7, X)),
    (helper_reads_globals, (X,)),
    (closure_over_arguments, (X, 0.8)),
    (closure_reads_what_is_bound_later, (0.7,)),
    (closure_over_an_array_that_changes, (X,)),
    (closure_that_is_returned, (0.7,)),
    (closure_in_a_loop, (X,)),
    (default_that_is_active, (0.7, -0.4)),
    (nested_twice, (0.7,)),
    (function_chosen_by_a_branch_that_is_known, (X, "tanh")),
    (function_chosen_by_a_branch_that_is_known, (X, "leaky")),
    (partials, (0.7,)),
    (maps_and_reductions, (0.7,)),
    (reduction_over_an_array, (X,)),
    (a_decorated_function, (0.7, -0.4)),
    (methods_of_an_object, (X,)),
    (class_methods, (X,)),
    (helper_with_an_inner_loop, (X,)),
    (comprehension_of_calls, (X,)),
    (calls_as_statements, (X,)),
    (math_and_numpy_as_values, (0.7,)),
]


@pytest.mark.parametrize("f, args", PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_calls(f, args):
    check(f, args)


def test_spellings_of_a_helper():
    def called(x, y):
        return scaled(x, y) * leaky(y)

    def written(x, y):
        s = y * x * x + 1.0 * x
        return s * (y if y > 0.0 else 0.1 * y)

    def as_a_lambda(x, y):
        f = lambda z: y * z * z + 1.0 * z  # noqa: E731
        return f(x) * leaky(y)

    check_spellings([called, written, as_a_lambda], (0.7, -0.4))


def test_a_helper_that_fails():
    def f(x, lo):
        return clipped_step(x, lo, 2.0) ** 2

    check(f, (0.7, 0.1))
    raises_as(f, 0.7, 1.0)
    raises_as(f, 0.7, 3.0)


def test_a_helper_that_fails_in_one_branch():
    def f(x):
        return scaled(x) if x > 0.0 else fail(x)

    def fail(x):
        raise ValueError(f"{x} is negative")

    check(f, (0.7,))
    raises_as(f, -0.7)


def test_a_helper_is_read_anew(monkeypatch):
    df = s2s.grad(helper_reads_globals)
    want = df(X)
    monkeypatch.setitem(globals(), "RATE", 1.4)
    assert np.allclose(df(X), want + 2.0 * 0.7 * (rated(X) + 0.7 * X))
    monkeypatch.setitem(globals(), "rated", lambda x: x)
    assert np.allclose(df(X), 2.0 * X)


def test_globals_of_two_modules_with_one_name():
    there = run_cell("def g(x):\n    return RATE * x * x\n", RATE=5.0)
    text = "def f(x):\n    return RATE * g(x) + x\n"
    here = run_cell(text, RATE=2.0, g=there["g"])
    df = s2s.grad(here["f"])
    assert df(3.0) == 61.0
    there["RATE"] = 1.0
    assert df(3.0) == 13.0
    here["RATE"] = 1.0
    assert df(3.0) == 7.0


class Table:
    """Its private names are those that Python makes of them."""

    def __init__(self, xs, scale=2.0):
        self.__xs = xs
        self.__scale = scale

    def at(self, k):
        def scaled(__x):
            return self.__scale * __x

        return self.__bounded(scaled(self.__xs[k]), 5.0)

    def __bounded(self, x, __most):
        __least = 0.1
        return min(max(x, __least), __most)


def test_private_names():
    def f(xs, a):
        table = Table(xs, a)
        return table.at(0) * table.at(1) + table._Table__scale

    check(f, (np.array([0.7, 1.2]), 1.3))


def test_decorators_defined_and_used_inside():
    def f(x):
        def scaled(f):
            @functools.wraps(f)
            def wrapper(*args, **options):
                return x * f(*args, **options)

            return wrapper

        @scaled
        def power(y, p=2):
            return y**p

        @counted
        def twice(y):
            return y * x

        return power(x) + power(2.0 * x, p=3) + twice(x)

    check(f, [0.7])


def test_a_decorator_applied_twice():
    def f(c, x):
        def scaled(f):
            def wrapper(*args, **options):
                return c * f(*args, **options)

            return wrapper

        @scaled
        @scaled
        def square(a):
            return a * a

        return square(x)

    check(f, [1.3, 0.7])


def test_names_two_levels_out():
    def f(x):
        a = 2.0 * x

        def outer(y):
            def middle(z):
                return (lambda w: w * a + y * z + x)(z)

            return middle(y)

        return outer(x)

    check(f, [0.7])


def composed(f, n):
    return f if n == 0 else composed(s2s.grad(f), n - 1)


def doubled_times(f, x, n):
    if n == 0:
        return f(x)
    return doubled_times(lambda y: 2.0 * f(y), x, n - 1)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: composed(lambda y: np.exp(x * y), 1)(x),
        lambda x: doubled_times(lambda y: np.exp(x * y), x, 2),
    ],
)
def test_a_function_that_calls_itself_with_what_it_makes_is_refused(f):
    with pytest.raises(s2s.UnsupportedError, match="with another function each time"):
        s2s.grad(f)(0.7)


def one_after_the_other(fs, x):
    return x if len(fs) == 0 else one_after_the_other(fs[1:], fs[0](x))


def of_eight_functions(x):
    half = (np.sin, lambda y: y * x, np.cos, lambda y: y + x)
    return one_after_the_other((*half, *half), x)


def test_a_function_that_calls_itself_with_fewer_functions():
    check(of_eight_functions, (0.7,))

# ruff: noqa: B023, RUF007
"""Functions in lists: which are the tuples of what they hold."""

from functools import partial, reduce

import numpy as np
import pytest
from agree import check

import s2s

W = np.linspace(-1.0, 1.0, 9).reshape(3, 3)
V = np.array([0.3, -0.2, 0.5])
PARAMS = [(W, V), (W + 1.0, 2.0 * V)]
RATES = [1.5, 2.5, 0.5]


def dense(W, b, x, act=np.tanh):
    return act(W @ x + b)


def row(p, x):
    return np.tanh(p["W"] @ x + p["b"])


def leaky(x):
    return np.where(x > 0.0, x, 0.1 * x)


# comprehensions -------------------------------------------------------------------


def of_literals(x):
    fs = [lambda v, k=k: v * (k + 1.0) for k in range(3)]
    for f in fs:
        x = f(x + 1.0)
    return x


def by_position(x):
    fs = tuple(lambda v, k=k: v * (k + 1.0) for k in range(3))
    return fs[1](x) + fs[-1](x) ** 2


def by_index(x, i):
    fs = [lambda v, k=k: v**k for k in (1.0, 2.0, 3.0)]
    return fs[i](x)


def of_weights(x, weights):
    fs = [lambda v, w=w: np.tanh(w @ v) for w in weights]
    for f in fs:
        x = f(x)
    return np.sum(x)


def of_partials(x, params):
    layers = [partial(dense, W, b) for W, b in params]
    for f in layers:
        x = f(x)
    return np.sum(x)


def of_dicts(x, params):
    for f in [partial(row, p) for p in params]:
        x = f(x)
    return np.sum(x)


def summed(x, rates):
    fs = [lambda v, k=k: v * k for k in rates]
    return sum(f(x) for f in fs) + min(f(x) ** 2 for f in fs)


def reduced(x, rates):
    fs = [lambda v, k=k: v * k + 1.0 for k in rates]
    return reduce(lambda v, f: f(v), fs, x)


def zipped(x, rates):
    fs = [lambda v, k=k: np.sin(v * k) for k in rates]
    for f, g in zip(fs[:-1], fs[1:], strict=True):
        x = f(g(x))
    for i, f in enumerate(reversed(fs)):
        x = f(x) + i
    return x * len(fs)


def in_order(x, rates):
    fs = sorted([lambda v, k=k: v * k + 1.0 for k in rates], key=lambda f: f(1.0))
    for f in fs:
        x = f(x)
    return x


def in_pairs(x, rates):
    for k, f in [(k, lambda v, k=k: v * k) for k in rates]:
        x = f(x) + k
    return x


def in_dict(x, rates):
    fs = {i: (lambda v, k=k: v * k) for i, k in enumerate(rates)}
    return fs[0](x) + fs[1](x) ** 2


def all_alike(x, n):
    fs = [np.tanh for _ in range(n)]
    for f in fs:
        x = f(x)
    return x


def of_functions(x, rates):
    fs = [lambda v, k=k: v * k for k in rates]
    gs = [lambda v, f=f: f(v) ** 2 for f in fs]
    return sum(g(x) for g in gs)


def of_derivatives(x, rates):
    fs = [s2s.grad(lambda v, k=k: v**3 * k) for k in rates]
    return sum(f(x) for f in fs)


# what sees the last value ---------------------------------------------------------


def late(x, rates):
    k = 2.0
    fs = [lambda v: v * (k + 1.0) for k in rates]
    for f in fs:
        x = f(x)
    return x * k


def late_of_literals(x):
    fs = [lambda v: v * (k + 1.0) for k in range(3)]
    return fs[0](x) + fs[1](x) ** 2


def late_at_once(x, rates):
    return sum((lambda v: v * k)(x) for k in rates)


def late_in_a_loop(x, rates):
    out = 0.0
    for i in range(3):
        fs = [lambda v: v * k * i for k in rates]
        out += fs[0](x)
    for f in fs:
        out += f(x)
    return out


def late_twice(x, rates):
    fs = [[lambda v: v * k + j for k in rates] for j in rates]
    return fs[0][0](x)


def late_key(x, rates):
    return sum([max([x, x * x], key=lambda v: abs(v - k)) for k in rates])


# loops that append ----------------------------------------------------------------


def appended(x, rates):
    fs = []
    for k in rates:

        def step(v, k=k):
            return v * k + x

        fs.append(step)
    for f in fs:
        x = f(x)
    return x


def appended_late(x, rates):
    fs = []
    for k in rates:

        def step(v):
            return v * k

        fs.append(step)
    y = x
    for f in fs:
        y = f(y)
    return y


def appended_known(x):
    fs = []
    for g in (np.sin, np.cos):
        fs.append(lambda v, g=g: g(v) * x)
    y = x
    for f in fs:
        y = f(y)
    return y


def popped(x, rates):
    fs = [lambda v, k=k: v * k for k in rates]
    fs.append(fs[0])
    while fs:
        f = fs.pop()
        x = f(x) + 1.0
    return x


# of functions that have returned --------------------------------------------------


def made(k):
    c = 2.0 * k
    return lambda v: v * c + k


def made_of_two(k):
    def step(v):
        return inner(v) * k

    def inner(u):
        return u + k

    return step


def made_recursive(k):
    def power(v, n):
        return v if n == 0 else power(v * k, n - 1)

    return power


def of_makers(x, rates):
    for f in [made(k) for k in rates]:
        x = f(x)
    for f in [made_of_two(k) for k in rates]:
        x = f(x)
    return x


def of_recursive(x, rates):
    fs = [made_recursive(k) for k in rates]
    return sum(f(x, 2) for f in fs)


def built(params):
    layers = []
    for W, b in params:
        layers.append(partial(dense, W, b, act=np.sin))
    return layers


def applied(layers, x):
    for f in layers:
        x = f(x)
    return x


def of_helpers(x, params):
    return np.sum(applied(built(params), x)) + np.sum(applied(built(params), 2.0 * x))


class Net:
    def __init__(self, params):
        self.layers = [partial(dense, W, b) for W, b in params]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def of_object(x, params):
    return np.sum(Net(params)(x))


class Affine:
    def __init__(self, a):
        self.a = a

    def step(self, k, x):
        return self.a * x + k


def of_methods(x, rates):
    affine = Affine(2.0 * x)
    y = x
    for f in [partial(affine.step, k) for k in rates]:
        y = f(y)
    return y


SCALAR = [
    summed, reduced, zipped, in_order, in_pairs, in_dict, of_functions, of_derivatives,
    late, late_at_once, late_in_a_loop, late_twice, late_key, appended, appended_late,
    popped, of_makers, of_recursive, of_methods,
]  # fmt: skip


@pytest.mark.parametrize("f", SCALAR, ids=lambda f: f.__name__)
def test_numbers(f):
    check(f, [0.75, RATES])


@pytest.mark.parametrize("f", [of_literals, by_position, late_of_literals,
                               appended_known], ids=lambda f: f.__name__)  # fmt: skip
def test_literals(f):
    check(f, [0.75])


@pytest.mark.parametrize("f", [of_partials, of_helpers, of_object],
                         ids=lambda f: f.__name__)  # fmt: skip
def test_layers(f):
    check(f, [V, PARAMS])


def test_more_arguments():
    check(of_weights, [V, [W, W + 0.1]])
    check(of_dicts, [V, [{"W": w, "b": b} for w, b in PARAMS]])
    check(by_index, [0.7, 1])
    check(all_alike, [0.7, 3])


class Dense:
    def __init__(self, w, b, act=leaky):
        self.w, self.b, self.act = w, b, act

    def __call__(self, x):
        return self.act(self.w @ x + self.b)


def in_objects(x, params):
    net = [Dense(w, b) for w, b in params]
    for layer in net:
        x = layer(x)
    relu = [Dense(w, b, lambda v: np.maximum(v, 0.1)) for w, b in params]
    return np.sum(reduce(lambda v, layer: layer(v), relu, x))


def in_tuples(x, params):
    for w, b, act in [(w, b, leaky) for w, b in params]:
        x = act(w @ x + b)
    return np.sum(x)


@pytest.mark.parametrize("f", [in_objects, in_tuples])
def test_functions_in_items(f):
    check(f, [V, PARAMS])


def test_functions_of_objects_that_are_returned():
    def f(x, params):
        net = [Dense(w, b, np.sin) for w, b in params]
        return net[0](x), net

    (_, net), pullback = s2s.vjp(f, V, PARAMS)
    assert [layer.act for layer in net] == [np.sin, np.sin]
    bars = pullback((np.ones(3), None))
    assert np.array_equal(bars[1][0][1], np.cos(W @ V + V))


def test_the_text_is_that_of_a_loop_over_what_they_hold():
    derivative = s2s.grad(of_partials)
    derivative.compile(V, PARAMS)
    assert "    for W, b in layers:\n" in derivative.source

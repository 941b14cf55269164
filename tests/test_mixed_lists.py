"""Lists of arrays and numbers, `[w, b]`, that are differentiated."""

from __future__ import annotations

import numpy as np
import pytest
from agree import check
from test_fuzz import twice

import s2s

W, X = np.array([0.5, 0.3]), np.array([1.0, 2.0])


def by_place(p):
    return np.sum((p[0] * X + p[1]) ** 2)


def by_name(p):
    w, b = p
    return np.sum((w * X + b) ** 2)


def in_a_loop(p):
    s = 0.0
    for v in p:
        s = s + np.sum((v * X) ** 2)
    return s


def in_a_comprehension(p):
    p = [v * 2 for v in p]
    return sum([np.sum(v * X) for v in p]) * np.sum(p[-1])


def returned(p):
    return [v * 2 for v in p]


def layers(ps):
    s = 0.0
    for w, b in ps:
        s = s + np.sum((w * X + b) ** 2)
    return s


def at_run_time(p, n):
    return np.sum(p[n] * X)


def in_a_dict(d):
    return by_place(d["layer"])


CASES = [
    (by_place, ([W, 0.5],)),
    (by_place, ([0.5, W],)),
    (by_place, ([W, np.float64(0.5)],)),
    (by_name, ([W, 0.5],)),
    (in_a_loop, ([W, 0.5, 0.3],)),
    (in_a_comprehension, ([W, 0.5],)),
    (returned, ([W, 0.5],)),
    (layers, ([(W, 0.5), (0.3, 0.2)],)),
    (layers, ([[W, 0.5], [W, 0.2]],)),
    (at_run_time, ([W, 0.5], 1)),
    (in_a_dict, ({"layer": [W, 0.5]},)),
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_as_arguments(f, args):
    check(f, args)


def test_the_gradient_in_a_number_is_one():
    w_bar, b_bar = s2s.grad(by_place)([W, 0.5])
    assert np.shape(w_bar) == (2,)
    assert np.shape(b_bar) == ()


def gradient(x, w):
    return s2s.grad(by_place)([x * w, x])[1]


def rows(x, w):
    return s2s.jacrev(by_place)([x * w, x])[1]


def second(x, w):
    return s2s.hessian(by_place)([x * w, x])[1][1]


def cotangent(x, w):
    return s2s.vjp(by_place, [x * w, x])[1](x)[0][1]


def product(x, w):
    return s2s.hvp(by_place, ([x * w, x],), ([w, x],))[0][1]


def of_a_dict(x, w):
    return s2s.grad(in_a_dict)({"layer": [x * w, x]})["layer"][1]


def of_a_matrix(x, w):
    a = np.outer(w, X)
    bars = s2s.grad(lambda p: np.sum((p[0] @ w + p[1]) ** 2))([x * a, a[:, 0]])
    return np.sum(bars[1])


@pytest.mark.parametrize(
    "f", [gradient, rows, second, cotangent, product, of_a_dict, of_a_matrix]
)
def test_inside_of_a_function(f):
    check(f, (0.7, W))
    twice(f, (0.7, W))

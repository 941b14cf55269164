"""Ints that are differentiated: they are read as floats."""

from __future__ import annotations

import numpy as np
import pytest
from agree import check

import s2s

JACOBIANS = s2s.jacfwd, s2s.jacrev


def cube(y):
    return y**3


def of_two(y, z):
    return y**3 * z


def of_a_list(p):
    return p[0] ** 2 * p[1]


def of_lists(p):
    return p[0][0] ** 2 * p[1][1]


def of_a_dict(d):
    return d["a"][0] ** 2 * d["a"][1]


def of_arrays(p):
    return np.sum(p[0] * p[1] ** 2)


ARRAYS = np.array([1.0, 2.0]), np.array([1, 3])
CASES = [
    (cube, (2,), 0, 12.0),
    (of_two, (2, 3.0), (0, 1), (36.0, 8.0)),
    (of_two, (2, 3), (0, 1), (36.0, 8.0)),
    (of_two, (2, 3.0), 1, 8.0),
    (of_a_list, ([2, 3.0],), 0, [12.0, 4.0]),
    (of_a_list, ([2.0, np.int64(3)],), 0, [12.0, 4.0]),
    (of_a_list, ([2.0, True],), 0, [4.0, 4.0]),
    (of_a_list, ((2, 3.0),), 0, (None, 4.0)),
    (of_lists, ([[2, 1.0], [1, 3]],), 0, [[12.0, 0.0], [0.0, 4.0]]),
    (of_a_dict, ({"a": [2, 3.0]},), 0, {"a": [12.0, 4.0]}),
]


@pytest.mark.parametrize(("f", "args", "wrt", "slope"), CASES)
@pytest.mark.parametrize("derivative", [s2s.grad, s2s.jacfwd, s2s.jacrev])
def test_the_derivative_is_that_of_a_float(derivative, f, args, wrt, slope):
    assert derivative(f, wrt)(*args) == slope


@pytest.mark.parametrize("derivative", [s2s.grad, s2s.jacfwd, s2s.jacrev])
def test_arrays_of_ints_among_arrays_of_floats(derivative):
    for single in (False, True):
        p = [ARRAYS[0].astype("f") if single else ARRAYS[0], ARRAYS[1]]
        a, b = derivative(of_arrays)(p)
        assert np.allclose(a, [1.0, 9.0])
        assert np.allclose(b, [2.0, 12.0])


def test_hessians():
    assert s2s.hessian(cube)(2) == 12.0
    assert s2s.hessian(of_two, (0, 1))(2, 3) == ((36.0, 12.0), (12.0, 0.0))
    assert s2s.hessian(of_a_list)([2, 3.0]) == [[6.0, 4.0], [4.0, 0.0]]


def test_of_several_results():
    for jacobian in JACOBIANS:
        assert np.array_equal(jacobian(lambda y: np.array([y**2, y]))(2), [4.0, 1.0])


def test_arguments_stay():
    p = [2, 3.0]
    for derivative in (s2s.grad, *JACOBIANS):
        derivative(of_a_list)(p)
    assert list(map(type, p)) == [int, float]


INSIDE = [
    lambda x: s2s.hessian(lambda y: y**3 * x)(2),
    lambda x: s2s.jacfwd(lambda y: y**3 * x)(2),
    lambda x: s2s.jacrev(of_two, (0, 1))(2, x)[0],
    lambda x: s2s.grad(of_a_list)([2, x])[0],
    lambda x: s2s.jacfwd(of_a_list)([2, x])[0],
    lambda x: s2s.jacrev(of_a_list)([2, x])[0],
    lambda x: s2s.hessian(of_a_list)([2, x])[0][1] * x,
    lambda x: s2s.jacrev(of_lists)([[2, x], [x, 3]])[0][0] * x,
    lambda x: s2s.jacrev(of_a_dict)({"a": [2, x]})["a"][0],
    lambda x: s2s.jacrev(lambda p: p[0] ** 2 * p[1])((2, x))[1] * x,
    lambda x: sum([s2s.jacfwd(lambda y: y**3 * x)(k) for k in range(3)]),
]


@pytest.mark.parametrize("f", INSIDE)
def test_inside_of_a_function(f):
    check(f, (0.7,))


def test_numbers_found_at_run_time():
    check(lambda n, x: s2s.jacrev(of_a_list)([n, x])[0], (2, 0.7))
    check(lambda n, x: s2s.hessian(lambda y: y**3 * x)(n), (2, 0.7))

"""Indices: elements that are read more than once, tuples that stand for an index."""

from typing import NamedTuple

import numpy as np
import pytest
from agree import check
from test_parse_source import run_cell

import s2s

M = np.array([[0.4, -0.3, 1.2], [0.7, 0.9, -0.5]])
V = M[0]
PAIR = (1, 0)


class Cell(NamedTuple):
    row: int
    column: int


def one_row_many_times(x, k):
    return np.sum(x[np.arange(1), k] ** 2)


def rows_of_an_array(x, k):
    return np.sum(x[np.arange(len(x)), k] ** 2)


def last_element_too(x, n):
    return np.sum(x[np.arange(-1, n)] ** 2)


def first_elements(x, n):
    return np.sum(x[np.arange(n)] ** 2)


def wrapped(x, k):
    return np.sum(x[k % len(x)] ** 2)


def at_a_pair(x, k):
    return x[k] ** 2


def at_a_pair_with_a_name(x):
    k = (0, 1)
    return x[k] ** 2 + x[PAIR]


def at_pairs(x, pairs):
    total = 0.0
    for k in pairs:
        total += x[k] ** 2
    return total


def at_a_pair_that_moves(x, n):
    k, total = (0, 0), 0.0
    for _ in range(n):
        total += x[k] ** 2
        k = (k[1], 1 - k[0])
    return total


def at_pairs_of_one_array_each(x):
    return np.sum(x[np.nonzero(x > 0.5)] ** 2)


def a_new_axis_in_a_pair(x):
    k = (None, 1)
    return np.sum(x[k] ** 2)


def stored_at_a_pair(x, k):
    x = x.copy()
    x[k] *= x[1, 2]
    np.add.at(x, k, x[0, 0])
    return np.sum(x**2)


def with_a_ridge(x, s):
    x = x @ x.T
    x[np.diag_indices_from(x)] += s
    i, j = np.diag_indices(2)
    return np.linalg.slogdet(x)[1] + np.sum(x[i, j] ** 2)


def upper_and_lower(x, s):
    x = x.copy()
    x[np.triu_indices_from(x, 1)] *= s
    i, j = np.tril_indices(2, -1)
    return np.sum(x**2) + np.sum(x[i, j] ** 3)


def taken_at_a_pair(x, k):
    return np.sum(np.take(x, k) ** 2) + np.sum(np.take(x, (1, 1), axis=1) ** 3)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (with_a_ridge, (M, 0.5)),
        (upper_and_lower, (M, 0.5)),
        (taken_at_a_pair, (M, (0, 4))),
        (at_a_pair, (M, (1, 2))),
        (at_a_pair, (M, Cell(1, 2))),
        (at_a_pair_with_a_name, (M,)),
        (at_pairs, (M, [(0, 1), (1, 1), (0, 1)])),
        (at_a_pair_that_moves, (M, 3)),
        (at_pairs_of_one_array_each, (M,)),
        (a_new_axis_in_a_pair, (M,)),
        (stored_at_a_pair, (M, (0, 1))),
        (stored_at_a_pair, (M, (np.array([0, 1]), np.array([2, 0])))),
    ],
)
def test_a_tuple_holds_an_index_for_each_axis(f, args):
    check(f, args)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (one_row_many_times, (M, np.array([0, 1, 1]))),
        (rows_of_an_array, (M, np.array([1, 1]))),
        (rows_of_an_array, (M[:1], np.array([0, 1, 1]))),
        (last_element_too, (V, 3)),
        (first_elements, (V, 2)),
        (wrapped, (V, np.array([0, 1, 3, 4]))),
    ],
)
def test_repeated_elements(f, args):
    check(f, args)


def test_rows_that_cannot_repeat_are_assigned():
    df = s2s.grad(rows_of_an_array)
    df(M, np.array([1, 1]))
    assert "x_bar[arange, k] = " in df.source


def test_positions_that_cannot_repeat_are_assigned():
    df = s2s.grad(upper_and_lower)
    df(M, 0.5)
    assert "x_bar[i, j] = " in df.source
    assert "np.add.at" not in df.source and "kept" not in df.source


def test_positions_of_one_axis_alone_may_repeat():
    def rows(x):
        i, _ = np.triu_indices(2)
        return np.sum(x[i] ** 2)

    check(rows, (M,))


def index_or_values(x, n):
    t = np.array([0, -1, 0]) if n > 2 else x[1:]
    if n > 2:
        return np.sum(x[t] ** 2)
    return np.sum(t**3)


@pytest.mark.parametrize("c", [0.7, 0.2])
@pytest.mark.parametrize(
    "text",
    [
        "x[c > 0.5] * c",
        "np.sum(x[not c > 0.5]) * c",
        "M[0, c > 0.5] * M[:, c > 0.5] * c",
        "x[np.newaxis, c > 0.5] * c",
        "x[c > 0.5 and x[0] > 0.0] * x[x[0] > 0.0] * c",
        "[c, 2.0 * c][c > 0.5] * x + (c, 1.0)[c < 0.5]",
    ],
)
def test_a_bool_adds_an_axis_but_to_a_list(text, c):
    check(run_cell(f"def f(x, c):\n    return {text}\n", np=np, M=M)["f"], (V, c))


def stored_at_a_bool(x, c):
    x = x.copy()
    x[c > 0.5] *= c
    np.add.at(x, c < 0.5, c)
    for i in range(3):
        x[i == 1] += c
        x[i, i == 2] = x[0] * c
    return x


@pytest.mark.parametrize("c", [0.7, 0.2])
def test_stores_at_a_bool(c):
    check(stored_at_a_bool, (V, c))


@pytest.mark.parametrize("k", [True, False])
def test_a_bool_in_an_argument(k):
    check(lambda x, k, c: x[k] * c, (V, k, 0.7))


@pytest.mark.parametrize(
    "text", ["np.take(x, x > 0.0)", "np.take(x, [True, False])", "x.flat[x[0] > 9.0]"]
)
def test_bools_that_are_positions_are_refused(text):
    f = run_cell(f"def f(x):\n    return np.sum({text})\n", np=np)["f"]
    with pytest.raises(s2s.UnsupportedError, match="bools for the positions 0 and 1"):
        s2s.grad(f)(V)


def test_put_at_bools_is_refused():
    def f(x):
        x = x.copy()
        np.put(x, x > 0.0, x[0])
        return np.sum(x)

    with pytest.raises(s2s.UnsupportedError, match="put takes bools"):
        s2s.grad(f)(V)


@pytest.mark.parametrize("n", [2, 3])
def test_a_name_of_an_index_on_one_path_and_of_values_on_the_other(n):
    check(index_or_values, (V, n))

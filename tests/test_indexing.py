"""Reading elements: what is read more than once gains more than once."""

import numpy as np
import pytest
from agree import check

import s2s

M = np.array([[0.4, -0.3, 1.2], [0.7, 0.9, -0.5]])
V = M[0]


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

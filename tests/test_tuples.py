"""Tuples whose length is found at run time, and columns of rows: `zip(*rows)`."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])


def of_array(x):
    t = tuple(x)
    if isinstance(t, list) or t == (1.0, 2.0):
        return x[0]
    return sum(v**2 for v in t) * t[1] * len(t)


def of_list(x):
    """What the list becomes is nothing to the tuple."""
    rows = [x * k for k in range(3)]
    t = tuple(rows)
    rows.append(x)
    rows[0] = x * x
    return sum(np.sum(v**2) for v in t) * np.sum(rows[0]) + len(rows)


def of_generator(x):
    t = tuple(v * v for v in x if v > 0)
    back = list(t)
    back[0] = back[1] * t[0]
    return sum(back)


def on_each_path(x):
    t = tuple(v * v for v in x if v > 0) if x[0] > 0 else tuple(x)
    return t, t[0]


def of_rows(x):
    t = tuple(np.outer(x, x))
    return np.sum(t[0] * t[2])


def columns(x):
    rows = [(v, v * v, np.sin(v)) for v in x if v > 0]
    a, b, _ = zip(*rows, strict=True)
    p, q, r = map(np.array, zip(*rows, strict=True))
    return np.sum(np.array(a) * np.array(b)) * np.sum(p * q * r)


def columns_of_lists(x):
    rows = []
    for v in x:
        if v > 0:
            rows.append([v, v * x])
    a, b = zip(*rows, strict=True)
    return sum(a) * np.sum(np.array(b) ** 2)


def one_by_one(x):
    rows = [(v, np.sin(v)) for v in x if v > 0]
    found = list(zip(*rows, strict=True))
    s = 0.0
    for column in zip(*rows, strict=True):
        s += np.sum(np.array(column) ** 2) * max(column)
    rows.append((x[0], x[1]))
    return s + found[0][0] * found[1][1] + len(rows)


def in_loop(x):
    s = 0.0
    for i in range(2):
        rows = []
        for v in x:
            if v > 0:
                rows.append((v * (i + 1), s))
        a, b = zip(*rows, strict=True)
        s += sum(a) * max(b) + np.dot(np.array(a), np.array(b)) + a[0]
    return s


def given_back(x):
    return tuple(zip(*[(v, v**2) for v in x if v > 0], strict=True))


def known(x):
    a, b = zip(*[(v, np.sum(v) * v) for v in (x[:2], x[1:3], x[2:])], strict=True)
    return np.sum(a[0] * b[2]) + np.sum(np.array(b) ** 2)


TUPLES = [of_array, of_list, of_generator, on_each_path, of_rows]


def side_by_side(*xs):
    return [a * b for a, b in zip(*xs, strict=True)]


def of_arguments(x):
    return sum(side_by_side(x, np.sin(x))) * side_by_side(x[:2], x[2:])[1]


COLUMNS = [
    columns,
    of_arguments,
    columns_of_lists,
    one_by_one,
    in_loop,
    given_back,
    known,
]


@pytest.mark.parametrize("f", [*TUPLES, *COLUMNS])
def test_tuples(f):
    check(f, [V])
    if f not in (on_each_path, given_back, in_loop):
        s2s.check_grads(f, (V,))


def test_columns_of_what_is_given():
    def f(rows):
        a, k, b = zip(*rows, strict=True)
        total = sum(v * n for v, n in zip(a, k, strict=True))
        return total * np.sum(np.array(a) * np.array(b))

    check(f, [[(0.5, 1, 2.0), (0.7, 2, 3.0), (0.3, 0, 1.5)]])


def test_columns_of_unknown_number():
    def f(x):
        a, b = zip(*np.outer(x, x)[:, :2], strict=True)
        return sum(a) * sum(b)

    with pytest.raises(s2s.S2SError, match="how many columns these rows have"):
        s2s.grad(f)(V)


def test_tuples_among_lists():
    def f(x):
        t = tuple(v for v in x if v > 0)
        pairs, more = [t, tuple(x)], [*t, x[0], *t]
        return sum(sum(u) ** 2 for u in pairs) * max(*t) + sum(v**2 for v in more)

    check(f, [V])


def test_refused():
    def total(x):
        t = tuple(v for v in x if v > 0)
        return sum(t + (x[0],))  # noqa: RUF005

    def changed(x):
        t = tuple(v for v in x if v > 0)
        t[0] = 2.0
        return sum(t)

    with pytest.raises(s2s.S2SError, match="sums of tuples"):
        s2s.grad(total)(V)
    with pytest.raises(s2s.S2SError, match="a tuple does not change"):
        s2s.grad(changed)(V)

"""`a, *rest = xs`, where the length of `xs` is found at run time."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, 0.7, 0.3])
A = np.outer(V, V) + 1.0


def last_of_all(xs):
    *head, last = xs
    s = 0.0
    for h in head:
        s = s + h * last
    return s


def first_of_all(xs):
    first, *rest = xs
    return first * sum(v * v for v in rest)


def both_ends(xs):
    a, *_, z = xs
    return a * z


def of_rows(rows):
    s = 0.0
    for first, *middle, last in rows:
        s = s + first * sum(middle) + last
    return s


def in_a_comprehension(rows):
    return sum(a * sum(r) for a, *r in rows)


@pytest.mark.parametrize("f", [last_of_all, first_of_all, both_ends])
def test_of_an_argument(f):
    check(f, (V,))
    check(f, (V.tolist(),))


@pytest.mark.parametrize("f", [of_rows, in_a_comprehension])
def test_of_each_row(f):
    check(f, (A,))
    check(f, (A.tolist(),))
    check(f, ([[1.0, 2.0], [0.5, 0.7, 1.1]],))


def grown(x, n):
    xs = []
    for k in range(n):
        xs.append(x * k + 1.0)
    *head, last = xs
    a, b, *rest = xs
    rest.append(x)
    return last * sum(head) + a * b * len(rest) * rest[-1]


def changed(x, n):
    xs = [x * k for k in range(n)]
    first, *mid, last = xs
    for k in range(len(mid)):
        mid[k] = mid[k] * 2
    return first + last * sum(mid) + sum(xs)


def used_up(x, n):
    todo = [x * k for k in range(1, n)]
    s = 0.0
    while todo:
        first, *todo = todo
        s = s + first * first * len(todo)
    return s


def of_pairs(x, n):
    todo = [(x * k, k) for k in range(1, n)]
    (v, k), *rest = todo
    *_, (w, j) = todo
    return v * w * k * j * len(rest)


def of_a_tuple(x, n):
    t = tuple(x * k for k in range(n))
    a, *r = t
    [*h, z] = t
    r.append(z)
    return a + z * sum(r) + sum(h)


def of_a_dict(x, n):
    d = {k: x * k for k in range(n)}
    a, *r = d.values()
    k, *ks = d
    return a + sum(r) * (k + len(ks))


@pytest.mark.parametrize("n", [3, 5])
@pytest.mark.parametrize(
    "f", [grown, changed, used_up, of_pairs, of_a_tuple, of_a_dict]
)
def test_of_what_is_made(f, n):
    check(f, (0.7, n))


def test_too_few():
    with pytest.raises(ValueError, match="not enough values"):
        both_ends([1.0])
    with pytest.raises(ValueError, match="at least 2 items"):
        s2s.grad(both_ends)([1.0])


def ends_that_may_overlap(xs):
    a, b, *_, y, z = xs
    return a * b * y * z


def last_two(xs):
    *_, y, z = xs
    return y * z


def unread(xs):
    _a, _b, *_ = xs
    return np.sum(xs)


def rows_that_may_be_short(rows):
    s = 0.0
    for a, *_, z in rows:
        s = s + a * z
    return s


SHORT = [
    (ends_that_may_overlap, V[:3]),
    (last_two, V[:1]),
    (unread, V[:1]),
    (first_of_all, V[:0]),
    (rows_that_may_be_short, A[:, :1]),
]


@pytest.mark.parametrize(("f", "xs"), SHORT)
def test_arrays_with_too_few(f, xs):
    for derivative in (s2s.grad(f), s2s.value_and_grad(f)):
        with pytest.raises(ValueError, match="items to unpack"):
            derivative(xs)
    with pytest.raises(ValueError, match="items to unpack"):
        s2s.jvp(f, (xs,), (xs,))


def test_arrays_with_enough():
    check(ends_that_may_overlap, (V,))
    check(ends_that_may_overlap, (A,))
    check(rows_that_may_be_short, (A,))

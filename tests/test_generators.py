"""Generator functions: what they yield is a list, where nobody can tell."""

import itertools

import numpy as np
import pytest
from agree import check

import s2s

ARGS = (1.3, np.array([0.7, -1.2, 0.45]))


def steps(u, n):
    for _ in range(n):
        u = u + 0.1 * np.sin(u)
        yield u


def scaled(u, k):
    for w in u:
        yield w * k


def until(u):
    for k in range(10):
        if k > 2:
            return
        yield u * k
    yield 3.0 * u


def several(u):
    yield 2.0 * u
    yield from steps(u, 2)
    yield from [u, u * u]


class Cell:
    def __init__(self, x):
        self.x, self.t = x, 1.0

    def __iter__(self):
        yield self.x
        yield 2.0 * self.x * self.t

    def powers(self, n):
        for k in range(n):
            yield self.x**k * self.t

    def ticks(self, n):
        for _ in range(n):
            self.t = self.t * 2.0
            yield self.x * self.t


def in_a_loop(c, u):
    s = 0.0
    for k, v in enumerate(steps(u, 3)):
        s += c * np.sum(v) * k
    return s


def until_a_break(c, u):
    s = 0.0
    for v in steps(u, 5):
        s += np.sum(v) * c
        if s > 0.3:
            break
    return s


def in_sums_and_lists(c, u):
    rows = np.concatenate(list(several(u)))
    return sum(np.sum(v) for v in until(u)) * c + np.sum(rows**2) + max(scaled(u, c))


def beside_another(c, u):
    s = 0.0
    for a, b in zip(steps(u, 3), scaled(u, c), strict=True):
        s += np.sum(a) * b
    x, y, z = steps(u, 3)
    return s + np.sum(x * y + c * z)


def of_an_object(c, u):
    cell = Cell(u)
    total = sum(np.sum(v) * c for v in cell)
    for v in cell.powers(3):
        total += np.sum(v) * cell.t
    return total


def defined_inside(c, u):
    def squares():
        for w in u:
            yield w * w * c

    return sum(v * w for v in squares() for w in squares())


def a_name_that_is_bound_again(c, u):
    s, k = 0.0, c
    for v in scaled(u, k):
        k = k + 1.0
        s += v * k
    return s


def sums_of_products(u, c):
    half = lambda w: 0.5 * w  # noqa: E731
    for w in u:
        yield sum(map(lambda z: c * z, u)) * half(w)


def with_functions_inside(c, u):
    return sum(sums_of_products(u, c)) + max(sums_of_products(u, c))


def a_part(c, u):
    s = 0.0
    for v in itertools.islice(steps(u, 3), 2):
        s += np.sum(v) * c
    return s


@pytest.mark.parametrize(
    "f",
    [
        in_a_loop, until_a_break, in_sums_and_lists, beside_another, of_an_object,
        defined_inside, a_name_that_is_bound_again, a_part, with_functions_inside,
    ],
)  # fmt: skip
def test_items(f):
    check(f, ARGS)


def changes_its_object(c, u):
    cell, s = Cell(u), 0.0
    for v in cell.ticks(3):
        s += np.sum(v) * cell.t
    return s * c


def its_object_changes(c, u):
    cell, s = Cell(u), 0.0
    for v in cell.powers(3):
        s += np.sum(v)
        cell.t = 2.0 * cell.t
    return s * c


def changes_its_argument(c, u):
    def halves(v, n):
        for _ in range(n):
            v[0] *= 0.5
            yield v[1]

    v, s = u.copy(), 0.0
    for w in halves(v, 3):
        s += w * v[0] * c
    return s


def yields_one_array_all_along(c, u):
    def moved(v, n):
        v = v.copy()
        for _ in range(n):
            v += 0.1 * np.sin(v)
            yield v

    return sum(np.sum(v) * c for v in moved(u, 3))


def its_argument_changes(c, u):
    v, s = u.copy(), 0.0
    for w in scaled(v, c):
        v[2] = v[2] + w
        s += w
    return s


def reads_a_name_late(c, u):
    def gen():
        for w in u:
            yield w * k

    k, s = c, 0.0
    for v in gen():
        k = k + 1.0
        s += v
    return s


def has_a_name(c, u):
    made = steps(u, 3)
    return sum(np.sum(v) for v in made) * c


def has_no_end(c, u):
    def forever(u):
        while True:
            u = u + 0.1 * np.sin(u)
            yield u

    s = 0.0
    for v in forever(u):
        s += np.sum(v) * c
        if s > 100.0:
            break
    return s


def returns_a_value(c, u):
    def gen():
        yield u
        return c

    return sum(np.sum(v) for v in gen())


def gets_values(c, u):
    def gen():
        k = yield u
        yield k

    return sum(np.sum(v) for v in gen())


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (changes_its_object, "changes an object while items are made|is not known"),
        (its_object_changes, "an object that the loop around takes its items from"),
        (changes_its_argument, "changes an array while items are made"),
        (yields_one_array_all_along, "changes an item of a list in place"),
        (its_argument_changes, "an array that the loop around takes its items from"),
        (reads_a_name_late, "assigns `k`, of which its items are made"),
        (has_a_name, "`steps` is supported where its items are run over at once"),
        (has_no_end, "the generator `forever` has no end of its own"),
        (returns_a_value, "a generator that returns a value"),
        (gets_values, "`yield` expressions are not supported"),
    ],
)
def test_what_python_would_make_later_is_refused(f, message):
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.vjp(f, *ARGS)


def test_a_generator_is_not_differentiated():
    with pytest.raises(s2s.UnsupportedError, match="`steps` is a generator function"):
        s2s.grad(steps)(*ARGS)


def early(u, n):
    items = []
    for k in range(n):
        if k > 2:
            return items
        items.append(u * k)
    items.append(3.0 * u)
    return items


def test_a_list_that_is_returned_early():
    def f(c, u, n):
        return sum(np.sum(v) for v in early(u, n)) * c

    for n in (2, 5):
        check(f, (*ARGS, n))


def yields_an_object_that_changes(c, u):
    def gen():
        cell = Cell(u)
        yield cell
        cell.t = c
        yield cell

    return sum(np.sum(v.x) * v.t for v in gen())


def yields_a_list_that_grows(c, u):
    def gen():
        row = [u[0]]
        yield row
        row.append(u[1])
        yield row

    return sum(sum(row) for row in gen()) * c


def yields_an_array_that_changes(c, u):
    def gen():
        v = u.copy()
        yield 0, v
        v[0] = c
        yield 1, v

    return sum(np.sum(v**2) for _, v in gen())


def changes_what_it_gets(c, u):
    def gen():
        cell = Cell(u)
        yield cell
        yield Cell(cell.x * cell.t)

    s = 0.0
    for cell in gen():
        cell.t = 2.0 * c
        s += np.sum(cell.x)
    return s


@pytest.mark.parametrize(
    "f",
    [
        yields_an_object_that_changes, yields_a_list_that_grows,
        yields_an_array_that_changes, changes_what_it_gets,
    ],
)  # fmt: skip
def test_what_is_yielded_must_not_change(f):
    with pytest.raises(s2s.UnsupportedError):
        s2s.vjp(f, *ARGS)

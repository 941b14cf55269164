"""Calls that change things, evaluated as often and in the order that Python has."""

from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import pytest
from agree import check

import s2s

X = 0.7


# lists that a function changes ---------------------------------------------------


def by_a_function_that_reduces(x):
    acc = [0.0]

    def g(a, b):
        acc[0] = acc[0] + a * b
        return a + b

    r = reduce(g, [x, 2.0 * x, 3.0 * x])
    return acc[0] * r


def by_elements_of_a_comprehension(x):
    acc = [0.0]

    def g(v):
        acc[0] = acc[0] + v * x
        return v

    ys = [g(v) for v in (x, 2.0 * x)]
    return acc[0] + sum(ys)


def by_a_partial(x):
    acc = [x]

    def g(v):
        acc.append(v * x)

    h = partial(g, x)
    h()
    h()
    return acc[-1] * acc[0] * len(acc)


def before_another_argument_is_used(x):
    xs = [x, 1.0]

    def put(v):
        xs[0] = xs[0] * v
        return v

    def g(ys, v):
        return ys[0] * v

    return g(xs, put(x)) + xs[0]


def between_two_factors(x):
    acc = [0.0]

    def g(v):
        acc[0] = acc[0] + v
        return acc[0]

    return g(x) * acc[0] + g(x) * acc[0]


def default_that_grows(x):
    def g(v, acc=[]):  # noqa: B006
        acc.append(v)
        return sum(acc)

    return g(x) + g(2.0 * x)


def default_whose_item_changes(x):
    def g(v, acc=[0.0]):  # noqa: B006
        acc[0] = acc[0] + v
        return acc[0]

    s = 0.0
    for _ in range(3):
        s = s + g(x)
    return s


def default_that_is_changed_by_another_name(x):
    z = [1.0]

    def g(v, a=z):
        return a[0] * v

    z[0] = x
    return g(x)


def put_first(xs, v):
    xs[0] = 2.0 * xs[0] * v
    return v


def item_of_a_row_that_the_right_side_changes(x):
    rows = [[x * k, x] for k in range(1, 4)]
    rows[0][0] += put_first(rows[0], x)
    rows[1].append(x)
    rows[1][0] -= put_first(rows[1], x)
    return rows[0][0] * rows[1][0]


def part_of_a_record_that_the_right_side_changes(x):
    ps = [{"v": x * k} for k in range(1, 4)]

    def put():
        ps[0]["v"] = 5.0 * x
        return x

    ps[0]["v"] += put()
    return ps[0]["v"] * x


def row_that_the_next_operand_changes(x):
    rows = [[x * k, x] for k in range(1, 4)]
    ys = rows[0] + [put_first(rows[0], x)]
    return ys[0] * ys[2]


def before_the_next_item_changes_it(x):
    xs = [x * k for k in range(1, 4)]
    ys = [*xs, put_first(xs, x), *xs]
    return ys[0] * ys[3] * ys[4]


def before_the_next_item_is_taken(x):
    xs = [x, 2.0 * x, 3.0 * x]
    ys = [*xs, xs.pop(), *xs]
    return sum(y * k for k, y in enumerate(ys))


def arrays_before_the_next_is_taken(x):
    xs = [np.full(2, x * k) for k in range(1, 4)]
    ys = [*xs, xs.pop()]
    return np.sum(ys[2] * ys[3]) * len(ys) * np.sum(xs[1])


# arrays --------------------------------------------------------------------------


def default_array(x):
    z = np.zeros(2)

    def g(v, a=z):
        a += v
        return a[0]

    g(x)
    g(x)
    return z[0] * x


def of_a_generator(x):
    a = np.zeros(2)

    def put(v):
        a[0] = a[0] + v
        return v

    s = sum(put(v) for v in (x, x * x))
    return a[0] * s


def element_that_the_right_side_changes(x):
    a = np.ones(3)

    def put(v):
        a[1] = a[1] * v
        return 1

    a[put(x)] += put(x) * x
    return np.sum(a * a)


def slice_that_the_right_side_changes(x):
    a = np.ones(3)

    def put(v):
        a[1] = a[1] * v
        return v

    a[1:] += put(x) * x
    return np.sum(a * a)


# what a loop runs over is evaluated once ---------------------------------------------


def list_of_calls(x):
    acc = [0.0]

    def g(u):
        acc[0] = acc[0] + u
        return u

    s = sum(w for w in [g(x), g(2.0 * x)])
    return acc[0] * s


def arithmetic_on_a_call(x):
    a = np.zeros(1)

    def g(u):
        a[0] += u
        return u

    ys = [w * x for w in (g(x) * np.ones(2))]
    return a[0] * sum(ys)


def calls_beside_an_array(x):
    a = np.zeros(1)

    def g(u):
        a[0] += u
        return u

    s = sum(p * q for p, q in zip([g(x), g(x)], np.array([1.0, 2.0]) * x, strict=True))
    return a[0] * s


v = 100.0


def variable_of_a_generator_that_ended_early(x):
    if any(v > 0.5 for v in (1.0, x)):
        return v * x
    return x


PROGRAMS = [
    by_a_function_that_reduces,
    by_elements_of_a_comprehension,
    by_a_partial,
    before_another_argument_is_used,
    between_two_factors,
    default_that_grows,
    default_whose_item_changes,
    default_that_is_changed_by_another_name,
    item_of_a_row_that_the_right_side_changes,
    part_of_a_record_that_the_right_side_changes,
    row_that_the_next_operand_changes,
    before_the_next_item_changes_it,
    before_the_next_item_is_taken,
    arrays_before_the_next_is_taken,
    default_array,
    of_a_generator,
    element_that_the_right_side_changes,
    slice_that_the_right_side_changes,
    list_of_calls,
    arithmetic_on_a_call,
    calls_beside_an_array,
    variable_of_a_generator_that_ended_early,
]


@pytest.mark.parametrize("f", PROGRAMS)
def test_effects(f):
    check(f, (X,))


def copy_of_a_list(x):
    xs = [x, 2.0 * x]
    return sum(v * w for v, w in zip(xs[:], [xs.pop(), x], strict=True))


def sum_with_an_array(x):
    v = np.full(3, x)

    def change():
        v[0] = 5.0 * x
        return 2.0 * v

    return sum(map(lambda p, q: p * q, v + 0.0, change()))


def item_of_an_array(x):
    v, s = np.full(3, x), 0.0

    def change():
        v[0] = 5.0 * x
        return v

    for p, q in zip([v[0], x], change(), strict=False):
        s += p * q
    return s


@pytest.mark.parametrize("f", [copy_of_a_list, sum_with_an_array, item_of_an_array])
def test_headers_that_change_what_stands_before(f):
    with pytest.raises(s2s.UnsupportedError, match="takes its items from"):
        s2s.grad(f)(X)


def test_headers_that_change_what_does_not_stand_before():
    def f(x):
        v, s = np.full(2, x), 0.0

        def change():
            v[0] = 5.0 * x
            return v

        for name, p, q in zip(["a", "b"], [x, 2.0 * x], change(), strict=True):
            s += p * q * (2.0 if name == "a" else 1.0)
        return s + sum(p * q for p, q in zip(v, change(), strict=True))

    check(f, (X,))


@dataclass
class Body:
    m: float
    x: np.ndarray

    def pushed(self, v):
        self.x += v
        self.m *= 1.5
        return self


def test_a_row_must_not_change_after_it_was_taken_apart():
    def f(x):
        rows = [[x * k, x] for k in range(1, 4)]
        return sum([*rows[0], put_first(rows[0], x)])

    with pytest.raises(s2s.UnsupportedError, match="may show the change"):
        s2s.grad(f)(X)


def test_what_a_loop_runs_over_is_evaluated_once():
    def items(o, v):
        s = 1.0
        for p in [o.pushed(v), o]:
            s *= p.x[0] + p.m
        return s

    def arrays(o, v):
        s = 1.0
        for k, (x, y) in enumerate([(o.pushed(v).x, o.x), (v, o.x)]):
            s += k * x[0] * y[1]
        return s * o.m

    def texts(o, v):
        s = 1.0
        for name, p in [("a", o.pushed(v)), ("b", o)]:
            s *= p.m if name == "a" else p.x[0]
        return s

    def listed(o, v):
        s = [p.x[0] for p in (o.pushed(v), o)]
        return s[0] * s[1] + o.m

    def chosen(o, v):
        t = [p.m for p in (o.pushed(v), o) if p.m > 1.0]
        return t[-1] * len(t) * o.x[0]

    def summed(o, v):
        r = sum(p.m * p.m for p in [o.pushed(v), o])
        return r * o.x[0]

    def decided(o, v):
        if any(p.m > 5.0 for p in (o.pushed(v), o)):
            return o.m
        s = max(p.m for p in (o.pushed(v), o))
        return o.m * o.x[0] + s

    def keyed(o, v):
        d = {name: p.m for name, p in [("a", o.pushed(v)), ("b", o)]}
        return d["a"] * d["b"] + o.x[0]

    for f in (items, arrays, texts, listed, chosen, summed, decided, keyed):
        check(f, (Body(0.8, np.array([0.3, -0.8])), np.array([0.5, 0.25])))


class Reservoir:
    """An object whose array its constructor and its methods fill, part by part."""

    def __init__(self, a, steps):
        self.steps = steps
        self.levels = np.zeros(steps)
        self.fill(a)

    def fill(self, a):
        for i in range(self.steps):
            self.levels[i] = a * i + self.levels[i - 1]

    def sort(self):
        self.levels = self.levels[::-1].copy()


def test_objects_that_loops_of_their_constructors_change():
    def made_by_the_class(a):
        one = Reservoir(a, 3)
        one.sort()
        return one.levels[0] * np.sum(one.levels)

    check(made_by_the_class, (X,))


def test_what_an_index_of_a_loop_is_given_to():
    def f(xs):
        total = 0.0
        for k, x in enumerate(xs):
            total += x * x
            if k:
                total += (x - xs[k - 1]) ** 2
            if abs(total) > 10.0:
                total += abs(total)
                break
        return total

    check(f, (np.array([0.5, -1.0, 2.0, 4.0, 1.0]),))


def test_what_a_program_draws():
    """It is drawn once, in the forward sweep, where it is asked for."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    def f(x, n, show):
        for k in range(n):
            x = np.sin(x) * x
            if show:
                plt.plot(k, x, "o", label="x")
        return x

    try:
        assert s2s.value_and_grad(f)(X, 3, True)[0] == f(X, 3, False)
        lines = plt.gca().lines
        assert [line.get_xdata()[0] for line in lines] == [0, 1, 2]
        assert lines[2].get_ydata()[0] == f(X, 3, False)
        check(f, (X, 3, False))
    finally:
        plt.close("all")

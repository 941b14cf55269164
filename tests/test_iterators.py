"""What makes items one by one: `itertools`, `map`, `filter`, `next`; sums of them."""

import functools
import itertools
import math
import operator
import statistics
from collections import defaultdict

import numpy as np
import pytest
from agree import check, raises_as
from test_parse_source import define

import s2s

V = np.array([0.5, 1.2, 0.7, 0.3])
L = V.tolist()


def accumulate1(x):
    return sum(v * v for v in itertools.accumulate(x))


def accumulate2(x):
    s = 0.0
    for i, v in enumerate(itertools.accumulate(x, operator.mul)):
        s += v * i
    return s


def accumulate3(x):
    c = list(itertools.accumulate(x, lambda a, b: a * 0.5 + b, initial=1.0))
    return sum(v * v for v in c)


def accumulate4(x):
    c = list(itertools.accumulate(x, max))
    return c[-1] * c[0]


def accumulate5(x):
    c = np.array(list(itertools.accumulate(x)))
    return np.sum(c**2)


def chained1(x):
    s = 0.0
    for v in itertools.chain(x, x[::-1], [1.0]):
        s += v * v
    return s


def chained2(x):
    return sum(v * v for v in itertools.chain(x, [2.0], x))


def chained3(rows):
    return sum(v * v for v in itertools.chain.from_iterable(rows))


def chained4(x):
    y = list(itertools.chain(x, x))
    return y[0] * y[5]


def pairs_of2(x):
    return sum((a * b * b for a, b in itertools.product(x, repeat=2)))


def pairs_of3(x):
    s = 0.0
    for p in itertools.product(x, x):
        s += p[0] * p[1] ** 2
    return s


def pairs(x):
    return sum((a * b for a, b in itertools.combinations(x, 2)))


def pairs3(x):
    return sum((a * b * c for a, b, c in itertools.combinations(x, 3)))


def orders(x):
    return sum((a * b * b for a, b in itertools.permutations(x, 2)))


def neighbours1(x):
    return sum(((b - a) ** 2 for a, b in itertools.pairwise(x)))


def neighbours2(x):
    s = 0.0
    for a, b in itertools.pairwise([v * v for v in x]):
        s += (b - a) ** 2
    return s


def neighbours3(x):
    s = 0.0
    for i, (a, b) in enumerate(itertools.pairwise(x)):
        s += (b - a) ** 2 * i
    return s


def neighbours4(x):
    return sum([(b - a) ** 2 for a, b in itertools.pairwise(sorted(x))])


def longest(x):
    s = 0.0
    for a, b in itertools.zip_longest(x, x[1:], fillvalue=0.0):
        s += a * b
    return s


def product1(x):
    return math.prod(x)


def product2(x):
    return math.prod(v * v + 1 for v in x)


def product3(x):
    return math.prod([v * v + 1 for v in x], start=2.0)


def product4(x):
    return math.prod(x)


def distance(x):
    return math.dist(x, [1.0, 2.0, 3.0, 4.0])


def distance2(x):
    return math.dist((x[0], x[1]), (x[2], x[3]))


def fsum(x):
    return math.fsum(v * v for v in x)


def fsum2(x):
    return math.fsum(x) * math.fsum([v * v for v in x])


def mean(x):
    return statistics.mean(x) * statistics.fmean(x)


def mean2(x):
    return statistics.mean(v * v for v in x)


def deviation(x):
    return statistics.stdev(x) * statistics.pvariance(x)


def median(x):
    return statistics.median(x)


def groups(x):
    d = defaultdict(list)
    for i, v in enumerate(x):
        d[i % 2].append(v)
    return sum(math.prod(vs) for vs in d.values())


def first1(x, lim):
    return next((v * v for v in x if v > lim), 0.0)


def first2(x, lim):
    return next((v * v for v in x if v > lim), x[0])


def first3(x, lim):
    return next(v * v for v in x if v > lim)


def by_item5(x):
    ps = [(v, v * v) for v in x]
    ps.sort(key=operator.itemgetter(1), reverse=True)
    return ps[0][1] * ps[1][0]


def slice_(x):
    return sum(v * v for v in itertools.islice(x, 1, 3))


def slice_2(x):
    s = 0.0
    for v in itertools.islice(x, 2):
        s += v * v
    return s


def taken(x):
    return sum(v * v for v in itertools.takewhile(lambda v: v > 0.4, x))


def cycle(x):
    s = 0.0
    for v, w in zip(x, itertools.cycle([1.0, 2.0])):
        s += v * w * v
    return s


def repeated(x):
    return sum((v * w for v, w in zip(x, itertools.repeat(2.0))))


def numbered(x):
    s = 0.0
    for i, v in zip(itertools.count(1), x):
        s += v * v * i
    return s


def starred(x):
    return sum(map(lambda a, b: a * b * b, x, x[1:]))


def kept(x):
    return sum(v * v for v in filter(lambda v: v > 0.6, x))


def products(x):
    return sum(map(operator.mul, x, x))


CASES = [
    (accumulate1, (V,)),
    (accumulate2, (L,)),
    (accumulate3, (V,)),
    (accumulate4, (V,)),
    (accumulate5, (V,)),
    (chained1, (V,)),
    (chained2, (L,)),
    (chained3, ([L, [1.0, 2.0]],)),
    (chained4, (L,)),
    (pairs_of2, (L,)),
    (pairs_of3, (L,)),
    (pairs, (L,)),
    (pairs3, (L,)),
    (orders, (L,)),
    (neighbours1, (V,)),
    (neighbours2, (L,)),
    (neighbours3, (L,)),
    (neighbours4, (L,)),
    (longest, (L,)),
    (product1, (L,)),
    (product2, (V,)),
    (product3, (V,)),
    (product4, (V,)),
    (distance, (L,)),
    (distance2, (V,)),
    (fsum, (L,)),
    (fsum2, (V,)),
    (mean, (L,)),
    (mean2, (V,)),
    (deviation, (L,)),
    (median, (L,)),
    (groups, (L,)),
    (first1, (V, 0.6)),
    (first2, (V, 5.0)),
    (first3, (V, 0.6)),
    (by_item5, (L,)),
    (slice_, (L,)),
    (slice_2, (L,)),
    (taken, (L,)),
    (cycle, (L,)),
    (repeated, (L,)),
    (numbered, (L,)),
    (starred, (L,)),
    (kept, (L,)),
    (products, (V,)),
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_run_over(f, args):
    check(f, args)


def test_next_of_nothing():
    assert isinstance(raises_as(first3, V, 5.0), StopIteration)
    check(first2, (V, 9.0))


# loops --------------------------------------------------------------------------------


def while_it_changes(x, n):
    xs = [x * k for k in range(n)]
    s, w = 0.0, x
    for v in map(lambda t: t * w, xs):
        s = s + v
        w = w * 2.0
        xs[1] = 0.5 * x
        if s > 100.0:
            break
    else:
        s = s * 2.0
    return s


def filtered(x, n):
    s = 0.0
    for v in filter(lambda t: t > 0.5, [x * k for k in range(n)]):
        if v > 1.5:
            continue
        s = s * v + v
    return s


def counted(x, n):
    for k in itertools.count(n):
        x = x * 1.5
        if k % 2:
            continue
        if x > 10.0:
            return x * k


def of_pairs(x, n):
    s = 0.0
    for a, b in map(lambda t, u: (t * u, t), [x, x * x], [1.0, 2.0]):
        s += a * b
    return s


@pytest.mark.parametrize("n", [3, 4])
@pytest.mark.parametrize("f", [while_it_changes, filtered, counted, of_pairs])
def test_loops(f, n):
    check(f, (0.7, n))


def test_a_loop_over_a_map_calls_the_function_in_the_loop():
    df = s2s.grad(while_it_changes)
    df(0.7, 3)
    assert "for item in xs:\n        w_stack.append(w)" in df.source


# what changes while it is run over ----------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "for v in itertools.chain(xs, ys): ys[0] = v",
        "for v in itertools.chain(xs, ys): xs.append(v)",
        "for v in itertools.accumulate(a): a[1] = v",
        "for v in itertools.islice(a, 2): a += v",
        "for i, v in enumerate(itertools.chain(xs, ys)): ys[0] = v",
        "for v, w in zip(map(float, xs), ys): xs[1] = v",
        "for v in itertools.takewhile(lambda v: v < b, xs): b = b * v",
        "for v in itertools.chain(xs, ys): change(xs)",
    ],
)
def test_what_is_run_over_does_not_change(line):
    text = f"""
import functools
import itertools
def change(xs):
    xs[0] = 2.0
def f(a, b):
    xs, ys, v = [b, b * b], [b], 0.0
    {line}
    return b * v
"""
    f = define(text)
    with pytest.raises(s2s.S2SError, match=r"takes its items from|its items are made"):
        s2s.grad(f, 1)(V, 2.0)


@pytest.mark.parametrize(
    "line",
    [
        "it = map(float, x)",
        "it = filter(bool, x)",
        "it = itertools.chain(x, x)",
        "it = [itertools.chain(x, x)]",
        "it = len(itertools.pairwise(x))",
        "it = g(map(float, x))",
    ],
)
def test_only_where_it_is_run_over(line):
    text = f"""
import functools
import itertools
def g(it):
    return sum(it) + sum(it)
def f(x):
    {line}
    return x[0]
"""
    f = define(text)
    with pytest.raises(s2s.S2SError, match="run over at once"):
        s2s.grad(f)(V)


def test_what_has_been_run_over_before_the_loop_may_change_in_it():
    def f(x, v):
        for x in [x, sum(map(lambda z: z * x, v))]:  # noqa: B020
            v = v * x
        return np.sum(v) * x

    check(f, (0.7, np.array([0.3, -0.8, 1.1])))


# what makes its items one by one, and what changes meanwhile --------------------------


class Clock:
    def __init__(self):
        self.t = 1.0

    def tick(self, w):
        self.t = self.t * 2.0
        return w * self.t


def a_generator_in_a_header(u):
    c, k, s = Clock(), 2.0, 0.0
    for v in (c.tick(w) * k for w in u if w > 0.25):
        k = k + 1.0
        s += v * c.t
    return s


def a_generator_of_what_changes(u):
    s = 0.0
    for w in (w * u[0] for w in u):
        u[0] = u[0] * 1.5
        s += w
    return s


def a_function_that_reads_a_name_late(u):
    def g(w):
        return k * w

    k, s = 2.0, 0.0
    for v in map(g, u):
        k = k + 1.0
        s += v
    return s


def effects_before_all_is_used(u):
    c = Clock()
    a, b, d = map(c.tick, u)
    xs = [c.tick(w) for w in u]
    return a * b * c.t + d + sum(map(c.tick, u)) * c.t + sum(x * c.t for x in xs)


def any_of_a_generator(u):
    c = Clock()
    return c.t * u[0] + any(c.tick(w) > 0.3 for w in u) * c.t


@pytest.mark.parametrize(
    "f",
    [
        a_generator_in_a_header, a_generator_of_what_changes,
        a_function_that_reads_a_name_late, effects_before_all_is_used,
        any_of_a_generator,
    ],
)  # fmt: skip
def test_items_are_made_where_python_makes_them(f):
    check(f, (np.array([0.2, 0.3, 0.7]),))


def map_of_a_method(u):
    c, s = Clock(), 0.0
    for v in map(c.tick, u):
        s += v * c.t
    return s


def sum_over_a_map(u):
    c = Clock()
    return sum(c.t * v for v in map(c.tick, u))


def two_generators(u):
    c, s = Clock(), 0.0
    for v, w in zip((c.tick(x) for x in u), (c.t * x for x in u)):  # noqa: B905
        s += v * w
    return s


def reduce_over_a_map(u):
    c = Clock()
    return functools.reduce(lambda a, b: a * c.t + b, map(c.tick, u))


def any_of_a_map(u):
    c = Clock()
    return c.t * u[0] + any(map(lambda w: c.tick(w) > 0.3, u)) * c.t


def next_of_a_map(u):
    c = Clock()
    return next(v for v in map(c.tick, u) if v > 0.1) * c.t


def greatest_by_a_key(u):
    c = Clock()
    return max(map(c.tick, u), key=lambda v: v * c.t) * c.t


def taken_while(u):
    c, s = Clock(), 0.0
    for v in itertools.takewhile(lambda w: c.tick(w) < 3.1, u):
        s += v * c.t
    return s


@pytest.mark.parametrize(
    "f",
    [
        map_of_a_method, sum_over_a_map, two_generators, reduce_over_a_map,
        any_of_a_map, next_of_a_map, greatest_by_a_key, taken_while,
    ],
)  # fmt: skip
def test_what_items_change_is_refused_where_it_may_be_seen(f):
    with pytest.raises(s2s.UnsupportedError, match="Python makes one by one"):
        s2s.vjp(f, np.array([0.2, 0.3, 0.7]))


# loops over several things at once ----------------------------------------------------

U3 = np.array([0.7, -1.2, 0.45])


def names_bound_again(c, u):
    s = 0.0
    for i, j in itertools.product(range(3), range(2)):
        s += c * u[i]
        i = j
    return s


def names_read_afterwards(c, u):
    i = 2
    for i, j in itertools.product(range(2), range(len(u) - 3)):
        c = c * u[i] * u[j]
    s = c * u[i]
    for i, j in itertools.combinations(range(3), 2):
        s += u[i] * u[j]
    return s * u[i]


def positions_bound_again(c, u):
    s = 0.0
    for i, j in np.ndindex(3, 2):
        s += c * u[i] * (j + 1)
        i, j = 0, i
    return s


@pytest.mark.parametrize(
    "f", [names_bound_again, names_read_afterwards, positions_bound_again]
)
def test_names_of_unfolded_loops(f):
    check(f, (1.3, U3))


def by_another_name(c, u):
    v, s = u.copy(), 0.0
    w = v
    for a, b in itertools.product(v, v):
        w *= c
        s += a * b
    return s


def by_a_call(c, u):
    v, s = u.copy(), 0.0

    def g(a):
        v[1] = c * a
        return a

    for a, b in itertools.combinations(v, 2):
        s += g(a) * b
    return s


def neighbours(c, u):
    v, s = u.copy(), 0.0

    def g(a):
        v[1] = c * a
        return a

    for a, b in itertools.pairwise(v):
        s += g(a) * b
    return s


def a_list_that_reduce_runs_over(c, u):
    xs = [c, u[0], u[1]]

    def g(a, b):
        xs[2] = c
        return a * b

    return functools.reduce(g, xs)


def read_by_a_function_in_enumerate(c, u):
    v = u.copy()
    f = lambda w: w * v[0]  # noqa: E731
    for _, y in enumerate(map(f, u)):
        v[0] += y
    return v[0]


def sorted_by_what_changes_it(c, u):
    xs = [3.0, c, 2.0]

    def key(x):
        xs[1] = 5.0 * c
        return -x

    a, b, _ = sorted(xs, key=key)
    return a * b


def least_by_what_changes_it(c, u):
    xs = [3.0, c, 2.0]

    def key(x):
        xs[2] = 5.0 * c
        return -x

    return min(xs, key=key)


def starmap_of_a_list_that_it_changes(c, u):
    xs = [3.0, c, 2.0]

    def g(k, x):
        xs[2] = 5.0 * c
        return x * k

    return sum(itertools.starmap(g, enumerate(xs)))


def starmap_of_rows_read_late(c, u):
    w = u * c

    def g(x, y):
        w[2] = 5.0 * c
        return x * y

    return sum(itertools.starmap(g, ((c, w[k]) for k in range(3))))


@pytest.mark.parametrize(
    "f",
    [
        by_another_name, by_a_call, neighbours, a_list_that_reduce_runs_over,
        read_by_a_function_in_enumerate, sorted_by_what_changes_it,
        least_by_what_changes_it, starmap_of_a_list_that_it_changes,
        starmap_of_rows_read_late,
    ],
)  # fmt: skip
def test_what_items_are_taken_from_must_not_change(f):
    with pytest.raises(s2s.UnsupportedError, match="that the loop around takes its"):
        s2s.vjp(f, 1.3, U3)


def starmap_that_counts(c, u):
    w, n = u * c, [0.0]

    def g(k, x):
        n[0] += x
        return x * k

    return sum(itertools.starmap(g, enumerate(w))) * n[0]


def filter_of_what_it_changes(c, u):
    w = u * c

    def g(x):
        w[2] = 5.0 * c
        return x > -9.0

    return sum(filter(g, w)) + sum(map(lambda x: x * c if g(x) else x, w))


@pytest.mark.parametrize("f", [starmap_that_counts, filter_of_what_it_changes])
def test_functions_that_change_what_python_reads_again(f):
    check(f, (1.3, U3))


def sum_of_one_array(c, u):
    v = u * c
    s = sum([v])
    s[0] = 5.0
    t = sum(w for w in (v,))
    t += 1.0
    return np.sum(v * v) + np.sum(s * t)


def start_before_the_items(c, u):
    v = u.copy()

    def g(w):
        v[0] *= c
        return w

    return sum((g(w) for w in (c, 2.0)), v[0])


def default_after_the_iterable(c, u):
    v = u.copy()

    def g(w):
        w[0] *= c
        return w

    return next((x for x in g(v) if x > 100.0), v[0])


@pytest.mark.parametrize(
    "f", [sum_of_one_array, start_before_the_items, default_after_the_iterable]
)
def test_order_of_evaluation_around_generators(f):
    check(f, (1.3, U3))


# tuples of what has no type in common: the loops that a text stands for are written out


def products_of_apart(c, u):
    r = 0.0
    for p, q in itertools.product([c, u], [1.0, 2.0]):
        r = r + np.sum(p) * q
    return r + sum(np.sum(p) * q for p, q in itertools.product([c, u], [1.0, c]))


def orders_of_apart(c, u):
    r = 0.0
    for p, q in itertools.permutations([c, u, 2.0], 2):
        r = r + np.sum(p) * np.sum(q)
    return r


def all_orders(c, u):
    rows = list(itertools.permutations([c, 2.0, c * c]))
    return sum(a * b for a, b, _ in rows) * np.sum(u)


@pytest.mark.parametrize("f", [products_of_apart, orders_of_apart, all_orders])
def test_tuples_of_what_is_apart(f):
    check(f, (1.3, U3))


def chosen_of_apart(c, u):
    return sum(np.sum(p) * np.sum(q) for p, q in itertools.combinations([c, u], 2))


def filled_of_apart(c, u):
    pairs = itertools.zip_longest([c, u, 2.0], [c], fillvalue=u)
    return sum(np.sum(a * b) for a, b in list(pairs))


@pytest.mark.parametrize("f", [chosen_of_apart, filled_of_apart])
def test_a_list_that_a_text_makes_is_asked_for_once(f):
    with pytest.raises(s2s.UnsupportedError):
        s2s.grad(f)(1.3, U3)


def backwards_in_steps(u, s, n):
    t = 0.0
    for k in reversed(range(0, n, s)):
        t = np.sin(t + u[k]) * u[k]
    for k in reversed(range(n, -1, -s)):
        t = np.sin(t + u[k]) * u[k]
    for k in reversed(range(1, len(u), 3)):
        t = np.sin(t + u[k]) * u[k]
    return t


def listed_backwards_in_steps(u, s, n):
    xs = [np.sin(u[k]) * k for k in reversed(range(1, n + 1, s))]
    ys = [u[j] * u[k] for j, k in zip(reversed(range(0, 5, 2)), range(3), strict=True)]
    return xs[0] + 2.0 * xs[1] + sum(y * (k + 1) for k, y in enumerate(ys))


@pytest.mark.parametrize("f", [backwards_in_steps, listed_backwards_in_steps])
def test_ranges_backwards_in_steps(f):
    check(f, (np.array([0.7, -0.3, 0.2, 0.5, 0.1]), 2, 4))
    s2s.check_grads(f, (np.array([0.7, -0.3, 0.2, 0.5, 0.1]), 2, 4), order=2)

"""What makes items one by one: `itertools`, `map`, `filter`, `next`; sums of them."""

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

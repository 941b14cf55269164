"""Dicts whose keys are found at run time: sums by group, memo tables, graphs, grids.

Right in every way of `agree`, against differences, or refused.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1, 0.5])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7], [0.1, 0.6, -0.3], [0.8, -0.2, 0.5]])
INTS = np.array([2, 7, 2, 5])
TEXTS = ["b", "a", "b", "c"]
EDGES = [(0, 1), (0, 2), (1, 2), (2, 3)]


# sums by group ------------------------------------------------------------------------


def by_get(values, groups):
    out = {}
    for v, g in zip(values, groups, strict=False):
        out[g] = out.get(g, 0.0) + v**2
    return sum(np.exp(t) for t in out.values())


def by_membership(values, groups):
    out = {}
    for v, g in zip(values, groups, strict=False):
        if g not in out:
            out[g] = 0.0
        out[g] += v**2
    return sum(np.exp(t) * len(out) for t in out.values())


def by_branches(values, groups):
    out = {}
    for v, g in zip(values, groups, strict=False):
        if g in out:
            out[g] *= v
        else:
            out[g] = v**2
    return sum(np.exp(out[g]) for g in out)


def by_defaultdict(values, groups):
    out = defaultdict(float)
    for v, g in zip(values, groups, strict=False):
        out[g] += v**2
    total = 0.0
    for k, (g, t) in enumerate(out.items()):
        total += np.exp(t) * (k + 1) * (1 if g in out else 2)
    return total


def by_setdefault(values, groups):
    out = {}
    for v, g in zip(values, groups, strict=False):
        out.setdefault(g, v)
        out[g] = out[g] * v + 0.5 * v
    return sum(np.exp(t) for t in out.values())


def greatest(values, groups):
    best = {}
    for v, g in zip(values, groups, strict=False):
        best[g] = max(best.get(g, -10.0), v**2)
    return max(best.values()) + sum(best.values())


def products(values, groups):
    out = dict()
    for v, g in zip(values, groups, strict=False):
        out[g] = out.get(g, values[0]) * v
    order = sorted(out)
    return sum((k + 1) * out[g] ** 2 for k, g in enumerate(order))


def in_order(values, groups):
    out = defaultdict(int)
    for v, g in zip(values, groups, strict=False):
        out[g] += v
    total = 1.0
    for _, t in sorted(out.items()):
        total = total * t + np.sin(t)
    return total


def means(values, groups):
    sums, counts = defaultdict(float), defaultdict(int)
    for v, g in zip(values, groups, strict=False):
        sums[g] += v**3
        counts[g] += 1
    mean = {g: sums[g] / counts[g] for g in sums}
    return sum((v - mean[g]) ** 2 for v, g in zip(values, groups, strict=False))


def as_array(values, groups):
    out = {}
    for v, g in zip(values, groups, strict=False):
        out[g] = out.get(g, 1.0) * v
    a = np.array(list(out.values()))
    return a @ np.cos(a)


GROUPS = [
    by_get,
    by_membership,
    by_branches,
    by_defaultdict,
    by_setdefault,
    greatest,
    products,
    in_order,
    means,
    as_array,
]


@pytest.mark.parametrize("f", GROUPS)
@pytest.mark.parametrize("groups", [INTS, TEXTS, [(0, 1), (1, 0), (0, 1), (1, 1)]])
def test_groups(f, groups):
    check(f, [V, groups], [0])


def test_keys_of_different_lengths():
    """A key that begins like another one is another key, and gets its own default."""

    def f(x):
        d = defaultdict(float)
        total = 0.0
        for i in range(3):
            total += d[(i,)] + d[(i, i)] + x[i] ** 2
            d[(i, i)] += x[i]
        for v in d.values():
            total += v * v
        return total

    check(f, [V[:3]])


# tables -------------------------------------------------------------------------------


def fibonacci(x, n):
    memo = {0: 1.0, 1: x}
    for k in range(2, n + 1):
        memo[k] = memo[k - 1] * x + memo[k - 2]
    return memo[n]


def overwritten(x, n):
    d = {k: x * k for k in range(n)}
    total = 0.0
    for k in range(2 * n):
        total += d[k % n] ** 2
        d[k % n] = np.sin(d[k % n] + total)
    return total * d[0]


def removed(x, n):
    d = {}
    for k in range(n):
        d[k] = np.sin(x * (k + 1))
    total = 0.0
    for k in range(0, n, 2):
        total += d.pop(k) ** 2
    del d[1]
    d[0] = total * x
    for k in range(3):
        total += d.pop(k, x) * (k + 1)
    return total + sum(v**2 for v in d.values()) * len(d)


def updated(x, n):
    d = {k: x + k for k in range(n)}
    e = {k: d[k] * x for k in range(2, n + 2) if k in d}
    d.update(e)
    d.update({0: x**2})
    other = d.copy()
    other[1] = 2.0 * x
    return sum(a * d[k] for k, a in other.items())


def rewritten_in_a_loop(x, n):
    d = dict(zip(range(n), [x * k for k in range(n)], strict=False))
    for k, v in d.items():
        d[k] = np.sin(v) + x
    for k in list(d):
        d[k + n] = d[k] * x
    for k, v in list(d.items()):
        d[k] = v * v
        d[-1 - k] = v
    return sum(d.values())


def read_before_and_after(x, n):
    d = {}
    for k in range(n):
        d[k] = x * k
    first = sum(v**2 for v in d.values())
    d[n] = first * x
    second = sum(np.sin(v) for v in d.values())
    del d[0]
    return second * sum(np.cos(v) for v in d.values())


def within_loops(x, n):
    total = 0.0
    for i in range(n):
        d = {}
        for k in range(i + 1):
            d[k % 2] = d.get(k % 2, x) * x + total
        total += sum(np.sin(v) for v in d.values())
    return total


def in_branches(x, n):
    d = {}
    for k in range(n):
        if k % 3 == 0:
            d[k] = x
        elif k - 1 in d:
            d[k] = d[k - 1] * x
    if x > 0.0:
        d[7] = x**3
    return sum(d.values()) + (d.get(7, x))


def put(d, k, v):
    d[k] = v


def passed_to_a_function(x, n):
    d = {}
    for k in range(n):
        put(d, k, x**k)
    return sum(d[k] for k in range(n))


def returned(x, n):
    d = {k: x**k for k in range(n)}
    d[1] = d.pop(2) * x + d[1]
    return x, d


def counted(x, n):
    seen = {}
    total = 0.0
    for k in range(n):
        key = f"{k % 3}"
        seen[key] = seen.get(key, 0) + 1
        total += seen[key] * x**k
    return total


TABLES = [
    fibonacci,
    overwritten,
    removed,
    updated,
    rewritten_in_a_loop,
    read_before_and_after,
    within_loops,
    in_branches,
    passed_to_a_function,
    counted,
    returned,
]


@pytest.mark.parametrize("f", TABLES)
def test_tables(f):
    check(f, [0.7, 5])


# arrays -------------------------------------------------------------------------------


def rows(a, groups):
    out = {}
    for row, g in zip(a, groups, strict=False):
        out[g] = out.get(g, 0.0) + row**2
    return sum(np.sum(np.exp(t)) for t in out.values())


def rows_from_zeros(a, groups):
    out = defaultdict(lambda: np.zeros(3))
    for row, g in zip(a, groups, strict=False):
        out[g] = out[g] + row**2
    return sum(np.sum(np.exp(t)) for t in out.values())


def rows_in_place(a, groups):
    out = {}
    for row, g in zip(a, groups, strict=False):
        if g not in out:
            out[g] = np.zeros(3)
        out[g] += row**2
    return sum(np.sum(np.exp(t)) for t in out.values())


def elements(a, groups):
    out = {}
    for k, g in enumerate(groups):
        out[g] = a[k] * 2.0
    for k, g in enumerate(groups):
        out[g][k % 3] = out[g][k % 3] ** 2
    return sum(t @ np.sin(t) for t in out.values())


def activations(a, groups):
    h = {}
    h["layer0"] = a[0]
    for i in range(3):
        h[f"layer{i + 1}"] = np.tanh(a[i + 1] * h[f"layer{i}"])
    return np.sum(h[f"layer{3}"]) + np.sum(h["layer1"] ** 2)


def pairs(a, groups):
    out = {}
    for row, g in zip(a, groups, strict=False):
        out[g] = (row[0], row * 2.0)
    total = 0.0
    for x, w in out.values():
        total += x**2 * np.sum(np.sin(w))
    return total


ARRAYS = [rows, rows_from_zeros, rows_in_place, elements, activations, pairs]


@pytest.mark.parametrize("f", ARRAYS)
def test_arrays(f):
    check(f, [W, TEXTS], [0])


# graphs and grids ---------------------------------------------------------------------


def shortest(weights, edges):
    dist = {0: 0.0}
    for _ in range(4):
        for w, (a, b) in zip(weights, edges, strict=False):
            if a in dist and dist[a] + w**2 < dist.get(b, np.inf):
                dist[b] = dist[a] + w**2
    return dist[3] ** 2


def messages(weights, edges):
    node = {0: 1.0}
    for w, (a, b) in zip(weights, edges, strict=False):
        node[b] = node.get(b, 0.0) + w * node[a]
    return node[3]


def weighted_edges(weights, edges):
    w = {}
    for k, (a, b) in enumerate(edges):
        w[a, b] = weights[k]
        w[(b, a)] = weights[k] ** 2
    return sum(w[e] * w[e[1], e[0]] * (e[0] + 1) for e in edges)


@pytest.mark.parametrize("f", [shortest, messages, weighted_edges])
def test_graphs(f):
    check(f, [V, EDGES], [0])


def stencil(x, n):
    u = {}
    for i in range(n):
        for j in range(n):
            u[(i, j)] = x[i] * x[j] ** 2
    s = 0.0
    for (i, j), v in u.items():
        for di, dj in ((0, 1), (1, 0)):
            if (i + di, j + dj) in u:
                s += v * u[i + di, j + dj]
    return s


def test_grids():
    check(stencil, [V, 3])


# arguments ----------------------------------------------------------------------------


def network(params, x, n):
    h = x
    for i in range(n):
        h = np.tanh(params[f"W{i}"] @ h)
    return np.sum(h)


def test_arguments():
    check(network, [{"W0": np.outer(V, V), "W1": np.eye(4) * V}, V, 2], [0, 1])


# second derivatives, errors, refusals -------------------------------------------------


@pytest.mark.parametrize("f", GROUPS)
def test_second_derivatives_of_groups(f):
    s2s.check_grads(lambda v: f(v, INTS), (V,))


@pytest.mark.parametrize("f", [f for f in TABLES if f not in (returned, within_loops)])
def test_second_derivatives_of_tables(f):
    s2s.check_grads(lambda x: f(x, 4), (0.7,))


@pytest.mark.parametrize("f", ARRAYS)
def test_second_derivatives_of_arrays(f):
    s2s.check_grads(lambda a: f(a, TEXTS), (W,))


def missing(x, n):
    d = {}
    for k in range(n):
        d[k] = x
    return d[n]


def test_errors():
    assert isinstance(raises_as(missing, 0.7, 3), KeyError)


def remembered(x, n, memo):
    if n not in memo:
        memo[n] = x * remembered(x, n - 1, memo)
    return memo[n]


def test_recursion_with_a_dict_is_refused():
    with pytest.raises(s2s.S2SError, match="`memo` is a dict"):
        s2s.grad(lambda x: remembered(x, 3, {0: x}))(0.7)

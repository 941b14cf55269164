"""Slices of lists: with steps and any bounds, assigned to, deleted; `xs.sort()`."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])


def steps(x, k):
    xs = [v for v in x if v > -1]
    s = 0.0
    for i, v in enumerate(xs[::-1]):
        s += i * v**2
    for v in xs[k::-k]:
        s *= v
    return s * sum(xs[::2])


def bounds(x, k):
    xs = [v for v in x if v > -1]
    a, b, c = xs[k:], xs[:k], xs[k - 1 : k + 1]
    return sum(a) * sum(b) * len(c) + sum(c) + sum(v**2 for v in xs[-k:])


def window(x, k):
    s = 0.0
    xs = [x * v for v in x]
    for i in range(len(xs)):
        near = xs[max(0, i - k) : i + 2]
        s += np.sum(sum(near) / len(near) * near[0])
    return s


def of_known_items(x, k):
    xs = [x, 2 * x, 3 * x]
    pair = x[0], x[1]
    a, b = xs[:k], xs[::k]
    return sum(np.sum(v**2) for v in a) * np.sum(b[1]) * sum(pair[k - 2 :])


def of_tuple(x, k):
    t = tuple(v for v in x if v > -1)
    u, w = t[1:], t[::k]
    return isinstance(u, tuple) * sum(u) * sum(w)


def deleted(x, k):
    xs = [v for v in x if v > -1]
    ys, zs = xs.copy(), xs.copy()
    del xs[k - 1 : k + 1]
    del ys[:2]
    del zs[k:]
    return sum(v**2 for v in xs) * sum(ys) * zs[0]


def assigned(x, k):
    xs = [v for v in x if v > -1]
    xs[k - 1 : k] = [xs[0] * xs[1], 2.0]
    ys = [v**2 for v in x if v > 0]
    xs[1:3] = ys
    xs[k:2] = [v * x[0] for v in xs]  # in front of the k-th
    same = xs
    same[:] = [np.sin(v) for v in xs]
    return sum(i * v**2 for i, v in enumerate(xs))


def assigned_where_known(x, k):
    xs = [x[0], x[1], x[2]]
    xs[1:2] = [x[0] * x[1], x[3]]
    del xs[:1]
    first = xs[0]
    xs[k:] = (x[1], x[1])
    return first * sum(i * v**2 for i, v in enumerate(xs))


def in_rows(x, k):
    rows = [[v * i for v in x] for i in range(3)]
    for row in rows:
        row.sort()
        del row[:1]
        row[1:] = [*row[1:], x[0]]
    return sum(sum(row[:k]) * row[0] for row in rows)


def sorted_in_place(x, k):
    xs = [x * v for v in x if v > -1]
    xs.sort(key=lambda v: v[1])
    xs.sort(key=np.sum, reverse=True)
    pairs = [(v, v * v) for v in x]
    pairs.sort(key=lambda p: p[1])
    three = [x[0], x[1], x[2]]
    same = three
    same.sort()
    total = sum(i * np.sum(v**2) for i, v in enumerate(xs))
    return total * pairs[k][0] * three[0]


def best_few(x, k):
    """A list that is kept sorted, and short."""
    found = []
    s = 0.0
    for i, v in enumerate(x):
        found.append((v, i))
        found.sort(key=lambda p: -p[0])
        found[k:] = []
        s += found[0][0] * found[-1][0]
    for v, i in found:
        s += v * i
    return s


READ = [steps, bounds, window, of_known_items, of_tuple]
CHANGED = [deleted, assigned, assigned_where_known, in_rows, sorted_in_place, best_few]


@pytest.mark.parametrize("f", READ + CHANGED)
def test_slices(f):
    check(f, [V, 2])
    if f is not in_rows:
        s2s.check_grads(f, (V, 2))


def test_arguments_that_are_sorted_and_cut():
    def f(xs, k):
        xs.sort(reverse=True)
        del xs[k:]
        return xs[0] * xs[1] ** 2 * len(xs)

    check(f, [[0.3, 0.1, 0.7], 2])


def test_refused():
    def step(x):
        xs = [v for v in x if v > 0]
        xs[::2] = [0.0, x[0]]
        return sum(xs)

    def bound(x):
        xs = [v for v in x if v > 0]
        return sum(xs[x[0] :])

    with pytest.raises(s2s.S2SError, match="slices with a step are not supported"):
        s2s.grad(step)(V)
    with pytest.raises(s2s.S2SError, match="bounds of a slice must be integers"):
        s2s.grad(bound)(V)

"""Which list a name stands for: other names, loops, branches, tuples, arguments."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


def in_a_tuple(x):
    t = ([x, 2.0 * x], 3.0)
    a = t[0]
    a[0] = x * x
    return t[0][0] * t[1]


def inner_lists(x):
    s = [[x], [x * x]]
    s[0].append(3.0 * x)
    s[1][0] = s[0][1] * x
    return s[0][0] + s[1][0] * s[0][-1]


def one_list_twice(x):
    xs = [[x] * 2] * 2
    xs[0][0] = x * x
    return xs[1][0] + xs[0][1]


def two_names(x, n):
    a = b = []
    for i in range(n):
        a.append(x * i)
        b.append(x)
    return sum(a) * len(b)


def bound_in_a_branch(x, c):
    if c:
        xs = [x]
    if c:
        xs.append(x * x)
        return xs[1]
    return x


def swapped_lists(x, n):
    xs, ys = [x], [x * x]
    for _ in range(n):
        xs.append(ys[-1])
        xs, ys = ys, xs
    return xs[-1] * ys[-1] * len(xs)


def two_arguments(xs, ys):
    xs.append(ys[0])
    ys[0] = xs[0] * 2.0
    return sum(xs) * sum(ys)


def argument_in_a_tuple(p):
    xs, k = p
    xs.append(xs[0] * k)
    return sum(xs)


def one_array_in_two_lists(x, n):
    h1, h2 = [], []
    for _ in range(n):
        x = np.sin(x)
        h1.append(x)
        h2.append(x)
    return np.sum(np.stack(h1) * np.stack(h2))


def last_and_first(x, n):
    h = [x]
    for _ in range(n):
        v = h[-1]
        h.append(v * 2.0)
        v = v + h[-1]
        h[-1] = v
        h[0] = h[0] + v
    return np.array(h)


def pairs(x):
    xs = []
    for v in x:
        xs.append((v, v * v))
    s = 0.0
    for a, b in xs:
        s = s + a * b
    return s


def repeated(x, n):
    xs = [x for _ in range(n)]
    xs[0] = xs[1] * 2.0
    ys = xs
    ys[1] = xs[0] * xs[1]
    return xs


def made_in_a_loop(x, n):
    total = 0.0
    for i in range(n):
        xs = [x * i]
        for j in range(i):
            xs.append(xs[-1] * x)
            total = total + xs[j] * xs[-1]
    return total


def while_short(x, n):
    xs = [x]
    while len(xs) < n:
        if len(xs) % 2 == 0:
            xs.append(xs[-1] * xs[-2])
            continue
        xs.append(np.sin(xs[0]))
        if xs[-1] > 5.0:
            break
    return xs


def lengths(x):
    xs = [1.0 * v for v in x]
    n = len(xs)
    xs.append(xs[0])
    m = len(xs)
    return n * sum(xs) + m * xs[-1]


def carried_over(x, n):
    last = x
    hist = []
    for _ in range(n):
        hist.append(last)
        last = last * 2.0 + hist[0]
    w = hist[-1]
    w = w * hist[0]
    return w


def written_before(w, x):
    w *= 2.0
    hist = []
    for v in x:
        w = w * v
        hist.append(w)
    return np.stack(hist)


def copies_held(w, x):
    hist = []
    for v in x:
        w *= v
        hist.append(w.copy())
    return np.stack(hist)


def item_as_a_name(x):
    xs = [2.0 * x, x]
    y = xs[0]
    y *= 3.0
    z = xs[0] * xs[1]
    xs[0] = z
    y[0] = 7.0
    return xs[0] * y


def branch_in_a_loop(x, c):
    xs = [x, 2.0 * x]
    for i in range(3):
        if i == 1:
            xs[0] = xs[1] * x
        else:
            xs[1] = xs[0] + 1.0
    return xs[0] * xs[1]


def rebuilt(x, n):
    f = [0.0, x]
    for _ in range(n):
        f = [f[1], f[0] + f[1] * x]
    f[0] = f[1] * x
    return f[0]


def left_behind(x, n):
    p = [x, x]
    q = p
    for _ in range(n):
        p = [p[0] * x, 1.0]
        p[1] = p[0] * x
    return q[0] + p[1]


def items_run_over(x, n):
    xs = [x] * n
    for k, v in enumerate(xs):
        xs[k] = v * k * x
    return xs


def sums_of_lists(x):
    return sum([v * v for v in x]) + len([v for v in x if v > 0.0]) * x[0]


def doubled(x, n):
    xs = []
    for _ in range(n):
        xs.append(x)
        xs = xs + xs
    return sum(xs) * len(xs)


def rows(A):
    rows = [np.sin(r) for r in A]
    for r in rows:
        A = A * r
    return np.sum(A) + np.sum(np.array(rows)[0])


RIGHT = [
    (in_a_tuple, (0.7,)), (inner_lists, (0.7,)), (one_list_twice, (0.7,)),
    (two_names, (0.7, 3)), (swapped_lists, (0.7, 3)),
    (two_arguments, ([0.5, 0.7], [0.2, 0.9])),
    (argument_in_a_tuple, (([0.5, 0.7], 2.0),)),
    (one_array_in_two_lists, (V, 3)), (last_and_first, (0.7, 3)), (pairs, (V,)),
    (repeated, (0.7, 3)), (repeated, (V, 3)), (made_in_a_loop, (0.7, 4)),
    (while_short, (0.7, 6)), (lengths, (V,)), (carried_over, (V, 3)),
    (carried_over, (0.3, 3)), (written_before, (V, W[0])), (copies_held, (V, W[1])),
    (item_as_a_name, (V,)), (branch_in_a_loop, (0.7, True)), (left_behind, (0.7, 3)),
    (items_run_over, (0.7, 4)), (sums_of_lists, (V,)), (doubled, (0.7, 3)),
    (rows, (W,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), RIGHT)
def test_names_of_lists(f, args):
    check(f, list(args))


def test_one_list_as_two_arguments():
    xs = [0.5, 0.7]
    with pytest.raises(s2s.S2SError, match="same list"):
        s2s.vjp(two_arguments, xs, xs)


@pytest.mark.parametrize(
    ("f", "args"), [(bound_in_a_branch, (0.7, True)), (rebuilt, (0.7, 3))]
)
def test_which_list_is_not_known(f, args):
    with pytest.raises(s2s.S2SError, match="which lists this changes is not known"):
        s2s.vjp(f, *args)

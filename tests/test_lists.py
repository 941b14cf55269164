"""Lists that grow and whose items are assigned: right in every mode, or refused."""
# ruff: noqa: RUF005, SIM108

import numpy as np
import pytest
from agree import check
from in_place import cases
from programs import training

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


# growing ------------------------------------------------------------------------------


def appended(x, n):
    xs = [x]
    for _ in range(n):
        xs.append(np.sin(xs[-1]) * x)
    return sum(xs)


def losses(x, y, w, lr):
    out = []
    for row, target in zip(x, y, strict=True):
        error = row @ w - target
        out.append(0.5 * error**2)
        w = w - lr * error * row
    return np.mean(out) + len(out) * np.sum(w)


def under_a_branch(x):
    xs = []
    for v in x:
        if v > 0.5:
            xs.append(v * v)
        else:
            xs.append(2.0 * v)
    return np.sum(np.array(xs) ** 2)


def sometimes(x):
    xs = [1.0]
    for v in x:
        if v > 0.0:
            xs.append(v * xs[-1])
    return xs


def nested(A):
    out = []
    for row in A:
        squares = []
        for v in row:
            squares.append(v * v)
        out.append(sum(squares))
    return np.array(out)


def across_loops(A):
    xs = []
    for row in A:
        for v in row:
            xs.append(v * 2.0)
        xs.append(xs[0] * xs[-1])
    return np.array(xs)


def two_lists(x, n):
    xs, vs = [x], [0.5]
    for i in range(n):
        vs.append(vs[-1] - 0.1 * xs[-1] ** 3)
        xs.append(xs[-1] + 0.1 * vs[i + 1])
    return np.array(xs) @ np.array(vs)


def history(x, n):
    hist = [x]
    for _ in range(n):
        x = np.tanh(x) * 1.5
        hist.append(x)
    return np.stack(hist)


def columns(x, n):
    hist = []
    for k in range(n):
        hist.append(x * k)
    return np.stack(hist, axis=1) @ np.ones(n)


def joined(x, n):
    parts = []
    for i in range(n):
        parts.append(x[i:] * x[0])
    return np.concatenate(parts)


def iterated(x, n):
    xs = []
    for k in range(n):
        xs.append(x**k)
    total = 0.0
    for k, v in enumerate(xs):
        total = total + v * np.sin(v) * k
    for a, b in zip(xs, reversed(xs), strict=True):
        total = total + a * b * b
    return total


def one_of_two_names(x, n):
    ys = []
    zs = ys
    for i in range(n):
        ys.append(x**i)
        if i > 1:
            zs.append(ys[-1] + ys[-2])
    return zs


def read_while_growing(x, n):
    xs = [x, 0.5 * x]
    for i in range(2, n):
        xs.append(xs[i - 1] * xs[i - 2] + x)
    return xs[-1] * xs[n // 2]


def worklist(x, n):
    stack = [x]
    total = 0.0
    while len(stack) > 0:
        v = stack.pop()
        total = total + np.sum(v * v)
        if n > 0:
            n = n - 1
            stack.append(v * 0.5)
            stack.append(np.sin(v))
    return total


def every_method(x):
    xs = []
    for v in x:
        xs.append(v)
    a = xs.pop()
    xs.insert(0, a * 2.0)
    xs[1] = xs[1] * xs[0]
    xs[-1] += xs[0]
    xs.extend([a, 3.0])
    xs += [x[0] * a]
    xs.extend(x)
    b = xs.pop(1)
    xs.insert(2, b * b)
    return xs


def used_twice(x):
    xs = []
    for v in x:
        xs.append(v * v)
    ys = xs.copy()
    ys.append(x[0])
    zs = list(ys) + xs + [x[1]]
    return sum(xs) * np.sum(ys) + np.mean(zs) * np.max(xs)


def concatenated(x, n):
    ys = [x]
    for k in range(n):
        ys = ys + [ys[-1] * x, 1.0 * k]
    return ys


def counted(x, n):
    picked = []
    for i in range(n):
        if i % 2 == 0:
            picked.append(i)
    return x ** len(picked) * sum(picked)


def pushed_list(A):
    total = 0.0
    for row in A:
        xs = []
        for v in row:
            xs.append(np.exp(v))
        for k in range(len(xs)):
            total = total + xs[k] * xs[-1 - k] * len(xs)
    return total


def given(xs, n):
    for _ in range(n):
        xs.append(xs[-1] * xs[0])
    return np.sum(xs)


def arrays_given(ws, x):
    ws.append(np.outer(x, x))
    for w in ws:
        x = np.tanh(w @ x)
    ws[0] = ws[0] * 2.0
    return np.sum(x) + np.sum(ws[0] * ws[1])


def early(x, limit):
    xs = [x]
    while True:
        if xs[-1] > limit:
            break
        xs.append(xs[-1] * 1.5)
    return xs[-1] + 0.1 * len(xs) * xs[0]


def alternatives(x, c):
    if c:
        xs = [x]
    else:
        xs = [x * x, 2.0 * x]
    xs.append(3.0 * x)
    return np.array(xs)


GROWING = [
    (appended, (0.3, 4)), (appended, (0.3, 0)), (losses, (W, V[:2], V, 0.1)),
    (under_a_branch, (V,)), (sometimes, (V,)), (nested, (W,)), (across_loops, (W,)),
    (two_lists, (0.7, 4)), (history, (V, 3)), (history, (V, 0)), (columns, (V, 2)),
    (joined, (V, 3)), (iterated, (0.9, 4)), (one_of_two_names, (0.7, 4)),
    (read_while_growing, (0.7, 5)), (worklist, (V, 3)), (every_method, (V,)),
    (used_twice, (V,)), (concatenated, (0.6, 3)), (counted, (0.6, 5)),
    (pushed_list, (W,)), (given, ([0.5, 0.8], 3)), (arrays_given, ([W[:, :2]], V[:2])),
    (early, (0.4, 2.0)), (alternatives, (0.4, True)), (alternatives, (0.4, False)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), GROWING)
def test_growing_lists(f, args):
    check(f, list(args))


def test_stochastic_descent():
    for args in cases(training.stochastic_descent):
        check(training.stochastic_descent, list(args))


# items --------------------------------------------------------------------------------


def parameters(W, b, lr, n):
    params = [W, b]
    for _ in range(n):
        g = np.sum(params[0]) * params[1]
        params[0] = params[0] - lr * g
        params[1] -= lr * np.sum(params[0] ** 2, axis=0)
    return np.sum(params[0]) + np.sum(params[1])


def in_place_for_all(x):
    y = x * 2.0
    params = [y, 3.0]
    params[0] *= y
    params[1] *= 2.0
    return np.sum(y) * params[1]


def under_branches(x, c):
    state = [x, 2.0 * x, 1.0]
    also = state
    if c:
        state[0] = state[1] * x
    else:
        state[-1] = x * 5.0
    state[1] += also[0]
    return also[0] * also[1] * state[2]


def known_growth(x):
    params = []
    params.append(x)
    params.append(np.sum(x))
    first, second = params
    params.insert(1, first * second)
    last = params.pop()
    return params[1] * last


def by_index(x, n):
    xs = [0.0] * n
    for i in range(n):
        xs[i] = x * i + xs[i - 1]
    return sum(xs) / len(xs)


def arrays_by_index(A, n):
    rows = [A[0], A[1] * 2.0]
    for k in range(n):
        rows[k % 2] = rows[k % 2] * rows[(k + 1) % 2]
    return rows


def swapped(x, n):
    xs = [x, x * x, 3.0]
    for i in range(n):
        xs[i % 3], xs[0] = xs[0] * 1.5, xs[i % 3]
    return xs


def while_run_over(x):
    xs = []
    for v in x:
        xs.append(v)
    for i, v in enumerate(xs):
        xs[i] = v * xs[i - 1]
    return xs


def unit(params, k):
    params[k] = params[k] ** 2 * params[0]
    params[k] += params[k - 1]
    return sum(params)


ITEMS = [
    (parameters, (W, V, 0.1, 3)), (in_place_for_all, (V,)),
    (under_branches, (0.7, True)), (under_branches, (0.7, False)), (known_growth, (V,)),
    (by_index, (0.3, 4)), (arrays_by_index, (W, 3)), (swapped, (0.7, 4)),
    (while_run_over, (V,)), (unit, ([0.5, 0.7, 1.2], 1)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), ITEMS)
def test_assigned_items(f, args):
    check(f, list(args))


# comprehensions -----------------------------------------------------------------------


def squares(x):
    ys = [np.sin(v) * 2.0 for v in x]
    return np.mean(ys) + ys[0] * ys[-1]


def layers(ws, x):
    outputs = [np.tanh(w @ x) for w in ws]
    return np.concatenate(outputs)


def filtered(x, n):
    return sum([x**i for i in range(n) if i % 2 == 1])


def double(A):
    return np.array([a * b for a in A[0] for b in A[1] if a > b])


def inside(A):
    return np.array([[v * v for v in row] for row in [A[0], A[1]]])


def of_known_items(W, b, lr, n):
    params = [W, b]
    for _ in range(n):
        grads = [np.sum(p) * p for p in params]
        params = [p - lr * g for p, g in zip(params, grads, strict=True)]
    return np.sum(params[0]) * np.sum(params[1])


def shadowing(x, v):
    ys = [v * v for v in x]
    return ys[0] * v


def in_a_branch(x, c):
    y = np.array([2.0 * v for v in x]) if c else x
    return y


COMPREHENSIONS = [
    (squares, (V,)), (layers, ([W, 2 * W], V)), (filtered, (0.7, 4)), (double, (W,)),
    (of_known_items, (W, V, 0.1, 3)), (shadowing, (V, 0.4)), (in_a_branch, (V, True)),
    (in_a_branch, (V, False)), (inside, (W,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), COMPREHENSIONS)
def test_comprehensions(f, args):
    check(f, list(args))


def test_pop_from_an_empty_list():
    def f(x, n):
        xs = []
        for _ in range(n):
            xs.append(x)
        a = xs.pop()
        b = xs.pop()
        return a * b

    check(f, [2.0, 2])
    for n in (0, 1):
        with pytest.raises(IndexError):
            s2s.grad(f)(2.0, n)


def test_the_callers_list_stays():
    xs, ws, x = [0.5, 0.8], [W[:, :2].copy()], V[:2].copy()
    s2s.grad(given)(xs, 3)
    s2s.vjp(arrays_given, ws, x)
    assert xs == [0.5, 0.8] and len(ws) == 1


# slices, and what is taken in the midst of an expression ------------------------------


def neighbours(x, n):
    xs = [x]
    for k in range(n):
        xs.append(np.sin(xs[-1]) + k)
    total = 0.0
    for a, b in zip(xs[:-1], xs[1:], strict=True):  # noqa: RUF007
        total += a * b
    for i, c in enumerate(xs[1:-1]):
        total += c * i * xs[i]
    return total + sum(xs[1:]) * len(xs[5:]) + np.sum(xs[:-2])


def sliced_arguments(xs, ws):
    rest = xs[1:]
    rest.append(xs[0])
    return sum(x * np.sum(w) for x, w in zip(rest, ws[2:], strict=False))


def slices_are_copies(x, n):
    xs = []
    for k in range(n):
        xs.append(x * k)
    total = 0.0
    for i, v in enumerate(xs[1:]):
        xs[i + 1] = v * 2.0
        xs[-1] = xs[-1] + v
        total += v * xs[i]
    return total + sum(xs)


def taken(x, n):
    xs = []
    for k in range(n):
        xs.append(x * k)
    y = xs.pop() + 1.0
    xs.append(xs.pop() * xs.pop())
    z = np.sin(xs.pop(-1)) * xs.pop(0)
    total = len(xs) * xs.pop() * len(xs)
    return y * z * total + sum(xs)


def taken_in_order(x):
    xs = [x, 2.0 * x, 3.0]
    y = xs[-1] * xs.pop() - xs.pop() / xs[-1]
    return y + xs.pop() ** 2


def from_anywhere(x, n, k):
    xs = []
    for i in range(n):
        xs.append(np.sin(x * (i + 1)))
    total = 0.0
    for i in range(2):
        a = xs.pop(k + i)
        b = xs.pop(-2)
        total += a * b * xs[i]
    return total * sum(xs)


def of_objects(x, n):
    stack, total = [(x, 1)], 0.0
    while len(stack) > 0:
        v, depth = stack.pop()
        total += v * v
        if depth < n:
            stack.append((np.sin(v), depth + 1))
            stack.append((v * x, depth + 1))
    return total


MIDST = [
    (neighbours, (0.3, 3)), (neighbours, (0.3, 0)), (neighbours, (0.3, 8)),
    (sliced_arguments, ([0.3, 0.5, 0.7], [V, 2 * V, 3 * V, 4 * V])),
    (sliced_arguments, ([0.3, 0.5, 0.7], [V])),
    (slices_are_copies, (0.3, 4)), (taken, (0.3, 8)), (taken_in_order, (0.7,)),
    (from_anywhere, (0.3, 7, 1)), (from_anywhere, (0.3, 7, -4)), (of_objects, (0.7, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), MIDST)
def test_slices_and_pops(f, args):
    check(f, list(args))
    s2s.check_grads(f, args)


# refused ------------------------------------------------------------------------------


def held_array(x):
    xs = []
    w = x.copy()
    for _ in range(3):
        w *= 2.0
        xs.append(w)
    return np.sum(xs[0])


def held_before(x):
    w = x.copy()
    xs = []
    for _ in range(3):
        xs.append(w)
    w[0] = 5.0
    return np.sum(xs[-1])


def held_by_name(x, n):
    xs = []
    y = x.copy()
    for _ in range(n):
        z = y
        xs.append(z)
        y = y * 1.0
        z[0] = 3.0
    return np.sum(xs[0])


def mixed(x, n):
    xs = []
    for k in range(n):
        xs.append(x)
        xs.append(1.0 * k)
    return np.sum(xs[0])


def while_it_runs(x):
    xs = []
    for v in x:
        xs.append(v)
    for v in xs:
        if v > 10.0:
            xs.append(v)
    return sum(xs)


def one_of_two(x, c):
    xs, ys = [x, x], [2.0 * x, x]
    zs = xs if c else ys
    zs[0] = 3.0 * x
    return xs[0] * ys[0]


def one_of_two_grow(x, c):
    xs, ys = [x], [2.0 * x]
    for _ in range(2):
        xs.append(x)
        ys.append(x)
    if c:
        zs = xs
    else:
        zs = ys
    zs.append(3.0 * x)
    return xs[-1] * ys[-1]


def rebound_in_a_loop(x, n):
    xs = [x, x]
    ys = [x * x, 2.0 * x]
    for _ in range(n):
        xs, ys = ys, xs
        xs[0] = xs[0] * 2.0
    return xs[0] * ys[0]


def part_of_a_slice(x):
    xs = []
    for v in x:
        xs.append(v)
    return sum(xs[1:2])


def item_of_a_slice(x, n):
    xs = []
    for k in range(n):
        xs.append(x * k)
    for v in xs[1:]:
        v *= 2.0
    return np.sum(xs[1])


def in_a_condition(x):
    xs = []
    for v in x:
        xs.append(v)
    return xs.pop() if x[0] > 0.0 else xs[0]


def a_slice(x):
    xs = [x, 2.0 * x]
    xs[:1] = [x]
    return xs[0]


def sorted_list(x):
    xs = []
    for v in x:
        xs.append(v)
    xs.sort()
    return xs[0]


def plus_array(x):
    xs = []
    for v in x:
        xs.append(v)
    xs += x
    return xs[0]


KNOWN = [1.0, 2.0]


def global_list(x):
    KNOWN.append(x)
    return x


def nothing(x):
    xs = []
    for _ in range(2):
        y = xs[0] * x
    return y


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (held_array, (V,)), (held_before, (V,)),
        (held_by_name, (V, 2)), (mixed, (V, 3)),
        (while_it_runs, (V,)), (rebound_in_a_loop, (0.5, 3)),
        (in_a_condition, (V,)), (plus_array, (V,)),
        (global_list, (0.5,)), (nothing, (0.5,)), (one_of_two_grow, (0.5, True)),
    ],
)  # fmt: skip
def test_refused(f, args):
    with pytest.raises(s2s.S2SError) as refused:
        s2s.vjp(f, *args)
    assert "^" in str(refused.value)


@pytest.mark.parametrize(
    ("f", "x"), [(a_slice, 0.5), (part_of_a_slice, V), (sorted_list, V)]
)
def test_slices_and_order(f, x):
    check(f, [x])


def test_items_of_a_slice_change():
    check(item_of_a_slice, [V, 2])


@pytest.mark.parametrize("c", [True, False])
def test_one_of_two_is_right_or_refused(c):
    try:
        check(one_of_two, [0.5, c])
    except s2s.S2SError as refused:
        assert "^" in str(refused)


def cleared(x, n):
    xs, s = [x, x * x], 0.0
    for k in range(n):
        s += sum(xs) * k
        xs.clear()
        xs.append(x * k)
    full = []
    for k in range(n):
        full.append(x * k)
        if len(full) == 2:
            s += full[0] * full[1]
            full.clear()
    return s + sum(full)


@pytest.mark.parametrize("n", [3, 4])
def test_a_list_that_is_cleared(n):
    check(cleared, (0.7, n))


class Rows:
    def __init__(self):
        self.t = 1.0

    def rows(self, u, n):
        self.t = self.t * 1.5
        return [u * k * self.t for k in range(n)]


def test_what_extends_a_list_is_called_once():
    def f(c, u, n):
        o, out = Rows(), []
        for _ in range(2):
            out.extend(o.rows(u, n))
        return sum(np.sum(v) for v in out) * o.t * c

    check(f, (0.7, V, 3))


def chosen_of_both(u, k):
    xs = [u, np.array([2, 3, 4])]
    return xs[k][0] * u[1]


def run_over_both(u, k):
    for r in (u, np.array([k])):
        z = r
    return z[0] * u


def appended_ints(u, k):
    xs = [u]
    for i in range(k):
        xs.append(np.array([i, 2, 3]))
    return np.sum(xs[k] * u)


def appended_floats(u, k):
    xs = [np.array([1, 2, 3])]
    for _ in range(k):
        xs.append(u)
    return np.sum(xs[k] * u)


@pytest.mark.parametrize(
    "f", [chosen_of_both, run_over_both, appended_ints, appended_floats]
)
def test_arrays_of_ints_and_of_floats(f):
    with pytest.raises(s2s.UnsupportedError, match="arrays of ints and arrays of fl"):
        s2s.grad(lambda u, k: np.sum(f(u, k)))(np.ones(3), 1)

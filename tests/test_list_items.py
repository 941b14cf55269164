"""What lists of any length hold: records, tuples and arrays, and changes of these.

Right in every way of `agree`, against differences, or refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


@dataclass(frozen=True)
class Frozen:
    x: float
    w: np.ndarray


class Pair(NamedTuple):
    x: float
    w: np.ndarray


def frozen_items(ps):
    return sum(np.sum(p.w) * p.x**2 for p in ps)


def items_in_items(ps):
    total = 0.0
    for p in ps:
        total += np.sum(p["a"]["w"]) * p["b"][0] ** 2 * p["n"] + p["c"].x * p["b"][1]
    return total


def passed_on(ps):
    for p in ps:
        p.w @ p.w
    return ps


def lists_of(make):
    return [[make(0.3, W[0]), make(-0.5, W[1])], [make(1.2, V)]]


def deep(x, w):
    return {"a": {"w": w}, "b": (x, 2.0 * x), "n": 2, "c": Pair(x, w)}


@pytest.mark.parametrize("make", [Frozen, Pair])
def test_items_that_cannot_change(make):
    for ps in lists_of(make):
        check(frozen_items, [ps])
        out, pullback = s2s.vjp(passed_on, ps)
        (bars,) = pullback(out)
        assert [type(b) for b in bars] == [make] * len(ps)
        assert all(
            b.x == p.x and np.all(b.w == p.w) for b, p in zip(bars, ps, strict=True)
        )
        assert not any(
            np.shares_memory(b.w, p.w) for b, p in zip(bars, ps, strict=True)
        )


def test_items_in_items():
    for ps in lists_of(deep):
        check(items_in_items, [ps])


# changes ------------------------------------------------------------------------------


@dataclass
class Particle:
    x: np.ndarray
    v: np.ndarray
    mass: float = 1.0

    def drift(self, dt):
        self.x = self.x + dt * self.v

    def kick(self, force, dt):
        self.v += dt * force / self.mass


@dataclass
class Body:
    x: float
    v: float

    def push(self, a):
        self.v += np.sin(a)
        self.x = self.x * 0.5 + self.v


def stepped(ps, dt):
    for p in ps:
        p["x"] = p["x"] + dt * p["v"]
        p["v"] = p["v"] - dt * np.sin(p["x"])
    return sum(p["x"] * p["v"] for p in ps)


def simulated(ps, dt, n):
    for _ in range(n):
        for p in ps:
            p["v"] -= dt * np.sin(p["x"]) * p["m"]
            p["x"] += dt * p["v"]
    return ps[0]["x"] * ps[-1]["v"]


def attracted(ps, dt, n):
    for _ in range(n):
        for p in ps:
            for q in ps:
                if p is not q:
                    d = q.x - p.x
                    p.v = p.v + dt * q.mass * d / (d @ d + 0.1)
        for p in ps:
            p.x += dt * p.v
    return ps


def by_positions(ps, dt, n):
    for _ in range(n):
        for i in range(len(ps)):
            for j in range(i):
                d = ps[j].x - ps[i].x
                f = d / (d @ d + 0.1)
                ps[i].v += dt * f * ps[j].mass
                ps[j].v -= dt * f * ps[i].mass
        for p in ps:
            p.x[:] = p.x + dt * p.v
    return [p.x for p in ps]


def by_methods(ps, dt):
    for p in ps:
        p.kick(-p.x, dt)
        p.drift(dt)
        p.mass *= 2.0
    return sum(p.mass * p.x @ p.v for p in ps)


def made_inside(x, n):
    ps = []
    for k in range(n):
        ps.append(Particle(x * k, np.sin(x)))
    for p in ps:
        p.x *= p.v
        p.v[0] = p.x[1]
    ps[-1].mass = x[0] * x[1]
    return sum(np.sum(p.x * p.v) * p.mass for p in ps)


def under_conditions(ps, dt):
    for p in ps:
        p["x"] = p["x"] + dt * p["v"]
        if p["x"] > 0.35:
            p["x"] = 0.7 - p["x"]
            p["v"] = -p["v"]
        p["v"] = p["v"] * 0.9
    return [p["x"] * p["v"] for p in ps]


def some_arrays(xs):
    for x in xs:
        if x[0] > 0.25:
            x *= 2.0
        x += np.sin(x)
    return xs


def replaced_and_kept(xs, n):
    old = []
    for k in range(n):
        x = xs[k]
        old.append(x)
        xs[k] = xs[k] * x
    return sum(np.sum(x * y) for x, y in zip(xs, old, strict=False))


def one_name(ps, dt, n):
    p = ps[0]
    for k in range(n):
        p["x"] = p["x"] + dt * p["v"] * k
        ps[0]["v"] += p["x"]
    return p["x"] * ps[0]["v"] * ps[-1]["v"]


def nested(ps):
    for p in ps:
        p["a"]["w"] = p["a"]["w"] * 2.0
        p["a"]["b"] += p["a"]["w"]
        p["a"]["b"][0] *= 3.0
    return sum(np.sum(p["a"]["b"] ** 2) for p in ps)


def sgd(layers, x, lr):
    for layer in layers:
        h = np.tanh(x @ layer["w"] + layer["b"])
        layer["w"] -= lr * np.outer(x, h)
        layer["b"] = layer["b"] - lr * h
        x = h
    return sum(np.sum(layer["w"] ** 2) + np.sum(layer["b"]) for layer in layers)


def in_place(xs):
    for x in xs:
        x *= 2.0
        x += np.sin(x)
    xs[0][1] = 5.0 * xs[-1][0]
    xs[-1] += xs[0]
    xs[-1][1:] *= xs[0][:-1]
    return xs


def by_indices(xs, n):
    for i in range(1, n):
        xs[i] += 0.5 * xs[i - 1]
        for j in range(len(xs[i])):
            xs[i][j] = xs[i][j] * xs[i - 1][j]
        xs[i] -= xs[i][::-1]
    return sum(np.sum(x**2) for x in xs)


def filled(x, n):
    xs = [np.zeros(3) for _ in range(n)]
    for k in range(n):
        xs[k][:] = x * k
        xs[k][0] += x[1]
    xs[0].fill(x[2])
    np.exp(xs[1], out=xs[1])
    y = xs[-1]
    y[1] = 2.0
    return np.array(xs) * y


def velocities(x, grads, n):
    params = [x * (k + 1) for k in range(n)]
    moments = [np.zeros_like(x) for _ in range(n)]
    for k in range(n):
        for i, (p, m) in enumerate(zip(params, moments, strict=True)):
            m *= 0.9
            m += np.sin(p) * grads[i] * k
            p -= 0.1 * m
    return params[0] @ params[1]


def scale(item, by):
    item["w"] *= by


def by_functions(layers, c):
    for layer in layers:
        scale(layer, c)
    scale(layers[0], 2.0)
    return sum(np.sum(layer["w"] * layer["b"]) for layer in layers)


def rows_of_two(x, n):
    rows = []
    for k in range(n):
        rows.append([x * k, np.sin(x)])
    rows[0][1] = x * x
    for row in rows:
        row[0] += row[1]
    return sum(a * b for a, b in rows)


def listed(x, u, n):
    ps = [Body(x, u), Body(u, x * x)]
    for _ in range(n):
        for p in ps:
            o = p
            o.x = o.x * u + p.v
        ps[1].v = ps[0].x * u
    return ps[1].x * ps[0].x


def attracted_bodies(x, dt, n):
    bodies = [Body(x, 1.0), Body(2.0 * x, x), Body(x * x, 0.5)]
    for _ in range(n):
        for p in bodies:
            for q in bodies:
                if p is q:
                    continue
                p.v += dt * (q.x - p.x)
        for p in bodies:
            p.x += dt * p.v
    return sum(p.x * p.v for p in bodies)


def unpacked(ps, x):
    for _ in range(2):
        a, b = ps
        d = b.x - a.x
        a.v += x * d
        b.v -= 0.1 * d
        for p in ps:
            p.x += 0.1 * p.v
    return ps[0].x * ps[1].v


def swapped_bodies(x, u):
    ps = [Body(x, u), Body(u, x * u)]
    ps[0], ps[1] = ps[1], ps[0]
    ps[0].x = ps[1].v * 2.0
    return ps[0].x * ps[1].x + ps[0].v


def by_chosen_index(ps, c):
    p = ps[0 if c > 0.0 else 1]
    p.x += 1.5 * c
    return ps[0].x * ps[1].x * c


def columns(xs, A):
    """Elements of an array in a list, through an axis that only the index adds."""
    xs[1][:, None] *= A.T[:, 1:]
    xs[0][:] = xs[1] * xs[0]
    return xs


def largest(bodies, a):
    """The adjoint of a part that is a number is one, whatever NumPy makes of it."""
    bodies[1].push(np.maximum(bodies[1].v, a))
    return bodies


def particles(n=2):
    return [Particle(V[:2] * (k + 1), W[0][:2] - k, 1.0 + k) for k in range(n)]


def bodies():
    return [Body(0.3, 1.0), Body(0.7, -0.2)]


def numbers(n=3):
    return [{"x": 0.1 + 0.2 * k, "v": 1.0 - 0.3 * k, "m": 2} for k in range(n)]


def layers():
    return [{"w": np.outer(V, W[k]), "b": W[k].copy()} for k in range(2)]


def arrays():
    return [V.copy(), W[0].copy(), W[1].copy()]


def inner():
    return [{"a": {"w": 0.3 + k, "b": W[k].copy()}} for k in range(2)]


CHANGES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (stepped, (numbers(), 0.1)),
    (simulated, (numbers(), 0.1, 3)),
    (attracted, (particles(3), 0.1, 2)),
    (by_positions, (particles(3), 0.1, 2)),
    (by_methods, (particles(), 0.1)),
    (made_inside, (V, 3)),
    (under_conditions, (numbers(), 0.2)),
    (some_arrays, (arrays(),)),
    (replaced_and_kept, (arrays(), 2)),
    (one_name, (numbers(), 0.2, 3)),
    (nested, (inner(),)),
    (sgd, (layers(), V, 0.1)),
    (in_place, (arrays(),)),
    (by_indices, (arrays(), 3)),
    (filled, (V, 3)),
    (velocities, (V, W, 2)),
    (by_functions, (layers(), 0.7)),
    (rows_of_two, (0.7, 3)),
    (listed, (0.3, 0.7, 2)),
    (attracted_bodies, (0.3, 0.1, 2)),
    (unpacked, (bodies(), 0.3)),
    (swapped_bodies, (0.3, 0.7)),
    (by_chosen_index, (bodies(), 0.7)),
    (by_chosen_index, (bodies(), -0.7)),
    (columns, (arrays()[:2], W)),
    (largest, (bodies(), -0.45)),
]


@pytest.mark.parametrize(("f", "args"), CHANGES)
def test_changes(f, args):
    check(f, list(args))


@pytest.mark.parametrize(("f", "args"), CHANGES)
def test_second_derivatives(f, args):
    s2s.check_grads(f, args)


def arrays_of_rows(x, m):
    rows = []
    for i in range(m):
        row = []
        for j in range(i + 1):
            row.append(x * j + i)
        rows.append(np.array(row))
    table = [np.array([np.sin(x * i + j) for j in range(m)]) for i in range(m)]
    return sum(v * v for row in rows for v in row) * table[0][1] * table[1][0]


def test_arrays_instead_of_lists_in_lists():
    check(arrays_of_rows, [0.3, 3])
    s2s.check_grads(arrays_of_rows, (0.3, 3))


# who else has it ----------------------------------------------------------------------


def twice(x):
    ps = []
    p = {"x": x}
    for _ in range(2):
        ps.append(p)
    ps[0]["x"] *= 2.0
    return ps[1]["x"] * x


def twice_by_name(x, n):
    ps = [{"x": x}]
    for _ in range(n):
        p = {"x": x}
        ps.append(p)
        ps.append(p)
    ps[1]["x"] = 3.0 * x
    return ps[2]["x"]


def kept_by_name(x, n):
    ps = []
    for _ in range(n):
        p = {"x": x}
        ps.append(p)
    ps[-1]["x"] = 3.0 * x
    return p["x"]


def changed_by_name(x, n):
    ps = []
    for _ in range(n):
        p = {"x": x}
        ps.append(p)
        p["x"] = 3.0 * x
    return ps[-1]["x"] * ps[0]["x"]


def copied_list(xs):
    ys = xs.copy()
    xs[0] *= 2.0
    return np.sum(ys[0])


def rows_of(A):
    xs = list(A)
    xs[0] *= 2.0
    return np.sum(A)


def gone(xs, x):
    w = xs[0]
    xs[0] = x * 2.0
    w *= 3.0
    xs[1] *= 2.0
    return np.sum(w * xs[0])


def one_of_them(ps, c):
    q = ps[0] if c else ps[1]
    ps[0]["x"] = 5.0 * ps[0]["v"]
    return q["x"]


def last_one(ps, x):
    last = ps[-1]
    ps.append({"x": x, "v": x, "m": 2})
    last["x"] = x * 3.0
    return ps[-2]["x"] * last["v"]


def same_array(x, n):
    ps = []
    for _ in range(n):
        w = np.sin(x)
        ps.append({"w": w, "b": w})
    for p in ps:
        p["w"] *= 2.0
    return np.sum(ps[0]["b"])


def read_later(x, n):
    xs = []
    for _ in range(n):
        w = np.sin(x)
        xs.append(w)
    xs[-1] += x
    return np.sum(w)


def after_the_loop(ps):
    for p in ps:
        q = p
    q["x"] = 3.0 * q["v"]
    return ps[-1]["x"]


def read_inside(ps, n):
    p, total = ps[0], 0.0
    for i in range(n):
        ps[i]["x"] = ps[i]["x"] * 2.0
        total += p["x"]
    return total


def through_a_view(xs):
    x = xs[0]
    y = x[1:]
    xs[0] *= 2.0
    return np.sum(y * x[:-1])


def into_a_view(xs):
    y = xs[0][1:]
    y *= 2.0
    return np.sum(xs[0])


def in_a_dict(ps):
    d = {"p": ps[0]}
    for p in ps:
        p["x"] = p["x"] * 2.0
    d["p"]["v"] = d["p"]["x"]
    return ps[0]["v"] * ps[1]["x"]


def swapped(ps):
    a, b = ps[0], ps[1]
    a["b"], b["b"] = b["b"], a["b"]
    return a["b"] @ np.sin(b["b"])


def swapped_numbers(ps):
    a, b = ps[0], ps[1]
    a["x"], b["x"] = b["x"], a["x"]
    return a["x"] * np.sin(b["x"])


def put_back(ps):
    b = ps[0]["b"]
    ps[0]["b"] = b * 2.0
    ps[1]["b"] *= b
    return np.sum(ps[1]["b"] * b * ps[0]["b"])


def other_entry(ps, k):
    b = ps[0]["b"]
    ps[k]["b"] = b * 2.0
    ps[1]["b"] *= 3.0
    return np.sum(b * ps[0]["b"])


def of_both(xs):
    ys = [x for x in xs]
    ys[0] *= 2.0
    return np.sum(xs[0])


def itself_again(xs):
    xs.append(xs[0])
    xs[0] += 1.0
    return np.sum(xs[-1])


def by_index_and_name(ps):
    total = 0.0
    for i, p in enumerate(ps):
        ps[i]["x"] = p["v"] * 2.0
        total += p["x"]
    return total


def popped(ps):
    p = ps.pop()
    p["x"] = 3.0
    for q in ps:
        q["x"] = q["x"] * 2.0
    return ps[0]["x"] * p["x"]


def popped_and_read(ps):
    p = ps.pop()
    for q in ps:
        q["x"] = q["x"] * p["x"]
    return ps[0]["x"] * p["v"]


def on_one_path(ps, c):
    p = ps[0]
    if c > 0.0:
        p["x"] += c
        p["v"] = p["x"] * 2.0
    return p["x"] * ps[0]["v"] * ps[-1]["x"]


def both_ways(x, n):
    xs, ys = [], []
    for _ in range(n):
        w = np.cos(x)
        xs.append(w)
        ys.append(w)
    for y in xs:
        y *= x
    return np.sum(ys[0] * xs[1])


def in_a_call(ps):
    def doubled(p, q):
        p["x"] = 2.0 * q["x"]
        return q["x"]

    return doubled(ps[0], ps[0]) * ps[0]["x"]


def rebound_to_items(ps, n):
    p = ps[0]
    for k in range(n):
        p["x"] = p["x"] * 2.0
        p = ps[k % 2]
    return p["x"] * ps[0]["x"]


def same_item(xs, i, j):
    x, y = xs[i], xs[j]
    x *= 2.0
    y += x
    return np.sum(x * y)


OTHERS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (twice, (0.7,)), (twice_by_name, (0.7, 2)), (kept_by_name, (0.7, 2)),
    (changed_by_name, (0.7, 2)), (copied_list, (arrays(),)), (rows_of, (W,)),
    (gone, (arrays(), V)), (one_of_them, (numbers(), True)),
    (one_of_them, (numbers(), False)), (last_one, (numbers(), 0.7)),
    (same_array, (V, 2)), (read_later, (V, 2)), (after_the_loop, (numbers(),)),
    (read_inside, (numbers(), 2)), (through_a_view, (arrays(),)),
    (into_a_view, (arrays(),)), (in_a_dict, (numbers(),)), (swapped, (layers(),)),
    (swapped_numbers, (numbers(),)), (put_back, (layers(),)),
    (other_entry, (layers(), 0)), (other_entry, (layers(), 1)),
    (of_both, (arrays(),)), (itself_again, (arrays(),)),
    (by_index_and_name, (numbers(),)), (popped, (numbers(),)),
    (popped_and_read, (numbers(),)), (on_one_path, (numbers(), 0.7)),
    (on_one_path, (numbers(), -0.7)), (both_ways, (V, 2)), (in_a_call, (numbers(),)),
    (rebound_to_items, (numbers(), 3)), (same_item, (arrays(), 0, 1)),
    (same_item, (arrays(), 1, 1)),
]  # fmt: skip
RIGHT = {
    read_inside, through_a_view, in_a_dict, swapped_numbers, by_index_and_name,
    popped_and_read, on_one_path, in_a_call, same_item,
}  # fmt: skip


@pytest.mark.parametrize(("f", "args"), OTHERS)
def test_right_or_refused(f, args):
    try:
        check(f, list(args))
    except s2s.S2SError as refused:
        assert f not in RIGHT and "^" in str(refused)


def test_too_many_items_to_unpack():
    with pytest.raises(ValueError, match="2"):
        s2s.grad(unpacked)([*bodies(), *bodies()], 0.3)


def test_items_of_arguments_are_apart():
    x, p = V.copy(), {"x": 1.0, "v": 2.0, "m": 2}
    for xs in ([x, x], [x, x[::-1]]):
        with pytest.raises(s2s.S2SError, match="pass copies"):
            s2s.vjp(in_place, xs)
    with pytest.raises(s2s.S2SError, match="some of it is there twice"):
        s2s.grad(stepped)([p, p], 0.1)

    def beside(ps, q):
        for p in ps:
            p["x"] = p["x"] * 2.0
        return ps[0]["x"] * q["x"]

    with pytest.raises(s2s.S2SError, match="some of it is in `q`, too"):
        s2s.grad(beside)([p], p)
    check(beside, [[p], dict(p)])


def test_reverse():
    def f(x, n):
        known = [x, x * x, 2.0]
        known.reverse()
        grown = []
        for k in range(n):
            grown.append(x**k)
        same = grown
        same.reverse()
        s = known[0] * known[1]
        for k, t in enumerate(grown):
            s += k * t
        return s

    check(f, (0.7, 4))
    check(f, (0.7, 5))


def test_how_many_arguments_there_are():
    def g(a, b, c):
        return a * b + c

    def f(v, s):
        return g(*(s * v)) + g(v[0], *v[1:])

    check(f, (V, 1.3))
    assert isinstance(raises_as(f, np.ones(4), 1.3), TypeError)


def broadcast(a, x):
    xs = [2.0 * a, a * x]
    for i in range(len(xs)):
        xs[i] += a[0] * x
        xs[i] -= x
        xs[i] += a[:, :1]
    return np.sum(xs[0] ** 2) + np.sum(xs[1] ** 3)


def test_what_is_added_may_be_broadcast():
    check(broadcast, [W, 0.3])


def test_a_number_in_a_dict_that_inner_loops_pass_on():
    def f(xs, d, n):
        xs[0][0] -= np.tanh(xs[1][1])
        for v in xs[0]:
            for _ in range(n):
                d["v"] = d["v"] * 2.0
            d["m"] += np.sin(v + d["m"])
        return np.sum(xs[0]) + np.sum(d["v"])

    xs = [np.array([0.3, 0.5]), np.array([0.2, 0.7])]
    check(f, (xs, {"m": 0.4, "v": np.array([0.1, 0.2])}, 2))


def test_integers_where_other_items_have_floats():
    """Their adjoints are numbers, too."""

    def f(a, n):
        rows = [(a, n), (n, a)]
        for i in range(n):
            rows.append((a * i, 2))
            rows.append((n, np.sin(a)))
        return sum(x * y for x, y in rows)

    def g(a, n):
        rows = [{"x": a, "y": [n, a]}, {"x": n, "y": [a, 2]}]
        return sum(r["x"] * v for r in rows for v in r["y"])

    check(f, (0.7, 3))
    check(g, (0.7, 3))


def test_integers_where_other_items_are_arrays():
    def f(u, n):
        z = 0.0
        for r in [u, n, 2.5]:
            z = z + r * r
            if np.sum(z) > 5.0 * n:
                break
        return z

    def last(u, *rest):
        for r in rest:
            z = r
        return z * u[0]

    def g(u, n):
        return last(u, u, n) + last(u, n, u)

    check(f, (V, 3))
    check(f, (V, 0))
    check(g, (V, 3))


def test_the_list_of_an_array_that_was_in_a_list():
    def f(x, n):
        xs = [x * np.ones(3) for _ in range(n)]
        s = 0.0
        for _ in range(n):
            t = list(xs.pop())
            while t:
                s = s * x + t.pop()
        return s

    check(f, (0.7, 3))

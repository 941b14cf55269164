"""`copy.copy` and `copy.deepcopy`, and what else makes an object of another."""

import copy
import dataclasses
from typing import NamedTuple

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])


@dataclasses.dataclass
class Layer:
    a: float
    w: np.ndarray


@dataclasses.dataclass(frozen=True)
class Fixed:
    a: float
    w: np.ndarray


class Pair(NamedTuple):
    a: float
    w: np.ndarray


def arrays(x):
    y, z = copy.copy(x), copy.deepcopy(x)
    y[0] = 3.0
    z[1] *= z[0]
    return np.sum(y * z * x) * copy.copy(x[0]) * copy.deepcopy(x[1])


def lists_of_numbers(x):
    xs = [v for v in x]
    ys, zs, ws = xs.copy(), copy.copy(xs), copy.deepcopy(xs)
    ys[0] = ys[1] * 2
    zs[1] = 3.0
    ws.append(2.0 * ws[0])
    return sum(xs) * sum(ys) * sum(zs) * sum(ws)


def lists_of_arrays(x):
    xs = []
    for k in range(3):
        xs.append(x * k)
    ys, zs = copy.deepcopy(xs), copy.copy(xs)
    for i in range(3):
        ys[i][0] = x[1] ** 2
    zs[0] = ys[1] * 3
    return sum(np.sum(a * b + c) for a, b, c in zip(xs, ys, zs, strict=True))


def lists_of_records(x):
    ps = []
    for k in range(3):
        ps.append({"w": x * k, "b": x[k]})
    qs = copy.deepcopy(ps)
    for q in qs:
        q["b"] = q["b"] * 2
        q["w"] += x
    s = 0.0
    for p, q in zip(ps, qs, strict=True):
        s += np.sum(p["w"] * q["w"]) * p["b"] * q["b"]
    return s


def nested(x):
    d = {"layers": [Layer(1.0, x * 2), Layer(x[0], x * 3)], "n": 3}
    e, f = copy.deepcopy(d), copy.copy(d)
    e["layers"][0].w[1] = 0.0
    e["layers"][1].a = 2.0
    e["layers"].append(Layer(0.5, x))
    f["layers"] = []
    parts = [layer for it in (d, e, f) for layer in it["layers"]]
    return sum(np.sum(layer.w**2) * layer.a for layer in parts)


def the_same_twice(x):
    w = x * 2
    d = {"a": w, "b": w, "c": [w]}
    e = copy.deepcopy(d)
    e["a"][0] = x[1]
    return np.sum(e["b"] ** 2) + np.sum(d["a"] * e["c"][0])


def best_so_far(x):
    now, best = Layer(x[0], x), Layer(0.0, x)
    for k in range(3):
        now.w = np.sin(now.w) * (k + 1)
        now.a = np.sum(now.w)
        if now.a > best.a:
            best = copy.deepcopy(now)
    return best.a**2 + np.sum(best.w * x)


def dicts_of_any_keys(x):
    d = {}
    for k, v in enumerate(x):
        d[k] = v
    e, f, g = d.copy(), copy.copy(d), copy.deepcopy(d)
    e[0] = 3.0 * d[1]
    f[1] = 2.0
    g[2] = 1.0
    return sum(d.values()) * sum(e.values()) * sum(f.values()) * sum(g.values())


COPIES = [arrays, lists_of_numbers, lists_of_arrays, lists_of_records, nested]


@pytest.mark.parametrize("f", [*COPIES, the_same_twice, best_so_far, dicts_of_any_keys])
def test_copies(f):
    check(f, [V])


def test_objects():
    def f(p):
        q, r = copy.deepcopy(p), copy.copy(p)
        q.w[0] = q.a
        r.a = 3.0 * r.a
        s = dataclasses.replace(p, a=p.a**2)
        return p.a * q.a * r.a * s.a * np.sum(p.w * q.w * s.w)

    def g(p, q):
        s, t = dataclasses.replace(p, a=p.a**2), q._replace(w=q.w**2, a=3.0)
        return s.a * np.sum(s.w * t.w) * t.a * copy.copy(q).a * copy.deepcopy(p).a

    check(f, [Layer(2.0, V)])
    check(g, [Fixed(2.0, V), Pair(1.5, V)])


def test_arguments():
    def f(ws):
        vs, us = copy.deepcopy(ws), copy.copy(ws)
        us[0] = vs[1] * 3
        vs[0][0] = 1.0
        return sum(np.sum(v * w * u) for v, w, u in zip(vs, ws, us, strict=True))

    check(f, [[V, 2 * V]])


def test_copies_of_what_is_there_twice():
    """The copy has one array for the two, which changes."""

    def f(x):
        ws = []
        for _ in range(2):
            ws.append(x)
        vs = copy.deepcopy(ws)
        vs[0][0] = x[1] ** 2
        return np.sum(vs[1] ** 2)

    with pytest.raises(ValueError, match="has the same object twice"):
        s2s.grad(f)(V)


def test_classes_that_copy_themselves():
    class Own:
        def __init__(self, a):
            self.a = a

        def __deepcopy__(self, memo):
            return Own(2.0 * self.a)

    def f(x):
        return copy.deepcopy(Own(x)).a

    with pytest.raises(s2s.S2SError, match=r"`Own.__deepcopy__` is not supported"):
        s2s.grad(f)(0.5)

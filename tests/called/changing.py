"""Functions that change what they are given, or return what is made of parts."""

from dataclasses import dataclass

import numpy as np


@dataclass
class P:
    x: float
    v: np.ndarray


@dataclass
class Box:
    p: P
    w: np.ndarray


def cond(p, a):
    if p.x > 0.3:
        p.x = p.x * a
        p.v = p.v + a
    else:
        p.v[0] = a * p.x
    p.x += np.sum(p.v) * 0.1
    return p.v


def one_branch(x, u):
    p = P(x, u * 1.0)
    q = P(x - 1.0, u * 2.0)
    r = cond(p, 2.0)
    s = cond(q, 3.0)
    r[1] = 4.0 * x
    return p.x * q.x + np.sum(p.v * q.v) + np.sum(s * r)


def loop(d, n, a):
    for i in range(n):
        d["x"] = np.sin(d["x"]) * a + i
        d["v"][i] = d["x"]
        d["n"] += 1
    d["last"] = d["x"] * 2.0


def in_loops(x, u):
    d = {"x": x, "v": u * 1.0, "n": 0}
    e = {"x": x * 2.0, "v": u * 3.0, "n": 1}
    loop(d, 2, x)
    loop(e, 3, 0.5)
    loop(d, 1, x)
    return np.sum(d["v"] * e["v"]) + d["last"] * e["x"] + d["n"]


def swap(p, q):
    p.x, q.x = q.x * 2.0, p.x
    p.v, q.v = q.v, p.v
    p.v[0] *= q.x


def swapped(x, u):
    p, q = P(x, u * 1.0), P(x * 3.0, np.cos(u))
    v = q.v
    swap(p, q)
    swap(p, q)
    swap(q, p)
    v[1] *= x
    return p.x * np.sum(q.v) + q.x * np.sum(p.v * v)


def nested(b, a):
    b.p.x *= a
    b.p.v = b.p.v * b.w
    b.w = b.w + b.p.x
    b.p.v[1:] *= a
    return b.p


def objects_in_objects(x, u):
    b = Box(P(x, u * 1.0), u + 1.0)
    c = Box(P(x * 2.0, u * 2.0), np.sin(u))
    p = nested(b, x)
    q = nested(c, 2.0)
    p.x += 1.0
    q.v[0] = p.x
    nested(b, 0.5)
    return b.p.x * np.sum(c.p.v) + np.sum(b.w * c.w) + q.x


def replaced(b, a):
    b.p = P(b.p.x * a, b.w)
    b.w = b.w * 2.0
    b.p.v[0] = a * a * b.p.x
    return b


def new_parts(x, u):
    b = Box(P(x, u * 1.0), u + 1.0)
    c = Box(P(x * 2.0, u * 2.0), np.sin(u))
    old = b.p
    w = b.w
    replaced(replaced(b, x), 2.0)
    replaced(c, x)
    old.x += 3.0
    w[2] = 5.0 * x
    return b.p.x * np.sum(c.p.v) + np.sum(b.w * c.w) + old.x * np.sum(b.p.v) + np.sum(w)


def keep(d, k, v):
    d[k] = v
    d["all"] = v * d["a"]
    return d


def new_entries(x, u):
    d = {"a": x}
    keep(d, "b", u * 1.0)
    keep(d, "c", u * 2.0)
    keep(d, "b", d["c"] * x)
    d["all"][0] = 3.0 * x
    return np.sum(d["b"] * d["all"]) + np.sum(d["c"])


def rec(d, n):
    if n > 0:
        d["x"] = np.sin(d["x"]) * d["y"]
        d["v"] = d["v"] * d["x"]
        rec(d, n - 1)
        d["y"] += d["x"]


def a_dict_that_recursion_changes(x, u):
    d = {"x": x, "y": 2.0, "v": u}
    rec(d, 3)
    rec(d, 1)
    return d["x"] * d["y"] * np.sum(d["v"])


class Tower:
    def __init__(self, u):
        self.u = u
        self.n = 0
        self.log = {}

    def up(self, a):
        self.n += 1
        self.u = self.u * a
        self.log["last"] = self.u[0]
        return self

    def down(self, k):
        if k == 0:
            return 1.0
        self.u[0] *= np.cos(self.u[1])
        return self.down(k - 1) * self.u[0]


def methods(x, u):
    t = Tower(u * 1.0)
    t.up(x).up(2.0).up(x * x)
    s = t.down(2)
    t.up(s)
    return np.sum(t.u) * t.log["last"] * t.n + t.down(1)


def captured(x, u):
    d = {"a": x, "u": u * 1.0}

    def bump(k):
        d["a"] = d["a"] * k
        d["u"][0] += d["a"]

    bump(2.0)
    bump(x)
    bump(3.0)
    return d["a"] * np.sum(d["u"])


def both(p, q):
    p.x = q.x * 2.0
    p.v = q.v
    return p.x * q.x


def parts_of_others(x, u):
    p = P(x, u * 1.0)
    q = P(x * 2.0, u * 3.0)
    r = both(p, q) + both(p, p)
    p.v[0] = x * 4.0
    return r * np.sum(q.v)


def pick(p, q, a):
    r = p if a > 0 else q
    r.x = r.x * a
    return p.x * q.x


def one_of_two(x, u):
    p, q = P(x, u), P(x * 2.0, u)
    return pick(p, q, 2.0) * pick(q, p, -2.0) * p.x


def two(x):
    h = np.sin(x)
    return {"h": h, "view": h[1:], "pair": (h, [h * 2.0, x])}


def views_of_results(x, u):
    a, b = two(u), two(u * x)
    a["h"][1] = x * 9.0
    a["pair"][1][0][0] = 2.0 * x
    return np.sum(a["view"]) * np.sum(b["h"]) + np.sum(
        a["pair"][0] * a["pair"][1][1] * a["pair"][1][0]
    )


def lists(xs, a):
    xs[0] = xs[0] * a
    xs[1][0] = a
    return [xs[0], xs[1] * 2.0]


def items(x, u):
    l1, l2 = [x, u * 1.0], [x * 2.0, u * 3.0]
    m = lists(l1, 2.0)
    n = lists(l2, x)
    m[0] = m[0] + 1.0
    m[1][0] = n[0]
    m.append(x)
    return l1[0] * l2[0] + np.sum(l1[1] * l2[1]) + m[0] * np.sum(m[1]) + m[2]


def touched(v, w):
    v[0] *= w
    v[1:] += v[:-1] * w
    v[1] *= w
    return v[1:]


def shown(x, u):
    u = u * x
    a = touched(u, 2.0)
    a[1] = 5.0 * a[0]
    b = touched(u, 3.0)
    b[0] *= a[1]
    u[1] *= 2.0
    return np.sum(a * b * u[1:])


def doubled(x):
    a = np.sin(x) * 2.0
    return a, a


def same_twice(x, u):
    p, q = doubled(u * x)
    p2, q2 = doubled(u)
    p[0] = q[1] * q2[0]
    return np.sum(q * p2)


def with_function(a):
    b = np.sin(a)

    def h(x):
        return x * b * a

    return h, b


def functions(x, u):
    h, b = with_function(u)
    h2, b2 = with_function(u * x)
    return np.sum(h(u) * b2 * h2(b))


def given_back(n, v):
    if n <= 0:
        return v
    w = given_back(n - 1, v)
    w[0] = w[0] * w[1]
    return v * 1.0


def hidden_change(x, u):
    u = u * x
    return np.sum(given_back(3, u) ** 2) + np.sum(u)

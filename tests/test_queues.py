"""Programs as people have them, with queues, stacks, beams, particles, groups."""

import heapq
from collections import defaultdict, deque

import numpy as np
import pytest
from agree import check
from test_parse_source import define

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])
NOISE = np.array([0.3, 0.1, -0.2, 0.4])


def beam_search(x, width):
    scores = [0.0]
    last = [0]
    for t in range(3):
        cand = []
        for s, j in zip(scores, last, strict=True):
            for k in range(len(x)):
                cand.append((s + x[k] * x[j] * (t + 1), k))
        cand = sorted(cand, key=lambda c: c[0], reverse=True)[:width]
        scores = [c[0] for c in cand]
        last = [c[1] for c in cand]
    return scores[0] + sum(scores) ** 2


def particle_filter(x, noise):
    particles = [v for v in noise]
    loglik = 0.0
    for obs in x:
        particles = [0.9 * p + obs * 0.1 for p in particles]
        w = [np.exp(-0.5 * (obs - p) ** 2) for p in particles]
        total = sum(w)
        loglik += np.log(total / len(w))
        w = [v / total for v in w]
        mean = sum(p * v for p, v in zip(particles, w, strict=True))
        particles = [p + 0.1 * (mean - p) for p in particles]
    return loglik


class Poly:
    def __init__(self, coeffs):
        self.c = list(coeffs)

    def __call__(self, t):
        r = 0.0
        for c in reversed(self.c):
            r = r * t + c
        return r

    def __add__(self, o):
        n = max(len(self.c), len(o.c))
        a = self.c + [0.0] * (n - len(self.c))
        b = o.c + [0.0] * (n - len(o.c))
        return Poly([u + v for u, v in zip(a, b, strict=False)])

    def __mul__(self, o):
        out = [0.0] * (len(self.c) + len(o.c) - 1)
        for i, a in enumerate(self.c):
            for j, b in enumerate(o.c):
                out[i + j] += a * b
        return Poly(out)

    def deriv(self):
        return Poly([k * c for k, c in enumerate(self.c)][1:])


def polynomials(x):
    p = Poly([x[0], x[1], 2.0])
    q = Poly([x[2], x[3]])
    r = p * q + p
    return r(0.7) * r.deriv()(x[0])


def postfix(x):
    prog = ["a", "b", "+", "c", "*", "d", "-"]
    names = {"a": x[0], "b": x[1], "c": x[2], "d": x[3]}
    stack = []
    for tok in prog:
        if tok in names:
            stack.append(names[tok])
        else:
            r = stack.pop()
            left = stack.pop()
            if tok == "+":
                stack.append(left + r)
            elif tok == "-":
                stack.append(left - r)
            else:
                stack.append(left * r)
    return stack[0] ** 2


def event_queue(x):
    queue = [(0.0, 0)]
    t = 0.0
    s = 0.0
    n = 0
    while queue and n < 6:
        queue.sort(key=lambda e: e[0])
        t, k = queue.pop(0)
        s += t * x[k]
        queue.append((t + x[k] ** 2 + 0.1, (k + 1) % len(x)))
        if n % 2 == 0:
            queue.append((t + 0.5 * x[0] ** 2, (k + 2) % len(x)))
        n += 1
    return s


def clusters(x):
    cents = [x[0], x[1]]
    for _ in range(2):
        groups = defaultdict(list)
        for v in x:
            k = min(range(len(cents)), key=lambda j: (v - cents[j]) ** 2)
            groups[k].append(v)
        cents = [
            sum(groups[k]) / len(groups[k]) if groups[k] else cents[k] for k in range(2)
        ]
    return cents[0] * cents[1]


def table(x):
    memo = {}
    order = [0, 1, 2, 3, 4, 5]
    for n in order:
        if n < 2:
            memo[n] = x[n]
        else:
            memo[n] = memo[n - 1] * x[2] + memo[n - 2]
    return memo[5]


def undone(x):
    stack = []
    y = x.copy()
    for k in range(3):
        stack.append(y.copy())
        y[k] *= 2.0
        if np.sum(y) > 3.5:
            y = stack.pop()
    return np.sum(y**2) + sum(np.sum(s) for s in stack)


def chunks(x):
    xs = list(x)
    chunks = [xs[i : i + 2] for i in range(0, len(xs), 2)]
    return sum(sum(c) ** 2 for c in chunks)


def tree(x):
    nodes = [v for v in x]
    while len(nodes) > 1:
        nxt = []
        for i in range(0, len(nodes) - 1, 2):
            nxt.append(nodes[i] * nodes[i + 1] + 1.0)
        if len(nodes) % 2:
            nxt.append(nodes[-1])
        nodes = nxt
    return nodes[0]


CASES = [
    (beam_search, [V, 2]),
    (particle_filter, [V, NOISE]),
    *((f, [V]) for f in (polynomials, postfix, event_queue, clusters)),
    *((f, [V]) for f in (table, undone, chunks, tree)),
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_programs(f, args):
    check(f, args)


def test_what_to_use_instead():
    def f(x):
        queue = []
        heapq.heappush(queue, x)
        return queue[0]

    with pytest.raises(s2s.S2SError, match="append to a list, and sort it"):
        s2s.grad(f)(0.5)


# deques of limited length -------------------------------------------------------------


def moving_average(x, n):
    s = 0.0
    window = deque([x[0]], maxlen=n)
    for v in x:
        window.append(v)
        s += (sum(window) / len(window)) ** 2
    return s


def differences(x, n):
    s = 0.0
    q = deque(maxlen=2)
    for v in x:
        q.append(v * v)
        if len(q) == q.maxlen:
            s += (q[1] - q[0]) ** 2 * n
    return s


def newest_first(x, n):
    q = deque(maxlen=n + 1)
    s = 0.0
    for v in x:
        q.appendleft(v)
        while q and len(q) > 2:
            s += q.pop() * q[0]
        if v in q and not q[-1] < 0:
            s += np.mean(q)
    return s


def the_last_ones(x, n):
    n = n + 1
    q = deque(x, n)
    n = 0
    q.extend([v * v for v in x[:2]])
    q[0] *= 2.0
    total = sum(k * v for k, v in enumerate(q))
    q.clear()
    return total * len([*q, 1.0])


def made_anew(x, n):
    s = 0.0
    for k in range(n):
        q = deque(maxlen=k + 1)
        for v in x:
            q.append(v * v)
        s += sum(q) * max(q)
    return s


def holding_nothing(x, n):
    q = deque(maxlen=0)
    for v in x:
        q.append(v)
    return np.sum(x) * len(q) + x[0] * n


@pytest.mark.parametrize("n", [1, 2, 3, 9])
@pytest.mark.parametrize(
    "f",
    [
        moving_average,
        differences,
        newest_first,
        the_last_ones,
        made_anew,
        holding_nothing,
    ],
)
def test_what_is_too_much_is_taken_out(f, n):
    check(f, (V, n))


def test_lengths_are_kept_not_copies():
    df = s2s.grad(differences)
    df(V, 2)
    assert ".copy()" not in df.source


@pytest.mark.parametrize(
    "line",
    ["r = q", "fill(q)", "r = [q]", "r = lambda: q", "print(q)", "q.rotate(1)"],
)
def test_only_where_it_has_one_name(line):
    text = f"""
from collections import deque
def fill(q):
    q.append(1.0)
def f(x):
    q = deque(maxlen=2)
    q.append(x)
    {line}
    return q[0]
"""
    f = define(text)
    with pytest.raises(s2s.S2SError, match="where it has one name"):
        s2s.grad(f)(2.0)


# more of them -------------------------------------------------------------------------


def largest_in_a_window(x, n):
    q, out = deque(), 0.0
    for i, v in enumerate(x):
        while q and x[q[-1]] < v:
            q.pop()
        q.append(i)
        if q[0] <= i - n:
            q.popleft()
        out += x[q[0]] ** 2
    return out


def shortest_path(x, n):
    edges = [(0, 1), (1, 2), (0, 2), (2, 3)]
    around = defaultdict(list)
    for (a, b), w in zip(edges, x, strict=True):
        around[a].append((b, w * w))
    dist, todo, done = {0: 0.0}, [0], []
    while todo:
        u = min(todo, key=lambda k: dist[k])
        todo.remove(u)
        done.append(("done", u))
        for v, w in around[u]:
            if v not in dist or dist[u] + w < dist[v]:
                dist[v] = dist[u] + w
                if v not in todo:
                    todo.append(v)
    return dist[3] * len(done) * n


@pytest.mark.parametrize("f", [largest_in_a_window, shortest_path])
def test_what_is_taken_out(f):
    check(f, (V, 2))

"""Dicts of lists whose keys are found at run time: groups, graphs, events."""

from collections import defaultdict

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])
LABELS = [0, 1, 0, 2]


def by_default(x, labels):
    groups = defaultdict(list)
    for v, k in zip(x, labels, strict=True):
        groups[k].append(v)
    s = 0.0
    for vs in groups.values():
        s += sum(vs) ** 2 / len(vs) * max(vs)
    for k in sorted(groups):
        vs = groups[k]
        m = np.mean(vs)
        s += sum((v - m) ** 2 for v in vs) * k
    return s + len(groups[7]) * x[0]


def by_setdefault(x, labels):
    groups = {}
    for v, k in zip(x, labels, strict=True):
        groups.setdefault(k, []).append((v, v * v))
    s = 0.0
    for k, pairs in groups.items():
        for a, b in pairs:
            s += a * b * (k + 1)
    return s


def by_branch(x, labels):
    groups = {}
    for v, k in zip(x, labels, strict=True):
        if k not in groups:
            groups[k] = []
        groups[k].append(v)
    return sum(np.var(groups[k]) + groups[k][0] for k in groups)


def by_sum(x, labels):
    groups = {}
    for v, k in zip(x, labels, strict=True):
        groups[k] = groups.get(k, []) + [v]  # noqa: RUF005
    return sum(np.mean(vs) ** 2 for vs in groups.values())


def of_arrays(x, labels):
    groups = defaultdict(list)
    for i, k in enumerate(labels):
        groups[k].append(x * x[i])
    s = 0.0
    for k, vs in groups.items():
        s += np.sum(np.mean(np.array(vs), axis=0) ** 2) * (k + 1)
    return s


def changed(x, labels):
    groups = defaultdict(list)
    for i, k in enumerate(labels):
        groups[k].extend([x[i], x[i] ** 2])
        groups[k] += [x[0]]
    for k in groups:
        groups[k].sort()
        groups[k][0] *= 2.0
        groups[k] = [*[v * k for v in groups[k]], x[0]]
    return sum(i * v for k in groups for i, v in enumerate(groups[k]))


def with_names(x, labels):
    names = ["a", "b", "c"]
    groups = {}
    for v, k in zip(x, labels, strict=True):
        groups.setdefault(names[k], []).append(v)
    means = {n: sum(vs) / len(vs) for n, vs in groups.items()}
    return means["a"] * means["b"] + max(means.values())


def collected(x, labels):
    out = defaultdict(list)
    for v, k in zip(x, labels, strict=True):
        out[k].append(v)
    return out


def of_helper(x, labels):
    a, b = collected(x, labels), collected(x * x, labels)
    return sum(sum(a[k]) * sum(b[k]) for k in a)


def graph(x, labels):
    edges = {}
    for i in range(3):
        edges.setdefault(i, []).append((i + 1, x[i]))
    found = {0: 0.0}
    todo = [0]
    while todo:
        n = todo.pop()
        for m, w in edges.get(n, []):
            if m not in found:
                found[m] = found[n] + w**2
                todo.append(m)
    return found[3]


def events(x, labels):
    queue = defaultdict(list)
    for i, v in enumerate(x):
        queue[i % 2].append(v)
    s = 0.0
    for t in sorted(queue):
        while queue[t]:
            s = s * 0.5 + queue[t][-1] * t
            queue[t].pop()
    return s


def keys_of_another(x, labels):
    """A key that a loop is at is in the dict that it runs over, in no other."""
    a, b, c = defaultdict(float), defaultdict(float), defaultdict(list)
    for v, k in zip(x, labels, strict=True):
        a[k] += v
    for k in a:
        b[k] += a[k] ** 2
        c[k].append(a[k])
    for k in sorted(a):
        c[k].append(b[k])
    return sum(b.values()) * sum(sum(v) for v in c.values())


GROUPS = [by_default, by_setdefault, by_branch, by_sum, of_arrays, changed, with_names]


@pytest.mark.parametrize("f", [*GROUPS, of_helper, graph, events, keys_of_another])
def test_groups(f):
    check(f, [V, LABELS])


def test_text():
    made = s2s.api.transformed(by_default, "grad", (0,))
    made.compile(V, LABELS)
    assert made.source.count("groups.setdefault(k, [])") == 1
    assert "v_bar = groups_bar[k][-1]\n        groups_bar[k].pop()" in made.source


def test_refused():
    def shared(x, labels):
        groups = {}
        row = [x[0]]
        for k in labels:
            groups[k] = row
        groups[0].append(x[1])
        return sum(sum(vs) ** 2 for vs in groups.values())

    def records(x, labels):
        groups = {}
        for v, k in zip(x, labels, strict=True):
            if k not in groups:
                groups[k] = {"n": 0, "vs": []}
            groups[k]["vs"].append(v)
        return sum(sum(d["vs"]) for d in groups.values())

    with pytest.raises(s2s.S2SError, match="may be the same object as another item"):
        s2s.grad(shared)(V, LABELS)
    with pytest.raises(s2s.S2SError, match="dicts and records of lists in a dict"):
        s2s.grad(records)(V, LABELS)

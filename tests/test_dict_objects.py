"""Dicts whose keys are found at run time, as objects: names, loops, branches, arrays.

Right in every way of `agree`, against differences, or refused.
"""

from __future__ import annotations

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1, 0.5])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7], [0.1, 0.6, -0.3], [0.8, -0.2, 0.5]])
KEYS = ["b", "a", "b", "c"]


# numbers ------------------------------------------------------------------------------


def another_name(x, n):
    d = {}
    e = d
    for k in range(n):
        e[k] = x * k
        d[k] *= x
    return d[n - 1] * e[1]


def one_of_two(x, n):
    d, e = {k: x for k in range(n)}, {k: x**2 for k in range(n)}
    c = d if x > 0.5 else e
    return sum(c[k] * e[k] for k in range(n))


def swapped(x, n):
    d = {k: x**k for k in range(n)}
    for k in range(n - 1):
        d[k], d[k + 1] = d[k + 1] * x, d[k]
    return d[0] + 2.0 * d[n - 1]


def two_that_change_places(x, n):
    old, new = {k: x + k for k in range(n)}, {}
    for _ in range(3):
        for k, v in old.items():
            new[k] = v * old[(k + 1) % n]
        old, new = new, {}
    return sum(old.values())


def worked_off(x, n):
    d = {k: x * (k + 1) for k in range(n)}
    total = 0.0
    while len(d) > 1:
        k = max(d)
        v = d.pop(k)
        d[k // 2] = d.get(k // 2, 1.0) * v
        total += np.sin(v)
    return total + sum(d.values())


def left_early(x, n):
    d = {k: x * (k + 1) for k in range(n)}
    total = 0.0
    for k, v in d.items():
        if v > 2.0:
            break
        total += v**2 * k
    for v in d.values():
        if v > 1.0:
            return total * v
    return total


def in_a_while(x, n):
    seen = {}
    y, k = x, 0
    while y < 5.0 and k < n:
        seen[k] = y
        y = y * 1.5 + seen[k // 2]
        k += 1
    return y + sum(seen[j] for j in seen if j % 2 == 0)


def negative_and_bool(x, n):
    d = {}
    for k in range(-n, n):
        d[k] = d.get(-k, x) * x
        d[k > 0, k] = d[k]
    return d[-1] * d[(True, 2)]


def signs(x, n):
    d = {}
    for k in range(n):
        d[k % 2] = d.get(k % 2, 0.0) - x**k
        d[k % 3] = d.get(k % 3, 1.0) + d.get(0, x)
        d[k % 3] -= x
        d[k % 2] /= 1.0 + x
        d[k % 2] **= 3
    return sum(d.values())


def defaults_that_vary(x, n):
    d = {}
    for k in range(n):
        y = d.setdefault(k % 3, x**2)
        d[k % 3] = y * x
        if k % 4 not in d:
            d[k % 4] = x**3
    return sum(v * k for k, v in d.items())


def nested(x, n):
    d = {}
    for i in range(n):
        d[i] = 1.0
        for j in range(i):
            d[i] += d[j] * x
            if j in d and (i, j) not in d:
                d[i, j] = d[i] * d[j]
    return sum(d.values())


def complex_values(x, n):
    d = {}
    for k in range(n):
        d[k % 2] = d.get(k % 2, 0.0) + (x + 1j * k) ** 2
    return abs(d[0] * d[1]) ** 2


def closure(x, n):
    d = {0: x}

    def step(k):
        d[k] = d[k - 1] * x

    for k in range(1, n):
        step(k)
    return d[n - 1]


def in_a_tuple(x, n):
    d, count = {}, 0
    for k in range(n):
        d, count = put(d, k, x), count + 1
    return d[count - 1]


def put(d, k, v):
    d[k] = v * k
    return d


def filled_in_a_loop(x, n):
    d = {}
    for k in range(n):
        d["x"] = x * k
    return d["x"]


def filled_on_one_path(x, n):
    d = {"a": x}
    if x > 0.5:
        d["b"] = x * n
    return sum(v**2 for v in d.values())


def of_two_keys(x, n):
    d = {k: x**k for k in [n, n + 1]}
    e = {k: v * x for k, v in d.items() if v > 0.1}
    return sum(e[k] * d[k] for k in e)


def with_conditions(x, n):
    d = {}
    for k in range(n):
        if k not in d:
            d[k] = x
            d[k + 1] = x * 2
        elif k in d and d[k] > 1.0:
            d[k] = 1.0 * k
        else:
            del d[k]
    return sum(v * k for k, v in d.items())


def asked_before_it_changes(x, n):
    d, s = {}, 0.0
    for k in range(n):
        if k // 2 in d:
            s += x**2 * np.sin(x * k)
        if k % 2 == 0:
            d[k] = x
    del d[0]
    return s * sum(d.values())


def followed(x, n):
    after = {k: (k + 1) % n for k in range(n)}
    value = {k: x * (k + 1) for k in range(n)}
    k, s = 0, 0.0
    while k < n - 1:
        s += value[k] * value[after[k]]
        k = after[k]
    return s


def emptied(x, n):
    d = {k: x for k in range(n)}
    s = 0.0
    while d:
        s = s * x + d.pop(len(d) - 1)
    return s


def text(x, n):
    d = {f"a{k}": x * k for k in range(n)}
    d["a1"] = x**2
    total = 0.0
    for name in sorted(d, reverse=True):
        total = total * x + d[name]
    for name, v in zip(d, d.values()):  # noqa: B905
        if name.startswith("a"):
            total += v
    return total


def one_object_under_all_keys(x, n):
    found = []

    def next_one():
        found.append(x)
        return x * len(found)

    lists = dict.fromkeys(["a", "b"], [x])  # noqa: RUF024
    lists["a"].append(x**2)
    arrays = dict.fromkeys("ab", np.zeros(2))
    arrays["a"][0] = x
    d, e = dict.fromkeys(range(n), next_one()), dict.fromkeys(zip("a", "b"), x)  # noqa: B905
    return sum(lists["b"]) * d[0] * d[1] * e["a", "b"] * np.sum(arrays["b"])


NUMBERS = [
    one_object_under_all_keys,
    another_name,
    one_of_two,
    swapped,
    two_that_change_places,
    worked_off,
    left_early,
    in_a_while,
    negative_and_bool,
    signs,
    defaults_that_vary,
    nested,
    complex_values,
    closure,
    in_a_tuple,
    filled_in_a_loop,
    filled_on_one_path,
    of_two_keys,
    with_conditions,
    asked_before_it_changes,
    followed,
    emptied,
    text,
]


@pytest.mark.parametrize("f", NUMBERS)
def test_numbers(f):
    check(f, [0.7, 4])


# arrays -------------------------------------------------------------------------------


def summed(a, keys):
    d = {}
    for row, k in zip(a, keys):  # noqa: B905
        d[k] = d.get(k, 0.0) + row * a[0]
    return np.sum(np.exp(sum(d.values())))


def stacked(a, keys):
    d = {}
    for row, k in zip(a, keys):  # noqa: B905
        d[k] = row * d.get(k, np.ones(3))
    return np.sum(np.sin(np.array(list(d.values()))) * a[1])


def values_changed_later(a, keys):
    d = {}
    for row, k in zip(a, keys):  # noqa: B905
        d[k] = row * 2.0
    xs = list(d.values())
    for k in list(d):
        d[k] = d[k] * a[0]
    return sum(x @ d["a"] for x in xs)


def changed_while_run_over(a, keys):
    d = {}
    for row, k in zip(a, keys):  # noqa: B905
        d[k] = row * 2.0
    for k, v in d.items():
        v *= a[1]
        d[k] += v[0]
    return sum(np.sum(v**2) for v in d.values())


def in_place_and_read(a, keys):
    d = {}
    for k in keys:
        d[k] = np.zeros(3)
    total = 0.0
    for row, k in zip(a, keys):  # noqa: B905
        d[k][1:] += row[1:] ** 2
        d[k][0] = row[0] * 3.0
        total += np.sum(np.sin(d[k]))
    return total


def taken(a, keys):
    d = {i: a[i] * a[0] for i in range(4)}
    row = d.pop(2)
    row = row * 2.0
    del d[0]
    return np.sum(row) * sum(np.sum(v**3) for v in d.values())


def copied(a, keys):
    d = {i: a[i] * a[0] for i in range(4)}
    e = d.copy()
    for i in range(2):
        e[i] = e[i] * d[i + 1]
    return sum(np.sum(d[i] * e[i]) for i in d)


def within_loops(a, keys):
    total = 0.0
    for row in a:
        d = {}
        for k, key in enumerate(keys):
            d[key] = d.get(key, row) * a[k]
        total += np.sum(d["b"]) * np.sum(d["c"])
    return total


def records(a, keys):
    d = {}
    for i, k in enumerate(keys):
        d[k] = {"w": a[i] * 2.0, "b": a[i, 0]}
    total = 0.0
    for layer in d.values():
        total += np.sum(np.tanh(layer["w"])) * layer["b"]
    return total


def returned(a, keys):
    d = {}
    for i, k in enumerate(keys):
        d[k] = a[i] * a[0]
    for k in keys:
        d[k] = np.sin(d[k])
    return d


ARRAYS = [
    summed,
    stacked,
    values_changed_later,
    changed_while_run_over,
    in_place_and_read,
    taken,
    copied,
    within_loops,
    records,
    returned,
]


@pytest.mark.parametrize("f", ARRAYS)
def test_arrays(f):
    check(f, [W, KEYS], [0])


def test_single_precision():
    want = s2s.grad(summed)(W, KEYS)
    found = s2s.grad(summed)(W.astype("float32"), KEYS)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, want, rtol=1e-5)


def test_hessians():
    def f(v):
        d = {}
        for k in range(4):
            d[k % 2] = d.get(k % 2, 0.0) + v[k] ** 3
        return sum(np.exp(t) for t in d.values())

    hessian = s2s.hessian(f)(V)
    columns = [s2s.hvp(f, (V,), (e,))[0] for e in np.eye(4)]
    np.testing.assert_allclose(hessian, columns, rtol=1e-12)


def test_one_object_under_keys_that_are_not_known():
    def f(x, n):
        d = dict.fromkeys(range(n), [x])  # noqa: RUF024
        d[0].append(x)
        return sum(d[1])

    with pytest.raises(s2s.S2SError, match="may be the same object as another item"):
        s2s.grad(f)(0.7, 2)

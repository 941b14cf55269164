"""Dicts whose entries are known: the last one taken away, and keys that are equal."""

from __future__ import annotations

import numpy as np
import pytest
from agree import check

from s2s.ssa import outline

V = np.array([0.5, 1.2, -0.8])

# the last entry -----------------------------------------------------------------------


def popped(x, v):
    d = {"a": x}
    y = d.pop("a")
    return y * 2 if "a" in d else y * 3


def deleted(x, v):
    d = {"a": x}
    del d["a"]
    for _ in d:
        x = x * 5
    return x


def cleared(x, v):
    d = {"a": x, "b": v[0]}
    d.clear()
    return x * 2 if d else x * 3


def of_an_argument(d, v):
    y = d.pop("x")
    return y * (2 if "x" in d else 3)


def of_an_argument_and_filled_again(d, v):
    d.clear()
    d["z"] = v[1]
    return d["z"] ** 2


def of_a_dict_in_it(x, v):
    d = {"a": {"b": x}}
    y = d["a"].pop("b")
    return y * (3 if d["a"] else 5)


def only_scale(a, **options):
    scale = options.pop("scale", 1.0)
    if options:
        raise TypeError("unknown")
    return a * scale


def of_keywords(x, v):
    return only_scale(v[0], scale=x) + only_scale(v[1], scale=x * x)


def another_entry_then(x, v):
    d = {"a": x}
    d["b"] = d.pop("a") * v[0]
    return d["b"] * len(d)


def counted_then(x, v):
    d = {"a": x}
    d.pop("a")
    return x * len(d.keys()) + sum(d.values()) + x


def popped_twice(x, v):
    d = {"s": x}
    return d.pop("s", 1.0) * d.pop("s", 2.0)


def on_both_paths(x, v):
    d = {"a": x}
    if v[0] > 0:
        y = d.pop("a")
    else:
        d.clear()
        y = x * x
    return y * (2 if d else 3)


def in_a_loop(x, v):
    d = {}
    for k in range(len(v)):
        d["t"] = x * v[k]
        x = x + d.pop("t")
    return x * (2 if d else 3)


def seen_by_another_name(x, v):
    d = {"a": x}
    e = d
    copied = dict(d)
    e.pop("a")
    return copied["a"] * (2 if "a" in d else 3)


def drained(d):
    return d.pop("a") * 2 if "a" in d else 0.0


def by_a_function(x, v):
    d = {"a": x}
    return drained(d) + drained(d) + len(d) * x


def deep(n, d):
    if n == 0:
        return d.pop("a")
    return deep(n - 1, d) * 2


def by_a_function_that_calls_itself(x, v):
    d = {"a": x}
    return deep(2, d) + len(d) * x


def by_one_inside(x, v):
    d = {"a": x}

    def take():
        return d.pop("a")

    return take() * (2 if d else 3)


class Settings:
    def __init__(self, a):
        self.held = {"a": a}

    def take(self):
        return self.held.pop("a")


def of_an_object(x, v):
    one, two = Settings(x), Settings(v[0])
    return one.take() * len(two.held) * (2 if one.held else 3)


def returned(x, v):
    d = {"a": x}
    d.pop("a")
    return d, x * x


X = {"x": 0.7}
EMPTIED = [
    (popped, 0.7), (deleted, 0.7), (cleared, 0.7), (of_an_argument, X),
    (of_an_argument_and_filled_again, X), (of_a_dict_in_it, 0.7), (of_keywords, 0.7),
    (another_entry_then, 0.7), (counted_then, 0.7), (popped_twice, 0.7),
    (on_both_paths, 0.7), (in_a_loop, 0.7), (seen_by_another_name, 0.7),
    (by_a_function, 0.7), (by_a_function_that_calls_itself, 0.7), (by_one_inside, 0.7),
    (of_an_object, 0.7), (returned, 0.7),
]  # fmt: skip


@pytest.mark.parametrize(("f", "x"), EMPTIED)
@pytest.mark.parametrize("long", [0, 12])
def test_the_last_entry_is_taken_away(f, x, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (x, V))


# keys that are equal ------------------------------------------------------------------


def assigned_by_an_equal_key(x, v):
    d = {1: x}
    d[1.0] = x * x
    return d[1] * len(d)


def asked_for_by_an_equal_key(x, v):
    d = {1: x, 0: v[0]}
    return x * (2 if 1.0 in d else 3) * d.get(True, x * x) * d[False]


@pytest.mark.parametrize("f", [assigned_by_an_equal_key, asked_for_by_an_equal_key])
def test_keys_that_are_equal_are_one(f):
    check(f, (0.7, V))

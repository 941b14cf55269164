"""Containers by their class: what `isinstance`, `match` and `==` tell, or a refusal."""

import functools
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1])


def dicts_with_any_keys(x, v, n):
    d, e = {}, defaultdict(float)
    for k in range(n):
        d[k] = x
        e[k] += x * v[k]
    s = x if isinstance(d, dict) and isinstance(e, Mapping) else x**2
    if isinstance(d, list | tuple | defaultdict):
        s += d[1] ** 2
    match d:
        case [a, *_]:
            return a * 2
        case {1: a}:
            return s * a * v[1]
    return s


def default_in_a_match(x, v, n):
    d = defaultdict(float)
    d["a"] = x
    match d:
        case {"a": a}:
            return a * 3
    return x


def functions(x, v, n):
    fs = [lambda y, w=w: y * w for w in v]
    part = functools.partial(lambda y, z: y * z, x)
    s = x if isinstance(fs[n], tuple) else fs[n](x)
    if isinstance(lambda: x, Callable) and isinstance(part, Callable):
        s *= part(v[0])
    return s * x if isinstance(slice(1, n), slice) else s


def ranges(x, v, n):
    some, few = range(n), range(2)
    s = x if isinstance(some, list | tuple) or few == [0, 1] else x**2
    if some == range(2) and list(few) == [0, 1] and isinstance(few, range):
        s *= v[1]
    match some:
        case [a, *_]:
            return s * (a + 2)
    return s


def queue_in_a_match(x, v, n):
    queue = deque([x, v[0]])
    match queue:
        case [a, b]:
            return a * b
    return x


@pytest.mark.parametrize(
    "f", [dicts_with_any_keys, default_in_a_match, functions, ranges, queue_in_a_match]
)
def test_containers_of_known_class(f):
    check(f, (0.7, V, 2))


def kind_of_queue(xs):
    return 2.0 if isinstance(xs, list) else 3.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x, v: x * 2 if isinstance(deque(v), list) else x,
        lambda x, v: x * 2 if deque([x]) == [x] else x,
        lambda x, v: kind_of_queue([x]) * x + kind_of_queue(deque([x])),
        lambda x, v: x * 2 if isinstance({"a": x}.values(), tuple) else x,
        lambda x, v: x * 2 if {"a": 1}.keys() == ["a"] else x,
        lambda x, v: x * 2 if isinstance({1, 2}, set) else x,
    ],
)
def test_classes_that_are_not_known(f):
    with pytest.raises(s2s.S2SError, match=r"types known|of one class is not known"):
        s2s.vjp(f, 0.7, V)

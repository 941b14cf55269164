"""What lists of any length hold: records, tuples and arrays, and changes of these.

Right in every way of `agree`, against differences, or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from agree import check

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

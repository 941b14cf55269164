"""Tuples in lists, whose items are read in branches and loops inside of the round."""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from agree import check


@dataclass
class Mass:
    m: float
    x: np.ndarray
    v: np.ndarray


class Scaled(NamedTuple):
    m: float
    x: np.ndarray


MASSES = [
    Mass(1.0, np.array([0.2, 0.1]), np.array([0.1, 0.4])),
    Mass(0.5, np.array([1.0, 0.3]), np.array([0.6, 0.7])),
]


def read_in_a_branch(ms, n):
    pairs = []
    for i, a in enumerate(ms):
        pairs.append((i, a))
    s = 0.0
    for i, a in pairs:
        if i != 0:
            s += a.x @ a.v * i * a.m
    return s


def read_in_inner_loops(ms, n):
    rows = []
    for a in ms:
        rows.append((a, Scaled(a.m * 2.0, a.x * a.m), (a.m, (a.x, 3))))
    s = 0.0
    for a, b, (c, (d, e)) in rows:
        if b.m > 1.5:
            s += a.m * b.m * c * np.sum(b.x * d)
        for k in range(n):
            if k:
                s += np.sum(b.x * a.v) * e
    return s


def read_in_a_while_loop(ms, n):
    pairs = list(enumerate(ms))
    _, a = pairs[1]
    s = 0.1
    while s < 2.0:
        s += a.m * a.x[0] + s * a.v[0]
    return s * a.m


def bound_anew_on_a_path(ms, n):
    rows = []
    for a in ms:
        rows.append((a, Scaled(a.m * 2.0, a.x * a.m)))
    s, last = 0.0, rows[0][1]
    for a, b in rows:
        if b.m > 1.5:
            last = b
        else:
            s += last.m
        s += np.sum(last.x * a.v) * a.m
    return s


def the_best_of_a_list(ms, n):
    rows = []
    for a in ms:
        rows.append([a, Scaled(a.m * 2.0, a.x * a.m)])
    s, best = 0.0, rows[1][0]
    for a, _ in rows:
        if a.m > best.m:
            best = a
        s += a.m * best.m
    return s * best.m


def read_in_a_later_loop(ms, n):
    pairs = list(enumerate(ms))
    _, a = pairs[1]
    s = 0.0
    for k in range(n):
        for j, b in pairs:
            if j == k:
                s += a.m * b.x[0] * k
                if b.m > 0.4:
                    s *= b.m
            elif k > 1:
                s += a.x[0] * b.x[1]
    return s * a.m


def replaced_in_the_list(ms, n):
    pairs = list(enumerate(ms))
    held = list(pairs)
    _, a = held[1]
    pairs[1] = 5, ms[0]
    s = 0.0
    if n > 2:
        s += a.m * pairs[1][1].x[1]
    return s * a.m


def all_pairs(ms, n):
    s = 0.0
    for (i, a), (_, b) in itertools.combinations(enumerate(ms), 2):
        d = b.x - a.x
        s += (d @ d) ** 1.5 * a.m * (i + 1)
    return s


def all_products(ms, n):
    s = 0.0
    for (i, a), (j, b) in itertools.product(enumerate(ms), repeat=2):
        if i != j:
            s += a.x @ b.v * (i + 1) * a.m
    return s


def neighbours_and_all(ms, n):
    s = 0.0
    for (a, c), b in itertools.product(itertools.pairwise(ms), ms):
        s += a.x @ b.v * a.m * c.m
    return s


def one_item_several_times(ms, n):
    pairs = [(ms[0].m, ms[1].x)] * n
    pairs[1] = pairs[0][0] ** 2, ms[1].v
    scaled = [Scaled(ms[1].m, ms[0].x), *[Scaled(ms[0].m, ms[0].v)] * n]
    return sum(m * np.sum(x) for m, x in pairs) * scaled[0].m * scaled[n].x @ ms[1].x


@pytest.mark.parametrize(
    "f",
    [
        one_item_several_times,
        read_in_a_branch,
        read_in_inner_loops,
        read_in_a_while_loop,
        bound_anew_on_a_path,
        the_best_of_a_list,
        read_in_a_later_loop,
        replaced_in_the_list,
        all_pairs,
        all_products,
        neighbours_and_all,
    ],
)
def test_items_that_are_read_in_other_blocks(f):
    check(f, (MASSES, 3))

# ruff: noqa: B905, RUF017
"""Lists of lists: right in every mode, or refused."""

import copy

import numpy as np
import pytest
from agree import check

U = np.array([0.9, 0.2, -0.4])
ROWS = [[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]]
RAGGED = [[0.2], [1.2, 0.4], [-0.7, 0.3, 0.8]]


def mlp(layers, x):
    for layer in layers:
        x = [np.tanh(sum(w * v for w, v in zip(row, x))) for row in layer]
    return sum(x)


def layers_of_arrays(layers, x):
    for layer in layers:
        x = np.tanh(layer[0] @ x + layer[1])
    return np.sum(x)


def batches(bs, w):
    total = 0.0
    for batch in bs:
        for x in batch:
            total += np.sum(np.tanh(w @ x))
    return total


def over_all(rows):
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    return total


def over_ragged(rows):
    total = 0.0
    for i in range(len(rows)):
        for j in range(len(rows[i])):
            total += rows[i][j] * np.sin(rows[i][0])
    return total


def joined(rows):
    return np.sum(np.array(sum(rows, [])) ** 2)


def in_order(rows):
    total = 0.0
    for row in rows:
        ordered = sorted(row)
        total += ordered[0] * ordered[-1]
    return total


PROGRAMS = [
    (mlp, ([ROWS, [[0.4, 0.8]]], [0.3, -0.2, 0.7])),
    (layers_of_arrays, ([[np.eye(3), U]], U)),
    (batches, ([[U, 2 * U], [U]], np.eye(3))), (over_all, (RAGGED,)),
    (over_ragged, (RAGGED,)), (joined, (RAGGED,)), (in_order, (RAGGED,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_lists_of_lists(f, args):
    check(f, copy.deepcopy(list(args)))

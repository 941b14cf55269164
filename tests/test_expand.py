"""Adjoints of indices that add axes: nothing is scattered into zeros."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


def pairs(v, w):
    return np.sum(np.tanh(v[:, None] - v[None, :])) + np.sum(w[:, None] * v)


def one_number_for_all(v, w):
    return np.sum(v[None]) + np.sum(w[None, :, :, None])


def fewer_axes(v, w):
    return np.sum(v[None] + w) * np.sum(v[None, :, None] * V)


def partly_broadcast(v, w):
    return np.sum(w[:, :, None] * v[None, None, :] + np.sum(w[:, None], axis=0))


def read_twice(v, w):
    y = v[:, None]
    return np.sum(y * y) * np.sum(y @ np.sum(w, axis=0)[None]) + np.max(y)


def signed(v, w):
    return np.sum((2.0 * w / 3.0)[None, :, :] * (-v)[None, None] ** 2)


@pytest.mark.parametrize(
    "f", [pairs, one_number_for_all, fewer_axes, partly_broadcast, read_twice, signed]
)
def test_agrees(f):
    check(f, (V, W))
    check(f, (V[:1], W[:, :1]))
    df = s2s.grad(f, (0, 1))
    df(V, W)
    assert "zeros" not in df.source


def of_rows(v, w):
    total = 0.0
    for k in range(len(w)):
        total += np.sum(np.tanh(w[k, None] * v[:, None]) * w[None, k, :] ** 2)
    return total + np.sum(w[:, 0, None] * w[0, None, 1:]) * np.sum(v[None, 0])


def of_parts(v, w):
    return np.sum(w[1:, None, :2] ** 2 * v[None, 1:, None]) + np.sum(w[-1, :, None])


def of_chosen(v, w):
    first = np.sum(w[None, np.arange(2), 1] * w[[0, 1], None, 0])
    return np.sum(w[[0, 1, 0], None] * v[:, None, None]) * first


@pytest.mark.parametrize("f", [of_rows, of_parts, of_chosen])
def test_parts_with_axes_added(f):
    check(f, (V, W))


def test_a_part_is_added_to_without_the_axes():
    df = s2s.grad(of_rows, 1)
    df(V, W)
    added = [line.split("=")[0] for line in df.source.split("\n") if "w_bar[" in line]
    assert added and not any("None" in place for place in added)

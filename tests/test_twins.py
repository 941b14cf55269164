"""What a program computes twice alike."""
# ruff: noqa: B007, SIM108

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

X = np.array([0.3, -0.8, 1.1])


def straight(x, n):
    return np.sum(x * np.exp(-x) / (1.0 + np.exp(-x)) + np.sin(x) * np.cos(x))


def in_a_loop(x, n):
    for i in range(n):
        x = x * np.exp(-x) / (1.0 + np.exp(-x)) + np.sin(x) * np.cos(x)
    return np.sum(x)


def changed_later(x, n):
    y = np.cos(x)
    z = np.sin(x) * y
    y[0] = z[1]
    w = np.cos(x) * np.sin(x) * np.exp(y)
    w[1:] *= np.exp(y[1:])
    return np.sum(w * z)


def stored(x, n):
    h = np.zeros((n + 1, 3))
    h[0] = x
    for i in range(n):
        h[i + 1] = np.tanh(h[i]) * np.sin(h[i])
        x = x + np.tanh(h[i]) * np.cos(h[i])
    return np.sum(h) + np.sum(x**2)


def of_what_is_outside(x, n):
    y = x
    for i in range(n):
        if i > 0:
            y = y * np.sin(x) * np.sin(x)
        else:
            y = np.sin(x) + y * np.cos(x)
    return np.sum(np.cos(x) * y)


def of_numbers(x, n):
    s = x[0]
    for i in range(n):
        s = np.sin(s) * np.cos(s) + np.sin(s)
    return s


@pytest.mark.parametrize(
    "f", [straight, in_a_loop, changed_later, stored, of_what_is_outside, of_numbers]
)
def test_it_is_right(f: Callable[..., Any]) -> None:
    check(f, [X, 3])


def test_each_is_computed_once_in_the_sweeps() -> None:
    df = s2s.grad(straight)
    df(X, 3)
    lines = df.source.splitlines()
    assert sum(line.count("np.sin") + line.count("np.cos") for line in lines) == 2
    df = s2s.grad(in_a_loop)
    df(X, 3)
    _, _, sweep = df.source.partition("# reverse sweep")
    code = [line for line in sweep.splitlines() if "#" not in line]
    assert not any("np.sin" in line or "np.exp" in line for line in code)

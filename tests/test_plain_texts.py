"""Adjoints that read as one would write them: the lines of some small gradients."""
# ruff: noqa: B007

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from agree import check

import s2s

rng = np.random.default_rng(31)
A, B, X = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=4)
CASES = []


def case(lines: str, *args: Any) -> Callable[..., Any]:
    """The body of the gradient of a function in its first argument."""

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append(pytest.param(f, args, dedent(lines).strip(), id=f.__name__))
        return f

    return decorate


@pytest.mark.parametrize(("f", "args", "lines"), CASES)
def test_the_text_of_a_gradient(f: Callable[..., Any], args: Any, lines: str) -> None:
    df = s2s.grad(f)
    df(*args)
    _, _, body = df.source.partition(f"def {f.__name__}_grad(")
    body = dedent(body.partition("\n")[2]).strip()
    assert body == lines
    check(f, args)


@case("A_bar = np.ones((len(A), B.shape[1])) @ B.T\nreturn A_bar", A, B)
def total_of_a_product(A, B):
    return np.sum(A @ B)


@case("A_bar = np.outer(np.ones(len(A)), x)\nreturn A_bar", A, X)
def total_of_a_vector(A, x):
    return np.sum(A @ x)


@case(
    """
    A_bar = np.zeros_like(A)
    for i in range(n):
        # s = s + np.sum(A @ x)
        A_bar += np.outer(np.ones(len(A)), x)
    return A_bar
    """,
    A, X, 3,
)  # fmt: skip
def totals(A, x, n):
    s = 0.0
    for i in range(n):
        s = s + np.sum(A @ x)
    return s


@case(
    """
    A_bar = 1.0 + np.tan(A) ** 2
    A_bar += np.exp(A)
    A_bar += np.cos(A)
    return A_bar
    """,
    A,
)
def moved(A):
    return (
        np.sum(np.sin(A).T) + np.sum(np.exp(A).reshape(-1)) + np.sum(np.tan(A).copy())
    )


@case("x_bar = 1.0 + np.cos(x)\nreturn x_bar", X)
def joined(x):
    return np.sum(np.concatenate([x, np.sin(x)]))


@case(
    """
    # forward sweep
    t_stack = []
    for k in range(n):
        for w in (0.5, -2.0):
            t = w * x
            t_stack.append(t)
            x = np.sin(t)

    # reverse sweep
    x_bar = np.ones_like(x)
    for k in range(n):
        for w in reversed((0.5, -2.0)):
            t = t_stack.pop()
            # x = np.sin(w * x)
            x_bar = x_bar * np.cos(t) * w
    return x_bar
    """,
    X, 2,
)  # fmt: skip
def weighted(x, n):
    for k in range(n):
        for w in (0.5, -2.0):
            x = np.sin(w * x)
    return np.sum(x)


@case(
    """
    x_bar = np.zeros(len(x))
    for k in range(2, 0, -1):
        # s = s + np.sum(x[k:] * x[:-k] ** 2)
        t = x[:-k]
        x_bar[:-k] += 2.0 * x[k:] * t
        x_bar[k:] += t**2
    return x_bar
    """,
    X,
)
def lagged(x):
    s = 0.0
    for k in range(1, 3):
        s = s + np.sum(x[k:] * x[:-k] ** 2)
    return s


@case(
    """
    x_bar = np.zeros(len(x))
    for k in reversed(range(1, len(x), step)):
        # s = s + x[k] ** 2
        x_bar[k] += 2.0 * x[k]
    return x_bar
    """,
    X,
    2,
)
def every_other(x, step):
    s = 0.0
    for k in range(1, len(x), step):
        s = s + x[k] ** 2
    return s

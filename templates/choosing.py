"""Definitions of functions that choose among arrays, and of those that call functions.

Each gives the text for a call: `np.select([a, b], [x, y])` is
`np.where(a, x, np.where(b, y, 0))`.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, define, rank, rewrite, unsupported


def count(item: Bound, what: str) -> int:
    """How many items a list has that is written out."""
    if not isinstance(item, Seq) or item.kind not in ("tuple", "list"):
        unsupported(f"{what} needs lists written out, like [a, b]")
    return len(item.items)


@rewrite(np.select)
def select(condlist: Bound, choicelist: Bound, default: Bound | int = 0) -> str:
    n = count(condlist, "np.select")
    if n != count(choicelist, "np.select"):
        unsupported("np.select needs as many choices as conditions")
    text = "default"
    for k in reversed(range(n)):
        text = f"np.where(condlist[{k}], choicelist[{k}], {text})"
    return text


@rewrite(np.choose)
def choose(a: Bound, choices: Bound) -> str:
    n = count(choices, "np.choose")
    if n == 1:
        unsupported("np.choose of one array is a copy of it", "write `x.copy()`")
    text = f"choices[{n - 1}]"
    index = "np.array(a)" if isinstance(a, Seq) else "a"
    for k in reversed(range(n - 1)):
        text = f"np.where({index} == {k}, choices[{k}], {text})"
    return text


@define(np.piecewise)
def piecewise(x, condlist, funclist):  # type: ignore[no-untyped-def]
    """Each function is called where its condition holds: elsewhere it may fail."""
    if len(funclist) < len(condlist) or len(funclist) > len(condlist) + 1:
        unsupported("np.piecewise needs a function for each condition, or one more")
    out = np.zeros_like(x)
    if len(funclist) > len(condlist):
        rest = ~functools.reduce(np.logical_or, condlist)
        otherwise = funclist[-1]
        out[rest] = otherwise(x[rest]) if callable(otherwise) else otherwise
    for condition, function in zip(condlist, funclist[: len(condlist)], strict=True):
        out[condition] = function(x[condition]) if callable(function) else function
    return out


@rewrite(np.apply_along_axis)
def apply_along_axis(func1d: Bound, axis: Bound, arr: Bound) -> str:
    """The function of each row, column..."""
    axes, k = rank(arr, "np.apply_along_axis"), constant(axis, "the axis")
    if axes == 1 and k in (0, -1):
        return "np.array(func1d(arr))"
    if axes != 2 or k not in (-2, -1, 0, 1):
        unsupported("np.apply_along_axis is supported for vectors and matrices")
    if k % 2:
        return "np.array([func1d(row) for row in arr])"
    return "np.array([func1d(row) for row in arr.T]).T"


def of_each(function, x):  # type: ignore[no-untyped-def]
    return np.array([function(v) for v in np.ravel(x)]).reshape(np.shape(x))


def of_pairs(function, x, y):  # type: ignore[no-untyped-def]
    if rank(x) == 0:
        return np.array([function(x, w) for w in np.ravel(y)]).reshape(np.shape(y))
    if rank(y) == 0:
        return np.array([function(v, y) for v in np.ravel(x)]).reshape(np.shape(x))
    if np.shape(x) != np.shape(y):
        raise ValueError("np.vectorize is supported for arrays of one shape")
    each = [function(v, w) for v, w in zip(np.ravel(x), np.ravel(y), strict=True)]
    return np.array(each).reshape(np.shape(x))


def vectorized(function, *args):  # type: ignore[no-untyped-def]
    """What `np.vectorize(function)` returns."""
    if len(args) > 2:
        unsupported(
            "np.vectorize is supported for functions of one or two arrays",
            "write a comprehension: `np.array([f(u, v, w) for u, v, w in zip(...)])`",
        )
    return (of_each if len(args) == 1 else of_pairs)(function, *args)


@rewrite(np.vectorize, partial=functools.partial, vectorized=vectorized)
def vectorize(pyfunc: Bound) -> str:
    return "partial(vectorized, pyfunc)"


@rewrite(np.fromiter)
def fromiter(iter: Bound, dtype: Bound, count: Any = -1) -> str:
    return "np.array(iter, dtype=dtype)"


@rewrite(np.extract)
def extract(condition: Bound, arr: Bound) -> str:
    return "np.ravel(arr)[np.ravel(condition)]"


@rewrite(np.compress, "condition", at=1)
def compress(condition: Bound, a: Bound, axis: Any = None) -> str:
    k = constant(axis, "the axis")
    if k is None:
        return "np.ravel(a)[condition]"
    return f"a[{':, ' * (k % rank(a, 'np.compress'))}condition]"

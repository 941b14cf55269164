"""Definitions of averages, quantiles, covariances, and of what leaves elements out.

`where=` chooses what a reduction sees: of a sum the others are 0. What is NaN is left
out in the same way by `np.nansum` and its like.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.ssa.bound import Bound
from s2s.ssa.definitions import (
    constant,
    define,
    rank,
    rewrite,
    unsupported,
    with_keywords,
)
from s2s.ssa.ir import Value

# what reductions leave out ------------------------------------------------------------

OPTIONS = "axis=axis, keepdims=keepdims"


def is_none(item: Any) -> bool:
    return isinstance(item, Value) and item.is_const and item.const is None


def chosen(x: str, where: Any, dtype: Any, other: str) -> str:
    """The elements that count, and others in the place of those that do not."""
    x = x if is_none(dtype) else f"{x}.astype(dtype)"
    return x if is_none(where) else f"np.where(where, {x}, {other})"


def reduction(name: str, other: str, sign: str) -> None:
    @rewrite(getattr(np, name), "a", when=with_keywords("where", "initial", "dtype"))
    def total(
        a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False,
        initial: Any = None, where: Any = None,
    ) -> str:  # fmt: skip
        text = f"np.{name}({chosen('a', where, dtype, other)}, {OPTIONS})"
        return text if is_none(initial) else f"{text} {sign} initial"


reduction("sum", "0", "+")
reduction("prod", "1", "*")


def extremum(name: str, pair: str) -> None:
    @rewrite(getattr(np, name), "a", when=with_keywords("where", "initial"))
    def total(
        a: Any, axis: Any = None, keepdims: Any = False, initial: Any = None,
        where: Any = None,
    ) -> str:  # fmt: skip
        if is_none(initial):
            unsupported(f"np.{name} with `where` needs `initial`")
        x = "a" if is_none(where) else "np.where(where, a, initial)"
        return f"np.{pair}(np.{name}({x}, {OPTIONS}), initial)"


extremum("max", "maximum")
extremum("min", "minimum")
SHARE = "np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims)"


@rewrite(np.mean, "a", when=with_keywords("where", "dtype"))
def mean(
    a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False,
    where: Any = None,
) -> str:  # fmt: skip
    x = chosen("a", where, dtype, "0.0")
    if is_none(where):
        return f"np.mean({x}, {OPTIONS})"
    return f"np.sum({x}, {OPTIONS}) / {SHARE}"


@rewrite(np.clip, when=with_keywords("min", "max"))
def clip(a: Any, min: Any = None, max: Any = None) -> str:
    if is_none(min):
        return "np.minimum(a, max)"
    return "np.maximum(a, min)" if is_none(max) else "np.clip(a, min, max)"


# what is no number --------------------------------------------------------------------


def nan_reduction(name: str, other: str) -> None:
    @rewrite(getattr(np, f"nan{name}"), "a")
    def total(a: Any, axis: Any = None, keepdims: Any = False) -> str:
        text = f"np.{name}(np.where(np.isnan(a), {other}, a), {OPTIONS})"
        if name in ("sum", "prod"):
            return text
        return f"np.where(np.all(np.isnan(a), {OPTIONS}), np.nan, {text})"


nan_reduction("sum", "0")
nan_reduction("prod", "1")
nan_reduction("max", "-np.inf")
nan_reduction("min", "np.inf")


@define(np.nanmean, "a")
def nanmean(a, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    known = ~np.isnan(a)
    total = np.sum(np.where(known, a, 0.0), axis=axis, keepdims=keepdims)
    return total / np.sum(known, axis=axis, keepdims=keepdims)


@define(np.nanvar, "a")
def nanvar(a, axis=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    known = ~np.isnan(a)
    total = np.sum(np.where(known, a, 0.0), axis=axis, keepdims=True)
    middle = total / np.sum(known, axis=axis, keepdims=True)
    square = np.where(known, a - middle, 0.0) ** 2
    count = np.sum(known, axis=axis, keepdims=keepdims)
    return np.sum(square, axis=axis, keepdims=keepdims) / (count - ddof)


@define(np.nanstd, "a")
def nanstd(a, axis=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    return np.sqrt(np.nanvar(a, axis=axis, ddof=ddof, keepdims=keepdims))


# averages -----------------------------------------------------------------------------


@rewrite(np.average, "a", "weights")
def average(
    a: Bound, axis: Any = None, weights: Any = None, keepdims: Any = False
) -> str:
    if is_none(weights):
        return f"np.mean(a, {OPTIONS})"
    axes, own = rank(a, "np.average"), rank(weights, "np.average")
    w, total = "weights", f"np.sum(weights, {OPTIONS})"
    if own != axes:
        k = constant(axis, "the axis")
        if own != 1 or not isinstance(k, int):
            unsupported("np.average needs weights like the array, or along one axis")
        after = axes - 1 - k % axes
        w = f"weights[:{', None' * after}]" if after else w
        total = "np.sum(weights)"
    return f"np.sum(a * {w}, {OPTIONS}) / {total}"


@define(np.cov, "m")
def cov(m, rowvar=True, bias=False, ddof=None):  # type: ignore[no-untyped-def]
    if m.ndim > 1 and not rowvar:
        m = m.T
    n = m.shape[-1]
    deviations = m - np.mean(m, axis=-1, keepdims=True)
    if ddof is None:
        ddof = 0 if bias else 1
    return deviations @ deviations.T / (n - ddof)


@define(np.corrcoef, "x")
def corrcoef(x, rowvar=True):  # type: ignore[no-untyped-def]
    if x.ndim == 1:
        unsupported("np.corrcoef is supported for matrices")
    covariance = np.cov(x, rowvar=rowvar)
    deviations = np.sqrt(np.diag(covariance))
    return covariance / deviations[:, None] / deviations


# quantiles ----------------------------------------------------------------------------


@define(np.quantile, "a", "q")
def quantile(a, q, axis=None):  # type: ignore[no-untyped-def]
    """Between the two elements that are next in order."""
    if axis is None:
        a, axis = np.ravel(a), 0
    if rank(q) > 0 and a.ndim > 1:
        unsupported("several quantiles are supported of vectors only", "write a loop")
    ordered = np.sort(a, axis=axis)
    last = a.shape[axis] - 1
    at = q * last
    below = np.clip(np.floor(at), 0, last).astype(int)
    share = at - below
    low = np.take(ordered, below, axis=axis)
    gap = np.take(ordered, np.minimum(below + 1, last), axis=axis) - low
    return low + share * gap


@define(np.percentile, "a", "q")
def percentile(a, q, axis=None):  # type: ignore[no-untyped-def]
    return np.quantile(a, q / 100, axis=axis)

"""Sliding windows, and the greatest element up to each one."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.rules import RULES
from s2s.ssa.bound import Bound
from s2s.ssa.definitions import rank, rewrite, unsupported
from s2s.ssa.infer import Call, Refused
from s2s.ssa.infer_shape import lengths
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Dim, Type, rank_of

linear, zero = RULES.linear, RULES.zero


@RULES.helper
def windows_bar(g, shape, axes):  # type: ignore[no-untyped-def]
    """What comes back to each element that sliding windows along some axes show."""
    x_bar = np.zeros(shape, g.dtype)
    for at in np.ndindex(g.shape[len(shape) :]):
        part = [slice(None)] * len(shape)
        for axis, k in zip(axes, at, strict=True):
            part[axis] = slice(k, k + g.shape[axis])
        x_bar[tuple(part)] += g[(..., *at)]
    return x_bar


def windowed(call: Call) -> tuple[Array, list[int], tuple[Dim, ...]]:
    """The array, the axes that the windows go along, and how long they are."""
    x, given = call.type("x"), call.op.arg("window_shape")
    sizes = lengths(given) if given is not None else None
    if not isinstance(x, Array) or not x.rank or x.loose or sizes is None:
        raise Refused("sliding windows need an array and lengths that are known")
    axis = call.const("axis")
    if axis is ...:
        raise Refused("the axis must be known when compiling")
    axes = [k % x.rank for k in (range(x.rank) if axis is None else np.ravel(axis))]
    if len(axes) != len(sizes) or len({*axes}) < len(axes):
        raise Refused("sliding windows need one length for each of the axes")
    return x, axes, sizes


def windows_type(call: Call) -> Type:
    x, axes, sizes = windowed(call)
    dims = list(x.shape)
    for k, n in zip(axes, sizes, strict=True):
        dims[k] = dims[k].shifted(1 - n.off) if n.sym == "" else Dim()
    return Array(x.dtype, (*dims, *sizes))


def windows_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    _, axes, _ = windowed(Call(RULES[op.kind], op))
    known = quote.const(tuple(map(int, axes)))
    return {0: quote("windows_bar(g, x.shape, axes)", g=g, x=op.args[0], axes=known)}


linear(
    "z = np.lib.stride_tricks.sliding_window_view(x, window_shape, axis=None)",
    vjp=windows_vjp,
    type=windows_type,
    view=True,
    at=(
        "np.lib.stride_tricks.sliding_window_view(a4, 2)",
        "np.lib.stride_tricks.sliding_window_view(a34, (2, 2))",
        "np.lib.stride_tricks.sliding_window_view(a34, 2, axis=1)",
    ),
)


def windows_bar_type(call: Call) -> Type:
    g, shape = call.type("g"), call.op.arg("shape")
    dims = lengths(shape) if shape is not None else None
    return Array(g.dtype, dims) if isinstance(g, Array) and dims else ANY


def windows_bar_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The windows of what comes back."""
    of, axes = op.args[0], op.args[2].const
    rank = rank_of(g.type)
    text = f"np.lib.stride_tricks.sliding_window_view(b, g.shape[{rank}:], axes)"
    return {0: quote(text, b=g, g=of, axes=quote.const(axes))}


linear("z = windows_bar(g, shape, axes)", vjp=windows_bar_vjp, type=windows_bar_type)

# running maxima -----------------------------------------------------------------------


@RULES.helper
def positions_of_max(x):  # type: ignore[no-untyped-def]
    """Where the greatest element up to each one stands, the first of equal ones."""
    top = np.maximum.accumulate(x)
    new = np.concatenate([[True], top[1:] != top[:-1]])
    return np.maximum.accumulate(np.where(new, np.arange(len(x)), 0))


@RULES.helper
def positions_of_min(x):  # type: ignore[no-untyped-def]
    """Where the least element up to each one stands, the first of equal ones."""
    top = np.minimum.accumulate(x)
    new = np.concatenate([[True], top[1:] != top[:-1]])
    return np.maximum.accumulate(np.where(new, np.arange(len(x)), 0))


def positions_type(call: Call) -> Type:
    x = call.type("x")
    return Array("int64", x.shape) if isinstance(x, Array) else ANY


for name in ("positions_of_max", "positions_of_min"):
    zero(f"z = {name}(x)", type=positions_type)


def accumulation(ufunc: np.ufunc, positions: Any) -> None:
    @rewrite(ufunc.accumulate, "array", positions=positions)
    def accumulate(array: Bound, axis: Any = 0) -> str:
        if rank(array, f"np.{ufunc.__name__}.accumulate") != 1:
            unsupported(
                f"np.{ufunc.__name__}.accumulate is supported for arrays of rank 1",
                "loop over the rows",
            )
        return "array[positions(array)]"


accumulation(np.maximum, positions_of_max)
accumulation(np.minimum, positions_of_min)

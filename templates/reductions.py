"""Rows of reductions over axes: sums, means, products, extrema.

Convention: elements that tie for a maximum or minimum have equal shares of it. The
cotangents that these rows return may be smaller than x, as long as they broadcast to
it: that of `np.sum(x)` is one number.
"""

from __future__ import annotations

import numpy as np

from s2s.rules import RULES
from s2s.ssa.infer import normal_axes, reduction
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import Array, bound, rank_of

linear, zero, custom = RULES.linear, RULES.zero, RULES.custom


def reduced_axes(op: Op) -> tuple[int, ...] | None:
    """The axes that an operation reduces; None when only known at run time."""
    rank, axis = rank_of(op.args[0].type), op.arg("axis")
    if axis is None or (axis.is_const and axis.const is None):
        return None if rank is None else tuple(range(rank))
    if rank is None or not axis.is_const:
        return None
    return normal_axes(axis.const, rank)


def spread(quote: Quote, op: Op, value: Value) -> Value:
    """A value of the reduction's shape, made to broadcast against its argument."""
    axes, rank = reduced_axes(op), rank_of(op.args[0].type)
    keep = op.arg("keepdims")
    kept = keep is not None and keep.const is True
    if rank_of(value.type) == 0 or kept:
        return value
    if axes is None or rank is None or (keep is not None and not keep.is_const):
        text = "np.expand_dims(v, axis) if axis is not None and not keepdims else v"
        return quote(text, v=value, **rule_values(quote, op))
    if axes == tuple(range(len(axes))):
        return value  # the leading axes: NumPy adds them itself
    index = ", ".join("None" if i in axes else ":" for i in range(rank))
    return quote(f"v[{index}]", v=value)


def reduced_count(op: Op) -> str:
    """Text for the number of elements that go into each element of the result."""
    axes, of = reduced_axes(op), bound(op.args[0].type)
    rank = rank_of(of)
    if isinstance(of, Array) and of.loose:  # of a number, there is one
        return (
            "np.size(x)" if axes and len(axes) == rank else "(np.size(x) // np.size(z))"
        )
    if axes is None or rank is None:
        return "(x.size // z.size)"
    if axes and len(axes) == rank:
        return "x.size"
    lengths = " * ".join(f"x.shape[{i}]" for i in axes)
    return f"({lengths})" if len(axes) > 1 else lengths or "1"


def sum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return {0: spread(quote, op, g)}


def mean_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    share = quote(f"g / {reduced_count(op)}", g=g, x=op.args[0], z=op.result)
    return {0: spread(quote, op, share)}


AXES = ("{0}(a34)", "{0}(a34, axis=1)", "{0}(a234, axis=(0, 2))",
        "{0}(a34, axis=0, keepdims=True)", "{0}(a1)", "{0}(s)", "{0}(a31, axis=-1)",
        "a34.{1}(axis=-2)", "{0}(a234, 1)")  # fmt: skip


def calls(name: str, method: bool = True) -> tuple[str, ...]:
    """Example calls of a reduction, as function and as method."""
    texts = [text for text in AXES if method or "{1}" not in text]
    return tuple(text.format(f"np.{name}", name) for text in texts)


linear(
    "z = np.sum(x, axis=None, keepdims=False)",
    vjp=sum_vjp,
    type=reduction,
    method="sum",
    at=calls("sum"),
)
linear(
    "z = np.mean(x, axis=None, keepdims=False)",
    vjp=mean_vjp,
    type=reduction,
    method="mean",
    at=calls("mean"),
)


def winners(quote: Quote, op: Op) -> tuple[Value, Value]:
    """Which elements are the extremum, and how many of them each result has."""
    values = dict(rule_values(quote, op))
    values["z"] = spread(quote, op, op.result)
    same = quote("x == z", **values)
    text = "np.sum(same, axis=axis, keepdims=keepdims)"
    return same, quote(text, **{**values, "same": same})


def extremum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    same, count = winners(quote, op)
    share = spread(quote, op, quote("g / count", g=g, count=count))
    return {0: quote("share * same", share=share, same=same)}


def extremum_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    same, count = winners(quote, op)
    text = "np.sum(g * same, axis=axis, keepdims=keepdims) / count"
    values = {**rule_values(quote, op), "g": dots[0], "same": same, "count": count}
    return quote(text, **values)


for name in ("max", "min"):
    custom(
        f"z = np.{name}(x, axis=None, keepdims=False)",
        vjp=extremum_vjp,
        jvp=extremum_jvp,
        type=reduction,
        method=name,
        because="the derivative depends on which elements are the largest",
        at=calls(name),
    )


RULES.alias(np.amax, "np.max")
RULES.alias(np.amin, "np.min")
for name in ("any", "all"):
    zero(
        f"z = np.{name}(x, axis=None, keepdims=False)",
        type=reduction,
        method=name,
        at=(f"np.{name}(a34 > 1.0)", f"np.{name}(a34 > 1.0, axis=1)"),
    )
for name in ("argmax", "argmin"):
    zero(
        f"z = np.{name}(x, axis=None, keepdims=False)",
        type=reduction,
        method=name,
        at=(f"np.{name}(a1)", f"np.{name}(a34, axis=1)"),
    )


zero(
    "z = np.count_nonzero(x, axis=None, keepdims=False)",
    type=reduction,
    at=("np.count_nonzero(a34 > 1.0)", "np.count_nonzero(a34 > 1.0, axis=0)"),
)

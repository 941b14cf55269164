"""Rows of products and running sums along an axis, of differences and integrals."""

from __future__ import annotations

import numpy as np
from s2s.templates.reductions import calls, reduced_axes, spread
from s2s.templates.shapes import in_shape_of

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import Call, Refused, reduction
from s2s.ssa.infer_shape import as_array, axis_of, moved, product, shorter
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import ANY, Array, Dim, Type, promote, rank_of

linear, custom = RULES.linear, RULES.custom

# products -----------------------------------------------------------------------------


def others(quote: Quote, op: Op) -> Value:
    """The product of all other elements: unlike `z / x`, right where some are zero."""
    x, axes = op.args[0], reduced_axes(op)
    rank = rank_of(x.type)
    if axes is None or rank is None or (len(axes) > 1 and len(axes) < rank):
        raise UnsupportedError("np.prod needs one constant axis, or none", op.origin)
    if not axes:
        return quote("np.ones_like(x)", x=x)
    if len(axes) == 1:
        return quote("product_of_others(x, axis)", x=x, axis=quote.const(axes[0]))
    return in_shape_of(quote, quote("product_of_others(np.ravel(x), 0)", x=x), x)


def prod_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return {0: quote("g * p", g=spread(quote, op, g), p=others(quote, op))}


def prod_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    values = {**rule_values(quote, op), "g": dots[0], "p": others(quote, op)}
    return quote("np.sum(g * p, axis=axis, keepdims=keepdims)", **values)


custom(
    "z = np.prod(x, axis=None, keepdims=False)",
    vjp=prod_vjp,
    jvp=prod_jvp,
    type=reduction,
    method="prod",
    because="`z / x` is NaN where x has a zero",
    at=tuple(c for c in calls("prod") if "(0, 2)" not in c),
)

# running sums and products ------------------------------------------------------------


def accumulated(call: Call, x: Array) -> tuple[Dim, ...] | None:
    axis = call.const("axis")
    if axis is None:
        return (product(x.shape),)
    return None if axis is ... else x.shape


def with_axis(quote: Quote, op: Op) -> tuple[Value, Value, bool]:
    """The argument, the axis to go along, and whether it had to be flattened."""
    x, axis = op.args[0], op.arg("axis")
    if axis is not None and not (axis.is_const and axis.const is None):
        return x, axis, False
    if rank_of(x.type) == 1:
        return x, quote.const(0), False
    return quote("np.ravel(x)", x=x), quote.const(0), True


def cumsum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """A running sum from the end."""
    _, axis, flattened = with_axis(quote, op)
    text = "np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)"
    if rank_of(g.type) == 1:
        text = "np.cumsum(g[::-1])[::-1]"
    bar = quote(text, g=g, axis=axis)
    return {0: in_shape_of(quote, bar, op.args[0]) if flattened else bar}


ACCUMULATIONS = ("np.{0}(a3)", "np.{0}(a34)", "np.{0}(a34, axis=1)", "a34.{0}(axis=0)")

linear(
    "z = np.cumsum(x, axis=None)",
    vjp=cumsum_vjp,
    type=moved(accumulated),
    method="cumsum",
    at=tuple(text.format("cumsum") for text in ACCUMULATIONS),
)


def cumprod_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    x, axis, flattened = with_axis(quote, op)
    bar = quote("cumprod_vjp(g, x, axis)", g=g, x=x, axis=axis)
    return {0: in_shape_of(quote, bar, op.args[0]) if flattened else bar}


def cumprod_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    x, axis, flattened = with_axis(quote, op)
    dot = quote("np.ravel(g)", g=dots[0]) if flattened else dots[0]
    return quote("cumprod_jvp(g, x, axis)", g=dot, x=x, axis=axis)


custom(
    "z = np.cumprod(x, axis=None)",
    vjp=cumprod_vjp,
    jvp=cumprod_jvp,
    type=moved(accumulated),
    method="cumprod",
    because="`z / x` is NaN where x has a zero",
    at=tuple(text.format("cumprod") for text in ACCUMULATIONS),
)

# differences and integrals ------------------------------------------------------------


def diff_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The negative difference of g between zeros, as often as x was differenced."""
    n, rank = op.arg("n"), rank_of(op.args[0].type)
    axis = op.arg("axis") or quote.const(-1)
    if rank is None or not axis.is_const or (n is not None and not n.is_const):
        raise UnsupportedError("np.diff needs constant n and axis", op.origin)
    for _ in range(1 if n is None else n.const):
        text = "-np.diff(g, axis=axis, prepend=0.0, append=0.0)"
        g = quote(text, g=g, axis=axis)
    low = "" if op.arg("prepend") is None else "1"
    high = "" if op.arg("append") is None else "-1"
    if low or high:
        index = [":"] * (axis.const % rank) + [f"{low}:{high}"]
        g = quote(f"g[{', '.join(index)}]", g=g)
    return {0: g}


def diff_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """What stands before and after x is constant: zeros stand for it."""
    if set(dots) != {0}:
        raise UnsupportedError("np.diff has no derivative by prepend", op.origin)
    zero = quote.const(0.0)
    ends = ("prepend", "append")
    pairs = zip(op.args, op.names, strict=True)
    args = [zero if name in ends else arg for arg, name in pairs]
    return quote.emit(op.kind, [dots[0], *args[1:]], op.names)


linear(
    "z = np.diff(x, n=1, axis=-1, prepend=None, append=None)",
    vjp=diff_vjp,
    jvp=diff_jvp,
    type=moved(shorter),
    at=(
        "np.diff(a4)",
        "np.diff(a34, axis=0)",
        "np.diff(a34, 2)",
        "np.diff(a34, prepend=2.0)",
        "np.diff(a4, prepend=0.0, append=0.0)",
    ),
)


def trapezoid_type(call: Call) -> Type:
    """An integral along the last axis."""
    y = as_array(call.type("y"))
    x = call.given("x")
    grid = as_array(x[0]) if x else None
    if y is None or (x and grid is None):
        return ANY
    if axis_of(call, y.rank) != y.rank - 1 or (grid is not None and grid.rank != 1):
        raise Refused("np.trapezoid is supported along the last axis, for a vector x")
    types = [y, *call.given("x", "dx")]
    return Array(promote(*types), y.shape[:-1])


def trapezoid_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Half of each interval's width for both of its ends."""
    values = dict(rule_values(quote, op))
    rank = rank_of(op.args[0].type) or 1
    x = op.arg("x")
    values["g"] = g if rank == 1 else quote("g[..., None]", g=g)
    values["d"] = values["dx"] if x is None else quote("np.diff(x)", x=x)
    values["m"] = quote("0.5 * (y[..., 1:] + y[..., :-1])", **values)
    half = quote("0.5 * g * d", **values)
    if x is None:
        half = quote("h * np.ones_like(m)", **values, h=half)
    edge = ((0, 0),) * (rank - 1)
    right, left = (
        quote.const((*edge, pair) if edge else pair) for pair in ((1, 0), (0, 1))
    )
    bars = {"y": quote("np.pad(h, a) + np.pad(h, b)", h=half, a=right, b=left)}
    if x is not None:
        widths = quote("g * m", **values)
        if rank > 1:
            axes = quote.const(tuple(range(rank - 1)))
            widths = quote("np.sum(w, axis=axes)", w=widths, axes=axes)
        bars["x"] = quote("-np.diff(w, prepend=0.0, append=0.0)", w=widths)
    elif op.arg("dx") is not None:
        bars["dx"] = quote("np.sum(g * m)", **values)
    return {op.names.index(name): bar for name, bar in bars.items()}


for name in ("trapezoid", "trapz"):  # the second is NumPy 1's
    if hasattr(np, name):
        linear(
            f"z = np.{name}(y, x=None, dx=1.0, axis=-1)",
            vjp=trapezoid_vjp,
            type=trapezoid_type,
            at=(
                f"np.{name}(a4)",
                f"np.{name}(a4, a4)",
                f"np.{name}(a34, dx=s)",
                f"np.{name}(a34, a4)",
            ),
        )

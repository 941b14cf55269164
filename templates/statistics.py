"""Rows of variance, standard deviation, range and median.

Conventions: the standard deviation of equal elements is 0, and so is its derivative.
Elements that tie for an end of the range share it equally; of those that tie for the
median, the ones that NumPy sorts to the middle have all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s.templates.reductions import calls, reduced_axes, reduced_count, spread

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import kind_of, reduction, refusing_complex
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import rank_of

custom = RULES.custom


def parts(quote: Quote, op: Op) -> dict[str, Any]:
    """The rule's values, the deviations `d` from the mean, and the divisor `n`."""
    values = dict(rule_values(quote, op))
    axes, rank = reduced_axes(op), rank_of(op.args[0].type)
    whole = axes is not None and len(axes) == rank
    mean = "np.mean(x)" if whole else "np.mean(x, axis=axis, keepdims=True)"
    values["d"] = quote(f"x - {mean}", **values)
    if kind_of(op.args[0].type) == "complex":
        values["d"] = quote("np.conj(d)", d=values["d"])
    values["n"] = quote(reduced_count(op), **values)
    if op.arg("ddof") is not None:
        values["n"] = quote("n - ddof", **values)
    return values


def spread_row(name: str, share: str, tangent: str) -> None:
    """`share` is the factor of d in the cotangent, p in `tangent` the sum of g * d."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        values = {**parts(quote, op), "g": g}
        return {
            0: quote(
                "s * d", s=spread(quote, op, quote(share, **values)), d=values["d"]
            )
        }

    def jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
        values = {**parts(quote, op), "g": dots[0]}
        product = "np.real(g * d)" if kind_of(op.args[0].type) == "complex" else "g * d"
        text = f"np.sum({product}, axis=axis, keepdims=keepdims)"
        return quote(tangent, **{**values, "p": quote(text, **values)})

    custom(
        f"z = np.{name}(x, axis=None, ddof=0, keepdims=False)",
        vjp=vjp,
        jvp=jvp,
        type=reduction,
        method=name,
        because="the mean drops out of both derivatives",
        at=(*calls(name)[:5], f"np.{name}(a34, axis=1, ddof=1)", f"np.{name}(c3)"),
    )


spread_row("var", "2.0 * g / n", "2.0 * p / n")
SAFE = "np.where(z == 0.0, 1.0, z)"
spread_row("std", f"g / (n * {SAFE})", f"p / (n * {SAFE})")


def weighted_row(name: str, weights: Callable[[Quote, Op], Value], **more: Any) -> None:
    """A row whose result is a sum over the elements with piecewise constant weights."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        return {0: quote("s * w", s=spread(quote, op, g), w=weights(quote, op))}

    def jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
        values = {**rule_values(quote, op), "g": dots[0], "w": weights(quote, op)}
        return quote("np.sum(g * w, axis=axis, keepdims=keepdims)", **values)

    custom(
        f"z = np.{name}(x, axis=None, keepdims=False)",
        vjp=vjp,
        jvp=jvp,
        type=refusing_complex(reduction),
        because="the weights depend on the order of the elements",
        **more,
    )


def range_weights(quote: Quote, op: Op) -> Value:
    """1 at the maximum, -1 at the minimum."""
    values = rule_values(quote, op)
    ends = []
    for name in ("max", "min"):
        end = quote(f"x == np.{name}(x, axis=axis, keepdims=True)", **values)
        share = "e / np.sum(e, axis=axis, keepdims=True)"
        ends.append(quote(share, **values, e=end))
    return quote("a - b", a=ends[0], b=ends[1])


def middle_weights(quote: Quote, op: Op) -> Value:
    """1 in the middle of the order, or a half at both sides of it."""
    values, axes = dict(rule_values(quote, op)), reduced_axes(op)
    rank = rank_of(op.args[0].type)
    if axes is None or rank is None or (1 < len(axes) < rank):
        raise UnsupportedError("np.median needs one constant axis, or none", op.origin)
    if not axes:
        return quote.const(1.0)
    if len(axes) == 1:
        values["axis"] = quote.const(axes[0])
        text = "np.argsort(np.argsort(x, axis=axis), axis=axis)"
    else:
        text = "np.reshape(np.argsort(np.argsort(np.ravel(x))), x.shape)"
    values["r"] = quote(text, **values)
    values["n"] = quote(reduced_count(op), **values)
    return quote("0.5 * (r == (n - 1) // 2) + 0.5 * (r == n // 2)", **values)


weighted_row("ptp", range_weights, at=calls("ptp", method=False))
weighted_row(
    "median",
    middle_weights,
    at=tuple(c for c in calls("median", method=False) if "(0, 2)" not in c),
)

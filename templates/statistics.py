"""Rows of spreads: variance, standard deviation, range.

Convention: the standard deviation of equal elements is 0, and so is its derivative.
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.expr import Quote, rule_values
from s2s.ssa.infer import Call, kind_of, reduction
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Array, Type, rank_of
from s2s.templates.reductions import calls, reduced_axes, reduced_count, spread

custom = RULES.custom


def real_reduction(call: Call) -> Type:
    """A reduction whose result is real even for complex numbers."""
    of = reduction(call)
    if isinstance(of, Array) and of.kind == "complex":
        return Array({"complex64": "float32"}.get(of.dtype, "float64"), of.shape)
    return of


def parts(quote: Quote, op: Op) -> dict[str, Value]:
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
    """`share` is the factor of d in the cotangent; `tangent` has the inner product p."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        values = {**parts(quote, op), "g": g}
        return {0: quote("s * d", s=spread(quote, op, quote(share, **values)), d=values["d"])}

    def jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
        values = {**parts(quote, op), "g": dots[0]}
        product = "np.real(g * d)" if kind_of(op.args[0].type) == "complex" else "g * d"
        text = f"np.sum({product}, axis=axis, keepdims=keepdims)"
        return quote(tangent, **{**values, "p": quote(text, **values)})

    custom(
        f"z = np.{name}(x, axis=None, ddof=0, keepdims=False)",
        vjp=vjp,
        jvp=jvp,
        type=real_reduction,
        method=name,
        because="the mean drops out of both derivatives",
        at=(*calls(name)[:5], f"np.{name}(a34, axis=1, ddof=1)", f"np.{name}(c3)"),
    )


spread_row("var", "2.0 * g / n", "2.0 * p / n")
SAFE = "np.where(z == 0.0, 1.0, z)"
spread_row("std", f"g / (n * {SAFE})", f"p / (n * {SAFE})")

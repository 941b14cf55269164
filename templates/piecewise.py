"""Rows of elementwise functions with kinks and steps.

Conventions, where there is no derivative: `absolute` and `fabs` have 0 at 0. Of equal
arguments, `maximum`, `minimum`, `fmax` and `fmin` give each one half; but next to a
constant x gets nothing, so that `maximum(x, 0.0)` (relu) has derivative 0 at 0. `clip`
has derivative 0 at its bounds. `sign`, `floor` and the like have 0 everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.rules import RULES, Rule
from s2s.ssa.infer import elementwise, kind_of, over, refusing_complex
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote

rule, zero = RULES.rule, RULES.zero

ALL = (-2.0, 2.0)
STEPS = ((2.1, 2.3), (0.8, 0.9))


def absolute_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """`sign(x)`, for complex numbers `conj(x) / |x|`."""
    text = "g * np.conj(x) / np.where(z == 0.0, 1.0, z)"
    if kind_of(op.args[0].type) in ("bool", "int", "float"):
        text = "g * np.sign(x)"
    return {0: quote(text, g=g, x=op.args[0], z=op.result)}


rule("z = np.absolute(x)", vjp=absolute_vjp, on=(ALL,), cheap=True)
rule("z = np.fabs(x)", "g * np.sign(x)", on=(ALL,), cheap=True)
rule(
    "z = np.copysign(x, y)",
    "g * np.sign(x) * np.copysign(1.0, y)",
    None,
    on=(ALL, ALL),
)
zero(
    "z = np.sign(x)",
    type=refusing_complex(elementwise),
    elementwise=True,
    on=(ALL,),
    cheap=True,
)
for name in ("floor", "ceil", "trunc", "rint"):
    zero(f"z = np.{name}(x)", on=(ALL,), cheap=True)
zero(
    "z = np.round(x, decimals=0)",
    type=over("x"),
    elementwise=True,
    method="round",
    on=(ALL,),
)
RULES.alias(np.around, "np.round")
zero("z = np.fix(x)", type=over("x"), elementwise=True, on=(ALL,), cheap=True)
zero("z = np.floor_divide(x, y)", on=STEPS, cheap=True)
rule("z = np.heaviside(x, y)", None, "g * (x == 0.0)", on=(ALL, ALL), cheap=True)

# x - y * floor(x / y), and the same with trunc
rule("z = np.mod(x, y)", "g", "-g * np.floor_divide(x, y)", on=STEPS, cheap=True)
rule("z = np.fmod(x, y)", "g", "-g * (x - z) / y", on=STEPS, cheap=True)


def extremum(name: str, beats: str, mine: str) -> Rule:
    """The row of a maximum (x wins if `x > y`) or minimum; `mine` says x was taken."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        x, y = op.args
        cotangents = {}
        for k, (this, other) in enumerate(((x, y), (y, x))):
            text = f"np.where(x == y, 0.5 * g, g * ({mine}))"
            if other.is_const:
                text = f"g * (x {beats} y)"
            if not this.is_const:
                cotangents[k] = quote(text, g=g, x=this, y=other, z=op.result)
        return cotangents

    return rule(f"z = {name}(x, y)", vjp=vjp, on=(ALL, ALL), cheap=True)


extremum("np.maximum", ">", "x > y")
extremum("np.minimum", "<", "x < y")
# x == z where `maximum` asks x > y: y may be NaN, which these two ignore
extremum("np.fmax", ">", "x == z")
extremum("np.fmin", "<", "x == z")


def clip_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Between the bounds g belongs to x, at and beyond them to the bound."""
    values = {
        n: v for n, v in zip(op.names, op.args, strict=True) if v.const is not None
    }
    texts = {
        "x": "g",
        "a_min": "g * (x <= a_min)",
        "a_max": "g * (z == a_max)",
    }
    if "a_min" in values and "a_max" in values:
        texts["x"] = "g * ((x > a_min) & (x < a_max))"
        # where a_min > a_max, a_max is the result
        texts["a_min"] = "g * ((x <= a_min) & (a_min < a_max))"
    elif "a_min" in values:
        texts["x"] = "g * (x > a_min)"
    elif "a_max" in values:
        texts["x"] = "g * (x < a_max)"
    return {
        op.names.index(name): quote(texts[name], g=g, z=op.result, **values)
        for name, value in values.items()
        if not value.is_const
    }


def clip(x: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """With one bound alone, as the method may have it."""
    return np.clip(x, a_min, a_max)


rule(
    "z = np.clip(x, a_min := None, a_max := None)",
    run=clip,
    type=over("x", "a_min", "a_max"),
    vjp=clip_vjp,
    method="clip",
    on=(ALL, (-1.0, -0.5), (0.5, 1.0)),
    at=(
        "a34.clip(0.8, 1.5)",
        "np.clip(a34, a_min=1.0, a_max=None)",
        "np.clip(a34, None, s)",
    ),
    cheap=True,
)


def where_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """One selection of both tangents."""
    x, y = (dots.get(k) or quote.const(0.0) for k in (1, 2))
    return quote("np.where(c, x, y)", c=op.args[0], x=x, y=y)


rule(
    "z = np.where(condition, x, y)",
    None,
    "np.where(condition, g, 0.0)",
    "np.where(condition, 0.0, g)",
    jvp=where_jvp,
    type=over("x", "y", beside=("condition",)),
    on=((0, 2), ALL, ALL),
    cheap=True,
)
rule(
    "z = np.nan_to_num(x, nan=0.0, posinf=None, neginf=None)",
    "np.where(np.isfinite(x), g, 0.0)",
    type=over("x"),
    on=(ALL,),
)

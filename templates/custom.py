"""Rows of functions whose derivatives the user has given, and of what has none.

What a rule does was built where the function is called; here it is written into the
sweep, with the values of the call in the place of its parameters.
"""

from __future__ import annotations

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.clone import clone
from s2s.ssa.custom import Custom, stop_gradient
from s2s.ssa.infer import Call, Refused, same_as
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import Type, rank_of

RULES.namespace["stop_gradient"] = stop_gradient
RULES.zero("z = stop_gradient(x)", type=same_as("x"))


def written(quote: Quote, region: Region, values: list[Value]) -> list[Value]:
    """A region, written where the quote stands, for these values of its parameters."""
    mapping = dict(zip(region.params, values, strict=True))
    for op in region.ops:
        quote.append(clone(op, mapping))
    return [mapping.get(v, v) for v in region.results]


def texts(quote: Quote, op: Op, derivatives: dict[int, Value]) -> dict[int, Value]:
    """What the partials of a rule give for the derivatives at the positions."""
    custom: Custom = op.attrs["custom"]
    known = dict(zip(custom.names, op.args, strict=False)) | {"z": op.result}
    return {
        k: quote(custom.partials[k], **{**known, "g": g})
        for k, g in derivatives.items()
    }


def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    custom: Custom = op.attrs["custom"]
    if custom.partials:
        return texts(quote, op, dict.fromkeys(range(len(op.args)), g))
    if "vjp" not in op.attrs:
        raise missing(op, "reverse", "custom_vjp")
    bars = written(quote, op.attrs["vjp"], [g, op.result, *op.args])
    if len(bars) != len(op.args):
        raise Refused(f"the rule of `{op.attrs['maker']}` gives {len(bars)} cotangents")
    given = enumerate(bars)
    return {k: b for k, b in given if not (b.is_const and b.const is None)}


def jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    custom: Custom = op.attrs["custom"]
    if custom.partials:
        first, *others = texts(quote, op, dots).values()
        for other in others:
            first = quote.emit("add", [first, other])
        return first
    if "jvp" not in op.attrs:
        raise missing(op, "forward", "custom_jvp")
    all_dots = [
        dots[k] if k in dots else zero_dot(quote, a) for k, a in enumerate(op.args)
    ]
    (dot,) = written(quote, op.attrs["jvp"], [op.result, *op.args, *all_dots])
    return dot


def zero_dot(quote: Quote, arg: Value) -> Value:
    """The tangent of an argument that does not vary."""
    if rank_of(arg.type) == 0:
        return quote.const(0.0)
    return quote("np.zeros_like(x, dtype=float)", x=arg)


def missing(op: Op, mode: str, how: str) -> UnsupportedError:
    name = op.attrs["maker"]
    return UnsupportedError(
        f"`{name}` has no rule for {mode} mode", op.origin, f"give one by `s2s.{how}`"
    )


def type_of(call: Call) -> Type:
    """The type that was found where the operation was built."""
    return call.op.result.type


RULES.custom(
    "z = custom(*xs)", because="given by the user", vjp=vjp, jvp=jvp, type=type_of,
    run=lambda *xs, of, maker: of(*xs),
)  # fmt: skip
RULES.zero("z = constant(*xs)", type=type_of, run=lambda *xs, of, maker: of(*xs))

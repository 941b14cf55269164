"""Maxima that are subtracted so that nothing overflows, and cancel out again.

In: a function. Out: the values in it that no result depends on, although they enter
its computation: their derivative is exactly zero, so an expert's adjoint leaves them
out.

    m = np.max(z)              here the result is the same for every m: what the first
    e = np.exp(z - m)          line adds to the adjoint of z is zero
    return m + np.log(np.sum(e))

A value that depends on m is followed as long as m shifts it (`v + c * m`) or scales it
(`v * exp(c * m)`), for a number c; where c becomes zero, m has cancelled. Any other use
ends the attempt, and m is differentiated like everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from s2s.rules import Rules
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.types import Array, Scalar, bound

STABILISERS = frozenset({"np.max", "np.min", "np.maximum", "np.minimum", "max", "min"})


@dataclass(frozen=True)
class Effect:
    """How m enters a value: added, or as a factor exp(c * m).

    `axes` says for each axis of the value which axis of m runs along it, None for the
    axes that m is the same along.
    """

    scales: bool
    c: Fraction
    axes: tuple[int | None, ...]


class Other(Exception):
    """m enters in another way."""


def cancelled(function: Function, rules: Rules) -> set[Value]:
    """The stabilisers in the function that cancel out."""
    return {
        op.result
        for op in function.body.walk()
        if op.kind in STABILISERS and cancels(op.result, function, rules)
    }


def cancels(m: Value, function: Function, rules: Rules) -> bool:
    """Whether nothing that leaves an expression of m depends on m."""
    effects: dict[Value, Effect] = {}
    try:
        axes = enumerate(shape(m))
        effects[m] = Effect(False, Fraction(1), tuple(axis(k, d) for k, d in axes))
        for op in function.body.walk():
            if any(arg in effects for arg in op.args):
                if op.kind in rules and rules[op.kind].form == "zero":
                    continue
                effect = follow(op, effects)
                if effect.c:
                    effects[op.result] = effect
    except Other:
        return False
    regions = [function.body, *(r for op in function.body.walk() for r in op.regions)]
    return not any(result in effects for r in regions for result in r.results)


def shape(value: Value) -> tuple[bool | None, ...]:
    """For each axis of a value whether its length is one."""
    match bound(value.type):
        case Scalar():
            return ()
        case Array(loose=False, shape=dims):
            return tuple(d.unit for d in dims)
    raise Other


def axis(number: int, unit: bool | None) -> int | None:
    return None if unit else number


def follow(op: Op, effects: dict[Value, Effect]) -> Effect:
    """The effect on the result of an operation."""
    if op.kind not in FOLLOWED or len(op.results) != 1:
        raise Other
    return FOLLOWED[op.kind](op, [effects.get(a) for a in op.args])


Effects = list[Effect | None]


def broadcast(op: Op, effects: Effects) -> tuple[int | None, ...]:
    """The axes of an elementwise result, along which all operands must agree."""
    rank = len(shape(op.result))
    padded = {
        (*[None] * (rank - len(e.axes)), *e.axes) for e in effects if e is not None
    }
    if len(padded) != 1:
        raise Other
    return padded.pop()


def total(a: Effect | None, b: Effect | None, sign: int) -> Fraction:
    return (a.c if a else Fraction(0)) + sign * (b.c if b else Fraction(0))


def add(op: Op, effects: Effects) -> Effect:
    axes = broadcast(op, effects)
    sign = -1 if op.kind == "sub" else 1
    a, b = effects
    if a and b and a.scales and b.scales and a.c == b.c:
        return Effect(True, a.c, axes)
    if (a and a.scales) or (b and b.scales):
        raise Other
    return Effect(False, total(a, b, sign), axes)


def multiply(op: Op, effects: Effects) -> Effect:
    axes = broadcast(op, effects)
    sign = -1 if op.kind == "truediv" else 1
    a, b = effects
    if (a is None or a.scales) and (b is None or b.scales):
        return Effect(
            True, (a.c if a else 0) + sign * (b.c if b else Fraction(0)), axes
        )
    for effect, other in ((a, op.args[1]), (b, op.args[0])):
        if effect is not None and isinstance(other.const, int | float) and other.const:
            if sign > 0:
                return Effect(False, effect.c * Fraction(other.const), axes)
            if effect is a:
                return Effect(False, effect.c / Fraction(other.const), axes)
    raise Other


def negate(op: Op, effects: Effects) -> Effect:
    (effect,) = effects
    assert effect is not None
    return effect if effect.scales else replace(effect, c=-effect.c)


def exp(op: Op, effects: Effects) -> Effect:
    return turned(effects, to_scale=True)


def log(op: Op, effects: Effects) -> Effect:
    return turned(effects, to_scale=False)


def turned(effects: Effects, to_scale: bool) -> Effect:
    (effect,) = effects
    if effect is None or effect.scales is to_scale:
        raise Other
    return replace(effect, scales=to_scale)


def reduce(op: Op, effects: Effects) -> Effect:
    """A sum of what m scales, or a mean, along axes that m is the same along."""
    effect, *others = effects
    if effect is None or any(others) or not (effect.scales or op.kind == "np.mean"):
        raise Other
    gone = reduced(op, len(effect.axes))
    if any(effect.axes[k] is not None for k in gone):
        raise Other
    keepdims = op.arg("keepdims")
    if keepdims is not None and keepdims.const is True:
        return effect
    if keepdims is not None and keepdims.const is not False:
        raise Other
    kept = tuple(a for k, a in enumerate(effect.axes) if k not in gone)
    return replace(effect, axes=kept)


def reduced(op: Op, rank: int) -> set[int]:
    """The axes that a reduction runs along."""
    value = op.arg("axis")
    axes = None if value is None else value.const
    if value is not None and not value.is_const:
        raise Other
    if axes is None:
        return set(range(rank))
    return {k % rank for k in (axes if isinstance(axes, tuple) else (axes,))}


def index(op: Op, effects: Effects) -> Effect:
    """Part of an array: of any kind if m is one number, else only new axes."""
    effect, *others = effects
    if effect is None or any(others):
        raise Other
    if not any(a is not None for a in effect.axes):
        return replace(effect, axes=(None,) * len(shape(op.result)))
    axes, rest = [], list(effect.axes)
    for code in op.attrs["index"]:
        if code not in ("n", "s000"):
            raise Other
        axes.append(None if code == "n" else rest.pop(0))
    return replace(effect, axes=(*axes, *rest))


FOLLOWED: dict[str, Callable[[Op, Effects], Effect]] = {
    "add": add,
    "sub": add,
    "mul": multiply,
    "truediv": multiply,
    "neg": negate,
    "np.exp": exp,
    "math.exp": exp,
    "np.log": log,
    "math.log": log,
    "np.sum": reduce,
    "np.mean": reduce,
    "getitem": index,
}

"""The adjoint of a gradient is its tangent in the direction of the cotangent.

In: a call of a gradient (`ssa.gradients`). Out: contributions to the adjoints of its
arguments, all from one call.

    d = call g_grad(x, a)     ->     x_bar, a_bar += call g_hvp(x, a, d_bar)

That is so of what is differentiated along directions, too: the adjoint of one of them
is the same without it. The adjoint of the value is a multiple of the gradient.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from s2s.errors import UnsupportedError
from s2s.ssa.gradients import Direction, Gradient, Out, why_once
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Tuple

if TYPE_CHECKING:
    from s2s.adjoint.operations import Operations


class Term(NamedTuple):
    """A multiple of a derivative, which is the adjoint of some of the arguments."""

    out: Out
    of: Direction
    factor: Value | None


def reverse_gradient(sweep: Operations, op: Op) -> None:
    """Call what returns the adjoints of the arguments."""
    asked: Gradient = op.attrs["callee"].gradient
    args, directions = asked.opened(op.args)
    terms: list[Term] = []
    for out, bars in asked.by_out(cotangents(sweep, op)).items():
        if not any(bars):
            continue
        factor, along = bars[0], out.along
        if out.bars:
            pairs = zip(asked.wrt, bars, strict=True)
            along |= {len(directions)}
            directions.append({k: sweep.full(b, args[k]) for k, b in pairs if b})
        for which in (None, *sorted(out.along)):
            given = directions[which] if which is not None else dict(enumerate(args))
            of: Direction = {k: v for k, v in given.items() if v in sweep.active}
            if of:
                made = Out(True, along - {which})
                terms.append(Term(made, of, None if out.bars else factor))
    if not terms:
        return
    refuse_effects(asked, op)
    wrt = tuple(sorted({k for term in terms for k in term.of}))
    outs = tuple(dict.fromkeys(term.out for term in terms))
    _, found = replace(asked, wrt=wrt).call(sweep.q, args, directions, outs, equal=[])
    for out, of, factor in terms:
        for k, value in of.items():
            bar = found[out][wrt.index(k)]
            bar.hint = f"{value.hint}_bar"
            bar = bar if factor is None else sweep.q("c * b", c=factor, b=bar)
            sweep.contribute(value, bar, True)


def cotangents(sweep: Operations, op: Op) -> list[Value | None]:
    """Those of all that the call returns, None for what has none."""
    z = op.result
    if not isinstance(z.type, Tuple):
        return [sweep.take(z)]
    parts = sweep.take_parts(z)
    return [parts.get(k) for k in range(len(z.type.items))]


def refuse_effects(asked: Gradient, op: Op) -> None:
    """The function is carried out in both sweeps."""
    reason = why_once(asked.of)
    if reason is not None:
        raise UnsupportedError(
            f"a second derivative of what calls itself: {reason}",
            op.origin,
            "use `s2s.hessian` or `s2s.hvp` of the function itself",
        )

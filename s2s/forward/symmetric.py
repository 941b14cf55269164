"""The tangent of a gradient is a gradient, differentiated along one more direction.

In: a call of a gradient (`ssa.gradients`). Out: a call that returns its tangent, too.

    d = call g_grad(x)     ->     d, d_dot = call g_hvp(x, x_dot)

In each direction that it has it is linear: where that varies, what varies takes its
place.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from s2s.shaping import full
from s2s.ssa.gradients import Direction, Gradient, Out
from s2s.ssa.ir import Op, Value

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward


def gradient(forward: Forward, op: Op) -> tuple[Value, dict[int, Value]]:
    """What is called in its place, and of which results that has the tangents."""
    q, asked = forward.q, op.attrs["callee"].gradient
    assert isinstance(asked, Gradient)
    args, directions = asked.opened(op.args)

    def dots(of: Direction) -> Direction:
        varied = {k: v for k, v in of.items() if v in forward.dots}
        return {k: full(q, forward.dots[v], v) for k, v in varied.items()}

    first = len(directions)
    directions += [dots(dict(enumerate(args))), *map(dots, directions)]
    terms: dict[Out, list[Out]] = {}
    for out in asked.outs:
        places: list[tuple[int | None, int]] = [(None, first)]
        places += ((j, first + 1 + j) for j in sorted(out.along))
        terms[out] = [out.with_one(new, old) for old, new in places if directions[new]]
    more = [term for several in terms.values() for term in several]
    outs = tuple(dict.fromkeys([*asked.outs, *more]))
    both, values = asked.call(q, args, directions, outs, equal=op.attrs["equal"])
    found: dict[int, Value] = {}
    for out, results in asked.by_out(count()).items():
        for j, k in enumerate(results):
            if terms[out]:
                found[k] = forward.total([values[term][j] for term in terms[out]])
    return both, found

"""The adjoint of a call that stays one: a call of the reverse of what is called.

In: a call that keeps what its reverse needs (`calls` saw to that). Out: contributions
to the adjoints of its arguments.

    y, kept = call g_forward(x)     ->     x_bar += call g_reverse(y_bar, x, kept)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2s.adjoint.symmetric import reverse_gradient
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Tuple, derivative_type

if TYPE_CHECKING:
    from s2s.adjoint.calls import Pair
    from s2s.adjoint.operations import Operations


def reverse_call(sweep: Operations, op: Op) -> None:
    """Give the reverse the cotangents, and what it asks for of the call."""
    if op.attrs["callee"].gradient is not None:
        reverse_gradient(sweep, op)
        return
    pair: Pair = op.attrs["reverse"]
    results: dict[int, Value] = op.attrs["results"]
    z = op.result
    if isinstance(z.type, Tuple):
        bars = sweep.take_parts(z)
    else:
        whole = sweep.take(z)
        bars = {} if whole is None else {0: whole}
    if not bars:
        return
    asked = {k: bars.get(k) or sweep.zeros(results[k]) for k in pair.outs}
    args = [
        *(sweep.full(bar, results[k]) for k, bar in asked.items()),
        *(op.args[k] for k in pair.args),
        *(results[k] for k in pair.results),
        *([results[max(results)]] if pair.keeps else []),
    ]
    types = tuple(derivative_type(op.args[k].type) for k in pair.wrt)
    of = types[0] if len(types) == 1 else Tuple(types)
    out = sweep.q.emit(
        "call", args, ("xs",) * len(args), type=of,
        callee=pair.reverse, equal=[], site=op.attrs["site"],
    )  # fmt: skip
    parts = (
        [out] if len(types) == 1 else [sweep.q.item(out, j) for j in range(len(types))]
    )
    for k, bar in zip(pair.wrt, parts, strict=True):
        name = op.args[k].hint if op.args[k].role == "user" else pair.params[k]
        bar.hint = f"{name}_bar"
        sweep.contribute(op.args[k], bar, True)

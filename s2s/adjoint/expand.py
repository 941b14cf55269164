"""The transpose of `x[:, None]`: the new axes are taken out again.

In: an index that only adds axes, and the adjoint of what it gives. Out: the adjoint
without those axes, with nothing scattered into zeros.

    y = x[:, None]     ->     x_bar = y_bar[:, 0]
    y = x[k, None]     ->     x_bar[k] += y_bar[0]
"""

from __future__ import annotations

from s2s.shaping import full
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.storage import is_basic
from s2s.ssa.types import Array, Scalar, bound

NEW_AXIS, WHOLE_AXIS = "n", "s000"


def is_expansion(op: Op) -> bool:
    """Whether an index takes all elements and adds axes of length one."""
    codes, of = op.attrs["index"], bound(op.args[0].type)
    known = isinstance(of, Array) and not of.loose
    return known and NEW_AXIS in codes and set(codes) <= {NEW_AXIS, WHOLE_AXIS}


def adds_axes(op: Op) -> bool:
    """Whether an index takes a part as a view, and adds axes of length one to it."""
    codes, of = op.attrs["index"], bound(op.args[0].type)
    known = isinstance(of, Array) and of.rank > 0 and not of.loose
    return (
        known
        and NEW_AXIS in codes
        and "e" not in codes
        and is_basic(codes, op.args[1:])
    )


def squeezed(q: Quote, op: Op, g: Value) -> Value:
    """The adjoint `g` of such an item, without the axes that the index added."""
    whole, of = bound(op.result.type), bound(g.type)
    assert isinstance(whole, Array)
    if isinstance(of, Scalar) or (isinstance(of, Array) and of.rank == 0):
        return g  # one number for all elements, with or without the axes
    if not isinstance(of, Array) or of.rank != whole.rank:
        g = full(q, g, op.result)
    codes = [
        "i" if code == NEW_AXIS else WHOLE_AXIS
        for code in op.attrs["index"]
        if code != "i"
    ]
    while codes[-1] == WHOLE_AXIS:
        del codes[-1]
    zeros = [q.const(0)] * codes.count("i")
    names = ("x", *("index",) * len(zeros))
    return q.emit("getitem", [g, *zeros], names, index=tuple(codes))

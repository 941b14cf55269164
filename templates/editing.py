"""Rows that take elements out of arrays and put others in.

The cotangent of what `np.delete` leaves goes back to where it was. `np.insert` is the
joint of what stands before, in and after the place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from s2s.templates.shapes import in_shape_of
from s2s.templates.sorting import added_to_zeros

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, rank, rewrite, unsupported
from s2s.ssa.infer import Call, kind_of
from s2s.ssa.infer_shape import axis_of, moved, product
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import Array, Dim, Scalar, rank_of


def shortened(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """One element less, or an unknown number."""
    axis, obj = call.const("axis"), call.type("obj")
    if axis is ...:
        return None
    one = isinstance(obj, Scalar) and obj.kind == "int"
    shape = (product(x.shape),) if axis is None else x.shape
    k = 0 if axis is None else axis_of(call, x.rank) or 0
    left = shape[k].shifted(-1) if one else Dim()
    return (*shape[:k], left, *shape[k + 1 :])


def delete_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    x, obj, axis = op.args[0], op.args[1], op.arg("axis")
    axes = rank_of(x.type)
    if axes is None or (axis is not None and not axis.is_const):
        raise UnsupportedError("np.delete needs a known rank and axis", op.origin)
    if axis is None or axis.const is None:
        flat = x if axes == 1 else quote("np.ravel(x)", x=x)
        left = quote("np.delete(np.arange(x.size), obj)", x=x, obj=obj)
        bar = added_to_zeros(quote, flat, ["i"], ([left], g))
        return {0: bar if axes == 1 else in_shape_of(quote, bar, x)}
    k = axis.const % axes
    left = quote(f"np.delete(np.arange(x.shape[{k}]), obj)", x=x, obj=obj)
    return {0: added_to_zeros(quote, x, ["s000"] * k + ["i"], ([left], g))}


RULES.linear(
    "z = np.delete(x, obj, axis=None)",
    vjp=delete_vjp,
    type=moved(shortened),
    at=(
        "np.delete(a4, 1)",
        "np.delete(a34, 1, axis=0)",
        "np.delete(a34, [0, -1], axis=1)",
        "np.delete(a34, i3)",
        "np.delete(a4, a4 > 1.0)",
    ),
)


@rewrite(np.insert)
def insert(arr: Bound, obj: Bound, values: Bound, axis: Any = None) -> str:
    """The parts before and after the place, and in between what is put in."""
    axes, k = rank(arr, "np.insert"), constant(axis, "the axis")
    assert isinstance(arr, Value)
    if (
        not isinstance(obj, Value)
        or rank_of(obj.type) != 0
        or kind_of(obj.type) != "int"
    ):
        unsupported("np.insert is supported at one place")
    if kind_of(arr.type) != "float":  # NumPy casts what is put in to the kind of arr
        unsupported("np.insert is supported into arrays of floats")
    if k is None and axes != 1:
        unsupported("np.insert into a matrix needs an axis")
    k = 0 if k is None else k % axes
    own = 1 if isinstance(values, Seq) else rank(values, "np.insert")
    if own not in (0, axes, axes - 1):
        unsupported("np.insert needs values of the rank of a row")
    made = "np.array(values)" if isinstance(values, Seq) else "values"
    if axes == 1:
        made = made if own else "[values]"
    elif own < axes:
        made = f"np.broadcast_to({made}, arr.take(0, axis={k}).shape)"
        made += f"[{':, ' * k}None]"
    else:
        unsupported("np.insert of several rows is not supported")
    before, after = (f"arr[{':, ' * k}{part}]" for part in (":obj", "obj:"))
    return f"np.concatenate([{before}, {made}, {after}], axis={k})"

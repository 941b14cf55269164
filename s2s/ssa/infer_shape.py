"""Rank behaviour of operations that move the elements of one array.

In: a `Call`, or the dims of its argument. Out: the type of its result. A length that
is not known is `Dim()`, and whether an axis is a unit axis is never guessed.

>>> from s2s.ssa.types import Array, Dim
>>> n = Dim("n", 0, False)
>>> product((n, ONE)), product((n, Dim("m", 0, False)))
(n, (m*n))
>>> joined([n, n]), joined([ONE, ONE])
((n+n), 2)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from s2s.ssa.infer import Call, Refused, elementwise, numeric
from s2s.ssa.ir import Value
from s2s.ssa.sums import Sum
from s2s.ssa.types import (
    ANY,
    INT,
    ONE,
    Array,
    Dim,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    length,
    name_of,
)

# lengths ------------------------------------------------------------------------------


def product(dims: Sequence[Dim]) -> Dim:
    """The product of lengths."""
    rest = [d for d in dims if not d.unit]
    if len(rest) <= 1:
        return rest[0] if rest else ONE
    if all(d.sym == "" for d in rest):
        return length(int(np.prod([d.off for d in rest])))
    return derived("*", rest, 0, False if any(d.unit is False for d in rest) else None)


def derived(sign: str, dims: Sequence[Dim], off: int, unit: bool | None) -> Dim:
    """A length that others determine: the same symbol for the same lengths."""
    if any(d.sym is None for d in dims):
        return Dim(unit=unit)
    nameless = any(str(d.sym).startswith("?") for d in dims)
    names = sorted(f"{d.sym}{d.off:+d}" if nameless else repr(d) for d in dims)
    return Dim(f"{'?' * nameless}({sign.join(names)})", off, unit)


def joined(dims: Sequence[Dim]) -> Dim:
    """The sum of lengths; an empty part (`Dim("", 0)`) adds nothing."""
    fixed = sum(d.off for d in dims if d.sym == "")
    rest = [d for d in dims if d.sym != ""]
    if not rest:
        return length(fixed)
    if len(rest) == 1:
        return rest[0].shifted(fixed) if fixed else rest[0]
    never_one = fixed != 1 and all(d.unit is False for d in rest)
    at_least_two = fixed > 1 or (fixed and any(d.unit for d in rest))
    return derived("+", rest, fixed, False if never_one or at_least_two else None)


def length_of(t: Type) -> Dim:
    """The length that an int stands for, as far as its type tells."""
    t = bound(t)
    return t.dim if isinstance(t, Scalar) and t.dim is not None else Dim()


def lengths(value: Value) -> tuple[Dim, ...] | None:
    """The axis lengths that a `shape` argument gives; None if the rank is unknown."""
    of = bound(value.type)
    if isinstance(of, Scalar) or (isinstance(of, Array) and not of.rank):
        return (length_given(value),)
    if value.op is not None and value.op.kind in ("list", "tuple"):
        return tuple(map(length_given, value.op.args))
    if isinstance(of, Tuple):
        return tuple(map(length_of, of.items))
    return None


def length_given(value: Value) -> Dim:
    """The length that a number gives: one number gives equal lengths."""
    known = length_of(value.type)
    return (
        known
        if known.sym is not None
        else replace(Sum().plus(value, 1).length(), exact=True)
    )


def sum_of_lengths(call: Call) -> Type:
    """`x + y` and `x - y`: what is longer than a length by a number is one, too."""
    out = elementwise(call)
    if out != INT:
        return out
    x, y = call.op.args
    sign = 1 if call.op.kind == "add" else -1
    for n, more, times in [(x, y, sign)] + [(y, x, 1)] * (sign == 1):
        dim = length_of(n.type)
        if more.is_const and not n.is_const and dim.sym is not None and dim.exact:
            by = times * int(more.const)
            if dim.sym or dim.off + by >= 0:
                return Scalar("int", dim.shifted(by))
    return out


def dtype_name(call: Call, default: str) -> str:
    """The dtype that the `dtype` argument names; `default` for None."""
    value = call.op.arg("dtype")
    if value is None:
        return numeric(default)
    if not isinstance(value.type, Static):  # `x.dtype` is static, too
        raise Refused("the dtype must be known when compiling")
    asked = value.type.value
    return numeric(default if asked is None else name_of(np.dtype(asked)))


def as_array(t: Type) -> Array | None:
    """Numbers as arrays of rank zero; None for what is neither."""
    t = bound(t)
    if isinstance(t, Scalar):
        return Array(np.dtype(t.kind).name, ())
    return t if isinstance(t, Array) and not t.loose else None


def axis_of(call: Call, rank: int, name: str = "axis") -> int | None:
    """A constant axis as a non-negative number, None if it is none or not known."""
    axis = call.const(name)
    if axis is None or axis is ...:
        return None
    if not -rank <= axis < rank:
        raise Refused(f"axis {axis} is out of range: the array has {rank} axes")
    return axis % rank


# one array ----------------------------------------------------------------------------


def moved(new_shape: Callable[[Call, Array], tuple[Dim, ...] | None]) -> Any:
    """A type function for an operation that keeps the dtype and changes the shape."""

    def infer(call: Call) -> Type:
        x = as_array(call.type("x"))
        if x is None:
            return ANY
        shape = new_shape(call, x)
        return ANY if shape is None else Array(x.dtype, shape)

    return infer


def reshaped(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """The shape asked for, with one -1 worked out where that is possible."""
    shape = call.op.arg("shape")
    assert shape is not None
    dims = lengths(shape)
    if dims is None:
        return None
    items = shape.const if shape.is_const else ()
    items = items if isinstance(items, tuple) else (items,)
    if not shape.is_const and shape.op is not None:
        items = tuple(a.const if a.is_const else ... for a in shape.op.args)
    if -1 not in items:
        return dims
    k = items.index(-1)
    rest = product(dims[:k] + dims[k + 1 :])
    whole = product(x.shape)
    if rest.unit:
        missing = whole
    elif rest.sym == "" and whole.sym == "" and rest.off:
        missing = length(whole.off // rest.off)
    else:
        missing = derived("/", (whole, rest), 0, None)
    return (*dims[:k], missing, *dims[k + 1 :])


def transposed(call: Call, x: Array) -> tuple[Dim, ...] | None:
    axes = call.const("axes")
    if axes is None:
        return x.shape[::-1]
    return None if axes is ... else tuple(x.shape[a] for a in many(axes))


def swapped(call: Call, x: Array) -> tuple[Dim, ...] | None:
    a, b = (axis_of(call, x.rank, name) for name in ("axis1", "axis2"))
    if a is None or b is None:
        return None
    shape = list(x.shape)
    shape[a], shape[b] = shape[b], shape[a]
    return tuple(shape)


def many(axis: Any) -> tuple[int, ...]:
    """One axis or several, as a tuple."""
    return tuple(axis) if isinstance(axis, tuple) else (axis,)


def axis_moves(call: Call, rank: int) -> list[int] | None:
    """np.moveaxis as a permutation of the axes."""
    source, destination = call.const("source"), call.const("destination")
    if source is ... or destination is ...:
        return None
    pairs = sorted(
        (d % rank, s % rank)
        for s, d in zip(many(source), many(destination), strict=True)
    )
    order = [i for i in range(rank) if i not in {s for _, s in pairs}]
    for place, axis in pairs:
        order.insert(place, axis)
    return order


def axes_moved(call: Call, x: Array) -> tuple[Dim, ...] | None:
    order = axis_moves(call, x.rank)
    return None if order is None else tuple(x.shape[i] for i in order)


def expanded(call: Call, x: Array) -> tuple[Dim, ...] | None:
    axis = call.const("axis")
    if axis is ...:
        return None
    rank = x.rank + len(many(axis))
    new = {a % rank for a in many(axis)}
    dims = iter(x.shape)
    return tuple(ONE if i in new else next(dims) for i in range(rank))


def squeezed(call: Call, x: Array) -> tuple[Dim, ...] | None:
    axis = call.const("axis")
    if axis is ... or (axis is None and any(d.unit is None for d in x.shape)):
        return None
    if axis is None:
        return tuple(d for d in x.shape if not d.unit)
    gone = {a % x.rank for a in many(axis)}
    return tuple(d for i, d in enumerate(x.shape) if i not in gone)


def at_least(rank: int) -> Any:
    """np.atleast_1d and np.atleast_2d: new axes in front."""
    return moved(lambda call, x: (ONE,) * (rank - x.rank) + x.shape)


def repeated(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """np.repeat."""
    axis, times = call.const("axis"), length_of(call.type("repeats"))
    if axis is ...:
        return None
    if axis is None:
        return (product((product(x.shape), times)),)
    k = axis_of(call, x.rank)
    return tuple(product((d, times)) if i == k else d for i, d in enumerate(x.shape))


def tiled(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """np.tile: each axis so many times; missing ones are added in front."""
    reps = call.op.arg("reps")
    assert reps is not None
    times = lengths(reps)
    if times is None:
        return None
    rank = max(x.rank, len(times))
    dims = (ONE,) * (rank - x.rank) + x.shape
    times = (ONE,) * (rank - len(times)) + times
    return tuple(product(pair) for pair in zip(dims, times, strict=True))


def padded(call: Call, x: Array) -> tuple[Dim, ...]:
    """np.pad."""
    widths = pad_widths(call.const("pad_width"), x.rank)
    if widths is None:
        return (Dim(),) * x.rank
    return tuple(
        joined((d, length(before + after)))
        for d, (before, after) in zip(x.shape, widths, strict=True)
    )


def pad_widths(widths: Any, rank: int) -> tuple[tuple[int, int], ...] | None:
    """What np.pad adds before and after each axis; None if only known at run time.

    >>> pad_widths(1, 2), pad_widths(((0, 1),), 1)
    (((1, 1), (1, 1)), ((0, 1),))
    """
    if widths is ...:
        return None
    pairs = np.broadcast_to(np.asarray(widths), (rank, 2))
    return tuple((int(a), int(b)) for a, b in pairs)


def turned(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """np.rot90: an odd number of quarter turns swaps the first two axes."""
    k = call.const("k")
    if k is ...:
        return None
    return x.shape if k % 2 == 0 else (x.shape[1], x.shape[0], *x.shape[2:])


def diagonal_length(rows: Dim, columns: Dim, k: int) -> Dim:
    """The length of the k-th diagonal."""
    if k == 0 and rows.same(columns):
        return rows
    if k == 0 and (rows.unit or columns.unit):
        return ONE
    low, high = (rows, columns.shifted(-k)) if k >= 0 else (rows.shifted(k), columns)
    return derived(" min ", (low, high), 0, None)


def shorter(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """np.diff."""
    k, n = axis_of(call, x.rank), call.const("n")
    ends = call.given("prepend", "append")
    if k is None or n is ... or not all(isinstance(bound(t), Scalar) for t in ends):
        return None
    if n == 0:
        raise Refused("np.diff by zero differences is the array itself")
    cut = len(ends) - n
    new = x.shape[k].shifted(cut) if cut else x.shape[k]
    return tuple(new if i == k else d for i, d in enumerate(x.shape))

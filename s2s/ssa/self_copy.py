"""Copies of a part of an array into a part of the same array.

In: the two parts, as places. Out: whether NumPy may read what it has just written. It
copies one element after the other where a vector goes into a vector, and decides by the
two first addresses from which end: that is right if the strides are equal, and if they
are opposite it copies the right side first (`raw_array_assign_array` in its sources).

    a[1:] = a[:-1]        right
    a[::2] = a[:3]        not what it says: a[4] becomes the new a[2]

By a mask of all axes it copies one after the other, too, and always from the first; by
other arrays as indices it copies the right side first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from s2s.ssa.ir import Value
from s2s.ssa.layout import is_contiguous
from s2s.ssa.memory import Place, equal_places
from s2s.ssa.storage import is_basic, is_full_index
from s2s.ssa.types import Array, bound, rank_of

TURNS = frozenset(["T", "transpose", "np.transpose"])  # without a list of axes
Number = tuple[Any, Any, Any]  # with the begin and the step of the axis that it is of


class Axis(NamedTuple):
    """An axis of a part of an array: one of the whole, from somewhere on, by a step.

    `of` is the path to a view that has axes of its own, if the part is one of that.
    """

    of: tuple[Any, ...]
    number: int
    begin: tuple[Any, ...] = ()
    step: Any = 1


def reads_what_it_wrote(
    base: Value, target: Place, source: Place, value: Value
) -> bool:
    """Whether the order may matter of copying `value` into a part of `base`.

    The two places are parts of one array, or of two that may be one.
    """
    of = bound(value.type)
    if not isinstance(of, Array) or not of.rank or of.shape[-1].unit:
        return False  # one element, which is itself written with what it is
    if not all(d.unit for d in of.shape[:-1]):
        return False
    hop, operands = target.path[-1]
    index = dict(hop.attrs)["index"]
    if not is_basic(index, operands):
        return is_mask_of_all(base, index, operands)
    whole, other = target.cell.first, source.cell.first
    if whole is not other and not are_alike(whole, other):
        return True
    to, at = axes_of(target)
    frm, where = axes_of(source)
    if to is None or frm is None:
        return True
    if len(to) != 1:
        return False
    here, there = to[0], frm[-1]
    if here.of != there.of:
        return True
    if isinstance(here.step, int) and isinstance(there.step, int):
        if here.step * there.step < 0:
            return whole is not other and here.step != -there.step
    if here.number == there.number:
        return here.step != there.step
    # a row and a column: they meet in one element
    if here[2:] == there[2:] and at == where:
        return False
    row, column = (at, where) if here.number == 1 else (where, at)
    if here == Axis((), here.number) and there == Axis((), there.number):
        match row, column:
            case [((), 1, int(i))], [((), 1, int(j))] if min(i, j) >= 0:
                return 0 < i < j or (0 < j < i and not is_contiguous(whole))
    return True


def is_row(part: Place, whole: Place, k: int) -> bool:
    """Whether a part is surely row `k` of an array, or one further down."""
    if not part.path:
        return False
    *path, (hop, operands) = part.path
    code, *rest = dict(hop.attrs).get("index", ("",))
    if code != "i" or not is_full_index(rest):
        return False
    number = operands[0].const if operands[0].is_const else None
    above = Place(part.cell, tuple(path))
    return isinstance(number, int) and number >= k and equal_places(above, whole)


def is_mask_of_all(
    base: Value, index: Sequence[str], operands: Sequence[Value]
) -> bool:
    """Whether an index is an array of booleans, one for each element."""
    of = bound(operands[0].type)
    if not isinstance(of, Array) or of.dtype != "bool":
        return False
    return [c for c in index if c] == ["i"] and 0 < of.rank == rank_of(base.type)


def are_alike(whole: Value, other: Value) -> bool:
    """Whether a vector that may be a part of another is all of it, perhaps reversed."""
    a, b = bound(whole.type), bound(other.type)
    if not isinstance(a, Array) or not isinstance(b, Array):
        return False
    return a.rank == b.rank == 1 and a.shape[0].same(b.shape[0])


def axes_of(place: Place) -> tuple[list[Axis] | None, list[Number]]:
    """The axes of a part, if they are known, and the numbers that choose it."""
    of: tuple[Any, ...] = ()
    axes = own_axes(of, rank_of(place.cell.first.type))
    numbers: list[Number] = []
    for hop, operands in place.path:
        of = (*of, (hop, *map(same, operands)))
        index = dict(hop.attrs).get("index")
        if hop.kind in TURNS and not operands:
            axes = axes and axes[::-1]
        elif axes is None or index is None:
            axes, numbers = own_axes(of, hop.rank), []
        else:
            axes, more = indexed(axes, index, list(operands))
            numbers += more
    return axes, numbers


def own_axes(of: tuple[Any, ...], rank: int | None) -> list[Axis] | None:
    return None if rank is None else [Axis(of, k) for k in range(rank)]


def indexed(
    axes: list[Axis], index: Sequence[str], operands: list[Value]
) -> tuple[list[Axis], list[Number]]:
    """The axes after an index, and the numbers in it."""
    left, taken, numbers = [], list(axes), []
    codes = [c for c in index if c]
    while taken or codes:
        code = codes.pop(0) if codes else "s000"
        if code == "n":
            left.append(Axis((None,), 0))
        elif code == "e":
            stay = len(taken) - sum(c[0] in "is" for c in codes)
            left, taken = left + taken[:stay], taken[stay:]
        elif code == "i":
            axis = taken.pop(0)
            numbers.append((axis.begin, axis.step, same(operands.pop(0))))
        else:
            axis = taken.pop(0)
            lower, _, step = (
                same(operands.pop(0)) if flag == "1" else None for flag in code[1:]
            )
            begin = (*axis.begin, (axis.step, lower)) if lower else axis.begin
            if step is not None:
                known = isinstance(axis.step, int) and isinstance(step, int)
                step = axis.step * step if known else (axis.step, step)
            left.append(axis._replace(begin=begin, step=step or axis.step))
    return left, numbers


def same(value: Value) -> Any:
    """What tells whether two operands are equal: `i + 1` is, wherever it stands."""
    if value.is_const:
        return value.const
    op = value.op
    if op is not None and op.kind in ("add", "sub", "mul", "neg"):
        return op.kind, *map(same, op.args)
    return value

"""Copies of a part of an array into a part of the same array.

In: the two parts, as paths. Out: whether NumPy may read what it has just written. It
copies one element after the other where a vector goes into a vector, and decides by the
two first addresses from which end: that is right if the strides are equal, and if they
are opposite it copies the right side first (`raw_array_assign_array` in its sources).

    a[1:] = a[:-1]        right
    a[::2] = a[:3]        not what it says: a[4] becomes the new a[2]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from s2s.ssa.ir import Hop, Value
from s2s.ssa.types import Array, bound, rank_of

Path = Sequence[tuple[Hop, Sequence[Value]]]
TURNS = frozenset(["T", "transpose", "np.transpose"])  # without a list of axes
Axes = list[tuple[Any, Any]]  # of a part: axis of the whole and step, per axis


def reads_what_it_wrote(whole: Value, target: Path, source: Path, value: Value) -> bool:
    """Whether the order may matter of copying `value` from one part to the other."""
    if rank_of(value.type) != 1 or not isinstance(bound(value.type), Array):
        return False
    _, operands = target[-1]
    if any(rank_of(o.type) for o in operands):
        return False  # an array as an index: NumPy copies first
    start = [(k, 1) for k in range(rank_of(whole.type) or 0)]
    to, at = axes_of(start, target)
    frm, where = axes_of(start, source)
    if to is None or frm is None:
        return to != frm or strides_differ(target, source)
    if len(to) != 1:
        return False
    (axis, step), (other, pace) = to[0], frm[0]
    if axis == other:
        known = isinstance(step, int) and isinstance(pace, int)
        return step != pace and not (known and step * pace < 0)
    # a row and a column: they meet in one element
    i, j = (at, where) if axis == 1 else (where, at)
    if same_all(i, j):
        return False
    both = [v.const for v in (*i, *j) if v.is_const]
    if len(i) == len(j) == 1 and len(both) == 2 and min(both) >= 0:
        return 0 < both[0] < both[1]
    return True


def axes_of(start: Axes, path: Path) -> tuple[Axes | None, list[Value]]:
    """The axes of a part, and the numbers that choose it; None if that is not known."""
    axes: Axes | None = list(start)
    numbers: list[Value] = []
    for hop, operands in path:
        index = dict(hop.attrs).get("index")
        if axes is None or index is None:
            turned = hop.kind in TURNS and not operands
            axes = axes[::-1] if axes is not None and turned else None
            continue
        rest, taken, codes = list(operands), list(axes), [c for c in index if c]
        axes = []
        while taken or codes:
            code = codes.pop(0) if codes else "s000"
            own = [rest.pop(0) for _ in range(1 if code == "i" else code.count("1"))]
            if code == "n":
                axes.append((None, 1))
            elif code == "e":
                stay = len(taken) - sum(c[0] in "is" for c in codes)
                axes, taken = axes + taken[:stay], taken[stay:]
            elif code == "i":
                taken.pop(0)
                numbers += own
            else:
                axis, step = taken.pop(0)
                by = same(own[-1]) if code.endswith("1") else 1
                known = isinstance(step, int) and isinstance(by, int)
                axes.append((axis, step * by if known else (step, by)))
    return axes, numbers


def strides_differ(target: Path, source: Path) -> bool:
    """Whether two parts are not surely of the same strides, whatever these are."""

    def shape(path: Path) -> list[Any]:
        return [
            (hop, [same(o) for o in operands])
            for hop, operands in path
            if not (index := dict(hop.attrs).get("index")) or set(index) != {"s"}
        ]

    steps = [axes_of([(0, 1)], path[-1:])[0] for path in (target, source)]
    return shape(target[:-1]) != shape(source[:-1]) or steps[0] != steps[1]


def same_all(some: Sequence[Value], others: Sequence[Value]) -> bool:
    return list(map(same, some)) == list(map(same, others))


def same(value: Value) -> Any:
    """What tells whether two operands are equal: `i + 1` is, wherever it stands."""
    if value.is_const:
        return value.const
    op = value.op
    if op is not None and op.kind in ("add", "sub", "mul", "neg"):
        return op.kind, *map(same, op.args)
    return value

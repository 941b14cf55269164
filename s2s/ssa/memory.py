"""Pieces of storage, and views of them.

In: values. Out: whether they have storage that may change in place, and where that is:
a piece of storage is a `Cell`; a view is a `Place`, a path of hops into a cell.

    A = np.zeros(3)          a cell of its own
    v = A[1:]         ->     the cell of A, by the hop [1:]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from s2s.ssa.ir import Hop, Op, Value
from s2s.ssa.storage import RESHAPES, aliasing
from s2s.ssa.types import Array, List, Tuple, bound, rank_of

# Codes of what takes a stretch of an axis: `...`, and slices without a step.
STRETCHES = ("e", "s000", "s100", "s010", "s110")


@dataclass(eq=False)
class Cell:
    """An array or list made somewhere, or an argument; `first` is it before any store.

    `shares` are the cells that may be the same storage on some path. A cell with
    `owner` is part of that object (an item of a list): it is not written to.
    """

    first: Value
    shares: set[Cell]
    owner: str = ""

    def is_newer(self, mark: int) -> bool:
        """Whether it was made after a value of that number."""
        return self.first.number > mark

    def meets(self, other: Cell) -> None:
        """Note that the two cells may be the same."""
        if other is not self:
            self.shares.add(other)
            other.shares.add(self)

    def derives(self, other: Cell, mark: int) -> None:
        """Note that this cell may be another one, or what that may be.

        Of what it may be, only what is older than `mark`: names that one loop or branch
        rebinds may come from the same cells, and still never be the same at a time.
        """
        for cell in {other, *(c for c in other.shares if c.first.number < mark)}:
            self.meets(cell)


@dataclass(frozen=True)
class Place:
    """A part of a cell: its hops with their operands, from the whole inwards."""

    cell: Cell
    path: tuple[tuple[Hop, tuple[Value, ...]], ...] = ()


def equal_places(a: Place, b: Place) -> bool:
    """Whether two places are surely the same."""

    def shape(place: Place) -> list[Any]:
        return [
            (hop, [(type(o.const), o.const) if o.is_const else o for o in operands])
            for hop, operands in place.path
        ]

    return a.cell is b.cell and shape(a) == shape(b)


def has_storage(value: Value) -> bool:
    """Whether a value may be an array or list, which can change in place."""
    of = bound(value.type)
    if isinstance(of, Array) and not of.rank:  # a view of one element, not a number
        op = value.op
        if op is not None and op.kind == "bound":
            return has_storage(op.args[0])
        whole = op is not None and (op.kind != "getitem" or "e" in op.attrs["index"])
        return (
            op is not None
            and whole
            and (aliasing(op) == "view" or bool(op.attrs.get("shares")))
        )
    return isinstance(of, Array | List | Tuple) and not value.is_const


def hop_attrs(op: Op) -> tuple[tuple[str, Any], ...]:
    """What tells an operation that makes views from others of its kind."""
    return tuple((k, v) for k, v in op.attrs.items() if k in ("index", "method"))


def may_copy(op: Op) -> bool:
    """Whether NumPy may have to copy: to reshape what is not contiguous."""
    if "reshape" in op.kind and rank_of(op.args[0].type) == 1:
        return False  # one stride can always be split into several
    return op.kind in RESHAPES


def leading(hop: Hop) -> bool:
    """Whether a hop takes a contiguous stretch of a contiguous array."""
    codes = dict(hop.attrs).get("index")
    if codes is None:
        return hop.kind in RESHAPES
    numbers = [c for c in codes if c != "i"]
    rest = codes[len(codes) - len(numbers) :]
    return not numbers or (
        len(numbers) == 1 and rest == tuple(numbers) and numbers[0] in STRETCHES
    )

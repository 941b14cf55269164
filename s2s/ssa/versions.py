"""Which array a name means, so that an update in place reaches every name of it.

In: what the builder evaluates. Out: pure SSA, in which a store makes a new *version* of
its cell (see `memory`):

    v = A[1:]           v = A[1:]                    (place of v: A, by the hop [1:])
    A[2] = 5.0    ->    A1 = store(A, 2, 5.0)
    y = v[0]            v1 = A1[1:];  y = v1[0]      (v was read again)

A value whose place has another version by now is *stale* and is read again where it is
used. Nothing is written here: see `stores`, and `meeting` for where control flow meets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from s2s.errors import UnsupportedError
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.calls import ExprBuilder
from s2s.ssa.ir import Hop, Op, Region, Value
from s2s.ssa.layout import contiguous_if
from s2s.ssa.memory import Cell, Place, has_storage, hop_attrs, leading, may_copy
from s2s.ssa.storage import aliasing
from s2s.ssa.types import Array, List, Maybe, Type, bound, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules


class VersionBuilder(ExprBuilder):
    """Evaluates expressions over arrays that change."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.places: dict[Value, Place] = {}
        self.read_at: dict[Value, Value] = {}  # value -> the version it was read from
        self.versions: dict[Cell, Value] = {}  # of cells that have been written to
        self.in_lists: set[Cell] = set()
        self.arguments: set[Value] = set()
        self.if_contiguous: set[Place] = set()  # views of arguments, if these are so
        self.depth = 0  # how many loops are being built

    # where values lie -----------------------------------------------------

    def place_of(self, value: Value) -> Place:
        """Where an array lies; one that was just made has a cell of its own."""
        if value not in self.places:
            self.places[value] = Place(Cell(value, set()))
            self.read_at[value] = value
        return self.places[value]

    def stored(self, value: Value) -> bool:
        """Whether a value may change in place, or may be on some path.

        A number on one path may be a view of one element on another.
        """
        return has_storage(value) or value in self.places

    def overlap(self, a: Value, b: Value) -> bool:
        """Whether two values may share storage."""
        if not self.stored(a) or not self.stored(b):
            return False
        x, y = self.place_of(a).cell, self.place_of(b).cell
        return x is y or y in x.shares

    def version(self, cell: Cell) -> Value:
        return self.versions.get(cell, cell.first)

    def replace(self, cell: Cell, new: Value) -> None:
        """Let a value be the current version of a cell."""
        self.versions[cell] = new
        self.places[new], self.read_at[new] = Place(cell), new

    def forget(self, mark: int) -> None:
        """Drop all that was built since: a loop is built again.

        Else what three nested loops carry has met thousands of names that are no more.
        """
        for value in [v for v in self.places if v.number >= mark]:
            del self.places[value]
            self.read_at.pop(value, None)
        for cell in {place.cell for place in self.places.values()}:
            cell.shares -= {c for c in cell.shares if c.first.number >= mark}

    # reading --------------------------------------------------------------

    def fresh(self, value: Value) -> Value:
        """The value as it is now: read again if its storage was written to."""
        place = self.places.get(value)
        if place is None or self.read_at[value] is self.version(place.cell):
            return value
        if isinstance(value.type, Maybe):
            raise UnsupportedError(
                f"`{value.hint}` may be unbound here, and what it shows was changed",
                self.origin,
                "bind it on every path",
            )
        return self.read(place, value)

    def fresh_item(self, item: Bound) -> Bound:
        if isinstance(item, Seq):
            return item.of(map(self.fresh_item, item.items))
        return self.fresh(item)

    def read(self, place: Place, like: Value) -> Value:
        """The value at a place now, named as `like`."""
        now = out = self.version(place.cell)
        for hop, operands in place.path:
            args = [out, *operands]
            out = self.as_it_is(hop.kind, args, hop.names, like.hint, **dict(hop.attrs))
        if place.path:
            out.hint, out.role = like.hint, like.role
            self.places[out], self.read_at[out] = place, now
        return out

    def emit(
        self,
        kind: str,
        args: Sequence[Value],
        names: Sequence[str] | None = None,
        *rest: Any,
        **attrs: Any,
    ) -> Value:
        if kind != "bound":
            args = [self.fresh(a) for a in args]
        out = self.measured(super().emit(kind, args, names, *rest, **attrs))
        assert out.op is not None
        self._note(out, out.op)
        return out

    def as_it_is(
        self,
        kind: str,
        args: Sequence[Value],
        names: Sequence[str],
        *rest: Any,
        **attrs: Any,
    ) -> Value:
        """An operation on versions as they are given: none of them is read again."""
        return super().emit(kind, args, names, *rest, **attrs)

    def measured(self, value: Value) -> Value:
        """Lengths that are not known have names: each is itself."""
        of = value.type
        if isinstance(of, Array) and not of.loose:
            if any(d.sym is None for d in of.shape):
                dims = (
                    replace(d, sym=f"?v{value.number}.{k}", exact=True)
                    if d.sym is None
                    else d
                    for k, d in enumerate(of.shape)
                )
                value.type = replace(of, shape=tuple(dims))
        return value

    # what results share ---------------------------------------------------

    def _note(self, out: Value, op: Op) -> None:
        """The place of a result that shares storage with an operand."""
        if op.kind == "bound" and self.stored(op.args[0]):
            self.places[out] = self.place_of(op.args[0])
            self.read_at[out] = self.read_at[op.args[0]]
            return
        how = aliasing(op)
        if how == "fresh" or not has_storage(out):
            return
        sources = [a for a in op.args if has_storage(a) and not a.is_const]
        if not sources:
            return
        if how == "view":
            base = self.place_of(op.args[0])
            needed: frozenset[Value] | None = frozenset()
            if may_copy(op):
                stretch = all(leading(hop) for hop, _ in base.path)
                needed = contiguous_if(base.cell.first) if stretch else None
            if needed is not None and needed <= self.arguments:
                rest, rank = tuple(op.args[1:]), rank_of(out.type)
                hop = Hop(op.kind, op.names, hop_attrs(op), len(rest), rank)
                path = (*base.path, (hop, rest))
                self.places[out] = Place(base.cell, path)
                self.read_at[out] = self.version(base.cell)
                if needed:
                    self.if_contiguous.add(self.places[out])
                return
        cell = self.place_of(out).cell
        if op.kind == "pick":  # the items of a tuple are apart
            whole = self.place_of(op.args[0]).cell
            for other in list(whole.shares):
                if other.first.number < whole.first.number:
                    cell.meets(other)
            cell.owner = whole.owner
            return
        for source in sources:
            cell.derives(self.place_of(source).cell, out.number)
            if isinstance(bound(source.type), List):
                cell.owner = "a list or tuple"
            cell.owner = cell.owner or self.place_of(source).cell.owner

    def chosen(self, result: Value, outcomes: list[Value]) -> None:
        self.shows(result, [o for o in outcomes if self.stored(o)])

    def shows(self, whole: Value, parts: Sequence[Value]) -> None:
        """Note that arrays are in something else, or may be that."""
        for part in parts:
            cell = self.place_of(part).cell
            self.place_of(whole).cell.derives(cell, whole.number)

    def rows(self, base: Value, items: Sequence[Bound]) -> None:
        """Note that an array was unpacked into its rows, which are views of it."""
        place = self.place_of(base)
        hop = Hop("getitem", ("x", "index"), (("index", ("i",)),), 1)
        for k, item in enumerate(items):
            assert isinstance(item, Value)
            path = (*place.path, (hop, (self.const(k),)))
            self.places[item] = Place(place.cell, path)
            self.read_at[item] = self.version(place.cell)

    def hold(self, cell: Cell) -> None:
        """Note that a list has an array: it is not written to any more."""
        self.in_lists.add(cell)
        cell.owner = "a list"

    def met(self, types: Sequence[Type]) -> Type:
        """The type of a cell where paths meet: that of an array stays the same."""
        return bound(types[0])

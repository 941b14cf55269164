"""Which older versions of arrays are there in the reverse sweep, and which to put back.

In: what `restore` offers, and where the reverse sweep reads what. Out: for a primal
value its stand-in, if the offer was taken and is made before each place that reads it;
and the choice of the arrays whose stores are undone, the cheapest by an estimate.

    costs, for each round of the loops around: a number or a new array pushed 10, its
    shape 3, a copy of a part of an array 30, of the whole of it 300; an array computed
    once more 4; a store undone: what was there before, and 5 more for a number, 10 for
    a part; for the reverse of a function that is called: what it is given anyway 5, a
    condition 15, as one on a single value reads better tested again
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2s.adjoint.restore import Restores
from s2s.ssa.ir import Op, Region, Value, is_loop
from s2s.ssa.types import Array, List, Scalar, bound

SHAPE, REPEAT, GIVEN, NUMBER, NEW = 3, 4, 5, 10, 10
CONDITION, PART, WHOLE = 15, 30, 300
ROUNDS = 8  # what a loop is taken to multiply costs by


@dataclass(frozen=True)
class Site:
    """A place in the reverse sweep: when it is reached, and the regions around it."""

    clock: int
    path: tuple[Region, ...]

    def sees(self, other: Site) -> bool:
        """Whether what is made at the other place is there at this one."""
        inside = self.path[: len(other.path)] == other.path
        return inside and other.clock < self.clock


class Offers:
    """The offers of one reverse sweep, and those that were taken."""

    def __init__(self, restores: Restores) -> None:
        self.restores = restores
        self.made: dict[Value, Site] = {}  # stand-ins
        self.sites: dict[Value, set[Site]] = {}  # where primal values are read
        self.needs: list[tuple[Value, Value, Site]] = []  # of offers: array, value
        self.taken: set[Value] = set()
        self.changes: dict[Value, list[Op]] = {}  # what changes each family
        for op in restores.changes:
            self.changes.setdefault(self.family(op.args[0]), []).append(op)

    def family(self, value: Value) -> Value:
        return self.restores.family(value)

    def stale(self, value: Value) -> bool:
        """Whether the storage of a value holds something else in the end."""
        return value in self.restores.following or value in self.restores.leaving

    def changing(self, value: Value) -> bool:
        """Whether the storage of a value is ever updated."""
        return bool(self.changes) and self.family(value) in self.changes

    def last(self, value: Value) -> Value:
        """The last version of an array."""
        while value in self.restores.following:
            value = self.restores.following[value]
        return value

    def stand_in(self, value: Value, reader: Value | None = None) -> Value | None:
        """What a primal value is in the reverse sweep, if that was taken.

        It must be there wherever the value is read, or the `reader`, if there is one.
        """
        rs = self.restores
        found = rs.stand_ins.get(value) or rs.reloaded.get(value)
        if found is None or found not in self.made or not self.taken:
            return None
        if self.family(self.source(value, found)) not in self.taken:
            return None
        there = self.made[found]
        sites = self.sites.get(reader or value)  # where nothing is known, it is not
        return found if sites and all(s.sees(there) for s in sites) else None

    def source(self, value: Value, found: Value) -> Value:
        """The array that a stand-in is a version of, or was read from."""
        if value in self.restores.stand_ins:
            return value
        return self.restores.homes[value]

    def candidates(self) -> list[Value]:
        """The families that something may be put back in."""
        bases = [op.args[0] for op in self.restores.stores]
        return list(dict.fromkeys(self.family(b) for b in bases))

    def stored(self, value: Value) -> bool:
        """Whether parts of the storage of a value are ever overwritten."""
        return self.family(value) in self.candidates()

    def cost(self, value: Value) -> int:
        """What it costs to push a value."""
        of = bound(value.type)
        if isinstance(of, Scalar) or (isinstance(of, Array) and not of.rank):
            return NUMBER
        if value.op is not None and value.op.attrs.get("asked"):
            return SHAPE
        if isinstance(of, List) and self.stale(value):
            return WHOLE
        if self.restores.roots is None or not self.stored(value):
            return NEW
        op = value.op
        if self.stale(value) or op is None or op.regions:
            return WHOLE
        return PART if op.kind == "getitem" else NEW

    def undoing(self, depth_of: Callable[[Op], int]) -> int:
        """What the stores cost that are undone, next to pushing the old values."""
        total = 0
        for op, old in self.restores.stores.items():
            if self.family(op.args[0]) in self.taken:
                each = 5 if old is None or self.cost(old) == NUMBER else 10
                total += each * ROUNDS ** depth_of(op)
        return total

    def drop_others(self, sweep: Region) -> None:
        """Remove the offers that were not taken."""
        rs = self.restores
        for op in sweep.walk():
            for region in op.regions:
                self._drop_ops(region)
            gone = {
                k for k, base in rs.offered(op).items()
                if self.family(base) not in self.taken
            }  # fmt: skip
            if not gone:
                continue
            op.results = _without(op.results, gone)
            a, p = (3, 1) if is_loop(op) else (len(op.args), 0)
            op.args[a:] = _without(op.args[a:], gone)
            op.names = op.names[: len(op.args)]
            for region in op.regions:
                region.params[p:] = _without(region.params[p:], gone)
                region.results = _without(region.results, gone)
        self._drop_ops(sweep)

    def _drop_ops(self, region: Region) -> None:
        offers = self.restores.offers
        region.ops = [
            op for op in region.ops
            if op not in offers or self.family(offers[op]) in self.taken
        ]  # fmt: skip


def _without(values: list[Value], gone: set[int]) -> list[Value]:
    return [v for k, v in enumerate(values) if k not in gone]

"""Where control flow meets: versions of arrays, and what names may stand for.

In: the ends of two branches, or the entry and the end of a loop's body. Out: results
and slots for what was stored into there, and cells for the names that are bound anew,
which from then on stand for one of several arrays.

    if c:                       A2 = if c:
        A[0] = 1.0      ->          A1 = store(A, 0, 1.0);  A1
                                else: A
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from s2s.ssa.ir import Op, Value
from s2s.ssa.memory import Cell, Place, equal_places, has_storage
from s2s.ssa.types import UNDEF, Maybe, Type, bound
from s2s.ssa.versions import VersionBuilder

Key = tuple[str, int]  # a name that a loop rebinds, and which of its values


class Meeting:
    """Where the two branches of an `if` meet: one version of each cell goes on.

    `ends` are the versions at the end of each branch, None where it never ends.
    """

    def __init__(self, builder: VersionBuilder) -> None:
        self.b = builder
        self.mark = Value(UNDEF).number  # what was made before has a smaller number
        self.ends: list[dict[Cell, Value] | None] = []
        self.names: list[tuple[Value, tuple[Value | None, ...]]] = []

    def cells(self, op: Op) -> None:
        """Carry on with what either branch stored."""
        b = self.b
        written = {c: None for end in self.ends if end is not None for c in end}
        for cell in written:
            if cell.first.number > self.mark:
                continue
            ends = [None if e is None else e.get(cell, cell.first) for e in self.ends]
            given = [e for e in ends if e is not None]
            if all(e is b.version(cell) for e in given):
                continue
            for region, end in zip(op.regions, ends, strict=True):
                gone = Value(UNDEF, cell.first.hint, "user", const=None)
                region.results.append(gone if end is None else end)
            like = given[0]
            type = b.met([e.type for e in given])
            result = Value(type, like.hint, like.role, op=op)
            op.results.append(result)
            b.replace(cell, result)

    def same_place(self, a: Value | None, b: Value | None) -> Value | None:
        """A value that stands for the place that both are, to be read again.

        A branch that never ends (None) leaves it to the other one what that is.
        """
        places = self.b.places
        ends = [end for end in (a, b) if end is not None]
        if any(e not in places or isinstance(e.type, Maybe) for e in ends):
            return None
        one, *others = [places[e] for e in ends]
        if not self._outside(one) or not all(equal_places(one, o) for o in others):
            return None
        self.b.read_at[ends[0]] = ends[0]
        return ends[0]

    def fresh(self, op: Op, *values: Value | None) -> list[Value | None]:
        """The values as they are at the end of their branches."""
        b, versions, out = self.b, self.b.versions, []
        for region, end, value in zip(op.regions, self.ends, values, strict=True):
            if end is not None and value is not None:
                b.versions = end
                with b.inside(region):
                    value = b.fresh(value)
            out.append(value)
        b.versions = versions
        return out

    def met(self, result: Value, *sources: Value | None) -> None:
        """Note what a name may mean from here on."""
        b = self.b
        known = [s for s in sources if s is not None and b.stored(s)]
        if not known:
            return
        if len(known) == 1 and len(sources) == 2 and isinstance(result.type, Maybe):
            place = b.places.get(known[0])
            if place and place.path and self._outside(place):
                b.places[result], b.read_at[result] = place, b.version(place.cell)
                return
        cell = b.place_of(result).cell
        for source in known:
            cell.derives(b.place_of(source).cell, self.mark)
        for other, theirs in self.names:
            if any(
                s is not None and t is not None and b.overlap(s, t)
                for s, t in zip(sources, theirs, strict=True)
            ):
                cell.meets(b.place_of(other).cell)
        self.names.append((result, sources))

    def _outside(self, place: Place) -> bool:
        operands = [o for _, operands in place.path for o in operands]
        values = [place.cell.first, *operands]
        return all(v.is_const or v.number < self.mark for v in values)


class Around:
    """A loop: which cells it carries, and what the names that it rebinds may mean.

    `params` are what a name is at the top of the body, by name and position.
    """

    def __init__(self, builder: VersionBuilder) -> None:
        self.b = builder
        self.mark = Value(UNDEF).number
        self.cells: list[Cell] = []  # from outside, written to in the body
        self.sources: dict[Key, set[Cell]] = {}
        self.pairs: set[frozenset[Key]] = set()
        self.before = dict(builder.versions)
        self.yields: list[Value] = []
        self.types: dict[Cell, Type] = {}  # of lists that get items in the body
        self.in_lists = set(builder.in_lists)  # from outside, put into lists
        self.held: frozenset[Key] = frozenset()  # names of what was put into lists

    def enter(self, entry: dict[Key, Value]) -> None:
        """What each rebound name is before the loop."""
        b = self.b
        known = {k: v for k, v in entry.items() if self.b.stored(v)}
        for key, value in known.items():
            self.sources[key] = {b.place_of(value).cell}
            for other, theirs in known.items():
                if key != other and b.overlap(value, theirs):
                    self.pairs.add(frozenset((key, other)))

    def bind(self, values: dict[Key, Value]) -> None:
        """Give the names cells of their own that may be what they came from."""
        cells = {
            k: self.b.place_of(v).cell
            for k, v in values.items()
            if has_storage(v) or k in self.sources
        }
        for key, cell in cells.items():
            for source in self.sources.get(key, ()):
                cell.derives(source, self.mark)
            for other in cells:
                if frozenset((key, other)) in self.pairs:
                    cell.meets(cells[other])
            if key in self.held:
                self.b.hold(cell)

    def carried(self, start: dict[Cell, Value]) -> list[Value]:
        """Parameters for the cells that the body writes to."""
        made = []
        for cell in self.cells:
            now = start.get(cell, cell.first)
            of = self.types.get(cell, bound(now.type))
            made.append(Value(of, now.hint, now.role))
            self.b.replace(cell, made[-1])
        return made

    def news(
        self,
        op: Op,
        params: dict[Key, Value],
        ends: dict[Key, Value],
        unread: Collection[str],
        at_once: bool,
    ) -> bool:
        """What the names and cells are at the end of the body; True if that is news.

        What was found of names that are `unread` there is none. Cells get their types
        `at_once`, or in the next round.
        """
        b, body = self.b, op.regions[-1]
        first = len(body.params) - len(self.cells)
        start = dict(zip(self.cells, body.params[first:], strict=True))
        self.yields = [b.version(cell) for cell in self.cells]
        more = [
            cell
            for cell, value in b.versions.items()
            if cell.first.number < self.mark
            and cell not in start
            and self.before.get(cell, cell.first) is not value
        ]
        self.cells += more
        news = bool(more)
        for cell in more if at_once else ():
            now = self.before.get(cell, cell.first)
            of = b.met([bound(now.type), b.version(cell).type])
            if of != bound(now.type):
                self.types[cell] = of
        for (cell, param), end in zip(start.items(), self.yields, strict=False):
            of = b.met([param.type, end.type])
            if of != param.type:
                self.types[cell], news = of, True
        before = self._known(unread)
        self._meanings(params, ends)
        return news or before != self._known(unread)

    def _known(self, unread: Collection[str]) -> Any:
        """What the body was built with."""
        sources = {k: set(v) for k, v in self.sources.items() if k[0] not in unread}
        pairs = {p for p in self.pairs if not any(name in unread for name, _ in p)}
        held = {k for k in self.held if k[0] not in unread}
        return sources, pairs, held, self.in_lists

    def _meanings(self, params: dict[Key, Value], ends: dict[Key, Value]) -> None:
        b = self.b
        inner = {b.place_of(p).cell: k for k, p in params.items() if b.stored(p)}
        known = {k: v for k, v in ends.items() if b.stored(v)}
        for key, value in known.items():
            cell = b.place_of(value).cell
            mine = self.sources.setdefault(key, set())
            for source in {cell, *cell.shares}:
                if source in inner:
                    mine |= self.sources.get(inner[source], set())
                elif source.first.number < self.mark:
                    mine.add(source)
            for other, theirs in known.items():
                if key != other and b.overlap(value, theirs):
                    self.pairs.add(frozenset((key, other)))
            if b.in_lists & {cell, *cell.shares}:
                self.held = self.held | {key}
        self.in_lists = {c for c in b.in_lists if c.first.number < self.mark}

    def finish(self, op: Op) -> None:
        """Slots for the cells, and their versions after the loop."""
        for cell, end in zip(self.cells, self.yields, strict=True):
            now = self.b.version(cell)
            op.args.append(now)
            op.regions[-1].results.append(end)
            of = self.types.get(cell, bound(now.type))
            result = Value(of, now.hint, now.role, op=op)
            op.results.append(result)
            self.b.replace(cell, result)

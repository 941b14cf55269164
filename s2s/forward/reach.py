"""What depends on a direction, also through calls.

In: a region and values that have several directions. Out: all values that depend on
one, and of each call those of its results that do:

    y, y_dot = call g_jvp(x, x_dot)      ->     y_dot does, if only x_dot has directions

What a call keeps for its reverse (`kept`) does as a whole, as seen from outside; the
reverse knows by the site which of the values in it do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from s2s.errors import NotBatched
from s2s.ssa.bound import flat
from s2s.ssa.callee import KEPT, Callee
from s2s.ssa.ir import Op, Region, Value, is_loop, slots
from s2s.ssa.types import Tuple

# Operations that ask for the shape of each of several directions: it is one.
SHAPES = frozenset({"shape", "np.shape", "len", "dtype", "kept"})


class Entry(NamedTuple):
    """A function, and the places of its arguments that have directions.

    Also the function that kept what it takes apart, if that has some.
    """

    callee: Callee
    places: tuple[int, ...]
    kept_by: Entry | None


@dataclass
class Found:
    """The results of a function that depend on a direction, and what it calls."""

    results: frozenset[int] = frozenset()
    sites: dict[object, Entry] = field(default_factory=dict)


Table = dict[Entry, Found]


class Reach:
    """`many` are the values that depend on a direction, `parts` results of calls."""

    def __init__(
        self, seeds: Iterable[Value], table: Table, sites: dict[object, Entry]
    ) -> None:
        self.many = set(seeds)
        self.parts: dict[Value, frozenset[int]] = {}
        self.table = table
        self.sites = dict(sites)

    def region(self, region: Region) -> None:
        for op in region.ops:
            if is_loop(op):
                self.loop(op)
            elif op.regions:
                for inner in op.regions:
                    self.region(inner)
                    pairs = zip(op.results, inner.results, strict=False)
                    self.many |= {r for r, i in pairs if i in self.many}
            elif self.many.intersection(op.args):
                self.operation(op)
        if not self.parts.keys().isdisjoint(region.results):
            raise NotBatched("what a call returns as a whole of several directions")

    def loop(self, op: Op) -> None:
        before = -1
        while before != len(self.many):
            before = len(self.many)
            for k, slot in enumerate(slots(op)):
                if {slot.init, slot.param, slot.yielded} & self.many:
                    self.many |= {slot.param, slot.result}
                    if op.kind == "while":
                        self.many.add(op.regions[0].params[k])
            for inner in op.regions:
                self.region(inner)

    def operation(self, op: Op) -> None:
        if op.kind == "call":
            entry = self.entry(op)
            found = self.table.setdefault(entry, Found()).results
            if found:
                self.many.add(op.result)
                if keeps(op):
                    self.sites[op.attrs["site"]] = entry
            if found and isinstance(op.result.type, Tuple):
                self.parts[op.result] = outside(op, found)
        elif op.kind == "pick" and op.args[0] in self.parts:
            if op.args[1].const in self.parts[op.args[0]]:
                self.many.add(op.result)
        elif not self.parts.keys().isdisjoint(op.args):
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        elif op.kind == "push":
            self.many.add(op.args[0])
        elif op.kind not in SHAPES:
            self.many.update(op.results)

    def entry(self, op: Op) -> Entry:
        """What a call is of, for the arguments that have directions."""
        places = tuple(k for k, a in enumerate(op.args) if a in self.many)
        kept = any(op.args[k].type == KEPT for k in places)
        by = self.sites[op.attrs["site"]] if kept else None
        return Entry(op.attrs["callee"], places, by)


def keeps(op: Op) -> bool:
    """Whether a call returns, as the last, what it keeps for its reverse."""
    return isinstance(op.result.type, Tuple) and op.result.type.items[-1] == KEPT


def outside(op: Op, results: frozenset[int]) -> frozenset[int]:
    """Which results of a call depend on a direction, what is kept counting as one."""
    if not keeps(op):
        return results
    assert isinstance(op.result.type, Tuple)
    last = len(op.result.type.items) - 1
    return frozenset(min(k, last) for k in results)


def seeds_of(entry: Entry, table: Table, body: Region) -> list[Value]:
    """The values in the body of a function that have directions to begin with.

    Of what has been kept for it, those that it takes out.
    """
    opened = next(
        (o for o in body.ops if o.kind == "alias" and o.args[0] in body.params), None
    )
    seeds = [body.params[k] for k in entry.places]
    if entry.kept_by is None or opened is None or opened.args[0] not in seeds:
        return seeds
    seeds.remove(opened.args[0])
    first = count_of_results(entry.kept_by.callee)
    kept = {k - first for k in table[entry.kept_by].results}
    picks = [o for o in body.ops if o.kind == "pick" and o.args[0] is opened.result]
    return seeds + [o.result for o in picks if o.args[1].const in kept]


def count_of_results(forward: Callee) -> int:
    """How many results a function has before what it keeps."""
    returned = forward.body.attrs["result"]
    return len(forward.body.body.results) - len(flat(returned.items[-1]))


def known_sites(entry: Entry, table: Table) -> dict[object, Entry]:
    """What the calls were that kept what is in what a function is given."""
    return {} if entry.kept_by is None else table[entry.kept_by].sites


def reached(
    body: Region, seeds: Iterable[Value], table: Table, sites: dict[object, Entry]
) -> Reach:
    """What depends on the seeds; the table gains what is called, until that settles."""
    seeds = list(seeds)
    while True:
        before = dict(table)
        found = Reach(seeds, table, sites)
        found.region(body)
        for entry in before:
            inner = entry.callee.body.body
            own = known_sites(entry, table)
            of = Reach(seeds_of(entry, table, inner), table, own)
            of.region(inner)
            ends = enumerate(inner.results)
            results = frozenset(k for k, r in ends if r in of.many)
            table[entry] = Found(results, of.sites)
        if table == before:
            return found

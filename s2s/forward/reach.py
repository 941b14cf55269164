"""What depends on a direction, also through calls.

In: a region and values that have several directions. Out: all values that depend on
one, and of each call those of its results that do:

    y, y_dot = call g_jvp(x, x_dot)      ->     y_dot does, if only x_dot has directions
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.errors import NotBatched
from s2s.ssa.callee import Callee
from s2s.ssa.ir import Op, Region, Value, is_loop, slots
from s2s.ssa.types import Tuple

# Operations that ask for the shape of each of several directions: it is one.
SHAPES = frozenset({"shape", "np.shape", "len", "dtype", "kept"})
# a function, and which arguments have directions -> which results depend on one
Table = dict[tuple[Callee, tuple[int, ...]], frozenset[int]]


class Reach:
    """`many` are the values that depend on a direction, `parts` results of calls."""

    def __init__(self, seeds: Iterable[Value], table: Table) -> None:
        self.many = set(seeds)
        self.parts: dict[Value, frozenset[int]] = {}
        self.table = table

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
            key = op.attrs["callee"], which(op, self.many)
            found = self.table.setdefault(key, frozenset())
            if found:
                self.many.add(op.result)
            if found and isinstance(op.result.type, Tuple):
                self.parts[op.result] = found
        elif op.kind == "pick" and op.args[0] in self.parts:
            if op.args[1].const in self.parts[op.args[0]]:
                self.many.add(op.result)
        elif not self.parts.keys().isdisjoint(op.args):
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        elif op.kind not in SHAPES:
            self.many.update(op.results)


def which(op: Op, many: set[Value]) -> tuple[int, ...]:
    """The places of arguments that have directions."""
    return tuple(k for k, a in enumerate(op.args) if a in many)


def reached(body: Region, seeds: Iterable[Value], table: Table) -> Reach:
    """What depends on the seeds; the table gains what is called, until that settles."""
    seeds = list(seeds)
    while True:
        before = dict(table)
        found = Reach(seeds, table)
        found.region(body)
        for callee, places in before:
            inner = callee.body.body
            of = Reach([inner.params[k] for k in places], table)
            of.region(inner)
            ends = enumerate(inner.results)
            table[callee, places] = frozenset(k for k, r in ends if r in of.many)
        if table == before:
            return found

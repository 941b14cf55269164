"""Liveness on the printed program: where each named value must be kept.

In: a function and the values that are printed inline. Out: for each named value, the
segments of program points in which it is live. Points count statements in the order in
which they are printed. Liveness is structured, not linear: a value read in the `else`
branch only is not live in the `then` branch, and one that a loop reads from outside is
live until the end of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from s2s.ssa.attempts import last_change
from s2s.ssa.bound import flat
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.storage import contents
from s2s.ssa.types import Tuple
from s2s.structure import TUPLE

Segment = tuple[int, int]  # live after the first point, up to the second


@dataclass(eq=False)
class Place:
    """Where a region lies: its points, and the operation and region around it."""

    start: int
    end: int = 0
    op: Op | None = None
    up: Place | None = None
    depth: int = 0
    siblings: list[Place] = field(default_factory=list)  # branches before this one
    last: Op | None = None  # what nothing fails after, in the body of a `try`
    settled: int = 0  # its point


class Live:
    """`segments[v]` for each named value; `test_of` maps test parameters to slots."""

    def __init__(
        self, function: Function, inlined: set[Value], shapes: bool = True
    ) -> None:
        self.inlined = inlined
        self.shapes = shapes  # whether to ask for a shape is to read
        self.point = 0
        self.defined: dict[Value, tuple[int, Place]] = {}
        self.done: dict[Op, int] = {}  # when each operation is carried out
        self.segments: dict[Value, list[Segment]] = {}
        self.test_of: dict[Value, Value] = {}
        self.late: list[tuple[Value, Place]] = []
        top = Place(0)
        for value in [
            *function.attrs.get("globals", {}).values(),
            *function.body.params,
        ]:
            self._define(value, top)
        self._region(function.body, top)
        for value in function.body.params:  # `type(params)` makes another one
            if isinstance(value.type, Tuple) and value.type.form != TUPLE:
                self._use(value, top)

    def _define(self, value: Value, place: Place) -> None:
        self.defined[value] = (self.point, place)
        # even what is never read is assigned: it must not overwrite what is live
        self.segments[value] = [(self.point, self.point + 1)]

    def _region(self, region: Region, place: Place) -> None:
        place.start = self.point
        for op in region.ops:
            if op.results and all(r in self.inlined for r in op.results):
                continue
            self.point += 1
            if op is place.last:
                place.settled = self.point
            for arg in op.args if self.shapes else contents(op):
                self._use(arg, place)
            if op.kind == "if":
                self._branches(op, place)
            elif is_loop(op):
                self._loop(op, place)
            elif op.kind == "pullback":
                self._pullback(op, place)
                continue
            self.point += 1
            self.done[op] = self.point
            for result in op.results:
                self._define(result, place)
        self.point += 1
        for result in region.results:
            self._use(result, place)
        place.end = self.point

    def _branches(self, op: Op, place: Place) -> None:
        before: list[Place] = []
        for region in op.regions:
            inner = Place(0, 0, op, place, place.depth + 1, list(before))
            if op.attrs.get("form") != "try":
                self._region(region, inner)
                before.append(inner)
                continue
            if region is op.regions[0]:  # a handler runs after a part of the body
                inner.last = last_change(op)
            self._region(region, inner)
            if inner.last is not None:
                before.append(Place(inner.settled, inner.end))

    def _loop(self, op: Op, place: Place) -> None:
        inner = Place(self.point, 0, op, place, place.depth + 1)
        body = op.regions[-1]
        for param in body.params:
            self._define(param, inner)
        if op.kind == "while":
            for twin, param in zip(op.regions[0].params, body.params, strict=True):
                self.test_of[twin] = param
            self._region(op.regions[0], inner)
        start = min(inner.start, self.point)
        self._region(body, inner)
        inner.start = min([start, *(self.defined[p][0] for p in body.params)])
        self.point += 1
        inner.end = self.point
        for value in elements(op.attrs.get("sugar")):  # bound in the header, at once
            if value in self.segments:
                self.segments[value].append((inner.start, self.defined[value][0]))
        for slot in slots(op):  # the next iteration, or the result, reads it here
            self.segments[slot.param].append((self.point - 1, self.point))

    def _pullback(self, op: Op, place: Place) -> None:
        # a function's name is bound before what it captures is read: it lives through
        self._define(op.result, place)
        inner = Place(self.point, 0, op, place, place.depth + 1)
        for param in op.regions[0].params:
            self._define(param, inner)
        self._region(op.regions[0], inner)
        inner.end = self.point
        self.segments[op.result].append((inner.start, inner.end))

    def _use(self, value: Value, place: Place) -> None:
        """Extend the value's segments to the current point; inline ones pass it on."""
        if value.is_const:
            return
        value = self.test_of.get(value, value)
        if value in self.inlined:
            op = value.op
            assert op is not None
            for arg in op.args:
                self._use(arg, place)
            for region in op.regions:
                for result in region.results:
                    self._use(result, place)
            return
        start, home = self.defined[value]
        chain = []
        at = place
        while at is not home and at.depth > home.depth:
            chain.append(at)
            assert at.up is not None
            at = at.up
        end = self.point
        for outer in chain:
            if outer.op is not None and outer.op.kind != "if":
                # live until the end of the loop, which is not known yet
                self.late.append((value, outer))
        segments = self.segments[value]
        point = start
        for inner in reversed(chain):
            for sibling in inner.siblings:
                segments.append((point, sibling.start))
                point = sibling.end
        segments.append((point, end))

    def finish(self) -> dict[Value, list[Segment]]:
        """The segments, merged and sorted, loops taken into account."""
        for value, loop in self.late:
            self.segments[value].append((loop.start, loop.end))
        return {v: merged(s) for v, s in self.segments.items()}


def elements(sugar: Any) -> Iterator[Value]:
    """The values that the header of a loop may bind, other than its index."""
    match sugar:
        case ("item", element, parts):
            yield element
            yield from flat(parts)
        case ("zip" | "strict", inner):
            for each in inner:
                yield from elements(each)
        case ("enumerate", _, _, inner):
            yield from elements(inner)


def merged(segments: list[Segment]) -> list[Segment]:
    """Sorted, and joined where they touch.

    >>> merged([(5, 7), (1, 2), (2, 4)])
    [(1, 4), (5, 7)]
    """
    out: list[Segment] = []
    for start, end in sorted(segments):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def overlap(a: list[Segment], b: list[Segment]) -> bool:
    """Whether two merged lists share more than an end point.

    >>> overlap([(1, 3)], [(3, 5)]), overlap([(1, 4)], [(3, 5)])
    (False, True)
    """
    i = j = 0
    while i < len(a) and j < len(b):
        if max(a[i][0], b[j][0]) < min(a[i][1], b[j][1]):
            return True
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return False

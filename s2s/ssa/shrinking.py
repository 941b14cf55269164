"""Lengths that change from round to round of a loop, by as much in each.

In: the types of what a loop carries, before it and at the end of a round. Out: names
for the lengths in a round, which tell what these have to do with each other.

    for i in range(n):               in round i, both V and S are as long as V was
        S = S[1:] * d                before the loop, less i
        V = p * V[1:] + q * V[:-1]

What is supposed of a length is true before the first round; it is taken back if a round
turns out not to keep it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from s2s.ssa.ir import Value
from s2s.ssa.steps import UpTo
from s2s.ssa.sums import Sum, less
from s2s.ssa.types import Array, Dim, some_length

if TYPE_CHECKING:
    from s2s.ssa.iterate import Iteration


def rounds_before(iteration: Iteration | None) -> Sum:
    """How many rounds there were before this one, by a name if it has no index."""
    if iteration is not None:
        start, _, step = iteration.range
        if step.const in (1, -1):
            back = -int(step.const)
            return Sum().plus(start, back).plus(iteration.index, -back)
    counted = Sum()
    counted.times[str(some_length().sym)] = 1
    return counted


class Shrinking:
    """By how much each axis of what a loop carries gets shorter in each round.

    Zero is for an axis of which that turned out to be wrong.
    """

    def __init__(self) -> None:
        self.by: dict[Hashable, int] = {}

    def rename(
        self,
        key: Hashable,
        params: Sequence[Value],
        entries: Sequence[Value],
        before: Sum,
    ) -> None:
        """Give the lengths of what a round begins with their names in it."""
        for j, (param, entry) in enumerate(zip(params, entries, strict=True)):
            of, first = param.type, entry.type
            if isinstance(of, Array) and isinstance(first, Array) and _fit(of, first):
                pairs = enumerate(zip(of.shape, first.shape, strict=True))
                dims = (self._dim((key, j, k), d, e, before) for k, (d, e) in pairs)
                param.type = replace(of, shape=tuple(dims))

    def _dim(self, key: Hashable, d: Dim, entry: Dim, before: Sum) -> Dim:
        if key not in self.by or d.sym is not None or entry.sym is None:
            return d
        short = less(entry, before, self.by[key] or 1)
        dim = replace(short, unit=d.unit, low=d.low)
        if self.by[key]:
            return dim
        return Dim(UpTo(str(some_length().sym), dim), 0, d.unit, d.low, True)

    def news(
        self, key: Hashable, params: Sequence[Value], ends: Sequence[Value]
    ) -> bool:
        """Whether the end of a round tells more, or other things than supposed."""
        news = False
        for j, (param, end) in enumerate(zip(params, ends, strict=True)):
            p, e = param.type, end.type
            if isinstance(p, Array) and isinstance(e, Array) and _fit(p, e):
                for k, pair in enumerate(zip(p.shape, e.shape, strict=True)):
                    news |= self._news((key, j, k), *pair)
        return news

    def _news(self, key: Hashable, param: Dim, end: Dim) -> bool:
        by = param.off - end.off if param.sym == end.sym else 0
        if key not in self.by:
            if not param.same(end):
                self.by[key] = max(by, 1)
                return True
        elif self.by[key] not in (0, by):
            self.by[key] = 0
            return True
        return False


def _fit(a: Array, b: Array) -> bool:
    """Whether both are arrays on every path, of one rank."""
    return a.rank == b.rank and not (a.loose or b.loose)

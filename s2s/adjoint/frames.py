"""Which primal values the reverse sweep reads, loop by loop.

In: a function, and the reverse sweep that is to follow it. Out: a tree of frames, one
for each reversed loop in the one for the whole sweep, with what is read in each of the
values that the primal loop defines; and the place of each read.

    for x in reversed(xs):                    frame of the sweep: needs nothing
        x_bar = 2.0 * (s_bar * x)     ->          frame of the loop: needs x
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from s2s.adjoint.offers import Offers, Site
from s2s.adjoint.reverse import Reverse
from s2s.ssa.ir import Function, Op, Region, Value


@dataclass(eq=False)
class Frame:
    """The body of one reversed loop (or the whole sweep) with its primal body."""

    primal: Region
    reverse: Region
    loop: Op | None = None
    needs: list[Value] = field(default_factory=list)
    pushed: set[Value] = field(default_factory=set)
    repeated: set[Value] = field(default_factory=set)  # arrays that are recomputed
    inner: list[Frame] = field(default_factory=list)


class Frames:
    """Where primal values are defined, and where they are read.

    The reverse sweep of a function that is called is one of its own: it is `given`
    some values anyway, and all else that it reads at top level is kept for it.
    """

    def __init__(
        self,
        function: Function,
        rev: Reverse,
        sweep: Region,
        policy: str,
        given: Collection[Value] | None = None,
    ) -> None:
        self.function = function
        self.given = given
        self.rev = rev
        self.policy = policy
        self.home: dict[Value, Region] = {}  # where a primal value is defined
        self.up: dict[Region, tuple[Region, Op] | None] = {}  # enclosing region, op
        self.frames: dict[Region, Frame] = {}  # by primal loop body
        self.sweep = sweep
        self.index = rev.indices
        self.offers = Offers(rev.restores)
        self.clock = 0
        self.at: dict[Frame, Site] = {}  # where in each frame the collection is
        self._map(function.body, None)
        rev.restores.forget_dead(self.home)
        self.top = Frame(function.body, sweep)
        self.frames[function.body] = self.top
        own = set(self.sweep.walk())
        self.reversed_values = (
            {v for op in own for v in op.results}
            | {p for op in own for r in op.regions for p in r.params}
            | set(self.sweep.params)
        )

    # where things are -----------------------------------------------------

    def _map(self, region: Region, up: tuple[Region, Op] | None) -> None:
        self.up[region] = up
        for param in region.params:
            self.home[param] = region
        for op in region.ops:
            for inner in op.regions:
                self._map(inner, (region, op))
            for result in op.results:
                self.home[result] = region

    def frame_of(self, value: Value) -> Frame | None:
        """The innermost reversed loop whose primal body defines the value."""
        region: Region | None = self.home.get(value)
        while region is not None:
            if region in self.frames:
                return self.frames[region]
            up = self.up[region]
            region = up[0] if up else None
        return None

    def _frames(self, frame: Frame) -> list[Frame]:
        return [frame, *(f for inner in frame.inner for f in self._frames(inner))]

    def _region_of(self, op: Op) -> Region:
        return self.home[op.result]

    def _depth(self, region: Region) -> int:
        """How many loops are around a primal region."""
        depth = 0
        while (up := self.up.get(region)) is not None:
            depth += up[1].kind in ("for", "while")
            region = up[0]
        return depth

    # what is read ---------------------------------------------------------

    def _collect(
        self,
        region: Region,
        frame: Frame,
        around: tuple[Region, ...],
        offered: Iterable[int],
    ) -> None:
        """Note the primal values read in a reversed region, frame by frame."""
        offers, rs = self.offers, self.rev.restores
        path = (*around, region)
        for op in region.ops:
            self.clock += 1
            here = self.at[frame] = Site(self.clock, path)
            slots_of = rs.offered(op)
            is_reversed = op in self.rev.loops
            for k, arg in enumerate(op.args):
                base = rs.offers.get(op) or slots_of.get(k - 3 if is_reversed else -1)
                self._need(arg, base)
            for inner in op.regions:
                if is_reversed:
                    primal = self.rev.pairs[inner]
                    deeper = Frame(primal, inner, op)
                    self.frames[primal] = deeper
                    frame.inner.append(deeper)
                    for k in slots_of:
                        offers.made[inner.params[1 + k]] = Site(
                            self.clock, (*path, inner)
                        )
                    self._collect(inner, deeper, path, slots_of)
                else:
                    self._collect(inner, frame, path, slots_of)
            self.clock += 1
            self.at[frame] = here
            made = [op.results[k] for k in slots_of]
            for value in op.results if op in rs.offers else made:
                offers.made[value] = Site(self.clock, path)
        self.clock += 1
        self.at[frame] = Site(self.clock, path)
        for k, result in enumerate(region.results):
            if k not in offered:
                self._need(result)

    def _need(self, value: Value, offer: Value | None = None) -> None:
        """Note that a value is read; by an offer to restore an array, if it is one."""
        if value in self.rev.counted:
            for part in self.rev.counted[value]:
                self._need(part, offer)
        if value.is_const or value in self.reversed_values or value in self.index:
            return
        frame = self.frame_of(value)
        if frame is None:
            return
        if offer is not None:
            self.offers.needs.append((offer, value, self.at[frame]))
            return
        frame.needs.append(value)
        self.offers.sites.setdefault(value, set()).add(self.at[frame])

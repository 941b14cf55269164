"""Who holds an array when, and what that means for a change in place.

In: a function, as it is now. Out: for an update, the values that stand against it: what
shares storage with its first operand, and is read later.

    v = A[1:]
    A1 = store(A, 2, 5.0)     ->     v stands against it: the store would change it
    y = v + A1
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from s2s.ssa.ir import Function, Op, Value, is_loop
from s2s.ssa.live import Live, Segment
from s2s.ssa.nesting import may_hold
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import (
    UPDATES,
    Roots,
    changes_list,
    may_show,
    replaces_part,
)
from s2s.ssa.storage import aliasing
from s2s.ssa.types import Array, Scalar, bound


@dataclass(eq=False)
class Storage:
    """Who holds what when: roots and liveness of one state of the function.

    `fresh` are additions that are not in place.
    """

    function: Function
    live: Live
    segments: dict[Value, list[Segment]]
    fresh: Collection[Op] = ()

    @classmethod
    def of(cls, function: Function) -> Storage:
        live = Live(function, set(), shapes=False)
        return cls(function, live, live.finish())

    @cached_property
    def roots(self) -> Roots:
        return Roots(self.function, self.tentative)

    @cached_property
    def families(self) -> dict[Value, list[Value]]:
        return families(self.roots)

    @cached_property
    def lists(self) -> Roots:
        """Which lists may be the same, whatever their items are."""
        return Roots(self.function, self.tentative, items=False)

    @cached_property
    def families_of_lists(self) -> dict[Value, list[Value]]:
        return families(self.lists)

    def tentative(self, op: Op) -> bool:
        """Whether an operation may turn out to be in place."""
        if op.kind in UPDATES:
            return True
        if op in self.fresh or not is_candidate(op):
            return False
        if not fits(op) or op.args[0].is_const:
            return False
        made = op.args[0].op if op.attrs.get("derived") else None
        while made is not None and aliasing(made) == "view":
            if self.alive(made.args[0], op):  # all that is seen of it would change
                return False
            made = made.args[0].op
        return not self.alive(op.args[0], op)

    def alive(self, value: Value, after: Op) -> bool:
        """Whether a value is read after an operation."""
        value = self.live.test_of.get(value, value)
        at = self.live.defined[after.result][0]
        lives = self.segments.get(value, [])
        return any(start < at < end for start, end in lives)

    def conflicts(self, op: Op, items: bool = False) -> Iterator[Value]:
        """What stands against changing the first operand in place: who else sees it.

        Where a list gets other items, that is what holds the list, not its items
        (unless they change, too: `items`).
        """
        of_list = changes_list(op) and not items
        base, roots = op.args[0], self.lists if of_list else self.roots
        # where a part is replaced, arrays stay as they are
        shows = may_show(op) if replaces_part(op) else None
        related = self.families_of_lists if of_list else self.families
        if base.is_const:
            return
        if self.alive(base, op):
            yield base
        for outsider in roots.ever(roots.of[base]) & roots.outside:
            if shows is not None and not shows(outsider):
                continue
            if not of_list or may_hold(outsider.type, base.type):
                yield outsider
                return
        for stack, pushes in roots.pushed.items():
            if roots.family(stack) is roots.family(base) and self.alive(stack, op):
                at = self.live.defined[op.result][0]
                for push in pushes:
                    if self.made_after(push, op):
                        continue
                    if of_list and not may_hold(push.args[1].type, base.type):
                        continue
                    if shows is not None and not shows(push.args[1]):
                        continue
                    if roots.sees(push, op, self.live.done[push] > at):
                        yield stack
                        return
        for other in related.get(roots.family(base), ()):
            if other is base or other is op.result:
                continue
            if of_list and not may_hold(other.type, base.type):
                continue
            if shows is not None and not shows(other):
                continue
            if self.alive(other, op) and roots.meet(base, other):
                if not self.apart(op, other):
                    yield other

    def made_after(self, push: Op, op: Op) -> bool:
        """Whether what an update changes is made anew after a push, in each round.

        Then it was not pushed: in the rounds before, it was another array. Nor was it
        if the push is not in the round, or comes later in it.
        """
        roots, around = self.roots, self.roots.chains[push]
        at = self.live.defined[op.result][0]
        here = roots.chains.get(op, around)
        for root in roots.of[op.args[0]]:
            known = root in roots.slot_of or root in roots.outside
            if known or root.op is None or root not in self.live.defined:
                return False
            chain = roots.chain[root]
            inside = around[: len(chain)] == chain
            if inside and self.live.defined[root][0] <= self.live.done[push]:
                depth = len(chain) + 1
                again = len(here) >= depth and here[:depth] == around[:depth]
                if again or self.live.done[push] <= at:
                    return False
        return True

    def apart(self, op: Op, other: Value) -> bool:
        """Whether an update surely leaves alone what a view shows."""
        view, base = other.op, op.args[0]
        if view is None or view.kind != "getitem" or op.kind not in UPDATES:
            return False
        root = self.roots.of[base]
        if len(root) > 1 or not (self.whole(base) and self.whole(view.args[0])):
            return False
        if self.roots.of[view.args[0]] != root or view not in self.overlap.chain:
            return False
        return aliasing(view) == "view" and self.overlap.apart(view, op)

    def whole(self, value: Value) -> bool:
        """Whether a value is all of its only root, not a view of it."""
        roots, op = self.roots, value.op
        if value in roots.of.get(value, ()):
            return True
        if value not in roots.of or op is None or op.kind == "if":
            return False
        if roots.in_place(op):
            return self.whole(op.args[0])
        return is_loop(op) and roots.of[value] <= set(roots.slot_of)

    @cached_property
    def overlap(self) -> Overlap:
        return Overlap(self.function.body)


def families(roots: Roots) -> dict[Value, list[Value]]:
    """The values with storage, by what may be connected."""
    found: dict[Value, list[Value]] = {}
    for value in roots.of:
        if roots.of[value]:
            found.setdefault(roots.family(value), []).append(value)
    return found


def is_candidate(op: Op) -> bool:
    """Whether an operation would rather be in place: `a_bar + e`, or `a += e`."""
    if op.kind in ("add", "sub") and op.attrs.get("derived"):
        return True
    if op.kind in ("mul", "truediv") and op.attrs.get("derived"):
        old, new = op.args[0], op.result
        return old.role == new.role in ("bar", "dot") and old.hint == new.hint
    return op.attrs.get("in_place") is not None


def fits(op: Op) -> bool:
    """Whether the result has the shape and dtype of the first operand."""
    old, new = bound(op.args[0].type), bound(op.result.type)
    if isinstance(old, Scalar) or (isinstance(old, Array) and not old.rank):
        return isinstance(new, Scalar) or (isinstance(new, Array) and not new.rank)
    if not isinstance(old, Array) or not isinstance(new, Array):
        return False
    return (
        old.dtype == new.dtype
        and old.rank == new.rank
        and not old.loose
        and all(
            a.same(b) or (a.unit is False and b.unit is False)
            for a, b in zip(old.shape, new.shape, strict=True)
        )
    )

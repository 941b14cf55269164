"""Ownership: which pure updates may be printed in place, and where a copy is needed.

In: a function. Out: the same function, in which

- every `store` and `add_at` updates an array (or list) that nobody looks at any more:
  where that was not so, something has been copied: a view that is read later, the array
  before a loop, or the array just before the update;
- an `add` or `sub` whose first operand nobody else holds is marked `in_place`, to be
  printed as `+=`;
- returned gradients share no storage with each other or with anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from s2s.errors import InternalError
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.live import Live, Segment
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import UPDATES, Roots, changes_list, is_container
from s2s.ssa.storage import aliasing, slot_map, surely_number
from s2s.ssa.types import Array, Scalar, bound, rank_of

ROUNDS = 40  # a handful are enough


def take_ownership(function: Function) -> Function:
    """Insert the copies that in-place printing needs and mark what may be in place."""
    for _ in range(ROUNDS):
        if not Copies(function).insert():
            break
    else:
        raise InternalError("no end of copies that updates in place need")
    _mark(function)
    _own_results(function)
    return function


class Storage:
    """Who holds what when: roots and liveness of one state of the function."""

    def __init__(self, function: Function) -> None:
        self.body = function.body
        self.live = Live(function, set(), shapes=False)
        self.segments = self.live.finish()
        self.function = function
        self.roots = Roots(function, self.tentative)
        self.families = families(self.roots)

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
        if not is_candidate(op) or not fits(op) or op.args[0].is_const:
            return False
        return not self.alive(op.args[0], op)

    def alive(self, value: Value, after: Op) -> bool:
        """Whether a value is read after an operation."""
        value = self.live.test_of.get(value, value)
        at = self.live.defined[after.result][0]
        lives: list[Segment] = self.segments.get(value, [])
        return any(start < at < end for start, end in lives)

    def conflicts(self, op: Op, items: bool = False) -> Iterator[Value]:
        """What stands against changing the first operand in place: who else sees it.

        Where a list gets other items, that is what holds the list, not its items
        (unless they change, too: `items`).
        """
        of_list = changes_list(op) and not items
        base, roots = op.args[0], self.lists if of_list else self.roots
        related = self.families_of_lists if of_list else self.families
        if base.is_const:
            return
        if self.alive(base, op):
            yield base
        for outsider in roots.ever(roots.of[base]) & roots.outside:
            if not of_list or is_container(outsider):
                yield outsider
                return
        for stack, pushes in roots.pushed.items():
            if roots.family(stack) is roots.family(base) and self.alive(stack, op):
                at = self.live.defined[op.result][0]
                for push in pushes:
                    if of_list and not is_container(push.args[1]):
                        continue
                    if roots.sees(push, roots.of[base], self.live.done[push] > at):
                        yield stack
                        return
        for other in related.get(roots.family(base), ()):
            if other is base or other is op.result:
                continue
            if of_list and not is_container(other):
                continue
            if self.alive(other, op) and roots.meet(base, other):
                if not self.apart(op, other):
                    yield other

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
        return Overlap(self.body)


def families(roots: Roots) -> dict[Value, list[Value]]:
    """The values with storage, by what may be connected."""
    found: dict[Value, list[Value]] = {}
    for value in roots.of:
        if roots.of[value]:
            found.setdefault(roots.family(value), []).append(value)
    return found


class Copies:
    """One round of finding and making the copies that stores need."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.storage = Storage(function)
        self.home: dict[Op, Region] = {}
        self._index(function.body)
        self.done: set[object] = set()
        self.roots = self.storage.roots  # those that matter to what is being settled
        self.shallow = False  # whether to copy lists, and not their items

    def _index(self, region: Region) -> None:
        for op in region.ops:
            self.home[op] = region
            for inner in op.regions:
                self._index(inner)

    def insert(self) -> bool:
        """Make the copies; False if none was needed."""
        settled: set[Value] = set()  # a copy of a list may do for its later versions
        for op in list(self.function.body.walk()):
            if op.kind in UPDATES:
                self.roots = self.storage.roots
                if changes_list(op):
                    self.roots = self.storage.lists
                    if self.roots.family(op.args[0]) in settled:
                        continue
                for other in self.storage.conflicts(op):
                    self.settle(op, other)
                    settled.add(self.roots.family(op.args[0]))
                    break
        return bool(self.done)

    def settle(self, op: Op, other: Value) -> None:
        """Copy what keeps `op` from changing its first operand in place."""
        base, roots = op.args[0], self.roots
        self.shallow = changes_list(op)
        if other in roots.pushed and other not in roots.of[base]:
            # what was pushed as a copy is seen only by what pops it: that is copied
            pushes = [p for p in roots.pushed[other] if not _is_copy(p.args[1])]
            for push in pushes:
                if roots.of.get(push.args[1]):
                    self.once(push, lambda p=push: self.copy_before(p, 1))
            if pushes:
                return
        view = other.op is not None and aliasing(other.op) == "view"
        if other is not base and view and roots.of[other] & roots.of[base]:
            self.once(other, lambda: self.copy_at_birth(other))
            return
        for slot, k in self.entries(base, other):
            self.once((slot, k), lambda s=slot, k=k: self.copy_init(s, k))
            return
        self.once(op, lambda: self.copy_before(op, 0))

    def entries(self, base: Value, other: Value) -> Iterator[tuple[Op, int]]:
        """Loops that bring in what `other` sees, the outermost one first."""
        roots = self.roots
        theirs = roots.of.get(other, frozenset())
        held = roots.ever(roots.of.get(base, frozenset()))
        for root in roots.of.get(base, ()):
            if root not in roots.slot_of:
                continue
            for loop in roots.chain[root]:
                if not is_loop(loop):
                    continue
                for k, slot in enumerate(slots(loop)):
                    if slot.param not in held:
                        continue
                    init = roots.slot_of[slot.param].init  # before this round's copies
                    if _is_copy(init):
                        continue  # it cannot be set apart further
                    outer = [y for y in theirs if loop not in roots.chain[y]]
                    if any(
                        roots.same(x, y) for x in roots.of.get(init, ()) for y in outer
                    ):
                        yield loop, k

    def once(self, key: object, copy: object) -> None:
        if key not in self.done:
            self.done.add(key)
            assert callable(copy)
            copy()

    def copy_at_birth(self, value: Value) -> None:
        """Let a view be a copy from the start."""
        op = value.op
        assert op is not None
        made = copied(Value(value.type, value.hint, value.role, op=op), op)
        view, op.results = made.args[0], [made.args[0]]
        made.results = [value]
        value.op = made
        region = self.home[op]
        region.ops.insert(region.ops.index(op) + 1, made)
        view.role = "temp"

    def copy_init(self, loop: Op, k: int) -> None:
        param = slots(loop)[k].param
        self.copy_before(loop, loop_parts(loop)[0] + k, param.hint, param.role)

    def copy_before(self, op: Op, k: int, hint: str = "", role: str = "") -> None:
        made = copied(op.args[k], op)
        made.attrs["shallow"] = self.shallow
        if hint:
            made.result.hint, made.result.role = hint, role
        if op.kind == "push":
            made.result.role = "temp"
        region = self.home[op]
        region.ops.insert(region.ops.index(op), made)
        op.args[k] = made.result


def _is_copy(value: Value) -> bool:
    return value.op is not None and value.op.kind == "copy"


def copied(value: Value, near: Op) -> Op:
    """A copy of the value, of the sweep that an operation belongs to."""
    made = Op("copy", [value], ("x",), {"sweep": near.attrs.get("sweep")})
    made.origin = near.origin
    made.results = [Value(value.type, value.hint, value.role, op=made)]
    return made


def is_candidate(op: Op) -> bool:
    """Whether an operation would rather be in place: `a_bar + e`, or `a += e`."""
    if op.kind in ("add", "sub") and op.attrs.get("derived"):
        return True
    return op.attrs.get("in_place") is not None


def _mark(function: Function) -> None:
    """Decide about additions, whose copies would not be worth it."""
    storage, carried = Storage(function), slot_map(function)
    for op in list(function.body.walk()):
        if op.kind == "add_at" and changes_list(op):
            roots = storage.roots.ever(storage.roots.of[op.args[0]])
            alone = not any(map(is_repeated, roots))
            alone = alone and not any(storage.conflicts(op, items=True))
            op.attrs["items_in_place"] = alone
        if is_candidate(op):
            first = op.args[0]
            # (an array without axes that changes would stay one: no number comes of it)
            op.attrs["in_place"] = fits(op) and (
                surely_number(first, carried)
                or (
                    rank_of(first.type) != 0
                    and storage.tentative(op)
                    and not any(storage.conflicts(op))
                )
            )


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


def _own_results(function: Function) -> None:
    """Derivatives must alias neither each other nor anything that others can see."""
    region = function.body
    derived = function.attrs.get("derived_results", range(0))
    pullback = region.ops[-1] if region.ops else None
    inside: tuple[Op, ...] = ()
    if pullback is not None and pullback.kind == "pullback":
        region, inside = pullback.regions[0], (pullback,)
        derived = range(len(region.results))
    last = region.ops[-1] if region.ops else None
    sweep = last.attrs.get("sweep") if last else None
    roots = Roots(function)
    for k in derived:
        value = region.results[k]
        if value.is_const or not roots.of[value]:
            continue
        others = [r for j, r in enumerate(region.results) if j != k]
        if _is_ours(value, inside, roots) and not any(
            roots.meet(value, other) for other in others
        ):
            continue
        made = copied(value, Op("", [], attrs={"sweep": sweep}))
        region.ops.append(made)
        region.results[k] = made.result
        roots.of[made.result] = frozenset([made.result])
        roots.chain[made.result] = inside


def is_repeated(root: Value) -> bool:
    """Whether a list has one array many times."""
    made = root.op
    if made is None or made.kind != "list_repeat":
        return False
    return rank_of(made.args[0].type) != 0


def _is_ours(value: Value, inside: tuple[Op, ...], roots: Roots) -> bool:
    """Whether an array was made in this call (of the pullback) and is writable."""
    for root in roots.ever(roots.of[value]):
        made = root.op
        if root in roots.outside or roots.chain[root][: len(inside)] != inside:
            return False
        if (made is not None and made.kind == "pop") or is_repeated(root):
            return False
    return True

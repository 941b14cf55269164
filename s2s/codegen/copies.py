"""Copies that let updates be in place.

In: a function. Out: the same function, with a copy for each update of something that
others still see: of a view that is read later, of the array before a loop, of the array
just before the update, or of a parameter.

    v = A[1:]                        v = A[1:].copy()
    A1 = store(A, 2, 5.0)     ->     A1 = store(A, 2, 5.0)
    y = v + A1                       y = v + A1
"""

from __future__ import annotations

from collections.abc import Iterator

from s2s.codegen.holders import Storage
from s2s.ssa.callee import call_of, position
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.nesting import may_be_list, nesting
from s2s.ssa.roots import UPDATES, Roots, changes_list
from s2s.ssa.storage import aliasing
from s2s.ssa.types import Array, Kept, List, bound

TRANSPOSES = ("T", "transpose", "np.transpose", "swapaxes", "np.swapaxes")


class Copies:
    """One round of finding and making the copies that stores need."""

    def __init__(self, function: Function, patient: bool = True) -> None:
        self.function = function
        self.patient = patient  # whether what was copied may wait for the next round
        self.storage = Storage.of(function)
        self.home: dict[Op, Region] = {}
        self.owner = {p: function.body for p in function.body.params}
        self._index(function.body)
        self.done: set[object] = set()
        self.roots: Roots  # those that matter to what is being settled
        self.shallow = False  # whether to copy lists, and not their items

    def _index(self, region: Region) -> None:
        for op in region.ops:
            self.home[op] = region
            for inner in op.regions:
                if op.kind == "pullback":
                    self.owner |= {p: inner for p in inner.params}
                self._index(inner)

    def insert(self) -> bool:
        """Make the copies; False if none was needed."""
        settled: set[Value] = set()  # a copy of a list may do for its later versions
        given: dict[Value, Op] = {}
        for op in list(self.function.body.walk()):
            if op.kind in UPDATES:
                self.roots = self.storage.roots
                if changes_list(op):
                    self.roots = self.storage.lists
                    if self.roots.family(op.args[0]) in settled:
                        continue
                for other in self.storage.conflicts(op):
                    if self.renewed(other) or (
                        self.patient and self.renewed(op.args[0])
                    ):
                        continue  # it has become a copy in this round
                    if self.is_param(other, op):
                        given.setdefault(other, op)
                        break
                    self.settle(op, other)
                    settled.add(self.roots.family(op.args[0]))
                    break
        if not self.done:  # else what is copied now may do for all later updates
            for param, op in given.items():
                self.once(param, lambda p=param, o=op: self.copy_param(p, o))
        return bool(self.done)

    def renewed(self, value: Value) -> bool:
        """Whether a value is, or comes of, a copy that was made in this round."""
        its = self.roots.of.get(value)
        if value in self.done or (its and its <= self.done):
            return True
        made, seen = value.op, set[Op]()
        if made is not None and made.kind == "pop" and made.args[0] in self.done:
            return True  # copies are pushed now
        while self.patient and made is not None and made not in seen:
            if made in self.done:
                return True
            seen.add(made)
            call = call_of(made)
            if call is not None:
                held = call.attrs["callee"].holds[position(made)].args
                made = next((call.args[k].op for k in sorted(held)), None)
            else:
                made = made.args[0].op if self.roots.in_place(made) else None
        return False

    def is_param(self, other: Value, op: Op) -> bool:
        """Whether to copy a parameter, that only the caller needs as it was."""
        mine = other in self.owner and other is not op.args[0]
        return mine and not self.storage.alive(other, op)

    def copy_param(self, param: Value, op: Op) -> None:
        """Let a function change a copy of what it is given."""
        region = self.owner[param]
        made = copied(param, region.ops[0])
        made.result.hint, made.result.role = op.args[0].hint, op.args[0].role
        region.substitute({param: made.result})
        region.ops.insert(0, made)

    def settle(self, op: Op, other: Value) -> None:
        """Copy what keeps `op` from changing its first operand in place."""
        base, roots = op.args[0], self.roots
        # (of lists in lists, what is in both copies is not told apart)
        self.shallow = changes_list(op) and nesting(base.type) < 2
        if other in roots.pushed and other not in roots.of[base]:
            # what was pushed as a copy is seen only by what pops it: that is copied;
            # so is what changes, where nothing looks into what was pushed
            pushes = [p for p in roots.pushed[other] if not self.is_copy(p.args[1])]
            kept = [p for p in pushes if isinstance(p.args[1].type, Kept)]
            pushes = [p for p in pushes if p not in kept]
            for push in pushes:
                if roots.of.get(push.args[1]):
                    self.once(push, lambda p=push: self.copy_pushed(p))
            if all([self.copy_given(p.args[1]) for p in kept]):
                pushes += kept
            if pushes:
                self.done.add(other)
                return
        if other is not base and is_part(other) and roots.of[other] & roots.of[base]:
            self.once(other, lambda: self.copy_at_birth(other))
            return
        for slot, k in self.entries(base, other):
            self.once((slot, k), lambda s=slot, k=k: self.copy_init(s, k))
            return
        made = base.op
        near = made is not None and self.home[made] is self.home[op]
        if near and other is not base and is_part(base):
            self.once(op, lambda: self.copy_at_birth(base))
            return
        named = op.result.hint, op.result.role
        self.once(op, lambda: self.copy_before(op, 0, *named))

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
                    if self.shallow and not may_be_list(slot.param.type, base.type):
                        continue  # it only holds the list that is changed
                    init = roots.slot_of[slot.param].init  # before this round's copies
                    if self.is_copy(init):
                        continue  # it cannot be set apart further
                    outer = [y for y in theirs if loop not in roots.chain[y]]
                    beside = [
                        roots.slot_of[y].init
                        for y in theirs
                        if y in roots.slot_of and roots.chain[y][-1] is loop
                        if y is not slot.param  # which is no other in any round
                    ]
                    outer += [y for x in beside for y in roots.of.get(x, ())]
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
        if op.kind in TRANSPOSES:  # a copy of its own would lie in another order
            self.copy_before(op, 0)
            return
        made = copied(Value(value.type, value.hint, value.role, op=op), op)
        view, op.results = made.args[0], [made.args[0]]
        made.results = [value]
        value.op = made
        region = self.home[op]
        region.ops.insert(region.ops.index(op) + 1, made)
        view.role = "temp"

    def copy_init(self, loop: Op, k: int) -> None:
        param = slots(loop)[k].param
        self.done.add(param)
        self.copy_before(loop, loop_parts(loop)[0] + k, param.hint, param.role)

    def is_copy(self, value: Value) -> bool:
        """Whether a value is a copy already: of the items, too, if these change."""
        made = value.op
        if made is None or made.kind != "copy":
            return False
        return self.shallow or not made.attrs.get("shallow")

    def copy_pushed(self, push: Op) -> None:
        made = push.args[1].op
        if made is not None and made.kind == "copy":
            made.attrs["shallow"] = False  # its items change, too
        else:
            self.copy_before(push, 1)

    def copy_given(self, kept: Value) -> bool:
        """Copy what a call keeps of its arguments; False if that cannot be done."""
        call = call_of(kept.op) if kept.op is not None else None
        if kept.op is None or call is None:
            return False
        given = sorted(call.attrs["callee"].holds[position(kept.op)].args)
        given = [k for k in given if isinstance(bound(call.args[k].type), Array)]
        for k in given:
            if not self.is_copy(call.args[k]):
                self.once((call, k), lambda k=k: self.copy_before(call, k))
        return any((call, k) in self.done for k in given)

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


def is_part(value: Value) -> bool:
    """Whether a value is a view of an array, or what was read from a list."""
    op = value.op
    if op is None:
        return False
    item = op.kind == "getitem" and isinstance(bound(value.type), Array | List)
    return aliasing(op) == "view" or (item and aliasing(op) == "maybe")


def copied(value: Value, near: Op) -> Op:
    """A copy of the value, of the sweep that an operation belongs to."""
    made = Op("copy", [value], ("x",), {"sweep": near.attrs.get("sweep")})
    made.origin = near.origin
    made.results = [Value(value.type, value.hint, value.role, op=made)]
    return made

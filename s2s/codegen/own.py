"""Ownership: which pure updates may be printed in place, and where a copy is needed.

In: a function. Out: the same function, in which

- every `add_at` updates an array (or list) that nobody else holds: where that was not
  so, a `copy` comes first;
- an `add` or `sub` whose first operand nobody else holds is marked `in_place`, to be
  printed as `+=`;
- returned gradients share no storage with each other or with anything else.

A value is owned where it is made fresh and read once; a loop-carried one where its
initial value and what each iteration yields are.
"""

from __future__ import annotations

from collections import Counter

from s2s.ssa.alias import shares, slot_map, surely_number
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts
from s2s.ssa.types import ANY, Array, List, Scalar, bound


def is_array(value: Value) -> bool:
    """Whether a value has storage that an in-place operation could change."""
    of = bound(value.type)
    return isinstance(of, List) or of == ANY or (isinstance(of, Array) and of.rank > 0)


class Owner:
    """Answers who owns what, and inserts copies."""

    def __init__(self, function: Function) -> None:
        self.uses = most_uses(function.body)
        self.where: dict[Value, tuple[Op, Region, int]] = {}  # parameter -> loop, slot
        self.region_of: dict[Op, Region] = {}
        self.depth: dict[Op, Op | None] = {}  # operation -> loop or pullback around
        self.function = function
        self._index(function.body, None)

    def _index(self, region: Region, around: Op | None) -> None:
        for op in region.ops:
            self.region_of[op] = region
            self.depth[op] = around
            for inner in op.regions:
                if is_loop(op) and inner is op.regions[-1]:
                    skip = int(op.kind == "for")
                    for k, param in enumerate(inner.params[skip:]):
                        self.where[param] = (op, inner, k)
                if op.kind == "while" and inner is op.regions[0]:
                    # the test reads the same variables as the body
                    used = Counter(a for o in inner.walk() for a in o.args)
                    used.update(inner.results)
                    for param, twin in zip(
                        inner.params, op.regions[1].params, strict=True
                    ):
                        self.uses[twin] += used[param]
                repeats = op.kind == "pullback" or is_loop(op)
                self._index(inner, op if repeats else around)

    def owned(self, value: Value, user: Op | None) -> bool:
        """Whether `user`, the only reader of the value, may change it in place."""
        return self._owned(value, self.depth.get(user) if user else None, frozenset())

    def _owned(self, value: Value, around: Op | None, seen: frozenset[Value]) -> bool:
        """`around` is the loop or pullback in which the value is changed.

        What comes from outside of it would be changed again in the next round.
        """
        if value.is_const or self.uses[value] != 1:
            return False
        if value in seen:
            return True
        seen |= {value}
        if value in self.where:
            op, body, k = self.where[value]
            a, _, y = loop_parts(op)
            return (
                op is around
                and self._owned(op.args[a + k], self.depth[op], seen)
                and self._owned(body.results[y + k], op, seen)
            )
        op_of = value.op
        if op_of is None or op_of not in self.region_of:
            return False
        if self.depth[op_of] is not around:
            return False
        k = op_of.results.index(value)
        if is_loop(op_of):
            a, _, y = loop_parts(op_of)
            yielded = op_of.regions[-1].results[y + k]
            return self._owned(op_of.args[a + k], around, seen) and self._owned(
                yielded, op_of, seen
            )
        if op_of.kind == "if":
            return all(self._owned(r.results[k], around, seen) for r in op_of.regions)
        return not shares(op_of)

    def copy(self, value: Value, before: Op) -> Value:
        """A copy of the value, made just before an operation."""
        made = Op("copy", [value], ("x",), origin=before.origin)
        made.attrs["sweep"] = before.attrs.get("sweep")
        result = Value(value.type, value.hint, value.role, op=made)
        made.results = [result]
        region = self.region_of[before]
        region.ops.insert(region.ops.index(before), made)
        self._note(made, region, before)
        return result

    def _note(self, made: Op, region: Region, near: Op | None) -> None:
        self.region_of[made] = region
        self.depth[made] = self.depth.get(near) if near else None
        self.uses[made.result] = 1

    def demand(self, value: Value, user: Op) -> Value:
        """The value itself where it is owned, else an owned copy of it."""
        if self.owned(value, user):
            return value
        if value in self.where and self.uses[value] == 1:
            loop, _, k = self.where[value]
            k += loop_parts(loop)[0]
            if not self.owned(loop.args[k], loop):
                loop.args[k] = self.copy(loop.args[k], loop)
            if self.owned(value, user):
                return value
        copied = self.copy(value, user)
        if copied.op is not None:  # adjoints of lists of tuples are lists of lists
            copied.op.attrs["of_lists"] = True
        return copied


def most_uses(region: Region) -> Counter[Value]:
    """How often each value is read in one run: only one branch of an `if` is."""
    uses = Counter(region.results)
    for op in region.ops:
        uses.update(op.args)
        inner = [most_uses(r) for r in op.regions]
        if op.kind == "if":
            uses.update(inner[0] | inner[1])  # the larger number of the two
        else:
            for counts in inner:
                uses.update(counts)
    return uses


def take_ownership(function: Function) -> Function:
    """Insert the copies that in-place printing needs and mark what may be in place."""
    owner, carried = Owner(function), slot_map(function)
    for op in list(function.body.walk()):
        if op.kind == "add_at":
            op.args[0] = owner.demand(op.args[0], op)
    for op in list(function.body.walk()):
        if op.kind in ("add", "sub") and op.attrs.get("derived"):
            op.attrs["in_place"] = _fits(op) and (
                surely_number(op.args[0], carried)
                or (is_array(op.args[0]) and owner.owned(op.args[0], op))
            )
        elif op.attrs.pop("in_place", None) is not None:
            op.attrs["in_place"] = _fits(op) and owner.owned(op.args[0], op)
    _own_results(function, owner)
    return function


def _fits(op: Op) -> bool:
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


def _own_results(function: Function, owner: Owner) -> None:
    """Derivatives must alias neither each other nor anything that others can see."""
    region = function.body
    derived = function.attrs.get("derived_results", range(0))
    if region.ops and region.ops[-1].kind == "pullback":
        region = region.ops[-1].regions[0]
        derived = range(len(region.results))
    last = region.ops[-1] if region.ops else None
    sweep = last.attrs.get("sweep") if last else None
    for k in derived:
        value = region.results[k]
        if value.is_const or not is_array(value) or owner.owned(value, last):
            continue
        made = Op("copy", [value], ("x",), attrs={"sweep": sweep})
        made.results = [Value(value.type, value.hint, value.role, op=made)]
        region.ops.append(made)
        region.results[k] = made.result

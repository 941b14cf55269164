"""Shapes are asked of the array as it is in the end.

In: a function with its reverse sweep. Out: the same function, in which what reads
nothing but the shape of an array that was updated reads it from the last version, so
that nothing keeps the older ones alive.

    A1 = store(A, i, v)                  A1 = store(A, i, v)
    A_bar = np.zeros_like(A)      ->     A_bar = np.zeros_like(A1)

The shape of a part of an older version is that of the same part of the last one; so it
is asked, unless the elements of the part are read as well.
"""

from __future__ import annotations

from s2s.shaping import same_dims
from s2s.ssa.clone import clone
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.roots import GROWTH, UPDATES
from s2s.ssa.storage import SHAPES, is_basic
from s2s.ssa.types import Array, List, bound


def ask_the_latest(function: Function, sweep: Region, planned: bool) -> None:
    """Rewrite the operands of such operations in the reverse sweep.

    Once it is planned, also what arrays have become where they are put back: the plan
    may yet decide not to.
    """
    following = versions(function.body)
    if not following:
        return
    top = {r for op in function.body.ops for r in op.results}
    read = {a for op in sweep.walk() if op.kind not in SHAPES for a in op.args}
    parts = [v.op for v in read if v.op is not None and v.op.kind == "getitem"]
    while parts:  # what is a part of a part reads that
        whole = parts.pop().args[0]
        read.add(whole)
        if whole.op is not None and whole.op.kind == "getitem":
            parts.append(whole.op)

    def newest(value: Value) -> Value:
        while value in following:
            value = following[value]
        return value

    def ask_a_part(op: Op, region: Region) -> None:
        """Let it ask the shape of a part that is taken anew: `A1[1:].shape`."""
        part = op.args[0].op
        if part is None or part.kind != "getitem" or part.args[0] not in following:
            return
        if isinstance(bound(part.result.type), List):  # it may be another one by now
            return
        if op.args[0] in read:
            return
        value = newest(part.args[0])
        if value not in top or not alike(value, part.args[0]):
            return
        if is_basic(part.attrs["index"], part.args[1:]):
            again = clone(part, {part.args[0]: value})
            again.attrs["shape_only"], again.origin = True, op.origin
            region.ops.insert(region.ops.index(op), again)
            op.args[0] = again.result

    def ask(region: Region, now: dict[Value, Value]) -> None:
        """`now` is what a last version has become where it is put back."""
        for op in list(region.ops):
            if op.kind in SHAPES and not planned:
                ask_a_part(op, region)
            if op.kind in SHAPES or op.attrs.get("shape_only"):
                value = newest(op.args[0])
                # what is made in a branch is asked for where that was taken
                if value in top and (op.args[0] not in top or alike(value, op.args[0])):
                    op.args[0] = now.get(value, value)
            elif planned and op.kind in UPDATES:
                for last in [v for v in (op.args[0], *now) if v in top]:
                    if now.get(last, last) is op.args[0]:
                        now = {**now, last: op.result}
            inside = dict(now)
            for slot in slots(op) if planned and is_loop(op) else ():
                for last in [v for v in (slot.init, *now) if v in top]:
                    if now.get(last, last) is slot.init and alike(slot.param, last):
                        inside[last], now = slot.param, {**now, last: slot.result}
            for inner in op.regions:
                ask(inner, inside)

    ask(sweep, {})


def alike(a: Value, b: Value) -> bool:
    """Whether two arrays surely have one shape, or two lists one length."""
    x, y = bound(a.type), bound(b.type)
    if isinstance(x, List) and isinstance(y, List):
        return x.dim.same(y.dim)
    loose = any(isinstance(t, Array) and t.loose for t in (x, y))
    return not loose and same_dims(x, y)


def _alike_enough(a: Value, b: Value) -> bool:
    """Whether both are arrays on every path, of one rank, or lists of one length."""
    x, y = bound(a.type), bound(b.type)
    if isinstance(x, List):
        return alike(a, b)
    if not (isinstance(x, Array) and isinstance(y, Array)):
        return False
    return not (x.loose or y.loose) and x.rank == y.rank


def versions(body: Region) -> dict[Value, Value]:
    """The next version of each array that is updated, as far as there is one."""
    found = Versions()
    found.follow(body)
    return found.following


class Versions:
    """Links each version of an array to the next one.

    `heads` maps a version to the array that it was before all updates.
    """

    def __init__(self) -> None:
        self.following: dict[Value, Value] = {}
        self.heads: dict[Value, Value] = {}

    def head(self, value: Value) -> Value:
        return self.heads.get(value, value)

    def link(self, old: Value, new: Value) -> None:
        self.following[old] = new
        self.heads[new] = self.head(old)

    def follow(self, region: Region) -> None:
        for op in region.ops:
            updates = op.kind in UPDATES or op.attrs.get("in_place") is not None
            if updates and op.kind not in GROWTH:
                self.link(op.args[0], op.result)
            for inner in op.regions:
                self.follow(inner)
            if is_loop(op):
                for slot in slots(op):
                    end = slot.yielded
                    if end is not slot.param and self.head(end) is slot.param:
                        self.following[end] = slot.result
                        self.link(slot.init, slot.result)
            elif op.kind == "if":
                for k, result in enumerate(op.results):
                    self.join(op, [r.results[k] for r in op.regions], result)

    def join(self, op: Op, ends: list[Value], result: Value) -> None:
        """Link what both branches made of one array, or what a branch has made anew."""
        if any(end.is_const or not _alike_enough(end, result) for end in ends):
            return
        heads = [self.head(end) for end in ends]
        if heads[0] is heads[1]:
            self.heads[result] = heads[0]
        for end, head, region in zip(ends, heads, op.regions, strict=True):
            if heads[0] is heads[1] or head.op in region.ops:
                self.following.setdefault(end, result)

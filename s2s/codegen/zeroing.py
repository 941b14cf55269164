"""A zero that is stored only to be added to needs not be stored.

In: a function. Out: the same function, in which the store of a zero into an adjoint is
left out where the same place gains a value soon after: that is then assigned. What was
read there before and is added back just stays.

    g = A_bar[i]                              g = A_bar[i]
    A_bar[i] = 0.0                     ->     x_bar += g * x
    x_bar += g * x                            A_bar[i] = 2.0 * g
    A_bar[i] += 2.0 * g
"""

from __future__ import annotations

from collections.abc import Iterator

from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import path_in
from s2s.ssa.storage import may_repeat, surely_number
from s2s.ssa.terms import are_same
from s2s.ssa.types import FLOAT, rank_of


def merge_zeroing(function: Function) -> Function:
    """Rewrite such stores in every region."""
    zeroing = [op for op in function.body.walk() if stores_zero(op)]
    if zeroing:
        Zeroing(function).region(function.body)
    return function


def stores_zero(op: Op) -> bool:
    """Whether the operation stores a zero into an adjoint."""
    value = op.args[-1] if op.kind == "store" else None
    zero = value is not None and value.is_const and value.const == 0.0
    return zero and bool(op.attrs.get("derived"))


class Zeroing:
    def __init__(self, function: Function) -> None:
        self.overlap = Overlap(function.body)
        self.uses = function.body.uses()

    def region(self, region: Region) -> None:
        for op in region.ops:
            for inner in op.regions:
                self.region(inner)
        for op in [op for op in region.ops if stores_zero(op)]:
            found = self.made_up_for(op, region)
            if found is not None:
                self.leave_out(op, *found, region)

    def made_up_for(self, zero: Op, region: Region) -> tuple[Op, bool] | None:
        """The later update of the same place, and whether all between is apart."""
        now, apart = zero.result, True
        for op in region.ops[region.ops.index(zero) + 1 :]:
            if now not in self.reads(op):
                continue
            if op.kind != "add_at" or op.args[0] is not now or now in op.args[1:]:
                return None
            if self.uses[now] != 1:  # another reader sees the zero
                return None
            if same_place(zero, op):
                return (op, apart) if once_each(op) else None
            apart = apart and self.overlap.apart(zero, op)
            now = op.result
        return None

    def reads(self, op: Op) -> Iterator[Value]:
        yield from op.args
        for inner in op.regions:
            yield from inner.uses()

    def leave_out(self, zero: Op, later: Op, apart: bool, region: Region) -> None:
        old, value = zero.args[0], later.args[-1]
        made = value.op
        back = (
            made is not None
            and made.kind == "getitem"
            and made.args[0] is old
            and same_place(zero, made)
        )
        if back and not later.attrs.get("minus"):
            replaced(region, zero.result, old)
            base = later.args[0]
            replaced(region, later.result, old if base is zero.result else base)
            region.ops = [op for op in region.ops if op not in (zero, later)]
        elif apart and not later.attrs.get("minus"):
            replaced(region, zero.result, old)
            region.ops.remove(zero)
            if is_number_in_list(later) and not surely_number(value, {}):
                number = Op("float", [value], ("x",), {"sweep": later.attrs["sweep"]})
                number.results = later.args[-1:] = [Value(FLOAT, op=number)]
                region.ops.insert(region.ops.index(later), number)
            later.kind = "store"
            later.attrs.setdefault("path", ())


def is_number_in_list(op: Op) -> bool:
    """Whether an update of a list changes a number in it, which is to stay one."""
    path = path_in(op)
    return len(path) == len(op.attrs["index"]) and rank_of(path[-1]) == 0


def once_each(op: Op) -> bool:
    """Whether no place gains two values: one of an index that repeats gets the last."""
    hops = sum(hop.count for hop in op.attrs.get("path", ()))
    repeats = may_repeat(op.attrs["index"], op.args[1 + hops : -1])
    return not repeats or zero_but_at_last(op.args[-1])


def zero_but_at_last(value: Value) -> bool:
    """Whether a value is `np.where(kept, ..., 0.0)`, each element times something."""
    op = value.op
    if op is None:
        return False
    if op.kind == "np.where":
        made, other = op.args[0].op, op.args[2]
        return made is not None and made.kind == "kept" and other.const == 0.0
    factors = {"mul": op.args, "neg": op.args, "truediv": op.args[:1]}
    return any(
        zero_but_at_last(x) and rank_of(x.type) == rank_of(value.type)
        for x in factors.get(op.kind, ())
    )


def same_place(a: Op, b: Op) -> bool:
    """Whether two accesses are written with the same index."""
    count = len(a.args) - 2 if a.kind in ("store", "add_at") else len(a.args) - 1
    other = len(b.args) - 2 if b.kind in ("store", "add_at") else len(b.args) - 1
    if a.attrs["index"] != b.attrs["index"] or count != other:
        return False
    if a.attrs.get("path", ()) != b.attrs.get("path", ()):
        return False
    return all(map(are_same, a.args[1 : 1 + count], b.args[1 : 1 + other]))


def replaced(region: Region, old: Value, new: Value) -> None:
    """Read another value in its place, here and inside."""
    for op in region.ops:
        op.args = [new if a is old else a for a in op.args]
        for inner in op.regions:
            replaced(inner, old, new)
    region.results = [new if r is old else r for r in region.results]

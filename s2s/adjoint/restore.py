"""Undoing the stores: the reverse sweep may put back what was overwritten.

In: stores, loops and branches, as the reverse sweep meets them. Out: for each older
version of an array, its value in the reverse sweep, made by functional stores of what
was there before. They are offers: the plan decides for each array whether it takes
them, else they are dead code.

    A1 = store(A0, i, v)     ->     old = A0[i];  A1 = store(A0, i, v)
                                    ...
                                    A0' = store(A1', i, old)

`stand_ins` maps a version of the primal to its stand-in, `reloaded` a value that was
stored to the load that finds it there before that is put back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from s2s.adjoint.latest import versions
from s2s.ssa.ir import Function, Op, Region, Slot, Value, slots
from s2s.ssa.quote import Quote
from s2s.ssa.roots import UPDATES, Roots
from s2s.ssa.swaps import swapped
from s2s.ssa.types import Array, Type, bound


class Restores:
    """The stand-ins of one reverse sweep, written through its `quote`."""

    def __init__(self, function: Function, quote: Quote) -> None:
        self.q = quote
        self.following = versions(function.body)
        self.top = {r for op in function.body.ops for r in op.results}
        self.roots = Roots(function) if self.following else None
        self.changes = [
            op for op in function.body.walk()
            if op.kind in UPDATES or op.attrs.get("in_place") is not None
        ] if self.following else []  # fmt: skip
        # last versions, which are not there for long: the caller goes on changing them
        self.leaving: set[Value] = set()
        self.now: dict[Value, Value] = {}  # as far as the sweep is inside of
        self.stand_ins: dict[Value, Value] = {}  # all of them
        self.reloaded: dict[Value, Value] = {}
        # undone store -> what was there before, if that is needed
        self.stores: dict[Op, Value | None] = {}
        self.homes: dict[Value, Value] = {}  # value that was stored -> where to
        self.stored: dict[Value, Op] = {}  # the same -> by which operation
        # what serves nothing else: operations, and results of reversed loops and
        # branches, each with the array that it restores
        self.offers: dict[Op, Value] = {}
        self.results: dict[Value, Value] = {}

    def family(self, value: Value) -> Value:
        """What tells the arrays apart that are restored independently."""
        assert self.roots is not None
        return self.roots.family(value)

    def version(self, value: Value) -> Value | None:
        """The stand-in of a version; the last one at top level stands for itself."""
        if value in self.now:
            return self.now[value]
        last = value in self.top and value not in self.following
        return value if last else None

    def _set(self, version: Value, stand_in: Value) -> None:
        self.now[version] = self.stand_ins[version] = stand_in

    def undo(self, op: Op, block: list[Op]) -> None:
        """Offer to undo one store of the primal block."""
        x, *where, v = op.args
        now = self.version(op.result)
        if now is None or not isinstance(bound(x.type), Array):
            return
        if op.kind == "store" and not v.is_const and v not in self.reloaded:
            there = self.load(op, now)
            if _alike(there.type, v.type):
                self.reloaded[v], self.homes[v], self.stored[v] = there, x, op
        if (start := swapped(op)) is not None:
            back, self.stores[op] = swap(self.q, op, now, start), None
            assert back.op is not None
            self._offer(back.op.args[-1], x)
        else:
            self.stores[op] = old = self.before(op, block)
            attrs = {k: op.attrs[k] for k in ("index", "path")}
            back = self.q.emit("store", [now, *where, old], op.names, **attrs)
        back.type, back.hint, back.role = x.type, x.hint, x.role
        self._offer(back, x)
        self._set(x, back)

    def before(self, op: Op, block: list[Op]) -> Value:
        """What is overwritten, read right before that."""
        x = op.args[0]
        with self.q.inside(Region()) as before:
            old = self.load(op, x)
        old.hint = x.hint
        for made in before.ops:
            made.origin = op.origin
            made.attrs["probe"] = True  # in a `try`, it fails where the store does
        at = block.index(op)
        block[at:at] = before.ops
        return old

    def load(self, op: Op, x: Value) -> Value:
        """What stands in an array where an operation stores."""
        base, where = op.args[0], op.args[1:-1]
        for hop in op.attrs["path"]:
            operands, where = where[: hop.count], where[hop.count :]
            x = self.q.emit(hop.kind, [x, *operands], hop.names, **dict(hop.attrs))
            self._offer(x, base)
        names = ("x", *("index",) * len(where))
        out = self.q.emit("getitem", [x, *where], names, index=op.attrs["index"])
        self._offer(out, base)
        return out

    def _offer(self, value: Value, base: Value) -> None:
        assert value.op is not None
        self.offers[value.op] = base

    # branches and loops ---------------------------------------------------

    def enter_branch(self, op: Op, primal: Region, before: dict[Value, Value]) -> None:
        """At the end of a branch stands what stands after the `if`."""
        self.now = dict(before)
        for result, inner in zip(op.results, primal.results, strict=True):
            if inner.is_const or inner.type != result.type:
                continue
            version = self._after(result, before)
            if version is not None and self._changes(result, op.regions):
                self.now[inner] = version
                if inner.op in primal.ops:  # else it is not so in the other branch
                    self.stand_ins[inner] = version

    def _after(self, result: Value, now: dict[Value, Value]) -> Value | None:
        if result in now:
            return now[result]
        last = result in self.top and result not in self.following
        return result if last else None

    def leave_branches(
        self, op: Op, out: Op, ends: list[dict[Value, Value]], before: dict
    ) -> None:
        """What both branches put back is put back after them."""
        self.now = before
        inside = {r for region in op.regions for o in region.walk() for r in o.results}
        for value in [v for v in ends[0] if v in ends[1] and v not in inside]:
            pair = [end[value] for end in ends]
            if pair[0] is pair[1]:
                if value not in before:
                    self._set(value, pair[0])
                continue
            result = Value(value.type, value.hint, value.role, op=out)
            self.results[result] = value
            out.results.append(result)
            for region, end in zip(out.regions, pair, strict=True):
                region.results.append(end)
            self._set(value, result)

    @contextmanager
    def loop(self, op: Op, out: Op) -> Iterator[None]:
        """Around the reversal of a loop's body: slots for what is put back in it."""
        offered: list[tuple[Slot, Value, Value]] = []
        outer = self.now
        for slot in slots(op) if self.following else ():
            init = self.version(slot.result)
            if init is not None and self._changes(slot.param, op.regions[-1:]):
                param = Value(slot.param.type, slot.param.hint, slot.param.role)
                offered.append((slot, init, param))
        yields = [slot.yielded for slot, _, _ in offered]
        if len(set(yields)) < len(yields) or any(y.is_const for y in yields):
            offered = []
        before = set(self.stand_ins), set(self.reloaded)
        self.now = dict(outer)
        for slot, _, param in offered:
            self._set(slot.yielded, param)
        yield
        ends = [self.now.get(slot.param) for slot, _, _ in offered]
        self.now = outer
        body = out.regions[0]
        if None in ends:  # not all can be put back: then nothing is
            for table, known in zip(
                (self.stand_ins, self.reloaded), before, strict=True
            ):
                for value in set(table) - known:
                    del table[value]
            return
        for (slot, init, param), end in zip(offered, ends, strict=True):
            assert end is not None
            out.args.append(init)
            out.names += ("init",)
            body.params.append(param)
            body.results.append(end)
            result = Value(param.type, param.hint, param.role, op=out)
            out.results.append(result)
            self.results[result] = slot.param
            if not slot.init.is_const:
                self._set(slot.init, result)

    def _changes(self, value: Value, regions: Iterable[Region]) -> bool:
        """Whether stores in the regions may change an array."""
        of = bound(value.type)
        if self.roots is None or not isinstance(of, Array) or not of.rank:
            return False
        family = self.family(value)
        return any(
            op.kind in UPDATES and self.family(op.args[0]) is family
            for region in regions
            for op in region.walk()
        )

    def offered(self, op: Op) -> dict[int, Value]:
        """Which slots of a reversed loop, or results of a branch, are offers."""
        pairs = enumerate(op.results)
        return {k: self.results[r] for k, r in pairs if r in self.results}

    def forget_dead(self, alive: Collection[Value]) -> None:
        """Do not count stores that are not made any more, as dead code."""
        self.stores = {op: v for op, v in self.stores.items() if op.result in alive}

    def kept(self) -> list[Value]:
        """What must outlive the removal of dead code until the plan is made."""
        return [*self.stand_ins.values(), *self.reloaded.values()]


def swap(q: Quote, op: Op, x: Value, start: list[Value]) -> Value:
    """The same two places of another array, with their contents swapped."""
    names, index = op.names[:-1], op.attrs["index"]
    part = q.emit("getitem", [x, *start], names, index=index)
    attrs = {"index": index, "path": ()}
    return q.emit("store", [x, *op.args[1:-1], part], op.names, **attrs)


def _alike(there: Type, stored: Type) -> bool:
    """Whether what is read back is what was stored: not cast, and not broadcast."""
    a, b = bound(there), bound(stored)
    if not (isinstance(a, Array) and isinstance(b, Array)) or a.loose or b.loose:
        return a == b
    return (
        a.dtype == b.dtype
        and a.rank == b.rank
        and all(
            m.same(n) or (m.unit is False and n.unit is False)
            for m, n in zip(a.shape, b.shape, strict=True)
        )
    )

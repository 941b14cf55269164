"""A zero that is stored where nothing looks any more needs not be stored.

In: a function. Out: the same function, without the stores of zeros into adjoints at
places that no later operation reads or adds to, in no later round of any loop.

    for t in range(n - 1, -1, -1):
        g = h_bar[t + 1]                          g = h_bar[t + 1]
        h_bar[t + 1] = 0.0                 ->     h_bar[t] += g * k
        h_bar[t] += g * k
"""

from __future__ import annotations

from s2s.codegen.zeroing import replaced, stores_zero
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import SHAPES


def leave_unseen_zeros_out(function: Function) -> Function:
    """Remove such stores, in every region."""
    body = function.body
    if any(map(stores_zero, body.walk())):
        unseen = Unseen(body)
        unseen.remove(body)
    return function


class Unseen:
    """Who reads which version of an adjoint, and where versions go on."""

    def __init__(self, body: Region) -> None:
        self.overlap = Overlap(body)
        self.readers: dict[Value, list[Op]] = {}
        self.next: dict[Value, list[Value]] = {}  # what a version is called further on
        self.returned: set[Value] = set(body.results)
        for op in body.walk():
            for arg in op.args:
                self.readers.setdefault(arg, []).append(op)
            if is_loop(op):
                for slot in slots(op):
                    after = [slot.param, slot.result]
                    self.next.setdefault(slot.init, []).extend(after)
                    self.next.setdefault(slot.yielded, []).extend(after)
            elif op.kind == "if":
                for region in op.regions:
                    for end, result in zip(region.results, op.results, strict=True):
                        self.next.setdefault(end, []).append(result)
            elif op.regions:
                for region in op.regions:
                    self.returned.update(region.results)

    def remove(self, region: Region) -> None:
        for op in list(region.ops):
            for inner in op.regions:
                self.remove(inner)
            if stores_zero(op) and self.unseen(op):
                replaced(region, op.result, op.args[0])
                region.ops.remove(op)
                self.forget(op)

    def unseen(self, zero: Op) -> bool:
        """Whether all that sees a later version surely looks elsewhere."""
        seen, work = {zero.result}, [zero.result]
        while work:
            value = work.pop()
            if value in self.returned:
                return False
            after = list(self.next.get(value, ()))
            for op in self.readers.get(value, ()):
                if is_loop(op) or op.kind in SHAPES:
                    continue
                accesses = op.kind == "getitem" or op.kind in UPDATES
                if not accesses or value in op.args[1:]:
                    return False
                if not self.overlap.untouched(zero, op):
                    return False
                if op.kind in UPDATES:
                    after.append(op.result)
            work += [v for v in after if v not in seen]
            seen.update(after)
        return True

    def forget(self, zero: Op) -> None:
        """What read the version after a store that is gone reads the one before."""
        old, new = zero.args[0], zero.result
        readers = [*self.readers.get(old, ()), *self.readers.pop(new, ())]
        self.readers[old] = [op for op in readers if op is not zero]
        self.next.setdefault(old, []).extend(self.next.pop(new, ()))
        if new in self.returned:
            self.returned.add(old)

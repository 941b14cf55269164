"""What a function changes in place, and returns, it need not return.

In: functions that are called, whose updates are settled. Out: for each, the results
that surely are arrays that it was handed (`Callee.stays`): they are not returned, and
who calls finds them in the arrays that it gave.

    def g(u):                      def g(u):
        u[0] = 1.0                     u[0] = 1.0
        return u
                           ->
    u = g(u)                       g(u)
"""

from __future__ import annotations

from s2s.ssa.callee import Callee, stays_in
from s2s.ssa.held import returned
from s2s.ssa.hints import hint_of
from s2s.ssa.ir import Function, Value, is_loop, slots
from s2s.ssa.roots import HAND, updates_in_place
from s2s.ssa.storage import slot_map


def leave_in_place(every: list[Callee], function: Function) -> None:
    """Find out what stays: of all that may, as long as some of it does not."""
    functions = [*(callee.body for callee in every), function]
    called = [callee for callee in every if callee.handed]
    ways = {callee: Whose(callee) for callee in called}
    for callee in called:
        callee.stays = {
            j: k
            for j, held in enumerate(callee.holds)
            for k in held.args
            if len(held.args) == 1 and k in callee.handed
            if not (held.own or held.beside)
        }
    settled = False
    while not settled:
        settled = True
        for callee in called:
            stays = {j: k for j, k in callee.stays.items() if ways[callee].is_(j, k)}
            settled = settled and len(stays) == len(callee.stays)
            callee.stays = stays
    for callee in called:
        for j in callee.stays:
            ways[callee].keep(j)
        callee.body.attrs["stays"] = callee.stays
    for op in (op for each in functions for op in each.body.walk()):
        if op.kind == "call":
            for k in op.attrs["callee"].stays.values():
                given = op.args[k].op
                if given is not None and given.kind == HAND:
                    given.attrs["surely"] = True


class Whose:
    """Which parameter a value is, all of it, on every path."""

    def __init__(self, callee: Callee) -> None:
        self.params = callee.body.body.params
        self.results = returned(callee.body)
        self.carried = slot_map(callee.body)

    def is_(self, j: int, k: int) -> bool:
        """Whether a result is a parameter, and is called as that is."""
        result, param = self.results[j], self.params[k]
        if not isinstance(result, Value) or hint_of(result) != hint_of(param):
            return False
        return self.ends(result, set()) == {param}

    def ends(self, value: Value, seen: set[Value]) -> set[Value | None]:
        """The parameters, or None for what is none of them."""
        if value in seen:
            return set()
        seen.add(value)
        if value in self.params:
            return {value}
        before = self.before(value)
        if before is None:
            return {None}
        return {end for v in before for end in self.ends(v, seen)}

    def before(self, value: Value) -> list[Value] | None:
        """The values that are the same array, on some path."""
        op = value.op
        if value in self.carried:
            return [self.carried[value].init, self.carried[value].yielded]
        if op is None:
            return None
        if op.kind == "if":
            return [r.results[op.results.index(value)] for r in op.regions]
        if is_loop(op):
            return [slots(op)[op.results.index(value)].param]
        if updates_in_place(op) or op.kind in ("alias", "bound"):
            return op.args[:1]
        array = stays_in(op)
        return None if array is None else [array]

    def keep(self, j: int) -> None:
        """Let what leads to a result be in place, however it is named."""
        result, seen = self.results[j], set[Value]()
        assert isinstance(result, Value)
        self.ends(result, seen)
        for op in [v.op for v in seen if v.op is not None]:
            if op.attrs.get("in_place"):
                op.attrs["surely"] = True

"""Arrays that a loop starts from a number: `total = 0.0`, then `total = total + v`.

In: a loop of the primal. Out: for such a parameter what it yields. It is a number in
the first round, but all that reads it broadcasts it to the shape that it has in the
others: its adjoint may have that shape in each round, and is summed before the first.

    for v in vs:                         for v in reversed(vs):
        total = total + v       ->           v_bar = total_bar
"""

from __future__ import annotations

from s2s.adjoint.contributions import is_loose
from s2s.adjoint.latest import alike
from s2s.rules import Rules
from s2s.ssa.ir import Op, Slot, Value, slots
from s2s.ssa.types import Array, Maybe, bound, rank_of


def started(op: Op, rules: Rules) -> dict[Value, Value]:
    """Parameters, with what has their shape in all rounds but the first."""
    return {s.param: s.yielded for s in slots(op) if _grows(op, s, rules)}


def _grows(op: Op, slot: Slot, rules: Rules) -> bool:
    param, end = bound(slot.param.type), bound(slot.yielded.type)
    if isinstance(slot.param.type, Maybe) or not is_loose(slot.param):
        return False
    if not (isinstance(param, Array) and isinstance(end, Array)) or end.loose:
        return False
    if rank_of(slot.init.type) != 0 and not is_loose(slot.init):
        return False
    pairs = zip(param.shape, end.shape, strict=False)
    if param.rank != end.rank or not all(a.same(b) for a, b in pairs):
        return False
    body = op.regions[-1]
    passed = [r for o in body.walk() for inner in o.regions for r in inner.results]
    if slot.param in [*body.results, *passed]:
        return False
    return all(
        o.kind in rules
        and rules[o.kind].form == "partials"
        and alike(o.result, slot.yielded)
        for o in body.walk()
        if slot.param in o.args
    )


def covers(bar: Value, value: Value, rules: Rules) -> bool:
    """Whether an adjoint was computed element by element of the value itself."""
    if bar is value:
        return True
    op = bar.op
    if op is None or op.kind not in rules or rules[op.kind].form != "partials":
        return False
    return any(covers(a, value, rules) for a in op.args)

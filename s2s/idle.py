"""Numbers in the place of arrays that do not vary.

In: a function and its active values. Out: the types of those that may be numbers, and
do not vary where they are, say so: whatever their adjoints are there, nothing gets it,
and so these are taken to be of the shape of the arrays.

    total = 0.0
    for row in A:                     total: idle, since 0.0 has no adjoint
        total = total + row    ->     row_bar = total_bar
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2s.rules import Rules
from s2s.ssa.ir import Function, Op, Value, is_loop, slots
from s2s.ssa.types import Array, rank_of


def mark_idle(function: Function, active: set[Value], rules: Rules) -> None:
    """Mark the types of such values."""
    loose = {v for v in active if isinstance(v.type, Array) and v.type.loose}
    if not loose:
        return
    sources = {v: [*made_of(v, op, rules)] for op in function.body.walk()
               for v in defined(op) if v in loose}  # fmt: skip
    varying = {v for v in active if rank_of(v.type) == 0} | (loose - sources.keys())
    varying |= {v for v in sources if v in sources[v]}
    before = -1
    while len(varying) != before:
        before = len(varying)
        varying |= {v for v in sources if not varying.isdisjoint(sources[v])}
    for value in loose - varying:
        assert isinstance(value.type, Array)
        value.type = replace(value.type, idle=True)


def defined(op: Op) -> list[Value]:
    """The values of an operation, and those that a loop carries."""
    return [*op.results, *(s.param for s in slots(op))] if is_loop(op) else op.results


def made_of(value: Value, op: Op, rules: Rules) -> Iterator[Value]:
    """What is a number that varies, if the value is one; maybe the value itself."""
    if is_loop(op):
        slot = next(s for s in slots(op) if value in (s.param, s.result))
        yield from (slot.init, slot.yielded)
    elif op.kind == "if":
        yield from (r.results[op.results.index(value)] for r in op.regions)
    elif op.kind in rules and rules[op.kind].form == "partials":
        yield from op.args
    else:
        yield value

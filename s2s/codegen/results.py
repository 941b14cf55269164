"""What a call returns is taken apart right after it.

In: a function. Out: the same function, in which the items of what a call returns are
picked behind the call, each once, whatever else was put between.

    t = call g(x)                        t = call g(x)
    n = len(x)                           y = pick(t, 0)
    y = pick(t, 0)                ->     z = pick(t, 1)
    push(stack, y)                       n = len(x)
    z = pick(t, 1)                       push(stack, y)
"""

from __future__ import annotations

from s2s.ssa.callee import call_of, position
from s2s.ssa.ir import Function, Op, Region, Value


def pick_at_once(function: Function) -> Function:
    """Move the items of results, in every region."""
    items: dict[Op, dict[int, Op]] = {}
    same: dict[Value, Value] = {}
    for op in function.body.walk():
        call = call_of(op)
        if call is not None and call is not op:
            first = items.setdefault(call, {}).setdefault(position(op), op)
            if first is not op:
                same[op.result] = first.result
    if items:
        function.body.substitute(same)
        _gather(function.body, items)
    return function


def _gather(region: Region, items: dict[Op, dict[int, Op]]) -> None:
    ops, region.ops = region.ops, []
    for op in ops:
        call = call_of(op)
        if call is not None and call is not op:
            continue
        region.ops.append(op)
        for _, pick in sorted(items.get(op, {}).items()):
            pick.attrs["sweep"] = op.attrs.get("sweep")
            region.ops.append(pick)
        for inner in op.regions:
            _gather(inner, items)

"""An item that is taken out of a list is read and removed at once.

In: a function. Out: the same function, in which what removes an item from a list stands
right behind what reads it, so that both can be printed as one `v = xs.pop()`.

    v = xs[-1]                   v = xs[-1]
    y = v * v              ->    xs1 = removed(xs, v)
    xs1 = removed(xs, v)         y = v * v
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value


def pop_at_once(function: Function) -> Function:
    """Move removals up to the reads."""
    _region(function.body)
    return function


def _region(region: Region) -> None:
    for op in list(region.ops):
        for inner in op.regions:
            _region(inner)
        read = op.args[1].op if op.kind == "removed" else None
        if read is None or read not in region.ops or read.args[0] is not op.args[0]:
            continue
        at, end = region.ops.index(read) + 1, region.ops.index(op)
        between = region.ops[at:end]
        if not any(_reads(o, op.args[0]) or _makes(o, op.args) for o in between):
            region.ops.insert(at, region.ops.pop(end))


def _reads(op: Op, value: Value) -> bool:
    return value in op.args or any(
        value in r.results or any(_reads(o, value) for o in r.ops) for r in op.regions
    )


def _makes(op: Op, values: list[Value]) -> bool:
    return any(r in values for r in op.results)

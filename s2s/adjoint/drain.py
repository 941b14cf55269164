"""A reversed loop that only counts can run until a stack of its own is empty.

In: a planned function. Out: the same function, in which

    for t in range(trips - 1, -1, -1):        while x_stack:
        x = x_stack.pop()                ->       x = x_stack.pop()

wherever the loop is at top level, its index is not used and something is pushed in each
iteration of the primal loop. The counter of the primal loop is then dead.
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.types import BOOL


def drain_stacks(function: Function) -> Function:
    """Rewrite counting loops that are inside no other loop."""
    _drain(function.body)
    return function


def _drain(region: Region) -> None:
    for op in region.ops:
        if op.kind in ("if", "pullback"):
            for inner in op.regions:
                _drain(inner)
        elif op.attrs.get("trips"):
            _drain_loop(op)


def _drain_loop(op: Op) -> None:
    body = op.regions[0]
    pops = [o for o in body.ops if o.kind == "pop"]
    if not pops or _uses(body, body.params[0]):
        return
    test = Region([Value(p.type, p.hint, p.role) for p in body.params[1:]])
    more = Op("nonempty", [pops[0].args[0]], ("x",))
    test.results = [test.add(more, BOOL, "more")]
    body.params = body.params[1:]
    op.kind, op.args, op.names = "while", op.args[3:], op.names[3:]
    op.regions = [test, body]


def _uses(region: Region, value: Value) -> bool:
    return any(
        value in op.args or any(value in r.results for r in op.regions)
        for op in region.walk()
    ) or value in region.results

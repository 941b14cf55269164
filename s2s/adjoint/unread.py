"""Stacks that nothing is read from are not kept.

In: a function with both sweeps. Out: the same function without the pushes and pops of
stacks whose values turned out to serve nothing: what was put back in an array that no
adjoint reads any more.

    x_stack.append(x)                       y = y * a
    y = y * a                      ->
    ...                                     y_bar = y_bar * a
    x = x_stack.pop()
    y_bar = y_bar * a
"""

from __future__ import annotations

from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Region

STACKED = ("push", "pop", "truncate")


def drop_unread(function: Function) -> Function:
    """Remove them, and what only they needed, until none is left."""
    while True:
        remove_dead(function)
        uses = function.body.uses()
        ops = [op for op in function.body.walk() if op.kind in STACKED]
        read = {op.args[0] for op in ops if op.kind == "pop" and uses[op.result]}
        gone = {op for op in ops if op.args[0] not in read}
        if not gone:
            return function
        _drop(function.body, gone)


def _drop(region: Region, gone: set) -> None:
    region.ops = [op for op in region.ops if op not in gone]
    for op in region.ops:
        for inner in op.regions:
            _drop(inner, gone)

"""What `try` pushes is pushed when nothing in its body can fail any more.

In: a function with both sweeps. Out: the same function. If the body of a `try` fails,
its reversed body does not run and pops nothing: then nothing may have been pushed.

    try:                            try:
        stack.append(x)                 y = x / z
        y = x / z           ->          stack.append(x)
"""

from __future__ import annotations

from s2s.errors import UnsupportedError
from s2s.ssa.ir import Function, Region, is_loop


def settled(function: Function) -> Function:
    """No longer ask which `try` has failed, where nothing reads it."""
    for op in function.body.walk():
        op.attrs.pop("ok", None)
    return function


def push_last(function: Function) -> Function:
    """Move the pushes; those in loops and branches of the body cannot be moved."""
    _region(function.body, False)
    return function


def _region(region: Region, repeated: bool) -> None:
    for op in region.ops:
        if repeated and op.attrs.get("form") == "try":
            _body(op.regions[0])
        for inner in op.regions:
            _region(inner, repeated or is_loop(op))


def _body(body: Region) -> None:
    pushes = [op for op in body.ops if op.kind == "push"]
    body.ops = [op for op in body.ops if op.kind != "push"] + pushes
    for op in body.walk():
        if op.kind == "push" and op not in pushes:
            raise UnsupportedError(
                "what this computes in a `try` inside a loop cannot be kept for the "
                "reverse sweep: the `try` may fail halfway",
                op.origin,
                "move the loop or branch into the `else` of the `try`, or before it",
            )

"""What a `try` pushes is there only if nothing in its body has failed.

In: a function with both sweeps. Out: the same function. If the body of a `try` fails,
its reversed body does not run and pops nothing: then nothing may have been pushed. What
is pushed in a loop or branch of the body is taken off again.

    try:                            try:
        stack.append(x)                 y = x / z
        y = x / z           ->          stack.append(x)
        for ...:                        for ...:
            stack2.append(y)                stack2.append(y)
    except ...:                     except ...:
                                        del stack2[count:]
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value, is_loop
from s2s.ssa.types import INT


def settled(function: Function) -> Function:
    """No longer ask which `try` has failed, where nothing reads it."""
    for op in function.body.walk():
        op.attrs.pop("ok", None)
    return function


def push_last(function: Function) -> Function:
    """Move the pushes of each body; take off what loops and branches of it pushed."""
    _region(function.body, False)
    return function


def _region(region: Region, repeated: bool) -> None:
    for op in list(region.ops):
        if repeated and op.attrs.get("form") == "try":
            _body(op, region)
        for inner in op.regions:
            _region(inner, repeated or is_loop(op))


def _body(op: Op, around: Region) -> None:
    body, handler = op.regions
    pushes = [o for o in body.ops if o.kind == "push"]
    body.ops = [o for o in body.ops if o.kind != "push"] + pushes
    for stack in dict.fromkeys(o.args[0] for o in body.walk() if o.kind == "push"):
        if any(o.args[0] is stack for o in pushes):
            continue
        count = Op("len", [stack], ("x",), origin=op.origin)
        count.results = [Value(INT, "count", "index", op=count)]
        around.ops.insert(around.ops.index(op), count)
        cut = Op("truncate", [stack, count.result], ("x", "x"), origin=op.origin)
        handler.ops.insert(0, cut)

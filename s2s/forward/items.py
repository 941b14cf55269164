"""Items of arguments are taken out of them once.

In: a function, and the items that are differentiated. Out: the same function, in which
all that reads such an item reads the one that has a tangent. An adjoint takes items out
again where it needs them:

    a = pick(p, 0)                        a = pick(p, 0)
    ...                          ->       ...
    a1 = pick(p, 0)                       x_bar = y_bar * a
    x_bar = y_bar * a1
"""

from __future__ import annotations

from s2s.ssa.dce import substitute
from s2s.ssa.ir import Region, Value


def take_once(body: Region, items: list[Value]) -> None:
    """Let nothing but `items` be taken out of the arguments that these are in."""
    known = {path: item for item in items if len(path := place(item)) > 1}
    again = {}
    for op in body.walk() if known else ():
        if op.kind == "pick" and op.result not in items:
            if (item := known.get(place(op.result))) is not None:
                again[op.result] = item
    substitute(body, again)


def place(value: Value) -> tuple[Value | int, ...]:
    """Where a value is in an argument, or in another value."""
    op = value.op
    if op is None or op.kind != "pick":
        return (value,)
    return (*place(op.args[0]), op.args[1].const)

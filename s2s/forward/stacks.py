"""The tangents of what an adjoint keeps on stacks: on stacks of their own.

In: the operations on stacks of a function that has both its sweeps. Out: the same for
the tangents, beside them; where nothing that is pushed is active there is none.

    x_stack.append(x)      ->      x_stack.append(x)
    ...                            x_dot_stack.append(x_dot)
    x = x_stack.pop()              ...
                                   x = x_stack.pop()
                                   x_dot = x_dot_stack.pop()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2s.shaping import carried_type
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import List, bound, derivative_type

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward


def dot_name(value: Value) -> str:
    """What the tangent of a value that is kept is called."""
    name = value.hint.removesuffix("_stack")
    return f"{name}_dot" + value.hint[len(name) :]


def dot_role(value: Value) -> str:
    return "dot" if value.role == "user" else value.role


def stack(forward: Forward, op: Op) -> None:
    """A stack for the tangents of what is pushed on this one."""
    made = forward.q.append(Op("stack", [], ()))
    of = derivative_type(op.result.type)
    made.results = [Value(of, dot_name(op.result), "stack", op=made)]
    forward.dots[op.result] = made.result


def push(forward: Forward, op: Op) -> None:
    """Push the tangent after the value."""
    onto, value = op.args
    if onto in forward.dots:
        beside = forward.dots[onto]
        beside.type = List(carried_type(value))
        forward.q.append(Op("push", [beside, forward.whole(value, value)], op.names))


def pop(forward: Forward, op: Op) -> None:
    """Pop the tangent after the value."""
    beside = forward.dots[op.args[0]]
    of = bound(beside.type)
    assert isinstance(of, List)
    made = forward.q.append(Op("pop", [beside], op.names))
    made.results = [Value(of.item, dot_name(op.result), dot_role(op.result), op=made)]
    forward.dots[op.result] = made.result


def drain_beside(op: Op) -> None:
    """Let a loop that drains stacks drain those of the tangents, too."""
    if op.attrs.get("drains"):
        pops = [o for o in op.regions[0].ops if o.kind == "pop"]
        op.attrs["drains"] = [o.args[0] for o in pops]


# what is done for the tangents of operations that only adjoints have
STACKS = {"stack": stack, "push": push, "pop": pop}

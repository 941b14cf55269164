"""The row of calls that stay calls: of functions of their own in the output.

Both modes deal with them by themselves: they call the derivative of what is called.
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.infer import Call
from s2s.ssa.types import Type


def type_of(call: Call) -> Type:
    """The type that was found where the operation was built."""
    return call.op.result.type


RULES.custom(
    "z = call(*xs)", because="what is called has derivatives of its own",
    vjp=(), jvp=(), type=type_of,
)  # fmt: skip

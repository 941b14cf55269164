"""What the primal takes for granted about lengths: those that must be equal.

In: a function. Out: pairs of lengths that every run compares, because an operation that
is always carried out broadcasts, multiplies or unpacks them. The gradient of
`np.sum(x + y)` does not compute the sum, so it would not notice that x and y do not
fit; the caller of the derivative checks these pairs for each new set of shapes.

    np.sum(x + y)      ->     [(x.0, y.0)]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from s2s.ssa.ir import Function, Op
from s2s.ssa.types import ONE, Array, Dim, bound, length

if TYPE_CHECKING:
    from s2s.rules import Rules

PRODUCTS = ("matmul", "np.matmul", "np.dot")


def equal_lengths(function: Function, rules: Rules) -> list[tuple[Dim, Dim]]:
    """Pairs that differ in name but must agree at run time."""
    return [
        (a, b)
        for op in function.body.ops
        for a, b in _pairs(op, rules)
        if a.sym is not None and b.sym is not None and not a.same(b)
    ]


def _pairs(op: Op, rules: Rules) -> Iterator[tuple[Dim, Dim]]:
    shapes = [t.shape for a in op.args if isinstance(t := bound(a.type), Array)]
    if op.kind == "call":
        yield from op.attrs["equal"]
    elif op.kind == "unpack" and shapes:
        yield shapes[0][0], length(op.args[1].const)
    elif op.kind in PRODUCTS and len(shapes) == 2 and all(shapes):
        x, y = shapes
        yield x[-1], y[-2] if len(y) > 1 else y[-1]
    elif op.kind in rules and rules[op.kind].form == "partials":
        for dims in zip_longest(*(reversed(s) for s in shapes), fillvalue=ONE):
            sure = [d for d in dims if d.unit is False]
            yield from pairwise(sure)

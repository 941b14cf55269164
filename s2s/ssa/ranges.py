"""Ranges from their end on.

In: the bounds of a loop. Out: those of the range that it runs over backwards, if they
are made so; which is how `reversed(range(a, b, s))` is built.

    range(a + (len(range(a, b, s)) - 1) * s, a - s, -s)     ->     a, b, s
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.ssa.ir import Value


def forwards(bounds: Sequence[Value]) -> list[Value] | None:
    """The range that a loop over these bounds runs over from its end on."""
    first, back, minus = bounds
    path = [first]
    for kind in ("add", "mul", "sub"):
        made = path[-1].op
        if made is None or made.kind != kind:
            return None
        path.append(made.args[kind == "add"])
    length = path[-1].op
    if length is None or length.kind != "range_len":
        return None
    start, stop, step = length.args
    a, s = (v.op.args[k] for k, v in enumerate(path[:2]) if v.op is not None)
    fits = same(a, start) and same(s, step)
    fits = fits and is_made(back, "sub", start, step) and is_made(minus, "neg", step)
    return [start, stop, step] if fits else None


def is_made(value: Value, kind: str, *args: Value) -> bool:
    """Whether a value is `a - b` or `-a`."""
    if value.is_const and all(isinstance(a.const, int) for a in args):
        first, *rest = (a.const for a in args)
        return bool(value.const == (first - rest[0] if rest else -first))
    op = value.op
    return op is not None and op.kind == kind and all(map(same, op.args, args))


def same(a: Value, b: Value) -> bool:
    return a is b or (a.is_const and b.is_const and a.const == b.const)

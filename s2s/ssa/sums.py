"""Integers as sums, so that equal lengths and ends of slices have one name.

In: a value. Out: a number, and how many times each length or other value that is known
at run time.

>>> from s2s.ssa.emit import Emitter
>>> from s2s.ssa.ir import Region, Value
>>> from s2s.ssa.types import INT
>>> import s2s.templates
>>> from s2s.rules import RULES
>>> e, n = Emitter(RULES, Region()), Value(INT, number=7)
>>> of = Sum().plus(e.emit("sub", [n, e.const(1)]), 2)
>>> of.number, dict(of.times), combined(of.times)
(-2, {'?v7': 2}, '?(+2*?v7)')
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from s2s.ssa.ir import Value
from s2s.ssa.types import Dim, Scalar, bound, length


class Combined(str):
    """Names a sum of lengths and other integers; it may be below zero."""

    times: Mapping[str, int]

    def __new__(cls, times: Mapping[str, int]) -> Combined:
        parts = (f"{n:+d}*{name}" for name, n in sorted(times.items()))
        made = super().__new__(cls, f"?({''.join(parts)})")
        made.times = times
        return made

    def __getnewargs__(self) -> tuple[Mapping[str, int]]:  # type: ignore[override]
        return (self.times,)


def combined(times: Mapping[str, int]) -> str:
    """The symbol of a sum."""
    times = {name: n for name, n in times.items() if n}
    if list(times.values()) == [1]:
        return next(iter(times))
    return Combined(times) if times else ""


def parts(sym: str) -> Mapping[str, int]:
    """What a symbol is the sum of."""
    if isinstance(sym, Combined):
        return sym.times
    return {sym: 1} if sym else {}


class Sum:
    """A number, and so many times each of some lengths and other integers.

    `least` is a number that the sum is surely not below.
    """

    def __init__(self) -> None:
        self.number = 0
        self.times: Counter[str] = Counter()
        self.least: float = 0

    def plus(self, value: Any, by: int) -> Sum:
        """Add a value so many times."""
        if isinstance(value, Value) and value.is_const:
            value = value.const
        if isinstance(value, int):
            self.number += by * value
            self.least += by * value
            return self
        op = value.op
        if op is not None and op.kind in ("add", "sub"):
            self.plus(op.args[0], by)
            return self.plus(op.args[1], by if op.kind == "add" else -by)
        if op is not None and op.kind == "neg":
            return self.plus(op.args[0], -by)
        if op is not None and op.kind == "mul":
            for one, other in (op.args, op.args[::-1]):
                if isinstance(one.const, int):
                    return self.plus(other, by * one.const)
        of = bound(value.type)
        dim = of.dim if isinstance(of, Scalar) else None
        if dim is None or not dim.exact:
            dim = Dim(f"?v{value.number}", low=-1)
        if dim.sym is None:
            dim = Dim(f"?v{value.number}", low=dim.low)
        self.number += by * dim.off
        for name, n in parts(dim.sym or "").items():
            self.times[name] += by * n
        self.least += by * dim.low if by > 0 <= dim.low else -math.inf
        return self

    def length(self) -> Dim:
        """The length that this gives, none if it is below zero."""
        sym, low = combined(self.times), int(max(0, self.least))
        if not sym:
            return length(max(0, self.number))
        return Dim(sym, self.number, False if low > 1 else None, low)


def less(dim: Dim, cut: Sum, times: int = 1) -> Dim:
    """The length of what is shorter by a sum, taken so many times."""
    rest = Sum()
    rest.number, rest.least = dim.off - times * cut.number, -math.inf
    for more, by in ((parts(dim.sym or ""), 1), (cut.times, -times)):
        for name, n in more.items():
            rest.times[name] += by * n
    return rest.length()

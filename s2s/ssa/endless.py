"""Functions that call themselves with something else each time, maybe without end.

In: a call of a function. Out: what it returns. If it calls itself with objects of
another structure, there is no function for all calls: each is built where it stands, as
long as numbers that are known when compiling tell where that ends.

    def powers(n, x, *found):                      powers(2, x)
        if n == 0:                                 powers(1, x, x**2)
            return sum(found)                ->    powers(0, x, x**2, x**1)
        return powers(n - 1, x, *found, x**n)      x**2 + x**1
"""

from __future__ import annotations

from typing import Any

import gast

from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Chosen, Closure, Partial, Transform
from s2s.ssa.told_apart import TellingBuilder
from s2s.ssa.types import Array, List, Tuple, Type, bound
from s2s.ssa.user_calls import kind_of_argument, without_numbers

DEEP = 6  # calls of a function in itself, with other functions
LARGE = 30  # such calls, with larger and larger arguments
MADE = Chosen, Closure, Partial, Transform
EXACT = "add", "sub", "mul", "floordiv"  # of ints


class EndlessBuilder(TellingBuilder):
    """Evaluates calls of functions that may call themselves without end."""

    def built_here(
        self, node: gast.AST, function: Closure, given: dict[str, Bound]
    ) -> Bound:
        unit, plans = function.unit, self.outlines
        before = plans.underway[unit]
        shape = tuple(map(without_functions, given.values()))
        functions, size = functions_in(given), sum(map(size_of, given.values()))
        alike = {call for call in before if call[0] == shape}
        grown = [size - smaller for _, _, smaller in before if smaller < size]
        if functions and len(alike) >= DEEP:
            plans.endless[unit] = ANOTHER_FUNCTION
        elif len(grown) >= LARGE or max(grown, default=0) > LARGE**2:
            plans.endless[unit] = LARGER
        if unit in plans.endless:
            what, advice = plans.endless[unit]
            self.refuse(node, f"`{unit.parsed.name}` calls itself with {what}", advice)
        if before and not alike:
            given = {name: self.with_numbers(item) for name, item in given.items()}
        plans.underway[unit] = before | {(shape, functions, size)}
        try:
            return super().built_here(node, function, given)
        finally:
            plans.underway[unit] = before

    def with_numbers(self, item: Bound) -> Bound:
        """An argument, with the ints in it that are known when compiling."""
        if isinstance(item, Seq):
            return refill(item, map(self.with_numbers, flat(item)))
        known = self.number(item)
        return item if known is None else self.const(known)

    def number(self, value: Value) -> int | None:
        """The int that a value surely is."""
        op = value.op
        if op is None or op.kind not in EXACT:
            return value.const if type(value.const) is int else None
        left = self.number(op.args[0])
        right = None if left is None else self.number(op.args[1])
        if right is None or (right == 0 and op.kind == "floordiv"):
            return None
        return int(self.rules[op.kind].run(left, right))


ANOTHER_FUNCTION = (
    "another function each time, and when that ends is not known",
    "apply the functions one after the other, in statements",
)
LARGER = (
    "larger arguments each time, and when that ends is not known",
    "write a loop, or pass an array to be filled",
)


def functions_in(given: dict[str, Bound]) -> tuple[int, ...]:
    """What tells apart the functions that a call is given."""
    values = (v.const for item in given.values() for v in flat(item))
    return tuple(id(v) for v in values if isinstance(v, MADE))


def without_functions(item: Bound) -> Any:
    """The kind of an argument, whatever the functions and numbers in it are."""
    if isinstance(item, Seq):
        return (item.form, *map(without_functions, item.items))
    if isinstance(item.const, MADE):
        return MADE
    return without_numbers(kind_of_argument(item))


def size_of(item: Bound | Type) -> int:
    """How much an argument consists of: objects in one another, axes, letters."""
    if isinstance(item, Value):
        text = isinstance(item.const, str)
        return 1 + (len(item.const) if text else size_of(bound(item.type)))
    if isinstance(item, Seq):
        keys = sum(len(str(name)) for name in item.names)
        return 1 + keys + sum(map(size_of, item.items))
    if isinstance(item, Tuple):
        return 1 + sum(map(size_of, item.items))
    if isinstance(item, List):
        return 1 + size_of(bound(item.item))
    return len(item.shape) if isinstance(item, Array) else 0

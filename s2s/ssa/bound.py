"""What a name can be bound to while SSA is built.

A `Value`, or a `Seq`: a tuple or list whose items are still known one by one. It costs
nothing until it is used as an object.

>>> from s2s.ssa.ir import Value
>>> from s2s.ssa.types import FLOAT
>>> pair = Seq("tuple", (Value(FLOAT, "x"), Seq("list", (Value(FLOAT, "y"),))))
>>> [v.hint for v in flat(pair)]
['x', 'y']
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from s2s.ssa.ir import Region, Value


@dataclass(eq=False)
class Made:
    """One evaluation of an expression that makes a list: it tells equal lists apart.

    `node` is None where a list may be one of several.
    """

    node: gast.AST | None
    region: Region | None


@dataclass(frozen=True)
class Seq:
    """A tuple or list whose items are known one by one; `made`: which list it is."""

    kind: str
    items: tuple[Bound, ...]
    made: Made | None = field(default=None, compare=False)

    def of(self, items: Iterable[Bound]) -> Seq:
        """The same object, with these items."""
        return Seq(self.kind, tuple(items), self.made)


Bound = Value | Seq  # what a name can be bound to


class Unbound(Exception):
    """What is built reads a name that has no value here: at run time it would fail."""


class Ends(Exception):
    """What is built always raises: nothing comes after it."""


def held_back(name: str, depth: int) -> str:
    """How a local name is known while another function is being built."""
    return name if ":" in name else f"{depth}:{name}"


def plain(name: str) -> str:
    """A local name as it is written.

    >>> plain(held_back("x", 0)), plain("x"), plain("<12.4> total")
    ('x', 'x', 'total')
    """
    return name.rpartition(":")[2].rpartition(" ")[2]


def flat(item: Bound) -> list[Value]:
    """The values in a bound object, left to right."""
    if isinstance(item, Value):
        return [item]
    return [v for i in item.items for v in flat(i)]


def refill(shape: Bound, values: Any) -> Bound:
    """An object of the same structure, of other values."""
    if isinstance(shape, Seq):
        return shape.of(refill(i, values) for i in shape.items)
    return next(values)


def same_shape(a: Bound, b: Bound) -> bool:
    if isinstance(a, Seq) and isinstance(b, Seq):
        return (
            a.kind == b.kind
            and len(a.items) == len(b.items)
            and all(map(same_shape, a.items, b.items))
        )
    return isinstance(a, Value) and isinstance(b, Value)

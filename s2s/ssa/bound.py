"""What a name can be bound to while SSA is built.

A `Value`, or a `Seq`: a tuple, list, dict or object whose items are still known one by
one. It costs nothing until it is used as an object.

>>> from s2s.ssa.ir import Value
>>> from s2s.ssa.types import FLOAT
>>> pair = Seq("tuple", (Value(FLOAT, "x"), Seq("list", (Value(FLOAT, "y"),))))
>>> [v.hint for v in flat(pair)]
['x', 'y']
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import gast

from s2s.parse.nonlocals import Holder
from s2s.ssa.ir import Region, Value
from s2s.ssa.types import UNDEF
from s2s.structure import Form


@dataclass(eq=False)
class Made:
    """One evaluation of an expression that makes an object: it tells equal ones apart.

    `node` is None for what is never built as an object of its own. One of several has
    `some`: those that it may be, in this round of a loop or an earlier one. Values and
    objects are numbered together, in the order of their making.
    """

    node: gast.AST | None
    region: Region | None
    some: set[Made] = field(default_factory=set)
    number: int = field(default_factory=lambda: Value(UNDEF).number)

    def is_newer(self, mark: int) -> bool:
        """Whether it was surely made after a value of that number."""
        return not self.some and self.number > mark

    @property
    def which(self) -> set[Made]:
        """Those that it may be."""
        return self.some or {self}


@dataclass(frozen=True)
class Seq:
    """A tuple, list, dict or object whose items are known one by one.

    `made` tells which one it is, if it can change; `names` are those of the items, and
    `maker` is the class in the output, for an object of one. `whole` is the object that
    the items were taken from, if it is one in a list; `view` is the dict that the tuple
    `d.values()` shows.
    """

    kind: str
    items: tuple[Bound, ...]
    made: Made | None = field(default=None, compare=False)
    names: tuple[Hashable, ...] = ()
    cls: type | None = None
    maker: str = field(default="", compare=False)
    whole: Value | None = field(default=None, compare=False)
    view: Made | None = field(default=None, compare=False)

    @property
    def form(self) -> Form:
        return Form(self.kind, self.names, self.cls)

    def of(self, items: Iterable[Bound]) -> Seq:
        """The same object, with these items."""
        made = tuple(items)
        same = all(a is b for a, b in zip(made, self.items, strict=False))
        whole = self.whole if same else None
        return replace(self, items=made, whole=whole)

    def at(self, name: Hashable) -> int | None:
        """Which item has a name, None if none has; 1, 1.0 and True are one key."""
        return self.names.index(name) if name in self.names else None


Bound = Value | Seq  # what a name can be bound to


def is_slice(item: Bound) -> TypeGuard[Seq]:
    """Whether this is what `slice(...)` makes: start, stop and step."""
    return isinstance(item, Seq) and item.kind == "slice"


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


def part_names(item: Bound, name: str) -> list[str]:
    """What the values in the object of a name are called, left to right.

    >>> from s2s.ssa.types import FLOAT
    >>> part_names(Seq("dict", (Value(FLOAT, "t"),), None, ("w",)), "layer")
    ['layer_w']
    """
    if isinstance(item, Value):
        return [name]
    names = [part_name(item, k, name) for k in range(len(item.items))]
    return [n for i, own in zip(item.items, names, strict=True)
            for n in part_names(i, own)]  # fmt: skip


def part_name(item: Seq, k: int, name: str) -> str:
    """What the k-th item in the object of a name is called."""
    if item.cls is Holder:
        return name
    made = f"{name}_{item.names[k]}" if item.names else name
    return made if made.isidentifier() else name


def refill(shape: Bound, values: Any) -> Bound:
    """An object of the same structure, of other values."""
    if isinstance(shape, Seq):
        return shape.of(refill(i, values) for i in shape.items)
    return next(values)


def same_shape(a: Bound, b: Bound) -> bool:
    if isinstance(a, Seq) and isinstance(b, Seq):
        return (
            a.form == b.form
            and len(a.items) == len(b.items)
            and all(map(same_shape, a.items, b.items))
        )
    return isinstance(a, Value) and isinstance(b, Value)

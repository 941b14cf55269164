"""The one intermediate representation: structured SSA.

A `Function` has a body `Region`; a region has parameters, operations and results; an
operation may hold regions of its own (`if`, `for`, `while`, `pullback`). Values are
assigned once; loops carry values in *slots* (init, parameter, yielded, result), which
stand in the place of phi nodes. For straight-line code the printed form is the Wengert
list of the textbooks:

>>> from s2s.ssa.types import FLOAT
>>> x = Value(FLOAT, "x")
>>> f = Function("f", Region([x]))
>>> y = f.body.add(Op("mul", [x, x], ("x", "y")), FLOAT, "y")
>>> f.body.results = [y]
>>> from s2s.ssa.show import show
>>> print(show(f))
f(x: float):
    y = x * x  : float
    return y

Operations with regions:

    if      args [cond]                      regions [then, else]
    for     args [start, stop, step, *inits] regions [body(index, *params)]
    while   args [*inits]                    regions [cond(*params), body(*params)]
    pullback args []                         regions [body(cotangent)]

The result of `bound` is its argument, what a name stands for that may be unbound; it
fails where it is, unless that has been `checked` before.

A loop whose `attrs["stop"]` is true yields, before its slots, a bool that ends it. All
other operations are pure (see `EFFECTS`), so a pass may move or drop them at will.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from s2s.errors import Origin
from s2s.ssa.types import Type

NOT_CONST = object()

# Operations done for their effect: kept, in order, by every pass.
EFFECTS = frozenset(
    {"print", "raise", "set_global", "push", "pop", "truncate", "bound"}
)


@dataclass(eq=False, slots=True)
class Value:
    """One value: `hint` is the name it would like to have in the output.

    `role` says what the hint stands for: "user" (the user's own name), "bar", "dot",
    "temp" (an unnamed intermediate), "stack", "index" (a counter that s2s made).
    A value with `const` set is a literal or a static object and has no operation;
    `spelling` is how the user wrote it (`np.pi`). If its role is "literal", that is by
    the name of a number, the hint (`n`, or `-n`).
    """

    type: Type
    hint: str = "t"
    role: str = "temp"
    const: Any = NOT_CONST
    spelling: str | None = None
    op: Op | None = None
    number: int = field(default_factory=count().__next__)

    @property
    def is_const(self) -> bool:
        return self.const is not NOT_CONST

    def __repr__(self) -> str:
        if self.is_const:
            return self.spelling or repr(self.const)
        return f"%{self.hint}.{self.number}"


@dataclass(frozen=True)
class Hop:
    """One step of the path to a view: an operation on what it is a view of.

    `count` is the number of its further operands, which stand among those of the store
    that goes through the path; `rank` is that of the view, if it is known.
    """

    kind: str
    names: tuple[str, ...]
    attrs: tuple[tuple[str, Any], ...]
    count: int
    rank: int | None = field(default=None, compare=False)


@dataclass(eq=False, slots=True)
class Op:
    """One operation. `names[k]` is the rule parameter that `args[k]` is bound to."""

    kind: str
    args: list[Value]
    names: tuple[str, ...] = ()
    attrs: dict[str, Any] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    origin: Origin | None = None

    @property
    def result(self) -> Value:
        (value,) = self.results
        return value

    def arg(self, name: str) -> Value | None:
        """The argument bound to the rule parameter `name`, None if absent."""
        return next(
            (a for a, n in zip(self.args, self.names, strict=True) if n == name), None
        )

    @property
    def effects(self) -> frozenset[str]:
        """What it does besides making values, also where it calls a function."""
        if self.kind == "call":
            return self.attrs["callee"].effects
        if self.kind == "bound" and self.attrs.get("checked"):
            return frozenset()
        return frozenset([self.kind]) & EFFECTS

    @property
    def has_effect(self) -> bool:
        return bool(self.effects) or any(
            op.has_effect for region in self.regions for op in region.ops
        )


@dataclass(eq=False, slots=True)
class Region:
    """A block of operations with parameters and results."""

    params: list[Value] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)

    def add(self, op: Op, type: Type, hint: str = "t", role: str = "temp") -> Value:
        """Append an operation with one result of the given type."""
        value = Value(type, hint, role, op=op)
        op.results = [value]
        self.ops.append(op)
        return value

    def uses(self) -> Counter[Value]:
        """How often each value is read, in the region and inside of it."""
        counts = Counter(self.results)
        for op in self.walk():
            counts.update(op.args)
            for inner in op.regions:
                counts.update(inner.results)
        return counts

    def substitute(self, new: dict[Value, Value]) -> None:
        """Let all that reads some values read others."""
        for op in self.ops:
            op.args = [new.get(a, a) for a in op.args]
            for inner in op.regions:
                inner.substitute(new)
        self.results = [new.get(r, r) for r in self.results]

    def walk(self) -> Iterator[Op]:
        """Every operation in the region, outer ones before the ones inside."""
        for op in self.ops:
            yield op
            for region in op.regions:
                yield from region.walk()


@dataclass
class Function:
    """A function in SSA; `split` is the number of top-level forward-sweep ops."""

    name: str
    body: Region
    origin: Origin | None = None
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Slot:
    """One loop-carried value, seen from all its four ends."""

    init: Value
    param: Value
    yielded: Value
    result: Value


def loop_parts(op: Op) -> tuple[int, int, int]:
    """Where the slots begin: in the arguments, the body parameters, the yields."""
    counted = op.kind == "for"
    return (3 if counted else 0, int(counted), int(bool(op.attrs.get("stop"))))


def slots(op: Op) -> list[Slot]:
    """The slots of a `for` or `while`."""
    a, p, y = loop_parts(op)
    body = op.regions[-1]
    return [
        Slot(*four)
        for four in zip(
            op.args[a:], body.params[p:], body.results[y:], op.results, strict=True
        )
    ]


def is_loop(op: Op) -> bool:
    return op.kind in ("for", "while")

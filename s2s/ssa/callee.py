"""Functions of their own in the output, and the types that they are made for.

In: the types of the arguments of a call. Out: the same types with lengths called after
where they first come, so that calls that differ in nothing else share one function; and
what these names stand for where the function is called.

>>> from s2s.ssa.types import Array, Dim
>>> rows, row = Dim("x.0", 0, False, 2, True), Dim("x.0", -1, None, 1, True)
>>> lengths = Lengths()
>>> lengths.own(Array("float64", (row,))), lengths.own(Array("float64", (rows,)))
(float64[n], float64[n+1])
>>> lengths.outside(Array("float64", (Dim("n", 2),)))
float64[x.0+1]
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.outcome import Outcome
from s2s.ssa.types import Array, Dim, Kept, Scalar, Tuple, Type, bound

if TYPE_CHECKING:
    from s2s.ssa.gradients import Gradient
    from s2s.ssa.held import Held

KEPT = Kept()


@dataclass(eq=False)
class Callee:
    """A function that is called: its results are flat, its parameters values.

    `function` is None while it is being built; `outcome` is what a call leaves behind,
    None as long as nothing is known of that.

    `args` says which of the values that a call is given are parameters. Of those that
    it changes it returns new versions, as its last results, and its caller puts them
    back: `changes` has the parameter of each such result.
    `numbers` are the results that surely are numbers, not arrays without axes. `shares`
    says that what is kept for the reverse may be storage of an argument. `effects` are
    those of its operations, as far as they are seen outside. `gradient` says of what it
    is one, if that is known.

    In the end some parameters are `handed`: the function may change what it is given
    for them. Of each result it is known what it `holds` then; what `stays` is such an
    argument itself, changed in place, and is not returned.
    """

    name: str
    function: Function | None = None
    outcome: Outcome | None = None
    args: tuple[int, ...] = ()
    changes: dict[int, int] = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()
    effects: frozenset[str] = frozenset()
    recursive: bool = False
    shares: bool = False
    handed: frozenset[int] = frozenset()
    holds: tuple[Held, ...] = ()
    stays: dict[int, int] = field(default_factory=dict)  # result -> parameter
    gradient: Gradient | None = None
    variants: dict[Any, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.name

    @property
    def body(self) -> Function:
        assert self.function is not None, f"{self.name} is not complete"
        return self.function


def call_of(op: Op) -> Op | None:
    """The call that an operation is, or picks a result of."""
    call = op.args[0].op if op.kind == "pick" else op
    return call if call is not None and call.kind == "call" else None


def position(op: Op) -> int:
    """Which result of a call such an operation yields, if it is not all of several."""
    return op.args[1].const if op.kind == "pick" else 0


def stays_in(op: Op) -> Value | None:
    """The array that a call was given, if that is what an operation yields of it."""
    call = call_of(op)
    if call is None or isinstance(op.result.type, Tuple):
        return None
    stays: dict[int, int] = call.attrs["callee"].stays
    return call.args[stays[position(op)]] if position(op) in stays else None


class Lengths:
    """The lengths in the types of one call, and their names in the function."""

    def __init__(self) -> None:
        self.names: dict[Any, tuple[str, int]] = {}  # symbol -> its name, offset
        self.given: dict[str, Dim] = {}  # name -> the length that was first called so
        self.fresh = map("n{}".format, count(2))

    def own(self, of: Type) -> Type:
        """The type of an argument as the function sees it."""
        if isinstance(of, Array):
            return replace(of, shape=tuple(map(self.dim, of.shape)))
        if isinstance(of, Scalar) and of.dim is not None:
            known = of.dim.sym and of.dim.exact
            return Scalar(of.kind, self.dim(of.dim) if known else None)
        return of

    def dim(self, of: Dim) -> Dim:
        if of.sym == "":
            return of
        key: Any = of.sym if of.exact and of.sym else (of.sym, of.off)
        if of.sym is None:
            key = object()  # equal to itself alone
        if key not in self.names:
            name = "n" if not self.names else next(self.fresh)
            self.names[key] = name, of.off
            self.given[name] = of
        name, off = self.names[key]
        return Dim(name, of.off - off, of.unit, min(of.low, 2), True)

    def also(self, own: Type, of: Type) -> None:
        """Note what the lengths of another type for the same argument stand for."""
        if isinstance(own, Array) and isinstance(of, Array):
            for mine, given in zip(own.shape, of.shape, strict=True):
                if mine.sym and not mine.off:
                    self.given.setdefault(mine.sym, given)

    def outside(self, of: Type) -> Type:
        """A type of the function's where it is called."""
        of = bound(of)
        if isinstance(of, Array):
            return replace(of, shape=tuple(map(self.dim_outside, of.shape)))
        if isinstance(of, Scalar) and of.dim is not None:
            known = of.dim.sym in self.given
            return Scalar(of.kind, self.dim_outside(of.dim) if known else None)
        if isinstance(of, Tuple):
            return of.of(map(self.outside, of.items))
        return of

    def dim_outside(self, of: Dim) -> Dim:
        if of.sym == "":
            return of
        given = self.given.get(of.sym or "")
        if given is None or given.sym is None or not (given.exact or not of.off):
            return Dim(unit=of.unit, low=of.low)
        low = max(of.low, given.low + of.off, 0)
        exact = of.exact and given.exact
        unit = False if low > 1 else of.unit
        return Dim(given.sym, given.off + of.off, unit, low, exact)


def with_own(callee: Callee) -> list[Callee]:
    """A function, and all that it calls."""
    found: dict[Callee, None] = {}
    todo = [callee]
    while todo:
        each = todo.pop()
        if each not in found:
            found[each] = None
            ops = each.function.body.walk() if each.function else ()
            todo += [op.attrs["callee"] for op in ops if op.kind == "call"]
    return list(found)

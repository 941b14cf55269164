"""Adjoints, which add up from contributions.

In: contributions to the adjoint of a primal value, one for each place that reads it.
Out: their sum, named after the value and of its shape, as soon as that is complete.

    y = x * x + x     ->     x_bar = 2.0 * (y_bar * x) + y_bar

What is broadcast is summed to the shape of the value (`unbroadcast`), at once or only
in the end; where all elements are surely there, nothing needs to be spread to it.
"""

from __future__ import annotations

from dataclasses import replace

from s2s.adjoint.lists import added, growing_lists, in_list
from s2s.adjoint.restore import Restores
from s2s.rules import Rules
from s2s.shaping import conform, full, of_dtype, packed, real_part, zeros_of
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    ANY,
    FLOAT,
    Array,
    List,
    Maybe,
    Tuple,
    bound,
    is_real_valued,
    rank_of,
)


class Contributions:
    """The adjoints of one reverse sweep, while it is being built.

    `pairs` maps each reversed region to its primal region.
    """

    def __init__(
        self, rules: Rules, active: set[Value], region: Region, function: Function
    ) -> None:
        self.rules = rules
        primal = function.body
        self.uses = primal.uses()
        # numbers that are floats at run time (a joined name may hold an int)
        self.floats = {p for p in primal.params if p.type == FLOAT}
        self.active = active
        self.q = Quote(rules, region)
        self.restores = Restores(function, self.q)
        self.growing = growing_lists(primal)
        self.replaced: dict[Op, Value] = {}  # lists, by the stores in their place
        self.bars: dict[Value, Value] = {}
        self.parts: dict[Value, dict[int, Value]] = {}
        self.here: set[Value] = set()  # what the region defines that is reversed now
        self.pairs: dict[Region, Region] = {}
        self.loops: dict[Op, Op] = {}  # reversed loop -> primal loop
        self.indices: dict[Value, Value] = {}  # primal loop index -> reversed one
        # of loops that may stop: the index is start + step * (number of the iteration)
        self.counted: dict[Value, tuple[Value, Value]] = {}
        self.carried: list[Value] = []  # adjoints that the loops around carry
        self.equal: dict[Value, Value] = {}  # equal reads of one region: the first
        # (adjoint, primal) where the adjoint surely has the primal's shape
        self.spread: set[tuple[Value, Value]] = set()

    def contribute(
        self,
        value: Value,
        bar: Value | None,
        whole: bool = False,
        fits: bool = False,
    ) -> None:
        """Add one contribution to the adjoint of a value.

        `whole` says that the contribution has all elements of what it comes from, and
        `fits` that it has those of the value, one for one.
        """
        if bar is None or value not in self.active or _is_zero(bar):
            return
        if (found := self.held_in(value)) is not None:
            xs, where = found
            self.add_at(xs, where, ("i",) * len(where), bar)
            return
        if isinstance(value.type, Tuple):
            self.contribute_parts(value, bar)
            return
        # what may be unbound has no shape: what reads it has been summed to its own
        known = not isinstance(value.type, Maybe)
        loose = is_loose(value)
        read = value.op is not None and value.op.kind == "bound"  # its name goes on
        # it may be a number: what was broadcast must be summed at once, since another
        # contribution may come that was not
        at_once = loose and known and (read or self.uses[value] > 1)
        whole = whole and (at_once or fits or not loose)
        if known and fits:
            bar = of_dtype(self.q, real_part(self.q, bar, value), value.type)
        elif known:
            bar = conform(self.q, bar, value, at_once)
        whole = whole or (bar.op is not None and bar.op.kind == "unbroadcast")
        old = self.bars.get(value)
        new = bar
        if old is not None:
            new = added(self.q, old, bar, value)
            if is_idle(old) and is_idle(bar):
                self.shaped(new, value)
        self.bars[value] = self.named(new, value)
        if whole if old is None else (old, value) in self.spread:
            self.spread.add((new, value))
            if not isinstance(value.type, Maybe):
                self.shaped(new, value)

    def held_in(self, value: Value) -> tuple[Value, list[Value]] | None:
        """The list that a list was read from, and where: its adjoint is an item there.

        The same of a tuple, in a region inside of the one that reads it. None if it has
        an adjoint of its own: what it was read from is changed before the adjoint of
        that is there.
        """
        op, of = value.op, bound(value.type)
        if value in self.bars or op is None:
            return None
        if isinstance(of, Tuple) and value not in self.here:
            if (found := in_list(op)) is None:
                return None
            xs, where = found
        elif isinstance(of, List) and op.kind == "getitem":
            xs, *where = op.args
        else:
            return None
        if not isinstance(bound(xs.type), List):
            return None
        if (outer := self.held_in(xs)) is not None:
            return outer[0], [*outer[1], *where]
        return (xs, where) if xs in self.bars or xs not in self.growing else None

    def adjoint_of(self, value: Value) -> Value:
        """The value whose adjoint has that of a value in it."""
        found = self.held_in(value)
        return value if found is None else found[0]

    def add_at(
        self, x: Value, index: list[Value], codes: tuple[str, ...], g: Value
    ) -> None:
        """The transpose of `x[index]`: the adjoint of x gains g there."""
        raise NotImplementedError

    def full(self, bar: Value, value: Value) -> Value:
        """The adjoint spread to the shape of its primal, unless it surely has it."""
        if (bar, value) in self.spread or isinstance(value.type, Maybe):
            return bar
        out = full(self.q, bar, value)
        self.spread.add((out, value))
        return out

    def named(self, bar: Value, value: Value) -> Value:
        """The adjoint of a named value is `<name>_bar`; of a temporary, `t_bar`."""
        op = bar.op
        derived = op is not None and op.attrs.get("derived") and op.kind != "pick"
        if derived and bar.role == "temp":
            bar.hint = f"{value.hint}_bar"
            bar.role = "bar" if value.role in ("user", "global") else "temp"
        return bar

    def zeros(self, value: Value) -> Value:
        """A zero adjoint. In a loop it is shaped like an adjoint that is carried.

        A primal value would have to be saved for nothing but its shape.
        """
        of = bound(value.type)
        if isinstance(value.type, Maybe):  # it may have no shape, being unbound
            return self.q.const(0.0)
        if _unknown(value):
            out = zeros_of(self.q, value)
            self.spread.add((out, value))
            return out
        for other in reversed(self.carried):
            t = bound(other.type)
            if isinstance(of, Array) and of.rank and isinstance(t, Array):
                loose = of.loose or t.loose
                if t.dtype == of.dtype and t.rank == of.rank and not loose:
                    if all(a.same(b) for a, b in zip(t.shape, of.shape, strict=True)):
                        return self.q("np.zeros_like(x)", x=other)
        return zeros_of(self.q, value, adjoint=True)

    def take(self, value: Value) -> Value | None:
        """The adjoint of a value, which is complete once its definition is reached."""
        return self.bars.pop(value, None)

    def contribute_part(self, value: Value, k: int, bar: Value) -> None:
        """Add to the adjoint of an item of a tuple."""
        parts, item = self.parts.setdefault(value, {}), self.q.item(value, k)
        bar = real_part(self.q, bar, item)
        if (old := parts.get(k)) is not None:
            bar = added(self.q, old, bar, item)
        parts[k] = bar

    def take_parts(self, value: Value) -> dict[int, Value]:
        """The adjoints of the items of a tuple, also of what a loop has carried."""
        if (whole := self.take(value)) is not None:
            self.contribute_parts(value, whole)
        return self.parts.pop(value, {})

    def contribute_parts(self, value: Value, bar: Value) -> None:
        """Add to the adjoint of a tuple."""
        assert isinstance(value.type, Tuple)
        for k, of in enumerate(value.type.items):
            if is_real_valued(of):
                self.contribute_part(value, k, self.q.item(bar, k))

    def take_whole(self, value: Value) -> Value | None:
        """The adjoint of a value as one, also if it is a tuple."""
        if not isinstance(value.type, Tuple):
            return self.take(value)
        parts, zeros = self.take_parts(value), self.zeros(value)
        if not parts:
            return None
        items = range(len(value.type.items))
        bars = [parts.get(k) or self.q.item(zeros, k) for k in items]
        return packed(self.q, value, bars)

    def shaped(self, bar: Value, like: Value) -> None:
        """Note that the adjoint has the shape of a value, whatever its type says."""
        of, t = bound(like.type), bound(bar.type)
        if bar.is_const or rank_of(of) != rank_of(t):
            return
        if isinstance(of, Array) and isinstance(t, Array) and not is_loose(like):
            bar.type = replace(of, dtype=t.dtype)


def _unknown(value: Value) -> bool:
    """Whether the shape of a value is not known when compiling."""
    of = bound(value.type)
    if isinstance(of, Array) and not is_loose(value):
        return any(d.sym is None and d.unit is None for d in of.shape)
    return of == ANY or isinstance(of, Array)


def is_loose(value: Value) -> bool:
    """Whether the value may be an array or, on some paths, a number that varies."""
    of = bound(value.type)
    return isinstance(of, Array) and of.loose and not of.idle


def is_idle(value: Value) -> bool:
    """Whether a value is a number, if it is one, where that has no derivative."""
    of = bound(value.type)
    return isinstance(of, Array) and of.idle


def _is_zero(bar: Value) -> bool:
    return bar.is_const and bar.const == 0.0

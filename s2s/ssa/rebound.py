"""Whether `x += value` may be taken for `x = x + value`, where x has no axes.

A number is rebound, an array without axes (np.zeros(())) is changed for all its names,
and both have one type. The builder takes every one for a number and notes what for;
when the function is complete, it is known where each value comes from, and what is read
again.

    old = s                     a = np.zeros(())
    s += x[i]     (fine)        b = a
    d = s - old                 a += x            (refused if b is read again)

That array may be changed by a view of it, too: by `v = a[None]`, which has axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.callee import call_of, position
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.live import Live, Segment
from s2s.ssa.roots import Roots, updates_in_place
from s2s.ssa.storage import aliasing, surely_number
from s2s.ssa.types import Array, bound


@dataclass(frozen=True)
class Rebinding:
    """A name that was rebound to `new` in the place of changing `old`."""

    origin: Origin | None
    name: str
    old: Value
    new: Value
    dtype: str = ""  # of the new value, "" if it is that of the old one
    stored: bool = False  # by `x[()] = value`, which numbers do not have
    in_list: bool = False  # which may have it more than once


def check_rebound(function: Function) -> dict[Value, Origin | None]:
    """Refuse what would matter; the arguments for which it may matter at a call."""
    rebound: list[Rebinding] = function.attrs["rebound"]
    through_views = [op for op in function.body.walk() if updates_in_place(op)]
    if not any(map(shows_no_axes, function.body.walk())):
        through_views = []
    if not rebound and not through_views:
        return {}
    roots = Roots(function)
    shown = Shown(function, roots)
    given: dict[Value, Origin | None] = {}
    for op in through_views:
        if any(has_no_axes(root) for root in roots.of[op.args[0]]):
            shown.refuse(op.args[0].hint, op.args[0], op.results[0], op.origin)
    for update in rebound:
        old, name = update.old, update.name
        number = surely_number(old, roots.slot_of)
        outside = roots.of.get(old, frozenset()) & roots.outside
        if update.stored and (number or outside):
            raise UnsupportedError(
                f"`{name}` may be a number here, which has no elements to assign to",
                update.origin,
                f"write `{name} = ...`",
            )
        if number:
            continue
        if update.in_list:
            refuse(name, "another item may be the same array", update.origin)
        shown.refuse(name, old, update.new, update.origin)
        if update.dtype:
            raise UnsupportedError(
                f"`{name}` may be an array without axes here, which stays as it is, "
                f"or a number, which becomes {update.dtype}",
                update.origin,
                f"write `{name} = {name} ...`",
            )
        for root in outside:
            given.setdefault(root, update.origin)
    return given


def has_no_axes(value: Value) -> bool:
    of = bound(value.type)
    return isinstance(of, Array) and not of.rank


def shows_no_axes(op: Op) -> bool:
    """Whether an operation may make a view of an array without axes."""
    return bool(op.args) and has_no_axes(op.args[0]) and aliasing(op) != "fresh"


class Shown:
    """What is read again after a change, and may be the storage that changed."""

    def __init__(self, function: Function, roots: Roots) -> None:
        self.function = function
        self.roots = roots

    @cached_property
    def live(self) -> Live:
        return Live(self.function, set(), shapes=False)

    @cached_property
    def segments(self) -> dict[Value, list[Segment]]:
        return self.live.finish()

    def refuse(self, name: str, old: Value, new: Value, at: Origin | None) -> None:
        """Refuse that `new` takes the place of `old`, if anything else shows that."""
        if old not in self.roots.of or new not in self.live.defined:
            return  # it is never carried out
        point = self.live.defined[new][0]
        for value in self.roots.of:
            of = self.live.test_of.get(value, value)
            segments = self.segments.get(of, ())
            if value is new or not any(a < point < b for a, b in segments):
                continue
            if self.roots.meet(old, value) and not are_apart(old, value):
                known = value.role == "user" and value.hint != name
                other = f"`{value.hint}`" if known else "what is read later"
                refuse(name, f"{other} may be the same array", at)


def are_apart(a: Value, b: Value) -> bool:
    """Whether two values are results of one call that are surely no one array."""
    one, other = (call_of(v.op) if v.op is not None else None for v in (a, b))
    if one is None or one is not other or "near" in one.attrs or a.op is b.op:
        return False
    assert a.op is not None and b.op is not None
    return position(a.op) != position(b.op)


def refuse(name: str, seen: str, at: Origin | None) -> NoReturn:
    raise UnsupportedError(
        f"`{name}` may be an array without axes here, which changes in place, and "
        + seen,
        at,
        f"write `{name} = {name} ...`, or make it a number: `float(...)`",
    )

"""Whether `x += value` may be taken for `x = x + value`, where x has no axes.

A number is rebound, an array without axes (np.zeros(())) is changed for all its names,
and both have one type. The builder takes every one for a number and notes what for;
when the function is complete, it is known where each value comes from.

    old = s                     a = np.zeros(())
    s += x[i]     (fine)        b = a
    d = s - old                 a += x            (refused if b is read again)
"""

from __future__ import annotations

from dataclasses import dataclass

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.ir import Function, Value
from s2s.ssa.roots import Roots
from s2s.ssa.storage import surely_number


@dataclass(frozen=True)
class Rebinding:
    """A name that was rebound to `new` in the place of changing `old`."""

    origin: Origin | None
    name: str
    old: Value
    others: tuple[tuple[str, Value], ...]  # the names that are read again
    dtype: str  # of the new value, "" if it is that of the old one
    stored: bool  # by `x[()] = value`, which numbers do not have


def check_rebound(function: Function, roots: Roots) -> dict[Value, Origin | None]:
    """Refuse what would matter; the arguments for which it may matter at a call."""
    given: dict[Value, Origin | None] = {}
    for update in function.attrs.pop("rebound"):
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
        for other, value in update.others:
            there = old in roots.of and value in roots.of  # else it is never read
            if there and roots.meet(old, value):
                raise UnsupportedError(
                    f"`{name}` may be an array without axes here, which changes in "
                    f"place, and `{other}` may be the same array",
                    update.origin,
                    f"write `{name} = {name} ...`, or make it a number: `float(...)`",
                )
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

"""Whose storage the results of a function that is called may be.

In: a function, and which of its operations update their first operand in place. Out:
for each result that it returns, the arguments whose storage that may be, and whether it
may be storage of the function's own, or of another result.

    def g(u, v):
        u[0] = v[0]
        return u, v * 2.0     ->     Held({0}, own=False), Held({}, own=True)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.roots import NOWHERE, Roots


@dataclass(frozen=True)
class Held:
    """Whose storage a result of a call may be: that of arguments, or one of its `own`.

    `beside` says that another result may be that storage, too.
    """

    args: frozenset[int] = frozenset()
    own: bool = True
    beside: bool = False


def held_by(function: Function, in_place: Callable[[Op], bool]) -> tuple[Held, ...]:
    """What each result holds; one that is itself several, taken together."""
    roots, params = Roots(function, in_place), function.body.params
    items = returned(function)
    parts = [
        {r for v in flat(item) if not v.is_const for r in shown(v, roots)} - {NOWHERE}
        for item in items
    ]

    def held(k: int) -> Held:
        found = roots.ever(frozenset(parts[k])) - {NOWHERE}
        others = {r for j, part in enumerate(parts) if j != k for r in part}
        return Held(
            frozenset(j for j, p in enumerate(params) if p in found),
            bool(found.difference(params, roots.slot_of)),
            roots.any_same(parts[k], others),
        )

    return tuple(map(held, range(len(items))))


def shown(value: Value, roots: Roots) -> set[Value]:
    """The roots of a value; of a stack, those of what was pushed, too."""
    pushed = (push.args[1] for push in roots.pushed.get(value, ()))
    return {*roots.of[value], *(r for v in pushed for r in roots.of.get(v, ()))}


def returned(function: Function) -> tuple[Bound, ...]:
    """What a function that is called returns, one after the other."""
    return items_of(refill(function.attrs["result"], iter(function.body.results)))


def items_of(result: Bound) -> tuple[Bound, ...]:
    return result.items if isinstance(result, Seq) else (result,)

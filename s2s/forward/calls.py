"""The tangent of a call: a call of the tangent of what is called.

In: a call with active arguments. Out: one call that returns results and tangents; the
function is made here, once for all calls with the same active arguments.

    y = call g(x)     ->     y, y_dot = call g_jvp(x, x_dot)

What it keeps for its reverse has the tangents in it, and is still the last that it
returns (`kept`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s2s.activity import active
from s2s.forward.kept import Opening, with_dots
from s2s.forward.symmetric import gradient
from s2s.idle import mark_idle
from s2s.names import Names
from s2s.shaping import as_carried
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.callee import KEPT, Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.roots import shares
from s2s.ssa.storage import numbers
from s2s.ssa.types import Tuple, derivative_type, rank_of

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward


@dataclass(frozen=True)
class Variant:
    """The arguments and results of a function that have tangents.

    Also whether what it `keeps` has some; and what has kept that which it takes apart,
    if there are some in it, the argument `kept_at`.
    """

    wrt: tuple[int, ...]
    outs: tuple[int, ...]
    keeps: bool
    kept_by: Callee | None
    kept_at: int | None


def call(forward: Forward, op: Op) -> None:
    """Call the tangent in the place of the function."""
    q, whole = forward.q, op.result
    of_gradient = op.attrs["callee"].gradient is not None
    both, found = (gradient if of_gradient else function)(forward, op)
    if isinstance(whole.type, Tuple):
        forward.called[whole] = both, found
        return
    index = q.const(0)
    first = Op("pick", [both, index], ("x", "k"), origin=op.origin)
    first.results, whole.op = [whole], first
    q.append(first)
    if found:
        forward.set(whole, found[0])


def function(forward: Forward, op: Op) -> tuple[Value, dict[int, Value]]:
    """What is called in its place, and of which results that has the tangents."""
    q, whole = forward.q, op.result
    wrt, outs = varied_in(forward, op)
    keeps = any(o.result in forward.kept for o in forward.picks if o.args[0] is whole)
    site = op.attrs.get("site")
    at = next((k for k, a in enumerate(op.args) if a.type == KEPT), None)
    variant = Variant(wrt, outs, keeps, forward.sites.get(site), at)
    types = whole.type.items if isinstance(whole.type, Tuple) else (whole.type,)
    count = len(types) - (types[-1] == KEPT)
    plain, kept = types[:count], types[count:]
    if op.attrs["callee"].recursive:
        variant = with_own_calls(forward, op.attrs["callee"], variant, bool(kept))
    callee = tangent_of(forward, op.attrs["callee"], variant, bool(kept))
    if keeps:
        forward.sites[site] = callee
    params = op.attrs["callee"].body.body.params
    dots = [forward.whole(op.args[k], params[k]) for k in variant.wrt]
    more = [derivative_type(types[k]) for k in variant.outs]
    args = [*op.args, *dots]
    both = q.emit(
        "call", args, ("xs",) * len(args), callee=callee, equal=op.attrs["equal"],
        site=site, type=Tuple((*plain, *more, *kept)),
    )  # fmt: skip
    return both, {k: q.item(both, len(plain) + j) for j, k in enumerate(variant.outs)}


def varied_in(forward: Forward, op: Op) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which arguments of a call have tangents, and which results.

    The sweeps of one function are called in several places: they are written once for
    all of them if they differ in no more than results, and numbers, that have some.
    """
    callee = op.attrs["callee"]
    alike = [op, *(o for o in forward.sweeps if o.attrs["callee"] is callee)]
    outs = {k for o in alike for k in forward.active_results(o)}
    params = callee.body.body.params
    numbers = {
        k for o in alike for k, a in enumerate(o.args)
        if a in forward.active and rank_of(params[k].type) == 0
    }  # fmt: skip
    own = {k for k, a in enumerate(op.args) if a in forward.dots}
    return tuple(sorted(own | numbers)), tuple(sorted(outs))


class Ends:
    """What of a function varies to begin with in a variant, and what it is to return.

    If it is `keeping` something, that is the last that it returns.
    """

    def __init__(self, function: Function, variant: Variant, keeping: bool) -> None:
        self.function, body = function, function.body
        self.kept: list[Bound] = []
        if keeping:
            self.kept = [function.attrs["result"].items[-1]]
        count = sum(len(flat(k)) for k in self.kept)
        self.results = body.results[: len(body.results) - count]
        self.inputs = [body.params[k] for k in variant.wrt]
        self.outputs = [self.results[k] for k in variant.outs]
        self.useful = flat(self.kept[0]) if variant.keeps else []
        self.opening = None
        if variant.kept_by is not None and variant.kept_at is not None:
            layout = variant.kept_by.body.attrs["kept"]
            self.opening = Opening(function, variant.kept_at, layout)

    def forward(self, caller: Forward) -> Forward:
        """What writes the tangents of the active values."""
        opened = self.opening.active if self.opening else []
        inputs, outputs = [*self.inputs, *opened], [*self.outputs, *self.useful]
        live = active(self.function, inputs, outputs, caller.rules)
        mark_idle(self.function, live, caller.rules)
        return type(caller)(caller.rules, live, self.function.body)


def with_own_calls(
    caller: Forward, callee: Callee, variant: Variant, keeping: bool
) -> Variant:
    """The variant that goes for the calls that the function makes of itself, too."""
    before = None
    while variant != before:
        before, function = variant, clone_function(callee.body)
        forward = Ends(function, variant, keeping).forward(caller)
        wrt, outs = {*variant.wrt}, {*variant.outs}
        for op in function.body.walk():
            if op.attrs.get("callee") is callee:
                wrt |= {k for k, a in enumerate(op.args) if a in forward.active}
                outs |= {*forward.active_results(op)}
        variant = replace(variant, wrt=tuple(sorted(wrt)), outs=tuple(sorted(outs)))
    return variant


def tangent_of(
    caller: Forward, callee: Callee, variant: Variant, keeping: bool
) -> Callee:
    """The function of the primals, and the tangents of some of its arguments."""
    key = ("jvp", variant)
    if key in callee.variants:
        return callee.variants[key]
    made = callee.variants[key] = Callee(
        f"{callee.name}_jvp", effects=callee.effects, recursive=callee.recursive,
        shares=callee.shares,
    )  # fmt: skip
    function = clone_function(callee.body)
    body, attrs = function.body, function.attrs
    ends = Ends(function, variant, keeping)
    forward, opening, kept = ends.forward(caller), ends.opening, ends.kept
    results = ends.results
    if opening is not None:
        opening.seed(forward)
    for value in ends.inputs:
        forward.seed(value.hint, value)
    names = Names()
    for param in body.params:
        param.hint = names.fresh(param.hint)
    forward.region(list(body.ops), body)
    with forward.q.inside(body):
        dots = [
            as_carried(forward.q, forward.returned(value), value.type)
            for value in ends.outputs
        ]
        if variant.keeps:
            kept[0], attrs["kept"] = with_dots(forward, kept[0])
    attrs["result"] = Seq("tuple", (*results, *dots, *kept))
    more = range(len(results), len(results) + len(dots))
    attrs["derived_results"] = (*attrs.get("derived_results", ()), *more)
    body.results = flat(attrs["result"])
    made.function = remove_dead(function)
    made.function.name = made.name
    numbers(made.function, made)
    made.shares |= any(shares(made.function, flat(k)) for k in kept)
    return made

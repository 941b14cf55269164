"""Derivatives that are updated through a reshaped view are made contiguous.

In: a function. Out: the same, in which `A_bar.reshape(-1)[i] = 0.0` has an effect: of
an array that is not in C order, `reshape` and `ravel` may be copies. The primal's own
updates are left alone: the builder has seen to it that they go through views.

    g1 = store(g, ravel, i, 0.0)   ->   g0 = np.ascontiguousarray(g)
                                        g1 = store(g0, ravel, i, 0.0)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s2s.codegen.holders import fits
from s2s.ssa.entry import arguments
from s2s.ssa.ir import Function, Op, Region, Slot, Value, is_loop, slots
from s2s.ssa.layout import contiguous_if
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import RESHAPES, slot_map


def make_contiguous(function: Function) -> Function:
    """Insert what makes arrays contiguous, where it is not known that they are."""
    given = {v for k, v in arguments(function) if k in function.attrs["contiguous"]}
    _region(function.body, slot_map(function), frozenset(given))
    return function


def _region(
    region: Region, carried: Mapping[Value, Slot], given: frozenset[Value]
) -> None:
    for op in list(region.ops):
        for inner in op.regions:
            _region(inner, carried, given)
        hops = op.attrs.get("path", ()) if op.kind in UPDATES else ()
        if not any(hop.kind in RESHAPES for hop in hops):
            continue
        if known(op.args[0], carried, given):
            continue
        base = op.args[0]
        attrs = {"sweep": op.attrs.get("sweep"), "derived": True}
        made = Op("np.ascontiguousarray", [base], ("x",), attrs, origin=op.origin)
        made.results = [Value(base.type, base.hint, base.role, op=made)]
        region.ops.insert(region.ops.index(op), made)
        op.args[0] = made.result


def known(value: Value, carried: Mapping[Value, Slot], seen: frozenset[Value]) -> bool:
    """Whether an array is in C order, without gaps; what was `seen` is."""
    if value in seen:
        return True
    op, seen, needed = value.op, seen | {value}, contiguous_if(value)
    ends: Iterable[Value]
    if needed is not None and value not in needed:
        ends = needed
    elif value in carried:
        ends = [carried[value].init, carried[value].yielded]
    elif op is None:
        return False
    elif op.kind == "if":
        ends = [r.results[op.results.index(value)] for r in op.regions]
    elif is_loop(op):
        slot = slots(op)[op.results.index(value)]
        ends = [slot.init, slot.yielded]
    elif op.kind in UPDATES | LIKE | {"bound"} or op.attrs.get("in_place"):
        ends = op.args[:1]
    elif op.kind in ("add", "sub") and fits(op):
        ends = op.args[:1]  # elementwise results are in the order of such an operand
    else:
        return False
    return all(known(end, carried, seen) for end in ends)


LIKE = {"np.zeros_like", "np.ones_like", "np.empty_like", "np.full_like"}

"""The tangents of a `try` come after it: they must not fail in its place.

In: a `try` of the primal. Out: the same, and behind it an `if` on what has run. What
the tangents read of the body becomes a result of the `try`:

    try:                                  try:
        t = g(x)                              t = g(x)
        y = t / x                             y = t / x
    except ZeroDivisionError:     ->          ok = True
        y = 0.0                           except ZeroDivisionError:
                                              y = 0.0;  ok = False
                                          if ok: y_dot = ...  else: y_dot = 0.0

A body with loops is run again with its tangents, once it is known not to fail. Then
that is what pushes on the stacks of an adjoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2s.activity import holds_kept
from s2s.errors import UnsupportedError
from s2s.shaping import carried_type
from s2s.ssa.clone import clone_region
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.types import UNDEF

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward


def attempt(forward: Forward, op: Op) -> None:
    """Write the tangents of a `try`, which has been written."""
    ok = op.attrs.pop("ok", None)
    body, handler = op.regions
    wanted = [r for r in op.results if r in forward.active or r in forward.kept]
    places = [op.results.index(r) for r in wanted]
    before = forward.dots
    forward.dots = dict(before)
    forward.region(list(handler.ops), handler)
    with forward.q.inside(handler):
        handled = [end_of(forward, handler.results[k], op.results[k]) for k in places]
    forward.dots = dict(before)
    then, otherwise = Region(), Region()
    nested = any(o.regions or o.kind == "call" for o in body.ops)
    again = repeated(forward, body) if nested else body
    forward.region(again.ops, then)
    with forward.q.inside(then):
        then.results = [
            end_of(forward, again.results[k], op.results[k]) for k in places
        ]
    forward.dots = before
    pushed = [o for o in then.walk() if o.kind == "push"]
    tangents = before.values()
    pushes = any(o.args[0] in tangents or o.args[1] in forward.kept for o in pushed)
    if ok is None or not (wanted or pushes):
        return
    if nested:
        drop_pushes(body)  # it is done again
    else:
        own = set(body.ops)
        then.ops = [o for o in then.ops if o not in own]
        export(op, then)
    otherwise.results = [result_of(op, 1, dot) for dot in handled]
    made = forward.q.append(
        Op("if", [ok], ("cond",), {"form": None}, [then, otherwise])
    )
    for k, value in zip(places, wanted, strict=True):
        if value in forward.kept:  # what is kept with its tangents stands for the other
            op.results[k] = Value(value.type, value.hint, value.role, op=op)
            value.op = made
            made.results.append(value)
            continue
        dot = Value(carried_type(value), f"{value.hint}_dot", op=made)
        made.results.append(dot)
        forward.set(value, dot)


def end_of(forward: Forward, value: Value, result: Value) -> Value:
    """What a branch yields: a tangent, or what a call keeps with those in it."""
    return value if holds_kept(value.type) else forward.whole(value, result)


def drop_pushes(region: Region) -> None:
    region.ops = [op for op in region.ops if op.kind != "push"]
    for op in region.ops:
        for inner in op.regions:
            drop_pushes(inner)


def repeated(forward: Forward, body: Region) -> Region:
    """A copy of the body, of which the same is active."""
    for op in body.walk():
        if op.effects - {"bound", "raise", "push"}:
            raise UnsupportedError(
                "a `try` with loops or branches in it would do this twice",
                op.origin,
                "do it after the `try`",
            )
    copies: dict[Value, Value] = {}
    again = clone_region(body, copies)
    forward.active |= {copies[v] for v in copies if v in forward.active}
    forward.kept |= {copies[v] for v in copies if v in forward.kept}
    forward.picks += [op for op in again.walk() if op.kind == "pick"]
    for op in again.walk():
        if "ok" in op.attrs:
            op.attrs["ok"] = copies[op.attrs["ok"]]
    return again


def export(op: Op, region: Region) -> None:
    """Let a region after a `try` read what the body of that has computed."""
    inside = {v for o in op.regions[0].ops for v in o.results}
    outside: dict[Value, Value] = {}

    def exported(value: Value) -> Value:
        if value not in inside:
            return value
        if value not in outside:
            outside[value] = result_of(op, 0, value)
        return outside[value]

    for made in region.walk():
        made.args = [exported(a) for a in made.args]
    region.results = [exported(r) for r in region.results]


def result_of(op: Op, which: int, value: Value) -> Value:
    """A result of the `try` that one of its regions alone gives."""
    result = Value(value.type, value.hint, value.role, op=op)
    op.results.append(result)
    for k, region in enumerate(op.regions):
        end = value if k == which else Value(UNDEF, const=None)
        region.results.append(end)
    return result

"""Ownership: which pure updates may be printed in place, and where a copy is needed.

In: a function. Out: the same function, in which

- every `store` and `add_at` updates an array (or list) that nobody looks at any more:
  where that was not so, something has been copied: a view that is read later, the array
  before a loop, or the array just before the update;
- an `add` or `sub` whose first operand nobody else holds is marked `in_place`, to be
  printed as `+=`;
- returned gradients share no storage with each other or with anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from s2s.codegen.copies import Copies, copied
from s2s.codegen.holders import Storage, fits, is_candidate
from s2s.errors import InternalError
from s2s.ssa.ir import Function, Op, Region, Slot, Value, is_loop, loop_parts, slots
from s2s.ssa.roots import Roots, changes_list
from s2s.ssa.storage import slot_map, surely_number
from s2s.ssa.types import Scalar, bound, rank_of

ROUNDS = 40  # a handful are enough
PATIENT = 10  # as many of them may leave something for the next one


def take_ownership(function: Function) -> Function:
    """Insert the copies that in-place printing needs and mark what may be in place."""
    turned = _turned(function)
    for k in range(ROUNDS):
        copies = Copies(function, patient=k < PATIENT)
        if not copies.insert():
            break
    else:
        raise InternalError("no end of copies that updates in place need")
    copied_more = _own_what_comes_in(function)
    _mark(function, Storage.of(function) if copied_more else copies.storage)
    for op in turned:
        if not op.attrs["in_place"]:
            op.args.reverse()
        op.attrs["turned"] = op.attrs["in_place"]
    _own_results(function)
    return function


def _turned(function: Function) -> list[Op]:
    """Products `2.0 * x_bar` that may be printed as `x_bar *= 2.0`, turned round."""
    turned = []
    for op in function.body.walk():
        if op.kind == "mul" and op.args[0].is_const and not is_candidate(op):
            op.args.reverse()
            if is_candidate(op):
                turned.append(op)
            else:
                op.args.reverse()
    return turned


def _mark(function: Function, storage: Storage) -> None:
    """Decide about additions, whose copies would not be worth it.

    What is not in place makes an array, which the next addition may change.
    """
    carried = slot_map(function)
    fresh: set[Op] = set()
    while True:
        made = _marked(function, storage, carried)
        more = {op for op in made - fresh if op.args[0].op not in made - fresh}
        fresh |= more
        if not any(rank_of(op.result.type) for op in more):
            return
        storage = replace(storage, fresh=set(fresh))


def _marked(
    function: Function, storage: Storage, carried: Mapping[Value, Slot]
) -> set[Op]:
    """Mark the additions; those that are not in place."""
    fresh: set[Op] = set()
    for op in list(function.body.walk()):
        if op.kind == "add_at" and changes_list(op):
            roots = storage.roots.ever(storage.roots.of[op.args[0]])
            alone = not any(map(is_repeated, roots))
            alone = alone and not any(storage.conflicts(op, items=True))
            op.attrs["items_in_place"] = alone
        if is_candidate(op):
            first = op.args[0]
            # (an array without axes that changes would stay one: no number comes of it)
            op.attrs["in_place"] = fits(op) and (
                surely_number(first, carried)
                or (
                    rank_of(first.type) != 0
                    and storage.tentative(op)
                    and not any(storage.conflicts(op))
                )
            )
            if not op.attrs["in_place"]:
                fresh.add(op)
    return fresh


def _own_what_comes_in(function: Function) -> bool:
    """Copy what loops make derivatives of, if others hold it, before they start.

    Then all rounds may change it in place. Whether anything was copied is returned.
    """
    found = False
    region, derived, inside = _derivatives(function)
    roots = Roots(function)
    for k in derived:
        value, first = region.results[k], None
        while (loop := value.op) is not None and is_loop(loop) and loop in region.ops:
            at = loop.results.index(value)
            slot = slots(loop)[at]
            made = roots.of.get(slot.yielded, frozenset()) - {slot.param}
            if any(loop not in roots.chain[root] for root in made):
                break
            first, value = (loop, loop_parts(loop)[0] + at, slot.param), slot.init
        if first is not None and _is_foreign(value, inside, roots):
            loop, at, param = first
            copy = copied(value, loop)
            copy.result.hint, copy.result.role = param.hint, param.role
            region.ops.insert(region.ops.index(loop), copy)
            loop.args[at] = copy.result
            found = True
    return found


def _is_foreign(value: Value, inside: tuple[Op, ...], roots: Roots) -> bool:
    """Whether others hold an array, or may write to no part of it."""
    held = bool(roots.of.get(value))
    return held and not _is_ours(value, inside, roots)


def _derivatives(function: Function) -> tuple[Region, range, tuple[Op, ...]]:
    """Where derivatives are returned, which results they are, and of which pullback."""
    region = function.body
    pullback = region.ops[-1] if region.ops else None
    if pullback is not None and pullback.kind == "pullback":
        region = pullback.regions[0]
        return region, range(len(region.results)), (pullback,)
    return region, function.attrs.get("derived_results", range(0)), ()


def _own_results(function: Function) -> None:
    """Derivatives must alias neither each other nor anything that others can see."""
    region, derived, inside = _derivatives(function)
    last = region.ops[-1] if region.ops else None
    sweep = last.attrs.get("sweep") if last else None
    results = region.results
    arrays = [k for k in derived if not isinstance(bound(results[k].type), Scalar)]
    roots = Roots(function) if arrays else None
    for k in arrays:
        value = region.results[k]
        if value.is_const or roots is None or not roots.of[value]:
            continue
        others = [r for j, r in enumerate(region.results) if j != k]
        if not _is_foreign(value, inside, roots) and not any(
            roots.meet(value, other) for other in others
        ):
            continue
        made = copied(value, Op("", [], attrs={"sweep": sweep}))
        region.ops.append(made)
        region.results[k] = made.result
        roots.of[made.result] = frozenset([made.result])
        roots.chain[made.result] = inside


def is_repeated(root: Value) -> bool:
    """Whether a list has one array many times."""
    made = root.op
    if made is None or made.kind != "list_repeat":
        return False
    return rank_of(made.args[0].type) != 0


def _is_ours(value: Value, inside: tuple[Op, ...], roots: Roots) -> bool:
    """Whether an array was made in this call (of the pullback) and is writable."""
    for root in roots.ever(roots.of[value]):
        made = root.op
        if root in roots.outside or roots.chain[root][: len(inside)] != inside:
            return False
        if (made is not None and made.kind == "pop") or is_repeated(root):
            return False
    return True

"""A function that was just built becomes one of its own.

In: the function, whose arguments may change. Out: the same function, which shares no
storage with who calls it, and takes only what it reads. What cannot be set apart raises
`NotOne`: what changes globals, or returns functions.

    def g(x, unused):              def g(x):
        return x          ->           return x.copy()      (and may share x's storage)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s2s.ssa.assume import equal_lengths, fitting_lengths
from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.callee import Callee, Lengths
from s2s.ssa.dce import remove_dead
from s2s.ssa.entry import copy_written_arguments
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.kinds import check_kinds
from s2s.ssa.outcome import NotOne, Outcome
from s2s.ssa.rebound import check_rebound
from s2s.ssa.roots import Roots
from s2s.ssa.storage import numbers
from s2s.ssa.types import (
    Array,
    Dim,
    Maybe,
    Scalar,
    Type,
    bound,
    described,
    may_be_none,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rules


def separate(function: Function, callee: Callee, rules: Rules) -> None:
    """Finish the function, and note in the callee what its calls are like."""
    attrs, body = function.attrs, function.body
    attrs["params"] = {p.hint: p for p in body.params}
    attrs["rebound"] = check_rebound(function)
    check_kinds(function)
    copy_written_arguments(function)
    if any(rank_of(p.type) == 0 for p in body.params if p.hint in attrs["written"]):
        raise NotOne("it changes what may be an array without axes")
    if attrs["contiguous"]:
        raise NotOne("it changes an argument, which has to be contiguous")
    callee.effects = frozenset().union(*(o.effects for o in body.walk()))
    if "set_global" in callee.effects:
        raise NotOne("it changes a global")
    if callee.effects and not body.results:
        raise NotOne("it returns nothing")
    attrs["equal_lengths"] = equal_lengths(function, rules)
    attrs["fits"] = fitting_lengths(function, rules)
    set_apart(function)
    remove_dead(function)
    used = body.uses()
    every = range(len(body.params))
    callee.args = tuple(k for k in every if callee.recursive or used[body.params[k]])
    body.params = [body.params[k] for k in callee.args]
    attrs["params"] = {p.hint: p for p in body.params}
    attrs["result"] = flat_result(body.results)
    assert callee.outcome is not None
    first = len(callee.outcome.returned)
    callee.changes = {
        first + j: callee.args.index(k)
        for j, k in enumerate(callee.outcome.changes)
        if k in callee.args
    }
    callee.function = function
    numbers(function, callee)


def flat_result(results: list[Value]) -> Bound:
    """What is returned of several values: a tuple."""
    return results[0] if len(results) == 1 else Seq("tuple", tuple(results))


def check_leaves(outcome: Outcome) -> None:
    """Refuse what no call can return."""
    _, *parts = outcome.whole.items
    if any(isinstance(v.type, Maybe) for part in parts for v in flat(part)):
        raise NotOne("it changes an object on one path only")
    for value in flat(outcome.whole):
        if may_be_none(value.type):
            raise NotOne("it returns None on some path")
        of = bound(value.type)
        if value.is_const and type(value.const).__module__.startswith("s2s.ssa"):
            raise NotOne("it returns a function")
        plain = isinstance(of, Scalar) or (isinstance(of, Array) and not of.loose)
        if not (value.is_const or plain):
            raise NotOne(f"it returns {described(of)}")


def set_apart(function: Function) -> None:
    """Copy results that may be storage of an argument, or of another result."""
    roots, body = Roots(function), function.body
    for k, value in enumerate(body.results):
        if not roots.of[value]:
            continue
        mine = roots.ever(roots.of[value])
        if mine & roots.outside - set(body.params):
            raise NotOne("it returns an array that others see")
        others = body.results[k + 1 :]
        if mine & roots.outside or any(roots.meet(value, o) for o in others):
            copy = Op("np.copy", [value], ("x",), {"method": "copy"})
            if isinstance(of := bound(value.type), Array) and not of.rank:
                copy = Op(f"np.{of.dtype}", [value], ("x",))  # a number is none
            copy.results = [Value(value.type, value.hint, value.role, op=copy)]
            body.ops.append(copy)
            body.results[k] = copy.result
            roots.of[copy.result] = frozenset([copy.result])
            roots.chain[copy.result] = ()


def summary(outcome: Outcome, lengths: Lengths) -> Outcome:
    """The types in what a call leaves behind, as far as its callers can know them."""

    symbols = ("", *lengths.given)

    def length_of(of: Dim) -> Dim:
        return of if of.sym in symbols else Dim(unit=of.unit, low=of.low)

    def known(of: Type) -> Type:
        of = bound(of)
        if isinstance(of, Array):
            return Array(of.dtype, tuple(map(length_of, of.shape)), of.loose)
        if isinstance(of, Scalar) and of.dim is not None:
            return of if of.dim.sym in symbols else Scalar(of.kind)
        return of

    old = flat(outcome.whole)
    values = (v if v.is_const else Value(known(v.type), v.hint) for v in old)
    whole = refill(outcome.whole, values)
    assert isinstance(whole, Seq)
    return replace(outcome, whole=whole)


def pairs_outside(
    callee: Callee, which: str, lengths: Lengths
) -> list[tuple[Dim, Dim]]:
    """The lengths that a call takes for equal, as its caller knows them."""
    if callee.function is None:
        return []
    pairs = callee.function.attrs[which]
    return [(lengths.dim_outside(a), lengths.dim_outside(b)) for a, b in pairs]

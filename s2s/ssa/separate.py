"""A function that was just built becomes one of its own.

In: the function, whose arguments may change. Out: the same function, which shares no
storage with who calls it, and takes only what it reads. What cannot be set apart raises
`NotOne`: what changes arguments or globals, and what has effects.

    def g(x, unused):              def g(x):
        return x          ->           return x.copy()      (and may share x's storage)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2s.ssa.assume import equal_lengths, fitting_lengths
from s2s.ssa.bound import Bound, Seq, flat, refill, same_shape
from s2s.ssa.callee import Callee, Lengths
from s2s.ssa.dce import remove_dead
from s2s.ssa.entry import copy_written_arguments
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.parameters import NotOne
from s2s.ssa.roots import Roots
from s2s.ssa.storage import numbers
from s2s.ssa.types import Array, Dim, Scalar, Type, bound, described, join

if TYPE_CHECKING:
    from s2s.rules import Rules


def separate(function: Function, callee: Callee, rules: Rules) -> None:
    """Finish the function, and note in the callee what its calls are like."""
    attrs, body = function.attrs, function.body
    attrs["params"] = {p.hint: p for p in body.params}
    copy_written_arguments(function)
    if (attrs["written"] or callee.changes) and not callee.recursive:
        raise NotOne("it changes an argument")
    if attrs["contiguous"]:
        raise NotOne("it changes an argument, which has to be contiguous")
    if attrs["writes"] or any(o.kind == "print" for o in function.body.walk()):
        raise NotOne("it has effects")
    check_result(attrs["result"])
    attrs["equal_lengths"] = equal_lengths(function, rules)
    attrs["fits"] = fitting_lengths(function, rules)
    callee.aliases = set_apart(function, callee.changes)
    remove_dead(function)
    used = body.uses()
    every = range(len(body.params))
    callee.args = tuple(k for k in every if callee.recursive or used[body.params[k]])
    body.params = [body.params[k] for k in callee.args]
    attrs["params"] = {p.hint: p for p in body.params}
    body.results = [r for r in body.results if not r.is_const]
    attrs["result"] = flat_result(body.results)
    callee.function = function
    numbers(function, callee)


def flat_result(results: list[Value]) -> Bound:
    """What is returned of several values: a tuple."""
    return results[0] if len(results) == 1 else Seq("tuple", tuple(results))


def check_result(result: Bound) -> None:
    if isinstance(result, Seq):
        if result.kind != "tuple":
            raise NotOne(f"it returns a {result.kind}")
        for item in result.items:
            check_result(item)
    elif not result.is_const:
        of = bound(result.type)
        if not isinstance(of, Scalar) and not (isinstance(of, Array) and not of.loose):
            raise NotOne(f"it returns {described(of)}")


def set_apart(
    function: Function, changes: tuple[int, ...]
) -> dict[int, tuple[int, ...]]:
    """Copy results that may be storage of an argument, and say of which."""
    roots, body = Roots(function), function.body
    aliases: dict[int, tuple[int, ...]] = {}
    values = [k for k, r in enumerate(body.results) if not r.is_const]
    plain, params = len(values) - len(changes), body.params
    if not values:
        raise NotOne("it returns nothing")
    for place, k in enumerate(values):
        value = body.results[k]
        if not roots.of[value]:
            continue
        mine = roots.ever(roots.of[value])
        given = tuple(j for j, p in enumerate(params) if roots.of[p] & mine)
        # (those that it changes are its own copies by now)
        last = zip(
            changes, body.results[len(body.results) - len(changes) :], strict=True
        )
        given += tuple(j for j, v in last if place < plain and roots.meet(value, v))
        others = [body.results[j] for j in values if j > k]
        if mine & roots.outside or any(roots.meet(value, o) for o in others):
            if mine & roots.outside - set(body.params):
                raise NotOne("it returns an array that others see")
            aliases[place] = given
            copy = Op("np.copy", [value], ("x",), {"method": "copy"})
            if isinstance(of := bound(value.type), Array) and not of.rank:
                copy = Op(f"np.{of.dtype}", [value], ("x",))  # a number is none
            copy.results = [Value(value.type, value.hint, value.role, op=copy)]
            body.ops.append(copy)
            body.results[k] = copy.result
            roots.of[copy.result] = frozenset([copy.result])
            roots.chain[copy.result] = ()
    return aliases


def summary(result: Bound, lengths: Lengths) -> Bound:
    """The types in a result, as far as its callers can know them."""

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

    values = (v if v.is_const else Value(known(v.type), v.hint) for v in flat(result))
    return refill(result, values)


def joined(one: Bound, two: Bound) -> Bound:
    """What covers both results."""
    if not same_shape(one, two):
        raise NotOne("it returns objects of different structure")
    pairs = zip(flat(one), flat(two), strict=True)
    return refill(
        two,
        (
            b
            if a.is_const and b.is_const and a.const == b.const
            else Value(join(a.type, b.type), b.hint)
            for a, b in pairs
        ),
    )


def same_result(one: Bound | None, two: Bound) -> bool:
    if one is None or not same_shape(one, two):
        return False
    pairs = zip(flat(one), flat(two), strict=True)
    return all(a.type == b.type and a.is_const == b.is_const for a, b in pairs)


def pairs_outside(
    callee: Callee, which: str, lengths: Lengths
) -> list[tuple[Dim, Dim]]:
    """The lengths that a call takes for equal, as its caller knows them."""
    if callee.function is None:
        return []
    pairs = callee.function.attrs[which]
    return [(lengths.dim_outside(a), lengths.dim_outside(b)) for a, b in pairs]

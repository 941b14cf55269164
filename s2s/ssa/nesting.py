"""Lists in lists, by their types.

In: types. Out: how deep lists are nested in a value, and whether a value of one type
may be, or have in it, a list of another. A list that has been empty so far may be any.

>>> from s2s.ssa.types import FLOAT
>>> rows = List(List(FLOAT))
>>> nesting(rows), nesting(List(Tuple((FLOAT, List(FLOAT)))))
(2, 2)
>>> may_hold(rows, rows.item), may_hold(rows.item, rows), may_hold(List(UNDEF), rows)
(True, False, True)
"""

from __future__ import annotations

from s2s.ssa.types import ANY, UNDEF, List, Scalar, Tuple, Type, bound


def nesting(type: Type) -> int:
    """How deep lists are nested in a value."""
    of = bound(type)
    if isinstance(of, List):
        return 1 + nesting(of.item)
    return max(map(nesting, of.items), default=0) if isinstance(of, Tuple) else 0


def may_hold(type: Type, part: Type) -> bool:
    """Whether a value of a type may be, or have in it, a list of type `part`."""
    of = bound(type)
    if isinstance(of, List):
        return may_be_list(of, part) or may_hold(of.item, part)
    if isinstance(of, Tuple):
        return any(may_hold(item, part) for item in of.items)
    return of == ANY


def may_be_list(a: Type, b: Type) -> bool:
    """Whether a value of one type may be the same list as one of another."""
    one, other = bound(a), bound(b)
    if not isinstance(one, List) or not isinstance(other, List):
        return ANY in (one, other)
    x, y = bound(one.item), bound(other.item)
    if UNDEF in (x, y) or ANY in (x, y):
        return True
    if isinstance(x, List) and isinstance(y, List):
        return may_be_list(x, y)
    return isinstance(x, List) == isinstance(y, List)


def holds_numbers(type: Type) -> bool:
    """Whether a value is a list of numbers, which have no storage."""
    of = bound(type)
    return isinstance(of, List) and isinstance(bound(of.item), Scalar)


def leaf_types(of: Type) -> list[Type]:
    """The types of all that an object consists of."""
    if isinstance(of, List):
        return leaf_types(bound(of.item))
    if not isinstance(of, Tuple):
        return [of]
    return [leaf for part in of.items for leaf in leaf_types(bound(part))]

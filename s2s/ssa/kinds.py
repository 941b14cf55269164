"""Whether the arrays in a list are all of floats, or none is.

In: a function just built. Out: nothing, or a refusal. The adjoint of a list has zeros
for each of its arrays: those of an array of ints are ints, to which nothing is added.

    xs = [u, np.array([1, 2])]        refused
    xs = [u, np.array([1.0, 2.0])]    fine
"""

from __future__ import annotations

from collections.abc import Iterator

from s2s.errors import UnsupportedError
from s2s.ssa.ir import Function, Op, is_loop, slots
from s2s.ssa.roots import GATHERING, GROWTH
from s2s.ssa.types import Array, List, Type, bound


def check_kinds(function: Function) -> None:
    """Refuse arrays of ints in lists that have arrays of floats, too."""
    for op in function.body.walk():
        for given, of in passed_on(op):
            if is_of(given, ("int", "bool")) and is_of(of, ("float", "complex")):
                raise UnsupportedError(
                    "this list or tuple has arrays of ints and arrays of floats",
                    op.origin,
                    "make them all floats, e.g. with dtype=float",
                )


def passed_on(op: Op) -> Iterator[tuple[Type, Type]]:
    """Of each item that a list may be given by an operation, and of what that has."""
    if is_loop(op):
        for slot in slots(op):
            for end in (slot.init, slot.yielded):
                yield from in_lists(end.type, slot.param.type)
    elif op.kind == "if":
        for region in op.regions:
            for end, result in zip(region.results, op.results, strict=True):
                yield from in_lists(end.type, result.type)
    elif op.kind in GATHERING | GROWTH | {"store"} and len(op.results) == 1:
        of = bound(op.result.type)
        for arg in op.args if isinstance(of, List) else ():
            assert isinstance(of, List)
            yield arg.type, of.item
            yield from in_lists(arg.type, of)


def in_lists(given: Type, of: Type) -> Iterator[tuple[Type, Type]]:
    """The items of two lists."""
    one, two = bound(given), bound(of)
    if isinstance(one, List) and isinstance(two, List):
        yield one.item, two.item


def is_of(item: Type, kinds: tuple[str, ...]) -> bool:
    """Whether an item is an array of one of these kinds."""
    of = bound(item)
    return isinstance(of, Array) and of.rank > 0 and of.kind in kinds

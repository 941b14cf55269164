"""Which list, dict or object a name stands for.

In: what names are bound to. Out: whether two may be the same object, one of which shows
what is changed in the other; what they are where paths meet.

    a = {"v": x}
    b = {"v": y}
    if c: b = a           b is one of both: to change it is refused while a is read
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.ir import Value


def one_of(*several: Made | None) -> Made:
    """What an object is that may be one of several."""
    which = {m for made in several if made is not None for m in made.which}
    return Made(None, None, which or {Made(None, None)})


def agreed(a: Seq, b: Seq, own: set[Made] | None = None) -> Seq:
    """`a`, with what is not the same object as in `b` marked as one of both.

    A loop gives the marks that it made itself: they are used again, so that it ends.
    """
    pairs = list(zip(a.items, b.items, strict=True))
    items = [
        agreed(x, y, own) if isinstance(x, Seq) and isinstance(y, Seq) else x
        for x, y in pairs
    ]
    made = a.made
    if made is not b.made:
        if made is not None and own is not None and made in own:
            made.some |= b.made.which if b.made is not None else set()
        else:
            made = one_of(a.made, b.made)
            if own is not None:
                own.add(made)
    if made is a.made and all(x is y for x, y in zip(items, a.items, strict=True)):
        return a
    return replace(a, items=tuple(items), made=made)


def mades(item: Bound) -> set[Made]:
    """The lists that an object consists of."""
    if isinstance(item, Value):
        return set()
    inner = {m for i in item.items for m in mades(i)}
    return inner | ({item.made} if item.made is not None else set())


def which_list(item: Seq) -> set[Made | Value]:
    """What a list is, or may be: one that is in a list is that value."""
    if item.made is not None:
        return {*item.made.which}
    return {item.whole} if item.whole is not None and item.kind == "list" else set()


def which_lists(item: Bound) -> set[Made | Value]:
    """The same of all that an object consists of."""
    if isinstance(item, Value):
        return set()
    return which_list(item).union(*map(which_lists, item.items))


def may_be(item: Bound, base: Seq) -> bool:
    """Whether an object is, or has in it, what may or may not be `base`."""
    if isinstance(item, Value):
        return False
    alike = item.kind == base.kind and item.cls is base.cls
    inside = any(may_be(i, base) for i in item.items)
    mine, its = base.made, item.made
    if not alike or mine is None:
        return inside
    if base.kind == "list":
        return inside or (its is not None and bool(its.some))
    if its is None:
        return inside or bool(mine.some)
    return inside or (its is not mine and bool(its.which & mine.which))


def lists_in(item: Bound) -> Iterator[Seq]:
    """The lists in an object whose items are known."""
    if isinstance(item, Seq):
        if item.kind == "list":
            yield item
        elif item.kind in ("dict", "object"):
            for part in item.items:
                yield from lists_in(part)

"""What a call leaves behind of a function that is one of its own.

In: a function that was just built, and its parameters. Out: what it returns, and what
has become of the objects that it was given; for each value in these whether a call has
to return it, or whether the caller has it anyway:

    def g(p, u):                  returned:     p.x
        p.x = np.sin(u)           given:        u[1:], a part of what u has become
        u[0] = 0.0                once more:    the second p.x
        return p.x, u[1:]

That is more than to return less: what the caller changes later, by one of its names, is
seen by the others.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from s2s.ssa.bound import Bound, Made, Seq, flat, refill, same_shape
from s2s.ssa.ir import Hop, Value
from s2s.ssa.memory import Place, equal_places
from s2s.ssa.types import join

if TYPE_CHECKING:
    from s2s.ssa.outline import OutlineBuilder


Path = tuple[tuple[Hop, tuple[Any, ...]], ...]


class NotOne(Exception):
    """A function that cannot be one of its own, and why."""


@dataclass(frozen=True)
class Leaf:
    """One value in what a call leaves behind.

    It is all or part of the `given` value of that number, by a path whose operands are
    known; or that of an earlier leaf `again`. Else it is returned, and may be storage
    of the arguments `aliases`, or of the earlier leaves `near`.
    """

    given: int | None = None
    path: Path = ()
    again: int | None = None
    known: bool = False
    aliases: frozenset[int] = frozenset()
    near: frozenset[int] = frozenset()

    @property
    def returned(self) -> bool:
        return self.given is None and self.again is None and not self.known


@dataclass(frozen=True)
class Change:
    """Other parts of the object of that number, some of which it `had` before."""

    number: int
    names: tuple[Hashable, ...]
    had: tuple[int | None, ...]


@dataclass(eq=False)
class Outcome:
    """What a call leaves behind: `whole` is a tuple, of what the function returns and
    of the new parts of the objects that it was given, as `changed` says.

    `objects` are these objects as the function sees them. Of the arrays `changes` the
    call returns new versions, after all leaves that it returns.
    """

    whole: Seq
    leaves: tuple[Leaf, ...]
    changed: tuple[Change, ...]
    objects: tuple[Made, ...]
    changes: tuple[int, ...]

    @property
    def returned(self) -> list[Value]:
        pairs = zip(flat(self.whole), self.leaves, strict=True)
        return [value for value, leaf in pairs if leaf.returned]

    def agrees(self, other: Outcome) -> bool:
        """Whether calls leave the same behind."""
        pairs = zip(flat(self.whole), flat(other.whole), strict=False)
        return (
            same_shape(self.whole, other.whole)
            and self.leaves == other.leaves
            and self.changed == other.changed
            and self.changes == other.changes
            and all(a.type == b.type for a, b in pairs)
        )

    def joined(self, before: Outcome) -> Outcome:
        """With the types that cover what was known before, too."""
        old, new = before.whole.items, self.whole.items
        if before.changed != self.changed:  # then other objects have new parts
            old = (*old[:1], *new[1:])
        if not all(map(same_shape, old, new)):
            raise NotOne("it returns objects of different structure")
        values = (
            b
            if a.is_const and b.is_const and a.const == b.const
            else Value(join(a.type, b.type), b.hint)
            for one, two in zip(old, new, strict=True)
            for a, b in zip(flat(one), flat(two), strict=True)
        )
        whole = refill(self.whole, values)
        assert isinstance(whole, Seq)
        return replace(self, whole=whole)


class Leaves:
    """Finds out what a function leaves behind that a builder has just built."""

    def __init__(self, builder: OutlineBuilder, params: Sequence[Value]) -> None:
        self.builder = builder
        self.params = params

    def outcome(self, result: Bound, objects: Sequence[tuple[Seq, Bound]]) -> Outcome:
        """`objects` are those that the function was given, and what they are now."""
        changed: list[Change] = []
        new: list[Bound] = []
        for number, (old, now) in enumerate(objects):
            assert isinstance(now, Seq)
            had = tuple(self.had(old, k, i, now) for k, i in enumerate(now.items))
            if now.names != old.names or had != tuple(range(len(old.items))):
                changed.append(Change(number, now.names, had))
                new += [i for i, k in zip(now.items, had, strict=True) if k is None]
                name_parts(now, old)
        name_parts(result, None)
        whole = Seq("tuple", (result, *new))
        values = flat(whole)
        leaves = tuple(self.leaf(v, values[:k]) for k, v in enumerate(values))
        made = tuple(old.made for old, _ in objects if old.made is not None)
        return Outcome(whole, leaves, tuple(changed), made, self.written())

    def written(self) -> tuple[int, ...]:
        """The parameters that are arrays of which there is another version."""
        builder = self.builder
        at = {k: builder.places.get(v) for k, v in enumerate(self.params)}
        return tuple(
            k
            for k, place in at.items()
            if place is not None and builder.version(place.cell) is not self.params[k]
        )

    def had(self, old: Seq, k: int, item: Bound, now: Seq) -> int | None:
        """Which part an object had before that is its k-th one now."""
        before = old.at(now.names[k]) if now.names else k
        if before is None or before >= len(old.items):
            return None
        return before if self.stays(old.items[before], item) else None

    def stays(self, old: Bound, now: Bound) -> bool:
        """Whether a part of an object is what it was; it may have changed itself."""
        if isinstance(old, Seq) and isinstance(now, Seq):
            if old.made is not None or now.made is not None:
                return old.made is now.made
            pairs = zip(old.items, now.items, strict=False)
            return same_shape(old, now) and all(self.stays(a, b) for a, b in pairs)
        if isinstance(old, Seq) or isinstance(now, Seq):
            return False
        return self.path(old, now) == ()

    def leaf(self, value: Value, earlier: Sequence[Value]) -> Leaf:
        if value.is_const:
            return Leaf(known=True)
        for k, other in enumerate(earlier):
            if (path := self.path(other, value)) is not None:
                return Leaf(again=k, path=path)
        for k, param in enumerate(self.params):
            if (path := self.path(param, value)) is not None:
                return Leaf(given=k, path=path)
        overlap = self.builder.overlap
        aliases = (k for k, p in enumerate(self.params) if overlap(value, p))
        near = (k for k, other in enumerate(earlier) if overlap(value, other))
        return Leaf(aliases=frozenset(aliases), near=frozenset(near))

    def path(self, whole: Value, part: Value) -> Path | None:
        """The way from a value to what surely is all or part of it, if it is known."""
        if whole is part:
            return ()
        places = self.builder.places
        a, b = places.get(whole), places.get(part)
        if a is None or b is None:
            return None
        outer, inner = Place(b.cell, b.path[: len(a.path)]), b.path[len(a.path) :]
        if not equal_places(a, outer):
            return None
        operands = [o for _, several in inner for o in several]
        if not all(o.is_const for o in operands):
            return None
        return tuple((hop, tuple(o.const for o in several)) for hop, several in inner)


def name_parts(item: Bound, like: Bound | None) -> None:
    """Call what an object holds as it was called before, or by its own names."""
    if isinstance(item, Value):
        return
    for k, part in enumerate(item.items):
        name = item.names[k] if item.names else k
        old = like.at(name) if isinstance(like, Seq) else None
        before = like.items[old] if isinstance(like, Seq) and old is not None else None
        name_parts(part, before)
        if isinstance(part, Value) and is_nameless(part):
            if isinstance(before, Value) and not before.is_const:
                part.hint = before.hint
            elif isinstance(name, str) and name.isidentifier() and not iskeyword(name):
                part.hint = name


def is_nameless(value: Value) -> bool:
    return value.hint == "t" and value.role == "temp" and not value.is_const

"""Whether anything but its list shows a change of an item.

In: a function just built, in which what lists hold changes. Out: nothing, or a refusal.
A change is written as a new version of the list, as if nobody else had the item: so it
must be in the list once, and what else has it must not be read any more.

    xs.append(w)
    xs[0] *= 2.0        refused: `w` may be the item, and is read later
    return w
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.ir import Function, Op, Region, Slot, Value, is_loop, slots
from s2s.ssa.live import Live
from s2s.ssa.nesting import may_be_list, nesting
from s2s.ssa.roots import COPIES, INSIDE, UPDATES, Roots, in_an_item, may_show, path_in
from s2s.ssa.storage import slot_map
from s2s.ssa.types import List, Tuple, bound, rank_of


@dataclass(frozen=True)
class Again:
    """A place in a list that was read again: the versions of the list now and then."""

    value: Value
    now: Value
    then: Value
    where: list[Value]
    origin: Origin | None


def unsure(function: Function, read_again: Sequence[Again]) -> dict[Value, Any]:
    """What was read again at a position where another item may be now; and where.

    It may yet be dead code.
    """
    carried = slot_map(function)
    return {a.value: a.origin for a in read_again if not _same_item(a, carried)}


def check_items(function: Function) -> None:
    """Refuse what changes items that others may show."""
    changes = [op for op in function.body.walk() if in_an_item(op)]
    if not changes:
        return
    found = function.attrs["unsure"]
    read = [r for op in function.body.walk() for r in op.results]
    for value in [*read, *(op.attrs.pop("through", None) for op in changes)]:
        if value in found:
            raise UnsupportedError(
                "whether this is still the item of the list that it was is not known",
                found[value],
                "read it from the list again",
            )
    roots = Roots(function)
    once = Once(function, roots, changes)
    growing = [op for op in changes if op.kind in INSIDE]  # which changes lists only
    _check_unseen(function, roots, [op for op in changes if op not in growing])
    _check_unseen(function, once.lists, growing)
    _check_empty(function, once.lists, growing)


def _same_item(again: Again, carried: dict[Value, Slot]) -> bool:
    seen: set[Value] = set()
    work = [again.now]
    while work:
        value = work.pop()
        if value is again.then or value in seen:
            continue
        seen.add(value)
        op = value.op
        if value in carried:
            work += [carried[value].init, carried[value].yielded]
        elif op is not None and _stays(op, again):
            work.append(op.args[0])
        elif op is not None and is_loop(op):
            slot = slots(op)[op.results.index(value)]
            work += [slot.init, slot.yielded]
        elif op is not None and op.kind == "if":
            work += [r.results[op.results.index(value)] for r in op.regions]
        else:
            return False
    return True


def _stays(op: Op, again: Again) -> bool:
    """Whether a change of a list leaves an object where it was."""
    if op.kind == "append":
        first = again.where[0]
        return isinstance(first.const, int) and first.const >= 0
    return in_an_item(op) and not _replaces(op, again.where)


def _replaces(op: Op, where: list[Value]) -> bool:
    """Whether another object may have been put where one was read."""
    if op.kind in INSIDE:  # it is not where it was, in the list that grew
        return len(where) > len(op.attrs["index"])
    if not op.attrs.get("assigned") or rank_of(op.args[-1].type) == 0:
        return False
    parts = list(zip(op.args[1:-1], where, strict=False))
    return len(where) >= len(op.args) - 2 and all(
        a.const == b.const for a, b in parts[1:]
    )


Parts = tuple[int, ...]  # the parts of records that lead to something in a list

# what is in a list once ---------------------------------------------------------------


class Once:
    """The items of lists that change, each of which has to be in its list once."""

    def __init__(self, function: Function, roots: Roots, changes: list[Op]) -> None:
        self.roots = roots
        self.lists = Roots(function, items=False)
        self.changes = changes
        self.shared = function.attrs["shared"]
        # (a list that starts empty holds what is put into it in a loop)
        carried = self.roots.slot_of.values()
        self.types = {slot.init: slot.param.type for slot in carried}
        self.put: set[Value] = set()  # arrays and records in lists, that change
        self.beside: set[Value] = set()  # those that do not
        self.around = dict(_with_loops(function.body, ()))
        for op in self.around:
            if changed := self.changed_by(op):
                of = bound(op.result.type)
                assert isinstance(of, List)
                if op.kind in SHARING and rank_of(of.item) != 0:
                    _refuse(changed[0])
                for value in _put(op):
                    self.item(value, op, changed, parts_on_the_way(op))

    def changed_by(self, op: Op) -> list[Op]:
        """What changes the items of the list that an operation makes."""
        of_list = len(op.results) == 1 and isinstance(bound(op.result.type), List)
        if not of_list or not (its := self.lists.of.get(op.result, ())):
            return []
        lists = self.lists
        return [c for c in self.changes if lists.any_same(its, lists.of[c.args[0]])]

    def item(self, value: Value, op: Op, changed: list[Op], parts: Parts) -> None:
        """Something that `op` puts into a list, or into a record in it.

        `parts` are those of records that lead to it.
        """
        if rank_of(value.type) == 0 or value.is_const:
            return
        found = self.roots.of.get(value, frozenset())
        # where only lists grow or shrink, what has no list in it stays as it is
        lists = nesting(value.type) > 0
        may = (c for c in changed if lists or c.kind not in INSIDE)
        change = next((c for c in may if reaches(c, parts)), None)
        if change is None:  # it stays, if it is not what changes, too
            self.beside |= self.roots.ever(found)
            if self.beside & self.put:
                _refuse(changed[0])
            return
        record = isinstance(bound(value.type), Tuple)
        if record:  # itself, not what it has
            known = value.op is not None and value.op.kind in RECORDS
            known = known and value not in self.shared
            found = frozenset([value] if known else ())
        elif nesting(value.type):  # which list it is, of all rounds
            its = self.lists.ever(self.lists.of[value]) - set(self.roots.slot_of)
            found = frozenset(
                r for r in its if may_be_list(self.types.get(r, r.type), value.type)
            )
        for root in found:
            made = root.op
            known = root in self.roots.outside or root in self.roots.slot_of
            if made is None or known or made.kind in TAKEN:
                _refuse(change)
            if root in self.put | self.beside:
                _refuse(change)
            if self.around[made] != self.around[op]:
                _refuse(change)
            self.put.add(root)
            for k, part in enumerate(made.args if record else ()):
                self.item(part, made, changed, (*parts, k))
        if not found:
            _refuse(change)


def parts_on_the_way(op: Op) -> Parts:
    """The parts of records that lead to where an update of a list puts something."""
    of, parts = bound(op.result.type), []
    way = path_in(op) if op.kind in UPDATES else []
    for k, inner in zip(op.args[1:], way, strict=False):
        if isinstance(of, Tuple):
            parts.append(k.const)
        of = inner
    return tuple(parts)


def reaches(change: Op, parts: Parts) -> bool:
    """Whether what a change changes is, or is in, what is put at some parts.

    What is assigned to a part changes the record that has it.
    """
    if nesting(change.args[0].type) > 1:
        return True
    to = parts_on_the_way(change)
    to = to[:-1] if change.attrs.get("assigned") else to
    return to[: len(parts)] == parts


SHARING = COPIES | {"dict_values", "list_repeat", "rows", "split_like"}
RECORDS = frozenset({"record", "tuple"})
TAKEN = frozenset({"pop", "pick"})


def _put(op: Op) -> list[Value]:
    """What an operation puts into a list, or into a record in one."""
    if op.kind in ("list", "dict"):
        return op.args
    if op.kind not in UPDATES or op.kind in ("removed", "removed_in", "add_at"):
        return []
    if op.kind == "store" and len(op.attrs["index"]) > len(path_in(op)):
        return []  # it goes into an array
    return op.args[-1:]


def _refuse(change: Op) -> NoReturn:
    raise UnsupportedError(
        "this changes an item of a list, which may be the same object as another item "
        "or as what has a name of its own",
        change.origin,
        "put copies into the list, or assign a new item: `xs[i] = xs[i] + ...`",
    )


# what is read later -------------------------------------------------------------------


def _check_unseen(function: Function, roots: Roots, changes: list[Op]) -> None:
    live = Live(function, set(), shapes=False)
    segments = live.finish()
    for op in changes:
        at = live.defined[op.result][0]
        for value, its in roots.of.items():
            if value is op.result or not its:
                continue
            if op.attrs.get("assigned") and not may_show(op)(value):
                continue  # an array is what it was
            of = live.test_of.get(value, value)
            if not any(start < at < end for start, end in segments.get(of, ())):
                continue
            if roots.any_same(its, roots.of[op.args[0]]):
                what = f"`{value.hint}`" if value.role == "user" else "another value"
                raise UnsupportedError(
                    f"this changes an item of a list, and {what} may show the change",
                    op.origin,
                    "put copies into the list, or assign a new item",
                )


def _check_empty(function: Function, lists: Roots, growing: list[Op]) -> None:
    """Refuse what took lists for empty ones that get items in another list.

    Nothing is left of the loop that ran over them, nor of what only that read.
    """
    for value, origin in function.attrs["empty"].items():
        its: set[Value] = set()
        todo, seen = [value], set()
        while todo:
            part = todo.pop()
            if part in lists.of:
                its |= lists.of[part]
            elif part.op is not None and part not in seen:
                seen.add(part)
                todo += part.op.args
                todo += [r for region in part.op.regions for r in region.results]
        if any(lists.any_same(its, lists.of[op.args[0]]) for op in growing):
            raise UnsupportedError(
                "whether this list is empty is not known: it gets items where it is in "
                "another list",
                origin,
                "read it from the list that gets the items",
            )


def _with_loops(
    region: Region, around: tuple[Op, ...]
) -> Iterator[tuple[Op, tuple[Op, ...]]]:
    for op in region.ops:
        yield op, around
        inner = (*around, op) if is_loop(op) else around
        for part in op.regions:
            yield from _with_loops(part, inner)

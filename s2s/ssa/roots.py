"""Whose storage each value may be.

In: a function, and which of its operations update their first operand in place. Out:
for each value its *roots*: operations that made an array, parameters, and the slots of
loops, each of which holds one array in each round.

    v = u[1:]                    v has the root of u
    A1 = store(A, i, x)          A1 has the root of A
    for ... with p = A, q = B:   p and q are roots of their own: in any round they are
        yield q, p               different arrays, though both may be A
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from s2s.ssa.callee import call_of, position
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.nesting import holds_numbers, nesting
from s2s.ssa.storage import aliasing, is_read_only, slot_map, surely_number
from s2s.ssa.types import (
    ANY,
    Array,
    Kept,
    List,
    Named,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
)

if TYPE_CHECKING:
    from s2s.ssa.held import Held

# Operations on lists that are printed as a call that changes the list.
GROWTH = frozenset({"append", "insert", "removed", "setdefault"})
# The same of a list that is in a list, at a path.
INSIDE = frozenset({"append_in", "insert_in", "removed_in"})
# An array that is given away, to a call that changes it: as if it were stored to.
HAND = "hand"
UPDATES = frozenset({"store", "add_at", HAND}) | GROWTH | INSIDE
# Operations that make a list of the items of another.
COPIES = frozenset({"list_copy", "tuple of list", "list of tuple"})
# Operations that make a list, whose items are not made anew.
CONTAINERS = frozenset(
    {
        *("list", "record", *COPIES, "list_repeat", "rows", "split_like"),
        *("dict", "dict_values", "dict_zip", "add_dicts"),
    }
)
GATHERING = frozenset({"list", "record", "dict", "dict_zip", "add_dicts"})
Chain = tuple[Op, ...]
# The storage of what a function returns, as long as it is not known what else than
# the results of its own calls that is.
NOWHERE = Value(ANY)


def updates_in_place(op: Op) -> bool:
    """Whether the operation is printed as an update of its first operand."""
    return op.kind in UPDATES or bool(op.attrs.get("in_place"))


def surely_in_place(op: Op) -> bool:
    """Whether it is printed so however its operand is named."""
    return op.kind in UPDATES - {HAND} or bool(op.attrs.get("surely"))


def is_container(value: Value) -> bool:
    """Whether a value is a list, or a tuple that holds one."""
    return holds_list(value.type)


def holds_list(type: Type) -> bool:
    of = bound(type)
    return isinstance(of, List) or (
        isinstance(of, Tuple) and any(map(holds_list, of.items))
    )


def in_an_item(op: Op) -> bool:
    """Whether an update changes something in an item of a list, for all that have it.

    What is marked is the user's own, who may have other names for the item.
    """
    return bool(op.attrs.get("item"))


def is_compound(value: Value) -> bool:
    """Whether a value is a tuple or record, or a list of them."""
    of = bound(value.type)
    while isinstance(of, List):
        of = bound(of.item)
    return isinstance(of, Tuple)


def may_show(update: Op) -> Callable[[Value], bool]:
    """What tells of a value whether it may show that a part was replaced.

    That is what has objects in it of the kind that the part is one of.
    """
    path = [bound(update.args[0].type), *path_in(update)]
    last = len(update.attrs.get("index", ())) - (update.kind not in INSIDE)
    inner = path[last]
    return is_container if isinstance(inner, List) else is_compound


def path_in(op: Op) -> list[Type]:
    """What an update of a list passes on its way: the item, and parts of it."""
    of, found = bound(op.args[0].type), []
    count = len(op.attrs["index"]) if op.kind in INSIDE else len(op.args) - 2
    for k in op.args[1 : 1 + count]:
        if not isinstance(of, List | Tuple):
            break
        of = bound(of.item if isinstance(of, List) else of.items[k.const])
        found.append(of)
    return found


def replaces_part(op: Op) -> bool:
    """Whether an update gives a part of a record another value: no array changes."""
    index = op.attrs.get("index", ())
    if op.kind in INSIDE:
        return True
    if len(index) < 2 or not isinstance(bound(op.args[0].type), List):
        return False
    path = path_in(op)
    if op.kind == "store":
        return len(path) == len(index)
    number = isinstance(path[-1], Scalar) or path[-1] == Array("float64", ())
    return number and in_an_item(op)


def changes_list(op: Op) -> bool:
    """Whether an update changes which items a list has, and none of them."""
    of = bound(op.args[0].type) if op.kind in UPDATES - INSIDE else None
    if not isinstance(of, List) or len(op.attrs.get("index", ())) > 1:
        return False
    return op.kind != "add_at" or isinstance(bound(of.item), Array | Scalar)


def kept_of(op: Op) -> list[Value]:
    """The arguments of a call whose storage may be in what it keeps."""
    call = call_of(op)
    if call is None or call is op:
        return op.args
    return call.args if call.attrs["callee"].shares else []


class Roots:
    """`of[v]` is the set of roots of a value; `family` groups what may be connected.

    A list has the roots of its items, too; without `items`, of the lists among them
    alone, to tell which of them may be the same list.
    """

    def __init__(
        self,
        function: Function,
        in_place: Callable[[Op], bool] = updates_in_place,
        items: bool = True,
    ) -> None:
        self.in_place = in_place
        self.items = items
        self.slot_of = slot_map(function)
        self.of: dict[Value, frozenset[Value]] = {}
        # root -> loops and pullbacks around it
        self.chain: dict[Value, Chain] = {NOWHERE: ()}
        self.outside: set[Value] = set()  # arguments and globals: not ours to change
        self.pushed: dict[Value, list[Op]] = {}  # stack -> what pushes to it
        self.chains: dict[Op, Chain] = {}  # of each push and update
        self.parent: dict[Value, Value] = {}
        self.pairs: set[frozenset[Value]] = set()  # slots that may hold the same array
        self.loops: list[Op] = []
        self.picked: dict[tuple[Op, int], Value] = {}  # what of a call was seen first
        self._same: dict[tuple[Value, Value], bool] = {}
        given = [*function.attrs.get("globals", {}).values(), *function.body.params]
        for value in given:
            self._root(value, ())
            self.outside.add(value)
        self.outside -= function.attrs.get("handed", set())
        self._region(function.body, ())
        self._pair()

    # building -------------------------------------------------------------

    def _root(self, value: Value, chain: Chain) -> None:
        self.chain[value] = chain
        self.of[value] = frozenset([value]) if self.has_storage(value) else frozenset()

    def has_storage(self, value: Value) -> bool:
        of = bound(value.type)
        if value.is_const or (isinstance(of, Scalar | Static | Named) and of != ANY):
            return False
        if isinstance(of, Array) and not of.rank:
            return not surely_number(value, self.slot_of)
        return True

    def _region(self, region: Region, chain: Chain) -> None:
        for op in region.ops:
            self._op(op, chain)

    def _op(self, op: Op, chain: Chain) -> None:
        if op.kind == "if":
            for inner in op.regions:
                self._region(inner, chain)
            for k, result in enumerate(op.results):
                self._share(result, [r.results[k] for r in op.regions], chain)
            return
        if is_loop(op) or op.kind == "pullback":
            within = (*chain, op)
            for inner in op.regions:
                for param in inner.params:
                    self._root(param, within)
            if is_loop(op):
                self.loops.append(op)
                if op.kind == "while":
                    pairs = zip(op.regions[0].params, op.regions[1].params, strict=True)
                    for twin, param in pairs:
                        self.of[twin] = self.of[param]
            else:
                self.outside.update(p for r in op.regions for p in r.params)
            for inner in op.regions:
                self._region(inner, within)
            for result in op.results:
                self._root(result, chain)
            if is_loop(op):
                for slot in slots(op):
                    self.of[slot.result] = self.of[slot.param]
                    for end in (slot.init, slot.yielded, slot.result):
                        self._join(slot.param, end)
            return
        if op.kind == "push":
            stack, value = op.args
            self.pushed.setdefault(stack, []).append(op)
            self.chains[op] = chain
            self._join(stack, value)
        for result in op.results:
            if op.kind == "pick" and op.args[0] in self.outside:
                self._root(result, chain)
                self.outside.add(result)
            elif (call := call_of(op)) and call.attrs["callee"].holds:
                self._root(result, chain)
                if not isinstance(result.type, Tuple):
                    self._returned(result, call, position(op), chain)
            elif op.kind in ("pop", "copy_stack"):
                pushes = self.pushed.get(op.args[0], [])
                if op.kind == "copy_stack":
                    self.pushed[result] = pushes
                sources = [op.args[0], *(p.args[1] for p in pushes)]
                self._share(result, sources, chain)
            elif self.in_place(op):
                self.chains[op] = chain
                stored = op.kind != "add_at"
                of_list = isinstance(bound(op.args[0].type), List)
                held = self.held(op.args[1:]) if stored and of_list else []
                self._share(result, [op.args[0], *held], chain)
            elif op.kind in CONTAINERS or op.attrs.get("shallow"):
                many = op.args if op.kind in GATHERING else op.args[:1]
                copied = op.kind in COPIES or bool(op.attrs.get("shallow"))
                self._share(result, self.held(many, copied), chain)
                if self.has_storage(result):
                    self.of[result] |= {result}
            elif isinstance(result.type, Kept):
                self._share(result, [op.args[0], *kept_of(op)], chain)
            else:
                how = aliasing(op)
                sources = op.args[:1] if how == "view" else op.args
                self._share(result, sources if how != "fresh" else [], chain)

    def _returned(self, value: Value, call: Op, k: int, chain: Chain) -> None:
        """What a call returns, whose function is complete."""
        held: Held = call.attrs["callee"].holds[k]
        sources = [call.args[j] for j in sorted(held.args)]
        if held.beside:
            sources.append(call.result)
        elif held.own:
            sources.append(self.picked.setdefault((call, k), value))
        self._root(value, chain)
        self._share(value, sources, chain)
        if not sources and self.of[value]:
            self.of[value] = frozenset([NOWHERE])

    def held(self, items: list[Value], copied: bool = False) -> list[Value]:
        """What of the items counts, of those that a list is given.

        `copied` says that these are lists whose items it is given.
        """
        if copied:
            items = [v for v in items if not holds_numbers(v.type)]
        least = 1 if copied else 0
        return items if self.items else [v for v in items if nesting(v.type) > least]

    def _share(self, value: Value, sources: Iterable[Value], chain: Chain) -> None:
        """A value that may be any of the sources; without any it is an own root."""
        found: set[Value] = set()
        for source in sources:
            found |= self.of.get(source, frozenset())
            self._join(source, value)
        self._root(value, chain)
        if is_read_only(value):
            self.outside.add(value)
            found.add(value)
        if found and self.of[value]:
            self.of[value] = frozenset(found)

    def _join(self, a: Value, b: Value) -> None:
        if not a.is_const and not b.is_const:
            self.parent[self.family(a)] = self.family(b)

    def family(self, value: Value) -> Value:
        """What all values have in common that may be connected by storage."""
        while (up := self.parent.get(value, value)) is not value:
            self.parent[value] = value = self.parent.get(up, up)
        return value

    def _pair(self) -> None:
        """Slots of one loop that may hold the same array in some round."""
        todo = True
        while todo:
            todo = False
            for op in self.loops:
                held = [s for s in slots(op) if self.of[s.param]]
                for k, one in enumerate(held):
                    for two in held[:k]:
                        pair = frozenset([one.param, two.param])
                        if pair not in self.pairs and (
                            self.meet(one.init, two.init)
                            or self.meet(one.yielded, two.yielded)
                        ):
                            self.pairs.add(pair)
                            self._same.clear()
                            todo = True

    def sees(self, push: Op, update: Op, later: bool) -> bool:
        """Whether a change by an update reaches what was pushed.

        It may, in a later round of a loop around both. What is made anew in each round
        is out of reach once all changes are done: `later` says that the push comes
        after the change.
        """
        base = self.of[update.args[0]]
        pushed = self.of.get(push.args[1], frozenset())
        ever, around = self.ever(pushed), self.chains[push]
        if later and not set(around).intersection(self.chains[update]):
            return False
        if not (ever & self.ever(base)) or self.made_since(around, base, pushed):
            return False
        if later and all(
            x not in self.slot_of and self.within(x, around) for x in base
        ):
            return False  # whatever else is pushed with it
        anew = all(
            self.within(x, around)
            and (x not in self.slot_of or self.chain[x] != around)
            for x in ever
        )
        return not (later and anew and base <= pushed)

    def made_since(
        self, around: Chain, base: frozenset[Value], pushed: frozenset[Value]
    ) -> bool:
        """Whether `base` is made in the round of the loops `around`, and not pushed.

        What those loops have brought into the round is older.
        """
        new = (x not in self.slot_of and self.within(x, around) for x in base)
        old = (
            y not in self.slot_of or self.chain[y] == around[: len(self.chain[y])]
            for y in pushed
        )
        return not base & pushed and all(new) and all(old)

    def within(self, root: Value, around: Chain) -> bool:
        return self.chain[root][: len(around)] == around

    def ever(self, roots: frozenset[Value]) -> set[Value]:
        """The roots with all that their slots may hold in any round."""
        found, work = set(roots), list(roots)
        while work:
            ends = self.slot_of.get(work.pop())
            for end in (ends.init, ends.yielded) if ends else ():
                new = self.of.get(end, frozenset()) - found
                found |= new
                work += new
        return found

    # questions ------------------------------------------------------------

    def meet(self, a: Value, b: Value) -> bool:
        """Whether two values may share storage at one time."""
        if a.is_const or b.is_const:
            return False
        return self.any_same(self.of[a], self.of[b])

    def any_same(self, some: Iterable[Value], others: Iterable[Value]) -> bool:
        """Whether a root may be the same array as one of others at one time."""
        others = list(others)
        return any(self.same(x, y) for x in some for y in others)

    def same(self, x: Value, y: Value) -> bool:
        """Whether two roots may be the same array at one time."""
        if x is y:
            return True
        if (x, y) not in self._same:
            self._same[x, y] = self._same[y, x] = False  # while it is found out
            ways = [self._comes_from(x, y), self._comes_from(y, x)]
            self._same[x, y] = self._same[y, x] = frozenset([x, y]) in self.pairs or (
                True in ways and False not in ways
            )
        return self._same[x, y]

    def _comes_from(self, x: Value, y: Value) -> bool | None:
        """Whether the slot x may hold y; None if what it holds may be made in its loop.

        Else what x holds is one of its origins, and one answer that says no is enough.
        """
        if x not in self.slot_of or self.chain[x][-1] in self.chain[y]:
            return None
        if any(self.same(z, y) for z in self.origins(x)):
            return True
        made = (r for r in self.ever(self.of[x]) if r not in self.slot_of)
        inside = any(self.chain[x][-1] in self.chain[r] for r in made)
        return None if inside else False

    def origins(self, slot: Value) -> set[Value]:
        """Roots outside of the loop that its slot may hold in some round."""
        loop = self.chain[slot][-1]
        found: set[Value] = set()
        seen, work = {slot}, [slot]
        while work:
            ends = self.slot_of[work.pop()]
            for root in self.of.get(ends.init, frozenset()) | self.of.get(
                ends.yielded, frozenset()
            ):
                if loop not in self.chain[root]:
                    found.add(root)
                elif root in self.slot_of and root not in seen:
                    seen.add(root)  # also of a loop inside, which may pass it on
                    work.append(root)
        return found


def shares(function: Function, kept: list[Value]) -> bool:
    """Whether what is kept may be storage of an argument, or of a global."""
    roots = Roots(function)
    outside = {roots.family(v) for v in roots.outside if roots.of[v]}
    return any(roots.family(v) in outside for v in kept)

"""Lists that change: `append`, `extend`, `insert`, `pop`, and items that are assigned.

In: the statement. Out: pure SSA, as for arrays (see `memory`). A list whose items are
known one by one is a `Seq` for as long as that lasts; every name of it gets the new
items. A list that grows in a loop or branch is an object with a cell, and each change
makes a new version of it:

    params[0] = v            the first item of `params` is v
    xs.append(v)             xs1 = append(xs, v)
    v = xs.pop()             v = xs[-1];  xs1 = removed(xs, v)
    xs[i] = v                xs1 = store(xs, i, v)

Which of the two a list is shows when it grows: then `Grows` says which expressions make
objects, and the function is built again. Arrays that are put into an object belong to
it: they are not written to any more.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import Origin, UnsupportedError, a
from s2s.ssa.bound import Bound, Made, Seq, Unbound, flat, plain
from s2s.ssa.emit import Emitter
from s2s.ssa.expr import has_call
from s2s.ssa.identity import agreed, lists_in, mades, may_be
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.memory import Cell, has_storage
from s2s.ssa.mutate import MutationBuilder
from s2s.ssa.rebound import Rebinding
from s2s.ssa.storage import surely_number
from s2s.ssa.types import (
    TEXT,
    UNDEF,
    Array,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    described,
    join,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rules

ITEMS = gast.Pass()  # stands among the objects if what lists hold changes
NONE = Static(None)  # in place of the adjoint of what is no number
UNMADE = "its items must all be numbers, or all arrays of one rank"


class Grows(Exception):
    """Lists that are objects: what these expressions make changes its length."""

    def __init__(self, nodes: Iterable[gast.AST]) -> None:
        self.nodes = frozenset(nodes)


class ListBuilder(MutationBuilder):
    """Evaluates what makes and changes lists."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region)
        self.objects = objects
        self.changed: set[Made] = set()  # lists whose items were assigned
        self.packed: dict[Value, Made] = {}  # objects made of known items
        self.shared: set[Value] = set()  # those of which there may be another name
        self.unbound: list[
            tuple[gast.AST, Origin | None]
        ] = []  # reads of what has no value there
        self.running: list[Made] = []  # lists that loops around run over
        self.listed: dict[Value, Made] = {}  # known items, for a loop or an index
        self.kept: set[Made] = set()  # those that functions have as defaults
        self.depth = 0  # how many loops are being built

    # making ---------------------------------------------------------------

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if not isinstance(item, Seq) or item.kind != "list" or item.made is not None:
            return item
        if item.whole is not None:  # it is in another list
            return item
        if node in self.objects:
            return self.object(node, item.items)
        return Seq(item.kind, item.items, Made(node, self.region))

    def object(self, node: gast.AST, items: Sequence[Bound]) -> Value:
        """A list as an object."""
        values = [self.held_item(node, item) for item in items]
        out = self.pure("list", values, ("xs",) * len(values))
        self.check_items(out.type)
        return out

    def pure(self, kind: str, args: Sequence[Value], *rest: Any, **attrs: Any) -> Value:
        """An operation on lists: what storage its result has is noted elsewhere."""
        args = [self.fresh(a) for a in args]
        return Emitter.emit(self, kind, args, *rest, **attrs)

    def held_item(self, node: gast.AST, item: Bound) -> Value:
        """An operand that becomes an item of a list."""
        if any(isinstance(bound(v.type), List) for v in flat(item)):
            self.refuse(
                node, "lists in lists that grow are not supported yet",
                "make an array of each: `rows.append(np.array(row))`",
            )  # fmt: skip
        value = self.pack_item(item)
        for part in flat(item):
            if has_storage(part):
                self.hold_all(part)
        return value

    def hold_all(self, part: Value) -> None:
        """Note that an array, and what it may be, is in a list.

        Another list that has it may still be given other items.
        """
        cell = self.place_of(part).cell
        for other in {cell, *cell.shares}:
            if is_list(part) or not is_list(other.first):
                self.hold(other)

    def check_items(self, of: Type) -> Type:
        """Refuse lists whose items have nothing in common."""
        item = item_type(of)
        for part in [] if item is None else leaf_types(item):
            fits = isinstance(part, Scalar) or part in (UNDEF, NONE, TEXT)
            if not fits and not (isinstance(part, Array) and not part.loose):
                raise UnsupportedError(
                    "this list has items of different types", self.origin, UNMADE
                )
        return of

    def met(self, types: Sequence[Type]) -> Type:
        out = bound(types[0])
        if not isinstance(out, List):
            return out
        for other in types[1:]:
            out = join(out, bound(other))
        return self.check_items(out)

    def pack(self, item: Bound) -> Value:
        out = super().pack(item)
        if isinstance(item, Seq):
            self.note_packed(out, item)
        return out

    def note_packed(self, out: Value, item: Seq) -> None:
        """Note which object a value is, and whether another may be the same."""
        made = item.made
        if item.kind == "tuple":  # it does not change
            return
        again = [v for v, other in self.packed.items() if other is made]
        if made is None or made.some or made.region is not self.region or again:
            self.shared.update([out, *again])
        if made is not None:
            self.packed[out] = made

    def pack_item(self, item: Bound) -> Value:
        """A list in a list is an object of as many parts."""
        if isinstance(item, Value):
            return item
        if item.kind != "list" and not item.names:
            return self.pack(item.of(map(self.pack_item, item.items)))
        parts = tuple(map(self.pack_item, item.items))
        names = ("xs",) * len(parts)
        of = Tuple(tuple(bound(p.type) for p in parts), item.form)
        attrs: dict[str, Any] = {"of": item.form, "maker": item.maker}
        out = self.emit("record", parts, names, type=of, **attrs)
        self.note_packed(out, item)
        return out

    def grow(self, *items: Bound | None) -> None:
        """Build again, with these lists as objects, if that is what they can be."""
        lists = [part for item in items if item is not None for part in lists_in(item)]
        made = {i.made for i in lists if i.made is not None}
        nodes = {m.node for m in made if m.node is not None} - self.objects
        if nodes and not any(m.some for m in made):
            raise Grows(nodes)

    def getitem(self, base: Value, index: gast.AST) -> Value:
        if item_type(base.type) == UNDEF:
            self.unbound.append(
                (index, self.origin_of(index))
            )  # so far: a loop may fill the list
            raise Unbound
        return super().getitem(base, index)

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind == "list" and self.depth and not isinstance(index, gast.Slice):
            k, count = self.value(index), len(base.items)
            if (
                k.is_const
                and isinstance(k.const, int)
                and not -count <= k.const < count
            ):
                self.grow(base)  # it may get longer in the loop
        return super()._static_item(node, base, index)

    def dynamic_item(self, node: gast.AST, base: Seq, k: Value) -> Value:
        out = super().dynamic_item(node, base, k)
        if base.made is not None and out.op is not None:
            self.listed[out.op.args[0]] = base.made
        return out

    # assigning items ------------------------------------------------------

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        base = self.expr(node.value)
        if isinstance(base, Seq) and base.kind == "list":
            self.set_known(node, base, self.constant_index(node, base), item)
        elif isinstance(base, Value) and isinstance(bound(base.type), List):
            index = self.list_index(node)
            value = self.held_item(node, item)
            self.change_list(node, base, "store", [index, value], index=("i",), path=())
        else:
            super().assign_item(node, item)

    def augment_item(self, node: gast.AugAssign) -> None:
        assert isinstance(node.target, gast.Subscript)
        base = self.expr(node.target.value)
        known = isinstance(base, Seq) and base.kind == "list"
        if not known and not (
            isinstance(base, Value) and isinstance(bound(base.type), List)
        ):
            super().augment_item(node)
            return
        kind = self.rules.OPERATORS[type(node.op)]
        if isinstance(base, Seq):
            k = self.constant_index(node.target, base)
            self.augment_known(node, base, k)
            return
        at = self.list_index(node.target)
        old = self.emit("getitem", [base, at], ("x", "index"), index=("i",))
        other = self.pack(self.expr(node.value))
        self.origin = self.origin_of(node)
        if not isinstance(bound(old.type), Scalar | Array):
            self.refuse(node, "this changes a list or tuple that is an item of a list")
        own = self.in_generated() and bool(rank_of(old.type))
        # what s2s wrote changes only arrays that nothing else sees
        new = self.emit(kind, [old, other], aug=not own)
        of = bound(old.type)
        if not own and isinstance(of, Array) and of.rank and not of.loose:
            self.in_place(node, "", new, old, of)
            return
        if not own and not surely_number(old, {}):
            self.refuse(node, "whether this changes a number or an array is not known")
        self.change_list(node, base, "store", [at, new], index=("i",), path=())

    def in_generated(self) -> bool:
        """Whether what is built is text that s2s wrote."""
        raise NotImplementedError

    def augment_known(self, node: gast.AugAssign, base: Seq, k: int) -> None:
        """`+=` on one of the items of a list, dict or object."""
        target = node.target
        assert isinstance(target, gast.Subscript | gast.Attribute)
        kind, old = self.rules.OPERATORS[type(node.op)], base.items[k]
        if isinstance(node.op, gast.Add) and is_list(old):
            self.extend(node, old, node.value)
            return
        other = self.expr(node.value)
        self.origin = self.origin_of(node)
        of = None if isinstance(old, Seq) else bound(old.type)
        if isinstance(old, Seq) or not isinstance(of, Scalar | Array):
            if isinstance(old, Seq) and old.made is None:  # it cannot change
                new = self.augmented(node, kind, old, other)
                self.set_known(target, self.once_more(target, base), k, new)
                return
            what = f"this changes a list or tuple that is an item of a {base.kind}"
            self.refuse(node, what)
        value = self.emit(kind, [old, self.pack(other)], aug=True)
        if isinstance(of, Array) and of.rank and not of.loose:
            self.in_place(node, "", value, old, of)
            return
        if not surely_number(old, {}):
            self.take_for_number(node, base, old, value)
        self.set_known(target, self.once_more(target, base), k, value)

    def take_for_number(
        self, node: gast.AugAssign, base: Seq, old: Value, new: Value
    ) -> None:
        """Note that an item may be an array without axes; it is checked later."""
        of, made = bound(old.type), bound(new.type)
        if isinstance(of, Array) and of.loose:
            self.refuse(node, "whether this changes a number or an array is not known")
        others = tuple(
            (plain(name), value)
            for name, item in self.seen_items()
            for value in flat(item)
            if isinstance(bound(value.type), Array)
            and not (value is old and base.made in mades(item))
        )
        dtypes = [t.dtype for t in (of, made) if isinstance(t, Array)]
        dtype = dtypes[-1] if len(set(dtypes)) > 1 else ""
        name = gast.unparse(node.target).strip()
        where = self.origin_of(node)
        self.rebound.append(Rebinding(where, name, old, others, dtype, False))

    def augmented(
        self, node: gast.AugAssign, kind: str, old: Bound, other: Bound
    ) -> Bound:
        """What `+=` gives for objects that do not change by it."""
        return self.binary(node, kind, old, other)

    def extend(self, node: gast.AST, base: Bound, more: gast.AST) -> Bound:
        """`xs.extend(more)`."""
        raise NotImplementedError

    def once_more(self, target: gast.Subscript | gast.Attribute, base: Seq) -> Seq:
        """What an item is assigned to, after something else was evaluated."""
        again = base if has_call(target.value) else self.expr(target.value)
        assert isinstance(again, Seq)
        return again

    def constant_index(self, node: gast.Subscript, base: Seq) -> int:
        """Which item of a list whose items are known; else it has to be an object."""
        index = None if isinstance(node.slice, gast.Slice) else self.value(node.slice)
        if index is None:
            self.refuse(node, "assignments to slices of a list are not supported yet")
        if not index.is_const or not isinstance(index.const, int):
            self.grow(base)
            self.refuse(node, "the index of this item must be known when compiling")
        if not -len(base.items) <= index.const < len(base.items):
            self.refuse(node, f"index {index.const} is out of range")
        return index.const % len(base.items)

    def list_index(self, node: gast.Subscript) -> Value:
        if isinstance(node.slice, gast.Slice):
            self.refuse(node, "assignments to slices of a list are not supported yet")
        index = self.value(node.slice)
        if rank_of(index.type) != 0 or kind_of(index.type) not in ("int", "bool"):
            of = described(index.type)
            self.refuse(node, f"an index must be an integer, this is {of}")
        return index

    def set_known(self, node: gast.AST, base: Seq, k: int, item: Bound) -> None:
        items = (*base.items[:k], item, *base.items[k + 1 :])
        self.replace_items(node, base, items)

    def replace_items(
        self,
        node: gast.AST,
        base: Seq,
        items: tuple[Bound, ...],
        names: tuple[Hashable, ...] = (),
    ) -> None:
        """Give all names of an object whose items are known other items."""
        made, what = base.made, base.kind
        hidden = made in self.running or made in self.kept
        if base.kind == "list":
            hidden = hidden or self.in_the_midst()
        else:
            held = {m for items in self.pending[:-1] for i in items for m in mades(i)}
            hidden = hidden or made in held or made in self.packed.values()
        if hidden or made in self.packed.values():
            self.grow(base)  # names are not all that may show it
        self.check_sealed(node, None, a(what))
        others = [n for n, i in self.seen_items() if may_be(i, base)]
        unknown = made is None or (made.some and (what == "list" or self.packed))
        if unknown or hidden or others:
            advice = (
                "build a new list: `xs = [...]`" if what == "list"
                else "make another one, and return it"
            )  # fmt: skip
            if made is None and ITEMS in self.objects:  # it is from a list
                advice = "choose an index, and read it from its list: `p = ps[k]`"
            self.refuse(node, f"which {what}s this changes is not known", advice)

        def new(item: Bound) -> Bound:
            if isinstance(item, Value):
                return item
            if item.made is made:
                return replace(item, items=items, names=names or item.names)
            return item.of(map(new, item.items))

        self.env.update((n, new(i)) for n, i in self.env.items() if made in mades(i))
        assert made is not None
        self.changed.add(made)

    def agreed(self, a: Bound, b: Bound) -> Bound:
        return agreed(a, b) if isinstance(a, Seq) and isinstance(b, Seq) else a

    def keep(self, item: Bound) -> None:
        """Note that a function made here has an object as a default or argument."""
        self.kept |= mades(item)

    def seen_items(self) -> list[tuple[str, Bound]]:
        return [(n, self.env[n]) for n in self.live_names() if n in self.env]

    def changes(self, item: Bound) -> bool:
        """Whether an object has lists in it whose items are assigned somewhere."""
        return bool(mades(item) & self.changed)

    # changing lists -------------------------------------------------------

    def change_list(
        self, node: gast.AST, base: Value, kind: str, args: list[Value], **attrs: Any
    ) -> None:
        """A new version of a list."""
        cell = self.writable_list(node, base, kind != "store")
        old = self.version(cell)
        names = ("x",) + ("index",) * len(args)
        if kind != "store":
            names = tuple(p.name for p in self.rules[kind].params[: len(args) + 1])
        self.origin = self.origin_of(node)
        new = self.pure(kind, [old, *args], names, old.hint, old.role, **attrs)
        self.check_items(new.type)
        self.replace(cell, new)

    def grow_listed(self, cell: Cell) -> None:
        """Build again if a list was made of known items to run over or index it."""
        if (made := self.listed.get(cell.first)) is not None:
            self.grow(Seq("list", (), made))

    def writable_list(self, node: gast.AST, base: Value, grows: bool) -> Cell:
        """The cell of a list; refuses what another name may or may not see."""
        cell = self.place_of(base).cell
        self.check_sealed(node, cell, "a list")
        self.grow_listed(cell)
        packed = [self.packed.get(c.first) for c in {cell, *cell.shares}]
        if lists := [Seq("list", (), made) for made in packed if made is not None]:
            self.grow(*lists)
            self.refuse(node, "which lists this changes is not known")
        if cell.first.role == "global" or cell.first.is_const:
            self.refuse(
                node,
                f"this changes the global `{cell.first.hint}`",
                "pass it as an argument, or copy it first",
            )
        if cell.owner:
            self.refuse(node, f"this changes an item of {cell.owner} in place")
        for value in self.held if grows else ():
            if self.overlap(base, value):
                self.refuse(node, "a loop around runs over this list")
        for name, value in self.visible():
            place = self.places.get(value)
            if place is not None and place.cell in cell.shares:
                if isinstance(bound(value.type), List | Tuple):
                    self._refuse_shared(node, base, name)
        return cell


def is_object(item: Bound) -> bool:
    """Whether an operand is a list of any length."""
    return isinstance(item, Value) and is_list(item)


def is_list(item: Bound) -> bool:
    if isinstance(item, Seq):
        return item.kind == "list"
    return isinstance(bound(item.type), List)


def leaf_types(of: Type) -> list[Type]:
    """The types of all that an object consists of."""
    if not isinstance(of, Tuple):
        return [of]
    return [leaf for part in of.items for leaf in leaf_types(bound(part))]


def item_type(of: Type) -> Type | None:
    """The type that the items of a list have, None if it is no list."""
    of = bound(of)
    return bound(of.item) if isinstance(of, List) else None

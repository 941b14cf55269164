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

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import Origin, UnsupportedError, a
from s2s.ssa.bound import Bound, Made, Seq, Unbound, flat
from s2s.ssa.emit import Emitter
from s2s.ssa.identity import lists_in
from s2s.ssa.ir import Region, Value
from s2s.ssa.memory import Cell, has_storage
from s2s.ssa.mutate import MutationBuilder
from s2s.ssa.nesting import leaf_types
from s2s.ssa.roots import COPIES
from s2s.ssa.storage import global_of
from s2s.ssa.types import (
    ANY,
    UNDEF,
    Array,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    is_text,
    join,
    may_be_none,
    rank_of,
)
from s2s.structure import LIST

if TYPE_CHECKING:
    from s2s.rules import Rules

ITEMS = gast.Pass()  # stands among the objects if what lists hold changes
PLACE = "lineno", "col_offset"
LONG = 32  # more rounds than that are not written out
NONE = Static(None)  # in place of the adjoint of what is no number
UNMADE = "its items must be numbers, arrays of one rank, or objects of one class"


class Grows(Exception):
    """Lists that are objects: what these expressions make changes its length.

    Of loops over items that are known, by what they assign, it says that they are
    written out.
    """

    def __init__(self, nodes: Iterable[gast.AST]) -> None:
        self.nodes = frozenset(nodes)

    def among(self, objects: frozenset[gast.AST]) -> frozenset[gast.AST]:
        """What is known now: where a loop is written out, lists may not grow in it."""
        if any(map(is_target, self.nodes)):
            objects = frozenset(filter(is_target, objects))
        return objects | self.nodes


def is_target(node: gast.AST) -> bool:
    """Whether this is what a loop assigns, which stands for the loop."""
    return isinstance(getattr(node, "ctx", None), gast.Store)


def is_again(node: gast.AST, other: gast.AST) -> bool:
    """Whether this is what another tree of the same text has there."""
    if any(getattr(node, k, None) != getattr(other, k, None) for k in PLACE):
        return False
    return gast.dump(node) == gast.dump(other)


class ListBuilder(MutationBuilder):
    """Evaluates what makes and changes lists."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region)
        self.objects = objects
        self.changed: list[Made] = []  # lists whose items were assigned, in turn
        self.packed: dict[Value, Made] = {}  # objects made of known items
        self.shared: set[Value] = set()  # those of which there may be another name
        self.unbound: list[
            tuple[gast.AST, Origin | None]
        ] = []  # reads of what has no value there
        self.running: list[Made | Value] = []  # lists that loops around run over
        self.listed: dict[Value, Made] = {}  # known items, for a loop or an index
        self.kept: set[Made] = set()  # those that functions have as defaults
        self.depth = 0  # how many loops are being built
        # what loops around assign, and whether they can be written out
        self.loops: list[tuple[gast.AST, bool]] = []

    # making ---------------------------------------------------------------

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if not isinstance(item, Seq) or item.kind != "list" or item.made is not None:
            return item
        if item.whole is not None:  # it is in another list
            return item
        if self.grows(node):
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
        self.refuse_none_among(args)
        out = Emitter.emit(self, kind, args, *rest, **attrs)
        item = item_type(out.type)
        if kind in COPIES and item is not None and rank_of(item):
            self.hold_shown(args[0])
        return out

    def hold_shown(self, value: Value) -> None:
        """Note that arrays which a list shows, the rows of one, are in another, too."""
        cell = self.place_of(value).cell if self.stored(value) else None
        for other in {cell, *cell.shares} if cell is not None else ():
            if not is_list(other.first):
                self.hold(other)

    def refuse_none_among(self, args: Sequence[Value]) -> None:
        """Refuse to put what may be None where its type does not tell it any more."""
        array = bool(args) and isinstance(bound(args[0].type), Array)  # makes it NaN
        if not array and any(may_be_none(a.type) for a in args):
            raise UnsupportedError(
                "what is put into a list, tuple or dict here may be None",
                self.origin,
                "put something else there: `np.nan`, and ask `np.isnan(v)`",
            )

    def held_item(self, node: gast.AST, item: Bound) -> Value:
        """An operand that becomes an item of a list."""
        if isinstance(item, Seq) and any(map(is_list, flat(item))):
            self.grow(item)
            self.write_out()
            self.refuse(
                node,
                f"a list in {a(item.kind)} that is in a list is not supported yet",
                "use a list for each of them",
            )
        value = self.pack_item(item)
        for part in flat(item):
            if has_storage(part):
                self.hold_all(part)
        return value

    def write_out(self) -> None:
        """Build again, with the innermost loop over known items written out."""
        for target, known in reversed(self.loops):
            if known and not self.grows(target):
                raise Grows([target])

    def grows(self, node: gast.AST) -> bool:
        """Whether `Grows` has named an expression, or what a loop assigns.

        A text that stands for a call is another tree in each build: its place tells.
        """
        return node in self.objects or any(is_again(node, o) for o in self.objects)

    def numbers(self, node: gast.AST) -> Sequence[Value] | None:
        """What `range(...)` gives, if that is known, and not too much."""
        if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Name):
            return None
        callee = self.expr(node.func)
        if not isinstance(callee, Value) or callee.const is not range:
            return None
        ends = [self.value(a) for a in node.args]
        if not all(end.is_const and isinstance(end.const, int) for end in ends):
            return None
        numbers = range(*(end.const for end in ends))
        return [self.const(k) for k in numbers] if len(numbers) <= LONG else None

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
            fits = isinstance(part, Scalar) or part in (UNDEF, NONE)
            fits = fits or is_text(part) or is_named(part)
            if not fits and not (isinstance(part, Array) and not part.loose):
                self.open_rows()
                self.write_out()
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
        nodes = {m.node for m in made if m.node and not self.grows(m.node)}
        if nodes and not any(m.some for m in made):
            raise Grows(nodes)
        if any(part.whole is not None or is_unknown(part.made) for part in lists):
            self.open_rows()

    def open_rows(self) -> None:
        """Build again, with the lists in lists as objects, where they can be.

        They were taken for records of as many parts so far.
        """
        made = {m for v, m in self.packed.items() if is_row(bound(v.type))}
        nodes = {m.node for m in made if m.node is not None and not m.some}
        if not all(map(self.grows, nodes)):
            raise Grows(nodes)

    def getitem(self, base: Value, index: gast.AST) -> Value:
        if item_type(base.type) == UNDEF:
            # so far: a loop may fill the list
            self.unbound.append((ITEMS, self.origin_of(index)))
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
        self.note_change(node, cell, "a list")

    def grow_listed(self, cell: Cell) -> None:
        """Build again if a list was made of known items to run over or index it."""
        if (made := self.listed.get(cell.first)) is not None:
            self.grow(Seq("list", (), made))

    def writable_list(self, node: gast.AST, base: Value, grows: bool) -> Cell:
        """The cell of a list; refuses what another name may or may not see."""
        of = bound(base.type)
        if isinstance(of, List) and of.fixed:
            self.refuse(node, "a tuple does not change", "make a list of it: `list(t)`")
        cell = self.place_of(base).cell
        self.check_sealed(node, cell, "a list")
        self.grow_listed(cell)
        packed = [self.packed.get(c.first) for c in {cell, *cell.shares}]
        if lists := [Seq("list", (), made) for made in packed if made is not None]:
            self.grow(*lists)
            self.refuse(node, "which lists this changes is not known")
        outside = cell.first if cell.first.is_const else global_of(cell.first)
        if outside is not None:
            self.refuse_global(node, outside)
        if cell.owner:
            advice = "read it from the list again: `rows[-1].append(v)`"
            what = f"this changes an item of {cell.owner} in place"
            self.refuse(node, what, advice if is_object(base) else "")
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


def is_named(of: Type) -> bool:
    """Whether a type is that of a function or a member of an Enum, which has a name."""
    value = of.value if isinstance(of, Static) else None
    return callable(value) or isinstance(value, Enum)


def is_unknown(made: Made | None) -> bool:
    """Whether which object it is is not known: one from a list, or one of several."""
    return made is None or bool(made.some)


def is_row(of: Type) -> bool:
    """Whether what an object consists of can be the items of a list."""
    if not isinstance(of, Tuple) or of.form != LIST:
        return False
    item: Type = UNDEF
    for part in of.items:
        item = join(item, bound(part))
    return item != ANY and not (isinstance(item, Array) and item.loose)


def item_type(of: Type) -> Type | None:
    """The type that the items of a list have, None if it is no list."""
    of = bound(of)
    return bound(of.item) if isinstance(of, List) else None

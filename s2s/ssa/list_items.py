"""Changes of what lists hold: of arrays in them, and of parts of records.

In: the statement. Out: a new version of the list (see `lists`), stored or added to at a
path: first the position in the list, then the part of the record, then the index into
the array.

    p.x = v              (p is ps[i])     ps1 = store(ps, i, x, v)
    xs[i][0] = v                          xs1 = store(xs, i, 0, v)
    layers[i]["w"] += g                   layers1 = add_at(layers, i, w, g)

As long as nothing of the kind happens, what was read from a list is what it was. Else
the function is built again, and what was read is a *place* in the list, read again once
the list has changed. That no other name may show the change is checked in the end, by
`check_items`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.errors import Origin
from s2s.ssa.apart import Again
from s2s.ssa.bound import Bound, Seq, plain
from s2s.ssa.entries import EntryBuilder
from s2s.ssa.ir import Hop, Op, Region, Value
from s2s.ssa.lists import ITEMS, Grows, item_type
from s2s.ssa.memory import Cell, Place, equal_places, has_storage, hop_attrs
from s2s.ssa.roots import UPDATES, in_an_item, is_compound
from s2s.ssa.storage import may_repeat
from s2s.ssa.types import Array, List, Tuple, Type, bound, rank_of
from s2s.structure import is_open

if TYPE_CHECKING:
    from s2s.rules import Rules


class ItemBuilder(EntryBuilder):
    """Carries out changes of what lists hold."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region, objects)
        self.read_again: list[Again] = []
        self.read_empty: dict[Value, Origin | None] = {}  # lists of empty lists

    def note_empty(self, item: Value) -> None:
        """Note that a list is taken for an empty one, if it was read from a list."""
        whole = item
        while whole.op is not None and whole.op.kind in ("getitem", "pick"):
            whole = whole.op.args[0]
        if whole is not item:
            self.read_empty[whole] = self.origin

    def follow_items(self) -> None:
        """Build again, with what is read from lists as places in them."""
        if ITEMS not in self.objects:
            raise Grows([ITEMS])

    # places ---------------------------------------------------------------

    def _note(self, out: Value, op: Op) -> None:
        hop = self.hop_into(op)
        if hop is None:
            super()._note(out, op)
            return
        base = self.place_of(op.args[0])
        if may_change(out.type):
            path = (*base.path, (hop, tuple(op.args[1:])))
            self.places[out] = Place(base.cell, path)
            self.read_at[out] = self.version(base.cell)
        elif has_storage(out):
            self.place_of(out).cell.owner = "a list or tuple"

    def hop_into(self, op: Op) -> Hop | None:
        """The step from a list to its item, or from a record in it to a part."""
        if ITEMS not in self.objects:
            return None
        if op.kind == "getitem" and isinstance(bound(op.args[0].type), List):
            if not may_change(op.result.type):
                return None
        elif op.kind != "pick" or not self.follows(op.args[0]):
            return None
        return Hop(op.kind, op.names, hop_attrs(op), 1)

    def fresh(self, value: Value) -> Value:
        place = self.places.get(value)
        if place is None or not is_in_list(place):
            return super().fresh(value)
        now, then = self.version(place.cell), self.read_at[value]
        if now is then or only_items_come_and_go(now, then):
            return value
        out = self.read(place, value)
        where = [o for _, operands in place.path for o in operands]
        self.read_again.append(Again(out, now, then, where, self.origin))
        return out

    def fresh_item(self, item: Bound) -> Bound:
        if isinstance(item, Seq) and item.whole is not None:
            now = self.fresh(item.whole)
            return item if now is item.whole else self.unpack(now)
        return super().fresh_item(item)

    def follows(self, base: Value) -> bool:
        return base in self.places and is_in_list(self.places[base])

    def hold_all(self, part: Value) -> None:
        if not is_in_list(self.place_of(part)):
            super().hold_all(part)
        elif not self.in_generated():
            self.hold_shown(part)

    def own_place(self, item: Value) -> None:
        """Note that what was read from a list is no longer in it."""
        if has_storage(item):
            self.places[item], self.read_at[item] = Place(Cell(item, set())), item
            self.places[item].cell.owner = "a list or tuple"

    def positions(self, a: Bound, b: Bound) -> list[Value] | None:
        """Where two objects stand in one list, if they are the same just there."""
        found = []
        for item in (a, b):
            whole = item.whole if isinstance(item, Seq) else None
            place = None if whole is None else self.places.get(whole)
            if place is None or len(place.path) != 1:
                return None
            self.grow_listed(place.cell)
            ((_, (k,)),) = place.path
            if k.role not in ("index", "user") or k.op is not None or k.is_const:
                return None  # it may count from the end
            found.append((place.cell, k))
        (one, i), (other, j) = found
        return [i, j] if one is other else None

    def same_item(self, a: Bound, b: Bound) -> bool:
        """Whether two objects are what a list has at one position."""
        places = [
            self.places.get(v) if isinstance(v, Value) else None
            for v in (i.whole if isinstance(i, Seq) else i for i in (a, b))
        ]
        one, other = places
        if one is None or other is None or not is_in_list(one):
            return False
        return equal_places(one, other)

    def follows_items(self, xs: Value) -> bool:
        """Whether the items of a list are places in it, since they may change."""
        item = item_type(xs.type)
        return ITEMS in self.objects and item is not None and may_change(item)

    def places_in(self, xs: Value, count: int) -> tuple[Value, ...]:
        """The first items of a list, each as a place in it, if they may change."""
        if not self.follows_items(xs):
            return ()
        names = ("x", "index")
        return tuple(
            self.emit("getitem", [xs, self.const(k)], names, index=("i",))
            for k in range(count)
        )

    # changes --------------------------------------------------------------

    def store(
        self,
        node: gast.AST,
        base: Value,
        codes: tuple[str, ...],
        operands: Sequence[Value],
        value: Value,
        kind: str = "store",
        **attrs: Any,
    ) -> None:
        place = self.place_of(base)
        if not is_in_list(place):
            super().store(node, base, codes, operands, value, kind, **attrs)
            return
        where = self.path_to(node, place)
        made = value.op
        if codes == ("e",) and made is not None and made.attrs.get("aug"):
            self.augment_part(node, place.cell, where, base, value)
            self.changed_through(place, base)
            return
        if may_repeat(codes, operands):
            self.refuse(
                node, "an index may occur twice in this array, which is in a list",
                "give it a name of its own: `x = xs[i].copy()`, and put it back",
            )  # fmt: skip
        source = self.places.get(value)
        if source is not None and source.cell is place.cell:
            advice = "copy the right side first, with `.copy()`"
            self.refuse(node, "this copies an item of a list into one of it", advice)
        codes = ("i",) * len(where) + codes
        self.change_part(
            node, place.cell, [*where, *operands], value, kind, codes, **attrs
        )
        self.changed_through(place, base)

    def check_writable(self, node: gast.AST, base: Value, place: Place) -> None:
        if any(cell.owner for cell in {place.cell, *place.cell.shares}):
            self.follow_items()
        super().check_writable(node, base, place)

    def change_list(
        self, node: gast.AST, base: Value, kind: str, args: list[Value], **attrs: Any
    ) -> None:
        place = self.place_of(base)
        if any(cell.owner for cell in {place.cell, *place.cell.shares}):
            self.follow_items()
        if not is_in_list(place):
            super().change_list(node, base, kind, args, **attrs)
            return
        if kind != "store":
            self.check_not_run_over(node, place)
        where = self.path_to(node, place)
        if kind == "store":
            index, value = args
            self.put_part(node, place, base, [*where, index], value)
            return
        codes, (*rest, last) = ("i",) * len(where), args
        self.change_part(node, place.cell, [*where, *rest], last, f"{kind}_in", codes)
        self.changed_through(place, base)

    def writable_list(self, node: gast.AST, base: Value, grows: bool) -> Cell:
        place = self.place_of(base)
        if any(cell.owner for cell in {place.cell, *place.cell.shares}):
            self.follow_items()
        if is_in_list(place):
            self.check_not_run_over(node, place)
        return super().writable_list(node, base, grows and not is_in_list(place))

    def check_not_run_over(self, node: gast.AST, place: Place) -> None:
        """Refuse to change how long a list in a list is where a loop runs over it."""
        for value in self.held:
            at = self.places.get(value)
            if at is None or at.cell is not place.cell:
                continue
            if len(at.path) >= len(place.path) and not apart(at, place):
                self.refuse(node, "a loop around runs over this list")

    def check_not_running(self, node: gast.AST, place: Place) -> None:
        """Refuse other items for a list in a list where a loop runs over the old ones.

        As an object, it is what the loop reads its items from, one by one.
        """
        for value in self.in_use():
            at = self.places.get(value) if isinstance(value, Value) else None
            if at is not None and at.cell is place.cell and not apart(at, place):
                self.open_rows()
                self.refuse(node, "a loop around runs over this list",
                            "run over a copy: `for x in list(xs[i])`")  # fmt: skip

    def put_part(
        self,
        node: gast.AST,
        place: Place,
        whole: Value,
        where: list[Value],
        value: Value,
    ) -> None:
        """Put something into a list or record that is in a list."""
        made = value.op
        if made is not None and made.attrs.get("aug"):
            self.augment_part(node, place.cell, where, made.args[0], value)
        else:
            if rank_of(value.type) != 0:
                self.check_replaced(node, place.cell, where)
            self.change_part(node, place.cell, where, value, "store", assigned=True)
        self.changed_through(place, whole)

    def augment_part(
        self, node: gast.AST, cell: Cell, where: list[Value], old: Value, new: Value
    ) -> None:
        """`+=` and its like on a whole item, or part of one."""
        made, of, to = new.op, bound(old.type), bound(new.type)
        assert made is not None
        if isinstance(of, Array) and isinstance(to, Array) and of.dtype != to.dtype:
            new = self.emit("astype", [new, self.const(np.dtype(of.dtype).type)])
        elif made.kind in ("add", "sub") and made.args[0] is old and self.is_now(old):
            if of == to or isinstance(of, Array):
                attrs: dict[str, Any] = {"minus": True} if made.kind == "sub" else {}
                self.change_part(node, cell, where, made.args[1], "add_at", **attrs)
                return
        self.change_part(node, cell, where, new, "store")

    def is_now(self, part: Value) -> bool:
        """Whether what was read from something in a list is in it still."""
        of = part.op.args[0] if part.op is not None and part.op.args else part
        return bool(rank_of(part.type)) or self.fresh(of) is of

    def set_known(self, node: gast.AST, base: Seq, k: int, item: Bound) -> None:
        if base.made is None or base.made.some:
            self.follow_items()  # it may be in a list
        if base.whole is None:
            super().set_known(node, base, k, item)
        else:
            self.set_part(node, base.whole, k, item)

    def set_part(self, node: gast.AST, whole: Value, k: int, item: Bound) -> None:
        """Give a part of a record in a list another value."""
        place = self.place_of(whole)
        if not is_in_list(place):
            self.refuse(
                node, "which objects this changes is not known",
                "change it while it is in the list, or make another one",
            )  # fmt: skip
        self.check_not_running(node, place)
        where = [*self.path_to(node, place), self.const(k)]
        augmented = isinstance(item, Value) and item.op and item.op.attrs.get("aug")
        value = item if augmented else self.held_item(node, item)
        assert isinstance(value, Value)
        self.put_part(node, place, whole, where, value)

    def changed_through(self, place: Place, item: Value) -> None:
        """Note what was changed: it has to be in the list still (see `check_items`)."""
        made = self.version(place.cell).op
        assert made is not None
        made.attrs["through"] = item
        now, then = made.args[0], self.read_at.get(item)
        if then is not None and then is not now:
            where = [o for _, operands in place.path for o in operands]
            self.read_again.append(Again(item, now, then, where, made.origin))

    def check_replaced(self, node: gast.AST, cell: Cell, where: list[Value]) -> None:
        """Refuse what was read from where another object is put, and is read later."""
        seen = [(plain(n), v) for n, item in self.seen_items() for v in read_in(item)]
        for name, value in seen:
            place = self.places.get(value)
            if place is None or place.cell is not cell:
                continue
            path = [o for _, operands in place.path for o in operands]
            parts = list(zip(path, where, strict=False))[1:]
            same = all(a.const == b.const for a, b in parts)
            if len(path) < len(where) or not same:
                continue
            surely = all(a is b or (a.is_const and a.const == b.const)
                         for a, b in zip(path, where, strict=False))  # fmt: skip
            if surely and value.op in self.region.ops and not is_compound(value):
                self.own_place(value)  # it is no longer in the list
            else:
                self.refuse(
                    node,
                    f"this puts another object where `{name}` was read from",
                    f"copy it first: `{name} = {name}.copy()`",
                )

    def path_to(self, node: gast.AST, place: Place) -> list[Value]:
        """The positions that lead to a place in a list."""
        for hop, _ in place.path:
            codes = dict(hop.attrs).get("index", ("i",))
            if hop.kind not in ("pick", "getitem") or set(codes) != {"i"}:
                self.refuse(
                    node, "this changes an array in a list through a view of it",
                    "change it by its index in the list: `xs[i][1:] = ...`",
                )  # fmt: skip
        return [o for _, operands in place.path for o in operands]

    def change_part(
        self,
        node: gast.AST,
        cell: Cell,
        where: list[Value],
        value: Value,
        kind: str,
        codes: tuple[str, ...] = (),
        **attrs: Any,
    ) -> None:
        """A new version of a list, something in an item of which was changed."""
        old = self.version(cell)
        self.writable_list(node, old, False)
        self.check_seen(node, cell, old, where)
        self.origin = self.origin_of(node)
        codes, names = codes or ("i",) * len(where), ("x",) + ("index",) * len(where)
        if not kind.endswith("_in"):
            attrs["path"] = ()
        args = [old, *where, value]
        new = self.pure(
            kind, args, (*names, "index"), old.hint, old.role,
            index=codes, item=True, **attrs,
        )  # fmt: skip
        self.check_items(new.type)
        self.replace(cell, new)
        self.note_array(node, cell)

    def check_seen(
        self, node: gast.AST, cell: Cell, old: Value, where: list[Value]
    ) -> None:
        """Refuse what a name may show that is not known to be a place in the list."""
        for name, value in self.visible():
            place = self.places.get(value)
            if place is not None and place.cell in cell.shares:
                self._refuse_shared(node, old, name)
        form = record_form(old.type, where)
        for name, item in self.seen_items() if form is not None else ():
            for part in records(item):
                if part.whole is None and part.form == form:
                    loose = part.made is None or part.made.some
                    if loose or part.made in self.packed.values():
                        self.refuse(
                            node,
                            f"this changes an item of a list, and `{plain(name)}` may "
                            "be the same one",
                            "read it from the list again, or build a new list",
                        )


def may_change(of: Type) -> bool:
    """Whether an item of a list, or a part of it, may change in place."""
    of = bound(of)
    if isinstance(of, Array):
        return of.rank > 0 and not of.loose
    return isinstance(of, List) or (isinstance(of, Tuple) and is_open(of.form))


def apart(a: Place, b: Place) -> bool:
    """Whether two places in a list are surely different."""
    pairs = [(x, y) for (_, one), (_, other) in zip(a.path, b.path, strict=False)
             for x, y in zip(one, other, strict=False)]  # fmt: skip
    known = [(x.const, y.const) for x, y in pairs if x.is_const and y.is_const]
    return any(x != y and (x < 0) == (y < 0) for x, y in known)


def is_in_list(place: Place) -> bool:
    """Whether a place is an item of a list, or in one."""
    return bool(place.path) and isinstance(bound(place.cell.first.type), List)


def only_items_come_and_go(now: Value, then: Value) -> bool:
    """Whether no item has changed since an older version of a list."""
    while now is not then:
        op = now.op
        if op is None or op.kind not in UPDATES or in_an_item(op):
            return False
        now = op.args[0]
    return True


def record_form(of: Type, where: Sequence[Value]) -> Any:
    """The form of the innermost record on the way to a place, None for an array."""
    form = None
    for k in where:
        of = bound(of)
        if isinstance(of, List):
            of = of.item
        elif isinstance(of, Tuple):
            form, of = of.form, of.items[k.const]
    return form


def read_in(item: Bound) -> list[Value]:
    """The values in an object that are read again each for itself."""
    if isinstance(item, Value):
        return [item]
    if item.whole is not None:
        return [item.whole]
    return [v for i in item.items for v in read_in(i)]


def records(item: Bound) -> list[Seq]:
    """The objects that an object consists of."""
    if isinstance(item, Value):
        return []
    return [item, *(r for i in item.items for r in records(i))]

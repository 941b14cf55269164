"""Items of lists, dicts and objects that are assigned: `xs[i] = v`, `d["w"] += g`.

In: the assignment. Out: of a list that is an object, a new version; of what is known
item by item, the new items for every name that shows it:

    params[0] = v            the first item of `params` is v
    xs[i] = v                xs1 = store(xs, i, v)
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import gast

from s2s.errors import a
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.expr import has_call
from s2s.ssa.identity import agreed, mades, may_be, which_lists
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.lists import ITEMS, ListBuilder, is_list
from s2s.ssa.rebound import Rebinding
from s2s.ssa.storage import surely_number
from s2s.ssa.types import Array, List, Scalar, bound, described, rank_of


class EntryBuilder(ListBuilder):
    """Evaluates assignments to items."""

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
        if kind == "add" and is_list(old):
            self.extend(node, old, node.value)
            return
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
        if not self.in_generated() and not surely_number(old, {}):
            name, where = gast.unparse(node.target).strip(), self.origin_of(node)
            self.rebound.append(Rebinding(where, name, old, new, in_list=True))
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
        if not self.in_generated() and not surely_number(old, {}):
            self.take_for_number(node, old, value)
        self.set_known(target, self.once_more(target, base), k, value)

    def take_for_number(self, node: gast.AugAssign, old: Value, new: Value) -> None:
        """Note that an item may be an array without axes; it is checked later."""
        of, made = bound(old.type), bound(new.type)
        if isinstance(of, Array) and of.loose:
            self.refuse(node, "whether this changes a number or an array is not known")
        dtypes = [t.dtype for t in (of, made) if isinstance(t, Array)]
        dtype = dtypes[-1] if len(set(dtypes)) > 1 else ""
        name = gast.unparse(node.target).strip()
        where = self.origin_of(node)
        self.rebound.append(Rebinding(where, name, old, new, dtype))

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
        names: tuple[Hashable, ...] | None = None,
    ) -> None:
        """Give all names of an object whose items are known other items.

        What these are called stays as it is, unless there are other `names`.
        """
        made, what = base.made, base.kind
        hidden = made in self.in_use() or made in self.kept
        if base.kind != "list":
            hidden = hidden or made in self.packed.values()
        if hidden or made in self.packed.values():
            self.grow(base)  # names are not all that may show it
        self.check_sealed(node, made, a(what))
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

        called = base.names if names is None else names

        def new(item: Bound) -> Bound:
            if isinstance(item, Value):
                return item
            if item.made is made:
                return replace(item, items=items, names=called)
            return item.of(map(new, item.items))

        self.env.update((n, new(i)) for n, i in self.env.items() if made in mades(i))
        assert made is not None
        self.changed.append(made)
        self.note_change(node, made, a(what))

    def in_use(self) -> set[Made | Value]:
        """The lists that loops around run over, or expressions have evaluated."""
        evaluated = (i for items in self.pending[:-1] for i in items)
        return {*self.running}.union(*map(which_lists, evaluated))

    def agreed(self, a: Bound, b: Bound) -> Bound:
        return agreed(a, b) if isinstance(a, Seq) and isinstance(b, Seq) else a

    def keep(self, item: Bound) -> None:
        """Note that a function made here has an object as a default or argument."""
        self.kept |= mades(item)

    def seen_items(self) -> list[tuple[str, Bound]]:
        return [(n, self.env[n]) for n in self.live_names() if n in self.env]

    def changes(self, item: Bound, since: int = 0) -> bool:
        """Whether an object has lists in it whose items are assigned somewhere.

        `since` is how many such assignments are left out.
        """
        return not mades(item).isdisjoint(self.changed[since:])

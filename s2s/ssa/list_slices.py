"""Slices of lists whose length is not known when compiling.

In: a slice that is read, assigned to or deleted. Out: one that is read is a list of the
same items; the others are changes of the list at its end.

    xs[::2]              ->     [xs[k] for k in range(len(xs))[::2]]
    xs[i:j] = ys         ->     rest = xs[j:];  for k in range(i, len(xs)): xs.pop()
                                xs.extend(ys);  xs.extend(rest)

A slice with constant bounds and no step is read from the list itself by loops, as
`xs[k + 1]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.apart import Again
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.expr import has_call
from s2s.ssa.growing import GrowingBuilder, hidden
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.lists import is_list, is_object
from s2s.ssa.memory import has_storage
from s2s.ssa.types import Dict, List, bound, rank_of


class SliceBuilder(GrowingBuilder):
    """Evaluates slices of lists, and changes lists by them."""

    def list_slice(self, node: gast.AST) -> tuple[Value, int, int] | None:
        """The list that a slice is of, and where from and to; None if it is none.

        The last bound counts from the end: 0 is behind the last item.
        """
        base = self.sliced(node)
        if base is None or self.is_loose_slice(node.slice):
            return None
        ends = [node.slice.lower, node.slice.upper]
        lower, upper = (0 if e is None else self.value(e).const for e in ends)
        return base, lower, upper

    def sliced(self, node: gast.AST) -> Value | None:
        """The list of any length that a slice is of."""
        if not isinstance(node, gast.Subscript):
            return None
        if not isinstance(node.slice, gast.Slice):
            return None
        base = self.expr(node.value)
        return base if isinstance(base, Value) and is_object(base) else None

    def is_loose_slice(self, cut: gast.Slice) -> bool:
        """Whether a slice has a step, or a bound that does not say from which end."""
        ends = [None if e is None else self.value(e) for e in (cut.lower, cut.upper)]
        lower, upper = (0 if e is None else e.const for e in ends)
        known = isinstance(lower, int) and isinstance(upper, int)
        if cut.step is not None or not known:
            return True
        return lower < 0 or (cut.upper is not None and upper >= 0)

    def item_then(self, xs: Value, index: Value) -> Bound:
        """An item of a list as it was: whatever has become of the list since."""
        args, names = [xs, index], ("x", "index")
        if self.follows_items(xs) and not isinstance(bound(xs.type), Dict):
            item = self.emit("getitem", args, names, index=("i",))
            now = self.version(self.place_of(xs).cell)
            self.read_again.append(Again(item, now, xs, [index], self.origin))
            return self.in_parts(item)
        item = self.as_it_is("getitem", args, names, index=("i",))
        if has_storage(item):
            self.place_of(item).cell.owner = "a list or tuple"
            self.shows(item, [xs])
        return self.in_parts(item)

    def known(self, node: gast.AST) -> Sequence[Bound] | None:
        if self.evaluated_once(node) and self.sliced(node) is not None:
            return None
        return super().known(node)

    # slices that are read -------------------------------------------------

    def _Subscript(self, node: gast.Subscript) -> Bound:
        """A slice of a list is a list of the same items."""
        if (count := self.range_in(node)) is not None:
            return self.positions_of(self.value(count), node.slice)
        with ExitStack() as stack:
            if isinstance(node.slice, gast.Slice):
                cut = node.slice
                for part in (node.value, cut.lower, cut.upper, cut.step):
                    if part is not None and has_call(part):
                        stack.enter_context(self.looking(part))
            base = self.sliced(node)
            if base is None:
                return super()._Subscript(node)
            if self.is_loose_slice(node.slice):
                made = self.items_at(
                    node, base, self.positions_of(self.length(base), node.slice)
                )
            else:
                made = self.items_of_slice(node)
        of = bound(base.type)
        fixed = isinstance(of, List) and of.fixed
        return self.pure("tuple of list", [self.pack(made)]) if fixed else made

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        """Of a list of known items, too, with bounds that are found at run time."""
        known = not isinstance(index, gast.Slice) or self.known_slice(index) is not None
        if known or base.kind not in ("list", "tuple"):
            return super()._static_item(node, base, index)
        items = [self.pack(i) for i in base.items]
        whole = self.emit("list", items, ("xs",) * len(items))
        self.check_items(whole.type)
        if base.made is not None:
            self.listed[whole] = base.made
        made = self.items_at(node, whole, self.positions_of(self.length(whole), index))
        if base.kind == "tuple":
            return self.pure("tuple of list", [self.pack(made)])
        return made

    def range_in(self, node: gast.Subscript) -> gast.expr | None:
        """How long a range is that a slice is taken of: `range(n)[i:j]`."""
        of = node.value
        if not isinstance(node.slice, gast.Slice) or not isinstance(of, gast.Call):
            return None
        callee = self.expr(of.func) if isinstance(of.func, gast.Name) else None
        of_range = isinstance(callee, Value) and callee.const is range
        return of.args[0] if of_range and len(of.args) == 1 else None

    def attribute(self, base: Value, name: str, node: gast.AST) -> Bound:
        if name == "start" and base.op is not None and base.op.kind == "positions":
            return self.emit("first_of", [base])
        return super().attribute(base, name, node)

    def items_of_slice(self, node: gast.Subscript) -> Bound:
        target, item = (
            gast.Name("item", ctx, None, None) for ctx in (gast.Store(), gast.Load())
        )
        each = [gast.comprehension(target, node, [], 0)]
        made = gast.copy_location(gast.ListComp(item, each), node)
        for name in (target, item):
            gast.copy_location(name, node)
        return self.expr(made)

    def items_at(self, node: gast.AST, xs: Bound, ks: Value) -> Bound:
        """The list of the items of another that stand at some positions."""
        name = hidden(node)
        names = {"xs": f"{name} xs", "ks": f"{name} ks", "k": f"{name} k"}
        self.env |= {names["xs"]: xs, names["ks"]: ks}
        try:
            return self.expr(quoted("[xs[k] for k in ks]", node, **names).value)
        finally:
            del self.env[names["xs"]], self.env[names["ks"]]

    def length(self, xs: Bound) -> Value:
        return self.emit("len", [self.pack(xs)])

    def positions_of(self, count: Value, cut: gast.Slice) -> Value:
        """The positions that a slice is made of, in a list of so many items."""
        ends = []
        for part in (cut.lower, cut.upper, cut.step):
            end = self.const(None) if part is None else self.value(part)
            if not (end.is_const and end.const is None):
                if rank_of(end.type) != 0 or kind_of(end.type) != "int":
                    self.refuse(part, "the bounds of a slice must be integers")
            ends.append(end)
        names = ("n", "start", "stop", "step")
        return self.emit("positions", [count, *ends], names)

    # slices that are changed ----------------------------------------------

    def delete_slice(self, node: gast.Subscript) -> None:
        """`del xs[i:j]`."""
        base = self.expr(node.value)
        if not is_list(base) or node.slice.step is not None:
            self.refuse(node, "this `del` is not supported yet")
        self.assign_slice(node, base, Seq("list", ()))

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        base = self.expr(node.value) if isinstance(node.slice, gast.Slice) else None
        if base is None or not is_list(base):
            super().assign_item(node, item)
            return
        if node.slice.step is not None:
            self.refuse(
                node, "assignments to slices with a step are not supported yet",
                "write a loop over positions: `for k in range(0, n, 2): xs[k] = ...`",
            )  # fmt: skip
        self.assign_slice(node, base, self.iterated(node, item))

    def known_slice(self, cut: gast.Slice) -> slice | None:
        """A slice whose bounds are known."""
        parts = (cut.lower, cut.upper, cut.step)
        ends = [self.const(None) if e is None else self.value(e) for e in parts]
        known = all(e.is_const for e in ends)
        return slice(*(e.const for e in ends)) if known else None

    def assign_slice(self, node: gast.Subscript, base: Bound, item: Bound) -> None:
        """`xs[i:j] = ys`: all from i on goes, then ys comes, and what was behind j."""
        cut = self.known_slice(node.slice)
        if isinstance(base, Seq) and isinstance(item, Seq) and cut is not None:
            items = list(base.items)
            items[cut] = item.items
            self.resize(node, base, tuple(items))
            return
        self.grow(base)
        name, start = hidden(node), self.const(0)
        rest: Bound = Seq("list", ())
        count = self.length(base)
        if node.slice.lower is not None or node.slice.upper is not None:
            ks = self.positions_of(count, node.slice)
            start = self.emit("first_of", [ks])
            if node.slice.upper is not None:
                end = self.emit("add", [start, self.emit("len", [ks])])
                ends = [end, self.const(None), self.const(None)]
                behind = self.emit("positions", [count, *ends])
                rest = self.items_at(node, base, behind)
        new = self.copied(node, item) if is_object(item) else item
        parts = {"xs": base, "start": start, "n": count, "new": new, "rest": rest}
        parts["range"] = self.const(range, "range")
        names = {part: f"{name} {part}" for part in parts}
        self.env |= {names[part]: value for part, value in parts.items()}
        loop = quoted("for k in range(start, n): xs.pop()", node, **names)
        assert isinstance(loop, gast.For)
        self.own_loop(loop)
        for part in ("new", "rest"):
            more = quoted("more", node, more=names[part]).value
            self.extend(node, self.fresh_item(self.env[names["xs"]]), more)
        for made in names.values():
            del self.env[made]

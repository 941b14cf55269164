"""`copy.copy` and `copy.deepcopy` to SSA.

In: a call. Out: another object of the same parts, or of copies of them. Of arrays and
lists these are operations; of an object whose parts are known they cost nothing.

    q = copy.copy(p)         ->     q has the parts of p
    q = copy.deepcopy(p)     ->     q has copies of the arrays in p
"""

from __future__ import annotations

import copy
from dataclasses import replace

import gast

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.ir import Value
from s2s.ssa.left_out import LeftOutBuilder
from s2s.ssa.lists import ITEMS
from s2s.ssa.types import Array, Dict, List, Scalar, Tuple, bound, rank_of

# methods by which a class says how its objects are copied
HOOKS = {
    copy.copy: ("__copy__", "__reduce__", "__reduce_ex__", "__getstate__"),
    copy.deepcopy: ("__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__"),
}


class CopyBuilder(LeftOutBuilder):
    """Evaluates calls that copy objects."""

    def call(self, node: gast.Call, callee: Value) -> Bound:
        if callee.const is not copy.copy and callee.const is not copy.deepcopy:
            return super().call(node, callee)
        items = self.items_given(node.args)
        if len(items) != 1 or node.keywords:
            self.refuse(node, "these arguments are not supported here")
        if callee.const is copy.copy:
            return self.copy_at_top(node, items[0])
        out = self.deep_copy(node, items[0], {})
        if isinstance(out, Seq) and out.kind == "list":  # it has a node of its own
            return replace(out, made=None)
        return out

    def copy_at_top(self, node: gast.Call, item: Bound) -> Bound:
        """`copy.copy`: what it consists of is not copied."""
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        if isinstance(item, Seq):
            self.check_hooks(node, item, HOOKS[copy.copy])
            if item.kind == "list":
                return Seq("list", item.items)
            return item if item.kind == "tuple" else self.another(item)
        if isinstance(bound(item.type), List):
            return self.copied(node, item)
        return self.copy_of_value(item)

    def another(self, item: Seq) -> Seq:
        """Another object of the same parts."""
        return replace(item, made=Made(None, self.region), whole=None, view=None)

    def copy_of_value(self, item: Value) -> Value:
        """A copy of an array; numbers and text are what they are."""
        of = bound(item.type)
        if not isinstance(of, Array) or item.is_const:
            return item
        return self.emit("np.copy" if of.rank else "copy_items", [item], ("x",))

    def deep_copy(
        self, node: gast.Call, item: Bound, known: dict[Value | Made, Bound]
    ) -> Bound:
        """`copy.deepcopy`; `known` are the copies of what has been met before."""
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        which = item.made if isinstance(item, Seq) else self.root_of(item)
        if which is not None and which in known:
            return known[which]
        if isinstance(item, Seq):
            self.check_hooks(node, item, HOOKS[copy.deepcopy])
            parts = [self.deep_copy(node, part, known) for part in item.items]
            made = item.of(parts)
            out: Bound = made if item.kind == "tuple" else self.another(made)
        elif isinstance(bound(item.type), List):
            out = self.deep_copy_of_list(node, item)
        else:
            out = self.copy_of_value(item)
        if which is not None:
            known[which] = out
        return out

    def root_of(self, item: Value) -> Value | None:
        """The array or list that a value is, None for a number."""
        return None if rank_of(item.type) == 0 else item

    def deep_copy_of_list(self, node: gast.Call, item: Value) -> Bound:
        of = bound(item.type)
        assert isinstance(of, List)
        if isinstance(bound(of.item), Scalar) and not isinstance(of, Dict):
            return self.copied(node, item)
        changed = ITEMS in self.objects  # each of them, as if it were there once
        return self.emit("copy_of_each" if changed else "copy_items", [item], ("x",))

    def check_hooks(self, node: gast.Call, item: Seq, names: tuple[str, ...]) -> None:
        """Refuse objects that say themselves how they are copied."""
        own = [n for n in names if getattr(item.cls, n, None) not in OF_OBJECT]
        if item.cls is not None and item.kind == "object" and own:
            self.refuse(
                node, f"`{item.cls.__name__}.{own[0]}` is not supported",
                "make the copy with a method of its own",
            )  # fmt: skip


OF_OBJECT = {None, *(getattr(object, n, None) for pair in HOOKS.values() for n in pair)}

"""Assignments that call methods of objects: `o[k] = v`, and `o.p += v` of a property.

In: the statement. Out: calls of what Python calls, in its order.

    o[k] = v         o.__setitem__(k, v)
    o[k] += v        old = o.__getitem__(k);  old += v;  o.__setitem__(k, old)
    del o[k]         o.__delitem__(k)
"""

from __future__ import annotations

import inspect

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Value
from s2s.ssa.object_items import ObjectItemBuilder


class ThroughMethodsBuilder(ObjectItemBuilder):
    """Carries out assignments through methods."""

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        with self.looking(node.value) as base:
            if not isinstance(base, Seq) or base.kind != "object":
                super().assign_item(node, item)
                return
        args = [self._index_expression(node.slice), item]
        self.call_for_item(node, base, "__setitem__", args)

    def augment_item(self, node: gast.AugAssign) -> None:
        target = node.target
        assert isinstance(target, gast.Subscript)
        with self.looking(target.value) as base:
            if not isinstance(base, Seq) or base.kind != "object":
                super().augment_item(node)
                return
        index = self._index_expression(target.slice)
        old = self.call_for_item(node, base, "__getitem__", [index])
        args = [index, self.after_change(node, old, "item")]
        base = self.once_more(target, base)
        self.call_for_item(node, base, "__setitem__", args)

    def delete(self, target: gast.expr) -> None:
        if isinstance(target, gast.Subscript):
            with self.looking(target.value) as base:
                if isinstance(base, Seq) and base.kind == "object":
                    args = [self._index_expression(target.slice)]
                    self.call_for_item(target, base, "__delitem__", args)
                    return
        super().delete(target)

    def augment_attribute(self, node: gast.AugAssign) -> None:
        target = node.target
        assert isinstance(target, gast.Attribute)
        with self.looking(target.value) as base:
            cls = base.cls if isinstance(base, Seq) else None
            found = inspect.getattr_static(cls, target.attr, None)
            if not isinstance(base, Seq) or not isinstance(found, property):
                super().augment_attribute(node)
                return
            old = self.attribute_of(node, base, target.attr)
            self.assign_attribute(target, self.after_change(node, old, target.attr))

    def after_change(self, node: gast.AugAssign, old: Bound, name: str) -> Bound:
        """What `old += value` leaves: it has a name of its own meanwhile."""
        hidden = f"<{node.lineno}.{node.col_offset}> {name}"
        load, store = (
            gast.copy_location(gast.Name(hidden, context, None, None), node.target)
            for context in (gast.Load(), gast.Store())
        )
        self.env[hidden] = old
        statement = gast.AugAssign(store, node.op, node.value)
        self.augment_name(gast.copy_location(statement, node))
        new = self.expr(load)
        del self.env[hidden]
        if isinstance(new, Value) and new.hint == hidden:
            new.hint = name
        return new

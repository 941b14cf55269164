"""Operators on objects to SSA: they are calls of methods with special names.

In: an operator, `len`, a subscript or a comparison with an object as an operand. Out:
what the method of its class returns.

    v + 2.0 * w      ->      v.__add__(w.__rmul__(2.0))
"""

from __future__ import annotations

import inspect
import types

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.expr import is_call_of
from s2s.ssa.instances import InstanceBuilder
from s2s.ssa.ir import Value
from s2s.ssa.objects import is_generated

OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "pow": "pow",
    "matmul": "matmul", "mod": "mod", "floordiv": "floordiv",
}  # fmt: skip
COMPARISONS = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
UNARY = {gast.USub: "__neg__", gast.UAdd: "__pos__", gast.Invert: "__invert__"}


class SpecialMethodBuilder(InstanceBuilder):
    """Evaluates operators on objects."""

    def special(self, item: Bound, name: str) -> types.FunctionType | None:
        """The method of an object that an operator calls."""
        if not isinstance(item, Seq) or item.cls is None:
            return None
        found = inspect.getattr_static(item.cls, name, None)
        return found if isinstance(found, types.FunctionType) else None

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        name = OPERATORS.get(kind, "")
        if (method := self.special(left, f"__{name}__")) is not None:
            return self.call_method(node, method, name, left, [right])  # type: ignore[arg-type]
        if (method := self.special(right, f"__r{name}__")) is not None:
            return self.call_method(node, method, name, right, [left])  # type: ignore[arg-type]
        for item in (left, right):
            if isinstance(item, Seq) and item.kind == "object":
                cls = item.cls.__name__ if item.cls else ""
                self.refuse(node, f"`{cls}` has no method for this operator")
        return super().binary(node, kind, left, right)

    def augmented(
        self, node: gast.AugAssign, kind: str, old: Bound, other: Bound
    ) -> Bound:
        if self.special(old, f"__i{OPERATORS.get(kind, '')}__") is not None:
            self.refuse(node, "operators that change an object are not supported yet")
        return super().augmented(node, kind, old, other)

    def augment_name(self, node: gast.AugAssign) -> None:
        old = self.env.get(node.target.id)
        if not isinstance(old, Seq) or old.kind not in ("object", "dict"):
            if not (isinstance(old, Seq) and old.cls is not None):
                super().augment_name(node)
                return
        load = gast.Name(node.target.id, gast.Load(), None, None)
        left = self.expr(gast.copy_location(load, node.target))
        kind = self.rules.OPERATORS[type(node.op)]
        if old.kind == "dict":
            more = self.entries(node.value, self.expr(node.value))
            if kind != "or_" or not isinstance(left, Seq):
                self.refuse(node, "this operator on dicts is not supported")
            self.replace_all(node, left, self.entries(node, left) | more)
            return
        other = self.expr(node.value)
        self.assign(node.target, self.augmented(node, kind, left, other))

    def _UnaryOp(self, node: gast.UnaryOp) -> Value:
        if type(node.op) in UNARY:
            item = self.expr(node.operand)
            method = self.special(item, UNARY[type(node.op)])
            if isinstance(item, Seq) and method is not None:
                name = UNARY[type(node.op)]
                return self.call_method(node, method, name, item)  # type: ignore[return-value]
            if isinstance(item, Seq) and item.kind in ("object", "dict"):
                self.refuse(node, f"a {item.kind} has no such operator")
        return super()._UnaryOp(node)

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        name = COMPARISONS.get(kind, "")
        if name and (method := self.special(left, f"__{kind}__")) is not None:
            if not is_generated(getattr(left, "cls", None), method):
                out = self.call_method(node, method, kind, left, [right])  # type: ignore[arg-type]
                return self.pack(out)
        return super().comparison(node, kind, left, right)

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind != "object":
            return super()._static_item(node, base, index)
        method = self.special(base, "__getitem__")
        if method is None:
            cls = base.cls.__name__ if base.cls else ""
            self.refuse(node, f"a `{cls}` has no items")
        return self.call_method(node, method, "__getitem__", base, [self.expr(index)])

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        if isinstance(item, Seq) and item.kind == "object":
            cls = item.cls.__name__ if item.cls else ""
            self.refuse(node, f"iteration over a `{cls}` is not supported yet",
                        "run over one of its attributes")  # fmt: skip
        return super().iterated(node, item)

    def _call_len(self, node: gast.Call) -> Value:
        if not is_call_of(node.args[0], "range"):
            with self.looking(node.args[0]) as item:
                if not isinstance(item, Seq) or item.kind != "object":
                    return super()._call_len(node)
            found = self.special(item, "__len__")
            if found is None:
                self.refuse(node, "this object has no length")
            return self.pack(self.call_method(node, found, "__len__", item))
        return super()._call_len(node)

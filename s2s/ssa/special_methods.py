"""Operators on objects to SSA: they are calls of methods with special names.

In: an operator, a comparison or a test with an object as an operand. Out: what the
method of its class returns, in the order in which Python asks.

    v + 2.0 * w      ->      v.__add__(w.__rmul__(2.0))
"""

from __future__ import annotations

import inspect
import types

import gast

from s2s.errors import UnsupportedError, a
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.copying import CopyBuilder
from s2s.ssa.ir import Value
from s2s.ssa.objects import is_generated
from s2s.ssa.types import ANY, Array, Scalar, Tuple, bound

COMPARISONS = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
UNARY = {gast.USub: "__neg__", gast.UAdd: "__pos__", gast.Invert: "__invert__"}


class SpecialMethodBuilder(CopyBuilder):
    """Evaluates operators on objects."""

    def special(self, item: Bound, name: str) -> types.FunctionType | None:
        """The method of an object that an operator calls."""
        if not isinstance(item, Seq) or item.cls is None:
            return None
        found = inspect.getattr_static(item.cls, name, None)
        if isinstance(found, types.FunctionType):
            return found
        if not isinstance(found, types.NoneType | types.WrapperDescriptorType):
            raise UnsupportedError(
                f"`{name}` of a `{item.cls.__name__}` is no plain function",
                self.origin,
                "write it with `def`",
            )
        return None  # that of `object` or `tuple`

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        name = kind.strip("_")  # of `and_` too
        mine, theirs = (left, f"__{name}__", right), (right, f"__r{name}__", left)
        tries = [theirs, mine] if is_below(right, left, theirs[1]) else [mine, theirs]
        if class_of(left) is class_of(right):  # Python asks no second time
            tries = [mine]
        self.check_deferred(node, left, right)
        for item, method, other in tries:
            out = self.operated(node, item, method, other)
            if out is not None:
                return out
        for item in (left, right):
            if isinstance(item, Seq) and item.kind == "object":
                cls = item.cls.__name__ if item.cls else ""
                self.refuse(node, f"`{cls}` has no method for this operator")
        return super().binary(node, kind, left, right)

    def check_deferred(self, node: gast.AST, left: Bound, right: Bound) -> None:
        """Refuse that NumPy asks an object for each element of an array, or number."""
        of = bound(left.type) if isinstance(left, Value) else None
        cls = class_of(right)
        if cls is None or not isinstance(of, Array):
            return
        items = all(hasattr(cls, name) for name in ("__len__", "__getitem__"))
        if of.rank == 0 and not items:  # else NumPy makes an array of them
            return
        if inspect.getattr_static(cls, "__array_ufunc__", ()) is not None:
            self.refuse(
                node, f"NumPy asks a `{cls.__name__}` for each element of the array",
                f"set `__array_ufunc__ = None` in `{cls.__name__}`",
            )  # fmt: skip

    def operated(
        self, node: gast.AST, item: Bound, name: str, other: Bound
    ) -> Bound | None:
        """What an operator's method gives, None for nothing or `NotImplemented`."""
        method = self.special(item, name)
        if method is None or not isinstance(item, Seq):
            return None
        out = self.call_method(node, method, name.strip("_"), item, [other])
        return out if getattr(out, "const", None) is not NotImplemented else None

    def augmented(
        self, node: gast.AugAssign, kind: str, old: Bound, other: Bound
    ) -> Bound:
        name = f"__i{kind.strip('_')}__"
        out = self.operated(node, old, name, other)
        return super().augmented(node, kind, old, other) if out is None else out

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

    def unary(self, node: gast.UnaryOp, item: Bound) -> Bound:
        if type(node.op) in UNARY and isinstance(item, Seq):
            name = UNARY[type(node.op)]
            if (method := self.special(item, name)) is not None:
                return self.call_method(node, method, name, item)
            if item.kind in ("object", "dict"):
                self.refuse(node, f"{a(item.kind)} has no such operator")
        return super().unary(node, item)

    def as_tested(self, node: gast.AST, item: Bound) -> Bound:
        """The truth of an object: `__bool__` and `__len__` tell, else it is true."""
        if not isinstance(item, Seq) or item.cls is None:
            return super().as_tested(node, item)
        if (method := self.special(item, "__bool__")) is not None:
            holds = self.pack(self.call_method(node, method, "__bool__", item))
            if not isinstance(holds.type, Scalar) or holds.type.kind != "bool":
                advice = "return `bool(...)` of it"
                self.refuse(node, "`__bool__` returns what is no bool here", advice)
            return holds
        if (method := self.special(item, "__len__")) is not None:
            n = self.pack(self.call_method(node, method, "__len__", item))
            if n.is_const:
                return self.const(bool(n.const))
            return self.emit("ne", [n, self.const(0)])
        return self.const(bool(item.items) if item.kind == "tuple" else True)

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        if kind in COMPARISONS and self.compare_objects(kind, left, right):
            return self.compared_by_method(node, kind, left, right)
        holds = self.special(right, "__contains__")
        if kind in ("in", "not_in") and holds is not None and isinstance(right, Seq):
            out = self.call_method(node, holds, "__contains__", right, [left])
            found = self.as_bool(node, out)
            return self.negated(found) if kind == "not_in" else found
        return super().comparison(node, kind, left, right)

    def compare_objects(self, kind: str, left: Bound, right: Bound) -> bool:
        """Whether methods compare these, which `dataclasses` has not written."""
        kinds = {kind, COMPARISONS[kind], "eq" if kind == "ne" else kind}
        found = [
            (item, method) for item in (left, right) for k in kinds
            if (method := self.special(item, f"__{k}__")) is not None
        ]  # fmt: skip
        own = [is_generated(class_of(item), method) for item, method in found]
        return bool(found) and not any(own)

    def compared_by_method(
        self, node: gast.AST, kind: str, left: Bound, right: Bound
    ) -> Value:
        """The method of either, which Python asks in turn."""
        self.check_deferred(node, left, right)
        tries = [(left, kind, right), (right, COMPARISONS[kind], left)]
        for item, name, other in tries[::-1] if is_below(right, left) else tries:
            inherited = name == "ne" and self.special(item, "__ne__") is None
            method = "__eq__" if inherited else f"__{name}__"
            out = self.operated(node, item, method, other)
            if out is not None:
                return (
                    self.negated(self.as_bool(node, out))
                    if inherited
                    else self.pack(out)
                )
        if kind not in ("eq", "ne"):
            self.refuse(node, "no method compares these")
        if isinstance(left, Seq) and isinstance(right, Seq):
            same = "is" if kind == "eq" else "is_not"
            return super().comparison(node, same, left, right)
        others = (bound(i.type) for i in (left, right) if isinstance(i, Value))
        if any(isinstance(of, Tuple) or of == ANY for of in others):
            self.refuse(node, "whether these are one object is not known here")
        return self.const(kind == "ne")

    def as_bool(self, node: gast.AST, item: Bound) -> Value:
        """What `bool(item)` gives."""
        value = self.pack(self.as_tested(node, item))
        of = bound(value.type)
        if value.is_const:
            return self.const(bool(value.const))
        if isinstance(of, Array) and not of.rank and not of.loose:
            return self.emit("bool", [value])
        if not isinstance(of, Scalar):
            self.refuse(node, "a method returns what is no bool here")
        return value if of.kind == "bool" else self.emit("ne", [value, self.const(0)])

    def negated(self, value: Value) -> Value:
        if value.is_const:
            return self.const(not value.const)
        return self.emit("not", [value])

    def _call_abs(self, node: gast.Call) -> Bound:
        item = self.expr(node.args[0])
        method = self.special(item, "__abs__")
        if method is not None and isinstance(item, Seq):
            return self.call_method(node, method, "__abs__", item)
        return self.apply(node, self.rules["abs"], [item], abs)


def class_of(item: Bound) -> type | None:
    """The class of an object of the user's."""
    return item.cls if isinstance(item, Seq) else None


def is_below(item: Bound, other: Bound, name: str = "") -> bool:
    """Whether a class is derived from the other, and has a method of its own."""
    cls, base = class_of(item), class_of(other)
    if cls is None or base is None or cls is base or not issubclass(cls, base):
        return False
    methods = (inspect.getattr_static(c, name, None) for c in (cls, base))
    return not name or len({*methods}) > 1

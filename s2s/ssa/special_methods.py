"""Operators on objects to SSA: they are calls of methods with special names.

In: an operator, `len`, a subscript or a comparison with an object as an operand. Out:
what the method of its class returns.

    v + 2.0 * w      ->      v.__add__(w.__rmul__(2.0))
"""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Sequence

import gast

from s2s.errors import UnsupportedError, a
from s2s.parse.names_live import names_read
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.copying import CopyBuilder
from s2s.ssa.expr import is_call_of
from s2s.ssa.ir import Value
from s2s.ssa.keyed_reads import is_keyed
from s2s.ssa.memory import Cell
from s2s.ssa.objects import is_generated
from s2s.ssa.types import ANY, Array, Scalar, Tuple, bound

OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "pow": "pow",
    "matmul": "matmul", "mod": "mod", "floordiv": "floordiv",
}  # fmt: skip
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
        name = OPERATORS.get(kind, "")
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
        """Refuse that NumPy asks an object for each element of an array."""
        of = bound(left.type) if isinstance(left, Value) else None
        cls = class_of(right)
        if cls is None or not isinstance(of, Array) or of.rank == 0:
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
        name = f"__i{OPERATORS.get(kind, '')}__"
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
        if not isinstance(of, Scalar):
            self.refuse(node, "a method returns what is no bool here")
        return value if of.kind == "bool" else self.emit("ne", [value, self.const(0)])

    def negated(self, value: Value) -> Value:
        if value.is_const:
            return self.const(not value.const)
        return self.emit("not", [value])

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind != "object":
            return super()._static_item(node, base, index)
        method = self.special(base, "__getitem__")
        if method is None:
            cls = base.cls.__name__ if base.cls else ""
            self.refuse(node, f"a `{cls}` has no items")
        return self.call_method(node, method, "__getitem__", base, [self.expr(index)])

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        if isinstance(item, Value) and isinstance(item.const, set | frozenset):
            self.refuse(node, "the order of a set is not known here", "use a tuple")
        if isinstance(item, Value) and isinstance(item.const, enum.EnumType):
            members: list[enum.Enum] = list(item.const)
            parts = [self.const(m, f"{item.spelling}.{m.name}") for m in members]
            return Seq("tuple", tuple(parts))
        if isinstance(item, Value) and isinstance(item.const, str):
            return Seq("tuple", tuple(map(self.const, item.const)))
        if not isinstance(item, Seq) or item.kind != "object":
            return super().iterated(node, item)
        method = self.special(item, "__iter__")
        if method is not None:
            self.consumed.add(node)
            out = self.call_method(node, method, "__iter__", item)
            return self.iterated(node, out)
        if self.special(item, "__getitem__") is None:
            cls = item.cls.__name__ if item.cls else ""
            advice = "run over one of its attributes"
            self.refuse(node, f"a `{cls}` has no items to run over here", advice)
        shown: Bound = item
        for name in self.path_of_items(node, item):
            if not isinstance(shown, Seq) or shown.cls is None:
                self.refuse(node, f"`{name}` of this object is not known here")
            shown = self.attribute_of(node, shown, name)
        if is_keyed(shown) or (isinstance(shown, Seq) and shown.kind == "dict"):
            self.refuse(node, "this runs over a dict by position")
        return self.iterated(node, shown)

    def path_of_items(self, node: gast.AST, item: Seq) -> Sequence[str]:
        """The attribute that an object shows the items of, as the text tells.

        Python asks for items until there is an IndexError, whatever the length is.
        """
        bodies = []
        for name in ("__len__", "__getitem__"):
            method = self.special(item, name)
            if method is not None:
                unit = self.definition(method, name, node).unit
                self.called[unit] = None
                tree = unit.parsed.tree
                bodies.append((tree.args.args, returned(tree)))
        match bodies:
            case [
                ([me], gast.Call(func=gast.Name(id="len"), args=[whole])),
                ([own, k], gast.Subscript(value=base, slice=gast.Name(id=index))),
            ] if k.id == index:
                path = attributes(base, own.id)
                if path and path == attributes(whole, me.id):
                    return path
        cls = item.cls.__name__ if item.cls else ""
        self.refuse(
            node, f"where the items of a `{cls}` end is not known here",
            "define `__iter__`, or return `len(self.xs)` and `self.xs[k]` of one list",
        )  # fmt: skip

    def read_lazily(self, node: gast.For) -> set[Cell | Made]:
        """An object that is asked for one item after the other must not change, too."""
        found = super().read_lazily(node)
        todo = [self.env[n] for n in names_read(node.iter) if n in self.env]
        while todo:
            item = todo.pop()
            if isinstance(item, Seq):
                todo += item.items
                if item.kind == "object" and not hasattr(item.cls, "__iter__"):
                    if self.special(item, "__getitem__") is not None:
                        found |= self.parts_of(item)
        return found

    def _call_iter(self, node: gast.Call) -> Bound:
        """What `__iter__` returns is run over at once."""
        if self.scope.parsed.name != "__iter__" or len(node.args) != 1:
            self.refuse(
                node, "`iter` is supported in `__iter__` and `next(iter(xs))` only",
                "count the position: `v = xs[k]`, `k += 1`",
            )  # fmt: skip
        return self.iterated(node, self.items_in(node.args[0]))

    def _call_abs(self, node: gast.Call) -> Bound:
        item = self.expr(node.args[0])
        method = self.special(item, "__abs__")
        if method is not None and isinstance(item, Seq):
            return self.call_method(node, method, "__abs__", item)
        return self.apply(node, self.rules["abs"], [item], abs)

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


def returned(tree: gast.FunctionDef) -> gast.expr | None:
    """What a function returns that does nothing else."""
    match [s for s in tree.body if not is_docstring(s)]:
        case [gast.Return(value=value)]:
            return value
    return None


def is_docstring(node: gast.stmt) -> bool:
    return isinstance(node, gast.Expr) and isinstance(node.value, gast.Constant)


def attributes(node: gast.AST, me: str) -> tuple[str, ...]:
    """The path of `self.a.b`; empty for anything else.

    >>> attributes(gast.parse("me.a.b", mode="eval").body, "me")
    ('a', 'b')
    """
    path: list[str] = []
    while isinstance(node, gast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    return tuple(path) if isinstance(node, gast.Name) and node.id == me else ()

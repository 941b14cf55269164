"""Objects of the user's classes to SSA: what they are made of is known one by one.

In: attributes that are read and assigned, methods and properties that are called. Out:
a `Seq` whose items have the names of the attributes; methods are functions, called with
the object as their first argument.

    class Linear:                          Linear(w, b)(x)
        def __call__(self, x):      ->
            return x @ self.w + self.b     x @ w + b
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Sequence
from itertools import count
from typing import Any

import gast

from s2s.parse.nonlocals import Holder, Variable
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.chosen import ChosenBuilder
from s2s.ssa.dicts import VIEWS
from s2s.ssa.expr import is_call_of
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Partial
from s2s.ssa.stores import PARTS, PARTS_ARE_READ

# classes with these do not keep their attributes as others do
UNUSUAL = "__getattr__", "__getattribute__", "__setattr__", "__new__"
_serial = count()


class ObjectBuilder(ChosenBuilder):
    """Evaluates attributes and methods of objects."""

    # attributes -----------------------------------------------------------

    def _Attribute(self, node: gast.Attribute) -> Bound:
        with self.looking(node.value) as base:
            if isinstance(base, Seq) and base.cls is not None:
                return self.attribute_of(node, base, node.attr)
            return super()._Attribute(node)

    def attribute_of(self, node: gast.AST, base: Seq, name: str) -> Bound:
        """What an object has under a name, or its class."""
        k = base.at(name)
        found = inspect.getattr_static(base.cls, name, None)
        if isinstance(found, property):
            return self.call_method(node, found.fget, name, base)
        self.check_plain(node, name, found)
        if k is not None:
            if found is not None or self.attempts:
                self.check_there(node, base, name)
            return self.part_of_object(node, base.items[k])
        match found:
            case None:
                cls = base.cls.__name__  # type: ignore[union-attr]
                self.refuse(node, f"this `{cls}` has no attribute `{name}` here")
            case types.FunctionType() | classmethod() | staticmethod():
                function, first = self.method(node, base, name, found)
                for item in first:
                    self.keep(item)
                return self.const(Partial(function, tuple(first), {}), name)
        path = f"{self.class_name(base.cls)}.{name}"  # type: ignore[arg-type]
        return self.outer(path, getattr(base.cls, name), node)

    def check_plain(self, node: gast.AST, name: str, found: object) -> None:
        """Refuse an attribute that Python code gives: a descriptor of another kind."""
        cls = type(found)
        if isinstance(getattr(cls, "__get__", None), types.FunctionType):
            what = f"`{name}` is a `{cls.__name__}`, which is not supported"
            self.refuse(node, what, "use `@property`")

    def method(
        self, node: gast.AST, base: Seq, name: str, found: Any
    ) -> tuple[Value, list[Bound]]:
        """The function that a method is, and its first argument."""
        cls = self.const(base.cls, base.maker)
        first: list[Bound] = [base]
        if isinstance(found, staticmethod):
            found, first = found.__func__, []
        elif isinstance(found, classmethod):
            found, first = found.__func__, [cls]
        return self.const(found, f"{base.maker}.{name}"), first

    def call_method(
        self,
        node: gast.AST,
        found: Any,
        name: str,
        base: Seq,
        args: Sequence[Bound] = (),
        keywords: dict[str, Bound] | None = None,
    ) -> Bound:
        function, first = self.method(node, base, name, found)
        if not self.has_source(function.const):
            self.refuse(node, f"`{name}` of this object has no source")
        return self.call_user(node, function, [*first, *args], keywords or {})

    def assign_attribute(self, node: gast.Attribute, item: Bound) -> None:
        base = self.object_of(node)
        found = inspect.getattr_static(base.cls, node.attr, None)
        if isinstance(found, property):
            if found.fset is None:
                self.refuse(node, f"the property `{node.attr}` has no setter")
            self.call_method(node, found.fset, node.attr, base, [item])
            return
        self.check_plain(node, node.attr, found)
        self.check_changes(node, base)
        if isinstance(item, Value) and item.role == "temp" and item.hint == "t":
            item.hint = node.attr
        self.set_entry(node, base, node.attr, item)

    def object_of(self, node: gast.Attribute) -> Seq:
        """What the attribute is of, which is assigned."""
        base = self.expr(node.value)
        if isinstance(base, Seq) and base.cls is not None:
            return base
        if isinstance(base, Value) and node.attr in PARTS:
            self.refuse(node, *PARTS_ARE_READ)
        self.refuse(
            node,
            "an attribute is assigned of what is not an object known here",
            "assign to a local name and return it",
        )

    def check_changes(self, node: gast.AST, base: Seq) -> None:
        assert base.cls is not None
        parameters = getattr(base.cls, "__dataclass_params__", None)
        if base.kind == "tuple" or (parameters and parameters.frozen):
            advice = "make another one, e.g. with `dataclasses.replace`"
            self.refuse(node, f"`{base.cls.__name__}` objects do not change", advice)
        self.check_usual(node, base.cls)

    def augment_attribute(self, node: gast.AugAssign) -> None:
        assert isinstance(node.target, gast.Attribute)
        base = self.object_of(node.target)
        name = node.target.attr
        k = base.at(name)
        if k is None:
            self.refuse(node, f"`{name}` is no attribute that is known here")
        self.check_changes(node, base)
        self.augment_known(node, base, k)

    # calls ----------------------------------------------------------------

    def _call_super(self, node: gast.Call) -> Bound:
        self.refuse(node, "`super()` is supported in calls of methods only")

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if not isinstance(base, Seq) or base.cls is None:
            return super()._method_call(node, base, name)
        args, keywords = self.given_arguments(node)
        k = base.at(name)
        if k is not None:
            item = base.items[k]
            if isinstance(item, Seq) and item.cls is not None:
                return self.call_object(node, item, args, keywords)
            function = self.known_function(node, item, "called")
            return self.call_with(node, function, args, keywords)
        found = inspect.getattr_static(base.cls, name, None)
        if name == "_asdict" and base.kind == "tuple":
            return self.a_dict(dict(zip(base.names, base.items, strict=True)))
        if isinstance(found, types.FunctionType | classmethod | staticmethod):
            return self.call_method(node, found, name, base, args, keywords)
        if isinstance(found, property):
            item = self.call_method(node, found.fget, name, base)
            if isinstance(item, Seq):
                return self.call_object(node, item, args, keywords)
            return self.call_with(node, item, args, keywords)
        self.check_plain(node, name, found)
        if base.cls is not None and found is not None and callable(found):
            path = f"{self.class_name(base.cls)}.{name}"
            return self.call_with(node, self.static(path, found), args, keywords)
        self.refuse(node, f"this `{base.cls.__name__}` has no method `{name}` here")

    def call_object(
        self,
        node: gast.AST,
        base: Seq,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """A call of an object."""
        found = inspect.getattr_static(base.cls, "__call__", None)
        if base.cls is None or not isinstance(found, types.FunctionType):
            what = base.cls.__name__ if base.cls else base.kind
            self.refuse(node, f"a `{what}` cannot be called")
        return self.call_method(node, found, "__call__", base, args, keywords)

    def _Call(self, node: gast.Call) -> Bound:
        if any(k.arg is None for k in node.keywords):
            return self.with_entries(node)
        func = node.func
        if isinstance(func, gast.Attribute) and is_super(func.value):
            return self.call_of_base(node, func.attr)
        if isinstance(func, gast.Attribute) and func.attr in VIEWS:
            if (entries := self.attributes_of(func.value)) is not None:
                return self._method_call(node, entries, func.attr)
        if isinstance(func, gast.Attribute):
            return super()._Call(node)
        with self.looking(func) as callee:
            if not isinstance(callee, Seq) or callee.cls is None:
                return super()._Call(node)
        args, keywords = self.given_arguments(node)
        return self.call_object(node, callee, args, keywords)

    def with_entries(self, node: gast.Call) -> Bound:
        """`f(**d)`: the entries of the dict are keywords."""
        keywords, names = [], []
        for keyword in node.keywords:
            if keyword.arg is not None:
                keywords.append(keyword)
                continue
            given = self.entries(keyword.value, self.expr(keyword.value))
            for key, item in given.items():
                names.append(f"<{next(_serial)}> {key}")
                self.env[names[-1]] = item
                name = gast.Name(names[-1], gast.Load(), None, None)
                value = gast.copy_location(name, keyword.value)
                keywords.append(gast.keyword(str(key), value))
        if len({k.arg for k in keywords}) < len(keywords):
            self.refuse(node, "an argument is given twice")
        made = gast.copy_location(gast.Call(node.func, node.args, keywords), node)
        try:
            return self.expr(made)
        finally:
            for name in names:
                self.env.pop(name, None)

    def call_of_base(self, node: gast.Call, name: str) -> Bound:
        """`super().name(...)`."""
        cell = self.scope.parsed.closure.get("__class__")
        parameters = self.scope.parsed.tree.args.args
        me = self.env.get(parameters[0].id) if parameters else None
        if cell is None or not isinstance(me, Seq) or me.cls is None:
            self.refuse(node, "`super()` is supported in methods of objects only")
        mro = me.cls.__mro__
        for cls in mro[mro.index(cell.cell_contents) + 1 :]:
            found = vars(cls).get(name)
            if isinstance(found, types.FunctionType):
                args, keywords = self.given_arguments(node)
                function = self.const(found, f"{cls.__name__}.{name}")
                return self.call_user(node, function, [me, *args], keywords)
            if cls is object and name == "__init__":
                return self.const(None)
        self.refuse(node, f"no class above has a method `{name}` with source")

    # classes --------------------------------------------------------------

    def class_name(self, cls: type) -> str:
        return self.external(cls, cls.__name__)

    def _Variable(self, node: Variable) -> Bound:
        """What has a variable that functions inside assign to."""
        return self.an_object(Holder, {}, "Holder")

    def an_object(self, cls: type, items: dict[Any, Bound], maker: str = "") -> Seq:
        maker = maker or self.class_name(cls)
        names, values = tuple(items), tuple(items.values())
        if is_named(cls):
            return Seq("tuple", values, None, names, cls, maker)
        return Seq("object", values, Made(None, self.region), names, cls, maker)

    def check_usual(self, node: gast.AST, cls: type) -> None:
        for base in cls.__mro__[:-1]:
            for name in UNUSUAL:
                if name in vars(base) and not is_generated(base, vars(base)[name]):
                    self.refuse(
                        node, f"classes with `{name}` (`{base.__name__}`) are not "
                        "supported yet", "use a tuple or a dict",
                    )  # fmt: skip


def is_named(cls: Any) -> bool:
    """Whether a class is a NamedTuple."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def is_generated(cls: Any, method: Any) -> bool:
    """Whether `dataclasses` wrote a method."""
    code = getattr(method, "__code__", None)
    return (
        dataclasses.is_dataclass(cls)
        and code is not None
        and code.co_filename == "<string>"
    )


def is_super(node: gast.AST) -> bool:
    return is_call_of(node, "super") and not node.args

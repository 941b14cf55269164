"""Objects of the user's classes to SSA: what they are made of is known one by one.

In: attributes that are read and assigned, methods, operators, calls of classes. Out: a
`Seq` whose items have the names of the attributes; methods are functions, called with
the object as their first argument.

    class Linear:                          Linear(w, b)(x)
        def __call__(self, x):      ->
            return x @ self.w + self.b     x @ w + b
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Hashable, Sequence
from itertools import count
from typing import Any

import gast

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.dicts import DictBuilder
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Partial
from s2s.structure import is_record, new_object

OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "pow": "pow",
    "matmul": "matmul", "mod": "mod", "floordiv": "floordiv",
}  # fmt: skip
COMPARISONS = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
UNARY = {gast.USub: "__neg__", gast.UAdd: "__pos__", gast.Invert: "__invert__"}
# classes with these do not keep their attributes as others do
UNUSUAL = "__getattr__", "__getattribute__", "__setattr__", "__new__"
_serial = count()


class ObjectBuilder(DictBuilder):
    """Evaluates attributes, methods and operators of objects, and calls of classes."""

    # attributes -----------------------------------------------------------

    def _Attribute(self, node: gast.Attribute) -> Bound:
        base = self.expr(node.value)
        if isinstance(base, Seq) and base.cls is not None:
            return self.attribute_of(node, base, node.attr)
        return super()._Attribute(node)

    def attribute_of(self, node: gast.AST, base: Seq, name: str) -> Bound:
        """What an object has under a name, or its class."""
        k = base.at(name)
        found = inspect.getattr_static(base.cls, name, None)
        if isinstance(found, property):
            return self.call_method(node, found.fget, name, base)
        if k is not None:
            return base.items[k]
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
        base = self.expr(node.value)
        if not isinstance(base, Seq) or base.cls is None:
            self.refuse(
                node, "an attribute is assigned of what is not an object known here",
                "assign to a local name and return it",
            )  # fmt: skip
        found = inspect.getattr_static(base.cls, node.attr, None)
        if isinstance(found, property):
            if found.fset is None:
                self.refuse(node, f"the property `{node.attr}` has no setter")
            self.call_method(node, found.fset, node.attr, base, [item])
            return
        self.check_changes(node, base)
        if isinstance(item, Value) and item.role == "temp" and item.hint == "t":
            item.hint = node.attr
        self.set_entry(node, base, node.attr, item)

    def check_changes(self, node: gast.AST, base: Seq) -> None:
        assert base.cls is not None
        parameters = getattr(base.cls, "__dataclass_params__", None)
        if base.kind == "tuple" or (parameters and parameters.frozen):
            advice = "make another one, e.g. with `dataclasses.replace`"
            self.refuse(node, f"`{base.cls.__name__}` objects do not change", advice)
        self.check_usual(node, base.cls)

    def augment_attribute(self, node: gast.AugAssign) -> None:
        assert isinstance(node.target, gast.Attribute)
        base = self.expr(node.target.value)
        name = node.target.attr
        k = base.at(name) if isinstance(base, Seq) and base.cls else None
        if k is None or not isinstance(base, Seq):
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
            if not isinstance(item, Value) or not item.is_const:
                self.refuse(node, "only functions known when compiling can be called")
            return self.call_with(node, item, args, keywords)
        found = inspect.getattr_static(base.cls, name, None)
        if name == "_replace" and base.kind == "tuple":
            return self.replaced(node, base, keywords)
        if name == "_asdict" and base.kind == "tuple":
            return self.a_dict(dict(zip(base.names, base.items, strict=True)))
        if isinstance(found, types.FunctionType | classmethod | staticmethod):
            return self.call_method(node, found, name, base, args, keywords)
        if isinstance(found, property):
            item = self.call_method(node, found.fget, name, base)
            if isinstance(item, Seq):
                return self.call_object(node, item, args, keywords)
            return self.call_with(node, item, args, keywords)
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
        if not isinstance(func, gast.Attribute):
            callee = self.expr(func)
            if isinstance(callee, Seq) and callee.cls is not None:
                args, keywords = self.given_arguments(node)
                return self.call_object(node, callee, args, keywords)
        return super()._Call(node)

    def with_entries(self, node: gast.Call) -> Bound:
        """`f(**d)`: the entries of the dict are keywords."""
        keywords, names = [], []
        for keyword in node.keywords:
            if keyword.arg is not None:
                keywords.append(keyword)
                continue
            given = self.entries(keyword.value, self.expr(keyword.value))
            for key, item in given.items():
                names.append(f"({next(_serial)})")
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

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if obj is new_object:
            (cls, *_), keywords = self.given_arguments(node)
            assert isinstance(cls, Value)
            return self.an_object(cls.const, keywords, str(cls.spelling))
        if obj is dataclasses.replace:
            (base, *_), keywords = self.given_arguments(node)
            if isinstance(base, Seq) and base.cls is not None:
                return self.replaced(node, base, keywords)
        if isinstance(obj, type) and (is_record(obj) or is_named(obj)):
            args, keywords = self.given_arguments(node)
            return self.constructed(node, obj, args, keywords, str(callee.spelling))
        return super().call(node, callee)

    def _call_type(self, node: gast.Call) -> Bound:
        (arg,) = self.items_given(node.args)
        if isinstance(arg, Seq) and arg.cls is not None:
            return self.const(arg.cls, arg.maker)
        self.refuse(node, "`type()` is supported for objects of your own classes only",
                    "use isinstance()")  # fmt: skip

    def _call_isinstance(self, node: gast.Call) -> Value:
        item, classes = self.expr(node.args[0]), self.value(node.args[1])
        if not isinstance(item, Seq) or not classes.is_const:
            return super()._call_isinstance(node)
        kinds = {"tuple": tuple, "list": list, "dict": dict}
        return self.const(issubclass(item.cls or kinds[item.kind], classes.const))

    def _call_len(self, node: gast.Call) -> Value:
        if not is_call_of(node.args[0], "range"):
            item = self.expr(node.args[0])
            if isinstance(item, Seq) and item.kind == "object":
                found = self.special(item, "__len__")
                if found is None:
                    self.refuse(node, "this object has no length")
                return self.pack(self.call_method(node, found, "__len__", item))
        return super()._call_len(node)

    def _call_getattr(self, node: gast.Call) -> Bound:
        base, name, *default = self.items_given(node.args)
        text = name.const if isinstance(name, Value) else None
        if not isinstance(base, Seq) or base.cls is None or not isinstance(text, str):
            self.refuse(node, "getattr() needs an object and a name that are known")
        if default and base.at(text) is None and not hasattr(base.cls, text):
            return default[0]
        return self.attribute_of(node, base, text)

    def _call_hasattr(self, node: gast.Call) -> Bound:
        base, name = self.items_given(node.args)
        text = name.const if isinstance(name, Value) else None
        if not isinstance(base, Seq) or base.cls is None or not isinstance(text, str):
            self.refuse(node, "hasattr() needs an object and a name that are known")
        return self.const(base.at(text) is not None or hasattr(base.cls, text))

    # making ---------------------------------------------------------------

    def class_name(self, cls: type) -> str:
        return self.external(cls, cls.__name__)

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

    def constructed(
        self,
        node: gast.AST,
        cls: type,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        maker: str,
    ) -> Bound:
        """A call of a class."""
        if not maker.startswith("type("):
            maker = self.external(cls, maker if maker.isidentifier() else cls.__name__)
        if is_named(cls):
            items = self.fields(node, cls, inspect.signature(cls), args, keywords)
            return self.an_object(cls, items, maker)
        init = inspect.getattr_static(cls, "__init__", None)
        generated = is_generated(cls, init)
        if not generated and not isinstance(init, types.FunctionType | type(None)):
            init = None
        self.check_usual(node, cls)
        if generated:
            given = self.of_dataclass(node, cls, args, keywords)
            init = inspect.getattr_static(cls, "__post_init__", None)
            args, keywords = (), {}
        else:
            given = {}
            if init is None and (args or keywords):
                self.refuse(node, f"`{cls.__name__}` takes no arguments")
        name = f"({next(_serial)})"
        self.env[name] = self.an_object(cls, given, maker)
        if init is not None:
            base = self.env[name]
            assert isinstance(base, Seq)
            self.call_method(node, init, "__init__", base, args, keywords)
        return self.env.pop(name)

    def fields(
        self,
        node: gast.AST,
        cls: type,
        signature: inspect.Signature,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> dict[str, Bound]:
        """What the parameters of a class are given, by the caller or by default."""
        try:
            given = signature.bind(*args, **keywords).arguments
        except TypeError as error:
            self.refuse(node, f"`{cls.__name__}`: {error}")
        path = f"{self.class_name(cls)}"
        return {
            name: given[name] if name in given
            else self.given(parameter.default, f"{path}.{name}", node)
            for name, parameter in signature.parameters.items()
        }  # fmt: skip

    def of_dataclass(
        self,
        node: gast.AST,
        cls: Any,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> dict[str, Bound]:
        """The fields that the `__init__` of a dataclass sets."""
        given: dict[str, Bound] = {}
        try:
            bound = inspect.signature(cls).bind(*args, **keywords).arguments
        except TypeError as error:
            self.refuse(node, f"`{cls.__name__}`: {error}")
        for field in dataclasses.fields(cls):
            if field.name in bound:
                given[field.name] = bound[field.name]
            elif field.default is not dataclasses.MISSING:
                path = f"{self.class_name(cls)}.{field.name}"
                given[field.name] = self.given(field.default, path, node)
            elif field.default_factory is not dataclasses.MISSING:
                given[field.name] = self.fresh_field(node, field.default_factory)
        return given

    def fresh_field(self, node: gast.AST, factory: Callable[[], Any]) -> Bound:
        if factory is list:
            empty = Seq("list", (), Made(node, self.region))
            return self.object(node, ()) if node in self.objects else empty
        if factory is dict:
            return self.a_dict({})
        if isinstance(factory, type):
            return self.constructed(node, factory, (), {}, "")
        return self.call_with(node, self.const(factory, "default_factory"), [], {})

    def replaced(self, node: gast.AST, base: Seq, changes: dict[str, Bound]) -> Bound:
        """The object with some of its fields replaced."""
        unknown = [name for name in changes if base.at(name) is None]
        if unknown:
            self.refuse(node, f"there is no field `{unknown[0]}`")
        items: dict[Hashable, Bound] = dict(zip(base.names, base.items, strict=True))
        assert base.cls is not None
        if hasattr(base.cls, "__post_init__"):
            given = {str(name): item for name, item in (items | changes).items()}
            return self.constructed(node, base.cls, (), given, base.maker)
        return self.an_object(base.cls, items | changes, base.maker)

    # operators ------------------------------------------------------------

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


def is_call_of(node: gast.AST, name: str) -> bool:
    """Whether an expression is a call of a function by that name."""
    func = getattr(node, "func", None)
    return isinstance(func, gast.Name) and func.id == name

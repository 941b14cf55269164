"""Calls of the user's classes to SSA: new objects, and what is asked of objects.

In: a call of a class, of `dataclasses.replace`, `type`, `getattr`. Out:
an object whose attributes are known: those that `__init__` assigns, or its fields.

    @dataclass
    class Layer:                      Layer(w)
        w: np.ndarray          ->
        rate: float = 0.1             w, 0.1
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import gast

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.ir import Value
from s2s.ssa.objects import ObjectBuilder, is_generated, is_named
from s2s.structure import is_record, new_object

_serial = count()


class InstanceBuilder(ObjectBuilder):
    """Evaluates calls that make objects, or ask for their class and attributes."""

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if isinstance(obj, enum.EnumType) and len(node.args) == 1:
            return self.member(node, callee)
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

    def member(self, node: gast.Call, callee: Value) -> Value:
        """The member of an Enum that has a value."""
        item = self.value(node.args[0])
        if not item.is_const:
            self.refuse(
                node, "the value of this Enum must be known when compiling",
                "pass the member as an argument",
            )  # fmt: skip
        try:
            found = callee.const(item.const)
        except ValueError as error:
            self.refuse(node, str(error))
        return self.const(found, f"{callee.spelling}.{found.name}")

    def _call_type(self, node: gast.Call) -> Bound:
        (arg,) = self.items_given(node.args)
        if isinstance(arg, Seq) and arg.cls is not None:
            return self.const(arg.cls, arg.maker)
        return super()._call_type(node)

    def _call_getattr(self, node: gast.Call) -> Bound:
        base, name, *default = self.items_given(node.args)
        text = name.const if isinstance(name, Value) else None
        if not isinstance(base, Seq) or base.cls is None or not isinstance(text, str):
            self.refuse(node, "getattr() needs an object and a name that are known")
        if default:
            self.check_there(node, base, text)
        if default and base.at(text) is None and not hasattr(base.cls, text):
            return default[0]
        return self.attribute_of(node, base, text)

    def _call_hasattr(self, node: gast.Call) -> Bound:
        base, name = self.items_given(node.args)
        text = name.const if isinstance(name, Value) else None
        if not isinstance(base, Seq) or base.cls is None or not isinstance(text, str):
            self.refuse(node, "hasattr() needs an object and a name that are known")
        self.check_there(node, base, text)
        return self.const(base.at(text) is not None or hasattr(base.cls, text))

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        named = isinstance(base, Seq) and base.kind == "tuple" and base.cls is not None
        if named and name == "_replace" and isinstance(base, Seq):
            return self.replaced(node, base, self.given_arguments(node)[1])
        return super()._method_call(node, base, name)

    # making ---------------------------------------------------------------

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
            self.check_usual_tuple(node, cls)
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
        name = f"<{next(_serial)}> self"  # no name of the user's
        self.env[name] = self.an_object(cls, given, maker)
        if init is not None:
            base = self.env[name]
            assert isinstance(base, Seq)
            self.call_method(node, init, "__init__", base, args, keywords)
        return self.env.pop(name)

    def check_usual_tuple(self, node: gast.AST, cls: type) -> None:
        """Refuse NamedTuples that are not run over as tuples are."""
        for name in ("__len__", "__iter__", "__getitem__", "__contains__", "__eq__"):
            if inspect.getattr_static(cls, name) is not vars(tuple).get(name):
                what = f"a NamedTuple with `{name}` (`{cls.__name__}`)"
                self.refuse(node, f"{what} is not supported", "make it a dataclass")

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
            return self.object(node, ()) if self.grows(node) else empty
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
        items: dict[str, Bound] = dict(
            zip(map(str, base.names), base.items, strict=True)
        )
        assert base.cls is not None
        if base.kind == "tuple":
            return self.an_object(base.cls, items | changes, base.maker)
        given = {}
        for field in dataclasses.fields(base.cls):
            if field.init:
                given[field.name] = changes.get(field.name, items[field.name])
            elif field.name in changes:
                self.refuse(
                    node, f"the field `{field.name}` is not given to `__init__`"
                )
        plain = is_generated(base.cls, inspect.getattr_static(base.cls, "__init__"))
        if (
            plain
            and not hasattr(base.cls, "__post_init__")
            and given.keys() == items.keys()
        ):
            return self.an_object(base.cls, dict(given), base.maker)
        return self.constructed(node, base.cls, (), given, base.maker)

"""Functions in lists: there a function is the tuple of what it holds.

In: a lambda, a closure or a `partial` that becomes an item of a list. Out: the values
that it has as defaults, as arguments, or from functions that have returned. Which
function it is, the type tells; so all items of a list are one function, each with
values of its own.

    fs = [lambda x, w=w: w * x for w in ws]        fs = [(w,) for w in ws]
    for f in fs:                             ->    for (w,) in fs:
        y = f(y)                                       y = w * y
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Any

import gast
import numpy as np

from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.calls import numpy_names
from s2s.ssa.ir import Value
from s2s.ssa.lists import is_named, item_type
from s2s.ssa.scopes import Closure, Partial, Scope, Transform, chain
from s2s.ssa.types import BOOL, Function, List, Static, Tuple, Type, bound
from s2s.ssa.user_calls import CallBuilder, signature_of

Part = Callable[[str, Bound], Bound]  # what becomes of something that a function holds


@dataclass(frozen=True)
class Code:
    """Which function it is, whatever it holds; `function` is one such."""

    key: Hashable
    function: Value = field(compare=False)


class FunctionItemBuilder(CallBuilder):
    """Puts functions into lists, and takes them out again."""

    def held_item(self, node: gast.AST, item: Bound) -> Value:
        if isinstance(item, Value) and callable_in(item):
            item = self.as_tuple(node, item)
        return super().held_item(node, self.as_tuples(node, item))

    def change_list(
        self, node: gast.AST, base: Value, kind: str, args: list[Value], **attrs: Any
    ) -> None:
        if (item := item_type(base.type)) is not None and kind != "removed":
            self.check_same(node, item, bound(args[-1].type))
        super().change_list(node, base, kind, args, **attrs)

    def met(self, types: Sequence[Type]) -> Type:
        for one, other in pairwise(map(item_type, types)):
            if one is not None and other is not None:
                self.check_same(self.at, one, other)
        return super().met(types)

    def check_same(self, node: gast.AST, one: Type, other: Type) -> None:
        """Refuse a list of different functions."""
        if isinstance(one, Function) and isinstance(other, Function):
            if not one.alike(other):
                self.write_out()
                self.refuse(
                    node, "this puts different functions into one list",
                    "make it one that is given what differs: `partial(f, k)`",
                )  # fmt: skip

    def dynamic_item(self, node: gast.AST, base: Seq, k: Value) -> Value:
        """One of several functions: of one code, whatever they hold."""
        items = [i for i in base.items if isinstance(i, Value) and callable_in(i)]
        if len(items) == len(base.items):
            base = base.of(self.as_tuple(node, item) for item in items)
        return super().dynamic_item(node, base, k)

    def refuse_missing(self, node: gast.AST, item: Bound) -> None:
        if any(is_made_here(v) or holds_functions(v.type) for v in flat(item)):
            self.refuse(
                node, "a part of what is returned is a function that is made here",
                "return what it holds",
            )  # fmt: skip

    def as_tuples(self, node: gast.AST, item: Bound) -> Bound:
        """An object in which what functions hold stands for these."""
        if isinstance(item, Seq):
            return item.of(self.as_tuples(node, i) for i in item.items)
        if is_made_here(item):
            return self.as_tuple(node, item)
        return self.by_its_name(item) if is_named(item.type) else item

    def by_its_name(self, item: Value) -> Value:
        """A function from outside, or a member of an Enum, as what it is."""
        obj = item.const
        if isinstance(obj, Enum):
            name = self.external(type(obj), type(obj).__name__)
            return self.const(obj, f"{name}.{obj.name}")
        name = getattr(obj, "__name__", type(obj).__name__.lower())
        if getattr(np, name, None) is obj:
            return self.const(obj, f"np.{name}")
        return self.const(obj, self.external(obj, name))

    def as_tuple(self, node: gast.AST, function: Value) -> Value:
        parts: list[Value] = []

        def put(name: str, item: Bound) -> Bound:
            parts.append(self.held_item(node, item))
            return item

        refitting = Refitting(self, put)
        refitting.function(function)
        code = Code(tuple(refitting.key), function)
        of = Function(tuple(bound(p.type) for p in parts), code=code)
        return self.emit("tuple", parts, ("xs",) * len(parts), type=of)

    def function_in(self, item: Bound) -> Bound:
        of = None if isinstance(item, Seq) else bound(item.type)
        if not isinstance(item, Value) or not isinstance(of, Function):
            return item
        return self.function_of(of, self.items(item))

    def function_of(self, of: Function, parts: Sequence[Value]) -> Value:
        """The function that holds these."""
        values = iter(parts)

        def take(name: str, _: Bound) -> Bound:
            value = next(values)
            self.named(value, name)
            return self.in_parts(value)

        return Refitting(self, take).function(of.code.function)

    def in_parts(self, value: Value) -> Bound:
        if isinstance(bound(value.type), Function):
            return self.function_in(value)
        return super().in_parts(value)


class Refitting:
    """One function made anew, of other values.

    `part` gives them: it is called for all that the function holds, always in the same
    order. `key` tells functions apart whatever they hold.
    """

    def __init__(self, builder: CallBuilder, part: Part) -> None:
        self.builder = builder
        self.part = part
        self.key: list[Hashable] = []
        self.closures: dict[Closure, Closure] = {}
        self.scopes: dict[Scope, Scope] = {}

    def function(self, function: Value) -> Value:
        obj: Any = function.const
        match obj:
            case Closure():
                obj = self.closure(obj)
            case Partial():
                self.key.append((len(obj.args), *obj.keywords))
                names = parameters_of(obj.function.const)
                names += ["arg"] * len(obj.args)
                args = zip(names, obj.args, strict=False)
                obj = Partial(
                    self.function(obj.function),
                    tuple(self.item(name, item) for name, item in args),
                    {name: self.item(name, i) for name, i in obj.keywords.items()},
                )
            case Transform():
                self.key.append((obj.mode, repr(obj.argnums), obj.has_aux))
                obj = replace(obj, function=self.function(obj.function))
            case _:
                self.key.append(id(obj))
                return function
        return self.builder.const(obj, function.spelling)

    def item(self, name: str, item: Bound) -> Bound:
        """Something that a function holds."""
        if isinstance(item, Value) and is_made_here(item):
            return self.function(item)
        values = flat(item)
        if not all(map(is_plain, values)):
            self.key.append(None)
            return self.part(name, item)
        self.key += [(type(v.const), repr(v.const)) for v in values]
        return item

    def closure(self, function: Closure) -> Closure:
        """A function, and what it reads of functions that have returned."""
        if function in self.closures:
            self.key.append(list(self.closures).index(function))
            return self.closures[function]
        self.key.append(function.unit)
        parameters = signature_of(function).parameters.values()
        pairs = [(p.name, p.default) for p in parameters if p.default is not p.empty]
        defaults = tuple(self.item(name, item) for name, item in pairs)
        made = replace(function, scope=self.scope(function.scope), defaults=defaults)
        self.closures[function] = made
        for name in function.reads:
            around = (s for s in chain(function.scope) if name in s.parsed.locals)
            scope = next(around, None)
            if scope in self.scopes and name not in self.scopes[scope].env:
                env, item = self.scopes[scope].env, scope.env.get(name)
                if item is not None:
                    env[name] = item  # it may be this function
                    env[name] = self.item(name, item)
        return made

    def scope(self, scope: Scope | None) -> Scope | None:
        """A scope: where its function has returned, one of the same names."""
        builder = self.builder
        here = scope in (builder.scope, *builder.callers)
        if scope is None or here or not isinstance(scope, Scope):
            self.key.append(scope)
            return scope
        if scope not in self.scopes:
            self.key.append(scope.unit)
            outer = self.scope(scope.outer)
            self.scopes[scope] = replace(scope, outer=outer, env={})
        return self.scopes[scope]


def is_plain(value: Value) -> bool:
    """Whether something that functions hold tells them apart: text, a flag."""
    flag = value.type == BOOL or isinstance(value.type, Static)
    return value.is_const and flag and not is_made_here(value)


def callable_in(value: Value) -> bool:
    """Whether a value is a function that is known."""
    return is_made_here(value) or (value.is_const and callable(value.const))


def holds_functions(of: Type) -> bool:
    """Whether there are functions in a value of this type."""
    of = bound(of)
    if isinstance(of, List):
        return holds_functions(of.item)
    parts = of.items if isinstance(of, Tuple) else ()
    return isinstance(of, Function) or any(map(holds_functions, parts))


def is_made_here(value: Value) -> bool:
    """Whether a function may hold values."""
    return isinstance(value.const, Closure | Partial | Transform)


def parameters_of(function: Any) -> list[str]:
    """The names of the parameters of a function, as far as they are known."""
    if isinstance(function, Closure):
        return list(signature_of(function).parameters)
    if isinstance(function, Partial):
        return parameters_of(function.function.const)[len(function.args) :]
    return numpy_names(function)

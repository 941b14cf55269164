"""Functions made inside a function, as functions of their own.

In: a function, with what it reads of the functions around it, and the arguments of a
call. Out: its text with all that it reads as parameters, and the arguments for these.
So it can be compiled by itself:

    def f(x):                             def g(y, x): ...
        def g(y):                  ->
            return x * y                  g(2.0)  is  g(2.0, x)

Functions that it reads may read what is around them; that becomes parameters, too.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from types import CellType
from typing import Any, NamedTuple

import gast

from s2s.parse.late import is_late
from s2s.parse.source import Parsed
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.custom import CustomBuilder
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Chosen, Closure, Partial, Scope, Transform, chain


class Lifted(NamedTuple):
    """A function that reads no other one's names; its arguments; its own parameters."""

    parsed: Parsed
    given: dict[str, Bound]
    own: tuple[str, ...]


class Closed(Closure):
    """A function that reads nothing around it, as it was lifted before."""


@dataclass(frozen=True)
class Lent:
    """The place of a scope for a function whose surroundings became parameters.

    `names` says what the parameter of the outermost function is called that has the
    value of a name.
    """

    names: tuple[tuple[str, str], ...]
    outer: None = None

    @property
    def parsed(self) -> Lent:
        return self

    @property
    def locals(self) -> frozenset[str]:
        return frozenset(dict(self.names))


class CaptureBuilder(CustomBuilder):
    """Makes functions ready to be compiled by themselves."""

    def lift(
        self,
        node: gast.AST,
        function: Closure,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Lifted:
        """The function with what it captures as parameters, and its arguments."""
        given = self.arguments_of(node, function, args, keywords)
        own = tuple(given)
        if isinstance(function, Closed):
            return Lifted(function.unit.parsed, given, own)
        parsed = function.unit.parsed
        for name in [n for n in function.reads if n not in own]:
            if is_late(name):
                self.refuse(
                    node, "a function that reads the variable of a comprehension "
                    "around it cannot be differentiated here",
                    "let a default hold its value: `lambda z, v=v: ...`",
                )  # fmt: skip
            item = self.captured(function, name)
            if isinstance(item, Value) and inspect.ismodule(item.const):
                # a parameter of this name would hide the module from the derivative
                cell = {name: CellType(item.const)}
                parsed = replace(parsed, closure=parsed.closure | cell)
            elif item is not None:
                given[name] = self.fresh_item(item)
        taken = {n.id for n in gast.walk(parsed.tree) if isinstance(n, gast.Name)}
        lending = Lending(self, node, given, taken.union(function.reads))
        for name in given:  # what both read is one parameter: either may change it
            for scope in chain(function.scope) if name not in own else ():
                if name in scope.parsed.locals:
                    lending.lent[scope, name] = name
                    break
        for name in list(given):
            given[name] = lending.item(given[name])
        tree = copy.copy(parsed.tree)
        params = [gast.Name(n, gast.Param(), None, None) for n in given]
        for param in params:
            gast.copy_location(param, tree)
        tree.args = gast.arguments(params, [], None, [], [], None, [])
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(n, kind) for n in given])
        if not tree.name.isidentifier():
            tree.name = "function"  # a lambda
        return Lifted(
            replace(parsed, name=tree.name, tree=tree, signature=signature), given, own
        )

    def captured(self, function: Closure, name: str) -> Bound | None:
        """What a name that a function reads stands for in those around it."""
        for scope in chain(function.scope):
            if name in scope.parsed.locals:
                node = gast.Name(name, gast.Load(), None, None)
                return self.local_of(scope, node)
        return None

    def local_of(self, scope: Scope, node: gast.Name) -> Bound | None:
        if not isinstance(scope, Lent):
            return super().local_of(scope, node)
        return self.env.get(self.key(scope, node.id))

    def key(self, scope: Scope, name: str) -> str:
        if not isinstance(scope, Lent):
            return super().key(scope, name)
        outermost = self.callers[0] if self.callers else self.scope
        return super().key(outermost, dict(scope.names)[name])


class Lending:
    """Adds what captured functions read to the arguments `given` of another one."""

    def __init__(
        self,
        builder: CaptureBuilder,
        node: gast.AST,
        given: dict[str, Bound],
        taken: set[str],
    ) -> None:
        self.builder = builder
        self.node = node
        self.given = given
        self.taken = taken
        self.lent: dict[Any, str] = {}  # by scope and name

    def item(self, item: Bound) -> Bound:
        """The object, any functions in it made ready."""
        if isinstance(item, Seq):
            return item.of(map(self.item, item.items))
        return self.ready(item)

    def ready(self, value: Value) -> Value:
        made = self.function(value.const)
        if made is value.const:
            return value
        return self.builder.const(made, value.spelling)

    def function(self, obj: Any) -> Any:
        if isinstance(obj, Transform):
            return replace(obj, function=self.ready(obj.function))
        if isinstance(obj, Chosen):
            self.constant(obj.cond)
        if isinstance(obj, Partial):
            self.constant(obj.args, *obj.keywords.values())
            return replace(obj, function=self.ready(obj.function))
        if not isinstance(obj, Closure) or obj.scope is None:
            return obj
        self.constant(obj.defaults)
        names = {
            name: self.parameter(scope, name)
            for name in obj.reads
            for scope in [next(self.where(obj, name), None)]
            if scope is not None
        }
        lent: Any = Lent(tuple(names.items()))
        return replace(obj, scope=lent)

    def where(self, function: Closure, name: str) -> Any:
        return (s for s in chain(function.scope) if name in s.parsed.locals)

    def parameter(self, scope: Any, name: str) -> str:
        """The parameter that has the value of a name in some scope."""
        if (scope, name) not in self.lent:
            found = self.builder.local_of(
                scope, gast.Name(name, gast.Load(), None, None)
            )
            if found is None:
                self.builder.refuse(
                    self.node, f"`{name}` is read before it is assigned"
                )
            module = isinstance(found, Value) and inspect.ismodule(found.const)
            names = (f"{name}{k}" if k > 1 else name for k in count(1 + module))
            made = next(n for n in names if n not in self.given and n not in self.taken)
            self.lent[scope, name] = made
            self.given[made] = found  # a function may read itself
            self.given[made] = self.item(self.builder.fresh_item(found))
        return self.lent[scope, name]

    def constant(self, *items: Any) -> None:
        for item in items:
            parts = item if isinstance(item, tuple) else (item,)
            if not all(v.is_const for part in parts for v in flat(part)):
                self.builder.refuse(
                    self.node,
                    "a function that holds values as defaults or in a `partial` is "
                    "read by one that is differentiated here",
                    "pass the values as arguments",
                )

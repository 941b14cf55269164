"""Calls of the user's own functions: the body is built where the call stands.

In: a call of a function that has source. Out: what it returns. The function has a scope
of its own; its arguments are what the caller has, so that it may change them in place.

    def g(y, a=2.0):
        return a * y
                                  y = x + 1.0
    z = g(x + 1.0)        ->      z = 2.0 * y
"""

from __future__ import annotations

import functools
import inspect
import operator
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import gast

from s2s.parse.nested import Nested
from s2s.parse.source import parse_code
from s2s.parse.unit import Unit, prepare
from s2s.ssa.bound import Bound, Ends, Made, Seq, held_back
from s2s.ssa.calls import numpy_names
from s2s.ssa.ir import Value
from s2s.ssa.memory import Cell
from s2s.ssa.outside import OutsideBuilder
from s2s.ssa.scopes import Closure, Partial, Scope, Transform
from s2s.ssa.types import Array, Function, List, Scalar, Tuple, Type, bound

if TYPE_CHECKING:
    from s2s.rules import Rules

P = inspect.Parameter
POSITIONAL = P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD
Units = dict[Any, Unit]  # by function, or by what was derived


class CallBuilder(OutsideBuilder):
    """Evaluates calls of functions that have source."""

    def __init__(
        self, unit: Unit, rules: Rules, objects: frozenset[gast.AST], units: Units
    ) -> None:
        super().__init__(unit, rules, objects)
        self.units = units
        self.collected: list[set[Cell | Made]] = []  # what generators have yielded
        self.called: dict[Unit, None] = {}  # in their order
        # calls that were made, and those in the text that they are the whole of
        self.stands_for: dict[gast.AST, gast.AST] = {}

    def _Nested(self, node: Nested) -> Value:
        """A function that is defined here."""
        defaults = tuple(self.expr(d) for d in node.defaults)
        for default in defaults:
            self.keep(default)
        reads = tuple(n.id for n in node.reads)
        unit = self.scope.unit.inside(node)
        return self.const(Closure(unit, self.scope, defaults, reads), unit.parsed.name)

    def _static_attribute(self, node: gast.Attribute, base: Value) -> Bound:
        if not isinstance(base.const, Closure | Partial | Transform):
            return super()._static_attribute(node, base)
        if isinstance(base.const, Closure) and node.attr == "__name__":
            return self.const(base.const.__name__)
        what = f"the attribute `{node.attr}` of a function that is made here"
        self.refuse(node, f"{what} is not supported")

    def yielded(self) -> Iterator[set[Cell | Made]]:
        yield from self.collected
        for scope in [*self.callers, self.scope]:
            if name := scope.unit.parsed.collects:
                items = self.env.get(self.key(scope, name))
                for item in items.items if isinstance(items, Seq) else ():
                    yield self.parts_of(item)

    def has_source(self, obj: Any) -> bool:
        return isinstance(obj, Closure | Partial) or super().has_source(obj)

    def count_wanted(self, obj: Any, keywords: set[str]) -> int | None:
        match obj:
            case Closure():
                parameters = signature_of(obj).parameters
            case types.FunctionType():
                parameters = inspect.signature(obj).parameters
            case _:
                return None
        rest = [p for n, p in parameters.items() if n not in keywords]
        if any(p.kind is p.VAR_POSITIONAL for p in rest):
            return None
        rest = [p for p in rest if p.kind in POSITIONAL]
        return None if any(p.default is not p.empty for p in rest) else len(rest)

    def call_user(
        self,
        node: gast.AST,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        obj, path = callee.const, callee.spelling or self.unnamed(callee.const)
        match obj:
            case Closure():
                return self.inlined(node, obj, args, keywords)
            case types.FunctionType():
                return self.inlined(
                    node, self.definition(obj, path, node), args, keywords
                )
            case Partial():
                args, keywords = [*obj.args, *args], obj.keywords | keywords
                return self.call_with(node, obj.function, args, keywords, whole=True)
            case functools.partial():
                names = zip_longest(numpy_names(obj.func)[: len(obj.args)], obj.args)
                first = [self.given(a, f"{path}.{n or 'arg'}", node) for n, a in names]
                more = {
                    k: self.given(a, f"{path}.{k}", node)
                    for k, a in obj.keywords.items()
                }
                function = self.static(f"{path}.func", obj.func)
                args, keywords = [*first, *args], more | keywords
                return self.call_with(node, function, args, keywords, whole=True)
            case types.MethodType():
                function = self.static(f"{path}.__func__", obj.__func__)
                owner = self.owner_of(path, obj)
            case _:
                function = self.static(f"{path}.__call__.__func__", type(obj).__call__)
                owner = self.static(path, obj)
        return self.call_user(node, function, [owner, *args], keywords)

    def unnamed(self, obj: Any) -> str:
        """The name of an object that came without one: out of a list, or a default."""
        if isinstance(obj, Closure | Partial | types.FunctionType):
            return ""  # it is not printed
        name = getattr(obj, "__name__", type(obj).__name__.lower())
        return self.source(id(obj), name, lambda: obj)

    def owner_of(self, path: str, method: types.MethodType) -> Value:
        """The object whose method it is, by the name that it has in the output."""
        whole, _, name = path.rpartition(".")
        named = name == method.__name__ and self.is_there(whole, method.__self__)
        return self.static(whole if named else f"{path}.__self__", method.__self__)

    def is_there(self, path: str, obj: Any) -> bool:
        """Whether an object from outside is what a path reads."""
        root, *rest = path.split(".")
        if root not in self.sources:
            return False
        found = self.sources[root]()
        return (operator.attrgetter(".".join(rest))(found) if rest else found) is obj

    def definition(self, fn: types.FunctionType, path: str, node: gast.AST) -> Closure:
        """A function of some module, its text prepared once for all calls."""
        if fn not in self.units:
            parsed, around = parse_code(fn), self.scope.parsed
            if fn.__globals__ is getattr(around.fn, "__globals__", None):
                # of one module: what is generated reads the globals of the primal
                parsed = replace(parsed, globals=around.globals)
            self.units[fn] = prepare(parsed)
        keywords = (fn.__kwdefaults__ or {}).values()
        defaults = [*(fn.__defaults__ or ()), *keywords]
        given = tuple(self.given(d, path, node) for d in defaults)
        return Closure(self.units[fn], None, given, ())

    def given(self, obj: Any, path: str, node: gast.AST) -> Bound:
        """An object that a function holds: a default, or an argument of a partial."""
        if isinstance(obj, tuple):
            return Seq("tuple", tuple(self.given(o, path, node) for o in obj))
        if isinstance(obj, bool | int | float | complex | str) or obj is None:
            return self.const(obj)
        name = self.source((path, id(obj)), path.split(".")[-1], lambda: obj)
        return self.outer(name, obj, node)

    def call_with(
        self,
        node: gast.AST,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        whole: bool = False,
    ) -> Bound:
        """A call of any object, with arguments that have been evaluated.

        If it is the `whole` of what stands there, it is done last in that.
        """
        names: list[str] = []

        def holding(item: Bound, hint: str = "t") -> gast.expr:
            name = f"<{len(names)}> {hint}"  # no name of the user's
            names.append(name)
            self.env[name] = item
            return gast.copy_location(gast.Name(name, gast.Load(), None, None), node)

        made = gast.Call(
            holding(callee),
            [holding(a) for a in args],
            [gast.keyword(k, holding(v, k)) for k, v in keywords.items()],
        )
        if whole:
            self.stands_for[made] = self.stands_for.get(node, node)
        try:
            return self.expr(gast.copy_location(made, node))
        finally:
            for name in names:
                self.env.pop(name, None)

    # building -------------------------------------------------------------

    def inlined(
        self,
        node: gast.AST,
        function: Closure,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """The result of a call, its body built here."""
        if function.unit.parsed.collects:
            self.check_consumed(self.stands_for.get(node, node), function.__name__)
        self.runs += 1
        given = self.arguments_of(node, function, args, keywords)
        out = self.built_here(node, function, given)
        if function.unit.parsed.collects:
            self.collected.append(self.parts_of(out))
        return out

    def built_here(
        self, node: gast.AST, function: Closure, given: dict[str, Bound]
    ) -> Bound:
        unit = function.unit
        signature = tuple(map(kind_of_argument, given.values()))
        scope = Scope(unit, function.scope, self.origin_of(node), signature)
        if self.standing is None:
            self.called[unit] = None
        if self.pending:
            self.pending[-1].clear()  # the arguments have names now
        with self.entered(node, scope):
            makes = unit.parsed.name == "__init__"  # its parameters are attributes
            for name, item in given.items():
                self.env[name] = item if makes else self.named(item, name)
            for statement in unit.core.body[:-1]:
                self.statement(statement)
            last = unit.core.body[-1]
            assert isinstance(last, gast.Return)
            if self.dead:
                raise Ends
            if last.value is None:
                return self.const(None)
            self.origin, self.at = self.origin_of(last.value), last
            return self.expr(last.value)

    @contextmanager
    def entered(self, node: gast.AST, scope: Scope) -> Iterator[None]:
        """Build another function for a while."""
        outer, origin, within = self.scope, self.origin, self.within
        constants, stored_by = self.constants, self.stored_by
        looked_at, self.looked_at = self.looked_at, {}
        turn = self.turn
        self.next_turn()
        self.suspend()
        # what comes later in the statement of the call may read what it changes
        own = self.stands_for.get(node, node)
        outer.within = within or getattr(self.at, "value", None) is not own
        depth = len(self.callers)
        self.callers.append(outer)
        self.env = {held_back(name, depth): i for name, i in self.env.items()}
        self.scope, self.at, self.within = scope, None, False
        self.constants, self.stored_by = frozenset(), set()
        try:
            yield
        finally:
            # functions that were made here may still read its names
            scope.env = {n: i for n, i in self.env.items() if ":" not in n}
            self.callers.pop()
            rest = [(n, i) for n, i in self.env.items() if n not in scope.env]
            self.env = {n.removeprefix(held_back("", depth)): i for n, i in rest}
            self.scope, self.at, self.within = outer, outer.at, within
            self.constants, self.stored_by = constants, stored_by
            self.looked_at, self.turn = looked_at, turn
            self.origin, self.dead = origin, False

    def arguments_of(
        self,
        node: gast.AST,
        function: Closure,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> dict[str, Bound]:
        """What each parameter is bound to."""
        signature = signature_of(function)
        try:
            given = signature.bind(*args, **keywords).arguments
        except TypeError as error:
            self.refuse(node, f"`{function.__name__}`: {error}")
        out: dict[str, Bound] = {}
        for name, parameter in signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                out[name] = Seq("tuple", tuple(given.get(name, ())))
            elif parameter.kind is parameter.VAR_KEYWORD:
                out[name] = self.keywords(node, given.get(name, {}))
            else:
                out[name] = given.get(name, parameter.default)
        return out

    def keywords(self, node: gast.AST, given: dict[str, Bound]) -> Bound:
        """What `**kwargs` is bound to."""
        made = Made(None, self.region)
        return Seq("dict", tuple(given.values()), made, tuple(given))


def signature_of(function: Closure) -> inspect.Signature:
    """The parameters of a function, with its defaults."""
    args = function.unit.parsed.tree.args
    defaults = list(function.defaults)
    positional = [*args.posonlyargs, *args.args]
    first = len(positional) - len(args.defaults)
    made = []
    for k, name in enumerate(positional):
        kind = (
            P.POSITIONAL_ONLY if k < len(args.posonlyargs) else P.POSITIONAL_OR_KEYWORD
        )
        made.append(
            P(name.id, kind, default=defaults.pop(0) if k >= first else P.empty)
        )
    if args.vararg:
        made.append(P(args.vararg.id, P.VAR_POSITIONAL))
    for name, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        given = defaults.pop(0) if default else P.empty
        made.append(P(name.id, P.KEYWORD_ONLY, default=given))
    if args.kwarg:
        made.append(P(args.kwarg.id, P.VAR_KEYWORD))
    return inspect.Signature(made)


def kind_of_argument(item: Bound) -> Any:
    """What tells one call of a function from another: types, but for lengths."""
    if isinstance(item, Seq):
        return (item.form, *map(kind_of_argument, item.items))
    of = bound(item.type)
    if item.is_const and isinstance(of, Scalar):
        return of.kind, item.const
    return without_lengths(of)


def without_lengths(of: Type) -> Any:
    """What tells types apart whatever the lengths are."""
    if isinstance(of, Array):
        return of.dtype, of.rank
    if isinstance(of, List):
        return List, without_lengths(bound(of.item)), of.fixed
    if isinstance(of, Tuple):
        own = of.code if isinstance(of, Function) else of.form
        return (own, *map(without_lengths, map(bound, of.items)))
    return of.kind if isinstance(of, Scalar) else of


def without_numbers(kinds: Any) -> Any:
    """The kinds of arguments, whatever the numbers are that are known."""
    if not isinstance(kinds, tuple):
        return kinds
    if len(kinds) == 2 and kinds[0] in ("int", "float", "complex"):
        return kinds[0]
    return tuple(map(without_numbers, kinds))

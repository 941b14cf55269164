"""Derivatives that a program takes itself: `grad(g)(x)` in a differentiated function.

In: a call of `grad`, `value_and_grad` or `jvp`, or of what the first two returned. Out:
the call of a generated function. What the inner function captures becomes parameters of
it, so that the outer derivative sees it:

    def f(x):                                   def g_grad(y, *, x): ...
        def g(y):                     ->
            return x * y * y                    d = g_grad(x, x=x)
        return grad(g)(x)
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from s2s.parse.source import Parsed
from s2s.parse.unit import Unit, prepare
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.custom import CustomBuilder
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Closure, chain
from s2s.ssa.types import FLOAT, Array, Scalar, Tuple, Type, bound

# parsed, types, mode, names of what is varied, whether it is one -> the derivative
Derive = Callable[[Parsed, dict[str, Type], str, tuple[str, ...], bool], Parsed]
PUBLIC = frozenset({"s2s.api", "s2s.jacobian", "s2s.check"})


@dataclass(frozen=True)
class Transform:
    """What `grad(g, argnums)` is inside of a function."""

    mode: str
    function: Value
    argnums: Any


class TransformBuilder(CustomBuilder):
    """Evaluates derivatives."""

    def __init__(self, *args: Any) -> None:
        *args, self.made = args  # type: ignore[assignment]
        super().__init__(*args)

    def derive(
        self, node: gast.AST, parsed: Parsed, types: dict[str, Type], *rest: Any
    ) -> Unit:
        """A derivative as text, the same one each time it is asked for."""
        if self.made is None:
            self.refuse(node, "derivatives inside of a function are not expected here")
        types = with_own_lengths(types)
        key = (parsed.code, *types.items(), *rest)
        if key not in self.units:
            self.units[key] = prepare(self.made(parsed, types, *rest))
        return self.units[key]

    def has_source(self, obj: Any) -> bool:
        return type(obj).__module__ not in PUBLIC and super().has_source(obj)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if isinstance(obj, Transform):
            args, keywords = self.given_arguments(node)
            return self.derivative(node, obj, args, keywords)
        if type(obj).__module__ in PUBLIC:  # made outside of the function
            primal = self.static(f"{callee.spelling}.primal", obj.primal)
            wrt = obj.wrt[0] if obj.single else obj.wrt
            args, keywords = self.given_arguments(node)
            return self.derivative(
                node, Transform(obj.mode, primal, wrt), args, keywords
            )
        if getattr(obj, "__module__", None) in PUBLIC:
            return self.transformation(node, obj.__name__)
        return super().call(node, callee)

    def transformation(self, node: gast.Call, mode: str) -> Bound:
        """`grad(g)`, `value_and_grad(g)`, or `jvp(g, primals, tangents)`."""
        (function, *args), keywords = self.given_arguments(node)
        if not isinstance(function, Value) or not function.is_const:
            self.refuse(
                node, "only functions known when compiling can be differentiated"
            )
        if mode in ("grad", "value_and_grad") and len(args) + len(keywords) < 2:
            argnums = keywords.get("argnums", *args or [self.const(0)])
            packed = self.pack(argnums)
            if set(keywords) <= {"argnums"} and packed.is_const:
                return self.const(Transform(mode, function, packed.const), mode)
        if mode == "jvp" and len(args) == 2 and not keywords:
            primals, tangents = (self.sequence(node, a) for a in args)
            wrt = tuple(
                k for k, t in enumerate(tangents)
                if not (isinstance(t, Value) and t.is_const and t.const is None)
            )  # fmt: skip
            dots = [tangents[k] for k in wrt]
            made = Transform(mode, function, wrt)
            return self.derivative(node, made, primals, {}, dots)
        self.refuse(
            node,
            f"`{mode}` with these arguments is not supported inside of a function",
            "grad and value_and_grad with argnums, and jvp, are",
        )

    def sequence(self, node: gast.AST, item: Bound) -> Sequence[Bound]:
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        if not isinstance(item, Seq):
            self.refuse(node, "jvp takes a tuple of primals and one of tangents")
        return item.items

    def derivative(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        dots: Sequence[Bound] = (),
    ) -> Bound:
        """What the derivative returns for these arguments."""
        parsed, given = self.lifted(node, transform.function, args, keywords)
        names = list(given)
        chosen = transform.argnums
        several = chosen if isinstance(chosen, tuple) else (chosen,)
        try:
            wrt = tuple(n if isinstance(n, str) else names[n] for n in several)
            items = {n: self.varied(given[n]) if n in wrt else given[n] for n in names}
        except (IndexError, KeyError):
            self.refuse(
                node, f"argnums {chosen!r}: the parameters are {', '.join(names)}"
            )
        types = {n: self.type_of(i) for n, i in items.items()}
        single = not isinstance(chosen, tuple)
        unit = self.derive(node, parsed, types, transform.mode, wrt, single)
        function = Closure(unit, None, (), ())
        extra = [self.varied(d) for d in dots]
        return self.inlined(node, function, [*items.values(), *extra], {})

    def lifted(
        self,
        node: gast.AST,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> tuple[Parsed, dict[str, Bound]]:
        """The function with what it captures as parameters, and its arguments."""
        obj = function.const
        if isinstance(obj, Transform):
            inner, given = self.lifted(node, obj.function, args, keywords)
            names = list(given)
            chosen = obj.argnums if isinstance(obj.argnums, tuple) else (obj.argnums,)
            wrt = tuple(n if isinstance(n, str) else names[n] for n in chosen)
            given |= {n: self.varied(given[n]) for n in wrt}
            types = {n: self.type_of(i) for n, i in given.items()}
            single = not isinstance(obj.argnums, tuple)
            return self.derive(node, inner, types, obj.mode, wrt, single).parsed, given
        if not isinstance(obj, Closure):
            if not inspect.isfunction(obj):
                self.refuse(
                    node, f"the derivative of `{function.spelling}` in a function"
                )
            obj = self.definition(obj, str(function.spelling), node)
        given = self.arguments_of(node, obj, args, keywords)
        captured = {
            name: item
            for name in obj.reads
            for scope in chain(obj.scope)
            if name in scope.parsed.locals
            and (item := self.local_of(scope, gast.Name(name, gast.Load(), None, None)))
            is not None
        }
        given |= {n: self.fresh_item(i) for n, i in captured.items() if n not in given}
        tree = copy.copy(obj.unit.parsed.tree)
        params = [gast.Name(n, gast.Param(), None, None) for n in given]
        for param in params:
            gast.copy_location(param, tree)
        tree.args = gast.arguments(params, [], None, [], [], None, [])
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(n, kind) for n in given])
        if not tree.name.isidentifier():
            tree.name = "function"  # a lambda
        parsed = replace(
            obj.unit.parsed, name=tree.name, tree=tree, signature=signature
        )
        return parsed, given

    def varied(self, item: Bound) -> Bound:
        """An argument that is differentiated: an int is read as a float."""
        of = bound(item.type) if isinstance(item, Value) else None
        if isinstance(of, Scalar) and of.kind == "int" and isinstance(item, Value):
            if item.is_const:
                return self.const(float(item.const))
            return self.emit("float", [item])
        return item

    def type_of(self, item: Bound) -> Type:
        if isinstance(item, Seq) and item.kind == "tuple":
            return Tuple(tuple(map(self.type_of, item.items)), item.form)
        if isinstance(item, Seq):
            return self.pack(item).type
        of = bound(item.type)
        return FLOAT if isinstance(of, Scalar) and of.kind == "float" else of


def with_own_lengths(types: dict[str, Type]) -> dict[str, Type]:
    """The types, with lengths called after where they first come, not where from."""
    names: dict[str, str] = {}

    def renamed(of: Type) -> Type:
        if isinstance(of, Array):
            dims = (
                replace(d, sym=names.setdefault(d.sym, f"n{len(names)}"))
                if d.sym
                else d
                for d in of.shape
            )
            return replace(of, shape=tuple(dims))
        if isinstance(of, Tuple):
            return of.of(map(renamed, of.items))
        if isinstance(of, Scalar) and of.dim is not None:
            return Scalar(of.kind)
        return of

    return {name: renamed(of) for name, of in types.items()}

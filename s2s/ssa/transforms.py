"""Derivatives that a program takes itself: `grad(g)(x)` in a differentiated function.

In: a call of `grad` or `value_and_grad`, or of what these returned. Out: the call of a
generated function. What the inner function captures becomes parameters of it, so that
the outer derivative sees it:

    def f(x):                                   def g_grad(y, *, x): ...
        def g(y):                     ->
            return x * y * y                    d = g_grad(x, x=x)
        return grad(g)(x)
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from types import MethodType
from typing import Any

import gast

from s2s.parse.source import Parsed
from s2s.parse.unit import Unit, prepare
from s2s.ssa.bound import Bound
from s2s.ssa.capture import Lifted
from s2s.ssa.given import GivenBuilder
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Closure, Partial, Transform
from s2s.ssa.types import Array, Scalar, Tuple, Type
from s2s.ssa.wrapped import with_text
from s2s.structure import is_record

PUBLIC = frozenset({"s2s.api", "s2s.derivative", "s2s.jacobian", "s2s.check"})


OPTIONS = "has_aux", "holomorphic"
GRADIENTS = "grad", "value_and_grad"
# derivatives that are being written
_underway: ContextVar[frozenset[Any]] = ContextVar("underway", default=frozenset())


class TransformBuilder(GivenBuilder):
    """Evaluates gradients."""

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
        key = (*identity(parsed), *types.items(), *rest)
        if key not in self.units:
            if key in _underway.get():
                self.refuse(
                    node, "this derivative is one of a function that takes it itself"
                )
            before = _underway.set(_underway.get() | {key})
            try:
                self.units[key] = prepare(self.made.text(parsed, types, *rest))
            finally:
                _underway.reset(before)
        return self.units[key]

    def has_source(self, obj: Any) -> bool:
        return type(obj).__module__ not in PUBLIC and super().has_source(obj)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if isinstance(obj, Transform):
            args, keywords = self.given_arguments(node)
            return self.applied(node, obj, args, keywords)
        if type(obj).__module__ in PUBLIC:  # made outside of the function
            args, keywords = self.given_arguments(node)
            return self.applied(node, self.made_outside(callee), args, keywords)
        if getattr(obj, "__module__", None) in PUBLIC:
            return self.transformation(node, callee, obj.__name__)
        return super().call(node, callee)

    def made_outside(self, callee: Value) -> Transform:
        """What a derivative that is a global stands for."""
        obj = callee.const
        primal = self.as_function(self.static(f"{callee.spelling}.primal", obj.primal))
        wrt = obj.wrt[0] if obj.single else tuple(obj.wrt)
        return Transform(obj.mode, primal, wrt, obj.has_aux, obj.holomorphic)

    def as_function(self, function: Value) -> Value:
        """A function; a derivative that was made outside as what it stands for."""
        if type(function.const).__module__ not in PUBLIC:
            return function
        return self.const(self.made_outside(function), function.spelling)

    def transformation(self, node: gast.Call, callee: Value, mode: str) -> Bound:
        """A call of one of the functions that s2s gives to people."""
        args, keywords = self.given_arguments(node)
        if not args and "f" in keywords:
            args = [keywords.pop("f")]
        if not args and mode in GRADIENTS:  # a decorator with options
            return self.const(Partial(callee, (), keywords), mode)
        if not args or "f" in keywords:
            self.refuse(node, f"`{mode}` takes a function, as its first argument")
        function, *args = args
        function = self.known_function(node, function, "differentiated")
        function = self.as_function(function)
        method = getattr(self, f"_of_{mode}", None)
        if method is None:
            self.refuse(node, f"`{mode}` is not supported inside of a function")
        return method(node, function, args, keywords)

    def _of_grad(self, *call: Any) -> Bound:
        return self.with_options("grad", OPTIONS, *call)

    def _of_value_and_grad(self, *call: Any) -> Bound:
        return self.with_options("value_and_grad", OPTIONS, *call)

    def with_options(
        self,
        mode: str,
        known: tuple[str, ...],
        node: gast.Call,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """A function that is a derivative: `grad(g, argnums)`."""
        packed = {n: self.pack(i) for n, i in keywords.items()}
        if args:
            packed["argnums"] = self.pack(args[0])
        unknown = set(packed) - {"argnums", *known}
        if len(args) > 1 or unknown or not all(v.is_const for v in packed.values()):
            self.refuse(
                node,
                f"`{mode}` with these arguments is not supported inside of a function",
                f"it takes a function and {', '.join(['argnums', *known])}, "
                "which are constants",
            )
        options = {n: v.const for n, v in packed.items()}
        argnums = options.pop("argnums", 0)
        argnums = tuple(argnums) if isinstance(argnums, list) else argnums
        return self.const(Transform(mode, function, argnums, **options), mode)

    # evaluating -----------------------------------------------------------

    def applied(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """What a function returns that a transformation made."""
        return self.derivative(node, transform, args, keywords)

    def derivative(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        dots: Sequence[Bound] = (),
    ) -> Bound:
        """What the derivative returns for these arguments."""
        lifted = self.lifted(node, differentiated(transform), args, keywords)
        unit, given = self.derived_unit(node, transform, lifted)
        extra = [self.varied(d) for d in dots]
        function = Closure(unit, None, (), ())
        return self.inlined(node, function, [*given.values(), *extra], {})

    def derived_unit(
        self, node: gast.AST, transform: Transform, lifted: Lifted
    ) -> tuple[Unit, dict[str, Bound]]:
        """The text of a derivative, and the arguments as it takes them.

        It may be that of a gradient, of which there is no text then.
        """
        inner = gradient_in(transform)
        every = [transform] if inner is None else [transform, inner]
        given = dict(lifted.given)
        asked: tuple[Any, ...] = ()
        for each in reversed(every):
            wrt = self.wanted(node, each, lifted.own)
            given |= {n: self.varied(given[n]) for n in wrt}
            asked = (
                each.mode, wrt, each.single, each.has_aux, "plan", "numpy",
                each.holomorphic, asked,
            )  # fmt: skip
        types = {n: self.type_of(i) for n, i in given.items()}
        return self.derive(node, lifted.parsed, types, *asked), given

    def wanted(
        self, node: gast.AST, transform: Transform, names: Sequence[str]
    ) -> tuple[str, ...]:
        """The names of the parameters that are differentiated."""
        by_position = {k: n for j, n in enumerate(names) for k in (j, j - len(names))}
        known = by_position | {n: n for n in names}
        wrt = [known[n] for n in transform.several if n in known]
        if len(set(wrt)) < len(transform.several):
            what = ", ".join(names) or "none"
            self.refuse(
                node, f"argnums {transform.argnums!r}: the parameters are {what}"
            )
        return tuple(wrt)

    def lifted(
        self,
        node: gast.AST,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Lifted:
        """The function with what it captures as parameters, and its arguments."""
        obj = function.const
        if isinstance(obj, Transform):
            inner = self.lifted(node, differentiated(obj), args, keywords)
            return self.lifted_transform(node, obj, inner)
        if isinstance(obj, MethodType) and is_record(type(obj.__self__)):
            path = f"{function.spelling}.__self__"
            owner = self.outer_attribute(path, obj.__self__, node)
            plain = self.static(f"{function.spelling}.__func__", obj.__func__)
            lifted = self.lifted(node, plain, [owner, *args], keywords)
            return lifted._replace(own=lifted.own[1:])
        if not isinstance(obj, Closure):
            obj = with_text(obj)
            if not inspect.isfunction(obj):
                self.refuse(
                    node,
                    f"the derivative of `{function.spelling}` in a function",
                    "write a function that calls it: `lambda x: f(x)`",
                )
            obj = self.definition(obj, str(function.spelling), node)
        return self.lift(node, obj, args, keywords)

    def lifted_transform(
        self, node: gast.AST, transform: Transform, inner: Lifted
    ) -> Lifted:
        """The text of what a transformation made of a lifted function."""
        unit, given = self.derived_unit(node, transform, inner)
        return Lifted(unit.parsed, given, inner.own)


def gradient_in(transform: Transform) -> Transform | None:
    """The gradient that a tangent is of: both are written at once."""
    inner = transform.function.const
    forward = transform.mode in ("jvp", "jvps")
    if forward and isinstance(inner, Transform) and inner.mode in GRADIENTS:
        return inner
    return None


def differentiated(transform: Transform) -> Value:
    """The function whose derivative it is, if only the second one."""
    return (gradient_in(transform) or transform).function


class Same:
    """What is equal to one object alone, whatever that says."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.obj is other.obj

    def __hash__(self) -> int:
        return id(self.obj)


def identity(parsed: Parsed) -> tuple[Any, ...]:
    """What tells a function from those of the same text that read other variables."""
    names = tuple(parsed.signature.parameters)
    cells = map(Same, parsed.closure.values())
    return parsed.code, Same(parsed.globals), names, *cells


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

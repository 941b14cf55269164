"""Calls of functions whose derivatives the user has given.

In: a call of such a function. Out: one operation, printed as the call that it is. What
it does to cotangents and tangents is built where the call stands, and written into the
sweeps as if it stood there:

    @s2s.custom_vjp(solve)                  b_bar = np.linalg.solve(A.T, x_bar)
    def solve_vjp(g, z, A, b):       ->     A_bar = -np.outer(b_bar, x)
        w = np.linalg.solve(A.T, g)
        return -np.outer(w, z), w
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.calls import has_source
from s2s.ssa.ir import Region, Value
from s2s.ssa.memory import Cell, has_storage
from s2s.ssa.storage import global_of
from s2s.ssa.through_methods import ThroughMethodsBuilder
from s2s.ssa.types import Array, Scalar, Static, Type, bound, derivative_type


@dataclass
class Custom:
    """What the user says about the derivatives of a function.

    `partials` are texts with `g`, `z` and the names of the parameters; `vjp(g, z, *xs)`
    and `jvp(z, *xs, *dots)` are functions; `zero` says that there is no derivative.
    """

    names: tuple[str, ...]
    partials: tuple[str, ...] = ()
    vjp: Callable[..., Any] | None = None
    jvp: Callable[..., Any] | None = None
    zero: bool = False
    ours: bool = False  # not the user's, who may give others
    fn: Any = field(default=None, repr=False)


CUSTOMS: dict[int, Custom] = {}  # by the identity of the function, which is kept alive


def stop_gradient(x: Any) -> Any:
    """The value, without a derivative: a number, or a copy of an array.

    A straight-through estimator is `x + s2s.stop_gradient(np.round(x) - x)`.
    """
    return x.copy() if isinstance(x, np.ndarray) else x


def custom_of(obj: Any) -> Custom | None:
    """What the user said about a function, None for nothing."""
    found = CUSTOMS.get(id(obj))
    return found if found is not None and found.fn is obj else None


class CustomBuilder(ThroughMethodsBuilder):
    """Evaluates calls of functions with derivatives of their own."""

    def has_source(self, obj: Any) -> bool:
        return custom_of(obj) is not None or super().has_source(obj)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        if custom_of(callee.const) is None:
            return super().call(node, callee)
        args, keywords = self.given_arguments(node)
        return self.call_user(node, callee, args, keywords)

    def call_user(
        self,
        node: gast.AST,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        custom = custom_of(callee.const)
        if custom is None:
            return super().call_user(node, callee, args, keywords)
        return self.custom(node, custom, callee, args, keywords)

    def custom(
        self,
        node: gast.AST,
        custom: Custom,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Value:
        """The operation that stands for a call."""
        given = [self.pack(a) for a in self.in_order(node, custom, args, keywords)]
        type, old = self.result_of(node, custom, callee, given)
        name = self.external(custom.fn, str(callee.spelling).rpartition(".")[2])
        attrs: dict[str, Any] = {
            "of": custom.fn,
            "maker": name,
            "shares": old is None or bool(old),
        }
        z = Value(type, "z", "user")
        xs = [
            Value(a.type, n, "user") for a, n in zip(given, custom.names, strict=False)
        ]
        bars = [Value(derivative_type(a.type), f"{a.hint}_dot", "user") for a in given]
        g = Value(derivative_type(type), "g", "user")
        if custom.vjp is not None:
            attrs["vjp"] = self.written(node, custom.vjp, [g, z, *xs])
        if custom.jvp is not None:
            attrs["jvp"] = self.written(node, custom.jvp, [z, *xs, *bars])
        attrs["custom"] = custom
        kind, names = "constant" if custom.zero else "custom", ("xs",) * len(given)
        out = self.emit(kind, given, names, type=type, **attrs)
        for cell in old or ():
            self.place_of(out).cell.meets(cell)
        return out

    def in_order(
        self,
        node: gast.AST,
        custom: Custom,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> list[Bound]:
        """The arguments by position; those left out at the end stay out."""
        known = [n for n in custom.names[len(args) :] if n in keywords]
        if len(known) < len(keywords) or len(args) + len(known) > len(custom.names):
            self.refuse(node, "these arguments are not those of the rule")
        if known != list(custom.names[len(args) : len(args) + len(known)]):
            self.refuse(node, "give the arguments before these, too")
        return [*args, *(keywords[n] for n in known)]

    def result_of(
        self, node: gast.AST, custom: Custom, callee: Value, args: Sequence[Value]
    ) -> tuple[Type, set[Cell] | None]:
        """The type of a result, and what there was that it may show; None: who knows.

        The function's own text says so; else the type is that of `x + y`.
        """
        with self.branch():
            if has_source(custom.fn):
                out = super().call_user(node, callee, args, {})
                if isinstance(out, Seq) or isinstance(bound(out.type), Static):
                    self.refuse(
                        node, "a function with a rule must return a number or an array"
                    )  # fmt: skip
                return bound(out.type), self.shown(out)
            numbers = [a for a in args if isinstance(bound(a.type), Array | Scalar)]
            out = self.const(0.0)
            for number in numbers:
                out = self.emit("add", [out, number])
        fresh = isinstance(custom.fn, np.ufunc | np.vectorize)
        return bound(out.type), set() if fresh else None

    def shown(self, out: Value) -> set[Cell]:
        """The arrays that what a branch made may be, of those that are not its own."""
        if not has_storage(out):
            return set()
        cell, mark = self.place_of(out).cell, self.sealed[-1]
        both = {cell, *cell.shares}
        return {c for c in both if not c.is_newer(mark) or global_of(c.first)}

    def written(
        self, node: gast.AST, rule: Callable[..., Any], params: list[Value]
    ) -> Region:
        """What a rule does, as a region of its own."""
        with self.branch() as region:
            region.params = list(params)
            callee = self.const(rule, rule.__name__)
            region.results = flat(super().call_user(node, callee, params, {}))
        return region


def parameters_of(fn: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the parameters of a function."""
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = inspect.signature(fn).parameters.values()
    return tuple(p.name for p in parameters if p.kind in kinds)

"""Products with Jacobians that a program takes itself: jvp, vjp, linearize and hvp.

In: a call of one of these, with arguments. Out: what it returns. A pullback is a
function made inside the program, which its sweeps see like any other one:

    y, pullback = s2s.vjp(g, x)           y, pullback = g_vjp(x)
    x_bar, = pullback(y)           ->     x_bar, = pullback(y)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Partial, Transform
from s2s.ssa.transforms import TransformBuilder
from s2s.ssa.types import Array, Tuple, bound, described, is_real_valued, rank_of


@dataclass(frozen=True)
class Pullback:
    """What is called with the generated pullback, the value, and a cotangent.

    It has returned `count` cotangents, None for the primals that are not `varied`.
    """

    varied: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Pushforward:
    """What is called with a function, as many primals as this, and their tangents."""

    count: int


class ProductBuilder(TransformBuilder):
    """Evaluates products with Jacobians."""

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if isinstance(obj, Pullback | Pushforward):
            args, keywords = self.given_arguments(node)
            if keywords:
                self.refuse(node, "this function takes no arguments by name")
            if isinstance(obj, Pullback):
                return self.pulled_back(node, obj, args)
            return self.pushed_forward(node, obj, args)
        return super().call(node, callee)

    def _of_jvp(
        self,
        node: gast.Call,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        primals, tangents = self.two_tuples(node, "jvp", args, keywords)
        return self.tangent(node, function, primals, tangents)

    def tangent(
        self,
        node: gast.AST,
        function: Value,
        primals: Sequence[Bound],
        tangents: Sequence[Bound],
    ) -> Bound:
        """The value and its tangent."""
        wrt = tuple(k for k, t in enumerate(tangents) if not is_none(t))
        primals = [self.varied(p) if k in wrt else p for k, p in enumerate(primals)]
        dots = [self.fitting(node, tangents[k], primals[k], "tangent") for k in wrt]
        made = Transform("jvp", function, wrt)
        return self.derivative(node, made, primals, {}, dots)

    def _of_vjp(
        self,
        node: gast.Call,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        if keywords:
            self.refuse(node, "vjp takes a function and its arguments, none by name")
        varied = tuple(k for k, p in enumerate(args) if is_real_valued(self.type_of(p)))
        made = self.derivative(node, Transform("vjp", function, varied), args, {})
        assert isinstance(made, Seq)
        value, pullback = made.items
        callee = self.const(Pullback(varied, len(args)), "pullback")
        pull = Partial(callee, (pullback, value), {})
        return Seq("tuple", (value, self.const(pull, "pullback")))

    def pulled_back(
        self, node: gast.AST, pullback: Pullback, args: Sequence[Bound]
    ) -> Bound:
        """One cotangent for each primal."""
        if len(args) != 3:
            self.refuse(node, f"a pullback takes one cotangent, not {len(args) - 2}")
        function, value, ct = args
        assert isinstance(function, Value)
        ct = self.fitting(node, ct, value, "cotangent")
        bars = self.call_with(node, function, [ct], {})
        assert isinstance(bars, Seq)
        of = dict(zip(pullback.varied, bars.items, strict=True))
        none = self.const(None)
        return Seq("tuple", tuple(of.get(k, none) for k in range(pullback.count)))

    def _of_linearize(
        self,
        node: gast.Call,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        if keywords:
            self.refuse(
                node, "linearize takes a function and its arguments, none by name"
            )
        # what is given stays as it is, as for any derivative
        value = self.derivative(node, Transform("primal", function, ()), args, {})
        callee = self.const(Pushforward(len(args)), "pushforward")
        push = Partial(callee, (function, *args), {})
        for item in args:
            self.keep(item)
        return Seq("tuple", (value, self.const(push, "pushforward")))

    def pushed_forward(
        self, node: gast.AST, pushforward: Pushforward, args: Sequence[Bound]
    ) -> Bound:
        """The tangent of the value."""
        (function, *primals), tangents = (
            args[: pushforward.count + 1],
            args[pushforward.count + 1 :],
        )
        assert isinstance(function, Value)
        self.as_many(node, primals, tangents)
        made = self.tangent(node, function, primals, tangents)
        assert isinstance(made, Seq)
        return made.items[1]

    def _of_hvp(
        self,
        node: gast.Call,
        function: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        primals, tangents = self.two_tuples(node, "hvp", args, keywords)
        wrt = tuple(k for k, p in enumerate(primals) if is_real_valued(self.type_of(p)))
        gradient = self.const(Transform("grad", function, wrt), "grad")
        made = self.tangent(node, gradient, primals, tangents)
        assert isinstance(made, Seq) and isinstance(made.items[1], Seq)
        products = dict(zip(wrt, made.items[1].items, strict=True))
        none = self.const(None)
        return Seq("tuple", tuple(products.get(k, none) for k in range(len(primals))))

    # arguments ------------------------------------------------------------

    def two_tuples(
        self,
        node: gast.AST,
        mode: str,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> tuple[Sequence[Bound], Sequence[Bound]]:
        """The primals and the tangents."""
        given = dict(zip(("primals", "tangents"), args, strict=False)) | keywords
        items = [self.opened_tuple(given[n]) for n in ("primals", "tangents")
                 if n in given]  # fmt: skip
        primals, tangents = items if len(items) == 2 else (None, None)
        if primals is None or tangents is None or len(args) + len(keywords) != 2:
            self.refuse(node, f"{mode} takes a tuple of primals and one of tangents")
        self.as_many(node, primals, tangents)
        return primals, tangents

    def as_many(
        self, node: gast.AST, primals: Sequence[Bound], tangents: Sequence[Bound]
    ) -> None:
        if len(primals) != len(tangents):
            self.refuse(node, f"{len(primals)} primals, but {len(tangents)} tangents")

    def opened_tuple(self, item: Bound) -> Sequence[Bound] | None:
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        return item.items if isinstance(item, Seq) else None

    def fitting(self, node: gast.AST, dot: Bound, primal: Bound, what: str) -> Bound:
        """A tangent or cotangent, as its primal is made up; zeros for None."""
        if is_none(dot):
            return self.zero_of(primal)
        primal = self.opened_all(primal) if isinstance(primal, Value) else primal
        dot = self.opened_all(dot) if isinstance(dot, Value) else dot
        if isinstance(primal, Seq) and isinstance(dot, Seq):
            if dot.form == primal.form and len(dot.items) == len(primal.items):
                return dot.of(
                    self.fitting(node, d, p, what)
                    for d, p in zip(dot.items, primal.items, strict=True)
                )
        if isinstance(primal, Seq) or isinstance(dot, Seq):
            self.refuse(node, f"this {what} is not made up as what it belongs to")
        if not is_real_valued(primal.type):
            return dot
        dot = self.varied(dot)
        assert isinstance(dot, Value)
        self.refuse_unlike(node, dot, primal, what)
        return dot

    def refuse_unlike(
        self, node: gast.AST, dot: Value, primal: Value, what: str
    ) -> None:
        """Of another rank or kind, it would be broadcast or cut without notice."""
        a, b = bound(dot.type), bound(primal.type)
        ranks = rank_of(a), rank_of(b)
        stretched = isinstance(a, Array) and isinstance(b, Array) and any(
            m.unit != n.unit and None not in (m.unit, n.unit)
            for m, n in zip(a.shape, b.shape, strict=False)
        )  # fmt: skip
        known = None not in ranks
        if known and (ranks[0] != ranks[1] or stretched):
            self.refuse(
                node, f"this {what} is {described(a)} of another shape than what it "
                f"belongs to, {described(b)}"
            )  # fmt: skip
        if kind_of(a) == "complex" and kind_of(b) not in ("complex", None):
            self.refuse(node, f"this {what} is complex, what it belongs to is real")

    def zero_of(self, item: Bound) -> Bound:
        """A zero tangent or cotangent; None for what has none."""
        if isinstance(item, Value):
            item = self.opened_all(item)
        if isinstance(item, Seq):
            return item.of(map(self.zero_of, item.items))
        if not is_real_valued(item.type):
            return self.const(0.0 if kind_of(item.type) == "int" else None)
        if rank_of(item.type) == 0:
            return self.const(0.0)
        return self.emit("np.zeros_like", [item])


def is_none(item: Bound) -> bool:
    return isinstance(item, Value) and item.is_const and item.const is None

"""Pullbacks, inside of a function, of functions that call themselves.

In: a call of `vjp` of one of them, or of its pullback. Out: the value, and the gradient
of a number, the sum of all that it returns times the cotangent:

    y, pullback = s2s.vjp(g, x)     ->     y = call g(x)
    x_bar, = pullback(ct)                  x_bar = call of the gradient of ct * g(x)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gast

from s2s.names import Names
from s2s.parse.unit import prepare
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.gradients import why_once
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Partial, Transform
from s2s.ssa.symmetric import REFUSED, SymmetricBuilder
from s2s.ssa.transforms import identity
from s2s.ssa.types import is_real_valued, rank_of


@dataclass(frozen=True)
class Pulling:
    """What is called with a value, arguments and a cotangent of the value."""

    transform: Transform


@dataclass(frozen=True)
class Paired:
    """What is called with `count` cotangents, and arguments of the function."""

    function: Value
    count: int


class PullbackBuilder(SymmetricBuilder):
    """Evaluates pullbacks."""

    def by_calls(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        dots: Sequence[Bound],
    ) -> Bound:
        if transform.mode == "vjp":
            return self.pulling(node, transform, args, keywords)
        return super().by_calls(node, transform, args, keywords, dots)

    def pulling(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """The value, and a function from cotangents of it to those of arguments."""
        callee = self.primal(node, transform, args, keywords).callee
        assert callee.outcome is not None
        if callee.outcome.changes or callee.outcome.changed:
            self.refuse(node, f"{REFUSED}: this changes what it is given")
        if (reason := why_once(callee)) is not None:
            self.refuse(node, f"{REFUSED}: {reason}")
        value = self.call_with(node, transform.function, args, keywords)
        for item in args:
            self.keep(item)
        pull = Partial(
            self.const(Pulling(transform), "pullback"), (value, *args), keywords
        )
        return Seq("tuple", (value, self.const(pull, "pullback")))

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if not isinstance(obj, Pulling | Paired):
            return super().call(node, callee)
        args, keywords = self.given_arguments(node)
        if isinstance(obj, Pulling):
            value, *args, ct = args
            return self.pulled(node, obj.transform, value, args, keywords, ct)
        value = self.call_with(node, obj.function, args[obj.count :], keywords)
        parts = [v for v in flat(self.all_open(value)) if is_real_valued(v.type)]
        return self.paired(parts, args[: obj.count])

    def pulled(
        self,
        node: gast.AST,
        transform: Transform,
        value: Bound,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        ct: Bound,
    ) -> Bound:
        """The cotangents of arguments: a gradient, of a number."""
        lifted = self.lifted(node, transform.function, args, keywords)
        wrt = self.wanted(node, transform, lifted.own)
        values, given = flat(self.all_open(value)), flat(self.all_open(ct))
        pairs = zip(values, given, strict=True)
        cts = [c for v, c in pairs if is_real_valued(v.type)]
        key = "paired", len(cts), *identity(lifted.parsed)
        if key not in self.units:
            closed = self.closed_function(lifted.parsed)
            of = Paired(self.const(closed, lifted.parsed.name), len(cts))
            taken = Names(lifted.given)
            names = [*(taken.fresh("ct") for _ in cts), *lifted.given]
            self.units[key] = prepare(self.calling(lifted.parsed.name, names, of))
        function = self.const(self.closed_function(self.units[key].parsed), "pullback")
        made = Transform("grad", function, wrt)
        return self.derivative(node, made, [*cts, *lifted.given.values()], {})

    def paired(self, parts: Sequence[Value], cts: Sequence[Bound]) -> Value:
        """The number whose gradient is what cotangents of the parts become."""
        total = self.const(0.0)
        for part, ct in zip(parts, cts, strict=True):
            assert isinstance(ct, Value)
            term = self.emit("mul", [ct, part])
            if rank_of(term.type) != 0:
                term = self.emit("np.sum", [term])
            if kind_of(term.type) == "complex":
                term = self.emit("np.real", [term])
            total = term if total.is_const else self.emit("add", [total, term])
        return total

"""Derivatives, inside of a function, of functions that call themselves.

In: a call of what a transformation made of one of them. Out: the call of a gradient
that is a function of its own (`gradients`), and is differentiated as such: there is no
text of it, in which what is kept for the reverse would be a tree of any depth.

    s2s.grad(g)(x)               ->     call g_grad(x)
    s2s.hvp(g, (x,), (v,))       ->     call g_hvp(x, v)
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from s2s.errors import CallsItself
from s2s.parse.source import Parsed
from s2s.parse.unit import Unit
from s2s.ssa.bound import Bound, Made, Seq, flat, refill
from s2s.ssa.callee import Callee, with_own
from s2s.ssa.capture import Lifted
from s2s.ssa.endless import EndlessBuilder
from s2s.ssa.gradients import GRADIENT, VALUE, Direction, Gradient, Out, one_or_tuple
from s2s.ssa.ir import Value
from s2s.ssa.outcome import NotOne
from s2s.ssa.parameters import Parameters
from s2s.ssa.scopes import Closure, Transform
from s2s.ssa.separate import pairs_outside
from s2s.ssa.transforms import gradient_in, identity
from s2s.ssa.types import Type, derivative_type, is_real_valued

REFUSED = "the derivative of what takes derivatives of a function that calls itself"


@dataclass(frozen=True)
class Primal:
    """A function of its own, and what it is given.

    `places` says which of its parameters the parts of an argument are, if they are any.
    """

    callee: Callee
    given: dict[str, Bound]
    own: Sequence[str]
    parameters: Parameters
    places: dict[str, list[int | None]]

    @property
    def args(self) -> list[Value]:
        return [self.parameters.values[k] for k in self.callee.args]

    def parts(self, names: Iterable[str]) -> Iterator[tuple[Value, int | None]]:
        """The parts of arguments that have derivatives; which parameters they are."""
        for name in names:
            pairs = zip(flat(self.given[name]), self.places[name], strict=True)
            yield from ((part, k) for part, k in pairs if is_real_valued(part.type))

    @property
    def equal(self) -> dict[str, Any]:
        """Which lengths a call takes for equal, as its operation says it."""
        lengths = self.parameters.lengths
        names = {"equal": "equal_lengths", "fits": "fits"}
        return {k: pairs_outside(self.callee, n, lengths) for k, n in names.items()}


class SymmetricBuilder(EndlessBuilder):
    """Evaluates derivatives of functions that call themselves."""

    def derive(
        self, node: gast.AST, parsed: Parsed, types: dict[str, Type], *rest: Any
    ) -> Unit:
        known, key = self.outlines.untold, (*identity(parsed), *rest)
        if key in known:
            raise known[key]
        try:
            return super().derive(node, parsed, types, *rest)
        except CallsItself as reason:
            known[key] = reason
            raise

    def lifted_transform(
        self, node: gast.AST, transform: Transform, inner: Lifted
    ) -> Lifted:
        try:
            return super().lifted_transform(node, transform, inner)
        except CallsItself:
            return self.lifted_call(node, transform, inner)

    def derivative(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        dots: Sequence[Bound] = (),
    ) -> Bound:
        try:
            return super().derivative(node, transform, args, keywords, dots)
        except CallsItself:
            return self.by_calls(node, transform, args, keywords, dots)

    def by_calls(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
        dots: Sequence[Bound],
    ) -> Bound:
        """What the derivative returns, by calls of gradients."""
        inner = gradient_in(transform) or transform
        if inner.has_aux or transform.mode in ("jvps", "vjps"):
            advice = "take `s2s.grad` of a function that returns one number"
            self.refuse(node, f"{REFUSED}: it returns more than its value", advice)
        primal = self.primal(node, inner, args, keywords)
        if inner.mode == "jvp":
            return self.tangents(node, primal, inner, dots)
        self.refuse_others(node, primal)
        wrt = self.wanted(node, inner, primal.own)
        outs = [GRADIENT] if inner.mode == "grad" else [VALUE, GRADIENT]
        if transform is inner:
            return self.gradients(primal, inner, wrt, [], outs)
        along = [self.direction(node, primal, transform, dots)]
        tangents = [out.with_one(0) for out in outs]
        both = (self.gradients(primal, inner, wrt, along, o) for o in (outs, tangents))
        return Seq("tuple", tuple(both))

    # functions ------------------------------------------------------------

    def primal(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Primal:
        """The function that is differentiated, as one of its own."""
        obj, path = transform.function.const, str(transform.function.spelling)
        if inspect.isfunction(obj):
            obj = self.definition(obj, path, node)
        if isinstance(obj, Closure):
            given = self.arguments_of(node, obj, args, keywords)
            own = tuple(given)
        else:
            lifted = self.lifted(node, transform.function, args, keywords)
            obj, own = self.closed_function(lifted.parsed), lifted.own
            given = lifted.given
        given = {name: self.all_open(item) for name, item in given.items()}
        given |= {n: self.varied(given[n]) for n in self.wanted(node, transform, own)}
        try:
            callee, parameters, params = self.called_for(node, obj, given)
        except NotOne as reason:
            self.refuse(node, f"{REFUSED}: {reason}")
        if any(c.function is None for c in with_own(callee)):
            self.refuse(node, f"{REFUSED}, in that function")
        at = {parameters.params[j]: k for k, j in enumerate(callee.args)}
        places = {n: [at.get(p) for p in flat(params[n])] for n in given}
        return Primal(callee, given, own, parameters, places)

    def refuse_others(self, node: gast.AST, primal: Primal) -> None:
        """Refuse what returns more than one number, or one that it does not compute."""
        outcome = primal.callee.outcome
        assert outcome is not None
        if isinstance(outcome.whole.items[0], Seq) or not outcome.leaves[0].returned:
            self.refuse(node, f"{REFUSED}: this returns no number that it computes")

    def direction(
        self,
        node: gast.AST,
        primal: Primal,
        transform: Transform,
        dots: Sequence[Bound],
    ) -> Direction:
        """The tangents, by the parameters that they belong to."""
        parts = primal.parts(self.wanted(node, transform, primal.own))
        flat_dots = (v for dot in dots for v in flat(self.all_open(dot)))
        given = [v for v in flat_dots if not (v.is_const and v.const is None)]
        pairs = zip(parts, given, strict=True)
        return {k: dot for (_, k), dot in pairs if k is not None}

    def tangents(
        self,
        node: gast.AST,
        primal: Primal,
        transform: Transform,
        dots: Sequence[Bound],
    ) -> Bound:
        """The value of a function that takes such derivatives, and its tangent."""
        outcome = primal.callee.outcome
        assert outcome is not None
        result = outcome.whole.items[0]
        leaves = outcome.leaves[: len(flat(result))]
        if not any(leaf.returned for leaf in leaves) or not all(
            leaf.returned or leaf.known for leaf in leaves
        ):
            self.refuse(node, f"{REFUSED}: this returns nothing that it computes")
        along = self.direction(node, primal, transform, dots)
        args = [*primal.args, *(along[k] for k in sorted(along))]
        returned = [v for v in flat(result) if not v.is_const]
        types = [primal.parameters.lengths.outside(v.type) for v in returned]
        more = [derivative_type(t) for t in types if is_real_valued(t)]
        made = self.made.tangent(primal.callee, tuple(sorted(along)), len(types))
        whole = self.emit(
            "call", args, ("xs",) * len(args), type=one_or_tuple([*types, *more]),
            callee=made, **primal.equal,
        )  # fmt: skip
        items = iter(self.items(whole) if len(types + more) > 1 else [whole])
        values = [v if v.is_const else next(items) for v in flat(result)]
        tangents = [
            next(items)
            if is_real_valued(v.type) and not v.is_const
            else self.zero_of(v)
            for v in values
        ]
        return Seq(
            "tuple", (refill(result, iter(values)), refill(result, iter(tangents)))
        )

    def gradients(
        self,
        primal: Primal,
        transform: Transform,
        wrt: Sequence[str],
        along: Sequence[Direction],
        outs: Sequence[Out],
    ) -> Bound:
        """What a call returns: values, and gradients as the arguments are made up."""
        known = sorted({k for _, k in primal.parts(wrt) if k is not None})
        asked = Gradient(
            primal.callee, tuple(known), (), (), transform.holomorphic,
            self.made.gradient,
        )  # fmt: skip
        found: dict[Out, list[Value]] = {out: [] for out in outs if out.bars}
        if needed := [out for out in outs if known or not out.bars]:
            found |= asked.call(self, primal.args, along, needed, **primal.equal)[1]
        made: list[Bound] = []
        for out in outs:
            if not out.bars:
                made += found[out]
                continue
            bars = dict(zip(known, found[out], strict=True))
            several = tuple(self.in_place_of(primal, n, bars) for n in wrt)
            made.append(several[0] if transform.single else Seq("tuple", several))
        return made[0] if len(made) == 1 else Seq("tuple", tuple(made))

    def in_place_of(self, primal: Primal, name: str, bars: dict[int, Value]) -> Bound:
        """A gradient of the structure of an argument."""
        places = iter(primal.places[name])

        def made(item: Bound) -> Bound:
            if isinstance(item, Seq):
                whole = item.of(map(made, item.items))
                return (
                    whole
                    if item.made is None
                    else replace(whole, made=Made(None, self.region))
                )
            place = next(places)
            if not is_real_valued(item.type):
                return self.const(None)
            return self.zero_of(item) if place is None else bars[place]

        return made(primal.given[name])

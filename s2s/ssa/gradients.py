"""Gradients that are functions of their own, and what becomes of them.

In: a call of one, in a function that is differentiated. Out: a call of another one.
Second derivatives are symmetric: the adjoint of a gradient is its tangent in the
direction of the cotangent, with parts for whatever the function depends on.

    d = call g_grad(x, a)     ->     x_bar, a_bar = call g_hvp(x, a, d_bar)

A gradient may have been differentiated along any number of directions, in any mode:
that gives one of the same kind again, with more directions or with others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from s2s.ssa.callee import Callee, with_own
from s2s.ssa.ir import Value
from s2s.ssa.types import Tuple, Type, bound, derivative_type

if TYPE_CHECKING:
    from s2s.parse.source import Parsed
    from s2s.ssa.calls import ExprBuilder

Direction = Mapping[int, Value]  # by the place of the parameter that it is one of


class Out(NamedTuple):
    """Something that is returned: the value or, as `bars`, its gradient.

    Or a derivative of that, along all directions with these numbers.
    """

    bars: bool
    along: frozenset[int]

    def with_one(self, more: int, less: int | None = None) -> Out:
        """Its derivative along one more direction, without that along another one."""
        return Out(self.bars, (self.along - {less}) | {more})


GRADIENT = Out(True, frozenset())
VALUE = Out(False, frozenset())


@dataclass(frozen=True)
class Gradient:
    """What a function of its own returns that is made of the derivatives of `of`.

    Gradients are those in the parameters `wrt`; its own parameters are those of `of`,
    and of each direction the parts that it has `along` some of these.
    """

    of: Callee
    wrt: tuple[int, ...]
    outs: tuple[Out, ...]
    along: tuple[tuple[int, ...], ...]
    holomorphic: bool
    make: Callable[[Gradient], Callee] = field(compare=False)

    def opened(self, args: Sequence[Value]) -> tuple[list[Value], list[Direction]]:
        """What a call is given: the arguments, and the directions."""
        first = len(self.of.body.body.params)
        rest = iter(args[first:])
        return list(args[:first]), [
            dict(zip(d, rest, strict=False)) for d in self.along
        ]

    def by_out(self, items: Iterable[Any]) -> dict[Out, list[Any]]:
        """What a call returns: one value, or one for each of the parameters `wrt`."""
        rest = iter(items)
        return {
            out: [next(rest) for _ in (self.wrt if out.bars else (0,))]
            for out in self.outs
        }

    def call(
        self,
        q: ExprBuilder,
        args: Sequence[Value],
        directions: Sequence[Direction],
        outs: Sequence[Out],
        **attrs: Any,
    ) -> tuple[Value, dict[Out, list[Value]]]:
        """Call what returns `outs`; what that is as a whole, and taken apart."""
        used = sorted(frozenset().union(*(out.along for out in outs)))
        named = {old: new for new, old in enumerate(used)}
        asked = replace(
            self,
            outs=tuple(Out(o.bars, frozenset(named[j] for j in o.along)) for o in outs),
            along=tuple(tuple(sorted(directions[j])) for j in used),
        )
        parts = [directions[j][k] for j in used for k in sorted(directions[j])]
        bars = tuple(derivative_type(args[k].type) for k in self.wrt)
        value = derivative_type(self.of.body.body.results[0].type)
        types = [t for out in outs for t in (bars if out.bars else (value,))]
        all_args = [*args, *parts]
        whole = q.emit(
            "call", all_args, ("xs",) * len(all_args), type=one_or_tuple(types),
            callee=self.make(asked), **attrs,
        )  # fmt: skip
        items = [whole] if len(types) == 1 else q.items(whole)
        return whole, dict(zip(outs, asked.by_out(items).values(), strict=True))


def why_once(of: Callee) -> str | None:
    """Why a function may be carried out only once, None if it may be again.

    A function whose derivative was given may do anything, or have another one.
    """
    for op in (op for each in with_own(of) for op in each.body.body.walk()):
        if op.kind == "print":
            return "it prints"
        if "custom" in op.attrs and not op.attrs["custom"].ours:
            return f"it calls `{op.attrs['maker']}`, whose derivative was given"
    return None


@dataclass(frozen=True)
class Derive:
    """How derivatives are made: as text, or as functions of the same output.

    For the `text` a function is given as parsed, with types and the items of a Request;
    for its `tangent`, with the places of the parameters that vary, and the number of
    results that have one.
    """

    text: Callable[..., Parsed]
    gradient: Callable[[Gradient], Callee]
    tangent: Callable[[Callee, tuple[int, ...], int], Callee]


def one_or_tuple(types: Sequence[Type]) -> Type:
    return bound(types[0]) if len(types) == 1 else Tuple(tuple(types))

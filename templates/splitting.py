"""Rows that take an array apart into a list; the cotangent is joined again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np
from s2s.templates.joining import axis_argument, first, second

from s2s.rules import RULES
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, rank, rewrite
from s2s.ssa.infer_arrays import split_axis
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import rank_of

linear = RULES.linear


def split_vjp(axis_of: Callable[[Op, int], int | None]) -> Callable:
    """The list of cotangents, joined again."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        x = op.args[0]
        axis = quote.const(axis_of(op, rank_of(x.type) or 1))
        kind, names = "np.concatenate of list", ("xs", "axis")
        return {0: quote.emit(kind, [g, axis], names, type=x.type)}

    return vjp


for name, samples in (
    ("split", ("a4, 2", "a34, 2, axis=1", "a34, (1,)")),
    ("array_split", ("a3, 2", "a34, (1, 3), axis=1")),
):
    linear(
        f"z = np.{name}(x, sections, axis=0)",
        vjp=split_vjp(axis_argument),
        type=split_axis(None),
        view=True,
        at=tuple(f"np.{name}({sample})" for sample in samples),
    )


def cut(node: gast.Call) -> bool:
    """Calls that say where to cut, not in how many parts."""
    return len(node.args) > 1 and isinstance(node.args[1], gast.List | gast.Tuple)


def slices(function: Any) -> None:
    """`[x[:i], x[i:j], x[j:]]`: these may be assigned to, as views are."""

    @rewrite(function, "ary", when=cut)
    def split(ary: Bound, sections: Bound, axis: Any = 0) -> str:
        assert isinstance(sections, Seq)
        at = [f"sections[{k}]" for k in range(len(sections.items))]
        before = ":, " * (constant(axis, "the axis") % rank(ary, "np.split"))
        ends = zip(["", *at], [*at, ""], strict=True)
        return f"[{', '.join(f'ary[{before}{i}:{j}]' for i, j in ends)}]"


slices(np.split)
slices(np.array_split)
for name, axis_of, default, sample in (
    ("hsplit", second, 1, "a34, 2"),
    ("vsplit", first, 0, "a34, (1,)"),
):
    linear(
        f"z = np.{name}(x, sections)",
        vjp=split_vjp(axis_of),
        type=split_axis(default),
        view=True,
        at=(f"np.{name}({sample})",),
    )

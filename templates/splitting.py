"""Rows that take an array apart into a list; the cotangent is joined again."""

from __future__ import annotations

from collections.abc import Callable

from s2s.templates.joining import axis_argument, first, second

from s2s.rules import RULES
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

"""Rows that join arrays.

The tangent of a joint is the joint of the tangents; the cotangent of a part is its
piece of the cotangent: of `np.concatenate([x, y])` they are `g[:x.shape[0]]` and
`g[x.shape[0]:]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from s2s.templates.shapes import in_shape_of

from s2s.errors import UnsupportedError
from s2s.rules import RULES, STRUCTURE
from s2s.ssa import infer_arrays
from s2s.ssa.infer import Call
from s2s.ssa.infer_arrays import of_parts
from s2s.ssa.infer_shape import as_array
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Dim, List, Type, bound, rank_of

custom, linear = RULES.custom, RULES.linear

BECAUSE = "linear in all parts together: the tangent joins all of their tangents"


def join_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The same operation on the tangents, zeros standing for inactive parts."""
    args = []
    for k, (arg, name) in enumerate(zip(op.args, op.names, strict=True)):
        if k not in dots and name in ("xs", "x", "values"):
            zeros = "0.0" if rank_of(arg.type) == 0 else "np.zeros_like(x)"
            args.append(quote(zeros, x=arg))
        else:
            args.append(dots.get(k, arg))
    attrs = {k: v for k, v in op.attrs.items() if k in ("method", *STRUCTURE)}
    return quote.emit(op.kind, args, op.names, **attrs)


def join_vjp(axis_of: Callable[[Op, int], int | None]) -> Callable:
    """The pieces of g; `axis_of(op, rank)` says along which axis the parts are joined.

    A part with fewer axes than g is one row (or column...) of it.
    """

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        rank = rank_of(g.type)
        if rank is None:
            raise UnsupportedError(
                f"the ranks of the arguments of {op.kind} must be known", op.origin
            )
        axis = axis_of(op, rank)
        parts = [k for k, n in enumerate(op.names) if n in ("xs", "x", "values")]
        lengths = [length_in(quote, op.args[k], axis, rank) for k in parts]
        pieces = {}
        for j, k in enumerate(parts):
            part, own = op.args[k], rank_of(op.args[k].type) or 0
            start, stop = ends(quote, lengths, j)
            if axis is not None and own < rank:
                item = [":"] * rank
                item[axis] = "start"
                if own < rank - 1:  # a number in a row of np.vstack
                    item = ["start", "0"]
                piece = quote(f"g[{trimmed(item)}]", g=g, start=start or quote.const(0))
            else:
                low, high = "start" if start else "", "stop" if stop else ""
                item = [":"] * (axis or 0) + [f"{low}:{high}"]
                values = {n: v for n, v in (("start", start), ("stop", stop)) if v}
                piece = quote(f"g[{', '.join(item)}]", g=g, **values)
                if axis is None and own != 1:
                    piece = in_shape_of(quote, piece, part)
            of, made = as_array(part.type), bound(g.type)
            if of is not None and isinstance(made, Array):
                piece.type = Array(made.dtype, of.shape)
            pieces[k] = piece
        return pieces

    return vjp


def ends(
    quote: Quote, lengths: list[Value], j: int
) -> tuple[Value | None, Value | None]:
    """Where part `j` starts and stops, None at the ends of the joint.

    Counted from the back where the lengths there are constants: `g[1:-1]`.
    """
    start = quote.const(0)
    for length in lengths[:j]:
        start = plus(quote, start, length)
    stop = plus(quote, start, lengths[j])
    after = constant_sum(lengths[j + 1 :])
    tail = constant_sum(lengths[j:])
    if after:
        stop = quote.const(-after)
    if tail and not start.is_const:
        start = quote.const(-tail)
    at_start = start.is_const and start.const == 0
    return None if at_start else start, None if after == 0 else stop


def constant_sum(lengths: list[Value]) -> int | None:
    """The sum of lengths that are all known when compiling."""
    if not all(v.is_const for v in lengths):
        return None
    return sum(v.const for v in lengths)


def trimmed(index: list[str]) -> str:
    """Index text without the full slices at its end."""
    while index[-1] == ":":
        index = index[:-1]
    return ", ".join(index)


def length_in(quote: Quote, part: Value, axis: int | None, rank: int) -> Value:
    """How many rows (columns...) of the joint the part takes."""
    if axis is None:
        return quote("v.size", v=part)
    if (rank_of(part.type) or 0) < rank:
        return quote.const(1)
    return length_along(quote, part, axis)


def length_along(quote: Quote, part: Value, axis: int) -> Value:
    of = bound(part.type)
    if isinstance(of, Array) and of.shape[axis].sym == "":
        return quote.const(of.shape[axis].off)
    return quote(f"v.shape[{axis}]", v=part)


def plus(quote: Quote, a: Value, b: Value) -> Value:
    """The sum of two lengths, worked out if they are constants."""
    if a.is_const and b.is_const:
        return quote.const(a.const + b.const)
    return b if a.is_const and a.const == 0 else quote("a + b", a=a, b=b)


def axis_argument(op: Op, rank: int) -> int | None:
    """The `axis` argument, 0 by default, as a non-negative number."""
    axis = op.arg("axis")
    if axis is None:
        return 0
    if not axis.is_const:
        raise UnsupportedError(f"the axis of {op.kind} must be constant", op.origin)
    return None if axis.const is None else axis.const % rank


def join(text: str, axis_of: Any, type: Any, at: tuple[str, ...], **more: Any) -> None:
    """A row that joins parts."""
    custom(
        text, vjp=join_vjp(axis_of), jvp=join_jvp, type=type, because=BECAUSE, at=at,
        moves=True, **more,
    )  # fmt: skip


def list_type(call: Call) -> Type:
    """The joint of a list whose length is only known at run time."""
    xs, axis = call.type("xs"), call.const("axis")
    item = bound(xs.item) if isinstance(xs, List) else None
    if not isinstance(item, Array) or not item.rank or not isinstance(axis, int):
        return ANY
    shape = list(item.shape)
    shape[axis] = Dim()
    return Array(item.dtype, tuple(shape))


@RULES.helper
def split_like(g, x, axis):  # type: ignore[no-untyped-def]
    """The parts of g that the arrays of a list have in their joint."""
    ends = np.cumsum([v.shape[axis] for v in x])
    return np.split(g, ends[:-1], axis)


linear("z = split_like(g, x, axis)", type=lambda call: call.type("x"))


def list_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    axis = op.arg("axis") or quote.const(0)
    return {0: quote.emit("split_like", [g, op.args[0], axis])}


# the transpose of np.split
linear(
    "z = np.concatenate(xs, axis=0)",
    kind="np.concatenate of list",
    vjp=list_vjp,
    type=list_type,
    at=(),
)
join(
    "z = np.concatenate([*xs], axis=0)",
    axis_argument,
    of_parts(infer_arrays.concatenated),
    (
        "np.concatenate([a3, a4])",
        "np.concatenate((a34, a24))",
        "np.concatenate([a34, a31, a34], axis=1)",
        "np.concatenate([a34, a3], axis=None)",
        "np.concatenate([a3, [s]])",
        "np.concatenate([a234, a234], axis=-2)",
    ),
)
join(
    "z = np.stack([*xs], axis=0)",
    axis_argument,
    of_parts(infer_arrays.stacked),
    (
        "np.stack([a3, a3])",
        "np.stack([a34, a34], axis=1)",
        "np.stack([a34, a34], axis=-1)",
        "np.stack([s, s])",
    ),
)


def first(op: Op, rank: int) -> int:
    return 0


def second(op: Op, rank: int) -> int:
    return min(1, rank - 1)


join(
    "z = np.hstack([*xs])",
    second,
    of_parts(infer_arrays.horizontal),
    ("np.hstack([a3, a4])", "np.hstack([a34, a31])", "np.hstack([s, a3, s])"),
)
join(
    "z = np.vstack([*xs])",
    first,
    of_parts(infer_arrays.vertical),
    ("np.vstack([a4, a4])", "np.vstack([a34, a4, a24])", "np.vstack([s, s])"),
)
join(
    "z = np.column_stack([*xs])",
    second,
    of_parts(infer_arrays.columns),
    ("np.column_stack([a3, a3])", "np.column_stack([a34, a3])"),
)


def append_axis(op: Op, rank: int) -> int | None:
    return None if op.arg("axis") is None else axis_argument(op, rank)


join(
    "z = np.append(x, values, axis=None)",
    append_axis,
    infer_arrays.appended,
    ("np.append(a3, s)", "np.append(a34, a24, axis=0)", "np.append(a34, a3)"),
)


# arrays of lists ----------------------------------------------------------------------

for name in ("array", "asarray"):
    linear(
        f"z = np.{name}(x, dtype=None)",
        "g",
        kind=f"np.{name} of one",
        moves=True,
        type=infer_arrays.converted(),
        view=name != "array",
        cheap=name != "array",
        at=(f"np.{name}(a34)", f"np.{name}(s)"),
    )
    join(
        f"z = np.{name}([*xs], dtype=None)",
        first,
        of_parts(infer_arrays.array_of),
        (
            f"np.{name}([s, 2.0 * s])",
            f"np.{name}([a3, a3])",
            f"np.{name}([[s, 1.0], [2.0, s]])",
        ),
        single=f"np.{name} of one",
    )

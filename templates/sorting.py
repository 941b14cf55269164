"""Rows that choose elements by their order or by their positions.

Convention: elements that tie in `sort` keep the order that NumPy gives them.
"""

from __future__ import annotations

from s2s.templates.shapes import in_shape_of

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa import infer_arrays
from s2s.ssa.infer import Call, as_positions, kind_of
from s2s.ssa.infer_shape import as_array, axis_of, moved
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import (
    ANY,
    Array,
    Dim,
    List,
    Tuple,
    Type,
    bound,
    is_list_of_ints,
    length,
    rank_of,
)

custom, linear, zero = RULES.custom, RULES.linear, RULES.zero


def in_order(call: Call, x: Array) -> tuple[Dim, ...] | None:
    """The shape stays, unless there is no axis."""
    return x.shape if isinstance(call.const("axis"), int) else None


def sort_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Back to where the elements were: the order of the order is the inverse."""
    text = (
        "np.take_along_axis(g, np.argsort(np.argsort(x, axis=axis), axis=axis), axis)"
    )
    if rank_of(op.args[0].type) == 1:
        text = "g[np.argsort(np.argsort(x))]"
    return {0: quote(text, **{**rule_values(quote, op), "g": g})}


def sort_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    text = "np.take_along_axis(g, np.argsort(x, axis=axis), axis)"
    if rank_of(op.args[0].type) == 1:
        text = "g[np.argsort(x)]"
    return quote(text, **{**rule_values(quote, op), "g": dots[0]})


custom(
    "z = np.sort(x, axis=-1)",
    vjp=sort_vjp,
    jvp=sort_jvp,
    type=moved(in_order),
    because="the permutation depends on x",
    at=("np.sort(a4)", "np.sort(a34)", "np.sort(a34, axis=0)"),
)


def positions(call: Call) -> Type:
    x = as_array(call.type("x"))
    shape = None if x is None else in_order(call, x)
    return ANY if shape is None else Array("int64", shape)


zero(
    "z = np.argsort(x, axis=-1)",
    type=positions,
    method="argsort",
    at=("np.argsort(a34)", "a34.argsort(axis=0)"),
)
zero(
    "z = np.nonzero(x)",
    type=infer_arrays.positions,
    method="nonzero",
    at=("np.nonzero(a34)",),
)


def found(call: Call) -> Type:
    v = as_array(call.type("v"))
    return ANY if v is None else Array("int64", v.shape)


zero(
    "z = np.searchsorted(x, v, side='left')",
    type=found,
    method="searchsorted",
    at=("np.searchsorted(np.sort(a4), a34)",),
)


def taken(call: Call) -> Type:
    """np.take: the axis is replaced by those of the indices."""
    x, axis, given = as_array(call.type("x")), call.const("axis"), call.type("indices")
    as_positions(given, "np.take")
    if isinstance(given, List) and is_list_of_ints(given):
        given = Array("int64", (given.dim,))
    if isinstance(given, Tuple) and all(kind_of(i) == "int" for i in given.items):
        given = Array("int64", (length(len(given.items)),))
    indices = as_array(given)
    if x is None or indices is None or axis is ...:
        return ANY
    if axis is None:
        return Array(x.dtype, indices.shape)
    k = axis_of(call, x.rank) or 0
    return Array(x.dtype, x.shape[:k] + indices.shape + x.shape[k + 1 :])


def added_to_zeros(
    quote: Quote, x: Value, codes: list[str], *pairs: tuple[list[Value], Value]
) -> Value:
    """Zeros in the shape of x, with values added at indices: pairs of both."""
    out = quote("np.zeros_like(x)", x=x)
    for index, g in pairs:
        out.hint, out.role = f"{x.hint}_bar", "bar"  # it is written to: it has a name
        names = ("x", *("index",) * (len(index) + 1))
        out = quote.emit("add_at", [out, *index, g], names, index=tuple(codes))
    return out


def take_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Each element of g is added to the one that it was taken from."""
    x, indices, axis = op.args[0], op.args[1], op.arg("axis")
    rank = rank_of(x.type)
    if rank is None or (axis is not None and not axis.is_const):
        raise UnsupportedError("np.take needs a known rank and axis", op.origin)
    if isinstance(bound(indices.type), Tuple):  # which would index an axis each
        indices = quote("np.array(indices)", indices=indices)
    if axis is not None and axis.const is not None:
        codes = ["s000"] * (axis.const % rank) + ["i"]
        return {0: added_to_zeros(quote, x, codes, ([indices], g))}
    if rank == 1:
        return {0: added_to_zeros(quote, x, ["i"], ([indices], g))}
    bar = added_to_zeros(quote, quote("np.ravel(x)", x=x), ["i"], ([indices], g))
    return {0: in_shape_of(quote, bar, x)}


linear(
    "z = np.take(x, indices, axis=None)",
    vjp=take_vjp,
    type=taken,
    method="take",
    at=(
        "np.take(a4, i3)",
        "np.take(a34, i3, axis=1)",
        "np.take(a34, i3)",
        "np.take(a34, [2, 0, -1], axis=0)",
        "np.take(a34, (2, 0), axis=1)",
        "np.take(a34, (2, 0))",
        "a34.take(i3, axis=0)",
        "np.take(a234, 1, axis=-1)",
    ),
)


def taken_along(call: Call) -> Type:
    indices = as_array(call.type("indices"))
    x = as_array(call.type("x"))
    if x is None or indices is None or call.const("axis") is ...:
        return ANY
    k = axis_of(call, x.rank)
    if k is None or indices.rank != x.rank:
        return ANY
    shape = [
        i if n == k else (d if i.unit else i)
        for n, (d, i) in enumerate(zip(x.shape, indices.shape, strict=True))
    ]
    return Array(x.dtype, tuple(shape))


def take_along_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    x, indices, axis = op.args
    rank = rank_of(x.type)
    if rank is None or not axis.is_const or axis.const is None:
        raise UnsupportedError("np.take_along_axis needs a constant axis", op.origin)
    index = []
    for n in range(rank):
        other = ", ".join(":" if i == n else "None" for i in range(rank))
        text = f"np.arange(x.shape[{n}])" + (f"[{other}]" if rank > 1 else "")
        is_axis = n == axis.const % rank
        index.append(indices if is_axis else quote(text, x=x))
    return {0: added_to_zeros(quote, x, ["i"] * rank, (index, g))}


linear(
    "z = np.take_along_axis(x, indices, axis)",
    vjp=take_along_vjp,
    type=taken_along,
    at=(
        "np.take_along_axis(a4, i3, 0)",
        "np.take_along_axis(a34, np.argsort(a34), 1)",
        "np.take_along_axis(a34, np.argsort(a34, axis=0), axis=0)",
    ),
)

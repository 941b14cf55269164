"""Rows for what NumPy makes of lists of any length, and for lists of what arrays hold.

The cotangent of a list that became an array is the lists of what is in its cotangent:

    A = np.array(rows)     ->     rows_bar = A_bar.tolist()
"""

from __future__ import annotations

from typing import Any

from s2s.rules import RULES
from s2s.ssa.infer import Call, Refused, floating
from s2s.ssa.infer_arrays import array_given
from s2s.ssa.infer_shape import as_array
from s2s.ssa.ir import Op, Value
from s2s.ssa.nesting import leaf_types, nesting
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    FLOAT,
    Array,
    List,
    Scalar,
    Tuple,
    Type,
    adjoint_type,
    bound,
    is_real_valued,
    rank_of,
)
from s2s.structure import LIST

custom, linear = RULES.custom, RULES.linear


def item_of(call: Call) -> Array:
    """The type of the items of a list that becomes an array."""
    of = call.type("x")
    assert isinstance(of, List)
    item = array_given(of.item)
    if item is None:
        raise Refused("the items of this list must be numbers or arrays of one rank")
    numbers = [as_array(part) for part in leaf_types(of) if is_real_valued(part)]
    if any(n and n.dtype != item.dtype for n in numbers):
        raise Refused("the numbers in this list must be of one kind, or integers")
    return item


def array_type(call: Call) -> Type:
    item, of = item_of(call), call.type("x")
    assert isinstance(of, List)
    return Array(item.dtype, (of.dim, *item.shape))


def rows_type(call: Call) -> Type:
    g = call.type("g")
    assert isinstance(g, Array)
    return List(Array(g.dtype, g.shape[1:]), g.shape[0])


def transposed(kind: str) -> Any:
    """The transpose is another operation on the cotangent."""
    return lambda quote, op, g: {0: quote.emit(kind, [g])}


@RULES.helper
def nested_rows(g, depth):  # type: ignore[no-untyped-def]
    """The items of an array as lists in lists."""
    return list(g) if depth == 1 else [nested_rows(v, depth - 1) for v in g]


@RULES.helper
def real_parts(g, depth, real):  # type: ignore[no-untyped-def]
    """The items of an array as lists in lists, with None for what is not real."""
    if depth:
        return [real_parts(v, depth - 1, real) for v in g]
    if isinstance(real, tuple):
        return [real_parts(v, 0, r) for v, r in zip(g, real, strict=True)]
    return g if real else None


def nested_type(call: Call) -> Type:
    g = call.type("g")
    assert isinstance(g, Array)
    depth = call.const("depth")
    of: Type = Array(g.dtype, g.shape[depth:])
    for dim in reversed(g.shape[:depth]):
        of = List(of, dim)
    return of


def rows_of(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The cotangent of a list that became an array."""
    depth = depth_of(op.args[0].type)
    if depth == 1:
        return {0: quote.emit("rows", [g])}
    if depth == nesting(op.args[0].type):
        return {0: nested(quote, g, depth)}
    item, outer = bound(op.args[0].type), 0
    while isinstance(item, List):
        item, outer = bound(item.item), outer + 1
    if all(map(is_real_valued, leaf_types(item))):
        out = nested(quote, g, depth)
    else:
        args = [g, quote.const(outer), quote.const(are_real(item))]
        out = quote.emit("real_parts", args)
    out.type = adjoint_type(op.args[0].type)
    return {0: out}


def nested(quote: Quote, g: Value, depth: int) -> Value:
    if depth == rank_of(g.type):  # all is lists, down to the numbers
        return quote.emit("tolist", [g])
    return quote.emit("nested_rows", [g, quote.const(depth)])


def are_real(of: Type) -> Any:
    """Which parts of a tuple have a derivative."""
    of = bound(of)
    if isinstance(of, Tuple):
        return tuple(map(are_real, of.items))
    return is_real_valued(of)


def depth_of(of: Type) -> int:
    """How many axes of an array were the lists and tuples that it was made of."""
    of = bound(of)
    if isinstance(of, Tuple):
        return 1 + depth_of(of.items[0])
    return 1 + depth_of(of.item) if isinstance(of, List) else 0


@RULES.helper
def numbers_in(x):  # type: ignore[no-untyped-def]
    """The same lists, with zeros for what has no derivative."""
    if isinstance(x, (list, tuple)):
        return [numbers_in(v) for v in x]
    return 0.0 if x is None else x


def numbers_only(of: Type) -> Type:
    """The type of lists in which all that is no array is a number."""
    of = bound(of)
    if isinstance(of, Tuple):
        return Tuple(tuple(map(numbers_only, of.items)), LIST)
    if isinstance(of, List):
        return List(numbers_only(of.item), of.dim)
    return of if is_real_valued(of) else FLOAT


def array_of(quote: Quote, g: Value) -> Value:
    """The array of a derivative; of what has none, there are zeros in it."""
    if not all(map(is_real_valued, leaf_types(g.type))):
        g = quote.emit("numbers_in", [g])
    return quote.emit("np.array of list", [g])


linear("z = numbers_in(x)", "g", type=lambda call: numbers_only(call.type("x")))
linear("z = rows(g)", vjp=transposed("np.array of list"), type=rows_type, run=list)
linear(
    "z = real_parts(g, depth, real)",
    vjp=lambda quote, op, g: {0: array_of(quote, g)},
    type=nested_type,
)


def numbers_type(call: Call) -> Type:
    """The type of what an array is in Python's own lists."""
    g = as_array(call.type("g"))
    if g is None:
        raise Refused("tolist() needs an array whose rank is known")
    of: Type = Scalar(g.kind)
    for dim in reversed(g.shape):
        of = List(of, dim)
    return of


def as_it_was(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    whole = rank_of(op.args[0].type)
    return {0: array_of(quote, g) if whole else g}


linear("z = g.tolist()", vjp=as_it_was, type=numbers_type, at=("a3.tolist()[1]",))
linear(
    "z = nested_rows(g, depth)",
    vjp=lambda quote, op, g: {0: array_of(quote, g)},
    type=nested_type,
)
linear(
    "z = np.array(x)",
    kind="np.array of list",
    vjp=rows_of,
    jvp=lambda quote, op, dots: array_of(quote, dots[0]),
    type=array_type,
    at=(),
)


def total_type(call: Call) -> Type:
    item = item_of(call)
    return Array(floating(item.dtype) if "mean" in call.op.kind else item.dtype, ())


def spread(text: str) -> Any:
    """The cotangent of each number of a list that is summed."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        count = quote.emit("len", [op.args[0]])
        each = quote(text, g=g, n=count)
        return {0: quote.emit("list_repeat", [each, count])}

    return vjp


LINEAR = "linear in the list as a whole"
for kind, text in (("np.sum", "g"), ("np.mean", "g / n"), ("math.fsum", "g")):
    custom(
        f"z = {kind}(x)",
        kind=f"{kind} of list",
        vjp=spread(text),
        jvp=lambda quote, op, dots: quote.emit(op.kind, [dots[0]], op.names),
        type=total_type,
        because=LINEAR,
        at=(),
    )

"""Rows that change the shape of an array or the order of its axes.

Their transposes change it back. Most of them return views.
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.infer import Call
from s2s.ssa.infer_shape import (
    as_array,
    at_least,
    axes_moved,
    expanded,
    lengths,
    many,
    moved,
    product,
    reshaped,
    squeezed,
    swapped,
    transposed,
)
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Dim, Type, rank_of

linear = RULES.linear


def in_shape_of(quote: Quote, g: Value, x: Value) -> Value:
    """The elements of g in the shape of x."""
    if rank_of(x.type) == 0:
        return quote("np.sum(g)", g=g)  # its only element
    of = as_array(x.type)
    if of is not None and of.rank == 1 and rank_of(g.type):  # no shape need be known
        out = g if rank_of(g.type) == 1 else quote("np.ravel(g)", g=g)
        if isinstance(out.type, Array) and out is not g:
            out.type = Array(out.type.dtype, of.shape)
        return out
    shape = "np.shape(x)" if as_array(x.type) is None else "x.shape"
    return quote(f"np.reshape(g, {shape})", g=g, x=x)


def back(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The cotangent in the shape of the argument."""
    return {0: in_shape_of(quote, g, op.args[0])}


linear(
    "z = np.reshape(x, shape)",
    vjp=back,
    moves=True,
    type=moved(reshaped),
    method="reshape",
    spread="shape",
    view=True,
    cheap=True,
    at=(
        "np.reshape(a34, (4, 3))",
        "np.reshape(a34, -1)",
        "a34.reshape(2, -1)",
        "a34.reshape((2, 6))",
        "np.reshape(a1, (-1, 1))",
        "np.reshape(s, (1, 1))",
        "a34.reshape(a34.shape[0], -1)",
        "np.reshape(a34, a34.shape[::-1])",
    ),
)


def flat(call: Call, x: Array) -> tuple[Dim, ...]:
    return (product(x.shape),)


linear(
    "z = np.ravel(x)",
    vjp=back,
    moves=True,
    type=moved(flat),
    method="ravel",
    view=True,
    cheap=True,
    at=("np.ravel(a34)", "a34.ravel()", "np.ravel(a3)", "np.ravel(s)"),
)
linear(
    "z = x.flat",
    vjp=back,
    moves=True,
    type=moved(flat),
    view=True,
    cheap=True,
)
linear("z = x.flatten()", vjp=back, moves=True, type=moved(flat), at=("a34.flatten()",))
linear(
    "z = np.squeeze(x, axis=None)",
    vjp=back,
    moves=True,
    type=moved(squeezed),
    method="squeeze",
    view=True,
    cheap=True,
    at=("np.squeeze(a31)", "a31.squeeze(1)", "np.squeeze(a134, axis=(0,))"),
)
for n, samples in ((1, ("s", "a3")), (2, ("s", "a3", "a34"))):
    linear(
        f"z = np.atleast_{n}d(x)",
        vjp=back,
        moves=True,
        type=at_least(n),
        view=True,
        cheap=True,
        at=tuple(f"np.atleast_{n}d({sample})" for sample in samples),
    )
linear(
    "z = np.expand_dims(x, axis)",
    vjp=back,
    moves=True,
    type=moved(expanded),
    view=True,
    cheap=True,
    at=(
        "np.expand_dims(a34, 1)",
        "np.expand_dims(a3, (0, 2))",
        "np.expand_dims(a1, -1)",
        "np.expand_dims(s, 0)",
    ),
)


def transpose_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The inverse permutation."""
    axes = op.arg("axes")
    if axes is None or (axes.is_const and axes.const is None):
        return {0: quote("g.T", g=g)}
    if not axes.is_const:
        return {0: quote("np.transpose(g, np.argsort(axes))", g=g, axes=axes)}
    given = many(axes.const)
    n = len(given)
    order = [a % n for a in given]
    inverse = quote.const(tuple(order.index(k) for k in range(n)))
    return {0: quote("np.transpose(g, inverse)", g=g, inverse=inverse)}


linear(
    "z = x.T",
    "g.T",
    moves=True,
    type=moved(lambda call, x: x.shape[::-1]),
    view=True,
    cheap=True,
    at=("a34.T", "a1.T", "a234.T"),
)
linear(
    "z = np.transpose(x, axes := None)",
    vjp=transpose_vjp,
    moves=True,
    type=moved(transposed),
    method="transpose",
    spread="axes",
    view=True,
    cheap=True,
    at=(
        "np.transpose(a34)",
        "a34.transpose()",
        "a234.transpose(2, 0, 1)",
        "np.transpose(a234, (1, 2, 0))",
        "np.transpose(a234, axes=(-1, 0, 1))",
    ),
)
linear(
    "z = np.swapaxes(x, axis1, axis2)",
    "np.swapaxes(g, axis1, axis2)",
    moves=True,
    type=moved(swapped),
    method="swapaxes",
    view=True,
    cheap=True,
    at=("np.swapaxes(a234, 0, -1)", "a234.swapaxes(1, 2)"),
)
linear(
    "z = np.moveaxis(x, source, destination)",
    "np.moveaxis(g, destination, source)",
    moves=True,
    type=moved(axes_moved),
    view=True,
    cheap=True,
    at=("np.moveaxis(a234, 0, -1)", "np.moveaxis(a234, (0, 1), (1, 2))"),
)


def broadcast_type(call: Call) -> Type:
    of, shape = call.type("x"), call.op.arg("shape")
    x = of if isinstance(of, Array) else as_array(of)
    assert shape is not None
    dims = lengths(shape)
    return ANY if x is None or dims is None else Array(x.dtype, dims)


linear(
    "z = np.broadcast_to(x, shape)",
    "g",  # summed over the new axes where it meets x
    type=broadcast_type,
    view=True,
    cheap=True,
    at=(
        "np.broadcast_to(a4, (3, 4))",
        "np.broadcast_to(a31, (3, 4))",
        "np.broadcast_to(s, a34.shape)",
        "np.broadcast_to(a31, (2, 3, 1))",
    ),
)

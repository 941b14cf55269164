"""Rows that make arrays, convert them, and ask for their shape and dtype."""

from __future__ import annotations

import numpy as np

from s2s.rules import RULES
from s2s.ssa import infer_arrays
from s2s.ssa.infer import Call, boolean, integer
from s2s.ssa.infer_arrays import converted, filled, filled_with, like
from s2s.ssa.infer_shape import as_array, at_least
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, INT, Scalar, Type

linear, zero, custom = RULES.linear, RULES.zero, RULES.custom

# filled arrays ------------------------------------------------------------------------

for name, of in ("zeros", "{}"), ("ones", "{}"), ("empty", "np.shape({})"):
    calls = (
        f"np.{name}(3)",
        f"np.{name}((3, 4))",
        f"np.{name}(a34.shape, dtype=np.float32)",
    )
    zero(
        f"z = np.{name}(shape, dtype=None)",
        type=filled,
        at=tuple(map(of.format, calls)),  # what is not filled yet is not compared
    )
    calls = f"np.{name}_like(a34)", f"np.{name}_like(a34, dtype=float)"
    zero(
        f"z = np.{name}_like(x, dtype=None)",
        type=like,
        at=tuple(map(of.format, calls)),
    )
linear(
    "z = np.full(shape, fill_value, dtype=None)",
    None,
    "g",  # summed where it meets the value
    type=filled_with,
    at=("np.full(3, s)", "np.full((3, 4), a4)", "np.full(a34.shape, s)"),
)
linear(
    "z = np.full_like(x, fill_value, dtype=None)",
    None,
    "g",
    type=like,
    at=("np.full_like(a34, s)", "np.full_like(a34, a4)"),
)
zero(
    "z = np.eye(N, M := None, k=0, dtype=None)",
    type=infer_arrays.eye,
    at=("np.eye(3)", "np.eye(3, 4)", "np.eye(3, k=1)"),
)
zero(
    "z = np.tri(N, M := None, k=0, dtype=None)",
    type=infer_arrays.eye,
    at=("np.tri(3)", "np.tri(3, 4)", "np.tri(3, k=1)"),
)
zero(
    "z = np.identity(n, dtype=None)", type=infer_arrays.identity, at=("np.identity(3)",)
)

# positions ----------------------------------------------------------------------------

zero(
    "z = np.diag_indices(n, ndim=2)",
    type=infer_arrays.diagonal_positions,
    at=("np.diag_indices(3)", "np.diag_indices(3, 3)"),
)
zero(
    "z = np.diag_indices_from(arr)",
    type=infer_arrays.diagonal_positions_from,
    at=("np.diag_indices_from(np.outer(a4, a4))",),
)
zero(
    "z = np.indices(dimensions)",
    type=infer_arrays.positions_of_all,
    at=("np.indices((3, 4))",),
)
for name in "triu", "tril":
    zero(
        f"z = np.{name}_indices(n, k=0, m=None)",
        type=infer_arrays.triangle_positions,
        at=(f"np.{name}_indices(3)", f"np.{name}_indices(3, 1, 4)"),
    )
    zero(
        f"z = np.{name}_indices_from(arr, k=0)",
        type=infer_arrays.triangle_positions,
        at=(f"np.{name}_indices_from(a34)", f"np.{name}_indices_from(a34, k=-1)"),
    )

# ranges -------------------------------------------------------------------------------


def arange_weights(quote: Quote, op: Op) -> dict[int, Value]:
    """The derivative of `start + k * step`; the stop only sets how many there are."""
    weights = {}
    for position, name in enumerate(op.names):
        is_start = name == "start" and "stop" in op.names
        text = "np.arange(z.shape[0])" if name == "step" else str(float(is_start))
        weights[position] = quote(text, z=op.result)
    return weights


def arange_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    weights = arange_weights(quote, op)
    return {k: quote("np.sum(g * w)", g=g, w=w) for k, w in weights.items()}


def arange_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    weights = arange_weights(quote, op)
    total = quote("np.zeros_like(z)", z=op.result)
    for k, dot in dots.items():
        total = quote("total + g * w", total=total, g=dot, w=weights[k])
    return total


custom(
    "z = np.arange(start, stop := None, step := None, dtype=None)",
    vjp=arange_vjp,
    jvp=arange_jvp,
    type=infer_arrays.arange,
    because="the only argument is the stop, and of several the first is the start",
    at=("np.arange(s, 4.2)", "np.arange(s, 3.0 * s, 0.3 * s)", "np.arange(3.0 * s)"),
)
WEIGHTS = (
    "np.linspace(1.0, 0.0, num=num, endpoint=endpoint)",
    "np.linspace(0.0, 1.0, num=num, endpoint=endpoint)",
)
custom(
    "z = np.linspace(start, stop, num := 50, endpoint=True)",
    vjp=[f"np.sum(g * {weights})" for weights in WEIGHTS],
    jvp=[f"g * {weights}" for weights in WEIGHTS],
    type=infer_arrays.linspace,
    because="linear in start and stop together",
    at=(
        "np.linspace(s, 3.0, 5)",
        "np.linspace(s, 2.0 * s, num=4, endpoint=False)",
        "np.linspace(s, 3.0, 1)",
        "np.linspace(0.0, s)",
    ),
)

# conversions --------------------------------------------------------------------------

linear(
    "z = np.copy(x)",
    "g",
    moves=True,
    type=converted(),
    method="copy",
    at=("np.copy(a34)", "a34.copy()"),
)
linear(
    "z = np.ascontiguousarray(x)",
    "np.reshape(g, np.shape(x))",
    type=at_least(1),
    view=True,
    at=("np.ascontiguousarray(a34.T)", "np.ascontiguousarray(s)"),
)
linear(
    "z = x.astype(dtype)",
    "g",
    moves=True,
    type=converted(),
    at=("a34.astype(np.float32)", "a34.astype(float)", "a34.astype('float64')"),
)
for name in ("float64", "float32", "float16", "complex128", "complex64"):
    linear(f"z = np.{name}(x)", "g", type=converted(name), at=(f"np.{name}(s)",))
for name in ("int64", "int32", "int16", "int8", "uint8", "bool_"):
    dtype = np.dtype(getattr(np, name)).name
    zero(f"z = np.{name}(x)", type=converted(dtype), at=(f"np.{name}(s)",))


def number(call: Call) -> Type:
    """The only element as a Python number."""
    x = as_array(call.type("x"))
    return ANY if x is None else Scalar(x.kind)


linear("z = x.item()", "np.full(np.shape(x), g)", type=number, at=("u.item()",))

# questions ----------------------------------------------------------------------------

for name in "eps", "tiny":  # of np.finfo(float), which takes its time
    zero(f"z = x.{name}", type=infer_arrays.limit, at=(f"np.finfo(float).{name}",))
zero("z = x.shape", type=infer_arrays.shape, cheap=True, at=("a34.shape",))
zero("z = np.shape(x)", type=infer_arrays.shape, cheap=True, at=("np.shape(a34)",))
zero("z = x.size", type=infer_arrays.size, cheap=True, at=("a34.size",))
zero("z = x.dtype", type=infer_arrays.dtype, cheap=True, at=("a34.dtype",))


def size_along(call: Call) -> Type:
    """np.size: of one axis, or of all of them."""
    return INT if call.op.arg("axis") is not None else infer_arrays.size(call)


zero("z = np.size(x, axis=None)", type=size_along, cheap=True, at=("np.size(a34, 0)",))
zero("z = x.ndim", type=integer, cheap=True, at=("a34.ndim",))
zero("z = np.ndim(x)", type=integer, cheap=True, at=("np.ndim(a34)",))
for name in ("isscalar", "iscomplexobj", "isrealobj"):
    zero(f"z = np.{name}(x)", type=boolean, at=(f"np.{name}(a34)",))

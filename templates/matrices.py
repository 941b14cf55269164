"""Rows of diagonals and triangles of matrices."""

from __future__ import annotations

from s2s.templates.sorting import added_to_zeros

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import Call, Refused
from s2s.ssa.infer_shape import as_array, diagonal_length, moved
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Dim, Type, rank_of

linear = RULES.linear


def on_diagonal(quote: Quote, op: Op, g: Value, k: Value) -> Value:
    """Zeros in the shape of a matrix, with g on its k-th diagonal."""
    i = quote("np.arange(g.shape[0])", g=g)
    row, column = i, i
    if not k.is_const:
        raise UnsupportedError("the diagonal must be constant", op.origin)
    if k.const > 0:
        column = quote("i + k", i=i, k=k)
    if k.const < 0:
        row = quote("i + k", i=i, k=quote.const(-k.const))
    return added_to_zeros(quote, op.args[0], ["i", "i"], ([row, column], g))


def diagonal_of(call: Call, x: Array, name: str) -> Dim:
    """The length of a matrix's diagonal."""
    (rows, columns), k = x.shape, call.const(name)
    return diagonal_length(rows, columns, k) if isinstance(k, int) else Dim()


def diag_type(call: Call) -> Type:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    x = as_array(call.type("x"))
    if x is None:
        return ANY
    if x.rank == 2:
        return Array(x.dtype, (diagonal_of(call, x, "k"),))
    if x.rank != 1:
        raise Refused(f"np.diag needs a vector or a matrix, not {x.rank} axes")
    k = call.const("k")
    side = Dim() if k is ... else x.shape[0].shifted(abs(k)) if k else x.shape[0]
    return Array(x.dtype, (side, side))


def diag_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    k = op.arg("k") or quote.const(0)
    if rank_of(op.args[0].type) == 2:
        return {0: on_diagonal(quote, op, g, k)}
    return {0: quote("np.diag(g, k=k)", g=g, k=k)}


linear(
    "z = np.diag(x, k=0)",
    vjp=diag_vjp,
    type=diag_type,
    view=True,
    at=(
        "np.diag(a3)",
        "np.diag(a34)",
        "np.diag(a34, 1)",
        "np.diag(a43, -1)",
        "np.diag(a3, -2)",
    ),
)


def matrix_only(call: Call) -> Array | None:
    x = as_array(call.type("x"))
    if x is not None and x.rank != 2:
        raise Refused(f"{call.rule.kind} is supported for matrices, not {x.rank} axes")
    return x


def diagonal_type(call: Call) -> Type:
    x = matrix_only(call)
    return ANY if x is None else Array(x.dtype, (diagonal_of(call, x, "offset"),))


def diagonal_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return {0: on_diagonal(quote, op, g, op.arg("offset") or quote.const(0))}


linear(
    "z = np.diagonal(x, offset=0)",
    vjp=diagonal_vjp,
    type=diagonal_type,
    method="diagonal",
    view=True,
    at=("np.diagonal(a34)", "a34.diagonal(1)"),
)


def trace_type(call: Call) -> Type:
    x = matrix_only(call)
    return ANY if x is None else Array(x.dtype, ())


linear(
    "z = np.trace(x, offset=0)",
    "g * np.eye(x.shape[0], x.shape[1], k=offset)",
    type=trace_type,
    method="trace",
    at=("np.trace(m33)", "np.trace(a34, 1)", "m33.trace()"),
)


def triangle(call: Call, x: Array) -> tuple[Dim, ...]:
    if x.rank < 2:
        raise Refused(f"{call.rule.kind} is supported for matrices, not {x.rank} axes")
    return x.shape


for name in ("tril", "triu"):
    linear(
        f"z = np.{name}(x, k=0)",
        f"np.{name}(g, k=k)",
        type=moved(triangle),
        at=(f"np.{name}(a34)", f"np.{name}(m233, 1)", f"np.{name}(m33, k=-1)"),
    )

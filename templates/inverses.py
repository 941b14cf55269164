"""Pseudo-inverses, least squares, powers of matrices, and the orders of norms.

`pinv` and `lstsq` are those of matrices of full rank; norms of matrices other than that
of Frobenius are built of singular values, or of sums of rows and columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from s2s.templates.factors import real_matrix

from s2s.rules import RULES
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, define, rank, rewrite, unsupported
from s2s.ssa.infer import Call, floating
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Type

custom = RULES.custom

# inverses of other matrices -----------------------------------------------------------


def pinv_type(call: Call) -> Type:
    x = real_matrix(call)
    return ANY if x is None else Array(floating(x.dtype), x.shape[::-1])


def pinv_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    values = {"x": op.args[0], "p": op.result, "g": g}
    values["h"] = quote("g.T @ p @ p.T", **values)
    values["k"] = quote("p.T @ p @ g.T", **values)
    inside = quote("-p.T @ g @ p.T", **values)
    outside = quote("h - x @ (p @ h) + k - k @ p @ x", **values)
    return {0: quote("a + b", a=inside, b=outside)}


def pinv_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    values = {"x": op.args[0], "p": op.result, "d": dots[0]}
    values["h"] = quote("p @ p.T @ d.T", **values)
    values["k"] = quote("d.T @ p.T @ p", **values)
    return quote("h - h @ x @ p + k - p @ (x @ k) - p @ d @ p", **values)


custom(
    "z = np.linalg.pinv(x)",
    vjp=pinv_vjp,
    jvp=pinv_jvp,
    type=pinv_type,
    because="not linear in x",
    at=("np.linalg.pinv(m33)", "np.linalg.pinv(a34)", "np.linalg.pinv(a43)"),
)


@rewrite(np.linalg.lstsq, "b")
def lstsq(a: Bound, b: Bound, rcond: Any = None) -> str:
    """The solution; what else lstsq returns has no rule."""
    if rank(a, "np.linalg.lstsq") != 2 or constant(rcond, "rcond") not in (None, -1):
        unsupported("np.linalg.lstsq is supported for one matrix, and rcond=None")
    return "(np.linalg.pinv(a) @ b, missing, missing, missing)"


@define(np.linalg.matrix_power)
def matrix_power(a, n):  # type: ignore[no-untyped-def]
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 0:
        return np.eye(a.shape[0])
    power = a
    for _ in range(n - 1):
        power = power @ a
    return power


@rewrite(np.linalg.multi_dot)
def multi_dot(arrays: Bound) -> str:
    """From the right, if the last one is a vector."""
    if not isinstance(arrays, Seq) or len(arrays.items) < 2:
        unsupported("np.linalg.multi_dot needs a list written out, like [a, b, c]")
    names = [f"arrays[{k}]" for k in range(len(arrays.items))]
    if rank(arrays.items[-1], "np.linalg.multi_dot") > 1:
        return " @ ".join(names)
    text = names.pop()
    while names:
        text = f"{names.pop()} @ ({text})"
    return text


# norms --------------------------------------------------------------------------------

BY_ROWS = {1: ("max", -2), -1: ("min", -2), np.inf: ("max", -1), -np.inf: ("min", -1)}


def has_order(node: Any) -> bool:
    return len(node.args) > 1 or any(k.arg == "ord" for k in node.keywords)


@rewrite(np.linalg.norm, when=has_order)
def norm(x: Bound, ord: Any = None, axis: Any = None, keepdims: Any = False) -> str:
    order, axes = constant(ord, "the order"), constant(axis, "the axis")
    whole, own = axes is None, rank(x, "np.linalg.norm")
    of_matrices = own == 2 if whole else isinstance(axes, tuple) and len(axes) == 2
    options = "axis=axis, keepdims=keepdims"
    if not of_matrices and isinstance(order, int | float):
        if order == -np.inf:
            return f"np.min(np.abs(x), {options})"
        if order == 0:
            return f"np.sum(x != 0.0, {options}).astype(float)"
        if order not in (1, 2, np.inf):
            return f"np.sum(np.abs(x) ** ord, {options}) ** (1.0 / ord)"
    plain = constant(keepdims, "keepdims") is False and own == 2
    if of_matrices and plain and axes in (None, (0, 1), (-2, -1)):
        if order in BY_ROWS:
            which, k = BY_ROWS[order]
            return f"np.{which}(np.sum(np.abs(x), axis={k}))"
        if order in (2, -2, "nuc"):
            which = {2: "max", -2: "min", "nuc": "sum"}[order]
            return f"np.{which}(np.linalg.svdvals(x))"
    return f"np.linalg.norm(x, ord=ord, {options})"


@rewrite(np.linalg.cond)
def cond(x: Bound, p: Any = None) -> str:
    if constant(p, "the order") not in (None, 2):
        unsupported("np.linalg.cond is supported in the 2-norm")
    s = "np.linalg.svdvals(x)"
    return f"np.max({s}) / np.min({s})"


def general(name: str) -> None:
    @rewrite(getattr(np.linalg, name))
    def eigenvalues(a: Bound) -> str:
        unsupported(
            "eigenvalues of general matrices have no derivative rule",
            "of symmetric ones, use `np.linalg.eigh`",
        )


general("eig")
general("eigvals")

"""Rows of eigenvalues, singular values and QR, and what is defined by them.

Conventions: `eigh` reads the lower triangle of its argument only: its derivative lies
there. Eigenvectors of equal eigenvalues have no derivative: it is NaN. `svd` and
`qr` are those of the thin factors; of the full ones only the singular values have a
derivative. `pinv` and `lstsq` are those of matrices of full rank.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, define, rank, rewrite, unsupported
from s2s.ssa.infer import Call, Refused, floating
from s2s.ssa.infer_shape import as_array
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Dim, Tuple, Type, bound, rank_of

custom = RULES.custom


def real_matrix(call: Call) -> Array | None:
    x = as_array(call.type("x"))
    if x is not None and (x.rank != 2 or x.kind == "complex"):
        raise Refused(f"{call.rule.kind} is supported for one real matrix")
    return x


def read(quote: Quote, g: Any, k: int) -> Value | None:
    """The cotangent of the k-th result; None where nothing reads it."""
    bar: Value = g.items[k] if isinstance(g, Seq) else quote.item(g, k)
    return None if bar.is_const and bar.const == 0.0 else bar


def part(quote: Quote, g: Any, k: int, like: Value) -> Value | None:
    """The same in the shape of the result, where that matters."""
    bar = read(quote, g, k)
    if bar is None:
        return None
    of = bound(bar.type)
    full = isinstance(of, Array) and of.rank == rank_of(like.type)
    if full and isinstance(of, Array) and all(d.unit is False for d in of.shape):
        return bar
    return quote("np.broadcast_to(g, like.shape)", g=bar, like=like)


def total(quote: Quote, terms: list[Value]) -> Value:
    out = terms[0]
    for term in terms[1:]:
        out = quote("a + b", a=out, b=term)
    return out


# eigenvalues of symmetric matrices ----------------------------------------------------

GAPS = "(1.0 - i) / (w - w[:, None] + i)"  # i is the identity


def folded(quote: Quote, s: Value) -> Value:
    """The lower triangle that stands for both."""
    return quote("np.tril(s + s.T) - np.diag(np.diag(s))", s=s)


def eigh_type(call: Call) -> Type:
    x = real_matrix(call)
    if x is None:
        return ANY
    of = floating(x.dtype)
    return Tuple((Array(of, x.shape[:1]), Array(of, x.shape)))


def eigh_parts(quote: Quote, op: Op) -> dict[str, Value]:
    w, v = quote("z[0]", z=op.result), quote("z[1]", z=op.result)
    i = quote("np.eye(w.shape[0])", w=w)
    return {"w": w, "v": v, "f": quote(GAPS, w=w, i=i)}


def eigh_vjp(quote: Quote, op: Op, g: Any) -> dict[int, Value]:
    values = eigh_parts(quote, op)
    w_bar = read(quote, g, 0)
    v_bar = part(quote, g, 1, values["v"])
    terms = []
    if w_bar is not None:
        terms.append(quote("(v * g) @ v.T", **values, g=w_bar))
    if v_bar is not None:
        terms.append(quote("v @ (f * (v.T @ g)) @ v.T", **values, g=v_bar))
    return {0: folded(quote, total(quote, terms))}


def eigh_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    values = eigh_parts(quote, op)
    h = quote("np.tril(d) + np.tril(d, -1).T", d=dots[0])
    m = quote("v.T @ h @ v", **values, h=h)
    return quote("(np.diag(m), v @ (f * m))", **values, m=m)


custom(
    "z = np.linalg.eigh(x)",
    vjp=eigh_vjp,
    jvp=eigh_jvp,
    type=eigh_type,
    because="two results",
    at=("np.linalg.eigh(m33 @ m33.T)[0]",),
)


def values_type(call: Call) -> Type:
    x = real_matrix(call)
    return ANY if x is None else Array(floating(x.dtype), x.shape[:1])


def eigvalsh_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    v = quote("np.linalg.eigh(x)[1]", x=op.args[0])
    return {0: folded(quote, quote("(v * g) @ v.T", v=v, g=g))}


def eigvalsh_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    v = quote("np.linalg.eigh(x)[1]", x=op.args[0])
    h = quote("np.tril(d) + np.tril(d, -1).T", d=dots[0])
    return quote("np.sum(v * (h @ v), axis=0)", v=v, h=h)


custom(
    "z = np.linalg.eigvalsh(x)",
    vjp=eigvalsh_vjp,
    jvp=eigvalsh_jvp,
    type=values_type,
    because="needs the eigenvectors",
    at=("np.linalg.eigvalsh(m33 @ m33.T)",),
)

# singular values ----------------------------------------------------------------------


def svd_type(call: Call) -> Type:
    x = real_matrix(call)
    full = call.const("full_matrices")
    if x is None or full is ...:
        return ANY
    of, (m, n) = floating(x.dtype), x.shape
    k = m if m.same(n) else Dim()
    left, right = (m, n) if full else (k, k)
    return Tuple((Array(of, (m, left)), Array(of, (k,)), Array(of, (right, n))))


def is_full(op: Op) -> bool:
    full = op.arg("full_matrices")
    return full is None or full.const is not False


def svd_parts(quote: Quote, op: Op) -> dict[str, Value]:
    """The factors, the gaps between squares, and the space outside of the factors."""
    u, s, v = (quote(f"z[{k}]", z=op.result) for k in range(3))
    values = {"u": u, "s": s, "v": v}
    values["i"] = quote("np.eye(s.shape[0])", s=s)
    values["f"] = quote("(1.0 - i) / (s**2 - s[:, None]**2 + i)", **values)
    return values


def only_values(op: Op) -> UnsupportedError:
    return UnsupportedError(
        "the full factors of np.linalg.svd have no derivative rule",
        op.origin,
        "write `np.linalg.svd(x, full_matrices=False)`",
    )


def svd_vjp(quote: Quote, op: Op, g: Any) -> dict[int, Value]:
    values = svd_parts(quote, op)
    bars = [part(quote, g, 0, values["u"]), read(quote, g, 1)]
    bars.append(part(quote, g, 2, values["v"]))
    if is_full(op):
        if bars[0] is not None or bars[2] is not None:
            raise only_values(op)
        values["u"] = quote("u[:, :s.shape[0]]", **values)
        values["v"] = quote("v[:s.shape[0]]", **values)
    terms = []
    if bars[1] is not None:
        terms.append(quote("(u * g) @ v", **values, g=bars[1]))
    if bars[0] is not None:
        values["a"] = quote("u.T @ g", **values, g=bars[0])
        inner = quote("(u @ (f * (a - a.T)) * s) @ v", **values)
        outer = quote("(g - u @ a) / s @ v", **values, g=bars[0])
        terms += [inner, outer]
    if bars[2] is not None:
        values["b"] = quote("g @ v.T", **values, g=bars[2])
        inner = quote("u @ (s[:, None] * (f * (b.T - b)) @ v)", **values)
        outer = quote("u / s @ (g - b @ v)", **values, g=bars[2])
        terms += [inner, outer]
    return {0: total(quote, terms)}


def svd_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    if is_full(op):
        raise only_values(op)
    values = {**svd_parts(quote, op), "d": dots[0]}
    values["p"] = quote("u.T @ d @ v.T", **values)
    values["a"] = quote("f * (p * s + s[:, None] * p.T)", **values)
    values["b"] = quote("f * (s[:, None] * p + p.T * s)", **values)
    du = quote("u @ a + (d @ v.T - u @ p) / s", **values)
    dv = quote("b.T @ v + (u.T @ d - p @ v) / s[:, None]", **values)
    return quote("(du, np.diag(p), dv)", **values, du=du, dv=dv)


custom(
    "z = np.linalg.svd(x, full_matrices=True)",
    vjp=svd_vjp,
    jvp=svd_jvp,
    type=svd_type,
    because="three results",
    at=("np.linalg.svd(m33, full_matrices=False)[1]",),
)


def least(call: Call) -> Type:
    x = real_matrix(call)
    if x is None:
        return ANY
    m, n = x.shape
    return Array(floating(x.dtype), (m if m.same(n) else Dim(),))


def svdvals_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    z = quote("np.linalg.svd(x, full_matrices=False)", x=op.args[0])
    return {0: quote("(z[0] * g) @ z[2]", z=z, g=g)}


def svdvals_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    z = quote("np.linalg.svd(x, full_matrices=False)", x=op.args[0])
    return quote("np.sum(z[0] * (d @ z[2].T), axis=0)", z=z, d=dots[0])


custom(
    "z = np.linalg.svdvals(x)",
    vjp=svdvals_vjp,
    jvp=svdvals_jvp,
    type=least,
    because="needs the singular vectors",
    at=("np.linalg.svdvals(m33)", "np.linalg.svdvals(a34)", "np.linalg.svdvals(a43)"),
)


def without_vectors(node: Any) -> bool:
    return any(k.arg == "compute_uv" for k in node.keywords)


@rewrite(np.linalg.svd, when=without_vectors)
def svd(a: Bound, full_matrices: Any = True, compute_uv: Any = True) -> str:
    if constant(compute_uv, "compute_uv"):
        return "np.linalg.svd(a, full_matrices=full_matrices)"
    return "np.linalg.svdvals(a)"


# QR -----------------------------------------------------------------------------------


def qr_type(call: Call) -> Type:
    x = real_matrix(call)
    if x is None:
        return ANY
    of, (m, n) = floating(x.dtype), x.shape
    return Tuple((Array(of, (m, n)), Array(of, (n, n))))


def qr_vjp(quote: Quote, op: Op, g: Any) -> dict[int, Value]:
    q, r = quote("z[0]", z=op.result), quote("z[1]", z=op.result)
    values = {"q": q, "r": r}
    q_bar, r_bar = part(quote, g, 0, q), part(quote, g, 1, r)
    terms = []
    if r_bar is not None:
        terms.append(quote("r @ np.triu(g).T", **values, g=r_bar))
    if q_bar is not None:
        terms.append(quote("-g.T @ q", **values, g=q_bar))
    m = total(quote, terms)
    side = quote("q @ (np.tril(m) + np.tril(m, -1).T)", **values, m=m)
    if q_bar is not None:
        side = quote("g + side", g=q_bar, side=side)
    return {0: quote("np.linalg.solve(r, side.T).T", **values, side=side)}


def qr_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    values = {"q": quote("z[0]", z=op.result), "r": quote("z[1]", z=op.result)}
    values["e"] = quote("np.linalg.solve(r.T, d.T).T", **values, d=dots[0])
    values["c"] = quote("q.T @ e", **values)
    values["a"] = quote("np.tril(c, -1) - np.tril(c, -1).T", **values)
    return quote("(q @ (a - c) + e, (c - a) @ r)", **values)


custom(
    "z = np.linalg.qr(x)",
    vjp=qr_vjp,
    jvp=qr_jvp,
    type=qr_type,
    because="two results",
    at=("np.linalg.qr(m33)[1]", "np.linalg.qr(a43)[0]"),
)


@rewrite(np.linalg.qr, when=lambda node: len(node.args) > 1 or node.keywords)
def qr(a: Bound, mode: Any = "reduced") -> str:
    chosen = constant(mode, "the mode")
    if chosen not in ("reduced", "r"):
        unsupported("np.linalg.qr is supported in the modes 'reduced' and 'r'")
    return "np.linalg.qr(a)" if chosen == "reduced" else "np.linalg.qr(a)[1]"


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

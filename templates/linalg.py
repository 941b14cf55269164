"""Rows of linear algebra: norms, systems, inverses, determinants, factors.

Conventions: norms have derivative 0 at 0. The derivative of `det` at a singular matrix
is not worked out: NumPy raises LinAlgError. `cholesky` reads the lower triangle of its
argument only, so that its derivative lies there, too.
"""

from __future__ import annotations

from s2s.templates.reductions import reduced_axes, spread
from s2s.templates.statistics import SAFE

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import kind_of, reduction
from s2s.ssa.infer_linalg import matrix, slogdet_type, solve_type
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import rank_of

custom = RULES.custom

# norms --------------------------------------------------------------------------------


def norm_order(op: Op) -> str:
    """Which norm it is: "2" (of all elements together), "1", or "max"."""
    ord, axes = op.arg("ord"), reduced_axes(op)
    order = None if ord is None else ord.const if ord.is_const else ...
    known = {1: "1", 2: "2", float("inf"): "max"}
    if order is None or (order == "fro" and axes is not None and len(axes) == 2):
        return "2"
    if axes is not None and len(axes) == 1 and order in known:
        return known[order]
    raise UnsupportedError(
        f"np.linalg.norm with ord={order!r} has no derivative rule here",
        op.origin,
        "vectors have the orders 1, 2 and np.inf, matrices 'fro'",
    )


def direction(quote: Quote, op: Op) -> Value:
    """x divided by its norm, or what stands for it in the other norms."""
    values = {**rule_values(quote, op), "z": spread(quote, op, op.result)}
    order, is_complex = norm_order(op), kind_of(op.args[0].type) == "complex"
    if is_complex and order != "2":
        raise UnsupportedError(
            "this norm of complex numbers is not supported", op.origin
        )
    if order == "1":
        return quote("np.sign(x)", **values)
    if order == "max":
        values["m"] = quote("np.abs(x) == z", **values)
        share = "np.sum(m, axis=axis, keepdims=True)"
        return quote(f"np.sign(x) * m / {share}", **values)
    return quote(f"{'np.conj(x)' if is_complex else 'x'} / {SAFE}", **values)


def norm_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    text = "g * d"
    return {0: quote(text, g=spread(quote, op, g), d=direction(quote, op))}


def norm_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    values = {**rule_values(quote, op), "g": dots[0], "d": direction(quote, op)}
    is_complex = kind_of(op.args[0].type) == "complex"
    product = "np.real(g * d)" if is_complex else "g * d"
    return quote(f"np.sum({product}, axis=axis, keepdims=keepdims)", **values)


custom(
    "z = np.linalg.norm(x, ord=None, axis=None, keepdims=False)",
    vjp=norm_vjp,
    jvp=norm_jvp,
    type=reduction,
    because="the inner product with the direction of x",
    at=(
        "np.linalg.norm(a3)",
        "np.linalg.norm(a34)",
        "np.linalg.norm(a34, axis=1)",
        "np.linalg.norm(a34, axis=0, keepdims=True)",
        "np.linalg.norm(a34, 'fro')",
        "np.linalg.norm(a3, 1)",
        "np.linalg.norm(a34, 2, axis=1)",
        "np.linalg.norm(a34, np.inf, 1)",
        "np.linalg.norm(c3)",
    ),
)

# systems, inverses, determinants ------------------------------------------------------


def transpose(quote: Quote, x: Value) -> Value:
    """The transposed matrix, or a batch of them."""
    text = "x.T" if rank_of(x.type) == 2 else "np.swapaxes(x, -1, -2)"
    return quote(text, x=x)


def solve_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The adjoint system."""
    x, y = op.args
    y_bar = quote("np.linalg.solve(x, g)", x=transpose(quote, x), g=g)
    if rank_of(y.type) == 1:
        x_bar = quote("-np.outer(y, z)", y=y_bar, z=op.result)
    else:
        x_bar = quote("-y @ z", y=y_bar, z=transpose(quote, op.result))
    return {0: x_bar, 1: y_bar}


def solve_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The same system, with another right-hand side."""
    texts = {(0, 1): "y - x @ z", (0,): "-x @ z", (1,): "y"}
    given = {"xy"[k]: dot for k, dot in dots.items()}
    side = quote(texts[tuple(sorted(dots))], **given, z=op.result)
    return quote("np.linalg.solve(x, y)", x=op.args[0], y=side)


custom(
    "z = np.linalg.solve(x, y)",
    vjp=solve_vjp,
    jvp=solve_jvp,
    type=solve_type,
    because="not linear in x",
    at=(
        "np.linalg.solve(m33, a3)",
        "np.linalg.solve(m33, a34)",
        "np.linalg.solve(m233, a234)",
    ),
)


def inv_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return {0: quote("-t @ g @ t", t=transpose(quote, op.result), g=g)}


custom(
    "z = np.linalg.inv(x)",
    vjp=inv_vjp,
    jvp=("-z @ g @ z",),
    type=matrix(),
    because="not linear in x",
    at=("np.linalg.inv(m33)", "np.linalg.inv(m233)"),
)


def inverse_transposed(quote: Quote, op: Op) -> Value:
    return transpose(quote, quote("np.linalg.inv(x)", x=op.args[0]))


def logdet_slope(quote: Quote, op: Op, g: Value) -> Value:
    """g times the derivative of the logarithm of the determinant."""
    if rank_of(op.args[0].type) != 2:
        g = quote("g[..., None, None]", g=g)
    return quote("g * t", g=g, t=inverse_transposed(quote, op))


def logdet_dot(quote: Quote, op: Op, dot: Value) -> Value:
    """The tangent of the logarithm of the determinant."""
    whole = rank_of(op.args[0].type) == 2
    text = "np.sum(t * g)" if whole else "np.sum(t * g, axis=(-2, -1))"
    return quote(text, t=inverse_transposed(quote, op), g=dot)


def det_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return {0: logdet_slope(quote, op, quote("g * z", g=g, z=op.result))}


def det_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    return quote("z * d", z=op.result, d=logdet_dot(quote, op, dots[0]))


custom(
    "z = np.linalg.det(x)",
    vjp=det_vjp,
    jvp=det_jvp,
    type=matrix(drop=2),
    because="Jacobi's formula",
    at=("np.linalg.det(m33)", "np.linalg.det(m233)"),
)


def slogdet_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The sign is constant."""
    return {0: logdet_slope(quote, op, quote("g[1]", g=g))}


def slogdet_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    dot = logdet_dot(quote, op, dots[0])
    return quote("(np.zeros_like(d), d)", d=dot)


custom(
    "z = np.linalg.slogdet(x)",
    vjp=slogdet_vjp,
    jvp=slogdet_jvp,
    type=slogdet_type,
    because="two results, the sign being constant",
    at=("np.linalg.slogdet(m33)[1]", "np.linalg.slogdet(m233)[1]"),
)

# Cholesky -----------------------------------------------------------------------------

HALF = "np.tril(m) - 0.5 * np.diag(np.diag(m))"


def cholesky_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The symmetric cotangent, its upper triangle folded onto the lower one."""
    t = transpose(quote, op.result)
    inner = quote(HALF, m=quote("t @ g", t=t, g=g))
    s = quote("np.linalg.solve(t, np.linalg.solve(t, m).T)", t=t, m=inner)
    return {0: quote("np.tril(s + s.T) - np.diag(np.diag(s))", s=s)}


def cholesky_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    whole = quote("np.tril(g) + np.tril(g, -1).T", g=dots[0])
    m = quote("np.linalg.solve(z, np.linalg.solve(z, a).T)", z=op.result, a=whole)
    return quote("z @ h", z=op.result, h=quote(HALF, m=m))


custom(
    "z = np.linalg.cholesky(x)",
    vjp=cholesky_vjp,
    jvp=cholesky_jvp,
    type=matrix(single=True),
    because="the factor is triangular",
    at=("np.linalg.cholesky(m33 @ m33.T)",),
)

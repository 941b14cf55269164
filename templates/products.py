"""Rows of products that sum over axes, for every combination of ranks.

The transposes are written with `@` where an expert would, else with np.tensordot.
"""

from __future__ import annotations

from collections.abc import Callable

from s2s.templates.shapes import in_shape_of

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import kind_of
from s2s.ssa.infer_linalg import (
    Letters,
    convolve_type,
    cross_type,
    dot_letters,
    inner_letters,
    kron_type,
    matmul_type,
    outer_type,
    product_type,
    tensordot_letters,
    vdot_type,
)
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import rank_of

linear = RULES.linear


def ranks(op: Op) -> tuple[int, int]:
    """The ranks of the first two arguments."""
    rx, ry = rank_of(op.args[0].type), rank_of(op.args[1].type)
    if rx is None or ry is None:
        raise UnsupportedError(
            f"the ranks of the arguments of {op.kind} must be known",
            op.origin,
            "give the arguments types, for instance with an example",
        )
    return rx, ry


def contraction(quote: Quote, x: Value, y: Value, lx: str, ly: str, out: str) -> Value:
    """The product of x and y with these letters, as an expert would write it.

    Every letter is in exactly two of x, y and the result.
    """
    if not lx or not ly:
        return quote("x * y", x=x, y=y)
    summed = [c for c in lx if c in ly]
    free_x, free_y = ("".join(c for c in s if c not in summed) for s in (lx, ly))
    if out == free_y + free_x != free_x + free_y or (not free_x and ly[0] in free_y):
        x, y, lx, ly, free_x, free_y = y, x, ly, lx, free_y, free_x
    if not summed and len(lx) == len(ly) == 1:
        return quote("np.outer(x, y)", x=x, y=y)
    if len(summed) == 1 and len(lx) <= 2 and len(ly) <= 2:
        left = "x" if lx[-1] in summed else "x.T"
        right = "y" if ly[0] in summed else "y.T"
        return quote(f"{left} @ {right}", x=x, y=y)
    n = len(summed)
    axes = tuple(map(lx.index, summed)), tuple(map(ly.index, summed))
    if lx.endswith(ly[:n]):  # the last axes of x with the first of y
        pairs = quote.const(n)
    else:
        pairs = quote.const(axes if n > 1 else (axes[0][0], axes[1][0]))
    made = quote("np.tensordot(x, y, axes=pairs)", x=x, y=y, pairs=pairs)
    if out == free_x + free_y:
        return made
    order = quote.const(tuple((free_x + free_y).index(c) for c in out))
    return quote("np.transpose(x, order)", x=made, order=order)


def product_vjp(letters_of: Callable[[Op], Letters]) -> Callable:
    """The transposes of a product with given letters."""

    def vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
        x, y = op.args[:2]
        if 0 in ranks(op):
            return {0: quote("g * y", g=g, y=y), 1: quote("g * x", g=g, x=x)}
        lx, ly, out = letters_of(op)
        return {
            0: contraction(quote, g, y, out, ly, lx),
            1: contraction(quote, x, g, lx, out, ly),
        }

    return vjp


def letters_of_dot(op: Op) -> Letters:
    return dot_letters(*ranks(op))


def letters_of_inner(op: Op) -> Letters:
    return inner_letters(*ranks(op))


def letters_of_tensordot(op: Op) -> Letters:
    axes = op.arg("axes")
    if axes is not None and not axes.is_const:
        raise UnsupportedError("np.tensordot needs constant axes", op.origin)
    return tensordot_letters(*ranks(op), 2 if axes is None else axes.const)


PAIRS = ("a3, a3", "a34, a43", "a34, a4", "a3, a34", "a234, a42", "a234, a4",
         "a4, a243", "a234, a243")  # fmt: skip
NUMBERS = ("s, a34", "a3, s", "s, s")

linear(
    "z = np.dot(x, y)",
    vjp=product_vjp(letters_of_dot),
    type=product_type(letters_of_dot),
    method="dot",
    at=tuple(f"np.dot({p})" for p in PAIRS + NUMBERS),
)
linear(
    "z = np.inner(x, y)",
    vjp=product_vjp(letters_of_inner),
    type=product_type(letters_of_inner),
    at=tuple(
        f"np.inner({p})"
        for p in ("a3, a3", "a34, a24", "a34, a4", "a4, a34", "a234, a4", *NUMBERS)
    ),
)
linear(
    "z = np.tensordot(x, y, axes=2)",
    vjp=product_vjp(letters_of_tensordot),
    type=product_type(letters_of_tensordot),
    at=(
        "np.tensordot(a34, a34)",
        "np.tensordot(a234, a43, axes=1)",
        "np.tensordot(a234, a34, axes=((1, 2), (0, 1)))",
        "np.tensordot(a234, a243, axes=((0, 2), (0, 1)))",
        "np.tensordot(a34, a23, axes=(0, 1))",
        "np.tensordot(a3, a4, axes=0)",
        "np.tensordot(a34, a3, axes=0)",
    ),
)


def matmul_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Matrices as np.dot; batches of them broadcast, which the transforms undo."""
    x, y = op.args
    rx, ry = ranks(op)
    if rx <= 2 and ry <= 2:
        return product_vjp(letters_of_dot)(quote, op, g)
    texts = ("g @ np.swapaxes(y, -1, -2)", "np.swapaxes(x, -1, -2) @ g")
    if rx == 1:
        texts = ("(y @ g[..., None])[..., 0]", "x[:, None] * g[..., None, :]")
    if ry == 1:
        texts = ("g[..., None] * y", "np.tensordot(g, x, axes=n)")
    n = quote.const(max(rx, ry) - 1)
    x_bar, y_bar = (quote(text, g=g, x=x, y=y, n=n) for text in texts)
    return {0: x_bar, 1: y_bar}


MATRICES = (
    *("a3, a3", "a34, a43", "a34, a4", "a3, a34", "a234, a42", "a234, a4"),
    *("a4, a243", "a234, a243", "a34, a243", "a134, a243", "a234, a143"),
)
linear(
    "z = np.matmul(x, y)",
    vjp=matmul_vjp,
    type=matmul_type,
    at=tuple(f"np.matmul({p})" for p in MATRICES),
)


def outer_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Outer products of the flattened arguments."""
    x, y = op.args
    flat = {"g": g, "x": x, "y": y}
    for name, value, rank in zip("xy", op.args, ranks(op), strict=True):
        if rank != 1:
            flat[name] = quote("np.reshape(v, -1)", v=value)
    bars = [quote("g @ y", **flat), quote("x @ g", **flat)]
    return {
        k: bar if rank == 1 else in_shape_of(quote, bar, value)
        for k, (bar, value, rank) in enumerate(
            zip(bars, (x, y), ranks(op), strict=True)
        )
    }


linear(
    "z = np.outer(x, y)",
    vjp=outer_vjp,
    type=outer_type,
    at=("np.outer(a3, a4)", "np.outer(a34, a3)", "np.outer(s, a3)"),
)


def vdot_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Both arguments are flattened, the first is conjugated."""
    texts = ("g * y", "g * x")
    if any(kind_of(v.type) == "complex" for v in op.args):
        texts = ("np.conj(g * y)", "g * np.conj(x)")
    values = dict(zip("xy", op.args, strict=True))
    bars = {}
    for k, (text, mine) in enumerate(zip(texts, op.args, strict=True)):
        other = op.args[1 - k]
        if ranks(op)[0] != ranks(op)[1]:
            other = in_shape_of(quote, other, mine)
        bars[k] = quote(text, g=g, **{**values, "yx"[k]: other})
    return bars


linear(
    "z = np.vdot(x, y)",
    vjp=vdot_vjp,
    type=vdot_type,
    at=("np.vdot(a3, a3)", "np.vdot(a34, a34)", "np.vdot(c3, a3)", "np.vdot(c3, c3)"),
)


def kron_letters(op: Op) -> tuple[str, str, str]:
    """The axes of x and of y take turns in the result."""
    rx, ry = ranks(op)
    if rx != ry or rx not in (1, 2):
        raise UnsupportedError(
            "np.kron is supported for two vectors or two matrices", op.origin
        )
    return ("a", "b", "ab") if rx == 1 else ("ac", "bd", "abcd")


def kron_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The result's axes are taken apart again."""
    x, y = op.args
    lx, ly, out = kron_letters(op)
    lengths = "x.shape[0], y.shape[0], x.shape[1], y.shape[1]"
    if len(out) == 2:
        lengths = "x.shape[0], y.shape[0]"
    g = quote(f"np.reshape(g, ({lengths}))", g=g, x=x, y=y)
    return {
        0: contraction(quote, g, y, out, ly, lx),
        1: contraction(quote, g, x, out, lx, ly),
    }


linear(
    "z = np.kron(x, y)",
    vjp=kron_vjp,
    type=kron_type,
    at=("np.kron(a3, a4)", "np.kron(a34, a23)"),
)


def cross_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    x, y = op.args
    return {0: quote("np.cross(y, g)", y=y, g=g), 1: quote("np.cross(g, x)", x=x, g=g)}


linear(
    "z = np.cross(x, y)",
    vjp=cross_vjp,
    type=cross_type,
    at=(
        "np.cross(a3, 2.0 * a3[::-1])",
        "np.cross(a43, a3)",
        "np.cross(a43, a43[::-1])",
    ),
)
linear(  # the transpose of np.convolve; has none of its own
    "z = np.correlate(x, y, mode='valid')",
    type=convolve_type,
    at=("np.correlate(a4, a3)",),
)


def convolve_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Each argument's transpose is the correlation of g with the other one."""
    mode = op.arg("mode")
    if mode is not None and mode.const != "full":
        raise UnsupportedError("np.convolve is supported in mode 'full'", op.origin)
    x, y = op.args[:2]
    return {
        0: quote.emit("np.correlate", [g, y], type=x.type),
        1: quote.emit("np.correlate", [g, x], type=y.type),
    }


linear(
    "z = np.convolve(x, y, mode='full')",
    vjp=convolve_vjp,
    type=convolve_type,
    at=("np.convolve(a4, a3)", "np.convolve(a3, a4)", "np.convolve(a3, a3, 'full')"),
)

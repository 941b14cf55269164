"""Rows of np.fft.

The transform is a symmetric matrix: it is its own transpose. That of a real transform
leaves out half of the frequencies, so that the others count twice on the way back.
"""

from __future__ import annotations

import numpy as np

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import Call, kind_of, refusing_complex
from s2s.ssa.infer_shape import as_array, axis_of, length_of, moved
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import ANY, Array, Dim, Type, rank_of

custom, linear = RULES.custom, RULES.linear


@RULES.helper
def resized(x, n, axis):  # type: ignore[no-untyped-def]
    """The first n elements along an axis; zeros stand for those that are not there."""
    x = np.moveaxis(x, axis, -1)
    out = np.zeros((*x.shape[:-1], n), x.dtype)
    m = min(n, x.shape[-1])
    out[..., :m] = x[..., :m]
    return np.moveaxis(out, -1, axis)


def other_length(call: Call, x: Array) -> tuple[Dim, ...] | None:
    k, n = axis_of(call, x.rank), call.op.arg("n")
    if k is None or n is None:
        return None
    return (*x.shape[:k], length_of(n.type), *x.shape[k + 1 :])


linear(
    "z = resized(x, n, axis)",
    "resized(g, x.shape[axis], axis)",
    type=moved(other_length),
    at=("resized(a34, 2, 1)", "resized(a34, 5, 0)"),
)


def complex_of(x: Array) -> str:
    return np.result_type(x.dtype, np.complex64).name


def real_of(x: Array) -> str:
    return np.empty(0, complex_of(x)).real.dtype.name


def transformed(length: str) -> object:
    """The type of a transform: `length` is "same", "half" or "whole"."""

    def infer(call: Call) -> Type:
        x = as_array(call.type("x"))
        k = None if x is None else axis_of(call, x.rank)
        if x is None or k is None:
            return ANY
        given = call.given("n")
        n = length_of(given[0]) if given else x.shape[k]
        if length == "half" or (length == "whole" and not given):
            n = Dim()
        shape = (*x.shape[:k], n, *x.shape[k + 1 :])
        return Array(real_of(x) if length == "whole" else complex_of(x), shape)

    return infer


def axis(op: Op) -> int:
    """The axis as a number from the front."""
    rank, given = rank_of(op.args[0].type), op.arg("axis")
    if rank is None or (given is not None and not given.is_const):
        raise UnsupportedError(f"{op.kind} needs a known rank and axis", op.origin)
    return rank - 1 if given is None else int(given.const) % rank


def fitted(quote: Quote, op: Op, bar: Value) -> Value:
    """The cotangent in the length of x, and real if x is."""
    x = op.args[0]
    if kind_of(x.type) != "complex" and kind_of(bar.type) == "complex":
        bar = quote("np.real(b)", b=bar)
    if op.arg("n") is None and op.kind != "np.fft.irfft":
        return bar
    return quote(f"resized(b, x.shape[{axis(op)}], {axis(op)})", b=bar, x=x)


def fft_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    values = {**rule_values(quote, op), "g": g}
    return {
        0: fitted(quote, op, quote(f"{op.kind}(g, axis=axis, norm=norm)", **values))
    }


for name in ("fft", "ifft"):
    linear(
        f"z = np.fft.{name}(x, n=None, axis=-1, norm=None)",
        vjp=fft_vjp,
        type=transformed("same"),
        at=(
            f"np.fft.{name}(c3)",
            f"np.fft.{name}(a34)",
            f"np.fft.{name}(a34, axis=0, norm='ortho')",
            f"np.fft.{name}(a34, 6)",
            f"np.fft.{name}(a34, n=2, axis=0)",
        ),
    )


def rfft_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Zeros stand for the frequencies that are left out."""
    values = {**rule_values(quote, op), "g": g}
    n = "n" if op.arg("n") is not None else f"x.shape[{axis(op)}]"
    text = f"np.real(np.fft.fft(g, {n}, axis=axis, norm=norm))"
    return {0: fitted(quote, op, quote(text, **values))}


linear(
    "z = np.fft.rfft(x, n=None, axis=-1, norm=None)",
    vjp=rfft_vjp,
    type=refusing_complex(transformed("half")),
    at=(
        "np.fft.rfft(a3)",
        "np.fft.rfft(a34, axis=0)",
        "np.fft.rfft(a34, 6, norm='forward')",
        "np.fft.rfft(a34, n=3)",
    ),
)
OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward"}


def irfft_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """All frequencies but the first one, and the last one of an even number, twice."""
    norm, k = op.arg("norm"), axis(op)
    chosen = None if norm is None else norm.const
    values = {**rule_values(quote, op), "g": g}
    values["norm"] = quote.const(OPPOSITE.get(chosen, chosen))
    values["k"] = quote(f"np.arange(g.shape[{k}] // 2 + 1)", g=g)
    text = f"np.where((k == 0) | (2 * k == g.shape[{k}]), 1.0, 2.0)"
    weights = quote(text, **values)
    after = (rank_of(op.args[0].type) or 1) - 1 - k
    if after:
        weights = quote(f"w[:{', None' * after}]", w=weights)
    text = "w * np.conj(np.fft.rfft(g, axis=axis, norm=norm))"
    return {0: fitted(quote, op, quote(text, **values, w=weights))}


linear(
    "z = np.fft.irfft(x, n=None, axis=-1, norm=None)",
    vjp=irfft_vjp,
    type=transformed("whole"),
    at=(
        "np.fft.irfft(c3)",
        "np.fft.irfft(c3, 5)",
        "np.fft.irfft(c3, 3)",
        "np.fft.irfft(c3[:, None] * a34, 8, axis=0, norm='ortho')",
        "np.fft.irfft(a34, 6, norm='forward')",
    ),
)


def same_shape(call: Call) -> Type:
    x = as_array(call.type("x"))
    return ANY if x is None else Array(complex_of(x), x.shape)


def many_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    values = {**rule_values(quote, op), "g": g}
    bar = quote(f"{op.kind}(g, axes=axes, norm=norm)", **values)
    is_complex = kind_of(op.args[0].type) == "complex"
    return {0: bar if is_complex else quote("np.real(b)", b=bar)}


for name, axes in (
    ("fft2", (-2, -1)),
    ("ifft2", (-2, -1)),
    ("fftn", None),
    ("ifftn", None),
):
    linear(
        f"z = np.fft.{name}(x, axes={axes}, norm=None)",
        vjp=many_vjp,
        type=same_shape,
        at=(
            f"np.fft.{name}(a34)",
            f"np.fft.{name}(c3[:, None] * a34, norm='ortho')",
            f"np.fft.{name}(a234, axes=(0, 2))",
        ),
    )


# orders and frequencies ---------------------------------------------------------------


def unchanged(call: Call, x: Array) -> tuple[Dim, ...]:
    return x.shape


for name, back in ("fftshift", "ifftshift"), ("ifftshift", "fftshift"):
    linear(
        f"z = np.fft.{name}(x, axes=None)",
        f"np.fft.{back}(g, axes=axes)",
        type=moved(unchanged),
        at=(f"np.fft.{name}(a34)", f"np.fft.{name}(a34, axes=1)"),
    )


def frequencies(call: Call) -> Type:
    n = length_of(call.type("n")) if call.op.kind == "np.fft.fftfreq" else Dim()
    return Array("float64", (n,))


for name in ("fftfreq", "rfftfreq"):
    custom(
        f"z = np.fft.{name}(n, d := 1.0)",
        vjp=[None, "-np.sum(g * z) / d"],
        jvp=[None, "-g * z / d"],
        because="inversely proportional to the spacing",
        type=frequencies,
        at=(f"np.fft.{name}(5, s)", f"np.fft.{name}(4, d=s)"),
    )

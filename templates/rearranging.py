"""Rows that flip, roll, repeat and pad."""

from __future__ import annotations

from s2s.templates.shapes import in_shape_of
from s2s.templates.sorting import added_to_zeros

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer import Call
from s2s.ssa.infer_shape import moved, pad_widths, padded, repeated, tiled, turned
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.types import Array, Dim, rank_of

linear = RULES.linear


def unchanged(call: Call, x: Array) -> tuple[Dim, ...]:
    return x.shape


linear(
    "z = np.flip(x, axis=None)",
    "np.flip(g, axis=axis)",
    moves=True,
    type=moved(unchanged),
    view=True,
    at=("np.flip(a34)", "np.flip(a34, 1)", "np.flip(a34, axis=(0, 1))"),
)
for name in ("fliplr", "flipud"):
    linear(
        f"z = np.{name}(x)",
        f"np.{name}(g)",
        moves=True,
        type=moved(unchanged),
        view=True,
        at=(f"np.{name}(a34)",),
    )


def negative(quote: Quote, amount: Value) -> Value:
    """The opposite of a number, or of a constant tuple of them."""
    if amount.is_const and isinstance(amount.const, tuple):
        return quote.const(tuple(-n for n in amount.const))
    return quote.const(-amount.const) if amount.is_const else quote("-n", n=amount)


def roll_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    values = dict(rule_values(quote, op))
    values.update(g=g, back=negative(quote, op.args[1]))
    return {0: quote("np.roll(g, back, axis=axis)", **values)}


linear(
    "z = np.roll(x, shift, axis=None)",
    vjp=roll_vjp,
    moves=True,
    type=moved(unchanged),
    at=(
        "np.roll(a34, 2)",
        "np.roll(a34, 1, axis=0)",
        "np.roll(a34, (1, 2), axis=(0, 1))",
    ),
)
linear(
    "z = np.rot90(x, k=1)",
    "np.rot90(g, k=-k)",
    moves=True,
    type=moved(turned),
    view=True,
    at=("np.rot90(a34)", "np.rot90(a34, 2)", "np.rot90(a34, k=-1)"),
)


def summed_copies(
    quote: Quote, g: Value, x: Value, shape: list[str | Value], axes: tuple[int, ...]
) -> Value:
    """g reshaped so that its copies of x lie along axes of their own, which are summed.

    `shape` has text of lengths of x, or values.
    """
    names = {f"n{k}": s for k, s in enumerate(shape) if isinstance(s, Value)}
    items = [s if isinstance(s, str) else f"n{k}" for k, s in enumerate(shape)]
    axis = quote.const(axes if len(axes) > 1 else axes[0])
    text = f"np.sum(np.reshape(g, ({', '.join(items)},)), axis=axis)"
    return quote(text, g=g, x=x, axis=axis, **names)


def number_of_copies(op: Op, name: str) -> Value:
    value = op.arg(name)
    assert value is not None
    if rank_of(value.type) != 0:
        raise UnsupportedError(f"{op.kind} needs one number of copies", op.origin)
    return value


def repeat_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The copies of an element stand side by side."""
    x, times, axis = op.args[0], op.args[1], op.arg("axis")
    rank = rank_of(x.type)
    if rank is None or (axis is not None and not axis.is_const):
        raise UnsupportedError("np.repeat needs a known rank and axis", op.origin)
    flattened = axis is None or axis.const is None
    k = 0 if flattened else axis.const % rank  # type: ignore[union-attr]
    lengths = ["x.size"] if flattened else [f"x.shape[{i}]" for i in range(rank)]
    if rank_of(times.type) == 0:
        shape: list[str | Value] = [*lengths[: k + 1], times, *lengths[k + 1 :]]
        bar = summed_copies(quote, g, x, shape, (k + 1,))
    else:  # so many copies of each
        text = f"np.repeat(np.arange({lengths[k]}), times)"
        index = quote(text, x=x, times=times)
        flat = quote("np.ravel(x)", x=x) if flattened and rank != 1 else x
        codes = ["s000"] * k + ["i"]
        bar = added_to_zeros(quote, flat, codes, ([index], g))
    return {0: in_shape_of(quote, bar, x) if flattened and rank != 1 else bar}


linear(
    "z = np.repeat(x, repeats, axis=None)",
    vjp=repeat_vjp,
    type=moved(repeated),
    method="repeat",
    at=(
        "np.repeat(a3, 2)",
        "np.repeat(a34, 2)",
        "np.repeat(a34, 3, axis=1)",
        "a34.repeat(2, 0)",
        "np.repeat(a3, i3)",
        "np.repeat(a34, i3, axis=0)",
        "np.repeat(a31, i3)",
    ),
)


def tile_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The copies of an axis follow each other."""
    x, reps, rank = *op.args, rank_of(op.args[0].type)
    if rank is None:
        raise UnsupportedError("np.tile needs an array of known rank", op.origin)
    if reps.is_const and isinstance(reps.const, tuple):
        times = [quote.const(n) for n in reps.const]
    else:
        times = [number_of_copies(op, "reps")]
    times = [quote.const(1)] * (rank - len(times)) + times
    shape: list[str | Value] = []
    axes = []
    for k, n in enumerate(times, rank - len(times)):
        if not (n.is_const and n.const == 1):
            axes.append(len(shape))
            shape.append(n)
        if k >= 0:
            shape.append(f"x.shape[{k}]")
    return {0: summed_copies(quote, g, x, shape, tuple(axes)) if axes else g}


linear(
    "z = np.tile(x, reps)",
    vjp=tile_vjp,
    type=moved(tiled),
    at=(
        "np.tile(a3, 2)",
        "np.tile(a34, 2)",
        "np.tile(a3, (2, 1))",
        "np.tile(a34, (2, 3))",
        "np.tile(a34, (1, 1))",
    ),
)


def pad_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The inner part."""
    x, width, mode = op.args[0], op.args[1], op.arg("mode")
    rank = rank_of(x.type)
    if mode is not None and mode.const != "constant":
        raise UnsupportedError(
            "np.pad has a derivative by x only, in mode 'constant'", op.origin
        )
    if rank is None or (not width.is_const and rank_of(width.type) != 0):
        raise UnsupportedError(
            "np.pad needs a known rank and constant widths", op.origin
        )
    widths = pad_widths(width.const, rank) if width.is_const else None
    if widths is None:
        slices = [f"p : p + x.shape[{i}]" for i in range(rank)]
    else:
        slices = [f"{a or ''}:{-b or ''}" for a, b in widths]
    return {0: quote(f"g[{', '.join(slices)}]", g=g, p=width, x=x)}


def pad_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """Padded with zeros, whatever x is padded with."""
    mode = op.arg("mode")
    if set(dots) != {0} or (mode is not None and mode.const != "constant"):
        raise UnsupportedError(
            "np.pad has a derivative by x only, in mode 'constant'", op.origin
        )
    return quote("np.pad(g, width)", g=dots[0], width=op.args[1])


linear(
    "z = np.pad(x, pad_width, mode='constant', constant_values=0)",
    vjp=pad_vjp,
    jvp=pad_jvp,
    type=moved(padded),
    at=(
        "np.pad(a3, 1, constant_values=2.0)",
        "np.pad(a34, ((1, 0), (0, 2)))",
        "np.pad(a34, (1, 2))",
    ),
)

"""Helpers that generated code may need: their source is written into the module.

They are plain NumPy functions, and have rows of their own, so that generated code can
be differentiated again.
"""

from __future__ import annotations

import numpy as np

from s2s.rules import RULES
from s2s.ssa import infer
from s2s.ssa.infer import Call
from s2s.ssa.infer_shape import lengths
from s2s.ssa.types import ANY, FLOAT, Array, Scalar, Type


@RULES.helper
def unbroadcast(x, shape):  # type: ignore[no-untyped-def]
    """Sum x over the axes that broadcasting added to `shape`; it gets that shape."""
    x = np.asarray(x)
    x = x.sum(axis=tuple(range(x.ndim - len(shape))))
    added = len(shape) - x.ndim
    stretched = [i for i, n in enumerate(shape[added:]) if n == 1 and x.shape[i] != 1]
    x = x.sum(axis=tuple(stretched), keepdims=True)
    return x if x.shape == shape else np.broadcast_to(x, shape).copy()


def _unbroadcast_type(call: Call) -> Type:
    x, shape = call.type("x"), call.op.arg("shape")
    assert shape is not None
    dims = lengths(shape)
    if isinstance(x, Array) and not x.loose and dims is not None:
        return Array(x.dtype, dims)
    return x if isinstance(x, Scalar) else ANY


RULES.linear(
    "z = unbroadcast(x, shape)",
    "unbroadcast(g, np.shape(x))",
    type=_unbroadcast_type,
    at=("unbroadcast(a34, (1, 4))",),
)


@RULES.helper
def matmul_bar_left(x, y, g):  # type: ignore[no-untyped-def]
    """The cotangent of x in `x @ y`, for arrays of any rank, before unbroadcasting."""
    g = np.asarray(g)
    if np.ndim(y) == 1:
        return g[..., None] * y
    if np.ndim(x) == 1:
        return (y @ g[..., None])[..., 0]
    return g @ np.swapaxes(y, -1, -2)


@RULES.helper
def matmul_bar_right(x, y, g):  # type: ignore[no-untyped-def]
    """The cotangent of y in `x @ y`, for arrays of any rank, before unbroadcasting."""
    g = np.asarray(g)
    if np.ndim(y) == 1:
        return x * g[..., None]
    if np.ndim(x) == 1:
        return x[:, None] * g[..., None, :]
    return np.swapaxes(x, -1, -2) @ g


# without transposes: code for unknown ranks is not differentiated a second time
for helper in ("matmul_bar_left", "matmul_bar_right"):
    RULES.linear(f"z = {helper}(x, y, g)", type=lambda call: ANY)


@RULES.helper
def same_length(*ns):  # type: ignore[no-untyped-def]
    """The number of rounds of zip(..., strict=True), which fails as zip does."""
    for k, n in enumerate(ns[1:], start=1):
        if n != ns[0]:
            how = "shorter" if n < ns[0] else "longer"
            others = "argument 1" if k == 1 else f"arguments 1-{k}"
            raise ValueError(f"zip() argument {k + 1} is {how} than {others}")
    return ns[0]


RULES.zero("z = same_length(*ns)", type=infer.integer, at=("same_length(3, 3)",))


@RULES.helper
def adjoint_of_number(y):  # type: ignore[no-untyped-def]
    """One, the adjoint of what a gradient is taken of: y must be one number."""
    if np.ndim(y):
        what = f"one real number, not an array of rank {np.ndim(y)}"
        raise TypeError(f"grad needs a function that returns {what}")
    return 1.0


RULES.zero(
    "z = adjoint_of_number(y)",
    type=lambda call: FLOAT,
    at=("adjoint_of_number(0.5)",),
)

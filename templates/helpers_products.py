"""Helpers of products along an axis, which divide by nothing: elements may be zero.

Plain NumPy, each complete in itself, written into generated modules; the row of each
stands below it. The Jacobian of `product_of_others` and the Hessians of the elements of
np.cumprod are symmetric: one function serves as tangent and as transpose.
"""

from __future__ import annotations

import numpy as np
from s2s.templates.helpers_numpy import once_only

from s2s.rules import RULES
from s2s.ssa.infer import same_as

custom = RULES.custom


@RULES.helper
def product_of_others(x: np.ndarray, axis: int) -> np.ndarray:
    """For each element of x, the product of all others along the axis."""
    x = np.moveaxis(x, axis, 0)
    one = np.ones_like(x[:1])
    before = np.cumprod(np.concatenate([one, x[:-1]]), axis=0)
    after = np.cumprod(np.concatenate([one, x[:0:-1]]), axis=0)[::-1]
    return np.moveaxis(before * after, 0, axis)


@RULES.helper
def product_of_others_jvp(v: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """The tangent of product_of_others(x, axis), where x has the tangent v."""
    v, x = np.moveaxis(v, axis, 0), np.moveaxis(x, axis, 0)
    before, after = np.ones_like(x), np.ones_like(x)
    before_dot, after_dot = np.zeros_like(x), np.zeros_like(x)
    for k in range(1, len(x)):
        before[k] = before[k - 1] * x[k - 1]
        before_dot[k] = before_dot[k - 1] * x[k - 1] + before[k - 1] * v[k - 1]
        after[-1 - k] = after[-k] * x[-k]
        after_dot[-1 - k] = after_dot[-k] * x[-k] + after[-k] * v[-k]
    return np.moveaxis(before_dot * after + before * after_dot, 0, axis)


custom(
    "z = product_of_others(x, axis)",
    vjp=("product_of_others_jvp(g, x, axis)",),
    jvp=("product_of_others_jvp(g, x, axis)",),
    type=same_as("x"),
    because="its Jacobian is symmetric",
    at=("product_of_others(a34, 1)",),
)
custom(
    "z = product_of_others_jvp(v, x, axis)",
    vjp=("product_of_others_jvp(g, x, axis)",),
    jvp=("product_of_others_jvp(g, x, axis)",),
    type=same_as("x"),
    because="linear in v, but not in x",
    at=("product_of_others_jvp(a34, np.ones((3, 4)), 1)",),
)


@RULES.helper
def cumprod_jvp(v: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """The tangent of np.cumprod(x, axis), where x has the tangent v."""
    v, x = np.moveaxis(v, axis, 0), np.moveaxis(x, axis, 0)
    out = v.copy()
    product = np.ones_like(x[:1])[0] if len(x) else x
    for k in range(1, len(x)):
        product = product * x[k - 1]
        out[k] = out[k - 1] * x[k] + product * v[k]
    return np.moveaxis(out, 0, axis)


@RULES.helper
def cumprod_vjp(v: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """The cotangent of x where np.cumprod(x, axis) has the cotangent v."""
    v, x = np.moveaxis(v, axis, 0), np.moveaxis(x, axis, 0)
    out = np.cumprod(np.concatenate([np.ones_like(x[:1]), x[:-1]]), axis=0)
    after = np.zeros_like(x[:1])[0] if len(x) else x
    for k in range(len(x) - 1, -1, -1):
        after = v[k] + after
        out[k] = out[k] * after
        after = after * x[k]
    return np.moveaxis(out, 0, axis)


@RULES.helper
def cumprod_jvp2(v: np.ndarray, w: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """The second derivative of np.cumprod(x, axis) in the directions v and w."""
    v, w, x = (np.moveaxis(a, axis, 0) for a in (v, w, x))
    out, product, by_v, by_w = np.zeros_like(x), 1.0, 0.0, 0.0
    for k in range(len(x)):
        before = out[k - 1] if k else 0.0
        out[k] = before * x[k] + by_v * w[k] + by_w * v[k]
        by_v, by_w = by_v * x[k] + product * v[k], by_w * x[k] + product * w[k]
        product = product * x[k]
    return np.moveaxis(out, 0, axis)


@RULES.helper
def cumprod_hvp(v: np.ndarray, w: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """The Hessian of np.sum(v * np.cumprod(x, axis)) times w."""
    v, w, x = (np.moveaxis(a, axis, 0) for a in (v, w, x))
    before, before_dot = np.ones_like(x), np.zeros_like(x)
    for k in range(1, len(x)):
        before[k] = before[k - 1] * x[k - 1]
        before_dot[k] = before_dot[k - 1] * x[k - 1] + before[k - 1] * w[k - 1]
    out, after, after_dot = np.zeros_like(x), 0.0, 0.0
    for k in range(len(x) - 1, -1, -1):
        after = v[k] + after
        out[k] = before_dot[k] * after + before[k] * after_dot
        after, after_dot = after * x[k], after_dot * x[k] + after * w[k]
    return np.moveaxis(out, 0, axis)


custom(
    "z = cumprod_jvp(v, x, axis)",
    vjp=("cumprod_vjp(g, x, axis)", "cumprod_hvp(g, v, x, axis)"),
    jvp=("cumprod_jvp(g, x, axis)", "cumprod_jvp2(v, g, x, axis)"),
    type=same_as("x"),
    because="linear in v, but not in x",
    at=("cumprod_jvp(a34, a34, 1)",),
)
custom(
    "z = cumprod_vjp(v, x, axis)",
    vjp=("cumprod_jvp(g, x, axis)", "cumprod_hvp(v, g, x, axis)"),
    jvp=("cumprod_vjp(g, x, axis)", "cumprod_hvp(v, g, x, axis)"),
    type=same_as("x"),
    because="linear in v, but not in x",
    at=("cumprod_vjp(a34, a34, 1)",),
)
for name in ("cumprod_jvp2", "cumprod_hvp"):
    once_only(f"{name}(v, w, x, axis)", f"{name}(a34, a34, a34, 1)")

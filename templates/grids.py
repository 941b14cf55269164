"""Definitions of functions on grids, of polynomials, and of blocks of arrays.

Each gives the text for a call, mostly of slices: inside of a grid `np.gradient(f)` is
`(f[2:] - f[:-2]) / 2.0`.
"""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import Any

import numpy as np

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import (
    constant,
    define,
    rank,
    rewrite,
    unsupported,
    with_keywords,
)
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.types import rank_of

# grids --------------------------------------------------------------------------------


@rewrite(np.meshgrid)
def meshgrid(*xi: Bound, indexing: Any = "xy") -> str:
    """Each vector along its own axis, repeated along the others."""
    if any(not isinstance(x, Seq) and rank(x, "np.meshgrid") != 1 for x in xi):
        unsupported("np.meshgrid is supported for vectors")
    axes = list(range(len(xi)))
    if constant(indexing, "indexing") == "xy":
        axes[:2] = axes[:2][::-1]
    shape = ", ".join(f"len(xi[{k}])" for k in axes)
    out = []
    for k, x in enumerate(xi):
        vector = f"np.array(xi[{k}])" if isinstance(x, Seq) else f"xi[{k}]"
        new = ", None" * (len(xi) - 1 - axes.index(k))
        out.append(f"np.broadcast_to({vector}{new and f'[:{new}]'}, ({shape},)).copy()")
    return ", ".join(out) + ","


@rewrite(np.gradient, "f")
def gradient(f: Bound, *varargs: Bound, axis: Any = None, edge_order: Any = 1) -> str:
    axes, given = rank(f, "np.gradient"), constant(axis, "the axis")
    chosen = range(axes) if given is None else given
    chosen = [k % axes for k in ([chosen] if isinstance(chosen, int) else chosen)]
    order = constant(edge_order, "the edge order")
    if len(varargs) not in (0, 1, len(chosen)):
        unsupported("np.gradient needs one spacing, or one for each axis")
    if len(varargs) == 1 and len(chosen) > 1 and spacing_rank(varargs[0]):
        unsupported("np.gradient needs positions for each axis")
    out = []
    for n, k in enumerate(chosen):
        which = min(n, len(varargs) - 1)
        positions = varargs and spacing_rank(varargs[which])
        h = f"varargs[{which}]" if varargs else "1.0"
        if positions and order != 1:
            unsupported("np.gradient at given positions needs edge_order=1")
        make = uneven if positions else even
        out.append(make(k, axes, h, order))
    return ", ".join(out)


def spacing_rank(item: Bound) -> int:
    if isinstance(item, Seq):
        unsupported("np.gradient needs positions as an array", "use np.array")
    return rank_of(item.type) or 0


def slices(k: int) -> Any:
    """The text of a slice of f along axis `k`."""
    return lambda cut: f"f[{':, ' * k}{cut}]"


def even(k: int, axes: int, h: str, order: int) -> str:
    """The differences of neighbours, at both ends one-sided."""
    f = slices(k)
    first = f"({f('1:2')} - {f(':1')}) / {h}"
    last = f"({f('-1:')} - {f('-2:-1')}) / {h}"
    if order == 2:
        first = f"(-1.5 * {f(':1')} + 2.0 * {f('1:2')} - 0.5 * {f('2:3')}) / {h}"
        last = f"(1.5 * {f('-1:')} - 2.0 * {f('-2:-1')} + 0.5 * {f('-3:-2')}) / {h}"
    inner = f"({f('2:')} - {f(':-2')}) / (2.0 * {h})"
    return f"np.concatenate([{first}, {inner}, {last}], axis={k})"


def uneven(k: int, axes: int, x: str, order: int) -> str:
    """The same where the positions are given: weighted by the widths."""
    new = f"[:{', None' * (axes - 1 - k)}]" if k < axes - 1 else ""
    left, right = f"np.diff({x})[:-1]{new}", f"np.diff({x})[1:]{new}"
    slope = f"(np.diff(f, axis={k}) / np.diff({x}){new})"
    s = f"{slope}[{':, ' * k}%s]"
    inner = f"({right} * {s % ':-1'} + {left} * {s % '1:'}) / ({left} + {right})"
    return f"np.concatenate([{s % ':1'}, {inner}, {s % '-1:'}], axis={k})"


def along_another_axis(name: str) -> None:
    @rewrite(getattr(np, name), "y", when=with_keywords("axis"))
    def integral(y: Bound, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> str:
        k = constant(axis, "the axis")
        moved = "y" if k in (-1, rank(y) - 1) else "np.moveaxis(y, axis, -1)"
        none = isinstance(x, Value) and x.is_const and x.const is None
        return f"np.{name}({moved}, {'dx=dx' if none else 'x'})"


for name in ("trapezoid", "trapz"):
    if hasattr(np, name):
        along_another_axis(name)


# convolutions -------------------------------------------------------------------------


def part_of(full: str, n: str, m: str, mode: str) -> str:
    """What the modes keep of a full convolution of n and of m elements."""
    if mode == "full":
        return full
    short, long = f"min({n}, {m})", f"max({n}, {m})"
    if mode == "same":
        return f"{full}[({short} - 1) // 2 : ({short} - 1) // 2 + {long}]"
    return f"{full}[{short} - 1 : {long}]"


@rewrite(np.convolve, "a", "v", when=lambda node: len(node.args) > 2 or node.keywords)
def convolve(a: Bound, v: Bound, mode: Any = "full") -> str:
    chosen = constant(mode, "the mode")
    return part_of("np.convolve(a, v)", "a.size", "v.size", chosen)


@rewrite(np.correlate, "a", "v")
def correlate(a: Bound, v: Bound, mode: Any = "valid") -> str:
    """The convolution with v reversed; for a longer v its middle is another one."""
    full, chosen = "np.convolve(a, v[::-1])", constant(mode, "the mode")
    if chosen == "same":
        start = "(v.size - 1) // 2 if a.size >= v.size else a.size // 2"
        return f"{full}[{start} :][: max(a.size, v.size)]"
    return part_of(full, "a.size", "v.size", chosen)


# polynomials --------------------------------------------------------------------------


@define(np.polyval)
def polyval(p, x):  # type: ignore[no-untyped-def]
    """Horner's scheme, from the highest power down."""
    y = 0.0 * x
    for c in p:
        y = y * x + c
    return y


@define(np.polynomial.polynomial.polyval)
def polynomial(x, c):  # type: ignore[no-untyped-def]
    y = 0.0 * x
    for k in range(len(c) - 1, -1, -1):
        y = y * x + c[k]
    return y


@rewrite(np.polyder, "p")
def polyder(p: Bound) -> str:
    return "p[:-1] * np.arange(p.size - 1, 0, -1)"


@rewrite(np.polyfit)
def polyfit(*args: Bound) -> str:
    unsupported(
        "`np.polyfit` has no derivative rule",
        "solve the normal equations: `V = np.vander(x, deg + 1)`, then "
        "`np.linalg.solve(V.T @ V, V.T @ y)`",
    )


@rewrite(np.vander, "x")
def vander(x: Bound, N: Any = None, increasing: Any = False) -> str:
    up = constant(increasing, "increasing")
    n = "x.size" if isinstance(N, Value) and N.is_const and N.const is None else "N"
    powers = f"np.arange({n})" if up else f"np.arange({n})[::-1]"
    return f"x[:, None] ** {powers}"


# blocks -------------------------------------------------------------------------------


@rewrite(np.block)
def block(arrays: Bound) -> str:
    if not isinstance(arrays, Seq) or not arrays.items:
        unsupported("np.block needs lists written out, like [[a, b], [c, d]]")
    if not isinstance(arrays.items[0], Seq):
        return "np.concatenate(arrays, axis=-1)"
    count = len(arrays.items)
    for row in arrays.items:
        if not isinstance(row, Seq) or any(rank(i, "np.block") != 2 for i in row.items):
            unsupported("np.block is supported for rows of matrices")
    rows = ", ".join(f"np.concatenate(arrays[{k}], axis=1)" for k in range(count))
    return f"np.concatenate([{rows}], axis=0)"


@rewrite(np.dstack)
def dstack(tup: Bound) -> str:
    items = tup.items if isinstance(tup, Seq) else ()
    axes = {rank(i, "np.dstack") for i in items}
    if axes not in ({1}, {2}):
        unsupported("np.dstack is supported for vectors, or for matrices")
    return "np.stack(tup, axis=-1)" + ("[None]" if axes == {1} else "")


@rewrite(np.ediff1d, "ary")
def ediff1d(ary: Bound) -> str:
    return "np.diff(np.ravel(ary))"


# other names of the array API ---------------------------------------------------------


def matrix_norm(x: Bound, keepdims: Any = False, ord: Any = "fro") -> str:
    return "np.linalg.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)"


def vector_norm(x: Bound, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> str:
    k = constant(axis, "the axis")
    if k is None and rank(x) != 1:
        unsupported("np.linalg.vector_norm needs an axis here")
    which = "-1" if k is None else "axis"
    return f"np.linalg.norm(x, ord=ord, axis={which}, keepdims=keepdims)"


def vecdot(x1: Bound, x2: Bound, axis: Any = -1) -> str:
    if kind_of_item(x1) == "complex":
        unsupported("np.vecdot of complex numbers is not supported")
    return "np.sum(x1 * x2, axis=axis)"


def trace(x: Bound) -> str:
    if rank(x) != 2:
        unsupported("np.linalg.trace is supported for one matrix")
    return "np.trace(x)"


def kind_of_item(item: Bound) -> str | None:
    return kind_of(item.type) if isinstance(item, Value) else None


def renamed(text: str, *names: str) -> Any:
    """The text of what has a rule by another name; the arguments keep their order."""
    scope: dict[str, Any] = {}
    exec(f"def text({', '.join(names)}): return {text!r}", scope)
    return scope["text"]


NEWER = {  # what some versions of NumPy do not have
    "linalg.matrix_norm": matrix_norm,
    "linalg.vector_norm": vector_norm,
    "linalg.trace": trace,
    "linalg.outer": renamed("np.outer(x, y)", "x", "y"),
    "linalg.cross": renamed("np.cross(x, y)", "x", "y"),
    "linalg.matmul": renamed("x @ y", "x", "y"),
    "linalg.tensordot": renamed("np.tensordot(x, y, axes)", "x", "y", "axes=2"),
    "linalg.matrix_transpose": renamed("np.swapaxes(x, -1, -2)", "x"),
    "matrix_transpose": renamed("np.swapaxes(x, -1, -2)", "x"),
    "cumulative_sum": renamed("np.cumsum(x, axis=axis)", "x", "axis=None"),
    "cumulative_prod": renamed("np.cumprod(x, axis=axis)", "x", "axis=None"),
    "astype": renamed("x.astype(dtype)", "x", "dtype"),
    "asanyarray": renamed("np.asarray(x)", "x"),
    "matvec": renamed("(x @ y[..., None])[..., 0]", "x", "y"),
    "vecdot": vecdot,
}
for path, text in NEWER.items():
    with suppress(AttributeError):
        rewrite(attrgetter(path)(np))(text)

"""Rank and dtype behaviour of products and of linear algebra.

A product is described as for einsum: one letter per axis of each operand, and the
letters of the result. The rows' derivatives read the same letters.

>>> from s2s.ssa.types import Array, Dim
>>> x = Array("float64", (Dim("n", 0, False), Dim("m", 0, False)))
>>> matmul(x, Array("float64", (Dim("m", 0, False),)))
float64[n]
>>> dot_letters(2, 2), tensordot_letters(3, 2, ([0], [1]))
(('ab', 'bc', 'ac'), ('abc', 'da', 'bcd'))
>>> einsum_letters("ij,jk", [2, 2]), einsum_letters("...i->...", [3])
((['ij', 'jk'], 'ik'), (['ABi'], 'AB'))
"""

from __future__ import annotations

from collections import Counter
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from s2s.ssa.infer import Call, Refused, broadcast, floating, over
from s2s.ssa.infer_arrays import agreed
from s2s.ssa.infer_shape import as_array, joined, product
from s2s.ssa.types import ANY, Array, Dim, Tuple, Type, described, promote

Letters = tuple[str, str, str]  # of x, of y, of the result


def matmul(x: Type, y: Type) -> Type:
    """The type of `x @ y`."""
    if not isinstance(x, Array) or not isinstance(y, Array) or x.loose or y.loose:
        return ANY
    if not x.rank or not y.rank:
        raise Refused("a matrix product needs arrays, not numbers")
    batch = broadcast(x.shape[:-2], y.shape[:-2])
    columns = y.shape[-1:] if y.rank > 1 else ()
    return Array(promote(x, y), batch + x.shape[-2:-1] + columns)


def matmul_type(call: Call) -> Type:
    return matmul(call.type("x"), call.type("y"))


# letters ------------------------------------------------------------------------------


def tensordot_letters(rx: int, ry: int, axes: Any) -> Letters:
    """np.tensordot: pairs of axes are summed; those of x come first in the result."""
    if isinstance(axes, int):
        pairs = list(zip(range(rx - axes, rx), range(axes), strict=True))
    else:
        a, b = ((s,) if isinstance(s, int) else s for s in axes)
        pairs = [(i % rx, j % ry) for i, j in zip(a, b, strict=True)]
    x = ascii_lowercase[:rx]
    y = list(ascii_lowercase[rx : rx + ry])
    for i, j in pairs:
        y[j] = x[i]
    both = {x[i] for i, _ in pairs}
    # the letters of the result follow the alphabet
    rest = [c for c in y if c not in both]
    names = dict(zip(rest, ascii_lowercase[rx:], strict=False))
    y = [names.get(c, c) for c in y]
    return x, "".join(y), "".join(c for c in [*x, *y] if c not in both)


def dot_letters(rx: int, ry: int) -> Letters:
    """np.dot of arrays: the last axis of x, and the last but one of y."""
    return tensordot_letters(rx, ry, (-1, -2 if ry > 1 else -1))


def inner_letters(rx: int, ry: int) -> Letters:
    """np.inner: the last axes of both."""
    return tensordot_letters(rx, ry, (-1, -1))


def einsum_letters(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with no ellipsis left."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    operands = left.split(",")
    if len(operands) != len(ranks):
        raise Refused(f"{len(operands)} subscripts for {len(ranks)} operands")
    extra = [
        r - len(s.replace("...", "")) for s, r in zip(operands, ranks, strict=True)
    ]
    if any(
        n < 0 or (n and "..." not in s) for s, n in zip(operands, extra, strict=True)
    ):
        raise Refused(f"the subscripts '{subscripts}' do not fit the operands' ranks")
    free = [c for c in ascii_uppercase if c not in text][: max(extra)]
    operands = [
        s.replace("...", "".join(free[len(free) - n :]))
        for s, n in zip(operands, extra, strict=True)
    ]
    if arrow:
        return operands, right.replace("...", "".join(free))
    counts = Counter("".join(operands))
    once = sorted(c for c, n in counts.items() if n == 1 and c not in free)
    return operands, "".join(free + once)


# types --------------------------------------------------------------------------------


def product_type(letters_of: Any) -> Any:
    """The type of a product of two arrays; with a number it is elementwise."""

    def infer(call: Call) -> Type:
        x, y = as_array(call.type("x")), as_array(call.type("y"))
        if x is None or y is None:
            return ANY
        if not x.rank or not y.rank:
            return over("x", "y")(call)
        letters = letters_of(call.op)
        return contracted([x, y], list(letters[:2]), letters[2])

    return infer


def contracted(arrays: list[Array], operands: list[str], out: str) -> Array:
    """The type of an einsum."""
    dims: dict[str, list[tuple[Dim, ...]]] = {}
    for array, letters in zip(arrays, operands, strict=True):
        for c, d in zip(letters, array.shape, strict=True):
            dims.setdefault(c, []).append((d,))
    return Array(promote(*arrays), tuple(broadcast(*dims[c])[0] for c in out))


def einsum_type(call: Call) -> Type:
    subscripts = call.const("subscripts")
    if not isinstance(subscripts, str):
        raise Refused("np.einsum needs its subscripts as a string known when compiling")
    pairs = zip(call.types(), call.op.names, strict=True)
    arrays = [as_array(t) for t, name in pairs if name == "operands"]
    known = [a for a in arrays if a is not None]
    if len(known) < len(arrays):
        return ANY
    return contracted(known, *einsum_letters(subscripts, [a.rank for a in known]))


def outer_type(call: Call) -> Type:
    """np.outer: the flattened arguments, one along each axis."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    if x is None or y is None:
        return ANY
    return Array(promote(x, y), (product(x.shape), product(y.shape)))


def vdot_type(call: Call) -> Type:
    """np.vdot: one number."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    return ANY if x is None or y is None else Array(promote(x, y), ())


def matrix(drop: int = 0, single: bool = False) -> Any:
    """A square matrix or a batch of them; `drop` of the last axes go."""

    def infer(call: Call) -> Type:
        x = as_array(call.type("x"))
        if x is None:
            return ANY
        if x.rank < 2 or (single and (x.rank > 2 or x.kind == "complex")):
            what = "a real matrix" if single else "a matrix"
            raise Refused(f"{call.rule.kind} needs {what}, this is {described(x)}")
        return Array(floating(x.dtype), x.shape[: x.rank - drop])

    return infer


def slogdet_type(call: Call) -> Type:
    """Sign and logarithm of the determinant."""
    sign = matrix(2)(call)
    if not isinstance(sign, Array):
        return ANY
    if sign.kind == "complex":
        raise Refused("np.linalg.slogdet of complex matrices is not supported")
    return Tuple((sign, sign))


def solve_type(call: Call) -> Type:
    """The solution of a linear system has the shape of the right-hand side."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    if x is None or y is None:
        return ANY
    if x.rank < 2 or (y.rank != x.rank and (x.rank, y.rank) != (2, 1)):
        raise Refused(
            "np.linalg.solve needs a matrix and a vector or matrix, or as many of both"
        )
    dtype = floating(promote(x, y))
    if y.rank == 1:
        return Array(dtype, y.shape)
    batch = broadcast(x.shape[:-2], y.shape[:-2])
    return Array(dtype, (*batch, agreed([x.shape[-1], y.shape[-2]]), y.shape[-1]))


def kron_type(call: Call) -> Type:
    """np.kron of arrays of one rank: the lengths are multiplied."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    if x is None or y is None or x.rank != y.rank:
        return ANY
    shape = tuple(map(product, zip(x.shape, y.shape, strict=True)))
    return Array(promote(x, y), shape)


def cross_type(call: Call) -> Type:
    """np.cross of vectors with three components along the last axis."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    if x is None or y is None:
        return ANY
    if not x.rank or not y.rank or any(t.shape[-1].unit for t in (x, y)):
        raise Refused("np.cross needs vectors of three components")
    return Array(promote(x, y), broadcast(x.shape, y.shape))


def convolve_type(call: Call) -> Type:
    """np.convolve and np.correlate: in mode "full" n + m - 1 elements."""
    x, y = as_array(call.type("x")), as_array(call.type("y"))
    if x is None or y is None:
        return ANY
    if (x.rank, y.rank) != (1, 1) or "complex" in (x.kind, y.kind):
        raise Refused("np.convolve and np.correlate are supported for real vectors")
    full = call.const("mode") == "full"
    dim = joined((*x.shape, *y.shape)).shifted(-1) if full else Dim()
    return Array(promote(x, y), (dim,))

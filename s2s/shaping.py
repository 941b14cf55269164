"""Fitting tangents and adjoints to the shape and dtype of their primal values.

A tangent or adjoint may be *smaller* than its primal as long as it broadcasts to it
(the adjoint of `np.sum(x)` is one number for all of x); `full` spreads it where a rule
needs every element. One that is larger, because the primal was broadcast, is summed by
`conform`; a real primal takes the real part.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2s.ssa.ir import Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    ANY,
    COMPLEX,
    UNDEF,
    Array,
    Dict,
    Dim,
    List,
    Maybe,
    Scalar,
    Tuple,
    Type,
    adjoint_type,
    bound,
    derivative_type,
    is_real_valued,
    length,
    promote,
    rank_of,
    widened,
)
from s2s.structure import TUPLE


def carried_type(value: Value) -> Type:
    """The type of a derivative that loops and branches carry.

    Where the primal is unbound it has no shape: its derivative is a number there.
    """
    of = derivative_type(value.type)
    if isinstance(value.type, Maybe) and isinstance(of, Array):
        return Array(of.dtype, of.shape, loose=of.rank > 0)
    return of


def zeros_of(
    q: Quote, value: Value, adjoint: bool = False, like: Type | None = None
) -> Value:
    """A zero derivative of the value's own shape.

    A list of integers may become one of floats: its zeros are then `like` that one's.
    """
    of = bound(value.type)
    if isinstance(of, Scalar) or (isinstance(of, Array) and of.rank == 0):
        return q.const(0.0)
    if isinstance(of, Tuple):
        return packed(q, value, [zeros_of(q, item) for item in q.items(value)])
    if isinstance(of, Dict) and of.item == UNDEF:
        return q.emit("dict", [], (), type=of, keys=(), default=of.default)
    if isinstance(of, Dict) and rank_of(of.item) == 0:
        return q.emit("dict_full", [value, q.const(0.0)])
    if isinstance(of, List):
        if of.dim == length(0):
            return q.emit("list", [], (), type=of)
        if rank_of(of.item) == 0:
            return q.emit("list_repeat", [q.const(0.0), q.emit("len", [value])])
        like = like if isinstance(like, List) else of
        to = adjoint_type(like) if adjoint else derivative_type(like)
        return q.emit("zeros_list", [value], to=to)
    if of == ANY or (isinstance(of, Array) and of.loose):
        return q("np.zeros_like(x, dtype=float)", x=value)
    if not is_real_valued(of):
        return q.const(0.0)
    return q("np.zeros_like(x)", x=like_source(q, value))


def packed(q: Quote, value: Value, items: list[Value]) -> Value:
    """The derivative of a tuple or record, of those of its items."""
    of = bound(value.type)
    assert isinstance(of, Tuple)
    if of.form == TUPLE:
        return q.emit("tuple", items, ("xs",) * len(items))
    made = value.op.attrs.get("maker") if value.op is not None else None
    maker = made or (of.form.cls.__name__ if of.form.cls else "")
    attrs = {"of": of.form, "maker": maker, "type": of}
    return q.emit("record", items, ("xs",) * len(items), **attrs)


def like_source(q: Quote, value: Value) -> Value:
    """A named value of the same shape and dtype, if there is one."""
    found = q.shape_source(value)
    a, b = bound(found.type), bound(value.type)
    same = isinstance(a, Array) and isinstance(b, Array) and a.dtype == b.dtype
    return found if same else value


def filled(q: Quote, value: Value, d: Value) -> Value | None:
    """One number all over, as long as a temporary that need not be computed for it.

    Each of its axes must be as long as one of something that has a name.
    """
    of = bound(value.type)
    if not isinstance(of, Array) or of.dtype != "float64":
        return None
    if value.op is None or like_source(q, value).role != "temp":
        return None
    sizes = [size(q, dim, value) for dim in of.shape]
    known = [n for n in sizes if n is not None]
    if len(known) < len(sizes):
        return None
    shape = known[0] if len(known) == 1 else q.emit("tuple", known, ("xs",) * of.rank)
    if d.is_const and d.const == 0.0:
        return q("np.zeros(shape)", shape=shape)
    if d.is_const and d.const == 1.0:
        return q("np.ones(shape)", shape=shape)
    return q("np.full(shape, d)", shape=shape, d=d)


def size(q: Quote, dim: Dim, value: Value) -> Value | None:
    """How long an axis is, asked of what an operation reads."""
    if dim.sym == "":
        return q.const(dim.off)
    op = value.op
    if value.role == "temp" and op is not None and not op.regions:
        found = (size(q, dim, a) for a in op.args if not a.is_const)
        return next((n for n in found if n is not None), None)
    of = bound(value.type)
    if not isinstance(of, Array) or of.loose or isinstance(value.type, Maybe):
        return None
    axes = [k for k, d in enumerate(of.shape) if d.same(dim)]
    if not axes:
        return None
    k = q.const(axes[0])
    return q("x.shape[k]", x=value, k=k) if axes[0] else q("len(x)", x=value)


def shape_of(q: Quote, value: Value) -> Value:
    """The shape of an array: of numbers, rather than keep a temporary for it alone."""
    of, source = bound(value.type), q.shape_source(value)
    if isinstance(of, Array) and source.role == "temp":
        if all(d.sym == "" for d in of.shape):
            return q.const(tuple(d.off for d in of.shape))
    loose = isinstance(of, Array) and of.loose
    return q("np.shape(x)" if loose else "x.shape", x=value)


def is_full(d: Type, of: Type) -> bool:
    """Whether a derivative of type `d` surely has the shape of its primal."""
    d, of = bound(d), bound(of)
    if isinstance(of, Scalar):
        return isinstance(d, Scalar) or (isinstance(d, Array) and not d.rank)
    if isinstance(of, List | Tuple):
        return True
    if not isinstance(of, Array) or (of.loose and not of.idle):
        return False
    if isinstance(d, Scalar):
        return of.rank == 0
    if not isinstance(d, Array) or d.rank != of.rank:
        return False
    if d.loose:  # what has no derivative as a number is one together with that
        return d.idle and of.idle and same_dims(d, of)
    return all(
        a.same(b) or (a.unit is False and b.unit is False)
        for a, b in zip(d.shape, of.shape, strict=True)
    )


def same_dims(a: Type, b: Type) -> bool:
    """Whether two arrays have one shape, unless they are numbers."""
    a, b = bound(a), bound(b)
    if not isinstance(a, Array) or not isinstance(b, Array) or a.rank != b.rank:
        return False
    return all(map(Dim.same, a.shape, b.shape))


def full(q: Quote, d: Value, like: Value) -> Value:
    """The derivative spread to the shape of its primal."""
    if is_full(d.type, like.type):
        return d
    of, dt = bound(like.type), bound(d.type)
    if rank_of(of) == 0:  # whatever is not larger is a number, too
        return d
    scalar = isinstance(dt, Scalar) or (isinstance(dt, Array) and dt.rank == 0)
    known = isinstance(of, Array) and (of.idle or not of.loose)
    if isinstance(of, Array) and known and scalar:
        if d.is_const and d.const == 0.0 and not is_real_valued(of):  # on one path
            return q("np.zeros_like(x, dtype=float)", x=like)
        if (out := filled(q, like, d)) is not None:
            return out
        if d.is_const and d.const == 0.0:
            return q("np.zeros_like(x)", x=like_source(q, like))
        if d.is_const and d.const == 1.0:
            return q("np.ones_like(x)", x=like_source(q, like))
        if not (isinstance(dt, Array | Scalar) and dt.kind == "complex" != of.kind):
            return q("np.full_like(x, d)", x=like_source(q, like), d=d)
    if isinstance(of, Array) and not of.loose:
        out = q("np.broadcast_to(d, s)", s=shape_of(q, like), d=d)
    else:
        if isinstance(of, Array) and isinstance(dt, Array):
            d = q("unbroadcast(d, np.shape(x))", d=d, x=like)  # x may be a number
        out = q("np.broadcast_to(d, np.shape(x))", x=like, d=d)
    if isinstance(of, Array) and out.type == ANY:
        out.type = of
    return out


def conform(q: Quote, d: Value, like: Value, at_once: bool = False) -> Value:
    """The derivative with the axes that broadcasting added summed away.

    `at_once` sums them even where the types do not say that there are any.
    """
    if d.is_const or isinstance(bound(like.type), List | Tuple):
        return d
    d = _unbroadcast(q, d, like) if at_once else _summed(q, d, like)
    return of_dtype(q, real_part(q, d, like), like.type)


def of_dtype(q: Quote, d: Value, of: Type) -> Value:
    """The derivative in the dtype of its primal."""
    of, dt = bound(of), bound(d.type)
    if isinstance(of, Array) and isinstance(dt, Array) and of.dtype != dt.dtype:
        d = _cast(q, d, of.dtype)
    return d


def as_carried(q: Quote, d: Value, of: Type) -> Value:
    """The derivative as it is carried by what may also carry others.

    An array has one dtype wherever it comes from; and the tangent of a number that is
    complex, though real so far, is complex where arrays may be made of it.
    """
    to = widened(d.type, of)
    if to == bound(d.type):
        return d
    if isinstance(to, List | Tuple):
        return q.emit("widened", [d], to=to)
    if isinstance(to, Array):
        return _cast(q, d, to.dtype)
    return q.const(0j) if d.is_const else q("d + 0j", d=d)


def real_part(q: Quote, d: Value, like: Value) -> Value:
    """The derivative of a real value is real."""
    of, dt = bound(like.type), bound(d.type)
    if isinstance(of, Scalar | Array) and isinstance(dt, Scalar | Array):
        if dt.kind == "complex" != of.kind:
            return q("np.real(d)", d=d)
    return d


def _cast(q: Quote, d: Value, dtype: str) -> Value:
    """The derivative in another dtype; zeros are made in it."""
    dt, made = bound(d.type), d.op
    if made is not None and made.kind == "np.zeros_like":
        return zeros_in(q, made.args[0], dtype)
    if promote(dt, COMPLEX) == dtype:
        return q("d + 0j", d=d)
    if isinstance(dt, Array) and dt.rank == 0:
        return q(f"np.{dtype}(d)", d=d)
    return q.emit("astype", [d, _named(q, dtype)], ("x", "dtype"))


def zeros_in(q: Quote, like: Value, dtype: str) -> Value:
    """Zeros of the shape of an array, in another dtype than it may have."""
    return q.emit("np.zeros_like", [like, _named(q, dtype)], ("x", "dtype"))


def _named(q: Quote, dtype: str) -> Value:
    return q.const(np.dtype(dtype).type, f"np.{dtype}")


def _unbroadcast(q: Quote, d: Value, like: Value) -> Value:
    """The sum over the axes that broadcasting added, found when the program runs."""
    of, dt = bound(like.type), bound(d.type)
    out = q("unbroadcast(d, np.shape(x))", d=d, x=like)
    if isinstance(of, Array):
        out.type = replace(of, dtype=dt.dtype) if isinstance(dt, Array) else of
    return out


def _summed(q: Quote, d: Value, like: Value) -> Value:
    of, dt = bound(like.type), bound(d.type)
    if isinstance(dt, Scalar):
        return d
    if isinstance(dt, Array) and dt.rank == 0:
        return d
    if isinstance(of, Scalar) or (isinstance(of, Array) and of.rank == 0):
        return q("np.sum(d)", d=d)
    loose = isinstance(of, Array) and of.loose and not of.idle
    if not isinstance(of, Array) or not isinstance(dt, Array) or dt.loose or loose:
        if isinstance(of, Array) and isinstance(dt, Array) and of.rank == dt.rank:
            if all(
                a.same(b) or b.unit is False
                for a, b in zip(dt.shape, of.shape, strict=True)
            ):
                return d
        return _unbroadcast(q, d, like)
    extra = dt.rank - of.rank
    if extra > 0:
        axes = tuple(range(extra))
        d = q("np.sum(d, axis=a)", d=d, a=q.const(axes[0] if extra == 1 else axes))
    dims = dt.shape[max(extra, 0) :]
    offset = of.rank - len(dims)
    stretched = [
        offset + i
        for i, (a, b) in enumerate(zip(dims, of.shape[offset:], strict=True))
        if b.unit and not a.unit
    ]
    unsure = [
        1
        for a, b in zip(dims, of.shape[offset:], strict=True)
        if b.unit is None and not a.same(b) and not a.unit
    ]
    if unsure:
        out = q("unbroadcast(d, s)", d=d, s=shape_of(q, like))
        out.type = Array(dt.dtype, of.shape)
        return out
    if stretched:
        # with fewer axes than the primal only the axes present can be summed
        axes = tuple(i - offset for i in stretched)
        axis = q.const(axes[0] if len(axes) == 1 else axes)
        d = q("np.sum(d, axis=a, keepdims=True)", d=d, a=axis)
    return d

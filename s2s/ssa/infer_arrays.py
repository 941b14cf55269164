"""Types of operations that join arrays, split them, make them, and ask their shape.

In: a `Call`. Out: the type of its result.

>>> agreed([Dim(), Dim("n", 0, False)])
n
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from s2s.ssa.infer import Call, Refused, numeric
from s2s.ssa.infer_shape import (
    as_array,
    axis_of,
    dtype_name,
    joined,
    length_of,
    lengths,
    product,
)
from s2s.ssa.sums import Sum
from s2s.ssa.types import (
    ANY,
    FLOAT,
    INT,
    ONE,
    Array,
    Dim,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    length,
    promote,
    some_length,
)
from s2s.structure import LIST, TUPLE

# joining ------------------------------------------------------------------------------


def of_parts(join: Callable[[Call, list[Array]], Type]) -> Any:
    """A type function of the arrays in the list argument `xs`."""

    def infer(call: Call) -> Type:
        pairs = zip(call.types(), call.op.names, strict=True)
        parts = [as_array(t) for t, name in pairs if name == "xs"]
        known = [p for p in parts if p is not None]
        return join(call, known) if len(known) == len(parts) else ANY

    return infer


def concatenated(call: Call, parts: list[Array]) -> Type:
    axis = call.const("axis")
    if axis is ...:
        return ANY
    if axis is None:
        return along([Array(p.dtype, (product(p.shape),)) for p in parts], 0)
    return along(parts, axis)


def array_given(t: Type) -> Array | None:
    """The array that NumPy makes of an argument: of a list or tuple of numbers, too."""
    t = bound(t)
    if isinstance(t, Tuple) and t.items and t.form in (TUPLE, LIST):
        items = [array_given(i) for i in t.items]
        known = [i for i in items if i is not None]
        if len(known) < len(items) or len({i.rank for i in known}) > 1:
            return None
        dims = map(agreed, zip(*(i.shape for i in known), strict=True))
        return Array(promote(*known), (length(len(items)), *dims))
    if isinstance(t, List):
        item = array_given(t.item)
        return None if item is None else Array(item.dtype, (t.dim, *item.shape))
    return as_array(t)


def along(parts: Sequence[Array], axis: int) -> Array:
    """The parts, of one rank, one after the other along an axis."""
    rank = parts[0].rank
    if any(p.rank != rank for p in parts):
        raise Refused("arrays of different ranks cannot be joined")
    if not -rank <= axis < rank:
        raise Refused(f"axis {axis} is out of range: the arrays have {rank} axes")
    columns = list(zip(*(p.shape for p in parts), strict=True))
    shape = [agreed(dims) for dims in columns]
    shape[axis] = joined(columns[axis])
    return Array(promote(*parts), tuple(shape))


def agreed(dims: Sequence[Dim]) -> Dim:
    """A length that all parts must have: the most that is known of any of them."""
    return max(dims, key=lambda d: (d.unit is not None) + (d.sym is not None))


def stacked(call: Call, parts: list[Array]) -> Type:
    """The parts, of one shape, along a new axis."""
    axis = call.const("axis")
    if axis is ...:
        return ANY
    rank = parts[0].rank
    if any(p.rank != rank for p in parts):
        raise Refused("arrays of different ranks cannot be stacked")
    shape = [agreed(dims) for dims in zip(*(p.shape for p in parts), strict=True)]
    shape.insert(axis % (rank + 1), length(len(parts)))
    return Array(promote(*parts), tuple(shape))


def array_of(call: Call, parts: list[Array]) -> Type:
    """np.array of a list: its items along a new first axis."""
    if not parts:
        return Array(dtype_name(call, "float64"), (length(0),))
    if any(p.rank != parts[0].rank for p in parts):
        raise Refused("the items of the list have different ranks")
    columns = zip(*(p.shape for p in parts), strict=True)
    shape = (length(len(parts)), *map(agreed, columns))
    return Array(dtype_name(call, promote(*parts)), shape)


def horizontal(call: Call, parts: list[Array]) -> Type:
    """np.hstack: along the second axis, of vectors along the first."""
    parts = [p if p.rank else Array(p.dtype, (ONE,)) for p in parts]
    return along(parts, 0 if parts[0].rank == 1 else 1)


def vertical(call: Call, parts: list[Array]) -> Type:
    """np.vstack: along the first axis, vectors being rows."""
    return along([Array(p.dtype, (ONE,) * (2 - p.rank) + p.shape) for p in parts], 0)


def columns(call: Call, parts: list[Array]) -> Type:
    """np.column_stack: along the second axis, vectors being columns."""
    padded = [Array(p.dtype, p.shape + (ONE,) * (2 - p.rank)) for p in parts]
    return along(padded, 1)


def appended(call: Call) -> Type:
    """np.append: both flattened, unless there is an axis."""
    x, values = as_array(call.type("x")), as_array(call.type("values"))
    if x is None or values is None:
        return ANY
    return concatenated(call, [x, values])


def split_axis(default: int | None) -> Any:
    """np.split and its like: a list of parts; None is for the `axis` argument."""

    def infer(call: Call) -> Type:
        x, sections = as_array(call.type("x")), call.const("sections")
        if x is None:
            return ANY
        k = axis_of(call, x.rank) if default is None else min(default, x.rank - 1)
        if k is None:
            return ANY
        equal = isinstance(sections, int) and call.op.kind != "np.array_split"
        part, count = some_length() if equal else Dim(), Dim()
        shape = tuple(part if i == k else d for i, d in enumerate(x.shape))
        if isinstance(sections, int):
            count = length(sections)
        elif isinstance(sections, tuple):
            count = length(len(sections) + 1)
        return List(Array(x.dtype, shape), count)

    return infer


# making -------------------------------------------------------------------------------


def filled(call: Call) -> Type:
    """np.zeros and np.ones: floats unless another dtype is given."""
    return with_shape(call, dtype_name(call, "float64"))


def filled_with(call: Call) -> Type:
    """np.full: the dtype of the value unless another is given."""
    value = as_array(call.type("fill_value"))
    return ANY if value is None else with_shape(call, dtype_name(call, value.dtype))


def with_shape(call: Call, dtype: str) -> Type:
    shape = call.op.arg("shape")
    assert shape is not None
    dims = lengths(shape)
    return ANY if dims is None else Array(dtype, dims)


def like(call: Call) -> Type:
    """np.zeros_like and its like."""
    x = as_array(call.type("x"))
    return ANY if x is None else Array(dtype_name(call, x.dtype), x.shape)


def converted(default: str | None = None) -> Any:
    """The same elements as another dtype (`default`, or that of the argument)."""

    def infer(call: Call) -> Type:
        x = as_array(call.type("x"))
        if x is None:
            return ANY
        return Array(default or dtype_name(call, x.dtype), x.shape)

    return infer


def eye(call: Call) -> Type:
    rows = call.type("N")
    columns = call.given("M")
    dims = length_of(rows), length_of(columns[0] if columns else rows)
    return Array(dtype_name(call, "float64"), dims)


def identity(call: Call) -> Type:
    n = length_of(call.type("n"))
    return Array(dtype_name(call, "float64"), (n, n))


def arange(call: Call) -> Type:
    """Python numbers are not weak here: `np.arange(2.0)` is float64."""
    types = call.given("start", "stop", "step")
    arrays = [as_array(t) for t in types]
    known = [a for a in arrays if a is not None]
    if len(known) < len(arrays):
        return ANY
    start, stop, step = (call.const(n) for n in ("start", "stop", "step"))
    dim = Dim()
    if stop is None:
        dim = length_of(types[0])
    elif step is None and isinstance(start, int) and start >= 0:
        dim = length_of(types[1])
        dim = dim.shifted(-start) if start else dim
    if step is not None:
        dim = Dim()
    if dim.sym is None and all(t.kind == "int" for t in known):
        dim = counted(call)
    return Array(dtype_name(call, promote(*known)), (dim,))


def linspace(call: Call) -> Type:
    start, stop = as_array(call.type("start")), as_array(call.type("stop"))
    if start is None or stop is None:
        return ANY
    if start.rank or stop.rank:
        raise Refused("np.linspace between arrays is not supported")
    num = call.op.arg("num")
    dim = length(50) if num is None else length_of(num.type)
    return Array(promote(start, stop, FLOAT), (dim,))


# asking -------------------------------------------------------------------------------


def shape(call: Call) -> Type:
    """`x.shape`: a tuple of lengths, with their symbols."""
    x = as_array(call.type("x"))
    return ANY if x is None else Tuple(tuple(Scalar("int", d) for d in x.shape))


def size(call: Call) -> Type:
    """`x.size`: the number of elements."""
    x = as_array(call.type("x"))
    return INT if x is None else Scalar("int", product(x.shape))


def dtype(call: Call) -> Type:
    """`x.dtype`: known when compiling."""
    x = as_array(call.type("x"))
    return ANY if x is None else Static(np.dtype(numeric(x.dtype)))


def positions(call: Call) -> Type:
    """np.nonzero: an array of positions for each axis."""
    x = as_array(call.type("x"))
    return ANY if x is None else Tuple((Array("int64", (Dim(),)),) * x.rank)


def limit(call: Call) -> Type:
    """`np.finfo(float).eps`: a number of that dtype."""
    x = call.op.args[0]
    if not isinstance(x.const, np.finfo):
        raise Refused("this has no such attribute")
    return Array(x.const.dtype.name, ())


def positions_of_all(call: Call) -> Type:
    """np.indices: along the first axis, the positions in each of the others."""
    shape = call.op.arg("dimensions")
    dims = lengths(shape) if shape is not None else None
    return ANY if dims is None else Array("int64", (length(len(dims)), *dims))


def diagonal_positions(call: Call) -> Type:
    """np.diag_indices: the same numbers for each axis."""
    axes = call.const("ndim")
    if not isinstance(axes, int):
        return ANY
    return Tuple((Array("int64", (length_of(call.type("n")),)),) * axes)


def diagonal_positions_from(call: Call) -> Type:
    x = as_array(call.type("arr"))
    return ANY if x is None else Tuple((Array("int64", x.shape[:1]),) * x.rank)


def triangle_positions(call: Call) -> Type:
    """np.triu_indices and its kind: where the elements of a triangle are."""
    n = Dim()
    return Tuple((Array("int64", (n,)),) * 2)


def counted(call: Call) -> Dim:
    """The number of integers in np.arange."""
    start, stop = call.value("start"), call.value("stop")
    by = 1 if call.const("step") is None else call.const("step")
    if call.const("stop") is None:
        start, stop = None, start
    if not isinstance(by, int) or by == 0:
        return Dim()
    sign = 1 if by > 0 else -1
    span = Sum().plus(stop, sign).plus(0 if start is None else start, -sign)
    if any(n % by for n in span.times.values()):
        return Dim()
    span.number, span.least = -(-span.number // abs(by)), span.least // abs(by)
    span.times = Counter({name: n // abs(by) for name, n in span.times.items()})
    return span.length()

"""Rows for indexing and for tuples and lists as objects.

`add_at(x, index, v)` is the functional update that reading an element has for its
transpose, and `store(x, index, v)` what assigning to an element means; codegen puts
them back in place as `x[index] += v` and `x[index] = v`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s.rules import COMPARE, RULES
from s2s.ssa.infer import Call, Refused, as_positions, broadcast, same_as
from s2s.ssa.ir import Hop, Op, Value
from s2s.ssa.steps import UpTo, every
from s2s.ssa.sums import Sum, less
from s2s.ssa.types import (
    ANY,
    ONE,
    UNDEF,
    Array,
    Dict,
    Dim,
    List,
    Scalar,
    Tuple,
    Type,
    bound,
    is_list_of_ints,
    join,
    key_type,
    length,
    particular,
    rank_of,
    some_length,
)
from s2s.structure import TUPLE, form_of, items_of


def index_of(codes: tuple[str, ...], operands: list[Any]) -> Any:
    """The run-time index that codes and operands describe.

    >>> index_of(("s110", "i", "n"), [1, -1, 5])
    (slice(1, -1, None), 5, None)
    """
    rest = iter(operands)
    parts: list[Any] = []
    for code in codes:
        if code == "i":
            parts.append(next(rest))
        elif code == "n":
            parts.append(None)
        elif code == "e":
            parts.append(Ellipsis)
        elif code:
            parts.append(slice(*(next(rest) if c == "1" else None for c in code[1:])))
    return tuple(parts) if len(codes) != 1 else parts[0]


def getitem_type(call: Call) -> Type:
    """The type of `x[index]`."""
    x = call.type("x")
    codes = call.op.attrs["index"]
    if isinstance(x, List):
        if codes == ("i",):
            return particular(x.item)
        raise Refused("slices of a list are not supported yet")
    if isinstance(x, Scalar):
        raise Refused(f"a Python {x.kind} cannot be indexed")
    if not isinstance(x, Array):
        return ANY
    whole = call.op.args[0].op
    if whole is not None and whole.kind == "flat":
        for index in call.types()[1:]:
            if rank_of(index) == 0:
                as_positions(index, "x.flat")
    return array_item(x, [c for c in codes if c], list(call.op.args[1:]))


def array_item(x: Array, codes: list[str], operands: list[Value]) -> Type:
    """Basic and advanced indexing of an array, axis by axis."""
    used = 0
    rest = iter(operands)
    for code in codes:
        if code == "i":
            of = index_type(next(rest))
            mask = isinstance(of, Array) and of.dtype == "bool"
            used += of.rank if mask and isinstance(of, Array) else 1
        else:
            used += code[0] == "s"
            for flag in code[1:]:
                if flag == "1":
                    next(rest)
    if used > x.rank:
        raise Refused(
            f"too many indices: the array has {x.rank} axes, {used} are given"
        )
    if "e" not in codes:
        codes = [*codes, "e"]
    rest = iter(operands)
    axes = iter(x.shape)
    shape: list[Dim] = []
    advanced: list[tuple[int, tuple[Dim, ...]]] = []  # where, and the index's shape
    between = False
    last_advanced = -1
    for position, code in enumerate(codes):
        if code == "n":
            shape.append(ONE)
        elif code == "e":
            shape += [next(axes) for _ in range(x.rank - used)]
        elif code[0] == "s":
            ends = [next(rest) if c == "1" else None for c in code[1:]]
            shape.append(sliced(next(axes), ends))
        else:
            index = next(rest)
            of = index_type(index)
            if isinstance(of, Array) and (of.rank or of.dtype == "bool"):
                mask = of.dtype == "bool"
                for _ in range(of.rank if mask else 1):
                    next(axes)
                dims = (
                    (Dim(f"?{described_mask(index)}", exact=True),)
                    if mask
                    else of.shape
                )
                if advanced and position != last_advanced + 1:
                    between = True
                last_advanced = position
                advanced.append((len(shape), dims))
            elif isinstance(of, Scalar | Array):
                next(axes)
                if advanced:
                    between = between or position != last_advanced + 1
                    last_advanced = position
                elif any(c == "i" for c in codes[position + 1 :]):
                    advanced.append((len(shape), ()))  # an integer joins the arrays
                    last_advanced = position
            else:
                return ANY
    if advanced and any(dims for _, dims in advanced):
        where = 0 if between else advanced[0][0]
        shape[where:where] = broadcast(*(dims for _, dims in advanced))
    return Array(x.dtype, tuple(shape))


def index_type(index: Value) -> Type:
    """The type of an index; a list of integers stands for an array of them.

    A bool stands for a mask without axes, as one of NumPy's does.
    """
    of = bound(index.type)
    if isinstance(of, Scalar) and of.kind == "bool":
        return Array("bool", ())
    if isinstance(of, List) and is_list_of_ints(of):
        return Array("int64", (of.dim,))
    return of


SIGNS = {"add": "+", "sub": "-", "mul": "*", "floordiv": "//"}


def described(end: Any) -> str | None:
    """An end of a slice, so that equal ones have one text; None if it has none."""
    if not isinstance(end, Value):
        return "" if end is None else str(end)
    if end.is_const:
        return str(end.const)
    op = end.op
    if op is not None and op.kind in SIGNS:
        x, y = map(described, op.args)
        return None if x is None or y is None else f"({x}{SIGNS[op.kind]}{y})"
    return f"v{end.number}"


def taken_away(lower: Any, upper: Any) -> Sum | None:
    """How much shorter `x[lower:upper]` is, ends that are known at run time or not.

    None unless `lower` surely counts from the front, and `upper` from the end.
    """
    start, stop = Sum().plus(lower or 0, 1), Sum().plus(upper or 0, -1)
    known = start.least >= 0 and (upper is None or stop.least > 0)
    return start.plus(upper or 0, -1) if known else None


def described_mask(mask: Value) -> str:
    """What a mask is made of, so that equal ones have one text."""
    if mask.is_const:
        return repr(mask.const)
    op = mask.op
    if op is not None and op.kind in ("copy", "np.copy"):
        return described_mask(op.args[0])
    if op is None or op.kind not in (*COMPARE, "and_", "or_", "invert"):
        return f"v{mask.number}"
    return f"{op.kind}({', '.join(map(described_mask, op.args))})"


def between(dim: Dim, lower: Any, upper: Any, by: Any) -> Dim | None:
    """The length of `x[lower:upper]` where an end is a length of an axis: `x[1:n]`.

    It is never below zero, or it would count from the end, and not beyond the axis.
    """
    ends = [length_of_axis(end, dim) for end in (lower, upper)]
    if by not in (None, 1) or not any(ends):
        return None
    start, stop = ends
    if start is not None:
        if upper is None:
            return length(dim.off - start.off)
        return None if stop is None else length(max(0, stop.off - start.off))
    if stop is None or not (lower is None or (isinstance(lower, int) and lower >= 0)):
        return None
    return stop.shifted(-lower) if lower else stop


def up_to(name: str, lower: Any, upper: Any, by: Any) -> str:
    """The name of the length of `x[lower:upper]`, with what it is if that fits."""
    of = bound(upper.type) if isinstance(upper, Value) else None
    end = of.dim if isinstance(of, Scalar) and by in (None, 1) else None
    plain = lower is None or (isinstance(lower, int) and lower >= 0)
    if end is None or not (plain and end.sym and end.exact):
        return name
    return UpTo(name, end.shifted(-(lower or 0)))


def length_of_axis(end: Any, dim: Dim) -> Dim | None:
    """An end of a slice as a length, if it is one of the axis or less."""
    of = bound(end.type) if isinstance(end, Value) else None
    found = of.dim if isinstance(of, Scalar) else None
    if found is None or not (found.sym and found.exact and dim.exact):
        return None
    return found if found.sym == dim.sym and found.off <= dim.off else None


def sliced(dim: Dim, ends: list[Value | None]) -> Dim:
    """The length of a slice of an axis, as far as constants tell."""
    known = [e.const if e is not None and e.is_const else e for e in ends]
    if (part := between(dim, *known)) is not None:
        return part
    texts = [described(k) for k in known]
    if dim.sym is None or None in texts:
        some = some_length()
    else:
        name = f"?{dim.sym}{dim.off:+d}[{':'.join(map(str, texts))}]"
        some = Dim(up_to(name, *known), exact=True)
    lower, upper, by = known
    if any(isinstance(k, Value) for k in known):
        forward = by is None or (isinstance(by, int) and by > 0)
        cut = taken_away(lower, upper) if forward and dim.sym is not None else None
        if cut is None:
            return some
        return every(by, less(dim, cut), 0) if by not in (None, 1) else less(dim, cut)
    if dim.sym == "" and dim.sym is not None:
        return length(len(range(*slice(lower, upper, by).indices(dim.off))))
    if by in (None, 1):
        lower = lower or 0
        if lower >= 0 and (upper is None or upper < 0):
            cut = lower - (upper or 0)
            return dim.shifted(-cut) if cut else dim
        if lower >= 0 and upper is not None and 0 <= upper <= dim.low:
            return length(max(0, upper - lower))
        if lower < 0 and upper is None and -lower <= dim.low:
            return length(-lower)
    elif by == -1 and lower is None and upper is None:
        return dim
    elif by and dim.sym is not None and (lower or 0) >= 0 and (upper or -1) < 0:
        if by > 0 or lower is None is upper:
            return every(abs(by), dim, (lower or 0) - (upper or 0))
    return some


def getitem(x: Any, *operands: Any, index: tuple[str, ...]) -> Any:
    return x[index_of(index, list(operands))]


def view_in(x: Any, operands: list[Any], path: tuple[Hop, ...]) -> tuple[Any, list]:
    """The view of x that a path leads to, and the operands that it left."""
    for hop in path:
        args, operands = operands[: hop.count], operands[hop.count :]
        op = Op(hop.kind, [], hop.names, dict(hop.attrs))
        x = RULES.run(op, [x, *args])
    return x, operands


def in_dict(
    x: dict, where: list[Any], index: tuple[str, ...], v: Any, change: Callable
) -> dict:
    """A copy of a dict, where v is stored or added under a key, or in what is there."""
    k, *rest = where
    if len(index) == 1:
        return {**x, k: x[k] + v if change is add_at else v}
    if form_of(x[k]) is None:  # an array
        return {**x, k: change(x[k], *rest, v, index=index[1:])}
    return {**x, k: inside(x[k], rest, index[1:], v, change)}


def inside(
    x: Any, where: list[Any], index: tuple[str, ...], v: Any, change: Callable
) -> Any:
    """A copy of a list, or of what it holds, where v is stored or added in it."""
    form = form_of(x)
    assert form is not None
    (k, *where), index, items = where, index[1:], items_of(form, x)
    if not index:
        items[k] = items[k] + v if change is add_at else v
    elif form_of(items[k]) is None:  # an array
        items[k] = change(items[k], *where, v, index=index)
    else:
        items[k] = inside(items[k], where, index, v, change)
    return form.of(items)


def store(
    x: Any, *operands: Any, index: tuple[str, ...], path: tuple[Hop, ...] = ()
) -> Any:
    """A copy of x with v stored at the index of a view of it."""
    if isinstance(x, list | dict):
        within = inside if isinstance(x, list) else in_dict
        return within(x, list(operands[:-1]), index, operands[-1], store)
    out = np.array(x)
    view, where = view_in(out, list(operands[:-1]), path)
    view[index_of(index, where)] = operands[-1]
    return out


def add_at(
    x: Any,
    *operands: Any,
    index: tuple[str, ...],
    path: tuple[Hop, ...] = (),
    minus: bool = False,
) -> Any:
    """A copy of x with v added at the index, at each of repeated places."""
    *where, v = operands
    if isinstance(x, list | dict):
        within = inside if isinstance(x, list) else in_dict
        return within(x, where, index, -v if minus else v, add_at)
    out = np.array(x)
    view, where = view_in(out, where, path)
    change = np.subtract if minus else np.add
    if isinstance(view, np.flatiter):  # which ufuncs do not write to
        elements = view[:]
        change.at(elements, index_of(index, where), v)
        view[:] = elements
    else:
        change.at(view, index_of(index, where), v)
    return out


def stored(call: Call) -> Type:
    """The type of what was stored into; a list takes the type of any item."""
    x, (*where, v) = call.type("x"), call.op.args[1:]
    count = len(call.op.attrs["index"])
    return holding(x, where, count, bound(v.type)) if isinstance(x, List) else x


def holding(of: Type, where: list[Value], count: int, v: Type) -> Type:
    """The type of a list, or of what it holds, once something was stored in it.

    `count` positions lead to where that is, some of them without an operand.
    """
    if not count:
        return join(of, v)
    if isinstance(of, Dict):
        item = holding(of.item, where[1:], count - 1, v)
        return replace(of, item=item, key=join(of.key, key_type(where[0].type)))
    if isinstance(of, List):
        return List(holding(of.item, where[1:], count - 1, v), of.dim)
    if isinstance(of, Tuple):
        items = list(of.items)
        k = where[0].const
        items[k] = holding(items[k], where[1:], count - 1, v)
        return of.of(items)
    return of


zero, linear = RULES.zero, RULES.linear

# the transposes of these are structural, and written where regions are reversed
STRUCTURAL = "g"
linear("z = getitem(x, *index)", STRUCTURAL, type=getitem_type, run=getitem, cheap=True)
linear("z = add_at(x, *index)", STRUCTURAL, type=same_as("x"), run=add_at)
linear("z = store(x, *index)", STRUCTURAL, type=stored, run=store)


@RULES.helper
def kept(x, index):  # type: ignore[no-untyped-def]
    """Which of the values stored at `x[index]` stay: of equal places the last."""
    order = np.zeros(np.shape(x), int)  # which `x.flat` has no attribute for
    numbers = np.arange(order[index].size).reshape(order[index].shape)
    order[index] = numbers
    return order[index] == numbers


def kept_type(call: Call) -> Type:
    part = getitem_type(call)
    return Array("bool", part.shape) if isinstance(part, Array) else ANY


zero(
    "z = kept(x, *index)",
    type=kept_type,
    run=lambda x, *operands, index: kept(x, index_of(index, list(operands))),
)


def tuple_type(call: Call) -> Type:
    return Tuple(tuple(call.types()))


def list_type(call: Call) -> Type:
    types = call.types()
    item: Type = UNDEF
    for other in types:
        item = join(item, other)
    return List(item, length(len(types)))


def item_type(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Tuple)
    return x.items[call.const("k")]


def unpack_type(call: Call) -> Type:
    x, count = call.type("x"), call.const("count")
    if isinstance(x, List):
        return Tuple(tuple(particular(x.item) for _ in range(count)))
    assert isinstance(x, Array)
    return Tuple((Array(x.dtype, x.shape[1:]),) * count)


def record_type(call: Call) -> Type:
    """The type of a dict, or of an object with attributes."""
    form = call.op.attrs["of"]
    return Tuple(tuple(bound(a.type) for a in call.op.args), form)


def unpack(x: Any, count: int) -> tuple[Any, ...]:
    """The items of x, of which there must be `count`."""
    items = tuple(x)
    if len(items) > count:
        raise ValueError(f"too many values to unpack (expected {count})")
    if len(items) < count:
        raise ValueError(
            f"not enough values to unpack (expected {count}, got {len(items)})"
        )
    return items


linear("z = tuple(*xs)", STRUCTURAL, type=tuple_type, run=lambda *xs: xs, cheap=True)
linear(
    "z = list(*xs)", STRUCTURAL, type=list_type, run=lambda *xs: list(xs), cheap=True
)
linear(
    "z = record(*xs)",
    STRUCTURAL,
    type=record_type,
    run=lambda *xs, of, maker: of.of(list(xs)),
    cheap=True,
)
linear(
    "z = pick(x, k)",
    STRUCTURAL,
    type=item_type,
    run=lambda x, k: items_of(form_of(x) or TUPLE, x)[k],
    cheap=True,
)
linear("z = unpack(x, count)", STRUCTURAL, type=unpack_type, run=unpack, cheap=True)

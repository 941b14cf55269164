"""Rows for lists that change, and for the order of lists.

`append(x, v)`, `insert(x, k, v)` and `removed(x, v, k)` (x without its item v) are
functional updates; codegen puts them back in place as calls of the methods.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from s2s.rules import RULES
from s2s.ssa.bound import Seq
from s2s.ssa.infer import Call, Refused, integer, same_as
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    INT,
    UNDEF,
    Array,
    Dim,
    List,
    Scalar,
    Tuple,
    Type,
    adjoint_type,
    bound,
    is_real_valued,
    join,
    rank_of,
    some_length,
)
from s2s.structure import LIST, form_of, items_of, named_parts, new_object

custom, linear, zero = RULES.custom, RULES.linear, RULES.zero

# the transposes of these are structural, and written where regions are reversed
STRUCTURAL = "g"


def longer(call: Call) -> Type:
    """The type of a list with another item."""
    x = call.type("x")
    assert isinstance(x, List)
    return List(join(x.item, call.type("v")), x.dim.shifted(1))


def shorter(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, List)
    return replace(x, dim=x.dim.shifted(-1))


def removed(x: Any, v: Any, k: Any = -1) -> Any:
    """A copy of x without its item v, which is the k-th, or has that key."""
    items = x.copy()
    del items[k]
    return items


def inserted(x: list, k: int, v: Any) -> list:
    items = list(x)
    items.insert(k, v)
    return items


linear("z = append(x, v)", STRUCTURAL, type=longer, run=lambda x, v: [*x, v])
linear("z = insert(x, k, v)", STRUCTURAL, type=longer, run=inserted)
linear("z = removed(x, v, k=-1)", STRUCTURAL, type=shorter, run=removed)


def grown(call: Call) -> Type:
    """The type of a list once something was put into a list in it, or taken out."""
    x, (*where, v) = call.type("x"), call.op.args[1:]
    where = where[: len(call.op.attrs["index"])]
    new = UNDEF if call.op.kind == "removed_in" else bound(v.type)
    return holding(x, where, new)


def holding(of: Type, where: list[Value], v: Type) -> Type:
    of = bound(of)
    if isinstance(of, Tuple):
        items, k = list(of.items), where[0].const
        items[k] = holding(items[k], where[1:], v)
        return of.of(items)
    assert isinstance(of, List)
    if where:
        return replace(of, item=holding(of.item, where[1:], v))
    return List(join(of.item, v))


def inside(change: Callable[..., list]) -> Callable[..., Any]:
    """The same change of a list that is in another, at a path."""

    def run(x: Any, *operands: Any, index: tuple[str, ...]) -> Any:
        if not index:
            return change(x, *operands)
        form, (k, *rest) = form_of(x), operands
        if isinstance(x, dict) and k in x:  # of any keys
            return {**x, k: run(x[k], *rest, index=index[1:])}
        assert form is not None
        items = items_of(form, x)
        items[k] = run(items[k], *rest, index=index[1:])
        return form.of(items)

    return run


for kind, change in (
    ("append_in", lambda x, v: [*x, v]),
    ("insert_in", inserted),
    ("removed_in", removed),
):
    linear(f"z = {kind}(x, *index)", STRUCTURAL, type=grown, run=inside(change))
linear("z = list_copy(x)", "g", type=same_as("x"), run=copy)


def fixed_type(call: Call) -> Type:
    """The type of a tuple of what is in a list or array."""
    x = bound(call.type("x"))
    if isinstance(x, Array):
        return List(Array(x.dtype, x.shape[1:]), x.shape[0], fixed=True)
    assert isinstance(x, List)
    return replace(x, fixed=True)


def free_type(call: Call) -> Type:
    x = bound(call.type("x"))
    assert isinstance(x, List)
    return replace(x, fixed=False)


def of_tuple(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The cotangent of what became a tuple: it is a list itself."""
    if isinstance(bound(op.args[0].type), Array):
        return {0: quote.emit("np.array of list", [g])}
    return {0: g}


linear(
    "z = tuple(x)",
    kind="tuple of list",
    vjp=of_tuple,
    type=fixed_type,
    run=tuple,
    at=(),
)
linear("z = list(x)", "g", kind="list of tuple", type=free_type, run=list, at=())


def columns_type(call: Call) -> Type:
    x = bound(call.type("x"))
    assert isinstance(x, List) and isinstance(x.item, Tuple)
    dim = some_length() if x.dim.sym is None else x.dim
    return Tuple(tuple(List(of, dim, fixed=True) for of in x.item.items))


def of_columns(quote: Quote, op: Op, g: Seq) -> dict[int, Value]:
    """The cotangents of columns as those of rows; None for what has none."""
    (x,) = op.args
    columns = []
    for k, part in enumerate(g.items):
        if not is_real_valued(quote.item(op.result, k).type):
            part = quote.emit("list_repeat", [quote.const(None), quote("len(x)", x=x)])
        elif isinstance(part, Value) and part.is_const:
            part = quote.emit("zeros_list", [quote.item(op.result, k)])
        columns.append(part)
    names = ("xs",) * len(columns)
    of = adjoint_type(x.type)
    return {0: quote.emit("rows_of_columns", columns, names, type=of)}


@RULES.helper
def rows_of_columns(*xs):  # type: ignore[no-untyped-def]
    """Lists of what stands at each place of some lists."""
    return [list(row) for row in zip(*xs, strict=True)]


def rows_type(call: Call) -> Type:
    columns = [bound(of) for of in call.types()]
    items = tuple(of.item for of in columns if isinstance(of, List))
    return List(Tuple(items, LIST), getattr(columns[0], "dim", Dim()))


def of_rows(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    columns = quote.emit("columns", [g])
    each = range(len(op.args))
    return {k: quote.emit("list of tuple", [quote.item(columns, k)]) for k in each}


def tangent_of_rows(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    args = [dots.get(k) or quote.emit("zeros_list", [a]) for k, a in enumerate(op.args)]
    return quote.emit(op.kind, args, op.names, type=op.result.type)


linear(
    "z = columns(x)",
    vjp=of_columns,
    type=columns_type,
    run=lambda x: tuple(zip(*x, strict=True)),
)
linear("z = rows_of_columns(*xs)", vjp=of_rows, jvp=tangent_of_rows, type=rows_type)


@RULES.helper
def add_lists(x, y):  # type: ignore[no-untyped-def]
    """The sums of the items of two lists."""
    return [a + b for a, b in zip(x, y, strict=True)]


@RULES.helper
def add_nested(x, y):  # type: ignore[no-untyped-def]
    """The sums of what two lists of lists hold."""
    if isinstance(x, list):
        return [add_nested(a, b) for a, b in zip(x, y, strict=True)]
    return None if x is None or y is None else x + y


@RULES.helper
def add_records(x, y):  # type: ignore[no-untyped-def]
    """The sums of what two lists hold, also in records."""
    if isinstance(x, list):
        return [add_records(a, b) for a, b in zip(x, y, strict=True)]
    parts = named_parts(x)
    if parts is None:
        return None if x is None or y is None else x + y
    pairs = zip(parts.items(), named_parts(y).values(), strict=True)
    made = {name: add_records(a, b) for (name, a), b in pairs}
    return made if isinstance(x, dict) else new_object(type(x), **made)


def tangent_of_sum(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """It is linear in both lists together."""
    if len(dots) == 1:
        return quote.emit("list_copy", list(dots.values()))
    return quote.emit(op.kind, [dots[0], dots[1]])


for name in ("add_lists", "add_nested", "add_records"):
    linear(f"z = {name}(x, y)", "g", "g", type=same_as("x"), jvp=tangent_of_sum)


def list_repeat_type(call: Call) -> Type:
    n = bound(call.type("n"))
    dim = n.dim if isinstance(n, Scalar) else None
    return List(call.type("x"), dim or Dim())


linear(
    "z = list_repeat(x, n)",
    "sum(g)",
    type=list_repeat_type,
    run=lambda x, n: [x] * n,
)


# order --------------------------------------------------------------------------------


@RULES.helper
def index_of_min(x):  # type: ignore[no-untyped-def]
    """Where the first least item of a list stands, as Python compares."""
    return min(range(len(x)), key=x.__getitem__)


@RULES.helper
def index_of_max(x):  # type: ignore[no-untyped-def]
    """Where the first greatest item of a list stands, as Python compares."""
    return max(range(len(x)), key=x.__getitem__)


@RULES.helper
def order_of(x, reverse=False):  # type: ignore[no-untyped-def]
    """Where the items of a list stand, in the order that `sorted` gives them."""
    return sorted(range(len(x)), key=x.__getitem__, reverse=reverse)


def positions_type(call: Call) -> Type:
    return List(INT)


@RULES.helper
def first_of(ks):  # type: ignore[no-untyped-def]
    """Where a range of positions starts."""
    return ks.start


zero(
    "z = positions(n, start, stop, step)",
    type=positions_type,
    run=lambda n, *cut: range(n)[slice(*cut)],
)
zero("z = first_of(ks)", type=integer)


def order_type(call: Call) -> Type:
    x = call.type("x")
    return List(INT, x.dim if isinstance(x, List) else Dim())


for name in ("index_of_min", "index_of_max"):
    zero(f"z = {name}(x)", type=integer, at=(f"{name}([s, 0.5, 2.0])",))
zero(
    "z = order_of(x, reverse=False)",
    type=order_type,
    at=("order_of([s, 0.5, 2.0])[0]",),
)


def place_type(call: Call) -> Type:
    """The type of a position in a list, or of a count of its items."""
    x = call.type("x")
    if not isinstance(x, List) or rank_of(x.item) != 0 or rank_of(call.type("v")) != 0:
        raise Refused("numbers are looked for in lists of numbers only")
    return INT


for name in ("index", "count"):
    zero(f"z = x.{name}(v)", type=place_type, at=(f"[s, 0.5, 2.0].{name}(0.5)",))

"""Rows for dicts whose keys are found at run time.

`store`, `add_at`, `getitem` and `removed` are those of lists, with keys for positions;
`setdefault(x, k, v)` is x, with v under the key k if nothing was there. What it adds
has no derivative: else it is written as a branch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from s2s.rules import RULES
from s2s.ssa.infer import Call, same_as
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    INT,
    TEXT,
    UNDEF,
    Dict,
    List,
    Type,
    bound,
    derivative_type,
    join,
    key_type,
    rank_of,
)

custom, linear, zero = RULES.custom, RULES.linear, RULES.zero


def display_type(call: Call) -> Type:
    item, key = UNDEF, UNDEF
    for k, value in zip(call.op.attrs["keys"], call.op.args, strict=True):
        item = join(item, bound(value.type))
        key = join(key, INT if isinstance(k, int) else TEXT)
    return Dict(item, key=key, default=call.op.attrs["default"])


def display(*xs: Any, keys: tuple[Any, ...], **_: Any) -> dict[Any, Any]:
    return dict(zip(keys, xs, strict=True))


def with_default(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Dict)
    key = join(x.key, key_type(call.type("k")))
    return replace(x, item=join(x.item, bound(call.type("v"))), key=key)


def keys_type(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Dict)
    return List(x.key)


def values_type(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Dict)
    return List(x.item)


def full_type(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Dict)
    return replace(x, item=derivative_type(call.type("v")))


def item_type(call: Call) -> Type:
    x = call.type("x")
    assert isinstance(x, Dict)
    return join(x.item, bound(call.type("v")))


def zipped_type(call: Call) -> Type:
    x, g = call.type("x"), call.type("g")
    assert isinstance(x, List)
    assert isinstance(g, List)
    return Dict(g.item, key=x.item)


def under_keys(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The cotangents of the values, each under its key."""
    made = g.op
    if (
        made is not None
        and made.kind == "list_repeat"
        and not rank_of(made.args[0].type)
    ):
        return {0: quote.emit("dict_full", [op.args[0], made.args[0]])}
    keys = quote.emit("dict_keys", op.args)
    of, out = bound(op.args[0].type), quote.emit("dict_zip", [keys, g])
    assert isinstance(of, Dict)
    assert isinstance(out.type, Dict)
    out.type = replace(of, item=out.type.item)
    return {0: out}


def of_tangent(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The tangents have the keys of the values, in the same order."""
    return quote.emit(op.kind, [dots[0]])


def along_keys(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The tangent of what an adjoint makes under the keys of a dict."""
    out = quote.emit(op.kind, [op.args[0], dots[1]])
    of = op.result.type
    if isinstance(of, Dict) and isinstance(out.type, Dict):
        out.type = replace(of, item=out.type.item)
    return out


def got(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The tangent of what an adjoint reads of a dict, if the key is there."""
    x, k = op.args[:2]
    dot = dots.get(0)
    if dot is None:
        dot = quote.emit("dict_full", [x, quote.const(0.0)])
    return quote.emit(op.kind, [dot, k, dots.get(2) or quote.const(0.0)])


@RULES.helper
def add_dicts(x, y):  # type: ignore[no-untyped-def]
    """The sums of what two dicts have under each key."""
    return {**x, **{k: x[k] + v if k in x else v for k, v in y.items()}}


def tangent_of_sum(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """It is linear in both dicts together."""
    both = [dots.get(k) or quote.emit("zeros_list", [op.args[k]]) for k in (0, 1)]
    return quote.emit("add_dicts", both)


def setdefault(x: dict[Any, Any], k: Any, v: Any) -> dict[Any, Any]:
    return x if k in x else {**x, k: v}


linear("z = dict(*xs)", "g", type=display_type, run=display)
linear(
    "z = dict_full(x, v)", None, "g", type=full_type, run=dict.fromkeys, jvp=along_keys
)
zero("z = dict_keys(x)", type=keys_type, run=list)
zero("z = sorted_keys(x)", type=keys_type, run=sorted)
linear("z = dict_get(x, k, v)", "g", None, "g", type=item_type, run=dict.get, jvp=got)
linear("z = setdefault(x, k, v)", "g", type=with_default, run=setdefault)
linear(
    "z = dict_zip(x, g)",
    None,
    "g",
    jvp=along_keys,
    type=zipped_type,
    run=lambda x, g: dict(zip(x, g, strict=True)),
)
linear("z = add_dicts(x, y)", "g", "g", type=same_as("x"), jvp=tangent_of_sum)
custom(
    "z = dict_values(x)",
    vjp=under_keys,
    jvp=of_tangent,
    type=values_type,
    run=lambda x: list(x.values()),
    because="linear in all values together",
    at=(),
)

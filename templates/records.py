"""Rows for what lists hold: zeros of its structure, copies of it, and conversions.

The adjoint of a list has items whose parts change one by one. So what cannot change,
tuples and frozen objects, is lists there, and is made of these in the end:

    pairs: [(1.0, 2.0)]     ->     pairs_bar: [[0.0, 0.0]]     ->     [(0.0, 0.0)]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.rules import RULES
from s2s.ssa.infer import Call, same_as
from s2s.ssa.types import (
    COMPLEX,
    Array,
    Dict,
    List,
    Tuple,
    Type,
    adjoint_type,
    is_real_valued,
    rank_of,
)
from s2s.structure import TUPLE, form_of, items_of, named_parts, new_object

zero, linear = RULES.zero, RULES.linear


def opened(x, leaf):  # type: ignore[no-untyped-def]
    """What a list holds, of other numbers and arrays; what cannot change is a list."""
    if isinstance(x, (list, tuple)):
        return [opened(v, leaf) for v in x]
    parts = named_parts(x)
    if parts is None:
        return leaf(x)
    made = {name: opened(v, leaf) for name, v in parts.items()}
    if isinstance(x, dict):
        return made
    if type(x).__setattr__ is object.__setattr__:
        return new_object(type(x), **made)
    return list(made.values())


def zero_like(x):  # type: ignore[no-untyped-def]
    """Zeros of the shape of x; None for what is no number."""
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    return 0.0 if isinstance(x, (float, complex, np.inexact)) else None


def zeros_list(x):  # type: ignore[no-untyped-def]
    """Zeros of the structure of a list."""
    return opened(x, zero_like)


def zeros_of_several(x, n, dtype=float):  # type: ignore[no-untyped-def]
    """The same, of n such structures: with an axis in front for them."""
    return opened(x, lambda v: np.zeros((n, *np.shape(v)), np.result_type(v, dtype)))


def as_lists(x):  # type: ignore[no-untyped-def]
    """A copy of a list, in which what cannot change is lists."""
    return opened(x, copy_items)


def copy_items(x):  # type: ignore[no-untyped-def]
    """A copy of an array, or of what holds arrays with the arrays in it."""
    parts = named_parts(x)
    if parts is None and isinstance(x, (list, tuple)):
        return type(x)([copy_items(v) for v in x])
    if parts is None:
        return x.copy() if isinstance(x, np.ndarray) else x
    made = {name: copy_items(v) for name, v in parts.items()}
    if isinstance(x, dict):
        return made
    return type(x)(**made) if hasattr(x, "_asdict") else new_object(type(x), **made)


def objects_in(x):  # type: ignore[no-untyped-def]
    """The arrays, lists and records in a list, itself among them."""
    parts = named_parts(x)
    if parts is None and not isinstance(x, (list, tuple)):
        return [x] if isinstance(x, np.ndarray) else []
    inner = x if parts is None else parts.values()
    found = [] if isinstance(x, tuple) else [x]
    return found + [part for v in inner for part in objects_in(v)]


def copy_of_each(x):  # type: ignore[no-untyped-def]
    """A copy of a list and of what it holds, which has to be in it once."""
    found = objects_in(x)
    if len({id(part) for part in found}) < len(found):
        raise ValueError("what is copied here, and changes, has the same object twice")
    return copy_items(x)


def as_records(x, like):  # type: ignore[no-untyped-def]
    """The same, built as `like` is."""
    if isinstance(like, (list, tuple)):
        items = [as_records(a, b) for a, b in zip(x, like, strict=True)]
        return type(like)(*items) if hasattr(like, "_asdict") else type(like)(items)
    parts = named_parts(like)
    if parts is None:
        return x
    own = x if isinstance(x, list) else named_parts(x).values()
    pairs = zip(parts, own, parts.values(), strict=True)
    made = {name: as_records(a, b) for name, a, b in pairs}
    return made if isinstance(like, dict) else new_object(type(like), **made)


for helper in (named_parts, new_object, opened, zero_like, zeros_list):
    RULES.helper(helper)
for helper in (as_lists, copy_items, as_records, zeros_of_several, objects_in):
    RULES.helper(helper)


def zeros_type(call: Call) -> Type:
    """What was asked for; a helper makes what adjoints are."""
    return call.op.attrs.get("to") or adjoint_type(call.type("x"))


def zeros_as(x: Any, to: Type | None = None) -> Any:
    """Zeros of a type, of the shapes of x."""
    if isinstance(to, Dict):
        return {k: zeros_as(v, to.item) for k, v in x.items()}
    if isinstance(to, List):
        return [zeros_as(v, to.item) for v in x]
    if isinstance(to, Tuple):
        pairs = zip(items_of(form_of(x) or TUPLE, x), to.items, strict=True)
        return to.form.of([zeros_as(v, t) for v, t in pairs])
    if isinstance(to, Array) and to.loose:
        return np.zeros(np.shape(x))[()]
    if isinstance(to, Array) and to.kind == "complex" and to.rank:
        return np.zeros_like(x, to.dtype)
    if to is not None and rank_of(to) == 0 and is_real_valued(to):
        return 0.0  # x may be an integer that stands for a float
    return zeros_list(x)


def widened_type(call: Call) -> Type:
    to: Type = call.op.attrs["to"]
    return to


def widened_as(x: Any, to: Type) -> Any:
    """A list or tuple whose numbers are of the dtypes in a type."""
    if isinstance(to, Dict):
        return {k: widened_as(v, to.item) for k, v in x.items()}
    if isinstance(to, List):
        return [widened_as(v, to.item) for v in x]
    if isinstance(to, Tuple):
        pairs = zip(items_of(form_of(x) or TUPLE, x), to.items, strict=True)
        return to.form.of([widened_as(v, t) for v, t in pairs])
    if isinstance(to, Array):
        return np.asarray(x, to.dtype)[()]
    return complex(x) if to == COMPLEX else x


zero("z = zeros_list(x)", type=zeros_type, run=zeros_as)
zero("z = zeros_of_several(x, n, dtype=float)", type=zeros_type, run=zeros_of_several)
linear("z = widened(x)", "g", type=widened_type, run=widened_as)
linear("z = as_records(x, like)", "g", None, type=same_as("like"))
linear("z = as_lists(x)", "g", type=zeros_type)
linear("z = copy_items(x)", "g", type=same_as("x"))
RULES.helper(copy_of_each)
linear(
    "z = copy_of_each(x)",
    "g",
    type=same_as("x"),
    jvp=lambda quote, op, dots: quote.emit("copy_items", [dots[0]]),
)

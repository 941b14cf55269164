"""One operation as an expression tree, its operands being trees already.

In: an operation and the trees of its arguments. Out: a gast expression, spelled as the
user spelled it (`x.sum(axis=0)` or `np.sum(x, axis=0)`).

>>> from s2s.ssa.ir import Op, Value
>>> from s2s.ssa.types import FLOAT
>>> import s2s.templates
>>> op = Op("mul", [Value(FLOAT), Value(FLOAT)], ("x", "y"))
>>> print(gast.unparse(expression(op, [name("a"), name("b")])).strip("()"))
a * b
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from s2s.rules import BINARY, COMPARE, RULES, UNARY
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import ANY, Array, Dict, Kept, List, Scalar, Tuple, bound, rank_of
from s2s.structure import TUPLE, Form

LOAD = gast.Load()


def name(identifier: str, store: bool = False) -> gast.expr:
    """A name, possibly dotted."""
    first, *rest = identifier.split(".")
    ctx = gast.Store() if store and not rest else gast.Load()
    tree: gast.expr = gast.Name(first, ctx, None, None)
    for part in rest:
        tree = gast.Attribute(tree, part, gast.Load())
    return tree


def constant(value: Any) -> gast.expr:
    """A literal, or a dotted name for what has none."""
    if isinstance(value, tuple):
        return gast.Tuple([constant(v) for v in value], LOAD)
    if isinstance(value, list):
        return gast.List([constant(v) for v in value], LOAD)
    if isinstance(value, bool) or not isinstance(value, int | float | complex):
        if isinstance(value, type):
            module = "np." if value.__module__ == "numpy" else ""
            return name(module + value.__name__)
        if isinstance(value, np.dtype):
            return name(f"np.{value.name}")
        return gast.Constant(value, None)
    if isinstance(value, float) and not math.isfinite(value):
        text = "np.nan" if math.isnan(value) else "np.inf"
        return name(text) if value > 0 or math.isnan(value) else minus(name(text))
    if isinstance(value, complex):
        return gast.Constant(value, None)
    if value < 0 or (value == 0 and math.copysign(1.0, value) < 0):
        return minus(gast.Constant(-value, None))
    return gast.Constant(value, None)


def minus(tree: gast.expr) -> gast.expr:
    return gast.UnaryOp(gast.USub(), tree)


def expression(op: Op, args: Sequence[gast.expr]) -> gast.expr:
    """The operation applied to argument trees."""
    special = SPECIAL.get(op.kind)
    if special is not None:
        return special(op, list(args))
    if op.kind in BINARY:
        return gast.BinOp(args[0], BINARY[op.kind][0](), args[1])
    if op.kind in UNARY:
        return gast.UnaryOp(UNARY[op.kind][0](), args[0])
    if op.kind in COMPARE:
        return gast.Compare(args[0], [COMPARE[op.kind][0]()], [args[1]])
    rule = RULES[op.kind]
    if rule.is_attribute:
        base = args[0]
        if op.kind in ("shape", "ndim", "size") and _may_be_scalar(op.args[0]):
            return call(f"np.{op.kind}", [base])
        return gast.Attribute(base, op.kind, LOAD)
    return _call(op, list(args))


def _may_be_scalar(value: Value) -> bool:
    of = bound(value.type)
    return not isinstance(of, Array) or of.loose


def call(
    function: str, args: list[gast.expr], keywords: dict[str, gast.expr] | None = None
) -> gast.expr:
    """A call of a dotted name."""
    pairs = [gast.keyword(k, v) for k, v in (keywords or {}).items()]
    return gast.Call(name(function), args, pairs)


def _call(op: Op, args: list[gast.expr]) -> gast.expr:
    rule = RULES[op.kind]
    trees, keywords = RULES.arguments(op, args)
    trees = [gast.List(t, LOAD) if isinstance(t, list) else t for t in trees]
    if op.kind in ("min", "max") and isinstance(trees[0], gast.Call):
        if isinstance(trees[0].func, gast.Name) and trees[0].func.id == op.kind:
            trees[:1] = trees[0].args  # min(min(a, b), c) is min(a, b, c)
    pairs = [gast.keyword(k, v) for k, v in keywords.items()]
    method = op.attrs.get("method")
    func = rule.template.func
    if method or (isinstance(func, gast.Attribute) and rule.kind == func.attr):
        receiver, *trees = trees
        if method and getattr(rule, "spread", "") and len(trees) == 1:
            if isinstance(trees[0], gast.Tuple) and trees[0].elts:
                trees = list(trees[0].elts)
        return gast.Call(
            gast.Attribute(receiver, method or rule.kind, LOAD), trees, pairs
        )
    return gast.Call(func, trees, pairs)


def subscript(base: gast.expr, codes: Sequence[str], operands: list[gast.expr]) -> Any:
    """`base[...]` from index codes (see `ExprBuilder.getitem`)."""
    rest = iter(operands)
    parts: list[gast.expr] = []
    for code in codes:
        if code == "i":
            parts.append(next(rest))
        elif code == "n":
            parts.append(gast.Constant(None, None))
        elif code == "e":
            parts.append(gast.Constant(Ellipsis, None))
        elif code:
            ends = [next(rest) if flag == "1" else None for flag in code[1:]]
            parts.append(gast.Slice(*ends))
    index = parts[0] if len(codes) == 1 else gast.Tuple(parts, LOAD)
    return gast.Subscript(base, index, LOAD)


def as_object(index: gast.expr) -> gast.expr:
    """An index as an argument: `1:n` is `slice(1, n)` outside of brackets."""
    if isinstance(index, gast.Slice):
        none = gast.Constant(None, None)
        ends = [index.lower or none, index.upper or none]
        return call("slice", [*ends, index.step] if index.step else ends)
    if isinstance(index, gast.Tuple):
        return gast.Tuple([as_object(e) for e in index.elts], LOAD)
    return index


def _getitem(op: Op, args: list[gast.expr]) -> gast.expr:
    return subscript(args[0], op.attrs["index"], args[1:])


def _fstring(op: Op, args: list[gast.expr]) -> gast.expr:
    values, rest = [], iter(args)
    for part in op.attrs["parts"]:
        if isinstance(part, str):
            values.append(gast.Constant(part, None))
            continue
        conversion, text = part
        spec = gast.JoinedStr([gast.Constant(text, None)]) if text else None
        values.append(gast.FormattedValue(next(rest), conversion, spec))
    return gast.JoinedStr(values)


def _text(op: Op, args: list[gast.expr]) -> gast.expr:
    """A method of a string."""
    pairs = list(zip(op.names, args, strict=True))
    text, *given = (a for n, a in pairs if n == "x")
    options = [gast.keyword(n, a) for n, a in pairs if n != "x"]
    return gast.Call(gast.Attribute(text, op.attrs["name"], LOAD), given, options)


def _copy(op: Op, tree: gast.expr) -> gast.expr:
    """`x.copy()`, of each array where x is a list or tuple of them."""
    of = bound(op.args[0].type)
    assert not isinstance(of, Kept), "a copy of what a call keeps"
    shallow = op.attrs.get("shallow")
    item = of.item if isinstance(of, List) else of
    rows = isinstance(item, List) and rank_of(item.item) != 0
    if isinstance(of, List) and of.fixed:
        return call("copy_items", [tree])
    if isinstance(item, Kept) or ((isinstance(item, Tuple) or rows) and not shallow):
        return call("copy_items", [tree])
    if isinstance(of, Dict) and rank_of(item) != 0 and not shallow:
        return call("copy_items", [tree])
    if isinstance(of, List) and rank_of(item) != 0 and not shallow:
        target = gast.Name("v", gast.Store(), None, None)
        each = [gast.comprehension(target, tree, [], 0)]
        copied: gast.expr = gast.Call(name("v.copy"), [], [])
        if not isinstance(item, Array | List):  # a number or an array
            copied = gast.BinOp(name("v"), gast.Add(), gast.Constant(0.0, None))
        return gast.ListComp(copied, each)
    if of == ANY or (isinstance(of, Array) and of.loose):  # a number or an array
        return gast.BinOp(tree, gast.Add(), gast.Constant(0.0, None))
    if rank_of(of) == 0:  # a number, or an array without axes
        return call("copy_items", [tree])
    return gast.Call(gast.Attribute(tree, "copy", LOAD), [], [])


def _kept(op: Op, args: list[gast.expr]) -> gast.expr:
    place = subscript(args[0], op.attrs["index"], args[1:])
    return call("kept", [args[0], as_object(place.slice)])


def _zeros_like(op: Op, args: list[gast.expr]) -> gast.expr:
    """A vector has no layout to keep: np.zeros is much faster than zeros_like."""
    alone = len(args) == 1 and op.attrs.get("derived")
    match bound(op.args[0].type):
        case Array(dtype="float64", rank=1, loose=False) if alone:
            return call("np.zeros", [call("len", args)])
    return _call(op, args)


def _unvaried(op: Op, tree: gast.expr) -> gast.expr:
    """A number, or a copy of an array."""
    return (
        tree if isinstance(bound(op.args[0].type), Scalar) else call("np.copy", [tree])
    )


def _pick(op: Op, whole: gast.expr) -> gast.expr:
    """An item of a tuple or dict, or an attribute."""
    of = bound(op.args[0].type)
    return part(of.form if isinstance(of, Tuple) else TUPLE, op.args[1].const, whole)


def part(form: Form, k: int, whole: gast.expr) -> gast.expr:
    """The k-th part of an object: an attribute, an entry or an item."""
    name = form.names[k] if form.names else k
    if form.cls is not None:
        return gast.Attribute(whole, str(name), LOAD)
    return gast.Subscript(whole, constant(name), LOAD)


def record(form: Form, maker: str, items: list[gast.expr]) -> gast.expr:
    """A dict, or the call that makes an object of these attributes."""
    if form.kind == "dict":
        return gast.Dict([constant(name) for name in form.names], items)
    if form.kind == "list":
        return gast.List(items, LOAD)
    pairs = zip(map(str, form.names), items, strict=True)
    keywords = [gast.keyword(name, item) for name, item in pairs]
    cls = gast.parse(maker, mode="eval").body
    if is_plain_call(form):
        return gast.Call(cls, [], keywords)
    return gast.Call(name("new_object"), [cls], keywords)


def is_plain_call(form: Form) -> bool:
    """Whether a class, called with its attributes as keywords, just keeps them."""
    if form.kind == "tuple":
        return True
    cls: Any = form.cls
    if not dataclasses.is_dataclass(cls) or hasattr(cls, "__post_init__"):
        return False
    fields = [f.name for f in dataclasses.fields(cls) if f.init]
    generated = vars(cls)["__init__"].__code__.co_filename == "<string>"
    return generated and set(fields) == set(form.names)


SPECIAL: dict[str, Callable[[Op, list[gast.expr]], gast.expr]] = {
    "getitem": _getitem,
    "kept": _kept,
    "np.zeros_like": _zeros_like,
    "fstring": _fstring,
    "text": _text,
    "type": lambda op, args: call("type", args),
    "__name__": lambda op, args: gast.Attribute(args[0], "__name__", LOAD),
    "isinstance": lambda op, args: call("isinstance", args),
    "pick": lambda op, args: _pick(op, args[0]),
    "record": lambda op, args: record(op.attrs["of"], op.attrs["maker"], args),
    "hand": lambda op, args: args[0],
    "call": lambda op, args: call(op.attrs["callee"].name, args),
    "custom": lambda op, args: call(op.attrs["maker"], args),
    "constant": lambda op, args: call(op.attrs["maker"], args),
    "stop_gradient": lambda op, args: _unvaried(op, args[0]),
    "tuple": lambda op, args: gast.Tuple(args, LOAD),
    "list": lambda op, args: gast.List(args, LOAD),
    "unpack": lambda op, args: args[0],
    "stack": lambda op, args: gast.List([], LOAD),
    "pop": lambda op, args: gast.Call(gast.Attribute(args[0], "pop", LOAD), [], []),
    "alias": lambda op, args: args[0],
    "bound": lambda op, args: args[0],
    "copy": lambda op, args: _copy(op, args[0]),
    "list_copy": lambda op, args: gast.Call(
        gast.Attribute(args[0], "copy", LOAD), [], []
    ),
    "dict": lambda op, args: gast.Dict(list(map(constant, op.attrs["keys"])), args),
    "dict_keys": lambda op, args: call("list", args),
    "sorted_keys": lambda op, args: call("sorted", args),
    "dict_values": lambda op, args: call("list", [call_method(args[0], "values")]),
    "dict_full": lambda op, args: call("dict.fromkeys", args),
    "dict_zip": lambda op, args: call("dict", [call("zip", args)]),
    "dict_get": lambda op, args: call_method(args[0], "get", *args[1:]),
    "list_repeat": lambda op, args: gast.BinOp(
        gast.List(args[:1], LOAD), gast.Mult(), args[1]
    ),
    "columns": lambda op, args: call(
        "tuple", [call("zip", [gast.Starred(args[0], LOAD)])]
    ),
    "rows": lambda op, args: call("list", args),
    "copy_stack": lambda op, args: gast.Call(
        gast.Attribute(args[0], "copy", LOAD), [], []
    ),
    "positions": lambda op, args: positions(args),
    "first_of": lambda op, args: gast.Attribute(args[0], "start", LOAD),
    "range_len": lambda op, args: call("len", [range_call(args)]),
}


def several(op: Op, args: list[gast.expr]) -> gast.expr:
    """What an operation gives to the names that it is unpacked to."""
    made = expression(op, args)
    return made.args[0] if op.kind == "columns" else made


def positions(args: list[gast.expr]) -> gast.expr:
    """`range(n)[start:stop:step]`."""
    parts = [None if getattr(a, "value", a) is None else a for a in args[1:]]
    return gast.Subscript(call("range", args[:1]), gast.Slice(*parts), LOAD)


def call_method(base: gast.expr, method: str, *args: gast.expr) -> gast.expr:
    """`base.method(...)`."""
    return gast.Call(gast.Attribute(base, method, LOAD), list(args), [])


def range_call(args: list[gast.expr]) -> gast.expr:
    """`range(...)` without the parts that have their usual values."""

    def is_number(tree: gast.expr, number: int) -> bool:
        return isinstance(tree, gast.Constant) and tree.value == number

    start, stop, step = args
    if not is_number(step, 1):
        return call("range", [start, stop, step])
    return call("range", [stop] if is_number(start, 0) else [start, stop])

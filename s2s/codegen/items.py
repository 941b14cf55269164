"""What lists hold, as text: zeros of its structure, and other objects made of it.

In: the type of a list and the tree of one. Out: the comprehension that an expert would
write, or nothing where the type does not say what an item is.

    [{"w": np.zeros_like(v["w"]), "b": 0.0} for v in layers]
    [tuple(v) for v in pairs_bar]
"""

from __future__ import annotations

import dataclasses
from typing import Any

import gast

from s2s.codegen import tree
from s2s.ssa.ir import Op
from s2s.ssa.types import (
    COMPLEX,
    UNDEF,
    Array,
    Dict,
    List,
    Named,
    Scalar,
    Tuple,
    Type,
    bound,
    is_real_valued,
    promote,
)
from s2s.structure import Form, is_open

LOAD = gast.Load()


def listed(op: Op, args: list[gast.expr]) -> gast.expr | None:
    """The comprehension for an operation that makes a list of what another one is."""
    of = bound(op.result.type)
    if op.kind == "zeros_list":
        return zeros(of, bound(op.args[0].type), args[0])
    if op.kind == "widened":
        return widened(of, bound(op.args[0].type), args[0])
    if op.kind == "as_records":
        return retyped(bound(op.args[0].type), of, *args)
    return None


def zeros(to: Type, of: Type, like: gast.expr, names: str = "vwu") -> gast.expr | None:
    """Zeros of a type, of the shapes that an object has; None if these are not known.

    `names` are those of items, from the outer ones inwards.

    >>> from s2s.ssa.types import FLOAT
    >>> pairs, rows = List(Tuple((FLOAT, FLOAT))), List(List(FLOAT))
    >>> gast.unparse(zeros(pairs, pairs, tree.name("pairs"))).strip()
    '[(0.0, 0.0) for _ in pairs]'
    >>> gast.unparse(zeros(rows, rows, tree.name("rows"))).strip()
    '[[0.0] * len(v) for v in rows]'
    """
    empty = innermost(of) == UNDEF  # so far: numbers may be put in
    if isinstance(of, List) and of.item == UNDEF:
        return gast.List([], LOAD)
    if not is_real_valued(to) and not empty:
        return gast.Constant(None, None)
    match to, of:
        case Array(kind="complex", rank=rank, loose=False), _ if rank:
            dtype = tree.name(f"np.{to.dtype}")  # others may be real
            return tree.call("np.zeros_like", [like, dtype])
        case Array(rank=rank, loose=False), _ if rank:
            return tree.call("np.zeros_like", [like])
        case ((Scalar() | Array(loose=False)), _):
            return gast.Constant(0.0, None)
        case Array(dtype="float64", loose=True), _:  # a number or an array
            made = tree.call("np.zeros", [tree.call("np.shape", [like])])
            return gast.Subscript(made, gast.Tuple([], LOAD), LOAD)
        case Tuple(items=items, form=form), Tuple():
            whole = [tree.part(of.form, k, like) for k in range(len(items))]
            parts = [
                zeros(a, b, c, names)
                for a, b, c in zip(items, of.items, whole, strict=True)
            ]
            known = [p for p in parts if p is not None]
            return built(form, like, known) if len(known) == len(parts) else None
        case Dict(item=item), Dict():
            made = zeros(item, of.item, tree.name("v"))
            return None if made is None else under_keys(made, like)
        case List(item=item), List():
            if not names:
                return None
            made = zeros(item, of.item, tree.name(names[0]), names[1:])
            if isinstance(made, gast.Constant) and names != "vwu":
                count = tree.call("len", [like])
                return gast.BinOp(gast.List([made], LOAD), gast.Mult(), count)
            return None if made is None else each(made, like, names[0])
    return None


def widened(to: Type, of: Type, item: gast.expr) -> gast.expr:
    """What has numbers of other dtypes in it than an object.

    >>> from s2s.ssa.types import COMPLEX, FLOAT
    >>> pairs = [List(Tuple((of, FLOAT))) for of in (COMPLEX, FLOAT)]
    >>> gast.unparse(widened(*pairs, tree.name("pairs"))).strip()
    '[(v[0] + 0j, v[1]) for v in pairs]'
    """
    match to, of:
        case _ if to == of:
            return item
        case Tuple(items=items), Tuple():
            whole = [tree.part(of.form, k, item) for k in range(len(items))]
            parts = map(widened, items, of.items, whole)
            return built(of.form, item, list(parts))
        case Dict(), Dict():
            return under_keys(widened(to.item, of.item, tree.name("v")), item)
        case List(), List():
            return each(widened(to.item, of.item, tree.name("v")), item)
        case Array(dtype=dtype), Array() if promote(of, COMPLEX) != dtype:
            return tree.call_method(item, "astype", tree.name(f"np.{dtype}"))
    return gast.BinOp(item, gast.Add(), gast.Constant(0j, None))


def innermost(of: Type) -> Type:
    """What lists in lists hold in the end."""
    while isinstance(of, List):
        of = bound(of.item)
    return of


def retyped(of: Type, to: Type, bars: gast.expr, like: gast.expr) -> gast.expr | None:
    """The list of tuples for a list of lists, if all there is is tuples of numbers."""
    if not (isinstance(of, List) and isinstance(to, List)):
        return None
    item = to.item
    if not isinstance(item, Tuple) or not takes_parts(item.form):
        return None
    if any(isinstance(t, Tuple | List | Named) for t in item.items):
        return None
    if item.form.cls is None:
        return each(tree.call("tuple", [tree.name("v")]), bars)
    starred = gast.Starred(tree.name("v"), LOAD)
    made = gast.Call(tree.call("type", [tree.name("p")]), [starred], [])
    names = [gast.Name(n, gast.Store(), None, None) for n in ("v", "p")]
    pairs = tree.call("zip", [bars, like])
    target = gast.Tuple(names, gast.Store())
    return gast.ListComp(made, [gast.comprehension(target, pairs, [], 0)])


def takes_parts(form: Form) -> bool:
    """Whether what cannot change is made of its parts, in their order."""
    if form.kind == "tuple":
        return True
    cls: Any = form.cls
    if is_open(form) or not tree.is_plain_call(form):
        return False
    return tuple(f.name for f in dataclasses.fields(cls)) == form.names


def built(form: Form, like: gast.expr, parts: list[gast.expr]) -> gast.expr:
    """An object of a form: of the class of another one."""
    if form.kind == "list":
        return gast.List(parts, LOAD)
    if form.kind == "tuple" and form.cls is None:
        return gast.Tuple(parts, LOAD)
    return tree.record(form, f"type({gast.unparse(like).strip()})", parts)


def each(made: gast.expr, source: gast.expr, name: str = "v") -> gast.expr:
    """`[made for v in source]`."""
    reads = any(isinstance(n, gast.Name) and n.id == name for n in gast.walk(made))
    target = gast.Name(name if reads else "_", gast.Store(), None, None)
    return gast.ListComp(made, [gast.comprehension(target, source, [], 0)])


def under_keys(made: gast.expr, source: gast.expr) -> gast.expr:
    """`{k: made for k, v in source.items()}`."""
    target = gast.Tuple([tree.name(n, store=True) for n in ("k", "v")], gast.Store())
    items = tree.call_method(source, "items")
    each = [gast.comprehension(target, items, [], 0)]
    return gast.DictComp(tree.name("k"), made, each)

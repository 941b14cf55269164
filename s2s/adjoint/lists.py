"""Adjoints of lists that change.

In: a functional update of a list and the adjoint of its result. Out: contributions to
the adjoints of the list and of the item. The adjoint of a list is a list:

    xs1 = append(xs, v)      ->     v_bar = xs_bar.pop()
    v = xs[-1]
    xs1 = removed(xs, v)     ->     xs_bar.append(v_bar)
    xs1 = store(xs, i, v)    ->     v_bar = xs_bar[i];  xs_bar[i] = 0.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from s2s.errors import UnsupportedError
from s2s.shaping import zeros_in, zeros_of
from s2s.ssa.ir import Op, Region, Value, is_loop, slots
from s2s.ssa.quote import Quote
from s2s.ssa.roots import GROWTH, INSIDE, UPDATES, path_in
from s2s.ssa.types import (
    TEXT,
    Array,
    Dict,
    Dim,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    adjoint_type,
    bound,
    changing,
    derivative_type,
    is_real_valued,
    rank_of,
    widened,
)
from s2s.structure import LIST

if TYPE_CHECKING:
    from s2s.adjoint.contributions import Contributions


def list_update(rev: Contributions, op: Op, g: Value) -> None:
    """Reverse one update of a list."""
    q, x = rev.q, op.args[0]
    if op.kind == "setdefault":
        assert op.args[-1] not in rev.active  # else it is a branch
        rev.contribute(x, g, True)
        return
    if op.kind in GROWTH | INSIDE:
        resized(rev, op, g)
        return
    v = op.args[-1]
    where = op.args[1:-1]
    added_to = op.kind == "add_at"
    part = inside(q, g, where, op.attrs["index"], None if added_to else v)
    if added_to and not is_broadcast(v, part):
        shaped(part, v)
    rev.contribute(v, q.emit("neg", [part]) if op.attrs.get("minus") else part, True)
    if op.kind == "add_at":
        rev.contribute(x, g, True)
    elif x in rev.active:
        old = rev.replaced.get(op)
        if is_in_array(op):
            zero = q.const(0.0)
        else:
            zero = _zero_like(q, part) if old is None else _zeros_like_old(q, old)
        args = [g, *where, zero]
        new = q.emit("store", args, op.names, index=op.attrs["index"], path=())
        rev.contribute(x, new, True)


def resized(rev: Contributions, op: Op, g: Value) -> None:
    """Reverse what has put an item into a list, or taken one out."""
    q, x, codes = rev.q, op.args[0], op.attrs.get("index", ())
    path, rest = op.args[1 : 1 + len(codes)], op.args[1 + len(codes) :]
    changed = item_at(q, g, path)

    def changing(kind: str, *args: Value) -> Value:
        if not codes:
            return q.emit(kind, [g, *args])
        names = ("x",) + ("index",) * (len(path) + len(args))
        return q.emit(f"{kind}_in", [g, *path, *args], names, index=codes)

    if op.kind in ("removed", "removed_in"):
        v, *at = rest
        bar = taken(rev, v)
        if isinstance(bound(changed.type), Dict):
            args, names = [g, *at, bar], ("x", "index", "index")
            back = q.emit("store", args, names, index=("i",), path=())
            rev.contribute(x, back, True)
        elif at and not (at[0].is_const and at[0].const == -1):
            (k,) = at
            if not (k.is_const and k.const >= 0):  # it may count from the end
                k = q("k % (len(g) + 1)", k=k, g=changed)
            rev.contribute(x, changing("insert", k, bar), True)
        else:
            rev.contribute(x, changing("append", bar), True)
        return
    *at, v = rest
    if at:  # a position behind the end means the end
        k, last = at[0], q("len(g) - 1", g=changed)
        at = [k if k.const == 0 else q.emit("min", [k, last])]
    part = item(q, changed, at[0] if at else q.const(-1), v)
    rev.contribute(v, part, True)
    if x in rev.active:
        rev.contribute(x, changing("removed", part, *at), True)


def note_replaced(rev: Contributions, op: Op, block: list[Op]) -> None:
    """Let the primal block read what is replaced in a list: its shape, at least."""
    x, v = op.args[0], op.args[-1]
    if op.kind != "store" or x not in rev.active:
        return
    passed = path_in(op)
    if not passed or is_in_array(op):
        return
    at = block.index(op)
    reads = (o for o in block[:at] if o.kind == "getitem" and o.args == op.args[:-1])
    read = next((o.result for o in reads), None)
    if has_shape(v.type, passed[-1] if read is None else read.type):
        return
    with rev.q.inside(Region()) as before:
        old = item_replaced(rev.q, op) if read is None else read
        of = bound(old.type)
        if isinstance(of, List) and rank_of(of.item) == 0:
            old = rev.q.emit("len", [old])
    for made in before.ops:
        made.origin = op.origin
    block[at:at] = before.ops
    rev.replaced[op] = old


def is_in_array(op: Op) -> bool:
    """Whether a store into a list changes elements of an array that is in it."""
    return len(path_in(op)) < len(op.attrs["index"])


def item_replaced(q: Quote, op: Op) -> Value:
    """What is in a list where a store puts something; `v` for a new key of a dict."""
    x, *where, v = op.args
    inner = item_at(q, x, where[:-1])
    if isinstance(bound(inner.type), Dict):
        return q.emit("dict_get", [inner, where[-1], v])
    return item_at(q, inner, where[-1:])


def has_shape(of: Type, was: Type) -> bool:
    """Whether what is put in a list surely has the shape of what was there."""
    of, was = bound(of), bound(was)
    if isinstance(of, Tuple):
        return isinstance(was, Tuple) and all(map(has_shape, of.items, was.items))
    if isinstance(of, Array) and of.rank:
        dims = was.shape if isinstance(was, Array) else ()
        return len(dims) == of.rank and all(map(Dim.same, of.shape, dims))
    return not isinstance(of, List)


def taken(rev: Contributions, v: Value) -> Value:
    """The adjoint of what was taken from a list; of a tuple it is a list."""
    if not isinstance(v.type, Tuple):
        bar = rev.take(v)
        return rev.zeros(v) if bar is None else rev.full(bar, v)
    parts, zeros = rev.take_parts(v), rev.zeros(v).op
    assert zeros is not None
    bars = [rev.full(parts.get(k, z), z) for k, z in enumerate(zeros.args)]
    return record(rev.q, changing(v.type), bars)


def record(q: Quote, of: Type, parts: list[Value]) -> Value:
    """An adjoint of a tuple or record as an item of a list; None for what has none."""
    assert isinstance(of, Tuple)
    pairs = zip(parts, of.items, strict=True)
    bars = [p if is_real_valued(t) else q.const(None) for p, t in pairs]
    maker = of.form.cls.__name__ if of.form.cls else ""
    attrs = {"of": of.form, "maker": maker, "type": of}
    return q.emit("record", bars, ("xs",) * len(bars), **attrs)


def inside(
    q: Quote, g: Value, where: list[Value], codes: tuple[str, ...], v: Value | None
) -> Value:
    """The adjoint of what was stored or added at a path into a list: of `v`."""
    while where and isinstance(bound(g.type), List | Tuple):
        first, *where = where
        last = len(codes) == 1 and isinstance(bound(g.type), List)
        if last:
            return item(q, g, first, v)
        if isinstance(bound(g.type), Tuple):
            g = q.item(g, first.const)
        else:
            g = q.emit("getitem", [g, first], ("x", "index"), index=("i",))
        codes = codes[1:]
    if not codes:
        return g
    names = ("x",) + ("index",) * len(where)
    return q.emit("getitem", [g, *where], names, index=codes)


def shaped(part: Value, v: Value) -> Value:
    """The adjoint `part` of the item `v`, of its shape."""
    of, t = derivative_type(v.type), bound(part.type)
    if isinstance(of, Tuple):
        part.type = widened(changing(of), t)
    if isinstance(of, Array) and isinstance(t, Array):
        part.type = Array(t.dtype, of.shape)
    return part


def is_broadcast(v: Value, part: Value) -> bool:
    """Whether what is added to an item of a list may have fewer elements."""
    of, to = bound(v.type), bound(part.type)
    if not (isinstance(of, Array) and isinstance(to, Array)) or of.loose:
        return rank_of(to) != 0
    return of.rank < to.rank or any(d.unit is not False for d in of.shape)


def item(q: Quote, g: Value, k: Value, v: Value | None) -> Value:
    """The adjoint of the k-th item, which is `v`, if that is given."""
    part = q.emit("getitem", [g, k], ("x", "index"), index=("i",))
    return part if v is None else shaped(part, v)


def _zeros_like_old(q: Quote, old: Value) -> Value:
    """The adjoint of what is replaced in a list, or of so many numbers."""
    if isinstance(bound(old.type), Scalar):
        return q.emit("list_repeat", [q.const(0.0), old])
    return _zero_like(q, old)


def item_at(q: Quote, g: Value, where: list[Value]) -> Value:
    """What stands in a list of lists at a path."""
    for k in where:
        if isinstance(bound(g.type), Tuple):
            g = q.item(g, k.const)
        else:
            g = q.emit("getitem", [g, k], ("x", "index"), index=("i",))
    return g


def _zero_like(q: Quote, part: Value) -> Value:
    """What stands in the adjoint of a list in place of an item that is replaced."""
    if isinstance(part.type, Tuple):
        parts = [_zero_like(q, item) for item in q.items(part)]
        return record(q, changing(part.type), parts)
    if isinstance(part.type, List):
        return zeros_of(q, part, adjoint=True)
    if rank_of(part.type) == 0:
        return q.const(0.0)
    if isinstance(part.type, Array) and part.type.kind == "complex":  # others may be
        return zeros_in(q, part, part.type.dtype)
    return q("np.zeros_like(d)", d=part)


def added(q: Quote, old: Value, bar: Value, value: Value) -> Value:
    """The sum of two contributions; of lists, item by item."""
    of = bound(value.type)
    if isinstance(of, Tuple):
        bars = [
            added(q, q.item(old, k), q.item(bar, k), q.item(value, k))
            if is_real_valued(t)
            else q.const(None)
            for k, t in enumerate(of.items)
        ]
        return record(q, changing(of), bars)
    if not isinstance(of, List):
        return q.emit("add", [old, bar])
    if isinstance(of, Dict):
        return q.emit("add_dicts", [old, bar])
    if not all_numbers(of):
        raise UnsupportedError(
            "a list that is used as a whole more than once is not supported yet",
            q.origin,
        )
    if not all_lists(adjoint_type(of)):
        return q.emit("add_records", [old, bar])
    nested = isinstance(bound(of.item), List | Tuple)
    return q.emit("add_nested" if nested else "add_lists", [old, bar])


def all_numbers(of: Type) -> bool:
    """Whether a list holds numbers and arrays, also in lists, tuples and records."""
    of = bound(of)
    if isinstance(of, Tuple):
        return all(map(all_numbers, of.items))
    if isinstance(of, List):
        return not isinstance(of, Dict) and all_numbers(of.item)
    return isinstance(of, Scalar | Array | Static) or of == TEXT


def all_lists(of: Type) -> bool:
    """Whether an adjoint is nothing but lists, down to the numbers and arrays."""
    of = bound(of)
    if isinstance(of, Tuple):
        return of.form == LIST and all(map(all_lists, of.items))
    if isinstance(of, List):
        return not isinstance(of, Dict) and all_lists(of.item)
    return isinstance(of, Scalar | Array | Static) or of == TEXT


def in_list(op: Op) -> tuple[Value, list[Value]] | None:
    """The list that a tuple or record is an item of, and where; None if it is not."""
    if op.kind == "getitem" and isinstance(bound(op.args[0].type), List):
        return op.args[0], op.args[1:]
    made = op.args[0].op if op.kind == "pick" else None
    found = None if made is None else in_list(made)
    return found and (found[0], [*found[1], op.args[1]])


def growing_lists(
    region: Region, which: Callable[[Op], bool] = lambda op: True
) -> set[Value]:
    """Versions of lists that a later one takes the place of."""
    updates = (op for op in region.walk() if op.kind in UPDATES)
    found = {op.args[0] for op in updates if which(op)}
    before = -1
    while len(found) != before:
        before = len(found)
        for op in region.walk():
            for slot in slots(op) if is_loop(op) else ():
                if slot.param in found or slot.yielded in found:
                    found |= {slot.init, slot.param, slot.yielded}
            if op.kind == "if":
                for k, result in enumerate(op.results):
                    ends = {r.results[k] for r in op.regions}
                    if result in found:
                        found |= ends
    return {v for v in found if isinstance(bound(v.type), List)}

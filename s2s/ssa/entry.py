"""Arguments that the function writes to are copied at its entry.

In: a function just built. Out: the same function, in which what an update may reach
is never an argument: the caller's arrays stay as they are, and derivatives are taken
with respect to the values on entry.

    A1 = store(A, i, v)     ->     A0 = np.copy(A);  A1 = store(A0, i, v)

The primal has no such copies. So `attrs["written"]` says which arguments must share no
memory with another, `attrs["items_written"]` which lists not even among their items,
and `attrs["contiguous"]` which must be contiguous: all map the argument, as an
expression of the parameters (`p[0]`), to the update that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.nesting import nesting
from s2s.ssa.roots import (
    Roots,
    changes_list,
    in_an_item,
    is_container,
    may_show,
    path_in,
    replaces_part,
    updates_in_place,
)
from s2s.ssa.storage import is_read_only
from s2s.ssa.types import Array, List, Tuple, Type, bound
from s2s.structure import place


def copy_written_arguments(function: Function) -> Function:
    """Insert the copies, and note what they presuppose."""
    written: dict[Value, Origin | None] = {}
    items: dict[Value, Origin | None] = {}
    updates = [op for op in function.body.walk() if updates_in_place(op)]
    if updates:
        written, items = insert_copies(function, updates)
    written = function.attrs.pop("rebound") | written
    names = {v: label for label, v in arguments(function)}
    through = function.attrs["contiguous"]
    function.attrs["written"] = {names[v]: at for v, at in written.items()}
    function.attrs["items_written"] = {names[v]: at for v, at in items.items()}
    function.attrs["contiguous"] = {names[v]: at for v, at in through.items()}
    return function


def insert_copies(
    function: Function, updates: list[Op]
) -> tuple[dict[Value, Origin | None], dict[Value, Origin | None]]:
    """Copy what updates reach; the arguments that are, and those in whose items."""
    roots = Roots(function)
    changing = [op for op in updates if changes_list(op)]
    lists = Roots(function, items=False) if changing else roots
    reached: dict[Value, Op] = {}
    changed: dict[Value, Op] = {}  # lists that get other items
    inner: dict[Value, list[Op]] = {}  # lists that hold what changes
    items: dict[Value, Origin | None] = {}
    for op in updates:
        which, first = (lists, changed) if op in changing else (roots, reached)
        for x in which.of.get(op.args[0], ()):
            if in_an_item(op):
                inner.setdefault(x, []).append(op)
            else:
                first.setdefault(x, op)
    mapping: dict[Value, Value] = {}
    copies: list[Op] = []
    body = function.body
    given = [v for v in roots.of if v in roots.outside and v.role != "global"]
    written: dict[Value, Origin | None] = {}
    for value in given:
        if not isinstance(bound(value.type), Array | List):
            continue
        which, ops = (lists, changed) if is_container(value) else (roots, reached)
        found = [op.origin for x, op in ops.items() if which.same(value, x)]
        several = inner.items() if is_container(value) else ()
        within = [op for x, ops in several if roots.same(value, x) for op in ops]
        inside = [op.origin for op in within if shows_change(op, value)]
        found += inside
        if not found:
            continue
        if is_read_only(value):
            assert value.op is not None
            raise UnsupportedError(
                f"this may change the result of {value.op.kind}, which is read-only "
                "in NumPy",
                found[0],
                "copy it first",
            )
        written[value] = found[0]
        kind = "list_copy" if is_container(value) else "np.copy"
        attrs: dict[str, Any] = {"method": "copy", "entry": True}
        if inside:
            items[value] = inside[0]
        if inside or nesting(value.type) > 1:
            kind = "copy_items"
            del attrs["method"]
        made = Op(kind, [value], ("x",), attrs)
        made.origin = function.origin
        made.results = [Value(value.type, value.hint, "user", op=made)]
        mapping[value] = made.result
        copies.append(made)
    if copies:
        body.substitute(mapping)
        last = max(
            (k + 1 for k, op in enumerate(body.ops) if {*op.results} & {*mapping}),
            default=0,
        )
        body.ops[last:last] = copies
    return written, items


def shows_change(op: Op, value: Value) -> bool:
    """Whether a list may show a change of what it holds."""
    if not replaces_part(op):
        return True
    record = [bound(op.args[0].type), *path_in(op)][-2]
    return may_show(op)(value) and may_have(bound(value.type), record)


def may_have(of: Type, record: Type) -> bool:
    """Whether there may be such an object among what a value of a type holds."""
    if isinstance(of, List):
        return may_have(bound(of.item), record)
    if not isinstance(of, Tuple) or not isinstance(record, Tuple):
        return True
    parts = [bound(t) for t in of.items if isinstance(bound(t), List | Tuple)]
    return of.form == record.form or any(may_have(part, record) for part in parts)


def arguments(function: Function) -> Iterator[tuple[str, Value]]:
    """All arguments, items of tuples among them, as expressions of the parameters."""
    for name, item in function.attrs["params"].items():
        yield from _parts(name, item)


def containers(label: str, item: Bound) -> Iterator[tuple[str, Seq]]:
    """The dicts and objects in an argument, as expressions of the parameter."""
    if isinstance(item, Seq):
        if item.kind in ("dict", "object"):
            yield label, item
        for k, part in enumerate(item.items):
            yield from containers(label + place(item.form, k), part)


def _parts(label: str, item: Bound) -> Iterator[tuple[str, Value]]:
    if isinstance(item, Value):
        yield label, item
        return
    for k, part in enumerate(item.items):
        yield from _parts(label + place(item.form, k), part)

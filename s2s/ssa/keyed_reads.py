"""Dicts whose keys are found at run time, as objects: what reads them.

In: the expression. Out: operations on a value of type `Dict`, as for lists of
any length (see `lists`), with keys for positions:

    y = d[k]                       y = d[k]
    y = d.get(k, 0.0)      ->      y = d[k] if k in d else 0.0

Keys have no derivative. What makes such dicts is in `keyed`, what changes them in
`keyed_changes`, what runs over them in `keyed_loops`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gast

from s2s.errors import UnsupportedError
from s2s.ssa.bound import Bound, Seq, Unbound, flat, plain
from s2s.ssa.dict_loops import DictLoopBuilder
from s2s.ssa.dicts import VIEWS, is_iterator
from s2s.ssa.ir import Value
from s2s.ssa.lists import ITEMS, Grows
from s2s.ssa.memory import Cell
from s2s.ssa.nesting import leaf_types
from s2s.ssa.terms import are_same
from s2s.ssa.types import (
    ANY,
    UNDEF,
    Dict,
    List,
    Type,
    bound,
    described,
    key_type,
)
from s2s.structure import KEYS

EMPTY = "[]"  # the default of a dict whose missing keys get a list
LISTED = "dict_keys", "dict_values"


class KeyedReadBuilder(DictLoopBuilder):
    """Evaluates what reads dicts with any keys."""

    loop_keys: Mapping[Value, Value] = {}  # those that loops around are at, of what

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.views: dict[Value, Cell] = {}  # `d.values()`, and which dict it shows

    def keyed_dict(self, entries: dict[Any, Value], default: Any = None) -> Value:
        values, attrs = list(entries.values()), {"keys": tuple(entries)}
        made = self.pure(
            "dict", values, ("xs",) * len(values), default=default, **attrs
        )
        self.check_items(made.type)
        return made

    def become_keyed(self, base: Seq) -> None:
        """Build again, with a dict as an object, if that is what it can be."""
        which = base.made.which if base.made is not None else ()
        nodes = {m.node for m in which if m.node is not None}
        if nodes and len(nodes) == len(which):
            raise Grows(nodes)

    def grow(self, *items: Bound | None) -> None:
        """Where dicts with other entries meet, they are such dicts from the start."""
        for item in items if len(items) > 1 else ():
            if isinstance(item, Seq) and item.kind == "dict":
                self.become_keyed(item)
        super().grow(*items)

    @contextmanager
    def looked_up(self, base: Seq, key: gast.AST) -> Iterator[None]:
        """A dict whose entries are known, where a key is looked up."""
        with self.looking(key) as item:
            if not is_known(item):
                self.become_keyed(base)
            yield

    def held_value(self, node: gast.AST, item: Bound) -> Value:
        """An operand that a dict gets under a key."""
        inner = [bound(v.type) for v in flat(item)]
        if isinstance(item, Value) and isinstance(inner[0], List):
            inner = [bound(inner[0].item), *inner] if is_keyed(item) else inner[1:]
        if any(isinstance(of, List) for of in inner):
            self.refuse(
                node, "dicts and records of lists in a dict with such keys are not "
                "supported yet",
                "keep lists under the keys, or one dict with pairs for keys: `d[i, j]`",
            )  # fmt: skip
        return self.held_item(node, item)

    def check_items(self, of: Type) -> Type:
        try:
            return super().check_items(of)
        except UnsupportedError:
            if not isinstance(of, Dict):
                raise
            raise UnsupportedError(
                "this dict has values of different types",
                self.origin,
                "its values must all be numbers, or all arrays of one rank",
            ) from None

    def writable_list(self, node: gast.AST, base: Value, grows: bool) -> Cell:
        cell = super().writable_list(node, base, grows)
        for name, item in self.seen_items() if self.views else ():
            if any(self.views.get(v) in {cell, *cell.shares} for v in flat(item)):
                self.refuse(
                    node, f"this changes a dict, and `{plain(name)}` is a view of it",
                    "make a list of it: `list(d.values())`",
                )  # fmt: skip
        return cell

    # keys -----------------------------------------------------------------

    def dict_key(self, node: gast.AST) -> Value:
        return self.key_of(node, self.expr(node))

    def key_of(self, node: gast.AST, item: Bound) -> Value:
        """What is looked up in a dict with any keys."""
        whole = item.whole if isinstance(item, Seq) else None
        value = self.pack(item) if whole is None else whole
        if ANY in leaf_types(key_type(value.type)):
            self.refuse(
                node, f"{described(value.type)} is no key of a dict here",
                "keys that are found at run time are ints, text, or tuples of these",
            )  # fmt: skip
        return value

    # reading --------------------------------------------------------------

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind != "dict":
            return super()._static_item(node, base, index)
        with self.looked_up(base, index), self.looking(index) as key:
            if is_known(key):
                return super()._static_item(node, base, index)
            whole = self.as_object(node, base)
            return self.value_at(node, whole, self.key_of(index, key))

    def as_object(self, node: gast.AST, base: Seq) -> Value:
        """A dict whose entries are known, to look up any key in it."""
        values = [self.pack(i) for i in base.items if not isinstance(i, Seq)]
        types = {type(bound(v.type)) for v in values}
        if len(values) < len(base.items) or len(types) != 1:
            self.refuse(
                node, "a key that is found at run time needs values of one type",
                "write a loop over the dict: `for name, value in d.items()`",
            )  # fmt: skip
        return self.keyed_dict(dict(zip(base.names, values, strict=True)))

    def getitem(self, base: Value, index: gast.AST) -> Value:
        if not is_keyed(base):
            return super().getitem(base, index)
        return self.value_at(index, base, self.dict_key(index))

    def value_at(self, node: gast.AST, base: Value, key: Value) -> Value:
        """`d[k]`; a key that is missing gets the default."""
        base = self.with_key(node, base, key)
        self.check_filled(node, base)
        return self.emit("getitem", [base, key], ("x", "index"), index=("i",))

    def with_key(self, node: gast.AST, base: Value, key: Value) -> Value:
        """A dict with its default under a key, if it has one."""
        of = bound(base.type)
        assert isinstance(of, Dict)
        if of.default is None or self.is_loop_key(base, key):
            return base
        made = base.op
        if (
            made is not None
            and made.kind == "setdefault"
            and are_same(made.args[1], key)
        ):
            return base
        return self.put_default(node, base, key, self.default(of.default))

    def is_loop_key(self, base: Value, key: Value | None) -> bool:
        """Whether a loop around runs over a dict, and is at this key."""
        of = self.loop_keys.get(key) if key is not None else None
        return of is not None and self.overlap(base, of)

    def default(self, of: Any) -> Value:
        if of == EMPTY:
            return self.pure("list", [], ())
        if not isinstance(of, tuple):
            return self.const(of)
        return self.emit("np.zeros", [self.const(of[0])], ("shape",))

    def put_default(
        self, node: gast.AST, base: Value, key: Value, value: Value
    ) -> Value:
        raise NotImplementedError

    def check_filled(self, node: gast.AST, base: Value) -> None:
        """Nothing can be read, so far: a loop may fill the dict."""
        of = bound(base.type)
        if isinstance(of, Dict) and of.item == UNDEF:
            self.unbound.append((ITEMS, self.origin_of(node)))
            raise Unbound

    def _call_sorted(self, node: gast.Call) -> Bound:
        walked = [isinstance(a, gast.GeneratorExp) or is_iterator(a) for a in node.args]
        if walked != [False] or node.keywords:
            return super()._call_sorted(node)
        with self.looking(node.args[0]) as item:
            if is_keyed(item):
                return self.emit("sorted_keys", [self.pack(item)])
            return super()._call_sorted(node)

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        if is_keyed(item):
            return self.emit("dict_keys", [self.pack(item)])
        return super().iterated(node, item)

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        if kind in ("in", "not_in"):
            if isinstance(right, Seq) and right.kind == "dict" and not is_known(left):
                self.become_keyed(right)
                right = self.as_object(node, right)
            if is_keyed(right):
                key, d = self.key_of(node, left), self.pack(right)
                if not self.depth and is_empty_dict(d):
                    return self.const(kind == "not_in")
                return self.emit(kind, [key, d])
        return super().comparison(node, kind, left, right)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if isinstance(base, Seq) and base.kind == "dict" and node.args:
            if name in ("get", "pop", "setdefault"):
                with (
                    self.looked_up(base, node.args[0]),
                    self.looking(node.args[0]) as k,
                ):
                    if is_known(k) or name != "get":
                        return super()._method_call(node, base, name)
                base = self.as_object(node, base)
        if not is_keyed(base):
            return super()._method_call(node, base, name)
        d = self.pack(base)
        if name in VIEWS and not node.args:
            return self.view(node, d, name)
        if name == "copy" and not node.args:
            return self.pure("list_copy", [d])
        if name == "get" and len(node.args) == 2:
            key, default = self.dict_key(node.args[0]), self.expr(node.args[1])
            return self.or_default(node, d, key, lambda: self.pack(default))
        if name == "get":
            self.refuse(node, "`.get()` needs a default here", "write `d.get(k, 0.0)`")
        return self.changing_method(node, d, name)

    def changing_method(self, node: gast.Call, d: Value, name: str) -> Bound:
        raise NotImplementedError

    def or_default(
        self, node: gast.AST, d: Value, key: Value, default: Callable[[], Value]
    ) -> Value:
        """What is under a key if it is there."""

        def there() -> Value:
            self.check_filled(node, d)
            return self.emit("getitem", [d, key], ("x", "index"), index=("i",))

        return self.choose(self.emit("in", [key, d]), there, default, "ifexp")

    def view(self, node: gast.AST, d: Value, name: str) -> Bound:
        """`d.keys()`, `d.values()`, `d.items()` as lists."""
        if name == "items":
            out = self.evaluated(node, "[(item, xs[item]) for item in xs]", xs=d)
        else:
            out = self.emit(f"dict_{name}", [d])
        if isinstance(out, Value):
            self.views[out] = self.place_of(d).cell
        return out

    def named(self, item: Bound, name: str) -> Bound:
        """A view has no name: it would show what becomes of the dict."""
        if isinstance(item, Value) and item in self.views:
            raise UnsupportedError(
                f"`{plain(name)}` would be a view of a dict, which shows its changes",
                self.origin,
                "make a list of it: `list(d.values())`",
            )
        return super().named(item, name)

    def converted(self, node: gast.Call, kind: str, item: Bound) -> Bound:
        """`list(d)`, `list(d.values())`: another list already."""
        made = item.op if isinstance(item, Value) else None
        if kind == "list" and made is not None and made.kind in LISTED:
            return self.pure(made.kind, made.args)
        return super().converted(node, kind, item)


def is_keyed(item: Bound | None) -> bool:
    """Whether an operand is a dict with any keys."""
    return isinstance(item, Value) and isinstance(bound(item.type), Dict)


def is_known(item: Bound) -> bool:
    """Whether a key is known when compiling."""
    return isinstance(item, Value) and item.is_const and type(item.const) in KEYS


def is_empty_dict(d: Value) -> bool:
    """Whether a value is a dict just made, with nothing in it."""
    return d.op is not None and d.op.kind == "dict" and not d.op.args

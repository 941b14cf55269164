"""Changes of dicts whose keys are found at run time.

In: the statement or call. Out: a new version of the dict (see `keyed`):

    d[k] = v                       d1 = store(d, k, v)
    d[k] += v                      t = d[k];  d1 = store(d, k, t + v)
    v = d.pop(k)                   v = d[k];  d1 = removed(d, v, k)
    d.setdefault(k, 0.0)           d1 = setdefault(d, k, 0.0)

What is put where nothing was and has no derivative passes the adjoint of the dict on,
so sums and counts are written with `setdefault`, however the user has written them:

    if k not in d:                 d1 = setdefault(d, k, 0.0)
        d[k] = 0.0
    d[k] = d.get(k, 0.0) + v       d1 = setdefault(d, k, 0.0);  d2 = store(d1, k, ...)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.dict_changes import CHANGING
from s2s.ssa.growing import hidden
from s2s.ssa.ir import Value
from s2s.ssa.keyed import KeyedBuilder, blank
from s2s.ssa.keyed_reads import is_keyed
from s2s.ssa.storage import surely_number
from s2s.ssa.types import rank_of


class KeyedChangeBuilder(KeyedBuilder):
    """Carries out what changes dicts with any keys."""

    # items ----------------------------------------------------------------

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        with self.looking(node.value) as base:
            if isinstance(base, Seq) and base.kind == "dict":
                with self.looked_up(base, node.slice):
                    super().assign_item(node, item)
            elif is_keyed(base):
                self.set_key(node, self.pack(base), self.dict_key(node.slice), item)
            else:
                super().assign_item(node, item)

    def set_key(self, node: gast.AST, base: Value, key: Value, item: Bound) -> None:
        self.check_unwatched(node, base, key)
        value = self.held_value(node, item)
        self.change_list(node, base, "store", [key, value], index=("i",), path=())

    def check_unwatched(
        self, node: gast.AST, base: Value, key: Value | None = None
    ) -> None:
        """Refuse other keys in a dict that a loop runs over; its own is there."""
        if self.is_loop_key(base, key):
            return
        if any(self.overlap(base, value) for value in self.held):
            self.refuse(
                node, "a loop around runs over this dict, whose keys may change here",
                "run over a copy of its keys: `for k in list(d)`",
            )  # fmt: skip

    def augment_item(self, node: gast.AugAssign) -> None:
        target = node.target
        assert isinstance(target, gast.Subscript)
        with self.looking(target.value) as base:
            if isinstance(base, Seq) and base.kind == "dict":
                with self.looked_up(base, target.slice):
                    super().augment_item(node)
                return
            if is_keyed(base):
                with self.looking(target.slice) as k:
                    key = self.key_of(target.slice, k)
                    d = self.with_key(node, self.pack(base), key)
                    self.check_filled(node, d)
                    with self.standing_for(target.slice, key):
                        super().augment_item(node)
                return
            super().augment_item(node)

    def list_index(self, node: gast.Subscript) -> Value:
        if is_keyed(self.expr(node.value)):
            return self.dict_key(node.slice)
        return super().list_index(node)

    def delete(self, target: gast.expr) -> None:
        if not isinstance(target, gast.Subscript):
            super().delete(target)
            return
        with self.looking(target.value) as base:
            if isinstance(base, Seq) and base.kind == "dict":
                with self.looked_up(base, target.slice):
                    super().delete(target)
            elif is_keyed(base):
                self.take_out(target, self.pack(base), self.dict_key(target.slice))
            else:
                super().delete(target)

    def take_out(self, node: gast.AST, d: Value, key: Value) -> Bound:
        """What was under a key, which is there no more."""
        self.check_filled(node, d)
        self.check_unwatched(node, d)
        item = self.emit("getitem", [d, key], ("x", "index"), index=("i",))
        self.own_place(item)
        out = self.in_parts(item)
        if isinstance(out, Seq):
            out = replace(out, whole=item)
        self.change_list(node, d, "removed", [item, key])
        return out

    # defaults -------------------------------------------------------------

    def put_default(
        self, node: gast.AST, base: Value, key: Value, value: Value
    ) -> Value:
        """The dict with a value under a key, if nothing was there."""
        self.check_unwatched(node, base, key)
        zeros = value.op is not None and value.op.kind == "np.zeros_like"
        if blank(value) is None and not zeros and not is_empty(value):
            new = self.emit("not_in", [key, base])
            put = lambda: self.set_key(node, self.fresh(base), key, value)  # noqa: E731
            self.either(node, new, put, lambda: None)
            return self.fresh(base)
        held = self.held_value(node, value)
        self.change_list(node, base, "setdefault", [key, held])
        return self.fresh(base)

    def _If(self, node: gast.If) -> None:
        """`if k not in d: d[k] = 0.0`."""
        match node:
            case gast.If(
                test=gast.Compare(left=key, ops=[gast.NotIn()], comparators=[base]),
                body=[gast.Assign(targets=[gast.Subscript() as target], value=value)],
                orelse=[],
            ) if same(base, target.value) and same(key, target.slice):
                if is_keyed(self.expr(base)) and is_plain(base) and is_plain(key):
                    default = self.expr(value) if is_default(value) else None
                    if isinstance(default, Value) and (
                        blank(default) is not None or is_empty(default)
                    ):
                        d = self.pack(self.expr(base))
                        self.put_default(node, d, self.dict_key(key), default)
                        return
        super()._If(node)

    def augment_name(self, node: gast.AugAssign) -> None:
        """`d |= e` is `d.update(e)`."""
        item = self.env.get(node.target.id)
        known = isinstance(item, Seq) and item.kind == "dict"
        if isinstance(node.op, gast.BitOr) and (known or is_keyed(item)):
            load = gast.Name(node.target.id, gast.Load(), None, None)
            d = gast.copy_location(load, node.target)
            update = quoted("d.update(e)", node, d=d, e=node.value)
            self.block([update])
            return
        super().augment_name(node)

    def _Assign(self, node: gast.Assign) -> None:
        """`d[k] = d.get(k, 0.0) + v`."""
        if not self.adds_to_default(node):
            super()._Assign(node)

    def adds_to_default(self, node: gast.Assign) -> bool:
        match node:
            case gast.Assign(
                targets=[gast.Subscript(value=base, slice=index) as target],
                value=gast.BinOp(op=gast.Add() | gast.Sub() as sign) as total,
            ):
                pass
            case _:
                return False
        match total.left:
            case gast.Call(
                func=gast.Attribute(value=other, attr="get"), args=[k, default]
            ) if same(base, other) and same(index, k) and is_default(default):
                pass
            case _:
                return False
        names = {n.id for n in gast.walk(base) if isinstance(n, gast.Name)}
        reads = {n.id for n in gast.walk(total.right) if isinstance(n, gast.Name)}
        if not (is_plain(base) and is_plain(index)) or names & reads:
            return False
        d, blank_item = self.expr(base), self.expr(default)
        if not is_keyed(d) or not isinstance(blank_item, Value):
            return False
        if blank(blank_item) is None:
            return False
        key, before = self.dict_key(index), self.pack(d)
        with self.looking(total.right) as right:
            more = self.pack(right)
            if self.fresh(before) is not before:
                what = "what is added here changes the dict"
                self.refuse(node, what, "give it a name before")
            if rank_of(more.type) != 0 and blank(blank_item) == 0:
                blank_item = self.emit("np.zeros_like", [more])
            elif rank_of(more.type) != rank_of(blank_item.type):
                super()._Assign(node)
                return True
        now = self.put_default(node, before, key, blank_item)
        old = self.emit("getitem", [now, key], ("x", "index"), index=("i",))
        self.origin = self.origin_of(node)
        number = surely_number(old, {}) and not rank_of(more.type)
        new = self.emit(self.rules.OPERATORS[type(sign)], [old, more], aug=number)
        self.set_key(target, self.fresh(now), key, new)
        return True

    # methods --------------------------------------------------------------

    def changing_call(self, node: gast.Call) -> bool:
        func = node.func
        if isinstance(func, gast.Attribute) and func.attr in CHANGING:
            with self.looking(func.value) as base:
                if is_keyed(base):
                    self.changing_method(node, self.pack(base), func.attr)
                    return True
                if isinstance(base, Seq) and base.kind == "dict" and node.args:
                    with self.looked_up_in(base, func.attr, node.args[0]):
                        return super().changing_call(node)
        return super().changing_call(node)

    @contextmanager
    def looked_up_in(self, base: Seq, method: str, first: gast.AST) -> Iterator[None]:
        """A dict whose entries are known, where a method changes it."""
        if method != "update":
            with self.looked_up(base, first):
                yield
            return
        with self.looking(first) as other:
            if is_keyed(other):
                self.become_keyed(base)
            yield

    def changing_method(self, node: gast.Call, d: Value, name: str) -> Bound:
        keywords = {str(k.arg): self.expr(k.value) for k in node.keywords}
        match name, node.args:
            case "setdefault", [k, default]:
                key = self.dict_key(k)
                first = self.expr(default)
                if isinstance(first, Seq) and first.kind == "list":
                    first = self.object(default, first.items)
                now = self.put_default(node, d, key, self.pack(first))
                return self.value_at(node, now, key)
            case "pop", [k]:
                return self.take_out(node, d, self.dict_key(k))
            case "pop", [k, default]:
                return self.taken_or(node, d, self.dict_key(k), self.expr(default))
            case "update", [*given] if len(given) < 2:
                for other in given:
                    self.put_all(other, d, self.expr(other))
                for word, item in keywords.items():
                    self.set_key(node, self.fresh(d), self.const(word), item)
                return self.const(None)
        self.refuse(node, f"method `.{name}()` of a dict is not supported here")

    def taken_or(self, node: gast.AST, d: Value, key: Value, other: Bound) -> Bound:
        """`d.pop(k, default)`."""
        name = f"{hidden(node)} taken"

        def take() -> None:
            self.env[name] = self.take_out(node, self.fresh(d), key)

        self.env[name] = other
        self.either(node, self.emit("in", [key, d]), take, lambda: None)
        return self.fresh_item(self.env.pop(name))

    def put_all(self, node: gast.AST, d: Value, other: Bound) -> None:
        """All entries of another dict."""
        if isinstance(other, Seq) and other.kind == "dict":
            for k, item in self.entries(node, other).items():
                self.set_key(node, self.fresh(d), self.const(k), item)
            return
        if not is_keyed(other):
            self.refuse(node, "this has to be a dict")
        names = {n: f"{hidden(node)} {n}" for n in ("d", "other", "key")}
        self.env |= {names["d"]: self.fresh(d), names["other"]: other}
        loop = quoted("for key in other: d[key] = other[key]", node, **names)
        assert isinstance(loop, gast.For)
        self.own_loop(loop)
        for name in ("d", "other"):
            self.env.pop(names[name])


def same(a: gast.AST, b: gast.AST) -> bool:
    """Whether two expressions are written alike."""
    return gast.unparse(a) == gast.unparse(b)


def is_plain(node: gast.AST) -> bool:
    """Whether an expression calls nothing, so that it may be evaluated again."""
    return not any(isinstance(n, gast.Call) for n in gast.walk(node))


def is_default(node: gast.AST) -> bool:
    """Whether the text may be a number or zeros: what else is left alone."""
    return isinstance(node, gast.Constant | gast.Call | gast.UnaryOp | gast.List)


def is_empty(value: Value) -> bool:
    """Whether a value is a list just made, with nothing in it."""
    return value.op is not None and value.op.kind == "list" and not value.op.args

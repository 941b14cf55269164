"""Dicts whose entries are known one by one, where they change; and their methods.

In: the statement or call. Out: other entries, for every name that the dict has.

    d = {"w": w}                  d = {w}
    d["b"] = b            ->      d = {w, b}
    v = d.pop("w")                d = {b};  v = w
"""

from __future__ import annotations

from collections.abc import Hashable

import gast

from s2s.ssa.bound import Bound, Seq, flat, plain
from s2s.ssa.dicts import VIEWS, DictBuilder
from s2s.ssa.ir import Value

CHANGING = "update", "pop", "setdefault", "clear"


class DictChangeBuilder(DictBuilder):
    """Carries out what changes dicts."""

    keys_shown: frozenset[Value] = frozenset()  # constants that stand for keys in views

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if not isinstance(base, Seq) or base.kind != "dict":
            return super()._method_call(node, base, name)
        args = self.items_given(node.args)
        if name in VIEWS and not args:
            keys = [self.const(n) for n in base.names]
            self.keys_shown |= set(keys)
            pairs = zip(keys, base.items, strict=True)
            items = {
                "keys": tuple(keys),
                "values": base.items,
                "items": tuple(Seq("tuple", pair) for pair in pairs),
            }[name]
            return Seq("tuple", items, view=base.made)
        if name == "copy" and not args:
            return self.a_dict(self.entries(node, base))
        if name == "get" and args:
            k = base.at(self.as_key(node, args[0]))
            default = args[1] if len(args) > 1 else self.const(None)
            return default if k is None else base.items[k]
        if name in ("pop", "setdefault") and args:
            return self.changed_by(node, base, name, args)
        self.refuse(node, f"method `.{name}()` of a dict is not supported here")

    def replace_items(
        self,
        node: gast.AST,
        base: Seq,
        items: tuple[Bound, ...],
        names: tuple[Hashable, ...] | None = None,
    ) -> None:
        """A view, which would show the change, must not be read any more."""
        same_keys = names in (None, base.names)
        for name, item in self.seen_items():
            shown = item.view if isinstance(item, Seq) else None
            if shown is None or base.made is None or not shown.which & base.made.which:
                continue
            if not same_keys or not self.keys_shown.issuperset(flat(item)):
                self.refuse(
                    node, f"this changes a dict, and `{plain(name)}` is a view of it",
                    "make a list of it: `list(d.values())`",
                )  # fmt: skip
        super().replace_items(node, base, items, names)

    # changing -------------------------------------------------------------

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        with self.looking(node.value) as base:
            if not isinstance(base, Seq) or base.kind != "dict":
                super().assign_item(node, item)
                return
        self.set_entry(node, base, self.key_known(node.slice), item)

    def set_entry(self, node: gast.AST, base: Seq, name: Hashable, item: Bound) -> None:
        """Give an entry or attribute another value, or the object a new one."""
        k = base.at(name)
        if k is not None:
            self.set_known(node, base, k, item)
        else:
            items, names = (*base.items, item), (*base.names, name)
            self.replace_items(node, base, items, names)

    def augment_item(self, node: gast.AugAssign) -> None:
        assert isinstance(node.target, gast.Subscript)
        with self.looking(node.target.value) as base:
            if not isinstance(base, Seq) or base.kind != "dict":
                super().augment_item(node)
                return
        k = base.at(self.key_known(node.target.slice))
        if k is None:
            self.refuse(node, "the dict has no such entry here")
        self.augment_known(node, base, k)

    def changing_call(self, node: gast.Call) -> bool:
        func = node.func
        if isinstance(func, gast.Attribute) and func.attr in CHANGING:
            base = self.expr(func.value)
            if isinstance(base, Seq) and base.kind == "dict":
                self.changed_by(node, base, func.attr, self.items_given(node.args))
                return True
        return super().changing_call(node)

    def changed_by(
        self, node: gast.Call, base: Seq, name: str, args: list[Bound]
    ) -> Bound:
        """A call of a method that changes a dict."""
        entries = self.entries(node, base)
        more: dict[Hashable, Bound] = {
            str(k.arg): self.expr(k.value) for k in node.keywords
        }
        out: Bound = self.const(None)
        match name, args:
            case "clear", []:
                entries = {}
            case "update", [*given] if len(given) < 2:
                for item in given:
                    if isinstance(item, Seq) and item.kind != "dict":
                        item = self.from_pairs(node, item.items)
                    entries |= self.entries(node, item)
                entries |= more
            case "setdefault", [key, default]:
                out = entries.setdefault(self.as_key(node, key), default)
            case "pop", [key, *default] if len(default) < 2:
                k = self.as_key(node, key)
                if k not in entries and not default:
                    self.refuse(node, f"the dict has no entry {k!r} here")
                out = entries.pop(k, *default)
            case _:
                self.refuse(node, "these arguments are not supported here")
        self.replace_all(node, base, entries)
        return out

    def replace_all(
        self, node: gast.AST, base: Seq, entries: dict[Hashable, Bound]
    ) -> None:
        """Other entries for a dict."""
        names, items = tuple(entries), tuple(entries.values())
        same = all(a is b for a, b in zip(items, base.items, strict=False))
        if names != base.names or not same:
            self.replace_items(node, base, items, names)

    def delete(self, target: gast.expr) -> None:
        if isinstance(target, gast.Subscript):
            base = self.expr(target.value)
            if isinstance(base, Seq) and base.kind == "dict":
                entries = self.entries(target, base)
                key = self.key_known(target.slice)
                if key not in entries:
                    self.refuse(target, f"the dict has no entry {key!r} here")
                del entries[key]
                self.replace_all(target, base, entries)
                return
        super().delete(target)

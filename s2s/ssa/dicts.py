"""Dicts to SSA: their entries are known one by one, as the items of tuples are.

In: displays, comprehensions, methods, items that are read and assigned. Out: a `Seq`
whose items have names. A loop over a dict, or over names that are known, is built once
for each of them: the arrays in a dict have nothing in common but their names.

    for name in ("w", "b"):             s = s + np.sum(params["w"])
        s += np.sum(params[name])  ->   s = s + np.sum(params["b"])
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Made, Seq, flat, same_shape
from s2s.ssa.definitions import DefinitionBuilder
from s2s.ssa.growing import calls_in
from s2s.ssa.ir import Value
from s2s.ssa.loops import split_stop
from s2s.ssa.types import Array, Static, Tuple, bound, rank_of
from s2s.structure import KEYS

if TYPE_CHECKING:
    from s2s.rules import Rule

VIEWS = "keys", "values", "items"
CHANGING = "update", "pop", "setdefault", "clear"


class DictBuilder(DefinitionBuilder):
    """Evaluates what makes, reads and changes dicts."""

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if isinstance(item, Value) and not item.is_const:
            of = bound(item.type)
            if isinstance(of, Tuple) and (of.form.names or of.form.kind != "tuple"):
                return self.unpack(item)
        return item

    def a_dict(self, entries: dict[Hashable, Bound]) -> Seq:
        """A new dict."""
        made = Made(None, self.region)
        return Seq("dict", tuple(entries.values()), made, tuple(entries))

    # making ---------------------------------------------------------------

    def _Dict(self, node: gast.Dict) -> Bound:
        entries: dict[Hashable, Bound] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                entries |= self.entries(value, self.expr(value))
            else:
                k = self.key_known(key)
                entries[k] = self.expr(value)
        return self.a_dict(entries)

    def _DictComp(self, node: gast.DictComp) -> Bound:
        (first, *others) = node.generators
        known = None if others else self.known(first.iter)
        if known is None:
            self.refuse(
                node, "a dict whose keys are not known when compiling",
                "use a list, or an array",
            )  # fmt: skip
        pair = gast.Tuple([node.key, node.value], gast.Load())
        pairs = gast.ListComp(gast.copy_location(pair, node), node.generators)
        return self.from_pairs(node, list(self.each(pairs, known)))

    def from_pairs(self, node: gast.AST, pairs: Sequence[Bound]) -> Seq:
        entries: dict[Hashable, Bound] = {}
        for pair in pairs:
            key, value = self.items_of(node, pair, 2)
            entries[self.as_key(node, key)] = value
        return self.a_dict(entries)

    def _call_dict(self, node: gast.Call) -> Bound:
        entries: dict[Hashable, Bound] = {}
        for arg in node.args:
            item = self.expr(arg) if not is_iterator(arg) else self.items_in(arg)
            if isinstance(item, Seq) and item.kind != "dict":
                item = self.from_pairs(arg, item.items)
            entries |= self.entries(arg, item)
        entries |= {str(k.arg): self.expr(k.value) for k in node.keywords}
        return self.a_dict(entries)

    def entries(self, node: gast.AST, item: Bound) -> dict[Hashable, Bound]:
        """The entries of what has to be a dict."""
        if not isinstance(item, Seq) or item.kind != "dict":
            self.refuse(node, "this has to be a dict whose keys are known")
        return dict(zip(item.names, item.items, strict=True))

    def key_known(self, node: gast.AST) -> Hashable:
        return self.as_key(node, self.expr(node))

    def as_key(self, node: gast.AST, item: Bound) -> Hashable:
        if not isinstance(item, Value) or type(item.const) not in KEYS:
            self.refuse(
                node, "the keys of a dict must be text or numbers known when compiling",
                "use a list or an array where they are found at run time",
            )  # fmt: skip
        return item.const

    # reading --------------------------------------------------------------

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind != "dict":
            return super()._static_item(node, base, index)
        key = self.key_known(index)
        k = base.at(key)
        if k is None:
            near = get_close_matches(str(key), [str(n) for n in base.names], 1)
            advice = f"did you mean {near[0]!r}?" if near else ""
            self.refuse(node, f"the dict has no entry {key!r} here", advice)
        return base.items[k]

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        if isinstance(item, Seq) and item.kind == "dict":
            return Seq("tuple", tuple(map(self.const, item.names)))
        return super().iterated(node, item)

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        if kind in ("in", "not_in") and isinstance(right, Seq):
            if right.kind == "dict":
                found = right.at(self.as_key(node, left)) is not None
                return self.const(found == (kind == "in"))
            texts = all(isinstance(i, Value) and i.is_const for i in right.items)
            if texts and isinstance(left, Value) and left.is_const:
                found = left.const in [i.const for i in flat(right)]
                return self.const(found == (kind == "in"))
        records = [i for i in (left, right) if isinstance(i, Seq) and is_changing(i)]
        if records and kind in ("is", "is_not"):
            if all(isinstance(i, Seq) and i.made is None for i in (left, right)):
                self.follow_items()  # they may be in lists
            places = self.positions(left, right)
            if places is not None:
                return self.emit("eq" if kind == "is" else "ne", places)
            a, b = (getattr(i, "made", None) for i in (left, right))
            if a is b and a is not None and not a.some:
                return self.const(kind == "is")
            if not (isinstance(left, Seq) and isinstance(right, Seq)):
                return self.const(kind == "is_not")
        if records:
            self.refuse(
                node, f"this comparison of a {records[0].kind} is not supported"
            )
        return super().comparison(node, kind, left, right)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if not isinstance(base, Seq) or base.kind != "dict":
            return super()._method_call(node, base, name)
        args = self.items_given(node.args)
        if name in VIEWS and not args:
            keys = [self.const(n) for n in base.names]
            pairs = zip(keys, base.items, strict=True)
            return Seq("tuple", {
                "keys": tuple(keys),
                "values": base.items,
                "items": tuple(Seq("tuple", pair) for pair in pairs),
            }[name])  # fmt: skip
        if name == "copy" and not args:
            return self.a_dict(self.entries(node, base))
        if name == "get" and args:
            k = base.at(self.as_key(node, args[0]))
            default = args[1] if len(args) > 1 else self.const(None)
            return default if k is None else base.items[k]
        if name in ("pop", "setdefault") and args:
            return self.changed_by(node, base, name, args)
        self.refuse(node, f"method `.{name}()` of a dict is not supported here")

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        dicts = [isinstance(i, Seq) and i.kind == "dict" for i in (left, right)]
        if not any(dicts):
            return super().binary(node, kind, left, right)
        if kind != "or_" or not all(dicts):
            self.refuse(node, "this operator on dicts is not supported")
        return self.a_dict(self.entries(node, left) | self.entries(node, right))

    def apply(
        self, node: gast.Call, rule: Rule, args: list[Bound], *rest: Any, **more: Any
    ) -> Bound:
        if rule.kind == "copy_items" and isinstance(args[0], Seq):
            return self.copy_of(args[0])
        for item in args:
            if isinstance(item, Seq) and is_changing(item):
                what = item.cls.__name__ if item.cls else "dict"
                self.refuse(node, f"{rule.kind}() of a `{what}`")
        return super().apply(node, rule, args, *rest, **more)

    def copy_of(self, item: Bound) -> Bound:
        """A copy of an object, with copies of the arrays in it."""
        if isinstance(item, Seq):
            parts = tuple(map(self.copy_of, item.items))
            return replace(item.of(parts), made=Made(None, self.region))
        if item.is_const:
            return item
        whole = isinstance(bound(item.type), Array) and rank_of(item.type)
        return self.emit("np.copy" if whole else "copy_items", [item], ("x",))

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

    # loops ----------------------------------------------------------------

    def evaluated_once(self, node: gast.AST) -> bool:
        """A view of a dict that is read from a name, too."""
        if is_iterator(node):
            return all(map(self.evaluated_once, node.args))
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
            if node.func.attr in VIEWS and not node.args:
                return not calls_in(node.func.value) and self.is_dict(node.func.value)
        return super().evaluated_once(node)

    def is_dict(self, node: gast.AST) -> bool:
        item = self.expr(node)
        return isinstance(item, Seq) and item.kind == "dict"

    def known(self, node: gast.AST) -> Sequence[Bound] | None:
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
            if self.evaluated_once(node):
                item = self.expr(node)
                return item.items if isinstance(item, Seq) else None
        return super().known(node)

    def known_items(
        self, node: gast.ListComp | gast.GeneratorExp
    ) -> Sequence[Bound] | None:
        first, *others = node.generators
        if not others and first.ifs and self.evaluated_once(first.iter):
            items = self.known(first.iter)
            if items is not None and any(map(is_static, items)):
                return items
        return super().known_items(node)

    def _For(self, node: gast.For) -> None:
        items = self.known(node.iter) if self.evaluated_once(node.iter) else None
        over = any(
            isinstance(n, gast.Call) and getattr(n.func, "attr", "") in VIEWS
            for n in gast.walk(node.iter)
        )
        apart = items is not None and (any(map(is_static, items)) or differ(items))
        if items is None or not (over or apart):
            super()._For(node)
            return
        self.one_by_one_from(node, 0, len(items), self.dicts_in(node.iter))

    def dicts_in(self, node: gast.AST) -> list[Made | None]:
        """The dicts that a loop runs over."""
        bases = [
            n.func.value if isinstance(n, gast.Call) else n
            for n in gast.walk(node)
            if isinstance(n, gast.Name)
            or (isinstance(n, gast.Call) and getattr(n.func, "attr", "") in VIEWS)
        ]
        items = [self.expr(b) for b in bases]
        return [i.made for i in items if isinstance(i, Seq) and i.kind == "dict"]

    def one_by_one_from(
        self, node: gast.For, k: int, count: int, dicts: list[Made | None]
    ) -> None:
        """The rounds of a loop from the k-th on, each built for itself."""
        if k == count:
            return
        items = self.known(node.iter)
        if items is None or len(items) != count or self.dicts_in(node.iter) != dicts:
            self.refuse(
                node, "this loop changes what it runs over",
                "run over a copy: `for name in list(d)`",
            )  # fmt: skip
        self.assign(node.target, items[k])
        statements, stop = split_stop(node.body)
        self.block(statements)
        if self.dead:
            return
        rest = lambda: self.one_by_one_from(node, k + 1, count, dicts)  # noqa: E731
        if stop is None:
            rest()
            return
        stops = self.truth(stop, self.value(stop))
        self.either(node, stops, lambda: None, rest)


def is_changing(item: Seq) -> bool:
    return item.kind in ("dict", "object")


def is_iterator(node: gast.AST) -> bool:
    """Whether an expression is a call of what runs over its arguments."""
    named = isinstance(node, gast.Call) and isinstance(node.func, gast.Name)
    return named and bool(node.args) and node.func.id in ITERATORS


def is_static(item: Bound) -> bool:
    """Whether there is text or a function in an object that is known.

    What runs over such objects is built once for each of them.
    """
    return any(v.is_const and isinstance(v.type, Static) for v in flat(item))


def differ(items: Sequence[Bound]) -> bool:
    """Whether objects have different structure, so that no list could hold them."""
    objects = [i for i in items if isinstance(i, Seq)]
    return any(not same_shape(objects[0], other) for other in objects[1:])


ITERATORS = "zip", "enumerate", "reversed"

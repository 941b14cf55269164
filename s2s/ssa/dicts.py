"""Dicts to SSA: their entries are known one by one, as the items of tuples are.

In: displays, comprehensions, methods, items that are read and assigned. Out: a `Seq`
whose items have names. Loops over dicts are in `dict_loops`.

    params = {"w": w}             params = {w}
    s = np.sum(params["w"])  ->   s = np.sum(w)
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Made, Seq, flat
from s2s.ssa.definitions import DefinitionBuilder
from s2s.ssa.ir import Value
from s2s.ssa.types import Array, Tuple, bound, rank_of
from s2s.structure import KEYS

if TYPE_CHECKING:
    from s2s.rules import Rule

VIEWS = "keys", "values", "items"


class DictBuilder(DefinitionBuilder):
    """Evaluates what makes, reads and changes dicts."""

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if isinstance(item, Value) and not item.is_const:
            of = bound(item.type)
            if isinstance(of, Tuple) and (of.form.names or of.form.kind != "tuple"):
                return self.evaluated_now(self.unpack(item))
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
            return self.dict_of_loops(node)
        pair = gast.Tuple([node.key, node.value], gast.Load())
        pairs = gast.ListComp(gast.copy_location(pair, node), node.generators)
        return self.from_pairs(node, list(self.each(pairs, known)))

    def dict_of_loops(self, node: gast.DictComp) -> Bound:
        """A dict that a comprehension fills with entries that are not known."""
        raise NotImplementedError

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


def is_changing(item: Seq) -> bool:
    return item.kind in ("dict", "object")


def is_iterator(node: gast.AST) -> bool:
    """Whether an expression is a call of what runs over its arguments."""
    named = isinstance(node, gast.Call) and isinstance(node.func, gast.Name)
    return named and bool(node.args) and node.func.id in ITERATORS


ITERATORS = "zip", "enumerate", "reversed"

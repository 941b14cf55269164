"""Loops over dicts whose keys are found at run time.

In: what a loop runs over. Out: the dict, the list of its keys, and what is read in each
round:

    for k, v in d.items():         for k in list(d):
        s += v             ->          v = d[k]
                                       s += v
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.dicts import VIEWS
from s2s.ssa.ir import Value
from s2s.ssa.keyed_reads import KeyedReadBuilder, is_keyed
from s2s.ssa.types import Tuple

Source = tuple[str, Value, Value, bool]  # which view, the dict, its keys; a live one?
PLACES = gast.Name | gast.Attribute | gast.Subscript


class KeyedLoopBuilder(KeyedReadBuilder):
    """Evaluates what loops over dicts with any keys run over."""

    def entries_in(self, node: gast.AST) -> Source | None:
        """What a loop runs over, if it is the entries of a dict with any keys."""
        made = self.called_alone(node)
        if made in (list, sorted):
            assert isinstance(node, gast.Call)
            inner = self.entries_in(node.args[0])
            if inner is None or (made is sorted and inner[0] == "values"):
                return None
            view, d, keys, _ = inner
            if made is sorted:
                keys = self.emit("sorted_keys", [d])
            return view, d, keys, False
        view, base = "keys", node
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
            if node.func.attr not in VIEWS or node.args:
                return None
            view, base = node.func.attr, node.func.value
        if any(isinstance(n, gast.Call | gast.Slice) for n in gast.walk(base)):
            return None
        item = self.expr(base) if isinstance(base, PLACES) else None
        if item is None or not is_keyed(item):
            return None
        d = self.pack(item)
        return view, d, self.emit("dict_keys", [d]), True

    def called_alone(self, node: gast.AST) -> Any:
        """The function that an expression calls with nothing but one argument."""
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            if len(node.args) == 1 and not node.keywords:
                return self.pack(self.expr(node.func)).const
        return None

    def entry(self, source: Source, index: Value) -> tuple[Value, Bound]:
        """The key of a loop's round, and what the loop runs over there."""
        view, d, keys, live = source
        key = self.emit("getitem", [keys, index], ("x", "index"), index=("i",))
        if view == "values":
            self.named(key, "key")
        if live or view == "keys":
            self.loop_keys = {**self.loop_keys, key: d}
        opened: Bound = key
        if isinstance(key.type, Tuple):
            opened = replace(self.unpack(key), whole=key)
        if view == "keys":
            return key, opened
        names = ("x", "index")
        item: Bound = (
            self.emit("getitem", [d, key], names, index=("i",))
            if live else self.item_then(d, key)
        )  # fmt: skip
        if isinstance(item, Value):
            item = self.in_parts(item)
        return key, item if view == "values" else Seq("tuple", (opened, item))

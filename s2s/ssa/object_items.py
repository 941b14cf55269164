"""Objects as containers, to SSA: their length, their items, and what runs over them.

In: `len`, a subscript or a loop over an object. Out: what the methods of its class
return. An object with `__getitem__` only is run over where the text tells what it
shows the items of:

    for v in rows:       ->      for v in rows.xs:      (`return self.xs[k]`)
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import gast

from s2s.parse.names_live import names_read
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.expr import is_call_of
from s2s.ssa.ir import Value
from s2s.ssa.keyed_reads import is_keyed
from s2s.ssa.memory import Cell
from s2s.ssa.special_methods import SpecialMethodBuilder


class ObjectItemBuilder(SpecialMethodBuilder):
    """Evaluates what asks an object for its items."""

    def _call_len(self, node: gast.Call) -> Value:
        if not is_call_of(node.args[0], "range"):
            with self.looking(node.args[0]) as item:
                if not isinstance(item, Seq) or item.kind != "object":
                    return super()._call_len(node)
            found = self.special(item, "__len__")
            if found is None:
                self.refuse(node, "this object has no length")
            return self.pack(self.call_method(node, found, "__len__", item))
        return super()._call_len(node)

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if base.kind != "object":
            return super()._static_item(node, base, index)
        return self.call_for_item(
            node, base, "__getitem__", [self._index_expression(index)]
        )

    def call_for_item(
        self, node: gast.AST, base: Seq, name: str, args: Sequence[Bound]
    ) -> Bound:
        method = self.special(base, name)
        if method is None:
            cls = base.cls.__name__ if base.cls else ""
            self.refuse(node, f"a `{cls}` has no items: no `{name}`")
        return self.call_method(node, method, name, base, args)

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        if isinstance(item, Value) and isinstance(item.const, set | frozenset):
            self.refuse(node, "the order of a set is not known here", "use a tuple")
        if isinstance(item, Value) and isinstance(item.const, enum.EnumType):
            members: list[enum.Enum] = list(item.const)
            parts = [self.const(m, f"{item.spelling}.{m.name}") for m in members]
            return Seq("tuple", tuple(parts))
        if isinstance(item, Value) and isinstance(item.const, str):
            return Seq("tuple", tuple(map(self.const, item.const)))
        if not isinstance(item, Seq) or item.kind != "object":
            return super().iterated(node, item)
        method = self.special(item, "__iter__")
        for name in ("__reversed__", "__iter__") if node in self.turned_round else ():
            if self.special(item, name) is not None:
                self.refuse(
                    node,
                    f"`reversed` of an object with `{name}` is not supported",
                    "turn a list of its items round: `list(o)[::-1]`",
                )
        if method is not None:
            self.consumed.add(node)
            out = self.call_method(node, method, "__iter__", item)
            return self.iterated(node, out)
        if self.special(item, "__getitem__") is None:
            cls = item.cls.__name__ if item.cls else ""
            advice = "run over one of its attributes"
            self.refuse(node, f"a `{cls}` has no items to run over here", advice)
        shown: Bound = item
        for name in self.path_of_items(node, item):
            if not isinstance(shown, Seq) or shown.cls is None:
                self.refuse(node, f"`{name}` of this object is not known here")
            shown = self.attribute_of(node, shown, name)
        if is_keyed(shown) or (isinstance(shown, Seq) and shown.kind == "dict"):
            self.refuse(node, "this runs over a dict by position")
        return self.iterated(node, shown)

    def path_of_items(self, node: gast.AST, item: Seq) -> Sequence[str]:
        """The attribute that an object shows the items of, as the text tells.

        Python asks for items until there is an IndexError, whatever the length is.
        """
        bodies = []
        for name in ("__len__", "__getitem__"):
            method = self.special(item, name)
            if method is not None:
                unit = self.definition(method, name, node).unit
                self.called[unit] = None
                tree = unit.parsed.tree
                bodies.append((tree.args.args, returned(tree)))
        match bodies:
            case [
                ([me], gast.Call(func=gast.Name(id="len"), args=[whole])),
                ([own, k], gast.Subscript(value=base, slice=gast.Name(id=index))),
            ] if k.id == index:
                path = attributes(base, own.id)
                if path and path == attributes(whole, me.id):
                    return path
        cls = item.cls.__name__ if item.cls else ""
        self.refuse(
            node, f"where the items of a `{cls}` end is not known here",
            "define `__iter__`, or return `len(self.xs)` and `self.xs[k]` of one list",
        )  # fmt: skip

    def read_lazily(self, node: gast.For) -> set[Cell | Made]:
        """An object that is asked for one item after the other must not change, too."""
        found = super().read_lazily(node)
        if is_call_of(node.iter, "range"):
            return found
        todo = [self.env[n] for n in names_read(node.iter) if n in self.env]
        while todo:
            item = todo.pop()
            if isinstance(item, Seq):
                todo += item.items
                if item.kind == "object" and not hasattr(item.cls, "__iter__"):
                    if self.special(item, "__getitem__") is not None:
                        found |= self.parts_of(item)
        return found

    def _call_iter(self, node: gast.Call) -> Bound:
        """What `__iter__` returns is run over at once."""
        if self.scope.parsed.name != "__iter__" or len(node.args) != 1:
            self.refuse(
                node, "`iter` is supported in `__iter__` and `next(iter(xs))` only",
                "count the position: `v = xs[k]`, `k += 1`",
            )  # fmt: skip
        return self.iterated(node, self.items_in(node.args[0]))


def returned(tree: gast.FunctionDef) -> gast.expr | None:
    """What a function returns that does nothing else."""
    match [s for s in tree.body if not is_docstring(s)]:
        case [gast.Return(value=value)]:
            return value
    return None


def is_docstring(node: gast.stmt) -> bool:
    return isinstance(node, gast.Expr) and isinstance(node.value, gast.Constant)


def attributes(node: gast.AST, me: str) -> tuple[str, ...]:
    """The path of `self.a.b`; empty for anything else.

    >>> attributes(gast.parse("me.a.b", mode="eval").body, "me")
    ('a', 'b')
    """
    path: list[str] = []
    while isinstance(node, gast.Attribute):
        path.insert(0, node.attr)
        node = node.value
    return tuple(path) if isinstance(node, gast.Name) and node.id == me else ()

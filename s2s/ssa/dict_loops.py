"""Loops over dicts whose entries are known, and over what is known by name.

In: a loop. Out: its body, built once for each entry: the arrays in a dict have nothing
in common but their names.

    for name in ("w", "b"):             s = s + np.sum(params["w"])
        s += np.sum(params[name])  ->   s = s + np.sum(params["b"])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import gast

from s2s.ssa.bound import Bound, Seq, flat, same_shape
from s2s.ssa.dict_changes import DictChangeBuilder
from s2s.ssa.dicts import VIEWS, is_iterator
from s2s.ssa.expr import is_call_of
from s2s.ssa.growing import calls_in
from s2s.ssa.lists import is_list
from s2s.ssa.loops import alike, split_stop
from s2s.ssa.memory import has_storage
from s2s.ssa.types import Static


class DictLoopBuilder(DictChangeBuilder):
    """Builds loops over dicts."""

    def evaluated_once(self, node: gast.AST) -> bool:
        """A view of a dict that is read from a name, too."""
        if is_iterator(node):
            return all(map(self.evaluated_once, node.args))
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
            if node.func.attr in VIEWS and not node.args:
                return not calls_in(node.func.value) and self.is_dict(node.func.value)
        return super().evaluated_once(node)

    def is_dict(self, node: gast.AST) -> bool:
        item = self.attributes_of(node) or self.expr(node)
        return isinstance(item, Seq) and item.kind == "dict"

    def attributes_of(self, node: gast.AST) -> Seq | None:
        """The dict that `vars(o)` or `o.__dict__` is, for what only reads it."""
        match node:
            case gast.Attribute(value=of, attr="__dict__"):
                base = self.expr(of)
            case gast.Call(func=gast.Name(id="vars"), args=[of], keywords=[]):
                base = self.expr(of)
            case _:
                return None
        if not isinstance(base, Seq) or base.kind != "object":
            return None
        for name in base.names:
            self.check_there(node, base, str(name))
        return self.a_dict(dict(zip(base.names, base.items, strict=True)))

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
            if items is not None and (any(map(is_static, items)) or not alike(items)):
                return items
        return super().known_items(node)

    def _For(self, node: gast.For) -> None:
        items = self.items_known(node) if self.evaluated_once(node.iter) else None
        over = any(
            isinstance(n, gast.Call) and getattr(n.func, "attr", "") in VIEWS
            for n in gast.walk(node.iter)
        )
        wanted = over or self.grows(node.target)
        if items is None or not (wanted or self.are_apart(items)):
            super()._For(node)
            return
        held = len(self.held)
        with ExitStack() as stack:
            stack.callback(self.held.__delitem__, slice(held, None))
            stack.enter_context(self.taken_from(self.read_lazily(node)))
            for leaf in leaves(node.iter):
                item = self.expr(leaf)
                stack.enter_context(self.in_header(leaf, item))
                self.held += filter(has_storage, flat(item))
            self.one_by_one_from(node, 0, len(items))

    def are_apart(self, items: Sequence[Bound]) -> bool:
        return are_apart(items) or super().are_apart(items)

    def one_by_one_from(self, node: gast.For, k: int, count: int) -> None:
        """The rounds of a loop from the k-th on, each built for itself.

        What it runs over may get other items meanwhile, as many as it had.
        """
        if k == count:
            return
        items = self.items_known(node)
        if items is None or len(items) != count:
            self.refuse(
                node, "this loop changes what it runs over",
                "run over a copy: `for name in list(d)`",
            )  # fmt: skip
        self.next_turn()
        self.assign(node.target, items[k])
        statements, stop = split_stop(node.body)
        self.block(statements)
        if self.dead:
            return
        rest = lambda: self.one_by_one_from(node, k + 1, count)  # noqa: E731
        if stop is None:
            rest()
            return
        stops = self.truth(stop, self.value(stop))
        self.either(node, stops, lambda: None, rest)


def is_static(item: Bound) -> bool:
    """Whether there is text or a function in an object that is known.

    What runs over such objects is built once for each of them.
    """
    return any(v.is_const and isinstance(v.type, Static) for v in flat(item))


def are_apart(items: Sequence[Bound]) -> bool:
    """Whether no list could hold all of these."""
    return differ(items) or any(is_static(i) or holds_list(i) for i in items)


def holds_list(item: Bound) -> bool:
    """Whether there is a list in an object."""
    return isinstance(item, Seq) and any(
        is_list(part) or holds_list(part) for part in item.items if item.kind != "list"
    )


def differ(items: Sequence[Bound]) -> bool:
    """Whether objects have different structure, so that no list could hold them."""
    objects = [i for i in items if isinstance(i, Seq)]
    return any(not same_shape(objects[0], other) for other in objects[1:])


def leaves(node: gast.AST) -> Iterator[gast.AST]:
    """What a loop runs over, by `zip`, too; of a view of a dict, the dict."""
    if is_iterator(node):
        for arg in node.args:
            yield from leaves(arg)
    elif isinstance(node, gast.Call) and getattr(node.func, "attr", "") in VIEWS:
        yield node.func.value
    elif not (isinstance(node, gast.Call) and is_call_of(node, "range")):
        yield node

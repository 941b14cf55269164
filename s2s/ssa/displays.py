"""Lists, tuples and properties that a loop runs over and that call functions.

In: `for p in [o.moved(v), o]`, or in a comprehension. Out: the loop, the display
evaluated once before it. How a loop is built depends on what it runs over, so the
display is looked at several times; what it calls may change an object, and must do so
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.dicts import is_iterator
from s2s.ssa.growing import calls_in
from s2s.ssa.keyed_changes import KeyedChangeBuilder


class DisplayBuilder(KeyedChangeBuilder):
    """Evaluates the displays in the headers of loops."""

    def _For(self, node: gast.For) -> None:
        with self.once(node.iter):
            super()._For(node)

    def _ListComp(self, node: gast.ListComp | gast.GeneratorExp) -> Bound:
        with self.once(node.generators[0].iter):
            return super()._ListComp(node)

    def _call_sum(self, node: gast.Call) -> Bound:
        with self.once(*sources(node)):
            return super()._call_sum(node)

    def decided(self, node: gast.Call, kind: str, step: str) -> Bound:
        with self.once(*sources(node)):
            return super().decided(node, kind, step)

    @contextmanager
    def once(self, *nodes: gast.AST) -> Iterator[None]:
        """While a loop is built, the displays in its header mean what they gave."""
        names = []
        for display in (d for node in nodes for d in displays(node)):
            if (name := held(display)) not in self.env:
                runs, item = self.runs, self.expr(display)
                if self.runs != runs or not isinstance(display, gast.Attribute):
                    self.env[name] = item
                    names.append(name)
        try:
            yield
        finally:
            for name in names:
                self.env.pop(name, None)

    def _List(self, node: gast.List) -> Bound:
        return self.shown(node) or super()._List(node)

    def _Tuple(self, node: gast.Tuple) -> Seq:
        shown = self.shown(node)
        return shown if isinstance(shown, Seq) else super()._Tuple(node)

    def shown(self, node: gast.expr) -> Bound | None:
        """What a display or property gave that has been evaluated."""
        item = self.env.get(held(node)) if hasattr(node, "lineno") else None
        return None if item is None else self.fresh_item(item)


def displays(node: gast.AST) -> Iterator[gast.expr]:
    """What a loop runs over, also by `zip`, and what may call functions in it.

    Of a method, `o.table.items()`, that is what it is a method of.
    """
    if isinstance(node, gast.Call) and is_iterator(node):
        for arg in node.args:
            yield from displays(arg)
    elif isinstance(node, gast.List | gast.Tuple) and hasattr(node, "lineno"):
        if calls_in(node):
            yield node
    elif isinstance(node, gast.Attribute) and hasattr(node, "lineno"):
        if not calls_in(node):
            yield node
    elif isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
        yield from displays(node.func.value)


def sources(node: gast.Call) -> list[gast.AST]:
    """What the generators among the arguments of a call run over first."""
    given = [a for a in node.args if isinstance(a, gast.GeneratorExp)]
    return [a.generators[0].iter for a in given]


def held(node: gast.AST) -> str:
    """The name of what a display gave, which is none in the text."""
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return f"<{start}-{end}> display"

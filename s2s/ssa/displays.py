"""Lists, tuples, calls and properties that a loop runs over and that call functions.

In: `for p in [o.moved(v), o]`, `for p in o.parts()`, or in a comprehension. Out: the
loop, the display evaluated once before it. How a loop is built depends on what it runs
over, so the display is looked at several times; what it calls may change an object, and
must do so once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.dicts import is_iterator
from s2s.ssa.growing import calls_in
from s2s.ssa.ir import Value
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

    def _call_next(self, node: gast.Call) -> Bound:
        with self.once(*sources(node)):
            return super()._call_next(node)

    @contextmanager
    def once(self, *nodes: gast.AST) -> Iterator[None]:
        """While a loop is built, the displays in its header mean what they gave."""
        with ExitStack() as stack:
            for display in (d for node in nodes for d in displays(node)):
                if not isinstance(display, gast.Call) or self.runs_user(display):
                    self.consumed.add(display)
                    with self.made_ahead(display):
                        runs, item = self.runs, self.expr(display)
                    if self.runs != runs or not isinstance(display, gast.Attribute):
                        stack.enter_context(self.in_header(display, item))
                if isinstance(self.at, gast.For) and self.at.iter in nodes:
                    self.pending[-1].clear()  # it has a name now
            yield

    def runs_user(self, node: gast.Call) -> bool:
        """Whether a call is one of a function, or a method, that has source."""
        func = node.func
        if isinstance(func, gast.Name):
            callee = self.expr(func)
            return isinstance(callee, Value) and self.has_source(callee.const)
        if not isinstance(func, gast.Attribute):
            return False
        if (home := self.static_home(func.value)) is not None:
            return self.has_source(getattr(home, func.attr, None))
        if calls_in(func.value):
            return True
        base = self.expr(func.value)
        return isinstance(base, Seq) and base.cls is not None


def displays(node: gast.AST) -> Iterator[gast.expr]:
    """What a loop runs over, also by `zip`, and what may call functions in it.

    Of a method, `o.table.items()`, that is what it is a method of.
    """
    if isinstance(node, gast.Call) and is_iterator(node):
        for arg in node.args:
            yield from displays(arg)
    elif isinstance(node, gast.List | gast.Tuple):
        if calls_in(node):
            yield node
    elif isinstance(node, gast.Attribute):
        if not calls_in(node):
            yield node
    elif isinstance(node, gast.Call):
        if isinstance(node.func, gast.Attribute):
            yield from displays(node.func.value)
        yield node


def sources(node: gast.Call) -> list[gast.AST]:
    """What the generators among the arguments of a call run over first."""
    given = [a for a in node.args if isinstance(a, gast.GeneratorExp)]
    return [a.generators[0].iter for a in given]

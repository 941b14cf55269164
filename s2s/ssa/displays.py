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

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.dicts import VIEWS, is_iterator
from s2s.ssa.growing import calls_in
from s2s.ssa.ir import Value
from s2s.ssa.keyed_changes import KeyedChangeBuilder
from s2s.ssa.memory import Cell


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
        """While a loop is built, the displays in its header mean what they gave.

        What stands before them is evaluated after them: they must not change it.
        """
        late = set[Cell | Made]()  # what that is made of
        with ExitStack() as stack:
            for part in (p for node in nodes for p in parts(node)):
                if self.is_display(part):
                    self.consumed.add(part)
                    with self.made_ahead(part), self.taken_from(late):
                        runs, item = self.runs, self.expr(part)
                    if self.runs != runs or not isinstance(part, gast.Attribute):
                        stack.enter_context(self.in_header(part, item))
                elif not is_view(part):
                    late |= self.named_in([part])[0]
                if isinstance(self.at, gast.For) and self.at.iter in nodes:
                    self.pending[-1].clear()  # it has a name now
            yield

    def is_display(self, node: gast.AST) -> bool:
        """Whether it may call functions of the user's."""
        if isinstance(node, gast.Call):
            return self.runs_user(node)
        if isinstance(node, gast.Attribute):
            return not calls_in(node)
        return isinstance(node, gast.List | gast.Tuple) and calls_in(node)

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


def parts(node: gast.AST) -> Iterator[gast.AST]:
    """What a loop runs over, also by `zip`, in the order of Python; but for names.

    Of a method, `o.table.items()`, that is what it is a method of, too.
    """
    if is_iterator(node):
        for arg in node.args:
            yield from parts(arg)
        return
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
        yield from parts(node.func.value)
    if not isinstance(node, gast.Name | gast.Constant):
        yield node


def is_view(node: gast.AST) -> bool:
    """Whether an expression is `d.items()` or its like, which shows what d is."""
    return isinstance(node, gast.Call) and getattr(node.func, "attr", "") in VIEWS


def sources(node: gast.Call) -> list[gast.AST]:
    """What the generators among the arguments of a call run over first."""
    given = [a for a in node.args if isinstance(a, gast.GeneratorExp)]
    return [a.generators[0].iter for a in given]

"""What loops run over that is made while they run: `map`, `filter`, `itertools`.

In: a loop. Out: the arrays, lists and objects that its items are made of, one by one.
All items are made before the loop here, so none of these may change in it.

    for v in map(f, xs):                ys = [f(x) for x in xs]
        s += v                  ->      for v in ys:
                                            s += v
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType

import gast

from s2s.parse.names_live import names_read_in
from s2s.parse.nested import Nested
from s2s.ssa.bound import Made, flat, plain
from s2s.ssa.contexts import ContextBuilder
from s2s.ssa.growing import assigned_names
from s2s.ssa.identity import mades
from s2s.ssa.ir import Value
from s2s.ssa.memory import Cell, has_storage


class LazyBuilder(ContextBuilder):
    """Finds out what the items of a loop are made of."""

    def read_lazily(self, node: gast.For) -> set[Cell | Made]:
        calls = [*self.lazy_calls(node.iter)]
        if not calls:
            return set()
        parts = [n for call in calls for a in call.args for n in gast.walk(a)]
        inside = names_read_in(n for n in parts if isinstance(n, Nested))
        for name in inside & {*assigned_names(node)}:
            self.refuse(
                node,
                f"the loop assigns `{plain(name)}`, of which its items are made",
                "make a list of the items first: `for v in list(...)`",
            )
        found: set[Cell | Made] = set()
        for name in names_read_in(a for call in calls for a in call.args):
            if (item := self.env.get(name)) is not None:
                found |= {m for made in mades(item) for m in made.which}
                found |= {self.place_of(v).cell for v in flat(item) if has_storage(v)}
        return found

    def lazy_calls(self, node: gast.AST) -> Iterator[gast.Call]:
        """The calls of what makes its items one by one while this is run over.

        What anything else takes them from, `sum(map(f, xs))`, it has run over before.
        """
        if isinstance(node, gast.GeneratorExp):
            yield from self.lazy_calls(node.generators[0].iter)
        if not isinstance(node, gast.Call):
            return
        called = self.function_called(node)
        if makes_items(called):
            yield node
        if makes_items(called) or called in (zip, enumerate):
            for arg in node.args:
                yield from self.lazy_calls(arg)

    def function_called(self, node: gast.Call) -> object:
        """What a call is of, if that is a function or class of a library."""
        func = node.func
        if isinstance(func, gast.Attribute):
            return getattr(self.static_home(func.value), func.attr, None)
        callee = self.expr(func) if isinstance(func, gast.Name) else None
        return callee.const if isinstance(callee, Value) else None

    def static_home(self, node: gast.AST) -> object:
        """The module or class that a name stands for, or an attribute of one."""
        if isinstance(node, gast.Attribute):
            return getattr(self.static_home(node.value), node.attr, None)
        item = self.expr(node) if isinstance(node, gast.Name) else None
        found = item.const if isinstance(item, Value) else None
        return found if isinstance(found, ModuleType | type) else None


def makes_items(obj: object) -> bool:
    """Whether what a function returns makes its items while it is run over."""
    of_library = isinstance(obj, type) and obj.__module__ == "itertools"
    return of_library or obj in (map, filter, itertools.chain.from_iterable)

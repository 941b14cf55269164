"""What loops run over that is made while they run: `map`, generators, `itertools`.

In: a loop. Out: the arrays, lists and objects that its items are made of, one by one.
All items are made before the loop here, so none of these may change in it, nor may
anything that is older change while they are made.

    for v in map(f, xs):                ys = [f(x) for x in xs]
        s += v                  ->      for v in ys:
                                            s += v
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

import gast
import numpy as np

from s2s.parse.names_live import names_read_in
from s2s.parse.nested import Nested
from s2s.parse.source import is_generator
from s2s.ssa.bound import Bound, Made, Seq, flat, plain
from s2s.ssa.contexts import ContextBuilder
from s2s.ssa.growing import assigned_names, calls_in
from s2s.ssa.identity import mades
from s2s.ssa.ir import Value
from s2s.ssa.memory import Cell, has_storage
from s2s.ssa.types import UNDEF

READ_LATE = zip, enumerate, reversed


class LazyBuilder(ContextBuilder):
    """Finds out what the items of a loop are made of."""

    @contextmanager
    def made_ahead(self, *nodes: gast.AST) -> Iterator[None]:
        """While what is run over is evaluated: its items are made here."""
        lazy = any(True for node in nodes for _ in self.lazy_parts(node))
        if lazy:
            self.ahead.append(Value(UNDEF).number)
        try:
            yield
        finally:
            if lazy:
                self.ahead.pop()

    def known(self, node: gast.AST) -> Sequence[Bound] | None:
        with self.made_ahead(node):
            return super().known(node)

    def read_lazily(self, node: gast.For) -> set[Cell | Made]:
        """What items are made of; the loop must bind no name that these read late."""
        made = [*self.lazy_parts(node.iter), *getattr(node, "taken", ())]
        if not made:
            return set()
        late = names_read_in(n for m in made for n in read_late(m))
        found, called = self.named_in(made)
        for name in (late | called) & {*assigned_names(node)}:
            self.refuse(
                node,
                f"the loop assigns `{plain(name)}`, of which its items are made",
                "make a list of the items first: `for v in list(...)`",
            )
        return found

    def named_in(self, nodes: Iterable[gast.AST]) -> tuple[set[Cell | Made], set[str]]:
        """What objects that these name are made of, and names that functions read."""
        todo = [(n, self.env[n]) for n in names_read_in(nodes) if n in self.env]
        known, found = {name for name, _ in todo}, set[Cell | Made]()
        called = set[str]()
        while todo:
            _, item = todo.pop()
            found |= self.parts_of(item)
            for name, other in self.read_by_functions(item):
                called.add(name)
                if name not in known:
                    known.add(name)
                    todo.append((name, other))
        return found, called

    @contextmanager
    def taken_from(self, parts: set[Cell | Made]) -> Iterator[None]:
        """While something calls functions for items that are made of these."""
        self.lazily.append(parts)
        try:
            yield
        finally:
            self.lazily.pop()

    def parts_of(self, item: Bound) -> set[Cell | Made]:
        """What would have to change for an object to change."""
        found: set[Cell | Made] = {m for made in mades(item) for m in made.which}
        return found | {self.place_of(v).cell for v in flat(item) if has_storage(v)}

    def read_by_functions(self, item: Bound) -> Iterator[tuple[str, Bound]]:
        """The names that functions in an object read when they are called."""
        raise NotImplementedError

    def is_lazy(self, node: gast.AST) -> bool:
        """Whether the items of an object are made, or read, while it is run over."""
        reads = isinstance(node, gast.Call) and self.function_called(node) in READ_LATE
        return reads or any(True for _ in self.lazy_parts(node))

    def lazy_parts(self, node: gast.AST) -> Iterator[gast.Call | gast.GeneratorExp]:
        """What makes its items one by one while this is run over.

        What anything else takes them from, `sum(map(f, xs))`, it has run over before.
        """
        if isinstance(node, gast.GeneratorExp):
            yield node
            yield from self.lazy_parts(node.generators[0].iter)
        if isinstance(node, gast.Name) and self.yields(node, "__iter__"):
            yield node
        if not isinstance(node, gast.Call):
            return
        called = self.function_called(node)
        if makes_items(called) or self.is_a_generator(node, called):
            yield node
        if makes_items(called) or called in (zip, enumerate):
            for arg in node.args:
                yield from self.lazy_parts(arg)

    def is_a_generator(self, node: gast.Call, called: object) -> bool:
        """Whether what is called is a function that yields, made here or outside."""
        unit, func = getattr(called, "unit", None), node.func
        if isinstance(func, gast.Attribute) and called is None:
            return self.yields(func.value, func.attr)
        return is_generator(called) or (unit is not None and bool(unit.parsed.collects))

    def yields(self, node: gast.AST, name: str) -> bool:
        """Whether a method of an object is a generator function."""
        item = None if calls_in(node) else self.expr(node)
        cls = item.cls if isinstance(item, Seq) else None
        return is_generator(inspect.getattr_static(cls, name, None))

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
    return of_library or obj in (
        map, filter, itertools.chain.from_iterable, np.ndindex, np.ndenumerate,
    )  # fmt: skip


def read_late(node: gast.AST) -> list[gast.AST]:
    """What of it is evaluated for each item: its first iterable is evaluated before."""
    if not isinstance(node, gast.GeneratorExp):
        args = getattr(node, "args", ())
        return [n for a in args for n in gast.walk(a) if isinstance(n, Nested)]
    first, *rest = node.generators
    none = gast.copy_location(gast.Constant(None, None), node)
    first = gast.comprehension(first.target, none, first.ifs, 0)
    return [gast.GeneratorExp(node.elt, [first, *rest])]

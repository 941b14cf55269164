"""A program as text, and how near a run of it comes to another branch.

>>> program = Program("def f(x):\\n    return abs(x) if x > 1.0 else x\\n")
>>> program.function(3.0)
3.0
>>> program.distance((1.25,))
0.25
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import itertools
import linecache
import math
import operator
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from things import Body, Cell, Pair

_serial = itertools.count()
ITERATORS = [
    "accumulate", "chain", "combinations", "islice", "pairwise", "product", "starmap",
    "takewhile", "zip_longest",
]  # fmt: skip
# what the text of a program finds
SCOPE: dict[str, Any] = {
    "__name__": "program",
    "np": np, "math": math, "reduce": reduce, "partial": partial,
    "copy": copy, "deque": deque, "dataclasses": dataclasses,
    "Body": Body, "Cell": Cell, "Pair": Pair,
    **{name: getattr(itertools, name) for name in ITERATORS},
}  # fmt: skip
COMPARISONS = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq",
    ast.NotEq: "ne", ast.Is: "is_",
}  # fmt: skip


NUMBERS = (int, float, np.ndarray, np.generic, list, tuple)


@dataclass(frozen=True)
class Program:
    text: str

    def defined(self) -> Callable[..., Any]:
        scope = dict(SCOPE)
        exec(compile(self.text, "<watched>", "exec"), scope)
        return scope["f"]

    @property
    def function(self) -> Callable[..., Any]:
        """The function, with its source where inspect finds it."""
        file = f"<program {next(_serial)}>"
        lines = self.text.splitlines(keepends=True)
        linecache.cache[file] = len(self.text), None, lines, file
        scope = dict(SCOPE)
        exec(compile(self.text, file, "exec"), scope)
        return scope["f"]

    def distance(self, args: tuple[Any, ...]) -> float:
        """How near a run comes to a tie of floats (in a comparison, an abs, a max)."""
        tree = ast.fix_missing_locations(Watched().visit(ast.parse(self.text)))
        watch = Watch()
        scope = {**SCOPE, "np": watch, "compared": watch.compared}
        scope |= {"abs": watch.abs, "max": watch.largest, "min": watch.smallest}
        scope |= {"sorted": watch.sorted}
        exec(compile(tree, "<watched>", "exec"), scope)
        scope["f"](*args)
        return watch.least


class Watched(ast.NodeTransformer):
    """`a < b < c` becomes `compared(['lt', 'lt'], a, b, lambda: c)`."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            return node
        names = [ast.Constant(COMPARISONS[type(op)]) for op in node.ops]
        none = ast.arguments([], [], None, [], [], None, [])
        first, *later = node.comparators
        operands = [node.left, first, *(ast.Lambda(none, x) for x in later)]
        called = ast.Name("compared", ast.Load())
        return ast.Call(called, [ast.List(names, ast.Load()), *operands], [])


class Watch:
    """NumPy, with an eye on the functions that have kinks."""

    least = math.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def near(self, x: Any, y: Any) -> None:
        if not isinstance(x, NUMBERS) or not isinstance(y, NUMBERS):
            return
        gap = np.abs(np.subtract(x, y))
        if gap.dtype.kind == "f":
            self.least = min(self.least, float(np.min(gap, initial=math.inf)))

    def compared(
        self, names: list[str], x: Any, y: Any, *later: Callable[[], Any]
    ) -> Any:
        """Each operand is computed once, and only if it is needed."""
        result = True
        for name, operand in zip(names, (None, *later), strict=True):
            y = operand() if operand else y
            self.near(x, y)
            result = getattr(operator, name)(x, y)
            if len(names) > 1 and not result:
                return result
            x = y
        return result

    def abs(self, x: Any) -> Any:
        self.near(x, 0.0)
        return np.abs(x)

    def maximum(self, x: Any, y: Any) -> Any:
        self.near(x, y)
        return np.maximum(x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        self.near(x, y)
        return np.minimum(x, y)

    def clip(self, x: Any, low: Any, high: Any) -> Any:
        self.near(x, low)
        self.near(x, high)
        return np.clip(x, low, high)

    def max(self, x: Any) -> Any:
        highest = np.sort(np.ravel(x))[-2:]
        self.near(highest[0], highest[-1] if len(highest) > 1 else math.inf)
        return np.max(x)

    def min(self, x: Any) -> Any:
        return -self.max(-np.asarray(x))

    def sorted(
        self, items: Iterable[Any], *, key: Any = None, reverse: bool = False
    ) -> list[Any]:
        """What is sorted, a key of each computed once."""
        items = list(items)
        keys = [key(x) for x in items] if key else items
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
        for k, after in itertools.pairwise(order):
            self.near(keys[k], keys[after])
        return [items[k] for k in order]

    def largest(self, *items: Any, key: Any = None, **rest: Any) -> Any:
        found = self.sorted(items if items[1:] else items[0], key=key, reverse=True)
        return found[0] if found else max(found, **rest)

    def smallest(self, *items: Any, key: Any = None, **rest: Any) -> Any:
        found = self.sorted(items if items[1:] else items[0], key=key)
        return found[0] if found else min(found, **rest)

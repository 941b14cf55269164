"""A program as text, and how near a run of it comes to another branch.

>>> program = Program("def f(x):\\n    return abs(x) if x > 1.0 else x\\n")
>>> program.function(3.0)
3.0
>>> program.distance((1.25,))
0.25
"""

from __future__ import annotations

import ast
import linecache
import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

_serial = count()


@dataclass(frozen=True)
class Program:
    text: str

    def defined(self, scope: dict[str, Any]) -> Callable[..., Any]:
        exec(compile(self.text, "<watched>", "exec"), scope)
        return scope["f"]

    @property
    def function(self) -> Callable[..., Any]:
        """The function, with its source where inspect finds it."""
        file = f"<program {next(_serial)}>"
        lines = self.text.splitlines(keepends=True)
        linecache.cache[file] = len(self.text), None, lines, file
        scope: dict[str, Any] = {"np": np, "math": math}
        exec(compile(self.text, file, "exec"), scope)
        return scope["f"]

    def distance(self, args: tuple[Any, ...]) -> float:
        """How near a run comes to a tie of floats (in a comparison, an abs, a max)."""
        tree = ast.fix_missing_locations(Watched().visit(ast.parse(self.text)))
        watch = Watch()
        scope = {"np": watch, "math": math, "near": watch.near}
        scope |= {"abs": watch.abs, "max": watch.maximum, "min": watch.minimum}
        exec(compile(tree, "<watched>", "exec"), scope)
        scope["f"](*args)
        return watch.least


class Watched(ast.NodeTransformer):
    """`a < b` becomes `near(a, b) and a < b`."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        tests: list[ast.expr] = []
        for x, op, y in zip(operands, node.ops, operands[1:], strict=False):
            near = ast.Call(ast.Name("near", ast.Load()), [x, y], [])
            tests += [near, ast.Compare(x, [op], [y])]
        return ast.BoolOp(ast.And(), tests)


class Watch:
    """NumPy, with an eye on the functions that have kinks."""

    least = math.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def near(self, x: Any, y: Any) -> bool:
        gap = np.abs(np.subtract(x, y))
        if gap.dtype.kind == "f":
            self.least = min(self.least, float(np.min(gap, initial=math.inf)))
        return True

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

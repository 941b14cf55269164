"""Definitions of the methods of ufuncs: `np.add.reduce`, `np.multiply.outer`...

A reduction or accumulation by an operation is a function with a rule of its own; an
outer operation is the operation with new axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.ssa.bound import Bound
from s2s.ssa.definitions import define, rank, rewrite

REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}
OUTER = (
    "add subtract multiply divide power maximum minimum arctan2 hypot logaddexp "
    "less greater less_equal greater_equal equal not_equal"
)


def reduction(name: str, other: str) -> None:
    @rewrite(getattr(np, name).reduce, "array")
    def reduce(array: Any, axis: Any = 0, keepdims: Any = False) -> str:
        return f"np.{other}(array, axis=axis, keepdims=keepdims)"


def accumulation(name: str, other: str) -> None:
    @rewrite(getattr(np, name).accumulate, "array")
    def accumulate(array: Any, axis: Any = 0) -> str:
        return f"np.{other}(array, axis=axis)"


def outer(name: str) -> None:
    @rewrite(getattr(np, name).outer, "A", "B")
    def outer(A: Bound, B: Bound) -> str:
        what = f"np.{name}.outer"
        rows, columns = rank(A, what), rank(B, what)
        new = f"A[{':, ' * rows}{', '.join(['None'] * columns)}]"
        return f"np.{name}({new if rows and columns else 'A'}, B)"


for name, other in REDUCTIONS.items():
    reduction(name, other)
for name, other in ACCUMULATIONS.items():
    accumulation(name, other)
for name in OUTER.split():
    outer(name)


@define(np.logaddexp.reduce, "array")
def logaddexp_reduce(array, axis=0, keepdims=False):  # type: ignore[no-untyped-def]
    """The greatest term is taken out, so that nothing overflows."""
    top = np.max(array, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(array - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)

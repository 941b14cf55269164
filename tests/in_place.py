"""Running the programs that update arrays in place, and comparing what they give.

>>> def doubled(x):
...     x *= 2.0
...     return x
>>> x = np.ones(2)
>>> near(run(doubled, x), [2.0, 2.0])
>>> x
array([1., 1.])
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from programs import factorizations, flows, recursions, stencils, training

MODULES = [stencils, flows, factorizations, recursions, training]
ROUNDING = 1e-12  # two exact ways of computing the same


def run(f: Callable[..., Any], *args: Any) -> Any:
    """The result of `f` on copies of its arguments, which it may change."""
    return f(*copy.deepcopy(args))


def cases(f: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """The argument lists with which `f` stands in its module."""
    return [args for module in MODULES for g, args in module.CASES if g is f]


def near(got: Any, want: Any, tolerance: float = ROUNDING) -> None:
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)

"""Programs that write into arrays; a module collects them, one `@case(*args)` each.

>>> case = Cases()
>>> @case(2.0)
... def double(x):
...     return 2.0 * x
>>> [(f.__name__, args) for f, args in case.found]
[('double', (2.0,))]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

V = np.array([0.3, -0.8, 1.1])
P = np.array([0.6, 1.3, 0.9])  # all positive
L = np.array([0.9, -0.4, 0.7, 1.2, -0.6, 0.5])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])
S = np.array([[2.1, 0.3, -0.4], [0.5, 1.8, 0.2], [-0.3, 0.6, 2.4]])


@dataclass
class Cases:
    """Programs with arguments, in the order of the file."""

    may_refuse: bool = False
    found: list[tuple[Callable[..., Any], tuple[Any, ...]]] = field(
        default_factory=list
    )

    def __call__(self, *args: Any) -> Callable[[Callable[..., Any]], Any]:
        def collect(f: Callable[..., Any]) -> Callable[..., Any]:
            self.found.append((f, args))
            return f

        return collect

"""One maker of fresh names. They are deterministic and avoid the user's.

In: the names that are taken, then one hint after another. Out: an identifier for each.

>>> names = Names(["x", "x_bar"])
>>> names.fresh("y_bar"), names.fresh("x_bar"), names.fresh("x_bar")
('y_bar', 'x_bar2', 'x_bar3')
>>> names.fresh("lambda"), names.fresh("sum")
('lambda2', 'sum2')
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable
from itertools import count

# A keyword cannot be a name; a name like a builtin would hide it from the code below.
NEVER = frozenset(keyword.kwlist) | frozenset(dir(builtins))


class Names:
    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*NEVER, *taken}
        self._next: dict[str, count[int]] = {}

    def reserve(self, name: str) -> None:
        """Never hand out this name."""
        self._taken.add(name)

    def fresh(self, hint: str) -> str:
        """The hint itself if it is free, else hint2, hint3, and so on."""
        name = hint
        numbers = self._next.setdefault(hint, count(2))
        while name in self._taken:
            name = f"{hint}{next(numbers)}"
        self._taken.add(name)
        return name

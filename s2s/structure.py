"""Nested tuples and lists as one row of leaves, and back.

In: an object. Out: its leaves, left to right; an object of the same structure, made of
others.

>>> leaves((1.0, [2.0, (3.0,)]))
[1.0, 2.0, 3.0]
>>> rebuilt((1.0, [2.0, (3.0,)]), iter("abc"))
('a', ['b', ('c',)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(item: Any) -> list[Any]:
    """The numbers, arrays and other objects that an object is made of."""
    if isinstance(item, tuple | list):
        return [leaf for part in item for leaf in leaves(part)]
    return [item]


def rebuilt(like: Any, values: Iterator[Any]) -> Any:
    """An object of the same structure, of other leaves."""
    if isinstance(like, tuple | list):
        return type(like)([rebuilt(part, values) for part in like])
    return next(values)


def mapped(function: Callable[[Any], Any], item: Any) -> Any:
    """The object with each leaf replaced by what the function makes of it."""
    return rebuilt(item, map(function, leaves(item)))

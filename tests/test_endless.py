"""Functions that call themselves with objects of another structure each time."""

from __future__ import annotations

import pytest

import s2s

X = 0.7


def appended(n, x, found):
    if n == 0:
        return sum(found)
    found.append(x)
    return appended(n - 1, x * x, found)


def test_lists_that_grow_are_refused():
    with pytest.raises(s2s.UnsupportedError, match="calls itself: `found` is a list"):
        s2s.grad(lambda n, x: appended(n, x, []), 1)(3, X)

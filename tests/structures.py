"""Nested containers of numbers: walked, compared, checked for shared memory.

>>> leaves([1.0, (2.0, [3.0])])
[1.0, 2.0, 3.0]
>>> mapped(lambda x: 2 * x, [1.0, (2.0,)])
[2.0, (4.0,)]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from s2s.structure import form_of, items_of, leaves


def mapped(change: Callable[..., Any], value: Any, *others: Any) -> Any:
    """The same structure with every leaf changed."""
    form = form_of(value)
    if form is None:
        return change(value, *others)
    rows = zip(*(items_of(form, v) for v in (value, *others)), strict=True)
    return form.of([mapped(change, *parts) for parts in rows])


def is_float(leaf: Any) -> bool:
    return np.asarray(leaf).dtype.kind == "f"


def varies(arg: Any) -> bool:
    return any(map(is_float, leaves(arg)))


def inner(a: Any, b: Any) -> float:
    """The pairing of cotangents with tangents; None and integers pair to nothing."""
    pairs = zip(leaves(a), leaves(b), strict=True)
    return math.fsum(
        float(np.sum(np.asarray(p, float) * np.asarray(q, float)))
        for p, q in pairs
        if p is not None and q is not None
    )


def direction(value: Any, rng: np.random.Generator) -> Any:
    """A random tangent or cotangent; None for what has none.

    Small numbers get small tangents, so that differences stay near them.
    """

    def one(leaf: Any) -> Any:
        if not is_float(leaf):
            return None
        size = np.where(leaf == 0.0, 1.0, np.minimum(1.0, np.abs(leaf)))
        drawn = size * rng.uniform(-1.0, 1.0, np.shape(leaf))
        if isinstance(leaf, float) and not isinstance(leaf, np.generic):
            return float(drawn)
        return (
            drawn.astype(leaf.dtype)[()]
            if np.ndim(leaf) == 0
            else drawn.astype(leaf.dtype)
        )

    return mapped(one, value)


def close(got: Any, want: Any, tolerance: float, what: str) -> None:
    """Same structure, same shapes, no NaN, and nearly the same numbers."""
    gots, wants = leaves(got), leaves(want)
    assert len(gots) == len(wants), f"{what}: {got!r} is not built like {want!r}"
    for g, w in zip(gots, wants, strict=True):
        if w is None or isinstance(w, str):
            assert g == w, f"{what}: {g!r}, not {w!r}"
            continue
        assert np.shape(g) == np.shape(w), (
            f"{what}: shapes {np.shape(g)}, {np.shape(w)}"
        )
        assert np.all(np.isfinite(g)), f"{what}: {g!r} is not finite"
        scale = 1.0 + np.max(np.abs(w), initial=0.0)
        error = np.max(np.abs(np.asarray(g, float) - np.asarray(w, float)), initial=0.0)
        assert error <= tolerance * scale, f"{what}: {g!r} differs from {w!r}"


def like(derivative: Any, value: Any, what: str) -> None:
    """A derivative has the structure, shapes and dtypes of the value it belongs to."""
    form = form_of(value)
    if form is not None:
        assert form_of(derivative) == form, f"{what}: {derivative!r}"
        pairs = zip(items_of(form, derivative), items_of(form, value), strict=True)
        for d, v in pairs:
            like(d, v, what)
    elif isinstance(value, np.ndarray) and value.ndim and is_float(value):
        assert isinstance(derivative, np.ndarray), f"{what}: {derivative!r}"
        assert derivative.dtype == value.dtype, f"{what}: {derivative.dtype}"
        assert derivative.shape == value.shape, f"{what}: {derivative.shape}"
    elif isinstance(value, float):
        assert isinstance(derivative, float), f"{what}: {derivative!r}"
    elif value is not None and is_float(value):
        assert np.ndim(derivative) == 0, f"{what}: {derivative!r}"
        assert np.asarray(derivative).dtype == value.dtype, f"{what}: {derivative!r}"
    elif derivative is not None:  # of what is a float on another path
        assert is_float(derivative) and np.shape(derivative) == np.shape(value), what
        assert not np.any(derivative), f"{what} of {value!r}: {derivative!r}"


def disjoint(new: Any, old: Sequence[Any], what: str) -> None:
    """The arrays of `new` share no memory with each other nor with `old`."""
    mine = [a for a in leaves(new) if isinstance(a, np.ndarray) and a.size]
    others = [a for a in leaves(list(old)) if isinstance(a, np.ndarray)]
    for k, a in enumerate(mine):
        assert a.flags.writeable, f"{what}: a result cannot be written"
        for b in mine[:k] + others:
            assert not np.shares_memory(a, b), f"{what}: {a!r} is shared"


def same(got: Any, want: Any, what: str) -> None:
    """Exactly the same numbers: the user's own text was run."""
    close(got, want, 0.0, what)


def same_value(got: Any, want: Any, what: str) -> None:
    """The same, for what a program computes.

    From Python 3.12 on, `sum` of floats is rounded once, and a loop each time.
    """
    close(got, want, 0.0 if sys.version_info < (3, 12) else 1e-14, what)

"""Objects that make arrays where they are indexed: np.r_, np.c_, np.mgrid, np.ogrid.

Each gives the text for an index `p`, whose slices are triples:

    np.r_[0.0, x, 1:n]   ->   np.concatenate([np.array([0.0]), x, np.arange(1, n)])
"""

from __future__ import annotations

import numpy as np

from s2s.ssa.bound import Bound, Seq, is_slice
from s2s.ssa.definitions import constant, rank, unsupported, when_indexed
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value


def positions(k: int, cut: Bound) -> str:
    """The numbers of a slice: with a step of `5j` there are five, the stop included."""
    assert isinstance(cut, Seq)
    start, stop, step = (_text(f"p[{k}][{n}]", end) for n, end in enumerate(cut.items))
    if not stop:
        unsupported("a slice needs an end here")
    by = cut.items[2]
    if isinstance(by, Value) and kind_of(by.type) == "complex":
        count = int(abs(constant(by, "the number of points")))
        return f"np.linspace({start or 0}, {stop}, {count})"
    return f"np.arange({start or 0}, {stop}{step and f', {step}'})"


def _text(name: str, end: Bound) -> str:
    none = isinstance(end, Value) and end.is_const and end.const is None
    return "" if none else name


@when_indexed(np.r_)
def r_(*parts: Bound) -> str:
    """One after the other; numbers in a row make an array."""
    pieces: list[str] = []
    numbers: list[str] = []
    for k, part in enumerate(parts):
        if isinstance(part, Value) and isinstance(part.const, str):
            unsupported("np.r_ with directions is not supported", "use np.concatenate")
        if is_number(part):
            numbers.append(f"p[{k}]")
            continue
        if numbers:
            pieces.append(f"np.array([{', '.join(numbers)}])")
        numbers = []
        pieces.append(piece(k, part))
    if numbers:
        pieces.append(f"np.array([{', '.join(numbers)}])")
    made = len(pieces) == 1 and pieces[0].startswith("np.")
    return pieces[0] if made else f"np.concatenate([{', '.join(pieces)}])"


def is_number(part: Bound) -> bool:
    return isinstance(part, Value) and rank(part, "np.r_") == 0


def piece(k: int, part: Bound) -> str:
    if is_slice(part):
        return positions(k, part)
    return f"np.array(p[{k}])" if isinstance(part, Seq) else f"p[{k}]"


@when_indexed(np.c_)
def c_(*parts: Bound) -> str:
    """Vectors are columns."""
    if any(is_number(part) for part in parts):
        unsupported("np.c_ of numbers is not supported", "use np.column_stack")
    pieces = [piece(k, part) for k, part in enumerate(parts)]
    return f"np.column_stack([{', '.join(pieces)}])"


def axes(parts: tuple[Bound, ...]) -> list[str]:
    if not all(map(is_slice, parts)):
        unsupported("a grid is made of slices")
    return [positions(k, part) for k, part in enumerate(parts)]


@when_indexed(np.mgrid)
def mgrid(*parts: Bound) -> str:
    first, *others = axes(parts)
    if not others:
        return first
    return f'np.stack(np.meshgrid({", ".join([first, *others])}, indexing="ij"))'


@when_indexed(np.ogrid)
def ogrid(*parts: Bound) -> str:
    first, *others = axes(parts)
    if not others:
        return first
    lines = []
    for k, text in enumerate([first, *others]):
        before, after = "None, " * k, ", None" * (len(others) - k)
        lines.append(f"({text})[{before}:{after}]")
    return ", ".join(lines)

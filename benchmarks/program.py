"""What a benchmark program consists of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Program:
    """One function, and its value and gradient as people would write them by hand.

    `hand` reverses the primal statement by statement. Where an expert would also
    move work across loop iterations, which no statement-wise reversal does, that
    version stands in `tuned`. Both return (value, one gradient per name in `wrt`).
    `jax` and `torch` compute the value alone, in the style of their library. A primal
    that updates arrays `in_place` copies its arguments first, to be called again; one
    with `helpers` calls functions beside it, which are in plain Python.
    """

    name: str
    primal: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[str, ...]
    hand: Callable[..., Any]
    jax: Callable[..., Any] | None  # None: it cannot trace this
    torch: Callable[..., Any]
    tuned: Callable[..., Any] | None = None
    in_place: bool = False
    helpers: bool = False

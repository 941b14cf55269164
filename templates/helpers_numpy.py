"""Helpers that some derivatives need; their source is written into generated modules.

Plain NumPy, each complete in itself. The row of each stands below it; one without
partials is refused where it would be differentiated again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from s2s.rules import RULES
from s2s.ssa.infer import of_numbers, over, same_as

rule, custom = RULES.rule, RULES.custom


def once_only(text: str, *at: str, type: Any = None, **more: Any) -> None:
    """A row that is refused where it is active."""
    because = "derivatives of higher order are not worked out"
    custom(
        f"z = {text}", vjp=(), jvp=(), type=type or same_as("x"), because=because,
        at=at, **more,
    )  # fmt: skip


@RULES.helper
def polygamma(n: int, x: float) -> float:
    """The n-th derivative of the digamma function, for a number x."""
    x, total = float(x), 0.0
    while x < 15.0:  # upwards by recurrence, to where the asymptotic series holds
        total += math.factorial(n) / x ** (n + 1)
        x += 1.0
    total += math.factorial(n) / (2.0 * x ** (n + 1))
    total += math.factorial(n - 1) / x**n if n else -math.log(x)
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
    for k, b in enumerate(bernoulli, 1):
        ratio = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        total += b * ratio / x ** (2 * k + n)
    return total if n % 2 else -total


rule(
    "z = polygamma(n, x)",
    None,
    "g * polygamma(n + 1, x)",
    type=of_numbers,
    elementwise=False,
    on=((0, 3), (0.5, 20.0)),
)


@RULES.helper
def sinc_slope(x: np.ndarray) -> np.ndarray:
    """The derivative of np.sinc: by its series near 0, where terms would cancel."""
    u = math.pi * x
    far = np.where(np.abs(u) > 1.0, u, 1.0)
    slope = (np.cos(far) - np.sin(far) / far) / far
    series = 0.0 * u
    for k in range(9, 0, -1):
        series = (-1.0) ** k * 2 * k / math.factorial(2 * k + 1) + u**2 * series
    return math.pi * np.where(np.abs(u) > 1.0, slope, u * series)


once_only(
    "sinc_slope(x)",
    "sinc_slope(a34)",
    "sinc_slope(s)",
    type=over("x"),
    elementwise=True,
)

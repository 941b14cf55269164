"""Definitions of the normal distribution of scipy.stats, where a program imports it.

norm.cdf(x, m, s)   ->   special.ndtr((x - m) / s)
"""

from __future__ import annotations

from typing import Any

import s2s.templates.scipy_special  # noqa: F401  (what the texts call)
from scipy import special
from scipy.stats import norm

from s2s.ssa.bound import Bound
from s2s.ssa.definitions import rewrite
from s2s.ssa.ir import Value

# of x, and of a probability q; {x} is (x - loc) / scale
TEXTS = {
    "cdf": "special.ndtr({x})",
    "sf": "special.ndtr(-{x})",
    "logcdf": "special.log_ndtr({x})",
    "logsf": "special.log_ndtr(-{x})",
    "pdf": "np.exp(-0.5 * {x}**2) / ({scale}math.sqrt(2.0 * math.pi))",
    "logpdf": "-0.5 * {x}**2 - np.log({scale}math.sqrt(2.0 * math.pi))",
}
INVERSES = {"ppf": "special.ndtri(q)", "isf": "-special.ndtri(q)"}


def is_number(item: Any, number: int) -> bool:
    return isinstance(item, Value) and item.is_const and item.const == number


def of_x(name: str, text: str) -> None:
    @rewrite(getattr(norm, name), "x", special=special)
    def at(x: Bound, loc: Any = 0, scale: Any = 1) -> str:
        standard = is_number(scale, 1)
        moved = "x" if is_number(loc, 0) else "(x - loc)"
        scaled = moved if standard else f"({moved} / scale)"
        return text.format(x=scaled, scale="" if standard else "scale * ")


def of_q(name: str, text: str) -> None:
    @rewrite(getattr(norm, name), "q", special=special)
    def at(q: Bound, loc: Any = 0, scale: Any = 1) -> str:
        scaled = text if is_number(scale, 1) else f"{text} * scale"
        return scaled if is_number(loc, 0) else f"{scaled} + loc"


for name, text in TEXTS.items():
    of_x(name, text)
for name, text in INVERSES.items():
    of_q(name, text)

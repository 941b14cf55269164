"""Directional derivatives by Ridders' method: differences, extrapolated.

>>> slope, error = differences(lambda x: x * x, [3.0], [1.0], 1e-2)
>>> bool(abs(slope[0] - 6.0) < 1e-9), error < 1e-9
(True, True)
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from structures import close, is_float, leaves, mapped

DIFFERENCES = 1e-6  # tolerated, relative


class Unsettled(AssertionError):
    """The program is too rough for differences to tell."""


def differences(
    f: Callable[..., Any], args: Sequence[Any], dots: Sequence[Any], h: float
) -> tuple[list[Any], float]:
    """The directional derivative by Ridders' method, and an estimate of its error."""

    def moved(step: float) -> list[np.ndarray]:
        def move(leaf: Any, dot: Any) -> Any:
            if dot is None:
                return leaf
            return (
                leaf + type(leaf)(step) * dot
                if np.ndim(leaf) == 0
                else leaf + step * dot
            )

        at = [
            mapped(move, a, d) if d is not None else a
            for a, d in zip(args, dots, strict=True)
        ]
        out = f(*copy.deepcopy(at))
        return [np.asarray(v, float) for v in leaves(out) if is_float(v)]

    shrink, best, error = 2.0, [], math.inf
    rows: list[list[np.ndarray]] = []
    for k in range(9):
        step = h / shrink**k
        row = [
            np.concatenate(
                [np.zeros(0)]
                + [
                    np.ravel(p - m)
                    for p, m in zip(moved(step), moved(-step), strict=True)
                ]
            )
            / (2.0 * step)
        ]
        for j in range(k):
            factor = shrink ** (2 * j + 2)
            row.append((factor * row[j] - rows[-1][j]) / (factor - 1.0))
            estimate = max(
                np.max(np.abs(row[-1] - row[-2]), initial=0.0),
                np.max(np.abs(row[-1] - rows[-1][j]), initial=0.0),
            )
            if estimate < error:
                error, best = float(estimate), row[-1]
        rows.append(row)
    return best, error


def against_differences(
    f: Callable[..., Any],
    args: Sequence[Any],
    dots: Sequence[Any],
    out_dot: Any,
    step: float,
) -> None:
    want, error = differences(f, args, dots, step)
    got = np.concatenate(
        [np.zeros(0)]
        + [np.ravel(v).astype(float) for v in leaves(out_dot) if v is not None]
    )
    scale = 1.0 + float(np.max(np.abs(want), initial=0.0))
    if not error < DIFFERENCES * scale:
        raise Unsettled(f"the differences do not settle: {want} with error {error}")
    close(got, want, DIFFERENCES, "tangent against differences")

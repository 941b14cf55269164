"""Definitions of functions of scipy.linalg; imported where a program has imported it.

Each is written with NumPy's functions, which have rules.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg

from s2s.ssa.definitions import define, unsupported


@define(linalg.solve, "b")
def solve(a, b):  # type: ignore[no-untyped-def]
    return np.linalg.solve(a, b)


@define(linalg.inv)
def inv(a):  # type: ignore[no-untyped-def]
    return np.linalg.inv(a)


@define(linalg.det)
def det(a):  # type: ignore[no-untyped-def]
    return np.linalg.det(a)


@define(linalg.norm)
def norm(a, ord=None, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)


@define(linalg.eigh)
def eigh(a):  # type: ignore[no-untyped-def]
    return np.linalg.eigh(a)


@define(linalg.solve_triangular, "b")
def solve_triangular(a, b, trans=0, lower=False):  # type: ignore[no-untyped-def]
    """Only one triangle is read."""
    part = np.tril(a) if lower else np.triu(a)
    return np.linalg.solve(part.T if trans else part, b)


@define(linalg.cholesky)
def cholesky(a, lower=False):  # type: ignore[no-untyped-def]
    """The triangle that is returned is the one that is read."""
    return np.linalg.cholesky(a) if lower else np.linalg.cholesky(a.T).T


@define(linalg.cho_factor)
def cho_factor(a, lower=False):  # type: ignore[no-untyped-def]
    return linalg.cholesky(a, lower=lower), lower


@define(linalg.cho_solve, "b")
def cho_solve(c_and_lower, b):  # type: ignore[no-untyped-def]
    factor, lower = c_and_lower
    part = np.tril(factor) if lower else np.triu(factor).T
    return np.linalg.solve(part.T, np.linalg.solve(part, b))


@define(linalg.expm)
def expm(A):  # type: ignore[no-untyped-def]
    unsupported("`scipy.linalg.expm` has no derivative rule", "use `s2s.custom_vjp`")

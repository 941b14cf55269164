"""Derivatives of functions of scipy.special; imported where a program has imported it.

The calls are kept, as those of functions whose derivatives the user gives; what is made
of exponentials and sums is built as such.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from s2s.ssa.custom import CUSTOMS, Custom
from s2s.ssa.definitions import define


def known(function: Any, names: tuple[str, ...], **what: Any) -> None:
    """Derivatives of a function, unless the user has given others."""
    custom = Custom(names, fn=function, ours=True, **what)
    CUSTOMS.setdefault(id(function), custom)


# the derivative in terms of NumPy -----------------------------------------------------

ELEMENTWISE = {
    "erf": "g * (2.0 / math.sqrt(math.pi) * np.exp(-(x**2)))",
    "erfc": "g * (-2.0 / math.sqrt(math.pi) * np.exp(-(x**2)))",
    "erfinv": "g * (0.5 * math.sqrt(math.pi) * np.exp(z**2))",
    "ndtr": "g * (np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi))",
    "ndtri": "g * (np.exp(0.5 * z**2) * math.sqrt(2.0 * math.pi))",
    "expit": "g * (z * (1.0 - z))",
    "logit": "g / (x * (1.0 - x))",
    "exp10": "g * (math.log(10.0) * z)",
    "log_ndtr": "g * (np.exp(-0.5 * x**2 - z) / math.sqrt(2.0 * math.pi))",
}
for name, partial in ELEMENTWISE.items():
    if hasattr(special, name):  # some versions of SciPy have fewer
        known(getattr(special, name), ("x",), partials=(partial,))
known(special.xlogy, ("x", "y"), partials=("g * np.log(y)", "g * x / y"))

# the derivative in terms of other functions -------------------------------------------


def given(function: Any, slope: Any) -> None:
    """A function of one argument whose derivative `slope(z, x)` gives."""

    def vjp(g, z, x):  # type: ignore[no-untyped-def]
        return g * slope(z, x)

    def jvp(z, x, dot):  # type: ignore[no-untyped-def]
        return slope(z, x) * dot

    known(function, ("x",), vjp=vjp, jvp=jvp)


given(special.gammaln, lambda z, x: special.digamma(x))
given(special.gamma, lambda z, x: z * special.digamma(x))
given(special.log_expit, lambda z, x: special.expit(-x))
known(special.digamma, ("x",))  # gammaln and gamma have no second derivative here


# sums of exponentials -----------------------------------------------------------------


@define(special.logsumexp, "a")
def logsumexp(a, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    """The greatest term is taken out, so that nothing overflows."""
    top = np.max(a, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


@define(special.softmax, "x")
def softmax(x, axis=None):  # type: ignore[no-untyped-def]
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@define(special.log_softmax, "x")
def log_softmax(x, axis=None):  # type: ignore[no-untyped-def]
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))

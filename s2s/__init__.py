"""Derivatives of NumPy programs, as source code you would have written yourself."""

from s2s.api import grad, jvp, value_and_grad, vjp
from s2s.check import GradientError, check_grads
from s2s.custom import custom_jvp, custom_vjp, rule, stop_gradient, zero
from s2s.derivative import Derivative
from s2s.errors import (
    OverlapError,
    S2SError,
    SourceError,
    TypingError,
    UnsupportedError,
)
from s2s.jacobian import hessian, hvp, jacfwd, jacrev, linearize

__all__ = [
    "Derivative",
    "GradientError",
    "OverlapError",
    "S2SError",
    "SourceError",
    "TypingError",
    "UnsupportedError",
    "check_grads",
    "custom_jvp",
    "custom_vjp",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "rule",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "zero",
]

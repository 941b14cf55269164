"""Derivatives of NumPy programs, as source code you would have written yourself."""

from s2s.api import Derivative, grad, jvp, value_and_grad, vjp
from s2s.errors import (
    OverlapError,
    S2SError,
    SourceError,
    TypingError,
    UnsupportedError,
)

__all__ = [
    "Derivative",
    "OverlapError",
    "S2SError",
    "SourceError",
    "TypingError",
    "UnsupportedError",
    "grad",
    "jvp",
    "value_and_grad",
    "vjp",
]

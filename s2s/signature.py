"""The signature of a call: cheap keys, which say the types of its arguments.

In: arguments. Out: a key; where it is equal, the same generated function is right.

>>> signature_of((1.0, [2, 3])) == signature_of((4.0, [5, 6]))
True
>>> signature_of((1.0,)) == signature_of((1,))
False
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from s2s.ssa.types import is_hashable, typeof
from s2s.structure import form_of, items_of


def signature_of(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """A cheap key: arguments with equal keys have equal types.

    Arrays are written out here, because this is most of what a call costs.
    """
    key: tuple[Any, ...] = ()
    for arg in args:
        if type(arg) is ndarray:
            key += arg.dtype, arg.shape
        else:
            try:
                key += (key_of(arg),)
            except RecursionError:
                key += (typeof(arg, "argument"),)  # which says what is wrong
    return key


def key_of(value: Any) -> Any:
    """The key of one argument, or of one item of it."""
    kind = type(value)
    if kind is ndarray:
        return value.dtype, value.shape
    if kind is float or kind is int or kind is bool or kind is complex:
        return kind
    if kind is tuple or kind is list:
        return (kind, *[key_of(v) for v in value])
    form = form_of(value)
    if form is not None:
        return (form, *[key_of(v) for v in items_of(form, value)])
    if isinstance(value, np.generic):
        return kind, ()
    if hasattr(value, "__cuda_array_interface__"):
        return kind, value.dtype, value.shape
    return ("static", value if is_hashable(value) else id(value))

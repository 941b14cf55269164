"""Whether a store puts back what it replaces, changed: `A[i] *= v`.

In: a store. Out: the operation that combines the old element with another operand, the
old element, and that operand. What the user has written `A[i] = A[i] * v` stays that.

    A1 = store(A, i, A[i] * v)       ->     A[i] *= v
    A1 = store(A_bar, i, 2.0 * g)    ->     A_bar[i] *= 2.0     where g is A_bar[i]
"""

from __future__ import annotations

import numpy as np

from s2s.codegen.zeroing import same_place
from s2s.rules import BINARY
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Array, List, Scalar, bound, rank_of

COMMUTATIVE = ("add", "mul")
DERIVED = (*COMMUTATIVE, "sub", "truediv")  # what s2s itself prints like this


def augmenting(store: Op) -> tuple[Op, Value, Value] | None:
    """The operation, the old element and the other operand; None for other stores."""
    made = store.args[-1].op if store.kind == "store" else None
    if made is None or made.kind not in BINARY:
        return None
    x, y = made.args
    sides = [(x, y)]
    if not made.attrs.get("aug"):
        if not store.attrs.get("derived") or made.kind not in DERIVED:
            return None
        if not casts_alike(store, made):
            return None
        sides += [(y, x)] if made.kind in COMMUTATIVE else []
    found = ((made, old, other) for old, other in sides if is_replaced(store, old))
    return next(found, None)


def is_replaced(store: Op, value: Value) -> bool:
    """Whether a value is what stands where the store goes, or a copy of that."""
    read = value.op
    if read is not None and read.kind == "copy":
        read = read.args[0].op
    if read is None or read.kind != "getitem" or read.args[0] is not store.args[0]:
        return False
    if isinstance(bound(store.args[0].type), List):
        # an array is an item that others may have: it would change for them, too
        if not isinstance(bound(value.type), Scalar):
            return False
    return same_place(store, read)


def casts_alike(store: Op, made: Op) -> bool:
    """Whether NumPy can do it in place: there it casts within a kind only."""
    if all(rank_of(a.type) == 0 for a in made.args):
        return True
    new, of = bound(made.result.type), bound(store.args[0].type)
    if not isinstance(new, Array) or not isinstance(of, Array) or new.loose or of.loose:
        return False
    return np.can_cast(new.dtype, of.dtype, "same_kind")

"""Which arrays are in C order, without gaps, so that `reshape` and `ravel` are views.

In: an array. Out: the values that have to be so for it to be; None if that is unknown.

    np.outer(x, y), A.copy()      nothing has to be
    2.0 * A + B                   A and B: NumPy keeps the order of its operands
    A.T + B                       unknown
"""

from __future__ import annotations

import numpy as np

from s2s.ssa.ir import Op, Value
from s2s.ssa.storage import aliasing
from s2s.ssa.types import Array, bound, rank_of

# What NumPy makes in C order whatever its arguments are.
CONTIGUOUS = frozenset(
    """
    np.zeros np.ones np.empty np.full np.eye np.identity np.arange np.linspace np.outer
    np.array copy np.ascontiguousarray
    """.split()  # noqa: SIM905
) | {"np.array of list"}

# What NumPy makes in the order of its arguments, besides functions of each element.
KEEPING = frozenset(
    """
    add sub mul truediv floordiv mod pow neg pos abs lt le gt ge eq ne
    np.copy astype np.where np.clip
    np.stack np.concatenate np.vstack np.hstack np.column_stack
    np.zeros_like np.ones_like np.empty_like np.full_like
    """.split()  # noqa: SIM905
) | {"np.array of one"}

# Those matrices that NumPy makes in C order.
MATRICES = frozenset(["matmul", "np.matmul", "np.dot", "np.diag"])


def contiguous_if(value: Value) -> frozenset[Value] | None:
    """The values that have to be in C order for an array to be."""
    needed, seen, work = set[Value](), set[Value](), [value]
    while work:
        value = work.pop()
        if value in seen or is_contiguous_itself(value):
            continue
        seen.add(value)
        made, of = value.op, bound(value.type)
        if not isinstance(of, Array) or of.loose:
            return None
        if made is None or made.kind == "pick":
            needed.add(value)
        elif made.kind in ("store", "add_at", "bound") or made.attrs.get("in_place"):
            work.append(made.args[0])
        elif made.kind == "if":
            work += [r.results[made.results.index(value)] for r in made.regions]
        elif aliasing(made) == "fresh" and keeps_order(made):
            work += [a for a in made.args if rank_of(a.type) and not is_vector(a)]
        else:
            return None
    return frozenset(needed)


def is_contiguous(value: Value) -> bool:
    """Whether an array surely is in C order, without gaps."""
    return contiguous_if(value) == frozenset()


def is_contiguous_itself(value: Value) -> bool:
    """Whether it is made so, whatever it is made of."""
    made, rank = value.op, rank_of(value.type)
    if made is None or made.regions:
        return False
    if made.kind in CONTIGUOUS or made.attrs.get("method") == "copy":
        return True
    if made.kind in MATRICES and rank == 2:
        return True
    return rank == 1 and aliasing(made) == "fresh"


def keeps_order(op: Op) -> bool:
    """Whether the result is in C order if all operands are."""
    module, _, name = op.kind.rpartition(".")
    function = getattr(np, name, None) if module == "np" else None
    each = isinstance(function, np.ufunc) and function.signature is None
    return each or op.kind in KEEPING


def is_vector(value: Value) -> bool:
    """Whether an operand has one axis, but for new ones: `x[:, None]`."""
    if rank_of(value.type) == 1:
        return True
    made = value.op
    if made is None or made.kind != "getitem" or "i" in made.attrs["index"]:
        return False
    return is_vector(made.args[0])

"""Which classes an object may be of at run time.

In: a value. Out: all classes that it may be an instance of: types join where paths
meet, so what is typed as a float may be an int on one path.

    y = 1 if x > 0.0 else x      ->      bool, int, float, or a number of NumPy's
"""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Collection

import numpy as np

from s2s.ssa.ir import Value, is_loop
from s2s.ssa.scopes import Chosen, Closure, Partial, Transform
from s2s.ssa.storage import surely_number
from s2s.ssa.types import (
    ANY,
    TEXT,
    Array,
    Dict,
    Function,
    List,
    Scalar,
    Tuple,
    bound,
    rank_of,
)

CONTAINERS = {"tuple": tuple, "list": list, "dict": dict, "slice": slice}
FUNCTIONS = Chosen, Closure, Partial, Transform
NUMBERS = {"bool": bool, "int": int, "float": float, "complex": complex}


def classes_of(value: Value, arguments: Collection[Value]) -> tuple[type, ...]:
    """The classes; none if nothing is known."""
    of = bound(value.type)
    if of == ANY:
        return ()
    if isinstance(of, Function) or isinstance(value.const, FUNCTIONS):
        return types.FunctionType, types.MethodType, functools.partial
    if isinstance(of, Tuple):
        return (of.form.cls or CONTAINERS[of.form.kind],)
    if isinstance(of, Dict):
        return (dict,) if of.default is None else (dict, collections.defaultdict)
    if isinstance(of, List):
        return (tuple if of.fixed else list,)
    if isinstance(value.const, frozenset):  # what a set is to s2s, too
        return set, frozenset
    if not isinstance(of, Scalar | Array):
        return (str if of == TEXT else type(value.const),)
    if isinstance(of, Array) and of.rank and not of.loose:
        return (np.ndarray,)
    arrays = () if surely_number(value, {}) else (np.ndarray,)
    if is_exact(value, arguments):
        if isinstance(of, Scalar):
            return (NUMBERS[of.kind],)
        return (np.dtype(of.dtype).type, *arrays)
    kinds = list(NUMBERS)[: list(NUMBERS).index(of.kind) + 1]
    numbers = [NUMBERS[k] for k in kinds] + [np.dtype(k).type for k in kinds]
    named = [np.dtype(of.dtype).type] if isinstance(of, Array) else []
    return (*numbers, *named, *arrays)


def is_exact(value: Value, arguments: Collection[Value]) -> bool:
    """Whether the type of a number is that of every path that it may come by."""
    seen: set[Value] = set()
    work = [value]
    while work:
        value = work.pop()
        if value in seen or value.is_const or value in arguments:
            continue
        seen.add(value)
        op = value.op
        if op is None:
            if value.role != "global":  # a loop carries it: where from is not known yet
                return False
        elif is_loop(op):
            return False
        elif op.kind == "if":
            ends = [r.results[op.results.index(value)] for r in op.regions]
            if any(bound(end.type) != bound(value.type) for end in ends):
                return False
            work += ends
        else:
            work += [a for a in op.args if rank_of(a.type) == 0]
    return True

"""Arguments that the function writes to are copied at its entry.

In: a function just built. Out: the same function, in which what an update may reach
is never an argument: the caller's arrays stay as they are, and derivatives are taken
with respect to the values on entry.

    A1 = store(A, i, v)     ->     A0 = np.copy(A);  A1 = store(A0, i, v)
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.roots import Roots, changes_list, is_container
from s2s.ssa.types import Array, List, bound


def copy_written_arguments(function: Function) -> Function:
    """Insert the copies."""
    roots = Roots(function)
    updates = [op for op in function.body.walk() if roots.in_place(op)]
    lists = Roots(function, items=False) if any(map(changes_list, updates)) else roots
    reached = {
        x
        for op in updates
        if not changes_list(op)
        for x in roots.of.get(op.args[0], ())
    }
    changed = {
        x for op in updates if changes_list(op) for x in lists.of.get(op.args[0], ())
    }
    mapping: dict[Value, Value] = {}
    copies: list[Op] = []
    body = function.body
    given = [v for v in roots.of if v in roots.outside and v.role != "global"]
    for value in given:
        if not isinstance(bound(value.type), Array | List):
            continue
        if is_container(value):
            if not lists.any_same([value], changed):
                continue
        elif not roots.any_same([value], reached):
            continue
        kind = "np.copy" if isinstance(bound(value.type), Array) else "list_copy"
        made = Op(kind, [value], ("x",), {"method": "copy", "entry": True})
        made.origin = function.origin
        made.results = [Value(value.type, value.hint, "user", op=made)]
        mapping[value] = made.result
        copies.append(made)
    if copies:
        _substitute(body, mapping)
        last = max(
            (k + 1 for k, op in enumerate(body.ops) if {*op.results} & {*mapping}),
            default=0,
        )
        body.ops[last:last] = copies
    return function


def _substitute(region: Region, mapping: dict[Value, Value]) -> None:
    for op in region.ops:
        op.args = [mapping.get(a, a) for a in op.args]
        for inner in op.regions:
            _substitute(inner, mapping)
    region.results = [mapping.get(r, r) for r in region.results]

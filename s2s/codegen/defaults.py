"""An entry of a dict that is read with its default and assigned is not put there first.

In: a function. Out: the same function, in which the default is what the read gives:

    d1 = setdefault(d, k, 0.0)            t = dict_get(d, k, 0.0)
    t = d1[k]                      ->     d2 = store(d, k, t + v)
    d2 = store(d1, k, t + v)
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value


def get_at_once(function: Function) -> Function:
    """Rewrite such reads in every region."""
    uses = function.body.uses()
    for op in list(function.body.walk()):
        for region in op.regions:
            _region(region, uses)
    _region(function.body, uses)
    return function


def _region(region: Region, uses: dict[Value, int]) -> None:
    for op in [op for op in region.ops if op.kind == "setdefault"]:
        d, key, default = op.args
        readers = [o for o in region.ops if op.result in o.args]
        if len(readers) != 2 or uses[op.result] != 2:
            continue
        read, put = readers
        if not _is_of(read, "getitem", op.result, key):
            continue
        if not _is_of(put, "store", op.result, key) or len(put.args) != 3:
            continue
        region.ops.remove(op)
        read.kind, read.args, read.names = (
            "dict_get",
            [d, key, default],
            ("x", "k", "v"),
        )
        read.attrs = {}
        put.args[0] = d


def _is_of(op: Op, kind: str, d: Value, key: Value) -> bool:
    return op.kind == kind and op.args[0] is d and op.args[1] is key

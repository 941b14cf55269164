"""Copying operations with their regions, with other values for their operands.

In: an operation and a map of replaced values. Out: a fresh operation; the map gains its
results, parameters and everything defined inside.
"""

from __future__ import annotations

from s2s.ssa.bound import refill
from s2s.ssa.ir import Function, Op, Region, Value


def clone(op: Op, mapping: dict[Value, Value]) -> Op:
    """A copy of the operation; values not in `mapping` stand for themselves."""
    out = Op(
        op.kind,
        [mapping.get(a, a) for a in op.args],
        op.names,
        dict(op.attrs),
        [clone_region(r, mapping) for r in op.regions],
        origin=op.origin,
    )
    for name, value in op.attrs.items():
        if isinstance(value, Region):  # the rule of a function that has one
            out.attrs[name] = clone_region(value, mapping)
    if "drains" in out.attrs:
        out.attrs["drains"] = [mapping.get(s, s) for s in out.attrs["drains"]]
    out.results = [_fresh(r, mapping, out) for r in op.results]
    return out


def clone_region(region: Region, mapping: dict[Value, Value]) -> Region:
    params = [_fresh(p, mapping, None) for p in region.params]
    ops = [clone(op, mapping) for op in region.ops]
    return Region(params, ops, [mapping.get(r, r) for r in region.results])


def _fresh(value: Value, mapping: dict[Value, Value], op: Op | None) -> Value:
    mapping[value] = Value(value.type, value.hint, value.role, op=op)
    return mapping[value]


def clone_function(function: Function) -> Function:
    """A copy of a function that was just built, to be transformed."""
    mapping: dict[Value, Value] = {}
    attrs = dict(function.attrs)
    attrs["globals"] = {
        path: _fresh(value, mapping, None) for path, value in attrs["globals"].items()
    }
    body = clone_region(function.body, mapping)
    for op in body.walk():
        if "ok" in op.attrs:
            op.attrs["ok"] = mapping[op.attrs["ok"]]
    attrs["params"] = {n: mapping[v] for n, v in attrs["params"].items()}
    attrs["numbers"] = [mapping[v] for v in attrs.get("numbers", ())]
    attrs["result"] = refill(attrs["result"], iter(body.results))
    return Function(function.name, body, function.origin, attrs)

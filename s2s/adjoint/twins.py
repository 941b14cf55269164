"""What is computed twice alike is kept once, and not computed again.

In: the body of a function, and its reverse sweep, not yet planned. Out: the same sweep,
which reads one value where it would read two equal ones, or compute a function once
more that the primal has computed.

    y = np.exp(-x) / (1.0 + np.exp(-x))        y = np.exp(-x) / (1.0 + np.exp(-x))
    ...                                  ->    ...
    reads both `np.exp(-x)`                    reads the first of them

What was stored in an array may be read again from there: it stays what it is. What is
updated later would have to be copied, and what the sweep computes again is not worth a
stack of its own.
"""

from __future__ import annotations

from typing import Any

from s2s.adjoint.restore import Restores
from s2s.rules import RULES, Rules
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.simplify import FRESH, key_of
from s2s.ssa.types import Array, Scalar, bound

# attributes that are part of the key, or do not tell what is computed
SAYING_NOTHING = {"index", "derived", "sweep", "method"}


def read_the_first(
    body: Region, sweep: Region, restores: Restores, rules: Rules
) -> None:
    """Replace what the sweep reads."""
    changing = {*restores.following, *restores.leaving}
    first: dict[Value, Value] = {}
    tables = []
    for region in [body, *(r for op in body.walk() for r in op.regions)]:
        seen: dict[Any, Value] = {}
        for op in filter(is_pure, region.ops):
            if op.result in changing:
                continue
            one = seen.setdefault(_key(op, first), op.result)
            if one is not op.result and op.result not in restores.stored:
                first[op.result] = one
        tables.append((region, seen))
    sweep.substitute(first)
    read = {a for op in sweep.walk() for a in op.args}
    there: dict[Any, Value] = {}
    for region, seen in tables:
        own = {*region.params, *(r for op in region.ops for r in op.results)}
        for key, value in seen.items():
            assert value.op is not None
            kind, near = value.op.kind, not own.isdisjoint(value.op.args)
            within_reach = region is body or (near and value in read)
            if within_reach and kind in rules and not rules[kind].cheap:
                there[key] = value
    again = {
        op.result: there[key]
        for op in filter(is_pure, sweep.walk())
        if (key := _key(op, first)) in there
    }
    sweep.substitute(again)


def is_pure(op: Op) -> bool:
    """Whether an operation is a function of its operands, and of nothing else."""
    if op.kind in FRESH or op.regions or len(op.results) != 1:
        return False
    if not op.attrs.keys() <= SAYING_NOTHING or op.kind not in RULES:
        return False
    return isinstance(bound(op.result.type), Scalar | Array)


def _key(op: Op, first: dict[Value, Value]) -> Any:
    """Equal for operations that compute the same."""
    kind, _, *rest = key_of(op)
    args = (first.get(a, a) for a in op.args)
    return kind, tuple(map(_identity, args)), *rest


def _identity(value: Value) -> Any:
    """What tells whether two operands are the same."""
    return (type(value.const), repr(value.const)) if value.is_const else value

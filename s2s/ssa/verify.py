"""Checking that SSA is well formed; the pipeline's runner calls it after each pass.

In: a function. Out: nothing, or an InternalError that says what is wrong where:
values are defined once and before they are used, regions have the parameters and
results that their operation needs.
"""

from __future__ import annotations

from typing import NoReturn

from s2s.errors import InternalError
from s2s.ssa.ir import EFFECTS, Function, Op, Region, Value, is_loop, loop_parts


def verify(function: Function) -> None:
    """Raise InternalError if the function is not well formed."""
    seen: set[Value] = set(function.attrs.get("globals", {}).values())
    _region(function.body, seen, set())


def _region(region: Region, visible: set[Value], defined: set[Value]) -> None:
    visible = set(visible)

    def define(values: list[Value], where: Op | None) -> None:
        for value in values:
            if value in defined or value.is_const:
                _fail(f"{value!r} is defined twice", where)
            defined.add(value)
            visible.add(value)

    def use(values: list[Value], where: Op | None) -> None:
        for value in values:
            if not value.is_const and value not in visible:
                _fail(f"{value!r} is used before it is defined", where)

    define(region.params, None)
    for op in region.ops:
        use(op.args, op)
        if len(op.names) != len(op.args):
            _fail(f"{len(op.names)} names for {len(op.args)} arguments", op)
        for inner in op.regions:
            _region(inner, visible, defined)
        _shape(op)
        define(op.results, op)
        if any(r.op is not op for r in op.results):
            _fail("a result does not point to its operation", op)
    use(region.results, region.ops[-1] if region.ops else None)


def _shape(op: Op) -> None:
    if op.kind == "if":
        ok = len(op.regions) == 2 and all(
            len(r.results) == len(op.results) and not r.params for r in op.regions
        )
    elif is_loop(op):
        a, p, y = loop_parts(op)
        body, n = op.regions[-1], len(op.results)
        ok = (len(op.args), len(body.params), len(body.results)) == (
            n + a,
            n + p,
            n + y,
        )
        if op.kind == "while":
            test = op.regions[0]
            ok = ok and len(test.params) == n and len(test.results) == 1
    elif op.kind == "pullback":
        ok = len(op.regions) == len(op.results) == 1
    else:
        ok = not op.regions and len(op.results) == (op.kind in EFFECTS) ^ 1
        if op.kind in ("pop", "bound"):
            ok = len(op.results) == 1
    if not ok:
        _fail("regions, arguments and results do not fit together", op)


def _fail(message: str, op: Op | None) -> NoReturn:
    where = f" in `{op.kind}`" if op else ""
    raise InternalError(f"malformed SSA{where}: {message}", op.origin if op else None)

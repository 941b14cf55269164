"""A reversed loop that only pops runs over its stacks, and needs no index.

In: a planned function. Out: the same function, in which a reversed loop that is inside
no other loop, does not read its index and pops in each iteration, is marked with the
stacks that it drains; codegen prints

    for t in range(trips - 1, -1, -1):        for x in reversed(x_stack):
        x = x_stack.pop()                ->

The same holds where the index is read to take the elements of what the primal loop ran
over (`for x in xs`): `for h, x in zip(reversed(h_stack), reversed(xs))`. Inside of
another loop only these are the target.

The counter of the primal loop is then dead. Without anything to pop, a loop that does
not read its index counts upwards (`for _ in range(n)`).
"""

from __future__ import annotations

from s2s.ssa.clone import clone
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.types import INT


def drain_stacks(function: Function) -> Function:
    """Rewrite reversed loops of the function (or of its pullback)."""
    _drain(function.body, inside_loop=False)
    return function


def _drain(region: Region, inside_loop: bool) -> None:
    for op in list(region.ops):
        pops = [o for o in op.regions[0].ops if o.kind == "pop"] if op.regions else []
        if "reversed" in op.attrs and _visits(op):
            op.attrs["drains"] = [] if inside_loop else [o.args[0] for o in pops]
            start = op.args[0].op
            if start is not None:  # of its own, or it would be printed where two share
                own = clone(start, {})
                own.attrs.pop("derived", None)
                region.ops.insert(region.ops.index(op), own)
                op.args[0] = own.result
        elif "reversed" in op.attrs and not _reads(
            op.regions[0], op.regions[0].params[0]
        ):
            if pops and not inside_loop:
                stack = pops[0].args[0]
                count = Op("len", [stack], ("x",), {"derived": True})
                count.results = [Value(INT, op=count)]
                region.ops.insert(region.ops.index(op), count)
                op.attrs["drains"] = [o.args[0] for o in pops]
                _count_to(op, count.result)
            elif op.attrs["reversed"]:
                _count_to(op, _one_more(op.args[0]))
        for inner in op.regions:
            _drain(inner, inside_loop or op.kind in ("for", "while"))


def _visits(op: Op) -> bool:
    """Whether the index only takes elements, from the last to the first of them.

    If so, they are taken at the top of the body, where the target of the loop is.
    """
    body, index = op.regions[0], op.regions[0].params[0]
    reads = [o for o in body.ops if index in o.args]
    taken = {o.args[0] for o in reads if o.kind == "getitem" and o.args[1:] == [index]}
    named = all(r.role == "user" for o in reads for r in o.results)
    if not reads or len(taken) != len(reads) or not named or not op.attrs["reversed"]:
        return False
    inside = {r for o in body.walk() for r in o.results} | set(body.params)
    stop = _one_more(op.args[0])
    counted = {v for v in taken if _has(v, stop)}
    rest = Region(ops=[o for o in body.ops if o not in reads], results=body.results)
    if counted != taken or taken & inside or _reads(rest, index):
        return False
    pops = [o for o in body.ops if o.kind == "pop"]
    body.ops = [*pops, *reads, *(o for o in body.ops if o not in {*pops, *reads})]
    return True


def _has(value: Value, count: Value) -> bool:
    """Whether a value has so many items."""
    if value.is_const:
        return len(value.const) == count.const
    return count.op is not None and count.op.kind == "len" and value in count.op.args


def _count_to(op: Op, count: Value) -> None:
    zero = Value(INT, const=0)
    op.args[:3] = [zero, count, Value(INT, const=1)]


def _one_more(last: Value) -> Value:
    """The count of which `last`, as the reversed loop's start, is one less."""
    if last.is_const or last.op is None:
        return Value(INT, const=last.const + 1)
    return last.op.args[0]


def _reads(region: Region, value: Value) -> bool:
    return (
        any(
            value in op.args or any(value in r.results for r in op.regions)
            for op in region.walk()
        )
        or value in region.results
    )

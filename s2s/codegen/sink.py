"""An adjoint is updated only after everything that reads its old value.

In: a function. Out: the same function, in which an update `b = a + e` or `b = a * e` of
an adjoint stands behind the later operations of its region that still read `a`, so that
both can be one variable.

    x_bar2 = x_bar + e            a_bar += x_bar / t
    a_bar += x_bar / t      ->    x_bar += e
"""

from __future__ import annotations

from s2s.ssa.ir import Function, Op, Region, Value


def sink_updates(function: Function) -> Function:
    """Move updates down, in every region."""
    _sink(function.body)
    return function


def _sink(region: Region) -> None:
    for op in region.ops:
        for inner in op.regions:
            _sink(inner)
    reads = _reads(region)
    moved: dict[int, list[Op]] = {}

    def settled(k: int) -> int:
        """Where an operation is printed, at the latest: with what alone reads it."""
        results = region.ops[k].results if k < len(region.ops) else []
        if len(results) == 1 and results[0].role == "temp":
            readers = reads.get(results[0], [])
            if len(readers) == 1:
                return settled(readers[0])
        return k

    for k, op in enumerate(region.ops):
        old = _updated(op)
        if old is None:
            continue
        first = min(reads.get(op.result, [len(region.ops)]))
        readers = [r for r in reads.get(old, []) if r > k]
        for last in max(map(settled, readers), default=k), max(readers, default=k):
            if k < last < first:
                moved.setdefault(last, []).append(op)
                break
    if not moved:
        return
    away = {op for ops in moved.values() for op in ops}
    out: list[Op] = []
    for k, op in enumerate(region.ops):
        if op not in away:
            out.append(op)
        out += moved.get(k, [])
    # an update may have been moved behind one that was moved itself: keep order then
    region.ops = out if _ordered(out) else region.ops


def _updated(op: Op) -> Value | None:
    """The adjoint that an operation gives another value, None for other operations."""
    if op.kind not in ("add", "sub", "mul", "truediv") or not op.attrs.get("derived"):
        return None
    x, y = op.args
    old, new = (y if x.is_const else x), op.result
    same = new.role == "bar" and old.role == "bar" and old.hint == new.hint
    return old if same else None


def _reads(region: Region) -> dict[Value, list[int]]:
    """Where each value is read; the end of the region counts as its last position."""
    out: dict[Value, list[int]] = {}
    for k, op in enumerate(region.ops):
        for arg in op.args:
            out.setdefault(arg, []).append(k)
        for inner in op.regions:
            for deeper in inner.walk():
                for arg in deeper.args:
                    out.setdefault(arg, []).append(k)
                for r in deeper.regions:
                    for value in r.results:
                        out.setdefault(value, []).append(k)
            for value in inner.results:
                out.setdefault(value, []).append(k)
    for value in region.results:
        out.setdefault(value, []).append(len(region.ops))
    return out


def _ordered(ops: list[Op]) -> bool:
    """Whether everything is still made before it is read."""
    place = {r: k for k, op in enumerate(ops) for r in op.results}
    return all(place.get(a, -1) < k for k, op in enumerate(ops) for a in op.args)

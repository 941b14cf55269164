"""Dead code: what no result and no effect needs is removed, loop slots included.

In: a function. Out: the same function, smaller. Errors that only dead code would raise
go with it, but for those that `try` may catch. A slot of a loop is alive when its
result or its parameter is; a slot that every iteration passes on unchanged is replaced
by its initial value.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.ssa.attempts import can_fail, catches_floats
from s2s.ssa.ir import (
    Function,
    Op,
    Region,
    Slot,
    Value,
    is_loop,
    loop_parts,
    slots,
)
from s2s.ssa.types import Array, rank_of, vague


def remove_dead(function: Function, kept: Iterable[Value] = ()) -> Function:
    """Keep what the results and effects of the function need, and the values `kept`."""
    forward_unchanged(function.body)
    live = Liveness(function, kept)
    _sweep(function.body, live)
    return function


class Liveness:
    """Marks from the roots; scopes do not matter: adjoints may still be unplanned."""

    def __init__(self, function: Function, kept: Iterable[Value]) -> None:
        self.parent: dict[Op, Op | None] = {}
        self.home: dict[Value, tuple[Op, int]] = {}  # region parameter -> loop, slot
        self.ops: set[Op] = set()
        self.values: set[Value] = set()
        self.work: list[Value] = []
        self._index(function.body, None)
        for op in function.body.walk():
            if op.effects:
                self.keep(op)
            if op.attrs.get("form") == "try":  # what can fail decides what is next
                self.need(*filter(None, [op.attrs.get("ok")]))
                floats = catches_floats(op.args[0])
                for tried in op.regions[0].walk():
                    if can_fail(tried, floats):
                        self.keep(tried)
        self.need(*function.body.results, *kept)
        while self.work:
            self._trace(self.work.pop())

    def _index(self, region: Region, parent: Op | None) -> None:
        for op in region.ops:
            self.parent[op] = parent
            for inner in op.regions:
                if is_loop(op):
                    skip = op.kind == "for"
                    for k, param in enumerate(inner.params[skip:]):
                        self.home[param] = (op, k)
                self._index(inner, op)

    def need(self, *values: Value) -> None:
        for value in values:
            if not value.is_const and value not in self.values:
                self.values.add(value)
                self.work.append(value)

    def keep(self, op: Op) -> None:
        """An operation stays, and with it what encloses it and how that is steered."""
        if op in self.ops:
            return
        self.ops.add(op)
        a, _, y = loop_parts(op) if is_loop(op) else (len(op.args), 0, 0)
        self.need(*op.args[: 1 if op.kind == "if" else a])
        if op.kind == "while":
            self.need(*op.regions[0].results)
        if op.kind == "pullback":
            self.need(*op.regions[0].results)
        if is_loop(op):
            self.need(*op.regions[-1].results[:y])
        parent = self.parent[op]
        if parent is not None:
            self.keep(parent)

    def _trace(self, value: Value) -> None:
        if value in self.home:
            op, k = self.home[value]
            self.keep(op)
            self._slot(op, k)
        if value.op is None:
            return
        op = value.op
        if op not in self.parent:
            return
        self.keep(op)
        k = op.results.index(value)
        if op.kind == "if":
            self.need(*(r.results[k] for r in op.regions))
        elif is_loop(op):
            self._slot(op, k)

    def _slot(self, op: Op, k: int) -> None:
        slot = slots(op)[k]
        self.need(slot.init, slot.yielded, slot.param, slot.result)


def _sweep(region: Region, live: Liveness) -> None:
    region.ops = [op for op in region.ops if op in live.ops]
    for op in region.ops:
        if op.kind == "if":
            keep = [r in live.values for r in op.results]
            op.results = _kept(op.results, keep)
            for inner in op.regions:
                inner.results = _kept(inner.results, keep)
        elif is_loop(op):
            a, p, y = loop_parts(op)
            keep = [r in live.values for r in op.results]
            op.results = _kept(op.results, keep)
            op.args[a:] = _kept(op.args[a:], keep)
            op.names = op.names[:a] + ("init",) * (len(op.args) - a)
            body = op.regions[-1]
            body.params[p:] = _kept(body.params[p:], keep)
            body.results[y:] = _kept(body.results[y:], keep)
            if op.kind == "while":
                op.regions[0].params = _kept(op.regions[0].params, keep)
        for inner in op.regions:
            _sweep(inner, live)


def _kept(values: list[Value], keep: list[bool]) -> list[Value]:
    return [v for v, k in zip(values, keep, strict=True) if k]


def forward_unchanged(region: Region) -> None:
    """Replace what loops and branches only pass on by what it was before."""
    mapping: dict[Value, Value] = {}
    _forward(region, mapping)
    if mapping:
        substitute(region, mapping)


def _forward(region: Region, mapping: dict[Value, Value]) -> None:
    for op in region.ops:
        for inner in op.regions:
            _forward(inner, mapping)
        if op.kind == "if" and op.attrs.get("form") is None:
            for result, a, b in zip(
                op.results, op.regions[0].results, op.regions[1].results, strict=True
            ):
                a, b = _resolve(a, mapping), _resolve(b, mapping)
                if a is b:
                    mapping[result] = a
                elif (same := _read(a)) is _read(b) and same.type == result.type:
                    mapping[result] = same
                elif a.const is True and b.const is False:  # a flag: the condition
                    mapping[result] = _resolve(op.args[0], mapping)
        elif is_loop(op):
            for k, slot in enumerate(slots(op)):
                if _read(_resolve(slot.yielded, mapping)) is slot.param:
                    init = _resolve(slot.init, mapping)
                    if not (_alike(init, slot.param) or _both_numbers(slot)):
                        continue
                    mapping[slot.param] = mapping[slot.result] = init
                    if op.kind == "while":
                        mapping[op.regions[0].params[k]] = init


def _alike(a: Value, b: Value) -> bool:
    """Whether two values have one type, whatever the lengths of arrays are called."""
    if isinstance(a.type, Array):
        return vague(a.type) == vague(b.type)
    return a.type == b.type


def _both_numbers(slot: Slot) -> bool:
    return rank_of(slot.init.type) == rank_of(slot.param.type) == 0


def _read(value: Value) -> Value:
    """The value behind one that has been read from a name."""
    while value.op is not None and value.op.kind == "bound":
        value = value.op.args[0]
    return value


def _resolve(value: Value, mapping: dict[Value, Value]) -> Value:
    while value in mapping:
        value = mapping[value]
    return value


def substitute(region: Region, mapping: dict[Value, Value]) -> None:
    """Read other values in the place of some."""
    for op in region.ops:
        op.args = [_resolve(a, mapping) for a in op.args]
        for inner in op.regions:
            substitute(inner, mapping)
    region.results = [_resolve(r, mapping) for r in region.results]

"""Activity: which values depend on the inputs asked for, and matter to the outputs.

In: a function, the differentiated parameters, the results. Out: sets of values.
`varied`: some input's derivative reaches it. `useful`: it reaches some result.
A value is active if it is both; only active values have tangents or adjoints.
What cancels out again (`cancel`) is not varied. In an adjoint, which may be
differentiated in its turn, stacks pass on what is pushed, and what a call keeps is as
active as what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.cancel import cancelled
from s2s.rules import Rules
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.storage import overwrites
from s2s.ssa.types import Kept, List, Tuple, Type, bound, is_real_valued

# operations of adjoints that pass on what they are given
PASSING = frozenset({"bound", "alias", "pop"})


def active(
    function: Function, wrt: Iterable[Value], results: Iterable[Value], rules: Rules
) -> set[Value]:
    """Values that are both varied and useful."""
    varied = Varied(rules, set(wrt), cancelled(function, rules))
    varied.region(function.body)
    useful = Useful(rules, varied.values, {r for r in results if r in varied.values})
    useful.region(function.body)
    return useful.values & varied.values


def carries(op: Op, rules: Rules) -> bool:
    """Whether the operation's derivative is anything but zero."""
    return op.kind in PASSING or (op.kind in rules and rules[op.kind].form != "zero")


def holds_kept(of: Type) -> bool:
    """Whether what a call keeps for its reverse is part of a value."""
    of = bound(of)
    if isinstance(of, Tuple):
        return any(map(holds_kept, of.items))
    return isinstance(of, Kept) or (isinstance(of, List) and holds_kept(of.item))


def sources(op: Op, rules: Rules) -> list[Value]:
    """The operands that the derivative of the result depends on.

    Of what is overwritten nothing stays.
    """
    flat = rules[op.kind].flat if op.kind in rules else ()
    if not flat:
        return op.args[1:] if overwrites(op) else op.args
    return [a for a, n in zip(op.args, op.names, strict=True) if n not in flat]


class Varied:
    """Forward: from the inputs on."""

    def __init__(self, rules: Rules, values: set[Value], cancelled: set[Value]) -> None:
        self.rules = rules
        self.values = values
        self.cancelled = cancelled

    def mark(self, target: Value, *sources: Value) -> None:
        if any(s in self.values for s in sources) and target not in self.cancelled:
            if is_real_valued(target.type) or holds_kept(target.type):
                self.values.add(target)

    def region(self, region: Region) -> None:
        for op in region.ops:
            self.op(op)

    def op(self, op: Op) -> None:
        if op.kind == "if":
            then, other = op.regions
            self.region(then)
            self.region(other)
            for result, a, b in zip(
                op.results, then.results, other.results, strict=True
            ):
                self.mark(result, a, b)
        elif is_loop(op):
            self.loop(op)
        elif op.kind == "push":
            self.mark(*op.args)
        elif carries(op, self.rules):
            for result in op.results:
                self.mark(result, *sources(op, self.rules))

    def loop(self, op: Op) -> None:
        before = -1
        while len(self.values) != before:
            before = len(self.values)
            for k, slot in enumerate(slots(op)):
                self.mark(slot.param, slot.init, slot.yielded)
                self.mark(slot.result, slot.init, slot.yielded)
                if op.kind == "while":
                    self.mark(op.regions[0].params[k], slot.param)
            for region in op.regions:
                self.region(region)


class Useful:
    """Backward: from the results on, among the varied values."""

    def __init__(self, rules: Rules, varied: set[Value], values: set[Value]) -> None:
        self.rules = rules
        self.varied = varied
        self.values = values

    def mark(self, source: Value, *targets: Value) -> None:
        if source in self.varied and any(t in self.values for t in targets):
            self.values.add(source)

    def region(self, region: Region) -> None:
        for op in reversed(region.ops):
            self.op(op)

    def op(self, op: Op) -> None:
        if op.kind == "if":
            for region in op.regions:
                for result, inner in zip(op.results, region.results, strict=True):
                    self.mark(inner, result)
                self.region(region)
        elif is_loop(op):
            before = -1
            while len(self.values) != before:
                before = len(self.values)
                for slot in slots(op):
                    self.mark(slot.yielded, slot.result, slot.param)
                    self.mark(slot.init, slot.result, slot.param)
                self.region(op.regions[-1])
        elif op.kind == "push":
            self.mark(*reversed(op.args))
        elif carries(op, self.rules):
            for arg in sources(op, self.rules):
                self.mark(arg, *op.results)

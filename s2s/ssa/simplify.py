"""Clean-up of derivative code, to write it as an expert would.

In: a function. Out: the same function, with operations that s2s made (never the user's
own) in the form that `algebra` prefers: constants in front, no `1.0 *`, signs pulled
out of products and merged into sums; equal expressions are computed once.

    x_bar = 1.0 * (y * 2.0)      ->     x_bar = 2.0 * y
    a_bar = a_bar + -t           ->     a_bar = a_bar - t
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from s2s.ssa.algebra import Algebra
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import EFFECTS, Function, Op, Region, Value
from s2s.ssa.roots import CONTAINERS, UPDATES
from s2s.ssa.types import rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules

# made anew each time: an array of its own that may be updated in place
FRESH = (
    EFFECTS
    | UPDATES
    | {"copy", "stack", "zeros_list", "zeros_of_several", "np.zeros_like"}
)
FRESH |= {"call", "np.zeros", "np.ones", "np.ones_like", "np.full_like", *CONTAINERS}
FRESH |= {"dict_full", "dict_keys", "sorted_keys"}
# so cheap that a name for them is more than they are worth
FRESH |= {"shape", "size", "ndim", "len", "pick"}


def simplify(function: Function, rules: Rules) -> Function:
    """Rewrite what was derived; drop what is dead then."""
    Simplifier(rules, function.body).walk(function.body)
    return remove_dead(function)


class Simplifier(Algebra):
    """Goes through the operations once, in order; operands are already simple."""

    def __init__(self, rules: Rules, body: Region) -> None:
        super().__init__(rules, Region())
        self.uses = Counter(a for op in body.walk() for a in op.args)
        self.mapping: dict[Value, Value] = {}
        self.known: list[dict[Any, Value]] = []
        self.attrs: dict[str, Any] = {}

    def walk(self, region: Region) -> None:
        ops, region.ops = region.ops, []
        self.known.append({})
        with self.inside(region):
            for op in ops:
                self.op(op)
        self.known.pop()
        region.results = [self.mapping.get(r, r) for r in region.results]

    def op(self, op: Op) -> None:
        op.args = [self.mapping.get(a, a) for a in op.args]
        for inner in op.regions:
            self.walk(inner)
        if not op.attrs.get("derived") or len(op.results) != 1 or op.regions:
            self.region.ops.append(op)
            self.remember(op)
            return
        self.origin = op.origin
        self.attrs = {k: op.attrs[k] for k in ("derived", "sweep") if k in op.attrs}
        old = op.result
        new = self.rewritten(op)
        if new is old:
            new = self.shared(op)
        self.mapping[old] = new
        if new is not old:
            self.uses[new] += self.uses[old]
        if new is not old and not new.is_const and old.role in ("bar", "dot"):
            if new.role == "temp":
                new.hint, new.role = old.hint, old.role

    def make(self, kind: str, *args: Value) -> Value:
        op = Op(kind, list(args), ("x", "y")[: len(args)], dict(self.attrs))
        op.origin = self.origin
        value = Value(self.rules.infer(op), op=op)
        op.results = [value]
        new = self.rewritten(op)
        return self.shared(op) if new is value else new

    def shared(self, op: Op) -> Value:
        if op.kind not in FRESH:
            key = key_of(op)
            for table in self.known:
                if key in table:
                    return table[key]
            self.known[-1][key] = op.result
        self.region.ops.append(op)
        return op.result

    def remember(self, op: Op) -> None:
        """A number that the user computes is not computed again, unless it is cheap.

        An array may have been written since.
        """
        if op.kind in self.rules and not self.rules[op.kind].cheap:
            if len(op.results) == 1 and rank_of(op.result.type) == 0:
                self.known[-1].setdefault(key_of(op), op.result)


def key_of(op: Op) -> Any:
    """Equal for operations that compute the same."""
    args = tuple(
        (type(a.const), a.const, a.spelling) if _plain(a) else a.number for a in op.args
    )
    return op.kind, args, op.names, op.attrs.get("index")


def _plain(value: Value) -> bool:
    """Whether a constant can be compared by its value."""
    kinds = int | float | complex | str | None | tuple
    return value.is_const and isinstance(value.const, kinds)

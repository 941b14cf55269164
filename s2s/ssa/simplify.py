"""Algebra on derivative code, to write it as an expert would.

In: a function. Out: the same function, with operations that s2s made (never the user's
own) in a canonical form: constants in front, no `1.0 *`, signs pulled out of products
and merged into sums, equal expressions computed once. Only rewrites that are sound for
arrays: none changes a shape or a dtype.

    x_bar = 1.0 * (y * 2.0)      ->     x_bar = 2.0 * y
    a_bar = a_bar + -t           ->     a_bar = a_bar - t
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from s2s.ssa.dce import remove_dead
from s2s.ssa.emit import Emitter
from s2s.ssa.roots import UPDATES
from s2s.ssa.ir import EFFECTS, Function, Op, Region, Value
from s2s.ssa.types import Array, Scalar, bound

if TYPE_CHECKING:
    from s2s.rules import Rules

# made anew each time: an array of its own that may be updated in place
FRESH = EFFECTS | UPDATES | {"copy", "stack", "zeros_list", "np.zeros_like"}
FRESH |= {"np.ones_like", "np.full_like"}
# so cheap that a name for them is more than they are worth
FRESH |= {"shape", "size", "ndim", "len", "pick"}


def simplify(function: Function, rules: Rules) -> Function:
    """Rewrite what was derived; drop what is dead then."""
    Simplifier(rules, function.body).walk(function.body)
    return remove_dead(function)


class Simplifier(Emitter):
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
        """A new operation, itself rewritten if possible."""
        op = Op(kind, list(args), ("x", "y")[: len(args)], dict(self.attrs))
        op.origin = self.origin
        value = Value(self.rules.infer(op), op=op)
        op.results = [value]
        new = self.rewritten(op)
        return self.shared(op) if new is value else new

    def shared(self, op: Op) -> Value:
        """The operation's result, or that of an equal one that came before."""
        if op.kind not in FRESH:
            args = tuple(
                (type(a.const), a.const, a.spelling) if _plain(a) else a.number
                for a in op.args
            )
            key = op.kind, args, op.names, op.attrs.get("index")
            for table in self.known:
                if key in table:
                    return table[key]
            self.known[-1][key] = op.result
        self.region.ops.append(op)
        return op.result

    def rewritten(self, op: Op) -> Value:
        """A simpler value equal to the operation's result, else the result."""
        rewrite: Callable[[Op], Value | None] | None
        rewrite = getattr(self, f"_{op.kind.removeprefix('np.')}", None)
        new = rewrite(op) if rewrite else None
        return op.result if new is None else new

    # one rewrite for each operator: the comments are the rules ------------

    def _mul(self, op: Op) -> Value | None:
        x, y = op.args
        a, b = number(x), number(y)
        if a is not None and b is not None:  # 2.0 * 3.0 -> 6.0
            return self.const(a * b)
        if b is not None:  # x * 2.0 -> 2.0 * x
            return self.make("mul", y, x)
        if a == 1.0 and same_kind(op, y):  # 1.0 * y -> y
            return y
        if a == -1.0 and same_kind(op, y):  # -1.0 * y -> -y
            return self.make("neg", y)
        if inner := made(x, "neg"):  # -x * y -> -(x * y)
            return self.make("neg", self.make("mul", inner.args[0], y))
        if inner := made(y, "neg"):  # x * -y -> -(x * y)
            return self.make("neg", self.make("mul", x, inner.args[0]))
        if (inner := self.lone(x, "truediv")) and number(inner.args[0]) is not None:
            # 2.0 / n * y -> 2.0 * y / n
            scaled = self.make("mul", inner.args[0], y)
            return self.make("truediv", scaled, inner.args[1])
        if inner := self.lone(y, "mul"):
            c = number(inner.args[0])
            if c is not None and a is not None:  # 2.0 * (3.0 * y) -> 6.0 * y
                return self.make("mul", self.const(a * c), inner.args[1])
            if c is not None:  # x * (2.0 * y) -> 2.0 * x * y
                scaled = self.make("mul", inner.args[0], x)
                return self.make("mul", scaled, inner.args[1])
            if a is not None:  # 2.0 * (x * y) -> 2.0 * x * y
                scaled = self.make("mul", x, inner.args[0])
                return self.make("mul", scaled, inner.args[1])
        if a is not None and (inner := self.lone(y, "truediv")):
            # 2.0 * (x / n) -> 2.0 * x / n
            scaled = self.make("mul", x, inner.args[0])
            return self.make("truediv", scaled, inner.args[1])
        return None

    def _truediv(self, op: Op) -> Value | None:
        x, y = op.args
        if number(y) == 1.0 and same_kind(op, x):  # x / 1.0 -> x
            return x
        if inner := made(x, "neg"):  # -x / y -> -(x / y)
            return self.make("neg", self.make("truediv", inner.args[0], y))
        return None

    def _neg(self, op: Op) -> Value | None:
        (x,) = op.args
        if x.is_const and isinstance(x.const, int | float) and not x.spelling:
            return self.const(-x.const)
        if inner := made(x, "neg"):  # -(-x) -> x
            return inner.args[0]
        if inner := self.lone(x, "mul"):  # -(2.0 * x) -> -2.0 * x
            c = number(inner.args[0])
            if c is not None:
                return self.make("mul", self.const(-c), inner.args[1])
        return None

    def _sum(self, op: Op) -> Value | None:
        if (inner := self.lone(op.args[0], "neg")) and op.kind == "np.sum":
            # np.sum(-x, ...) -> -np.sum(x, ...)
            again = Op(op.kind, [inner.args[0], *op.args[1:]], op.names, dict(op.attrs))
            again.origin = self.origin
            again.results = [Value(op.result.type, op=again)]
            return self.make("neg", self.shared(again))
        return None

    def _add(self, op: Op) -> Value | None:
        x, y = op.args
        a, b = number(x), number(y)
        if a is not None and b is not None:
            return self.const(a + b)
        if number(x) == 0.0 and same_kind(op, y):  # 0.0 + y -> y
            return y
        if number(y) == 0.0 and same_kind(op, x):
            return x
        if x is y and not x.is_const:  # x + x -> 2.0 * x
            if isinstance(bound(x.type), Scalar | Array) and same_kind(op, x):
                self.uses[x] -= 1
                return self.make("mul", self.const(2.0), x)
        if (inner := self.lone(x, "add")) and inner.args[1] is y:
            # (x + y) + y -> x + 2.0 * y
            twice = self.make("mul", self.const(2.0), y)
            return self.make("add", inner.args[0], twice)
        if y.is_const and isinstance(y.const, int) and not y.spelling:
            return self._offset(x, y.const)
        if inner := made(y, "neg"):  # x + -y -> x - y
            return self.make("sub", x, inner.args[0])
        if positive := self._flipped(y):  # x + -2.0 * y -> x - 2.0 * y
            return self.make("sub", x, positive)
        if inner := made(x, "neg"):  # -x + y -> y - x
            return self.make("sub", y, inner.args[0])
        return None

    def _sub(self, op: Op) -> Value | None:
        x, y = op.args
        if y.is_const and isinstance(y.const, int) and not y.spelling:
            return self._offset(x, -y.const)
        if (inner := self.lone(x, "sub")) and inner.args[1] is y:
            # (x - y) - y -> x - 2.0 * y
            twice = self.make("mul", self.const(2.0), y)
            return self.make("sub", inner.args[0], twice)
        if inner := made(y, "neg"):  # x - -y -> x + y
            return self.make("add", x, inner.args[0])
        if positive := self._flipped(y):  # x - -2.0 * y -> x + 2.0 * y
            return self.make("add", x, positive)
        return None

    def _flipped(self, y: Value) -> Value | None:
        """`2.0 * y` for `-2.0 * y`, also in `-2.0 * y / z`."""
        if quotient := self.lone(y, "truediv"):
            top = self._flipped(quotient.args[0])
            return top and self.make("truediv", top, quotient.args[1])
        inner = self.lone(y, "mul")
        if inner is None:
            return None
        c = number(inner.args[0])
        if c is None:  # -2.0 * x * y
            left = self._flipped(inner.args[0])
            return left and self.make("mul", left, inner.args[1])
        return self.make("mul", self.const(-c), inner.args[1]) if c < 0 else None

    def lone(self, value: Value, kind: str) -> Op | None:
        """Like `made`, where nothing else reads the value: no work is repeated."""
        return made(value, kind) if self.uses[value] <= 1 else None

    def _offset(self, x: Value, by: int) -> Value | None:
        """Integer bounds: `(n - 1) - 1 -> n - 2`, `2 - 1 -> 1`, `(n + 1) - 1 -> n`."""
        if bound(x.type) != bound(self.const(0).type) and not _is_int(x):
            return None
        if x.is_const and not x.spelling:
            return self.const(x.const + by)
        op = x.op
        if op is not None and op.kind in ("add", "sub") and x.role == "temp":
            c = op.args[1]
            if c.is_const and isinstance(c.const, int) and not c.spelling:
                total = by + (c.const if op.kind == "add" else -c.const)
                if total == 0:
                    return op.args[0]
                kind = "add" if total > 0 else "sub"
                return self.make(kind, op.args[0], self.const(abs(total)))
        return None


def made(value: Value, kind: str) -> Op | None:
    """The derived operation of that kind that made the (number-like) value."""
    op = value.op
    if op is None or op.kind != kind or not op.attrs.get("derived"):
        return None
    return op if isinstance(bound(value.type), Scalar | Array) else None


def number(value: Value) -> float | None:
    """The value of a float literal."""
    if value.is_const and isinstance(value.const, float) and not value.spelling:
        return value.const
    return None


def _plain(value: Value) -> bool:
    """Whether a constant can be compared by its value."""
    kinds = int | float | complex | str | None | tuple
    return value.is_const and isinstance(value.const, kinds)


def same_kind(op: Op, x: Value) -> bool:
    """Whether `x` already has the type of the operation's result."""
    a, b = bound(op.result.type), bound(x.type)
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return a.kind == b.kind
    return a == b


def _is_int(value: Value) -> bool:
    of = bound(value.type)
    return isinstance(of, Scalar) and of.kind == "int"

"""Algebra on one operation: what an expert would write in its place.

In: a derived operation whose operands are simple already. Out: a simpler value equal to
its result, if there is one. No rewrite changes a shape or a dtype, and none repeats
work: an operand that something else reads too is left alone.

    2.0 * (x * y)     ->     2.0 * x * y
    (x.T @ y).T       ->     y.T @ x
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from s2s.ssa.emit import Emitter
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.storage import is_full_index
from s2s.ssa.terms import (
    drops_kept_axes,
    is_float,
    is_int,
    made,
    number,
    same_kind,
    same_line,
)
from s2s.ssa.types import Array, Scalar, Type, bound, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules


# Operations that may as well be carried out before the sign is changed.
SIGNED = frozenset(
    """
    np.sum unbroadcast transpose np.transpose reshape np.reshape ravel np.ravel
    np.roll np.flip np.diag np.tril np.triu
    """.split()  # noqa: SIM905
)


class Algebra(Emitter):
    """The rewrites; `Simplifier` carries them out. `uses` counts the readers."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.uses: Counter[Value] = Counter()

    def make(self, kind: str, *args: Value) -> Value:
        """A new operation, itself rewritten if possible."""
        raise NotImplementedError

    def shared(self, op: Op) -> Value:
        """The operation's result, or that of an equal one that came before."""
        raise NotImplementedError

    def rewritten(self, op: Op) -> Value:
        """A simpler value equal to the operation's result, else the result."""
        if op.kind in SIGNED and (inner := made(op.args[0], "neg")):
            # np.sum(-x, ...) -> -np.sum(x, ...)
            return self.make("neg", self.again(op, inner.args[0], *op.args[1:]))
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

    def _matmul(self, op: Op) -> Value | None:
        x, y = op.args
        if inner := made(x, "neg"):  # -x @ y -> -(x @ y)
            return self.make("neg", self.make("matmul", inner.args[0], y))
        if inner := made(y, "neg"):  # x @ -y -> -(x @ y)
            return self.make("neg", self.make("matmul", x, inner.args[0]))
        return None

    def _truediv(self, op: Op) -> Value | None:
        x, y = op.args
        if number(y) == 1.0 and same_kind(op, x):  # x / 1.0 -> x
            return x
        if inner := made(x, "neg"):  # -x / y -> -(x / y)
            return self.make("neg", self.make("truediv", inner.args[0], y))
        if (inner := self.lone(x, "mul")) and number(inner.args[0]) == 1.0:
            # 1.0 * x / y -> x / y, of whole numbers
            quotient = self.make("truediv", inner.args[1], y)
            return quotient if same_kind(op, quotient) else None
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
        x, *rest = op.args
        if op.kind == "np.sum" and not rest and (inner := self.lone(x, "truediv")):
            if rank_of(inner.args[1].type) == 0:  # np.sum(x / c) -> np.sum(x) / c
                return self.make(
                    "truediv", self.again(op, inner.args[0]), inner.args[1]
                )
        if op.kind == "np.sum" and not rest and (inner := self.lone(x, "mul")):
            if _vectors(*inner.args):  # np.sum(x * y) -> x @ y, without the product
                return self.make("matmul", *inner.args)
        return None

    def _full(self, op: Op) -> Value | None:
        return self.all_ones(op, "np.ones")

    def _full_like(self, op: Op) -> Value | None:
        return self.all_ones(op, "np.ones_like")

    def all_ones(self, op: Op, kind: str) -> Value | None:
        """np.full(n, 1.0) -> np.ones(n)"""
        if len(op.args) > 2 or number(op.args[1]) != 1.0:
            return None
        new = Op(kind, op.args[:1], op.names[:1], dict(op.attrs), origin=self.origin)
        new.results = [Value(op.result.type, op=new)]
        return self.shared(new)

    def _broadcast_to(self, op: Op) -> Value | None:
        x, shape = op.args
        inner = self.lone(x, "unbroadcast")
        if inner is None or inner.args[1] is not shape:
            return None
        x.type = op.result.type  # np.broadcast_to(unbroadcast(x, s), s): it has shape s
        return x

    def _T(self, op: Op) -> Value | None:
        (x,) = op.args
        if x.op is not None and x.op.kind == "T":  # x.T.T -> x
            return x.op.args[0]
        if (inner := made(x, "neg")) and not made(inner.args[0], "matmul"):
            return self.make("neg", self.make("T", inner.args[0]))  # (-x).T -> -x.T
        inner = self.lone(x, "matmul")
        if inner is None or any(rank_of(a.type) != 2 for a in inner.args):
            return None
        left, right = (made(a, "T") for a in inner.args)
        if left is None and right is None:
            return None
        # (x.T @ y).T -> y.T @ x
        flipped = [
            t.args[0] if t else self.make("T", a)
            for t, a in ((right, inner.args[1]), (left, inner.args[0]))
        ]
        return self.make("matmul", *flipped)

    def _pick(self, op: Op) -> Value | None:
        shape, k = op.args
        of = shape.op
        if of is None or of.kind != "shape" or not of.attrs.get("derived"):
            return None
        # x.shape[0] -> len(x)
        return self.make("len", of.args[0]) if k.const == 0 else None

    def _getitem(self, op: Op) -> Value | None:
        x, *index = op.args
        if not isinstance(bound(x.type), Array):
            return None
        if rank_of(x.type) and is_full_index(op.attrs["index"]):  # x[...] -> x
            return x
        if inner := self.lone(x, "neg"):  # (-x)[...] -> -x[...]
            return self.make("neg", self.again(op, inner.args[0], *index))
        c = self._factor(x)
        if c is not None:  # (2.0 * x)[...] -> 2.0 * x[...]
            part = self.again(op, self._without(x), *index)
            return self.make("mul", self.const(c), part)
        inner = self.lone(x, "np.sum")
        if inner is not None and drops_kept_axes(op, inner):
            # np.sum(x, axis=1, keepdims=True)[:, 0] -> np.sum(x, axis=1)
            return self.again(inner, *inner.args[:2], type=op.result.type)
        return None

    def again(self, op: Op, *args: Value, type: Type | None = None) -> Value:
        """The same operation on other operands, the last ones left out."""
        names = op.names[: len(args)]
        new = Op(op.kind, list(args), names, dict(op.attrs), origin=self.origin)
        value = Value(type or op.result.type, op=new)
        new.results = [value]
        simpler = self.rewritten(new)
        return self.shared(new) if simpler is value else simpler

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
        return self._factored(op)

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
        if inner := self.lone(x, "neg"):  # -x - y -> -(x + y)
            return self.make("neg", self.make("add", inner.args[0], y))
        if positive := self._flipped(y):  # x - -2.0 * y -> x + 2.0 * y
            return self.make("add", x, positive)
        return self._factored(op)

    def _factored(self, op: Op) -> Value | None:
        """`2.0 * (x + y)` for `2.0 * x + 2.0 * y`, where one statement adds both."""
        x, y = op.args
        a, b = self._factor(x), self._factor(y)
        if a is None or b is None or abs(a) != abs(b) or not same_line(x, y):
            return None
        kind = op.kind if a == b else {"add": "sub", "sub": "add"}[op.kind]
        total = self.make(kind, self._without(x), self._without(y))
        return self.make("mul", self.const(a), total)

    def _factor(self, value: Value) -> float | None:
        """The number in front of a product or quotient of floats."""
        inner = self.lone(value, "mul") or self.lone(value, "truediv")
        if inner is None or not is_float(inner.args[-1]):
            return None
        c = number(inner.args[0]) if inner.kind == "mul" else None
        return self._factor(inner.args[0]) if c is None else c

    def _without(self, value: Value) -> Value:
        """What `_factor` leaves of the product or quotient."""
        inner = value.op
        assert inner is not None
        first, second = inner.args
        if inner.kind == "mul" and number(first) is not None:
            return second
        return self.make(inner.kind, self._without(first), second)

    def _flipped(self, y: Value) -> Value | None:
        """`2.0 * y` for `-2.0 * y`, also in `-2.0 * y / z`; a product of vectors."""
        if (outer := self.lone(y, "np.outer")) and (x := made(outer.args[0], "neg")):
            return self.again(outer, x.args[0], *outer.args[1:])
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
        if bound(x.type) != bound(self.const(0).type) and not is_int(x):
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


def _vectors(x: Value, y: Value) -> bool:
    """Whether both are real vectors of one length."""
    a, b = bound(x.type), bound(y.type)
    if not (isinstance(a, Array) and isinstance(b, Array)) or a.loose or b.loose:
        return False
    same = a.rank == b.rank == 1 and a.dtype == b.dtype and a.kind == "float"
    return same and a.shape[0].same(b.shape[0])

"""Changes of shape in several directions at once, and questions about shapes.

In: an operation that fits what has an axis of directions to a shape. Out: the same of
each direction; the axis of directions stays in front.

    np.broadcast_to(d, s)     ->     np.broadcast_to(d[:, None], (n, *s))
    unbroadcast(d, s)         ->     unbroadcast(d, (n, *s))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from s2s.errors import NotBatched
from s2s.forward.products import Products
from s2s.rules import STRUCTURE
from s2s.ssa.infer_shape import lengths
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Array, List, bound

# what an operation asks for of the shape of one direction
QUESTIONS = {
    "shape": "x.shape[1:]",
    "np.shape": "x.shape[1:]",
    "len": "x.shape[1]",
    "dtype": "x.dtype",
}


class Spreading(Products):
    """Writes operations that fit values to shapes."""

    def again(self, op: Op, args: Sequence[Value], **changed: Any) -> Value:
        """The same operation of other values."""
        attrs = {k: v for k, v in op.attrs.items() if k in STRUCTURE}
        return self.q.emit(op.kind, args, op.names, **(attrs | changed))

    def as_it_is(self, op: Op) -> Value:
        return self.again(op, [self.new.get(a, a) for a in op.args])

    def filled(self, op: Op) -> Value:
        """`np.full_like(x, d)`."""
        like, d = op.args
        if d not in self.many or len(op.args) != 2:
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        rank, like = self.rank(op.result), self.new.get(like, like)
        return self.q("np.zeros_like(x) + d", x=like, d=self.aligned(d, rank))

    def broadcast(self, op: Op) -> Value:
        d, shape = op.args
        d = self.aligned(d, self.rank(op.result))
        return self.q("np.broadcast_to(d, s)", d=d, s=self.shape_with_axis(shape))

    def unbroadcast(self, op: Op) -> Value:
        """Sum over axes in front first: those are behind that of the directions."""
        x, shape = op.args
        rank, extra = self.rank(op.result), self.rank(x) - self.rank(op.result)
        if not isinstance(bound(op.result.type), Array) and lengths(shape) != ():
            raise NotBatched("a shape that is not known", op.origin)
        d = self.aligned(x, rank)
        if extra > 0:
            axes: Any = tuple(range(1, extra + 1)) if extra > 1 else 1
            d = self.q("np.sum(d, axis=a)", d=d, a=self.q.const(axes))
        if not rank:
            return d
        return self.q("unbroadcast(d, s)", d=d, s=self.shape_with_axis(shape))

    def reshaped(self, op: Op) -> Value:
        x, shape = op.args[:2]
        if len(op.args) != 2:
            raise NotBatched("this `reshape` of several directions", op.origin)
        shape = self.shape_with_axis(shape)
        return self.q("np.reshape(x, s)", x=self.new[x], s=shape)

    def diagonal(self, op: Op) -> Value:
        """The diagonal of a matrix, and the matrix of a diagonal."""
        x, *rest = op.args
        if any(not k.is_const or k.const != 0 for k in rest):
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        of = bound(self.old.get(x, x.type))
        if isinstance(of, Array) and of.rank == 2 and of.shape[0].same(of.shape[1]):
            return self.q('np.einsum("aii->ai", x)', x=self.new[x])
        if self.rank(x) != 1:
            raise NotBatched("the diagonal of what may not be square", op.origin)
        if op.kind != "np.diag":
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        return self.q("x[:, :, None] * np.eye(x.shape[1])", x=self.new[x])

    def shape(self, op: Op) -> None:
        """The shape of each direction, and which of the values stored in it stay."""
        x, *where = op.args
        if isinstance(bound(self.old.get(x, x.type)), List):  # it is as long as each
            new = self.as_it_is(op)
        elif self.rank(x) == 0 and op.kind == "len":
            raise NotBatched("the length of a number", op.origin)
        elif op.kind == "kept":
            if not self.many.isdisjoint(where):
                raise NotBatched("an index depends on the direction", op.origin)
            like = self.q("np.zeros(x.shape[1:])", x=self.new[x])
            new = self.again(op, [like, *where])
        else:
            new = self.q(QUESTIONS[op.kind], x=self.new[x])
        assert new.op is not None
        new.op.results, op.result.op = [op.result], new.op

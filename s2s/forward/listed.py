"""Lists in several directions at once: each item has the axis of directions.

In: an operation that makes a list, or reads one that has an axis of directions. Out:
the same of each direction.

    rows(x_dot)     ->     rows(np.moveaxis(x_dot, 1, 0))
"""

from __future__ import annotations

from s2s.errors import NotBatched
from s2s.forward.spreading import Spreading
from s2s.ssa.ir import Op, Value
from s2s.ssa.nesting import nesting
from s2s.ssa.types import List, bound, rank_of


class Listed(Spreading):
    """Writes operations of lists."""

    def listed(self, op: Op) -> Value:
        """`xs.append(v)`, `[v, w]`: each item has the axis."""
        of = bound(op.result.type)
        assert isinstance(of, List)
        into = op.args[:-1] if op.kind == "append" else []
        items = op.args[len(into) :]
        spread = [self.spread(a, of.item) for a in items]
        return self.again(op, [*map(self.spread, into), *spread])

    def list_repeated(self, op: Op) -> Value:
        x, count = op.args
        if x not in self.many or count in self.many:
            raise NotBatched("how often depends on the direction", op.origin)
        return self.as_it_is(op)

    def rows(self, op: Op) -> Value:
        return self.again(op, [self.q("np.moveaxis(x, 1, 0)", x=self.new[op.args[0]])])

    def array_of_list(self, op: Op) -> Value:
        whole = self.again(op, [self.new[op.args[0]]])
        depth = nesting(self.old.get(op.args[0], op.args[0].type))
        return self.q(f"np.moveaxis(x, {depth}, 0)", x=whole)

    def summed(self, op: Op) -> Value:
        """The sum or mean of a list of numbers; Python's sum of an array."""
        x = op.args[0]
        of = bound(self.old.get(x, x.type))
        if not isinstance(of, List):
            return self.q("np.sum(x, axis=1)", x=self.new[x])
        if rank_of(of.item) != 0 and op.kind != "sum":
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        text = "sum(x) / len(x)" if op.kind == "np.mean of list" else "sum(x)"
        return self.q(text, x=self.new[x])

    def item_written(self, op: Op) -> Value:
        """`xs[k] = v`, of a whole item."""
        base, *where, v = op.args
        of = bound(self.old.get(base, base.type))
        assert isinstance(of, List)
        whole = tuple(op.attrs["index"]) == ("i",) and not op.attrs.get("path")
        if not whole or rank_of(of.item) is None or not self.many.isdisjoint(where):
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        if self.rank(v) != rank_of(of.item):
            raise NotBatched("a value of another rank in a list", op.origin)
        return self.again(op, [self.spread(base), *where, self.spread(v, of.item)])

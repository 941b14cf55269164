"""Values with an axis of directions: their types, and how they go with others.

In: a value. Out: the same of each direction, or so that it broadcasts with others.

    a tangent of shape (3,)      ->     (k, 3), aligned with a matrix (k, 1, 3)
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.activity import holds_kept
from s2s.errors import NotBatched
from s2s.rules import Rules
from s2s.shaping import as_carried
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    COMPLEX,
    UNDEF,
    Array,
    Dict,
    List,
    Scalar,
    Tuple,
    Type,
    bound,
    is_real_valued,
    length,
    rank_of,
    some_length,
)


class Axis:
    """`many` are the values that depend on a direction; `new` has those with the axis.

    `old` has the types that the seeds had without it.
    """

    def __init__(self, rules: Rules, body: Region, seeds: Sequence[Value]) -> None:
        self.rules = rules
        self.q = Quote(rules, body)
        self.seeds = seeds
        self.many = set(seeds)  # values that have an axis of directions
        self.new: dict[Value, Value] = {s: s for s in seeds}
        self.old = {s: s.type for s in seeds}
        self.dim = some_length()
        for seed in seeds:
            seed.type = self.type_with_axis(seed.type)
        self.count = Value(Scalar("int"), "n")  # of the directions

    def type_with_axis(self, of: Type) -> Type:
        of = bound(of)
        if holds_kept(of):  # the axis is in what is kept
            return of
        if isinstance(of, Tuple):
            return of.of(
                self.type_with_axis(i) if is_real_valued(i) else i for i in of.items
            )
        if isinstance(of, Scalar):
            dtype = {"float": "float64", "complex": "complex128"}.get(of.kind)
            if dtype is not None:
                return Array(dtype, (self.dim,))
        if isinstance(of, Array) and not of.loose:
            return Array(of.dtype, (self.dim, *of.shape))
        if isinstance(of, List) and not isinstance(of, Dict):
            return (
                of if of.item == UNDEF else List(self.type_with_axis(of.item), of.dim)
            )
        raise NotBatched("directions of this have no axis of their own")

    def rank(self, value: Value) -> int:
        """The rank without the axis of directions."""
        rank = rank_of(self.old.get(value, value.type))
        of = bound(self.old.get(value, value.type))
        if rank is None or (isinstance(of, Array) and of.loose):
            raise NotBatched("the rank of this is not known", self.q.origin)
        return rank

    def aligned(self, value: Value, rank: int) -> Value:
        """The value so that it broadcasts with others of up to this rank."""
        if value not in self.many:
            return value
        missing = rank - self.rank(value)
        new = self.new[value]
        if missing <= 0:
            return new
        sign = ""
        if new.op is not None and new.op.kind == "neg":  # it stays in sight of products
            sign, new = "-", new.op.args[0]
        return self.q(f"{sign}d[:{', None' * missing}]", d=new)

    def list_spread(self, value: Value, of: List) -> Value:
        """A list, of which each item is of each direction: zeros, if it has any."""
        op, item = value.op, bound(of.item)
        if of.dim == length(0):
            return value
        plain = isinstance(item, Scalar) or (isinstance(item, Array) and not item.loose)
        if plain and op is not None and op.kind == "zeros_list":
            dtype = ", complex" if kind_of(item) == "complex" else ""
            text = f"zeros_of_several(x, n{dtype})"
            zeros = self.q(text, x=op.args[0], n=self.count)
            zeros.type = self.type_with_axis(of)
            return zeros
        if plain and op is not None and op.kind == "list_repeat":
            args = [self.spread(op.args[0], item), op.args[1]]
            return self.q.emit("list_repeat", args, op.names)
        raise NotBatched("this list of several directions", self.q.origin)

    def shape_with_axis(self, shape: Value) -> Value:
        """A shape, after the number of directions."""
        if shape in self.many:
            raise NotBatched("a shape depends on the direction", self.q.origin)
        op = shape.op
        if op is not None and op.kind == "shape" and op.attrs.get("derived"):
            return self.shape_of_several(op.args[0])
        text = "(n, s)" if rank_of(shape.type) == 0 else "(n, *s)"
        if shape.is_const and isinstance(shape.const, tuple):
            text = f"({', '.join(['n', *map(repr, shape.const)])},)"
        return self.q(text, n=self.count, s=shape)

    def shape_of_several(self, like: Value) -> Value:
        """The shape of several arrays, each of the shape of this one."""
        lengths = (f"x.shape[{k}]" for k in range(self.rank(like)))
        return self.q(f"({', '.join(['n', *lengths])},)", n=self.count, x=like)

    def spread(self, value: Value, to: Type | None = None) -> Value:
        """The value, of each direction; in the dtype of a type, if one is given."""
        if to is None:
            return self.each(value)
        if value.is_const:
            value = as_carried(self.q, value, to)
        return as_carried(self.q, self.each(value), self.type_with_axis(to))

    def each(self, value: Value) -> Value:
        """The value, of each direction, in its own dtype."""
        if value in self.many:
            return self.new[value]
        if holds_kept(value.type):
            return value
        of, op = bound(value.type), value.op
        if isinstance(of, List):
            return self.list_spread(value, of)
        if not self.rank(value):
            zero = value.is_const and value.type != COMPLEX and not value.const
            number = self.q.const(0.0) if zero else value
            return self.q("np.full(n, v)", n=self.count, v=number)
        if isinstance(of, Array) and of.dtype == "float64" and op is not None:
            if op.kind == "np.zeros_like":
                return self.q("np.zeros(s)", s=self.shape_of_several(op.args[0]))
            if op.kind == "np.zeros":
                return self.q("np.zeros(s)", s=self.shape_with_axis(op.args[0]))
        return self.q("np.repeat(x[None], n, 0)", x=value, n=self.count)

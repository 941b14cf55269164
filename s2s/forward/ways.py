"""How operations do it in several directions at once.

In: an operation that reads what has an axis of directions. Out: its result, with it.

    np.sum(x_dot, axis=0)       ->     np.sum(x_dot, axis=1)
    A @ x_dot                   ->     x_dot @ A.T

What has no way of its own, and is not done element by element, is `NotBatched`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from s2s.errors import NotBatched
from s2s.forward.listed import Listed
from s2s.forward.spreading import Spreading
from s2s.ssa.ir import Op, Value
from s2s.ssa.types import List, Tuple, bound, rank_of

SAME = frozenset({"alias", "float", "np.float64", "np.copy", "item"})
AS_IT_IS = frozenset(
    """
    astype np.zeros_like np.ones_like np.empty_like np.ascontiguousarray
    list_copy add_lists copy_items removed
    """.split()  # noqa: SIM905
)
ALONG = frozenset(
    """
    np.cumsum np.flip np.roll np.repeat np.swapaxes np.moveaxis np.take np.diff
    np.expand_dims np.squeeze resized np.fft.fft np.fft.ifft np.fft.rfft
    np.fft.irfft np.fft.fft2 np.fft.ifft2 np.fft.fftn np.fft.ifftn np.fft.fftshift
    np.fft.ifftshift
    """.split()  # noqa: SIM905
)
AXES = frozenset({"axis", "axis1", "axis2", "axes", "source", "destination"})


class Ways(Listed, Spreading):
    """Writes operations of values with an axis of directions."""

    def elementwise(self, op: Op) -> Value:
        rank = max(self.rank(a) for a in op.args)
        return self.again(op, [self.aligned(a, rank) for a in op.args])

    def same(self, op: Op) -> Value:
        return self.new[op.args[0]]

    def part(self, op: Op) -> Value:
        """An item of a tuple."""
        if not isinstance(bound(self.new[op.args[0]].type), Tuple):
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        return self.as_it_is(op)

    def popped(self, op: Op) -> Value:
        """What was pushed with the axis."""
        made = self.q.append(Op("pop", op.args, op.names))
        of = self.type_with_axis(op.result.type)
        made.results = [Value(of, op.result.hint, op.result.role, op=made)]
        return made.result

    def reduction(self, op: Op) -> Value:
        """A sum or mean, over axes that are one further back."""
        x, *rest = op.args
        if op.names[0] != "x" or not self.many.isdisjoint(rest):
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        rank, axis = self.rank(x), op.arg("axis")
        if axis is None or (axis.is_const and axis.const is None):
            if not rank:
                return self.new[x]
            axes: Any = tuple(range(1, rank + 1)) if rank > 1 else 1
        else:
            axes = shifted(axis, op)
        given = {n: a for n, a in zip(op.names, op.args, strict=True)}
        given |= {"x": self.new[x], "axis": self.q.const(axes)}
        return self.q.emit(op.kind, [*given.values()], tuple(given))

    def transposed(self, op: Op) -> Value:
        x, rank, axes = op.args[0], self.rank(op.args[0]), op.arg("axes")
        if axes is not None and axes.is_const and axes.const is not None:
            order = [a % rank + 1 for a in axes.const]
        elif axes is not None and not axes.is_const:
            raise NotBatched("this `transpose` of several directions", op.origin)
        else:
            order = [*range(rank, 0, -1)]
        if rank < 2:
            return self.new[x]
        return self.q("np.transpose(x, a)", x=self.new[x], a=self.q.const((0, *order)))

    def along(self, op: Op) -> Value:
        """What works along axes: each is one further back."""
        given = dict(zip(op.names, op.args, strict=True))
        x, params = given.pop("x"), self.rules[op.kind].params
        axes = [p.name for p in params if p.name in AXES]
        if x not in self.many or not self.many.isdisjoint(given.values()):
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        for param in params:
            if param.name in axes and param.name not in given:
                given[param.name] = self.q.const(param.default)
        for name in axes:
            none = given[name].is_const and given[name].const is None
            if none and name == "axes":
                given[name] = self.q.const(tuple(range(self.rank(x))))
            elif none and self.rank(x) == 1 and op.kind != "np.squeeze":
                given[name] = self.q.const(0)
            given[name] = self.q.const(shifted(given[name], op))
        given = {"x": self.new[x]} | given
        return self.q.emit(op.kind, [*given.values()], tuple(given))

    def joined(self, op: Op) -> Value:
        """`np.concatenate`, `np.stack`, `np.array`... of items that are known."""
        items = [self.spread(a) for a, n in zip(op.args, op.names, strict=True)
                 if n == "xs"]  # fmt: skip
        ranks = {rank_of(i.type) for i in items}
        if set(op.names) - {"xs", "axis"} or (len(ranks) > 1):
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        axis = self.q.const(shifted(op.arg("axis") or self.q.const(0), op))
        kind, rank = op.kind, max(r - 1 for r in ranks if r is not None)
        if kind == "np.hstack" and rank > 1:
            axis = self.q.const(2)
        if kind in ("np.hstack", "np.vstack"):
            stacked = rank == 0 or (kind == "np.vstack" and rank == 1)
            kind = "np.stack" if stacked else "np.concatenate"
            if rank == 0 and op.kind == "np.vstack":
                raise NotBatched("this `np.vstack` of several directions", op.origin)
        elif kind == "np.array":
            kind = "np.stack"
        names = (*("xs",) * len(items), "axis")
        return self.q.emit(kind, [*items, axis], names)

    def flattened(self, op: Op) -> Value:
        return self.q("np.reshape(x, (n, -1))", x=self.new[op.args[0]], n=self.count)

    def read(self, op: Op) -> Value:
        base, *where = op.args
        if isinstance(bound(self.old.get(base, base.type)), Tuple | List):
            if base not in self.many or not self.many.isdisjoint(where):
                raise NotBatched("an index depends on the direction", op.origin)
            return self.as_it_is(op)
        if not self.many.isdisjoint(where):
            raise NotBatched("an index depends on the direction", op.origin)
        self.rank(base)
        codes = with_axis(op.attrs["index"], where, op)
        return self.again(op, [self.new[base], *where], index=codes)

    def written(self, op: Op) -> Value:
        """`A[index] = v`, through views that are parts."""
        base, *where, v = op.args
        if isinstance(bound(self.old.get(base, base.type)), List):
            return self.item_written(op)
        if not self.many.isdisjoint(where):
            raise NotBatched("an index depends on the direction", op.origin)
        self.rank(base)
        left, path, part = where, [], base
        for hop in op.attrs.get("path", ()):
            attrs = dict(hop.attrs)
            if hop.kind != "getitem":
                raise NotBatched(f"a store through `{hop.kind}`", op.origin)
            mine, left = left[: hop.count], left[hop.count :]
            codes = with_axis(attrs["index"], mine, op)
            path.append(replace(hop, attrs=tuple((attrs | {"index": codes}).items())))
            part = self.part_of(part, attrs["index"], mine)
        codes = with_axis(op.attrs["index"], left, op)
        rank = self.rank(self.part_of(part, op.attrs["index"], left))
        if self.rank(v) > rank:
            raise NotBatched("a store of what has more axes", op.origin)
        args = [self.spread(base), *where, self.aligned(v, rank)]
        changed: dict[str, Any] = {"index": codes}
        if "path" in op.attrs:
            changed["path"] = tuple(path)
        return self.again(op, args, **changed)

    def part_of(self, base: Value, codes: Any, where: Sequence[Value]) -> Value:
        """A stand-in for a part of an array without the axis, for its type alone."""
        like = Value(self.old.get(base, base.type))
        names = ("x", *["index"] * len(where))
        op = Op("getitem", [like, *where], names, {"index": codes})
        return Value(self.rules.infer(op))

    def triangle(self, op: Op) -> Value:
        if self.rank(op.args[0]) != 2 or not self.many.isdisjoint(op.args[1:]):
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        return self.as_it_is(op)

    def solved(self, op: Op) -> Value:
        """`np.linalg.solve(A, b)` of one matrix."""
        A, b = op.args
        if A in self.many or self.rank(A) != 2:
            raise NotBatched("`np.linalg.solve` of several matrices", op.origin)
        if self.rank(b) == 2:  # the directions are columns beside one another
            return self.q(
                "np.moveaxis(np.reshape(np.linalg.solve(A, np.reshape("
                "np.moveaxis(b, 0, 1), (len(A), -1))), (len(A), n, -1)), 1, 0)",
                A=A, b=self.new[b], n=self.count,
            )  # fmt: skip
        return self.q("np.linalg.solve(A, b.T).T", A=A, b=self.new[b])


def shifted(axis: Value, op: Op) -> Any:
    """The axes of an operation, one further back."""
    if not axis.is_const or not isinstance(axis.const, int | tuple):
        raise NotBatched("an axis that is not known", op.origin)
    if isinstance(axis.const, tuple):
        return tuple(a + 1 if a >= 0 else a for a in axis.const)
    return axis.const + 1 if axis.const >= 0 else axis.const


def with_axis(codes: Any, where: Sequence[Value], op: Op) -> tuple[str, ...]:
    """An index behind the axis of directions.

    Arrays in it that stand apart would take their axes to the front.
    """
    codes = [c for c in codes if c]
    found = [k for k, c in enumerate(codes) if c == "i"]
    numbers = all(rank_of(w.type) == 0 for w in where)
    if not numbers and found and found[-1] - found[0] + 1 != len(found):
        raise NotBatched("an index by arrays that stand apart", op.origin)
    return ("s000", *codes)


WAYS: dict[str, Callable[[Ways, Op], Value]] = {
    **dict.fromkeys(SAME, Ways.same),
    **dict.fromkeys(AS_IT_IS, Ways.as_it_is),
    **dict.fromkeys(("pick", "unpack"), Ways.part),
    **dict.fromkeys(("np.sum", "np.mean"), Ways.reduction),
    "np.full_like": Ways.filled,
    "np.broadcast_to": Ways.broadcast,
    "unbroadcast": Ways.unbroadcast,
    **dict.fromkeys(("np.diag", "np.diagonal"), Ways.diagonal),
    **dict.fromkeys(("store", "add_at"), Ways.written),
    **dict.fromkeys(("matmul", "np.matmul", "np.dot"), Ways.product),
    **dict.fromkeys(("T", "np.transpose"), Ways.transposed),
    **dict.fromkeys(ALONG, Ways.along),
    **dict.fromkeys(("np.einsum", "np.tensordot", "np.inner"), Ways.lettered),
    **dict.fromkeys(("np.triu", "np.tril"), Ways.triangle),
    **dict.fromkeys(("np.concatenate", "np.stack", "np.array"), Ways.joined),
    **dict.fromkeys(("np.hstack", "np.vstack"), Ways.joined),
    **dict.fromkeys(("np.ravel", "flatten"), Ways.flattened),
    **dict.fromkeys(("append", "list"), Ways.listed),
    "list_repeat": Ways.list_repeated,
    "rows": Ways.rows,
    **dict.fromkeys(("sum", "np.sum of list", "np.mean of list"), Ways.summed),
    "np.array of list": Ways.array_of_list,
    "np.reshape": Ways.reshaped,
    "pop": Ways.popped,
    "getitem": Ways.read,
    "np.outer": Ways.outer,
    "np.linalg.solve": Ways.solved,
}

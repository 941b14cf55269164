"""Calls that store along an array as if it were flat: np.put, np.fill_diagonal.

In: the call. Out: a `store` at positions (see `in_place`).

    np.put(A, i, v)            A1 = store(A, (i // n, i % n), v)
    np.fill_diagonal(A, v)     A1 = store(A, (k, k), v), where k = np.arange(n)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import gast

from s2s.errors import a
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.in_place import WHOLE, InPlaceBuilder, Target, changes_in_place
from s2s.ssa.infer import as_positions
from s2s.ssa.ir import Value
from s2s.ssa.storage import counts_up
from s2s.ssa.types import ANY, Array, Dim, bound, described, rank_of


class FlatStoreBuilder(InPlaceBuilder):
    """Evaluates calls that store at positions."""

    def whole(self, node: gast.AST, base: Bound) -> Target:
        """All of an array that a call changes."""
        of = None if isinstance(base, Seq) else bound(base.type)
        if (
            isinstance(base, Seq)
            or not isinstance(of, Array)
            or not changes_in_place(base)
        ):
            if of == ANY:
                self.refuse(
                    node, "the rank of the array that this changes is not known here",
                    "make it of arrays of one rank; a loop over several ranks has none",
                )  # fmt: skip
            what = a(base.kind) if isinstance(base, Seq) else described(base.type)
            self.refuse(node, f"only arrays can be changed in place, not {what}")
        return Target(base, WHOLE, ())

    def put_flat(self, node: gast.Call, a: Bound, ind: Bound, v: Bound) -> None:
        """`np.put(A, i, v)` as `A[i // n, i % n] = v`: i counts along rows."""
        at = self.whole(node, a)
        index = self.as_value(node, ind)
        value = self.as_value(node, v)
        self.check_cast(node, value, at.base)
        with self.placed():
            as_positions(index.type, "np.put")
        if (rank_of(value.type) or 0) > 1 or (rank_of(index.type) or 0) > 1:
            self.refuse(
                node,
                "np.put is supported for indices and values of rank 1",
                "flatten them: `np.ravel(...)`",
            )
        value, index = self.around(value, index, shape_of(index))
        operands: list[Value] = []
        shape = self.unpack(self.emit("shape", [at.base]))
        for length in reversed(shape.items[1:]):
            operands.insert(0, self.emit("mod", [index, self.pack(length)]))
            index = self.emit("floordiv", [index, self.pack(length)])
        operands.insert(0, index)
        codes = ("i",) * len(operands)
        self.put(node, Target(at.base, codes, tuple(operands)), value)

    def fill_diagonal(
        self, node: gast.Call, a: Bound, val: Bound, wrap: Bound | None = None
    ) -> None:
        """`np.fill_diagonal(A, v)` as `A[i, i] = v`: it is `A.flat[:: n + 1] = v`."""
        at = self.whole(node, a)
        value = self.as_value(node, val)
        self.check_cast(node, value, at.base)
        if wrap is not None and not (isinstance(wrap, Value) and wrap.const is False):
            self.refuse(node, "argument `wrap` is not supported here")
        if rank_of(at.base.type) != 2 or (rank_of(value.type) or 0) > 1:
            self.refuse(
                node,
                "np.fill_diagonal is supported for matrices, with a number or a vector",
            )
        if rank_of(value.type) and self.overlap(value, at.base):
            self.refuse(
                node,
                "this fills a diagonal with a part of its array, and NumPy reads "
                "elements that it has just written",
                "copy the part first, with `.copy()`",
            )
        index = self.emit("np.arange", [self.diagonal(at.base)], ("start",))
        value, index = self.around(value, index, shape_of(at.base))
        self.put(node, Target(at.base, ("i", "i"), (index, index)), value)

    def diagonal(self, base: Value) -> Value:
        """The length of the diagonal of a matrix: of one axis, if it is known which."""
        m, n = shape_of(base)
        shape = self.unpack(self.emit("shape", [base]))
        if m.sym is None or m.sym != n.sym:
            return self.emit("min", [self.pack(i) for i in shape.items])
        return self.pack(shape.items[n.off < m.off])

    def around(
        self, value: Value, index: Value, equal: Sequence[Dim]
    ) -> tuple[Value, Value]:
        """What is stored at some positions, one after the other, and these.

        A vector that is too short starts anew; of an empty one NumPy stores nothing. It
        is as long as the lengths in `equal` in nearly every program.
        """
        if not rank_of(value.type) == rank_of(index.type) == 1:
            return value, index
        (length,), (many,) = shape_of(value), shape_of(index)
        if length.unit or length.same(many):
            return value, index
        count = self.emit("len", [value])
        if not length.low:
            stop = self.emit("mul", [self.emit("len", [index]), count])
            index = self.emit("getitem", [index, stop], ("x", "index"), index=("s010",))
        order = index
        if not counts_up(index):
            order = self.emit("np.arange", [self.emit("len", [index])], ("start",))
        where = self.emit("mod", [order, count])
        value = self.emit("getitem", [value, where], ("x", "index"), index=("i",))
        assert value.op is not None
        value.op.attrs["fits"] = [*pairwise([length, *equal])]
        return value, index


def shape_of(value: Value) -> tuple[Dim, ...]:
    of = bound(value.type)
    return of.shape if isinstance(of, Array) else ()

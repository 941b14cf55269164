"""Calls that change arrays: `out=`, `A.fill(...)`, `np.copyto`, `np.add.at`.

In: the call. Out: a `store` into the array that it changes (see `in_place`).

    np.exp(x, out=A)         A1 = store(A, ..., np.exp(x))
    A.fill(v)                A1 = store(A, ..., v)
    np.add.at(A, i, v)       A1 = add_at(A, i, v)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.calls import numpy_names
from s2s.ssa.flat_stores import FlatStoreBuilder
from s2s.ssa.in_place import Target
from s2s.ssa.ir import Value
from s2s.ssa.storage import may_repeat
from s2s.ssa.types import ONE, Array, bound, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rule

# What has written a part of `out` before it reads the rest; others copy what overlaps.
WRITES_EARLY = frozenset(["np.concatenate", "np.stack", "np.ptp"])

# Statements whose expressions are evaluated just once, in the order of Python.
EVALUATED_ONCE = (gast.Assign, gast.AugAssign, gast.Return)


class MutationBuilder(FlatStoreBuilder):
    """Evaluates calls that change arrays in place."""

    def changing_call(self, node: gast.Call) -> bool:
        """Carry out a call that changes an array; False if it is another call."""
        func = node.func
        if isinstance(func, gast.Attribute) and func.attr in METHODS:
            base = self.expr(func.value)
            if isinstance(base, Seq) and base.cls is not None and _is_dotted(func):
                return False  # a method of the user's
            if not (isinstance(base, Value) and base.is_const):
                args = [base, *map(self.expr, node.args)]
                self.change(node, METHODS[func.attr], args)
                return True
        if not _is_dotted(func):  # it may change something itself: once is enough
            return False
        if isinstance(func, gast.Attribute):
            base = self.expr(func.value)
            if not (isinstance(base, Value) and base.is_const):
                return False
        callee = self.expr(func)
        if not isinstance(callee, Value) or not callee.is_const:
            return False
        change = FUNCTIONS.get(_key(callee.const))
        if change is None:
            return False
        self.change(node, change, [self.expr(a) for a in node.args])
        return True

    def change(
        self, node: gast.Call, change: Callable[..., None], args: list[Bound]
    ) -> None:
        keywords = {str(k.arg): self.expr(k.value) for k in node.keywords}
        self.origin = self.origin_of(node)
        signature = inspect.signature(change)
        for keyword in node.keywords:
            if keyword.arg not in signature.parameters:
                self.refuse(
                    keyword.value, f"argument `{keyword.arg}` is not supported here"
                )
        try:
            signature.bind(self, node, *args, **keywords)
        except TypeError:
            self.refuse(node, "these arguments are not supported here")
        change(self, node, *args, **keywords)

    # methods and functions ------------------------------------------------

    def fill(self, node: gast.Call, base: Bound, value: Bound) -> None:
        self.put(node, self.whole(node, base), self.pack(value))

    def sort(self, node: gast.Call, base: Bound, axis: Bound | None = None) -> None:
        at = self.whole(node, base)
        axes = [] if axis is None else [self.pack(axis)]
        args, names = [at.base, *axes], ("x", "axis")[: 1 + len(axes)]
        self.put(node, at, self.emit("np.sort", args, names))

    def copyto(
        self, node: gast.Call, dst: Bound, src: Bound, where: Bound | None = None
    ) -> None:
        at = self.whole(node, dst)
        value = self.as_value(node, src)
        self.check_cast(node, value, at.base)
        if where is not None:
            self.check_copy(node, at.base, at.codes, at.operands, value)
            value = self.emit("np.where", [self.pack(where), value, at.base])
        self.put(node, at, value)

    def putmask(self, node: gast.Call, a: Bound, mask: Bound, values: Bound) -> None:
        """`np.putmask(A, c, v)` as `np.copyto(A, v, where=c)`, for v of A's shape."""
        value = self.as_value(node, values)
        of, to = bound(value.type), bound(self.whole(node, a).base.type)
        fits = rank_of(of) == rank_of(to) == 1
        if isinstance(of, Array) and isinstance(to, Array):
            fits |= of.shape == to.shape
        if rank_of(of) != 0 and not fits:
            self.refuse(
                node,
                "np.putmask repeats values of another shape, which is not supported",
                "assign through the mask: `x[mask] = values[mask]`",
            )
        self.copyto(node, a, value, mask)

    def place(self, node: gast.Call, arr: Bound, mask: Bound, vals: Bound) -> None:
        """`np.place(A, c, v)` with one value."""
        value = self.as_value(node, vals)
        of = bound(value.type)
        if not (rank_of(of) == 0 or (isinstance(of, Array) and of.shape == (ONE,))):
            self.refuse(
                node,
                "np.place repeats its values, which is supported for one only",
                "assign through the mask: `x[mask] = values`",
            )
        self.copyto(node, arr, value, mask)

    def add_at(
        self, node: gast.Call, a: Bound, indices: Bound, b: Bound, minus: bool = False
    ) -> None:
        at = self.whole(node, a)
        codes, operands = self.index(node.args[1])
        value = self.as_value(node, b)
        at = Target(at.base, codes, tuple(operands))
        self.check_fits(node, at, value)
        self.check_cast(node, value, at.base)
        self.store(node, at.base, codes, operands, value, "add_at", minus=minus)

    def subtract_at(self, node: gast.Call, a: Bound, indices: Bound, b: Bound) -> None:
        self.add_at(node, a, indices, b, minus=True)

    def change_at(self, node: gast.Call, a: Bound, indices: Bound, b: Bound) -> None:
        """`np.multiply.at(a, mask, b)` as `a[mask] *= b`: no element occurs twice."""
        at = self.whole(node, a)
        codes, operands = self.index(node.args[1])
        at = Target(at.base, codes, tuple(operands))
        callee = self.expr(node.func)
        assert isinstance(callee, Value)
        ufunc = callee.const.__self__
        if may_repeat(codes, operands):
            self.refuse(
                node,
                f"an index may occur twice here, and np.{ufunc.__name__}.at then has "
                "no derivative rule",
                "write a loop over the indices",
            )
        rule = self.rules.find(ufunc)
        assert rule is not None
        value = self.as_value(node, b)
        new = self.emit(rule.kind, [self.part(at), value])
        self.check_cast(node, new, at.base)
        self.put(node, at, new)

    # `out=` ---------------------------------------------------------------

    def apply(
        self,
        node: gast.Call,
        rule: Rule,
        args: list[Bound],
        obj: Any,
        method: str | None = None,
    ) -> Bound:
        """A call; with `out=` its result is stored into an array, and is that array."""
        keywords = {k.arg: k for k in node.keywords}
        positional = _out_by_position(obj, args)
        if positional is None and "out" not in keywords:
            return super().apply(node, rule, args, obj, method)
        within = getattr(self.at, "value", None) is not node
        once = isinstance(self.at, EVALUATED_ONCE) and node not in self.stored_by
        if within and (self.sealed or not once):
            self.refuse(
                node,
                "a call with `out` must be a statement of its own here",
                "call it before, in a line of its own",
            )
        given = None if positional is None else args[positional]
        args = args[:positional]
        rest = [k for k in node.keywords if k.arg not in ("out", "where")]
        bare = gast.copy_location(gast.Call(node.func, node.args, rest), node)
        value = super().apply(bare, rule, args, obj, method)
        item = given if given is not None else self.expr(keywords["out"].value)
        if isinstance(item, Seq) and len(item.items) == 1:
            item = item.items[0]
        if isinstance(item, Value) and item.is_const and item.const is None:
            return value
        at, made = self.whole(node, item), self.pack(value)
        read = made.op.args if made.op is not None else []
        if rule.kind in WRITES_EARLY and any(self.overlap(a, at.base) for a in read):
            self.refuse(
                node,
                f"{rule.kind} is given a part of `out`, and NumPy reads elements that "
                "it has just written",
                "assign what it returns: `A[...] = ...`",
            )
        self.check_cast(node, made, at.base)
        plain = "where" not in keywords
        if not plain:
            where = self.value(keywords["where"].value)
            made = self.emit("np.where", [where, made, at.base])
        self.within = within
        self.stored_by.add(node)
        self.put(node, at, made)
        self.within = False
        stored = self.version(self.place_of(at.base).cell).op
        if plain and stored is not None and made.op is not None:
            stored.attrs["out"] = made.op.kind
        return self.fresh(at.base)


METHODS: dict[str, Callable[..., None]] = {
    "fill": MutationBuilder.fill,
    "put": MutationBuilder.put_flat,
    "sort": MutationBuilder.sort,
}


FUNCTIONS: dict[Any, Callable[..., None]] = {
    np.copyto: MutationBuilder.copyto,
    np.put: MutationBuilder.put_flat,
    np.putmask: MutationBuilder.putmask,
    np.place: MutationBuilder.place,
    np.fill_diagonal: MutationBuilder.fill_diagonal,
    ("at", np.add): MutationBuilder.add_at,
    ("at", np.subtract): MutationBuilder.subtract_at,
    **{
        ("at", f): MutationBuilder.change_at
        for f in (np.multiply, np.divide, np.maximum, np.minimum, np.power)
    },
}


def _out_by_position(obj: Any, args: list[Bound]) -> int | None:
    """Where `out` stands among the arguments, if it is the last of them."""
    names = numpy_names(obj)
    if isinstance(obj, np.ufunc):
        position = obj.nin
    elif "out" in names and obj is not np.einsum:  # which takes any number of arrays
        position = names.index("out")
    else:
        return None
    return position if len(args) == position + 1 else None


def _is_dotted(node: gast.AST) -> bool:
    while isinstance(node, gast.Attribute):
        node = node.value
    return isinstance(node, gast.Name)


def _key(obj: Any) -> Any:
    """What identifies a function; `np.add.at` is a new object each time."""
    if getattr(obj, "__name__", "") == "at":
        return "at", getattr(obj, "__self__", None)
    return obj if getattr(type(obj), "__hash__", None) is not None else None

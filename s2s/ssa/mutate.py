"""Statements that change arrays: assignments to elements, `+=`, `out=`, `A.fill(...)`.

In: the statement. Out: a `store` (or a pure operation whose result takes the place of
the old array) and a new version of the cell that it changes.

    A[i] = v                 A1 = store(A, i, v)
    A[1:] += v               A1 = add_at(A, 1:, v)
    A *= v                   A1 = A * v
    np.exp(x, out=A)         A1 = store(A, ..., np.exp(x))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.calls import numpy_names
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.memory import has_storage
from s2s.ssa.rebound import Rebinding
from s2s.ssa.storage import is_basic, is_full_index, surely_number
from s2s.ssa.stores import StoreBuilder
from s2s.ssa.types import ANY, Array, List, Scalar, Tuple, bound, described, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rule

WHOLE = ("e",)
# Statements whose expressions are evaluated just once, in the order of Python.
EVALUATED_ONCE = (gast.Assign, gast.AugAssign, gast.Return)


@dataclass(frozen=True)
class Target:
    """What `base[index]` refers to, evaluated once."""

    base: Value
    codes: tuple[str, ...]
    operands: tuple[Value, ...]


class MutationBuilder(StoreBuilder):
    """Evaluates what changes arrays in place."""

    # elements and slices --------------------------------------------------

    def target(self, node: gast.Subscript) -> Target:
        """The array and index of an assignment's left side."""
        base = self.expr(node.value)
        if isinstance(base, Seq):
            what = "a tuple cannot be changed"
            if base.kind == "list":
                what = "assignments to items of a list are not supported yet"
            self.refuse(node, what, "build a new one, or use an array")
        of = bound(base.type)
        if isinstance(of, List):
            self.refuse(
                node,
                "assignments to items of a list are not supported yet",
                "use an array, or build a new list",
            )
        if of == ANY:
            self.refuse(
                node,
                f"what `{base.hint}` is must be known to assign to its elements",
                "give a type",
            )
        if not isinstance(of, Array) or (of.rank == 0 and surely_number(base, {})):
            self.refuse(node, f"{described(of)} has no elements to assign to")
        if of.loose:
            self.refuse(
                node,
                f"`{base.hint}` may be a number here, on some path",
                "make it an array from the start, e.g. with np.zeros",
            )
        codes, operands = self.index(node.slice)
        return Target(base, codes, tuple(operands))

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        """`base[index] = item`."""
        at = self.target(node)
        value = self.array(item) if isinstance(item, Seq) else item
        if not changes_in_place(at.base):
            self.assign_number(node, at, value)
            return
        self.put(node, at, value)

    def assign_number(self, node: gast.Subscript, at: Target, value: Value) -> None:
        """`a[()] = value`, where `a` is an array without axes."""
        self.check_fits(node, at, value)
        to = bound(at.base.type)
        assert isinstance(to, Array)
        if not isinstance(node.value, gast.Name) or not is_full_index(at.codes):
            self.refuse(node, f"{described(to)} has no elements to assign to")
        if self.depth:  # the loop does not know that the name is rebound
            self.refuse(
                node,
                f"`{node.value.id}` has no axes: it is not assigned to in loops",
                f"write `{node.value.id} = ...`",
            )
        new = self.emit("np.copy", [value], ("x",))
        if bound(new.type) != to:
            new = self.emit("astype", [new, self.const(np.dtype(to.dtype).type)])
        self.rebind_number(node, node.value.id, at.base, new, stored=True)

    def put(self, node: gast.AST, at: Target, value: Value, **attrs: Any) -> None:
        """Store a value, if it goes in at all."""
        self.check_fits(node, at, value)
        self.store(node, at.base, at.codes, at.operands, value, **attrs)

    def check_fits(self, node: gast.AST, at: Target, value: Value) -> None:
        of, to = bound(value.type), bound(at.base.type)
        assert isinstance(to, Array)
        if not isinstance(of, Array | Scalar):
            self.refuse(node, f"{described(of)} cannot be stored into an array")
        if of.kind == "complex" and to.kind != "complex":
            self.refuse(
                node,
                f"complex numbers do not go into an array of {to.dtype}",
                "make the array complex, e.g. with dtype=complex",
            )
        # the type of what is replaced: too many indices are refused here
        outer, self.origin = self.origin, self.origin_of(node)
        part = self.part(at)
        self.origin = outer
        if isinstance(of, Array) and of.rank > (rank_of(part.type) or 0):
            extra = of.shape[: of.rank - (rank_of(part.type) or 0)]
            if not all(d.unit for d in extra):
                self.refuse(
                    node, f"{described(of)} does not fit into {described(part.type)}"
                )

    def part(self, at: Target) -> Value:
        """`base[index]`, read."""
        names = ("x",) + ("index",) * len(at.operands)
        return self.emit("getitem", [at.base, *at.operands], names, index=at.codes)

    def augment_item(self, node: gast.AugAssign) -> None:
        """`base[index] += value`: the old elements are read before the value."""
        assert isinstance(node.target, gast.Subscript)
        at = self.target(node.target)
        kind = self.rules.OPERATORS[type(node.op)]
        old, cell = self.part(at), self.place_of(at.base).cell
        before = self.version(cell)
        item = self.expr(node.value)
        other = self.array(item) if isinstance(item, Seq) else item
        self.origin = self.origin_of(node)
        kept = before is self.version(cell)  # or the elements read are other ones now
        alone = kept and not _may_repeat(at)
        if kind in ("add", "sub") and alone and _is_number(other):
            self.check_fits(node, at, other)
            to = bound(at.base.type)
            made = self.emit(kind, [old, other])  # for its type alone
            if isinstance(to, Array) and to.kind in ("float", "complex"):
                self.check_rank(node, made, old)
                self.store(
                    node, at.base, at.codes, at.operands, other, "add_at",
                    minus=kind == "sub",
                )  # fmt: skip
                return
        new = self.emit(kind, [old, other], aug=True)
        self.check_rank(node, new, old)
        self.check_cast(node, new, old)
        self.put(node, at, new)

    def check_rank(self, node: gast.AST, made: Value, old: Value) -> None:
        """A result in place has the shape of what it replaces."""
        new, of = bound(made.type), bound(old.type)
        if isinstance(new, Array) and new.rank > (rank_of(of) or 0):
            self.refuse(node, f"{described(new)} does not fit into {described(of)}")

    def check_cast(self, node: gast.AST, made: Value, old: Value) -> None:
        """In place, NumPy casts within a kind only."""
        new, of = bound(made.type), bound(old.type)
        if isinstance(new, Array) and isinstance(of, Array) and of.rank:
            if not np.can_cast(new.dtype, of.dtype, "same_kind"):
                self.refuse(
                    node,
                    f"{new.dtype} cannot be stored into {of.dtype}",
                    f"make `{old.hint}` an array of floats, e.g. with dtype=float",
                )

    # whole arrays ---------------------------------------------------------

    def extends(self, node: gast.AugAssign) -> bool:
        """Carry out `xs += more` on a list; False if it is something else."""
        return False

    def augment_name(self, node: gast.AugAssign) -> None:
        """`x += value`: changes an array for all its names, and rebinds a number."""
        assert isinstance(node.target, gast.Name)
        name = node.target.id
        if self.extends(node):
            return
        load = gast.copy_location(gast.Name(name, gast.Load(), None, None), node.target)
        old, other = self.expr(load), self.expr(node.value)
        kind = self.rules.OPERATORS[type(node.op)]
        if isinstance(other, Seq) and isinstance(old, Value):
            if isinstance(bound(old.type), Array):
                other = self.array(other)
        if isinstance(old, Seq) or isinstance(other, Seq):
            self.env[name] = self._sequence_arithmetic(node, kind, old, other)
            return
        self.origin = self.origin_of(node)
        of = bound(old.type)
        if of == ANY or isinstance(of, List | Tuple):
            self.refuse(
                node,
                f"whether `{name}` is changed in place or rebound depends on its type",
                f"give a type, or write `{name} = {name} ...`",
            )
        new = self.emit(kind, [old, other], aug=True)
        if isinstance(of, Array) and not (of.rank == 0 and surely_number(old, {})):
            self.in_place(node, name, new, old, of)
            return
        self.env[name] = self.named(new, name)

    def in_place(
        self, node: gast.AST, name: str, new: Value, old: Value, of: Array
    ) -> None:
        """An array takes the place of the one that it was computed from."""
        self.check_rank(node, new, old)
        made = bound(new.type)
        if changes_in_place(old):
            if isinstance(made, Array) and made.dtype != of.dtype:
                self.check_cast(node, new, old)
                new = self.emit("astype", [new, self.const(np.dtype(of.dtype).type)])
            place = self.place_of(old)
            if place.path:
                self.store(node, old, WHOLE, (), new)
                return
            self.check_writable(node, old, place)
            assert new.op is not None
            new.op.attrs["in_place"] = old
            new.hint, new.role = old.hint, old.role
            self.replace(place.cell, new)
            return
        # a number, or an array of rank zero, or (loose) perhaps an array
        dtype = made.dtype if isinstance(made, Array) and made.dtype != of.dtype else ""
        self.rebind_number(node, name, old, new, dtype)

    def rebind_number(
        self,
        node: gast.AST,
        name: str,
        old: Value,
        new: Value,
        dtype: str = "",
        stored: bool = False,
    ) -> None:
        """Take what has no axes for a number; that it is right is checked later."""
        others = tuple(
            (other, value)
            for other, value in self.visible()
            if other != name and isinstance(bound(value.type), Array)
        )
        self.rebound.append(
            Rebinding(self.origin_of(node), name, old, others, dtype, stored)
        )
        self.env[name] = self.named(new, name)

    # calls ----------------------------------------------------------------

    def whole(self, node: gast.AST, base: Bound) -> Target:
        """All of an array that a call changes."""
        of = None if isinstance(base, Seq) else bound(base.type)
        if (
            isinstance(base, Seq)
            or not isinstance(of, Array)
            or not changes_in_place(base)
        ):
            what = f"a {base.kind}" if isinstance(base, Seq) else described(base.type)
            self.refuse(node, f"only arrays can be changed in place, not {what}")
        return Target(base, WHOLE, ())

    def changing_call(self, node: gast.Call) -> bool:
        """Carry out a call that changes an array; False if it is another call."""
        func = node.func
        if isinstance(func, gast.Attribute) and func.attr in METHODS:
            base = self.expr(func.value)
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
        value = self.array(src) if isinstance(src, Seq) else src
        self.check_cast(node, value, at.base)
        if where is not None:
            value = self.emit("np.where", [self.pack(where), value, at.base])
        self.put(node, at, value)

    def put_flat(self, node: gast.Call, a: Bound, ind: Bound, v: Bound) -> None:
        """`np.put(A, i, v)` as `A[i // n, i % n] = v`: i counts along rows."""
        at = self.whole(node, a)
        index = self.array(ind) if isinstance(ind, Seq) else self.pack(ind)
        value = self.array(v) if isinstance(v, Seq) else v
        self.check_cast(node, value, at.base)
        if (rank_of(value.type) or 0) > 1 or (rank_of(index.type) or 0) > 1:
            self.refuse(
                node,
                "np.put is supported for indices and values of rank 1",
                "flatten them: `np.ravel(...)`",
            )
        operands: list[Value] = []
        shape = self.unpack(self.emit("shape", [at.base]))
        for length in reversed(shape.items[1:]):
            operands.insert(0, self.emit("mod", [index, self.pack(length)]))
            index = self.emit("floordiv", [index, self.pack(length)])
        operands.insert(0, index)
        codes = ("i",) * len(operands)
        self.put(node, Target(at.base, codes, tuple(operands)), value)

    def fill_diagonal(self, node: gast.Call, a: Bound, val: Bound) -> None:
        at = self.whole(node, a)
        value = self.array(val) if isinstance(val, Seq) else val
        self.check_cast(node, value, at.base)
        if rank_of(at.base.type) != 2 or (rank_of(value.type) or 0) > 1:
            self.refuse(
                node,
                "np.fill_diagonal is supported for matrices, with a number or a vector",
            )
        shape = self.unpack(self.emit("shape", [at.base]))
        rows = self.emit("min", [self.pack(i) for i in shape.items])
        index = self.emit("np.arange", [rows], ("start",))
        self.put(node, Target(at.base, ("i", "i"), (index, index)), value)

    def add_at(
        self, node: gast.Call, a: Bound, indices: Bound, b: Bound, minus: bool = False
    ) -> None:
        at = self.whole(node, a)
        codes, operands = self.index(node.args[1])
        value = self.array(b) if isinstance(b, Seq) else b
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
        if _may_repeat(at):
            self.refuse(
                node,
                f"an index may occur twice here, and np.{ufunc.__name__}.at then has "
                "no derivative rule",
                "write a loop over the indices",
            )
        rule = self.rules.find(ufunc)
        assert rule is not None
        value = self.array(b) if isinstance(b, Seq) else b
        new = self.emit(rule.kind, [self.part(at), value])
        self.check_cast(node, new, at.base)
        self.put(node, at, new)

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
        self.check_cast(node, made, at.base)
        if "where" in keywords:
            where = self.value(keywords["where"].value)
            made = self.emit("np.where", [where, made, at.base])
        self.within = within
        self.stored_by.add(node)
        self.put(node, at, made)
        self.within = False
        return self.fresh(at.base)


METHODS: dict[str, Callable[..., None]] = {
    "fill": MutationBuilder.fill,
    "put": MutationBuilder.put_flat,
    "sort": MutationBuilder.sort,
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


FUNCTIONS: dict[Any, Callable[..., None]] = {
    np.copyto: MutationBuilder.copyto,
    np.put: MutationBuilder.put_flat,
    np.fill_diagonal: MutationBuilder.fill_diagonal,
    ("at", np.add): MutationBuilder.add_at,
    ("at", np.subtract): MutationBuilder.subtract_at,
    **{
        ("at", f): MutationBuilder.change_at
        for f in (np.multiply, np.divide, np.maximum, np.minimum, np.power)
    },
}


def changes_in_place(value: Value) -> bool:
    """Whether an array surely changes in place, for all its names."""
    of = bound(value.type)
    return has_storage(value) and not (isinstance(of, Array) and of.loose)


def _may_repeat(at: Target) -> bool:
    """Whether the index may name an element twice (by an array of integers)."""
    return not is_basic(at.codes, at.operands) and any(
        isinstance(t := bound(o.type), Array) and t.kind == "int" for o in at.operands
    )


def _is_number(value: Value) -> bool:
    return kind_of(value.type) in ("int", "float", "complex", "bool")

"""Assignments that change arrays: to elements and slices, and `+=`.

In: the statement. Out: a `store` (or a pure operation whose result takes the place of
the old array) and a new version of the cell that it changes.

    A[i] = v                 A1 = store(A, i, v)
    A[1:] += v               A1 = add_at(A, 1:, v)
    A *= v                   A1 = A * v
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.parse.names_live import walrus_names
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.memory import has_storage
from s2s.ssa.rebound import Rebinding
from s2s.ssa.self_copy import is_row
from s2s.ssa.storage import is_basic, is_full_index, may_repeat, surely_number
from s2s.ssa.stores import StoreBuilder
from s2s.ssa.types import ANY, Array, List, Scalar, Tuple, bound, described, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules

WHOLE = ("e",)


@dataclass(frozen=True)
class Target:
    """What `base[index]` refers to, evaluated once."""

    base: Value
    codes: tuple[str, ...]
    operands: tuple[Value, ...]


class InPlaceBuilder(StoreBuilder):
    """Carries out assignments to arrays."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.rebound: list[Rebinding] = []  # numbers, or perhaps arrays without axes

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
        listed = isinstance(item, Seq) or isinstance(bound(item.type), List)
        if listed and is_basic(at.codes, at.operands):
            self.check_one_by_one(node, at, item)
        value = self.as_value(node, item)
        if not changes_in_place(at.base):
            self.assign_number(node, at, value)
            return
        self.put(node, at, value)

    def as_value(self, node: gast.AST, item: Bound) -> Value:
        """What NumPy makes of an operand: of a sequence it makes an array."""
        if item in self.ranges:
            return self.range_array(item)
        return self.array(item) if isinstance(item, Seq) else item

    def check_one_by_one(self, node: gast.Subscript, at: Target, given: Bound) -> None:
        """Refuse `A[:] = [A[1], A[0]]`: NumPy stores one item after the other."""
        whole = self.place_of(at.base)
        items = given.items if isinstance(given, Seq) else (given,)
        for k, item in enumerate(items):
            if not any(self.overlap(part, at.base) for part in flat(item)):
                continue
            if isinstance(item, Value) and is_full_index(at.codes):
                if is_row(self.place_of(item), whole, k):
                    continue
            self.refuse(
                node,
                "this stores parts of an array into it one after the other, and NumPy "
                "reads elements that it has just written",
                "make an array of them first: `np.array([...])`",
            )

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
        other = self.as_value(node, item)
        self.origin = self.origin_of(node)
        kept = before is self.version(cell)  # or the elements read are other ones now
        alone = kept and not may_repeat(at.codes, at.operands)
        if kind in ("add", "sub") and alone and _is_number(other):
            self.check_fits(node, at, other)
            to = bound(at.base.type)
            made = self.emit(kind, [old, other])  # for its type alone
            for probe in (old.op, made.op):
                assert probe is not None
                probe.attrs["probe"] = True
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
        if isinstance(old, Value) and isinstance(bound(old.type), Array):
            other = self.as_value(node, other)
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
            if name in walrus_names(node.value):
                self.refuse(
                    node,
                    f"the right side binds `{name}` anew, and this changes the array "
                    "that it was",
                    "bind it in a statement of its own, before",
                )
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
            elif isinstance(made, Array) and made.loose and not of.loose:
                new.type = of  # whatever a number or an array is added, it stays so
            place = self.place_of(old)
            if place.path:
                self.store(node, old, WHOLE, (), new)
                return
            self.check_writable(node, old, place)
            assert new.op is not None
            new.op.attrs["in_place"] = old
            new.hint, new.role = old.hint, old.role
            self.replace(place.cell, new)
            self.note_array(node, place.cell)
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
        where = self.origin_of(node)
        self.rebound.append(Rebinding(where, name, old, new, dtype, stored))
        self.env[name] = self.named(new, name)

    # what fits ------------------------------------------------------------

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
        self.check_one_kind(node, at.base, of.kind)
        # the type of what is replaced: too many indices are refused here
        outer, self.origin = self.origin, self.origin_of(node)
        part = self.part(at)
        assert part.op is not None
        part.op.attrs["probe"] = True
        self.origin = outer
        if isinstance(of, Array) and of.rank > (rank_of(part.type) or 0):
            extra = of.shape[: of.rank - (rank_of(part.type) or 0)]
            if not all(d.unit for d in extra):
                self.refuse(
                    node, f"{described(of)} does not fit into {described(part.type)}"
                )

    def check_one_kind(self, node: gast.AST, base: Value, kind: str) -> None:
        """Refuse to store floats into what is an array of ints on some path.

        NumPy cuts them off there.
        """
        cell = self.place_of(base).cell
        several = [bound(c.first.type) for c in (cell, *cell.shares)]
        kinds = {of.kind for of in several if isinstance(of, Array) and of.rank}
        whole = {"int", "bool"}
        if kinds & whole and kind not in whole and kind_of(base.type) not in whole:
            self.refuse(
                node,
                f"`{base.hint}` may be an array of ints here, on some path, into which "
                "no floats go",
                "make it an array of floats from the start, e.g. with dtype=float",
            )

    def check_rank(self, node: gast.AST, made: Value, old: Value) -> None:
        """A result in place has the shape of what it replaces."""
        new, of = bound(made.type), bound(old.type)
        if not isinstance(new, Array):
            return
        if new.rank > (rank_of(of) or 0):
            self.refuse(node, f"{described(new)} does not fit into {described(of)}")
        ends = zip(new.shape[::-1], getattr(of, "shape", ())[::-1], strict=False)
        if any(theirs.unit is False and ours.unit for theirs, ours in ends):
            what = "what this gives has more elements than the array it goes into"
            self.refuse(node, what, "write `x = x + y`, which makes a new array")

    def check_cast(self, node: gast.AST, made: Value, old: Value) -> None:
        """In place, NumPy casts within a kind only."""
        new, of = bound(made.type), bound(old.type)
        if isinstance(new, Array) and isinstance(of, Array) and of.rank:
            self.check_one_kind(node, old, new.kind)
            if not np.can_cast(new.dtype, of.dtype, "same_kind"):
                self.refuse(
                    node,
                    f"{new.dtype} cannot be stored into {of.dtype}",
                    f"make `{old.hint}` an array of floats, e.g. with dtype=float",
                )


def changes_in_place(value: Value) -> bool:
    """Whether an array surely changes in place, for all its names."""
    of = bound(value.type)
    return has_storage(value) and not (isinstance(of, Array) and of.loose)


def _is_number(value: Value) -> bool:
    return kind_of(value.type) in ("int", "float", "complex", "bool")

"""What NumPy and operators make of lists whose length is not known when compiling.

In: a call or sum with a list among its operands. Out: NumPy's functions take the array
of the list's items; `xs + ys` and `[v] * n` are new lists.

    np.stack(xs)      ->     np.array(xs)
    xs + ys           ->     t = xs.copy();  t.extend(ys)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Seq, Unbound, flat
from s2s.ssa.growing import hidden
from s2s.ssa.ir import Value
from s2s.ssa.list_slices import SliceBuilder
from s2s.ssa.lists import is_list, is_object, item_type
from s2s.ssa.types import UNDEF, Array, List, Scalar, Tuple, Type, bound, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rule


# what becomes of the array of rows of numbers where these functions take the rows
OF_ROWS = {
    "np.vstack": "",
    "np.column_stack": "T",
    "np.concatenate": "np.ravel",
    "np.hstack": "np.ravel",
}


class OperandBuilder(SliceBuilder):
    """Evaluates expressions with lists."""

    def apply(
        self,
        node: gast.Call,
        rule: Rule,
        args: list[Bound],
        obj: Any,
        method: str | None = None,
    ) -> Bound:
        """A call; NumPy takes a list of any length as an array."""
        first = args[0] if args else None
        if rule.kind == "math.fsum" and isinstance(first, Value):
            xs = first if is_object(first) else self.emit("rows", [first])
            return self.emit("math.fsum of list", [xs])
        if not rule.kind.startswith("np.") or method or not any(map(is_object, args)):
            return super().apply(node, rule, args, obj, method)
        if isinstance(first, Value) and (item := item_type(first.type)) is not None:
            self.check_begun(node, item)
            alone, rank = len(args) == 1 and not node.keywords, rank_of(item)
            if rule.kind in ("np.sum", "np.mean") and alone and rank == 0:
                return self.emit(f"{rule.kind} of list", [first])
            if rule.kind in ("np.concatenate", "np.hstack") and isinstance(item, List):
                self.refuse(
                    node, f"{rule.kind} of lists in a list is not supported",
                    "join the lists: `np.array(sum(rows, []))`",
                )  # fmt: skip
            if isinstance(item, Tuple) and rule.kind in OF_ROWS:
                return self.of_rows(node, rule, first, args)
            if rule.kind == "np.column_stack" and rank == 1:
                return self.of_rows(node, rule, first, args)
            if rule.kind in ("np.concatenate", "np.hstack", "np.vstack") and rank:
                return self.joint(node, rule, first, args, rank)
            if rule.kind in ("np.array", "np.asarray") and alone:
                return self.as_array(first)
            if rule.kind == "np.stack":
                array, axis = self.as_array(first), self.axis(node, args)
                ends = [self.const(0), self.const(axis)]
                return self.emit("np.moveaxis", [array, *ends]) if axis else array
        arrays = [self.as_array(a) if is_object(a) else a for a in args]
        return super().apply(node, rule, arrays, obj, method)

    def _List(self, node: gast.List) -> Bound:
        """`[*xs, y]` is `xs + [y]` where how long xs is is not known."""
        if not any(isinstance(e, gast.Starred) for e in node.elts):
            return super()._List(node)
        names, total = [], gast.List([], gast.Load())
        taken: dict[str, Value] = {}  # lists as they are when their turn comes
        for k, e in enumerate(node.elts):
            starred = isinstance(e, gast.Starred)
            names.append(f"{hidden(node)} {k}")
            if starred:
                self.consumed.add(e.value)
            item = self.expr(e.value if starred else e)
            if starred and isinstance(item, Value) and rank_of(item.type):
                item = self.emit("rows", [item])
            if starred and is_tuple(item):
                item = self.copied(e, item)
            self.env[names[-1]] = item
            part: gast.expr = gast.Name(names[-1], gast.Load(), None, None)
            if not starred:
                part = gast.List([part], gast.Load())
            elif isinstance(item, Value) and is_object(item):
                taken[names[-1]] = item
            else:
                self.env[names[-1]] = Seq("list", tuple(self.taken_apart(e, item)))
            total = gast.BinOp(total, gast.Add(), part)
        for made in gast.walk(total):
            gast.copy_location(made, node)
        for name, item in taken.items():
            if self.fresh(item) is not item:  # it has changed since
                self.env[name] = self.copy_as_it_was(item)
        try:
            return self.expr(total)
        finally:
            for name in names:
                del self.env[name]

    def copy_as_it_was(self, xs: Value) -> Value:
        """A copy of a list, whatever has become of the list since."""
        if rank_of(item_type(xs.type) or UNDEF):
            self.hold_shown(xs)
        return self.as_it_is("list_copy", [xs], ("x",))

    def array(self, item: Seq) -> Value:
        return super().array(item.of(map(self.as_operand, item.items)))

    def _list_items(
        self, node: gast.AST, what: str, item: Bound, rule: Rule
    ) -> tuple[Bound, ...]:
        items = super()._list_items(node, what, item, rule)
        return tuple(map(self.as_operand, items))

    def as_value(self, node: gast.AST, item: Bound) -> Value:
        if isinstance(item, Value) and (of := item_type(item.type)) is not None:
            self.check_begun(node, of)
            return self.as_array(item)
        return super().as_value(node, item)

    def check_begun(self, node: gast.AST, item: Type) -> None:
        """A list of nothing, so far: a loop may fill it."""
        if item == UNDEF:
            self.unbound.append((node, self.origin_of(node)))
            raise Unbound

    def as_operand(self, item: Bound) -> Bound:
        return self.as_array(item) if is_object(item) else item

    def as_array(self, item: Bound) -> Value:
        """The array of the items of a list; outside of loops its length has a name."""
        return self.measured(self.emit("np.array of list", [self.pack(item)]))

    def of_rows(
        self, node: gast.Call, rule: Rule, xs: Value, args: list[Bound]
    ) -> Value:
        """The same of tuples of numbers: what NumPy makes of the array of all."""
        whole = self.as_array(xs)
        if rank_of(whole.type) != 2 or self.axis(node, args):
            self.refuse(
                node, f"{rule.kind} of tuples of arrays is not supported",
                "make arrays of them first: `[np.array(row) for row in rows]`",
            )  # fmt: skip
        how = OF_ROWS[rule.kind]
        return self.emit(how, [whole]) if how else whole

    def joint(
        self, node: gast.Call, rule: Rule, xs: Value, args: list[Bound], rank: int
    ) -> Value:
        """`np.concatenate(xs)` and its like."""
        axis = self.axis(node, args)
        if rule.kind == "np.vstack" and rank == 1:
            return self.as_array(xs)
        if rule.kind == "np.hstack" and rank != 1:
            axis = 1
        rest = [] if axis == 0 else [self.const(axis)]
        return self.measured(self.emit("np.concatenate of list", [xs, *rest]))

    def axis(self, node: gast.Call, args: list[Bound]) -> int:
        """The axis that a call gives, 0 by default."""
        given = [self.expr(k.value) for k in node.keywords if k.arg == "axis"]
        given += args[1:2]
        if len(args) + len(node.keywords) > 2 or len(given) < len(node.keywords):
            self.refuse(node, "these arguments are not supported for a list")
        if not given:
            return 0
        (axis,) = given
        if not (isinstance(axis, Value) and isinstance(axis.const, int)):
            self.refuse(node, "the axis must be known when compiling")
        return axis.const

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        if kind == "add" and (is_tuple(left) or is_tuple(right)):
            self.refuse(
                node, "sums of tuples of a length found at run time are not supported",
                "make a list: `[*a, *b]`",
            )  # fmt: skip
        if kind == "add" and is_list(left) and is_list(right):
            if is_object(left) or is_object(right):
                with self.standing_for(node.right, right):
                    return self.sum_of_lists(node, left)
        if kind == "mul" and isinstance(left, Seq) and isinstance(right, Value):
            n = bound(right.type)
            if isinstance(n, Scalar) and n.kind == "int" and not right.is_const:
                if left.kind == "list" and len(left.items) == 1:
                    return self.repeated_item(node, left.items[0], right)
        if any(makes_arrays(kind, item) for item in (left, right)):
            left, right = map(self.as_operand, (left, right))
        return super().binary(node, kind, left, right)

    def repeated_item(self, node: gast.AST, item: Bound, n: Value) -> Bound:
        """`[item] * n`: each place of one with parts has a derivative of its own."""
        value = self.held_item(node, item)
        if rank_of(value.type) is None and not all(v.is_const for v in flat(item)):
            return self.evaluated(node, "[x for k in range(n)]", x=item, n=n)
        out = self.emit("list_repeat", [value, n])
        self.check_items(out.type)
        return out

    def evaluated(self, node: gast.AST, text: str, **parts: Bound) -> Bound:
        raise NotImplementedError

    def sum_of_lists(self, node: gast.BinOp, left: Bound) -> Bound:
        """`xs + ys`: a copy that is extended."""
        if isinstance(left, Seq):
            out = self.object(node, left.items)
        elif is_made(node.left):
            out = left  # just made, for this sum alone
        else:
            out = self.pure("list_copy", [left])
        return self.extend(node, out, node.right)


def makes_arrays(kind: str, item: Bound) -> bool:
    """Whether lists beside this become arrays; a number may repeat one."""
    of = bound(item.type) if isinstance(item, Value) else None
    return isinstance(of, Array) and (kind != "mul" or of.rank > 0)


def is_tuple(item: Bound) -> bool:
    """Whether an operand is a tuple whose length is found at run time."""
    of = bound(item.type) if isinstance(item, Value) else None
    return isinstance(of, List) and of.fixed


def is_made(node: gast.AST) -> bool:
    """Whether an expression makes a list, for what it is in alone."""
    if isinstance(node, gast.Call):  # a method may give what is there: `d.get(k, [])`
        return not isinstance(node.func, gast.Attribute)
    return isinstance(node, gast.BinOp | gast.ListComp)

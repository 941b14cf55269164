"""Statements that change what is there: elements, items, stacks and globals.

In: an update, whose first operand nobody else reads any more. Out: the statement that
carries it out in place.

    A1 = store(A, i, v)       ->     A[i] = v
    A1 = add_at(A, i, v)      ->     A[i] += v
    xs1 = append(xs, v)       ->     xs.append(v)
"""

from __future__ import annotations

from typing import Any

import gast

from s2s.codegen import tree
from s2s.codegen.assignments import AssignmentPrinter
from s2s.codegen.augmented import augmenting, is_replaced
from s2s.codegen.blocks import Body
from s2s.codegen.untouched import is_untouched
from s2s.ssa.ir import Op, Value
from s2s.ssa.roots import path_in, replaces_part
from s2s.ssa.storage import is_full_index, may_repeat
from s2s.ssa.types import Array, List, Tuple, bound, rank_of


class UpdatePrinter(AssignmentPrinter):
    """Prints changes in place."""

    # elements -------------------------------------------------------------

    def _add_at(self, op: Op) -> Body:
        x, *index, v = op.args
        codes = op.attrs["index"]
        target = self.names[op.result]
        base = tree.name(target)
        operands = [self.use(i) for i in index]
        value = self.use(v)
        if isinstance(bound(x.type), List):
            place = self.in_list(op, base, operands)
            apart = op.attrs.get("items_in_place") is False and rank_of(v.type) != 0
            if apart or (replaces_part(op) and isinstance(path_in(op)[-1], Array)):
                sign = gast.Sub() if op.attrs.get("minus") else gast.Add()
                value = gast.BinOp(place, sign, value)
                place = self.in_list(op, base, operands)
                return [gast.Assign([place], value, None)]
            kind = "sub" if op.attrs.get("minus") else "add"
            return [self.augmented(Op(kind, [], ()), place, value)]
        hops = sum(hop.count for hop in op.attrs.get("path", ()))
        if may_repeat(codes, index[hops:]):
            base, operands = self.through(op, base, operands)
            place = tree.as_object(tree.subscript(base, codes, operands).slice)
            change = "np.subtract.at" if op.attrs.get("minus") else "np.add.at"
            return [gast.Expr(tree.call(change, [base, place, value]))]
        place = self.place(op, base, operands)
        if isinstance(place, gast.Subscript) and is_untouched(op):
            value = tree.minus(value) if op.attrs.get("minus") else value
            return [gast.Assign([place], value, None)]
        kind = "sub" if op.attrs.get("minus") else "add"
        return [self.augmented(Op(kind, [], ()), place, value)]

    def _store(self, op: Op) -> Body:
        *index, v = op.args[1:]
        if op.attrs.get("derived") and v in self.inlined and is_replaced(op, v):
            return []  # `x_dot[i] = x_dot[i]`
        base, operands = tree.name(self.names[op.result]), list(map(self.use, index))
        if isinstance(bound(op.args[0].type), List):
            place = self.in_list(op, base, operands)
        else:
            place = self.place(op, base, operands)
        found = augmenting(op) if v in self.inlined else None
        if found is not None:
            made, old, other = found
            # a name is not left without a reader
            if old in self.inlined or self.uses[old] > 1:
                self.uses[old] -= 1
                return [self.augmented(made, place, self.use(other))]
        value = self.use(v)
        if self.with_out(op, v) and isinstance(value, gast.Call):
            out = gast.keyword("out", tree.name(self.names[op.result]))
            value.keywords = [*value.keywords, out]
            return [gast.Expr(value)]
        return [gast.Assign([place], value, None)]

    def with_out(self, op: Op, value: Value) -> bool:
        """Whether the user has a function of NumPy write all of an array: `out=x`."""
        made = value.op if value in self.inlined else None
        whole = is_full_index(op.attrs["index"]) and not op.attrs.get("path")
        function = op.attrs.get("out", "")
        return made is not None and whole and function == made.kind

    def in_list(self, op: Op, base: gast.expr, operands: list[gast.expr]) -> Any:
        """The place in a list, in what it holds, or in an array of these."""
        codes = op.attrs["index"]
        place, depth = along(op, base, operands)
        if depth < len(codes):
            place = tree.subscript(place, codes[depth:], operands[depth:])
        assert isinstance(place, gast.Subscript | gast.Attribute)
        place.ctx = gast.Store()
        return place

    def through(
        self, op: Op, base: gast.expr, operands: list[gast.expr]
    ) -> tuple[gast.expr, list[gast.expr]]:
        """The view that a store goes through, and what is left of its operands."""
        for hop in op.attrs.get("path", ()):
            args, operands = operands[: hop.count], operands[hop.count :]
            step = Op(hop.kind, op.args[: 1 + hop.count], hop.names, dict(hop.attrs))
            base = tree.expression(step, [base, *args])
        return base, operands

    def place(
        self, op: Op, base: gast.expr, operands: list[gast.expr]
    ) -> gast.Subscript | gast.Name:
        """What an update assigns to: `x[i]`, or `x` itself for `x += v`."""
        path, codes = op.attrs.get("path", ()), op.attrs["index"]
        base, operands = self.through(op, base, operands)
        if op.kind == "add_at" and not path and codes == ("e",):
            return tree.name(self.names[op.result], store=True)
        place = tree.subscript(base, codes, operands)
        place.ctx = gast.Store()
        return place

    # lists, stacks and globals --------------------------------------------

    def _append(self, op: Op) -> Body:
        return self.change_list(op, "append", op.args[1:])

    def _insert(self, op: Op) -> Body:
        return self.change_list(op, "insert", op.args[1:])

    def _setdefault(self, op: Op) -> Body:
        return self.change_list(op, "setdefault", op.args[1:])

    def _removed(self, op: Op) -> Body:
        return self.change_list(op, "pop", op.args[2:])

    def _append_in(self, op: Op) -> Body:
        return self.change_inside(op, "append")

    def _insert_in(self, op: Op) -> Body:
        return self.change_inside(op, "insert")

    def _removed_in(self, op: Op) -> Body:
        return self.change_inside(op, "pop", 1)

    def change_inside(self, op: Op, method: str, unused: int = 0) -> Body:
        """A call that changes a list in a list: `graph[i].append(v)`."""
        count = len(op.attrs["index"])
        where, given = op.args[1 : 1 + count], op.args[1 + count + unused :]
        base = tree.name(self.names[op.result])
        place, _ = along(op, base, list(map(self.use, where)))
        func = gast.Attribute(place, method, gast.Load())
        return [gast.Expr(gast.Call(func, [self.use(a) for a in given], []))]

    def change_list(self, op: Op, method: str, args: list[Value]) -> Body:
        """A call that changes a list."""
        base = tree.name(self.names[op.result])
        func = gast.Attribute(base, method, gast.Load())
        return [gast.Expr(gast.Call(func, [self.use(a) for a in args], []))]

    def popped(self, ops: list[Op], k: int) -> gast.expr | None:
        """`xs.pop()`, if two operations in a row read an item and remove it."""
        op, after = ops[k], ops[k + 1] if k + 1 < len(ops) else None
        if op.kind != "getitem" or after is None or after.kind != "removed":
            return None
        value = op.result
        if after.args[1] is not value or after.args[0] is not op.args[0]:
            return None
        (call,) = self._removed(after)
        assert isinstance(call, gast.Expr)
        return call.value

    def _push(self, op: Op) -> Body:
        stack, value = op.args
        method = gast.Attribute(self.use(stack), "append", gast.Load())
        return [gast.Expr(gast.Call(method, [self.use(value)], []))]

    def _truncate(self, op: Op) -> Body:
        stack, count = map(self.use, op.args)
        rest = gast.Subscript(stack, gast.Slice(count, None, None), gast.Del())
        return [gast.Delete([rest])]

    def _set_global(self, op: Op) -> Body:
        target, value = tree.name(op.attrs["name"], store=True), self.use(op.args[0])
        if op.attrs["aug"]:
            return [self.augmented(Op(op.attrs["aug"], [], ()), target, value)]
        return [gast.Assign([target], value, None)]


def along(op: Op, base: gast.expr, operands: list[gast.expr]) -> tuple[gast.expr, int]:
    """What a list holds where operands lead, and how many lead there."""
    of, place, depth = bound(op.args[0].type), base, 0
    for value, operand in zip(op.args[1:], operands, strict=False):
        if isinstance(of, Tuple):
            place = tree.part(of.form, value.const, place)
            of = bound(of.items[value.const])
        elif isinstance(of, List):
            place = gast.Subscript(place, operand, gast.Load())
            of = bound(of.item)
        else:
            break
        depth += 1
    return place, depth

"""Operations in a row as statements in a row.

In: the operations of a region. Out: a statement for each that is not printed inline,
and in the reverse sweep, above what belongs to a line of the primal, that line.

    x2 = sin(x1)               # y = np.sin(x)
    x_bar2 = mul(...)   ->     x_bar = y_bar * np.cos(x)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

import gast

from s2s.codegen import tree
from s2s.codegen.blocks import BLOCKS, COMPOUND, Body
from s2s.codegen.inline import is_unpacked
from s2s.codegen.operands import names_in
from s2s.codegen.source import comment
from s2s.codegen.updates import UpdatePrinter
from s2s.ssa.callee import stays_in
from s2s.ssa.ir import Op, Region, is_loop
from s2s.ssa.types import Tuple, may_be_none


class StatementPrinter(UpdatePrinter):
    """Prints operations one after the other, each by a method named after its kind."""

    def region(self, region: Region) -> Body:
        self.depth += 1
        body = self.ops(region.ops)
        self.depth -= 1
        return body

    def ops(self, ops: list[Op]) -> Body:
        """Operations in a row; the items of one tuple are unpacked at once."""
        body: Body = []
        k = 0
        while k < len(ops):
            items = self.unpacked(ops, k)
            if items:
                names = self.targets(ops[k], items)
                value = tree.several(ops[k], [self.use(a) for a in ops[k].args])
                body += [*self.remark(ops[k]), unpacked(ops[k], names, value)]
                k += len(items) + 1
                continue
            call = self.popped(ops, k)
            if call is not None:
                target = self.names.get(ops[k].result)
                body += self.remark(ops[k])
                if target is None or self.uses[ops[k].result] == 1:
                    body.append(gast.Expr(call))
                else:
                    body.append(self.assign(target, call))
                k += 2
                continue
            body += self.op(ops[k])
            k += 1
        return body

    def unpacked(self, ops: list[Op], k: int) -> list[Op]:
        """The operations after the k-th that take its tuple apart, if they are all."""
        of = ops[k].results[0].type if len(ops[k].results) == 1 else None
        if not isinstance(of, Tuple) or of.form.kind != "tuple":
            return []
        items = ops[k + 1 : k + 1 + len(of.items)]
        whole = ops[k].result
        if is_unpacked(ops[k]):  # of these, some may be asked for
            of_it = lambda o: o.kind == "pick" and o.args[0] is whole  # noqa: E731
            found = list(takewhile(of_it, items))
            return found if len(found) == self.uses[whole] else []
        fits = [
            o.kind == "pick" and o.args[0] is whole and o.args[1].const == j
            for j, o in enumerate(items)
        ]
        named = all(o.result in self.names for o in items if len(o.results) == 1)
        if len(items) < len(of.items) or self.uses[whole] != len(items):
            return []
        return items if all(fits) and named and len(items) > 1 else []

    def targets(self, whole: Op, items: list[Op]) -> list[gast.Name]:
        """The names that a tuple is unpacked to, `_` for what is not asked for.

        What a call leaves in its arguments, it does not return.
        """
        names = {o.args[1].const: self.names[o.result] for o in items}
        of = whole.result.type
        assert isinstance(of, Tuple)
        stays = whole.attrs["callee"].stays if whole.kind == "call" else ()
        every = (names.get(j, "_") for j in range(len(of.items)) if j not in stays)
        return [tree.name(name, store=True) for name in every]

    def op(self, op: Op) -> Body:
        if op.results and all(r in self.inlined for r in op.results):
            return []
        special: Callable[[Op], Body] | None = getattr(self, f"_{op.kind}", None)
        body = special(op) if special else self.assignment(op)
        return self.remark(op) + body if body else body

    def remark(self, op: Op) -> Body:
        """The primal line that the following reversed lines belong to."""
        if op.attrs.get("sweep") != "reverse" or not self.depth or op.origin is None:
            return []
        if (op.kind == "if" and op.attrs.get("form") in BLOCKS) or is_loop(op):
            self.commented = None
            return []
        if op.kind == "pop" or self.commented == op.origin.stmt_line:
            return []
        if op.origin.stmt.startswith(COMPOUND):
            return []
        self.commented = op.origin.stmt_line
        return [comment(op.origin.stmt)]

    def _hand(self, op: Op) -> Body:
        """What is given away keeps its name."""
        return []

    def _bound(self, op: Op) -> Body:
        """A value that its name will not keep, or a mere look whether it is bound."""
        value, name = self.use(op.args[0]), self.names[op.result]
        look = not self.uses[op.result] or names_in(value) == {name}
        if look and op.attrs.get("checked"):
            return []
        if look and may_be_none(op.args[0].type):
            return [fail_if_none(value)]
        return [self.assign("_" if look else name, value)]

    def _unpack(self, op: Op) -> Body:
        return [self.assign(self.names[op.result], self.use(op.args[0]))]

    def _call(self, op: Op) -> Body:
        """A call may be there for its effects alone, or what it does in place."""
        if self.uses[op.result] and stays_in(op) is None:
            return self.assignment(op)
        return [gast.Expr(self.expression(op.result))]

    def _print(self, op: Op) -> Body:
        pairs = list(zip(op.names, op.args, strict=True))
        args = [self.use(a) for n, a in pairs if n == "x"]
        keywords = {n: self.use(a) for n, a in pairs if n != "x"}
        name = op.attrs.get("maker", "print")
        return [gast.Expr(tree.call(name, args, keywords))]

    def _raise(self, op: Op) -> Body:
        if not op.args:
            return [gast.Raise(None, None)]
        pairs = [(n, self.use(a)) for n, a in zip(op.names, op.args, strict=True)]
        error, *args = (tree for n, tree in pairs if n == "x")
        made = gast.Call(error, args, []) if op.args[0].is_const else error
        return [gast.Raise(made, dict(pairs).get("cause"))]

    def _caught(self, op: Op) -> Body:
        """It is bound where the handler begins."""
        return []


def unpacked(whole: Op, names: list[gast.Name], value: gast.expr) -> gast.stmt:
    """`a, b = value`; where a call returns one thing, or none, that is no tuple."""
    if whole.kind == "call" and all(name.id == "_" for name in names):
        return gast.Expr(value)
    one = whole.kind == "call" and len(names) == 1
    target = names[0] if one else gast.Tuple(names, gast.Store())
    return gast.Assign([target], value, None)


def fail_if_none(value: gast.expr) -> gast.stmt:
    """What the primal does with None, where nothing else would fail for it."""
    none = gast.Compare(value, [gast.Is()], [gast.Constant(None, None)])
    error = tree.call("TypeError", [gast.Constant("None has no value", None)])
    return gast.If(none, [gast.Raise(error, None)], [])

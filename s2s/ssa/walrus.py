"""Names that are bound or unbound in the midst of an expression, and `del`.

In: `:=`, where Python evaluates it, and `del`. Out: names bound anew. Where `:=` may be
left out, in the rest of an `and` or `if`, the expression is built as a statement is:

    if a and (y := g(x)) > b:      ->      chosen = a
                                           if chosen:
                                               y = g(x)
                                               chosen = y > b
                                           if chosen:
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import gast

from s2s.parse.names_live import walrus_names
from s2s.ssa.bound import Bound, Ends, Unbound, flat, plain
from s2s.ssa.branches import BranchBuilder
from s2s.ssa.expr import T
from s2s.ssa.growing import hidden
from s2s.ssa.ir import Region, Value
from s2s.ssa.lists import is_list
from s2s.ssa.types import Clash

if TYPE_CHECKING:
    from s2s.rules import Rules

CONDITIONAL = gast.BoolOp, gast.IfExp, gast.Compare


class WalrusBuilder(BranchBuilder):
    """Evaluates expressions that bind names."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region, objects)
        self.binding: gast.AST | None = None  # a conditional expression around

    def expr(self, node: gast.AST) -> Bound:
        if not isinstance(node, CONDITIONAL):
            return super().expr(node)
        outer, self.binding = self.binding, node if walrus_names(node) else None
        try:
            return super().expr(node)
        finally:
            self.binding = outer

    def _NamedExpr(self, node: gast.NamedExpr) -> Bound:
        item = self.expr(node.value)
        self.assign(node.target, item)
        return item

    def choose(
        self,
        cond: Value,
        then: Callable[[], T],
        otherwise: Callable[[], T],
        form: str,
    ) -> T:
        node = self.binding
        if node is None or cond.is_const:
            return super().choose(cond, then, otherwise, form)
        name = f"{hidden(node)} chosen"

        def bind(branch: Callable[[], Bound]) -> None:
            depth = self.depth
            try:
                with self.sealing():
                    self.env[name] = branch()
            except (Unbound, Ends):
                self.dead, self.depth = True, depth

        self.either(node, cond, lambda: bind(then), lambda: bind(otherwise))
        if self.dead:
            raise Ends
        chosen = self.env.pop(name)
        if any(isinstance(v.type, Clash) for v in flat(chosen)):
            self.refuse(node, "one value of two types that do not go together")
        return chosen  # type: ignore[return-value]

    def _Delete(self, node: gast.Delete) -> None:
        for target in node.targets:
            self.delete(target)

    def delete(self, target: gast.expr) -> None:
        match target:
            case gast.Name(id=name):
                self.expr(gast.copy_location(loaded(name), target))
                self.env[name] = deleted(name)
            case gast.Tuple(elts=elts) | gast.List(elts=elts):
                for element in elts:
                    self.delete(element)
            case gast.Subscript(slice=gast.Slice()):
                self.delete_slice(target)
            case gast.Subscript(slice=index):
                base = self.expr(target.value)
                if not is_list(base):
                    self.refuse(target, "`del` of this item is not supported")
                self.pop(gast.copy_location(gast.Call(None, [index], []), target), base)
            case _:
                self.refuse(target, "this `del` is not supported yet")


def deleted(name: str, why: str = "") -> Value:
    """What a name stands for that may have no value, or another one."""
    return Value(Clash((), why), plain(name), "user", const=None)


def loaded(name: str) -> gast.Name:
    return gast.Name(name, gast.Load(), None, None)

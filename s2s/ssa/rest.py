"""`a, *rest = xs`: names for some of the items of a sequence, and for all others.

In: the targets and what they are bound to. Out: the value of each. Of a list the rest
is a slice, of an array a list of its rows:

    a, *rest, z = xs        ->      a, rest, z = xs[0], xs[1:-1], xs[-1]
"""

from __future__ import annotations

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.growing import hidden
from s2s.ssa.ir import Value
from s2s.ssa.list_operands import is_tuple
from s2s.ssa.lists import is_object
from s2s.ssa.texts import TextBuilder
from s2s.ssa.types import Array, Tuple, bound


class RestBuilder(TextBuilder):
    """Takes sequences apart, of which one name gets what the others leave."""

    def with_rest(
        self, node: gast.AST, elts: list[gast.expr], item: Bound
    ) -> tuple[list[gast.expr], tuple[Bound, ...]]:
        """The targets and values of `a, *rest = xs`: the rest is a new list."""
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        item = self.iterated(node, item)
        (k,) = (k for k, e in enumerate(elts) if isinstance(e, gast.Starred))
        targets = [e.value if isinstance(e, gast.Starred) else e for e in elts]
        if not isinstance(item, Seq):
            after = len(elts) - 1 - k
            parts = self.parts_of_list if is_object(item) else self.parts_of_array
            return targets, parts(node, item, k, after)
        many = len(item.items) - len(elts) + 1
        if many < 0:
            self.refuse(node, f"{len(item.items)} values for {len(elts) - 1} names")
        middle = item.items[k : k + many]
        rest: Bound = Seq("list", middle, Made(elts[k], self.region))
        if self.grows(elts[k]):
            rest = self.object(elts[k], middle)
        return targets, (*item.items[:k], rest, *item.items[k + many :])

    def parts_of_list(
        self, node: gast.AST, item: Value, before: int, after: int
    ) -> tuple[Bound, ...]:
        """`xs[0]`, `xs[1:-1]`, `xs[-1]` of a list."""
        self.check_enough(item, before + after)
        name = f"{hidden(node)} whole"
        places = [str(k) for k in (*range(before), *range(-after, 0))]
        places.insert(before, f"{before or ''}:{-after or ''}")
        self.env[name] = item
        try:
            texts = [quoted(f"xs[{place}]", node, xs=name) for place in places]
            parts = [self.expr(text.value) for text in texts]
        finally:
            del self.env[name]
        if is_tuple(parts[before]):
            parts[before] = self.copied(node, parts[before])
        return tuple(parts)

    def parts_of_array(
        self, node: gast.AST, item: Value, before: int, after: int
    ) -> tuple[Bound, ...]:
        """The same of an array, of which the rest is a list of its rows."""
        of = bound(item.type)
        if not isinstance(of, Array) or not of.rank or of.loose:
            self.refuse(node, "how many items this takes apart is not known here")
        if of.shape[0].low < before + after:
            self.check_enough(item, before + after)
        names = ("x", "index")
        parts: list[Bound] = [
            self.emit("getitem", [item, self.const(n)], names, index=("i",))
            for n in (*range(before), *range(-after, 0))
        ]
        cut = [self.const(n) for n in (before, -after) if n]
        code = f"s{int(before > 0)}{int(after > 0)}0"
        rest = self.emit("getitem", [item, *cut], ("x", *["index"] * len(cut)),
                         index=(code,))  # fmt: skip
        return (*parts[:before], self.emit("rows", [rest]), *parts[before:])

    def check_enough(self, item: Value, least: int) -> None:
        """Fail where there are fewer items than names."""
        few = self.emit("lt", [self.length(item), self.const(least)])
        text = f"there must be at least {least} items to unpack"
        self.raise_if(few, ValueError, text)

"""What `isinstance()` and `==` tell of a container: its class counts, not its items.

In: a call of isinstance or callable, a comparison. Out: a constant, where the class is
known. What s2s takes for a list or tuple may be another object to the program:

    range(3) == [0, 1, 2]         ->      False
    isinstance(deque(xs), list)   ->      refused
"""

from __future__ import annotations

import collections

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.classes import CONTAINERS, classes_of
from s2s.ssa.ir import Value
from s2s.ssa.lists import item_type
from s2s.ssa.outline import OutlineBuilder
from s2s.ssa.types import BOOL, ERROR, Static, bound


class TellingBuilder(OutlineBuilder):
    """Evaluates what depends on the class of a container."""

    def call(self, node: gast.Call, callee: Value) -> Bound:
        if callee.const is collections.deque and not self.outlines.queues:
            self.outlines.queues = self.outlines.again = True
        return super().call(node, callee)

    def may_be(self, item: Bound) -> tuple[type, ...]:
        """The classes that an object may be of; none if nothing is known."""
        if any(item is found for found in self.ranges):
            return (range,)
        if isinstance(item, Value):  # views of dicts are of classes without names
            found = () if item in self.views else classes_of(item, self.arguments)
        else:
            found = () if item.view else (item.cls or CONTAINERS[item.kind],)
        if list in found and self.outlines.queues:
            return (*found, collections.deque)
        return found

    def _call_isinstance(self, node: gast.Call) -> Value:
        item, classes = self.expr(node.args[0]), self.value(node.args[1])
        if isinstance(item, Value) and bound(item.type) == ERROR and classes.is_const:
            return self.emit("isinstance", [item, classes], ("x", "of"), type=BOOL)
        known = self.may_be(item) if classes.is_const else ()
        answers = {issubclass(c, classes.const) for c in known}
        if len(answers) != 1:
            self.refuse(node, "isinstance() needs types known when compiling")
        return self.const(answers.pop())

    def _call_callable(self, node: gast.Call) -> Value:
        item = self.expr(node.args[0])
        of = item if isinstance(item, Seq) else bound(item.type)
        if isinstance(of, Static):
            return self.const(callable(of.value) or self.has_source(of.value))
        if isinstance(of, Seq) and of.cls is not None:
            self.refuse(node, "whether an object can be called is not known here")
        return self.const(False)

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        both = left, right
        if kind in ("eq", "ne") and all(map(is_sequence, both)):
            several = [set(self.may_be(item)) for item in both]
            if not all(several) or (several[0] == several[1] and len(several[0]) > 1):
                self.refuse(
                    node, "whether these are of one class is not known here",
                    "make lists of both: `list(xs) == list(ys)`",
                )  # fmt: skip
            if not several[0] & several[1]:
                return self.const(kind == "ne")
        return super().comparison(node, kind, left, right)


def is_sequence(item: Bound) -> bool:
    """Whether this is compared item by item with its like."""
    if isinstance(item, Seq):
        return item.kind in ("list", "tuple") and item.cls is None
    return item_type(item.type) is not None

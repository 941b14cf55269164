"""Attributes that objects in lists get after they were made: left out.

In: an assignment to an attribute that the objects in a list do not have. Out: nothing.
What only keeps something for later need not be kept, if it is read, at most, where it
was assigned:

    def __call__(self, x):
        self.x = x                     ->     return np.tanh(self.w @ x)
        return np.tanh(self.w @ x)

Whatever might tell that the attribute is not there is refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.instances import InstanceBuilder
from s2s.ssa.ir import Value
from s2s.ssa.iterate import Iteration
from s2s.ssa.types import List, Tuple, Type, bound

LEFT_OUT = "<left out> "  # before the names of such attributes
Attribute = tuple[type | None, str]


class LeftOutBuilder(InstanceBuilder):
    """Leaves assignments out that nobody sees."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # what was assigned last, and of which object
        self.left_out: dict[Attribute, tuple[Bound, Seq]] = {}
        self.questions: set[Attribute] = set()  # whether objects have them

    def assign_attribute(self, node: gast.Attribute, item: Bound) -> None:
        name = node.attr
        with self.looking(node.value) as base:
            if not isinstance(base, Seq) or base.cls is None or base.made is not None:
                super().assign_attribute(node, item)
                return
            if base.at(name) is not None or hasattr(base.cls, name):
                super().assign_attribute(node, item)
                return
        self.check_changes(node, base)
        if (base.cls, name) in self.questions:
            self.refuse_late(node, name)
        self.left_out[base.cls, name] = item, base
        self.env[f"{LEFT_OUT}{name}"] = item

    def augment_attribute(self, node: gast.AugAssign) -> None:
        with self.looking(node.target.value) as base:
            name = node.target.attr
            if isinstance(base, Seq) and base.at(name) is None:
                if (base.cls, name) in self.left_out:
                    self.refuse_late(node, name)
            super().augment_attribute(node)

    def loop(self, node: gast.For | gast.While, iteration: Iteration | None) -> None:
        """What a round reads may have been assigned in the one before."""
        for name in [n for n in self.env if n.startswith(LEFT_OUT)]:
            del self.env[name]
        super().loop(node, iteration)

    def live_names(self) -> set[str]:
        return super().live_names() | {n for n in self.env if LEFT_OUT in n}

    def is_read(self, name: str, node: gast.AST, before: bool = False) -> bool:
        return LEFT_OUT not in name and super().is_read(name, node, before)

    def attribute_of(self, node: gast.AST, base: Seq, name: str) -> Bound:
        last = self.left_out.get((base.cls, name))
        if last is None or base.at(name) is not None:
            return super().attribute_of(node, base, name)
        item, its = last
        here = self.env.get(f"{LEFT_OUT}{name}") is item  # on all paths to here
        if not here or not (base == its or self.same_item(base, its)):
            self.refuse_late(node, name)
        return self.fresh_item(item)

    def _call_getattr(self, node: gast.Call) -> Bound:
        with self.looking(node.args[0]) as base, self.looking(node.args[1]) as name:
            self.note_question(node, base, name)
            return super()._call_getattr(node)

    def _call_hasattr(self, node: gast.Call) -> Bound:
        with self.looking(node.args[0]) as base, self.looking(node.args[1]) as name:
            self.note_question(node, base, name)
            return super()._call_hasattr(node)

    def note_question(self, node: gast.Call, base: Bound, name: Bound) -> None:
        """Note that a program asks whether an object has an attribute."""
        if not isinstance(base, Seq) or not isinstance(name, Value):
            return
        key = base.cls, str(name.const)
        if base.at(key[1]) is None and base.made is None:
            self.questions.add(key)
            if key in self.left_out:
                self.refuse_late(node, key[1])

    def refuse_missing(self, node: gast.AST, item: Bound) -> None:
        super().refuse_missing(node, item)
        classes = classes_in(item)
        for cls, name in self.left_out:
            if cls in classes:
                self.refuse_late(node, name)

    def refuse_late(self, node: gast.AST, name: str) -> NoReturn:
        self.refuse(
            node, f"an object in a list gets its attribute `{name}` after it was made",
            f"assign `self.{name}` in `__init__`, too: something of the same type",
        )  # fmt: skip


def classes_in(item: Bound | Type) -> set[type | None]:
    """The classes of the objects in something."""
    if isinstance(item, Value):
        return classes_in(bound(item.type))
    if isinstance(item, List):
        return classes_in(bound(item.item))
    if not isinstance(item, Seq | Tuple):
        return set()
    return {item.form.cls}.union(*map(classes_in, item.items))

"""What a function changes outside of itself, and what it imports.

In: names that are declared `global`, or imported inside the function. Out: a global
that is written is an effect, which happens once, in the forward sweep; what is imported
is an object from outside, as globals are.

    global calls
    calls += 1          ->      set_global calls += 1

Nothing in the program may read such a global but by `+=`: it would have to be known
when it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import Origin, UnsupportedError, a
from s2s.parse.imported import Imported, imported
from s2s.parse.source import read_outer
from s2s.parse.unit import Unit
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Op, Value
from s2s.ssa.scopes import ScopeBuilder
from s2s.ssa.types import described, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules

NUMBERS = bool, int, float, complex


class OutsideBuilder(ScopeBuilder):
    """Evaluates imports, and assigns globals."""

    def __init__(self, unit: Unit, rules: Rules, objects: frozenset[gast.AST]) -> None:
        super().__init__(unit, rules, objects)
        self.writes: dict[str, tuple[dict[str, Any], str]] = {}
        self.written_at: dict[str, Origin | None] = {}

    def _Imported(self, node: Imported) -> Bound:
        parsed = self.scope.parsed
        try:
            obj = imported(node, parsed.globals)
        except ImportError as error:
            self.refuse(node, f"this import fails: {error}")
        path = self.source(
            (id(parsed.globals), gast.unparse(node.statement)),
            node.name,
            lambda: imported(node, parsed.globals),
        )
        return self.outer(path, obj, node)

    def assign(self, target: gast.expr, item: Bound) -> None:
        if self.is_global(target):
            assert isinstance(target, gast.Name)
            self.write_global(target, target.id, item)
        else:
            super().assign(target, item)

    def augment_name(self, node: gast.AugAssign) -> None:
        if not self.is_global(node.target):
            super().augment_name(node)
            return
        name = node.target.id
        try:
            old = read_outer(self.scope.parsed, name)
        except NameError:
            self.refuse(node, f"name `{name}` is not defined")
        if not isinstance(old, NUMBERS):
            self.refuse(node, f"the global `{name}` is no number: it cannot change")
        kind = self.rules.OPERATORS[type(node.op)]
        self.write_global(node, name, self.expr(node.value), kind)

    def delete(self, target: gast.expr) -> None:
        if self.is_global(target):
            self.refuse(target, "`del` of a global is not supported")
        super().delete(target)

    def is_global(self, target: gast.AST) -> bool:
        declared = self.scope.unit.globals
        return isinstance(target, gast.Name) and target.id in declared

    def write_global(
        self, node: gast.AST, name: str, item: Bound, kind: str | None = None
    ) -> None:
        """A number, a string or None for a global."""
        simple = isinstance(item, Value) and (
            rank_of(item.type) == 0
            or (item.is_const and (item.const is None or isinstance(item.const, str)))
        )
        if not simple:
            what = a(item.kind) if isinstance(item, Seq) else described(item.type)
            self.refuse(
                node,
                f"the global `{name}` would be {what}: only numbers, strings and None "
                "can be assigned to globals",
                "take the value as an argument and return it",
            )
        path = self.outside(name, printed=True)
        self.writes[path] = self.scope.parsed.globals, name
        self.written_at.setdefault(path, self.origin_of(node))
        names, attrs = ("x",), {"name": path, "aug": kind}
        self.append(Op("set_global", [item], names, attrs))  # type: ignore[list-item]

    def check_written(self) -> None:
        """Refuse to read what the program writes: its value is known at entry only."""
        for path, origin in self.written_at.items():
            if path in self.globals or path in self.statics:
                raise UnsupportedError(
                    f"the global `{path}` is written here, and read elsewhere",
                    origin,
                    "take the value as an argument and return it",
                )

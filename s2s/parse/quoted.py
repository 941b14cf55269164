"""Python written as text, with other names and expressions in the place of some names.

In: a statement as text, the node that it stands for. Out: its tree; all that is made
has the position of that node.

>>> at = gast.parse("sum(a)").body[0].value
>>> stmt = quoted("total = total + item", at, total="s", item=at.args[0])
>>> print(gast.unparse(stmt).strip())
s = s + a
"""

from __future__ import annotations

import gast


class Quoted(gast.NodeTransformer):
    """Puts other names or expressions in the place of names."""

    def __init__(self, parts: dict[str, str | gast.expr], at: gast.AST) -> None:
        self.parts = parts
        self.at = at

    def visit(self, node: gast.AST) -> gast.AST:
        part = self.parts.get(node.id) if isinstance(node, gast.Name) else None
        if isinstance(part, gast.AST):
            return part
        if part is not None:
            node.id = part
        self.generic_visit(node)
        return gast.copy_location(node, self.at)


def quoted(text: str, at: gast.AST, **parts: str | gast.expr) -> gast.stmt:
    """A statement in other words, where `at` stands."""
    return Quoted(parts, at).visit(gast.parse(text).body[0])

"""Trees with other parts in the place of some.

In: a tree, and what stands for some of its nodes. Out: a new tree; what nothing changes
in is the old one, as expressions are shared with the text.

>>> class Twice(Rebuilder):
...     def instead(self, node):
...         return [node, node] if isinstance(node, gast.Pass) else None
>>> tree = Twice().rebuilt(gast.parse("for x in y:\\n  pass"))
>>> print(gast.unparse(tree).strip())
for x in y:
    pass
    pass
"""

from __future__ import annotations

from typing import Any

import gast


class Rebuilder:
    """Rebuilds trees; `instead` says what stands for a node."""

    def instead(self, node: gast.AST) -> Any:
        """A node, or statements; None if its parts are looked at."""
        raise NotImplementedError

    def rebuilt(self, node: gast.AST) -> Any:
        if (made := self.instead(node)) is not None:
            return made
        changed, fields = False, dict[str, Any]()
        for field, value in gast.iter_fields(node):
            if isinstance(value, list):
                parts = [m for v in value for m in as_list(self.part(v))]
                changed |= any(a is not b for a, b in zip(parts, value, strict=False))
                changed |= len(parts) != len(value)
                fields[field] = parts
            else:
                fields[field] = self.part(value)
                changed |= fields[field] is not value
        return gast.copy_location(type(node)(**fields), node) if changed else node

    def part(self, value: object) -> object:
        return self.rebuilt(value) if isinstance(value, gast.AST) else value


def as_list(made: object) -> list:
    return made if isinstance(made, list) else [made]

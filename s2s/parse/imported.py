"""Imports inside a function become assignments.

In: an import statement. Out: an assignment for each name that it binds, of an
`Imported`: a leaf that knows how to import the object again.

    from math import sin, pi    ->    sin = <from math import sin>
                                      pi = <from math import pi>
"""

from __future__ import annotations

from typing import Any

import gast


class Imported(gast.expr):
    """The object that `statement` binds `name` to."""

    _fields = ()

    def __init__(self, statement: gast.Import | gast.ImportFrom, name: str) -> None:
        super().__init__()
        self.statement = statement
        self.name = name
        gast.copy_location(self, statement)

    def __deepcopy__(self, memo: dict[int, Any]) -> Imported:
        return Imported(self.statement, self.name)


def import_assignments(stmt: gast.Import | gast.ImportFrom) -> list[gast.stmt]:
    """`import a.b` binds `a`, `import a.b as c` binds `c`."""
    out: list[gast.stmt] = []
    for alias in stmt.names:
        name = alias.asname or alias.name.split(".")[0]
        one = gast.Import([alias])
        if isinstance(stmt, gast.ImportFrom):
            one = gast.ImportFrom(stmt.module, [alias], stmt.level)
        gast.copy_location(one, stmt)
        target = gast.copy_location(gast.Name(name, gast.Store(), None, None), stmt)
        assign = gast.Assign([target], Imported(one, name), None)
        out.append(gast.copy_location(assign, stmt))
    return out


def imported(node: Imported, module: dict[str, Any]) -> Any:
    """The object, imported from where the function stands; else an ImportError."""
    keys = "__name__", "__package__", "__spec__", "__path__"
    scope = {k: module[k] for k in keys if k in module}
    exec(gast.unparse(node.statement), scope)
    return scope[node.name]

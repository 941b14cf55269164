"""Private names of a class become what Python makes of them.

In: the tree of a method, and its code. Out: the same tree, its names changed in place.

    class Spline:
        def at(self, x):
            return self.__find(x)     ->     return self._Spline__find(x)
"""

from __future__ import annotations

import types

import gast

from s2s.parse.locate import codes_in

# what holds a name, and in which field
FIELDS = {gast.Attribute: "attr", gast.Name: "id"}


def spell_out_private(tree: gast.FunctionDef, code: types.CodeType) -> None:
    """Give private names the form that they have in the code."""
    nodes = [n for n in gast.walk(tree) if is_private(name_of(n))]
    if not nodes:
        return
    known = {name for each in codes_in(code) for name in names_in(each)}
    classes = [part.lstrip("_") for part in code.co_qualname.split(".")]
    for node in nodes:
        name = name_of(node)
        made = next((m for c in classes if (m := f"_{c}{name}") in known), name)
        setattr(node, FIELDS[type(node)], made)


def name_of(node: gast.AST) -> str:
    return getattr(node, FIELDS.get(type(node), ""), None) or ""


def is_private(name: str) -> bool:
    """Whether a class makes the name its own.

    >>> is_private("__find"), is_private("__init__"), is_private("_x")
    (True, False, False)
    """
    return name.startswith("__") and not name.endswith("__")


def names_in(code: types.CodeType) -> tuple[str, ...]:
    return code.co_names + code.co_varnames + code.co_cellvars + code.co_freevars

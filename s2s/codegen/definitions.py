"""The definitions of the functions that a derivative calls.

In: the functions, each with a name of its own, those that are called first. Out: their
definitions; where two would be the same, both are one.

    def g(n, x): ... g2(n - 1, x)                def g(n, x): ... g(n - 1, x)
    def g2(n, x): ... g2(n - 1, x)       ->
"""

from __future__ import annotations

import gast

from s2s.codegen.emit import emit
from s2s.codegen.naming import name_parameters
from s2s.ssa.callee import Callee


def definitions_of(called: list[Callee], taken: set[str]) -> list[gast.FunctionDef]:
    """The definitions; the names of the callees become those that are defined."""
    made: list[gast.FunctionDef] = []
    for callee in called:
        name_parameters(callee.body, callee.body.body.params, taken)
        made.append(emit(callee.body, callee.name, {}, taken))
    renamed = merged(made)
    for callee in called:
        callee.name = renamed.get(callee.name, callee.name)
    return [one for one in made if one.name not in renamed]


def merged(made: list[gast.FunctionDef]) -> dict[str, str]:
    """Which functions are others, by name; they all call the ones that stay.

    Two that call one another may be the same for all that: what was written calls one
    that turns out to be another one only then, so this goes on while any two are.
    """
    renamed: dict[str, str] = {}
    while True:
        known: dict[str, str] = {}
        new: dict[str, str] = {}
        for one in made:
            if one.name not in renamed:
                stays = known.setdefault(text_of(one), one.name)
                if stays != one.name:
                    new[one.name] = stays
        if not new:
            return renamed
        renamed = {name: new.get(stays, stays) for name, stays in renamed.items()} | new
        for node in (n for one in made for n in gast.walk(one)):
            if isinstance(node, gast.Name):
                node.id = new.get(node.id, node.id)


def text_of(function: gast.FunctionDef) -> str:
    """What a function does, whatever its name is, by which it may call itself."""
    name, function.name = function.name, ""
    text = gast.dump(function)
    function.name = name
    return text.replace(f"id={name!r}", "id=''")

"""The functions of their own that a function calls.

In: a function with calls. Out: a definition for each function that is called, directly
or by another one, these before who calls them.

    y = call g(x);  z = call g(y)     ->     def g(x): ...
"""

from __future__ import annotations

import gast

from s2s.codegen.definitions import definitions_of
from s2s.names import Names
from s2s.ssa.callee import Callee
from s2s.ssa.ir import Function


def called_by(function: Function) -> list[Callee]:
    """What a function calls, these before who calls them."""
    found: dict[Callee, None] = {}
    entered: set[Callee] = set()

    def visit(caller: Function) -> None:
        for op in caller.body.walk():
            callee = op.attrs.get("callee")
            if callee is not None and callee not in entered:
                entered.add(callee)
                visit(callee.body)
                found[callee] = None

    visit(function)
    return list(found)


def with_called(function: Function) -> list[Function]:
    """A function, after all those that it calls."""
    return [*(callee.body for callee in called_by(function)), function]


def define_called(
    function: Function, name: str, taken: set[str]
) -> list[gast.FunctionDef]:
    """Name and define what a function of this name calls.

    No name is one that is `taken`, or that of a parameter; `attrs["functions"]` says
    which these are.
    """
    called = called_by(function)
    functions = [*(callee.body for callee in called), function]
    names = Names([name, *taken, *(p.hint for f in functions for p in f.body.params)])
    for callee in called:
        callee.name = names.fresh(callee.name)
    own = function.attrs["functions"] = {callee.name for callee in called}
    return definitions_of(called, taken | own)

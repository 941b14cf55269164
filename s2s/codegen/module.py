"""A generated module: imports, helpers, functions.

In: the definition of a generated function. Out: statements that need nothing but NumPy;
helpers that the code calls are written into the module.
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping

import gast

from s2s.codegen.source import blank

STANDARD = {"logging": "import logging", "math": "import math"}
NUMPY = {**STANDARD, "np": "import numpy as np"}
CUPY = {"cp": "import cupy as cp", "cupy": "import cupy"}


def module_body(
    definitions: Iterable[gast.FunctionDef], helpers: dict[str, Callable]
) -> list[gast.stmt]:
    """Imports, the helpers that are needed, and the functions."""
    body: list[gast.stmt] = [*definitions]
    names = used_names(body)
    work = [h for h in helpers if h in names]
    needed: list[str] = []
    while work:
        helper = work.pop()
        if helper in needed:
            continue
        needed.append(helper)
        made = gast.parse(source(helpers[helper])).body[0]
        assert isinstance(made, gast.FunctionDef)
        made.decorator_list = []
        body.insert(0, made)
        names = used_names([made])
        work += [h for h in helpers if h in names and h != helper]
    return with_imports(body)


@functools.cache
def source(helper: Callable) -> str:
    return textwrap.dedent(inspect.getsource(helper))


def with_imports(
    body: list[gast.stmt], modules: Mapping[str, str] = NUMPY
) -> list[gast.stmt]:
    """The body, below the imports that it needs."""
    body = [s for s in body if not isinstance(s, gast.Import)]
    # a parameter of one function hides no module from another one
    names = {n for s in body for n in used_names([s]) - bound_names([s])}
    imports = [gast.parse(modules[m]).body[0] for m in modules if m in names]
    if own := len(names & STANDARD.keys()):  # the standard library stands by itself
        imports.insert(own, blank())
    return [*imports, *body]


def bound_names(body: Iterable[gast.stmt]) -> set[str]:
    """Parameters, and what is assigned."""
    return {
        node.id
        for statement in body
        for node in gast.walk(statement)
        if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load)
    }


def called_names(body: Iterable[gast.stmt]) -> set[str]:
    """The functions, classes and modules that are read by their names.

    >>> sorted(called_names(gast.parse("x.f(np.pi, len(y), isinstance(z, list))").body))
    ['isinstance', 'len', 'list', 'np']
    """
    found: list[gast.AST] = []
    for node in (n for statement in body for n in gast.walk(statement)):
        match node:
            case gast.Attribute(value=gast.Name(id=root)) if root in NUMPY:
                found.append(node.value)
            case gast.Call(func=gast.Name(id="isinstance"), args=[_, of]):
                found += [node.func, of]
            case gast.Call():
                found.append(node.func)
            case gast.keyword(arg="dtype"):
                found.append(node.value)
    return {node.id for node in found if isinstance(node, gast.Name)}


def used_names(body: Iterable[gast.stmt]) -> set[str]:
    return {n.id for stmt in body for n in gast.walk(stmt) if isinstance(n, gast.Name)}

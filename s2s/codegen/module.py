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
CUPY = {**NUMPY, "cp": "import cupy as cp", "cupy": "import cupy"}


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
    names = used_names(body) - bound_names(body)
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


def used_names(body: Iterable[gast.stmt]) -> set[str]:
    return {n.id for stmt in body for n in gast.walk(stmt) if isinstance(n, gast.Name)}

"""Globals that generated code reads become constants of the module it stands in.

In: the body of a module, the SSA it was printed from, the primal. Out: the body with
an assignment for each number, string, dtype or small array that it needs, also in
tuples, lists and dicts, under a remark; `config.RATE` is called `RATE` there. Other
objects are refused.

    def f(x):                 # globals of program
        return RATE * x   ->  RATE = 0.25
                              ...
"""

from __future__ import annotations

import builtins
import logging
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import gast
import numpy as np

from s2s.codegen.load import read_global
from s2s.codegen.module import bound_names, used_names, with_imports
from s2s.codegen.source import blank, comment
from s2s.codegen.tree import call, constant, name
from s2s.errors import UnsupportedError
from s2s.names import Names
from s2s.parse.source import Parsed
from s2s.rules import dotted
from s2s.ssa.ir import Function

SMALL = 64  # elements: a larger array is no constant that anybody reads


def with_constants(
    body: list[gast.stmt], function: Function, parsed: Parsed
) -> list[gast.stmt]:
    """The body, the constants below its imports."""
    names = Names(defined(body) | used_names(body))
    functions = {getattr(statement, "name", "") for statement in body}
    renamed: dict[str, str] = {}
    constants: list[gast.stmt] = []
    imports: dict[str, list[gast.alias]] = {}
    for path in sorted(free_paths(body, function)):
        obj = read_global(function, path)
        if (home := home_of(obj)) is not None:
            alias = gast.alias(obj.__name__, path if path != obj.__name__ else None)
            imports.setdefault(home, []).append(alias)
            continue
        value = literal(obj)
        if value is None:
            refuse(path, obj, parsed)
        short = path.rpartition(".")[2]
        plain = short == path and path not in functions
        renamed[path] = path if plain else names.fresh(short)
        constants.append(gast.Assign([name(renamed[path], store=True)], value, None))
    if constants:
        constants.insert(
            0, comment(f"globals of {parsed.fn.__module__ or parsed.name}")
        )
    body = [Rename(renamed).visit(statement) for statement in body]
    body = with_imports([*constants, *body])
    last = sum(isinstance(s, gast.Import) for s in body)
    own = [gast.ImportFrom(home, names, 0) for home, names in sorted(imports.items())]
    return [*body[:last], *([blank(), *own] if own else []), *body[last:]]


def home_of(obj: Any) -> str | None:
    """The module that a class or function of the user's can be imported from."""
    module = getattr(obj, "__module__", None) or ""
    if isinstance(obj, np.ufunc) and not module:  # ufuncs do not say where they are
        module = "scipy.special"
    root = module.split(".")[0]
    if root in ("", "__main__", "builtins", "numpy") or not callable(obj):
        return None
    found = getattr(sys.modules.get(module), getattr(obj, "__name__", ""), None)
    return module if found is obj else None


def free_paths(body: list[gast.stmt], function: Function) -> set[str]:
    """Dotted names that the body reads but nothing in it binds."""
    writes = function.attrs["writes"]
    paths = set(function.attrs["globals"])
    roots = {path.split(".")[0] for path in paths}
    externals = function.attrs["externals"].keys() & function.attrs["sources"].keys()
    roots |= externals
    bound = {*defined(body), *vars(builtins)}
    found = {path for path, (home, name) in writes.items() if name in home}
    for path in dotted_names(body):
        known = [p for p in (*paths, *externals) if f"{path}.".startswith(f"{p}.")]
        root = path.split(".")[0]
        if known or root in roots or root not in bound:
            found.add(max(known, key=len, default=path))
    return found


def dotted_names(body: list[gast.stmt]) -> Iterator[str]:
    """The longest dotted name at each place where one is read."""
    todo: list[gast.AST] = list(body)
    while todo:
        node = todo.pop()
        path = dotted(node)
        if path is None:
            todo += gast.iter_child_nodes(node)
        elif isinstance(getattr(node, "ctx", None), gast.Load):
            yield path


def defined(body: list[gast.stmt]) -> set[str]:
    """Names that the module binds, in functions or outside."""
    nodes = [node for statement in body for node in gast.walk(statement)]
    imported = {n.asname or n.name for n in nodes if isinstance(n, gast.alias)}
    functions = {n.name for n in nodes if isinstance(n, gast.FunctionDef)}
    return bound_names(body) | imported | functions


def literal(value: Any) -> gast.expr | None:
    """The expression that denotes a constant; None if there is none.

    >>> print(gast.unparse(literal((np.float32(2.0), int, "a"))).strip())
    (np.float32(2.0), int, 'a')
    """
    match value:
        case np.bool_():
            return constant(bool(value))
        case np.generic() if isinstance(value.item(), int | float | complex):
            return call(f"np.{value.dtype.name}", [constant(value.item())])
        case None | bool() | str() | int() | float() | complex():
            return constant(value)
        case tuple() | list() if type(value) in (tuple, list):
            items = [literal(item) for item in value]
            of = gast.Tuple if type(value) is tuple else gast.List
            return None if None in items else of(items, gast.Load())
        case dict() if type(value) is dict:
            keys, values = [[*map(literal, of)] for of in (value, value.values())]
            return None if None in keys + values else gast.Dict(keys, values)
        case np.ndarray() if type(value) is np.ndarray and value.dtype.kind in "biufc":
            if not 0 < value.size <= SMALL:
                return None
            kind = {"dtype": constant(value.dtype)}
            return call("np.array", [constant(value.tolist())], kind)
        case type() if value.__module__ in ("numpy", "builtins"):
            return constant(value)
        case np.dtype() if value.kind in "biufc":
            return constant(value)
        case logging.Logger():
            return call("logging.getLogger", [constant(value.name)])
    return None


def refuse(path: str, value: Any, parsed: Parsed) -> NoReturn:
    kind = type(value).__name__
    what, advice = f"is a global of type {kind}", "pass it as an argument"
    if isinstance(value, type):
        what, advice = "is a class of your own", "use a built-in one"
    elif callable(value):
        what, advice = f"is a {kind}", "write its body where it is called"
    readers = (node for node in gast.walk(parsed.tree) if dotted(node) == path)
    reader = next(readers, parsed.tree)
    message = f"a saved module cannot hold `{path}`: it {what}"
    raise UnsupportedError(message, parsed.origin(reader), advice)


class Rename(gast.NodeTransformer):
    """Names, and dotted ones, by plain ones that nothing else has."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: gast.Name) -> gast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_Attribute(self, node: gast.Attribute) -> gast.expr:
        path = dotted(node)
        if path in self.names:
            return name(self.names[path])
        self.generic_visit(node)
        return node

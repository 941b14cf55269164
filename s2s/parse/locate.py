"""The text a code object was compiled from: first the file, then the node in it.

In: the code of a Python function. Out: the lines of its file, and the def or lambda in
them that compiles to this very code, or None if the text is another one by now.

>>> import linecache
>>> text = "pair = [lambda x: x + 1, lambda x: x + 2]\\n"
>>> linecache.cache["<pair>"] = len(text), None, [text], "<pair>"
>>> scope = {}
>>> exec(compile(text, "<pair>", "exec"), scope)
>>> second = scope["pair"][1].__code__
>>> node, name = locate(second, read_lines(second, scope))
>>> ast.unparse(node), name
('lambda x: x + 2', None)
"""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import io
import itertools
import linecache
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

FUTURE_FLAGS = functools.reduce(
    int.__or__,
    (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names),
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def read_lines(code: CodeType, scope: dict[str, Any]) -> list[str]:
    """The lines of the file as it is now, without their ends; [] if there is none."""
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, scope))
    # Not splitlines(): to Python a form feed or U+2028 does not end a line.
    return io.StringIO(text, newline=None).read().split("\n") if text else []


def locate(code: CodeType, lines: list[str]) -> tuple[Definition, str | None] | None:
    """The node that compiles to `code`, and the name it is assigned to if a lambda."""
    try:
        file = _read("\n".join(lines))
    except SyntaxError:
        return None
    candidates = file.definitions.get((code.co_name, code.co_firstlineno), [])
    # Inner nodes come later in a walk, and contain fewer code objects: try them first.
    for node, imports in itertools.product(reversed(candidates), (file.imports, [])):
        if _compiles_to(node, file.classes.get(node), imports, code):
            return node, file.assigned.get(node)
    return None


@dataclass(eq=False)
class File:
    """What stands in a text: functions by name and first line, in the order of a walk.

    `classes` are the innermost ones that functions are in, as methods or in one;
    `assigned` are the names that lambdas get.
    """

    imports: list[ast.stmt]
    definitions: dict[tuple[str, int], list[Definition]] = field(default_factory=dict)
    classes: dict[ast.AST, ast.ClassDef] = field(default_factory=dict)
    assigned: dict[ast.AST, str] = field(default_factory=dict)


@functools.lru_cache(maxsize=8)
def _read(text: str) -> File:
    with warnings.catch_warnings():  # they were given when the file was loaded
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    file = File(_module_imports(tree))
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef():
                inside = (n for n in ast.walk(node) if isinstance(n, Definition))
                file.classes |= dict.fromkeys(inside, node)  # inner ones come later
            case ast.Assign(targets=targets, value=ast.Lambda() as value):
                names = [t.id for t in targets if isinstance(t, ast.Name)]
                file.assigned.update((value, name) for name in names[:1])
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Lambda() as value):
                file.assigned[value] = name
            case ast.Lambda():
                place = "<lambda>", node.lineno
                file.definitions.setdefault(place, []).append(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                first = node.decorator_list[0] if node.decorator_list else node
                place = node.name, first.lineno
                file.definitions.setdefault(place, []).append(node)
    return file


def _module_imports(tree: ast.Module) -> list[ast.stmt]:
    """What is imported at the top level: calls of such names compile differently.

    IPython and the interactive Python compile each statement on its own, so there the
    same function may have been compiled without them.
    """
    found: list[ast.stmt] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif not isinstance(node, Definition | ast.ClassDef | ast.expr):
            todo += ast.iter_child_nodes(node)
    return [n for n in found if getattr(n, "module", None) != "__future__"]


def _compiles_to(
    node: Definition,
    owner: ast.ClassDef | None,
    imports: list[ast.stmt],
    code: CodeType,
) -> bool:
    """Compiled again, in a scope of the same kind, the node gives the same code.

    Code objects compare by instructions, constants, names and positions, so this tells
    lambdas on one line apart and finds out text that was changed after it was loaded.
    """
    if "@pytest_ar" in code.co_names:  # pytest rewrote its assert statements
        return True
    stmt: ast.stmt
    if isinstance(node, ast.Lambda):
        stmt = ast.copy_location(ast.Expr(node), node)
    else:
        stmt = node
    if owner is not None:  # `super()` and private names are those of the class
        made = ast.ClassDef(owner.name, [], [], [stmt], [])
        if sys.version_info >= (3, 12):
            made.type_params = []
        stmt = ast.copy_location(made, owner)
    if code.co_flags & inspect.CO_NESTED:
        stmt = _enclosed(stmt, code.co_freevars)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = compile(
            ast.Module([*imports, stmt], []),
            code.co_filename,
            "exec",
            flags=code.co_flags & FUTURE_FLAGS & ~inspect.CO_NESTED,
            dont_inherit=True,
        )
    return code in codes_in(whole)


def _enclosed(stmt: ast.stmt, variables: tuple[str, ...]) -> ast.stmt:
    """A function around the statement, in which its free variables are local."""
    outer = ast.parse("def enclosing(): pass").body[0]
    assert isinstance(outer, ast.FunctionDef)
    for name in variables:
        outer.args.args.append(ast.copy_location(ast.arg(name), outer))
    outer.body = [stmt]
    return outer


def codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from codes_in(const)

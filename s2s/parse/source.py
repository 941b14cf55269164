"""A Python function becomes the gast tree of its source.

In: a function object (def or lambda). Out: a `Parsed`, in which the tree is as written,
without decorators, and every node has its position in the file.

>>> import linecache
>>> text = "square = lambda x: x * x\\n"
>>> linecache.cache["<cell>"] = len(text), None, [text], "<cell>"
>>> scope = {}
>>> exec(compile(text, "<cell>", "exec"), scope)
>>> parsed = parse_function(scope["square"])
>>> print(gast.unparse(parsed.tree).strip())
def square(x):
    return x * x
>>> print(parsed.origin(parsed.tree.body[0].value).excerpt())
    square = lambda x: x * x
                       ^^^^^
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import gast

from s2s.errors import InternalError, SourceError, TypingError, UnsupportedError
from s2s.parse.define import GENERATED
from s2s.parse.hiding import rename_hiding_variables
from s2s.parse.late import free_late_variables, is_late, parameters
from s2s.parse.locate import Definition, codes_in, locate, read_lines
from s2s.parse.nested import Nested, bound_in, lambda_tree, nest
from s2s.parse.nonlocals import is_variable, resolve_nonlocals
from s2s.parse.origins import Origins, start_of
from s2s.parse.private import spell_out_private


@dataclass(eq=False)
class Parsed:
    fn: types.FunctionType  # the function at the top of the text
    code: types.CodeType
    name: str
    tree: gast.FunctionDef
    file: str
    lines: list[str]
    origin: Origins  # node -> Origin
    globals: dict[str, Any]
    closure: dict[str, types.CellType]
    signature: inspect.Signature
    collects: str = ""  # of a generator function: the name of the list of its items

    @functools.cached_property
    def locals(self) -> frozenset[str]:
        """Names that are local to the function wherever it stands: parameters too.

        What it read of a function around it may have become one of these.
        """
        made = (n for n in bound_in(self.tree) if is_late(n) or is_variable(n))
        code = self.code
        names = code.co_varnames, code.co_cellvars, made, parameters(self.tree)
        return frozenset(chain.from_iterable(names))

    @property
    def generated(self) -> bool:
        """Whether s2s wrote it."""
        return str(self.fn.__module__).startswith(GENERATED)

    def inside(self, nested: Nested) -> Parsed:
        """A function that is defined in this one."""
        tree = nested.tree
        for code in codes_in(self.code):
            found = locate(code, self.lines) if code is not self.code else None
            if found and start_of(found[0]) == start_of(tree):
                own = {"name": tree.name, "tree": tree, "code": code, "collects": ""}
                return replace(self, **own)
        raise InternalError(f"no code of `{tree.name}`", self.origin(tree))


def read_outer(parsed: Parsed, name: str) -> Any:
    """What a name that is not local stands for now; a NameError if for nothing."""
    if name in parsed.closure:
        try:
            return parsed.closure[name].cell_contents
        except ValueError:
            pass
    elif name in parsed.globals:
        return parsed.globals[name]
    elif hasattr(builtins, name):
        return getattr(builtins, name)
    raise NameError(f"name '{name}' is not defined")


def parse_function(f: Callable[..., Any]) -> Parsed:
    """The tree of a plain Python function; a refusal for every other callable."""
    parsed = parse_code(plain_function(f))
    refuse_generator(parsed)
    return parsed


def parse_code(fn: types.FunctionType) -> Parsed:
    """The tree of the code of a function: of what wraps another one, its own."""
    code = fn.__code__
    lines = read_lines(code, fn.__globals__)
    if not lines:
        raise no_source(code)
    tree, origin = read_tree(code, code.co_filename, "\n".join(lines))
    refuse_async(fn, tree, origin)
    return Parsed(
        fn=fn,
        code=code,
        name=tree.name,
        tree=tree,
        file=code.co_filename,
        lines=origin.lines,
        origin=origin,
        globals=fn.__globals__,
        closure=dict(zip(code.co_freevars, fn.__closure__ or (), strict=True)),
        signature=inspect.signature(fn),
    )


def no_source(code: types.CodeType) -> SourceError:
    return SourceError(
        f"the source of `{code.co_name}` is not available "
        f"(it was defined in {code.co_filename})",
        advice="define it in a file or in a notebook cell",
    )


@functools.lru_cache(maxsize=64)
def read_tree(
    code: types.CodeType, file: str, text: str
) -> tuple[gast.FunctionDef, Origins]:
    """The function in the text of its file: read once, whatever is derived of it."""
    lines = text.split("\n")
    found = locate(code, lines)
    if found is None and file == "<string>":  # of `exec`, or the command of python -c
        raise no_source(code)
    if found is None:
        raise SourceError(
            f"`{code.co_name}` is not what stands in {file}, "
            f"line {code.co_firstlineno}: the text was changed after it was loaded",
            advice="load it again (importlib.reload, or restart Python); "
            "if an import hook rewrites this module, switch it off",
        )
    try:
        tree = function_tree(*found)
    except RecursionError:
        raise UnsupportedError(
            f"`{code.co_name}` ({file}, line {code.co_firstlineno}) "
            "has an expression or blocks nested too deeply",
            advice="split it into several statements or functions",
        ) from None
    spell_out_private(tree, code)
    resolve_nonlocals(tree)
    free_late_variables(tree)
    rename_hiding_variables(tree)
    origin = Origins(file, lines, tree)
    return nest(tree), origin


# What is callable but is not a function with source: type -> (what it is, advice).
CALLABLES: list[tuple[type | tuple[type, ...], str, str]] = [
    (
        types.MethodType,
        "a bound method",
        "write a function that takes what the method reads from `self` as arguments",
    ),
    (
        functools.partial,
        "a functools.partial",
        "write a lambda instead: `lambda x: f(x, 2.0)`",
    ),
    (type, "a class", "write a function that calls it"),
    (
        (
            types.BuiltinFunctionType,
            types.MethodWrapperType,
            types.WrapperDescriptorType,
        ),
        "a built-in function, which has no Python source",
        "write a function that calls it: `lambda x: f(x)`",
    ),
    (
        types.MethodDescriptorType,
        "a built-in method, which has no Python source",
        "write a function that calls it: `lambda x: x.method()`",
    ),
]


def plain_function(f: Callable[..., Any]) -> types.FunctionType:
    """`f` itself, if it is a function made by def or lambda and nothing else."""
    if isinstance(f, types.FunctionType):
        if hasattr(f, "__wrapped__"):
            raise UnsupportedError(
                f"`{f.__name__}` is wrapped by a decorator that s2s does not know",
                advice=f"remove the decorator, or pass `{f.__name__}.__wrapped__`, "
                "the function inside it",
            )
        return f
    if not callable(f):
        raise TypingError(f"a function is needed, not {f!r} ({type(f).__name__})")
    name = getattr(f, "__name__", None) or repr(f)
    for kind, what, advice in CALLABLES:
        if isinstance(f, kind):
            raise UnsupportedError(f"`{name}` is {what}", advice=advice)
    raise UnsupportedError(
        f"`{name}` is an object of type {type(f).__name__}, not a function",
        advice="write a function that calls it: `lambda x: f(x)`",
    )


def function_tree(node: Definition, assigned: str | None) -> gast.FunctionDef:
    """The node in gast; a lambda becomes a def of one return statement."""
    tree = gast.ast_to_gast(node)
    if isinstance(node, ast.Lambda):
        return lambda_tree(tree, assigned or "function")
    tree.decorator_list = []
    return tree


def refuse_async(
    fn: types.FunctionType, tree: gast.FunctionDef, origin: Origins
) -> None:
    if inspect.iscoroutinefunction(fn) or inspect.isasyncgenfunction(fn):
        raise UnsupportedError(
            f"`{tree.name}` is an async function",
            origin(tree),
            "write it as a plain function",
        )


def refuse_generator(parsed: Parsed) -> None:
    if is_generator(parsed.fn):
        nodes = gast.walk(parsed.tree)
        yields = (n for n in nodes if isinstance(n, gast.Yield | gast.YieldFrom))
        raise UnsupportedError(
            f"`{parsed.name}` is a generator function",
            parsed.origin(next(yields)),
            "return a value instead; collect several in a tuple or a list",
        )


def is_generator(obj: Any) -> bool:
    """Whether this is a function that yields."""
    code = getattr(obj, "__code__", None)
    return code is not None and bool(code.co_flags & inspect.CO_GENERATOR)

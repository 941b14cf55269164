"""Generated text becomes a function that tracebacks and debuggers can show.

In: a compiled module's text. Out: the function, and how to read the globals it uses.
"""

from __future__ import annotations

import functools
import inspect
import operator
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from s2s.parse.define import GENERATED, define
from s2s.parse.source import Parsed, parse_code
from s2s.rules import RULES
from s2s.ssa.ir import Function
from s2s.ssa.types import typeof

# the same may be another object each time; a set is compared with its members then
MADE_ANEW = str, types.MethodType, set, frozenset


class HasSource(Protocol):
    name: str
    function: Function
    source: str


class Reads(NamedTuple):
    """How the globals that a generated function reads are kept up to date."""

    changed: Callable[[], bool]
    refresh: Callable[[], None]


def load(made: HasSource) -> tuple[Callable[..., Any], Reads | None]:
    """The generated function, and what `Derivative` needs to refresh its globals."""
    scope: dict[str, Any] = {"__name__": f"{GENERATED}.{made.name}"}
    scope.update(made.function.attrs["externals"])
    define(made.source, made.name, scope)
    values = made.function.attrs["globals"]
    run = writing(scope, made)
    functions = list(read_by(made.function))
    if not any(f.attrs["globals"] or f.attrs["statics"] for f in functions):
        return run, None

    read = functools.partial(read_global, made.function)
    names = sorted({path.split(".")[0] for path in values})

    def changed() -> bool:
        """Whether the text would be another one now."""
        return any(map(has_changed, functions))

    def refresh() -> None:
        """Read the globals anew."""
        scope.update({name: read(name) for name in names})

    return run, Reads(changed, refresh)


def read_by(function: Function) -> Iterator[Function]:
    """A function, and those of the derivatives in whose text it was made."""
    yield function
    for unit in function.attrs["called"]:
        if isinstance(unit.parsed.globals, Live):
            yield from read_by(unit.parsed.globals.function)


def has_changed(function: Function) -> bool:
    """Whether a global that it reads has another type now, or is another object."""
    read = functools.partial(read_global, function)
    kinds = {path: value.type for path, value in function.attrs["globals"].items()}
    return any(typeof(read(p), p) != t for p, t in kinds.items()) or any(
        (now := read(p)) is not obj and not (isinstance(now, MADE_ANEW) and now == obj)
        for p, obj in function.attrs["statics"].items()
    )


def writing(scope: dict[str, Any], made: HasSource) -> Callable[..., Any]:
    """The generated function; the globals that it writes are those of the primal."""
    inner: Callable[..., Any] = scope[made.name]
    homes = made.function.attrs["writes"].items()
    if not homes:
        return inner

    @functools.wraps(inner)
    def run(*args: Any) -> Any:
        scope.update({path: home[n] for path, (home, n) in homes if n in home})
        try:
            return inner(*args)
        finally:
            for path, (home, name) in homes:
                if path in scope:
                    home[name] = scope[path]

    return run


class Live(dict[str, Any]):
    """The globals of a generated module, those of the primal as they are now."""

    def __init__(self, scope: dict[str, Any], function: Function) -> None:
        super().__init__(scope)
        # helpers that were written into the module have rules, as themselves
        self.update((n, RULES.namespace[n]) for n in scope if n in RULES.namespace)
        self.function = function
        own = function.attrs["functions"]  # which may have names of the user's
        sources = function.attrs["sources"].items()
        self.sources = {name: read for name, read in sources if name not in own}
        self.writes = function.attrs["writes"]
        self.update(dict.fromkeys(self.sources))

    def __getitem__(self, name: str) -> Any:
        return (
            self.sources[name]() if name in self.sources else super().__getitem__(name)
        )

    def __setitem__(self, name: str, value: Any) -> None:
        home, name = self.writes[name]
        home[name] = value


def parse_generated(run: Callable[..., Any], function: Function) -> Parsed:
    """The text of a generated function, to be differentiated in its turn."""
    run = inspect.unwrap(run)  # what writes to globals is wrapped
    assert isinstance(run, types.FunctionType)
    parsed = parse_code(run)
    return replace(parsed, globals=Live(run.__globals__, function))


def read_global(function: Function, path: str) -> Any:
    """What the primal reads under a dotted name that is not local to it."""
    root, *rest = path.split(".")
    obj = function.attrs["sources"][root]()
    return operator.attrgetter(".".join(rest))(obj) if rest else obj

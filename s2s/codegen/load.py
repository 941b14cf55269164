"""Generated text becomes a function that tracebacks and debuggers can show.

In: a compiled module's text. Out: the function, and how to read the globals it uses.
The text is registered in `linecache`, under a name of its own.
"""

from __future__ import annotations

import functools
import linecache
import operator
from collections.abc import Callable
from itertools import count
from types import MethodType
from typing import Any, NamedTuple, Protocol

from s2s.parse.source import Parsed
from s2s.ssa.ir import Function
from s2s.ssa.types import typeof

_serial = count(1)
MADE_ANEW = str, MethodType  # the same object may be another one each time


class HasSource(Protocol):
    name: str
    function: Function
    source: str


class Reads(NamedTuple):
    """How the globals that a generated function reads are kept up to date."""

    changed: Callable[[], bool]
    refresh: Callable[[], None]


def load(made: HasSource, parsed: Parsed) -> tuple[Callable[..., Any], Reads | None]:
    """The generated function, and what `Derivative` needs to refresh its globals."""
    filename = f"<s2s {made.name} {next(_serial)}>"
    lines = made.source.splitlines(keepends=True)
    linecache.cache[filename] = len(made.source), None, lines, filename
    scope: dict[str, Any] = {"__name__": f"s2s.generated.{made.name}"}
    scope.update(made.function.attrs["externals"])
    exec(compile(made.source, filename, "exec"), scope)
    values = made.function.attrs["globals"]
    statics = made.function.attrs["statics"]
    run = writing(scope, made)
    if not values and not statics:
        return run, None

    read = functools.partial(read_global, made.function)
    names = sorted({path.split(".")[0] for path in values})
    types = {path: value.type for path, value in values.items()}

    def changed() -> bool:
        """Whether a global is of another type now, or another static object."""
        return any(typeof(read(p), p) != t for p, t in types.items()) or any(
            (now := read(p)) is not obj
            and not (isinstance(now, MADE_ANEW) and now == obj)
            for p, obj in statics.items()
        )

    def refresh() -> None:
        """Read the globals anew."""
        scope.update({name: read(name) for name in names})

    return run, Reads(changed, refresh)


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


def read_global(function: Function, path: str) -> Any:
    """What the primal reads under a dotted name that is not local to it."""
    root, *rest = path.split(".")
    obj = function.attrs["sources"][root]()
    return operator.attrgetter(".".join(rest))(obj) if rest else obj

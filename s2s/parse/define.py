"""Text that s2s wrote becomes functions that tracebacks and debuggers can show.

In: a module as text, and what it finds there. Out: its names. The text is registered in
`linecache`, under a name of its own.

>>> scope = define("def twice(x):\\n    return 2.0 * x\\n", "twice", {})
>>> scope["twice"](3.0)
6.0
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Iterable
from itertools import count
from types import FunctionType
from typing import Any

from s2s.names import Names

P = inspect.Parameter
GENERATED = "s2s.generated"  # the module that generated functions say they are from
_serial = count(1)


def define(text: str, name: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Run the text in a scope, which is returned."""
    filename = f"<s2s {name} {next(_serial)}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = len(text), None, lines, filename
    exec(compile(text, filename, "exec"), scope)
    return scope


def calling(
    name: str,
    parameters: Iterable[inspect.Parameter],
    obj: Any,
    called: str = "derivative",
) -> FunctionType:
    """A function in text that calls an object, of these parameters.

    >>> x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    >>> calling("absolute", [x], abs)(-2.0)
    2.0
    """
    given = list(parameters)
    none = [P.empty if p.default is P.empty else None for p in given]  # set below
    bare = [
        p.replace(annotation=P.empty, default=default)
        for p, default in zip(given, none, strict=True)
    ]
    marks: dict[Any, str] = {P.KEYWORD_ONLY: "{0}={0}", P.VAR_POSITIONAL: "*{0}"}
    marks[P.VAR_KEYWORD] = "**{0}"
    passed = [marks.get(p.kind, "{0}").format(p.name) for p in bare]
    called = Names([name, *(p.name for p in bare)]).fresh(called)
    text = (
        f"def {name}{inspect.Signature(bare)}:\n"
        f"    return {called}({', '.join(passed)})\n"
    )
    made: FunctionType = define(text, name, {called: obj})[name]
    with_defaults = [p for p in given if p.default is not p.empty]
    by_name = {p.name: p.default for p in with_defaults if p.kind is p.KEYWORD_ONLY}
    made.__defaults__ = tuple(p.default for p in with_defaults if p.name not in by_name)
    made.__kwdefaults__ = by_name
    return made

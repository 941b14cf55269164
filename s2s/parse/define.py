"""Text that s2s wrote becomes functions that tracebacks and debuggers can show.

In: a module as text, and what it finds there. Out: its names. The text is registered in
`linecache`, under a name of its own.

>>> scope = define("def twice(x):\\n    return 2.0 * x\\n", "twice", {})
>>> scope["twice"](3.0)
6.0
"""

from __future__ import annotations

import linecache
from itertools import count
from typing import Any

GENERATED = "s2s.generated"  # the module that generated functions say they are from
_serial = count(1)


def define(text: str, name: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Run the text in a scope, which is returned."""
    filename = f"<s2s {name} {next(_serial)}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = len(text), None, lines, filename
    exec(compile(text, filename, "exec"), scope)
    return scope

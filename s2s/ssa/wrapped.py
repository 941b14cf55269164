"""Functions that hand on their arguments: partials, and wrappers of decorators.

In: what `functools.partial` or a decorator with `functools.wraps` made. Out: a function
in text that calls it, of the parameters that it is called with:

    functools.partial(f, b=3.0)    ->    def f(a, *, b=3.0):
                                             return called(a, b=b)
"""

from __future__ import annotations

import functools
import inspect
import sysconfig
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from s2s.parse.define import calling
from s2s.ssa.calls import has_source

# where the decorators are that are not the user's
LIBRARIES = tuple(
    sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def hands_on(f: Any) -> bool:
    """Whether the text of what is called is not that of its parameters."""
    if isinstance(f, functools.partial):
        return has_source(f.func)
    if not isinstance(f, FunctionType) or not hasattr(f, "__wrapped__"):
        return False
    return not f.__code__.co_filename.startswith(LIBRARIES)


def with_text(f: Any) -> Any:
    """What has the parameters of `f` in its text: itself, or what calls it."""
    if not hands_on(f):
        return f
    if f not in _made:
        own = inspect.signature(f, follow_wrapped=False).parameters.values()
        passes_all = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in own)
        parameters = inspect.signature(f).parameters.values() if passes_all else own
        name = getattr(getattr(f, "func", f), "__name__", "")
        name = name if name.isidentifier() else "function"
        _made[f] = calling(name, parameters, f, "called")
    return _made[f]


_made: WeakKeyDictionary[Any, FunctionType] = WeakKeyDictionary()

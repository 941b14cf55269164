"""The function that a command line names.

In: `path/file.py:f` or `pkg.mod:f`. Out: that function, its module imported as Python
would import it. What the module prints goes to stderr.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from s2s.arguments import meant

FORM = "path/file.py:function or package.module:function"


class TargetError(Exception):
    """There is no such file, module or function."""


class ImportFailed(Exception):
    """The user's module raises when it is imported; the text is the traceback."""


def find(target: str) -> Any:
    """The object that the target names."""
    place, _, path = target.rpartition(":")
    if not place or not path:
        raise TargetError(f"`{target}` is not of the form {FORM}")
    is_file = place.endswith(".py") or "/" in place or "\\" in place
    module = module_of_file(Path(place)) if is_file else module_of_name(place)
    found: Any = module
    for name in path.split("."):
        owner = found
        if not hasattr(owner, name):
            what = "module" if owner is module else "class"
            callables = [n for n, v in vars(owner).items() if is_candidate(n, v)]
            hint = meant(name, callables)
            raise TargetError(
                f"{what} `{owner.__name__}` has no function `{name}`{hint}"
            )
        found = getattr(owner, name)
    return found


def is_candidate(name: str, value: Any) -> bool:
    return callable(value) and not isinstance(value, type) and not name.startswith("_")


def module_of_file(path: Path) -> ModuleType:
    """The module in a file; with its package's name, if it is part of one."""
    if not path.is_file():
        raise TargetError(f"there is no file `{path}`{similar_file(path)}")
    path = path.resolve()
    folder, parts = path.parent, [path.stem]
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    sys.path.insert(0, str(folder))
    name = ".".join(parts)
    if len(parts) > 1:
        with importing(str(path)):
            return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise TargetError(f"`{path}` is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)  # a file called random.py hides no module
    with importing(str(path)):
        try:
            spec.loader.exec_module(module)
        except BaseException:
            if sys.modules[name] is module:
                del sys.modules[name]
            raise
    return module


def similar_file(path: Path) -> str:
    folder = path.parent
    known = [str(p) for p in folder.glob("*.py")] if folder.is_dir() else []
    hint = meant(str(path), known)
    return hint if "did you mean" in hint else ""


def module_of_name(name: str) -> ModuleType:
    """A module on the path, or in the folder where the command is run."""
    sys.path.insert(0, "")
    try:
        with importing(name):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise TargetError(f"there is no module `{error.name}`") from None


@contextlib.contextmanager
def importing(what: str) -> Iterator[None]:
    """Turns whatever the user's module raises into a traceback of their lines."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except ModuleNotFoundError as error:
        if what == error.name or what.startswith(f"{error.name}."):
            raise
        raise ImportFailed(_traceback(what, error)) from None
    except (Exception, SystemExit) as error:
        raise ImportFailed(_traceback(what, error)) from None


def _traceback(what: str, error: BaseException) -> str:
    tail: Any = error.__traceback__
    while tail is not None and _is_machinery(tail.tb_frame.f_code.co_filename):
        tail = tail.tb_next
    lines = traceback.format_exception(type(error), error, tail)
    return f"importing {what} failed:\n{''.join(lines)}".rstrip()


def _is_machinery(filename: str) -> bool:
    return filename in (__file__, importlib.__file__) or filename.startswith("<frozen")

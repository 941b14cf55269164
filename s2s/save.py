"""A derivative as a module of its own, to be checked in and shipped without s2s.

In: a compiled function and the parsed primal. Out: the text of a module that imports
NumPy alone: a header that says how to make it again, the globals that the primal reads
as constants, the helpers, and the function with checks of its arguments at entry.

    # Made by s2s 0.1.0 from heat.py:heat; do not edit, but make it again with
    #     s2s build heat.py:heat -o heat_grad.py --wrt u,k
    # source sha256 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
"""

from __future__ import annotations

import builtins
import hashlib
import inspect
import os
import shlex
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import gast

from s2s.arguments import example
from s2s.codegen.constants import lift_globals
from s2s.codegen.entry import check_argument, entry_checks
from s2s.codegen.source import comment, to_source
from s2s.errors import SourceError
from s2s.parse.source import Parsed
from s2s.pipeline import Compiled, Request

MADE_BY = "# Made by s2s "


def save(
    path: str | os.PathLike[str],
    made: Compiled,
    parsed: Parsed,
    request: Request,
    target: str | None = None,
) -> None:
    """Write the module; a file that s2s did not make is not overwritten."""
    text = module_text(made, parsed, command(made, parsed, request, path, target))
    file = Path(path)
    if file.exists() and not file.read_text(encoding="utf-8").startswith(MADE_BY):
        raise SourceError(
            f"`{path}` was not made by s2s, so it is not overwritten",
            advice="remove it first, or save under another name",
        )
    file.write_text(text, encoding="utf-8")

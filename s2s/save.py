"""A derivative as a module of its own, to be checked in and shipped without s2s.

In: a compiled function and the parsed primal. Out: the text of a module that imports
NumPy alone: a header that says how to make it again, the globals that the primal reads
as constants, the helpers, and the function, which checks its arguments at entry.

    # Made by s2s 0.1.0 from heat.py:heat; to make it again:
    #     s2s build heat.py:heat -o heat_grad.py --wrt u,k --at "u=np.ones(2), k=1.0"
    # source sha256 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import shlex
import textwrap
from collections.abc import Iterable
from copy import deepcopy
from itertools import takewhile
from pathlib import Path

import gast
import numpy as np

from s2s.annotations import declared
from s2s.arguments import example
from s2s.codegen.constants import with_constants
from s2s.codegen.cupy import to_cupy
from s2s.codegen.document import WIDTH
from s2s.codegen.emit import refuse_hidden
from s2s.codegen.entry import check_argument, entry_checks
from s2s.codegen.module import used_names, with_imports
from s2s.codegen.overlap import HELPERS, memory_checks
from s2s.codegen.source import blank, comment, to_source
from s2s.errors import SourceError
from s2s.parse.define import GENERATED
from s2s.parse.source import Parsed
from s2s.pipeline import Compiled, Request
from s2s.rules import RULES

MADE_BY = "Made by s2s"
CHECKS = {"check_argument": check_argument, **HELPERS}
RULES.reserved.update(CHECKS)


def save(
    path: str | os.PathLike[str],
    made: Compiled,
    parsed: Parsed,
    request: Request,
    target: str | None = None,
) -> None:
    """Write the module."""
    write(path, written(path, made, parsed, request, target))


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write a module; a file that s2s did not make is not overwritten."""
    file = Path(path)
    if file.exists() and not file.read_text("utf-8").startswith(f"# {MADE_BY}"):
        raise SourceError(
            f"`{path}` was not made by s2s, so it is not overwritten",
            advice="remove it first, or save under another name",
        )
    file.write_text(text, "utf-8")


def written(
    path: str | os.PathLike[str],
    made: Compiled,
    parsed: Parsed,
    request: Request,
    target: str | None = None,
) -> str:
    """The text of the module, for a file of that name."""
    target = target or target_of(parsed)
    body = module(made, parsed, request.backend)
    head = header(made, parsed, request, target, Path(path).as_posix())
    return to_source([comment("\n".join(head)), blank(), *body])


def module(made: Compiled, parsed: Parsed, backend: str) -> list[gast.stmt]:
    """The statements of the generated module, complete in themselves."""
    body = deepcopy(made.module)
    *before, definition = with_constants(body, made.function, parsed)
    assert isinstance(definition, gast.FunctionDef)
    types = made.function.attrs["fitted"]
    checks = entry_checks(types, named_dtypes(made.module), used_names(made.module))
    checks += [gast.parse(text).body[0] for text, _ in memory_checks(made.function)]
    there = {getattr(statement, "name", "") for statement in before}
    needed: list[gast.stmt] = [*checks]
    for name, helper in CHECKS.items():
        if name in used_names(needed) - there:
            before.append(gast.parse(inspect.getsource(helper)).body[0])
            needed.append(before[-1])
    if checks:
        refuse_hidden(types, checks, made.function)
        definition.body = [*checks, blank(), *definition.body]
    body = [*before, definition]
    return to_cupy(body, [made.function]) if backend == "cupy" else with_imports(body)


def named_dtypes(body: list[gast.stmt]) -> set[str]:
    """The dtypes that the code names: it is right for these, not for others."""
    nodes = (node for statement in body for node in gast.walk(statement))
    names = {node.attr for node in nodes if isinstance(node, gast.Attribute)}
    return {name for name in names if name in np.sctypeDict}


# The header


def header(
    made: Compiled, parsed: Parsed, request: Request, target: str | None, path: str
) -> list[str]:
    """Who made the module from what, and how."""
    lines = [f"{MADE_BY} {s2s_version()} from {target or parsed.name}; do not edit"]
    if target:
        lines[0] += ", make it again:"
        again = command(made, parsed, request, target, path)
        lines += [f"    {line}" for line in again]
    called = [unit.parsed for unit in made.function.attrs["called"]]
    return [*lines, f"source sha256 {digest(parsed, called)}"]


def made_again(text: str) -> list[str]:
    """The words of the command that makes a module again; none if it names none.

    >>> made_again("# Made by s2s\\n#     s2s build a.py:f -o b.py --at x=1\\n")
    ['s2s', 'build', 'a.py:f', '-o', 'b.py', '--at', 'x=1']
    """
    head = takewhile(lambda line: line.startswith("#"), text.splitlines())
    lines = [line[1:].rstrip("\\") for line in head if line.startswith("#    ")]
    return shlex.split(" ".join(lines))


def unversioned(text: str) -> str:
    """The text of a module, whichever version of s2s wrote it."""
    return re.sub(f"^# {MADE_BY} .*? from ", "", text)


def command(
    made: Compiled, parsed: Parsed, request: Request, target: str, path: str
) -> list[str]:
    """The command line that makes the module, on several lines where it is long."""
    wrt = ",".join(request.wrt)
    if len(request.wrt) == 1 and not request.single and request.mode != "vjp":
        wrt += ","
    words = [f"--mode {request.mode}" + (f" --wrt {wrt}" if wrt else "")]
    if request.has_aux:
        words.append("--has-aux")
    if request.holomorphic:
        words.append("--holomorphic")
    if request.backend != "numpy":
        words.append(f"--backend {request.backend}")
    for name, type in made.function.attrs["types"].items():
        if type != declared(parsed, parsed.signature.parameters[name]):
            text = example({name: made.function.attrs["fitted"][name]})
            words.append(f"--at {quoted(text or f'{name}=...')}")
    lines = [f"s2s build {shlex.quote(target)} -o {shlex.quote(path)}"]
    for word in words:
        if len(f"#     {lines[-1]} {word} \\") <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines[-1] += " \\"
            lines.append(f"    {word}")
    return lines


def quoted(text: str) -> str:
    """A word of a shell command, in double quotes where they suffice."""
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def target_of(parsed: Parsed) -> str | None:
    """How the command line names the primal; None if it cannot."""
    name, module = parsed.fn.__qualname__, parsed.fn.__module__
    if "<" in name or module is None or module.startswith(GENERATED):
        return None
    if module != "__main__":
        return f"{module}:{name}"
    file = Path(parsed.file)
    if not file.is_file():
        return None
    inside = file.is_relative_to(Path.cwd())
    return f"{(file.relative_to(Path.cwd()) if inside else file).as_posix()}:{name}"


def digest(parsed: Parsed, called: Iterable[Parsed] = ()) -> str:
    """The SHA-256 of the source of the primal, and of all functions that it calls.

    It is as written, without decorators; functions inside others are part of these.
    """
    parts = {parsed.fn: parsed}
    for other in called:  # what stands inside a function is called after it
        parts.setdefault(other.fn, other)
    texts = map(source_of, parts.values())
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def source_of(parsed: Parsed) -> str:
    """The lines of a function."""
    lines = parsed.lines[parsed.tree.lineno - 1 : parsed.tree.end_lineno]
    return textwrap.dedent("\n".join(line.rstrip("\r\n") for line in lines))


def s2s_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version("s2s-ad")
    except PackageNotFoundError:  # a source tree on the path
        return "(not installed)"

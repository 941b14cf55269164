"""The command line: `s2s show`, `s2s build`, `s2s check` and `s2s test`.

In: a function, named as `path/file.py:f` or `pkg.mod:f`. Out: the source of a
derivative of it, on the terminal or in a file. Exit codes: 0; 1 for a program that is
refused, or a module that is stale; 2 for a command line that makes no sense.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from s2s import render
from s2s.arguments import ArgumentError, evaluate, meant
from s2s.check import GradientError, check_grads
from s2s.derivative import BACKENDS, Derivative
from s2s.errors import S2SError
from s2s.pipeline import STAGES, Compiled
from s2s.save import MADE_BY, made_again, s2s_version, unversioned, write, written
from s2s.ssa.assume import hold
from s2s.target import ImportFailed, TargetError, find
from s2s.varied import ArgNums

MODES = ("grad", "value_and_grad", "vjp", "jvp", "primal")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(s2s_version(), prog_name="s2s")
def main() -> None:
    """Write the source of the derivatives of NumPy programs."""


def derivative_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what to derive."""
    options = [
        click.argument("target", metavar="TARGET"),
        click.option("--mode", type=click.Choice(MODES), help="What to write: grad."),
        click.option(
            "--wrt",
            metavar="NAMES",
            help="Differentiate in these: the first parameter.",
        ),
        click.option(
            "--at",
            "examples",
            multiple=True,
            metavar="EXAMPLE",
            help="Example arguments, whose types count: 'x=np.ones((3, 4)), n=10'.",
        ),
        click.option("--has-aux", is_flag=True, help="f returns (value, aux)."),
        click.option(
            "--holomorphic", is_flag=True, help="f is so, of complex numbers."
        ),
        click.option(
            "--backend", type=click.Choice(BACKENDS), help="Array module: numpy."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@derivative_options
@click.option(
    "--stage",
    type=click.Choice([*STAGES, "all"]),
    default="source",
    help="What to print: the source, or what it was on the way there.",
)
@click.option("--no-color", is_flag=True, help="Print plain text.")
def show(examples: tuple[str, ...], stage: str, no_color: bool, **options: Any) -> None:
    """Print the derivative of TARGET, which is path/file.py:f or pkg.mod:f."""
    made = compiled(requested(**options), examples, stage)
    for name in STAGES if stage == "all" else [stage]:
        if stage == "all":
            click.echo(f"# --- {name} ---")
        render.write(made.stages[name], False if no_color else None)


@main.command()
@derivative_options
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="The file."
)
def build(examples: tuple[str, ...], output: str, **options: Any) -> None:
    """Write the derivative of TARGET into a module that runs without s2s."""
    text = built(examples, output, **options)
    try:
        write(output, text)
    except S2SError as error:
        fail(str(error))
    except OSError as error:
        raise click.FileError(output, error.strerror or "") from None


def built(examples: tuple[str, ...], output: str, **options: Any) -> str:
    """The text of the module."""
    derivative = requested(**options)
    made = compiled(derivative, examples)
    request = derivative.request()
    try:
        return written(output, made, derivative.parsed, request, options["target"])
    except S2SError as error:
        fail(str(error))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
def check(paths: tuple[str, ...]) -> None:
    """Say which of the modules that `build` wrote are stale.

    PATHS are files and folders, else all that is in this folder. Each module names the
    command that made it, which is carried out again: where it was the first time.
    """
    stale = [file for path in paths or (".",) for file in generated(path) if old(file)]
    if stale:
        sys.exit(1)


def generated(path: str) -> list[str]:
    """A file, or the files in a folder that s2s made."""
    if not Path(path).is_dir():
        return [path]
    found = sorted(Path(path).rglob("*.py"))
    made = (f for f in found if f.read_bytes().startswith(f"# {MADE_BY}".encode()))
    return [file.as_posix() for file in made]


def old(file: str) -> bool:
    """Whether a module is not what its command makes now; says why."""
    text = Path(file).read_text("utf-8")
    words = made_again(text)
    if words[:2] != ["s2s", "build"]:
        click.echo(f"{file}: names no command that makes it again", err=True)
        return True
    try:
        options = build.make_context("s2s build", words[2:]).params
        fresh = built(**options)
    except (SystemExit, click.ClickException) as error:
        if isinstance(error, click.ClickException):
            click.echo(error.format_message(), err=True)
        click.echo(f"{file}: cannot be made again", err=True)
        return True
    if unversioned(fresh) == unversioned(text):
        return False
    click.echo(f"{file}: is stale: {shlex.join(words)}", err=True)
    return True


@main.command()
@click.argument("target", metavar="TARGET")
@click.option(
    "--at",
    "examples",
    multiple=True,
    metavar="EXAMPLE",
    help="The arguments: 'x=np.ones((3, 4)), n=10'; defaults need not be given.",
)
@click.option("--order", default=2, help="2 checks the gradient's derivative, too.")
def test(target: str, examples: tuple[str, ...], order: int) -> None:
    """Check the derivatives of TARGET against differences, and against each other."""
    derivative = requested(target, None, None, False, False, None)
    given = example_arguments(derivative, examples)
    try:
        args = derivative.bind((), given)
    except TypeError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    try:
        check_grads(derivative.primal, args, order)
    except (GradientError, S2SError) as error:
        fail(str(error))
    click.echo(f"{derivative.parsed.name}: the derivatives agree")


def requested(
    target: str,
    mode: str | None,
    wrt: str | None,
    has_aux: bool,
    holomorphic: bool,
    backend: str | None,
) -> Derivative:
    """The derivative asked for; what is left out, a decorated function says itself."""
    try:
        found = find(target)
    except TargetError as error:
        raise click.BadParameter(str(error), param_hint="TARGET") from None
    except ImportFailed as error:
        fail(str(error))
    argnums: ArgNums = 0
    if isinstance(found, Derivative):
        argnums = found.wrt[0] if found.single else found.wrt
        mode, backend = mode or found.mode, backend or found.backend
        has_aux = has_aux or found.has_aux
        holomorphic = holomorphic or found.holomorphic
        found = found.primal
    mode, backend = mode or "grad", backend or "numpy"
    try:
        names = Derivative(found, "primal", ()).names
        if wrt is not None:
            argnums = wrt_names(wrt, names)
        if mode == "primal":
            argnums = ()
        if mode == "vjp" and isinstance(argnums, int | str):
            argnums = (argnums,)  # a pullback returns a tuple
        return Derivative(found, mode, argnums, has_aux, backend, holomorphic)
    except S2SError as error:
        fail(str(error))


def wrt_names(wrt: str, names: list[str]) -> str | list[str]:
    """`x,w` as names of parameters; `x` stands for itself, `x,` for a tuple of one."""
    chosen = [name.strip() for name in wrt.split(",")]
    if len(chosen) > 1 and not chosen[-1]:
        del chosen[-1]
    for name in chosen:
        if name not in names:
            message = f"there is no parameter `{name}`{meant(name, names)}"
            raise click.BadParameter(message, param_hint="--wrt")
    return chosen if "," in wrt else chosen[0]


def compiled(
    derivative: Derivative, examples: tuple[str, ...], stage: str | None = None
) -> Compiled:
    """The derivative for the types that examples, defaults and annotations give."""
    given = example_arguments(derivative, examples)
    try:
        types = derivative.declared(given)
        made = derivative.made(types, stage=stage)
        if not hold(made.function.attrs["related"], types, given):
            made = derivative.made(types, fit=False, stage=stage)
        return made
    except S2SError as error:
        fail(str(error))


def example_arguments(
    derivative: Derivative, examples: tuple[str, ...]
) -> dict[str, Any]:
    """What `--at` gives, by name."""
    given: dict[str, Any] = {}
    try:
        for text in examples:
            given |= evaluate(text, derivative.names, derivative.parsed.globals)
    except ArgumentError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    return given


def fail(message: str) -> NoReturn:
    """End with a message and exit code 1."""
    click.echo(message, err=True)
    sys.exit(1)

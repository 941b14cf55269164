"""What a shell user of s2s sees: output, messages, exit codes."""

import os
import pty
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import s2s
from s2s.cli import main

PROGRAM = """
    import numpy as np
    import s2s

    print("imported")
    START = 3

    def poly(x: float, n: int = 3):
        return x**n

    def energy(u, k):
        return k * np.sum(u**2)

    @s2s.value_and_grad(argnums=("w", "b"))
    def loss(x, y, w, b):
        r = np.tanh(x @ w + b) - y
        return np.mean(r**2)

    def refused(x):
        return np.frombuffer(x)

    class Model:
        def energy(u):
            return np.sum(u**2)
"""
ARGUMENTS = "x=np.ones((4, START)), y=np.ones(4), w=np.ones(3), b=0.5"
COLOR = "\x1b["

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in a folder that holds program.py."""
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules = dict(sys.modules)
    yield lambda *args: CliRunner().invoke(main, args, catch_exceptions=False)
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]


def shell(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "s2s", *args]
    return subprocess.run(command, text=True, capture_output=True, **options)  # type: ignore


# What is printed


def test_the_source_of_the_gradient(run: Run) -> None:
    done = run("show", "program.py:poly", "--at", "n=3")
    assert done.exit_code == 0
    assert done.stdout.startswith("def poly_grad(x, n=3):\n")
    scope: dict = {}
    exec(done.stdout, scope)
    assert scope["poly_grad"](2.0, 3) == 12.0


def test_it_is_what_a_call_with_such_arguments_runs(run: Run) -> None:
    at = "u=np.ones(3), k=1.0"
    shown = run("show", "program:energy", "--wrt", "k,u", "--at", at).stdout
    from program import energy

    derivative = s2s.grad(energy, argnums=("k", "u"))
    derivative(np.ones(3), 1.0)
    assert derivative.source == shown


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp", "jvp"])
def test_modes(run: Run, mode: str) -> None:
    done = run("show", "program.py:poly", "--mode", mode)
    assert (done.exit_code, f"def poly_{mode}(" in done.stdout) == (0, True)


def test_the_primal(run: Run) -> None:
    done = run("show", "program.py:poly", "--mode", "primal")
    assert done.stdout == "def poly(x, n=3):\n    value = x**n\n    return value\n" or (
        done.stdout == "def poly(x, n=3):\n    return x**n\n"
    )


def test_a_decorated_function_says_itself_what_to_derive(run: Run) -> None:
    done = run("show", "program.py:loss", "--at", ARGUMENTS)
    assert "def loss_value_and_grad(x, y, w, b):" in done.stdout
    assert "return value, (w_bar, b_bar)" in done.stdout
    done = run("show", "program.py:loss", "--at", ARGUMENTS, "--mode", "grad")
    assert "return w_bar, b_bar" in done.stdout
    done = run("show", "program.py:loss", "--at", ARGUMENTS, "--wrt", "b")
    assert "return value, b_bar" in done.stdout


def test_one_name_or_a_tuple_of_one(run: Run) -> None:
    one = run("show", "program.py:poly", "--wrt", "x", "--mode", "value_and_grad")
    assert one.stdout.endswith("return value, x_bar\n")
    one = run("show", "program.py:poly", "--wrt", "x,", "--mode", "value_and_grad")
    assert one.stdout.endswith("return value, (x_bar,)\n")


def test_a_pullback_returns_a_tuple(run: Run) -> None:
    scope: dict = {}
    exec(run("show", "program.py:poly", "--mode", "vjp").stdout, scope)
    assert scope["poly_vjp"](2.0, 3)[1](1.0) == (12.0,)


def test_without_types_the_source_is_generic(run: Run) -> None:
    typed = run("show", "program.py:energy", "--at", "u=np.ones(3), k=1.0")
    generic = run("show", "program.py:energy")
    assert (typed.exit_code, generic.exit_code) == (0, 0)
    scope: dict = {}
    exec(generic.stdout, scope)
    np.testing.assert_allclose(scope["energy_grad"](np.arange(3.0), 2.0), [0, 4, 8])


def test_examples_may_be_given_one_by_one(run: Run) -> None:
    together = run("show", "program.py:energy", "--at", "u=np.ones(3), k=1.0")
    options = "--at", "u=np.ones(3)", "--at", "k=1.0"
    assert run("show", "program.py:energy", *options).stdout == together.stdout


def test_methods_are_found_in_their_class(run: Run) -> None:
    done = run("show", "program.py:Model.energy", "--at", "u=np.ones(3)")
    assert "def energy_grad(u):" in done.stdout


@pytest.mark.parametrize(
    ("stage", "beginning"),
    [
        ("parse", "def poly(x: float, n: int"),
        ("ssa", "poly(x: float, n: int):\n"),
        ("types", "x: float\nn: int\n"),
        ("activity", "poly(x: float, n: int):  # active: x\n"),
        ("plan", "at top level:\n"),
        ("transform", "poly(x: float, n: int):\n"),
        ("simplify", "poly(x: float, n: int):\n"),
        ("sink", "poly(x: float, n: int):\n"),
        ("own", "poly(x: float, n: int):\n"),
        ("source", "def poly_grad(x, n=3):\n"),
    ],
)
def test_stages(run: Run, stage: str, beginning: str) -> None:
    done = run("show", "program.py:poly", "--stage", stage)
    assert done.stdout.startswith(beginning)
    whole = run("show", "program.py:poly", "--stage", "all").stdout
    assert f"# --- {stage} ---\n{done.stdout}" in whole


NEEDS = """\
at top level:
    h: direct
    n: direct
    w: direct
in `for k in range(n):`:
    h = math.tanh(w * h): carried from the iteration after
    h: pushed, popped one iteration ahead
"""
LENGTHS = """\
x: float64[x.0, x.1]
w: float64[x.1]
r: float64[x.0]
value: float64[]
x.0 >= 2
x.1 >= 2
x.1 == w.0
"""
ACTIVITY = """\
squares(x: float64[x.0, x.1], w: float64[x.1]):  # active: w
    r = x @ w  : float64[x.0]  # active
    %1 = r ** 2  : float64[x.0]  # active
    %2 = np.sum(%1)  : float64[]  # active
    %3 = np.sum(x)  : float64[]
    value = %2 + %3  : float64[]  # active
    return value
"""
STAGED = """
    import math
    import numpy as np

    def states(w: float, n: int):
        h = 1.0
        for k in range(n):
            h = math.tanh(w * h)
        return h

    def squares(x, w):
        r = x @ w
        return np.sum(r**2) + np.sum(x)
"""


@pytest.mark.parametrize(
    ("target", "stage", "text"),
    [
        ("states", "plan", NEEDS),
        ("squares", "types", LENGTHS),
        ("squares", "activity", ACTIVITY),
    ],
)
def test_facts(run: Run, tmp_path: Path, target: str, stage: str, text: str) -> None:
    (tmp_path / "staged.py").write_text(textwrap.dedent(STAGED))
    at = ["--at", "x=np.ones((2, 3)), w=np.ones(3)"] if target == "squares" else []
    done = run("show", f"staged.py:{target}", *at, "--wrt", "w", "--stage", stage)
    assert done.stdout == text


def test_nothing_is_kept_in_forward_mode(run: Run) -> None:
    done = run("show", "program.py:poly", "--mode", "jvp", "--stage", "plan")
    assert done.stdout == "nothing is kept\n"


def test_cupy_needs_no_gpu(run: Run) -> None:
    at = "u=np.ones(3), k=1.0"
    done = run(
        "show", "program.py:energy", "--at", at, "--wrt", "k", "--backend", "cupy"
    )
    assert done.stdout.startswith("import cupy as cp\n")
    assert "cp.sum(u**2)" in done.stdout and "np." not in done.stdout.replace("cp.", "")


def test_what_the_module_prints_is_not_in_the_output(run: Run) -> None:
    done = run("show", "program.py:poly")
    assert "imported" not in done.stdout
    assert done.stderr == "imported\n"


def test_files_of_packages_import_their_neighbours(run: Run, tmp_path: Path) -> None:
    package = tmp_path / "models" / "small"
    package.mkdir(parents=True)
    for folder in package, package.parent:
        (folder / "__init__.py").touch()
    (package / "rates.py").write_text("RATE = 0.5\n")
    text = "from .rates import RATE\n\n\ndef f(x: float):\n    return RATE * x\n"
    (package / "decay.py").write_text(text)
    by_file = run("show", "models/small/decay.py:f")
    by_name = run("show", "models.small.decay:f")
    assert by_file.exit_code == 0
    assert by_file.stdout == by_name.stdout


# Mistakes


def usage_error(done: Result) -> str:
    assert done.exit_code == 2
    assert done.stdout == ""
    return done.stderr.partition("\nError: ")[2].rstrip()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("progam.py:f", "there is no file `progam.py`; did you mean `program.py`?"),
        ("a/b.py:f", "there is no file `a/b.py`"),
        ("progam:f", "there is no module `progam`"),
        ("program.py:enrgy", "module `program` has no function `enrgy`; "
                             "did you mean `energy`?"),
        ("program.py:zzz", "module `program` has no function `zzz`; "
                           "there are poly, energy, loss, refused"),
        ("program.py:Model.f", "class `Model` has no function `f`; there are energy"),
        ("program.py", "`program.py` is not of the form path/file.py:function or "
                       "package.module:function"),
    ],
)  # fmt: skip
def test_targets_that_are_not_there(run: Run, target: str, message: str) -> None:
    assert usage_error(run("show", target)) == f"Invalid value for TARGET: {message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--wrt", "y"], "--wrt: there is no parameter `y`; there are x, n"),
        (["--at", "y=1"], "--at: there is no parameter `y`; there are x, n"),
        (["--at", "1.0"], "--at: `1.0` is not of the form name=value, name=value"),
        (["--at", "x=1 2"], "--at: `x=1 2` is not Python: invalid syntax. Perhaps you "
                            "forgot a comma?"),
        (["--at", "x=np.one(3)"], "--at: x=np.one(3) raises AttributeError: module "
                                  "'numpy' has no attribute 'one'"),
        (["--mode", "hessian"], "'--mode': 'hessian' is not one of 'grad', "
                                "'value_and_grad', 'vjp', 'jvp', 'primal'."),
        (["--stage", "tape"], "'--stage': 'tape' is not one of 'parse', 'ssa', "
                              "'types', 'activity', 'plan', 'transform', "
                              "'simplify', 'sink', 'own', 'source', 'all'."),
    ],
)  # fmt: skip
def test_options_that_make_no_sense(run: Run, options: list[str], message: str) -> None:
    error = usage_error(run("show", "program.py:poly", *options))
    assert " ".join(error.split()) == f"Invalid value for {message}"


def test_a_refused_program(run: Run, tmp_path: Path) -> None:
    done = run("show", "program.py:refused")
    assert (done.exit_code, done.stdout) == (1, "")
    file, line, column, message = done.stderr.removeprefix("imported\n").split(":", 3)
    assert Path(file) == tmp_path / "program.py"
    source = (tmp_path / "program.py").read_text().splitlines()
    assert source[int(line) - 1][int(column) - 1 :] == "np.frombuffer(x)"
    assert message.startswith(" `np.frombuffer` has no derivative rule\n")
    assert "Traceback" not in done.stderr


def test_a_target_that_is_no_function(run: Run) -> None:
    done = run("show", "program.py:START")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "imported\na function is needed, not 3 (int)\n"


def test_a_module_that_fails_to_import(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import numpy\n\nnumpy.nothing\n")
    done = run("show", "broken.py:f")
    assert (done.exit_code, done.stdout) == (1, "")
    first, second, *rest = done.stderr.splitlines()
    assert first == f"importing {tmp_path / 'broken.py'} failed:"
    assert second == "Traceback (most recent call last):"
    assert rest[0] == f'  File "{tmp_path / "broken.py"}", line 3, in <module>'
    assert rest[-1].startswith("AttributeError: module 'numpy' has no attribute")


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("def f(:", "SyntaxError: invalid syntax"),
    ],
)
def test_why_a_module_fails_to_import(
    run: Run, tmp_path: Path, text: str, last: str
) -> None:
    (tmp_path / "broken.py").write_text(text)
    for target in "broken.py:f", "broken:f":
        done = run("show", target)
        assert done.exit_code == 1
        assert done.stderr.splitlines()[-1] == last


# The shell


def test_python_m_s2s_and_the_version(tmp_path: Path) -> None:
    done = shell("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"s2s, version \d+\.\d+\.\d+\n", done.stdout)


def test_no_color_in_a_pipe(run: Run) -> None:
    done = shell("show", "program.py:poly")
    assert done.returncode == 0
    assert COLOR not in done.stdout
    compile(done.stdout, "shown", "exec")


@pytest.mark.parametrize(
    ("options", "variables", "colored"),
    [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False)],
)
def test_color_on_a_terminal(
    run: Run, options: list[str], variables: dict[str, str], colored: bool
) -> None:
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "s2s", "show", "program.py:poly", *options]
    environment = {**os.environ, "TERM": "xterm-256color", **variables}
    if not variables:
        environment.pop("NO_COLOR", None)
    done = subprocess.run(
        command, stdout=terminal, stderr=subprocess.PIPE, env=environment
    )
    os.close(terminal)
    text = os.read(reader, 10_000).decode()
    os.close(reader)
    assert done.returncode == 0
    assert (COLOR in text) == colored
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")
    assert plain == shell("show", "program.py:poly").stdout


# Building


def test_build_writes_a_module(run: Run, tmp_path: Path) -> None:
    done = run("build", "program.py:loss", "-o", "gradient.py", "--at", ARGUMENTS)
    assert (done.exit_code, done.stdout) == (0, "")
    scope: dict = {}
    exec((tmp_path / "gradient.py").read_text(), scope)
    x, y, w = np.eye(4, 3), np.ones(4), np.ones(3)
    value, (w_bar, b_bar) = scope["loss_value_and_grad"](x, y, w, 0.5)
    from program import loss

    expected = loss(x, y, w, 0.5)
    assert value == expected[0]
    np.testing.assert_array_equal(w_bar, expected[1][0])
    assert b_bar == expected[1][1]


@pytest.mark.parametrize(
    "options",
    [
        ["--wrt", "k,u", "--mode", "vjp", "--backend", "cupy"],
        ["--wrt", "k", "--mode", "vjp"],
        ["--wrt", "k,", "--mode", "jvp"],
        ["--wrt", "u,"],
        ["--wrt", "u"],
    ],
)
def test_the_command_in_the_header_makes_the_file_again(
    run: Run, tmp_path: Path, options: list[str]
) -> None:
    at = "u=np.ones((3, 1, 4), np.float32), k=2"
    run("build", "program.py:energy", "-o", "first.py", "--at", at, *options)
    first = (tmp_path / "first.py").read_text()
    lines = [line[6:] for line in first.splitlines() if line.startswith("#     ")]
    command = "\n".join(lines).replace("s2s build", f"{sys.executable} -m s2s build")
    (tmp_path / "first.py").unlink()
    subprocess.run(command, shell=True, check=True, capture_output=True)
    assert (tmp_path / "first.py").read_text() == first


def test_build_overwrites_its_own_files_alone(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("build", "program.py:poly", "-o", "gradient.py").exit_code == 0
    done = run("build", "program.py:poly", "-o", "program.py")
    assert done.exit_code == 1
    assert done.stderr.endswith(
        "`program.py` was not made by s2s, so it is not overwritten\n"
        "advice: remove it first, or save under another name\n"
    )
    assert (tmp_path / "program.py").read_text() == textwrap.dedent(PROGRAM)


def test_build_into_a_folder_that_is_not_there(run: Run) -> None:
    done = run("build", "program.py:poly", "-o", "nowhere/gradient.py")
    assert done.exit_code == 1
    assert "Could not open file 'nowhere/gradient.py'" in done.stderr


# check --------------------------------------------------------------------------------


def test_check(run, tmp_path):
    command = ("build", "program.py:loss", "-o", "made.py", "--at", ARGUMENTS)
    assert run(*command).exit_code == 0
    assert run("build", "program.py:poly", "-o", "sub/poly.py").exit_code != 0
    (tmp_path / "sub").mkdir()
    assert run("build", "program.py:poly", "-o", "sub/poly.py").exit_code == 0
    for paths in [(), ("made.py",), ("sub", "made.py")]:
        result = run("check", *paths)
        assert (result.exit_code, "stale" in result.stderr) == (0, False)

    program = tmp_path / "program.py"
    program.write_text(program.read_text().replace("return x**n", "return x**n * 2.0"))
    result = run("check")
    assert result.exit_code == 1
    assert "sub/poly.py: is stale: s2s build program.py:poly" in result.stderr
    assert "made.py" not in result.stderr
    assert run("check", "made.py").exit_code == 0

    made = tmp_path / "made.py"
    made.write_text(made.read_text().replace("Made by s2s ", "Made by s2s 0.0.0-", 1))
    assert run("check", "made.py").exit_code == 0
    made.write_text(made.read_text() + "\n\nmore = 1\n")
    assert "made.py: is stale" in run("check", "made.py").stderr


def test_check_of_what_cannot_be_made_again(run, tmp_path):
    assert run("build", "program.py:poly", "-o", "poly_grad.py").exit_code == 0
    made = tmp_path / "poly_grad.py"
    made.write_text(made.read_text().replace("program.py:poly -o", "gone.py:poly -o"))
    result = run("check", "poly_grad.py")
    assert result.exit_code == 1
    assert "there is no file `gone.py`" in result.stderr
    assert "poly_grad.py: cannot be made again" in result.stderr
    result = run("check", "program.py")
    assert "program.py: names no command that makes it again" in result.stderr
    assert run("check", "nothing.py").exit_code == 2

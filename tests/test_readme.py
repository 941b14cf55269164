"""What the README shows is what happens; `--update-golden` writes its adjoint anew."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from test_parse_source import run_cell

import s2s

README = Path(__file__).parent.parent / "README.md"
BLOCK = r"```{language}\n(.*?)```"


def blocks(language: str, text: str) -> list[str]:
    return re.findall(BLOCK.format(language=language), text, re.DOTALL)


def example(which: str) -> str:
    """The code under a marker of the first example."""
    return blocks("python", README.read_text("utf-8").split(f"example: {which}")[1])[0]


def section(title: str) -> str:
    return README.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def shell(command: str, folder: Path) -> str:
    """The output of a command line, run with the s2s that is being tested."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_adjoint_is_what_s2s_writes(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    command = "s2s show root.py:root"
    assert f"`{command}`" in README.read_text("utf-8")
    (tmp_path / "root.py").write_text(example("primal"), "utf-8")
    written = shell(command, tmp_path)
    if request.config.getoption("--update-golden"):
        text = README.read_text("utf-8")
        old = f"example: adjoint -->\n```python\n{example('adjoint')}"
        new = f"example: adjoint -->\n```python\n{written}"
        README.write_text(text.replace(old, new), "utf-8")
    assert example("adjoint") == written


def test_the_adjoint_is_right() -> None:
    scope: dict = {}
    exec(example("primal") + example("adjoint"), scope)
    assert scope["root"](2.0) == pytest.approx(2**0.5, rel=1e-12)
    assert scope["root_grad"](2.0) == pytest.approx(0.5 / 2**0.5, rel=1e-12)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the README's model.py, from which Python imports."""
    (tmp_path / "model.py").write_text(blocks("python", section("Use"))[0], "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("loss_gradient", None)


def test_use(folder: Path, capsys: pytest.CaptureFixture) -> None:
    """The blocks of Python run one after the other, as cells of one notebook do."""
    scope = {"__name__": "model"}
    for number, text in enumerate(blocks("python", section("Use"))):
        path = folder / ("model.py" if number == 0 else f"cell{number}.py")
        path.write_text(text, "utf-8")
        exec(compile(text, str(path), "exec"), scope)
    seen = SimpleNamespace(**scope)
    assert capsys.readouterr().out == seen.loss.source + "\n"
    assert seen.value == pytest.approx(seen.loss.primal(seen.x, seen.y, seen.w, seen.b))
    assert seen.w_bar.shape == seen.w.shape and isinstance(seen.b_bar, float)
    assert seen.x_bar.shape == seen.x.shape
    assert seen.tangent.shape == seen.predicted.shape == seen.y.shape


def test_the_command_line(folder: Path) -> None:
    commands = blocks("sh", section("Use"))[0].replace("\\\n", "").splitlines()
    show, build = commands
    assert shell(show, folder).startswith("import numpy as np\n\n\ndef loss_value_")
    assert shell(build, folder) == ""
    made = (folder / "loss_gradient.py").read_text("utf-8")
    assert made.startswith("# Made by s2s") and "import s2s" not in made
    check = "import numpy as np; from loss_gradient import loss_value_and_grad as f; "
    check += "print(f(np.eye(4, 3), np.zeros(4), np.zeros(3), 0.0)[0])"
    assert shell(f'{sys.executable} -c "{check}"', folder) == "0.0\n"


def test_every_link_and_folder_is_there() -> None:
    for path in re.findall(r"`((?:s2s|templates)[\w/.]*)`", section("How it works")):
        assert (README.parent / path).exists(), path


# What the README says of updates in place: each spelling in a program, which changes A.
SUPPORTED = {
    "A[i, 1:] = v": "A[i, 1:] = v * v",
    "A *= e": "A *= v[0]",
    "A[mask] += e": "A[A > 0.3] += v[1]",
    "A[i], A[j] = A[j], A[i]": "A[0, 1], A[1, 1] = A[1, 1] * v[0], A[0, 1]",
    "np.add.at": "np.add.at(A, (np.array([0, 0]), np.array([1, 1])), v)",
    "np.copyto": "np.copyto(A[1, 1:], v)",
    "out=": "np.sin(A, out=A)",
    "A.fill": "A[0].fill(v[1])",
    "A.sort": "A.sort(); A *= A",
    ".T": "B = A.T; B[0] *= v",
    "reshape": "B = A.reshape(-1); B[4] = v[0]",
    "A, B = B, A": "B = A * v[0]\n    for _ in range(3):\n        A, B = B, A\n"
    "        A[0] *= B[1]",
}
REFUSED = {
    "globals": "TABLE[0] = v[0]",
    "items of tuples": "for B in (A, 2.0 * A):\n        B *= v[0]",
    "complex": "B = A * 1j; C = B.imag; C[0] = v[0]",
    "may be the same array": "B = A if v[0] > 0.0 else 2.0 * A; B[0] = v[0]",
}
PROGRAM = "def f(A, v, i=1):\n    {}\n    return np.sum(A * np.cos(A))\n"


def in_place(body: str) -> Any:
    return run_cell(PROGRAM.format(body), np=np, TABLE=np.ones(3))["f"]


@pytest.mark.parametrize("body", SUPPORTED.values(), ids=SUPPORTED)
def test_updates_in_place(body: str) -> None:
    f = in_place(body)
    A, v = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]]), np.array([0.7, -0.3])
    dots, h = (np.sin(A), np.cos(v)), 1e-6
    up, down = (f(A + s * dots[0], v + s * dots[1]) for s in (h, -h))
    before = A.copy()
    bars = s2s.grad(f, (0, 1))(A, v)
    slope = sum(np.sum(bar * dot) for bar, dot in zip(bars, dots, strict=True))
    assert slope == pytest.approx((up - down) / (2.0 * h), rel=1e-7)
    np.testing.assert_array_equal(A, before)


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_updates_that_are_refused(body: str) -> None:
    with pytest.raises(s2s.S2SError):
        s2s.grad(in_place(body))(np.ones((2, 3)), np.ones(2))


def test_the_readme_lists_them() -> None:
    text = " ".join(section("What is supported, and what is refused").split())
    assert [k for k in (*SUPPORTED, *REFUSED) if k not in text] == []


def test_of_values_that_are_stored_in_one_place_the_last_one_counts() -> None:
    f = in_place("A[[0, 0]] = np.outer(v, A[1])")
    A, v = np.ones((2, 3)), np.array([0.7, -0.3])
    assert s2s.grad(f, "v")(A, v)[0] == 0.0
    assert "`A[[0, 0]] = v`" in section("Conventions")

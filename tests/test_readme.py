"""What the README shows is what happens; `--update-golden` writes its adjoint anew."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

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

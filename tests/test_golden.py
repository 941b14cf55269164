"""The text of derivatives, as files to read; a change of it shows in their diff."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from s2s.derivative import Derivative

FOLDER = Path(__file__).parent / "golden"
NAMES = sorted(p.stem for p in FOLDER.glob("*.py") if p.stem != "__init__")


def golden(name: str) -> ModuleType:
    return importlib.import_module(f"golden.{name}")


def files() -> list[tuple[str, str]]:
    """Every program with every derivative that is taken of it."""
    return [(name, kind) for name in NAMES for kind in golden(name).DERIVATIVES]


def derivative(name: str, kind: str) -> Derivative:
    module = golden(name)
    mode = kind.partition(".")[0]
    return Derivative(getattr(module, name), mode, module.DERIVATIVES[kind])


@pytest.mark.parametrize(("name", "kind"), files())
def test_text(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    df = derivative(name, kind)
    df.compile(*golden(name).CALL)
    path = FOLDER / f"{name}.{kind}.txt"
    if request.config.getoption("--update-golden"):
        path.write_text(df.source, "utf-8")
    assert path.exists(), "write it with pytest --update-golden"
    assert df.source == path.read_text("utf-8")


def test_no_file_is_left_over() -> None:
    expected = {f"{name}.{kind}.txt" for name, kind in files()}
    assert {path.name for path in FOLDER.glob("*.txt")} == expected


def test_ruff_has_nothing_to_say(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.txt"):
        text = path.read_text("utf-8")
        (tmp_path / f"{path.stem.replace('.', '_')}.py").write_text(text, "utf-8")
    for command in ["check"], ["format", "--check", "--diff"]:
        options = "--isolated", "--no-cache", str(tmp_path)
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


GRADIENTS = [(n, k) for n, k in files() if k.partition(".")[0].endswith("grad")]


@pytest.mark.parametrize(("name", "kind"), GRADIENTS)
def test_the_text_is_right_too(name: str, kind: str) -> None:
    """Against differences, along one direction in all arguments."""
    module = golden(name)
    f, args = getattr(module, name), module.CALL
    scope: dict = {}
    exec((FOLDER / f"{name}.{kind}.txt").read_text("utf-8"), scope)
    mode = kind.partition(".")[0]
    result = scope[f"{name}_{mode}"](*args)
    grads = result[1] if mode == "value_and_grad" else result
    df = derivative(name, kind)
    along = {
        n: np.cos(np.arange(1.0, 1.0 + a.size)).reshape(a.shape)
        if isinstance(a, np.ndarray)
        else 1.0
        for n, a in zip(df.names, args, strict=True)
        if n in df.wrt
    }

    def value(step: float) -> float:
        pairs = zip(df.names, args, strict=True)
        return f(*[a + step * along[n] if n in along else a for n, a in pairs])

    expected = (value(1e-6) - value(-1e-6)) / 2e-6
    parts = zip((grads,) if df.single else grads, along.values(), strict=True)
    assert sum(np.sum(g * d) for g, d in parts) == pytest.approx(expected, rel=1e-7)

"""The demo runs, learns, and leaves its picture behind."""

import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """examples/digits.py, writing to a folder of the test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import digits

    monkeypatch.setattr(digits, "OUTPUT", tmp_path / "output")
    yield digits
    del sys.modules["digits"]


def test_it_learns(digits: ModuleType, capsys: pytest.CaptureFixture) -> None:
    accuracy = digits.main(epochs=10)
    assert accuracy > 0.93
    out = capsys.readouterr().out
    assert f"test accuracy   {accuracy:.1%}" in out
    assert digits.loss.source in out
    picture = digits.OUTPUT / "digits_loss.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_its_picture_goes_to_the_folder_that_git_ignores() -> None:
    output = runpy.run_path(str(EXAMPLES / "digits.py"))["OUTPUT"]
    assert output == EXAMPLES / "output"
    ignored = (EXAMPLES.parent / ".gitignore").read_text("utf-8").splitlines()
    assert "examples/output/" in ignored

"""Tracebacks, warnings, inspect and debuggers show the lines of generated code."""

import bdb
import inspect
import linecache
import pdb
import sys
import traceback
import warnings
from collections.abc import Callable
from io import StringIO
from types import FrameType

import numpy as np
import pytest

import s2s


def growth(x, n):
    for _ in range(n):
        x = x * x
    return np.sum(np.log(x))


def ratio(x, y):
    return x * x / y


def half(x):
    return 0.5 * x * x


@pytest.fixture
def run() -> Callable:
    return s2s.grad(growth).compile(np.ones(2), 3)


def test_the_source_is_found(run: Callable) -> None:
    assert inspect.getsource(run).startswith("def growth_grad(x, n):\n")
    df = s2s.grad(growth)
    df(np.ones(2), 3)
    assert inspect.getsource(df.compile(np.ones(2), 3)) in df.source


def test_each_function_has_a_file_of_its_own() -> None:
    df = s2s.grad(half)
    one, two = df.compile(1.0), df.compile(np.array(1.0))
    assert one.__code__.co_filename != two.__code__.co_filename
    assert inspect.getsource(one) != "" != inspect.getsource(two)


def test_a_traceback_shows_the_line() -> None:
    df = s2s.grad(ratio)
    with pytest.raises(ZeroDivisionError) as error:
        df(1.0, 0.0)
    last = traceback.extract_tb(error.tb)[-1]
    assert last.name == "ratio_grad"
    assert last.line in [line.strip() for line in df.source.splitlines()]
    assert "/ y" in last.line
    assert last.filename.startswith("<s2s ratio_grad")


def test_it_survives_a_check_of_the_cache(run: Callable) -> None:
    linecache.checkcache()
    assert inspect.getsource(run).startswith("def growth_grad")


def test_a_warning_points_to_the_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = s2s.value_and_grad(growth).compile(np.ones(2), 3)
        run(np.zeros(2), 3)
    (line,) = {
        linecache.getline(w.filename, w.lineno).strip()
        for w in caught
        if "log" in str(w.message)
    }
    assert line == "value = np.sum(np.log(x))"
    assert {w.filename for w in caught} == {run.__code__.co_filename}


class Stepper(bdb.Bdb):
    """Steps through one function, as pdb does, and notes the text of each line."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.seen: list[str] = []

    def user_line(self, frame: FrameType) -> None:
        if frame.f_code.co_name == self.name:
            text = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
            self.seen.append(text.strip())


def test_a_debugger_steps_through_it(run: Callable) -> None:
    stepper = Stepper("growth_grad")
    stepper.runcall(run, np.ones(2), 2)
    lines = [line.strip() for line in inspect.getsource(run).splitlines()]
    assert set(stepper.seen) <= set(lines)
    assert stepper.seen.count("x = x * x") == 2
    assert stepper.seen[-1] == "return x_bar"


def test_pdb_lists_it_and_shows_its_variables(run: Callable) -> None:
    out = StringIO()
    commands = "step\nlonglist\np n\ncontinue\n"
    pdb.Pdb(stdin=StringIO(commands), stdout=out, nosigint=True, readrc=False).runcall(
        run, np.ones(2), 17
    )
    assert "def growth_grad(x, n):" in out.getvalue()
    assert "# reverse sweep" in out.getvalue()
    assert "\n(Pdb) 17\n" in out.getvalue()


def test_a_profiler_sees_its_name(run: Callable) -> None:
    names = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        names.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        run(np.ones(2), 3)
    finally:
        sys.setprofile(None)
    assert "growth_grad" in names

"""Functions of NumPy as people write them: one-line programs, right in every way.

Each text is the body of a function of `v` (a vector), `m` (a matrix) and `s` (a
number); those that it names are its arguments. After `~` the value is the same but for
rounding: what s2s builds in the place of a call adds in another order.
"""

import copy
import math
import re
from pathlib import Path

import numpy as np
import pytest
from agree import check
from test_parse_source import run_cell

import s2s

VALUES = {
    "v": np.array([0.81, 1.34, 1.73]),
    "m": np.array([[1.13, 0.42, 0.77], [0.31, 1.55, 0.93], [0.62, 0.58, 1.91]]),
    "s": 1.27,
    "k": 1,
}


def program(text):
    """The function that a text is the body of, and its arguments."""
    names = [name for name in VALUES if re.search(rf"\b{name}\b", text)]
    body = "\n".join(f"    {line}" for line in text.split("; "))
    scope = run_cell(f"def f({', '.join(names)}):\n{body}\n")
    scope.update(np=np, math=math)
    return scope["f"], [copy.copy(VALUES[n]) for n in names]


def texts():
    """The lines of library.txt, but for headings."""
    lines = (Path(__file__).parent / "library.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("text", texts())
def test_library(text):
    f, args = program(text.removeprefix("~ "))
    if text.startswith("~"):
        value, _ = s2s.vjp(f, *args)
        np.testing.assert_allclose(value, f(*args), rtol=1e-13, atol=1e-13)
        s2s.check_grads(f, args)
    else:
        check(f, args)

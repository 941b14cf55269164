"""The fourth table: programs of many functions, which call one another.

Goes in: nothing. Comes out, for each program: its lines and those that s2s writes, the
seconds to its first gradient, and those of the primal and of a value and gradient. In
the chain each function calls the one before twice: with copies of what is called, what
is written would double with each function.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import ascent
from benchmarks.first_gradient import load
from benchmarks.libraries import s2s
from benchmarks.timing import interleaved, seconds

FUNCTIONS = 12  # of the chain
LINK = """

def f{k}(x):
    y = {before}(x) * 0.5 + np.cos(x)
    z = np.exp(-y * y) + y * x - np.tanh(y)
    w = z / (1.0 + z * z) + y / (2.0 + y * y)
    return {before}(w) + z
"""


@dataclass(frozen=True)
class Row:
    name: str
    lines: int
    written: int
    first: float
    primal: float
    gradient: float


def chain() -> str:
    """The source of the chain; the last of its functions is the program."""
    links = ["import numpy as np\n"]
    for k in range(FUNCTIONS):
        links.append(LINK.format(k=k, before=f"f{k - 1}" if k else "np.sin"))
    return "".join(links)


def measure(rounds: int) -> Iterator[Row]:
    lines = len(inspect.getsource(ascent).splitlines())
    yield row("rocket, 30 functions", ascent.ascent, ascent.ARGS, lines, rounds)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chain.py"
        path.write_text(chain())
        program = getattr(load(path), f"f{FUNCTIONS - 1}")
        lines = len(chain().splitlines())
        calls = f"{2**FUNCTIONS - 1:,} calls"
        yield row(
            f"chain, {FUNCTIONS} functions, {calls}", program, (0.3,), lines, rounds
        )


def row(
    name: str, f: Callable[..., Any], args: tuple[Any, ...], lines: int, rounds: int
) -> Row:
    assert s2s is not None
    derivative = s2s.value_and_grad(f)
    first = seconds(derivative, args)
    check(f, derivative, args)
    each = interleaved({"primal": (f, args), "s2s": (derivative, args)}, rounds)
    written = len(derivative.source.splitlines())
    return Row(name, lines, written, first, each["primal"], each["s2s"])


def check(f: Callable[..., Any], derivative: Any, args: tuple[Any, ...]) -> None:
    """The slope along one direction agrees with finite differences."""
    x, *rest = args
    h = 1e-6
    slope = (f(x + h, *rest) - f(x - h, *rest)) / (2.0 * h)
    found = np.sum(derivative(*args)[1])
    assert abs(found - slope) <= 1e-5 * (1.0 + abs(slope)), (found, slope)

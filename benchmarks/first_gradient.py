"""The third table: from a function to its compiled derivative.

Goes in: a number of lines. Comes out: the seconds that s2s takes to parse a
function of so many lines of straight-line NumPy, and to write and compile its
gradient. Each round takes a new function, so that nothing is found in a cache.
"""

import random
import sys
from importlib import util
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np

from benchmarks.libraries import s2s
from benchmarks.timing import seconds

LINES = (10, 100, 1000)
# Each line takes the value before it and an older one, so that none is dead code.
# `s` stands for a scalar, `v` for a vector.
TO_VECTOR = (
    "np.sin({new} + {v})",
    "np.cos({new}) * {v} + 0.3",
    "0.5 * {new} + 0.25 * {v} * {s} + 0.1",
    "np.exp(-({new} ** 2)) - 0.5 * {v}",
)
TO_SCALAR = (
    "np.mean({new} * {v}) + 0.1 * {s}",
    "np.sum({new} * {v}) / (8.0 + {s} ** 2)",
)


def source(lines: int, seed: int) -> str:
    """A function of x (a vector) whose body has so many lines, the return included."""
    rng = random.Random(seed)
    body = []
    new, vectors, scalars = "x", ["x"], ["0.5"]
    for i in range(lines - 1):
        last = i == lines - 2
        scalar = last or rng.random() < 0.3
        template = rng.choice(TO_SCALAR if scalar else TO_VECTOR)
        line = template.format(
            new=new, v=rng.choice(vectors[-5:]), s=rng.choice(scalars[-5:])
        )
        new = f"{'s' if scalar else 'v'}{i}"
        (scalars if scalar else vectors).append(new)
        body.append(f"    {new} = {line}\n")
    return f"import numpy as np\n\n\ndef f(x):\n{''.join(body)}    return {new}\n"


def load(path: Path) -> ModuleType:
    spec = util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def measure(lines: int, rounds: int) -> float:
    assert s2s is not None
    x = np.linspace(-1.0, 1.0, 8)
    times = []
    with TemporaryDirectory() as folder:
        for seed in range(rounds):
            path = Path(folder) / f"straight_{lines}_{seed}.py"
            path.write_text(source(lines, seed))
            f = load(path).f
            assert np.isfinite(f(x))
            times.append(seconds(s2s.grad(f).compile, (x,)))
    return median(times)

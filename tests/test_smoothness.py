"""The programs that update arrays in place are smooth where they are differentiated.

A program that is rough there, or blind to an argument, would blame the compiler, or let
it pass: here each is looked at without it.
"""

import numpy as np
import pytest
from differences import DIFFERENCES, differences
from in_place import MODULES, run
from programs import stencils
from structures import direction, is_float, leaves, varies

CASES = [
    pytest.param(f, args, id=f"{f.__name__}-{k}")
    for module in MODULES
    for k, (f, args) in enumerate(module.CASES)
]
WITHOUT_EFFECT = {(stencils.gauss_seidel, 2)}  # the tolerance
LARGEST = 1e3  # of results and derivatives, so that tolerances mean something


@pytest.mark.parametrize(("f", "args"), CASES)
def test_smooth(f, args):
    """Differences settle in each argument that varies, and none is without effect."""
    rng = np.random.default_rng(0)
    numbers = [np.asarray(v) for v in leaves(run(f, *args)) if is_float(v)]
    assert numbers and all(np.all(np.abs(v) < LARGEST) for v in numbers)
    for k, arg in enumerate(args):
        if not varies(arg):
            continue
        dots = [None] * len(args)
        dots[k] = direction(arg, rng)
        slope, error = differences(f, args, dots, 1e-2)
        scale = float(np.max(np.abs(slope)))
        assert error < DIFFERENCES * (1.0 + scale), f"rough in argument {k}"
        assert scale < LARGEST, f"steep in argument {k}"
        effect = scale > 1e-6
        assert effect or (f, k) in WITHOUT_EFFECT, f"no effect of argument {k}"

"""Jacobians by rows of the programs of the corpus, against those by columns."""

import copy
import importlib
import pkgutil

import numpy as np
import programs
import pytest

import s2s
from s2s.api import has_derivative
from s2s.structure import leaves

MODULES = [
    importlib.import_module(f"programs.{found.name}")
    for found in pkgutil.iter_modules(programs.__path__)
]
# what takes a sweep for each element of its result
ONE_BY_ONE = {"modes", "momentum_on_views", "stochastic_descent"}


def arrays(f, args):
    """Whether the program returns more than a number or two."""
    return sum(map(np.size, leaves(f(*copy.deepcopy(args))))) > 2


CASES = [
    pytest.param(f, args, id=f"{module.__name__.split('.')[-1]}-{f.__name__}-{k}")
    for module in MODULES
    for k, (f, args) in enumerate(module.CASES)
    if f.__name__ != "chatty" and arrays(f, args)
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_rows_are_columns(f, args, monkeypatch):
    wrt = tuple(k for k, a in enumerate(args) if has_derivative(a))
    columns = s2s.jacfwd(f, wrt)(*copy.deepcopy(args))
    if f.__name__ not in ONE_BY_ONE:
        monkeypatch.setattr(s2s.jacobian, "alone", None)
    rows = s2s.jacrev(f, wrt)(*copy.deepcopy(args))
    for a, b in zip(leaves(rows), leaves(columns), strict=True):
        assert a is b is None or np.shape(a) == np.shape(b)
        assert a is b is None or np.allclose(a, b, rtol=1e-9, atol=1e-11)

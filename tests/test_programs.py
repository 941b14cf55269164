"""Every program of the corpus, differentiated in every way."""

import importlib
import pkgutil

import programs
import pytest
from agree import check

MODULES = [
    importlib.import_module(f"programs.{found.name}")
    for found in pkgutil.iter_modules(programs.__path__)
]
CASES = [
    pytest.param(f, args, id=f"{module.__name__.split('.')[-1]}-{f.__name__}-{k}")
    for module in MODULES
    for k, (f, args) in enumerate(module.CASES)
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_program(f, args):
    check(f, args)

"""Functions that are called change the arrays that they are given, not copies."""

import re

import numpy as np
import pytest
from agree import check
from called import handed

import s2s
from s2s.ssa import outline

rng = np.random.default_rng(1)
U, W = rng.normal(size=6), rng.normal(size=6)

SHARED = [
    handed.in_a_loop, handed.both, handed.needed_later, handed.views, handed.rows,
    handed.on_one_path, handed.one_in_the_other, handed.several_results,
    handed.recursion, handed.parts_as_arguments, handed.swapped, handed.history,
    handed.in_objects, handed.one_cotangent, handed.perhaps, handed.given_out,
    handed.numbers_too, handed.not_read,
]  # fmt: skip
IN_TIME = [
    (handed.heat, (U, 0.1, 3)),
    (handed.smoothing, (U, W, 2)),
    (handed.wave, (U, 0.4, 2)),
    (handed.sorted_score, (U, W)),
]


@pytest.fixture(autouse=True)
def every_call(monkeypatch):
    """However small a function is that is called twice, it is one of its own."""
    monkeypatch.setattr(outline, "LONG", 0)


def name(f):
    return f.__name__


@pytest.mark.parametrize("f", SHARED, ids=name)
def test_what_others_still_see_is_copied(f):
    check(f, (U, W))


@pytest.mark.parametrize(
    "f", [f for f in SHARED if f is not handed.recursion], ids=name
)
def test_second_derivatives(f):
    s2s.check_grads(f, (U, W), order=2)


@pytest.mark.parametrize("f", SHARED, ids=name)
def test_nothing_that_is_seen_outside_changes(f):
    u, w, ct = U.copy(), W.copy(), np.float64(1.0)
    _, pullback = s2s.vjp(f, u, w)
    once, again = pullback(ct), pullback(ct)
    assert all(map(np.array_equal, once, again))
    assert np.array_equal(u, U)
    assert np.array_equal(w, W)
    assert not np.shares_memory(*once)
    assert not any(np.shares_memory(bar, x) for bar in once for x in (u, w))


@pytest.mark.parametrize(
    ("f", "args"), IN_TIME, ids=lambda x: getattr(x, "__name__", "")
)
def test_programs_in_time(f, args):
    check(f, args)


@pytest.mark.parametrize(
    ("f", "args"), IN_TIME, ids=lambda x: getattr(x, "__name__", "")
)
def test_callees_copy_and_return_no_array_that_they_change(f, args):
    wrt = tuple(k for k, a in enumerate(args) if not isinstance(a, int))
    gradient = s2s.grad(f, wrt)
    gradient.compile(*args)
    *called, whole = gradient.source.split("\n\n\n")
    changing = [g for g in called if re.search(r"^ +\w+\[.*\] [-+*]?= ", g, re.M)]
    assert changing
    for text in changing:
        names = re.match(r"(?:import numpy as np\n+)?def \w+\((.*)\):", text).group(1)
        array = names.split(", ")[0]
        assert f"{array} = {array}.copy()" not in text
        assert not re.search(rf"return .*\b{array}\b", text)
    assert not re.search(r"^ {8,}(\w+) = \1\.copy\(\)", whole, re.M)
    assert "_stack.append(u" not in whole


def test_a_call_that_changes_what_the_caller_needs_gets_a_copy():
    gradient = s2s.grad(handed.sorted_score, (0, 1))
    gradient.compile(U, W)
    assert "    a_bar = w.copy()\n    quicksort_reverse(a_bar, " in gradient.source


def test_what_is_read_for_its_shape_is_not_passed():
    gradient = s2s.grad(handed.smoothing, (0, 1))
    gradient.compile(U, W, 2)
    assert re.search(r"def sweep_reverse\(u_bar, \w+\):", gradient.source)

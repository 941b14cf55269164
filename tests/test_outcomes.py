"""What calls leave behind of functions of their own: results, and what they change."""

import re

import numpy as np
import pytest
from agree import check, raises_as
from called import changing, codes, telling

import s2s
from s2s.ssa import outline

rng = np.random.default_rng(5)
U = np.array([0.4, -0.3, 1.2])
LAYERS = {
    "W1": 0.5 * rng.normal(size=(3, 4)),
    "b1": 0.5 * rng.normal(size=4),
    "W2": 0.5 * rng.normal(size=(4, 2)),
    "b2": 0.5 * rng.normal(size=2),
}
CODES = [  # with what is called in them
    (
        codes.cavity,
        (*0.5 * rng.normal(size=(3, 5, 5)), 0.7, 0.1, 2),
        "apply_bc build_b momentum pressure_poisson smooth",
    ),
    (
        codes.fit,
        (LAYERS, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), 0.1),
        "adam_step backward forward",
    ),
    (codes.simulate, (rng.normal(size=6), 0.7, 2), "compute_flux energy half step"),
    (
        codes.particles,
        (codes.Particle(0.8, U), codes.Particle(0.5, U[::-1]), 0.4),
        "push rk",
    ),
]
CHANGING = [
    changing.one_branch,
    changing.in_loops,
    changing.swapped,
    changing.objects_in_objects,
    changing.new_parts,
    changing.new_entries,
    changing.a_dict_that_recursion_changes,
    changing.methods,
    changing.captured,
    changing.parts_of_others,
    changing.one_of_two,
    changing.views_of_results,
    changing.items,
    changing.shown,
    changing.same_twice,
    changing.functions,
]


def name(case):
    return case[0].__name__


@pytest.mark.parametrize("case", CODES, ids=name)
def test_codes(case):
    f, args, _ = case
    check(f, args)


@pytest.mark.parametrize("f", CHANGING, ids=lambda f: f.__name__)
@pytest.mark.parametrize("long", [0, 12])
def test_what_calls_change(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (0.7, U))


@pytest.mark.parametrize("case", CODES, ids=name)
def test_each_is_a_function(case):
    f, args, called = case
    wrt = tuple(k for k, a in enumerate(args) if not isinstance(a, int))
    gradient = s2s.grad(f, wrt)
    gradient.compile(*args)
    defined = re.findall(r"^def (\w+)_reverse\(", gradient.source, re.MULTILINE)
    assert sorted(defined) == called.split()


def test_what_recursion_gives_back_is_the_array_that_it_was_given():
    with pytest.raises(s2s.S2SError, match="`v` may be the same array"):
        s2s.grad(changing.hidden_change)(0.7, U)


def test_a_change_of_an_argument_copies_it_once():
    gradient = s2s.grad(codes.cavity, 0)
    gradient.compile(*CODES[0][1])
    for text in gradient.source.split("\n\n\n"):
        copies = re.findall(r"^    (\w+) = \1\.copy\(\)", text, re.MULTILINE)
        assert len(copies) == len(set(copies)), text


TELLING = [
    telling.in_expressions,
    telling.for_nothing,
    telling.in_place,
    telling.recursive,
    telling.checks,
]


@pytest.mark.parametrize("f", TELLING, ids=lambda f: f.__name__)
@pytest.mark.parametrize("long", [0, 12])
def test_what_is_told_is_told_once(f, long, monkeypatch, capsys):
    monkeypatch.setattr(outline, "LONG", long)
    f(U)
    told = capsys.readouterr().out
    for run in (
        lambda: s2s.grad(f)(U),
        lambda: s2s.value_and_grad(f)(U),
        lambda: s2s.vjp(f, U)[1](1.0),
        lambda: s2s.jvp(f, (U,), (U,)),
    ):
        run()
        assert capsys.readouterr().out == told
    check(f, (U,))


@pytest.mark.parametrize("f", [telling.for_nothing, telling.checks])
def test_a_call_whose_result_is_not_read_may_fail(f):
    raises_as(f, np.array([130.0, -101.0, 0.5]))

"""Random programs: derivatives agree with them, or are refused for a good reason.

`make fuzz` for the long run: FUZZ_EXAMPLES programs, in chunks that depend on nothing
but their number, so that they can be run apart. FUZZ_FIRST is the number of the first.
"""

import copy
import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agree import Ways, check
from differences import Unsettled, against_differences
from generate import (
    program,
    program_of_calls,
    program_of_idioms,
    program_of_objects,
    programs,
)
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from shorten import shortened
from structures import direction, is_float, leaves, varies
from things import Body, Pair
from watch import Program

import s2s
from s2s.ssa import outline

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", 20))
FIRST = int(os.environ.get("FUZZ_FIRST", 0))
CHUNK = 200
LARGE = 1e4  # beyond this, rounding swallows the arguments
SECOND = 4  # one program in so many is differentiated twice
NEAR_TIE = 1e-3  # nearer to a branch than this, a program is not tried
ARGS = (
    0.7,
    -0.4,
    np.array([0.3, -0.8, 1.1]),
    np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]]),
    np.array([[0.6], [-1.3]]),
    3,
)
OBJECTS = (
    *ARGS,
    Body(0.8, np.array([0.5, -0.2, 0.35])),
    Pair(-0.45, np.array([0.15, 0.65, -0.95])),
    {"m": 0.55, "v": np.array([-0.6, 0.25, 0.85])},
    [Body(1.3, np.array([0.1, 0.75, -0.3])), Body(-0.65, np.array([0.95, 0.05, 0.4]))],
)
# along other paths; with n to come
OTHERS = (-0.6, 1.1, ARGS[2][::-1] - 0.05, -0.9 * ARGS[3], 1.2 * ARGS[4])
BROKEN = (
    ArithmeticError, AttributeError, LookupError, NameError, RecursionError,
    SyntaxError, TypeError, ValueError,
)  # fmt: skip
# What the random programs do that is refused, and rightly; few of them may.
REFUSALS = (
    "this changes `.*` in place, which the caller sees",
    "whether `.*` is changed in place or rebound depends on its type",
    ".* is read before it is assigned",
    "`.*` never has a value",
    "the truth value of an array is ambiguous",
    "cannot be stored into",
    "is read-only in NumPy",
    "takes numbers, not arrays",
    "this changes an array in place that `.*` shares",
    "this changes `.*` in place; its old value is read again",
    r"an array of rank \d does not fit into (a number|an array of rank \d)",
    "`.*` has two types that do not go together here: an array of rank",
    "`.*` may be an array without axes here, which changes in place",
    "this changes an item of a list or tuple in place",
    "what `.*` stands for is needed where it may be unbound",
    "the rank of the array that this changes is not known here",
    "the ranks of the arguments of np.array must be known",
)
# Besides, of programs with stores: which memory a name means depends on the run.
UNKNOWN_MEMORY = (
    "this changes .* in place, and .* may be the same array",
    "`.*` may be unbound here, and what it shows was changed",
    "NumPy reads elements that it has just written",
)
# Besides, of programs with objects and containers: what changes in other hands.
UNKNOWN_OBJECTS = (
    "which (dicts|objects) this changes is not known",
    "`.*` objects do not change",
    "`.*` changes (its parts|its length) in the loop",
    "this changes an array in the midst of a statement",
    "this changes an? (array|dict|list|object) while a condition is evaluated",
    "a tuple (of .* has no elements to assign to|cannot be changed)",
    "a loop around runs over this list",
    "this loop changes what it runs over",
    "this changes an? (array|dict|list|object) that the loop around takes its items",
    "this changes an? (array|dict|list|object) while items are made",
    "this dict has values of different types",
    "this changes the global",
    "this changes an item of a list in place",
    "`.*` is an? (tuple|list|object|dict) before the loop only",
    "whether this is still the item of the list that it was is not known",
    "this copies an item of a list into one of it",
    "(`.*`|what is returned) would be (a tuple or list on one|made of other parts)",
    "something of unknown type cannot be stored into an array",
)
# Besides, of programs of calls.
UNKNOWN_CALLS = (
    "`.*` calls itself: ",
    "this changes an? (array|dict|list|object) in the body of a `try`",
    "what this computes in a `try` inside a loop cannot be kept",
    "what `.*` (stands for|is) (is not known here|must be known to assign)",
    "this changes an array in a list through a view of it",
    "this changes an item of a list, (which|and) (.* )?may (be the same|show)",
    "this puts another object where",
    "which lists this changes is not known",
    "this list has items of different types",
    "whether this changes a number or an array is not known",
    "`.*` may be a number here, on some path",
    "`.*` has two types that do not go together here: ",
    "an index may occur twice in this array, which is in a list",
    "the items of the list have different ranks",
    "attribute `.*` of an? .* is not supported",
    "`finally` is not supported where a `try` around catches exceptions",
    "what `.*` stands for changes, in a function that has returned",
    "`.*` has no axes: it is not assigned to in loops",
    "which function `.*` is, is not known here",
    "`.*` is supported where its items are run over at once",
    "this changes an array that a generator has yielded",
    "cannot loop over something of unknown type",
    "NumPy asks a `.*` for each element of the array",
)
KNOWN = REFUSALS + UNKNOWN_MEMORY + UNKNOWN_OBJECTS + UNKNOWN_CALLS


def runs(program: Program, args: tuple[Any, ...] = ARGS) -> bool:
    """Whether the primal gives numbers of ordinary size, far from any branch."""
    try:
        with np.errstate(all="raise"):
            value = program.defined()(*copy.deepcopy(args))
            distance = program.distance(copy.deepcopy(args))
        sizes = [np.max(np.abs(leaf), initial=0.0) for leaf in leaves(value)]
    except BROKEN:
        return False
    return max(sizes, default=0.0) < LARGE and distance > NEAR_TIE


NUMBERS = range(FIRST, FIRST + -(-EXAMPLES // CHUNK))
in_chunks = pytest.mark.parametrize("number", NUMBERS)


def differentiated(program: Program) -> None:
    """Check the derivatives, along a second path too if there is one."""
    ways = Ways(program.function, [k for k, a in enumerate(ARGS) if varies(a)])
    check(ways.f, copy.deepcopy(ARGS), step=1e-5, ways=ways)
    others = (*OTHERS, program.text.count("\n") % 3)
    if runs(program, others):
        check(ways.f, copy.deepcopy(others), step=1e-5, ways=ways)
    else:
        fails_alike(ways, others)


def fails_alike(ways: Ways, args: tuple[Any, ...]) -> None:
    """A name that is unbound, a `raise`: the derivatives fail as the primal does."""
    error = failure(ways.f, args)
    if not isinstance(error, UnboundLocalError):
        if not isinstance(error, ValueError) or isinstance(error.args[0], str):
            return
    dots = [a if k in ways.wrt else None for k, a in enumerate(args)]
    for run in (lambda: s2s.vjp(ways.f, *args), lambda: s2s.jvp(ways.f, args, dots)):
        same = failure(run, ())
        assert type(same) is type(error), f"{same!r}, not {error!r}"
        assert isinstance(error, UnboundLocalError) or same.args == error.args


def failure(run: Callable[..., Any], args: tuple[Any, ...]) -> Exception | None:
    try:
        run(*copy.deepcopy(args))
    except Exception as error:
        return error
    return None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@in_chunks
def test_random_programs(number, record_property):
    tried: set[str] = set()
    refused: set[str] = set()

    @seed(number)
    @settings(
        max_examples=min(EXAMPLES, CHUNK),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(programs())
    def run(program):
        assume(program.text not in tried and runs(program))
        try:
            differentiated(program)
        except Unsettled:
            assume(False)
        except s2s.S2SError as error:
            known = REFUSALS + UNKNOWN_MEMORY
            assert any(re.search(p, error.message) for p in known), str(error)
            refused.add(program.text)
        tried.add(program.text)

    run()
    record_property("random programs", len(tried))
    record_property("random programs refused", len(refused))
    assert len(refused) <= 0.1 * CHUNK


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@in_chunks
@pytest.mark.parametrize(
    ("what", "written", "args", "most"),
    [
        ("stores", program, ARGS, 0.2),
        ("objects", program_of_objects, OBJECTS, 0.3),
        ("calls", program_of_calls, OBJECTS, 0.45),
        ("idioms", program_of_idioms, OBJECTS, 0.4),
    ],
    ids=["stores", "objects", "calls", "idioms"],
)
def test_random_programs_with(
    what, written, args, most, number, record_property, monkeypatch
):
    counts = Counter()
    # however short a function is, it is one
    if number % 2 == 0 and what in ("calls", "idioms"):
        monkeypatch.setattr(outline, "LONG", 0)
    for k in range(number * CHUNK, number * CHUNK + min(EXAMPLES, CHUNK)):
        text, second = written(k).text, k % SECOND == 0
        found = verdict(text, args, second)
        counts[found] += 1
        if found not in ("right", "refused", "not tried"):
            short = shortened(text, as_before(found, args, second))
            pytest.fail(f"program {k}: {found}\n{short}")
    tried = counts["right"] + counts["refused"]
    record_property(f"random programs with {what}", tried)
    record_property(f"random programs with {what} refused", counts["refused"])
    assert counts["refused"] <= most * tried + 5


def as_before(found: str, args: tuple[Any, ...], second: bool) -> Callable[[str], bool]:
    return lambda text: verdict(text, args, second) == found


def verdict(text: str, args: tuple[Any, ...] = ARGS, second: bool = False) -> str:
    """What comes of differentiating a program; the start of what is wrong with it."""
    written = Program(text)
    if not runs(written, args):
        return "not tried"
    try:
        check(written.function, copy.deepcopy(args), step=1e-5)
        if second:
            twice(written.function, copy.deepcopy(args))
    except Unsettled:
        return "not tried"
    except s2s.S2SError as error:
        if any(re.search(p, error.message) for p in KNOWN):
            return "refused"
        return f"{type(error).__name__}: {error.message.partition(':')[0]}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).partition(':')[0]}"
    return "right"


def twice(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Products with the Hessian agree with differences of the gradient."""
    value = f(*copy.deepcopy(args))
    if isinstance(value, list | tuple) or np.ndim(value) or not is_float(value):
        return
    rng = np.random.default_rng(1)
    wrt = [k for k, a in enumerate(args) if varies(a)]
    dots = [direction(a, rng) if k in wrt else None for k, a in enumerate(args)]
    gradient = s2s.grad(f, tuple(wrt))
    _, products = s2s.jvp(gradient, args, dots)
    against_differences(gradient, args, dots, products, 1e-5)

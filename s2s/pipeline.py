"""The one list of passes, and their runner.

In: a Python function, the types of its arguments, a mode. Out: the generated function
in SSA and as text. The order of passes appears nowhere else. Each stage can be dumped
(`s2s show --stage`); with `CHECK` on, the IR is verified after each pass.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import gast

import s2s.templates  # noqa: F401  (fills the table of rules)
from s2s.activity import active
from s2s.adjoint.needs import show_needs
from s2s.adjoint.settle import settled
from s2s.adjoint.transform import adjoint, split_aux
from s2s.codegen.called import called_by, define_called, with_called
from s2s.codegen.contiguous import make_contiguous
from s2s.codegen.cupy import keep_on_device, to_cupy
from s2s.codegen.defaults import get_at_once
from s2s.codegen.emit import emit
from s2s.codegen.handed import hand_over, note_settled
from s2s.codegen.load import load, parse_generated
from s2s.codegen.module import module_body
from s2s.codegen.naming import name_parameters
from s2s.codegen.own import take_ownership
from s2s.codegen.pops import pop_at_once
from s2s.codegen.results import pick_at_once
from s2s.codegen.sink import sink_updates
from s2s.codegen.source import to_source
from s2s.codegen.stays import leave_in_place
from s2s.codegen.tree import constant
from s2s.codegen.unseen import leave_unseen_zeros_out
from s2s.codegen.zeroing import merge_zeroing
from s2s.errors import CallsItself, InternalError
from s2s.forward.batch import batch, batch_pullback, refuse_few
from s2s.forward.tangent import tangent
from s2s.parse.nested import Shown
from s2s.parse.source import Parsed, parse_function
from s2s.parse.subset import check_parameters
from s2s.parse.unit import Unit, prepare
from s2s.rules import RULES
from s2s.ssa.apart import check_items
from s2s.ssa.assume import Related, equal_lengths, fitting, unified
from s2s.ssa.bound import flat, refill
from s2s.ssa.build import Found, build, leaves
from s2s.ssa.dce import remove_dead
from s2s.ssa.entry import copy_written_arguments
from s2s.ssa.gradients import Derive
from s2s.ssa.ir import Function, Value
from s2s.ssa.kinds import check_kinds
from s2s.ssa.rebound import check_rebound
from s2s.ssa.roots import in_an_item
from s2s.ssa.show import show, show_types
from s2s.ssa.simplify import simplify
from s2s.ssa.types import Dim, Type
from s2s.ssa.verify import verify
from s2s.symmetry import gradient_of, tangent_of

CHECK = False
DEEPEST = 10_000  # frames of Python
# the transform plans, so that the plan is known before what comes of it
STAGES = (
    "parse", "ssa", "types", "activity", "plan", "transform", "simplify", "sink",
    "own", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What to derive: everything that decides the generated text but the types.

    In forward mode it may be the derivative of another one, the one that is asked for
    in the request `of`.
    """

    # "grad", "value_and_grad", "vjp", "jvp", "primal"; "vjps" and "jvps" are of several
    # cotangents and tangents at once
    mode: str
    wrt: tuple[str, ...]
    single: bool = False  # the gradient is that of one argument, not a tuple
    has_aux: bool = False
    policy: str = "plan"
    backend: str = "numpy"
    holomorphic: bool = False
    of: Request | None = None

    def name(self, primal: str) -> str:
        """What the generated function of a function of that name is called."""
        if self.mode == "primal":
            return primal
        if self.of is None:
            return f"{primal}_{self.mode}"
        if self.of.mode == "grad":
            return f"{primal}_{PRODUCTS[self.mode]}"
        return f"{self.of.name(primal)}_{self.mode}"


PRODUCTS = {"jvp": "hvp", "jvps": "hvps"}  # of a gradient


@contextmanager
def compiling() -> Iterator[None]:
    """Trees and SSA live to the end: to search them for garbage is half the time.

    A function that is built where it is called takes some forty frames of Python.
    """
    enabled, deepest = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(max(deepest, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(deepest)
        if enabled:
            gc.enable()


@dataclass
class Compiled:
    """A generated function: its SSA, the module it stands in, and that as text."""

    name: str
    function: Function
    module: list[gast.stmt]
    source: str
    stages: dict[str, str] = field(default_factory=dict)


def helpers() -> dict[str, Callable[..., Any]]:
    """Functions whose source is written into modules that call them."""
    return {
        name: obj for name, obj in RULES.namespace.items() if name not in ("np", "math")
    }


LIBRARIES = ("special", "linalg", "stats")  # parts of SciPy that have templates


def add_libraries() -> None:
    """The templates for what the program has imported: s2s itself needs NumPy alone."""
    for part in LIBRARIES:
        if f"scipy.{part}" in sys.modules:
            importlib.import_module(f"s2s.templates.scipy_{part}")


@compiling()
def compile_function(
    f: Callable[..., Any] | Parsed,
    types: dict[str, Type],
    request: Request,
    want: str | None = None,
    fit: Iterable[tuple[Dim, Dim]] | None = None,
) -> Compiled:
    """Run all passes; `want` names a stage whose text is kept in `stages`.

    Unless `fit` is None lengths of different arguments are taken to be equal where the
    function treats them so, as well as the pairs given: `function.attrs["related"]`,
    which the caller has to check.
    """
    stages: dict[str, str] = {}

    def dump(stage: str, text: Callable[[], str]) -> None:
        if want in (stage, "all"):
            stages[stage] = text()

    def done(stage: str, *functions: Function) -> None:
        for each in functions if CHECK else ():
            try:
                verify(each)
            except InternalError as error:
                raise InternalError(f"after the pass `{stage}`: {error}") from error
        dump(stage, lambda: "\n\n".join(map(show, functions)))

    add_libraries()
    parsed = f if isinstance(f, Parsed) else parse_function(f)
    check_parameters(parsed)
    unit = prepare(parsed)
    dump("parse", lambda: gast.unparse(Shown().visit(deepcopy(unit.core))).strip())
    related = Related(types, fit or ())
    fitted = unified(types, related)
    found = Found()
    function = built(unit, fitted, found)
    equal = equal_lengths(function, RULES)
    while fit is not None and fitting(related, function, RULES):
        fitted = unified(types, related)
        function = built(unit, fitted, found)
    function.attrs |= {"types": types, "fitted": fitted, "related": related.pairs}
    function.attrs["equal_lengths"] = equal
    function = without_dead(function)
    done("ssa", *with_called(function))
    dump("types", lambda: show_types(function))
    dump("activity", lambda: show(function, active_values(function, request)))
    function = transformed(function, request)
    plan = function.attrs.pop("plan", None)
    dump("plan", lambda: show_needs(plan) if plan else "nothing is kept")
    functions = [*map(settled, with_called(function))]
    done("transform", *functions)
    for each in functions:
        simplify(each, RULES)
        if request.backend == "cupy":
            keep_on_device(each)
    done("simplify", *functions)
    for each in functions:
        merge_zeroing(leave_unseen_zeros_out(each))
        get_at_once(pop_at_once(sink_updates(each)))
        pick_at_once(each)
    done("sink", *functions)
    called = called_by(function)
    hand_over(called, function)
    for callee in called:
        make_contiguous(take_ownership(callee.body))
        note_settled(callee)
    make_contiguous(take_ownership(function))
    leave_in_place(called, function)
    done("own", *functions)
    name = request.name(parsed.name)
    taken = set.union(*map(reserved, functions))
    definitions = define_called(function, name, taken)
    taken |= function.attrs["functions"]
    name_parameters(function, function.body.params[len(types) :], taken)  # tangents
    defaults = {} if request.mode in ("jvp", "jvps") else literal_defaults(parsed)
    definitions.append(emit(function, name, defaults, taken))
    module = module_body(definitions, helpers())
    if request.backend == "cupy":
        module = to_cupy(module, functions)
    source = to_source(module)
    dump("source", lambda: source)
    return Compiled(name, function, module, source, stages)


def transformed(function: Function, request: Request) -> Function:
    """The derivative that is requested, or that of the one it is of."""
    if request.of is not None:
        function = transformed(function, request.of)
        for each in with_called(function):
            simplify(each, RULES)  # there is less to differentiate then
    wrt = list(request.wrt)
    if request.mode in ("jvp", "jvps"):
        function = tangent(function, wrt, RULES)
        return batch(function, RULES) if request.mode == "jvps" else function
    if request.mode == "primal":
        return function
    several = request.mode == "vjps"
    if several:
        refuse_few(function)
    function = adjoint(
        function, wrt, RULES, "vjp" if several else request.mode,
        request.policy, request.has_aux, request.single, request.holomorphic,
    )  # fmt: skip
    return batch_pullback(function, RULES) if several else function


def built(unit: Unit, types: dict[str, Type], found: Found) -> Function:
    """SSA of a function, whose arguments no update reaches any more."""
    function = build(unit, types, RULES, DERIVE, found)
    changes = [op.result for op in function.body.walk() if in_an_item(op)]
    function.attrs["rebound"] = check_rebound(function)
    check_kinds(function)
    if changes:  # what nobody reads in the list may be read by another name
        function = without_dead(function, changes)
        check_items(function)
    return copy_written_arguments(function)


def without_dead(function: Function, kept: Iterable[Value] = ()) -> Function:
    """The function without dead code, and without what loops only pass on."""
    function = remove_dead(function, kept)
    results = iter(function.body.results)
    function.attrs["result"] = refill(function.attrs["result"], results)
    return function


def derive(parsed: Parsed, types: dict[str, Type], *asked: Any) -> Parsed:
    """The text of a derivative that the function itself takes of another one.

    What is asked for are the items of a request, those of the one that it is `of` last.
    """
    made = compile_function(parsed, types, requested(*asked))
    if calls_itself(made):
        raise CallsItself("a derivative of what calls itself is not told as a text")
    run, _ = load(made)
    return parse_generated(run, made.function)


DERIVE = Derive(derive, gradient_of, tangent_of)


def calls_itself(made: Compiled) -> bool:
    """Whether a function that calls itself has a reverse sweep in it."""
    ops = (op for each in with_called(made.function) for op in each.body.walk())
    sweeps = (op for op in ops if op.attrs.get("site") is not None)
    return any(op.attrs["callee"].recursive for op in sweeps)


def requested(*asked: Any) -> Request:
    items = list(asked)
    items[-1] = requested(*items[-1]) if items[-1] else None
    return Request(*items)


def active_values(function: Function, request: Request) -> set[Value]:
    """What the transform will find active."""
    request = request.of or request
    result = function.attrs["result"]
    value = split_aux(result, function)[0] if request.has_aux else result
    return active(function, leaves(function, list(request.wrt)), flat(value), RULES)


def reserved(function: Function) -> set[str]:
    """Names that the generated code must not assign."""
    paths = {p.split(".")[0] for p in function.attrs["globals"]}
    attrs = function.attrs
    return {*RULES.reserved, *paths, *attrs["writes"], *attrs["externals"]}


def literal_defaults(parsed: Parsed) -> dict[str, gast.expr]:
    """Default arguments that can be written into the generated signature.

    Only trailing parameters may have one; an object that is no literal stays out.
    """
    out: dict[str, gast.expr] = {}
    for name, parameter in reversed(list(parsed.signature.parameters.items())):
        default = parameter.default
        simple = isinstance(default, bool | int | float | str) or default is None
        if default is parameter.empty or not simple:
            break
        out[name] = constant(default)
    return out

"""Gradients, and their derivatives along directions, of functions that are called.

In: what is asked of the derivatives of a function of its own (`ssa.gradients`). Out:
the function that returns it: tangents of the adjoint, made once.

    the gradient of g(x), along one direction     ->     def g_hvp(x, x_dot): ...
"""

from __future__ import annotations

from itertools import count

from s2s.adjoint.transform import adjoint
from s2s.codegen.called import with_called
from s2s.forward.tangent import tangent
from s2s.names import Names
from s2s.rules import RULES
from s2s.ssa.bound import flat
from s2s.ssa.callee import Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.gradients import GRADIENT, VALUE, Gradient, Out, one_or_tuple
from s2s.ssa.ir import Function, Value
from s2s.ssa.quote import Quote
from s2s.ssa.separate import flat_result
from s2s.ssa.simplify import simplify
from s2s.ssa.storage import numbers


def gradient_of(asked: Gradient) -> Callee:
    """The function that returns all that is asked, made if it is the first time."""
    variants = asked.of.variants
    if asked not in variants:
        made = Callee(name_of(asked), effects=asked.of.effects, gradient=asked)
        variants[asked] = complete(made, derivatives(asked))
    made = variants[asked]
    return made


def name_of(asked: Gradient) -> str:
    name = asked.of.name
    if asked.along:
        return f"{name}_hvp" + "_jvp" * (len(asked.along) - 1)
    return f"{name}_value_and_grad" if VALUE in asked.outs else f"{name}_grad"


def derivatives(asked: Gradient) -> Function:
    """The adjoint, and the tangents of what is needed of it."""
    function = alone(asked.of)
    body, attrs = function.body, function.attrs
    names = [p.hint for p in body.params]
    valued = any(not out.bars for out in asked.outs)
    adjoint(
        function, [names[k] for k in asked.wrt], RULES,
        "value_and_grad" if valued else "grad", holomorphic=asked.holomorphic,
    )  # fmt: skip
    del attrs["plan"]
    bars = body.results[valued:]
    known = {GRADIENT: bars, VALUE: body.results[:1]} if valued else {GRADIENT: bars}
    for j, places in enumerate(asked.along):
        wanted = {Out(o.bars, o.along & {*range(j)}) for o in asked.outs}
        known = {out: values for out, values in known.items() if out in wanted}
        returning(function, known)
        for each in with_called(function):
            simplify(each, RULES)  # there is less to differentiate then
        returned = iter(body.results)
        known = {out: [next(returned) for _ in known[out]] for out in known}
        tangent(function, [names[k] for k in places], RULES)
        dots = iter(flat(attrs["result"].items[1]))
        known |= {
            out.with_one(j): [next(dots) for _ in known[out]] for out in list(known)
        }
    returning(function, {out: known[out] for out in asked.outs})
    derived = (ks for out, ks in asked.by_out(count()).items() if out != VALUE)
    attrs["derived_results"] = [k for ks in derived for k in ks]
    return named_apart(function)


def alone(of: Callee) -> Function:
    """A function of its own, to be differentiated: one that calls itself is called."""
    function = clone_function(of.body)
    body, attrs = function.body, function.attrs
    if of.recursive:
        types = [v.type for v in body.results]
        body.ops, attrs["globals"] = [], {}
        q = Quote(RULES, body)
        whole = q.emit(
            "call", body.params, ("xs",) * len(body.params), callee=of, equal=[],
            type=one_or_tuple(types),
        )  # fmt: skip
        body.results = [whole] if len(types) == 1 else q.items(whole)
    body.results = body.results[:1]
    attrs["result"] = body.results[0]
    return function


def tangent_of(of: Callee, places: tuple[int, ...], results: int) -> Callee:
    """A function of its own that returns so many results of another, and tangents."""
    key = "tangent", places, results
    if key not in of.variants:
        function = clone_function(of.body)
        body = function.body
        names = [body.params[k].hint for k in places]
        body.results = body.results[:results]
        function.attrs["result"] = flat_result(body.results)
        tangent(function, names, RULES)
        # what is no number or array of floats has no tangent
        body.results = [v for v in body.results if not (v.is_const and v.const is None)]
        function.attrs["result"] = flat_result(body.results)
        made = Callee(f"{of.name}_jvp", effects=of.effects, recursive=of.recursive)
        of.variants[key] = complete(made, named_apart(function))
    made = of.variants[key]
    return made


def complete(made: Callee, function: Function) -> Callee:
    made.function = function
    function.name = made.name
    numbers(function, made)
    return made


def named_apart(function: Function) -> Function:
    """The function, whose parameters have names of their own."""
    names, params = Names(), function.body.params
    for param in params:
        param.hint = names.fresh(param.hint)
    function.attrs["params"] = {p.hint: p for p in params}
    return remove_dead(function)


def returning(function: Function, known: dict[Out, list[Value]]) -> None:
    """Let the function return these values."""
    values = [v for part in known.values() for v in part]
    function.body.results = values
    function.attrs["result"] = flat_result(values)

"""Gradients, and their derivatives along directions, of functions that are called.

In: what is asked of the derivatives of a function of its own (`ssa.gradients`). Out:
the function that returns it: tangents of the adjoint, made once.

    the gradient of g(x), along one direction     ->     def g_hvp(x, x_dot): ...
"""

from __future__ import annotations

from s2s.adjoint.transform import adjoint
from s2s.codegen.called import with_called
from s2s.forward.tangent import tangent
from s2s.names import Names
from s2s.rules import RULES
from s2s.ssa.bound import Seq, flat
from s2s.ssa.callee import Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.gradients import GRADIENT, VALUE, Gradient, Out
from s2s.ssa.ir import Function, Value
from s2s.ssa.separate import flat_result
from s2s.ssa.simplify import simplify
from s2s.ssa.storage import numbers


def gradient_of(asked: Gradient) -> Callee:
    """The function that returns all that is asked, made if it is the first time."""
    variants = asked.of.variants
    if asked not in variants:
        made = Callee(name_of(asked), effects=asked.of.effects, gradient=asked)
        made.function = derivatives(asked)
        made.function.name = made.name
        numbers(made.function, made)
        variants[asked] = made
    made = variants[asked]
    return made


def name_of(asked: Gradient) -> str:
    name = asked.of.name
    if asked.along:
        return f"{name}_hvp" + "_jvp" * (len(asked.along) - 1)
    return f"{name}_value_and_grad" if VALUE in asked.outs else f"{name}_grad"


def derivatives(asked: Gradient) -> Function:
    """The adjoint, and the tangents of what is needed of it."""
    function = clone_function(asked.of.body)
    body, attrs = function.body, function.attrs
    names = [p.hint for p in body.params]
    body.results = body.results[:1]
    attrs["result"] = body.results[0]
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
        known |= {out.with_one(j): [next(dots) for _ in known[out]] for out in list(known)}
    returning(function, {out: known[out] for out in asked.outs})
    first = 0
    attrs["derived_results"] = []
    for out in asked.outs:
        count = len(known[out])
        attrs["derived_results"] += range(first, first + count) if out != VALUE else ()
        first += count
    fresh = Names()
    for param in body.params:
        param.hint = fresh.fresh(param.hint)
    attrs["params"] = {p.hint: p for p in body.params}
    return remove_dead(function)


def returning(function: Function, known: dict[Out, list[Value]]) -> None:
    """Let the function return these values."""
    values = [v for part in known.values() for v in part]
    function.body.results = values
    function.attrs["result"] = flat_result(values)

"""The tangent of a call: a call of the tangent of what is called.

In: a call with active arguments. Out: one call that returns results and tangents; the
function is made here, once for all calls with the same active arguments.

    y = call g(x)     ->     y, y_dot = call g_jvp(x, x_dot)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2s.activity import active
from s2s.names import Names
from s2s.rules import Rules
from s2s.shaping import full
from s2s.ssa.bound import Seq
from s2s.ssa.callee import Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Op, Value
from s2s.ssa.storage import numbers
from s2s.ssa.types import Tuple, Type, derivative_type

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward


def call(forward: Forward, op: Op, outs: tuple[int, ...]) -> None:
    """Call the tangent in the place of the function: of its results `outs`."""
    q, whole = forward.q, op.result
    wrt = tuple(k for k, a in enumerate(op.args) if a in forward.dots)
    callee = tangent_of(op.attrs["callee"], wrt, outs, forward.rules, type(forward))
    dots = [full(q, forward.dots[op.args[k]], op.args[k]) for k in wrt]
    several = isinstance(whole.type, Tuple)
    types = whole.type.items if isinstance(whole.type, Tuple) else (whole.type,)
    more: list[Type] = [derivative_type(types[k]) for k in outs]
    args = [*op.args, *dots]
    both = q.emit(
        "call", args, ("xs",) * len(args), type=Tuple((*types, *more)),
        callee=callee, equal=op.attrs["equal"],
    )  # fmt: skip
    if not several:
        index = q.const(0)
        first = Op("pick", [both, index], ("x", "k"), origin=op.origin)
        first.results, whole.op = [whole], first
        q.append(first)
    found = {k: q.item(both, len(types) + j) for j, k in enumerate(outs)}
    if several:
        forward.called[whole] = both, found
    else:
        forward.set(whole, found[0])


def tangent_of(
    callee: Callee,
    wrt: tuple[int, ...],
    outs: tuple[int, ...],
    rules: Rules,
    transform: type[Forward],
) -> Callee:
    """The function of the primals and the tangents of its arguments `wrt`."""
    key = ("jvp", wrt, outs)
    if key in callee.variants:
        return callee.variants[key]
    made = Callee(f"{callee.name}_jvp", effects=callee.effects)
    callee.variants[key] = made
    function = clone_function(callee.body)
    body = function.body
    inputs = [body.params[k] for k in wrt]
    outputs = [body.results[k] for k in outs]
    forward = transform(rules, active(function, inputs, outputs, rules), body)
    for value in inputs:
        forward.seed(value.hint, value)
    names = Names()
    for param in body.params:
        param.hint = names.fresh(param.hint)
    forward.region(list(body.ops), body)
    with forward.q.inside(body):
        dots = [forward.result_dot(value) for value in outputs]
    count = len(body.results)
    body.results += [d for d in dots if isinstance(d, Value)]
    function.attrs["result"] = Seq("tuple", tuple(body.results))
    function.attrs["derived_results"] = range(count, len(body.results))
    made.function = remove_dead(function)
    made.function.name = made.name
    numbers(made.function, made)
    return made

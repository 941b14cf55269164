"""The two sweeps of a function become one function.

In: the primal, and the reverse sweep that refers to its values wherever these are. Out:
one function in which all that the reverse sweep reads is there: what it keeps has been
planned. In the mode `vjp` the reverse sweep is a function inside of it, the pullback.

    y = x * x; return y     |     x_bar = y_bar * 2.0 * x; return x_bar
                                                                   ->    x_bar = 2.0 * x
"""

from __future__ import annotations

from collections.abc import Collection

from s2s.adjoint.drain import drain_stacks
from s2s.adjoint.latest import ask_the_latest
from s2s.adjoint.plan import plan
from s2s.adjoint.reverse import Reverse
from s2s.adjoint.settle import push_last
from s2s.adjoint.shapes import ask_for_shapes, ask_in_place
from s2s.adjoint.twins import read_the_first
from s2s.adjoint.unread import drop_unread
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.types import Named


def finish(
    function: Function,
    rev: Reverse,
    sweep: Region,
    mode: str,
    policy: str,
    result: Bound,
    grads: Bound,
    aux: Bound | None,
    again: bool = True,
    given: Collection[Value] | None = None,
) -> None:
    """Put the two sweeps together and plan; `again`: a pullback may be called again.

    One that becomes a function of its own (`calls`) is `given` some values anyway.
    """
    body = function.body
    if mode == "vjp":
        op = Op("pullback", [], (), {"result": grads}, [sweep])
        closure = Value(Named("pullback"), "pullback", op=op)
        op.results = [closure]
        structure: Bound = Seq("tuple", (result, closure))
    elif mode == "grad":
        structure = grads if aux is None else Seq("tuple", (grads, aux))
        function.attrs["derived_results"] = range(len(flat(grads)))
    else:
        structure = Seq("tuple", (result, grads))
        first = len(flat(result))
        function.attrs["derived_results"] = range(first, first + len(flat(grads)))
    # what nothing reads must not be planned for: dead code goes first
    whole = Region(body.params, [*body.ops], flat(structure))
    if mode == "vjp":
        whole.ops.append(op)
    else:
        whole.ops += sweep.ops
    trial = Function(function.name, whole, attrs=function.attrs)
    marked = set(sweep.ops)
    remove_dead(trial, rev.restores.kept())
    if mode != "vjp":
        sweep.ops = [o for o in whole.ops if o in marked]
    body.ops = [o for o in whole.ops if o not in marked and o.kind != "pullback"]
    if mode != "vjp":
        sweep.results = whole.results
    ask_the_latest(function, sweep, planned=False)
    read_the_first(body, sweep, rev.restores, rev.rules)
    ask_for_shapes(function, sweep, rev.rules)
    function.attrs["plan"] = plan(function, rev, sweep, policy, given)
    push_last(function)
    ask_the_latest(function, sweep, planned=True)  # also what was repeated
    ask_in_place(sweep)
    function.attrs["split"] = len(body.ops)
    if mode == "value_and_grad":
        name_value(function, sweep, result)
    for o in sweep.walk():
        o.attrs["sweep"] = "reverse"
    if mode == "vjp":
        body.ops.append(op)
        body.results = flat(structure)
    else:
        body.ops += sweep.ops
        body.results = sweep.results
    function.attrs["result"] = structure
    drain_stacks(drop_unread(function))
    if mode == "vjp" and again:
        copy_stacks(sweep)
    remove_dead(function)


def name_value(function: Function, sweep: Region, result: Bound) -> None:
    """Call the result `value` if the reverse sweep reuses the name that it has."""
    reused = {o.result.hint for o in sweep.walk() if o.kind == "pop"}
    for k, value in enumerate(sweep.results[: len(flat(result))]):
        if not value.is_const and value.role == "user" and value.hint in reused:
            op = Op("alias", [value], ("x",), origin=None)
            op.results = [Value(value.type, "value", "user", op=op)]
            function.body.ops.append(op)
            sweep.results[k] = op.result


def copy_stacks(sweep: Region) -> None:
    """A pullback may be called again, so what it pops are copies of the stacks."""
    copies: dict[Value, Value] = {}
    drained = {s for op in sweep.walk() for s in op.attrs.get("drains", ())}
    for op in sweep.walk():
        if op.kind == "pop" and op.args[0] not in drained:
            stack = op.args[0]
            if stack not in copies:
                made = Op("copy_stack", [stack], ("x",), {"sweep": "reverse"})
                copies[stack] = Value(stack.type, stack.hint, "stack", op=made)
                made.results = [copies[stack]]
            op.args[0] = copies[stack]
    sweep.ops[:0] = [v.op for v in copies.values() if v.op is not None]

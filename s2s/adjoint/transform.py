"""The adjoint of a whole function, in each of the modes that people call.

In: a function in SSA, the differentiated parameters. Out: a function that returns

- grad: the gradient, of the structure of those parameters;
- value_and_grad: the primal's result and the gradient;
- vjp: the primal's result and a pullback, a function from a cotangent to one
  cotangent for each parameter.
"""

from __future__ import annotations

from typing import Any

from s2s.activity import active
from s2s.adjoint.drain import drain_stacks
from s2s.adjoint.floats import stays_number, surely_float
from s2s.adjoint.latest import ask_the_latest
from s2s.adjoint.plan import plan
from s2s.adjoint.reverse import Reverse
from s2s.adjoint.settle import push_last
from s2s.adjoint.unread import drop_unread
from s2s.errors import TypingError
from s2s.rules import Rules
from s2s.shaping import conform, full, zeros_of
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.build import leaves
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.types import (
    ANY,
    Array,
    List,
    Named,
    Scalar,
    Tuple,
    adjoint_type,
    bound,
    derivative_type,
    described,
    is_real_valued,
)


def adjoint(
    function: Function,
    wrt: list[str],
    rules: Rules,
    mode: str,
    policy: str = "plan",
    has_aux: bool = False,
    single: bool = False,
    holomorphic: bool = False,
) -> Function:
    """Append the reverse sweep for the named parameters and plan what it keeps."""
    body = function.body
    params = function.attrs["params"]
    inputs = leaves(function, wrt)
    result: Bound = function.attrs["result"]
    value, aux = split_aux(result, function) if has_aux else (result, None)
    outputs = [v for v in flat(value) if not v.is_const]
    live = active(function, inputs, outputs, rules)
    for path in function.attrs["globals"].values():
        live.discard(path)
    sweep = Region()
    rev = Reverse(rules, live, sweep, function)
    if mode == "vjp":
        seeds = _cotangent(rev, value, sweep)
    else:
        one = _scalar_result(value, function, holomorphic)
        seeds = [(one, rev.q.const(1.0))]
    for v, seed in seeds:
        rev.contribute(v, seed)
    if len(flat(value)) == 1 and mode != "vjp" and flat(value)[0] in live:
        rev.bars[flat(value)[0]] = rev.q.const(1.0)
    rev.region(body.ops)
    rev.check_parts()
    rev.q.origin = function.origin
    gradient = tuple(_gradient(rev, params[name]) for name in wrt)
    grads: Bound = gradient[0] if single else Seq("tuple", gradient)
    sweep.results = flat(grads)
    finish(function, rev, sweep, mode, policy, result, grads, aux)
    return function


def finish(
    function: Function,
    rev: Reverse,
    sweep: Region,
    mode: str,
    policy: str,
    result: Bound,
    grads: Bound,
    aux: Bound | None,
) -> None:
    """Put the two sweeps together and plan."""
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
    function.attrs["plan"] = plan(function, rev, sweep, policy)
    push_last(function)
    ask_the_latest(function, sweep, planned=True)  # also what was repeated
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
    if mode == "vjp":
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


def split_aux(result: Bound, function: Function) -> tuple[Bound, Bound]:
    """The differentiated value and what is passed through beside it."""
    if not isinstance(result, Seq) or len(result.items) != 2:
        raise TypingError(
            "with has_aux=True the function must return (value, aux)", function.origin
        )
    value, aux = result.items
    return value, aux


def _scalar_result(value: Bound, function: Function, holomorphic: bool) -> Value:
    """The result that a gradient is taken of: one real number."""
    origin = function.attrs.get("result_origin") or function.origin
    what, advice = "", ""
    if isinstance(value, Seq):
        what = f"a {value.kind}"
        advice = "use vjp or jvp, or has_aux=True for (value, aux)"
    else:
        of = bound(value.type)
        kind = of.kind if isinstance(of, Scalar | Array) else None
        if isinstance(of, Array) and of.rank and not of.loose:
            what = f"an array of rank {of.rank}"
            advice = "use vjp or jvp for array-valued functions, or sum the result"
        elif kind == "complex" and not holomorphic:
            what = "a complex one"
            advice = "use vjp or jvp, or holomorphic=True"
        elif kind in ("bool", "int") and not value.is_const:
            what = f"one of type {kind}, which has no derivative"
        elif kind is None and of != ANY:
            what = described(of)
    if what:
        raise TypingError(
            f"grad needs a function that returns one real number, not {what}",
            origin,
            advice or None,
        )
    assert isinstance(value, Value)
    return value


def _cotangent(rev: Reverse, value: Bound, sweep: Region) -> list[tuple[Value, Value]]:
    """The pullback's parameter, and which result each part of it belongs to."""
    param = Value(_cotangent_type(value), "ct", "user")
    sweep.params = [param]
    pairs: list[tuple[Value, Value]] = []

    def pair(item: Bound, ct: Value) -> None:
        if isinstance(item, Seq):
            for k, part in enumerate(item.items):
                pair(part, rev.q.item(ct, k))
        elif not item.is_const and is_real_valued(item.type):
            of = derivative_type(item.type)
            if adjoint_type(of) != of:
                ct = rev.q.emit("as_lists", [ct])
            pairs.append((item, ct))

    pair(value, param)
    return pairs


def _cotangent_type(value: Bound) -> Any:
    if isinstance(value, Seq):
        return Tuple(tuple(map(_cotangent_type, value.items)), value.form)
    return derivative_type(value.type)


def _gradient(rev: Reverse, param: Bound) -> Bound:
    """The finished adjoint of a parameter, of its structure, shapes and dtypes."""
    if isinstance(param, Seq):
        return param.of(_gradient(rev, item) for item in param.items)
    return _finished(rev, rev.take(param), param)


def _finished(rev: Reverse, bar: Value | None, like: Value) -> Value:
    q, of = rev.q, bound(like.type)
    if not is_real_valued(of):
        return q.const(None)
    if bar is None:
        bar = zeros_of(q, like)
    elif (bar, like) not in rev.spread:
        bar = full(q, conform(q, bar, like), like)
    if isinstance(of, List) and adjoint_type(of) != derivative_type(of):
        bar = q.emit("as_records", [bar, like])
    if isinstance(of, Scalar) and of.kind == "float":
        known = dict.fromkeys(rev.floats, True)
        if not (stays_number(bar) and surely_float(bar, known, rev.rules)):
            bar = q("float(d)", d=bar)
    dt = bound(bar.type)
    if isinstance(of, Array) and not of.rank and of.dtype in ("float32", "float16"):
        if not (isinstance(dt, Array) and dt.dtype == of.dtype):
            bar = q(f"np.{of.dtype}(d)", d=bar)
    return bar

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
from s2s.adjoint.calls import Ways, split_calls
from s2s.adjoint.finish import finish
from s2s.adjoint.gradient import gradient
from s2s.adjoint.reverse import Reverse
from s2s.errors import TypingError
from s2s.idle import mark_idle
from s2s.rules import Rules
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.build import leaves
from s2s.ssa.ir import Function, Region, Value
from s2s.ssa.types import (
    ANY,
    Array,
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
    live.difference_update(function.attrs["globals"].values())
    mark_idle(function, live, rules)
    split_calls(function, live, Ways(rules, policy, mode == "vjp"))
    sweep = Region()
    rev = Reverse(rules, live, sweep, function)
    if mode == "vjp":
        seeds = _cotangent(rev, value, sweep)
    else:
        one = _scalar_result(value, function, holomorphic)
        with rev.q.inside(sweep):
            seeds = [(one, _seed(rev, one))]
    for v, seed in seeds:
        rev.contribute(v, seed)
    if len(flat(value)) == 1 and mode != "vjp" and flat(value)[0] in live:
        rev.bars[flat(value)[0]] = seeds[0][1]
    rev.region(body.ops)
    rev.check_parts()
    rev.q.origin = function.origin
    each = tuple(gradient(rev, params[name]) for name in wrt)
    grads: Bound = each[0] if single else Seq("tuple", each)
    sweep.results = flat(grads)
    finish(function, rev, sweep, mode, policy, result, grads, aux)
    return function


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


def _seed(rev: Reverse, value: Value) -> Value:
    """The adjoint of the result: of what may be an array it is not that of the sum."""
    of = bound(value.type)
    if of == ANY or (isinstance(of, Array) and of.loose):
        return rev.q("adjoint_of_number(y)", y=value)
    return rev.q.const(1.0)


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

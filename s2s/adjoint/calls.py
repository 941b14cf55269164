"""Functions that are called become pairs: what goes forward, and what goes back.

In: a function with calls, and its active values. Out: the same function, in which each
active call also returns what its reverse needs; the reverse itself is made here, once
for all calls with the same active arguments.

    y = call g(x)     ->     y, kept = call g_forward(x)
                             ...
                             x_bar = call g_reverse(y_bar, x, kept)

What the reverse reads of arguments and results it is given by its caller, who may have
it anyway; all else is kept. Where nothing is, the forward is the function itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from s2s.activity import Varied, active
from s2s.adjoint.finish import finish
from s2s.adjoint.gradient import gradient
from s2s.adjoint.reverse import Reverse
from s2s.adjoint.shapes import ask_cotangents
from s2s.idle import mark_idle
from s2s.names import Names
from s2s.rules import Rules
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.callee import KEPT, Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.emit import const_type
from s2s.ssa.hints import hint_of
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.roots import shares
from s2s.ssa.storage import numbers
from s2s.ssa.types import UNDEF, Static, Tuple, derivative_type, particular, rank_of


@dataclass(frozen=True)
class Ways:
    """How adjoints are made; `again`: a reverse may be carried out several times."""

    rules: Rules
    policy: str
    again: bool


@dataclass(eq=False)
class Pair:
    """A function's forward and reverse, for active arguments and results.

    The reverse takes the cotangents of the results `outs`, then the arguments `args`,
    the `results`, and what was kept; it returns the cotangents of the arguments `wrt`.
    """

    params: tuple[str, ...]
    wrt: tuple[int, ...]
    outs: tuple[int, ...]
    forward: Callee
    reverse: Callee
    args: tuple[int, ...] = ()
    results: tuple[int, ...] = ()
    keeps: bool = False


def split_calls(function: Function, live: set[Value], ways: Ways) -> None:
    """Let active calls keep what their reverse needs; `live` gains what is new."""
    for region in [*regions(function.body)]:
        for op in list(region.ops):
            ours = op.kind == "call" and op.attrs["callee"].gradient is None
            if ours and op.result in live:
                split_call(op, region, live, ways)


def regions(region: Region) -> Iterator[Region]:
    yield region
    for op in region.ops:
        for inner in op.regions:
            yield from regions(inner)


def split_call(op: Op, region: Region, live: set[Value], ways: Ways) -> None:
    callee, whole = op.attrs["callee"], op.result
    several = isinstance(whole.type, Tuple)
    picks = [o for o in region.ops if o.kind == "pick" and o.args[0] is whole]
    results = {o.args[1].const: o.result for o in picks} if several else {0: whole}
    wrt = tuple(k for k, a in enumerate(op.args) if a in live)
    if callee.recursive:
        wrt = with_own_calls(callee, wrt, ways.rules)
    outs = tuple(sorted(k for k, r in results.items() if r in live))
    pair = pair_of(callee, wrt, outs, ways)
    more = {"callee": pair.forward, "reverse": pair, "site": object()}
    op.attrs = {**op.attrs, **more}
    types = whole.type.items if isinstance(whole.type, Tuple) else (whole.type,)
    if pair.keeps:
        kept = Value(KEPT, f"{callee.name}_kept")
        results[len(types)] = kept
        whole = Value(Tuple((*types, KEPT)), op=op)
        op.results = [whole]
        live.add(whole)
    for k in pair.results:
        results.setdefault(k, Value(types[k], "t"))
    if pair.keeps or several:
        region.ops = [o for o in region.ops if o not in picks]
        at = region.ops.index(op) + 1
        region.ops[at:at] = [picked(whole, k, r) for k, r in sorted(results.items())]
    op.attrs["results"] = results


def with_own_calls(
    callee: Callee, wrt: tuple[int, ...], rules: Rules
) -> tuple[int, ...]:
    """The active arguments, and those that are where the function calls itself."""
    body, before = callee.body.body, None
    while wrt != before:
        before = wrt
        varied = Varied(rules, {body.params[k] for k in wrt}, set())
        varied.region(body)
        for op in body.walk():
            if op.kind == "call" and op.attrs["callee"] is callee:
                more = {k for k, a in enumerate(op.args) if a in varied.values}
                wrt = tuple(sorted({*wrt, *more}))
    return wrt


def picked(whole: Value, k: int, item: Value) -> Op:
    """`item = whole[k]`."""
    index = Value(const_type(k), const=k)
    op = Op("pick", [whole, index], ("x", "k"))
    op.origin = whole.op.origin if whole.op is not None else None
    op.results, item.op = [item], op
    return op


# pairs ------------------------------------------------------------------------


def pair_of(
    callee: Callee, wrt: tuple[int, ...], outs: tuple[int, ...], ways: Ways
) -> Pair:
    """The forward and the reverse, made if it is the first time."""
    key = ("pair", wrt, outs, ways)
    if key not in callee.variants:
        forward = Callee(f"{callee.name}_forward", recursive=callee.recursive)
        reverse = Callee(f"{callee.name}_reverse", recursive=callee.recursive)
        names = tuple(p.hint for p in callee.body.body.params)
        pair = Pair(names, wrt, outs, forward, reverse, keeps=callee.recursive)
        forward.shares = callee.recursive  # as far as is known
        forward.effects = callee.effects
        callee.variants[key] = pair  # it may call itself
        make(callee, pair, ways)
    return callee.variants[key]


def make(callee: Callee, pair: Pair, ways: Ways) -> None:
    function = clone_function(callee.body)
    body = function.body
    params = list(body.params)
    inputs = [params[k] for k in pair.wrt]
    outputs = [body.results[k] for k in pair.outs]
    live = active(function, inputs, outputs, ways.rules)
    mark_idle(function, live, ways.rules)
    live.difference_update(function.attrs["globals"].values())
    split_calls(function, live, ways)
    sweep = Region()
    rev = Reverse(ways.rules, live, sweep, function)
    rev.restores.leaving = {body.results[k] for k in callee.changes}
    for value in outputs:
        value.type = particular(value.type)
        bar = Value(derivative_type(value.type), f"{value.hint}_bar", "user")
        sweep.params.append(bar)
        rev.spread.add((bar, value))
        rev.contribute(value, bar, True, fits=True)
    rev.region(body.ops)
    rev.check_parts()
    rev.q.origin = function.origin
    each = tuple(gradient(rev, value) for value in inputs)
    sweep.results = [v for v in each if isinstance(v, Value)]
    result: Bound = function.attrs["result"]
    finish(
        function, rev, sweep, "vjp", ways.policy, result, Seq("tuple", each), None,
        ways.again, () if pair.keeps else there(callee, params, body.results),
    )  # fmt: skip
    *body.ops, last = body.ops
    (sweep,) = last.regions
    part(callee, function, sweep, pair, params, body.results[:-1])


def there(
    callee: Callee, params: Sequence[Value], results: Sequence[Value]
) -> set[Value]:
    """What the caller may have anyway: nothing that is changed, before or after."""
    old, new = callee.changes.values(), callee.changes
    return {
        *(p for k, p in enumerate(params) if k not in old),
        *(r for k, r in enumerate(results) if k not in new),
    }


def part(
    callee: Callee, function: Function, sweep: Region, pair: Pair,
    params: list[Value], results: list[Value],
) -> None:  # fmt: skip
    """Make two functions of one and its pullback."""
    attrs, body = function.attrs, function.body
    structure: Bound
    known = {v: path for path, v in attrs["globals"].items()}
    ask_cotangents(sweep, free(sweep))
    read = free(sweep)
    own = {v: Value(v.type, hint_of(v), v.role) for v in read}
    asked = [v for v in read if v not in known]
    if not pair.keeps:  # what the caller has is not kept
        pair.args = tuple(k for k, p in enumerate(params) if p in asked)
        pair.results = tuple(
            k for k, r in enumerate(results) if r in asked and r not in params
        )
    passed = [params[k] for k in pair.args] + [results[k] for k in pair.results]
    kept = [v for v in asked if v not in passed]
    pair.keeps = pair.keeps or bool(kept)
    opening: list[Op] = []
    last: list[Value] = []
    if len(kept) == 1 and not pair.reverse.recursive:
        last = [own[kept[0]]]
    elif pair.keeps:
        of = Tuple(tuple(v.type for v in kept))
        whole = Value(of, f"{callee.name}_kept")
        opened = Op("alias", [whole], ("x",))
        opened.results = [Value(whole.type, "t", op=opened)]
        opening = [opened]
        opening += [picked(opened.result, k, own[v]) for k, v in enumerate(kept)]
        last = [whole]
    for op in opening:
        op.attrs["sweep"] = "reverse"
    substitute(sweep, own)
    bars = sweep.params
    sweep.params = [*bars, *(own[v] for v in passed), *last]
    names = Names()
    for param in sweep.params:
        param.hint = names.fresh(param.hint)
    sweep.ops[:0] = opening
    own_globals = {path: own[v] for v, path in known.items() if v in own}
    shared = {k: v for k, v in attrs.items() if k not in ("split", "plan")}
    structure = one_or_all(sweep.results)
    pair.reverse.function = Function(
        pair.reverse.name, sweep, function.origin,
        {**shared, "globals": own_globals, "result": structure,
         "params": {p.hint: p for p in sweep.params},
         "derived_results": range(len(sweep.results)),
         "numbers": [b for b in bars if rank_of(b.type) == 0]},
    )  # fmt: skip
    for value in kept:
        bind(value, set())
    body.results = [*results, *kept]
    returned: list[Bound] = [*results]
    if len(kept) == 1 and not pair.reverse.recursive:
        returned += kept
    elif pair.keeps:
        returned.append(Seq("tuple", tuple(kept)))
    structure = one_or_all(returned)
    pair.forward.function = Function(
        pair.forward.name, body, function.origin, {**shared, "result": structure}
    )
    if not pair.keeps:
        pair.forward.name = pair.forward.name.removesuffix("_forward")
    numbers(pair.forward.function, pair.forward)
    numbers(pair.reverse.function, pair.reverse)
    pair.forward.shares = pair.forward.shares or shares(pair.forward.function, kept)


def one_or_all(items: Sequence[Bound]) -> Bound:
    """What is returned: one object, or the tuple of several."""
    return items[0] if len(items) == 1 else Seq("tuple", tuple(items))


def free(sweep: Region) -> list[Value]:
    """The values that a sweep reads and does not make, in the order of their making."""
    own = {v for op in sweep.walk() for v in op.results}
    own |= {p for op in sweep.walk() for r in op.regions for p in r.params}
    own |= set(sweep.params)
    read = {*sweep.results}
    for op in sweep.walk():
        read |= {*op.args, *op.attrs.get("drains", ())}
        for region in op.regions:
            read |= {*region.results}
    outside = (v for v in read - own if not v.is_const)
    return sorted(outside, key=lambda v: v.number)


def substitute(region: Region, own: dict[Value, Value]) -> None:
    for op in region.ops:
        op.args = [own.get(a, a) for a in op.args]
        if "drains" in op.attrs:
            op.attrs["drains"] = [own.get(s, s) for s in op.attrs["drains"]]
        for inner in op.regions:
            substitute(inner, own)
    region.results = [own.get(r, r) for r in region.results]


def bind(value: Value, seen: set[Value]) -> None:
    """Let a value be None where it is unbound: it is returned on every path."""
    op = value.op
    if op is None or value in seen:
        return
    seen.add(value)
    if op.kind == "if":
        k = op.results.index(value)
        for region in op.regions:
            if region.results[k].type == UNDEF:
                region.results[k] = Value(Static(None), const=None)
            bind(region.results[k], seen)
    elif is_loop(op):
        slot = slots(op)[op.results.index(value)]
        if slot.init.type == UNDEF:
            op.args[op.args.index(slot.init)] = Value(Static(None), const=None)
        bind(slot.init, seen)
        bind(slot.yielded, seen)

"""Forward mode: SSA to SSA. Each active value gets a tangent next to its definition.

In: a function and its active values. Out: a function of the primals and the tangents of
the differentiated parameters, that returns the primal's result and its tangent.

    y = x * x        ->     y = x * x
    return y                y_dot = x_dot * x + x_dot * x
                            return y, y_dot

Branches and loops carry the tangents of what they carry. A function may be an adjoint:
its stacks have others beside them, of tangents (`stacks`).
"""

from __future__ import annotations

from s2s.activity import active, holds_kept
from s2s.errors import InternalError, UnsupportedError
from s2s.forward.attempt import attempt
from s2s.forward.calls import call
from s2s.forward.items import take_once
from s2s.forward.stacks import STACKS, drain_beside
from s2s.idle import mark_idle
from s2s.rules import STRUCTURE, Rules
from s2s.shaping import (
    as_carried,
    carried_type,
    full,
    is_full,
    of_dtype,
    real_part,
    zeros_of,
)
from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.build import leaves
from s2s.ssa.callee import Callee
from s2s.ssa.dce import remove_dead
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import surely_number
from s2s.ssa.types import (
    ANY,
    UNDEF,
    Array,
    Kept,
    List,
    Maybe,
    Tuple,
    Type,
    bound,
    derivative_type,
    is_real_valued,
    rank_of,
)

# Operations that put what they are given into something that holds it.
HOLDING = UPDATES - {"add_at"} | {"tuple", "record", "list", "dict"}


def tangent(function: Function, wrt: list[str], rules: Rules) -> Function:
    """Write the tangent of each active value next to its primal statement."""
    body = function.body
    params = function.attrs["params"]
    inputs = [v for v in leaves(function, wrt) if is_real_valued(v.type)]
    take_once(body, inputs)
    result = refill(function.attrs["result"], iter(body.results))
    outputs = [v for v in flat(result) if not v.is_const]
    live = active(function, inputs, outputs, rules)
    mark_idle(function, live, rules)
    forward = Forward(rules, live, body)
    function.attrs["seeds"] = [forward.seed(name, params[name]) for name in wrt]
    seeds, body.ops[:] = list(body.ops), []
    # operations written by `seed` come first, then the primal's own
    made = forward.seeded
    forward.region([o for o in seeds if o not in made], body, list(made))
    with forward.q.inside(body):
        dots = forward.result_dot(result)
    structure = Seq("tuple", (result, dots))
    body.results = flat(structure)
    derived = function.attrs.get("derived_results", ())  # what is a derivative already
    more = range(len(flat(result)), len(body.results))
    function.attrs["derived_results"] = (*derived, *more)
    function.attrs["result"] = structure
    return remove_dead(function)


class Forward:
    """`dots` maps each active value to its tangent.

    What a call keeps for its reverse has its tangents in itself (`calls`): `sites` says
    which function a call became that keeps them.
    """

    def __init__(self, rules: Rules, live: set[Value], body: Region) -> None:
        self.rules = rules
        self.kept = {v for v in live if holds_kept(v.type)}
        self.active = live - self.kept
        self.sites: dict[object, Callee] = {}
        self.q = Quote(rules, body)
        self.dots: dict[Value, Value] = {}
        self.seeded: list[Op] = []
        self.picks = [o for o in body.walk() if o.kind == "pick"]
        # calls of the two functions of a pair
        self.sweeps = [o for o in body.walk() if o.attrs.get("site") is not None]
        # calls of several results: what stands for them, the tangents of the results
        self.called: dict[Value, tuple[Value, dict[int, Value]]] = {}

    def seed(self, name: str, item: Bound) -> Value:
        """A parameter for the tangent of a parameter, taken apart if it is a tuple."""
        body = self.q.region
        of = _tangent_type(item)
        param = Value(of, f"{name}_dot", "user")
        body.params.append(param)
        before = len(body.ops)
        self._open(item, param)
        self.seeded += body.ops[before:]
        return param

    def _open(self, item: Bound, dot: Value) -> None:
        if isinstance(item, Seq):
            for k, part in enumerate(item.items):
                self._open(part, self.q.item(dot, k))
        elif is_real_valued(item.type):
            self.dots[item] = dot

    def result_dot(self, item: Bound) -> Bound:
        """The tangent of a result, of its structure."""
        if isinstance(item, Seq):
            return item.of(map(self.result_dot, item.items))
        return self.returned(item)

    def returned(self, value: Value) -> Value:
        """The tangent of one value that is returned."""
        if value.is_const or not is_real_valued(value.type):
            number = value.is_const and isinstance(value.const, float | complex)
            return self.q.const(0.0 if number else None)
        dot = full(self.q, self.dot(value), value)
        of = bound(value.type)
        if of == ANY or (isinstance(of, Array) and of.loose):
            return self.q("d[()]", d=dot)  # of a number, a number
        if rank_of(value.type) == 0 and kind_of(value.type) != "complex":
            return dot if surely_number(dot, {}) else self.q("float(d)", d=dot)
        return dot

    def dot(self, value: Value, like: Value | None = None) -> Value:
        """The tangent of a value, zeros if it has none: `like` what it becomes."""
        found = self.dots.get(value)
        if found is not None:
            return found
        if _may_be_unbound(value):
            return self.q.const(0.0)  # it may have no shape
        to = None if like is None else bound(like.type)
        return zeros_of(self.q, value, like=to)

    def whole(self, value: Value, like: Value | None = None) -> Value:
        """The tangent of a value, of its full shape, if the value has one.

        What is carried as `like`, by a loop or the like, is of its type.
        """
        dot = self.dot(value, like)
        if not _may_be_unbound(value):
            dot = full(self.q, dot, value)
        if like is None:
            return dot
        carried = as_carried(self.q, dot, like.type)
        if carried is not dot and not carried.is_const:
            carried.hint, carried.role = f"{like.hint}_dot", "dot"
        return carried

    def set(self, value: Value, dot: Value) -> None:
        if dot.role == "temp" and not dot.is_const:
            dot.hint = f"{value.hint}_dot"
            if value.role in ("user", "global"):
                dot.role = "dot"
        self.dots[value] = dot

    # operations -----------------------------------------------------------

    def region(
        self, ops: list[Op], into: Region, first: list[Op] | None = None
    ) -> None:
        into.ops = list(first or [])
        with self.q.inside(into):
            for op in ops:
                self.op(op, into)

    def op(self, op: Op, into: Region) -> None:
        self.q.origin, self.q.sweep = op.origin, op.attrs.get("sweep")
        if op.attrs.get("form") == "try":
            into.ops.append(op)
            attempt(self, op)
            return
        if op.kind == "if":
            into.ops.append(op)
            self.branch(op)
            return
        if is_loop(op):
            self.loop(op, into)
            return
        if op.kind == "call" and self.is_active(op):
            call(self, op)
            return
        at = len(into.ops)
        into.ops.append(op)
        if op.kind == "pick" and op.args[0] in self.called:
            op.args[0], dots_of = self.called[op.args[0]]
            if isinstance(op.result.type, Kept):  # it comes last
                last = bound(op.args[0].type)
                assert isinstance(last, Tuple)
                op.args[1] = self.q.const(len(last.items) - 1)
            if (dot := dots_of.get(op.args[1].const)) is not None:
                self.set(op.result, dot)
            return
        touched = op.args if op.kind == "push" else op.results
        if self.active.isdisjoint(touched):
            return
        if op.kind in STACKS:
            STACKS[op.kind](self, op)
            return
        flat = self.rules[op.kind].flat if op.kind in self.rules else ()
        pairs = enumerate(zip(op.args, op.names, strict=True))
        dots = {
            k: self.dots[a] for k, (a, n) in pairs if a in self.dots and n not in flat
        }
        if self.dots.keys().isdisjoint((*op.args, op.result)):
            raise InternalError(f"{op.result!r} is active, and nothing it is made of")
        if op.kind in ("bound", "alias"):
            self.dots[op.result] = self.dot(op.args[0])
        elif dots:
            dot = real_part(self.q, self.simple(op, dots), op.result)
            dot = of_dtype(self.q, dot, op.result.type)
            self.set(op.result, dot)
            made = into.ops[at + 1 :]
            if not any(op.result in o.args for o in made):
                # the tangent first: it may read what the primal overwrites
                into.ops[at:] = [*made, op]

    def is_active(self, op: Op) -> bool:
        """Whether a call has tangents, if only in what is kept for it."""
        live = op.result in self.active or op.result in self.kept
        return live or op.attrs.get("site") in self.sites

    def active_results(self, op: Op) -> tuple[int, ...]:
        """Which of the results of a call are active."""
        if not isinstance(op.result.type, Tuple):
            return (0,) if op.result in self.active else ()
        picks = [o for o in self.picks if o.args[0] is op.result]
        active = {o.args[1].const for o in picks if o.result in self.active}
        return tuple(sorted(active))

    def simple(self, op: Op, dots: dict[int, Value]) -> Value:
        rule = self.rules[op.kind]
        if rule.form == "partials" and rule.jvp is None:
            return self.partials(op, dots)
        dots = {k: full(self.q, d, op.args[k]) for k, d in dots.items()}
        if rule.jvp is not None:
            return rule.jvp(self.q, op, dots)
        if rule.form == "linear":
            return self.linear(op, dots)
        values = rule_values(self.q, op)
        terms = []
        for k, dot in dots.items():
            text = rule.tangents.get(op.names[k])
            if text is None:
                raise UnsupportedError(
                    f"{op.kind} has no tangent with respect to `{op.names[k]}`",
                    op.origin,
                )
            terms.append(self.q(text, **{**values, "g": dot}))
        return self.total(terms)

    def total(self, terms: list[Value]) -> Value:
        out = terms[0]
        for term in terms[1:]:
            out = self.q.emit("add", [out, term])
        return out

    def partials(self, op: Op, dots: dict[int, Value]) -> Value:
        rule = self.rules[op.kind]
        values = rule_values(self.q, op)
        terms = []
        for k, dot in dots.items():
            if rule.vjp is not None:
                term = rule.vjp(self.q, op, dot).get(k)
            else:
                text = rule.partials.get(op.names[k])
                term = text and self.q(text, **{**values, "g": dot})
            if term is None:
                raise UnsupportedError(
                    f"{op.kind} has no derivative with respect to `{op.names[k]}`",
                    op.origin,
                )
            terms.append(term)
        return self.as_primal(op, dots, self.total(terms))

    def as_primal(self, op: Op, dots: dict[int, Value], dot: Value) -> Value:
        """Note that a tangent has the shape of the result: it was broadcast alike."""
        of, t = bound(op.result.type), bound(dot.type)
        if isinstance(of, Array) and isinstance(t, Array) and not of.loose:
            arrays = [k for k, a in enumerate(op.args) if rank_of(a.type) != 0]
            if all(
                k in dots and is_full(dots[k].type, op.args[k].type) for k in arrays
            ):
                dot.type = Array(t.dtype, of.shape)
        return dot

    def linear(self, op: Op, dots: dict[int, Value]) -> Value:
        """The operation itself on tangents, one argument at a time.

        Operations on lists, and the functional updates, are linear in all their
        arguments together.
        """
        if op.kind == "add_at" and set(dots) == {0}:  # what is added has none
            return dots[0]
        forms = {n: self.rules[op.kind].param(n).form for n in op.names}
        if any(forms[op.names[k]] != "one" for k in dots) or op.kind in UPDATES:
            # an array of integers that is one of floats elsewhere has a tangent, too
            args = list(op.args)
            for k, a in enumerate(args):
                if _is_linear_in(op, k, forms):
                    to = None if k else bound(op.result.type)
                    args[k] = dots.get(k) or zeros_of(self.q, a, like=to)
                    if op.kind in HOLDING:
                        args[k] = as_carried(self.q, args[k], _place(op, k))
            return self.again(op, args)
        rule = self.rules[op.kind]
        terms = []
        for k, dot in dots.items():
            if rule.vjp is None and op.names[k] not in rule.partials:
                raise UnsupportedError(
                    f"{op.kind} has no tangent with respect to `{op.names[k]}`",
                    op.origin,
                )
            args = list(op.args)
            args[k] = dot
            terms.append(self.again(op, args))
        return self.total(terms)

    def again(self, op: Op, args: list[Value]) -> Value:
        attrs = {
            k: v for k, v in op.attrs.items() if k in ("method", "entry", *STRUCTURE)
        }
        out = self.q.emit(op.kind, args, op.names, **attrs)
        of, t = bound(op.result.type), bound(out.type)
        if isinstance(of, Array) and isinstance(t, Array) and not of.loose:
            out.type = Array(t.dtype, of.shape)  # tangents are spread by now
        return out

    # branches and loops ---------------------------------------------------

    def branch(self, op: Op) -> None:
        before = self.dots
        wanted = [r for r in op.results if r in self.active]
        ends: list[list[Value]] = []
        for region in op.regions:
            self.dots = dict(before)
            ops = list(region.ops)
            self.region(ops, region)
            with self.q.inside(region):
                inner = [region.results[op.results.index(r)] for r in wanted]
                ends.append(
                    [self.dot(*pair) for pair in zip(inner, wanted, strict=True)]
                )
        self.dots = before
        for k, value in enumerate(wanted):
            pair = [end[k] for end in ends]
            if not all(is_full(v.type, value.type) for v in pair):
                for j, region in enumerate(op.regions):
                    source = region.results[op.results.index(value)]
                    if not _may_be_unbound(source):
                        with self.q.inside(region):
                            pair[j] = full(self.q, pair[j], source)
            for region, end in zip(op.regions, pair, strict=True):
                with self.q.inside(region):
                    region.results.append(as_carried(self.q, end, value.type))
            dot = Value(carried_type(value), f"{value.hint}_dot", op=op)
            op.results.append(dot)
            self.set(value, dot)
        if op.results and wanted and op.attrs.get("form") != "with":
            op.attrs = {**op.attrs, "form": None}

    def loop(self, op: Op, into: Region) -> None:
        own = [
            s for s in slots(op) if s.param in self.active or s.result in self.active
        ]
        inits = [self.whole(s.init, s.param) for s in own]
        into.ops.append(op)
        body = op.regions[-1]
        op.args += inits
        op.names += ("init",) * len(inits)
        for slot in own:
            param = Value(carried_type(slot.param), f"{slot.param.hint}_dot", "dot")
            body.params.append(param)
            self.dots[slot.param] = param
            if op.kind == "while":
                twin = Value(param.type, param.hint, "dot")
                op.regions[0].params.append(twin)
        self.region(list(body.ops), body)
        with self.q.inside(body):
            for slot in own:
                body.results.append(self.whole(slot.yielded, slot.result))
        drain_beside(op)
        for slot in own:
            dot = Value(
                carried_type(slot.result), f"{slot.result.hint}_dot", "dot", op=op
            )
            op.results.append(dot)
            self.dots[slot.result] = dot


def _may_be_unbound(value: Value) -> bool:
    missing = value.type == UNDEF or (value.is_const and value.const is None)
    return missing or isinstance(value.type, Maybe)


def _is_linear_in(op: Op, k: int, forms: dict[str, str]) -> bool:
    if op.kind in UPDATES:
        taken = {"removed": 1, "removed_in": 1 + len(op.attrs.get("index", ()))}
        return k in (0, taken.get(op.kind, len(op.args) - 1))
    if op.kind == "getitem":
        return k == 0
    if op.kind in ("tuple", "list", "dict", "record"):
        return True
    return forms[op.names[k]] != "one" and is_real_valued(op.args[k].type)


def _place(op: Op, k: int) -> Type:
    """The type of the place in a list, dict or tuple that an argument is put into."""
    of = bound(op.result.type)
    if isinstance(of, Tuple):
        return of.items[k]
    if not k and op.kind in UPDATES:
        return of
    for where in op.args[1 : 1 + len(op.attrs.get("index", ()))]:
        if not isinstance(of, List | Tuple):
            return ANY
        of = bound(of.item if isinstance(of, List) else of.items[where.const])
    return of if op.kind == "store" or not isinstance(of, List) else of.item


def _tangent_type(item: Bound) -> Type:
    if isinstance(item, Seq):
        return Tuple(tuple(map(_tangent_type, item.items)), item.form)
    return derivative_type(item.type)

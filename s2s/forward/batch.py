"""Several directions in one sweep: each tangent, or adjoint, gets a leading axis.

In: what `tangent` made, of arguments and one direction; or a pullback of one cotangent.
Out: the same of an array of directions, or cotangents; it returns one of tangents, or
of gradients. Primal values stay as they are.

    y_dot = x_dot * a               ->     y_dot = x_dot * a
    z_dot = np.sum(y_dot)                  z_dot = np.sum(y_dot, axis=1)

A table says how the operations do it that these go through. For any other one, and for
a condition that depends on a direction, there is `NotBatched`: then the sweep is
repeated for each direction.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.activity import holds_kept
from s2s.errors import NotBatched
from s2s.forward.reach import (
    SHAPES,
    Entry,
    Table,
    known_sites,
    outside,
    reached,
    seeds_of,
)
from s2s.forward.stacks import drain_beside
from s2s.forward.ways import WAYS, Ways
from s2s.rules import Rules
from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.callee import Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.storage import numbers
from s2s.ssa.types import (
    UNDEF,
    Kept,
    List,
    Tuple,
    bound,
    is_real_valued,
    rank_of,
)

FEW = 3  # directions from which on one sweep for all is the faster way


def batch(function: Function, rules: Rules) -> Function:
    """Give each tangent an axis of directions."""
    ways = Batch(rules, function.body, function.attrs["seeds"], {}, None)
    ways.run(function.body)
    result = refill(function.attrs["result"], iter(function.body.results))
    assert isinstance(result, Seq)
    value, dots = result.items
    with ways.q.inside(function.body):
        dots = ways.finished(dots)
    function.attrs["result"] = result.of([value, dots])
    function.body.results = flat(function.attrs["result"])
    return function


def batch_pullback(function: Function, rules: Rules) -> Function:
    """Give each adjoint an axis of cotangents, all in the pullback of a function."""
    pullback = function.body.ops[-1]
    (sweep,) = pullback.regions
    ways = Batch(rules, sweep, sweep.params, {}, None)
    ways.run(sweep)
    result = refill(pullback.attrs["result"], iter(sweep.results))
    with ways.q.inside(sweep):
        pullback.attrs["result"] = ways.finished(result)
    sweep.results = flat(pullback.attrs["result"])
    of_reverse(sweep)
    return function


def refuse_few(function: Function) -> None:
    """Of one or two numbers there are too few cotangents to make arrays of them."""
    parts = [v for v in flat(function.attrs["result"]) if is_real_valued(v.type)]
    if len(parts) < FEW and all(rank_of(v.type) == 0 for v in parts):
        raise NotBatched("a sweep for each number is faster", function.origin)


def of_reverse(region: Region) -> None:
    """Say of each operation that it belongs to a reverse sweep."""
    for op in region.walk():
        op.attrs["sweep"] = "reverse"


class Batch(Ways):
    """Gives an axis of directions to what depends on one."""

    def __init__(
        self,
        rules: Rules,
        body: Region,
        seeds: Sequence[Value],
        table: Table,
        entry: Entry | None,
    ) -> None:
        sites = known_sites(entry, table) if entry else {}
        found = reached(body, seeds, table, sites)  # while all have the types they had
        super().__init__(rules, body, seeds)
        self.many, self.parts, self.table = found.many, found.parts, table
        self.found = found

    # rewriting ------------------------------------------------------------

    def region(self, ops: Sequence[Op], into: Region, first: Sequence[Op] = ()) -> None:
        into.ops = list(first)
        with self.q.inside(into):
            for op in ops:
                self.q.origin, self.q.sweep = op.origin, op.attrs.get("sweep")
                if is_loop(op):
                    self.loop(op)
                    into.ops.append(op)
                elif op.regions:
                    self.branch(op)
                    into.ops.append(op)
                elif op.kind == "stack":
                    self.stack(op.result)
                    into.ops.append(op)
                elif self.many.isdisjoint(op.args):
                    into.ops.append(op)
                else:
                    self.operation(op)

    def branch(self, op: Op) -> None:
        inner = (o for region in op.regions for o in region.walk())
        if self.many.isdisjoint(op.results):
            if all(self.many.isdisjoint(o.args) for o in inner):
                return
        if op.kind != "if" or op.attrs.get("form") == "try":
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        self.refuse_condition(op, op.args[0])
        for region in op.regions:
            self.region(list(region.ops), region)
            with self.q.inside(region):
                region.results = [
                    self.as_carried(inner, r) if r in self.many else inner
                    for r, inner in zip(op.results, region.results, strict=True)
                ]
        op.results = [self.carried(r, op) for r in op.results]

    def loop(self, op: Op) -> None:
        a, p, y = loop_parts(op)
        body = op.regions[-1]
        params = body.params[p:]
        carried = [s.param in self.many or s.result in self.many for s in slots(op)]
        for k, many in enumerate(carried):
            if not many:
                continue
            op.args[a + k] = self.as_carried(op.args[a + k], body.params[p + k])
            body.params[p + k] = self.carried(body.params[p + k])
            if op.kind == "while":
                op.regions[0].params[k] = self.carried(op.regions[0].params[k])
        for region in op.regions:
            self.region(list(region.ops), region)
        drain_beside(op)
        for value in [*body.results[:y], *(r for r in op.regions[0].results
                                           if op.kind == "while")]:  # fmt: skip
            self.refuse_condition(op, value)
        with self.q.inside(body):
            for k, many in enumerate(carried):
                if many:
                    end = body.results[y + k]
                    body.results[y + k] = self.as_carried(end, params[k])
        op.results = [self.carried(r, op) for r in op.results]

    def as_carried(self, value: Value, like: Value) -> Value:
        """What is handed to a loop, or by a branch, of the rank that it is to have."""
        if value.type == UNDEF:  # a branch that is not there
            return value
        if holds_kept(like.type):  # it has the axis in it, or is not there
            return self.new.get(value, value)
        if not isinstance(bound(value.type), List) and self.rank(value) != self.rank(
            like
        ):
            raise NotBatched("a value of different ranks", self.q.origin)
        return self.spread(value, like.type)

    def carried(self, value: Value, op: Op | None = None) -> Value:
        """What loops and branches carry in the place of a value."""
        if value not in self.many:
            return value
        of = self.type_with_axis(value.type)
        self.new[value] = Value(of, value.hint, value.role, op=op)
        return self.new[value]

    def refuse_condition(self, op: Op, value: Value) -> None:
        if value in self.many:
            raise NotBatched("a condition depends on the direction", op.origin)

    def operation(self, op: Op) -> None:
        """One operation that reads what has an axis of directions."""
        if op.kind == "call":
            self.call(op)
            return
        if op.kind == "push":
            self.q.append(Op("push", [op.args[0], self.spread(op.args[1])], op.names))
            return
        if op.kind == "pick" and op.result not in self.many:  # of what a call returns
            op.args[0] = self.new.get(op.args[0], op.args[0])
            self.q.append(op)
            return
        if op.kind in SHAPES:
            self.shape(op)
            return
        rule = self.rules.by_kind.get(op.kind)
        way = WAYS.get(op.kind)
        if way is not None:
            new = way(self, op)
        elif rule is not None and rule.elementwise:
            new = self.elementwise(op)
        else:
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        self.check(op.result, new)
        if new.role == "temp" and new not in self.new.values():
            new.hint, new.role = op.result.hint, op.result.role
        self.new[op.result] = new

    def stack(self, stack: Value) -> None:
        """A stack of what has an axis of directions is one of another type."""
        if stack in self.many:
            self.old[stack], self.new[stack] = stack.type, stack
            stack.type = self.type_with_axis(stack.type)

    def check(self, value: Value, new: Value) -> None:
        """What has been written has an axis more, whatever it was made from."""
        rank, found = rank_of(value.type), rank_of(new.type)
        if rank is not None and found is None:
            new.type = self.type_with_axis(value.type)
        elif rank is not None and found != rank + 1:
            raise NotBatched("what loses its axis of directions", self.q.origin)

    def call(self, op: Op) -> None:
        """Call the function of several directions."""
        entry = self.found.entry(op)
        results = self.table[entry].results
        if not results:
            raise NotBatched("a call that loses directions", op.origin)
        whole, outs = op.result, outside(op, results)
        callee = self.function_of(entry)
        of = whole.type
        if isinstance(of, Tuple):
            items = enumerate(of.items)
            of = Tuple(
                tuple(self.type_with_axis(t) if k in outs else t for k, t in items)
            )
        else:
            of = self.type_with_axis(of)
        pairs = zip(op.args, op.attrs["callee"].body.body.params, strict=True)
        args = [self.spread(a, p.type) if a in self.many else a for a, p in pairs]
        self.new[whole] = self.q.emit(
            "call", args, op.names, type=of, callee=callee, equal=op.attrs["equal"],
            site=op.attrs.get("site"),
        )  # fmt: skip
        self.new[whole].hint, self.new[whole].role = whole.hint, whole.role

    def function_of(self, entry: Entry) -> Callee:
        """The same function, of arguments that have directions in these places."""
        callee, key = entry.callee, ("several", entry)
        if key in callee.variants:
            made: Callee = callee.variants[key]
            return made
        name, plural = callee.name, callee.name.endswith(("_jvp", "_reverse"))
        made = Callee(
            f"{name}s" if plural else f"{name}_jvps", effects=callee.effects,
            recursive=callee.recursive, shares=callee.shares,
        )  # fmt: skip
        callee.variants[key] = made
        function = clone_function(callee.body)
        body = function.body
        seeds = seeds_of(entry, self.table, body)
        alone = [v for v in function.attrs["numbers"] if v not in seeds]
        function.attrs["numbers"] = alone
        inner = Batch(self.rules, body, seeds, self.table, entry)
        retype_kept(body)
        inner.run(body)
        body.results = [inner.new.get(r, r) for r in body.results]
        function.attrs["result"] = refill(function.attrs["result"], iter(body.results))
        if any(op.attrs.get("sweep") == "reverse" for op in callee.body.body.ops):
            of_reverse(body)
        made.function = remove_dead(function)
        made.function.name = made.name
        numbers(made.function, made)
        return made

    def run(self, body: Region) -> None:
        """Rewrite a whole body, which first asks for the number of directions."""
        ops = list(body.ops)
        part = self.measured()
        at = 0 if part.op is None else ops.index(part.op) + 1
        self.q.sweep = ops[0].attrs.get("sweep") if ops else None
        with self.q.inside(Region()) as region:
            while isinstance(bound(part.type), Tuple):
                items = self.q.items(part)
                part = next(i for i in items if is_real_valued(i.type))
            if isinstance(bound(part.type), List):
                raise NotBatched("a list says nothing of the number of directions")
            self.count = self.q("len(d)", d=part)
        self.region(ops[at:], body, [*ops[:at], *region.ops])

    def measured(self) -> Value:
        """What says how many directions there are: no list, nor what a call keeps."""
        for seed in sorted(self.seeds, key=lambda s: s.op is not None):
            if not isinstance(bound(seed.type), List | Kept):
                return seed
        raise NotBatched("nothing says how many directions there are")

    def finished(self, item: Bound) -> Bound:
        """What is returned of the tangents: of each direction."""
        if isinstance(item, Seq):
            return item.of(map(self.finished, item.items))
        return item if item.is_const and item.const is None else self.spread(item)


def retype_kept(body: Region) -> None:
    """Let what was kept have the types of what is taken out of it."""
    for opened in body.ops:
        if opened.kind == "alias" and opened.args[0] in body.params:
            whole = bound(opened.result.type)
            assert isinstance(whole, Tuple)
            items = list(whole.items)
            for op in body.ops:
                if op.kind == "pick" and op.args[0] is opened.result:
                    items[op.args[1].const] = op.result.type
            opened.args[0].type = opened.result.type = whole.of(items)

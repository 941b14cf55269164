"""Several directions in one forward sweep: each tangent gets a leading axis.

In: what `tangent` made, of arguments and one direction. Out: the same of an array of
directions; it returns one of tangents. Primal values stay as they are.

    y_dot = x_dot * a               ->     y_dot = x_dot * a
    z_dot = np.sum(y_dot)                  z_dot = np.sum(y_dot, axis=1)

A table says how the operations do it that tangents go through. For any other one, and
for a condition that depends on a direction, there is `NotBatched`: then the sweep is
repeated for each direction.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.activity import holds_kept
from s2s.errors import NotBatched
from s2s.forward.reach import (
    Entry,
    Table,
    known_sites,
    outside,
    reached,
    seeds_of,
)
from s2s.forward.stacks import drain_beside
from s2s.forward.ways import ELEMENTWISE, WAYS, Ways
from s2s.rules import Rules
from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.callee import Callee
from s2s.ssa.clone import clone_function
from s2s.ssa.dce import remove_dead
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.storage import numbers
from s2s.ssa.types import Kept, List, Tuple, bound, is_real_valued


def batch(function: Function, rules: Rules) -> Function:
    """Give each tangent an axis of directions."""
    ways = Batch(rules, function.body, function.attrs["seeds"], {}, None)
    ways.run(function.body)
    result = function.attrs["result"]
    value, dots = result.items
    with ways.q.inside(function.body):
        dots = ways.finished(dots)
    function.attrs["result"] = result.of([value, dots])
    function.body.results = flat(function.attrs["result"])
    return function


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
        if op.kind != "if" or op.attrs.get("form") == "try":
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        self.refuse_condition(op, op.args[0])
        for region in op.regions:
            self.region(list(region.ops), region)
            with self.q.inside(region):
                region.results = [
                    self.spread(inner)
                    if r in self.many and not holds_kept(r.type)
                    else self.new.get(inner, inner)
                    for r, inner in zip(op.results, region.results, strict=True)
                ]
        op.results = [self.carried(r, op) for r in op.results]

    def loop(self, op: Op) -> None:
        a, p, y = loop_parts(op)
        body = op.regions[-1]
        carried = [s.param in self.many or s.result in self.many for s in slots(op)]
        for k, many in enumerate(carried):
            if not many:
                continue
            op.args[a + k] = self.spread(op.args[a + k])
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
                    body.results[y + k] = self.spread(body.results[y + k])
        op.results = [self.carried(r, op) for r in op.results]

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
        rule = self.rules.by_kind.get(op.kind)
        way = WAYS.get(op.kind)
        if way is not None:
            new = way(self, op)
        elif rule is not None and getattr(rule.infer, "__name__", "") in ELEMENTWISE:
            new = self.elementwise(op)
        else:
            raise NotBatched(f"`{op.kind}` of several directions", op.origin)
        if new.role == "temp" and new not in self.new.values():
            new.hint, new.role = op.result.hint, op.result.role
        self.new[op.result] = new

    def stack(self, stack: Value) -> None:
        """A stack of what has an axis of directions is one of another type."""
        if stack in self.many:
            self.old[stack], self.new[stack] = stack.type, stack
            stack.type = self.type_with_axis(stack.type)

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
        args = [self.new.get(a, a) for a in op.args]
        self.new[whole] = self.q.emit(
            "call", args, op.names, type=of, callee=callee, equal=op.attrs["equal"]
        )
        self.new[whole].hint, self.new[whole].role = whole.hint, whole.role

    def function_of(self, entry: Entry) -> Callee:
        """The same function, of arguments that have directions in these places."""
        callee, key = entry.callee, ("jvps", entry)
        if key in callee.variants:
            made: Callee = callee.variants[key]
            return made
        name = callee.name
        made = Callee(f"{name}s" if name.endswith("_jvp") else f"{name}_jvps")
        made.shares = callee.shares
        callee.variants[key] = made
        function = clone_function(callee.body)
        body = function.body
        seeds = seeds_of(entry, self.table, body)
        inner = Batch(self.rules, body, seeds, self.table, entry)
        retype_kept(body)
        inner.run(body)
        body.results = [inner.new.get(r, r) for r in body.results]
        function.attrs["result"] = refill(function.attrs["result"], iter(body.results))
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

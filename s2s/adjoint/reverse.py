"""Reverse mode: SSA to SSA. The adjoint of a function, not yet planned.

In: a function and its active values. Out: the same function with the reverse sweep
appended, whose operations still refer to primal values wherever those are defined, also
inside loops and branches; `plan` decides how each of them is kept or recomputed.

    y = x * x                     y = x * x
    return y           ->         x_bar = 2.0 * (y_bar * x)
                                  return x_bar

Regions are reversed: a branch becomes a branch on the same condition, a loop becomes a
loop that runs backwards. A slot becomes an adjoint slot; a value from outside that a
loop body uses gets a slot that accumulates its adjoint.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import compress

from s2s.adjoint.contributions import is_loose
from s2s.adjoint.lists import note_replaced
from s2s.adjoint.operations import Operations
from s2s.shaping import carried_type, is_full
from s2s.ssa.ir import Op, Region, Value, is_loop, slots
from s2s.ssa.quote import Quote
from s2s.ssa.ranges import forwards
from s2s.ssa.roots import UPDATES
from s2s.ssa.types import (
    ANY,
    INT,
    UNDEF,
    Array,
    List,
    Maybe,
    Scalar,
    Type,
    adjoint_type,
    bound,
    join,
    rank_of,
)


class Reverse(Operations):
    """Reverses regions: blocks, branches and loops."""

    # blocks ---------------------------------------------------------------

    def region(self, block: list[Op]) -> None:
        ops = list(block)
        seen: dict[tuple, Value] = {}
        made = {op.results[0] for op in ops if len(op.results) == 1}
        for op in ops:
            if op.kind == "pick" and op.args[0] in made:  # it has a name here
                self.q.picked.setdefault((op.args[0], op.args[1].const), op.result)
            if op.kind == "getitem" and op.result in self.active:
                key = (op.attrs["index"], *(_identity(a) for a in op.args))
                first = seen.setdefault(key, op.result)
                if first is not op.result:
                    self.equal[op.result] = first
        outer, self.here = self.here, {r for op in ops for r in op.results}
        for op in reversed(ops):
            if op.kind in UPDATES:
                self.restores.undo(op, block)
                note_replaced(self, op, block)
            self.op(op)
        self.here = outer

    def op(self, op: Op) -> None:
        outer, self.q.origin = self.q.origin, op.origin
        if op.kind == "if":
            self.branch(op)
        elif is_loop(op):
            self.loop(op)
        elif _is_leaf(op):
            pass  # a leaf of an argument: its adjoint is part of the gradient
        elif any(r in self.active for r in op.results):
            self.simple(op)
        self.q.origin = outer

    # branches -------------------------------------------------------------

    def branch(self, op: Op) -> None:
        """An `if` is reversed into an `if` on the same condition."""
        form, cond = op.attrs.get("form"), op.attrs.get("ok")
        result_bars = [self.take_whole(r) for r in op.results]
        before, outside, now = self.bars, self.parts, self.restores.now
        regions, after, inside, restored = [], [], [], []
        for primal in op.regions:
            self.bars = dict(before)
            self.restores.enter_branch(op, primal, now)
            self.parts = {v: dict(parts) for v, parts in outside.items()}
            with self.q.inside(Region()) as region:
                for result, inner, bar in zip(
                    op.results, primal.results, result_bars, strict=True
                ):
                    whole = (bar, result) in self.spread
                    fits = whole and rank_of(inner.type) == rank_of(result.type)
                    self.contribute(inner, bar, whole, fits)
                self.region(primal.ops)
            self.pairs[region] = primal
            regions.append(region)
            after.append(self.bars)
            inside.append(self.parts)
            restored.append(self.restores.now)
        self.bars, self.parts = before, outside
        changed = [
            v
            for v in dict.fromkeys([*after[0], *after[1]])
            if any(a.get(v) is not before.get(v) for a in after)
        ]
        form = form if form == "with" else None
        out = Op("if", [cond or op.args[0]], ("cond",), {"form": form}, regions)
        for value in changed:
            self.bars[value] = self.joined(out, value, [b.get(value) for b in after])
        for value in dict.fromkeys([*inside[0], *inside[1]]):
            parts = self.parts.setdefault(value, {})
            both = [there.get(value, {}) for there in inside]
            for k in dict.fromkeys([*both[0], *both[1]]):
                if any(b.get(k) is not parts.get(k) for b in both):
                    item = self.q.item(value, k)
                    parts[k] = self.joined(out, item, [b.get(k) for b in both])
        self.restores.leave_branches(op, out, restored, now)
        if out.results:
            self.q.append(out)

    def joined(self, out: Op, value: Value, bars: list[Value | None]) -> Value:
        """The adjoint of a value after both branches; None where there is none."""
        form, regions = out.attrs["form"], out.regions
        ends: list[Value] = []
        for region, bar in zip(regions, bars, strict=True):
            with self.q.inside(region):
                if form == "with" and ends:  # it has no other branch
                    bar = Value(UNDEF, const=None)
                ends.append(self.zeros(value) if bar is None else bar)
        if form is None and not _alike(ends[0], ends[1]):
            for k, region in enumerate(regions):
                with self.q.inside(region):
                    ends[k] = self.full(ends[k], value)
        for region, end in zip(regions, ends, strict=True):
            region.results.append(end)
        type = join(ends[0].type, ends[1].type)
        if isinstance(value.type, Maybe):
            type = adjoint_type(carried_type(value))
        role = "bar" if value.role in ("user", "global") else "temp"
        result = Value(type, f"{value.hint}_bar", role, op=out)
        if all((e, value) in self.spread for e in ends if e.type != UNDEF):
            self.spread.add((result, value))
        out.results.append(result)
        return result

    # loops ----------------------------------------------------------------

    def loop(self, op: Op) -> None:
        """A loop is reversed into a loop that visits the iterations backwards."""
        own = [
            s for s in slots(op) if s.param in self.active or s.result in self.active
        ]
        used = [v for v in _free_values(op.regions[-1]) if v in self.active]
        here, self.here = self.here, set()  # all that is used is outside of the body
        free = list(dict.fromkeys(map(self.adjoint_of, used)))
        self.here = here
        if not own and not free:
            return
        inits: list[Value] = []
        for slot in own:
            bar = self.take_whole(slot.result)
            bar = self.zeros(slot.result) if bar is None else bar
            inits.append(bar if is_loose(slot.param) else self.full(bar, slot.result))
        for value in free:
            bar = self.bars.pop(value, None)
            bar = self.zeros(value) if bar is None else bar
            inits.append(self.full(bar, value))
        before, self.bars = self.bars, {}
        outside, self.parts = self.parts, {}
        primals = [s.param for s in own] + free
        body = Region()
        self.pairs[body] = op.regions[-1]
        out = Op("for", [], (), {}, [body])
        self.loops[out] = op
        bounds = self.backwards(op, body)
        # what is not indexed may count upwards, if it starts at zero
        counted = op.kind == "while" or bool(op.attrs.get("stop"))
        plain = counted or [v.const for v in op.args[:3:2]] == [0, 1]
        out.attrs["reversed"] = plain
        types = [adjoint_type(carried_type(v)) for v in primals]
        named = zip(types, primals, strict=True)
        params = [Value(t, f"{v.hint}_bar", "bar") for t, v in named]
        for slot, param in zip(own, params, strict=False):
            param.type = as_long(param.type, slot.yielded)
        body.params += params
        bound_ones = [not (isinstance(v.type, Maybe) or is_loose(v)) for v in primals]
        self.spread |= set(compress(zip(params, primals, strict=True), bound_ones))
        self.carried += params
        with self.restores.loop(op, out), self.q.inside(body):
            for value, param in zip(free, params[len(own) :], strict=True):
                self.bars[value] = param
            for slot, param in zip(own, params, strict=False):
                self.contribute(slot.yielded, param, (param, slot.param) in self.spread)
            self.region(op.regions[-1].ops)
            for value in primals:
                bar = self.take_whole(value)
                bar = self.zeros(value) if bar is None else bar
                body.results.append(bar if is_loose(value) else self.full(bar, value))
            del self.carried[len(self.carried) - len(params) :]
            out.args = [*bounds, *inits]
            out.names = ("start", "stop", "step") + ("init",) * len(inits)
            out.results = [Value(p.type, p.hint, "bar", op=out) for p in params]
            for slot, result in zip(own, out.results, strict=False):
                result.type = as_long(result.type, slot.init)
        self.q.append(out)
        self.bars, self.parts = before, outside
        pairs = zip(out.results, primals, strict=False)
        self.spread |= set(compress(pairs, bound_ones))
        for value, result in zip(free, out.results[len(own) :], strict=False):
            self.bars[value] = result
        for slot, result in zip(own, out.results, strict=False):
            self.contribute(slot.init, result, (result, slot.param) in self.spread)

    def backwards(self, op: Op, body: Region) -> list[Value]:
        """The bounds of the reversed loop; binds the reversed index in its body."""
        q = self.q
        one, minus = q.const(1), q.const(-1)
        if op.kind == "for" and not op.attrs.get("stop"):
            start, stop, step = op.args[:3]
            index = Value(
                INT, op.regions[0].params[0].hint, op.regions[0].params[0].role
            )
            body.params.append(index)
            self.indices[op.regions[0].params[0]] = index
            if step.is_const and step.const == 1:
                first = q("stop - 1", stop=stop)
                return [first, q("start - 1", start=start), minus]
            if step.is_const and step.const == -1:
                return [q("stop + 1", stop=stop), q("start + 1", start=start), one]
            if (ends := forwards(op.args[:3])) is not None:
                return ends
            count = q.emit("range_len", [start, stop, step], ("start", "stop", "step"))
            first = q("start + (count - 1) * step", start=start, count=count, step=step)
            back = q("start - step", start=start, step=step)
            return [first, back, q("-step", step=step)]
        trips = _count_trips(op, q)
        index = Value(INT, "t", "index")
        body.params.append(index)
        if op.kind == "for":
            start, _, step = op.args[:3]
            primal = op.regions[0].params[0]
            self.indices[primal] = index
            if (start.is_const and start.const == 0) and step.is_const:
                if step.const == 1:
                    index.hint = primal.hint
                    return [q("n - 1", n=trips), minus, minus]
            self.counted[primal] = (start, step)
        return [q("n - 1", n=trips), minus, minus]


def _count_trips(op: Op, q: Quote) -> Value:
    """Give the primal loop a slot that counts its iterations; its result."""
    body = op.regions[-1]
    init = q.const(0)
    param, result = Value(INT, "trips", "index"), Value(INT, "trips", "index", op=op)
    with q.inside(Region()) as counting:
        after = q.emit("add", [param, q.const(1)], hint="trips", role="index")
    counting.ops[0].attrs["aug"] = True
    body.ops[:0] = counting.ops
    op.args.append(init)
    op.names += ("init",)
    body.params.append(param)
    body.results.append(after)
    op.results.append(result)
    if op.kind == "while":
        op.regions[0].params.append(Value(INT, "trips", "index"))
    return result


def _free_values(region: Region) -> list[Value]:
    """Values from outside that the region uses, in order of first use."""
    inside: set[Value] = set(region.params)
    used: dict[Value, None] = {}

    def visit(r: Region) -> None:
        inside.update(r.params)
        for op in r.ops:
            used.update(dict.fromkeys(op.args))
            for inner in op.regions:
                visit(inner)
            inside.update(op.results)
        used.update(dict.fromkeys(r.results))

    visit(region)
    return [v for v in used if v not in inside and not v.is_const]


def _identity(value: Value) -> object:
    """What tells whether two operands are the same."""
    return (type(value.const), value.const) if value.is_const else value


def _is_leaf(op: Op) -> bool:
    """Whether an operation takes an item out of an argument that is a tuple."""
    while op.kind == "pick":
        source = op.args[0].op
        if source is None:
            return True
        op = source
    return False


def as_long(t: Type, value: Value) -> Type:
    """The type of an adjoint that a loop carries, where it has the shape of a value."""
    of = bound(value.type)
    if isinstance(t, Array) and isinstance(of, Array) and t.rank == of.rank:
        if not (t.loose or of.loose):
            return replace(t, shape=of.shape)
    return t


def _alike(a: Value, b: Value) -> bool:
    """Whether two adjoints of one value can meet without being spread first."""
    ta, tb = bound(a.type), bound(b.type)
    scalars = [
        isinstance(t, Scalar) or (isinstance(t, Array) and not t.rank) for t in (ta, tb)
    ]
    if all(scalars) or ANY in (ta, tb) or isinstance(ta, List):
        return True
    return is_full(ta, tb) and is_full(tb, ta)

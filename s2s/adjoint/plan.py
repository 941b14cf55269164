"""How each primal value that the reverse sweep reads gets there.

In: a function whose reverse sweep refers to primal values inside loops and branches
(`Reverse`). Out: the same function, well formed:

- direct: a value at top level is simply still there;
- export: a value inside a top-level branch becomes a result of the `if`;
- push: a value inside a loop is pushed where it is defined and popped at the top of
  the reversed body;
- recompute: cheap operations are repeated on what is there;
- read again: a part of an array that nothing stores to any more stands there to the
  end (`overlap`), and so does what was stored there itself;
- put back: an older version of an array is made again by undoing the stores, where
  that is cheaper than to push what was read of it (`restore`, `offers`);
- carry: what a loop yields is what its next iteration starts from, so when both are
  needed only one is pushed, and the reversed loop passes it on.

Which values are pushed is a minimum cut (`cut`). With `policy="push"` every need is
pushed, with `policy="restore"` every store is undone: the oracles that the cleverer
plan is tested against.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from s2s.adjoint.cut import minimum_cut
from s2s.adjoint.latest import alike
from s2s.adjoint.lists import growing_lists
from s2s.adjoint.offers import ROUNDS, WHOLE, Offers, Site
from s2s.adjoint.reverse import Reverse
from s2s.errors import Origin
from s2s.rules import Rules
from s2s.ssa.clone import clone
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import SHAPES
from s2s.ssa.types import ANY, UNDEF, Array, List, Maybe, Scalar, bound

VIEWS = frozenset({"getitem", "T", "shape", "size", "ndim", "len", "pick", "dtype"})
# a function of Python numbers takes about as long as to push one and pop it
MATH = "math."
EXPRESSIONS = ("and", "or", "compare", "ifexp")


@dataclass(eq=False)
class Frame:
    """The body of one reversed loop (or the whole sweep) with its primal body."""

    primal: Region
    reverse: Region
    loop: Op | None = None
    needs: list[Value] = field(default_factory=list)
    pushed: set[Value] = field(default_factory=set)
    inner: list[Frame] = field(default_factory=list)


class Plan:
    """Decides and carries out how primal values reach the reverse sweep."""

    def __init__(
        self, function: Function, rev: Reverse, sweep: Region, policy: str
    ) -> None:
        self.function = function
        self.rules: Rules = rev.rules
        self.rev = rev
        self.policy = policy
        self.home: dict[Value, Region] = {}  # where a primal value is defined
        self.up: dict[Region, tuple[Region, Op] | None] = {}  # enclosing region, op
        self.frames: dict[Region, Frame] = {}  # by primal loop body
        self.sweep = sweep
        self.origin: Origin | None = None  # of what is being rewritten
        self.previous: set[Value] = set()  # carried: popped one iteration ahead
        self.index = rev.indices
        self.growing = growing_lists(function.body)
        self.offers = Offers(rev.restores)
        self.overlap: Overlap | None = None
        self.settled: dict[Op, bool] = {}  # accesses, whether they stay as they were
        self.clock = 0
        self.at: dict[Frame, Site] = {}  # where in each frame the collection is
        inner = [r for op in function.body.walk() for r in op.regions]
        self.moved = {v for r in inner for v in r.results}
        self.moved |= {a for op in function.body.walk() if is_loop(op) for a in op.args}
        self._map(function.body, None)
        rev.restores.forget_dead(self.home)
        self.top = Frame(function.body, sweep)
        self.frames[function.body] = self.top

    def run(self) -> None:
        own = set(self.sweep.walk())
        self.reversed_values = (
            {v for op in own for v in op.results}
            | {p for op in own for r in op.regions for p in r.params}
            | set(self.sweep.params)
        )
        self._collect(self.sweep, self.top, (), set())
        self._choose()
        self.exported: dict[Value, Value] = {}
        self._place(self.sweep, self.function.body, {}, self.top)

    # where things are -----------------------------------------------------

    def _map(self, region: Region, up: tuple[Region, Op] | None) -> None:
        self.up[region] = up
        for param in region.params:
            self.home[param] = region
        for op in region.ops:
            for inner in op.regions:
                self._map(inner, (region, op))
            for result in op.results:
                self.home[result] = region

    def frame_of(self, value: Value) -> Frame | None:
        """The innermost reversed loop whose primal body defines the value."""
        region: Region | None = self.home.get(value)
        while region is not None:
            if region in self.frames:
                return self.frames[region]
            up = self.up[region]
            region = up[0] if up else None
        return None

    def _collect(
        self,
        region: Region,
        frame: Frame,
        around: tuple[Region, ...],
        offered: Iterable[int],
    ) -> None:
        """Note the primal values read in a reversed region, frame by frame."""
        offers, rs = self.offers, self.rev.restores
        path = (*around, region)
        for op in region.ops:
            self.clock += 1
            here = self.at[frame] = Site(self.clock, path)
            slots_of = rs.offered(op)
            is_reversed = op in self.rev.loops
            for k, arg in enumerate(op.args):
                base = rs.offers.get(op) or slots_of.get(k - 3 if is_reversed else -1)
                self._need(arg, base)
            for inner in op.regions:
                if is_reversed:
                    primal = self.rev.pairs[inner]
                    deeper = Frame(primal, inner, op)
                    self.frames[primal] = deeper
                    frame.inner.append(deeper)
                    for k in slots_of:
                        offers.made[inner.params[1 + k]] = Site(
                            self.clock, (*path, inner)
                        )
                    self._collect(inner, deeper, path, slots_of)
                else:
                    self._collect(inner, frame, path, slots_of)
            self.clock += 1
            self.at[frame] = here
            made = [op.results[k] for k in slots_of]
            for value in op.results if op in rs.offers else made:
                offers.made[value] = Site(self.clock, path)
        self.clock += 1
        self.at[frame] = Site(self.clock, path)
        for k, result in enumerate(region.results):
            if k not in offered:
                self._need(result)

    def _need(self, value: Value, offer: Value | None = None) -> None:
        """Note that a value is read; by an offer to restore an array, if it is one."""
        if value in self.rev.counted:
            for part in self.rev.counted[value]:
                self._need(part, offer)
        if value.is_const or value in self.reversed_values or value in self.index:
            return
        frame = self.frame_of(value)
        if frame is None:
            return
        if offer is not None:
            self.offers.needs.append((offer, value, self.at[frame]))
            return
        frame.needs.append(value)
        self.offers.sites.setdefault(value, set()).add(self.at[frame])

    # choosing what to put back --------------------------------------------

    def _choose(self) -> None:
        """Take the offers that make the sweep cheaper, one array after the other."""
        offers = self.offers
        frames = self._frames(self.top)
        needs = {f: list(f.needs) for f in frames}
        sites = {v: set(s) for v, s in offers.sites.items()}

        def decide(taken: set[Value], trial: bool) -> int:
            offers.taken = taken
            for frame in frames:
                frame.needs = list(needs[frame])
            offers.sites = {v: set(s) for v, s in sites.items()}
            for base, value, site in offers.needs:
                owner = self.frame_of(value)
                if owner is not None and offers.family(base) in taken:
                    owner.needs.append(value)
                    offers.sites.setdefault(value, set()).add(site)
            self._decide(self.top, trial)
            return self._cost(frames)

        best: set[Value] = set()
        families = offers.candidates()
        if self.policy == "restore":
            best = set(families)
        elif self.policy == "plan" and families:
            least = decide(best, True)
            for family in families:
                cost = decide(best | {family}, True)
                if cost < least:
                    best, least = best | {family}, cost
        offers.taken = best
        offers.drop_others(self.sweep)
        decide(best, False)

    def _frames(self, frame: Frame) -> list[Frame]:
        return [frame, *(f for inner in frame.inner for f in self._frames(inner))]

    def _cost(self, frames: list[Frame]) -> int:
        """What the plan costs that was just made."""
        offers = self.offers
        total = offers.undoing(lambda op: self._depth(self._region_of(op)))
        for frame in frames:
            rounds = ROUNDS ** self._depth(frame.primal)
            total += rounds * sum(map(offers.cost, frame.pushed))
        for value in set(self.top.needs):
            if offers.stale(value) and offers.stand_in(value) is None:
                total += WHOLE
        return total

    def _region_of(self, op: Op) -> Region:
        return self.home[op.result]

    def _depth(self, region: Region) -> int:
        """How many loops are around a primal region."""
        depth = 0
        while (up := self.up.get(region)) is not None:
            depth += up[1].kind in ("for", "while")
            region = up[0]
        return depth

    # deciding -------------------------------------------------------------

    def _decide(self, frame: Frame, trial: bool) -> None:
        for inner in frame.inner:
            self._decide(inner, trial)
        if frame is self.top:
            return
        needs = list(dict.fromkeys(frame.needs))
        recipes = self._recipes(frame, needs)
        recipes = {
            v: [p for p in parts if p not in self.index] for v, parts in recipes.items()
        }
        if self.policy == "push":
            recipes = {}
        costs = {v: self.offers.cost(v) for v in recipes}
        costs |= {v: self.offers.cost(v) for v in needs}
        costs |= {v: self.offers.cost(v) for parts in recipes.values() for v in parts}
        frame.pushed = minimum_cut(needs, recipes, costs)
        if self.policy != "push" and not trial:
            self._carry(frame)
        # what is recomputed may read values of the enclosing loops
        done, work = set(frame.pushed), list(needs)
        while work:
            value = work.pop()
            if value in done or value in self.index:
                continue
            done.add(value)
            for part in self._recipe(value) or []:
                if self.frame_of(part) is frame:
                    work.append(part)
                elif (outer := self.frame_of(part)) is not None:
                    if not part.is_const and part not in self.index:
                        outer.needs.append(part)

    def _recipes(self, frame: Frame, needs: list[Value]) -> dict[Value, list[Value]]:
        """What the needs, and their parts in turn, can be recomputed from here.

        Where a value is recomputed its parts are read: that may be too early for what
        is put back only later, so it is found out until nothing changes.
        """
        sites = self.offers.sites
        while True:
            recipes: dict[Value, list[Value]] = {}
            work, news = list(needs), False
            while work:
                value = work.pop()
                if value in recipes:
                    continue
                recipe = self._recipe(value)
                if recipe is None:
                    continue
                for part in recipe:
                    known = sites.setdefault(part, set())
                    news = news or not known >= sites.get(value, set())
                    known |= sites.get(value, set())
                recipes[value] = [v for v in recipe if self.frame_of(v) is frame]
                work += recipes[value]
            if not news:
                return recipes

    def _recipe(self, value: Value) -> list[Value] | None:
        """What the value can cheaply be recomputed from; None if it cannot."""
        op = value.op
        if self.offers.stand_in(value) is not None:
            return []
        if (read := self._reread(value)) is not None:
            return [a for a in read.args if not a.is_const]
        if op is None or isinstance(value.type, Maybe):
            return None
        if op.kind == "bound":  # still there if nothing takes the name over
            (source,) = op.args
            there = self.frame_of(source) is self.top and source not in self.moved
            return [source] if there else None
        if op.kind == "if":
            if op.attrs.get("form") not in EXPRESSIONS or _is_array(value):
                return None
            inside: list[Value] = list(op.args)
            for region in op.regions:
                own = {r for o in region.walk() for r in o.results}
                for inner in region.walk():
                    if inner.regions or not self._cheap(inner):
                        return None
                    inside += [a for a in inner.args if a not in own]
                inside += [r for r in region.results if r not in own]
            return [v for v in inside if not v.is_const]
        if not self._cheap(op) and not self._invariant(value):
            return None
        other = self._instead(op)
        for arg in op.args:  # it may hold something else by now
            if self.offers.stale(arg) and arg not in other:
                if self.offers.stand_in(arg, value) is None:
                    return None
        return [other.get(a, a) for a in op.args if not a.is_const]

    def _instead(self, op: Op) -> dict[Value, Value]:
        """Operands for which the last version of an array does: of shapes."""
        base = op.args[0] if op.args else None
        if base is None or not self.offers.stale(base):
            return {}
        last = self.offers.last(base)
        if self.home.get(last) is not self.function.body or not alike(base, last):
            return {}
        if op.kind in SHAPES or (op.kind == "getitem" and self._untouched(op)):
            return {base: last}
        return {}

    def _reread(self, value: Value) -> Op | None:
        """How to read what was stored into an array where it still stands."""
        store = self.rev.restores.stored.get(value)
        if store is None or store.attrs["path"] or not self._untouched(store):
            return None
        last = self.offers.last(store.result)
        if self.home.get(last) is not self.function.body:
            return None
        where = store.args[1:-1]
        names = ("x", *("index",) * len(where))
        op = Op("getitem", [last, *where], names, {"index": store.attrs["index"]})
        op.results = [Value(value.type, value.hint, value.role, op=op)]
        return op

    def _untouched(self, access: Op) -> bool:
        """Whether a part of an array stays as it was read: nothing is stored there.

        Not of an array that is put back: its last version is gone soon.
        """
        if self.policy != "plan" or access.args[0] not in self.home:
            return False
        family = self.offers.family(access.args[0])
        if family in self.offers.taken:
            return False
        if access not in self.settled:
            if self.overlap is None:
                self.overlap = Overlap(self.function.body)
            known = access in self.overlap.chain
            self.settled[access] = known and all(
                op.kind in UPDATES and self.overlap.untouched(access, op)
                for op in self.offers.changes.get(family, ())
            )
        return self.settled[access]

    def _invariant(self, value: Value) -> bool:
        """Whether a number in a loop is made of nothing that the loop changes."""
        op = value.op
        if op is None or _is_array(value) or op.regions or op.kind not in self.rules:
            return False
        here = self.frame_of(value)
        return all(
            a.is_const or self.frame_of(a) is not here or self._invariant(a)
            for a in op.args
        )

    def _cheap(self, op: Op) -> bool:
        if op.kind not in self.rules or len(op.results) != 1:
            return False
        result = bound(op.result.type)
        if op.kind in VIEWS:
            if op.kind != "getitem":
                return True
            if op.args[0] in self.growing:
                return False
            operands = [bound(a.type) for a in op.args[1:]]
            return all(isinstance(t, Scalar) for t in operands)
        number = isinstance(result, Scalar) or (
            isinstance(result, Array) and not result.rank
        )
        if op.kind.startswith(MATH) and op.result.role == "temp":
            return True
        return self.rules[op.kind].cheap and (number or result == ANY)

    def _carry(self, frame: Frame) -> None:
        """Of a slot's parameter and its yield, push the parameter only."""
        loop = frame.loop
        assert loop is not None
        for slot in slots(self.rev.loops[loop]):
            both = slot.param in frame.pushed and slot.yielded in frame.pushed
            if not both or self.home[slot.yielded] is not frame.primal:
                continue
            if slot.param is slot.yielded or isinstance(slot.result.type, Maybe):
                continue
            frame.pushed.discard(slot.yielded)
            self.previous.add(slot.param)
            param = Value(slot.yielded.type, slot.yielded.hint, "user")
            result = Value(slot.yielded.type, slot.yielded.hint, "user", op=loop)
            loop.args.append(slot.result)
            loop.names += ("init",)
            loop.results.append(result)
            frame.reverse.params.append(param)
            frame.reverse.results.append(slot.param)
            self.index[slot.yielded] = param
            self.reversed_values |= {param, result}
            self._need(slot.result)

    # carrying it out ------------------------------------------------------

    def _place(
        self, region: Region, primal: Region, here: dict[Value, Value], frame: Frame
    ) -> None:
        """Rewrite one reversed region so that all it reads is there."""
        here = dict(here)
        if region is not self.sweep or frame is not self.top:
            self._pop(region, primal, here, frame)
        ops, region.ops = region.ops, [o for o in region.ops if o.kind == "pop"]
        position = len(region.ops)
        ops = ops[position:]
        for op in ops:
            self.origin = op.origin
            for k, arg in enumerate(op.args):
                op.args[k] = self._there(arg, region, here, frame)
            for inner in op.regions:
                if op in self.rev.loops:
                    deeper = self.frames[self.rev.pairs[inner]]
                    self._enclosing(deeper, region, here, frame)
                    self._place(inner, self.rev.pairs[inner], here, deeper)
                elif inner in self.rev.pairs:
                    self._place(inner, self.rev.pairs[inner], here, frame)
                else:
                    self._rewrite(inner, region, here, frame)
            region.ops.append(op)
        region.results = [self._there(r, region, here, frame) for r in region.results]

    def _rewrite(
        self, inner: Region, region: Region, here: dict[Value, Value], frame: Frame
    ) -> None:
        """A branch or expression that the adjoint itself made: no primal region."""
        for op in inner.ops:
            op.args = [self._there(a, region, here, frame) for a in op.args]
            for deeper in op.regions:
                self._rewrite(deeper, region, here, frame)
        inner.results = [self._there(r, region, here, frame) for r in inner.results]

    def _enclosing(
        self, deeper: Frame, region: Region, here: dict[Value, Value], frame: Frame
    ) -> None:
        """Values of this frame that an inner loop reads, made before the loop."""
        frames = [deeper]
        while frames:
            f = frames.pop()
            frames += f.inner
            for value in list(dict.fromkeys(self._reads(f))):
                if (self.frame_of(value) is frame and frame is not self.top) or (
                    self.frame_of(value) is self.top and frame is self.top
                ):
                    self._there(value, region, here, frame)

    def _reads(self, frame: Frame) -> list[Value]:
        """What the recomputations of a frame read from outside of it."""
        out, done = [], set(frame.pushed)
        work = list(frame.needs)
        while work:
            value = work.pop()
            if value in done:
                continue
            done.add(value)
            if value in self.index:
                continue
            for part in self._recipe(value) or []:
                if self.frame_of(part) is frame:
                    work.append(part)
                else:
                    out.append(part)
        used = {a for op in frame.reverse.walk() for a in op.args}
        used |= {
            a for op in frame.reverse.walk() for r in op.regions for a in r.results
        }
        used |= set(frame.reverse.results) | done
        out += [v for index in used for v in self.rev.counted.get(index, ())]
        out += [v for v in used if v in self.home and self.frame_of(v) is not frame]
        return sorted(out, key=lambda v: v.number)

    def _pop(
        self, region: Region, primal: Region, here: dict[Value, Value], frame: Frame
    ) -> None:
        """Pop what was pushed in the primal region that this one reverses."""
        if frame is self.top:
            return
        for value in sorted(frame.pushed, key=lambda v: v.number):
            if self.home[value] is not primal:
                continue
            stack = self._stack(value)
            op = Op("pop", [stack], ("x",), origin=None)
            hint = f"{value.hint}_prev" if value in self.previous else value.hint
            popped = Value(bound(value.type), hint, value.role, op=op)
            op.results = [popped]
            region.ops.insert(sum(o.kind == "pop" for o in region.ops), op)
            here[value] = popped

    def _stack(self, value: Value) -> Value:
        """A stack of its own for the value, pushed where it is defined."""
        stack_op = Op("stack", [], ())
        stack = Value(
            List(bound(value.type)), f"{value.hint}_stack", "stack", op=stack_op
        )
        stack_op.results = [stack]
        body = self.function.body
        body.ops.insert(sum(o.kind == "stack" for o in body.ops), stack_op)
        push = Op("push", [stack, value], ("x", "x"))
        home = self.home[value]
        if value.op is None:
            position = sum(o.kind == "push" and o.args[1].op is None for o in home.ops)
        else:
            position = home.ops.index(value.op) + 1
            push.origin = value.op.origin
        home.ops.insert(position, push)
        return stack

    def _there(
        self,
        value: Value,
        region: Region,
        here: dict[Value, Value],
        frame: Frame,
        reader: Value | None = None,
    ) -> Value:
        """The stand-in for a primal value in a reversed region, where that is read.

        `reader` is what is recomputed of it there, if it serves nothing else.
        """
        if value.is_const or value in self.reversed_values:
            return value
        if value in here:
            return here[value]
        if value in self.rev.counted:
            here[value] = self._counted(value, region, here, frame)
            return here[value]
        if value in self.index:
            return self.index[value]
        if (found := self.offers.stand_in(value, reader)) is not None:
            return found
        owner = self.frame_of(value)
        if owner is None:
            return value
        if owner is self.top and not self._repeats(value):
            if value not in self.exported:
                self.exported[value] = self._export(value)
            return self.exported[value]
        assert owner in (frame, self.top), f"{value!r} is out of reach"
        op = value.op
        assert op is not None, f"{value!r} is neither saved nor recomputable"
        if op.kind == "bound":
            here[value] = self._there(op.args[0], region, here, frame)
            return here[value]
        if (read := self._reread(value)) is not None:
            op = read
        mapping = {
            part: self._there(part, region, here, frame, value)
            for part in self._recipe(value) or []
        }
        for arg, last in self._instead(op).items() if op is not read else ():
            mapping[arg] = mapping[last]
        copy = clone(op, mapping)
        copy.origin = self.origin
        region.ops.append(copy)
        here[value] = copy.result
        return copy.result

    def _counted(
        self, value: Value, region: Region, here: dict[Value, Value], frame: Frame
    ) -> Value:
        """The index of a loop that was left early: start + step * t."""
        start, step = self.rev.counted[value]
        at = self.index[value]
        for kind, other in (("mul", step), ("add", start)):
            if other.is_const and other.const == (1 if kind == "mul" else 0):
                continue
            other = self._there(other, region, here, frame)
            op = Op(
                kind, [at, other], ("x", "y"), {"derived": True}, origin=self.origin
            )
            at = region.add(op, value.type, value.hint, value.role)
        return at

    def _repeats(self, value: Value) -> bool:
        """Whether a value at top level is rather written again than given a name.

        An unnamed number or condition (`if x > 2.0:`) reads best repeated.
        """
        if self.policy == "push" or value.role != "temp" or value.op is None:
            return False
        if value.op.kind.startswith(MATH):  # there is no stack to save
            return False
        return not _is_array(value) and self._recipe(value) is not None

    def _export(self, value: Value) -> Value:
        """A value inside a top-level branch, as a result of the enclosing `if`s."""
        region = self.home[value]
        while self.up[region] is not None:
            up = self.up[region]
            assert up is not None
            outer, op = up
            result = Value(value.type, value.hint, value.role, op=op)
            if op.attrs.get("form") in EXPRESSIONS:
                op.attrs["form"] = None  # two results are no expression
            for inner in op.regions:
                missing = Value(UNDEF, value.hint, "user", const=None)
                inner.results.append(value if inner is region else missing)
            op.results.append(result)
            self.home[result] = outer
            value, region = result, outer
        return value


def _is_array(value: Value) -> bool:
    of = bound(value.type)
    return not isinstance(of, Scalar) and not (isinstance(of, Array) and not of.rank)


def plan(function: Function, rev: Reverse, sweep: Region, policy: str = "plan") -> Plan:
    """Make the reverse sweep `sweep` (not yet part of the body) well formed."""
    made = Plan(function, rev, sweep, policy)
    made.run()
    return made

"""How each primal value that the reverse sweep reads gets there.

In: a function whose reverse sweep refers to primal values inside loops and branches
(`Reverse`). Out: the same function, well formed:

- direct: a value at top level is simply still there;
- export: a value inside a top-level branch becomes a result of the `if`;
- keep: what the reverse of a function that is called reads is returned by its forward,
  as few values as possible: it is planned as if it were to be pushed;
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

from collections.abc import Collection
from itertools import takewhile

from s2s.adjoint.choose import Choice
from s2s.adjoint.frames import Frame
from s2s.adjoint.recipes import EXPRESSIONS
from s2s.adjoint.reverse import Reverse
from s2s.errors import Origin
from s2s.ssa.clone import clone
from s2s.ssa.hints import hint_of
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.simplify import key_of
from s2s.ssa.types import UNDEF, List, bound


def plan(
    function: Function,
    rev: Reverse,
    sweep: Region,
    policy: str = "plan",
    given: Collection[Value] | None = None,
) -> Plan:
    """Make the reverse sweep `sweep` (not yet part of the body) well formed."""
    made = Plan(function, rev, sweep, policy, given)
    made.run()
    return made


class Plan(Choice):
    """Decides and carries out how primal values reach the reverse sweep."""

    def __init__(
        self,
        function: Function,
        rev: Reverse,
        sweep: Region,
        policy: str,
        given: Collection[Value] | None = None,
    ) -> None:
        super().__init__(function, rev, sweep, policy, given)
        self.origin: Origin | None = None  # of what is being rewritten
        self.exported: dict[Value, Value] = {}
        self.again: dict[tuple[Region, object], Value] = {}  # what is recomputed

    def run(self) -> None:
        self._collect(self.sweep, self.top, (), set())
        self._choose()
        self._place(self.sweep, self.function.body, {}, self.top)

    # regions --------------------------------------------------------------

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

    # stacks ---------------------------------------------------------------

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
            hint = hint_of(value)
            hint = f"{hint}_prev" if value in self.previous else hint
            popped = Value(bound(value.type), hint, value.role, op=op)
            op.results = [popped]
            region.ops.insert(sum(o.kind == "pop" for o in region.ops), op)
            here[value] = popped

    def _stack(self, value: Value) -> Value:
        """A stack of its own for the value, pushed where it is defined."""
        stack_op = Op("stack", [], ())
        of = List(bound(value.type))
        stack = Value(of, f"{hint_of(value)}_stack", "stack", op=stack_op)
        stack_op.results = [stack]
        body = self.function.body
        body.ops.insert(sum(o.kind == "stack" for o in body.ops), stack_op)
        push = Op("push", [stack, value], ("x", "x"))
        home = self.home[value]
        if value.op is None:
            position = sum(o.kind == "push" and o.args[1].op is None for o in home.ops)
        else:
            position = home.ops.index(value.op) + 1
            if value.op.kind == "pick":  # what is unpacked at once stays together
                whole, rest = value.op.args[0], home.ops[position:]
                picks = takewhile(
                    lambda o: o.kind == "pick" and o.args[0] is whole, rest
                )
                position += sum(1 for _ in picks)
            push.origin = value.op.origin
        home.ops.insert(position, push)
        return stack

    # values ---------------------------------------------------------------

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
        if self._made_alike(value):
            key = (region, key_of(copy))
            if key in self.again:
                here[value] = self.again[key]
                return here[value]
            self.again[key] = copy.result
        region.ops.append(copy)
        if not op.attrs.get("listed"):  # `[i, j]` is written where it is read
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

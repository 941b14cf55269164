"""Which primal values are pushed, and which arrays are put back: the cheapest choice.

In: what each loop of the reverse sweep reads, and what can be recomputed of what. Out:
for each frame the values to push, and the offers of older versions of arrays to take.

    reads of a loop: x, y = 2.0 * x, z = x * y     ->     push x alone
"""

from __future__ import annotations

from collections.abc import Collection

from s2s.adjoint.cut import minimum_cut
from s2s.adjoint.frames import Frame
from s2s.adjoint.offers import CONDITION, GIVEN, REPEAT, ROUNDS, WHOLE
from s2s.adjoint.recipes import Recipes, is_array, is_function_of
from s2s.adjoint.reverse import Reverse
from s2s.ssa.ir import Function, Region, Slot, Value, slots
from s2s.ssa.types import Array, Maybe, Scalar, bound

FEW = 2


class Choice(Recipes):
    """Decides how primal values reach the reverse sweep."""

    def __init__(
        self,
        function: Function,
        rev: Reverse,
        sweep: Region,
        policy: str,
        given: Collection[Value] | None = None,
    ) -> None:
        super().__init__(function, rev, sweep, policy, given)
        self.previous: set[Value] = set()  # carried: popped one iteration ahead

    # what to put back -----------------------------------------------------

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

    def _cost(self, frames: list[Frame]) -> int:
        """What the plan costs that was just made."""
        offers = self.offers
        total = offers.undoing(lambda op: self._depth(self._region_of(op)))
        for frame in frames:
            rounds = ROUNDS ** self._depth(frame.primal)
            total += rounds * sum(map(offers.cost, frame.pushed))
            total += rounds * REPEAT * len(frame.repeated)
        for value in set(self.top.needs):
            if offers.stale(value) and offers.stand_in(value) is None:
                total += WHOLE
        return total

    # what to push ---------------------------------------------------------

    def _decide(self, frame: Frame, trial: bool) -> None:
        for inner in frame.inner:
            self._decide(inner, trial)
        if frame is self.top and self.given is None:
            # what these read is read where they are written
            self._recipes(frame, list(filter(self._repeats, frame.needs)))
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
        for slot in self._passed_on(frame):
            if slot.param in needs and slot.param not in recipes:
                costs[slot.yielded] = 0  # carried
        if frame is self.top:
            costs |= dict.fromkeys(self.given or (), GIVEN)
            costs |= {v: CONDITION for v in costs if is_condition(v)}
        repeats = {v: REPEAT for v in recipes if self._repeatable(v)}
        frame.pushed = minimum_cut(needs, recipes, costs, repeats)
        if frame is self.top and not self._keeps_nothing(recipes):
            recipes = {v: r for v, r in recipes.items() if not is_function_of(v)}
            frame.pushed = minimum_cut(needs, recipes, costs, repeats)
        if frame is self.top:
            return
        if self.policy != "push" and not trial:
            self._carry(frame)
        # what is recomputed may read values of the enclosing loops
        frame.repeated = set()
        done, work = set(frame.pushed), list(needs)
        while work:
            value = work.pop()
            if value in done or value in self.index:
                continue
            done.add(value)
            if value in repeats:
                frame.repeated.add(value)
            for part in self._recipe(value) or []:
                if self.frame_of(part) is frame:
                    work.append(part)
                elif (outer := self.frame_of(part)) is not None:
                    if not part.is_const and part not in self.index:
                        outer.needs.append(part)

    def _repeats(self, value: Value) -> bool:
        """Whether a value at top level is rather written again than given a name.

        An unnamed number or condition (`if x > 2.0:`) reads best repeated; a function
        that is called repeats what it does not keep.
        """
        if self.policy == "push" or value in self.top.pushed or value.op is None:
            return False
        if self.given is not None:
            return self._recipe(value) is not None
        if is_function_of(value):  # there is no stack to save
            return False
        if value.role != "temp":
            return False
        return not is_array(value) and self._recipe(value) is not None

    def _keeps_nothing(self, recipes: Collection[Value]) -> bool:
        """Whether a function that is called need keep nothing, and repeats but little.

        To return one number more costs what a function of numbers does.
        """
        functions = [v for v in recipes if is_function_of(v)]
        return self.top.pushed <= set(self.given or ()) and len(functions) <= FEW

    def _passed_on(self, frame: Frame) -> list[Slot]:
        """The slots of a loop whose yields the reversed loop can pass on."""
        if frame.loop is None or self.policy == "push":
            return []
        return [
            s
            for s in slots(self.rev.loops[frame.loop])
            if not s.yielded.is_const
            and self.home.get(s.yielded) is frame.primal
            and s.param is not s.yielded
            and not isinstance(s.result.type, Maybe)
        ]

    def _carry(self, frame: Frame) -> None:
        """Of a slot's parameter and its yield, push the parameter only."""
        loop = frame.loop
        assert loop is not None
        for slot in self._passed_on(frame):
            if not (slot.param in frame.pushed and slot.yielded in frame.pushed):
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


def is_condition(value: Value) -> bool:
    """Whether it is `x > y`, which has no name."""
    of = bound(value.type)
    truth = isinstance(of, Scalar | Array) and of.kind == "bool"
    return truth and value.role == "temp" and not is_array(value)

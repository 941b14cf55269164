"""What a primal value can be made from once more, in the reverse sweep.

In: a primal value. Out: its recipe, the values to repeat its operation on (or to read
it again from), or None where that would be wrong or would cost more than to push it.

    y = 2.0 * x      ->     [x]
    y = np.exp(x)    ->     None
"""

from __future__ import annotations

from collections.abc import Collection

from s2s.adjoint.frames import Frame, Frames
from s2s.adjoint.latest import alike
from s2s.adjoint.lists import growing_lists
from s2s.adjoint.reverse import Reverse
from s2s.rules import Rules
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.overlap import Overlap
from s2s.ssa.roots import UPDATES, in_an_item
from s2s.ssa.storage import SHAPES
from s2s.ssa.types import ANY, Array, Dict, Maybe, Scalar, bound, rank_of

VIEWS = frozenset(
    {"getitem", "T", "shape", "size", "ndim", "len", "pick", "unpack", "dtype"}
)
VIEWS |= {"reshape", "np.reshape", "transpose", "np.transpose", "swapaxes"}
# a function of Python numbers takes about as long as to push one and pop it
MATH = "math."
# what an expert writes again rather than keep an array of it
SIMPLE = frozenset(["add", "sub", "mul", "truediv", "neg", "np.outer"])
EXPRESSIONS = ("and", "or", "compare", "ifexp")


class Recipes(Frames):
    """Finds out what can be recomputed, and of what."""

    def __init__(
        self,
        function: Function,
        rev: Reverse,
        sweep: Region,
        policy: str,
        given: Collection[Value] | None = None,
    ) -> None:
        super().__init__(function, rev, sweep, policy, given)
        self.rules: Rules = rev.rules
        self.growing = growing_lists(function.body)
        # what is read of an item is less than a copy of it
        self.changing = growing_lists(function.body, in_an_item)
        self.overlap: Overlap | None = None
        self.settled: dict[Op, bool] = {}  # accesses, whether they stay as they were
        inner = [r for op in function.body.walk() for r in op.regions]
        self.moved = {v for r in inner for v in r.results}
        loops = [op for op in function.body.walk() if is_loop(op)]
        self.moved |= {a for op in loops for a in op.args}
        self.slots = {s.param: s for op in loops for s in slots(op)}

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
            if op.attrs.get("form") not in EXPRESSIONS or is_array(value):
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
        if not (self._cheap(op) or self._repeatable(value) or self._invariant(value)):
            return None
        other = self._instead(op)
        for arg in op.args:  # unless it is pushed it may hold something else by now
            if self.offers.stale(arg) and arg not in other:
                pushed = self._is_pushed(arg, value)
                if not pushed and self.offers.stand_in(arg, value) is None:
                    return None
        return [other.get(a, a) for a in op.args if not a.is_const]

    def _is_pushed(self, arg: Value, value: Value) -> bool:
        """Whether there is no other way to an operand than to push it, in a loop."""
        frame = self.frame_of(arg)
        if (
            self.policy != "plan"
            or frame is self.top
            or frame is not self.frame_of(value)
        ):
            return False
        return arg.op is None and not self.offers.stored(arg)

    def _instead(self, op: Op) -> dict[Value, Value]:
        """Operands for which another array does, or its last version: of shapes."""
        base = op.args[0] if op.args else None
        if base is None:
            return {}
        if op.kind in SHAPES and (same := self._outside(base)) is not base:
            return {base: same}
        if not self.offers.stale(base):
            return {}
        last = self.offers.last(base)
        if self.home.get(last) is not self.function.body or not alike(base, last):
            return {}
        of_array = isinstance(bound(base.type), Array)
        if op.kind in SHAPES or (
            of_array and op.kind == "getitem" and self._untouched(op)
        ):
            return {base: last}
        return {}

    def _outside(self, value: Value) -> Value:
        """What has the shape of a loop's parameter in all rounds, and is there."""
        found = value
        while (slot := self.slots.get(value)) and alike(value, slot.init):
            value, last = slot.init, self.offers.last(slot.result)
            if self.home.get(last) is self.function.body and alike(last, value):
                return last  # its name is in use anyway
            if not self.offers.stale(value):
                found = value
        return found

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
        """Whether a number in a loop is made of its index, and of what stays in it."""
        op = value.op
        if op is None or is_array(value) or op.regions or op.kind not in self.rules:
            return False
        here = self.frame_of(value)
        return all(
            a.is_const
            or a in self.index
            or self.frame_of(a) is not here
            or self._invariant(a)
            for a in op.args
        )

    def _made_alike(self, value: Value) -> bool:
        """Whether what another value was recomputed with may stand for this one, too.

        Not a part of an array that changes: it would have to be copied to last.
        """
        op = value.op
        assert op is not None
        if value.role != "temp" or op.regions or op.attrs.get("listed"):
            return False
        return op.kind != "getitem" or not self.offers.changing(op.args[0])

    def _repeatable(self, value: Value) -> bool:
        """Whether an array is one simple operation on each element of others."""
        op, of = value.op, bound(value.type)
        if op is None or not isinstance(of, Array) or not of.rank:
            return False
        if op.kind == "pow":
            return op.args[1].is_const and op.args[1].const == 2
        return op.kind in SIMPLE and not op.attrs.get("in_place")

    def _cheap(self, op: Op) -> bool:
        # `u[i, j]`, `h[f"layer{i}"]`, `A[[i, i + 1]]`
        if op.kind in ("tuple", "fstring", "np.array"):
            return all(is_int(a) for a in op.args)
        if any(isinstance(bound(a.type), Dict) and a in self.growing for a in op.args):
            return False  # it has other keys by now
        if op.kind not in self.rules or len(op.results) != 1:
            return False
        result = bound(op.result.type)
        if op.kind == "pick" and is_call(op.args[0].op):
            return False  # a result is kept by itself, not in the tuple of all
        if op.kind in VIEWS:
            if op.kind == "pick" and (made := op.args[0].op) is not None:
                return made.kind != "getitem" or made.args[0] not in self.changing
            if op.kind in ("getitem", "len") and op.args[0] in self.growing:
                return False
            if op.kind != "getitem":
                return True
            return not any(map(is_array, op.args[1:]))
        number = isinstance(result, Scalar) or (
            isinstance(result, Array) and not result.rank
        )
        if op.kind.startswith(MATH) and op.result.role == "temp":
            return True
        return self.rules[op.kind].cheap and (number or result == ANY)


def is_function_of(value: Value) -> bool:
    """Whether a value is a function of Python numbers: `math.exp(x)`."""
    return value.op is not None and value.op.kind.startswith(MATH)


def is_call(op: Op | None) -> bool:
    return op is not None and op.kind == "call"


def is_int(value: Value) -> bool:
    """Whether a value is one integer, of Python or of NumPy."""
    return kind_of(value.type) in ("int", "bool") and rank_of(value.type) == 0


def is_array(value: Value) -> bool:
    """Whether a value may be something else than a number."""
    of = bound(value.type)
    return not isinstance(of, Scalar) and not (isinstance(of, Array) and not of.rank)

"""From values to names: out of SSA.

In: a function, the values printed inline. Out: a name for each other value. Values that
a loop or branch connects share a name where their lives allow it, so that `x = f(x)` in
a loop comes out as just that; what cannot share is moved by the printer.

Each name is a set of segments that are taken; a class of values gets the first name
among its wishes that is free where the class lives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from heapq import heappop, heappush

from s2s.errors import UnsupportedError
from s2s.names import NEVER, Names
from s2s.ssa.callee import stays_in
from s2s.ssa.hints import hint_of
from s2s.ssa.ir import Function, Region, Value, is_loop, slots
from s2s.ssa.live import Live, Segment, merged, overlap
from s2s.ssa.roots import surely_in_place
from s2s.ssa.types import Maybe

RANKS = {"user": 0, "global": 0, "stack": 1, "bar": 1, "dot": 1, "index": 2}


class Class:
    """Values that share one variable."""

    def __init__(self, value: Value, segments: list[Segment]) -> None:
        self.values = [value]
        self.segments = segments


class Naming:
    def __init__(self, reserved: Iterable[str], live: Live) -> None:
        self.reserved = NEVER | set(reserved)
        self.pinned: dict[Class, str] = {}
        self.outer: set[Class] = set()  # globals that are only read
        segments = live.finish()
        self.classes = {v: Class(v, s) for v, s in segments.items()}
        self.test_of = live.test_of

    def join(self, a: Value, b: Value, must: bool = False) -> bool:
        """Let two values share a variable, if their lives and wishes allow it."""
        a, b = self.test_of.get(a, a), self.test_of.get(b, b)
        if a not in self.classes or b not in self.classes:
            return False
        x, y = self.classes[a], self.classes[b]
        if x is y:
            return True
        if not must:
            if x in self.outer or y in self.outer:
                return False
            if self.wish(x) != self.wish(y) and not self.unnamed(x, y):
                return False
            if any(is_caught(v) for c in (x, y) for v in c.values):
                return False  # its name ends with its handler
            if overlap(x.segments, y.segments):
                return False
            if x in self.pinned and y in self.pinned:
                return False
        x.values += y.values
        x.segments = merged(x.segments + y.segments)
        for value in y.values:
            self.classes[value] = x
        if y in self.pinned:
            self.pinned[x] = self.pinned.pop(y)
        return True

    def unnamed(self, x: Class, y: Class) -> bool:
        """Whether one of them has no name to lose, nor is an adjoint."""
        return any(
            all(v.role == "temp" and not v.hint.endswith("_bar") for v in c.values)
            for c in (x, y)
        )

    def wish(self, c: Class) -> str:
        """The name that most of a class's values ask for, the user's first."""
        best = self.rank(c)
        hints = Counter(hint_of(v) for v in c.values if RANKS.get(v.role, 3) == best)
        return hints.most_common(1)[0][0]

    def rank(self, c: Class) -> int:
        """The user's own names are given out first."""
        return min(RANKS.get(v.role, 3) for v in c.values)

    def connect(self, region: Region) -> None:
        """Join what loops, branches and updates connect."""
        for op in region.ops:
            if op.kind == "copy" or op.attrs.get("in_place") or op.attrs.get("entry"):
                self.join(op.args[0], op.result)
            # what the outer construct carries comes before what its branches make
            if is_loop(op):
                for slot in slots(op):
                    self.join(slot.param, slot.yielded)
                    self.join(slot.param, slot.result)
                    self.join(slot.param, slot.init)
            elif op.kind == "if":
                for k, result in enumerate(op.results):
                    for inner in op.regions:
                        self.join(result, inner.results[k])
            for inner in op.regions:
                self.connect(inner)

    def assign(self) -> dict[Value, str]:
        """The name of every value."""
        taken, temporary = Taken(self.reserved), RANKS["index"] + 1
        out: dict[Value, str] = {}
        order = list(dict.fromkeys(self.classes.values()))
        users = {self.wish(c) for c in order if not self.rank(c)}
        order.sort(key=lambda c: (c not in self.pinned, self.rank(c), c.segments[0][0]))
        for c in order:
            if self.rank(c) == temporary and c not in self.pinned:  # it would mislead
                taken.reserved |= users
            name = self.pinned.get(c) or taken.free(self.wish(c), c.segments)
            taken.take(name, c.segments)
            for value in c.values:
                out[value] = name
        for twin, param in self.test_of.items():
            out[twin] = out[param]
        return out


def is_caught(value: Value) -> bool:
    return value.op is not None and value.op.kind == "caught"


class Taken:
    """Where each name is in use."""

    def __init__(self, reserved: Set[str]) -> None:
        self.reserved = reserved
        self.segments: dict[str, list[Segment]] = {}
        self.series: dict[str, int] = {}  # how many numbered names of a wish there are
        self.ends: dict[str, list[tuple[int, str]]] = {}  # heap: last use, name

    def take(self, name: str, segments: list[Segment]) -> None:
        self.segments[name] = merged(self.segments.get(name, []) + segments)

    def free(self, wish: str, segments: list[Segment]) -> str:
        """The wish, or the wish with a number, that is free where a class lives.

        The first few names are tried properly; past those, the one that has been out
        of use for longest, so that a thousand values of one name take linear time.
        """
        ends = self.ends.setdefault(wish, [])
        for k in range(1, min(self.series.get(wish, 0), 4) + 1):
            name = numbered(wish, k)
            used = self.segments.get(name, [])
            if name not in self.reserved and not overlap(used, segments):
                return name
        if ends and ends[0][0] <= segments[0][0]:
            _, name = heappop(ends)
            if not overlap(self.segments[name], segments):
                heappush(ends, (segments[-1][1], name))
                return name
        while True:
            k = self.series[wish] = self.series.get(wish, 0) + 1
            name = numbered(wish, k)
            if name in self.reserved or overlap(self.segments.get(name, []), segments):
                continue
            if k > 4:
                heappush(ends, (segments[-1][1], name))
            return name


def numbered(wish: str, k: int) -> str:
    return wish if k == 1 else f"{wish}{k}"


def name_values(
    function: Function, inlined: set[Value], reserved: Iterable[str]
) -> dict[Value, str]:
    """A name for each value that is not printed inline."""
    naming = Naming(reserved, Live(function, inlined))
    for path, value in function.attrs.get("globals", {}).items():
        naming.pinned[naming.classes[value]] = path
        if path not in function.attrs["writes"]:
            naming.outer.add(naming.classes[value])
    for param in function.body.params:
        naming.pinned[naming.classes[param]] = param.hint
    for op in function.body.walk():
        # printed in place: before anything that is optional
        array = op.args[0] if surely_in_place(op) else stays_in(op)
        if array is not None:
            naming.join(array, op.result, must=True)
    for a, b in moves(function):
        if may_be_missing(a):  # what is missing cannot be moved
            naming.join(a, b)
    naming.connect(function.body)
    return naming.assign()


def literal_names(function: Function, reserved: Iterable[str]) -> dict[str, str]:
    """What the user's named numbers are called: `n2`, if another `n` is read."""
    names = Names([*reserved, *(p.hint for p in function.body.params)])
    return {name: names.fresh(name) for name in function.attrs.get("literals", ())}


def name_parameters(
    function: Function, params: Collection[Value], reserved: Iterable[str]
) -> None:
    """Give those of the parameters that s2s named names that nothing else has."""
    users = (p.hint for p in function.body.params if p not in params)
    names = Names([*reserved, *function.attrs.get("literals", ()), *users])
    for param in params:
        param.hint = names.fresh(param.hint)


def may_be_missing(value: Value) -> bool:
    """Whether a name may be unbound; one that may be None is bound to that."""
    return isinstance(value.type, Maybe) and not value.type.none


def moves(function: Function) -> Iterator[tuple[Value, Value]]:
    """What loops and branches assign at their ends, where the names differ."""
    for op in function.body.walk():
        if is_loop(op):
            for slot in slots(op):
                yield slot.init, slot.param
                yield slot.yielded, slot.param
                yield slot.param, slot.result
        elif op.kind == "if":
            for region in op.regions:
                yield from zip(region.results, op.results, strict=True)


def unmovable(
    function: Function, names: Mapping[Value, str], kept: Set[Value]
) -> set[Value]:
    """Values to keep apart from the names they are read from, so that these can go on.

        y2 = y
        y = y2 * x      where the reverse sweep reads the old y, and y may be unbound

    on the other path, where nothing could be moved.
    """
    stuck = {
        a
        for a, b in moves(function)
        if may_be_missing(a) and a in names and b in names
        if names[a] != names[b]
    }
    reads = {
        op.result
        for op in function.body.walk()
        if op.kind == "bound" and op.args[0] in stuck
    }
    if stuck and reads <= kept:
        name = min(stuck, key=lambda v: v.number).hint
        raise UnsupportedError(
            f"what `{name}` stands for is needed where it may be unbound",
            function.origin,
            "bind the name on every path",
        )
    return reads

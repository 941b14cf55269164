"""Changes in the body of a `try`: has one happened where the handler begins?

In: what the body changes, and the operations that it was built into. Out: whether all
that can fail comes before the change, so that the handler finds things as they were.

    try:                                  try:
        A[0] = 1.0 / x                        A[0] = x          (it may have happened)
    except ZeroDivisionError:             y = 1.0 / x
        ...     (it has not happened)     except ZeroDivisionError:
"""

from __future__ import annotations

from dataclasses import dataclass, field

from s2s.errors import Origin
from s2s.ssa.bound import Made
from s2s.ssa.ir import Op, Region, Value, is_loop
from s2s.ssa.memory import Cell
from s2s.ssa.roots import updates_in_place
from s2s.ssa.storage import is_full_index
from s2s.ssa.types import Array, Scalar, Type, bound, rank_of

# Operations that never fail, whatever the arrays are that they are given.
SAFE = frozenset(
    """
    alias tuple list pick append push truncate stack copy len
    np.copy np.zeros_like np.ones_like np.empty_like
    """.split()  # noqa: SIM905
)
# Those that never fail on numbers.
ON_NUMBERS = frozenset(["add", "sub", "mul", "neg", "pos", "abs", "not"])


class Unsettled(Exception):
    """Something may fail after a change, and the body goes on after that statement.

    `count` is the number of statements up to there; `safe` if none of them can fail.
    """

    def __init__(self, count: int, safe: bool) -> None:
        super().__init__(count)
        self.count, self.safe = count, safe


@dataclass(eq=False)
class Change:
    """A change that was made when a region had `start` operations.

    `which` is the statement of the body. If it fails, a part of what is changed
    `halfway` may have changed.
    """

    what: str
    origin: Origin | None
    region: Region
    start: int
    which: int
    halfway: bool


@dataclass(eq=False)
class Attempt:
    """The body of a `try` that is being built.

    Arrays older than `mark` are from outside, and the lists and objects in `mades`.
    `floats` says whether FloatingPointError is caught; `ends` has the number of
    operations after each statement.
    """

    mark: int
    mades: set[Made]
    floats: bool
    which: int = 0
    ends: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def is_outside(self, what: Cell | Made | None) -> bool:
        if isinstance(what, Cell):
            return what.first.number < self.mark
        return what is None or bool(what.which & self.mades)


def catches_floats(errors: Value) -> bool:
    """Whether one of the classes that are caught is of FloatingPointErrors."""
    classes = errors.const if isinstance(errors.const, tuple) else (errors.const,)
    return any(issubclass(FloatingPointError, c) for c in classes)


def settled(body: Region, change: Change, floats: bool) -> bool:
    """Whether nothing can fail any more after a change."""
    path = _path(body, change.region, change.start)
    if change.halfway or path is None:
        return False
    *outer, (region, start) = path
    if any(is_loop(r.ops[k]) for r, k in outer):
        return False
    after = region.ops[start:] + [op for r, k in outer for op in r.ops[k + 1 :]]
    return not any(can_fail(o, floats) for o in after)


def last_change(tried: Op) -> Op | None:
    """The first update in the body of a `try` after which nothing in it can fail."""
    last, floats = None, catches_floats(tried.args[0])
    for op in reversed(tried.regions[0].ops):
        if updates_in_place(op):
            last = op
        if can_fail(op, floats):
            break
    return last


def _path(body: Region, region: Region, start: int) -> list[tuple[Region, int]] | None:
    """The regions from the body to the one of a change, and where in each it is."""
    if body is region:
        return [(body, start)]
    for k, op in enumerate(body.ops):
        for inner in op.regions:
            path = _path(inner, region, start)
            if path is not None:
                return [(body, k), *path]
    return None


def can_fail(op: Op, floats: bool) -> bool:
    """Whether an operation may raise an exception; `floats`: FloatingPointError, too.

    A `probe` says what is stored into: it fails where the store does.
    """
    if op.attrs.get("probe"):
        return False
    if op.kind == "if" and op.attrs.get("form") != "with":
        numbers = isinstance(bound(op.args[0].type), Scalar)
        return not numbers or any(
            can_fail(o, floats) for r in op.regions for o in r.ops
        )
    if op.kind == "store":
        number = rank_of(op.args[-1].type) == 0 and not op.attrs.get("path")
        return not number or not (
            is_full_index(op.attrs["index"]) or _is_there(op, op.args[1:-1])
        )
    if op.kind == "getitem":
        return not _is_there(op, op.args[1:])
    if op.kind in ON_NUMBERS:
        types = [bound(a.type) for a in op.args]
        if not all(isinstance(t, Scalar) or is_number(t) for t in types):
            return True
        return floats and not all(isinstance(t, Scalar) for t in types)
    return op.kind not in SAFE


def is_number(of: Type) -> bool:
    """Whether a value is surely a number of NumPy's, not an array."""
    return isinstance(of, Array) and not of.rank and not of.loose


def _is_there(op: Op, index: list[Value]) -> bool:
    """Whether an array surely has the element that an index names."""
    of = bound(op.args[0].type)
    return (
        isinstance(of, Array)
        and len(index) == of.rank
        and set(op.attrs["index"]) == {"i"}
        and all(
            isinstance(i.const, int) and d.sym == "" and -d.off <= i.const < d.off
            for i, d in zip(index, of.shape, strict=True)
        )
    )

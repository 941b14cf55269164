"""Which values may share storage, and who sees an update in place.

In: a function. Out: nothing, or a refusal at the user's line. `a += b` on an array
changes it for everybody who holds it; in SSA it is a pure addition. Both mean the same
only where nobody else looks at the array afterwards:

    s = np.zeros(3)            s = x                  # the caller's array
    for row in A:              s += row               # is refused
        s += row               # is fine
"""

from __future__ import annotations

from collections.abc import Mapping

from s2s.errors import UnsupportedError
from s2s.ssa.ir import Function, Op, Slot, Value, is_loop, slots
from s2s.ssa.live import Live
from s2s.ssa.types import Array, Scalar, bound, rank_of

# Operations whose result may share storage with an operand.
ALIASING = frozenset(
    [
        "getitem",
        "pick",
        "tuple",
        "list",
        "unpack",
        "T",
        "shape",
        "real",
        "imag",
        "reshape",
        "ravel",
        "np.reshape",
        "np.ravel",
        "np.transpose",
        "transpose",
        "np.swapaxes",
        "swapaxes",
        "np.moveaxis",
        "np.expand_dims",
        "np.squeeze",
        "squeeze",
        "np.broadcast_to",
        "np.asarray",
        "np.atleast_1d",
        "np.atleast_2d",
        "np.atleast_3d",
        "np.real",
        "np.imag",
        "np.diagonal",
        "diagonal",
        "np.flip",
        "np.fliplr",
        "np.flipud",
        "np.split",
        "np.array_split",
        "np.hsplit",
        "np.vsplit",
        "np.dsplit",
        "np.rot90",
        "np.ascontiguousarray",
        "np.rollaxis",
        "astype",
        "np.nan_to_num",
        "np.conj",
        "np.positive",
        "pos",
        "pop",
        "copy_stack",
        "alias",
        "bound",
        "np.matrix_transpose",
        "np.asfortranarray",
        "np.asanyarray",
        "np.asarray of one",
        "np.diag",
        "np.einsum",
    ]
)


def shares(op: Op) -> bool:
    """Whether a result may share storage with an operand."""
    if op.kind == "np.einsum":  # of one operand: a transpose or a diagonal
        return len(op.args) == 2
    return op.kind in ALIASING


# Operations that make a number of numbers, never an array of rank zero.
NUMBERS = frozenset(
    """
    add sub mul truediv floordiv mod pow matmul neg pos abs float np.sum np.mean np.dot
    np.vdot np.sin np.cos np.tan np.exp np.log np.sqrt np.tanh np.square np.abs np.sign
    np.maximum np.minimum np.prod np.max np.min np.linalg.norm np.float64 np.float32
    np.real np.sinh np.cosh np.log1p np.expm1 np.arctan np.arctan2 np.hypot
    """.split()  # noqa: SIM905
)


def slot_map(function: Function) -> dict[Value, Slot]:
    """The slot of each parameter of a loop."""
    return {
        slot.param: slot
        for op in function.body.walk()
        if is_loop(op)
        for slot in slots(op)
    }


def surely_number(value: Value, carried: Mapping[Value, Slot]) -> bool:
    """Whether a value of rank zero is immutable: a number, not a 0-d array.

    Arithmetic makes numbers; np.where, np.array... make arrays of rank zero, too, and
    loops and branches that carry a number may be handed one by a derivative.
    `carried` maps the parameters of loops to their slots (`slot_map`).
    """
    seen: set[Value] = set()
    work = [value]
    while work:
        value = work.pop()
        if value in seen or value.is_const:
            continue
        seen.add(value)
        if rank_of(value.type) != 0:
            return False
        ends = _origins(value, carried)
        if ends is None:
            return False
        work += ends
    return True


def _origins(value: Value, carried: Mapping[Value, Slot]) -> list[Value] | None:
    """Values that make this one a number if they are; None if it may be an array."""
    op = value.op
    if value in carried:
        return [carried[value].init, carried[value].yielded]
    if op is not None and op.kind == "if":
        return [r.results[op.results.index(value)] for r in op.regions]
    if op is not None and is_loop(op):
        slot = slots(op)[op.results.index(value)]
        return [slot.init, slot.yielded]
    if isinstance(bound(value.type), Scalar):
        return []
    if op is None:
        return None
    if op.kind == "bound":
        return op.args
    if op.kind == "getitem":
        return [] if set(op.attrs["index"]) == {"i"} else None
    if op.kind in ("add", "mul") and len(changing := changes(op)) == 1:
        return changing
    return [] if op.kind in NUMBERS else None


def changes(op: Op) -> list[Value]:
    """The operands of a derived `1.0 * x` or `0.0 + x` that will not be left out."""
    neutral = 1.0 if op.kind == "mul" else 0.0
    if not op.attrs.get("derived"):
        return op.args
    return [a for a in op.args if not (a.is_const and a.const == neutral)]


class Aliases:
    """Union-find over values that may share storage."""

    def __init__(self, function: Function) -> None:
        self.parent: dict[Value, Value] = {}
        for op in function.body.walk():
            if op.attrs.get("in_place") is not None:
                self.join(op.attrs["in_place"], op.result)  # the storage stays
            elif shares(op):
                for arg in op.args:
                    self.join(arg, op.result)
            elif op.kind == "if":
                for region in op.regions:
                    for a, b in zip(region.results, op.results, strict=True):
                        self.join(a, b)
            elif is_loop(op):
                for slot in slots(op):
                    for end in (slot.param, slot.yielded, slot.result):
                        self.join(slot.init, end)
                if op.kind == "while":
                    pairs = zip(op.regions[0].params, op.regions[1].params, strict=True)
                    for a, b in pairs:
                        self.join(a, b)

    def find(self, value: Value) -> Value:
        while self.parent.get(value, value) is not value:
            value = self.parent[value]
        return value

    def join(self, a: Value | None, b: Value) -> None:
        if a is not None and not a.is_const and not b.is_const:
            self.parent[self.find(a)] = self.find(b)


def check_aliases(function: Function) -> Function:
    """Refuse in-place updates of arrays that are visible under another name."""
    updates = [
        op for op in function.body.walk() if op.attrs.get("in_place") is not None
    ]
    if updates:
        segments = (live := Live(function, set())).finish()
        aliases = Aliases(function)
        outside = [*function.body.params, *function.attrs["globals"].values()]
        carried = slot_map(function)
        for op in updates:
            of = bound(op.result.type)
            if isinstance(of, Array) and not of.rank:
                if surely_number(op.attrs["in_place"], carried):
                    continue
            _check(op, aliases, segments, live, outside, carried)
    return function


def _check(
    op: Op,
    aliases: Aliases,
    segments: dict[Value, list[tuple[int, int]]],
    live: Live,
    outside: list[Value],
    carried: Mapping[Value, Slot],
) -> None:
    old, new = op.attrs["in_place"], op.result
    storage = aliases.find(old)
    at = live.defined[new][0]
    for value in outside:
        if aliases.find(value) is storage:
            raise UnsupportedError(
                f"this changes `{value.hint}` in place, which the caller sees",
                op.origin,
                f"write `{old.hint} = {old.hint} ...`, or copy it first",
            )
    for value, lives in segments.items():
        if value is new or aliases.find(value) is not storage:
            continue
        if any(start < at < end for start, end in lives):
            if surely_number(value, carried):
                continue  # an item that was read is a copy
            if value is old:
                raise UnsupportedError(
                    f"this changes `{old.hint}` in place; its old value is read again",
                    op.origin,
                    f"write `{old.hint} = {old.hint} ...`, or copy the array first",
                )
            raise UnsupportedError(
                f"this changes an array in place that `{value.hint}` shares",
                op.origin,
                f"write `{old.hint} = {old.hint} ...`, or copy the array first",
            )

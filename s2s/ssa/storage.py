"""Which operations make views, and which values are surely numbers.

In: an operation. Out: "view" if its result is a part of its first operand's storage,
"maybe" if it may share storage with an operand, "fresh" if it has storage of its own.

>>> from s2s.ssa.types import FLOAT, Array, Dim
>>> x = Value(Array("float64", (Dim("n"),)), "x")
>>> aliasing(Op("getitem", [x], ("x",), {"index": ("s000",)}))
'view'
>>> aliasing(Op("np.sin", [x], ("x",)))
'fresh'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s2s.ssa.ir import Function, Op, Slot, Value, is_loop, slots
from s2s.ssa.types import Array, List, Scalar, Tuple, Type, bound, rank_of

# Operations whose result is a view of their first operand, if that is an array.
VIEWS = frozenset(
    """
    T transpose np.transpose swapaxes np.swapaxes np.moveaxis np.rollaxis
    np.expand_dims np.squeeze squeeze np.flip np.fliplr np.flipud np.rot90
    np.matrix_transpose np.atleast_1d np.atleast_2d np.atleast_3d
    np.diagonal diagonal np.broadcast_to alias bound
    reshape np.reshape ravel np.ravel flat
    """.split()  # noqa: SIM905
)

# Operations whose result may share storage with an operand.
ALIASING = VIEWS | frozenset(
    """
    pick record tuple list list_copy list_repeat rows split_like unpack
    dict dict_values dict_zip dict_get add_dicts
    real imag np.real np.imag np.asarray np.asanyarray
    np.lib.stride_tricks.sliding_window_view
    np.ascontiguousarray np.asfortranarray np.split np.array_split np.hsplit np.vsplit
    np.dsplit conj conjugate pop copy_stack np.diag np.ix_
    """.split()  # noqa: SIM905
)


# What gives an array of that dtype itself, and numbers of what has no axes.
DTYPES = frozenset(
    """
    np.float64 np.float32 np.float16 np.complex128 np.complex64 np.int64 np.int32
    np.int16 np.int8 np.uint8 np.bool_
    """.split()  # noqa: SIM905
)


def global_of(value: Value) -> Value | None:
    """The global that an array, a list or a dict is, or is a part of."""
    while value.op is not None and value.op.kind == "pick":
        value = value.op.args[0]
    return value if value.role == "global" else None


def aliasing(op: Op) -> str:
    """How the storage of an operation's result relates to that of its operands."""
    if op.kind == "bound":
        return "view"
    if op.kind == "np.einsum":  # of one operand: a transpose or a diagonal
        return "maybe" if len(op.args) == 2 else "fresh"
    if op.attrs.get("shares"):  # a function of the user's that has a rule
        return "maybe"
    kind = op.kind.split()[0]  # "np.asarray of one"
    if kind == "getitem":
        if isinstance(bound(op.args[0].type), List):
            return "maybe"
        whole = op.args[0].op
        if whole is not None and whole.kind == "flat":
            return "fresh"  # x.flat[1:] is a copy, though x.flat[1:] = v stores into x
        return "view" if is_basic(op.attrs["index"], op.args[1:]) else "fresh"
    if kind in ("np.asarray", "np.asanyarray") and "dtype" not in op.names:
        return "view" if op.kind.endswith("of one") else "fresh"
    if kind == "np.diag":  # the diagonal of a matrix, or the matrix of a diagonal
        return {1: "fresh", 2: "view"}.get(rank_of(op.args[0].type) or 0, "maybe")
    if kind in DTYPES:
        return "maybe" if rank_of(op.args[0].type) else "fresh"
    if kind == "rows" and rank_of(op.args[0].type) == 1:
        return "fresh"  # a list of numbers
    if kind in VIEWS:
        return "view"
    if kind in ("astype", "np.nan_to_num"):
        return "maybe" if "copy" in op.names else "fresh"
    return "maybe" if kind in ALIASING else "fresh"


# Views that cannot be written to.
READ_ONLY = frozenset(["np.broadcast_to", "np.diagonal", "diagonal", "np.diag"])


def is_read_only(value: Value) -> bool:
    """Whether an operation made an array that cannot be written to."""
    op = value.op
    return op is not None and op.kind in READ_ONLY and aliasing(op) != "fresh"


# Operations that read nothing of their first operand but its shape and dtype.
SHAPES = frozenset(
    """
    len shape size ndim dtype np.shape np.size np.ndim
    np.zeros_like np.ones_like np.empty_like np.full_like
    """.split()  # noqa: SIM905
)


def contents(op: Op) -> list[Value]:
    """The operands whose elements an operation reads."""
    if op.kind in SHAPES and not isinstance(bound(op.args[0].type), List):
        return op.args[1:]
    return op.args


def is_basic(codes: Sequence[str], operands: Sequence[Value]) -> bool:
    """Whether NumPy gives a view: no integer arrays or masks in the index."""
    rest = iter(operands)
    for code in codes:
        if code == "i":
            of = bound(next(rest).type)
            if isinstance(of, Scalar):
                if of.kind == "bool":
                    return False
            elif not (isinstance(of, Array) and not of.rank and of.kind == "int"):
                return False
        else:
            for flag in code[1:]:
                if flag == "1":
                    next(rest)
    return True


# Operations whose result is a view only if that can be: else NumPy copies.
RESHAPES = frozenset(["reshape", "np.reshape", "ravel", "np.ravel"])


def counts_up(value: Value) -> bool:
    """Whether the value is `np.arange(n)`: with a start it may be -1, the last."""
    op = value.op
    return op is not None and op.kind == "np.arange" and op.names == ("start",)


def _positions_once(operands: Sequence[Value]) -> bool:
    """Whether the operands are what np.nonzero found, or another that repeats none."""
    picks = [i.op for i in operands if i.op is not None and i.op.kind == "pick"]
    if not picks or len(picks) < len(operands):
        return False
    whole = picks[0].args[0]
    of = bound(whole.type)
    return (
        whole.op is not None
        and whole.op.kind in POSITIONS
        and isinstance(of, Tuple)
        and all(p.args[0] is whole for p in picks)
        and {p.args[1].const for p in picks} == set(range(len(of.items)))
    )


def may_repeat(codes: Sequence[str], operands: Sequence[Value]) -> bool:
    """Whether an index may name a place twice, so that `+=` would lose a part.

    `x[np.arange(n), k]` names each row once, unless one row is broadcast along `k`.
    """
    if set(codes) == {"i"} and _positions_once(operands):
        return False
    types = [(i, bound(i.type)) for i in operands]
    shapes = [(i, t.shape) for i, t in types if isinstance(t, Array) and t.rank]
    for rows, (n, *_) in shapes:
        others = [s for i, s in shapes if i is not rows]
        fit = (len(s) == 1 and (n.unit is False or n.same(s[0])) for s in others)
        if counts_up(rows) and all(fit):
            return False
    rest = iter(operands)
    for code in codes:
        if code == "i":
            of = bound(next(rest).type)
            mask = isinstance(of, Array) and of.dtype == "bool"
            if not mask and rank_of(of) != 0:
                return True
        else:
            for flag in code[1:]:
                if flag == "1":
                    next(rest)
    return False


def is_full_index(codes: Sequence[str]) -> bool:
    """Whether an index takes all of an array: `[...]`, `[:]`, `[:, :]`.

    >>> is_full_index(("s000", "e")), is_full_index(("s100",))
    (True, False)
    """
    return all(c in ("e", "s000", "") for c in codes)


def overwrites(op: Op) -> bool:
    """Whether a store leaves nothing of what was there before."""
    return (
        op.kind == "store" and is_full_index(op.attrs["index"]) and not op.attrs["path"]
    )


# Operations that give positions, an array for each axis, and none of them twice.
POSITIONS = frozenset(
    """
    np.nonzero np.diag_indices np.diag_indices_from np.triu_indices np.tril_indices
    np.triu_indices_from np.tril_indices_from
    """.split()  # noqa: SIM905
)
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
    """The slot of each parameter of a loop.

    Parameters that are numbers of which functions see to it are like slots of these.
    """
    number = Value(Scalar("float"), const=0.0)
    known = function.attrs.get("numbers", ())
    return {p: Slot(number, p, number, p) for p in known} | {
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
    first, work = value, [value]
    while work:
        value = work.pop()
        if value in seen or value.is_const:
            continue
        seen.add(value)
        if not _is_container(value) and rank_of(value.type) != 0:
            if value is first:
                return False
            continue  # beside what has no axes
        ends = _origins(value, carried)
        if ends is None:
            return False
        work += ends
    return True


def _is_container(value: Value) -> bool:
    return isinstance(bound(value.type), List | Tuple)


def _has_numbers_alone(t: Type) -> bool:
    """Whether all that a type has without axes are Python's numbers."""
    t = bound(t)
    if isinstance(t, List):
        return _has_numbers_alone(t.item)
    if isinstance(t, Tuple):
        return all(map(_has_numbers_alone, t.items))
    return not (isinstance(t, Array) and not t.rank)


def _held(op: Op) -> list[Value] | None:
    """What is in a list or record that an operation makes; None if it is not known."""
    if op.kind in ("list", "record", "tuple", "dict", "add_dicts"):
        return op.args
    if op.kind in GAINING:
        return [op.args[0], op.args[-1]]
    if op.kind in ("dict_zip", "dict_full"):  # of keys and values
        return op.args[1:]
    if op.kind == "rows":  # of an array
        return []
    return op.args[:1] if op.kind in PARTS else None


# Operations that make a list or record of what is in their first operand; and those
# that put their last one there.
PARTS = frozenset(
    """
    add_at list_copy list_repeat removed removed_in copy_items getitem pick dict_values
    """.split()  # noqa: SIM905
)
GAINING = frozenset(
    ["append", "insert", "store", "append_in", "insert_in", "setdefault", "dict_get"]
)


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
    if _has_numbers_alone(value.type):
        return []
    if op is None:
        return None
    if op.kind == "bound":
        return op.args
    if op.attrs.get("aug"):  # the user's `x += value`: is what x was
        return op.args[:1]
    if _is_container(value) or op.kind == "dict_get":
        return _held(op)
    if op.kind == "getitem":
        if _is_container(op.args[0]):
            return op.args[:1]
        return [] if set(op.attrs["index"]) == {"i"} else None
    if op.kind == "call":
        return [] if 0 in op.attrs["callee"].numbers else None
    if op.kind == "pick":  # `a, b = v` gives numbers, if v is an array
        whole = op.args[0].op
        if whole is not None and whole.kind == "call":
            return [] if op.args[1].const in whole.attrs["callee"].numbers else None
        if whole is not None and whole.kind == "unpack":
            return []
        return op.args[:1]
    if op.kind == "neg" and op.attrs.get("derived"):  # two of them will be left out
        return op.args
    if op.kind in ("add", "mul") and len(changing := changes(op)) == 1:
        return changing
    return [] if op.kind in NUMBERS else None


def numbers(function: Function, callee: Any) -> None:
    """Note which results of a function, which may call itself, surely are numbers."""
    results, carried = function.body.results, slot_map(function)
    callee.numbers, before = frozenset(range(len(results))), None
    while callee.numbers != before:
        before = callee.numbers
        sure = (k for k in before if surely_number(results[k], carried))
        callee.numbers = frozenset(sure)


def changes(op: Op) -> list[Value]:
    """The operands of a derived `1.0 * x` or `0.0 + x` that will not be left out."""
    neutral = 1.0 if op.kind == "mul" else 0.0
    if not op.attrs.get("derived"):
        return op.args
    return [a for a in op.args if not (a.is_const and a.const == neutral)]

"""What a rewrite asks of the operations that made its operands.

In: values and operations. Out: facts, among them the operation to look into.

>>> from s2s.ssa.types import FLOAT
>>> x = Value(FLOAT, "x")
>>> op = Op("neg", [x], ("x",), {"derived": True})
>>> minus_x = Value(FLOAT, op=op)
>>> made(minus_x, "neg") is op, made(x, "neg") is None
(True, True)
"""

from __future__ import annotations

from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Array, Scalar, bound, rank_of


def made(value: Value, kind: str) -> Op | None:
    """The derived operation of that kind that made the (number-like) value."""
    op = value.op
    if op is None or op.kind != kind or not op.attrs.get("derived"):
        return None
    return op if isinstance(bound(value.type), Scalar | Array) else None


def number(value: Value) -> float | None:
    """The value of a float literal."""
    if value.is_const and isinstance(value.const, float) and not value.spelling:
        return value.const
    return None


def drops_kept_axes(item: Op, total: Op) -> bool:
    """Whether an item takes out just the axes that a sum kept as axes of length one."""
    axis, rank = total.arg("axis"), rank_of(total.result.type)
    if total.names != ("x", "axis", "keepdims") or total.args[2].const is not True:
        return False
    if axis is None or rank is None or not isinstance(axis.const, int | tuple):
        return False
    axes = axis.const if isinstance(axis.const, tuple) else (axis.const,)
    taken = {k for k, code in enumerate(item.attrs["index"]) if code == "i"}
    zeros = all(type(a.const) is int and a.const == 0 for a in item.args[1:])
    rest = set(item.attrs["index"]) <= {"i", "s000"}
    return zeros and rest and taken == {a % rank for a in axes}


def same_kind(op: Op, x: Value) -> bool:
    """Whether `x` already has the type of the operation's result."""
    a, b = bound(op.result.type), bound(x.type)
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return a.kind == b.kind
    return a == b


def is_float(value: Value) -> bool:
    """Whether multiplying the value by a float keeps its dtype."""
    of = bound(value.type)
    return isinstance(of, Scalar | Array) and of.kind in ("float", "complex")


def same_line(x: Value, y: Value) -> bool:
    """Whether two values were derived from one statement of the user's."""
    a, b = (v.op and v.op.origin and v.op.origin.stmt_line for v in (x, y))
    return a is not None and a == b


def is_int(value: Value) -> bool:
    of = bound(value.type)
    return isinstance(of, Scalar) and of.kind == "int"


def are_same(a: Value, b: Value) -> bool:
    """Whether two values are surely equal: computed alike from the same ones."""
    if a is b:
        return True
    if a.is_const or b.is_const:
        return a.is_const and b.is_const and a.const == b.const
    one, other = a.op, b.op
    if one is None or other is None or one.kind != other.kind or one.regions:
        return False
    alike = one.kind in ("add", "sub", "mul", "mod", "floordiv", "tuple")
    if not alike or len(one.args) != len(other.args):  # tuples of any length
        return False
    return all(map(are_same, one.args, other.args))

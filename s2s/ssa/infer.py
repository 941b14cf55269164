"""Rank and dtype behaviour of operations, as functions `Call -> Type` that rows name.

In: a `Call`, one operation with its typed arguments. Out: the type of its result.

>>> from s2s.ssa.ir import Op, Value
>>> from s2s.ssa.types import FLOAT, Array, Dim
>>> from s2s.rules import Rules
>>> row = Rules().rule("z = x * y", "g * y", "g * x")
>>> row_vector = Value(Array("float32", (Dim("n", 0, False),)))
>>> elementwise(Call(row, Op("mul", [row_vector, Value(FLOAT)], ("x", "y"))))
float32[n]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from s2s.ssa.storage import contents
from s2s.ssa.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    KINDS,
    ONE,
    TEXT,
    Array,
    Dim,
    List,
    Scalar,
    Type,
    bound,
    is_real_valued,
    kind_of_dtype,
    name_of,
    promote,
    some_length,
)

if TYPE_CHECKING:
    from s2s.rules import Rule
    from s2s.ssa.ir import Op, Value


class Refused(Exception):
    """An operation that its row does not support; the emitter adds the place."""

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice


class Call:
    """One operation as its row's type function sees it."""

    def __init__(self, rule: Rule, op: Op) -> None:
        self.rule = rule
        self.op = op

    def value(self, name: str) -> Value | None:
        """The argument bound to a parameter, None if it was left out."""
        return self.op.arg(name)

    def type(self, name: str) -> Type:
        """The type of a required parameter's argument."""
        value = self.op.arg(name)
        assert value is not None, f"{self.rule.kind} without {name}"
        return bound(value.type)

    def types(self) -> list[Type]:
        """The types of all arguments, in order."""
        return [bound(v.type) for v in self.op.args]

    def given(self, *names: str) -> list[Type]:
        """The types of those of the arguments that are present and not None."""
        values = [v for n in names if (v := self.op.arg(n)) is not None]
        return [bound(v.type) for v in values if not v.is_const or v.const is not None]

    def const(self, name: str) -> Any:
        """The compile-time value of an optional parameter.

        Its default when left out; `...` when it is only known at run time.
        """
        value = self.op.arg(name)
        if value is None:
            return self.rule.param(name).default
        return value.const if value.is_const else ...


def inferred(call: Call) -> Type:
    """The type that the row of an operation says, unless it reads what has none.

    What there is in an array of objects is not known: it may have a derivative. And so
    it is with text that is made of floats.
    """
    read = [bound(v.type) for v in contents(call.op)]
    for t in read:
        if isinstance(t, Array) and t.kind == "object":
            refuse_dtype(t.dtype)
    out: Type = call.rule.infer(call)
    if isinstance(out, Array) and out.kind == "text":
        if any(isinstance(t, Array | Scalar) and is_real_valued(t) for t in read):
            refuse_dtype(out.dtype)
    return out


def numeric(dtype: str) -> str:
    """The dtype that an array is to have, which must be one of numbers."""
    if kind_of_dtype(dtype) not in KINDS:
        refuse_dtype(dtype)
    return dtype


def refuse_dtype(dtype: str) -> NoReturn:
    raise Refused(
        f"arrays of dtype {dtype} are not supported",
        "use an array of numbers, or a list",
    )


SAMPLES = {"bool": True, "int": 2, "float": 1.5, "complex": 1.5 + 0j, "text": ""}


def _sample(t: Array | Scalar) -> tuple[str, int | None]:
    """What `_probe` needs to know of an operand: kind or dtype, and rank, if any."""
    return (t.kind, None) if isinstance(t, Scalar) else (t.dtype, min(t.rank, 1))


@cache
def _probe(run: Any, operands: tuple[tuple[str, int | None], ...]) -> tuple[str, bool]:
    """Result dtype (or kind) of an elementwise function, found by calling it.

    The kind if it is a Python number, which is weak. Arrays are probed with length
    zero, so that no domain error can arise.
    """
    samples: list[Any] = []
    for name, rank in operands:
        if rank:
            samples.append(np.empty((0,), name))
        elif rank == 0:
            samples.append(np.dtype(name).type(SAMPLES[kind_of_dtype(name)]))
        else:
            samples.append(SAMPLES[name])
    with np.errstate(all="ignore"):
        out = run(*samples)
    if isinstance(out, np.ndarray | np.generic):
        return name_of(out.dtype), False
    return type(out).__name__, True


def elementwise(call: Call) -> Type:
    """Broadcast the shapes; NumPy itself says the dtype."""
    types = call.types()
    if not all(isinstance(t, Array | Scalar) for t in types):
        return ANY
    operands = tuple(_sample(t) for t in types if isinstance(t, Array | Scalar))
    name, weak = _probe(call.rule.run, operands)
    if weak:
        return Scalar(name)
    return broadcast_type(name, [t for t in types if isinstance(t, Array)])


def broadcast_type(dtype: str, arrays: list[Array]) -> Array:
    """What arrays are broadcast to, of which some may be numbers.

    >>> one, some = Array("float64", (ONE,)), Array("float64", (Dim("n"),), loose=True)
    >>> broadcast_type("float64", [some, Array("float64", ())]).loose
    True
    >>> broadcast_type("float64", [some, one]).loose
    False
    """
    shape = broadcast(*(t.shape for t in arrays))
    sure = broadcast(*(t.shape for t in arrays if not t.loose))
    if len(sure) < len(shape):
        return Array(dtype, shape, any(t.loose for t in arrays))
    pairs = zip(sure, shape, strict=True)
    dims = (d if d.unit is False or d.same(e) else some_length() for d, e in pairs)
    return Array(dtype, tuple(dims))


def broadcast(*shapes: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape that NumPy broadcasts the given ones to, in a program that runs.

    >>> broadcast((Dim("n", 0, False),), (ONE, ONE))
    (1, n)
    """
    rank = max((len(s) for s in shapes), default=0)
    padded = [(ONE,) * (rank - len(s)) + s for s in shapes]
    return tuple(_broadcast_dims(dims) for dims in zip(*padded, strict=True))


def _broadcast_dims(dims: tuple[Dim, ...]) -> Dim:
    open_dims = [d for d in dims if not d.unit]
    if not open_dims:
        return ONE
    sure = [d for d in open_dims if d.unit is False]
    if sure:  # a length other than one wins; prefer one that has a name
        return next((d for d in sure if d.sym is not None), sure[0])
    first = open_dims[0]
    return first if all(first.same(d) for d in open_dims[1:]) else some_length()


def over(*names: str, beside: tuple[str, ...] = (), dtype: str = "") -> Any:
    """Elementwise in the named parameters, of NumPy's promoted dtype if none is given.

    Those in `beside` take part in the broadcasting alone (a condition).
    """

    def promoted(call: Call) -> Type:
        dtypes, others = call.given(*names), call.given(*beside)
        if not all(isinstance(t, Array | Scalar) for t in (*dtypes, *others)):
            return ANY
        arrays = [t for t in (*dtypes, *others) if isinstance(t, Array)]
        return broadcast_type(dtype or promote(*dtypes), arrays)

    return promoted


def kind_of(t: Type) -> str | None:
    """The kind of a number or of an array's elements, None where it is not known.

    >>> kind_of(Array("float32", ()))
    'float'
    """
    t = bound(t)
    return t.kind if isinstance(t, Scalar | Array) else None


def as_positions(t: Type, what: str) -> None:
    """Refuse bools where NumPy takes them for numbers, which no index does."""
    of = bound(t)
    if kind_of(of.item if isinstance(of, List) else of) == "bool":
        raise Refused(
            f"{what} takes bools for the positions 0 and 1",
            "select by a mask, `x[c]`, or write numbers: `np.where(c, 1, 0)`",
        )


def refusing_complex(infer: Any) -> Any:
    """The same types, where no argument is complex."""

    def real_only(call: Call) -> Type:
        if any(kind_of(t) == "complex" for t in call.types()):
            raise Refused(f"{call.rule.kind} of complex numbers is not supported")
        return infer(call)

    return real_only


def of_numbers(call: Call) -> Type:
    """A function of the math module: numbers in, a Python float out."""
    if any(isinstance(t, Array) and t.rank for t in call.types()):
        name = call.rule.kind.removeprefix("math.")
        raise Refused(f"math.{name} takes numbers, not arrays")
    return FLOAT


def same_as(name: str = "x") -> Any:
    """The result has the type of the argument `name`."""
    return lambda call: call.type(name)


def comparison(call: Call) -> Type:
    """A bool, or an array of them."""
    if TEXT in call.types():
        return BOOL
    if not all(isinstance(t, Array | Scalar) for t in call.types()):
        return ANY
    return elementwise(call)


def boolean(call: Call) -> Type:
    """A Python bool, whatever the arguments."""
    return BOOL


def integer(call: Call) -> Type:
    """A Python int, whatever the arguments."""
    return INT


def normal_axes(axis: Any, rank: int) -> tuple[int, ...] | None:
    """The axes as non-negative numbers; None when only known at run time."""
    if axis is ...:
        return None
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(int(a) % rank for a in axes)) if rank else ()


def reduced_shape(call: Call, shape: tuple[Dim, ...]) -> tuple[Dim, ...] | None:
    """The shape left by a reduction over `axis` with `keepdims`; None if unknown."""
    axes = normal_axes(call.const("axis"), len(shape))
    keep = call.const("keepdims")
    if axes is None or keep is ...:
        return None
    if keep:
        return tuple(ONE if i in axes else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in axes)


def reduction(call: Call) -> Type:
    """A reduction over `axis` (int, tuple or None) with `keepdims`."""
    x = call.type("x")
    if isinstance(x, Scalar):
        x = Array(np.dtype(x.kind).name, ())
    if not isinstance(x, Array):
        return ANY
    shape = reduced_shape(call, x.shape)
    if shape is None:
        return ANY
    name, weak = _probe(_reducer(call.rule.run), ((x.dtype, 1),))
    return Scalar(name) if weak else Array(name, shape)


@cache
def _reducer(run: Any) -> Any:
    """The reduction over the last axis of a (1, 1) array: safe for min and max."""
    return lambda x: run(np.ones((1, 1), x.dtype), axis=-1)


def floating(dtype: str) -> str:
    """The dtype that a mean of such values has."""
    return dtype if kind_of_dtype(dtype) in ("float", "complex") else "float64"

"""Appending typed operations to a region.

In: operands. Out: the value of a new operation at the end of the current region, its
type inferred by the rules. The builder and all transforms write through an `Emitter`.

>>> from s2s.ssa.ir import Value
>>> from s2s.ssa.types import FLOAT
>>> import s2s.templates
>>> from s2s.rules import RULES
>>> e = Emitter(RULES, Region())
>>> x = Value(FLOAT, "x")
>>> _ = e.emit("mul", [x, e.const(2.0)])
>>> from s2s.ssa.show import show_ops
>>> print(*show_ops(e.region.ops), sep="")
%1 = x * 2.0  : float
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.infer import Refused
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.types import BOOL, COMPLEX, FLOAT, Scalar, Static, Tuple, Type, length

if TYPE_CHECKING:
    from s2s.rules import Rules


class Emitter:
    """Writes operations to `region`; `origin` and `sweep` are given to each of them."""

    def __init__(self, rules: Rules, region: Region) -> None:
        self.rules = rules
        self.region = region
        self.origin: Origin | None = None
        self.sweep: str | None = None  # "reverse" in the reverse sweep of an adjoint

    def emit(
        self,
        kind: str,
        args: Sequence[Value],
        names: Sequence[str] | None = None,
        hint: str = "t",
        role: str = "temp",
        type: Type | None = None,
        **attrs: Any,
    ) -> Value:
        """Append one operation; its result type is inferred unless given."""
        if names is None:
            names = [p.name for p in self.rules[kind].params[: len(args)]]
        op = self.marked(Op(kind, list(args), tuple(names), attrs, origin=self.origin))
        with self.placed():
            return self.region.add(op, type or self.rules.infer(op), hint, role)

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Say of what is refused where that is."""
        try:
            yield
        except Refused as refused:
            why, advice = str(refused), refused.advice
            raise UnsupportedError(why, self.origin, advice) from None

    def effect(self, kind: str, args: Sequence[Value], **attrs: Any) -> Op:
        """Append an operation that is done for its effect."""
        names = ("x",) * len(args)
        op = Op(kind, list(args), names, attrs, origin=self.origin)
        self.region.ops.append(op)
        return op

    def append(self, op: Op) -> Op:
        """Append an operation that is already complete."""
        op.origin = op.origin or self.origin
        self.region.ops.append(self.marked(op))
        return op

    def marked(self, op: Op) -> Op:
        """The operation, which belongs to the sweep that is being written."""
        if self.sweep is not None:
            op.attrs["sweep"] = self.sweep
        return op

    def const(
        self, value: Any, spelling: str | None = None, of: str | None = None
    ) -> Value:
        """A literal or static object as an operand, or what is known `of` a name."""
        made = Value(const_type(value), const=value, spelling=spelling)
        if of is not None:
            made.hint, made.role = of, "literal"
        return made

    @contextmanager
    def inside(self, region: Region) -> Iterator[Region]:
        """Write to another region for a while."""
        outer, self.region = self.region, region
        try:
            yield region
        finally:
            self.region = outer


def const_type(value: Any) -> Type:
    """The type of a compile-time constant."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return Scalar("int", length(value) if value >= 0 else None)
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, complex):
        return COMPLEX
    if isinstance(value, tuple):
        return Tuple(tuple(map(const_type, value)))
    return Static(value)

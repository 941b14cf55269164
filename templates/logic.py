"""Rows of questions about numbers: comparisons, predicates, logic, bits."""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.infer import boolean, over
from s2s.ssa.types import BOOL, Type, Array

zero = RULES.zero

ALL = (-2.0, 2.0)
INTEGERS = (1, 5)

for name in ("isnan", "isfinite", "isinf", "signbit", "logical_not"):
    zero(f"z = np.{name}(x)", on=(ALL,), cheap=True)
for name in (
    "greater", "greater_equal", "less", "less_equal", "equal", "not_equal",
    "logical_and", "logical_or", "logical_xor",
):  # fmt: skip
    zero(f"z = np.{name}(x, y)", on=(ALL, ALL), cheap=True)
for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"):
    zero(f"z = np.{name}(x, y)", on=(INTEGERS, INTEGERS), cheap=True)
zero("z = np.invert(x)", on=(INTEGERS,), cheap=True)

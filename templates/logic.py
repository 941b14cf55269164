"""Rows of questions about numbers: comparisons, predicates, logic, bits."""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.infer import boolean, over

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
zero(
    "z = np.isclose(x, y, rtol=1e-05, atol=1e-08, equal_nan=False)",
    type=over("x", "y", dtype="bool"),
    elementwise=True,
    on=(ALL, ALL),
)
zero(
    "z = np.allclose(x, y, rtol=1e-05, atol=1e-08, equal_nan=False)",
    type=boolean,
    at=("np.allclose(a34, a4)", "np.allclose(s, 1.0, atol=1.0)"),
)
zero(
    "z = np.array_equal(x, y, equal_nan=False)",
    type=boolean,
    at=("np.array_equal(a34, a34)",),
)

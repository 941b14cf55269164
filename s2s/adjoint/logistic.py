"""The logistic function, recognised as it is written.

In: a division. Out: u, if it is `1 / (1 + exp(u))`. The derivative of that is known
from the quotient alone: neither the exponential nor the sum need be kept.

    p = 1.0 / (1.0 + np.exp(-x))     ->     x_bar = p_bar * p * (1.0 - p)

As for tanh, what is close to one loses its distance from it; where exp overflows, the
derivative is zero and not NaN.
"""

from __future__ import annotations

from s2s.ssa.ir import Op, Value

EXPONENTIALS = ("np.exp", "math.exp")


def logistic_exponent(op: Op) -> Value | None:
    """The exponent u, if the operation is `1 / (1 + exp(u))`."""
    if op.kind != "truediv" or not _is_one(op.args[0]):
        return None
    below = op.args[1].op
    if below is None or below.kind != "add":
        return None
    x, y = below.args
    one, power = (x, y.op) if x.is_const else (y, x.op)
    if not _is_one(one) or power is None or power.kind not in EXPONENTIALS:
        return None
    return power.args[0] if len(power.args) == 1 else None


def _is_one(value: Value) -> bool:
    return value.is_const and type(value.const) in (int, float) and value.const == 1

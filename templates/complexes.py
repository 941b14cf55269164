"""Rows of the parts of complex numbers.

For a real function f of z, s2s returns the g for which df = Re(g * dz), as JAX and
autograd do: g is the conjugate of the gradient. `angle` is undefined at 0 (NaN).
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.infer import elementwise, kind_of
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote

custom, linear = RULES.custom, RULES.linear

PLANE = ((0.5 + 0.5j, 2.0 + 2.0j),)
BECAUSE = "real-linear, not complex-linear: the tangent is not the cotangent's text"


def conj_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    real = kind_of(op.args[0].type) in ("bool", "int", "float")
    return {0: g if real else quote("np.conj(g)", g=g)}


linear(
    "z = np.conj(x)",
    vjp=conj_vjp,
    type=elementwise,
    elementwise=True,
    method="conj",
    view=True,  # the method returns real arrays themselves
    on=PLANE,
    cheap=True,
)
RULES.by_method["conjugate"] = RULES["np.conj"]
for text, tangent in (("np.real(x)", "np.real(g)"), ("x.real", "g.real")):
    custom(
        f"z = {text}", vjp=("g",), jvp=(tangent,), type=elementwise, because=BECAUSE,
        on=PLANE, view=True, elementwise=True, cheap=True,
    )  # fmt: skip
for text, tangent in (("np.imag(x)", "np.imag(g)"), ("x.imag", "g.imag")):
    custom(
        f"z = {text}", vjp=("-1j * g",), jvp=(tangent,), type=elementwise,
        because=BECAUSE, on=PLANE, view=True, elementwise=True, cheap=True,
    )  # fmt: skip
custom(
    "z = np.angle(x)",
    vjp=("-1j * g / x",),
    jvp=("np.imag(g / x)",),
    type=elementwise,
    elementwise=True,
    because=BECAUSE,
    on=PLANE,
)

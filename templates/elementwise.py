"""Rows of the smooth elementwise functions, with their twins in the math module.

Conventions where the derivative does not exist: `sqrt` and `cbrt` have derivative inf
at 0 (a ZeroDivisionError in the math module), `hypot` has 0 at the origin, as `abs`
has, and `arctan2` has NaN there. `power(x, 0)` has derivative 0 everywhere, and
`power(0, y)` has derivative 0 with respect to y.
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote

rule = RULES.rule

ALL, POSITIVE, INSIDE = (-2.0, 2.0), (0.5, 2.0), (-0.9, 0.9)

# exponentials and logarithms
rule("z = np.exp(x)", "g * z", on=(ALL,), also="math")
rule("z = np.exp2(x)", "g * z * math.log(2.0)", on=(ALL,), also="math")
rule("z = np.expm1(x)", "g * (z + 1.0)", on=(ALL,), also="math")
rule("z = np.log(x)", "g / x", on=(POSITIVE,))
rule("z = np.log2(x)", "g / (x * math.log(2.0))", on=(POSITIVE,), also="math")
rule("z = np.log10(x)", "g / (x * math.log(10.0))", on=(POSITIVE,), also="math")
rule("z = np.log1p(x)", "g / (1.0 + x)", on=(INSIDE,), also="math")
rule("z = np.logaddexp(x, y)", "g * np.exp(x - z)", "g * np.exp(y - z)", on=(ALL, ALL))
rule(
    "z = np.logaddexp2(x, y)", "g * np.exp2(x - z)", "g * np.exp2(y - z)", on=(ALL, ALL)
)

# powers and roots
rule("z = np.sqrt(x)", "0.5 * g / z", on=(POSITIVE,), also="math")
rule("z = np.cbrt(x)", "g / (3.0 * z**2)", on=(POSITIVE,), also="math")
rule("z = np.square(x)", "2.0 * g * x", on=(ALL,), cheap=True)
rule("z = np.reciprocal(x)", "-g * z**2", on=(POSITIVE,), cheap=True)
rule(
    "z = np.hypot(x, y)",
    "g * x / np.where(z == 0.0, 1.0, z)",
    "g * y / np.where(z == 0.0, 1.0, z)",
    on=(ALL, ALL),
)

CONSTANT_POWERS = {
    0: "0.0 * g",
    1: "g",
    2: "2.0 * g * x",
    3: "3.0 * g * x**2",
    0.5: "0.5 * g / z",
    -1: "-g * z**2",
}


def power_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """`x ** y`, written short for the exponents that people use."""
    x, y, z = *op.args, op.result
    if y.is_const and y.const in CONSTANT_POWERS:
        return {0: quote(CONSTANT_POWERS[y.const], g=g, x=x, z=z)}
    if y.is_const:
        n, m = quote.const(y.const), quote.const(y.const - 1)
        return {0: quote("n * g * x**m", g=g, x=x, n=n, m=m)}
    # At y = 0 the exponent is 0 instead of -1, so that x = 0 gives 0 and not NaN;
    # at x = 0 the logarithm is that of 1.
    return {
        0: quote("g * y * x ** np.where(y == 0, 0.0, y - 1)", g=g, x=x, y=y),
        1: quote("g * z * np.log(np.where(x == 0, 1.0, x))", g=g, x=x, z=z),
    }


rule("z = np.power(x, y)", vjp=power_vjp, on=(POSITIVE, ALL))
rule("z = np.float_power(x, y)", vjp=power_vjp, on=(POSITIVE, ALL))

# trigonometry
rule("z = np.sin(x)", "g * np.cos(x)", on=(ALL,), also="math")
rule("z = np.cos(x)", "-g * np.sin(x)", on=(ALL,), also="math")
rule("z = np.tan(x)", "g * (1.0 + z**2)", on=(INSIDE,), also="math")
rule("z = np.arcsin(x)", "g / np.sqrt((1.0 - x) * (1.0 + x))", on=(INSIDE,))
rule("z = np.arccos(x)", "-g / np.sqrt((1.0 - x) * (1.0 + x))", on=(INSIDE,))
rule("z = np.arctan(x)", "g / (1.0 + x**2)", on=(ALL,))
rule(
    "z = np.arctan2(y, x)",
    "g * x / (x**2 + y**2)",
    "-g * y / (x**2 + y**2)",
    on=(POSITIVE, POSITIVE),
)
rule("z = np.sinc(x)", "g * sinc_slope(x)", on=(ALL,))
rule("z = np.deg2rad(x)", "np.deg2rad(g)", on=(ALL,))
rule("z = np.rad2deg(x)", "np.rad2deg(g)", on=(ALL,))
rule("z = np.radians(x)", "np.radians(g)", on=(ALL,), also="math")
rule("z = np.degrees(x)", "np.degrees(g)", on=(ALL,), also="math")

# hyperbolic functions
rule("z = np.sinh(x)", "g * np.cosh(x)", on=(ALL,), also="math")
rule("z = np.cosh(x)", "g * np.sinh(x)", on=(ALL,), also="math")
rule("z = np.tanh(x)", "g * (1.0 - z**2)", on=(ALL,), also="math")
rule("z = np.arcsinh(x)", "g / np.sqrt(1.0 + x**2)", on=(ALL,))
# Two roots, not one: so it is right for complex x too, and exact near x = 1.
rule("z = np.arccosh(x)", "g / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))", on=((1.1, 3.0),))
rule("z = np.arctanh(x)", "g / ((1.0 - x) * (1.0 + x))", on=(INSIDE,))

# arithmetic as functions
BOTH = (POSITIVE, POSITIVE)
rule("z = np.add(x, y)", "g", "g", on=BOTH, cheap=True)
rule("z = np.subtract(x, y)", "g", "-g", on=BOTH, cheap=True)
rule("z = np.multiply(x, y)", "g * y", "g * x", on=BOTH, cheap=True)
rule("z = np.divide(x, y)", "g / y", "-g * z / y", on=BOTH, cheap=True)
rule("z = np.negative(x)", "-g", on=(ALL,), cheap=True)
rule("z = np.positive(x)", "g", on=(ALL,), cheap=True)
rule("z = np.ldexp(x, i)", "np.ldexp(g, i)", None, on=(ALL, (1, 3)), also="math")

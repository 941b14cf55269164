"""Rows of the math module that have no twin of the same name in NumPy.

Conventions are those of NumPy's rows; where those give inf or NaN, Python's own
arithmetic raises ZeroDivisionError or ValueError.
"""

from __future__ import annotations

from s2s.templates.elementwise import ALL, INSIDE, POSITIVE

from s2s.rules import RULES
from s2s.ssa.infer import boolean, integer, of_numbers
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote

zero, custom = RULES.zero, RULES.custom


def number(text: str, *partials: str | None, on: tuple) -> None:
    """A function of numbers that returns a float."""
    RULES.rule(f"z = math.{text}", *partials, type=of_numbers, elementwise=False, on=on)


number("asin(x)", "g / math.sqrt((1.0 - x) * (1.0 + x))", on=(INSIDE,))
number("acos(x)", "-g / math.sqrt((1.0 - x) * (1.0 + x))", on=(INSIDE,))
number("atan(x)", "g / (1.0 + x**2)", on=(ALL,))
number(
    "atan2(y, x)",
    "g * x / (x**2 + y**2)",
    "-g * y / (x**2 + y**2)",
    on=(POSITIVE, POSITIVE),
)
number("asinh(x)", "g / math.sqrt(1.0 + x**2)", on=(ALL,))
number("acosh(x)", "g / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0))", on=((1.1, 3.0),))
number("atanh(x)", "g / ((1.0 - x) * (1.0 + x))", on=(INSIDE,))
number(
    "log(x, base := None)",
    "g / x if base is None else g / (x * math.log(base))",
    "-g * z / (base * math.log(base))",
    on=(POSITIVE, (1.5, 3.0)),
)
# At y = 0 the power taken is 0 instead of -1, so that x = 0 gives 0; at x = 0 the
# logarithm is that of 1.
number(
    "pow(x, y)",
    "g * y * math.pow(x, y - (y != 0.0))",
    "g * z * math.log(x + (x == 0.0))",
    on=(POSITIVE, ALL),
)
number("erf(x)", "g * 2.0 / math.sqrt(math.pi) * math.exp(-(x**2))", on=(ALL,))
number("erfc(x)", "-g * 2.0 / math.sqrt(math.pi) * math.exp(-(x**2))", on=(ALL,))
number("gamma(x)", "g * z * polygamma(0, x)", on=(POSITIVE,))
number("lgamma(x)", "g * polygamma(0, x)", on=(POSITIVE,))
number("fabs(x)", "g * math.copysign(x != 0.0, x)", on=(ALL,))  # 0 at 0
number(
    "copysign(x, y)",
    "g * math.copysign(x != 0.0, x) * math.copysign(1.0, y)",
    None,
    on=(ALL, ALL),
)
number("fmod(x, y)", "g", "-g * (x - z) / y", on=((2.1, 2.9), (0.8, 0.9)))
number("remainder(x, y)", "g", "-g * (x - z) / y", on=((2.1, 2.3), (0.8, 0.9)))


def hypot_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Every coordinate's share of the length; 0 at the origin."""
    text = "g * x / (z + (z == 0.0))"
    return {k: quote(text, g=g, x=x, z=op.result) for k, x in enumerate(op.args)}


def hypot_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    terms = [quote("g * x", g=dot, x=op.args[k]) for k, dot in dots.items()]
    total = terms[0]
    for term in terms[1:]:
        total = quote("t + u", t=total, u=term)
    return quote("t / (z + (z == 0.0))", t=total, z=op.result)


custom(
    "z = math.hypot(*xs)",
    vjp=hypot_vjp,
    jvp=hypot_jvp,
    type=of_numbers,
    because="any number of coordinates",
    at=("math.hypot(s, 2.0)", "math.hypot(s, s, 2.0 * s)"),
)


def fsum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    return dict.fromkeys(range(len(op.args)), g)


def fsum_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    total = next(iter(dots.values()))
    for dot in list(dots.values())[1:]:
        total = quote("t + u", t=total, u=dot)
    return total


custom(
    "z = math.fsum([*xs])",
    vjp=fsum_vjp,
    jvp=fsum_jvp,
    type=of_numbers,
    because="linear in all items together",
    at=("math.fsum([s, 2.0 * s, 1.0])",),
)

for name in ("floor", "ceil", "trunc"):
    zero(f"z = math.{name}(x)", type=integer, at=(f"math.{name}(s)",))
for name in ("factorial", "isqrt"):
    zero(f"z = math.{name}(n)", type=integer, at=(f"math.{name}(5)",))
for name in ("comb", "perm"):
    zero(f"z = math.{name}(n, k)", type=integer, at=(f"math.{name}(5, 2)",))
for name in ("gcd", "lcm"):
    zero(f"z = math.{name}(*xs)", type=integer, at=(f"math.{name}(6, 4)",))
for name in ("isnan", "isinf", "isfinite"):
    zero(f"z = math.{name}(x)", type=boolean, at=(f"math.{name}(s)",))
zero(
    "z = math.isclose(a, b, rel_tol=1e-09, abs_tol=0.0)",
    type=boolean,
    at=("math.isclose(s, 1.0)", "math.isclose(s, 1.0, abs_tol=0.1)"),
)

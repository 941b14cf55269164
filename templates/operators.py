"""Rows for Python's own operators and builtins.

Kinks: `abs` has derivative 0 at 0; of equal arguments, `min` and `max` return, and
differentiate, the first; `x ** 0` has derivative 0 everywhere, `0 ** y` derivative 0
with respect to y.
"""

from __future__ import annotations

from s2s.rules import RULES
from s2s.ssa import infer
from s2s.ssa.infer import Call, boolean, comparison, kind_of
from s2s.ssa.infer_shape import sum_of_lengths
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import (
    ANY,
    INT,
    TEXT,
    UNDEF,
    Array,
    List,
    Scalar,
    Type,
    bound,
    join,
    rank_of,
)

rule, linear, zero = RULES.rule, RULES.linear, RULES.zero

REAL = (0.5, 2.0)

rule("z = x + y", "g", "g", on=(REAL, REAL), cheap=True, type=sum_of_lengths)
rule("z = x - y", "g", "-g", on=(REAL, REAL), cheap=True, type=sum_of_lengths)
rule("z = x * y", "g * y", "g * x", on=(REAL, REAL), cheap=True)
rule("z = x / y", "g / y", "-g * z / y", on=(REAL, REAL), cheap=True)
rule("z = -x", "-g", on=(REAL,), cheap=True)
rule("z = +x", "g", on=(REAL,), cheap=True)
rule("z = x % y", "g", "-g * (x // y)", on=((2.1, 2.3), (0.8, 0.9)), cheap=True)
zero("z = x // y", on=((2.1, 2.3), (0.8, 0.9)), cheap=True)


def is_fraction(y: Value) -> bool:
    """Whether a number is a quotient of two constants, and not zero."""
    if y.op is None or y.op.kind != "truediv":
        return False
    above, below = y.op.args
    known = above.is_const and below.is_const and below.const != 0
    return known and above.const / below.const != 0


def pow_partials(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """`x ** y`, written short for the exponents that people use."""
    x, y = op.args
    z = op.result
    out = {}
    if y.is_const:
        n = y.const
        text = {0: "0.0 * g", 1: "g", 2: "2.0 * g * x", 3: "3.0 * g * x ** 2",
                0.5: "0.5 * g / z", -1: "-g * z / x"}.get(n)  # fmt: skip
        if text:
            return {0: quote(text, g=g, x=x, z=z)}
        rest = quote.const(n - 1)
        out[0] = quote("n * g * x ** m", g=g, x=x, n=quote.const(float(n)), m=rest)
        return out
    if is_fraction(y):
        return {0: quote("g * y * x ** (y - 1)", g=g, x=x, y=y)}
    if rank_of(y.type) == 0 and rank_of(x.type) == 0:
        below = "g * y * x ** (y - 1 if y != 0 else 1)"
        log = "g * np.log(x if x != 0 else 1.0) * z"
    else:
        below = "g * y * x ** np.where(y == 0, 1, y - 1)"
        log = "g * np.log(np.where(x == 0, 1.0, x)) * z"
    out[0] = quote(below, g=g, x=x, y=y)
    out[1] = quote(log, g=g, x=x, y=y, z=z)
    return out


rule("z = x ** y", vjp=pow_partials, on=(REAL, REAL))

for operator in ("x < y", "x <= y", "x > y", "x >= y", "x == y", "x != y"):
    zero(
        f"z = {operator}",
        type=comparison,
        elementwise=True,
        on=(REAL, REAL),
        cheap=True,
    )
for operator in ("x is y", "x is not y"):
    sample = operator.replace("x", "s").replace("y", "s")
    zero(f"z = {operator}", type=boolean, at=(sample,), cheap=True)
for operator in ("x in y", "x not in y"):
    sample = operator.replace("x", "2").replace("y", "(1, 2)")
    zero(f"z = {operator}", type=boolean, at=(sample,), cheap=True)
zero("z = not x", type=boolean, at=("not s",), cheap=True)
for operator in ("x & y", "x | y", "x ^ y", "x << y", "x >> y"):
    sample = operator.replace("x", "k").replace("y", "2")
    zero(f"z = {operator}", at=(sample,), cheap=True)
zero("z = ~x", at=("~k",), cheap=True)


def matmul_type(call: Call) -> Type:
    """Matrix product: the shapes of np.matmul."""
    x, y = call.type("x"), call.type("y")
    if not isinstance(x, Array) or not isinstance(y, Array) or not x.rank or not y.rank:
        return ANY
    dtype = infer.promote(x, y)
    batch = infer.broadcast(x.shape[:-2], y.shape[:-2])
    rows = x.shape[-2:-1]
    columns = y.shape[-1:] if y.rank > 1 else ()
    return Array(dtype, batch + rows + columns)


def matmul_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The transposes of a matrix product, written short for each pair of ranks."""
    x, y = op.args
    texts = {
        (1, 1): ("g * y", "g * x"),
        (1, 2): ("y @ g", "np.outer(x, g)"),
        (2, 1): ("np.outer(g, y)", "x.T @ g"),
        (2, 2): ("g @ y.T", "x.T @ g"),
    }
    ranks = rank_of(x.type), rank_of(y.type)
    if ranks in texts:
        pair = texts[ranks]  # type: ignore[index]
    elif ranks[0] == 1:
        pair = ("y @ g[..., None]", "x[:, None] * g[..., None, :]")
        bar = quote(pair[0], y=y, g=g)
        return {0: quote("b[..., 0]", b=bar), 1: quote(pair[1], x=x, g=g)}
    elif ranks[1] == 1:
        pair = ("g[..., None] * y", "x * g[..., None]")
    elif None in ranks:
        pair = ("matmul_bar_left(x, y, g)", "matmul_bar_right(x, y, g)")
    else:
        pair = ("g @ np.swapaxes(y, -1, -2)", "np.swapaxes(x, -1, -2) @ g")
    return {k: quote(text, x=x, y=y, g=g) for k, text in enumerate(pair)}


RULES.linear("z = x @ y", type=matmul_type, vjp=matmul_vjp, at=("m33 @ m33",))


def python_number(kind: str):  # type: ignore[no-untyped-def]
    """The result is a Python scalar of that kind, whatever the argument."""
    return lambda call: Scalar(kind)


def abs_partial(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The sign, or for a complex number its direction, conjugated."""
    (x,) = op.args
    text = "g * np.conj(x) / z" if kind_of(x.type) == "complex" else "g * np.sign(x)"
    return {0: quote(text, g=g, x=x, z=op.result)}


rule("z = abs(x)", vjp=abs_partial, on=((0.5, 2.0),))
linear("z = float(x)", "g", type=python_number("float"), at=("float(s)",))
linear(
    "z = complex(x)", "g", type=python_number("complex"), at=("np.real(complex(s))",)
)
zero("z = int(x)", type=python_number("int"), at=("int(s)",))
for name in "str", "repr":
    zero(f"z = {name}(x)", type=lambda call: TEXT, at=(f"len({name}(s > 0.0))",))
zero("z = bool(x)", type=boolean, at=("bool(s)",))


def round_type(call: Call) -> Type:
    """An int, or with a number of digits what x is."""
    return call.type("x") if call.given("ndigits") else INT


zero("z = round(x, ndigits := None)", type=round_type, at=("round(s)", "round(s, 1)"))
RULES.alias(pow, "pow")


def pair_type(call: Call) -> Type:
    """One of the two arguments: the type that covers both."""
    x, y = call.types()
    if isinstance(x, Scalar) and x == y:
        return x
    return join(x, y)


rule("z = min(x, y)", "g * (not y < x)", "g * (y < x)", type=pair_type,
     elementwise=False, on=(REAL, REAL), cheap=True)  # fmt: skip
rule("z = max(x, y)", "g * (not y > x)", "g * (y > x)", type=pair_type,
     elementwise=False, on=(REAL, REAL), cheap=True)  # fmt: skip


def len_type(call: Call) -> Type:
    """A length, with its symbol."""
    x = call.type("x")
    if isinstance(x, Array) and x.rank:
        return Scalar("int", x.shape[0])
    if isinstance(x, List):
        return Scalar("int", x.dim)
    return INT


for name in "any", "all":
    zero(f"z = {name}(x)", type=boolean, at=(f"{name}([s, 0.0])",))

zero("z = len(x)", type=len_type, at=("len(a34)",), cheap=True)


def sum_type(call: Call) -> Type:
    """Python's sum runs over the first axis."""
    x = call.type("x")
    if isinstance(x, Array) and x.rank:
        return Array(x.dtype, x.shape[1:])
    if isinstance(x, List) and x.item == UNDEF:
        return INT
    if isinstance(x, List) and isinstance(bound(x.item), Scalar | Array):
        return x.item
    return ANY


def sum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """The cotangent of each item."""
    (x,) = op.args
    if not isinstance(bound(x.type), List):
        return {0: g}
    return {0: quote.emit("list_repeat", [g, quote.emit("len", [x])])}


linear("z = sum(x)", "g", type=sum_type, vjp=sum_vjp, at=("sum(a34)",))
zero(
    "z = range_len(start, stop, step)",
    type=infer.integer,
    run=lambda start, stop, step: len(range(start, stop, step)),
    cheap=True,
)

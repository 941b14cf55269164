"""The row of np.interp.

Convention: at a node the slope is that of the interval on its right, at the last node
that of the last interval; outside the nodes it is 0.
"""

from __future__ import annotations

from typing import Any

import gast
import numpy as np
from s2s.templates.sorting import added_to_zeros

from s2s.rules import RULES
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import rewrite, with_keywords
from s2s.ssa.infer import Call, Refused
from s2s.ssa.infer_shape import as_array
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, Array, Type


def interp_type(call: Call) -> Type:
    x, xp, fp = (as_array(call.type(name)) for name in ("x", "xp", "fp"))
    if x is None or xp is None or fp is None:
        return ANY
    if (xp.rank, fp.rank) != (1, 1) or "complex" in (x.kind, xp.kind, fp.kind):
        raise Refused("np.interp is supported for real vectors xp and fp")
    return Array("float64", x.shape)


def intervals(quote: Quote, op: Op) -> dict[str, Value]:
    """For each x: the interval i, its slope, and how far into it x lies (w)."""
    v = dict(zip(op.names, op.args, strict=True))
    text = "np.clip(np.searchsorted(xp, x, side='right') - 1, 0, xp.shape[0] - 2)"
    v["i"] = quote(text, **v)
    v["j"] = quote("i + 1", **v)
    v["h"] = quote("xp[j] - xp[i]", **v)
    v["w"] = quote("np.clip((x - xp[i]) / h, 0.0, 1.0)", **v)
    v["outside"] = quote("(x < xp[0]) | (x > xp[-1])", **v)
    v["slope"] = quote("np.where(outside, 0.0, (fp[j] - fp[i]) / h)", **v)
    return v


def interp_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Each x gives its share to both ends of its interval."""
    v = {**intervals(quote, op), "g": g}
    v["s"] = quote("g * slope", **v)
    bars = {"x": v["s"]}
    for name, share in (("fp", g), ("xp", quote("-s", **v))):
        v["share"] = share
        low, high = quote("share * (1.0 - w)", **v), quote("share * w", **v)
        ends = ([v["i"]], low), ([v["j"]], high)
        bars[name] = added_to_zeros(quote, v[name], ["i"], *ends)
    return {op.names.index(name): bar for name, bar in bars.items()}


def interp_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    v = intervals(quote, op)
    terms = []
    for k, dot in dots.items():
        text = "slope * d"
        if op.names[k] != "x":
            sign = "" if op.names[k] == "fp" else "-slope * "
            text = f"{sign}((1.0 - w) * d[i] + w * d[j])"
        terms.append(quote(text, **v, d=dot))
    total = terms[0]
    for term in terms[1:]:
        total = quote("t + u", t=total, u=term)
    return total


def needs_more(node: gast.Call) -> bool:
    """Calls that the row is not for."""
    lists = any(isinstance(a, gast.List | gast.Tuple) for a in node.args)
    return lists or len(node.args) > 3 or with_keywords("left", "right")(node)


@rewrite(np.interp, "xp", "fp", when=needs_more)
def interp(x: Bound, xp: Bound, fp: Bound, left: Any = None, right: Any = None) -> str:
    """What is given for outside of the nodes is chosen there; lists are arrays."""
    text = f"np.interp({'np.array(x)' if isinstance(x, Seq) else 'x'}, xp, fp)"
    for name, side, item in (
        ("left", "x < xp[0]", left),
        ("right", "x > xp[-1]", right),
    ):
        if not (isinstance(item, Value) and item.is_const and item.const is None):
            text = f"np.where({side}, {name}, {text})"
    return text


RULES.custom(
    "z = np.interp(x, xp, fp)",
    vjp=interp_vjp,
    jvp=interp_jvp,
    type=interp_type,
    because="the interval depends on x",
    at=(
        "np.interp(a34, np.cumsum(a4), a4)",
        "np.interp(3.0 * s, np.cumsum(a4), a4)",
        "np.interp(9.0 * a3, np.cumsum(a4), a4)",
    ),
)

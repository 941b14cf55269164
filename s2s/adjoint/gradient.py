"""The finished adjoints of parameters: of their structure, shapes and dtypes.

In: a reverse sweep that is complete, and a parameter. Out: what is returned for it.

    x_bar = 2.0  (the same for all elements of x)     ->     np.full(x.shape, 2.0)
"""

from __future__ import annotations

from s2s.adjoint.floats import stays_number, surely_float
from s2s.adjoint.reverse import Reverse
from s2s.shaping import conform, full, zeros_of
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Value
from s2s.ssa.types import Array, List, Scalar, Tuple, bound, is_real_valued
from s2s.structure import TUPLE


def gradient(rev: Reverse, param: Bound) -> Bound:
    """The finished adjoint of a parameter, of its structure, shapes and dtypes."""
    if isinstance(param, Seq):
        return param.of(gradient(rev, item) for item in param.items)
    return finished(rev, rev.take(param), param)


def finished(rev: Reverse, bar: Value | None, like: Value) -> Value:
    q, of = rev.q, bound(like.type)
    if not is_real_valued(of):
        return q.const(None)
    if bar is None:
        bar = zeros_of(q, like)
    elif (bar, like) not in rev.spread:
        bar = full(q, conform(q, bar, like), like)
    item = bound(of.item) if isinstance(of, List) else None
    if isinstance(item, Tuple) and item.form == TUPLE:
        bar = q.emit("as_tuples", [bar], type=of)
    elif isinstance(item, Tuple):
        bar = q.emit("as_records", [bar, like], type=of)
    if isinstance(of, Scalar) and of.kind == "float":
        known = dict.fromkeys(rev.floats, True)
        if not (stays_number(bar) and surely_float(bar, known, rev.rules)):
            bar = q("float(d)", d=bar)
    dt = bound(bar.type)
    if isinstance(of, Array) and not of.rank and of.dtype in ("float32", "float16"):
        if not (isinstance(dt, Array) and dt.dtype == of.dtype):
            bar = q(f"np.{of.dtype}(d)", d=bar)
    return bar

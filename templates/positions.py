"""Rows of functions whose results are positions or counts: they have no derivative.

`np.bincount` is linear in its weights. `np.histogram` is refused where its edges would
depend on x: they lie between the least and the greatest element.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable

import gast
import numpy as np

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.bound import Bound
from s2s.ssa.definitions import rewrite
from s2s.ssa.infer import Call, Refused
from s2s.ssa.infer_arrays import array_given
from s2s.ssa.infer_shape import as_array, length_of
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import ANY, ONE, Array, Dim, Tuple, Type, bound, rank_of

custom, linear, zero = RULES.custom, RULES.linear, RULES.zero

# where elements are -------------------------------------------------------------------


def only_a_condition(node: gast.Call) -> bool:
    return len(node.args) == 1 and not node.keywords


@rewrite(np.where, when=only_a_condition)
def where(condition: Bound) -> str:
    return "np.nonzero(condition)"


def search(function: Callable[..., int], side: str) -> None:
    @rewrite(function)
    def insertion(a: Bound, x: Bound) -> str:
        """Where Python's own search would put x into a sorted list."""
        return f'int(np.searchsorted(a, x, side="{side}"))'


search(bisect.bisect_left, "left")
search(bisect.bisect_right, "right")


def rows_of_positions(call: Call) -> Type:
    x = as_array(call.type("x"))
    rank = None if x is None else Dim("", x.rank, x.rank == 1)
    return ANY if rank is None else Array("int64", (Dim(), rank))


def one_list(call: Call) -> Type:
    return Array("int64", (Dim(),))


zero("z = np.argwhere(x)", type=rows_of_positions, at=("np.argwhere(a34 > 1.0)",))
zero("z = np.flatnonzero(x)", type=one_list, at=("np.flatnonzero(a34 > 1.0)",))


def mesh(call: Call) -> Type:
    """np.ix_: each argument along an axis of its own."""
    parts = [array_given(t) for t in call.types()]
    out = []
    for k, part in enumerate(parts):
        if part is None or part.rank != 1:
            return ANY
        dim = Dim() if part.dtype == "bool" else part.shape[0]
        shape = tuple(dim if n == k else ONE for n in range(len(parts)))
        out.append(Array("int64", shape))
    return Tuple(tuple(out))


zero(
    "z = np.ix_(*xs)",
    type=mesh,
    at=("np.ix_([0, 2], [1, 2])", "np.ix_(i3, a4 > 1.0)", "np.ix_((0, 1), i3)"),
)


def unraveled(call: Call) -> Type:
    indices, shape = array_given(call.type("indices")), call.type("shape")
    if indices is None or not isinstance(shape, Tuple):
        return ANY
    return Tuple((Array("int64", indices.shape),) * len(shape.items))


zero(
    "z = np.unravel_index(indices, shape)",
    type=unraveled,
    at=("np.unravel_index(i3, a34.shape)", "np.unravel_index(5, (3, 4))"),
)


def raveled(call: Call) -> Type:
    given = call.type("multi_index")
    first = array_given(given.items[0]) if isinstance(given, Tuple) else None
    return ANY if first is None else Array("int64", first.shape)


zero(
    "z = np.ravel_multi_index(multi_index, dims)",
    type=raveled,
    at=("np.ravel_multi_index((1, 2), a34.shape)",),
)


def ordered(call: Call) -> Type:
    x = as_array(call.type("x"))
    axis = call.const("axis")
    return ANY if x is None or axis is ... or axis is None else Array("int64", x.shape)


zero(
    "z = np.argpartition(x, kth, axis=-1)",
    type=ordered,
    at=("np.argpartition(a34, 1)", "np.argpartition(a34, 1, axis=0)"),
)


def like_last(call: Call) -> Type:
    keys = call.type("keys")
    last = array_given(keys.items[-1]) if isinstance(keys, Tuple) else None
    return ANY if last is None else Array("int64", last.shape)


zero("z = np.lexsort(keys)", type=like_last, at=("np.lexsort((a4, a4))",))


def numbers_like(dtype: str) -> object:
    """As many numbers as x has elements."""

    def infer(call: Call) -> Type:
        x = as_array(call.type("x"))
        return ANY if x is None else Array(dtype, x.shape)

    return infer


zero(
    "z = np.digitize(x, bins, right := False)",
    type=numbers_like("int64"),
    at=("np.digitize(a34, np.sort(a4))", "np.digitize(s, np.sort(a4), right=True)"),
)
zero("z = np.isin(x, test_elements)", type=numbers_like("bool"), at=("np.isin(i3, 2)",))


def positions_left(call: Call) -> Type:
    x = as_array(call.type("ar1"))
    if x is None or x.kind != "int":
        raise Refused("np.setdiff1d is supported for integers only")
    return Array(x.dtype, (Dim(),))


zero(
    "z = np.setdiff1d(ar1, ar2)", type=positions_left, at=("np.setdiff1d(i3, [0, 1])",)
)


def rank_type(call: Call) -> Type:
    x = as_array(call.type("x"))
    return ANY if x is None else Array("int64", x.shape[:-2])


zero("z = np.linalg.matrix_rank(x)", type=rank_type, at=("np.linalg.matrix_rank(a34)",))

# counts -------------------------------------------------------------------------------


def bincount_type(call: Call) -> Type:
    weighted = call.given("weights")
    return Array("float64" if weighted else "int64", (Dim(),))


def bincount_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Each weight is added to the sum of its bin."""
    weights = op.arg("weights")
    if weights is None:
        return {}
    x = op.args[0]
    of = bound(x.type)
    text = "g[x]" if isinstance(of, Array) else "np.take(g, x)"
    if isinstance(of, Array) and of.kind == "bool":  # which are numbers there
        text = "g[1 * x]"
    return {op.names.index("weights"): quote(text, g=g, x=x)}


linear(
    "z = np.bincount(x, weights=None, minlength=0)",
    vjp=bincount_vjp,
    type=bincount_type,
    at=(
        "np.bincount(i3, weights=a3)",
        "np.bincount([0, 1, 0], a3, 5)",
        "np.bincount(a3 > 1.0, weights=a3)",
    ),
)


def histogram_type(call: Call) -> Type:
    n = call.type("bins") if call.op.arg("bins") is not None else None
    array = None if n is None else array_given(n)
    of = Dim("", 10, False) if n is None else length_of(n)
    if array is not None and array.rank == 1:
        of = array.shape[0].shifted(-1)
    return Tuple((Array("int64", (of,)), Array("float64", (of.shifted(1),))))


def edges_are_fixed(op: Op) -> None:
    bins, ends = op.arg("bins"), op.arg("range")
    if ends is not None or (bins is not None and rank_of(bins.type) != 0):
        return
    raise UnsupportedError(
        "the edges of this np.histogram depend on x: it has no derivative rule",
        op.origin,
        "give the edges, or `range=(low, high)`",
    )


def histogram_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    edges_are_fixed(op)
    return {}


def histogram_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    edges_are_fixed(op)
    return quote("(np.zeros(z[0].shape), np.zeros(z[1].shape))", z=op.result)


custom(
    "z = np.histogram(x, bins := 10, range := None)",
    vjp=histogram_vjp,
    jvp=histogram_jvp,
    type=histogram_type,
    because="the counts are piecewise constant, the edges are given",
    at=("np.histogram(a34, 4, (0.0, 3.0))[1] + s",),
)

"""Two rows that change places: `A[[i, j]] = A[[j, i]]`.

In: a store. Out: the operands of the index that it reads from, if it does nothing but
that. The same store undoes it, and gives the adjoint of each row to where it came from.

>>> from s2s.ssa.types import INT, Array, Dim
>>> A, i, j = (Value(t, n) for t, n in ((Array("float64", (Dim(),)), "A"), (INT, "i"),
...                                     (INT, "j")))
>>> def positions(*values):
...     made = Op("np.array", list(values), ("xs", "xs"))
...     made.results = [Value(Array("int64", (Dim(),)), op=made)]
...     return made.result
>>> read = Op("getitem", [A, positions(j, i)], ("x", "index"), {"index": ("i",)})
>>> read.results = [Value(A.type, op=read)]
>>> attrs = {"index": ("i",), "path": ()}
>>> store = Op("store", [A, positions(i, j), read.result], attrs=attrs)
>>> [v.op.args for v in swapped(store)] == [[j, i]]
True
"""

from __future__ import annotations

from s2s.ssa.ir import Op, Value
from s2s.ssa.terms import are_same


def swapped(op: Op) -> list[Value] | None:
    """Where a store takes what it puts in two places; None if it is no such one."""
    if op.kind != "store" or op.attrs["path"]:
        return None
    x, *to, value = op.args
    read = value.op
    if read is None or read.kind != "getitem" or read.args[0] is not x:
        return None
    if read.attrs["index"] != op.attrs["index"]:
        return None
    start = read.args[1:]
    pairs = [(a, b) for a, b in zip(to, start, strict=True) if not are_same(a, b)]
    arrays = [a for a in to if a.op is not None and a.op.kind == "np.array"]
    if len(pairs) != 1 or arrays != [pairs[0][0]]:
        return None
    one, other = (_two(v) for v in pairs[0])
    turned = one and other and all(map(are_same, one, other[::-1]))
    return start if turned else None


def _two(value: Value) -> list[Value] | None:
    """The positions in an array of two of them."""
    op = value.op
    known = op is not None and op.kind == "np.array" and set(op.names) == {"xs"}
    return op.args if known and op is not None and len(op.args) == 2 else None

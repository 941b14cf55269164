"""The same text for the GPU: NumPy's functions become CuPy's.

In: the body of a generated module. Out: the body with `import cupy as cp`, and `cp.`
for every `np.`. The alias says where a line runs; an `np.sum` of CuPy's would mislead.

>>> from s2s.codegen.source import to_source
>>> from s2s.ssa.ir import Region
>>> body = gast.parse("import numpy as np\\ndef f(x): return np.sum(np.sin(x))").body
>>> print(to_source(to_cupy(body, [Function("f", Region())])), end="")
import cupy as cp
<BLANKLINE>
<BLANKLINE>
def f(x):
    return cp.sum(cp.sin(x))
"""

from __future__ import annotations

from copy import deepcopy

import gast

from s2s.codegen.module import CUPY, NUMPY, bound_names, with_imports
from s2s.errors import UnsupportedError
from s2s.rules import RULES, dotted
from s2s.ssa.ir import Function
from s2s.ssa.types import Array, bound

# What NumPy has and CuPy (14) has not: functions, and arguments of functions.
MISSING = {
    "np.block", "np.einsum_path", "np.errstate", "np.frompyfunc", "np.geomspace",
    "np.insert", "np.linalg.diagonal", "np.linalg.matrix_norm",
    "np.linalg.multi_dot", "np.linalg.outer", "np.linalg.svdvals",
    "np.linalg.tensordot", "np.linalg.trace",
    "np.linalg.vecdot", "np.linalg.vector_norm", "np.longdouble", "np.matvec",
    "np.nanpercentile", "np.nanquantile", "np.ndenumerate", "np.polyder", "np.polydiv",
    "np.polyint", "np.spacing", "np.unstack", "np.vecdot", "np.vecmat",
}  # fmt: skip
MISSING_ARGUMENTS = {"np.count_nonzero": "keepdims"}


def keep_on_device(function: Function) -> Function:
    """`math.sqrt` fetches its argument from the GPU; `cp.sqrt` leaves it there."""
    for op in function.body.walk():
        twin = op.kind.replace("math.", "np.")
        on_device = any(isinstance(bound(a.type), Array) for a in op.args)
        if on_device and twin in RULES:
            op.kind = twin
    return function


def to_cupy(body: list[gast.stmt], functions: list[Function]) -> list[gast.stmt]:
    """Swap the array module; refuse, at the primal's line, what CuPy lacks."""
    for op in (op for function in functions for op in function.body.walk()):
        what = f"`{op.kind}`"
        option = MISSING_ARGUMENTS.get(op.kind)
        if option in op.names:
            what = f"the argument `{option}` of {what}"
        elif op.kind not in MISSING:
            continue
        advice = 'write it with other functions, or use backend="numpy"'
        raise UnsupportedError(f"CuPy lacks {what}", op.origin, advice)
    taken = bound_names(body).union(*(f.attrs.get("globals", ()) for f in functions))
    alias = "cupy" if "cp" in taken else "cp"
    body = [Swap(alias).visit(deepcopy(s)) for s in body]
    return with_imports(body, {**NUMPY, alias: CUPY[alias]})


class Swap(gast.NodeTransformer):
    def __init__(self, alias: str) -> None:
        self.alias = alias

    def visit_Attribute(self, node: gast.Attribute) -> gast.Attribute:
        path = dotted(node)
        if path in MISSING:  # in a helper, or a name that is not called
            raise UnsupportedError(f"CuPy lacks `{path}`")
        self.generic_visit(node)
        return node

    def visit_Name(self, node: gast.Name) -> gast.Name:
        if node.id == "np":
            node.id = self.alias
        return node

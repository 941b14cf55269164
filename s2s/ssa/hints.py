"""Names for values that have none, from what they are.

In: a value. Out: the name that it asks for.

>>> from s2s.ssa.ir import Op, Value
>>> from s2s.ssa.types import FLOAT
>>> z = Value(FLOAT, "z", "user")
>>> hint_of(Value(FLOAT, op=Op("np.exp", [z], ("x",))))
'exp_z'
>>> hint_of(Value(FLOAT, op=Op("add", [z, z], ("x", "y"))))
't'
"""

from __future__ import annotations

from s2s.ssa.ir import Value
from s2s.ssa.types import Tuple, bound
from s2s.structure import is_open

LONGEST = 12


def hint_of(value: Value) -> str:
    """The name that a value asks for; a record has none of a number's."""
    of = bound(value.type)
    record = isinstance(of, Tuple) and is_open(of.form)
    if record and value.hint in ("t", "t_bar"):
        return value.hint.replace("t", "item", 1)
    return value.hint if value.hint != "t" else described(value)


def described(value: Value) -> str:
    """A name for an unnamed value: `exp_z` for `np.exp(z)`, else `t`."""
    op = value.op
    if op is None or not op.kind.startswith(("np.", "math.")):
        return "t"
    what = op.kind.split()[0].rsplit(".", 1)[1].rstrip("_")
    first = op.args[0] if op.args else None
    if first is not None and not first.is_const:
        inner = first.hint if first.role == "user" else described(first)
        what += f"_{inner}" if inner not in ("t", what) else ""
    return what if len(what) <= LONGEST else "t"

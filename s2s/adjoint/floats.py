"""Which adjoints of floats surely are floats.

In: an adjoint, before the sweep is cleaned up. Out: whether what the generated code
computes for it is a Python or NumPy float, not an int or an array without axes. If not,
the gradient says so:

    x_bar = np.where(x > y, ct, 0.0)     ->     return float(x_bar)
"""

from __future__ import annotations

from s2s.ssa.ir import Slot, Value, is_loop, slots
from s2s.ssa.storage import surely_number
from s2s.ssa.types import Scalar, bound

SUMS = ("add", "sub", "mul")


def stays_number(value: Value) -> bool:
    """Whether a number is no array, whichever operands turn out to change nothing.

    Nor may an operand be one: a sum that is printed as `+=` leaves it what it is.
    """
    seen: set[Value] = set()
    carried: dict[Value, Slot] = {}
    work = [value]
    while work:
        value = work.pop()
        if value in seen:
            continue
        seen.add(value)
        if not surely_number(value, carried):
            return False
        op = value.op
        if op is not None and op.kind in SUMS:
            # of a product only a factor of one is left out
            if op.kind != "mul" or any(a.is_const for a in op.args):
                work += op.args
        elif op is not None and op.kind == "if":
            work += [r.results[op.results.index(value)] for r in op.regions]
        elif op is not None and is_loop(op):
            carried.update((slot.param, slot) for slot in slots(op))
            work.append(slots(op)[op.results.index(value)].param)
        elif value in carried:
            work += [carried[value].init, carried[value].yielded]
    return True


def surely_float(value: Value, known: dict[Value, bool]) -> bool:
    """Whether a number is a float at run time, too: a joined name may hold an int."""
    if value not in known:
        known[value] = True  # while it is found out, for what loops carry
        known[value] = _surely_float(value, known)
    return known[value]


def _surely_float(value: Value, known: dict[Value, bool]) -> bool:
    op = value.op
    joins = op is not None and (op.kind in SUMS or op.kind == "if" or is_loop(op))
    if not isinstance(bound(value.type), Scalar) and not joins:
        return True  # NumPy made it; but a join may have a Python number for one end
    if value.is_const:
        return isinstance(value.const, float)
    if op is None:  # of arguments it is known, of what loops carry not
        return False
    if op.kind in SUMS:
        # factors and terms that change nothing will be left out
        args = [a for a in op.args if not (a.is_const and a.const in (0.0, 1.0, -1.0))]
        return any(surely_float(a, known) for a in args)
    if op.kind in ("neg", "pos", "abs"):
        return surely_float(op.args[0], known)
    if op.kind == "if":
        k = op.results.index(value)
        return all(surely_float(r.results[k], known) for r in op.regions)
    if is_loop(op):
        slot = slots(op)[op.results.index(value)]
        return surely_float(slot.init, known) and surely_float(slot.yielded, known)
    return op.kind not in ("min", "max", "getitem", "pick", "pop", "mod", "floordiv")

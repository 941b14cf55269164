"""Which adjoints of floats surely are floats.

In: an adjoint, before the sweep is cleaned up. Out: whether what the generated code
computes for it is a Python or NumPy float, not an int or an array without axes. If not,
the gradient says so:

    x_bar = np.where(x > y, ct, 0.0)     ->     return float(x_bar)
"""

from __future__ import annotations

from dataclasses import replace

from s2s.rules import Rules
from s2s.ssa.callee import call_of, position
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Op, Slot, Value, is_loop, slots
from s2s.ssa.storage import surely_number
from s2s.ssa.types import INT, Array, Scalar, bound, rank_of

SUMS = ("add", "sub", "mul")
MAY_BE_INT = "min", "max", "getitem", "pick", "pop", "mod", "floordiv"


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


def surely_float(value: Value, known: dict[Value, bool], rules: Rules) -> bool:
    """Whether a number is a float at run time, too: a joined name may hold an int."""
    if value not in known:
        known[value] = _surely_float(value, known, rules)
    return known[value]


def _carried(op: Op, known: dict[Value, bool], rules: Rules) -> None:
    """Find out what a loop carries: floats, if it starts with floats and makes them."""
    floats = [s for s in slots(op) if surely_float(s.init, known, rules)]
    while True:
        trial = known | {s.param: True for s in floats}
        left = [s for s in floats if surely_float(s.yielded, trial, rules)]
        if left == floats:
            break
        floats = left
    known.update(trial)
    known.update({s.result: s in floats for s in slots(op)})


def _surely_float(value: Value, known: dict[Value, bool], rules: Rules) -> bool:
    op = value.op
    of = bound(value.type)
    if kind_of(of) in ("bool", "int"):
        return False
    if isinstance(of, Array) and of.dtype in ("float32", "float16"):
        return False
    if op is not None and (call := call_of(op)) is not None:
        callee = call.attrs["callee"]
        if callee.recursive:  # it may not be there yet
            return False
        return surely_float(callee.body.body.results[position(op)], known, rules)
    joins = op is not None and (op.kind in SUMS or op.kind == "if" or is_loop(op))
    if not isinstance(of, Scalar) and not joins:
        # NumPy made it, maybe an int of an int; a join may have a Python number at hand
        return op is None or op.kind not in rules or _makes_float(op, known, rules)
    if value.is_const:
        return isinstance(value.const, float)
    if op is None:  # of arguments it is known, and of what the loops around carry
        return False
    if op.kind in SUMS:
        # factors and terms that change nothing will be left out
        args = [a for a in op.args if not (a.is_const and a.const in (0.0, 1.0, -1.0))]
        return any(surely_float(a, known, rules) for a in args)
    if op.kind in ("neg", "pos", "abs"):
        return surely_float(op.args[0], known, rules)
    if op.kind == "if":
        k = op.results.index(value)
        return all(surely_float(r.results[k], known, rules) for r in op.regions)
    if is_loop(op):
        _carried(op, known, rules)
        return known[value]
    return op.kind not in MAY_BE_INT


def _makes_float(op: Op, known: dict[Value, bool], rules: Rules) -> bool:
    """Whether a float comes out even if an int goes in for what may be one."""

    def may_be_int(arg: Value) -> bool:
        number = rank_of(arg.type) == 0 and kind_of(arg.type) == "float"
        return number and not surely_float(arg, known, rules)

    args = [Value(INT) if may_be_int(a) else a for a in op.args]
    return args == op.args or kind_of(rules.infer(replace(op, args=args))) == "float"

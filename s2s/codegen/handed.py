"""Functions that change the arrays that they are given, not copies of them.

In: a function, and those that it calls. Out: the same functions, in which callees no
longer copy at their entry what they change: who calls one gives it the array away.

    y = call g(x)              h = hand(x);  y = call g(h)

    def g(u):                  def g(u):
        u0 = np.copy(u)   ->       u1 = store(u, 0, 1.0)
        u1 = store(u0, 0, 1.0)

To `hand` an array is to change it, as far as the caller is concerned: what it still
reads of it, or must not change, is copied (`copies`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from s2s.codegen.copies import is_part
from s2s.codegen.holders import Storage, is_candidate
from s2s.ssa.callee import Callee, call_of, position
from s2s.ssa.held import Held, held_by, returned
from s2s.ssa.ir import Function, Op, Region, Value
from s2s.ssa.roots import HAND, UPDATES, updates_in_place
from s2s.ssa.storage import contents
from s2s.ssa.types import Array, Tuple, bound

Sites = dict[Callee, list[tuple[Op, Region]]]


def hand_over(called: list[Callee], function: Function) -> None:
    """Decide what is handed to each callee, those first that others call."""
    sites: Sites = {callee: [] for callee in called}
    for each in [*(callee.body for callee in called), function]:
        for op, region in operations(each.body):
            if op.kind == "call":
                sites[op.attrs["callee"]].append((op, region))
    for callee in called:
        drop_entry_copies(callee.body)
    note_held(called)
    for callee in called:
        params = callee.body.body.params
        fit = {
            param
            for k, param in enumerate(params)
            if all(alike(op.args[k], param) for op, _ in sites[callee])
        }
        handed = callee.body.attrs["handed"] = changed(callee.body, fit)
        callee.handed = frozenset(k for k, p in enumerate(params) if p in handed)
        for op, region in sites[callee]:
            for k in sorted(callee.handed):
                give(op, k, region)


def operations(region: Region) -> Iterator[tuple[Op, Region]]:
    """Every operation with the region that it is in."""
    for op in list(region.ops):
        yield op, region
        for inner in op.regions:
            yield from operations(inner)


def alike(given: Value, param: Value) -> bool:
    """Whether what is given surely is an array as the function expects it."""
    a, b = bound(given.type), bound(param.type)
    if not isinstance(a, Array) or not isinstance(b, Array) or given.is_const:
        return False
    return 0 < a.rank == b.rank and a.dtype == b.dtype and not (a.loose or b.loose)


def drop_entry_copies(function: Function) -> None:
    """Let a function change what it is given: `own` copies it where that is not so."""
    body = function.body
    reads = Counter(a for op in body.walk() for a in contents(op))
    for op in list(body.ops):
        if op.attrs.get("entry") and op.kind == "np.copy" and reads[op.args[0]] == 1:
            body.ops.remove(op)
            body.substitute({op.result: op.args[0]})


def changed(function: Function, fit: set[Value]) -> set[Value]:
    """The parameters, of those that fit, that are changed and not needed any more."""
    function.attrs["handed"] = fit
    storage = Storage.of(function)
    roots = storage.roots
    found: set[Value] = set()
    needed: set[Value] = set()
    for op in function.body.walk():
        if op.kind in UPDATES or op.attrs.get("in_place") is not None:
            mine = roots.ever(roots.of[op.args[0]]) & fit
            found |= mine
            others = storage.conflicts(op) if mine else ()
            if not all(is_part(other) or other in roots.pushed for other in others):
                needed |= mine
    return found - needed


def give(op: Op, k: int, region: Region) -> None:
    """Let a call be given an array for good, by the name of what it makes of it."""
    array = op.args[k]
    like = next((v for v, held in results_of(op, region) if k in held.args), array)
    made = Op(HAND, [array], ("x",), {"sweep": op.attrs.get("sweep")})
    made.origin = op.origin
    made.results = [Value(array.type, like.hint, like.role, op=made)]
    region.ops.insert(region.ops.index(op), made)
    op.args[k] = made.result


def results_of(call: Op, region: Region) -> list[tuple[Value, Held]]:
    """What is taken of the results of a call, and what that holds."""
    holds: tuple[Held, ...] = call.attrs["callee"].holds
    several = isinstance(call.result.type, Tuple)
    taken = [
        op for op in region.ops if call_of(op) is call and (op is not call) == several
    ]
    return [(op.result, holds[position(op)]) for op in taken]


def note_held(called: list[Callee]) -> None:
    """Find out whose storage results may be, whatever comes to be in place."""
    for callee in called:
        callee.holds = tuple(Held(own=False) for _ in returned(callee.body))
    while True:
        found = [held_by(callee.body, may_be_in_place) for callee in called]
        if found == [callee.holds for callee in called]:
            break
        for callee, holds in zip(called, found, strict=True):
            callee.holds = holds


def may_be_in_place(op: Op) -> bool:
    return op.kind in UPDATES or is_candidate(op)


def note_settled(callee: Callee) -> None:
    """The same, when it is known what is in place."""
    callee.holds = held_by(callee.body, updates_in_place)

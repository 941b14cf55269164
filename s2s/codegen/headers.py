"""The header of a `for`: what it assigns, and what it runs over.

In: a loop over an index. Out: target and iterable, as the user wrote them if the loop
still reads its elements that way, and the reads that the header does in their stead.

    for i in range(len(xs)):
        x = xs[i]               ->     for x in xs:
        y = y + x                          y = y + x
"""

from __future__ import annotations

import gast

from s2s.codegen import tree
from s2s.codegen.operands import OperandPrinter
from s2s.ssa.bound import Bound
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.ranges import forwards
from s2s.ssa.types import Tuple, bound
from s2s.structure import TUPLE


def iteration(p: OperandPrinter, op: Op) -> tuple[gast.expr, gast.expr, set[Op]]:
    """Target and iterable of a `for`, and the element reads that it replaces."""
    inner = op.regions[0]
    index = inner.params[0]
    if "drains" in op.attrs:
        return drained(p, op)
    unread = not p.uses[index] and index.role != "user"
    plain = (
        tree.name("_" if unread else p.names[index], store=True),
        backwards(p, op) or tree.range_call([p.use(a) for a in op.args[:3]]),
        set[Op](),
    )
    sugar = op.attrs.get("sugar")
    if not sugar or sugar[0] == "range":
        return plain
    reads: set[Op] = set()
    found = sugared(p, sugar, index, inner, reads)
    if found is None:
        return plain
    counted = _has_enumerate(sugar)
    for other in inner.walk():
        if index in other.args and other not in reads and not counted:
            return plain
        if any(index in r.results for r in other.regions) and not counted:
            return plain
    if index in inner.results and not counted:
        return plain
    return found[0], found[1], reads


def backwards(p: OperandPrinter, op: Op) -> gast.expr | None:
    """`reversed(range(a, b, s))`, if the bounds are those of such a range."""
    ends, first = forwards(op.args[:3]), op.args[0]
    if ends is None or first not in p.inlined:
        return None
    return tree.call("reversed", [tree.range_call([p.use(a) for a in ends])])


def drained(p: OperandPrinter, op: Op) -> tuple[gast.expr, gast.expr, set[Op]]:
    """`for x in reversed(x_stack)`: pops and elements are the target."""
    body, index = op.regions[0], op.regions[0].params[0]
    drained = [
        o for o in body.ops if o.kind == "pop" and o.args[0] in op.attrs["drains"]
    ]
    ordered = [o for o in body.ops if o in drained or index in o.args]
    targets = [tree.name(p.names[o.result], store=True) for o in ordered]
    stacks = [tree.call("reversed", [p.use(o.args[0])]) for o in ordered]
    if len(ordered) == 1:
        return targets[0], stacks[0], set(ordered)
    target = gast.Tuple(targets, gast.Store())
    return target, tree.call("zip", stacks), set(ordered)


def sugared(
    p: OperandPrinter, sugar: tuple, index: Value, body: Region, reads: set[Op]
) -> tuple[gast.expr, gast.expr] | None:
    match sugar:
        case ("item", element, parts):
            read = element.op
            if read not in body.ops or not steady(p, read.args[0], body):
                return None
            target = element_target(p, element, parts, body, reads)
            if target is None:
                return None
            reads.add(read)
            return target, p.use(read.args[0])
        case ("zip" | "strict" as kind, inner):
            pairs = [sugared(p, s, index, body, reads) for s in inner]
            known = [pair for pair in pairs if pair is not None]
            if len(known) != len(pairs):
                return None
            target = gast.Tuple([t for t, _ in known], gast.Store())
            keywords = {"strict": tree.constant(True)} if kind == "strict" else {}
            return target, tree.call("zip", [i for _, i in known], keywords)
        case ("enumerate", start, count, inner):
            if count is not index or not (start.is_const and start.const == 0):
                return None
            pair = sugared(p, inner, index, body, reads)
            if pair is None:
                return None
            number = tree.name(p.names[index], store=True)
            target = gast.Tuple([number, pair[0]], gast.Store())
            return target, tree.call("enumerate", [pair[1]])
    return None


def steady(p: OperandPrinter, value: Value, body: Region) -> bool:
    """Whether what a loop runs over can be written in its header."""
    if value.is_const:
        return True
    if value in body.params:
        slot = p.carried.get(value)
        same = frozenset([value])
        return slot is not None and p.roots.of[slot.yielded] == same
    if value.op is None or value.op not in body.ops:
        return True
    return value in p.inlined and all(steady(p, a, body) for a in value.op.args)


def element_target(
    p: OperandPrinter, element: Value, parts: Bound, body: Region, reads: set[Op]
) -> gast.expr | None:
    """What a `for` assigns: the element's name, or those of its parts."""
    of = bound(element.type)
    if isinstance(parts, Value) or (isinstance(of, Tuple) and of.form != TUPLE):
        if element in p.inlined or element not in p.names:
            return None
        return tree.name(p.names[element], store=True)
    used = {a for o in body.walk() for a in o.args if a.op is not None}
    targets: list[gast.expr] = []
    for part in parts.items:
        if not isinstance(part, Value) or part in p.inlined:
            return None
        if part.op is not None and part.op in body.ops:
            reads.add(part.op)
            targets.append(tree.name(p.names[part], store=True))
        else:
            targets.append(tree.name("_", store=True))
    others = {o for o in body.walk() if element in o.args} - reads
    if others or not used:
        return None
    return gast.Tuple(targets, gast.Store()) if targets else tree.name("_", store=True)


def _has_enumerate(sugar: tuple) -> bool:
    return sugar[0] == "enumerate"

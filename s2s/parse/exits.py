"""The ways in which control can leave a statement or a block.

In: statements. Out: a set of "next" (on to what follows), "break", "continue" and
"return"; empty if control never leaves, or only by an exception.

>>> [loop] = gast.parse("while True:\\n  if a: return 1\\n  elif b: break").body
>>> sorted(exits(loop.body)), sorted(exits([loop]))
(['break', 'next', 'return'], ['next', 'return'])
"""

from __future__ import annotations

import gast

NEXT, BREAK, CONTINUE, RETURN = "next", "break", "continue", "return"
Exits = frozenset[str]


def exits(block: list[gast.stmt]) -> Exits:
    found: set[str] = set()
    for stmt in block:
        ways = exits_of(stmt)
        found |= ways - {NEXT}
        if NEXT not in ways:
            return frozenset(found)
    return frozenset(found | {NEXT})


def exits_of(stmt: gast.stmt) -> Exits:
    match stmt:
        case gast.Return():
            return frozenset({RETURN})
        case gast.Break():
            return frozenset({BREAK})
        case gast.Continue():
            return frozenset({CONTINUE})
        case gast.Raise():
            return frozenset()
        case gast.If(body=body, orelse=orelse):
            return exits(body) | exits(orelse)
        case gast.With(body=body):
            return exits(body)
        case gast.Try(body=body, handlers=handlers, orelse=orelse):
            ways = exits([*body, *orelse])
            return ways.union(*(exits(h.body) for h in handlers))
        case gast.For(body=body, orelse=orelse) | gast.While(body=body, orelse=orelse):
            ways = exits(body)
            found = ways & {RETURN}
            if BREAK in ways:
                found |= {NEXT}
            return found if is_endless(stmt) else found | exits(orelse)
    return frozenset({NEXT})


def is_endless(stmt: gast.stmt) -> bool:
    """Whether the loop is a `while True:`, which does not end by itself."""
    return (
        isinstance(stmt, gast.While)
        and isinstance(stmt.test, gast.Constant)
        and bool(stmt.test.value)
    )

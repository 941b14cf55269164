"""Which names are still read after each statement of the core.

In: a desugared function. Out: for each statement (by identity) the names whose value
may be read after it, also in a later round of a loop around it. A store into an array
must be refused only where another name that may share its memory is one of them.

>>> core = gast.parse('''
... def f(x):
...     y = x
...     for i in range(3):
...         x = x + y
...     return x
... ''').body[0]
>>> live = live_after(core)
>>> sorted(live[core.body[0]]), sorted(live[core.body[1].body[0]])
(['range', 'x', 'y'], ['x', 'y'])
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

import gast

Names = frozenset[str]


def live_after(core: gast.FunctionDef) -> dict[gast.stmt, Names]:
    """The names that are live after each statement."""
    found: dict[gast.stmt, Names] = {}
    _block(core.body, frozenset(), found)
    return found


def live_before(node: gast.stmt, after: Names) -> Names:
    """The names that are live before a statement."""
    return _before(node, after, {})


@functools.lru_cache(maxsize=1024)
def read_in_a_round(loop: gast.For | gast.While) -> Names:
    """The names that a round of a loop may read as they were before it.

    >>> loop = gast.parse("for i in x:\\n    y = i * a\\n    s = s + y").body[0]
    >>> sorted(read_in_a_round(loop))
    ['a', 's']
    """
    read = _block(loop.body, frozenset(), {})
    if isinstance(loop, gast.While):
        return read | names_read(loop.test)
    return (read - _bound(loop.target)) | names_read(loop.target)


def _block(
    statements: Iterable[gast.stmt], after: Names, found: dict[gast.stmt, Names]
) -> Names:
    """The names that are live before the statements."""
    for statement in reversed(list(statements)):
        found[statement] = after
        after = _before(statement, after, found)
    return after


def _before(node: gast.stmt, after: Names, found: dict[gast.stmt, Names]) -> Names:
    match node:
        case gast.If():
            then = _block(node.body, after, found)
            return then | _block(node.orelse, after, found) | names_read(node.test)
        case gast.For() | gast.While():
            header = node.iter if isinstance(node, gast.For) else node.test
            bound = _bound(node.target) if isinstance(node, gast.For) else frozenset()
            start = after if isinstance(node, gast.For) else after | names_read(header)
            around = start
            while True:  # what the next round reads is live at the end of this one
                before = (_block(node.body, around, found) - bound) | start
                if before == around:
                    return before | names_read(header)
                around = around | before
        case gast.With(items=items, body=body):
            return names_read_in(items) | _block(body, after, found)
        case gast.Try(body=body, handlers=handlers, orelse=orelse):
            # a handler may begin after any of the statements
            handled = names_read_in([h.type for h in handlers if h.type])
            for handler in handlers:
                handled |= _block(handler.body, after, found)
            end = _block(orelse, after, found)
            before = _block(body, end | handled, found) | handled
            for inner in (n for s in body for n in gast.walk(s) if n in found):
                found[inner] |= handled
            return before
        case gast.Assign(targets=targets):
            for target in targets:
                after = after - _bound(target)
            return after | names_read(node)
        case gast.AugAssign(target=gast.Name(id=name)):
            return after | names_read(node) | {name}
    return after | names_read(node)


def _bound(target: gast.AST) -> Names:
    """The names that an assignment binds (`x[i] = v` binds none)."""
    return frozenset(
        n.id
        for n in gast.walk(target)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)
    )


def names_read_in(nodes: Iterable[gast.AST]) -> Names:
    return frozenset().union(*map(names_read, nodes))


def names_read(node: gast.AST) -> Names:
    """The names that are read in a statement or expression.

    What a comprehension binds is its own.

    >>> sorted(names_read(gast.parse("[p * q for p in p.items]")))
    ['p', 'q']
    >>> sorted(names_read(gast.parse("[p * q for p in ps]")))
    ['ps', 'q']
    """
    if isinstance(node, gast.Name):
        return frozenset([node.id] if isinstance(node.ctx, gast.Load) else ())
    inner = names_read_in(gast.iter_child_nodes(node))
    generators = getattr(node, "generators", ())
    if not generators:
        return inner
    first = generators[0].iter  # evaluated outside
    own = frozenset().union(*(_bound(g.target) for g in generators))
    return (inner - own) | names_read(first)


@functools.lru_cache(maxsize=1024)
def walrus_names(node: gast.AST) -> frozenset[str]:
    """Names that `:=` binds: in a comprehension, too, they belong to the function."""
    named = (n for n in gast.walk(node) if isinstance(n, gast.NamedExpr))
    return frozenset(n.target.id for n in named)

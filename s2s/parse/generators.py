"""A generator function becomes one that returns the list of its items.

In: a parsed function. Out: the same, if it yields nothing; else a function that makes a
list. Where it is called its items are run over at once, and what would tell that all
of them were made before is refused (see `lazy`).

    def steps(u, n):                  def steps(u, n):
        for _ in range(n):                items = []
            u = u + np.sin(u)     ->      for _ in range(n):
            yield u                           u = u + np.sin(u)
                                              items.append(u)
                                          return items
"""

from __future__ import annotations

import copy
from dataclasses import replace

import gast

from s2s.errors import UnsupportedError
from s2s.names import Names
from s2s.parse.exits import NEXT, RETURN, exits
from s2s.parse.quoted import quoted
from s2s.parse.source import Parsed

YIELDS = gast.Yield, gast.YieldFrom


def collected(parsed: Parsed) -> Parsed:
    """The function, with a list in the place of what it yields."""
    nodes = list(gast.walk(parsed.tree))
    if not any(isinstance(n, YIELDS) for n in nodes):
        return parsed
    if not exits(parsed.tree.body) & {NEXT, RETURN}:
        raise UnsupportedError(
            f"the generator `{parsed.name}` has no end of its own",
            parsed.origin(next(n for n in nodes if isinstance(n, YIELDS))),
            "write its loop where the items are used, or let it stop after some steps",
        )
    taken = {n.id for n in nodes if isinstance(n, gast.Name)}
    tree = copy.copy(parsed.tree)
    name = Names({*taken, *parsed.locals}).fresh("items")
    body = [Collecting(parsed, name).visit(copy.deepcopy(s)) for s in tree.body]
    start = quoted("items = []", tree.body[0], items=name)
    tree.body = [start, *body, quoted("return items", tree.body[-1], items=name)]
    return replace(parsed, tree=tree, collects=name)


class Collecting(gast.NodeTransformer):
    """Puts what is yielded into a list."""

    def __init__(self, parsed: Parsed, name: str) -> None:
        self.parsed = parsed
        self.name = name

    def visit_Expr(self, node: gast.Expr) -> gast.stmt:
        text = "items.append(v)" if isinstance(node.value, gast.Yield) else ""
        text = "items.extend(v)" if isinstance(node.value, gast.YieldFrom) else text
        if not text:
            return node
        value = node.value.value or gast.copy_location(gast.Constant(None, None), node)
        return quoted(text, node, items=self.name, v=value)

    def visit_Return(self, node: gast.Return) -> gast.stmt:
        if node.value is not None:
            raise UnsupportedError(
                "a generator that returns a value is not supported",
                self.parsed.origin(node),
                "yield it, or write a function that returns both",
            )
        return quoted("return items", node, items=self.name)

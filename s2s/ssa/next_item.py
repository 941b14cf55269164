"""`next(...)`: the first item of what is run over at once.

In: a call of `next` of a generator expression, or of `iter(xs)`. Out: a loop that is
left at the first item.

    next((v for v in x if v > 1.0), 0.0)     ->      found, first = False, 0.0
                                                     for v in x:
                                                         if v > 1.0:
                                                             found, first = True, v
                                                         if found: break
"""

from __future__ import annotations

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound
from s2s.ssa.builtin_calls import BuiltinBuilder
from s2s.ssa.expr import is_call_of
from s2s.ssa.growing import hidden, loops_of


class NextBuilder(BuiltinBuilder):
    """Evaluates `next`."""

    def _call_next(self, node: gast.Call) -> Bound:
        source, *default = node.args
        if is_call_of(source, "iter") and len(source.args) == 1:
            each = f"{hidden(node)} item"
            text = "(item for item in xs)"
            source = quoted(text, node, item=each, xs=source.args[0]).value
        if not isinstance(source, gast.GeneratorExp):
            self.refuse(
                node, "`next` is supported of generator expressions and `iter(xs)`",
                "count the position: `v = xs[k]`, `k += 1`",
            )  # fmt: skip
        found, first = f"{hidden(node)} found", f"{hidden(node)} first"
        self.env[found] = self.const(False)
        if default:
            self.env[first] = self.expr(default[0])
        names = {"found": found, "first": first}
        find = quoted("found, first = True, item", node, item=source.elt, **names)
        leave = quoted("if found: break", node, **names)
        self.own_loop(loops_of(source, find, [leave]), {found, first})
        if not default:
            none = self.emit("not", [self.pack(self.env[found])])
            self.raise_if(none, StopIteration)
        del self.env[found]
        load = gast.copy_location(gast.Name(first, gast.Load(), None, None), node)
        item = self.expr(load)
        del self.env[first]
        return item

"""Functions of functions: `partial`, `map` and `reduce`.

In: a call with a function among its arguments. Out: what the same program without it
gives; the calls are those of any function.

    list(map(g, xs))       ->     [g(x) for x in xs]
    reduce(g, xs, a)       ->     for x in xs: a = g(a, x)
"""

from __future__ import annotations

import functools
from dataclasses import replace

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Seq
from s2s.ssa.function_items import FunctionItemBuilder
from s2s.ssa.growing import hidden
from s2s.ssa.ir import Value
from s2s.ssa.scopes import Closure, Partial
from s2s.ssa.types import Tuple, bound


class HigherOrderBuilder(FunctionItemBuilder):
    """Evaluates calls that call functions."""

    def call(self, node: gast.Call, callee: Value) -> Bound:
        if callee.const is functools.partial:
            (function, *args), keywords = self.given_arguments(node)
            function = self.known_function(node, function, "called")
            for item in (*args, *keywords.values()):
                self.keep(item)
            return self.const(Partial(function, tuple(args), keywords), "partial")
        if callee.const is functools.reduce:
            return self.reduced(node)
        if callee.const is functools.update_wrapper:  # what `wraps` calls
            return self.wrapping(*self.given_arguments(node))
        if callee.const in (functools.cache, functools.lru_cache):
            self.refuse(
                node, f"`{callee.spelling}` is not supported inside of a function",
                "leave it out, or keep what was found in an array",
            )  # fmt: skip
        return super().call(node, callee)

    def wrapping(self, args: list[Bound], keywords: dict[str, Bound]) -> Bound:
        """A function under the name of another one."""
        function, wrapped, *_ = [*args, *keywords.values()]
        if isinstance(function, Seq) or not isinstance(function.const, Closure):
            return function
        name = getattr(getattr(wrapped, "const", None), "__name__", "")
        return self.const(replace(function.const, name=name), function.spelling)

    def _call_map(self, node: gast.Call) -> Bound:
        """The list of what a function returns for the items of others."""
        self.check_consumed(node, "map")
        function, *sources = node.args
        items = [f"item{k}" for k in range(len(sources))]
        row, rows = ", ".join(items), ", ".join(f"xs{k}" for k in range(len(sources)))
        if len(sources) > 1:
            rows = f"zip({rows})"
        parts: dict[str, str | gast.expr] = {n: f"{hidden(node)} {n}" for n in items}
        parts |= {f"xs{k}": source for k, source in enumerate(sources)}
        text = f"[function({row}) for {row} in {rows}]"
        return self.expr(quoted(text, node, function=function, **parts).value)

    def reduced(self, node: gast.Call) -> Bound:
        """`functools.reduce`: a loop, or one call after the other."""
        self.consumed |= set(node.args)
        with self.made_ahead(*node.args[1:2]):
            (function, items, *first), keywords = self.given_arguments(node)
        if keywords or not isinstance(function, Value):
            self.refuse(node, "reduce() takes a function, a sequence and a first value")
        if isinstance(items, Value) and isinstance(bound(items.type), Tuple):
            items = self.unpack(items)
        if isinstance(items, Seq):
            rest = [*first, *items.items]
            if not rest:
                self.refuse(node, "reduce() of an empty sequence with no first value")
            total = rest[0]
            with self.taken_from(self.parts_of(items)):
                for item in rest[1:]:
                    total = self.call_with(node, function, [total, item], {})
            return total
        name = hidden(node)
        names = {n: f"{name} {n}" for n in ("function", "xs", "total", "item")}
        self.env |= {names["function"]: function, names["xs"]: items}
        self.env[names["total"]] = first[0] if first else items
        start = "for item in xs: total = function(total, item)"
        if not first:
            self.block([quoted("total = xs[0]", node, **names)])
            start = start.replace("xs", "xs[1:]")
        loop = quoted(start, node, **names)
        assert isinstance(loop, gast.For)
        with self.taken_from(self.parts_of(items)):
            self.own_loop(loop, {names["total"]})
        del self.env[names["function"]], self.env[names["xs"]]
        return self.fresh_item(self.env.pop(names["total"]))

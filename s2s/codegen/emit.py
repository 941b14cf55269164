"""SSA to statements: the body of a generated function.

In: a function with ownership settled. Out: the gast tree of its definition. Each
operation becomes one assignment, unless it is printed inline; loops and branches assign
what they carry at their ends, where the names differ.

    x2 = x1 * x1      ->     x = x * x

This is the last in a chain of printers: operands, assignments, updates, statements,
control flow, and here the function as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

import gast

from s2s.codegen.blocks import Body
from s2s.codegen.control import ControlPrinter
from s2s.codegen.module import called_names
from s2s.codegen.operands import names_in
from s2s.codegen.source import blank, comment
from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.held import items_of
from s2s.ssa.ir import Function, Op


def emit(
    function: Function,
    name: str,
    defaults: dict[str, gast.expr],
    reserved: Iterable[str],
) -> gast.FunctionDef:
    """The definition of the generated function."""
    return FunctionPrinter(function, reserved).definition(name, defaults)


def refuse_hidden(params: Iterable[str], body: Body, function: Function) -> None:
    """A parameter must not have the name of a function or module that code reads."""
    called = called_names(body)
    for name in params:
        if name in called:
            raise UnsupportedError(
                f"the parameter `{name}` hides what the derivative calls",
                function.origin,
                "rename the parameter",
            )


class FunctionPrinter(ControlPrinter):
    """Prints both sweeps and what they return."""

    def definition(self, name: str, defaults: dict[str, gast.expr]) -> gast.FunctionDef:
        params = [p.hint for p in self.function.body.params]
        given = [defaults[p] for p in params if p in defaults]
        args = gast.arguments(
            [gast.Name(p, gast.Param(), None, None) for p in params],
            [], None, [], [], None, given,
        )  # fmt: skip
        body = self.sweeps()
        if not RULES.reserved.isdisjoint(params):
            refuse_hidden(params, body, self.function)
        return gast.FunctionDef(name, args, body, [], None, None)

    def sweeps(self) -> Body:
        """The statements of both sweeps and the return."""
        region = self.function.body
        split = self.function.attrs.get("split")
        pullback = bool(region.ops) and region.ops[-1].kind == "pullback"
        body: Body = []
        forward = [o for o in region.ops if o.attrs.get("sweep") != "reverse"]
        reverse = [o for o in region.ops if o.attrs.get("sweep") == "reverse"]
        body += self.ops(forward)
        if split is not None and body and not pullback:
            body.insert(0, comment("forward sweep"))
        after: Body = []
        after += self.ops(reverse)
        if after and body:
            body += [blank(), comment("reverse sweep")]
        body += after
        body += self.returns()
        written = [o.attrs["name"] for o in region.walk() if o.kind == "set_global"]
        declared = [gast.Global(sorted({*written}))] if written else []
        return [*declared, *self.constants(body), *body]

    def returns(self) -> Body:
        """The return of the results, but for those that stay in what was given."""
        shape = self.function.attrs["result"]
        stays = self.function.attrs.get("stays", {})
        values = iter(self.function.body.results)
        if not stays:
            return [gast.Return(self.result(shape, values))]
        items = [self.result(item, values) for item in items_of(shape)]
        items = [item for j, item in enumerate(items) if j not in stays]
        if len(items) > 1:
            return [gast.Return(gast.Tuple(items, gast.Load()))]
        return [gast.Return(item) for item in items]

    def constants(self, body: Body) -> Body:
        """The user's named numbers, as far as the body uses them."""
        literals = self.function.attrs.get("literals", {})
        used = {n for s in body for n in names_in(s)} if literals else set()
        return [
            self.assign(self.literals[name], self.use(value))
            for name, value in literals.items()
            if self.literals[name] in used
        ]

    def _pullback(self, op: Op) -> Body:
        (region,) = op.regions
        (ct,) = region.params
        inner = self.ops(region.ops)
        result = self.result(op.attrs["result"], iter(region.results))
        args = gast.arguments(
            [gast.Name(self.names[ct], gast.Param(), None, None)],
            [],
            None,
            [],
            [],
            None,
            [],
        )
        definition = gast.FunctionDef(
            self.names[op.result], args, [*inner, gast.Return(result)], [], None, None
        )
        return [definition]

"""Functions inside a function become expressions.

In: the tree of a function. Out: the same tree, in which each `def` is an assignment and
each `lambda` or `def` a `Nested`: a leaf that shows its defaults, which are evaluated
where it stands, and the outer names that it reads. What is inside belongs to another
function; nothing that walks over the outer one sees it.

    def f(x, a):                        def f(x, a):
        def g(y):                           g = <function g, which reads a>
            return a * y        ->          return g(x)
        return g(x)
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import gast

from s2s.parse.imported import Imported
from s2s.parse.nonlocals import Variable


class Nested(gast.expr):
    """A function that is made here; `tree` is its definition."""

    _fields = ("defaults", "reads")

    def __init__(self, tree: gast.FunctionDef) -> None:
        super().__init__()
        self.tree = tree
        args = tree.args
        self.defaults = [d for d in [*args.defaults, *args.kw_defaults] if d]
        own = bound_in(tree)
        names = {n.id for n in gast.walk(tree) if is_read(n)} - own
        self.reads = [gast.Name(n, gast.Load(), None, None) for n in sorted(names)]
        gast.copy_location(self, tree)
        for name in self.reads:
            gast.copy_location(name, tree)

    def __deepcopy__(self, memo: dict[int, Any]) -> Nested:
        return Nested(deepcopy(self.tree, memo))


class Nest(gast.NodeTransformer):
    """Replaces definitions, inner ones first."""

    def visit_FunctionDef(self, node: gast.FunctionDef) -> gast.stmt:
        value = decorated(node, self.definition(node))
        target = gast.copy_location(
            gast.Name(node.name, gast.Store(), None, None), node
        )
        return gast.copy_location(gast.Assign([target], value, None), node)

    def visit_Lambda(self, node: gast.Lambda) -> gast.expr:
        return self.definition(lambda_tree(node, "<lambda>"))

    def definition(self, tree: gast.FunctionDef) -> gast.expr:
        self.generic_visit(tree)
        return Nested(tree)


def nest(tree: gast.FunctionDef) -> gast.FunctionDef:
    """The tree with every function inside of it replaced."""
    tree.body = [Nest().visit(statement) for statement in tree.body]
    return tree


def lambda_tree(node: gast.Lambda, name: str) -> gast.FunctionDef:
    """A lambda as a def of one return statement."""
    body = gast.copy_location(gast.Return(node.body), node.body)
    made = gast.FunctionDef(name, node.args, [body], [], None, None, [])
    return gast.copy_location(made, node)


def decorated(node: gast.FunctionDef, function: gast.expr) -> gast.expr:
    """The calls that decorators stand for."""
    for decorator in reversed(node.decorator_list):
        call = gast.Call(decorator, [function], [])
        function = gast.copy_location(call, decorator)
    node.decorator_list = []
    return function


def bound_in(tree: gast.AST) -> set[str]:
    """The names that a function binds itself."""
    nodes = [n for n in gast.walk(tree) if isinstance(n, gast.Name)]
    return {n.id for n in nodes if not isinstance(n.ctx, gast.Load)}


def is_read(node: gast.AST) -> bool:
    return isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load)


class Shown(gast.NodeTransformer):
    """Writes functions as definitions again, for people to read."""

    def visit_Assign(self, node: gast.Assign) -> gast.stmt:
        if isinstance(node.value, Imported):
            return node.value.statement
        if isinstance(node.value, Nested) and node.value.tree.name != "<lambda>":
            return node.value.tree
        self.generic_visit(node)
        return node

    def visit_Variable(self, node: Variable) -> gast.expr:
        return gast.Name("Variable()", gast.Load(), None, None)

    def visit_Nested(self, node: Nested) -> gast.expr:
        (last,) = node.tree.body[-1:]
        return gast.Lambda(node.tree.args, self.visit(last.value))

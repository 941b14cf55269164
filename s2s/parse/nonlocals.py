"""Variables that functions inside assign to become attributes of an object.

In: the tree of a function. Out: the same tree without `nonlocal`: what both functions
assign to is an attribute, which the inner one changes as it changes any object of the
outer one.

    def f(x):                          def f(x):
        n = 0                              <n> = Variable()
        def g(y):                          <n>.n = 0
            nonlocal n         ->          def g(y):
            n += 1                             <n>.n += 1
            return x * y                       return x * y
        return g(x) * n                    return g(x) * <n>.n
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from s2s.parse.late import COMPREHENSIONS, names_in, parameters

START = "<nonlocal> "  # before the names of such objects


class Holder:
    """What has a variable of a function as its attribute."""


class Variable(gast.expr):
    """A new holder."""

    _fields = ()


def is_variable(name: str) -> bool:
    """Whether this is an object that has a variable."""
    return name.startswith(START)


def resolve_nonlocals(tree: gast.FunctionDef) -> None:
    """Rewrite the variables of a function, and of those in it, that are `nonlocal`."""
    for function in [n for n in gast.walk(tree) if isinstance(n, gast.FunctionDef)]:
        for name in sorted(asked_for(function)):
            if name in bound_here(function) and not is_bound_otherwise(function, name):
                turn_into_attribute(function, name)


def asked_for(function: gast.FunctionDef) -> set[str]:
    """The names that functions inside declare as `nonlocal`."""
    inner = (n for n in gast.walk(function) if isinstance(n, gast.Nonlocal))
    return {name for node in inner for name in node.names} - declared(function)


def declared(function: gast.FunctionDef) -> set[str]:
    """The names that a function declares as `nonlocal` itself."""
    own = (n for n in own_nodes(function) if isinstance(n, gast.Nonlocal))
    return {name for node in own for name in node.names}


def own_nodes(function: gast.FunctionDef) -> Iterator[gast.AST]:
    """The nodes of a function, without those of functions inside."""
    todo: list[gast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, gast.FunctionDef | gast.Lambda):
            todo += gast.iter_child_nodes(node)


def bound_here(function: gast.FunctionDef) -> set[str]:
    """The names that a function binds itself: its parameters, too."""
    names = (n for n in own_nodes(function) if isinstance(n, gast.Name))
    return {n.id for n in names if isinstance(n.ctx, gast.Store)} | parameters(function)


def is_bound_otherwise(function: gast.FunctionDef, name: str) -> bool:
    """Whether a name is bound where no attribute can be: by `:=`, `del`, `match`..."""
    for node in gast.walk(function):
        match node:
            case gast.NamedExpr(target=gast.Name(id=found)):
                pass
            case gast.FunctionDef(name=found) if node is not function:
                pass
            case gast.ExceptHandler(name=gast.Name(id=found)):
                pass
            case gast.MatchAs(name=found) | gast.MatchStar(name=found):
                pass
            case gast.Name(id=found, ctx=gast.Del()):
                pass
            case gast.alias(name=found, asname=other):
                found = other or found
            case gast.Global(names=names) if name in names:
                return True
            case _:
                continue
        if found == name:
            return True
    return False


def turn_into_attribute(function: gast.FunctionDef, name: str) -> None:
    """Rewrite one variable of a function."""
    first = function.body[0]
    holder = gast.Name(START + name, gast.Store(), None, None)
    start: list[gast.stmt] = [gast.Assign([holder], Variable(), None)]
    rewriting = Rewriting(name)
    if name in parameters(function):
        target = gast.Name(name, gast.Store(), None, None)
        given = gast.Name(name, gast.Load(), None, None)
        start.append(gast.Assign([rewriting.visit(target)], given, None))
    for statement in start:
        for node in gast.walk(statement):
            gast.copy_location(node, first)
    function.body = start + rewriting.block(function.body)


class Rewriting(gast.NodeTransformer):
    """Makes a name an attribute wherever it means the same variable."""

    def __init__(self, name: str) -> None:
        self.name = name

    def block(self, body: list[gast.stmt]) -> list[gast.stmt]:
        made = (self.visit(statement) for statement in body)
        return [s for s in made if s is not None]

    def visit_Name(self, node: gast.Name) -> gast.expr:
        if node.id != self.name or isinstance(node.ctx, gast.Param):
            return node
        holder = gast.Name(START + self.name, gast.Load(), None, None)
        made = gast.Attribute(gast.copy_location(holder, node), self.name, node.ctx)
        return gast.copy_location(made, node)

    def visit_Nonlocal(self, node: gast.Nonlocal) -> gast.stmt:
        node.names = [n for n in node.names if n != self.name]
        return node if node.names else gast.copy_location(gast.Pass(), node)

    def visit_FunctionDef(self, node: gast.FunctionDef) -> gast.stmt:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        self.visit_defaults(node.args)
        if self.name in declared(node) or self.name not in bound_here(node):
            node.body = self.block(node.body)
        return node

    def visit_Lambda(self, node: gast.Lambda) -> gast.expr:
        self.visit_defaults(node.args)
        if self.name not in parameters(node):
            node.body = self.visit(node.body)
        return node

    def visit_defaults(self, args: gast.arguments) -> None:
        args.defaults = [d and self.visit(d) for d in args.defaults]
        args.kw_defaults = [d and self.visit(d) for d in args.kw_defaults]

    def generic_visit(self, node: gast.AST) -> gast.AST:
        if isinstance(node, COMPREHENSIONS):
            own = {name for g in node.generators for name in names_in(g.target)}
            if self.name in own:
                first = node.generators[0]
                first.iter = self.visit(first.iter)  # evaluated outside
                return node
        return super().generic_visit(node)

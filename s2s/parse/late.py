"""Variables of comprehensions that functions read become the function's around them.

In: the tree of a function. Out: the same tree, in which such a variable has a name that
is none in the text: the function may be called when the comprehension has ended, and
sees the last value.

    [lambda x: x * k for k in ks]   ->   [lambda x: x * <late> k for <late> k in ks]
"""

from __future__ import annotations

from collections.abc import Mapping

import gast

COMPREHENSIONS = gast.ListComp, gast.GeneratorExp, gast.DictComp, gast.SetComp
LATE = "<late"


def free_late_variables(tree: gast.AST) -> None:
    """Rename the variables of comprehensions that functions made there read."""
    for node in gast.walk(tree):
        if isinstance(node, COMPREHENSIONS) and (names := late_in(node)):
            start = f"{LATE} {node.lineno}.{node.col_offset}>"
            Renaming({name: f"{start} {name}" for name in names}).inside(node)


def is_late(name: str) -> bool:
    """Whether this is a variable of a comprehension that a function reads."""
    return name.startswith(LATE)


def late_in(node: gast.AST) -> set[str]:
    """The variables of a comprehension that are named in a lambda inside of it."""
    own = {name for g in node.generators for name in names_in(g.target)}
    made = [n for n in gast.walk(node) if isinstance(n, gast.Lambda)]
    return {name for n in made for name in own & names_in(n.body) - parameters(n)}


def names_in(node: gast.AST) -> set[str]:
    return {n.id for n in gast.walk(node) if isinstance(n, gast.Name)}


def parameters(node: gast.Lambda | gast.FunctionDef) -> set[str]:
    names = (n for n in gast.walk(node.args) if isinstance(n, gast.Name))
    return {n.id for n in names if isinstance(n.ctx, gast.Param)}


class Renaming(gast.NodeVisitor):
    """Gives names another spelling wherever they mean the same variable."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: gast.Name) -> None:
        node.id = self.names.get(node.id, node.id)

    def visit_Lambda(self, node: gast.Lambda) -> None:
        args = node.args
        for default in filter(None, (*args.defaults, *args.kw_defaults)):
            self.visit(default)
        self.without(parameters(node)).visit(node.body)

    def generic_visit(self, node: gast.AST) -> None:
        if not isinstance(node, COMPREHENSIONS):
            super().generic_visit(node)
            return
        self.visit(node.generators[0].iter)  # evaluated outside
        own = {name for g in node.generators for name in names_in(g.target)}
        self.without(own).inside(node)

    def inside(self, node: gast.AST) -> None:
        """All of a comprehension but what it runs over first."""
        first, *others = node.generators
        parts = [first.target, *first.ifs, *others]
        parts += [node.key, node.value] if hasattr(node, "key") else [node.elt]
        for part in parts:
            self.visit(part)

    def without(self, hidden: set[str]) -> Renaming:
        """The same where some of the names mean something else."""
        kept = {n: made for n, made in self.names.items() if n not in hidden}
        return Renaming(kept)

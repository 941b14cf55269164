"""What a statement does about an expression that is too long for its line.

In: the expression that a statement ends in, or one of several. Out: its document,
with the parentheses that are to be added to it if they are what makes it fit.

    >>> from s2s.codegen.document import render
    >>> line = "first_term + second_term"
    >>> total = ast.parse(line, mode="eval").body
    >>> document = ["value = ", Fitting(line).value(total)]
    >>> print(render(document, indent=60).replace(" " * 60, ""))
    value = (
        first_term + second_term
    )
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from .brackets import BARE, INSIDE, Level, optional, parenthesized
from .breaks import Breaks, looseness
from .document import Doc, Expandable, Key, Rescue
from .spans import Spans, base

# Nothing, for the expression has brackets of its own; parenthesise it, provided that
# it fits then; parenthesise it and break it.
NEVER, RESCUE, SPLIT = range(3)

# How loosely those parts of an expression hang together that are no operation.
ATTRIBUTE, INVERSION, CONDITIONAL = 1, 3, 12


class Fitting(Breaks):
    """Documents of expressions that stand directly in a statement."""

    def value(self, node: ast.expr, rescue: bool = True, always: bool = False) -> Doc:
        """An expression, parenthesised if that helps.

        Without `rescue` what has no breaks is left too long; with `always` it is
        parenthesised even if that does not make it fit.
        """
        needs = self.needs(node)
        if self.in_parens(node) or needs == NEVER:
            return self.expr(node, BARE)
        if needs == SPLIT or always:
            return self.split(node)
        if not rescue:
            return self.inner(node, BARE)
        key = Key()
        return Rescue(self.inner(node, Level(key=key)), key)

    def last_value(self, node: ast.expr) -> Doc:
        """A value that ends its statement; a lambda is broken in its body first."""
        if not isinstance(node, ast.Lambda):
            return self.value(node)
        function = node

        def content(level: Level) -> Doc:
            head, body = self.function(function, level)
            return [head, Expandable(body)]

        return optional(content)

    def split(self, node: ast.expr) -> Doc:
        if self.can_omit(node):
            return optional(lambda level: self.inner(node, level))
        return parenthesized(self.inner(node, INSIDE))

    def needs(self, node: ast.expr) -> int:
        match node:
            case ast.Name() | ast.Constant() | ast.JoinedStr():
                return RESCUE
            case ast.UnaryOp(operand=operand):
                return NEVER if self.in_parens(operand) else self.needs(operand)
            case ast.Attribute() | ast.Call() | ast.Subscript():
                if self.is_fluent(node):
                    return SPLIT
                inner = base(node)
                return NEVER if self.in_parens(inner) else self.needs(inner)
            case ast.Tuple():
                return NEVER
        return SPLIT if self.has_brackets(node) is None else NEVER

    def can_omit(self, node: ast.expr) -> bool:
        """Whether to break the brackets of an expression before parenthesising it."""
        shape = _Shape(self)
        shape.survey(node)
        if not shape.bracketed or shape.count > 1:
            return False
        if shape.loosest <= ATTRIBUTE:
            return True
        ends = [shape.last, None if shape.prefixed else shape.first]
        return any(end is not None and self.opens(end) for end in ends)

    def opens(self, node: ast.expr) -> bool:
        """Whether there are brackets to break; subscripts are better left whole."""
        if isinstance(node, ast.Subscript):
            return False
        return self.in_parens(node) or bool(self.has_brackets(node))


@dataclass
class _Shape:
    """What decides whether an expression can do without optional parentheses."""

    spans: Spans
    loosest: int = 0
    count: int = 0  # of the loosest operators
    bracketed: bool = False  # some part has brackets
    prefixed: bool = False  # starts with a word or a sign, not with an operand
    first: ast.expr | None = None
    last: ast.expr | None = None

    def add(self, loose: int, count: int = 1) -> None:
        if loose > self.loosest:
            self.loosest, self.count = loose, 0
        if loose == self.loosest:
            self.count += count

    def prefix(self) -> None:
        self.prefixed = self.prefixed or self.first is None

    def visit(self, node: ast.expr) -> None:
        self.last = node
        if self.spans.in_parens(node):
            self.bracketed = True
        else:
            self.survey(node)
        if self.first is None:
            self.first = node

    def survey(self, node: ast.expr) -> None:
        """Visits the parts of an expression that no brackets enclose."""
        spans = self.spans
        parts: Sequence[ast.expr] = []
        match node:
            case ast.Call() | ast.Subscript():
                self.bracketed = True
                self.visit(base(node))
                self.last = node
            case ast.Attribute(value=value):
                self.visit(value)
                if spans.in_parens(value) or spans.has_brackets(value) is not None:
                    self.add(ATTRIBUTE)
                self.last = node
            case ast.BinOp() | ast.BoolOp() | ast.Compare():
                parts, operators = spans.flatten(node)
                for operator in operators:
                    self.add(looseness(operator))
            case ast.IfExp():
                self.add(CONDITIONAL, 2)
                parts = [node.body, node.test, node.orelse]
            case ast.NamedExpr():
                parts = [node.target, node.value]
            case ast.Lambda():
                self.prefix()
                parts = [*node.args.defaults, node.body]
            case ast.UnaryOp():
                self.prefix()
                if isinstance(node.op, ast.Invert):
                    self.add(INVERSION)
                parts = [node.operand]
            case ast.Starred():
                self.prefix()
                parts = [node.value]
            case ast.Tuple() if spans.is_bare(node):
                parts = node.elts
            case _ if spans.has_brackets(node) is not None:
                self.bracketed = True
        for part in parts:
            self.visit(part)

"""Where an expression may be broken over lines: documents of expressions.

In: the nodes of a line that was parsed, and the line itself, from which every word is
cut (`Breaks`). Out: documents, in which operators and brackets carry the breaks that
black and ruff would consider there.

    >>> line = "scale * (first_term + second_term)"
    >>> product = ast.parse(line, mode="eval").body
    >>> document = Breaks(line).expr(product, INSIDE)
    >>> print(render(document, indent=64))
                                                                    scale
                                                                    * (
                                                                        first_term
                                                                        + second_term
                                                                    )
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .document import (
    HARD,
    LINE,
    SOFT,
    Best,
    Doc,
    Expandable,
    Group,
    Indent,
    Key,
    Line,
    When,
    render,
)

BINARY = ast.BinOp | ast.BoolOp | ast.Compare
CHAIN = ast.Attribute | ast.Call | ast.Subscript

# How loosely the operators bind; comparisons are all those that are not listed.
LOOSENESS = {
    "**": 2,
    "*": 4, "/": 4, "//": 4, "%": 4, "@": 4,
    "+": 5, "-": 5,
    "<<": 6, ">>": 6,
    "&": 7, "^": 8, "|": 9,
    "and": 11, "or": 11,
}  # fmt: skip
COMPARISON = 10


def looseness(operator: str) -> int:
    return LOOSENESS.get(operator.strip(), COMPARISON)


@dataclass(frozen=True)
class Level:
    """What encloses an expression: nothing, brackets, or optional parentheses."""

    bracketed: bool = False
    key: Key | None = None  # the group of the optional parentheses

    def group(self, doc: Doc) -> Doc:
        """A group, provided that something encloses it."""
        if self.key is not None:
            return Group(doc, under=self.key)
        return Group(doc) if self.bracketed else doc

    def line(self, flat: str) -> Doc:
        """A break, provided that something encloses it."""
        if self.key is not None:
            broken = When(True, Line(flat), self.key)
            return [broken, When(False, flat, self.key)]
        return Line(flat) if self.bracketed else flat

    def brackets(self, left: str, doc: Doc, right: str) -> Doc:
        inside: Doc = Group([Indent([SOFT, doc]), SOFT])
        if self.key is not None:
            inside = Expandable(inside, self.key)
        return [left, inside, right]


BARE = Level()
INSIDE = Level(bracketed=True)


def parenthesize(doc: Doc) -> Doc:
    """Parentheses if the document breaks."""
    return Group([When(True, "("), Indent([SOFT, doc]), SOFT, When(True, ")")])


def comma_separated(docs: Sequence[Doc], trailing: bool = False) -> Doc:
    """Items with breaks between them, and a last comma if those are taken."""
    out: list[Doc] = []
    for doc in docs:
        out += [",", LINE, doc] if out else [doc]
    if trailing or len(docs) > 1:
        out.append(When(True, ","))
    return out


class Breaks:
    """Makes documents of the expressions of one line."""

    def __init__(self, line: str) -> None:
        self.line = line.encode()  # a node's columns count bytes

    def text(self, start: int, end: int | None = None) -> str:
        return self.line[start:end].decode()

    def in_parens(self, node: ast.expr) -> bool:
        """Whether an expression stands in parentheses that are not its own.

        Not to be asked of the only argument of a call.
        """
        before = self.line[: node.col_offset][-1:]
        return before == b"(" and self.line[node.end_col_offset :][:1] == b")"

    def start(self, node: ast.expr) -> int:
        return node.col_offset - self.in_parens(node)

    def end(self, node: ast.expr) -> int:
        return node.end_col_offset + self.in_parens(node)

    def is_bare(self, node: ast.Tuple) -> bool:
        """Whether a tuple is written without parentheses."""
        if not node.elts:
            return False
        last = node.elts[-1]
        closing = self.text(last.end_col_offset, node.end_col_offset).count(")")
        return closing == self.in_parens(last)

    def splice(
        self, parts: Iterable[tuple[ast.expr, Doc]], start: int, end: int | None
    ) -> list[Doc]:
        """A stretch of the line with some of its nodes replaced by documents."""
        out: list[Doc] = []
        for node, doc in parts:
            out += [self.text(start, self.start(node)), doc]
            start = self.end(node)
        return [*out, self.text(start, end)]

    def expr(self, node: ast.expr, level: Level) -> Doc:
        """Document of an expression and the parentheses that it stands in."""
        if self.in_parens(node):
            return level.brackets("(", self.inner(node, INSIDE), ")")
        return self.inner(node, level)

    def inner(self, node: ast.expr, level: Level) -> Doc:
        """Document of an expression without the parentheses that it stands in."""
        left, right = self.line[node.col_offset], self.line[node.end_col_offset - 1]
        match node:
            case ast.Name() | ast.Constant() | ast.JoinedStr():
                return self.text(node.col_offset, node.end_col_offset)
            case ast.BinOp() | ast.BoolOp() | ast.Compare():
                return level.group(self.operation(*self.flatten(node), level))
            case ast.Attribute() | ast.Call() | ast.Subscript():
                return self.chain(node, level)
            case ast.Tuple(elts=[single]):
                return level.brackets("(", [self.expr(single, INSIDE), ","], ")")
            case ast.Tuple() if self.is_bare(node):
                return parenthesize(self.items(node.elts))
            case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Set():
                return level.brackets(chr(left), self.items(node.elts), chr(right))
            case ast.Dict(keys=[_, *_]):
                items = [self.entry(*item) for item in zip(node.keys, node.values)]
                return level.brackets("{", comma_separated(items), "}")
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return level.brackets(chr(left), self.comprehension(node), chr(right))
            case ast.IfExp():
                return level.group(self.conditional(node, level))
            case ast.Lambda():
                return self.function(node, level)
            case ast.NamedExpr():
                target = Group([self.expr(node.target, level), level.line(" ")])
                return [target, ":= ", self.expr(node.value, level)]
        operands = [
            part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)
        ]
        parts = [(operand, self.expr(operand, level)) for operand in operands]
        return self.splice(parts, node.col_offset, node.end_col_offset)

    def items(self, nodes: Sequence[ast.expr], level: Level = INSIDE) -> Doc:
        return comma_separated([self.expr(node, level) for node in nodes])

    def entry(self, key: ast.expr | None, value: ast.expr) -> Doc:
        """An item of a dictionary."""
        if key is None:
            return ["**", self.expr(value, INSIDE)]
        return [self.expr(key, INSIDE), ": ", self.expr(value, INSIDE)]

    def flatten(self, node: ast.expr) -> tuple[list[ast.expr], list[str]]:
        """Operands and operators of nested operations, as they stand in the line."""
        match node:
            case ast.BinOp(left=left, right=right):
                parts = [left, right]
            case ast.BoolOp(values=parts):
                pass
            case ast.Compare(left=left, comparators=right):
                parts = [left, *right]
        operands: list[ast.expr] = []
        operators: list[str] = []
        for part in parts:
            if operands:
                operators.append(self.text(end, self.start(part)))
            end = self.end(part)
            if isinstance(part, BINARY) and not self.in_parens(part):
                inner_operands, inner_operators = self.flatten(part)
                operands += inner_operands
                operators += inner_operators
            else:
                operands.append(part)
        return operands, operators

    def operation(
        self, operands: list[ast.expr], operators: list[str], level: Level
    ) -> Doc:
        """Operands with breaks before the loosest of the operators between them."""
        if not operators:
            return self.expr(operands[0], level)
        loosest = max(map(looseness, operators))
        out: list[Doc] = []
        start = 0
        for end, operator in enumerate([*operators, None], 1):
            if operator is None or looseness(operator) == loosest:
                tighter = operators[start : end - 1]
                doc = self.operation(operands[start:end], tighter, level)
                out.append(level.group(doc) if tighter else doc)
                out += self.operator(operator, level) if operator else []
                start = end
        return out

    def operator(self, text: str, level: Level) -> list[Doc]:
        """A break and the operator; `**` has spaces around it where it is broken."""
        if text.startswith(" "):
            return [level.line(" "), text[1:]]
        space = "" if level == BARE else When(True, " ", level.key)
        return [level.line(""), text, space]

    def conditional(self, node: ast.IfExp, level: Level) -> list[Doc]:
        """`a if b else c`; a further conditional after else is on the same footing."""
        test, orelse = self.expr(node.test, level), node.orelse
        if isinstance(orelse, ast.IfExp) and not self.in_parens(orelse):
            rest: Doc = self.conditional(orelse, level)
        else:
            rest = level.group(self.expr(orelse, level))
        line = level.line(" ")
        return [self.expr(node.body, level), line, "if ", test, line, "else ", rest]

    def function(self, node: ast.Lambda, level: Level) -> list[Doc]:
        """A lambda: its parameters stay on one line, its body may be parenthesised."""
        body = node.body
        head = self.text(node.col_offset, self.start(body))
        if self.is_fluent(body):
            return [head, parenthesize(self.inner(body, INSIDE))]
        if isinstance(body, ast.Call | ast.Subscript):
            doc = self.expr(body, level)
            lines = ["(", Indent([HARD, doc]), HARD, ")"]
            return [head, Best([doc, Group(doc, expand=True), lines])]
        if self.has_brackets(body) is not None:
            return [head, self.expr(body, level)]
        return [head, parenthesize(self.inner(body, INSIDE))]

    def comprehension(self, node: ast.expr) -> Doc:
        """What stands in the brackets of a comprehension."""
        if isinstance(node, ast.DictComp):
            value = self.expr(node.value, INSIDE)
            out: list[Doc] = [Group(self.expr(node.key, INSIDE)), ": ", value]
        else:
            out = [Group(self.expr(node.elt, INSIDE))]
        for clause in node.generators:
            target = self.expr(clause.target, INSIDE)
            if isinstance(clause.target, ast.Tuple) and self.is_bare(clause.target):
                elements = [self.expr(part, INSIDE) for part in clause.target.elts]
                target = [doc for part in elements for doc in (", ", part)][1:]
            out += [LINE, "for ", target, " in ", self.expr(clause.iter, INSIDE)]
            for test in clause.ifs:
                out += [LINE, "if ", self.expr(test, INSIDE)]
        return Group(out)

    # Chains of attributes, calls and subscripts

    def unlink(self, node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
        """The root of a chain, and its links from the root outwards."""
        links: list[ast.expr] = []
        while isinstance(node, CHAIN):
            links.insert(0, node)
            node = node.func if isinstance(node, ast.Call) else node.value
            if self.in_parens(node):
                break
        return node, links

    def is_fluent(self, node: ast.expr) -> bool:
        """Whether a chain is broken before its dots: two follow brackets."""
        root, links = self.unlink(node)
        inner = [root, *links]
        dots = [
            self.in_parens(value) or isinstance(value, ast.Call | ast.Subscript)
            for value, link in zip(inner, links)
            if isinstance(link, ast.Attribute)
        ]
        return sum(dots) > 1

    def chain(self, node: ast.expr, level: Level) -> Doc:
        root, links = self.unlink(node)
        fluent = level != BARE and self.is_fluent(node)
        out = [self.expr(root, level)]
        end = self.end(root)
        before = root
        for link in links:
            if isinstance(link, ast.Attribute):
                called = isinstance(before, ast.Call | ast.Subscript)
                if fluent and (called or self.in_parens(before)):
                    out.append(SOFT)
                out.append(self.text(end, link.end_col_offset))
            elif isinstance(link, ast.Call):
                out.append(self.arguments(link, level))
            else:
                out.append(level.brackets("[", self.index(link.slice), "]"))
            before, end = link, link.end_col_offset
        return Group(out) if fluent else out

    def index(self, node: ast.expr) -> Doc:
        if isinstance(node, ast.Tuple) and self.is_bare(node):
            if len(node.elts) == 1:
                return [self.expr(node.elts[0], INSIDE), ","]
            return Group(self.items(node.elts))
        return self.expr(node, INSIDE)

    def arguments(self, node: ast.Call, level: Level) -> Doc:
        match node:
            case ast.Call(args=[], keywords=[]):
                return "()"
            case ast.Call(
                args=[ast.GeneratorExp(end_col_offset=end) as only], keywords=[]
            ) if end == node.end_col_offset:
                return level.brackets("(", self.comprehension(only), ")")
            case ast.Call(args=[argument], keywords=[]):
                closing = self.text(argument.end_col_offset, node.end_col_offset)
                doc = self.inner(argument, INSIDE)
                if closing == "))":
                    doc = INSIDE.brackets("(", doc, ")")
                docs = [doc]
            case _:
                arguments = sorted(
                    [*node.args, *node.keywords], key=lambda each: each.col_offset
                )
                docs = [self.argument(each) for each in arguments]
        return level.brackets("(", Group(comma_separated(docs)), ")")

    def argument(self, node: ast.expr | ast.keyword) -> Doc:
        if isinstance(node, ast.expr):
            return self.expr(node, INSIDE)
        name = "**" if node.arg is None else node.arg + "="
        return [name, self.expr(node.value, INSIDE)]

    def has_brackets(self, node: ast.expr) -> bool | None:
        """Whether an expression's own brackets hold something; None if it has none."""
        match node:
            case ast.Subscript() | ast.GeneratorExp():
                return True
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return True
            case ast.List(elts=inside) | ast.Set(elts=inside) | ast.Dict(values=inside):
                return bool(inside)
            case ast.Tuple(elts=inside) if not self.is_bare(node):
                return bool(inside)
            case ast.Call():
                return bool(node.args or node.keywords)
        return None

"""Where an expression may be broken over lines: documents of expressions.

In: the nodes of a line that was parsed, and the line itself, from which every word is
cut (`Breaks`). Out: documents, in which operators and brackets carry the breaks that
black and ruff would consider there.

    >>> from s2s.codegen.document import render
    >>> line = "scale * (first_term + second_term)"
    >>> product = ast.parse(line, mode="eval").body
    >>> document = Breaks(line).expr(product, INSIDE)
    >>> print(render(document, indent=64).replace(" " * 64, ""))
    scale
    * (
        first_term
        + second_term
    )
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .brackets import BARE, INSIDE, Level, comma_separated, parenthesized
from .document import HARD, LINE, SOFT, Best, Doc, Group, Indent, When
from .spans import Link, Spans, inner_end

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

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def looseness(operator: str) -> int:
    return LOOSENESS.get(operator.strip(), COMPARISON)


class Breaks(Spans):
    """Makes documents of the expressions of one line."""

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
        start, end = node.col_offset, inner_end(node)
        left, right = self.text(start, start + 1), self.text(end - 1, end)
        match node:
            case ast.Name() | ast.Constant() | ast.JoinedStr():
                return self.text(start, end)
            case ast.BinOp() | ast.BoolOp() | ast.Compare():
                return level.group(self.operation(*self.flatten(node), level))
            case ast.Attribute() | ast.Call() | ast.Subscript():
                return self.chain(node, level)
            case ast.Tuple(elts=[single]):
                return level.brackets("(", [self.expr(single, INSIDE), ","], ")")
            case ast.Tuple() if self.is_bare(node):
                return parenthesized(self.items(node.elts))
            case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Set():
                return level.brackets(left, self.items(node.elts), right)
            case ast.Dict(keys=[_, *_]):
                entries = map(self.entry, node.keys, node.values)
                return level.brackets("{", comma_separated(list(entries)), "}")
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return level.brackets(left, self.comprehension(node), right)
            case ast.IfExp():
                return level.group(self.conditional(node, level))
            case ast.Lambda():
                return self.function(node, level)
            case ast.NamedExpr():
                target = Group([self.expr(node.target, level), level.line(" ")])
                return [target, ":= ", self.expr(node.value, level)]
        children = ast.iter_child_nodes(node)
        operands = [child for child in children if isinstance(child, ast.expr)]
        docs = [(operand, self.expr(operand, level)) for operand in operands]
        return self.splice(docs, start, end)

    def items(self, nodes: Sequence[ast.expr], level: Level = INSIDE) -> Doc:
        return comma_separated([self.expr(node, level) for node in nodes])

    def entry(self, key: ast.expr | None, value: ast.expr) -> Doc:
        """An item of a dictionary."""
        if key is None:
            return ["**", self.expr(value, INSIDE)]
        return [self.expr(key, INSIDE), ": ", self.expr(value, INSIDE)]

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
            return [head, parenthesized(self.inner(body, INSIDE))]
        if isinstance(body, ast.Call | ast.Subscript):
            doc = self.expr(body, level)
            lines: list[Doc] = ["(", Indent([HARD, doc]), HARD, ")"]
            return [head, Best([doc, Group(doc, expand=True), lines])]
        if self.has_brackets(body) is not None:
            return [head, self.expr(body, level)]
        return [head, parenthesized(self.inner(body, INSIDE))]

    def comprehension(self, node: Comprehension) -> Doc:
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

    def chain(self, node: Link, level: Level) -> Doc:
        root, links = self.unlink(node)
        fluent = level != BARE and self.is_fluent(node)
        out = [self.expr(root, level)]
        for link in links:
            if isinstance(link, ast.Attribute):
                if fluent and self.is_dotted(link):
                    out.append(SOFT)
                out.append(self.text(self.end(link.value), inner_end(link)))
            elif isinstance(link, ast.Call):
                out.append(self.arguments(link, level))
            else:
                out.append(level.brackets("[", self.index(link.slice), "]"))
        return Group(out) if fluent else out

    def index(self, node: ast.expr) -> Doc:
        if isinstance(node, ast.Tuple) and self.is_bare(node):
            if len(node.elts) == 1:
                return [self.expr(node.elts[0], INSIDE), ","]
            return Group(self.items(node.elts))
        return self.expr(node, INSIDE)

    def arguments(self, node: ast.Call, level: Level) -> Doc:
        if not node.args and not node.keywords:
            return "()"
        docs: list[Doc]
        if len(node.args) == 1 and not node.keywords:
            only = node.args[0]
            after = self.text(inner_end(only), inner_end(node))
            if not after:  # a generator shares the brackets of the call
                assert isinstance(only, ast.GeneratorExp)
                return level.brackets("(", self.comprehension(only), ")")
            doc = self.inner(only, INSIDE)
            docs = [INSIDE.brackets("(", doc, ")") if after == "))" else doc]
        else:
            both: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            both.sort(key=lambda each: each.col_offset)
            docs = [self.argument(each) for each in both]
        return level.brackets("(", Group(comma_separated(docs)), ")")

    def argument(self, node: ast.expr | ast.keyword) -> Doc:
        if isinstance(node, ast.expr):
            return self.expr(node, INSIDE)
        name = "**" if node.arg is None else node.arg + "="
        return [name, self.expr(node.value, INSIDE)]

"""The last step of code generation: from a gast tree to text.

In: the statements of a module, among them the markers `comment(...)` and `blank()`.
Out: their source, as an expert would type it and `ruff format` would leave it.

    >>> tree = gast.parse("def f(x,y): return (x)*-(y**2) if x[1:y+1] else (1e-3,)")
    >>> print(to_source([comment("a product"), *tree.body]), end="")
    # a product
    def f(x, y):
        return x * -(y**2) if x[1 : y + 1] else (0.001,)

astor writes each simple statement and each header as one logical line, with just the
parentheses that it needs; `suite` puts them below each other and `layout` breaks the
lines that are too long. The text is parsed again and compared with the tree it came
from, so that no printing error can change what a program means.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from typing import Any

import gast

from .literals import escaped, number, preferred_quote, spelled, string
from .same import PrintError, check_same, described
from .spacing import is_base, is_bound, is_exponent
from .suite import BLANK, COMMENT, lines

with warnings.catch_warnings():
    # astor 0.8.1 names node classes that Python 3.12 deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence, get_op_symbol


__all__ = ["PrintError", "blank", "comment", "to_source"]


def comment(text: str) -> gast.stmt:
    """A statement that is printed as a comment, on as many lines as the text has."""
    return gast.Expr(gast.Constant(text, COMMENT))


def blank() -> gast.stmt:
    """A statement that is printed as a blank line."""
    return gast.Expr(gast.Constant("", BLANK))


def to_source(body: Sequence[gast.stmt]) -> str:
    """The text of a module."""
    tree = gast.gast_to_ast(gast.Module(list(body), []))
    text = "\n".join([*lines(tree.body, _Printer().line), ""])
    try:
        parsed = ast.parse(text)
    except SyntaxError as error:
        raise PrintError(f"what is printed is no Python: {error.text}") from error
    check_same(tree, parsed)
    return text


def _parameter(node: ast.arg, default: ast.expr | None = None) -> list[Any]:
    set_precedence(Precedence.Comma, node.annotation, default)
    parts: list[Any] = [node.arg]
    if node.annotation is not None:
        parts += [": ", node.annotation]
    if default is not None:
        parts += ["=" if node.annotation is None else " = ", default]
    return parts


UNPRINTABLE = ast.ClassDef | ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith


class _Printer(SourceGenerator):
    """astor's generator, one logical line at a time, with ruff's spacing."""

    def __init__(self) -> None:
        super().__init__("")
        self.quote = ""

    def line(self, node: ast.AST) -> str:
        """A simple statement, or the header of a compound one."""
        self.result.clear()
        if isinstance(node, UNPRINTABLE):
            raise PrintError(f"cannot print a {type(node).__name__}")
        try:
            self.visit(node)
        except (AttributeError, AssertionError, TypeError) as error:
            raise PrintError(f"{error}, in {described(node)}") from error
        return "".join(self.result)

    def newline(self, node: ast.AST | None = None, extra: int = 0) -> None:
        """Lines are put below each other elsewhere."""

    # Headers

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.write(f"def {node.name}(", node.args, ")")
        set_precedence(Precedence.Comma, node.returns)
        self.conditional_write(" -> ", node.returns)
        self.write(":")

    def visit_arguments(self, node: ast.arguments) -> None:
        positional = [*node.posonlyargs, *node.args]
        required = len(positional) - len(node.defaults)
        defaults = [None] * required + node.defaults
        items = list(map(_parameter, positional, defaults))
        if node.posonlyargs:
            items.insert(len(node.posonlyargs), ["/"])
        if node.vararg:
            items.append(["*", *_parameter(node.vararg)])
        elif node.kwonlyargs:
            items.append(["*"])
        items += map(_parameter, node.kwonlyargs, node.kw_defaults)
        if node.kwarg:
            items.append(["**", *_parameter(node.kwarg)])
        for index, item in enumerate(items):
            self.write(", " if index else "", *item)

    def visit_If(self, node: ast.If) -> None:
        self._header("if ", node.test)

    def visit_While(self, node: ast.While) -> None:
        self._header("while ", node.test)

    def _header(self, word: str, test: ast.expr) -> None:
        walrus = isinstance(test, ast.NamedExpr)
        set_precedence(Precedence.If if walrus else Precedence.Comma, test)
        self.write(word, test, ":")

    def visit_For(self, node: ast.For) -> None:
        set_precedence(Precedence.For, node.target)
        set_precedence(Precedence.Comma, node.iter)
        self.write("for ", node.target, " in ", node.iter, ":")

    def visit_With(self, node: ast.With) -> None:
        self.write("with ")
        self.comma_list(node.items)
        self.write(":")

    def visit_withitem(self, node: ast.withitem) -> None:
        set_precedence(Precedence.Comma, node.context_expr, node.optional_vars)
        super().visit_withitem(node)

    def visit_Try(self, node: ast.Try) -> None:
        self.write("try:")

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.write("except")
        if self.conditional_write(" ", node.type):
            self.conditional_write(" as ", node.name)
        self.write(":")

    # Expressions

    def visit_Constant(self, node: ast.Constant) -> None:
        expression = spelled(node)
        precedence = self.get__pp(node)
        if not isinstance(expression, ast.Constant):
            set_precedence(precedence, expression)
            self.visit(expression)
            return
        value = expression.value
        if isinstance(value, str | bytes):
            self.write(string(value, self.quote))
        elif value is None or value is ... or isinstance(value, bool):
            self.write("..." if value is ... else str(value))
        else:
            dotted = precedence == Precedence.highest
            self.write(f"({number(value)})" if dotted else number(value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        outer = self.quote
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        quote = outer or preferred_quote("".join(map(str, texts)))
        # Up to Python 3.11 the strings within need other quotes.
        self.quote = "'" if quote == '"' else '"'
        self.write("f", quote)
        self._template(node, quote)
        self.write(quote)
        self.quote = outer

    def _template(self, node: ast.expr, quote: str) -> None:
        assert isinstance(node, ast.JoinedStr)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self._field(part, quote)
            else:
                assert isinstance(part, ast.Constant)
                text = escaped(str(part.value), quote)
                self.write(text.replace("{", "{{").replace("}", "}}"))

    def _field(self, node: ast.FormattedValue, quote: str) -> None:
        function = isinstance(node.value, ast.Lambda)
        set_precedence(Precedence.highest if function else Precedence.Comma, node.value)
        start = len(self.result)
        self.visit(node.value)
        text = "".join(self.result[start:])
        space = " " if text.startswith("{") else ""
        self.result[start:] = ["{", space, text, space]
        if node.conversion != -1:
            self.write("!" + chr(node.conversion))
        if node.format_spec is not None:
            self.write(":")
            self._template(node.format_spec, quote)
        self.write("}")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        with self.delimit(node, node.op) as delimiters:
            if isinstance(node.op, ast.Pow):
                set_precedence(Precedence.Pow + 1, node.left)
                set_precedence(Precedence.PowRHS, node.right)
                close = is_base(node.left) and is_exponent(node.right)
                symbol = "**" if close else " ** "
            else:
                set_precedence(delimiters.p, node.left)
                set_precedence(delimiters.p + 1, node.right)
                symbol = get_op_symbol(node.op, " %s ")
            self.write(node.left, symbol, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        power = isinstance(node.operand, ast.BinOp) and isinstance(
            node.operand.op, ast.Pow
        )
        with self.delimit(node, node.op) as delimiters:
            set_precedence(Precedence.highest if power else delimiters.p, node.operand)
            negation = isinstance(node.op, ast.Not)
            self.write(get_op_symbol(node.op), " " if negation else "", node.operand)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        set_precedence(Precedence.Comma, node.value)
        with self.delimit(node) as delimiters:
            delimiters.discard = self.get__pp(node) == Precedence.If
            self.write(node.target, " := ", node.value)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        with self.delimit(node) as delimiters:
            single = len(node.elts) == 1
            index = self.get__pp(node) == Precedence.Subscript
            bare = bool(node.elts) and (index or not single)
            delimiters.discard = delimiters.discard and bare
            self.comma_list(node.elts, single)

    def visit_Slice(self, node: ast.Slice) -> None:
        bounds = [node.lower, node.upper, node.step]
        set_precedence(Precedence.Comma, *bounds)
        close = all(bound is None or is_bound(bound) for bound in bounds)
        space = "" if close else " "
        if node.lower is not None:
            self.write(node.lower, space)
        self.write(":")
        if node.upper is not None:
            self.write(space, node.upper)
        if node.step is not None:
            self.write(space if node.upper is not None else "", ":", space, node.step)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self.delimit(node) as delimiters:
            set_precedence(delimiters.p, node.body)
            self.write("lambda")
            start = len(self.result)
            self.visit(node.args)
            if len(self.result) > start:
                self.result.insert(start, " ")
            self.write(": ", node.body)

    def visit_Dict(self, node: ast.Dict) -> None:
        set_precedence(Precedence.Comma, *node.keys, *node.values)
        self.write("{")
        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            self.write(", " if index else "")
            if key is None:
                set_precedence(Precedence.BitOr, value)
            self.write(key or "", "**" if key is None else ": ", value)
        self.write("}")

    def visit_ListComp(self, node: ast.ListComp) -> None:
        set_precedence(Precedence.Comma, node.elt)
        super().visit_ListComp(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        set_precedence(Precedence.Comma, node.elt)
        super().visit_SetComp(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        set_precedence(Precedence.Comma, node.key, node.value)
        super().visit_DictComp(node)

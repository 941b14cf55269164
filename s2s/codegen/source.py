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
import math
import warnings
from collections.abc import Sequence
from typing import Any

import gast

from .suite import BLANK, COMMENT, lines, marker

with warnings.catch_warnings():
    # astor 0.8.1 names node classes that Python 3.12 deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from astor.code_gen import SourceGenerator, set_precedence
    from astor.op_util import Precedence, get_op_symbol


class PrintError(AssertionError):
    """A statement cannot be printed, or was printed as something else."""


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
    _check_same(tree, parsed)
    return text


# Fields that are not visible in the text.
UNWRITTEN = {"ctx", "kind", "type_comment", "type_ignores"}


def _check_same(tree: Any, parsed: Any) -> bool:
    """Whether a tree is what was parsed from its text; raises where statements differ."""
    if type(tree) is ast.Constant:
        tree = _spelled(tree)
    if tree is None:
        return parsed is None or parsed == []
    if type(tree) is not type(parsed):
        return False
    if isinstance(tree, list):
        written = [
            node for node in tree if type(node) is not ast.Expr or not marker(node)
        ]
        return len(written) == len(parsed) and all(map(_check_same, written, parsed))
    if not isinstance(tree, ast.AST):
        return bool(tree == parsed)
    for name in tree._fields:
        if name in UNWRITTEN:
            continue
        if not _check_same(getattr(tree, name, None), getattr(parsed, name, None)):
            if isinstance(tree, ast.stmt | ast.Module):
                raise PrintError(f"printed as something else: {ast.dump(tree)}")
            return False
    return True


# Literals


def _spelled(node: ast.Constant) -> ast.expr:
    """The expression that denotes a constant, for not all of them have a literal."""
    value = node.value
    match value:
        case None | bool() | str() | bytes():
            return node
        case int():
            value = int(value)
            return ast.Constant(value) if value >= 0 else _minus(-value)
        case float():
            value = float(value)
            if not math.isfinite(value):
                return _call("float", ast.Constant(str(value)))
            positive = math.copysign(1.0, value) > 0.0
            return ast.Constant(value) if positive else _minus(-value)
        case complex():
            parts = [ast.Constant(value.real), ast.Constant(value.imag)]
            literal = str(parts[0].value) == "0.0" and str(parts[1].value)[0].isdigit()
            return ast.Constant(complex(value)) if literal else _call("complex", *parts)
    if value is ...:
        return node
    raise PrintError(f"no literal denotes {value!r}")


def _minus(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(value))


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _quote(text: str) -> str:
    """Double quotes, unless single ones save escapes."""
    return "'" if text.count('"') > text.count("'") else '"'


def _quoted(value: str | bytes, quote: str = "") -> str:
    text = value if isinstance(value, str) else value.decode("latin-1")
    quote = quote or _quote(text)
    prefix = "" if isinstance(value, str) else "b"
    return prefix + quote + _escaped(value, quote) + quote


def _escaped(value: str | bytes, quote: str) -> str:
    """What stands between the quotes."""
    # With a double quote in it, repr takes single quotes and escapes those.
    text = (
        repr('"' + value)[2:-1] if isinstance(value, str) else repr(b'"' + value)[3:-1]
    )
    return text.replace("\\'", "'").replace(quote, "\\" + quote)


# Logical lines


def _is_bound(node: ast.expr) -> bool:
    """Whether ruff sets a bound close to the colon of its slice."""
    if isinstance(node, ast.Constant):
        node = _spelled(node)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return _is_bound(node.operand)
    return isinstance(node, ast.Name | ast.Constant)


def _is_base(node: ast.expr) -> bool:
    """Whether ruff sets an operand close to `**`, on its left."""
    if isinstance(node, ast.Attribute):
        return _is_base(node.value)
    if isinstance(node, ast.Constant):
        return isinstance(_spelled(node), ast.Constant) and not isinstance(
            node.value, str | bytes
        )
    return isinstance(node, ast.Name)


def _is_exponent(node: ast.expr) -> bool:
    """Whether ruff sets an operand close to `**`, on its right."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        while isinstance(node, ast.BinOp):
            node = node.left
        return _is_base(node)
    if isinstance(node, ast.Constant):
        node = _spelled(node)
    while isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        node = node.operand
    return _is_base(node)


def _parameter(node: ast.arg, default: ast.expr | None = None) -> list[Any]:
    set_precedence(Precedence.Comma, node.annotation, default)
    parts: list[Any] = [node.arg]
    if node.annotation is not None:
        parts += [": ", node.annotation]
    if default is not None:
        parts += ["=" if node.annotation is None else " = ", default]
    return parts


class _Printer(SourceGenerator):
    """astor's generator, one logical line at a time, with ruff's spacing."""

    def __init__(self) -> None:
        super().__init__("")
        self.quote = ""

    def line(self, node: ast.AST) -> str:
        """A simple statement, or the header of a compound one."""
        self.result.clear()
        try:
            self.visit(node)
        except (AttributeError, AssertionError, TypeError) as error:
            raise PrintError(f"cannot print {ast.dump(node)}: {error}") from error
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
        spelled = _spelled(node)
        precedence = self.get__pp(node)
        if not isinstance(spelled, ast.Constant):
            set_precedence(precedence, spelled)
            self.visit(spelled)
        elif isinstance(spelled.value, str | bytes):
            self.write(_quoted(spelled.value, self.quote))
        elif spelled.value is ...:
            self.write("...")
        else:
            number = repr(spelled.value).replace("e+", "e")
            dotted = precedence == Precedence.highest and number[0].isdigit()
            self.write(f"({number})" if dotted else number)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        outer = self.quote
        quote = outer or _quote("".join(texts))
        self.quote = "'" if quote == '"' else '"'
        self.write("f", quote)
        self._template(node, quote)
        self.write(quote)
        self.quote = outer

    def _template(self, node: ast.JoinedStr, quote: str) -> None:
        for part in node.values:
            if isinstance(part, ast.Constant):
                text = _escaped(part.value, quote)
                self.write(text.replace("{", "{{").replace("}", "}}"))
            else:
                self._field(part, quote)

    def _field(self, node: ast.FormattedValue, quote: str) -> None:
        function = isinstance(node.value, ast.Lambda)
        set_precedence(Precedence.highest if function else Precedence.Comma, node.value)
        start = len(self.result)
        self.visit(node.value)
        text = "".join(self.result[start:])
        space = " " if text.startswith("{") else ""
        del self.result[start:]
        self.write("{", space, text, space)
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
                close = _is_base(node.left) and _is_exponent(node.right)
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
        close = all(bound is None or _is_bound(bound) for bound in bounds)
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

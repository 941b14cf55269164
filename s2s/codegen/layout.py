"""Splitting of logical lines that are too long, the way `ruff format` splits them.

In: one logical line without indentation, spaced as ruff spaces it (`source` sees to
that), and the column it starts in. Out: the physical lines.

    >>> line = "value = combine(first, second) * combine(third, fourth)"
    >>> print(layout(line, 40).replace(" " * 40, ""))
    value = combine(first, second) * combine(
        third, fourth
    )

The line is parsed for its structure only; every word of the output is cut from it.
The decisions follow black's style as ruff implements it: brackets that the code has
are broken first, and parentheses are added where a statement has none to break.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .brackets import BARE, INSIDE, Level, comma_separated, optional, parenthesized
from .document import HARD, SOFT, WIDTH, Best, Doc, Group, Indent, render, width
from .parens import RESCUE, Fitting
from .spans import inner_end

# Operators whose operation is parenthesised even if it is a statement by itself.
ARITHMETIC = ast.Add | ast.Sub | ast.LShift | ast.RShift | ast.BitOr | ast.BitXor


def layout(line: str, indent: int) -> str:
    """The physical lines of a logical line that starts in column `indent`."""
    if indent + width(line) <= WIDTH:
        return " " * indent + line
    # Decorators, elif and except are parsed as parts of other statements.
    prefix = "@" if line[0] == "@" else "el" if line.startswith("elif ") else ""
    suffix = " ..." if line.endswith(": ...") else ""
    code = line.removeprefix(prefix).removesuffix(suffix)
    header = code.endswith(":")
    try:
        if code.startswith("except "):
            (guarded,) = ast.parse(f"try: pass\n{code} pass").body
            (tree,) = getattr(guarded, "handlers", [])
        else:
            (tree,) = ast.parse(code + " pass" if header else code).body
    except (SyntaxError, ValueError):  # neither code nor one statement
        return " " * indent + line
    if hasattr(tree, "body") and not header:
        return " " * indent + line
    return render([prefix, _Statement(code).document(tree), suffix], indent)


class _Statement(Fitting):
    """Makes the document of the statement, or header, that a line consists of."""

    def document(self, node: ast.AST) -> Doc:
        match node:
            case ast.Assign(targets=[*others, target], value=value):
                if others or self.is_breakable(target):
                    return self.assignment(others, target, value)
                return self.ended_by(value, target)
            case ast.AugAssign(target=target, value=value):
                if self.is_breakable(target):
                    return self.assignment([], target, value)
                return self.ended_by(value, target)
            case ast.AnnAssign(annotation=annotation, value=ast.expr() as value):
                if self.is_plain(annotation):
                    return self.ended_by(value)
                return self.assignment([], annotation, value)
            case ast.AnnAssign(annotation=value):
                return self.values(value)
            case ast.Return(value=ast.Tuple(elts=[_, _] as pair)):
                return ["return ", optional(lambda level: self.items(pair, level))]
            case ast.Return(value=ast.expr() as value):
                return self.ended_by(value)
            case ast.Expr(value=value):
                if isinstance(value, ast.BinOp) and isinstance(value.op, ARITHMETIC):
                    return self.split(value)
                return self.expr(value, BARE)
            case ast.If(test=test) | ast.While(test=test):
                return self.values(test)
            case ast.For(target=ast.Tuple(elts=[_, _, *_] as names) as target):
                doc = optional(lambda level: self.items(names, level))
                loop = [(target, doc), (node.iter, self.value(node.iter))]
                return self.splice(loop, 0, None)
            case ast.For():
                return self.values(node.target, node.iter)
            case ast.ExceptHandler(type=ast.expr() as caught):
                return self.values(caught)
            case ast.Assert(test=test, msg=ast.expr() as message):
                docs = [self.value(test), self.value(message, always=True)]
                return self.splice(zip([test, message], docs, strict=True), 0, None)
            case ast.Assert(test=test):
                return self.values(test)
            case ast.Raise(exc=ast.expr() as raised, cause=cause):
                values = [raised] if cause is None else [raised, cause]
                docs = [self.value(value, rescue=False) for value in values]
                return self.splice(zip(values, docs, strict=True), 0, None)
            case ast.Delete(targets=[target]):
                return self.values(target)
            case ast.Delete(targets=targets):
                return ["del ", parenthesized(self.items(targets))]
            case ast.With(items=managers):
                return ["with ", self.managers(managers), ":"]
            case ast.ImportFrom(names=parts) if parts[0].name != "*":
                head = self.text(0, parts[0].col_offset)
                docs = [self.text(part.col_offset, inner_end(part)) for part in parts]
                return [head, parenthesized(comma_separated(docs, trailing=True))]
            case ast.Global(names=words) | ast.Nonlocal(names=words):
                ends = [f"{word}," for word in words[:-1]] + words[-1:]
                lines = Indent([[" \\", HARD, word] for word in ends])
                return [self.text(0, self.line.index(b" ")), lines]
            case ast.FunctionDef():
                return self.header(node)
        return self.text(0)

    def values(self, *nodes: ast.expr) -> Doc:
        """The line, in which some expressions may be parenthesised."""
        return self.splice([(node, self.value(node)) for node in nodes], 0, None)

    def ended_by(self, value: ast.expr, *targets: ast.expr) -> Doc:
        """The line, in which the value that ends it may be parenthesised."""
        parts = [(target, self.expr(target, BARE)) for target in targets]
        return self.splice([*parts, (value, self.last_value(value))], 0, None)

    # Assignments

    def is_breakable(self, target: ast.expr) -> bool:
        return isinstance(target, ast.Tuple) or self.has_brackets(target) is not None

    def is_plain(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name | ast.Constant)

    def assignment(
        self, others: Sequence[ast.expr], last: ast.expr, value: ast.expr
    ) -> Doc:
        """An assignment whose last target, or annotation, may be broken as well.

        Breaking or parenthesising the value comes before breaking the target.
        """
        targets = [(each, self.target(each)) for each in others[1:]]
        if others:
            targets.insert(0, (others[0], self.expr(others[0], BARE)))
        targets.append((last, self.target(last)))
        *head, sign = self.splice(targets, 0, self.start(value))
        left = [head.pop(), sign]
        if self.needs(value) != RESCUE or isinstance(value, ast.UnaryOp):
            return [*head, *left, self.last_value(value)]
        right = self.inner(value, BARE)
        variants: list[Doc] = [[*left, right]]
        if isinstance(value, ast.Call | ast.Subscript | ast.Attribute):
            variants.append([*left, Group(right, expand=True)])
        variants.append([*left, "(", Indent([HARD, right]), HARD, ")"])
        return [*head, Best([*variants, variants[0]])]

    def target(self, node: ast.expr) -> Doc:
        """A target that is not the first one, or an annotation."""
        inner = node
        while isinstance(inner, ast.Attribute) and not self.in_parens(inner):
            inner = inner.value
        if self.is_breakable(inner) or (inner is not node and self.in_parens(inner)):
            return self.inner(node, BARE)
        return self.split(node)

    # Headers

    def managers(self, items: Sequence[ast.withitem]) -> Doc:
        """The items of a with statement."""
        if len(items) == 1:
            (item,) = items
            if item.optional_vars is None:
                return self.value(item.context_expr)
            if self.can_omit(item.context_expr):
                return optional(lambda level: self.manager(item, level))
        docs = [self.manager(item, INSIDE) for item in items]
        return parenthesized(comma_separated(docs))

    def manager(self, item: ast.withitem, level: Level) -> Doc:
        context = self.expr(item.context_expr, level)
        if item.optional_vars is None:
            return context
        return [context, " as ", self.expr(item.optional_vars, level)]

    def header(self, node: ast.FunctionDef) -> Doc:
        head = self.text(0, self.line.index(b"("))
        parameters = self.parameters(node.args)
        signature: list[Doc] = ["()"]
        if len(parameters) == 1 and not node.args.posonlyargs + node.args.kwonlyargs:
            items = comma_separated(parameters, trailing=True)
            signature = ["(", Indent([SOFT, items]), SOFT, ")"]
        elif parameters:
            items = Group(comma_separated(parameters, trailing=True))
            signature = ["(", Indent([SOFT, items]), SOFT, ")"]
        if node.returns is not None:
            signature += [" -> ", self.returns(node.returns, bool(parameters))]
        return [head, Group(signature), ":"]

    def returns(self, node: ast.expr, after_parameters: bool) -> Doc:
        """A return annotation; the parameters are broken before it is."""
        subscript = isinstance(node, ast.Subscript) and self.needs(node) == RESCUE
        if isinstance(node, ast.Tuple) or (subscript and after_parameters):
            return self.inner(node, BARE)
        return self.value(node, always=not after_parameters)

    def parameters(self, args: ast.arguments) -> list[Doc]:
        positional = [*args.posonlyargs, *args.args]
        required: list[None] = [None] * (len(positional) - len(args.defaults))
        docs = list(map(self.parameter, positional, [*required, *args.defaults]))
        if args.posonlyargs:
            docs.insert(len(args.posonlyargs), "/")
        if args.vararg:
            docs.append(["*", self.parameter(args.vararg, None)])
        elif args.kwonlyargs:
            docs.append("*")
        docs += map(self.parameter, args.kwonlyargs, args.kw_defaults)
        if args.kwarg:
            docs.append(["**", self.parameter(args.kwarg, None)])
        return docs

    def parameter(self, node: ast.arg, default: ast.expr | None) -> Doc:
        parts = [part for part in (node.annotation, default) if part is not None]
        end = inner_end(node) if default is None else self.end(default)
        docs = [(part, self.expr(part, INSIDE)) for part in parts]
        return self.splice(docs, node.col_offset, end)

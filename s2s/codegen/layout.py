"""Splitting of logical lines that are too long, the way `ruff format` splits them.

In: one logical line without indentation, spaced as ruff spaces it (`source` sees to
that), and the column it starts in. Out: the physical lines.

    >>> print(layout("value = combine(first, second) * combine(third, fourth)", 40))
                                            value = combine(first, second) * combine(
                                                third, fourth
                                            )

The line is parsed for its structure only; every word of the output is cut from it.
The decisions follow black's style as ruff implements it: brackets that the code has
are broken first, and parentheses are added where a statement has none to break.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .breaks import BARE, COMPARISON, INSIDE, Breaks, Level, comma_separated
from .breaks import looseness, parenthesize
from .document import HARD, SOFT, WIDTH, Best, Doc, Expandable, Group, Indent, Key
from .document import Rescue, When, render, width

# How tightly the parts of an expression hang together that are no binary operators.
ATTRIBUTE, INVERSION, CONDITIONAL = 1, 3, 12

# What may be done about an expression that is too long: nothing, for it has brackets
# of its own; parenthesise it if it fits then; parenthesise it and break it.
NEVER, RESCUE, SPLIT = range(3)


# Operators that are parenthesised if they stand, too long, as a statement.
PARENTHESIZED = ast.Add | ast.Sub | ast.LShift | ast.RShift | ast.BitOr | ast.BitXor


def layout(line: str, indent: int) -> str:
    """The physical lines of a logical line that starts in column `indent`."""
    if indent + width(line) <= WIDTH:
        return " " * indent + line
    # Decorators and elif are parsed as the statements that they resemble.
    prefix = "@" if line[0] == "@" else "el" if line.startswith("elif ") else ""
    code = line.removeprefix(prefix)
    try:
        tree = ast.parse(code + " pass" if code.endswith(":") else code)
    except SyntaxError:  # else, except, finally: nothing to break
        return " " * indent + line
    return render([prefix, *_Statement(code).document(tree.body[0])], indent)


def optional(content: Callable[[Level], Doc]) -> Doc:
    """Parentheses if the content does not fit even with its own brackets broken."""
    key = Key()
    body: Doc = [SOFT, content(Level(key=key))]
    parts = [When(True, "("), Indent(body, under=key), SOFT, When(True, ")")]
    return Group(parts, key)


@dataclass
class _Shape:
    """What decides whether an expression goes without optional parentheses."""

    loosest: int = 0
    count: int = 0  # of the loosest operators
    bracketed: bool = False  # some part has brackets
    first: ast.expr | None = None
    last: ast.expr | None = None
    prefixed: bool = False  # starts with a word or sign rather than an expression

    def add(self, loose: int, count: int = 1) -> None:
        if loose > self.loosest:
            self.loosest, self.count = loose, count
        elif loose == self.loosest:
            self.count += count


class _Statement(Breaks):
    """Makes the document of the statement, or header, that a line consists of."""

    def document(self, node: ast.stmt) -> list[Doc]:
        match node:
            case ast.Assign(targets=[*others, target], value=value):
                if others or self.is_target(target):
                    return self.assignment(others, target, value)
                parts = [
                    (target, self.expr(target, BARE)),
                    (value, self.assigned(value)),
                ]
            case ast.AugAssign(target=target, value=value):
                if self.is_target(target):
                    return self.assignment([], target, value)
                parts = [
                    (target, self.expr(target, BARE)),
                    (value, self.assigned(value)),
                ]
            case ast.AnnAssign(annotation=annotation, value=None):
                parts = [(annotation, self.value(annotation))]
            case ast.AnnAssign(annotation=annotation, value=value):
                if self.is_splittable(annotation):
                    return self.assignment([], annotation, value)
                parts = [(value, self.assigned(value))]
            case ast.Return(value=ast.Tuple() as value) if self.is_bare(value):
                parts = [(value, self.returned(value))]
            case ast.Return(value=ast.expr() as value):
                parts = [(value, self.assigned(value))]
            case ast.If(test=value) | ast.While(test=value):
                parts = [(value, self.value(value))]
            case ast.For(target=target, iter=iterable):
                parts = [
                    (target, self.target(target)),
                    (iterable, self.value(iterable)),
                ]
            case ast.Assert(test=test, msg=message):
                parts = [(test, self.value(test))]
                if message is not None:
                    parts.append((message, self.value(message, always=True)))
            case ast.Raise(exc=exception, cause=cause):
                raised = [part for part in (exception, cause) if part is not None]
                parts = [(part, self.value(part, rescue=False)) for part in raised]
            case ast.Delete(targets=[target]):
                parts = [(target, self.value(target))]
            case ast.Delete(targets=targets):
                return ["del ", parenthesize(self.items(targets))]
            case ast.Expr(value=value):
                parts = [(value, self.bare_value(value))]
            case ast.ImportFrom(names=names) if names[0].name != "*":
                texts = [
                    self.text(each.col_offset, each.end_col_offset) for each in names
                ]
                head = self.text(0, names[0].col_offset)
                return [head, parenthesize(comma_separated(texts, trailing=True))]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                word = self.text(0, self.line.index(b" "))
                lines = [doc for name in names for doc in (" \\", HARD, name, ",")]
                return [word, Indent(lines[:-1])]
            case ast.With(items=items):
                return ["with ", self.managers(items), ":"]
            case ast.FunctionDef():
                return self.header(node)
            case _:
                parts = []
        return self.splice(parts, 0, None)

    def bare_value(self, node: ast.expr) -> Doc:
        if isinstance(node, ast.BinOp) and isinstance(node.op, PARENTHESIZED):
            return self.value(node, rescue=False)
        return self.expr(node, BARE)

    def returned(self, node: ast.Tuple) -> Doc:
        if len(node.elts) == 2:
            return optional(lambda level: self.items(node.elts, level))
        return parenthesize(self.items(node.elts))

    def target(self, node: ast.expr) -> Doc:
        """The target of a for loop."""
        if isinstance(node, ast.Tuple) and len(node.elts) > 1:
            return optional(lambda level: self.items(node.elts, level))
        return self.value(node)

    def managers(self, items: list[ast.withitem]) -> Doc:
        """The items of a with statement."""
        match items:
            case [ast.withitem(context_expr=context, optional_vars=None)]:
                return self.value(context)
            case [ast.withitem(context_expr=context) as item] if self.can_omit(context):
                return optional(lambda level: self.manager(item, level))
        return parenthesize(
            comma_separated([self.manager(item, INSIDE) for item in items])
        )

    def manager(self, item: ast.withitem, level: Level) -> Doc:
        context = self.expr(item.context_expr, level)
        if item.optional_vars is None:
            return context
        return [context, " as ", self.expr(item.optional_vars, level)]

    # Assignments

    def is_target(self, node: ast.expr) -> bool:
        """Whether a target has brackets that can be broken."""
        return isinstance(node, ast.Tuple) or self.has_brackets(node) is not None

    def is_splittable(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Attribute):
            return self.is_splittable(node.value)
        return not isinstance(node, ast.Name | ast.Constant)

    def assigned(self, node: ast.expr) -> Doc:
        """A value at the end of a statement: a lambda breaks in its body first."""
        if isinstance(node, ast.Lambda):
            return optional(lambda level: self.assigned_function(node, level))
        return self.value(node)

    def assigned_function(self, node: ast.Lambda, level: Level) -> Doc:
        head, body = self.function(node, level)
        return [head, Expandable(body)]

    def before(self, node: ast.expr) -> Doc:
        """What stands before the last equals sign: a target or an annotation."""
        value = node
        while isinstance(value, ast.Attribute):
            value = value.value
            if self.has_brackets(value) is not None or self.in_parens(value):
                return self.inner(node, BARE)
        if self.is_target(node):
            return self.inner(node, BARE)
        if self.can_omit(node):
            return optional(lambda level: self.inner(node, level))
        return parenthesize(self.inner(node, INSIDE))

    def assignment(
        self, others: list[ast.expr], last: ast.expr, value: ast.expr
    ) -> list[Doc]:
        """An assignment whose last target, or annotation, may be broken as well.

        To break or parenthesise the value is preferred to breaking the target.
        """
        start = self.start(last)
        head: list[Doc] = [self.text(0, start)]
        if others:
            first, *middle = others
            head = [self.expr(first, BARE), " = "]
            for each in middle:
                head += [self.before(each), " = "]
        left = [self.before(last), self.text(self.end(last), self.start(value))]
        if self.needs(value) != RESCUE or isinstance(value, ast.UnaryOp):
            return [*head, *left, self.assigned(value)]
        right = self.inner(value, BARE)
        flat = [*left, right]
        lines = [*left, "(", Indent([HARD, right]), HARD, ")"]
        if isinstance(value, ast.Call | ast.Subscript | ast.Attribute):
            expanded = [*left, Group(right, expand=True)]
            return [*head, Best([flat, expanded, lines, flat])]
        return [*head, Best([flat, lines, flat])]

    # Function headers

    def header(self, node: ast.FunctionDef) -> list[Doc]:
        head = self.text(0, self.line.index(b"("))
        signature = self.signature(node.args)
        if node.returns is not None:
            signature += [" -> ", self.returns(node.returns, signature != ["()"])]
        return [head, Group(signature), ":"]

    def returns(self, node: ast.expr, parameters: bool) -> Doc:
        """A return annotation; it is broken only after the parameters are."""
        if isinstance(node, ast.Tuple) or (
            parameters
            and isinstance(node, ast.Subscript)
            and self.needs(node) == RESCUE
        ):
            return self.inner(node, BARE)
        return self.value(node, always=not parameters)

    def signature(self, args: ast.arguments) -> list[Doc]:
        positional = [*args.posonlyargs, *args.args]
        required = len(positional) - len(args.defaults)
        defaults = [*[None] * required, *args.defaults]
        docs = [
            self.parameter(*each) for each in zip(positional, defaults, strict=True)
        ]
        if args.posonlyargs:
            docs.insert(len(args.posonlyargs), "/")
        if args.vararg:
            docs.append(["*", self.parameter(args.vararg, None)])
        elif args.kwonlyargs:
            docs.append("*")
        keywords = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        docs += [self.parameter(*each) for each in keywords]
        if args.kwarg:
            docs.append(["**", self.parameter(args.kwarg, None)])
        if not docs:
            return ["()"]
        items = comma_separated(docs, trailing=True)
        if len(docs) > 1:
            items = Group(items)
        return ["(", Indent([SOFT, items]), SOFT, ")"]

    def parameter(self, node: ast.arg, default: ast.expr | None) -> Doc:
        parts = [part for part in (node.annotation, default) if part is not None]
        end = node.end_col_offset if default is None else self.end(default)
        docs = [(part, self.expr(part, INSIDE)) for part in parts]
        return self.splice(docs, node.col_offset, end)

    # What may be done about an expression that is too long

    def value(self, node: ast.expr, rescue: bool = True, always: bool = False) -> Doc:
        """An expression in a statement, parenthesised if that helps.

        Without `rescue` what has no breaks is left too long; with `always` it is
        parenthesised even if that does not make it fit.
        """
        needs = self.needs(node)
        if self.in_parens(node) or needs == NEVER:
            return self.expr(node, BARE)
        if needs == SPLIT or always:
            if self.can_omit(node):
                return optional(lambda level: self.inner(node, level))
            return parenthesize(self.inner(node, INSIDE))
        if not rescue:
            return self.inner(node, BARE)
        key = Key()
        return Rescue(self.inner(node, Level(key=key)), key)

    def needs(self, node: ast.expr) -> int:
        match node:
            case ast.Name() | ast.Constant() | ast.JoinedStr():
                return RESCUE
            case ast.UnaryOp(operand=inner):
                return NEVER if self.in_parens(inner) else self.needs(inner)
            case ast.Attribute() | ast.Call() | ast.Subscript():
                if self.is_fluent(node):
                    return SPLIT
                inner = node.func if isinstance(node, ast.Call) else node.value
                return NEVER if self.in_parens(inner) else self.needs(inner)
        bracketed = isinstance(node, ast.Tuple) or self.has_brackets(node) is not None
        return NEVER if bracketed else SPLIT

    def can_omit(self, node: ast.expr) -> bool:
        """Whether to break brackets within an expression rather than add parentheses."""
        shape = _Shape()
        self.survey(node, shape)
        if not shape.bracketed or shape.count > 1:
            return False
        if shape.loosest in (0, ATTRIBUTE):
            return True
        ends = [shape.last, None if shape.prefixed else shape.first]
        return any(end is not None and self.opens(end) for end in ends)

    def opens(self, node: ast.expr) -> bool:
        """Whether brackets hold something at an end of an expression.

        Subscripts do not count, they are better left whole.
        """
        if isinstance(node, ast.Subscript):
            return False
        return self.in_parens(node) or bool(self.has_brackets(node))

    def visit(self, node: ast.expr, shape: _Shape) -> None:
        shape.last = node
        if self.in_parens(node):
            shape.bracketed = True
        else:
            self.survey(node, shape)
        if shape.first is None and not shape.prefixed:
            shape.first = node

    def survey(self, node: ast.expr, shape: _Shape) -> None:
        parts: Iterable[ast.expr] = []
        match node:
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                shape.bracketed = True
                self.visit(inner, shape)
                shape.last = node
            case ast.Attribute(value=inner):
                self.visit(inner, shape)
                if self.in_parens(inner) or self.has_brackets(inner) is not None:
                    shape.add(ATTRIBUTE)
                shape.last = node
            case ast.BinOp() | ast.BoolOp() | ast.Compare():
                parts, operators = self.flatten(node)
                for operator in operators:
                    shape.add(looseness(operator))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                shape.add(CONDITIONAL, 2)
                parts = [body, test, orelse]
            case ast.NamedExpr(target=target, value=value):
                parts = [target, value]
            case ast.Lambda(args=arguments, body=body):
                shape.prefixed = shape.prefixed or shape.first is None
                parts = [*arguments.defaults, body]
            case ast.UnaryOp(op=operator, operand=inner):
                shape.prefixed = shape.prefixed or shape.first is None
                if isinstance(operator, ast.Invert):
                    shape.add(INVERSION)
                parts = [inner]
            case ast.Starred(value=inner) | ast.Await(value=inner):
                shape.prefixed = shape.prefixed or shape.first is None
                parts = [inner]
            case ast.Tuple() if self.is_bare(node):
                parts = node.elts
            case _ if self.has_brackets(node) is not None:
                shape.bracketed = True
        for part in parts:
            self.visit(part, shape)

"""The table of operations: how each is called, typed, run and differentiated.

In: rows such as those in `templates/`. Out: `Rule`s, found by kind, by the NumPy object
that the user called, by method or by attribute name. A row is written as text and
parsed once; the transforms quote its expressions into the program they write.

>>> table = Rules()
>>> row = table.rule("z = np.tanh(x)", "g * (1 - z * z)", on=(-2, 2))
>>> row.kind, [p.name for p in row.params], sorted(row.partials)
('np.tanh', ['x'], ['x'])
>>> table.find(np.tanh) is row
True
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast
import numpy as np

from s2s.names import NEVER
from s2s.ssa import infer
from s2s.ssa.ir import Op
from s2s.ssa.types import Type

BINARY: dict[str, tuple[type, Callable]] = {
    "add": (gast.Add, operator.add),
    "sub": (gast.Sub, operator.sub),
    "mul": (gast.Mult, operator.mul),
    "truediv": (gast.Div, operator.truediv),
    "floordiv": (gast.FloorDiv, operator.floordiv),
    "mod": (gast.Mod, operator.mod),
    "pow": (gast.Pow, operator.pow),
    "matmul": (gast.MatMult, operator.matmul),
    "and_": (gast.BitAnd, operator.and_),
    "or_": (gast.BitOr, operator.or_),
    "xor": (gast.BitXor, operator.xor),
    "lshift": (gast.LShift, operator.lshift),
    "rshift": (gast.RShift, operator.rshift),
}
UNARY: dict[str, tuple[type, Callable]] = {
    "neg": (gast.USub, operator.neg),
    "pos": (gast.UAdd, operator.pos),
    "invert": (gast.Invert, operator.invert),
    "not": (gast.Not, operator.not_),
}
COMPARE: dict[str, tuple[type, Callable]] = {
    "lt": (gast.Lt, operator.lt),
    "le": (gast.LtE, operator.le),
    "gt": (gast.Gt, operator.gt),
    "ge": (gast.GtE, operator.ge),
    "eq": (gast.Eq, operator.eq),
    "ne": (gast.NotEq, operator.ne),
    "is": (gast.Is, operator.is_),
    "is_not": (gast.IsNot, operator.is_not),
    "in": (gast.In, lambda x, y: x in y),
    "not_in": (gast.NotIn, lambda x, y: x not in y),
}
OPERATORS = {
    node: kind for t in (BINARY, UNARY, COMPARE) for kind, (node, _) in t.items()
}
REQUIRED = object()
STRUCTURE = (
    "index",
    "path",
    "minus",
    "of",
    "maker",
    "callee",
    "to",
    "keys",
    "default",
)  # attributes of operations that they run with


@dataclass(frozen=True)
class Param:
    """A parameter of an operation; `form` is "one", "list" (`[*xs]`) or "star".

    Optional ones are passed by keyword, but for `positional` ones (`base := None`),
    which are not or need not be, as long as those before them are given, too.
    """

    name: str
    default: Any = REQUIRED
    form: str = "one"
    positional: bool = False

    @property
    def required(self) -> bool:
        return self.default is REQUIRED and self.form != "star"


@dataclass(frozen=True)
class Rule:
    """One row. `template` is the right-hand side that the output prints.

    `form` is how the derivative is given:
    - "partials": elementwise, `partials[x]` is `g * dz/dx`; broadcasting is dealt with
      by the transforms, and the same text with the tangent for `g` is the jvp;
    - "linear": `partials[x]` is the transpose; the tangent is the operation itself,
      applied to the tangent of one argument at a time;
    - "custom": `partials` for the vjp, `tangents` for the jvp;
    - "zero": piecewise constant or integer-valued, no derivative.
    `vjp` replaces `partials` by a function where text does not suffice.

    A parameter without partial has no rule: that it is active is refused. Where the
    result is piecewise constant in it, its partial is given as None, and it is `flat`.
    `method` is the array method that does the same; `spread` names the parameter that
    takes the extra positional arguments of a method (`x.reshape(2, 3)`). `view` says
    that the result may share memory with the first argument. `single` is the kind of
    the row for an argument that is no list, where the row itself takes `[*xs]`.
    `moves` says that each element of its array arguments goes to one place of the
    result, so that what is one number for all of this is one for all of them.
    `elementwise` says that it takes arrays for all arguments, which broadcast: so it
    needs nothing said about what more axes in front of them do.
    """

    kind: str
    params: tuple[Param, ...]
    template: gast.expr
    form: str
    infer: Callable[[infer.Call], Type]
    run: Callable
    partials: dict[str, gast.expr] = field(default_factory=dict)
    tangents: dict[str, gast.expr] = field(default_factory=dict)
    vjp: Callable | None = None
    jvp: Callable | None = None
    flat: frozenset[str] = frozenset()
    method: str | None = None
    spread: str = ""
    view: bool = False
    moves: bool = False
    elementwise: bool = False
    single: str = ""
    on: tuple = ()
    at: tuple[str, ...] = ()
    cheap: bool = False
    because: str = ""

    def param(self, name: str) -> Param:
        return next(p for p in self.params if p.name == name)

    @property
    def is_attribute(self) -> bool:
        return isinstance(self.template, gast.Attribute)


def dotted(node: gast.AST) -> str | None:
    """`np.linalg.norm` for the tree of it, None for anything but dotted names."""
    if isinstance(node, gast.Name):
        return node.id
    if isinstance(node, gast.Attribute):
        base = dotted(node.value)
        return base and f"{base}.{node.attr}"
    return None


def parse(text: str) -> gast.expr:
    """The tree of an expression."""
    return gast.parse(text, mode="eval").body


class Rules:
    """All rows; `templates/` fills one, `RULES`."""

    OPERATORS = OPERATORS

    def __init__(self) -> None:
        self.by_kind: dict[str, Rule] = {}
        self.by_object: dict[int, Rule] = {}
        self.by_method: dict[str, Rule] = {}
        self.by_attribute: dict[str, Rule] = {}
        self.namespace: dict[str, Any] = {"np": np, "math": math}
        # names by which generated code reads modules, helpers and builtins
        self.reserved = {*NEVER, *self.namespace, "logging"}
        self.keep: list[Any] = []  # objects whose id is a key must stay alive

    # rows -----------------------------------------------------------------

    def rule(self, text: str, *partials: str | None, **more: Any) -> Rule:
        """An elementwise row: one partial per differentiable leading parameter."""
        more.setdefault("type", infer.elementwise)
        more.setdefault("elementwise", True)
        return self._row(text, "partials", partials, **more)

    def linear(
        self, text: str, *transposes: str | None, type: Callable, **more: Any
    ) -> Rule:
        """A row that is linear in each of the leading parameters."""
        return self._row(text, "linear", transposes, type=type, **more)

    def zero(self, text: str, *, type: Callable | None = None, **more: Any) -> Rule:
        """A row without derivative, elementwise if it has no type of its own."""
        more.setdefault("elementwise", type is None)
        return self._row(text, "zero", (), type=type or infer.elementwise, **more)

    def custom(
        self,
        text: str,
        *,
        because: str,
        vjp: Any,
        jvp: Any,
        type: Callable,
        **more: Any,
    ) -> Rule:
        """A row with both modes given: texts for the leading parameters, or functions.

        A function `vjp(quote, op, g)` gives {argument position: cotangent}; a function
        `jvp(quote, op, dots)` takes {argument position: tangent} and returns the
        tangent of the result. `quote(text, **values)` writes an expression.
        """
        texts = () if callable(vjp) else vjp
        row = self._row(text, "custom", texts, type=type, because=because, **more)
        names = [p.name for p in row.params]
        changes: dict[str, Any] = {"vjp": vjp} if callable(vjp) else {}
        if callable(jvp):
            changes["jvp"] = jvp
        else:
            pairs = zip(names, jvp, strict=False)
            changes["tangents"] = {name: parse(text) for name, text in pairs if text}
        return self._add(Rule(**{**row.__dict__, **changes}))

    def _row(
        self,
        text: str,
        form: str,
        partials: Sequence[str | None],
        type: Callable,
        also: str | None = None,
        run: Callable | None = None,
        **more: Any,
    ) -> Rule:
        statement = gast.parse(text).body[0]
        assert isinstance(statement, gast.Assign)
        template = statement.value
        kind, params, found = self._signature(template)
        names = [p.name for p in params]
        pairs = list(zip(names, partials, strict=False))
        parsed = {name: parse(partial) for name, partial in pairs if partial}
        flat = frozenset(name for name, partial in pairs if partial is None)
        rule = Rule(
            more.pop("kind", kind), params, template, form, type, run or found,
            parsed, flat=flat, **more,
        )  # fmt: skip
        if also:  # the same row on another module: math.sin next to np.sin
            self._row(
                text.replace("np.", f"{also}."), form,
                [t and t.replace("np.", f"{also}.") for t in partials],
                type=infer.of_numbers,
                **{**more, "method": None, "elementwise": False},
            )  # fmt: skip
        return self._add(rule)

    def _signature(self, node: gast.expr) -> tuple[str, tuple[Param, ...], Callable]:
        """Kind, parameters and callable of a row's right-hand side."""
        match node:
            case gast.BinOp():
                kind = OPERATORS[type(node.op)]
                return kind, _params([node.left, node.right]), BINARY[kind][1]
            case gast.UnaryOp():
                kind = OPERATORS[type(node.op)]
                return kind, _params([node.operand]), UNARY[kind][1]
            case gast.Compare():
                kind = OPERATORS[type(node.ops[0])]
                return kind, _params([node.left, *node.comparators]), COMPARE[kind][1]
            case gast.Attribute():
                return node.attr, _params([node.value]), operator.attrgetter(node.attr)
            case gast.Call():
                params = _params(node.args, node.keywords)
                name = dotted(node.func) or ""
                if isinstance(node.func, gast.Attribute) and "." in name:
                    root = name.split(".")[0]
                    if root not in self.namespace:  # a method: x.astype(dtype)
                        receiver = _params([node.func.value])
                        call = _method(node.func.attr)
                        return node.func.attr, receiver + params, call
                return name, params, self._callable(name)
        raise ValueError(f"not a row: {gast.dump(node)}")

    def _callable(self, name: str) -> Any:
        """The object of a dotted name; None for operations that only s2s knows."""
        root, *rest = name.split(".")
        obj = self.namespace.get(root, getattr(builtins, root, None))
        for part in rest:
            obj = getattr(obj, part)
        return obj

    def _add(self, rule: Rule) -> Rule:
        self.by_kind[rule.kind] = rule
        if rule.is_attribute:
            self.by_attribute[rule.kind] = rule
        elif isinstance(rule.template, gast.Call):
            name = dotted(rule.template.func) or ""
            is_method = isinstance(rule.template.func, gast.Attribute) and (
                name.split(".")[0] not in self.namespace
            )
            if is_method:
                self.by_method[rule.kind] = rule
            elif rule.kind == name and (found := self._callable(name)) is not None:
                self.alias(found, name)
        if rule.method:
            self.by_method[rule.method] = rule
        return rule

    def alias(self, function: Any, kind: str) -> None:
        """Let another callable (`np.absolute`) stand for a row."""
        self.by_object[id(function)] = self.by_kind[kind]
        self.keep.append(function)

    def helper(self, function: Callable) -> Callable:
        """Make a template function known to rows by its name."""
        self.namespace[function.__name__] = function
        self.reserved.add(function.__name__)
        return function

    # look-ups ----------------------------------------------------------------------

    def __getitem__(self, kind: str) -> Rule:
        return self.by_kind[kind]

    def __contains__(self, kind: str) -> bool:
        return kind in self.by_kind

    def find(self, obj: Any) -> Rule | None:
        """The row for a callable, by identity."""
        return self.by_object.get(id(obj))

    def infer(self, op: Op) -> Type:
        """The type of an operation's result."""
        return infer.inferred(infer.Call(self.by_kind[op.kind], op))

    def run(self, op: Op, values: list[Any]) -> Any:
        """Carry out an operation on run-time values."""
        args, kwargs = self.arguments(op, values)
        kwargs.update((k, op.attrs[k]) for k in STRUCTURE if k in op.attrs)
        if op.attrs.get("method") == "copy" and isinstance(args[0], np.ndarray):
            return args[0].copy()  # in C order: np.copy keeps that of its argument
        return self.by_kind[op.kind].run(*args, **kwargs)

    def arguments(self, op: Op, values: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Call arguments for `op`, its i-th argument standing as `values[i]`.

        Required parameters go by position, optional ones by keyword.
        """
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        gap = False
        for param in self.by_kind[op.kind].params:
            given = [
                v for v, n in zip(values, op.names, strict=True) if n == param.name
            ]
            if param.form == "star":
                args.extend(given)
            elif param.form == "list":
                args.append(given)
            elif not given:
                gap = True
            elif param.required or (param.positional and not gap):
                args.append(given[0])
            else:
                kwargs[param.name] = given[0]
        return args, kwargs


def _params(args: list[gast.expr], keywords: Iterable = ()) -> tuple[Param, ...]:
    out = []
    for arg in args:
        match arg:
            case gast.Name():
                out.append(Param(arg.id))
            case gast.Starred():
                out.append(Param(arg.value.id, form="star"))
            case gast.List(elts=[gast.Starred(value=gast.Name(id=name))]):
                out.append(Param(name, form="list"))
            case gast.NamedExpr():
                out.append(Param(arg.target.id, _default(arg.value), positional=True))
            case _:
                raise ValueError(f"not a parameter: {gast.dump(arg)}")
    for keyword in keywords:
        out.append(Param(keyword.arg, _default(keyword.value)))
    return tuple(out)


def _default(node: gast.expr) -> Any:
    return eval(gast.unparse(node), {"np": np})


def _method(name: str) -> Callable:
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


RULES = Rules()

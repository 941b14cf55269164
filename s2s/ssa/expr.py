"""Expressions to SSA: the builder uses it on the user's text, rules on their own.

In: a gast expression and an environment of names. Out: a `Value`, or a `Seq` for a
tuple or list whose items are still known one by one (it costs nothing until it is
used as an object).
"""

from __future__ import annotations

import builtins
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import gast
import numpy as np

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.emit import Emitter, const_type
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.types import (
    ANY,
    Array,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    described,
    join,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rule, Rules


@dataclass(eq=False)
class Made:
    """One evaluation of an expression that makes a list: it tells equal lists apart.

    `node` is None where a list may be one of several.
    """

    node: gast.AST | None
    region: Region | None


@dataclass(frozen=True)
class Seq:
    """A tuple or list whose items are known one by one; `made`: which list it is."""

    kind: str
    items: tuple[Bound, ...]
    made: Made | None = field(default=None, compare=False)

    def of(self, items: Iterable[Bound]) -> Seq:
        """The same object, with these items."""
        return Seq(self.kind, tuple(items), self.made)


Bound = Value | Seq  # what a name can be bound to

REFUSED_CALLS: dict[Any, str] = {
    range: "loop over it: `for i in range(...)`",
    enumerate: "loop over it: `for i, x in enumerate(...)`",
    zip: "loop over it: `for x, y in zip(...)`",
    reversed: "loop over it: `for x in reversed(...)`",
}


class Unbound(Exception):
    """What is built reads a name that has no value here: at run time it would fail."""


class ExprBuilder(Emitter):
    """Evaluates expressions into operations of the current region."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.env: dict[str, Bound] = {}
        self.users_text = True  # print left-out and default arguments as written

    # hooks for the builder of whole functions -----------------------------

    def outer_name(self, node: gast.Name) -> Bound:
        """A name that is not local."""
        raise NotImplementedError

    def outer_attribute(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """A non-static attribute of a static object (`config.DT`)."""
        return self.const(obj, path)

    def static(self, path: str, obj: Any) -> Value:
        """A static object found through a name."""
        return self.const(obj, path)

    def named(self, item: Bound, name: str) -> Bound:
        """What a name is bound to."""
        return item

    def origin_of(self, node: gast.AST) -> Origin | None:
        return self.origin

    def refuse(self, node: gast.AST, message: str, advice: str = "") -> NoReturn:
        raise UnsupportedError(message, self.origin_of(node), advice or None)

    # expressions ----------------------------------------------------------

    def value(self, node: gast.AST) -> Value:
        """The expression as one operand."""
        return self.pack(self.expr(node))

    def expr(self, node: gast.AST) -> Bound:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"{type(node).__name__} expressions are not supported")
        outer, self.origin = self.origin, self.origin_of(node)
        try:
            return method(node)
        finally:
            self.origin = outer

    def pack(self, item: Bound) -> Value:
        """A sequence as an object: an operation, or a constant if all items are."""
        if isinstance(item, Value):
            return item
        values = [self.pack(i) for i in item.items]
        if item.kind == "tuple" and all(v.is_const for v in values):
            return self.const(tuple(v.const for v in values))
        return self.emit(item.kind, values, ("xs",) * len(values))

    def array(self, item: Seq) -> Value:
        """A sequence of numbers as NumPy takes it: an array."""
        parts = [self.array(i) if isinstance(i, Seq) else i for i in item.items]
        return self.emit("np.array", parts, ("xs",) * len(parts))

    def truth(self, node: gast.AST, value: Value) -> Value:
        """A condition; arrays have no truth value."""
        of = bound(value.type)
        if isinstance(of, Array) and any(d.unit is False for d in of.shape):
            self.refuse(
                node,
                "the truth value of an array is ambiguous",
                "use np.any(...) or np.all(...)",
            )
        return value

    def _Constant(self, node: gast.Constant) -> Value:
        if node.value is Ellipsis or isinstance(node.value, bytes):
            self.refuse(node, f"{node.value!r} is not supported here")
        return self.const(node.value)

    def _Name(self, node: gast.Name) -> Bound:
        if node.id in self.env:
            return self.env[node.id]
        return self.outer_name(node)

    def _Tuple(self, node: gast.Tuple) -> Seq:
        return Seq("tuple", tuple(self.expr(e) for e in node.elts))

    def _List(self, node: gast.List) -> Seq:
        return Seq("list", tuple(self.expr(e) for e in node.elts))

    def _UnaryOp(self, node: gast.UnaryOp) -> Value:
        x = self.value(node.operand)
        kind = self.rules.OPERATORS[type(node.op)]
        if kind == "not":
            self.truth(node.operand, x)
        if x.is_const and (
            kind == "not" or (kind == "neg" and not isinstance(x.const, bool))
        ):
            spelling = f"-{x.spelling}" if x.spelling else None
            return self.const(self.rules[kind].run(x.const), spelling)
        return self.emit(kind, [x])

    def _BinOp(self, node: gast.BinOp) -> Bound:
        left, right = self.expr(node.left), self.expr(node.right)
        return self.binary(node, self.rules.OPERATORS[type(node.op)], left, right)

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        """An operator on what its operands have come to."""
        if isinstance(left, Seq) or isinstance(right, Seq):
            return self._sequence_arithmetic(node, kind, left, right)
        if any(isinstance(bound(v.type), List | Tuple) for v in (left, right)):
            self.refuse(node, "arithmetic on lists and tuples is not supported yet")
        return self.emit(kind, [left, right])

    def _sequence_arithmetic(
        self, node: gast.AST, kind: str, left: Bound, right: Bound
    ) -> Bound:
        if isinstance(left, Seq) and isinstance(right, Seq) and kind == "add":
            if left.kind == right.kind:
                return Seq(left.kind, left.items + right.items)
        elif isinstance(left, Seq) and isinstance(right, Value) and kind == "mul":
            if right.is_const and isinstance(right.const, int):
                return Seq(left.kind, left.items * right.const)
        elif isinstance(right, Seq) and not isinstance(left, Seq):
            if not isinstance(left.type, List | Tuple) and kind != "mul":
                return self.emit(kind, [left, self.array(right)])
        elif isinstance(left, Seq) and isinstance(right, Value):
            if isinstance(right.type, Array):
                return self.emit(kind, [self.array(left), right])
        self.refuse(node, "this arithmetic on lists and tuples is not supported yet")

    def _Compare(self, node: gast.Compare) -> Value:
        left = self.value(node.left)
        return self._compare(left, list(node.ops), list(node.comparators))

    def _compare(
        self, left: Value, ops: list[gast.AST], comparators: list[gast.AST]
    ) -> Value:
        """`a < b < c` is `a < b and b < c` with `b` evaluated once."""
        right = self.value(comparators[0])
        kind = self.rules.OPERATORS[type(ops[0])]
        first = self._static_comparison(kind, left, right)
        if first is None:
            first = self.emit(kind, [left, right])
        if len(ops) == 1:
            return first
        self.truth(comparators[0], first)
        return self.choose(
            first,
            lambda: self._compare(right, ops[1:], comparators[1:]),
            lambda: first,
            "compare",
        )

    def _static_comparison(self, kind: str, left: Value, right: Value) -> Value | None:
        """`mode == "fast"`, `axis is None`: decided while compiling."""
        if left.is_const and right.is_const:
            return self.const(self.rules[kind].run(left.const, right.const))
        kinds = [type(bound(v.type)) for v in (left, right)]
        if kind in ("is", "is_not") and Static in kinds and kinds[0] != kinds[1]:
            if ANY not in (bound(left.type), bound(right.type)):
                return self.const(kind == "is_not")
        return None

    def _BoolOp(self, node: gast.BoolOp) -> Value:
        form = "and" if isinstance(node.op, gast.And) else "or"
        return self._bool_op(form, list(node.values))

    def _bool_op(self, form: str, nodes: list[gast.AST]) -> Value:
        first = self.value(nodes[0])
        if len(nodes) == 1:
            return first
        self.truth(nodes[0], first)
        rest = lambda: self._bool_op(form, nodes[1:])  # noqa: E731
        keep = lambda: first  # noqa: E731
        then, otherwise = (rest, keep) if form == "and" else (keep, rest)
        return self.choose(first, then, otherwise, form)

    def _IfExp(self, node: gast.IfExp) -> Bound:
        cond = self.truth(node.test, self.value(node.test))
        return self.choose(
            cond,
            lambda: self.value(node.body),
            lambda: self.value(node.orelse),
            "ifexp",
        )

    @contextmanager
    def branch(self) -> Iterator[Region]:
        """Write to a region of its own; what is learnt of names there stays there."""
        outer, self.env = self.env, dict(self.env)
        try:
            with self.inside(Region()) as region:
                yield region
        finally:
            self.env = outer

    def choose(
        self,
        cond: Value,
        then: Callable[[], Value],
        otherwise: Callable[[], Value],
        form: str,
    ) -> Value:
        """An `if` with one result; decided while compiling where that is possible."""
        if cond.is_const:
            return then() if cond.const else otherwise()
        regions, outcomes = [], []
        for branch in (then, otherwise):
            with suppress(Unbound), self.branch() as region:
                outcomes.append(branch())
                region.results = [outcomes[-1]]
                regions.append(region)
        if not outcomes:
            raise Unbound
        if len(outcomes) == 1:  # the other one fails: a loop that is built once more
            return outcomes[0]
        op = Op("if", [cond], ("cond",), {"form": form}, regions)
        types = [bound(v.type) for v in outcomes]
        if join(*types) == ANY and ANY not in types:
            raise UnsupportedError(
                "one value of two types that do not go together: "
                f"{described(types[0])} and {described(types[1])}",
                self.origin,
            )
        result = Value(join(outcomes[0].type, outcomes[1].type), op=op)
        op.results = [result]
        self.append(op)
        self.chosen(result, outcomes)
        return result

    def chosen(self, result: Value, outcomes: list[Value]) -> None:
        """Called with what a conditional expression gave, and what it chose from."""

    # attributes and subscripts --------------------------------------------

    def _Attribute(self, node: gast.Attribute) -> Bound:
        base = self.expr(node.value)
        if isinstance(base, Seq):
            self.refuse(node, f"a {base.kind} has no attribute `{node.attr}`")
        if base.is_const and isinstance(base.type, Static):
            return self._static_attribute(node, base)
        return self.attribute(base, node.attr, node)

    def _static_attribute(self, node: gast.Attribute, base: Value) -> Bound:
        try:
            obj = getattr(base.const, node.attr)
        except AttributeError:
            what = base.spelling or repr(base.const)
            names = get_close_matches(node.attr, dir(base.const), 1)
            advice = f"did you mean `{what}.{names[0]}`?" if names else ""
            self.refuse(node, f"{what} has no attribute `{node.attr}`", advice)
        root = (
            {np: "np", math: "math"}.get(base.const) if _hashable(base.const) else None
        )
        path = f"{root or base.spelling or repr(base.const)}.{node.attr}"
        if root or (base.spelling or "").startswith("np."):
            return self.const(obj, path)
        if isinstance(const_type(obj), Static) and not isinstance(obj, np.ndarray):
            return self.static(path, obj)
        return self.outer_attribute(path, obj, node)

    def attribute(self, base: Value, name: str, node: gast.AST) -> Bound:
        """`x.shape`, `x.T`...: of a run-time value."""
        rule = self.rules.by_attribute.get(name)
        of = bound(base.type)
        if rule is None or isinstance(of, Tuple | List | Static):
            self.refuse(
                node, f"attribute `.{name}` of {kind_named(of)} is not supported"
            )
        if isinstance(of, Scalar) and name in ("shape", "ndim", "size"):
            if not self.users_text:  # templates may ask it of Python scalars, too
                return self.const({"shape": (), "ndim": 0, "size": 1}[name])
            self.refuse(node, f"a Python {of.kind} has no attribute `.{name}`")
        if isinstance(of, Array) and name == "ndim" and not of.loose:
            return self.const(of.rank)
        return self.emit(name, [base])

    def _Subscript(self, node: gast.Subscript) -> Bound:
        base = self.expr(node.value)
        index = node.slice
        if isinstance(base, Seq):
            return self._static_item(node, base, index)
        of = bound(base.type)
        if isinstance(of, Static):
            self.refuse(node, f"{described(base.type)} cannot be indexed here")
        if isinstance(of, Tuple):
            k = None if isinstance(index, gast.Slice) else self.value(index)
            if k is not None and k.is_const and isinstance(k.const, int):
                if not -len(of.items) <= k.const < len(of.items):
                    self.refuse(node, f"index {k.const} is out of range")
                return self.item(base, k.const)
            return self._static_item(node, self.unpack(base), index)
        return self.getitem(base, index)

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        if isinstance(index, gast.Slice):
            ends = [
                None if e is None else self.value(e)
                for e in (index.lower, index.upper, index.step)
            ]
            if all(e is None or e.is_const for e in ends):
                cut = slice(*(None if e is None else e.const for e in ends))
                return Seq(base.kind, base.items[cut])
            self.refuse(node, "slices of a list need bounds known when compiling")
        k = self.value(index)
        if k.is_const and isinstance(k.const, int):
            if not -len(base.items) <= k.const < len(base.items):
                self.refuse(node, f"index {k.const} is out of range")
            return base.items[k.const]
        return self.dynamic_item(node, base, k)

    def dynamic_item(self, node: gast.AST, base: Seq, k: Value) -> Value:
        """An item known at run time only: of a list, whose items share a type."""
        if rank_of(k.type) != 0 or kind_of(k.type) not in ("int", "bool"):
            self.refuse(
                node, f"an index must be an integer, this is {described(k.type)}"
            )
        items = [self.pack(i) for i in base.items]
        whole = self.emit("list", items, ("xs",) * len(items))
        return self.emit("getitem", [whole, k], ("x", "index"), index=("i",))

    def item(self, base: Value, k: int) -> Value:
        """Item `k` of a value of tuple type."""
        if base.is_const:
            return self.const(base.const[k])
        of = bound(base.type)
        assert isinstance(of, Tuple)
        k %= len(of.items)
        return self.emit("pick", [base, self.const(k)], ("x", "k"))

    def unpack(self, base: Value) -> Seq:
        """A value of tuple type as the sequence of its items."""
        return Seq("tuple", tuple(self.items(base)))

    def items(self, base: Value) -> list[Value]:
        """The items of a value of tuple type."""
        of = bound(base.type)
        assert isinstance(of, Tuple)
        return [self.item(base, k) for k in range(len(of.items))]

    def getitem(self, base: Value, index: gast.AST) -> Value:
        """`x[...]`: the structure of the index in `attrs`, its values as operands."""
        codes, operands = self.index(index)
        names = ("x",) + ("index",) * len(operands)
        return self.emit("getitem", [base, *operands], names, index=codes)

    def index(self, index: gast.AST) -> tuple[tuple[str, ...], list[Value]]:
        """The structure of an index, and its values.

        One code per position: "i" takes an operand, "n" is np.newaxis, "e" the
        ellipsis, "s" + three flags a slice with those ends present.
        """
        codes: list[str] = []
        operands: list[Value] = []
        parts = index.elts if isinstance(index, gast.Tuple) else [index]
        if sum(isinstance(p, gast.Constant) and p.value is ... for p in parts) > 1:
            self.refuse(index, "an index can have only one ellipsis")
        for part in parts:
            if isinstance(part, gast.Slice):
                ends = (part.lower, part.upper, part.step)
                codes.append("s" + "".join("01"[e is not None] for e in ends))
                operands += [self.value(e) for e in ends if e is not None]
            elif isinstance(part, gast.Constant) and part.value is Ellipsis:
                codes.append("e")
            else:
                item = self.expr(part)
                if isinstance(item, Value) and item.is_const and item.const is None:
                    codes.append("n")
                    continue
                codes.append("i")
                operands.append(self._index(part, item))
        if len(parts) == 1 and isinstance(index, gast.Tuple):
            codes.append("")  # x[i,] prints as such
        return tuple(codes), operands

    def _index(self, node: gast.AST, item: Bound) -> Value:
        value = self.array(item) if isinstance(item, Seq) else item
        of = bound(value.type)
        if isinstance(of, List | Tuple):
            self.refuse(node, "a list cannot be an index here", "use np.array")
        if isinstance(of, Scalar) and of.kind not in ("int", "bool"):
            self.refuse(node, f"an index must be an integer, this is {described(of)}")
        if isinstance(of, Static):
            self.refuse(node, f"{described(of)} cannot be an index")
        return value

    # calls ----------------------------------------------------------------

    def _Call(self, node: gast.Call) -> Bound:
        func = node.func
        if isinstance(func, gast.Attribute):
            base = self.expr(func.value)
            if not (isinstance(base, Value) and isinstance(base.type, Static)):
                return self._method_call(node, base, func.attr)
            callee = self._static_attribute(func, base)
        else:
            callee = self.expr(func)
        if isinstance(callee, Seq) or not callee.is_const:
            self.refuse(node, "only functions known when compiling can be called")
        return self.call(node, callee)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        """A call of a static object."""
        obj = callee.const
        special = getattr(self, f"_call_{getattr(obj, '__name__', '')}", None)
        if special is not None and getattr(builtins, obj.__name__, None) is obj:
            return special(node)
        rule = self.rules.find(obj)
        if rule is None:
            what = callee.spelling or getattr(obj, "__name__", repr(obj))
            if obj in REFUSED_CALLS if _hashable(obj) else False:
                self.refuse(node, f"`{what}` is not supported here", REFUSED_CALLS[obj])
            if isinstance(obj, type):
                self.refuse(
                    node, f"classes (`{what}`) are not supported yet", "use a tuple"
                )
            if obj is print:
                advice = "call it in a line of its own"
                self.refuse(node, "`print` is a statement here", advice)
            if (inspect.isfunction(obj) or inspect.ismethod(obj)) and not _is_numpy(
                obj
            ):
                self.refuse(
                    node,
                    f"calls of other functions (`{what}`) are not supported yet",
                    f"write the body of `{what}` where it is called",
                )
            self.refuse(node, f"`{what}` has no derivative rule", _instead(str(what)))
        return self.apply(node, rule, [self.expr(a) for a in node.args], obj)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        rule = self.rules.by_method.get(name)
        of = bound(base.type) if isinstance(base, Value) else base.kind
        if rule is None or isinstance(of, str | Tuple | List):
            what = f"a {of}" if isinstance(of, str) else kind_named(of)
            advice = "write `y = y + [...]`" if name in ("append", "extend") else ""
            self.refuse(node, f"method `.{name}()` of {what} is not supported", advice)
        if isinstance(of, Scalar) and self.users_text and name not in SCALAR_METHODS:
            self.refuse(node, f"a Python {of.kind} has no method `.{name}()`")
        args = [base, *(self.expr(a) for a in node.args)]
        return self.apply(node, rule, args, rule.run, method=name)

    def apply(
        self,
        node: gast.Call,
        rule: Rule,
        args: list[Bound],
        obj: Any,
        method: str | None = None,
    ) -> Bound:
        """Bind the arguments to the row's parameters and emit the operation."""
        if rule.single and args and isinstance(args[0], Value):
            if not isinstance(bound(args[0].type), Tuple | List):
                rule = self.rules[rule.single]
        what = (method and f".{method}") or rule.kind
        names, theirs = [p.name for p in rule.params], numpy_names(obj)
        given: dict[str, list[Bound]] = {}
        rest = list(args)
        spread = getattr(rule, "spread", "")
        if method and spread and len(rest) > 2:
            rest = [rest[0], Seq("tuple", tuple(rest[1:]))]
        position = 0
        while rest:
            if position < len(names) and rule.params[position].form == "star":
                given[names[position]], rest = rest, []
                break
            name = names[position] if position < len(names) else None
            if position < len(theirs) and not (name and rule.param(name).required):
                actual = theirs[position]
                name = actual if actual in names else None
            if name is None:
                known = position < len(theirs)
                which = f"`{theirs[position]}`" if known else "after the last"
                self.refuse(node, f"argument {which} of {what}() is not supported")
            given[name] = [rest.pop(0)]
            position += 1
        for keyword in node.keywords:
            name = keyword.arg
            if name not in names and name in theirs:
                k = theirs.index(name)
                if k < len(names) and rule.params[k].required:
                    name = names[k]
            if name not in names:
                self.refuse(
                    keyword.value,
                    f"argument `{keyword.arg}` of {what}() is not supported",
                )
            given[name] = [self.expr(keyword.value)]
        values: list[Value] = []
        bound_names: list[str] = []
        for param in rule.params:
            items: Sequence[Bound] | None = given.get(param.name)
            if items is None:
                if param.required:
                    self.refuse(node, f"{what}() needs the argument `{param.name}`")
                continue
            if param.form == "list":
                items = self._list_items(node, what, items[0], rule)
            for item in items:
                value = self.pack(item)
                is_default = value.is_const and _same(value.const, param.default)
                if is_default and not self.users_text:
                    continue
                values.append(value)
                bound_names.append(param.name)
        attrs: dict[str, Any] = {"method": method} if method else {}
        return self.emit(rule.kind, values, bound_names, **attrs)

    def _list_items(
        self, node: gast.AST, what: str, item: Bound, rule: Rule
    ) -> tuple[Bound, ...]:
        """The items of a list operand; nested lists of numbers become arrays."""
        if isinstance(item, Value) and isinstance(item.type, Tuple):
            item = self.unpack(item)
        if isinstance(item, Value):
            self.refuse(
                node,
                f"{what}() needs a list written out, like [a, b]",
                "lists of unknown length are not supported here yet",
            )
        return tuple(self.array(i) if isinstance(i, Seq) else i for i in item.items)

    def _call_isinstance(self, node: gast.Call) -> Value:
        value, classes = (self.value(a) for a in node.args)
        if not classes.is_const or bound(value.type) == ANY:
            self.refuse(node, "isinstance() needs types known when compiling")
        return self.const(issubclass(_class_of(value), classes.const))

    def _call_len(self, node: gast.Call) -> Value:
        item = self.expr(node.args[0])
        if isinstance(item, Seq):
            return self.const(len(item.items))
        if isinstance(item.type, Tuple):
            return self.const(len(item.type.items))
        return self.emit("len", [item])

    def _call_sum(self, node: gast.Call) -> Bound:
        item = self.expr(node.args[0])
        if not isinstance(item, Seq) or len(node.args) + len(node.keywords) != 1:
            if isinstance(item, Value) and len(node.args) + len(node.keywords) == 1:
                return self.emit("sum", [item])
            self.refuse(node, "sum() with a start value is not supported", "add it")
        if not item.items:
            return self.const(0)
        total = self.pack(item.items[0])
        for other in item.items[1:]:
            total = self.emit("add", [total, self.pack(other)])
        return total

    def _call_min(self, node: gast.Call) -> Bound:
        return self._least(node, "min")

    def _call_max(self, node: gast.Call) -> Bound:
        return self._least(node, "max")

    def _least(self, node: gast.Call, kind: str) -> Value:
        """`min(a, b, c)` as `min(min(a, b), c)`, which is how Python compares."""
        if node.keywords:
            self.refuse(node, f"{kind}() with keywords is not supported")
        items = [self.expr(a) for a in node.args]
        if len(items) == 1 and isinstance(items[0], Seq):
            items = list(items[0].items)
        if len(items) < 2:
            self.refuse(
                node, f"{kind}() of one object is not supported", f"use np.{kind}"
            )
        least = self.pack(items[0])
        for item in items[1:]:
            least = self.emit(kind, [least, self.pack(item)])
        return least

    def _call_tuple(self, node: gast.Call) -> Bound:
        return self._convert(node, "tuple")

    def _call_list(self, node: gast.Call) -> Bound:
        return self._convert(node, "list")

    def _convert(self, node: gast.Call, kind: str) -> Bound:
        item = self.expr(node.args[0]) if node.args else Seq(kind, ())
        return self.converted(node, kind, item)

    def converted(self, node: gast.Call, kind: str, item: Bound) -> Bound:
        """`list(item)` or `tuple(item)`."""
        if isinstance(item, Value) and isinstance(item.type, Tuple):
            item = self.unpack(item)
        if isinstance(item, Seq):
            return Seq(kind, item.items)
        self.refuse(node, f"{kind}() of {described(item.type)} is not supported yet")


SCALAR_METHODS = ("conjugate",)


def kind_named(of: Type) -> str:
    """A type as messages about attributes name it: the rank does not matter there."""
    return "an array" if isinstance(of, Array) and of.rank else described(of)


def _instead(what: str) -> str:
    """What to do in the place of a call that has no rule."""
    if what.startswith(("np.random.", "random.")):
        return "draw the numbers outside and pass them as an argument"
    if what in ("np.place", "np.putmask"):
        return "assign through the mask: `x[mask] = ...`"
    if what.startswith("cmath."):
        return f"use `np.{what.removeprefix('cmath.')}`"
    return ""


def _class_of(value: Value) -> type:
    of = bound(value.type)
    if isinstance(of, Scalar):
        return {"bool": bool, "int": int, "float": float, "complex": complex}[of.kind]
    if isinstance(of, Array):
        return np.dtype(of.dtype).type if of.rank == 0 else np.ndarray
    if isinstance(of, Tuple | List):
        return tuple if isinstance(of, Tuple) else list
    return type(value.const)


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and bool(a == b))


def _hashable(obj: Any) -> bool:
    return getattr(type(obj), "__hash__", None) is not None


def _is_numpy(obj: Any) -> bool:
    return (getattr(obj, "__module__", "") or "").split(".")[0] == "numpy"


@cache
def numpy_names(obj: Any) -> list[str]:
    """The parameter names of a NumPy function, in its own order."""
    try:
        return list(inspect.signature(obj).parameters)
    except (TypeError, ValueError):
        return []


class Quote(ExprBuilder):
    """Writes rule texts into a region, with values for their free names."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.users_text = False

    def __call__(self, text: str | gast.expr, **values: Bound) -> Value:
        node = _parsed(text) if isinstance(text, str) else text
        outer, self.env = self.env, values
        try:
            return self.value(node)
        finally:
            self.env = outer

    def emit(self, kind: str, args: Sequence[Value], *rest: Any, **attrs: Any) -> Value:
        """Operations that s2s writes are `derived`: clean-ups may rewrite them."""
        return super().emit(kind, args, *rest, derived=True, **attrs)

    def attribute(self, base: Value, name: str, node: gast.AST) -> Bound:
        """A shape is asked of a value that has a name, where one has the same."""
        if name in ("shape", "size"):
            base = self.shape_source(base)
        return super().attribute(base, name, node)

    def shape_source(self, value: Value) -> Value:
        """A value of the same shape that is easier to have than a temporary."""
        rows = self.rules
        return shape_source(
            value, lambda op: op.kind in rows and rows[op.kind].form == "partials"
        )

    def outer_name(self, node: gast.Name) -> Bound:
        obj = self.rules.namespace.get(node.id, getattr(builtins, node.id, None))
        return self.const(obj, node.id)


def shape_source(value: Value, elementwise: Callable[[Op], bool]) -> Value:
    """A named value of surely the same shape, so that a temporary need not be kept."""
    of, op = bound(value.type), value.op
    if value.role != "temp" or op is None or op.regions or not isinstance(of, Array):
        return value
    arrays = [a for a in op.args if not a.is_const and rank_of(a.type) != 0]
    if elementwise(op) and len(arrays) == 1 and rank_of(arrays[0].type) == of.rank:
        return shape_source(arrays[0], elementwise)
    for arg in op.args:
        found = shape_source(arg, elementwise) if not arg.is_const else arg
        t = bound(found.type)
        if found.role != "temp" and isinstance(t, Array) and t.rank == of.rank:
            if all(a.same(b) for a, b in zip(t.shape, of.shape, strict=True)):
                return found
    return value


_cache: dict[str, gast.expr] = {}


def _parsed(text: str) -> gast.expr:
    if text not in _cache:
        _cache[text] = gast.parse(text, mode="eval").body
    return _cache[text]


def rule_values(e: Emitter, op: Op) -> Mapping[str, Bound]:
    """The names a rule's texts may use: parameters, defaults, and the result `z`."""
    values: dict[str, Bound] = {}
    for param in e.rules[op.kind].params:
        given = [a for a, n in zip(op.args, op.names, strict=True) if n == param.name]
        if param.form != "one":
            values[param.name] = Seq("list", tuple(given))
        elif given:
            values[param.name] = given[0]
        elif not param.required:
            values[param.name] = e.const(param.default)
    if len(op.results) == 1:
        values["z"] = op.results[0]
    return values

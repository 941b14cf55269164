"""Calls to SSA.

In: a call of what has a rule, or of a builtin. Out: what it returns; the arguments are
bound to the parameters of the rule, as NumPy binds them.
"""

from __future__ import annotations

import builtins
import collections
import functools
import heapq
import inspect
import itertools
import types
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import gast
import numpy as np

from s2s.errors import TypingError, a
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.expr import has_call
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.subscripts import Subscripts, kind_named
from s2s.ssa.types import (
    Array,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    bound,
    described,
    is_hashable,
    is_text,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rule, Rules


REFUSED_CALLS: dict[Any, str] = {
    enumerate: "loop over it: `for i, x in enumerate(...)`",
    zip: "loop over it: `for x, y in zip(...)`, or make a list: `list(zip(...))`",
    reversed: "loop over it: `for x in reversed(...)`",
    itertools.repeat: "use the value itself, or `[value] * n`",
    itertools.count: "use `enumerate`, or count in a `while` loop",
    itertools.cycle: "index with `%`: `xs[i % len(xs)]`",
    heapq.heappush: "append to a list, and sort it: `xs.append(v)`, `xs.sort()`",
    heapq.heappop: "keep the list sorted, and use `xs.pop(0)`",
    heapq.heapify: "keep the list sorted: `xs.sort()`",
    itertools.groupby: "collect the items in a dict of lists",
    collections.OrderedDict: "use a dict, which keeps the order, too",
    np.matrix: "use np.array, and `@` for products",
    np.nditer: "loop over `x.flat`",
}


def axes_of(of: Type) -> int | None:
    """The number of axes, as far as a type tells."""
    loose = isinstance(of, Array) and of.loose
    return None if loose else rank_of(of)


def is_scalar(of: Type) -> bool | None:
    """Whether NumPy takes it for a scalar: an array without axes may be one."""
    if isinstance(of, Array):
        return False if axes_of(of) else None
    return True if isinstance(of, Scalar) else None


def is_complex(of: Type) -> bool | None:
    return kind_of(of) == "complex" if isinstance(of, Scalar | Array) else None


ASKED: dict[Any, Callable[[Type], Any]] = {
    np.ndim: axes_of,
    np.isscalar: is_scalar,
    np.iscomplexobj: is_complex,
}
LIMITS = (np.finfo, np.iinfo)
RANGE = ("start", "stop", "step")
CHECK = False  # whether no call may be built twice


class ExprBuilder(Subscripts):
    """Evaluates calls, too."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.built: set[tuple[gast.Call, int]] = set()  # calls, and when

    def _Call(self, node: gast.Call) -> Bound:
        func = node.func
        if isinstance(func, gast.Attribute):
            base = self.expr(func.value)
            static = isinstance(base, Value) and isinstance(base.type, Static)
            if not isinstance(base, Value) or not static or is_text(base.type):
                return self._method_call(node, base, func.attr)
            callee = self._static_attribute(func, base)
        else:
            callee = self.expr(func)
        return self.call(node, self.known_function(node, callee, "called"))

    def known_function(self, node: gast.AST, item: Bound, used: str) -> Value:
        """What is called, or used otherwise: it has to be known."""
        item = self.function_in(item)
        if isinstance(item, Seq) or not item.is_const:
            self.refuse(node, f"only functions known when compiling can be {used}")
        return item

    def function_in(self, item: Bound) -> Bound:
        """The function that an item of a list stands for; else the item."""
        return item

    def call(self, node: gast.Call, callee: Value) -> Bound:
        """A call of a static object."""
        obj = callee.const
        special = getattr(self, f"_call_{getattr(obj, '__name__', '')}", None)
        if special is not None and getattr(builtins, obj.__name__, None) is obj:
            return special(node)
        ask = ASKED.get(obj) if is_hashable(obj) else None
        if ask is not None and (answer := self.asked(node, ask)) is not None:
            return answer
        if obj in LIMITS:
            return self.limits(node, callee)
        if obj is collections.deque:
            if node.keywords or len(node.args) > 1:
                self.refuse(
                    node,
                    "a deque of limited length is supported where it has one name, and "
                    "is not passed on",
                    "take out what is too much: `q.popleft()`",
                )
            return self._call_list(node)
        rule = self.rules.find(obj)
        if rule is None:
            if not self.has_source(obj):
                self.refuse_call(node, callee)
            count = None
            if any(isinstance(a, gast.Starred) for a in node.args):
                count = self.count_wanted(obj, {str(k.arg) for k in node.keywords})
            args, keywords = self.given_arguments(node, count)
            self.check_once(node)
            return self.call_user(node, callee, args, keywords)
        if rule.kind == "kept":
            return self.last_stored(node)
        plain = all(p.required and p.form == "one" for p in rule.params)
        count = len(rule.params) if plain else None
        return self.apply(node, rule, self.items_given(node.args, count), obj)

    def asked(self, node: gast.Call, ask: Callable[[Type], Any]) -> Value | None:
        """What a call asks about the type of its argument, if the type tells."""
        if node.keywords or len(node.args) != 1 or has_call(node.args[0]):
            return None
        item = self.expr(node.args[0])
        answer = ask(bound(item.type)) if isinstance(item, Value) else None
        return None if answer is None else self.const(answer)

    def limits(self, node: gast.Call, callee: Value) -> Value:
        """`np.finfo(float)`: of a dtype that is known."""
        value = self.value(node.args[0])
        op, dtype, name = value.op, value.const, value.spelling
        array = op.args[0].type if op is not None and op.kind == "dtype" else None
        if isinstance(array, Array):
            dtype, name = np.dtype(array.dtype), f"np.{array.dtype}"
        elif not value.is_const:
            advice = f"write it: `{callee.spelling}(float)`"
            self.refuse(node, "the dtype must be known here", advice)
        return self.const(callee.const(dtype), f"{callee.spelling}({name})")

    def check_once(self, node: gast.Call) -> None:
        """Fail where Python calls once, and this is the second time here."""
        key = node, self.turn
        twice = CHECK and key in self.built
        assert not twice, f"called twice: {gast.unparse(node)}"
        self.built.add(key)

    def count_wanted(self, obj: Any, keywords: set[str]) -> int | None:
        """How many positional arguments a function has to be given, if known."""
        return None

    def given_arguments(
        self, node: gast.Call, count: int | None = None
    ) -> tuple[list[Bound], dict[str, Bound]]:
        """The arguments of a call, those of keywords too."""
        args = self.items_given(node.args, count)
        return args, {str(k.arg): self.expr(k.value) for k in node.keywords}

    def has_source(self, obj: Any) -> bool:
        return has_source(obj)

    def call_user(
        self,
        node: gast.AST,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """A call of a function that has source; what it returns."""
        raise NotImplementedError

    def refuse_call(self, node: gast.Call, callee: Value) -> NoReturn:
        """What is called has neither a rule nor source."""
        obj = callee.const
        what = callee.spelling or getattr(obj, "__name__", repr(obj))
        if obj in REFUSED_CALLS if is_hashable(obj) else False:
            self.refuse(node, f"`{what}` is not supported here", REFUSED_CALLS[obj])
        if isinstance(obj, type):
            self.refuse(
                node, f"classes (`{what}`) are not supported yet", "use a tuple"
            )
        if obj is print:
            advice = "call it in a line of its own"
            self.refuse(node, "`print` is a statement here", advice)
        advice = _instead(str(what)) or rule_to_write(str(what), len(node.args))
        self.refuse(node, f"`{what}` has no derivative rule", advice)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        rule = self.rules.by_method.get(name)
        of = bound(base.type) if isinstance(base, Value) else base.kind
        if rule is None or isinstance(of, str | Tuple | List):
            what = a(of) if isinstance(of, str) else kind_named(of)
            advice = "write `y = y + [...]`" if name in ("append", "extend") else ""
            self.refuse(node, f"method `.{name}()` of {what} is not supported", advice)
        if isinstance(of, Scalar) and self.users_text and name not in SCALAR_METHODS:
            self.refuse(node, f"a Python {of.kind} has no method `.{name}()`")
        args = [base, *self.items_given(node.args)]
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
            elif method or rule.kind.startswith("np."):
                items = [self.as_numpy_takes(i) for i in items]
            for item in items:
                value = self.pack(item)
                is_default = value.is_const and _same(value.const, param.default)
                if is_default and not self.users_text:
                    continue
                values.append(value)
                bound_names.append(param.name)
        attrs: dict[str, Any] = {"method": method} if method else {}
        return self.emit(rule.kind, values, bound_names, **attrs)

    def as_numpy_takes(self, item: Bound) -> Bound:
        """A list of numbers as an array; shapes and lists of axes stay so."""
        if item in self.ranges:
            return self.range_array(item)
        if isinstance(item, Value) or item.kind not in ("list", "tuple") or item.names:
            return item
        values = flat(item)
        numbers = all(isinstance(bound(v.type), Scalar | Array) for v in values)
        floats = any(kind_of(v.type) in ("float", "complex") for v in values)
        return self.array(item) if numbers and floats else item

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

    def _call_len(self, node: gast.Call) -> Value:
        (of,) = node.args
        if isinstance(of, gast.Call) and isinstance(of.func, gast.Name):
            callee = self.expr(of.func)
            if isinstance(callee, Value) and callee.const is range:
                return self.emit("range_len", self.range_ends(of), RANGE)
        item = self.expr(of)
        if isinstance(item, Seq):
            return self.const(len(item.items))
        if isinstance(item.const, frozenset):
            return self.const(len(item.const))
        if isinstance(item.type, Tuple):
            return self.const(len(item.type.items))
        return self.emit("len", [item])

    def range_ends(self, node: gast.Call) -> list[Value]:
        """Start, stop and step of a call of `range`, which takes integers only."""
        ends = [self.value(a) for a in node.args]
        for argument, value in zip(node.args, ends, strict=True):
            if kind_of(value.type) in ("float", "complex"):
                raise TypingError(
                    f"range() needs an integer, this is {described(value.type)}",
                    self.origin_of(argument),
                    "a differentiated argument is read as a float: leave it out of "
                    "argnums",
                )
        ends = [self.const(0), *ends] if len(ends) == 1 else ends
        return [*ends, self.const(1)] if len(ends) == 2 else ends

    def _call_tuple(self, node: gast.Call) -> Bound:
        return self._convert(node, "tuple")

    def _call_list(self, node: gast.Call) -> Bound:
        return self._convert(node, "list")

    def _convert(self, node: gast.Call, kind: str) -> Bound:
        """`list(...)` or `tuple(...)`."""
        raise NotImplementedError

    def converted(self, node: gast.Call, kind: str, item: Bound) -> Bound:
        """`list(item)` or `tuple(item)`."""
        if isinstance(item, Value) and isinstance(item.type, Tuple):
            item = self.unpack(item)
        if isinstance(item, Seq):
            return Seq(kind, item.items)
        self.refuse(node, f"{kind}() of {described(item.type)} is not supported yet")


SCALAR_METHODS = ("conjugate",)


def _instead(what: str) -> str:
    """What to do in the place of a call that has no rule."""
    if what.startswith(("np.random.", "random.")):
        return "draw the numbers outside and pass them as an argument"
    if what in ("np.place", "np.putmask"):
        return "assign through the mask: `x[mask] = ...`"
    if what.startswith("cmath."):
        return f"use `np.{what.removeprefix('cmath.')}`"
    return ""


def rule_to_write(what: str, count: int) -> str:
    """The rule that the user could give for a function of so many arguments.

    >>> print(rule_to_write("special.j0", 1))
    give it one: `s2s.rule("z = j0(x)", "g * ...", of=special.j0)`
    """
    if count not in (1, 2):
        return f"give it one: `def rule(g, z, *args)` below `@s2s.custom_vjp({what})`"
    names, partials = ", ".join("xy"[:count]), ", ".join(['"g * ..."'] * count)
    name = what.rpartition(".")[2]
    return f'give it one: `s2s.rule("z = {name}({names})", {partials}, of={what})`'


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and bool(a == b))


NO_SOURCE = ("numpy", "scipy", "builtins")  # where derivatives come from rules


def has_source(obj: Any) -> bool:
    """Whether a call of the object runs Python code of the user's."""
    if isinstance(obj, type) or (module_of(obj) in NO_SOURCE):
        return False
    if isinstance(obj, types.FunctionType | types.MethodType | functools.partial):
        return True
    called = inspect.getattr_static(type(obj), "__call__", None)
    return isinstance(called, types.FunctionType)


def module_of(obj: Any) -> str:
    return (getattr(obj, "__module__", "") or "").split(".")[0]


@cache
def numpy_names(obj: Any) -> list[str]:
    """The parameter names of a NumPy function, in its own order."""
    try:
        parameters = inspect.signature(obj).parameters.values()
    except (TypeError, ValueError):
        return []
    return [
        p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]

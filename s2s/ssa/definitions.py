"""Functions of libraries that are other functions: their definitions are built instead.

In: a call of a function that has a definition. Out: what the definition gives. It is
written in one of two ways. A text is put where the call stands; it may depend on what
the arguments are made of:

    np.select([a, b], [x, y])      ->      np.where(a, x, np.where(b, y, 0))

A function is built as one of the user's own would be, but stands for the call:
refusals and comments name the user's line.

    np.average(x, weights=w)       ->      np.sum(x * w) / np.sum(w)
"""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import gast
import numpy as np

from s2s.errors import UnsupportedError
from s2s.ssa.bound import Bound, Seq, flat, is_slice, plain
from s2s.ssa.calls import numpy_names
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.lazy import makes_items
from s2s.ssa.next_item import NextBuilder
from s2s.ssa.types import Array, bound, rank_of


@dataclass(frozen=True)
class Definition:
    """What stands for a function.

    `arrays` are the parameters that take lists as arrays; `when` tells the calls that
    the definition is for, where the function has a rule for others; `names` are those
    that the text has besides `np` and `math`; `at` is the parameter that the array is
    of which it is a method.
    """

    function: Callable[..., Any]
    is_text: bool
    arrays: tuple[str, ...] = ()
    when: Callable[[gast.Call], bool] = bool
    names: tuple[tuple[str, Any], ...] = ()
    at: int = 0


DEFINITIONS: dict[Any, Definition] = {}
INDEXED: dict[int, Callable[..., str]] = {}  # of objects that are known by identity


class Missing:
    """What stands for a result that has no rule: it can be left unread, no more."""


def key_of(obj: Any) -> Any:
    """What identifies a function; `np.add.outer` is a new object each time."""
    owner = getattr(obj, "__self__", None)
    of_object = isinstance(owner, np.ufunc | type) or inspect.ismethod(obj)
    return (id(owner), obj.__name__) if of_object else id(obj)


def define(obj: Any, *arrays: str, when: Callable = bool) -> Callable:
    """A decorator: the function that stands for `obj`, in terms of others."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        DEFINITIONS[key_of(obj)] = Definition(function, False, arrays, when)
        return function

    return add


def rewrite(
    obj: Any, *arrays: str, when: Callable = bool, at: int = 0, **names: Any
) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """A decorator: the function of the arguments that gives the text for a call."""

    def add(function: Callable[..., str]) -> Callable[..., str]:
        found = Definition(function, True, arrays, when, tuple(names.items()), at)
        DEFINITIONS[key_of(obj)] = found
        return function

    return add


def when_indexed(obj: Any) -> Callable:
    """A decorator: the function of the parts of an index that gives the text for it."""

    def add(function: Callable[..., str]) -> Callable[..., str]:
        INDEXED[id(obj)] = function
        return function

    return add


def may_vary(end: Value) -> bool:
    """Whether the end of a slice may have a derivative."""
    return not end.is_const and kind_of(end.type) not in ("int", "bool")


def with_keywords(*names: str) -> Callable[[gast.Call], bool]:
    """Calls that have one of these keywords."""
    return lambda node: any(k.arg in names for k in node.keywords)


def unsupported(reason: str, advice: str = "") -> NoReturn:
    """Refuse the call that a definition stands for."""
    raise UnsupportedError(reason, advice=advice or None)


def rank(item: Bound, what: str = "this call") -> int:
    """The number of axes of an argument, which what stands for a call depends on.

    A function that is built may call it, too.
    """
    axes = None if isinstance(item, Seq) else rank_of(item.type)
    if axes is None:
        unsupported(f"{what} needs arrays whose rank is known")
    return axes


def constant(item: Bound, what: str) -> Any:
    """An argument that is known when compiling."""
    if isinstance(item, Seq) and item.kind in ("tuple", "list"):
        return tuple(constant(i, what) for i in item.items)
    if not isinstance(item, Value) or not item.is_const:
        unsupported(f"{what} must be known when compiling")
    return item.const


def by_their_names(
    definition: Definition, obj: Any, args: Sequence[Bound]
) -> tuple[Sequence[Bound], dict[str, Bound]]:
    """Optional arguments that are given by position, under the names that they have.

    A definition need not have all parameters, nor have them in the same order.
    """
    mine = inspect.signature(definition.function).parameters.values()
    theirs = numpy_names(obj)
    if any(p.kind is p.VAR_POSITIONAL for p in mine) or len(args) > len(theirs):
        return args, {}
    required = sum(p.default is p.empty for p in mine)
    named = dict(zip(theirs[required:], args[required:], strict=False))
    return args[:required], named


SUMMING = math.fsum, math.prod  # as `sum` does, of all that can be run over


class DefinitionBuilder(NextBuilder):
    """Evaluates calls of functions that have definitions."""

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if isinstance(item, Value) and item.const is Missing:
            if not (isinstance(node, gast.Name) and plain(node.id) == "missing"):
                self.refuse(node, "this result of the call has no derivative rule")
        return item

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if obj is unsupported:
            self.refuse(node, *(str(self.value(a).const) for a in node.args))
        if obj is rank:
            return self.const(rank(self.expr(node.args[0])))
        if isinstance(getattr(obj, "__self__", None), logging.Logger):
            self.refuse(
                node, f"`{callee.spelling}` is not supported",
                "print, or log around the call",
            )  # fmt: skip
        if obj is logging.getLogger:
            self.refuse(
                node, "a logger is made inside of the function",
                "make it a global: `logger = logging.getLogger(__name__)`",
            )  # fmt: skip
        if hasattr(obj, "cache_info"):
            self.refuse(
                node, f"`{callee.spelling}` keeps what it returned (functools.cache)",
                f"call `{callee.spelling}.__wrapped__`",
            )  # fmt: skip
        name = str(callee.spelling or getattr(obj, "__name__", obj))
        if isinstance(obj, np.vectorize):
            function = self.outer(f"{name}.pyfunc", obj.pyfunc, node)
            parts = {"make": self.const(np.vectorize), "function": function}
            made = self.evaluated(node, "make(function)", **parts)
            assert isinstance(made, Value)
            return self.call(node, made)
        lazy = makes_items(obj) and obj is not map
        taken = [a for a in node.args if lazy and self.is_lazy(a)]
        if lazy:
            self.check_consumed(node, name)
        if lazy or obj in SUMMING or getattr(obj, "__module__", "") == "statistics":
            node = self.run_over(node)
        definition = self.definition_of(obj, node)
        if definition is None:
            return super().call(node, callee)
        if node.args and isinstance(node.args[0], gast.GeneratorExp):
            self.consumed.add(node.args[0])
        with self.made_ahead(*node.args if lazy else ()):
            args, keywords = self.given_arguments(node)
        with self.taken_from(self.named_in(taken)[0]):
            return self.by_definition(node, definition, obj, name, args, keywords)

    def run_over(self, node: gast.Call) -> gast.Call:
        """A call whose arguments are run over: of `zip(...)` the list of its items."""
        args = [self.as_items(a) for a in node.args]
        self.consumed.update(args)
        return gast.copy_location(gast.Call(node.func, args, node.keywords), node)

    def by_definition(
        self,
        node: gast.Call,
        definition: Definition,
        obj: Any,
        name: str,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        """What a definition gives for arguments."""
        args = [self.range_array(a) if a in self.ranges else a for a in args]
        args, more = by_their_names(definition, obj, args)
        keywords = more | keywords
        signature = inspect.signature(definition.function)
        try:
            given = signature.bind(*args, **keywords)
        except TypeError as error:
            self.refuse(node, f"{name}() is not supported like this: {error}")
        for which in definition.arrays:
            item = given.arguments.get(which)
            if isinstance(item, Seq):
                given.arguments[which] = self.array(item)
        outer, self.users_text = self.users_text, False  # no defaults in the output
        try:
            if definition.is_text:
                return self.rewritten(node, definition, given)
            return self.defined(node, definition, given)
        finally:
            self.users_text = outer

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        """`x.sum(where=c)` as `np.sum(x, where=c)`."""
        if isinstance(base, Value) and isinstance(bound(base.type), Array):
            if name == "view" and not node.args and not node.keywords:
                return self.evaluated(node, "x[...]", x=base)
            if name in ("conj", "conjugate") and not node.args:
                if kind_of(base.type) != "complex":
                    return base  # NumPy gives real arrays themselves
            if name == "astype" and (same := self.astype(node, base)) is not None:
                return same
            obj = getattr(np, name, None)
            definition = self.definition_of(obj, node)
            plain = definition is None or definition.when is bool
            if definition is not None and not (plain and name in self.rules.by_method):
                args, keywords = self.given_arguments(node)
                if len(args) < definition.at:
                    self.refuse(
                        node, f"these arguments of .{name}() must have no names"
                    )
                args.insert(definition.at, base)
                what = f".{name}"
                return self.by_definition(node, definition, obj, what, args, keywords)
        return super()._method_call(node, base, name)

    def astype(self, node: gast.Call, base: Value) -> Bound | None:
        """`x.astype(dtype, copy=...)`: without a copy it may be the array itself."""
        copies = [k for k in node.keywords if k.arg == "copy"]
        if not copies:
            return None
        copy = self.value(copies[0].value)
        if not copy.is_const:
            self.refuse(node, "whether .astype() copies must be known when compiling")
        rest = [k for k in node.keywords if k not in copies]
        call = gast.copy_location(gast.Call(node.func, node.args, rest), node)
        made = self.pack(super()._method_call(call, base, "astype"))
        return made if copy.const or bound(made.type) != bound(base.type) else base

    def refuse_missing(self, node: gast.AST, item: Bound) -> None:
        """Refuse to return what has no rule, as a part of what is returned."""
        super().refuse_missing(node, item)
        if any(value.const is Missing for value in flat(item)):
            self.refuse(node, "a part of what is returned has no derivative rule")

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        """In a definition, numbers that are known decide which branch is built."""
        out = super().binary(node, kind, left, right)
        if self.standing is not None and isinstance(left, Value):
            if left.is_const and isinstance(right, Value) and right.is_const:
                return self.const(self.rules[kind].run(left.const, right.const))
        return out

    def definition_of(self, obj: Any, node: gast.Call) -> Definition | None:
        """The definition of a function, if it is for this call."""
        found = DEFINITIONS.get(key_of(obj))
        if found is None or found in self.being_built or not found.when(node):
            return None
        return found

    def rewritten(
        self, node: gast.Call, definition: Definition, given: inspect.BoundArguments
    ) -> Bound:
        """What the text of a definition gives."""
        given.apply_defaults()
        parts: dict[str, Bound] = {}
        for name, item in given.arguments.items():
            if isinstance(item, tuple):  # of `*xs`
                item = Seq("tuple", item)
            parts[name] = item if isinstance(item, Value | Seq) else self.const(item)
        kinds = given.signature.parameters
        args: list[Bound] = []
        keywords: dict[str, Bound] = {}
        for name, item in parts.items():
            if kinds[name].kind is inspect.Parameter.VAR_POSITIONAL:
                assert isinstance(item, Seq)
                args += item.items
            elif kinds[name].kind is inspect.Parameter.KEYWORD_ONLY:
                keywords[name] = item
            else:
                args.append(item)
        self.being_built.append(definition)
        try:
            write = partial(definition.function, *args, **keywords)
            more: dict[str, Bound] = {}
            for name, obj in definition.names:
                more[name] = self.library(name, obj)
            return self.from_text(node, write, more | parts)
        finally:
            self.being_built.pop()

    def library(self, name: str, obj: Any) -> Value:
        """What a text names besides NumPy, which the program may name otherwise."""
        return self.const(obj, self.source(id(obj), name, lambda: obj))

    def from_text(
        self, node: gast.AST, write: Callable[[], str], parts: dict[str, Bound]
    ) -> Bound:
        """What a text gives that depends on what the parts are made of."""
        try:
            text = write()
        except UnsupportedError as error:
            self.refuse(node, error.message, error.advice or "")
        modules = {"np": self.const(np, "np"), "math": self.const(math, "math")}
        modules["missing"] = self.const(Missing, "missing")
        return self.evaluated(node, text, **(modules | parts))

    def item_of_object(self, node: gast.Subscript, base: Value) -> Bound:
        """`np.r_[...]` and its like."""
        write = INDEXED.get(id(base.const))
        if write is None:
            return super().item_of_object(node, base)
        index = node.slice
        nodes = index.elts if isinstance(index, gast.Tuple) else [index]
        if isinstance(index, gast.Tuple) and len(nodes) == 1:
            self.refuse(node, "a tuple of one index is not supported here")
        parts = [self._index_expression(n) for n in nodes]
        triples = (Seq("tuple", p.items) if is_slice(p) else p for p in parts)
        text = partial(self.from_text, node, partial(write, *parts))
        named: dict[str, Bound] = {"p": Seq("tuple", tuple(triples))}
        outer, self.users_text = self.users_text, False
        try:
            if not all(map(is_slice, parts)) or any(
                may_vary(v) for p in parts for v in flat(p)
            ):
                return text(named)
            with self.branch():  # of a grid of integers the type is wanted only
                of = bound(self.pack(text(named)).type)
        finally:
            self.users_text = outer
        codes: list[str] = []
        operands: list[Value] = []
        for part in parts:
            self._position(node, part, codes, operands)
        names = ("x",) + ("index",) * len(operands)
        return self.emit(
            "getitem", [base, *operands], names, type=of, index=tuple(codes)
        )

    def defined(
        self, node: gast.Call, definition: Definition, given: inspect.BoundArguments
    ) -> Bound:
        """What the function of a definition returns."""
        function: Any = definition.function
        closure = self.definition(function, function.__name__, node)
        outer = self.standing
        self.standing = outer or self.origin_of(node)
        try:
            return self.inlined(node, closure, given.args, given.kwargs)
        finally:
            self.standing = outer

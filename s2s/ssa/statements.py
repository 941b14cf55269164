"""Statements without control flow to SSA.

In: assignments, calls for their effect, `raise`, `assert`. Out: names bound anew, and
operations with effects.

    a, b = b, a + b     ->     t = a1 + b1     (a means b1 now, and b means t)
"""

from __future__ import annotations

import logging
import time
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import UnsupportedError
from s2s.ssa.bound import Bound, Ends, Seq, Unbound, plain
from s2s.ssa.calls import module_of
from s2s.ssa.expr import is_call_of
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.rest import RestBuilder
from s2s.ssa.types import (
    ERROR,
    Array,
    List,
    Tuple,
    bound,
    described,
)

if TYPE_CHECKING:
    from s2s.rules import Rules

LOGS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


class StatementBuilder(RestBuilder):
    """Builds statements, one after the other."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region, objects)
        # names of numbers, kept in the output
        self.constants: frozenset[str] = frozenset()
        self.literals: dict[str, Value] = {}
        self.dead = False  # after a raise

    def block(self, statements: list[gast.stmt]) -> None:
        for statement in statements:
            if self.dead:
                return
            self.statement(statement)

    def statement(self, node: gast.stmt) -> None:
        if self.dead:
            return
        self.origin, self.at = self.origin_of(node), node
        self.stored_by.clear()
        if self.pending:  # what the statement around has evaluated was taken up
            self.pending[-1].clear()
        self.pending.append([])
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"`{type(node).__name__}` statements are not supported")
        depth, turn = self.depth, self.turn
        self.next_turn()
        try:
            method(node)
        except (Unbound, Ends):
            self.dead, self.depth = True, depth
        finally:
            self.pending.pop()
            self.turn = turn
        if not self.depth:
            self.refuse_unbound()

    def refuse_unbound(self) -> None:
        """Inside a loop, what an earlier iteration binds is only known in the end."""
        for node, origin in self.unbound:
            what = f"`{node.id}`" if isinstance(node, gast.Name) else "an item"
            raise UnsupportedError(f"{what} is read before it is assigned", origin)

    def _Pass(self, node: gast.Pass) -> None:
        """Nothing to do."""

    def _Global(self, node: gast.Global) -> None:
        """Which names are global is known from the text as a whole."""

    def _Assign(self, node: gast.Assign) -> None:
        item = self.expr(node.value)
        self.origin = self.origin_of(node)
        for target in node.targets:
            self.assign(target, item)

    def assign(self, target: gast.expr, item: Bound) -> None:
        self.next_turn()
        match target:
            case gast.Name(id=name):
                self.env[name] = self.named(item, plain(name))
            case gast.Tuple(elts=elts) | gast.List(elts=elts):
                if any(isinstance(e, gast.Starred) for e in elts):
                    elts, items = self.with_rest(target, elts, item)
                else:
                    items = self.items_of(target, item, len(elts))
                if len(items) != len(elts):
                    self.refuse(target, f"{len(items)} values for {len(elts)} names")
                for element, part in zip(elts, items, strict=True):
                    self.assign(element, part)
            case gast.Subscript():
                self.assign_item(target, item)
            case gast.Attribute():
                self.assign_attribute(target, item)
            case _:
                self.refuse(target, "this assignment is not supported yet")

    def assign_attribute(self, node: gast.Attribute, item: Bound) -> None:
        """`base.attr = item`."""
        raise NotImplementedError

    def augment_attribute(self, node: gast.AugAssign) -> None:
        """`base.attr += value`."""
        raise NotImplementedError

    def items_of(self, node: gast.AST, item: Bound, count: int) -> tuple[Bound, ...]:
        """The values that unpacking an object into `count` names gives."""
        item = self.iterated(node, item)
        if isinstance(item, Seq):
            return item.items
        of = bound(item.type)
        if isinstance(of, Tuple):
            return self.unpack(item).items
        if not isinstance(of, Array | List) or (isinstance(of, Array) and not of.rank):
            self.refuse(node, f"{described(of)} cannot be unpacked here")
        if places := self.places_in(item, count):
            self.check_count(item, count)
            return places
        args = [item, self.const(count)]
        whole = self.emit("unpack", args, ("x", "count"))
        items = self.unpack(whole).items
        if isinstance(of, Array) and of.rank > 1:
            self.rows(item, items)
        return items

    def so_many(self, node: gast.AST, item: Bound, count: int) -> tuple[Bound, ...]:
        """The arguments that `*item` gives to a function, which takes so many."""
        of = None if isinstance(item, Seq) else bound(item.type)
        if isinstance(item, Value) and isinstance(of, Array | List):
            known = isinstance(of, Array) and of.rank and of.shape[0]
            if not known or (known.sym, known.off) != ("", count):
                self.check_count(item, count, TypeError, "arguments")
        return self.items_of(node, item, count)

    def check_count(
        self,
        xs: Value,
        count: int,
        error: type[Exception] = ValueError,
        what: str = "items to unpack",
    ) -> None:
        """Fail where a list has not as many items as there are names for them."""
        more = self.emit("ne", [self.emit("len", [xs]), self.const(count)])
        self.raise_if(more, error, f"there must be {count} {what}")

    def named(self, item: Bound, name: str) -> Bound:
        """The first name a value is bound to is its name in the output."""
        if isinstance(item, Seq):
            return item
        if item.op is not None and item.op.kind == "flat":
            advice = "write it where it is indexed: `x.flat[i]`"
            raise UnsupportedError("`.flat` has no name here", self.origin, advice)
        if item.is_const and name in self.constants:
            self.literals[name] = item
            return self.const(item.const, name, of=name)
        if item.role in ("temp", "index") and not item.is_const:
            item.hint, item.role = name, "user"
        return item

    def _AugAssign(self, node: gast.AugAssign) -> None:
        if isinstance(node.target, gast.Subscript):
            self.augment_item(node)
        elif isinstance(node.target, gast.Attribute):
            self.augment_attribute(node)
        else:
            self.augment_name(node)

    def _Expr(self, node: gast.Expr) -> None:
        call = node.value
        callee = self.tells(call)
        if callee is not None and isinstance(call, gast.Call):
            args = [self.pack(i) for i in self.items_given(call.args)]
            options = {str(k.arg): self.value(k.value) for k in call.keywords}
            names = ("x",) * len(args) + tuple(options)
            attrs = {} if callee.const is print else {"of": callee.const}
            if attrs:
                attrs["maker"] = self.teller(callee)
            self.append(Op("print", [*args, *options.values()], names, attrs))
            return
        of = getattr(getattr(call, "func", None), "value", None)  # of a method
        look = of is not None and not is_call_of(of, "super")
        with self.looking(of) if look else nullcontext():
            if not (isinstance(call, gast.Call) and self.changing_call(call)):
                self.pending[-1].clear()  # what was looked at is taken up now
                self.expr(call)

    def tells(self, call: gast.AST) -> Value | None:
        """The function that is called for what it tells people, if it is one."""
        func = getattr(call, "func", None)
        while isinstance(func, gast.Attribute):
            func = func.value
        if not isinstance(func, gast.Name):
            return None
        root = self.expr(func)
        if not (isinstance(root, Value) and root.is_const):
            return None
        callee = self.expr(call.func)
        known = isinstance(callee, Value) and is_for_people(callee.const)
        return callee if isinstance(callee, Value) and known else None

    def teller(self, callee: Value) -> str:
        """What it is called in the output: loggers are known by names of their own."""
        method, of = callee.const.__name__, getattr(callee.const, "__self__", None)
        if not isinstance(of, logging.Logger):
            return self.external(callee.const, method)
        name = str(callee.spelling).split(".")[-2]
        return f"{self.external(of, name)}.{method}"

    def external(self, obj: Any, name: str) -> str:
        """The name of a class or function in the output."""
        raise NotImplementedError

    def _Raise(self, node: gast.Raise) -> None:
        """What it comes `from` is an exception that was caught, or None."""
        call = node.exc
        if call is None:
            self.effect("raise", [])
            self.dead = True
            return
        func, args = (
            (call.func, call.args) if isinstance(call, gast.Call) else (call, [])
        )
        if isinstance(call, gast.Call) and call.keywords:
            self.refuse(node, "exceptions with keyword arguments are not supported")
        error = self.expr(func)
        assert isinstance(error, Value)
        if bound(error.type) != ERROR and not isinstance(error.const, type):
            self.refuse(node, "only exception classes can be raised")
        values = [error, *(self.value(a) for a in args)]
        names = ["x"] * len(values)
        if isinstance(node.cause, gast.Name | gast.Constant):
            values.append(self.value(node.cause))
            names.append("cause")
        self.append(Op("raise", values, tuple(names)))
        self.dead = True

    def _Assert(self, node: gast.Assert) -> None:
        cond = self.condition(node.test)
        with self.branch() as failed:
            args = [self.value(node.msg)] if node.msg else []
            self.effect("raise", [self.const(AssertionError, "AssertionError"), *args])
        op = Op("if", [cond], ("cond",), {"form": "assert"}, [Region(), failed])
        self.append(op)


def is_for_people(obj: Any) -> bool:
    """Whether a function is called for what it shows: it changes none of its arguments.

    That goes for what draws, too, where nothing is done with what it returns.
    """
    if obj is print or obj is warnings.warn or obj is time.sleep:
        return True
    return module_of(obj) == "matplotlib" or logs(obj)


def logs(obj: Any) -> bool:
    """Whether a function writes to a log, and returns nothing."""
    home, name = getattr(obj, "__self__", logging), getattr(obj, "__name__", "")
    known = home is logging or isinstance(home, logging.Logger)
    return known and name in LOGS and bool(obj == getattr(home, name))

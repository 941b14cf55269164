"""The builder: a desugared function and its signature become typed SSA.

One abstract interpretation of names and types. A loop is built again until the types of
its slots no longer change; a branch that is decided by the signature is not built.

In:

    def f(x, n):
        for i in range(n):
            x = x * x
        return x

Out, for a float and an int:

    f(x: float, n: int):
        for i in range(0, n, 1) with x1 = x:
            x2 = x1 * x1
            yield x2
        return x3
"""

from __future__ import annotations

import builtins
import inspect
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.errors import Origin
from s2s.parse.source import Parsed
from s2s.ssa.bound import Bound, Seq, Unbound, flat
from s2s.ssa.emit import const_type
from s2s.ssa.ir import Function, Region, Value
from s2s.ssa.lists import Grows
from s2s.ssa.loops import LoopBuilder
from s2s.ssa.memory import Meeting
from s2s.ssa.types import (
    UNDEF,
    Clash,
    Maybe,
    Static,
    Tuple,
    Type,
    bound,
    described,
    typeof,
)

if TYPE_CHECKING:
    from s2s.rules import Rules


def build(
    parsed: Parsed, core: gast.FunctionDef, types: dict[str, Type], rules: Rules
) -> Function:
    """SSA of the function for arguments of the given types.

    `attrs["globals"]` of the result maps each global that is read to its value in the
    body; `attrs["params"]` and `attrs["result"]` say how parameters and the returned
    object are made up of values.
    """
    objects: frozenset[gast.AST] = frozenset()
    while True:
        try:
            return Builder(parsed, rules, objects).function(core, types)
        except Grows as grows:
            objects |= grows.nodes


class Builder(LoopBuilder):
    def __init__(
        self, parsed: Parsed, rules: Rules, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, Region(), objects)
        self.parsed = parsed
        self.params: dict[str, Bound] = {}
        self.globals: dict[str, Value] = {}
        self.externals: dict[str, Any] = {}
        self.statics: dict[str, Any] = {}
        self.meeting = Meeting(self)

    def function(self, core: gast.FunctionDef, types: dict[str, Type]) -> Function:
        for name, type in types.items():
            param = Value(type, name, "user")
            self.region.params.append(param)
            if isinstance(type, Static):  # known: decides branches while compiling
                self.params[name] = self.env[name] = self.const(type.value)
                continue
            self.params[name] = self.env[name] = self.opened(param)
        body = self.region
        self.arguments = {v for item in self.params.values() for v in flat(item)}
        self.core = core
        self.constants = constant_names(core)
        for statement in core.body[:-1]:
            self.statement(statement)
        last = core.body[-1]
        assert isinstance(last, gast.Return)
        result: Bound = self.const(None)
        if not self.dead and last.value is not None:
            self.origin, self.at = self.origin_of(last.value), last
            with suppress(Unbound):
                result = self.closed(self.named(self.expr(last.value), "value"))
                result = self.fresh_item(result)
            self.refuse_unbound()
        body.results = flat(result)
        attrs = {
            "params": self.params,
            "globals": self.globals,
            "externals": self.externals,
            "statics": self.statics,
            "literals": self.literals,
            "result": result,
            "result_origin": self.origin,
            "types": types,
            "contiguous": self.contiguous,
            "rebound": self.rebound,
        }
        return Function(self.parsed.name, body, self.parsed.origin(core), attrs)

    def opened(self, value: Value) -> Bound:
        """Arguments that are tuples, as sequences of their items."""
        if not isinstance(value.type, Tuple):
            return value
        items = self.items(value)
        for k, item in enumerate(items):
            item.hint = f"{value.hint}_{k}"
        return Seq("tuple", tuple(self.opened(i) for i in items))

    def closed(self, item: Bound) -> Bound:
        """A result with every tuple-typed value taken apart."""
        if isinstance(item, Seq):
            return Seq(item.kind, tuple(map(self.closed, item.items)))
        if isinstance(item.type, Tuple) and not item.is_const:
            return self.closed(self.unpack(item))
        return item

    # names ----------------------------------------------------------------

    def origin_of(self, node: gast.AST) -> Origin | None:
        return self.parsed.origin(node)

    def _Name(self, node: gast.Name) -> Bound:
        item = self.fresh_item(self.checked(super()._Name(node), node))
        if node.id in self.env:
            self.env[node.id] = item
        return item

    def checked(self, item: Bound, node: gast.Name) -> Bound:
        """What a name stands for where it is read, and from there on.

        There it surely is bound: else the derivative fails where the primal does.
        """
        if isinstance(item, Seq):
            return item.of(self.checked(i, node) for i in item.items)
        if item.type == UNDEF:
            self.unbound.append(node)
            raise Unbound
        of = bound(item.type)
        if isinstance(of, Clash):
            self.refuse(
                node,
                f"`{node.id}` has two types that do not go together here: "
                + described(item.type),
                "use two names, or make both paths give the same type",
            )
        if isinstance(item.type, Maybe) and node.id in self.parsed.locals:
            return self.emit("bound", [item], ("x",), item.hint, item.role, of)
        return item

    def outer_name(self, node: gast.Name) -> Bound:
        name = node.id
        if name in self.parsed.locals:
            self.refuse(node, f"`{name}` is read before it is assigned")
        if name in self.parsed.closure:
            try:
                obj = self.parsed.closure[name].cell_contents
            except ValueError:
                self.refuse(node, f"closure variable `{name}` has no value yet")
        elif name in self.parsed.globals:
            obj = self.parsed.globals[name]
        elif hasattr(builtins, name):
            obj = getattr(builtins, name)
        else:
            self.refuse(node, f"name `{name}` is not defined")
        if isinstance(const_type(obj), Static) and not isinstance(
            obj, np.ndarray | np.generic | list
        ):
            if isinstance(obj, type) and issubclass(obj, BaseException):
                self.externals[name] = obj
            return self.static(name, obj)
        return self.outer_attribute(name, obj, node)

    def static(self, path: str, obj: Any) -> Value:
        """A global known by identity: another one at a later call is compiled anew."""
        if inspect.ismodule(obj) or getattr(builtins, path, self) is obj:
            return self.const(obj, path)
        if isinstance(obj, type) and issubclass(obj, BaseException):
            return self.const(obj, path)
        self.statics[path] = obj
        literal = obj is None or isinstance(obj, str | np.dtype)
        number = isinstance(obj, type) and issubclass(obj, np.generic)
        if literal or number:
            return self.const(obj)  # printed as what it is
        return self.const(obj, path)

    def outer_attribute(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """A global variable: read when the derivative is called, never frozen."""
        if path not in self.globals:
            self.globals[path] = Value(typeof(obj, path), path, "global")
        value = self.globals[path]
        return self.unpack(value) if isinstance(value.type, Tuple) else value


def leaves(function: Function, names: list[str]) -> list[Value]:
    """The values that parameters are made up of, items of tuples among them.

    What takes an unread item out of its tuple may be gone as dead code; it is put back.
    """
    ops = function.body.ops
    values = [v for name in names for v in flat(function.attrs["params"][name])]
    for value in values:
        op = value.op
        while op is not None and op not in ops:
            ops.insert(0, op)
            op = op.args[0].op
    return values


def constant_names(core: gast.FunctionDef) -> set[str]:
    """Names that are only ever bound to one number: `dt = 0.01` at the top level.

    They keep their names in the output.
    """
    stores = Counter(
        n.id
        for n in gast.walk(core)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store | gast.Param)
    )
    return {
        s.targets[0].id
        for s in core.body
        if isinstance(s, gast.Assign)
        and len(s.targets) == 1
        and isinstance(s.targets[0], gast.Name)
        and stores[s.targets[0].id] == 1
        and is_number(s.value)
    }


def is_number(node: gast.expr) -> bool:
    """A numeric literal, perhaps with a minus."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        node = node.operand
    return isinstance(node, gast.Constant) and type(node.value) in (int, float, complex)

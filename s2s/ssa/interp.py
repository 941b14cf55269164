"""The reference interpreter of SSA: pure values, no aliasing.

In: a function, rules and arguments. Out: its flat results. It separates a wrong
transform from wrong printing: printed code must agree with it.

>>> import s2s.templates
>>> from s2s.rules import RULES
>>> from s2s.ssa.ir import Function, Op, Region, Value
>>> from s2s.ssa.types import FLOAT
>>> x = Value(FLOAT, "x")
>>> f = Function("f", Region([x]))
>>> f.body.results = [f.body.add(Op("mul", [x, x], ("x", "y")), FLOAT)]
>>> interpret(f, RULES, [3.0])
[9.0]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Function, Op, Region, Value, loop_parts
from s2s.ssa.types import UNDEF

if TYPE_CHECKING:
    from s2s.rules import Rules

UNBOUND = object()
ReadGlobal = Callable[[str], Any] | None
CONVERSIONS: dict[str, Callable[[Any], str]] = {"s": str, "r": repr, "a": ascii}


def interpret(
    function: Function,
    rules: Rules,
    args: list[Any],
    read_global: ReadGlobal = None,
) -> list[Any]:
    """The results of the function for run-time arguments.

    A name read while unbound raises UnboundLocalError, as in the primal.
    """
    return Interpreter(rules, read_global).function(function, args)


class Interpreter:
    """Values by SSA value; regions write into one table, each time anew."""

    def __init__(self, rules: Rules, read_global: ReadGlobal = None) -> None:
        self.rules = rules
        self.read_global = read_global
        self.values: dict[Value, Any] = {}

    def function(self, function: Function, args: list[Any]) -> list[Any]:
        for path, value in function.attrs.get("globals", {}).items():
            assert self.read_global is not None
            self.values[value] = self.read_global(path)
        return self.region(function.body, args)

    def read(self, value: Value) -> Any:
        out = self.carry(value)
        if out is UNBOUND:
            raise UnboundLocalError(
                f"cannot access local variable '{value.hint}' "
                "where it is not associated with a value"
            )
        return out

    def carry(self, value: Value) -> Any:
        """A value that is passed on only: it may be unbound."""
        if value.type == UNDEF:
            return UNBOUND
        return value.const if value.is_const else self.values[value]

    def region(self, region: Region, args: list[Any], last: bool = True) -> list[Any]:
        self.values.update(zip(region.params, args, strict=True))
        for op in region.ops:
            results = self.op(op)
            self.values.update(zip(op.results, results, strict=True))
        return [self.carry(v) for v in region.results]

    def op(self, op: Op) -> list[Any]:
        special = getattr(self, f"_{op.kind}", None)
        if special is not None:
            return special(op)
        return [self.rules.run(op, [self.read(a) for a in op.args])]

    def _if(self, op: Op) -> list[Any]:
        form = op.attrs.get("form")
        if form == "with":
            with self.read(op.args[0])():
                return self.region(op.regions[0], [])
        if form == "try":
            try:
                return self.region(op.regions[0], [])
            except self.read(op.args[0]):
                return self.region(op.regions[1], [])
        branch = op.regions[0] if self.read(op.args[0]) else op.regions[1]
        return self.region(branch, [])

    def _for(self, op: Op) -> list[Any]:
        start, stop, step = (self.read(a) for a in op.args[:3])
        state = [self.carry(a) for a in op.args[3:]]
        skip = loop_parts(op)[2]
        for i in range(start, stop, step):
            out = self.region(op.regions[0], [i, *state])
            state = out[skip:]
            if skip and out[0]:
                break
        return state

    def _while(self, op: Op) -> list[Any]:
        state = [self.carry(a) for a in op.args]
        skip = loop_parts(op)[2]
        test, body = op.regions
        while self.region(test, state)[0]:
            out = self.region(body, state)
            state = out[skip:]
            if skip and out[0]:
                break
        return state

    def _pullback(self, op: Op) -> list[Any]:
        frozen = dict(self.values)

        def pullback(*cotangents: Any) -> list[Any]:
            inner = Interpreter(self.rules, self.read_global)
            # it may be called again: the stacks that its loops drain must stay
            inner.values = {
                k: list(v) if k.role == "stack" else v for k, v in frozen.items()
            }
            return inner.region(op.regions[0], list(cotangents))

        return [pullback]

    def _call(self, op: Op) -> list[Any]:
        function = op.attrs["callee"].body
        run = Interpreter(self.rules, self.read_global)
        flat = iter(run.function(function, [self.read(a) for a in op.args]))
        return [structured(function.attrs["result"], flat)]

    def _stack(self, op: Op) -> list[Any]:
        return [[]]

    def _copy_stack(self, op: Op) -> list[Any]:
        return [list(self.read(op.args[0]))]

    def _alias(self, op: Op) -> list[Any]:
        return [self.read(op.args[0])]

    _bound = _copy = _hand = _alias

    def _push(self, op: Op) -> list[Any]:
        stack, value = op.args
        self.read(stack).append(self.read(value))
        return []

    def _pop(self, op: Op) -> list[Any]:
        return [self.read(op.args[0]).pop()]

    def _truncate(self, op: Op) -> list[Any]:
        stack, count = op.args
        del self.read(stack)[self.read(count) :]
        return []

    def _print(self, op: Op) -> list[Any]:
        pairs = [(n, self.read(a)) for n, a in zip(op.names, op.args, strict=True)]
        options: dict[str, Any] = {n: v for n, v in pairs if n != "x"}
        tell = op.attrs.get("of", print)
        tell(*(v for n, v in pairs if n == "x"), **options)
        return []

    def _set_global(self, op: Op) -> list[Any]:
        """Nothing in the program reads it."""
        return []

    def _raise(self, op: Op) -> list[Any]:
        if not op.args:
            raise
        pairs = [(n, self.read(a)) for n, a in zip(op.names, op.args, strict=True)]
        error, *args = (v for n, v in pairs if n == "x")
        made = error(*args) if isinstance(error, type) else error
        if "cause" in op.names:
            raise made from dict(pairs)["cause"]
        raise made

    def _caught(self, op: Op) -> list[Any]:
        return [sys.exception()]

    def _type(self, op: Op) -> list[Any]:
        return [type(self.read(op.args[0]))]

    def ___name__(self, op: Op) -> list[Any]:
        return [self.read(op.args[0]).__name__]

    def _isinstance(self, op: Op) -> list[Any]:
        return [isinstance(*map(self.read, op.args))]

    def _fstring(self, op: Op) -> list[Any]:
        return [formatted(op.attrs["parts"], [self.read(a) for a in op.args])]

    def _text(self, op: Op) -> list[Any]:
        pairs = [(n, self.read(a)) for n, a in zip(op.names, op.args, strict=True)]
        text, *args = (v for n, v in pairs if n == "x")
        options = {n: v for n, v in pairs if n != "x"}
        return [getattr(text, op.attrs["name"])(*args, **options)]


def structured(shape: Bound, values: Iterator[Any]) -> Any:
    """What a function of its own returns: the tuple of its results, if several."""
    if isinstance(shape, Seq):
        return tuple(structured(item, values) for item in shape.items)
    return next(values)


def formatted(parts: list[Any], values: list[Any]) -> str:
    """An f-string: text, and (conversion, specification) of each value.

    >>> formatted(["x = ", (-1, ".2f")], [1.0])
    'x = 1.00'
    """
    rest = iter(values)
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
            continue
        conversion, spec = part
        value = next(rest)
        if conversion != -1:
            value = CONVERSIONS[chr(conversion)](value)
        out.append(format(value, spec))
    return "".join(out)

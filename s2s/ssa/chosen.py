"""Functions that are chosen at run time, among some that are known.

In: an `if`, or a place in a list or dict, that gives one of several functions. Out: an
object that stands for the choice; where it is called, there is an `if` with a call in
each of its branches.

    f = np.sin if x > c else np.cos     ->     y = np.sin(x) if x > c else np.cos(x)
    y = f(x)

    y = rules[name](x)                  ->     if name == "midpoint": y = midpoint(x)
                                               elif name == "simpson": y = simpson(x)
                                               else: raise KeyError(name)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import gast

from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.displays import DisplayBuilder
from s2s.ssa.ir import Op, Value
from s2s.ssa.scopes import Chosen, Closure, Partial, Place, is_function
from s2s.ssa.types import BOOL

TRIED = ("try", "with")  # forms of an `if` whose condition is whether it failed


class ChosenBuilder(DisplayBuilder):
    """Calls what is chosen at run time."""

    def choice(
        self, op: Op, mark: int, a: Value | None, b: Value | None
    ) -> Value | None:
        """What stands for one of two functions after an `if`, None if these are none.

        They may hold what was made before `mark`, where the branches begin.
        """
        if a is None or b is None or a.const is b.const or op.attrs["form"] in TRIED:
            return None
        known = all(f.is_const and is_function(f.type) for f in (a, b))
        if not known or not all(holds_only(f.const, mark) for f in (a, b)):
            return None
        then, other = self.seen_after(op, 0, a, mark), self.seen_after(op, 1, b, mark)
        return self.const(Chosen(op.args[0], then, other), "chosen")

    def seen_after(self, op: Op, k: int, function: Value, mark: int) -> Value:
        """The function, its conditions made results of the branch that they are in."""
        obj = function.const
        if not isinstance(obj, Chosen):
            return function
        cond = obj.cond
        if isinstance(cond, Value) and not is_older(cond, mark):
            op.regions[k].results.append(cond)
            op.regions[1 - k].results.append(self.const(False))
            cond = Value(BOOL, op=op)
            op.results.append(cond)
        then, other = (
            self.seen_after(op, k, f, mark) for f in (obj.then, obj.otherwise)
        )
        return self.const(Chosen(cond, then, other), "chosen")

    def has_source(self, obj: Any) -> bool:
        return isinstance(obj, Chosen) or super().has_source(obj)

    def call_user(
        self,
        node: gast.AST,
        callee: Value,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        obj = callee.const
        if not isinstance(obj, Chosen):
            return super().call_user(node, callee, args, keywords)
        return self.choose(
            self.condition_of(node, obj),
            lambda: self.call_with(node, obj.then, args, keywords),
            lambda: self.call_with(node, obj.otherwise, args, keywords),
            "ifexp",
        )

    def _Expr(self, node: gast.Expr) -> None:
        """A call whose result is not read: it may change what it is given."""
        call = node.value
        func = call.func if isinstance(call, gast.Call) else None
        callee = self.expr(func) if isinstance(func, gast.Name) else None
        if not isinstance(callee, Value) or not isinstance(callee.const, Chosen):
            super()._Expr(node)
            return
        assert isinstance(call, gast.Call)
        args, keywords = self.given_arguments(call)

        def run(function: Value) -> None:
            obj = function.const
            if isinstance(obj, Chosen):
                then, other = obj.then, obj.otherwise
                cond = self.condition_of(call, obj)
                self.either(node, cond, lambda: run(then), lambda: run(other))
            else:
                self.call_with(call, function, args, keywords)

        run(callee)

    def condition_of(self, node: gast.AST, obj: Chosen) -> Value:
        if isinstance(obj.cond, Value):
            return obj.cond
        return self.pack(self.evaluated(node, obj.cond.test, **obj.cond.parts))

    def _static_item(self, node: gast.AST, base: Seq, index: gast.AST) -> Bound:
        functions = [
            i for i in base.items if isinstance(i, Value) and is_function(i.type)
        ]
        if len(functions) < max(len(base.items), 2) or isinstance(index, gast.Slice):
            return super()._static_item(node, base, index)
        with self.looking(index) as key:
            one = len({code_of(f) for f in functions}) == 1
            if one or all(v.is_const for v in flat(key)):
                return super()._static_item(node, base, index)
            return self.one_of(base.kind, base.names, functions, key)

    def one_of(
        self,
        kind: str,
        names: Sequence[Any],
        functions: Sequence[Value],
        key: Bound,
    ) -> Value:
        """The function in some place; a call of it fails where there is none."""
        last = Partial(self.const(missing, "missing"), (key, self.const(kind)), {})
        found = self.const(last, "missing")
        count = len(functions)
        for k in reversed(range(count)):
            test, at = "key == k", {"k": self.const(names[k] if names else k)}
            if kind != "dict":
                test, at = "key in (k, back)", at | {"back": self.const(k - count)}
            place = Place(test, {"key": key, **at})
            found = self.const(Chosen(place, functions[k], found), "chosen")
        return found


def code_of(function: Value) -> Any:
    """What functions have in common that differ in what they hold."""
    obj = function.const
    if isinstance(obj, Partial):
        return code_of(obj.function)
    return obj.unit if isinstance(obj, Closure) else obj


def holds_only(obj: Any, mark: int) -> bool:
    """Whether what a function holds had been made before the value of that number."""
    if isinstance(obj, Closure):
        return all(is_older(d, mark) for d in obj.defaults)
    if isinstance(obj, Partial):
        items = (*obj.args, *obj.keywords.values())
        inner = holds_only(obj.function.const, mark)
        return inner and all(is_older(i, mark) for i in items)
    if isinstance(obj, Chosen):
        inner = all(holds_only(f.const, mark) for f in (obj.then, obj.otherwise))
        at = obj.cond
        return inner and (isinstance(at, Value) or is_older(at.parts["key"], mark))
    return True


def is_older(item: Bound, mark: int) -> bool:
    return all(v.is_const or v.number < mark for v in flat(item))


def missing(key: Any, kind: str, *args: Any, **kwargs: Any) -> NoReturn:
    """What is called in place of a function that is not there."""
    if kind == "dict":
        raise KeyError(key)
    raise IndexError(f"{kind} index out of range")

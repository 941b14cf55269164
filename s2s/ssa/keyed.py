"""Dicts whose keys are found at run time, as objects: what makes them.

In: the expression. Out: a value of type `Dict`, of which each change makes a new
version, as of lists (see `lists`); keys stand for positions.

    d = {}                   d = dict()
    d[k] = v          ->     d1 = store(d, k, v)

A dict is such an object from the start if a key that is not known when compiling is
looked up in it anywhere: then `Grows` says which expression makes it, and the function
is built again.
"""

from __future__ import annotations

import collections
from collections.abc import Hashable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.dicts import is_iterator
from s2s.ssa.growing import hidden, loops_of
from s2s.ssa.ir import Value
from s2s.ssa.keyed_loops import KeyedLoopBuilder
from s2s.ssa.keyed_reads import EMPTY, is_keyed, is_known
from s2s.ssa.lists import Grows, is_list

if TYPE_CHECKING:
    from s2s.rules import Rule


class KeyedBuilder(KeyedLoopBuilder):
    """Evaluates what makes dicts with any keys."""

    def _Dict(self, node: gast.Dict) -> Bound:
        if self.grows(node):
            return self.displayed(node)
        with ExitStack() as stack:
            for key in node.keys:
                known = key is None or is_known(stack.enter_context(self.looking(key)))
                if not known:
                    raise Grows([node])
            return self.as_made(node, super()._Dict(node))

    def as_made(self, node: gast.AST, item: Bound) -> Bound:
        """A dict whose entries are known, and which expression makes it."""
        assert isinstance(item, Seq)
        return replace(item, made=Made(node, self.region))

    def displayed(self, node: gast.Dict) -> Value:
        """`{k: v}` as an object."""
        pairs = list(zip(node.keys, node.values, strict=True))
        first: list[tuple[Any, Value]] = []
        while pairs and isinstance(pairs[0][0], gast.Constant):
            key, value = pairs.pop(0)
            self.dict_key(key)
            first.append((key.value, self.held_value(value, self.expr(value))))
        made = self.named_at_once(node, self.keyed_dict(dict(first)))
        for key, value in pairs:
            if key is None:
                self.put_all(node, made, self.expr(value))
            else:
                k = self.dict_key(key)
                self.set_key(node, self.fresh(made), k, self.expr(value))
        return self.fresh(made)

    def named_at_once(self, node: gast.AST, made: Value) -> Value:
        """Give a new dict the name that it will be bound to."""
        if isinstance(self.at, gast.Assign) and self.at.value is node:
            if isinstance(self.at.targets[0], gast.Name):
                self.named(made, self.at.targets[0].id)
        return made

    def _DictComp(self, node: gast.DictComp) -> Bound:
        """A dict of entries that are known, or a loop that puts them in."""
        if not self.grows(node):
            return self.as_made(node, super()._DictComp(node))
        text = "d[key] = value"
        return self.filled(node, node, text, key=node.key, value=node.value)

    def dict_of_loops(self, node: gast.DictComp) -> Bound:
        raise Grows([node])

    def as_key(self, node: gast.AST, item: Bound) -> Hashable:
        if isinstance(node, gast.DictComp) and not is_known(item):
            raise Grows([node])
        return super().as_key(node, item)

    def filled(self, node: gast.AST, loops: Any, text: str, **parts: Any) -> Bound:
        """A dict that the loops of a comprehension fill by a statement."""
        name = hidden(node)
        self.env[name] = self.named_at_once(node, self.keyed_dict({}))
        step = quoted(text, node, d=name, **parts)
        self.own_loop(loops_of(loops, step))
        return self.fresh_item(self.env.pop(name))

    def _call_dict(self, node: gast.Call) -> Bound:
        if len(node.args) == 1 and not node.keywords:
            (arg,) = node.args
            if is_iterator(arg):
                known = self.known(arg)
                if known is None:
                    return self.of_pairs(node, arg)
                return self.as_made(node, self.from_pairs(arg, known))
            with self.looking(arg) as item:
                if is_keyed(item):
                    return self.pure("list_copy", [self.pack(item)])
                if is_list(item) and isinstance(item, Value):
                    return self.of_pairs(node, arg)
                return self.as_made(node, super()._call_dict(node))
        if self.grows(node) and not node.args:
            pairs = {str(k.arg): self.expr(k.value) for k in node.keywords}
            held = {k: self.held_value(node, v) for k, v in pairs.items()}
            return self.named_at_once(node, self.keyed_dict(held))
        return self.as_made(node, super()._call_dict(node))

    def of_pairs(self, node: gast.AST, pairs: gast.AST) -> Bound:
        """A dict of what a loop over pairs gives."""
        comp = quoted("[0 for k, v in xs]", node, xs=pairs, k="key", v="value").value
        return self.filled(node, comp, "d[k] = v", k="key", v="value")

    def call(self, node: gast.Call, callee: Value) -> Bound:
        if callee.const is collections.defaultdict:
            return self.with_default(node)
        if callee.const is collections.Counter:
            advice = "count in a dict: `c[k] = c.get(k, 0) + 1`"
            self.refuse(node, "a Counter is not supported", advice)
        if callee.const is FROMKEYS and len(node.args) == 2:
            return self.from_keys(node, *node.args)
        return super().call(node, callee)

    def from_keys(self, node: gast.Call, keys: gast.AST, value: gast.AST) -> Bound:
        """A comprehension: under all keys is one object, evaluated once."""
        comp = quoted("{k: v for k in xs}", node, k="key", v=value, xs=keys).value
        with ExitStack() as stack:
            for part in (keys, value):
                if not is_walk(part):
                    stack.enter_context(self.standing_for(part, self.expr(part)))
            return self.expr(comp)

    def apply(
        self, node: gast.Call, rule: Rule, args: list[Bound], *rest: Any, **more: Any
    ) -> Bound:
        if rule.kind == "add_dicts":  # in text that s2s wrote
            return self.pure(rule.kind, [self.pack(a) for a in args])
        return super().apply(node, rule, args, *rest, **more)

    def _static_attribute(self, node: gast.Attribute, base: Value) -> Bound:
        if base.const is dict and node.attr == "fromkeys":
            return self.const(FROMKEYS)
        return super()._static_attribute(node, base)

    def with_default(self, node: gast.Call) -> Value:
        """`defaultdict(float)`: a plain dict, and what a missing key gets."""
        if len(node.args) != 1 or node.keywords:
            self.refuse(node, "a defaultdict is supported with its factory alone")
        (factory,) = node.args
        call = gast.copy_location(gast.Call(factory, [], []), node)
        made = self.expr(factory)
        of = made.const if isinstance(made, Value) else None
        if of is list:
            return self.named_at_once(node, self.keyed_dict({}, EMPTY))
        if of in (dict, set):
            self.refuse(
                node, f"a defaultdict of {of.__name__}s is not supported yet",
                "keep numbers, arrays or lists, with pairs for keys: `d[i, j]`",
            )  # fmt: skip
        first = self.const(of()) if of in (float, int) else self.pack(self.expr(call))
        default = blank(first)
        if default is None:
            self.refuse(
                node, "a defaultdict must make a number, or zeros of known shape",
                "use a dict: `if k not in d: d[k] = ...`",
            )  # fmt: skip
        return self.named_at_once(node, self.keyed_dict({}, default))

    def put_all(self, node: gast.AST, d: Value, other: Bound) -> None:
        raise NotImplementedError

    def set_key(self, node: gast.AST, base: Value, key: Value, item: Bound) -> None:
        raise NotImplementedError


FROMKEYS = dict.fromkeys


def is_walk(node: gast.AST) -> bool:
    """Whether an expression can only be looped over."""
    called = node.func if isinstance(node, gast.Call) else None
    return is_iterator(node) or (isinstance(called, gast.Name) and called.id == "map")


def blank(value: Value) -> Any:
    """What tells a constant default: a number, or the shape of zeros; else None."""
    if value.is_const and isinstance(value.const, int | float):
        return value.const
    made = value.op
    if made is None or made.kind != "np.zeros" or len(made.args) != 1:
        return None
    shape = made.args[0].const
    return (shape,) if isinstance(shape, int | tuple) else None

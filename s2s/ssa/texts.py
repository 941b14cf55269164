"""Text to SSA: f-strings, `str`, methods of strings, and what operators make of them.

In: the expression. Out: a constant where all parts are known when compiling, else a
value of the type `TEXT`, which has no derivative.

    name = f"layer{k}"      ->      name = fstring("layer", k)  : text
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.interp import formatted
from s2s.ssa.ir import Value
from s2s.ssa.list_operands import OperandBuilder
from s2s.ssa.types import BOOL, INT, TEXT, Type, bound, is_text

if TYPE_CHECKING:
    from s2s.rules import Rule

LITERALS = bool, int, float, complex, str, type(None)
METHODS: dict[str, Type] = {
    **dict.fromkeys(("format", "join", "lower", "upper", "title", "capitalize"), TEXT),
    **dict.fromkeys(("strip", "lstrip", "rstrip", "removeprefix"), TEXT),
    **dict.fromkeys(("removesuffix", "casefold", "swapcase"), TEXT),
    **dict.fromkeys(("replace", "center", "ljust", "rjust", "zfill"), TEXT),
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha"), BOOL),
    **dict.fromkeys(("isupper", "islower", "isspace", "isidentifier"), BOOL),
    **dict.fromkeys(("index", "rindex", "find", "rfind", "count"), INT),
}


class TextBuilder(OperandBuilder):
    """Evaluates what makes text of values."""

    def _JoinedStr(self, node: gast.JoinedStr) -> Value:
        values: list[Value] = []
        parts: list[Any] = []
        for part in node.values:
            if isinstance(part, gast.Constant):
                parts.append(part.value)
                continue
            assert isinstance(part, gast.FormattedValue)
            values.append(self.value(part.value))
            spec = part.format_spec.values if part.format_spec else []
            if not all(isinstance(s, gast.Constant) for s in spec):
                self.refuse(node, "format specifications must be constant")
            parts.append((part.conversion, "".join(s.value for s in spec)))
        if all(map(is_literal, values)):
            return self.const(formatted(parts, [v.const for v in values]))
        names = ("x",) * len(values)
        return self.emit("fstring", values, names, "text", type=TEXT, parts=parts)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if obj in (str, repr) and len(node.args) == 1 and not node.keywords:
            value = self.value(node.args[0])
            if is_literal(value):
                return self.const(obj(value.const))
            kind: str = obj.__name__
            return self.emit(kind, [value], ("x",), "text")
        return super().call(node, callee)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if isinstance(base, Value) and is_text(bound(base.type)):
            return self.text_method(node, base, name)
        return super()._method_call(node, base, name)

    def item_of_object(self, node: gast.Subscript, base: Value) -> Bound:
        if not isinstance(base.const, str):
            return super().item_of_object(node, base)
        letters = Seq("tuple", tuple(map(self.const, base.const)))
        found = self._static_item(node, letters, node.slice)
        if isinstance(found, Value):
            return found
        return self.const("".join(v.const for v in flat(found)))

    def text_method(self, node: gast.Call, text: Value, name: str) -> Bound:
        if name in ("split", "splitlines") and is_literal(text) and not node.keywords:
            by = [self.value(a) for a in node.args]
            if all(map(is_literal, by)):
                words = getattr(text.const, name)(*(v.const for v in by))
                return Seq("list", tuple(map(self.const, words)))
        if name not in METHODS:
            self.refuse(node, f"method `.{name}()` of text is not supported")
        args = [self.pack(a) for a in self.items_given(node.args)]
        given = {str(k.arg): self.value(k.value) for k in node.keywords}
        if all(map(is_literal, [text, *args, *given.values()])):
            options = {k: v.const for k, v in given.items()}
            method = getattr(text.const, name)
            with suppress(Exception):  # as when it runs
                return self.const(method(*(a.const for a in args), **options))
        names = ("x",) * (len(args) + 1) + tuple(given)
        values = [text, *args, *given.values()]
        return self.emit("text", values, names, "text", type=METHODS[name], name=name)

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        first = left if isinstance(left, Value) else None
        if first is None or not is_text(bound(first.type)):
            return super().binary(node, kind, left, right)
        other = self.pack(right)
        if kind == "add" and not is_text(bound(other.type)):
            self.refuse(node, "only text can be added to text", "write `str(...)`")
        if is_literal(first) and is_literal(other):
            return self.const(self.rules[kind].run(first.const, other.const))
        return self.emit(kind, [first, other], None, "text", type=TEXT)

    def extends(self, node: gast.AugAssign) -> bool:
        name = node.target.id
        item = self.env.get(name)
        if not isinstance(item, Value) or not is_text(bound(item.type)):
            return super().extends(node)
        load = gast.copy_location(gast.Name(name, gast.Load(), None, None), node)
        total = gast.copy_location(gast.BinOp(load, node.op, node.value), node)
        self.env[name] = self.named(self.expr(total), name)
        return True

    def apply(
        self,
        node: gast.Call,
        rule: Rule,
        args: list[Bound],
        obj: Any,
        method: str | None = None,
    ) -> Bound:
        """A call; what NumPy is told by a word has to be known."""
        with ExitStack() as stack:
            looks = [self.looking(k.value) for k in node.keywords]
            given = [*args, *map(stack.enter_context, looks)]
            if any(isinstance(a, Value) and bound(a.type) == TEXT for a in given):
                if rule.kind not in ("len", "str", "repr"):
                    self.refuse(node, "this text must be known when compiling")
            return super().apply(node, rule, args, obj, method)


def is_literal(value: Value) -> bool:
    """Whether a value is known, and its text the same at every run."""
    return value.is_const and isinstance(value.const, LITERALS)

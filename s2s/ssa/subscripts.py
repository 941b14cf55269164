"""Attributes and subscripts to SSA.

In: `x.shape`, `np.pi`, `x[i, 1:]`. Out: what they stand for; an index becomes its
structure, in the attributes of a `getitem`, and its values.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import gast
import numpy as np

from s2s.ssa.bound import Bound, Made, Seq, is_slice
from s2s.ssa.emit import const_type
from s2s.ssa.expr import Expressions
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
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
    is_list_of_ints,
    rank_of,
)
from s2s.structure import place

INDEX_EXPRESSION = type(np.s_)
NAMED_RESULTS = {  # what NumPy returns named tuples of
    "np.linalg.slogdet": ("sign", "logabsdet"),
    "np.linalg.eigh": ("eigenvalues", "eigenvectors"),
    "np.linalg.qr": ("Q", "R"),
    "np.linalg.svd": ("U", "S", "Vh"),
}


class Subscripts(Expressions):
    """Evaluates attributes and subscripts, too."""

    def _Attribute(self, node: gast.Attribute) -> Bound:
        base = self.expr(node.value)
        if isinstance(base, Seq):
            self.refuse(node, f"a {base.kind} has no attribute `{node.attr}`")
        known = isinstance(base.type, Static) or isinstance(base.const, enum.Enum)
        if base.is_const and (known or of_the_machine(base.const)):
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
        if isinstance(base.const, np.finfo) and node.attr in self.rules.by_attribute:
            return self.emit(node.attr, [base])
        modules = {np: "np", math: "math"}
        root = modules.get(base.const) if is_hashable(base.const) else None
        path = f"{root or base.spelling or repr(base.const)}.{node.attr}"
        if root or (base.spelling or "").startswith("np."):
            return self.const(obj, path)
        if of_the_machine(obj):
            return self.const(obj, path)
        entries = isinstance(obj, dict | list) or hasattr(obj, "_fields")
        if isinstance(const_type(obj), Static) and not (
            entries or isinstance(obj, np.ndarray)
        ):
            return self.static(path, obj)
        return self.outer_attribute(path, obj, node)

    def attribute(self, base: Value, name: str, node: gast.AST) -> Bound:
        """`x.shape`, `x.T`...: of a run-time value."""
        rule = self.rules.by_attribute.get(name)
        of = bound(base.type)
        names = NAMED_RESULTS.get(base.op.kind, ()) if base.op is not None else ()
        if name in names:
            return self.item(base, names.index(name))
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
            if isinstance(of.value, INDEX_EXPRESSION):
                made = self._index_expression(index)
                single = of.value.maketuple and not isinstance(index, gast.Tuple)
                return Seq("tuple", (made,)) if single else made
            return self.item_of_object(node, base)
        if isinstance(of, Tuple):
            if isinstance(index, gast.Slice):
                return self._static_item(node, self.unpack(base), index)
            with self.looking(index) as item:
                k = self.pack(item)
                if k.is_const and isinstance(k.const, int):
                    if not -len(of.items) <= k.const < len(of.items):
                        self.refuse(node, f"index {k.const} is out of range")
                    return self.item(base, k.const)
                return self._static_item(node, self.unpack(base), index)
        return self.getitem(base, index)

    def item_of_object(self, node: gast.Subscript, base: Value) -> Bound:
        """An item of an object that is known by identity."""
        self.refuse(node, f"{described(base.type)} cannot be indexed here")

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
        if isinstance(of.items[k], Static):  # known by identity, wherever it stands
            return self.const(of.items[k].value)  # type: ignore[attr-defined]
        return self.emit("pick", [base, self.const(k)], ("x", "k"))

    def unpack(self, base: Value) -> Seq:
        """A value of tuple type as the sequence of its items."""
        of = bound(base.type)
        assert isinstance(of, Tuple)
        form, maker = of.form, ""
        if form.cls is not None:
            path = path_of(base)
            maker = f"type({path})" if path else self.class_name(form.cls)
        items = tuple(self.items(base))
        whole = base if self.follows(base) else None
        made = None  # that is for lists that are made where they stand
        if form.kind == "list" and whole is None:
            made = Made(None, None, {Made(None, None)})
        return Seq(form.kind, items, made, form.names, form.cls, maker, whole)

    def in_parts(self, value: Value) -> Bound:
        """An item of a list, taken apart if it is a tuple."""
        return self.unpack(value) if isinstance(bound(value.type), Tuple) else value

    def follows(self, base: Value) -> bool:
        """Whether what is taken from an object is read again once that has changed."""
        return False

    def class_name(self, cls: type) -> str:
        """The name of a class in the output."""
        return cls.__name__

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

    def last_stored(self, node: gast.Call) -> Value:
        """`kept(x, index)`, in text that was generated."""
        base = self.value(node.args[0])
        codes, operands = self.index(as_index(node.args[1]))
        names = ("x",) + ("index",) * len(operands)
        return self.emit("kept", [base, *operands], names, index=codes)

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
                for one in self._given(part, alone=part is index):
                    self._position(part, one, codes, operands)
        if len(parts) == 1 and isinstance(index, gast.Tuple):
            codes.append("")  # x[i,] prints as such
        return tuple(codes), operands

    def _given(self, part: gast.AST, alone: bool) -> Sequence[Bound]:
        """What one part of an index stands for: several positions, if it has a star."""
        if isinstance(part, gast.Starred):
            return self.taken_apart(part, self.expr(part.value))
        item = self.expr(part)
        return self._positions(item) if alone else (item,)

    def _position(
        self, node: gast.AST, item: Bound, codes: list[str], operands: list[Value]
    ) -> None:
        """Add what an index holds for one position."""
        if isinstance(item, Value) and isinstance(item.const, slice):  # a global
            cut = item.const
            items = map(self.const, (cut.start, cut.stop, cut.step))
            item = Seq("slice", tuple(items))
        if is_slice(item):
            ends = [self.pack(i) for i in item.items]
            given = [e for e in ends if not (e.is_const and e.const is None)]
            codes.append("s" + "".join("01"[e in given] for e in ends))
            operands += given
        elif isinstance(item, Value) and item.is_const and item.const is None:
            codes.append("n")
        elif isinstance(item, Value) and item.is_const and item.const is Ellipsis:
            codes.append("e")
        else:
            codes.append("i")
            operands.append(self._index(node, item))

    def _index_expression(self, index: gast.AST) -> Bound:
        """What `np.s_[...]` makes: slices, and a tuple of them."""
        if isinstance(index, gast.Tuple):
            return Seq("tuple", tuple(map(self._index_expression, index.elts)))
        if isinstance(index, gast.Constant) and index.value is Ellipsis:
            return self.const(Ellipsis)
        if not isinstance(index, gast.Slice):
            return self.expr(index)
        ends = index.lower, index.upper, index.step
        return Seq("slice", tuple(self.const(None) if e is None else self.expr(e)
                                  for e in ends))  # fmt: skip

    def _positions(self, item: Bound) -> tuple[Bound, ...]:
        """What an index that stands alone holds for each axis: `x[k]` is `x[i, j]`."""
        of = bound(item.type) if isinstance(item, Value) else item
        if not isinstance(of, Tuple | Seq) or of.form.kind != "tuple":
            return (item,)
        return item.items if isinstance(item, Seq) else tuple(self.items(item))

    def _index(self, node: gast.AST, item: Bound) -> Value:
        if item in self.ranges:
            return self.range_array(item)
        value = self.array(item) if isinstance(item, Seq) else item
        if isinstance(item, Seq) and value.op is not None:
            value.op.attrs["listed"] = True  # printed as it was written
        of = bound(value.type)
        if isinstance(of, Tuple | List) and not is_list_of_ints(of):
            self.refuse(node, "a list cannot be an index here", "use np.array")
        if isinstance(of, Scalar) and of.kind not in ("int", "bool"):
            self.refuse(node, f"an index must be an integer, this is {described(of)}")
        if isinstance(of, Static):
            self.refuse(node, f"{described(of)} cannot be an index")
        return value

    def range_array(self, item: Bound) -> Value:
        """What NumPy makes of a range."""
        start, stop, step = self.ranges[item]
        given = [start, stop, step] if step.const != 1 else [start, stop]
        if len(given) == 2 and start.const == 0:
            given = [stop]
        names = ("start", "stop", "step") if len(given) > 1 else ("start",)
        return self.emit("np.arange", given, names[: len(given)])


def of_the_machine(obj: Any) -> bool:
    """Whether this is `sys.float_info` or its like."""
    return hasattr(obj, "n_sequence_fields")


def as_index(node: gast.AST) -> gast.AST:
    """An index that is an argument, as in brackets: `slice(1, n)` is `1:n` there."""
    match node:
        case gast.Tuple(elts=elts):
            return gast.Tuple([as_index(e) for e in elts], node.ctx)
        case gast.Call(func=gast.Name(id="slice"), args=args):
            ends = [None if is_none(a) else a for a in args]
            return gast.Slice(*ends, *[None] * (3 - len(ends)))
    return node


def is_none(node: gast.AST) -> bool:
    return isinstance(node, gast.Constant) and node.value is None


def path_of(value: Value) -> str:
    """How the user reaches an argument or global, or a part of one; else nothing."""
    op = value.op
    if op is None:
        return value.hint
    base = op.args[0] if op.kind == "pick" else None
    path = path_of(base) if base is not None else ""
    if not path or base is None:
        return ""
    of = bound(base.type)
    assert isinstance(of, Tuple)
    return path + place(of.form, op.args[1].const)


def kind_named(of: Type) -> str:
    """A type as messages about attributes name it: the rank does not matter there."""
    return "an array" if isinstance(of, Array) and of.rank else described(of)

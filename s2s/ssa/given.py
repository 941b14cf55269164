"""Arguments of the derivatives that a program takes itself, and their types.

In: an argument. Out: the type that the derivative is made for, and the argument with
floats where that has floats:

    s2s.grad(g)([2, x])     ->     g_grad([2.0, x])     (a list of floats)
    s2s.grad(g)([v, x])     ->     g_grad([v, x])       (known item by item)
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from s2s.ssa.bound import Bound, Made, Seq
from s2s.ssa.capture import CaptureBuilder
from s2s.ssa.infer import kind_of
from s2s.ssa.types import FLOAT, List, Scalar, Tuple, Type, bound, differs, join


class GivenBuilder(CaptureBuilder):
    """Finds out what derivatives are given."""

    def varied(self, item: Bound) -> Bound:
        """An argument that is differentiated: an int is read as a float."""
        of = self.type_of(item)
        number = isinstance(of, Scalar) and of.kind == "int"
        return self.with_floats(item, FLOAT if number else of)

    def with_floats(self, item: Bound, of: Type) -> Bound:
        """An argument with floats where its type has floats, as `s2s.varied` does."""
        if isinstance(item, Seq):
            types = of.items if isinstance(of, Tuple) else ()
            if isinstance(of, List):
                types = (bound(of.item),) * len(item.items)
            read = tuple(map(self.with_floats, item.items, types))
            if all(a is b for a, b in zip(item.items, read, strict=True)):
                return item
            return replace(item.of(read), made=item.made and Made(None, self.region))
        number = bound(item.type)
        if kind_of(of) != "float" or not isinstance(number, Scalar):
            return item
        if item.is_const:
            return self.const(float(item.const))
        return item if number.kind == "float" else self.emit("float", [item])

    def type_of(self, item: Bound) -> Type:
        """The type of an argument; what no type is right for is known item by item."""
        if not isinstance(item, Seq):
            of = bound(item.type)
            return FLOAT if isinstance(of, Scalar) and of.kind == "float" else of
        types = tuple(map(self.type_of, item.items))
        if item.kind == "list" and types and not differs(reduce(join, types)):
            return self.pack(item).type
        return Tuple(types, item.form)

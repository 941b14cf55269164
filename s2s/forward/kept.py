"""What a call keeps for its reverse, with the tangents of it.

In: the two functions of a pair (`adjoint.calls`), to become tangents. Out: the forward
returns the tangents of what it keeps among that, and the reverse takes them from there:
who calls them passes on one object, as before, and looks into it as little.

    return y, (x, n)                  ->     return y, y_dot, (x, n, x_dot)
    x, n = kept                       ->     x, n, x_dot = kept
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from s2s.forward.stacks import dot_name, dot_role
from s2s.ssa.bound import Bound, Seq, flat
from s2s.ssa.emit import const_type
from s2s.ssa.ir import Function, Op, Value
from s2s.ssa.types import Tuple, Type

if TYPE_CHECKING:
    from s2s.forward.tangent import Forward
    from s2s.ssa.callee import Callee


@dataclass(frozen=True)
class Layout:
    """Of what a forward keeps, which values have tangents there, and of what types.

    Others are `opaque`: what is kept by a call in it, with tangents in that; `sites`
    says by which call. One value alone is no `several`.
    """

    dots: dict[int, Type]
    opaque: tuple[int, ...]
    sites: dict[object, Callee]
    several: bool


def with_dots(forward: Forward, kept: Bound) -> tuple[Bound, Layout]:
    """What is kept, and behind it the tangents."""
    values = flat(kept)
    places = [j for j, v in enumerate(values) if v in forward.active]
    opaque = tuple(j for j, v in enumerate(values) if v in forward.kept)
    dots = {j: forward.whole(values[j]) for j in places}
    types = {j: dot.type for j, dot in dots.items()}
    layout = Layout(types, opaque, forward.sites, isinstance(kept, Seq))
    return Seq("tuple", (*values, *dots.values())) if dots else kept, layout


class Opening:
    """Where a reverse takes apart what was kept for it: the parameter of that place."""

    def __init__(self, function: Function, place: int, layout: Layout) -> None:
        self.body = function.body
        self.place = place
        self.layout = layout
        self.values: dict[int, Value] = {}  # of what is kept, as far as it is read
        self.at = 0
        if layout.several:
            self._find()
        elif layout.dots:
            self._open_one(f"{function.name.removesuffix('_reverse')}_kept")
        else:
            self.values[0] = self.body.params[self.place]

    @property
    def active(self) -> list[Value]:
        known = (*self.layout.dots, *self.layout.opaque)
        return [v for j, v in self.values.items() if j in known]

    def _find(self) -> None:
        """The function begins with `x, n = kept`, but for what is not read."""
        whole = self.body.params[self.place]
        assert isinstance(whole.type, Tuple)
        self.count = len(whole.type.items)
        whole.type = Tuple((*whole.type.items, *self.layout.dots.values()))
        opened = next((o for o in self.body.ops if whole in o.args), None)
        if opened is None:
            return
        self.opened = opened.result
        for op in self.body.ops:
            if op.kind == "pick" and op.args[0] is self.opened:
                self.values[op.args[1].const] = op.result
        self.opened.type = whole.type
        self.at = self.body.ops.index(opened) + 1 + len(self.values)

    def _open_one(self, name: str) -> None:
        """The one value that was kept was a parameter, and is now one of two things."""
        one = self.body.params[self.place]
        whole = Value(Tuple((one.type, *self.layout.dots.values())), name)
        opened = Op("alias", [whole], ("x",), {"sweep": "reverse"})
        opened.results = [Value(whole.type, op=opened)]
        self.opened, self.count = opened.result, 1
        self.values[0] = one
        self.body.params[self.place] = whole
        self.body.ops[:0] = [opened, self._picked(0, one)]
        self.at = 2

    def _picked(self, k: int, item: Value) -> Op:
        op = Op("pick", [self.opened, Value(const_type(k), const=k)], ("x", "k"))
        op.attrs["sweep"] = "reverse"
        op.results, item.op = [item], op
        return op

    def seed(self, forward: Forward) -> None:
        """Take the tangents, too."""
        forward.sites |= self.layout.sites
        for k, (j, of) in enumerate(self.layout.dots.items()):
            if j in self.values:
                value = self.values[j]
                dot = Value(of, dot_name(value), dot_role(value))
                self.body.ops.insert(self.at, self._picked(self.count + k, dot))
                self.at += 1
                forward.dots[value] = dot

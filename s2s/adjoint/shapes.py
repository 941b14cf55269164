"""Of what only the shape is read, only the shape is kept.

In: a function, and its reverse sweep, not yet planned. Out: the same function, in which
the shapes of what loops make are values of the primal: the plan keeps a few numbers,
where it would have to keep an array.

    for t in range(n):                         for t in range(n):
        flux = np.zeros(m + 1)                     flux = np.zeros(m + 1)
    ...                                 ->     ...
        flux_bar = np.zeros(len(flux))             flux_bar = np.zeros(m + 1)
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.adjoint.latest import alike
from s2s.rules import Rules
from s2s.ssa.clone import clone
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.layout import CONTIGUOUS
from s2s.ssa.quote import Quote
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import SHAPES
from s2s.ssa.types import Array, List, Scalar, Tuple, bound

ASKS = frozenset({"len", "shape", "size", "np.shape", "np.size"})
FILLED = {"np.zeros_like": "np.zeros", "np.ones_like": "np.ones"}


def ask_for_shapes(function: Function, sweep: Region, rules: Rules) -> None:
    """Let the sweep read the shapes of values inside loops, not the values."""
    asking = Asking(function, rules)
    asking.leave_carried(function, sweep)
    asking.ask(sweep)


class Asking:
    """Asks in the primal what the reverse sweep asks of shapes."""

    def __init__(self, function: Function, rules: Rules) -> None:
        self.rules = rules
        self.home: dict[Value, Region] = {}  # of what is made in loops
        self.shapes: dict[tuple[str, Value], Value] = {}
        self.asked: dict[Value, Value] = {}  # in the sweep -> in the primal
        self._enter(function.body, inside=False)

    def _enter(self, region: Region, inside: bool) -> None:
        if inside:
            self.home.update(dict.fromkeys(region.params, region))
        for op in region.ops:
            if inside:
                self.home.update(dict.fromkeys(op.results, region))
                if op.kind in ASKS and self.home.get(op.args[0]) is region:
                    self.shapes[op.kind, op.args[0]] = op.result
            for inner in op.regions:
                self._enter(inner, inside or is_loop(op))

    def leave_carried(self, function: Function, sweep: Region) -> None:
        """What a loop yields is there if what it starts the next round from is kept."""
        read = {a for op in sweep.walk() for a in op.args if op.kind not in SHAPES}
        for value in list(read):
            while value.op is not None and value.op.kind == "getitem":
                value = value.op.args[0]
                read.add(value)
        for op in function.body.walk():
            for slot in slots(op) if is_loop(op) else ():
                if slot.param in read:
                    self.home.pop(slot.yielded, None)

    def ask(self, region: Region) -> None:
        for op in list(region.ops):
            op.args = [self.asked.get(a, a) for a in op.args]
            if op.args and self._kept_for_it(op.args[0]):
                if op.kind in ASKS and len(op.args) == 1:
                    self.asked[op.result] = self._shape(op.kind, op.args[0])
                    region.ops.remove(op)
                elif op.kind in FILLED and len(op.args) == 1:
                    self._fill(op)
            for inner in op.regions:
                self.ask(inner)
        region.results = [self.asked.get(r, r) for r in region.results]

    def _kept_for_it(self, value: Value) -> bool:
        of = bound(value.type)
        known = isinstance(of, Array) and of.rank > 0 and not of.loose
        return value in self.home and (known or isinstance(of, List))

    def _fill(self, op: Op) -> None:
        """Make zeros of a shape, not of the shape of something."""
        like = op.args[0]
        of = bound(like.type)
        assert isinstance(of, Array)
        if of.dtype != "float64" or of.rank is None:
            return
        op.attrs["like"] = op.kind
        op.kind, op.names = FILLED[op.kind], ("shape",)
        op.args = [self._shape("len" if of.rank == 1 else "shape", like)]

    def _shape(self, kind: str, value: Value) -> Value:
        """The shape of a value, in the primal, right where the value is made."""
        made = origin(value).op
        if made and made.kind in CONTIGUOUS and made.names[:1] == ("shape",):
            given = made.args[0]
            if isinstance(bound(given.type), Scalar if kind == "len" else Tuple):
                if kind in ("len", "shape", "np.shape"):
                    return given
        if (kind, value) not in self.shapes:
            region = self.home[value]
            quote = Quote(self.rules, Region())
            asked = quote.emit(kind, [value], hint=named(kind, value))
            op = asked.op
            assert op is not None
            at = region.ops.index(value.op) + 1 if value.op in region.ops else 0
            op.attrs["asked"] = True
            op.origin = value.op.origin if value.op is not None else None
            region.ops.insert(at, op)
            self.home[asked] = region
            self.shapes[kind, value] = asked
        return self.shapes[kind, value]


def ask_cotangents(sweep: Region, outside: Iterable[Value]) -> None:
    """Ask the cotangents for shapes, not arrays of which nothing else is read.

    def g_reverse(y_bar, x):               def g_reverse(y_bar):
        x_bar = np.zeros(len(x))     ->        x_bar = np.zeros(len(y_bar))
    """
    asks = [op for op in sweep.walk() if op.kind in ASKS | FILLED.keys()]
    read = {a for op in sweep.walk() if op not in asks for a in op.args}
    unread = set(outside) - read
    for op in asks:
        if len(op.args) == 1 and op.args[0] in unread:
            like = (bar for bar in sweep.params if is_like(bar, op.args[0]))
            op.args = [next(like, op.args[0])]


def is_like(bar: Value, value: Value) -> bool:
    """Whether a cotangent surely has the shape and dtype of an array."""
    a, b = bound(bar.type), bound(value.type)
    return (
        isinstance(a, Array)
        and isinstance(b, Array)
        and (alike(bar, value) and a.dtype == b.dtype)
    )


def origin(value: Value) -> Value:
    """What an array was before all updates."""
    while value.op is not None and value.op.kind in UPDATES:
        value = value.op.args[0]
    return value


def named(kind: str, value: Value) -> str:
    what = kind.rpartition(".")[2]
    return what if value.hint == "t" else f"{value.hint}_{what}"


def ask_in_place(sweep: Region) -> None:
    """What of this is there anyway is asked right where it is read, and like that.

    x_shape = x.shape; x_bar = np.zeros(x_shape)     ->     x_bar = np.zeros_like(x)
    """
    _ask_in_place(sweep, set())


def _ask_in_place(region: Region, again: set[Value]) -> None:
    ops, region.ops = region.ops, []
    for op in ops:
        kind = op.attrs.pop("like", None)
        if kind is not None and op.args[0] in again:
            shape = op.args[0].op
            assert shape is not None
            op.kind, op.args, op.names = kind, [shape.args[0]], ("x",)
        for k, arg in enumerate(op.args):
            if arg in again and arg.op is not None:
                asked = clone(arg.op, {})
                region.ops.append(asked)
                op.args[k] = asked.result
        if op.attrs.get("asked"):
            op.result.hint = "t"
            again.add(op.result)
        for inner in op.regions:
            _ask_in_place(inner, again)
        region.ops.append(op)

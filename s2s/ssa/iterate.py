"""What a `for` loop runs over, as a range and the elements read at each index.

In: the `for` statement. Out: the bounds of a counted loop, the operations that bind
the target at the top of its body, and `sugar`, which lets codegen print the loop as the
user wrote it when nothing but these elements uses the index.

    for i, (a, b) in enumerate(zip(A, B)):   ->   for i in range(min(len(A), len(B))):
                                                      a = A[i]
                                                      b = B[i]

What runs over a dict with any keys runs over the list of its keys. A slice of a list,
`xs[1:]`, is read from the list itself, as that is before the loop.

`sugar` is ("range",), ("item", element, its parts), ("zip", [sugar, ...]), the same
with "strict" for `zip(..., strict=True)`, or ("enumerate", start, count, sugar). What
`zip` runs over may have no end: `itertools.count`, `repeat` and `cycle`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gast

from s2s.ssa.bound import Bound, Made, Seq, flat, plain
from s2s.ssa.identity import which_list
from s2s.ssa.ir import Value
from s2s.ssa.lists import LONG
from s2s.ssa.types import (
    INT,
    UNDEF,
    Array,
    Dim,
    Function,
    List,
    Scalar,
    Tuple,
    Type,
    bound,
    described,
    join,
    some_length,
)
from s2s.structure import TUPLE

if TYPE_CHECKING:
    from s2s.ssa.lazy import LazyBuilder as Builder


class Endless(Exception):
    """The loop has no end but the one that is in it."""


class Empty(Exception):
    """The loop runs over nothing: a tuple `*args` that got no argument."""


class Iteration:
    """One `for` statement; `enter` is called with the builder inside the body."""

    def __init__(self, builder: Builder, node: gast.For) -> None:
        self.b = builder
        self.target = node.target
        self.sugar: Any = None
        self.lists: list[Made | Value] = []  # whose items it runs over
        self.opened: dict[Value, int] = {}  # those whose items are known: how many
        self.index = Value(INT, "i", "index")
        self.source = self.columns(node) or self.evaluate(node.iter)
        if self.source[0] == "range":
            self.range = self.source[1]
            if isinstance(node.target, gast.Name):
                self.index = Value(INT, plain(node.target.id), "user")
        else:
            self.range = [builder.const(0), self.count(node), builder.const(1)]
            if self.source[0] == "reversed":
                self.source, self.range = self.source[1], self.backwards(*self.range)

    def next_index(self) -> Value:
        """The index of another round: it is the least that it can be, or more."""
        start, stop, step = (v.const for v in self.range)
        of: Type = INT
        least = {1: start, -1: stop + 1 if isinstance(stop, int) else None}.get(step)
        if isinstance(least, int) and least >= 0:
            sym = str(some_length().sym)
            of = Scalar("int", Dim(sym, 0, False if least > 1 else None, least, True))
        self.index = Value(of, self.index.hint, self.index.role)
        return self.index

    def count(self, node: gast.For) -> Value:
        """The number of rounds."""
        try:
            return self.length(self.source)
        except Endless:
            self.b.refuse(
                node.iter, "what this loop runs over has no end",
                "write `while True:`, and count in it",
            )  # fmt: skip

    def is_short(self) -> bool:
        """Whether its rounds are known, and so few that it can be written out."""
        return rounds_known(self.source, self.opened) <= LONG

    def bounds(self) -> list[Value]:
        """Start, stop and step of the counted loop."""
        return list(self.range)

    def values(self) -> list[Value]:
        """What is run over: read again in each round."""
        return _values(self.source)

    def enter(self) -> None:
        """Bind the target; called at the top of the loop body."""
        if self.source[0] == "range":
            element: Bound = self.index
            self.sugar = ("range",)
        else:
            element, self.sugar = self.element(self.source, self.index)
            if self.range[2].const == -1:  # to be printed with its index
                self.sugar = None
            self.name_records(self.sugar, self.target)
        self.b.assign(self.target, element)

    def name_records(self, sugar: Any, target: gast.AST) -> None:
        """Give objects the names that they have in the header of the loop."""
        parts: list[gast.expr] = getattr(target, "elts", [])
        match sugar:
            case ("item", whole, Seq() as item) if isinstance(target, gast.Name):
                if item.form != TUPLE:
                    self.b.named(whole, plain(target.id))
            case ("enumerate", _, _, inner) if len(parts) == 2:
                self.name_records(inner, parts[1])
            case ("zip" | "strict", several) if len(parts) == len(several):
                for inner, part in zip(several, parts, strict=True):
                    self.name_records(inner, part)

    def columns(self, node: gast.For) -> tuple | None:
        """`for a, b in zip(*rows)` of lists: there must be as many rows as names."""
        rows = self.b.turned(node.iter)
        if rows is None or not isinstance(node.target, gast.Tuple):
            return None
        targets = node.target.elts
        items = self.b.items_of(node.iter, rows, len(targets))
        for item, target in zip(items, targets, strict=True):
            if isinstance(target, gast.Name):
                self.b.named(item, f"{plain(target.id)}s")
        return ("zip", [("item", item) for item in items])

    def evaluate(self, node: gast.expr) -> tuple:
        """What is iterated over: evaluated once, before the loop."""
        self.b.consumed.add(node)
        if isinstance(node, gast.Call) and (source := self.endless(node)) is not None:
            return source
        called = isinstance(node, gast.Call) and isinstance(node.func, gast.Name)
        if called and not any(isinstance(a, gast.Starred) for a in node.args):
            callee = self.b.expr(node.func)
            if isinstance(callee, Value) and callee.const in ITERATORS:
                return self.iterator(node, callee.const)
        if (entries := self.b.entries_in(node)) is not None:
            of = bound(entries[1].type)
            if isinstance(of, List) and of.item == UNDEF:
                raise Empty
            return ("entries", entries)
        if (part := self.b.list_slice(node)) is not None:
            return ("slice", *part)
        if (numbers := literal(node)) and isinstance(numbers, tuple):
            text = gast.unparse(node).strip()
            return ("item", self.b.const(numbers, text))
        item = self.b.iterated(node, self.b.expr(node))
        if item in self.b.ranges:
            return ("range", self.b.ranges[item])
        if isinstance(item, Seq):
            if not item.items:
                raise Empty
            self.lists += which_list(item)
            made = item.made
            # as a list: its items share a type, whatever they were in a tuple
            item = self.b.emit(
                "list", values := [self.b.pack(i) for i in item.items],
                ("xs",) * len(values),
            )  # fmt: skip
            self.opened[item] = len(values)
            if made is not None:
                self.b.listed[item] = made
        of = bound(item.type)
        if not isinstance(of, Array | List | Tuple) or of == Array("bool", ()):
            self.b.refuse(node, f"cannot loop over {described(of)}")
        if isinstance(of, Array) and not of.rank:
            self.b.refuse(node, "cannot loop over a NumPy scalar")
        if isinstance(of, List) and of.item == UNDEF:  # so far, it has no items
            self.b.note_empty(item)
            raise Empty
        return ("item", item)

    def endless(self, node: gast.Call) -> tuple | None:
        """What has no end, next to what has one in `zip`."""
        made, args = self.b.function_called(node), node.args
        if made is itertools.count and not node.keywords:
            ends = [*map(self.b.value, args), self.b.const(0), self.b.const(1)]
            return ("count", ends[0], ends[1 if len(args) == 2 else -1])
        if made is itertools.repeat and len(args) == 1:
            return ("repeat", self.b.expr(args[0]))
        if made is itertools.cycle:
            return ("cycle", self.evaluate(args[0]))
        return None

    def iterator(self, node: gast.Call, kind: Any) -> tuple:
        if kind is range:
            return ("range", self.b.range_ends(node))
        many = node.args if kind is zip else node.args[:1]
        self.b.turned_round.update(many if kind is reversed else ())
        try:
            sources = [self.evaluate(a) for a in many]
        except Empty:
            if kind is zip and node.keywords:  # the others must be empty, too
                self.b.refuse(node, "zip() of an empty sequence with strict=...")
            raise
        keywords = {str(k.arg): self.b.value(k.value) for k in node.keywords}
        first = keywords.pop("start", None) if kind is enumerate else None
        strict = keywords.pop("strict", None) if kind is zip else None
        if strict is not None and not isinstance(strict.const, bool):
            self.b.refuse(node, "zip() needs strict=True or strict=False, written out")
        if keywords:
            self.b.refuse(node, f"{kind.__name__}() with keywords is not supported")
        if kind is enumerate:
            if len(node.args) == 2:
                first = self.b.value(node.args[1])
            return ("enumerate", first or self.b.const(0), sources[0])
        if kind is zip:
            kind_of_zip = "strict" if strict is not None and strict.const else "zip"
            return (kind_of_zip, sources)
        inner = sources[0]
        if inner[0] == "range":
            return ("range", self.backwards(*inner[1]))
        return ("reversed", inner)

    def backwards(self, start: Value, stop: Value, step: Value) -> list[Value]:
        """The bounds of the same range from its end on."""
        if step.const not in (1, -1):
            b = self.b
            names = ("start", "stop", "step")
            length = b.emit("range_len", [start, stop, step], names)
            last = b.emit("mul", [b.emit("sub", [length, b.const(1)]), step])
            minus = b.const(-step.const) if step.is_const else b.emit("neg", [step])
            return [b.emit("add", [start, last]), b.emit("sub", [start, step]), minus]
        ends = [self.moved(end, -step.const) for end in (stop, start)]
        return [*ends, self.b.const(-step.const)]

    def moved(self, end: Value, by: int) -> Value:
        """`end + by`, as one would write it: `(n - 1) + 1` is `n`."""
        op = end.op
        if end.is_const and not end.spelling:
            return self.b.const(end.const + by)
        if op is not None and op.kind in ("add", "sub") and end.role == "temp":
            other = op.args[1]
            if isinstance(other.const, int) and not other.spelling:
                more = other.const if op.kind == "add" else -other.const
                return self.moved(op.args[0], by + more)
        if by == 0:
            return end
        return self.b.emit("sub" if by < 0 else "add", [end, self.b.const(abs(by))])

    def length(self, source: tuple) -> Value:
        """The number of iterations."""
        match source:
            case ("count" | "repeat" | "cycle", *_):
                raise Endless
            case ("range", values):
                return self.b.emit("range_len", values, ("start", "stop", "step"))
            case ("item", value):
                of = bound(value.type)
                if isinstance(of, Tuple):
                    return self.b.const(len(of.items))
                return self.b.emit("len", [value])
            case ("entries", (_, _, keys, _)):
                return self.b.emit("len", [keys])
            case ("slice", value, lower, upper):
                rest = self.b.emit("sub", [self.b.emit("len", [value]),
                                           self.b.const(lower - upper)])  # fmt: skip
                return self.b.emit("max", [rest, self.b.const(0)])
            case ("enumerate", _, inner) | ("reversed", inner):
                return self.length(inner)
            case ("zip", inner):
                ends = [s for s in inner if s[0] not in ("count", "repeat", "cycle")]
                if not ends:
                    raise Endless
                shortest, *others = [self.length(s) for s in ends]
                for other in others:
                    shortest = self.b.emit("min", [shortest, other])
                return shortest
            case ("strict", inner):
                lengths = [self.length(s) for s in inner]
                return self.b.emit("same_length", lengths, ("ns",) * len(lengths))
        raise AssertionError(source)

    def element(self, source: tuple, index: Value) -> tuple[Bound, Any]:
        """The element at `index`, and how codegen may print it."""
        b = self.b
        element: Bound
        match source:
            case ("count", start, step):
                count = index if step.const == 1 else b.emit("mul", [index, step])
                if start.const != 0:
                    count = b.emit("add", [start, count])
                return count, None
            case ("repeat", item):
                return item, None
            case ("cycle", inner):
                within = b.emit("mod", [index, self.length(inner)])
                return self.element(inner, within)[0], None
            case ("range", (start, _, step)):
                if not (step.is_const and step.const == 1):
                    index = b.emit("mul", [index, step])
                if not (start.is_const and start.const == 0):
                    index = b.emit("add", [start, index])
                return index, None
            case ("item", value):
                element = self.read(value, index)
                of = element.type
                parts = b.unpack(element) if isinstance(of, Tuple) else element
                sugar = ("item", element, parts)
                if isinstance(of, Function):
                    return b.function_of(of, flat(parts)), sugar
                return parts, sugar
            case ("entries", entries):
                key, element = b.entry(entries, index)
                if skips_first(self.target):
                    b.named(key, "key")
                return element, ("item", key, key)
            case ("slice", value, lower, _):
                if lower:
                    index = b.emit("add", [index, b.const(lower)])
                return b.item_then(value, index), None
            case ("enumerate", start, inner):
                element, sugar = self.element(inner, index)
                count = index
                if not (start.is_const and start.const == 0):
                    count = b.emit("add", [index, start])
                return (
                    Seq("tuple", (count, element)),
                    sugar and ("enumerate", start, count, sugar),
                )
            case ("zip" | "strict" as kind, inner):
                pairs = [self.element(s, index) for s in inner]
                sugars = [sugar for _, sugar in pairs]
                element = Seq("tuple", tuple(e for e, _ in pairs))
                return element, (kind, sugars) if all(sugars) else None
            case ("reversed", inner):
                last = b.emit("sub", [self.length(inner), b.const(1)])
                back = b.emit("sub", [last, index])
                element, _ = self.element(inner, back)
                return element, None
        raise AssertionError(source)

    def read(self, value: Value, index: Value) -> Value:
        """The element as an object."""
        of = bound(value.type)
        args, names = [value, index], ("x", "index")
        if isinstance(of, Tuple):
            type = of.items[0]
            for other in of.items[1:]:
                type = join(type, other)
            return self.b.emit("getitem", args, names, type=type, index=("i",))
        return self.b.emit("getitem", args, names, index=("i",))


def rounds_known(source: tuple, opened: Mapping[Value, int]) -> float:
    """How many rounds there are of known items, infinity if they are not known."""
    match source:
        case ("range", ends) if all(isinstance(v.const, int) for v in ends):
            return len(range(*(v.const for v in ends)))
        case ("item", value):
            return opened.get(value, math.inf)
        case ("enumerate", _, inner) | ("reversed", inner):
            return rounds_known(inner, opened)
        case ("zip", inner):
            return max(rounds_known(s, opened) for s in inner)
    return math.inf


def literal(node: gast.AST) -> Any:
    """The number, or tuple of such, that a display of numbers stands for; else None.

    >>> literal(gast.parse("[(1, -2), (3, 4.0)]", mode="eval").body)
    ((1, -2), (3, 4.0))
    """
    match node:
        case gast.Constant(value=int() | float() as number):
            return number
        case gast.UnaryOp(op=gast.USub(), operand=gast.Constant(value=int() | float())):
            return -node.operand.value
        case gast.Tuple(elts=elts) | gast.List(elts=elts):
            items = tuple(map(literal, elts))
            return None if None in items else items
    return None


def skips_first(target: gast.AST) -> bool:
    """Whether a loop has no name for the first part: `for _, v in d.items()`."""
    first = target.elts[0] if isinstance(target, gast.Tuple) else None
    return isinstance(first, gast.Name) and first.id == "_"


def _values(source: tuple) -> list[Value]:
    match source:
        case ("entries", (_, value, _, live)):
            return [value] if live else []
        case ("item", value) | ("slice", value, _, _):
            return [value]
        case ("enumerate", _, inner) | ("reversed", inner) | ("cycle", inner):
            return _values(inner)
        case ("zip" | "strict", inner):
            return [v for s in inner for v in _values(s)]
    return []


ITERATORS = (range, enumerate, zip, reversed)

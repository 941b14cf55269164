"""What the primal takes for granted about lengths: those that must be equal.

In: a function. Out: pairs of lengths that every run compares, because an operation that
is always carried out broadcasts, multiplies or unpacks them. The gradient of
`np.sum(x + y)` does not compute the sum, so it would not notice that x and y do not
fit; the caller of the derivative checks these pairs for each new set of shapes.

    np.sum(x + y)      ->     [(x.0, y.0)]

What is broadcast inside of a loop, or is so short that one part of it may be of length
one (`u[1:-1] * v[1:-1]`), need not be equal. That it is, as in nearly every program,
spares the adjoint all sums over axes of length one: `fitting` finds what to take for
granted, `unified` types that say so, and whoever calls the derivative must see to it
that `hold` is true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from s2s.ssa.emit import Emitter
from s2s.ssa.ir import Function, Op, Region
from s2s.ssa.roots import UPDATES
from s2s.ssa.steps import Every, Multiple, expected, rest_needed
from s2s.ssa.sums import Combined
from s2s.ssa.types import ONE, Array, Dim, Tuple, Type, bound, length
from s2s.structure import items_of

if TYPE_CHECKING:
    from s2s.rules import Rules

PRODUCTS = ("matmul", "np.matmul", "np.dot")


def equal_lengths(function: Function, rules: Rules) -> list[tuple[Dim, Dim]]:
    """Pairs that differ in name but must agree at run time."""
    return [
        (a, b)
        for op in function.body.ops
        for a, b in _pairs(op, rules)
        if a.sym is not None and b.sym is not None and not a.same(b)
    ]


def _pairs(op: Op, rules: Rules) -> Iterator[tuple[Dim, Dim]]:
    shapes = [t.shape for a in op.args if isinstance(t := bound(a.type), Array)]
    if op.kind == "call":
        yield from op.attrs["equal"]
    elif op.kind == "unpack" and shapes:
        yield shapes[0][0], length(op.args[1].const)
    elif op.kind in PRODUCTS and len(shapes) == 2 and all(shapes):
        x, y = shapes
        yield x[-1], y[-2] if len(y) > 1 else y[-1]
    elif op.kind in rules and rules[op.kind].form == "partials":
        for dims in zip_longest(*(reversed(s) for s in shapes), fillvalue=ONE):
            sure = [d for d in dims if d.unit is False]
            yield from pairwise(sure)


# what is taken for granted and checked at entry ---------------------------------------

Pair = tuple[Dim, Dim]


class Related:
    """Which lengths of arguments others follow from, and which are multiples."""

    def __init__(self, types: Mapping[str, Type], known: Iterable[Pair] = ()) -> None:
        dims = [d for t in types.values() for d in _dims(t)]
        self.low: dict[str | None, int] = {
            d.sym: d.low for d in dims if d.sym and d.unit is False
        }
        self.base: dict[str | None, Pair] = {}  # symbol: what it is equal to
        self.rests: dict[str | None, Multiple] = {}  # of a length by a step
        self.pairs: list[Pair] = []
        for a, b in known:
            self.add(a, b)

    def resolved(self, d: Dim) -> Dim:
        """The length by a symbol that depends on no other."""
        while d.sym in self.base:
            other = self.base[d.sym][1]
            d = replace(d, sym=other.sym, off=d.off + other.off)
        return d

    def add(self, a: Dim, b: Dim) -> None:
        """Take for granted that two lengths are equal, unless that is absurd."""
        a, b = self.resolved(a), self.resolved(b)
        if isinstance(a.sym, Every) and isinstance(b.sym, Every):
            self.add_parts(a, b, a.sym, b.sym)
            return
        if isinstance(a.sym, Combined) and isinstance(b.sym, Combined):
            self.add_sums(a.off - b.off, Counter(a.sym.times), Counter(b.sym.times))
            return
        if a.sym == b.sym or a.sym not in self.low or b.sym not in self.low:
            return
        pair = Dim(b.sym), Dim(a.sym, a.off - b.off)
        self.base[b.sym] = pair
        self.pairs.append(pair)
        self.low[a.sym] = max(self.low[a.sym], self.low[b.sym] - pair[1].off)

    def add_sums(self, off: int, a: Counter[str], b: Counter[str]) -> None:
        """The same for sums that differ in one length: `x[k:] + y[k:]`."""
        more, fewer = a - b, b - a
        if more.total() == fewer.total() == 1:
            self.add(Dim(next(more.elements()), off), Dim(next(fewer.elements())))

    def add_parts(self, a: Dim, b: Dim, x: Every, y: Every) -> None:
        """The same for what is taken in steps: of axes of one length, or of one axis.

        `x[::2] + x[1::2]`: the length of x is even.
        """
        if x.by != y.by:
            return
        if x.of != y.of:
            whole = Dim(x.of, x.rest + x.by * a.off), Dim(y.of, y.rest + y.by * b.off)
            self.add(*whole)
        elif x.of in self.low and x.of not in self.rests:
            rest = rest_needed(a, b)
            if rest is not None:
                self.rests[x.of] = Multiple(x.of, x.by, rest)
                self.pairs.append((a, b))

    def of(self, d: Dim) -> Dim:
        """The length of an axis of an argument, with what is known of it now."""
        if d.sym not in self.low:
            return d
        to = self.resolved(Dim(d.sym))
        sym = self.rests.get(to.sym, to.sym)
        return Dim(sym, to.off, d.unit, self.low[to.sym] + to.off, True)


def fitting_lengths(function: Function, rules: Rules) -> list[Pair]:
    """Lengths that a function takes to be equal, wherever it broadcasts them."""
    pairs = [
        (expected(a), expected(b))
        for op in function.body.walk()
        for a, b in (*_pairs(op, rules), *_elements(op, rules))
    ]
    return [(a, b) for a, b in pairs if None not in (a.sym, b.sym) and not a.same(b)]


def fitting(related: Related, function: Function, rules: Rules) -> bool:
    """Note which lengths the function takes to be equal; whether any is new."""
    before = len(related.pairs)
    for a, b in fitting_lengths(function, rules):
        related.add(a, b)
    return len(related.pairs) > before


def _elements(op: Op, rules: Rules) -> Iterator[Pair]:
    """Lengths that may differ only if one of them is one."""
    yield from op.attrs.get("fits", ())
    shapes = [t.shape for a in op.args if isinstance(t := bound(a.type), Array)]
    if op.kind in UPDATES:
        shapes = [t.shape for t in _stored(op, rules) if isinstance(t, Array)]
    elif op.kind not in rules or rules[op.kind].form != "partials":
        return
    for dims in zip_longest(*(reversed(s) for s in shapes), fillvalue=ONE):
        yield from pairwise(d for d in dims if not d.unit)


def _stored(op: Op, rules: Rules) -> list[Type]:
    """The types of a part of an array and of what is stored there."""
    base, *where, value = op.args
    q = Emitter(rules, Region())
    for hop in op.attrs.get("path", ()):
        operands, where = where[: hop.count], where[hop.count :]
        base = q.emit(hop.kind, [base, *operands], hop.names, **dict(hop.attrs))
    if "index" not in op.attrs or not isinstance(bound(base.type), Array):
        return []
    names = ("x", *("index",) * len(where))
    part = q.emit("getitem", [base, *where], names, index=op.attrs["index"])
    return [bound(part.type), bound(value.type)]


def unified(types: Mapping[str, Type], related: Related) -> dict[str, Type]:
    """The types of the arguments, with one symbol for lengths that are related."""
    return {name: _unified(t, related) for name, t in types.items()}


def _unified(t: Type, related: Related) -> Type:
    if isinstance(t, Array):
        return replace(t, shape=tuple(map(related.of, t.shape)))
    if isinstance(t, Tuple):
        return t.of(_unified(item, related) for item in t.items)
    return t


def _dims(t: Type) -> Iterator[Dim]:
    if isinstance(t, Array):
        yield from t.shape
    elif isinstance(t, Tuple):
        for item in t.items:
            yield from _dims(item)


def hold(
    pairs: Iterable[Pair], types: Mapping[str, Type], args: Mapping[str, Any]
) -> bool:
    """Whether what was taken for granted is true of these arguments, as far as given.

    >>> import numpy as np
    >>> from s2s.ssa.types import typeof
    >>> x, y = np.ones(3), np.ones(4)
    >>> types = {"x": typeof(x, "x"), "y": typeof(y, "y")}
    >>> hold([(Dim("x.0"), Dim("y.0", -1))], types, {"x": x, "y": y})
    True
    """
    known = measured(types, args)
    found = [(of_length(a, known), of_length(b, known)) for a, b in pairs]
    return all(a == b for a, b in found if a is not None and b is not None)


def of_length(d: Dim, known: Mapping[str | None, int]) -> int | None:
    """The number that a length stands for, None if it is not known."""
    whole = d.sym.of if isinstance(d.sym, Every) else d.sym
    if whole not in known:
        return None
    n = known[whole]
    return max(0, d.off + (d.sym.when(n) if isinstance(d.sym, Every) else n))


def measured(
    types: Mapping[str, Type], args: Mapping[str, Any]
) -> dict[str | None, int]:
    """What the symbols in the types of arguments stand for."""
    known: dict[str | None, int] = {"": 0}
    work: list[tuple[Type, Any]] = [(types[name], args[name]) for name in args]
    while work:
        t, value = work.pop()
        if isinstance(t, Array):
            shape = getattr(value, "shape", ())
            pairs = zip(t.shape, shape, strict=False)
            known |= {d.sym: n for d, n in pairs if d.sym}
        elif isinstance(t, Tuple):
            work += zip(t.items, items_of(t.form, value), strict=True)
    return known

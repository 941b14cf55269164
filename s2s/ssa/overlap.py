"""Whether two places of an array are surely apart.

In: the indices of two accesses, and the loops around them. Out: True only if no element
belongs to both. Indices are taken for affine expressions of loop indices and of values
that do not change; what a loop index can be is known from the bounds of its loop.

    for k in range(n):                     A[i, k] and A[i, j] are apart: j - k >= 1,
        for i in range(k + 1, n):          and so is A[i, k] from what later rounds of
            for j in range(k + 1, n):      the loops write to
                A[i, j] -= A[i, k] * A[k, j]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from s2s.ssa.ir import Op, Region, Value, is_loop
from s2s.ssa.types import Array, Scalar, bound

DEEP = 12  # how many bounds may be put in for indices, one after the other


@dataclass(frozen=True)
class Affine:
    """`const + sum(k * v for v, k in terms)`; a term is a value or a free symbol."""

    const: int = 0
    terms: Mapping[object, int] = field(default_factory=dict)

    def plus(self, other: Affine, times: int = 1) -> Affine:
        terms = dict(self.terms)
        for v, k in other.terms.items():
            terms[v] = terms.get(v, 0) + times * k
        kept = {v: k for v, k in terms.items() if k}
        return Affine(self.const + times * other.const, kept)


Axis = tuple[Affine, Affine | None] | None  # from, up to; None: to the end, anything
Bounds = tuple[Affine, Affine]  # the least and the greatest
Given = tuple[tuple[Value, bool], ...]  # conditions, and whether they are true
ONE = Affine(1)
NEGATED = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}


class Overlap:
    """Knows the loops of one function (of its primal, or of both sweeps)."""

    def __init__(self, body: Region) -> None:
        self.loops: dict[Value, Op] = {}  # index -> its loop
        self.chain: dict[Op, tuple[Op, ...]] = {}  # operation -> loops around
        self.order: dict[Op, tuple[int, ...]] = {}  # operation -> position, inwards
        self.inside: dict[Value, tuple[Op, ...]] = {}  # value -> loops around
        self.given: dict[Op, Given] = {}  # operation -> conditions that it is under
        self._index(body, (), (), ())

    def _index(
        self, region: Region, chain: tuple[Op, ...], at: tuple, given: Given
    ) -> None:
        for param in region.params:
            self.inside[param] = chain
        for k, op in enumerate(region.ops):
            self.chain[op], self.order[op], self.given[op] = chain, (*at, k), given
            self.inside.update(dict.fromkeys(op.results, chain))
            if op.kind == "for":
                self.loops[op.regions[0].params[0]] = op
            around = (*chain, op) if is_loop(op) else chain
            is_branch = op.kind == "if" and op.attrs.get("form") is None
            for j, inner in enumerate(op.regions):
                under = (*given, (op.args[0], not j)) if is_branch else given
                self._index(inner, around, (*at, k, j), under)

    # expressions ----------------------------------------------------------

    def affine(self, value: Value, view: View) -> Affine:
        """An integer as an expression of indices, as one access sees them."""
        if value.is_const and isinstance(value.const, int):
            return Affine(int(value.const))
        if value in view.stands_for:
            return view.stands_for[value]
        op = value.op
        if op is not None and op.kind in ("add", "sub") and _is_int(value):
            x, y = (self.affine(a, view) for a in op.args)
            return x.plus(y, 1 if op.kind == "add" else -1)
        if op is not None and op.kind == "bound":
            return self.affine(op.args[0], view)
        return Affine(0, {view.name(value, self): 1})

    def bounds(self, index: Value, view: View) -> Bounds | None:
        """The least and the greatest value of a loop index."""
        start, stop, step = self.loops[index].args[:3]
        first, end = self.affine(start, view), self.affine(stop, view)
        if step.is_const and step.const == 1:
            return first, end.plus(ONE, -1)
        if step.is_const and step.const == -1:
            return end.plus(ONE), first
        return None

    # questions ------------------------------------------------------------

    def apart(self, a: Op, b: Op) -> bool:
        """Whether two accesses in one round of the loops around both are apart."""
        return self._apart(a, View(), b, View())

    def untouched(self, access: Op, store: Op) -> bool:
        """Whether no run of the store after an access writes to what it accesses."""
        return all(
            self._apart(access, first, store, then)
            for first, then in self.later(access, store)
        )

    def later(self, access: Op, store: Op) -> Iterator[tuple[View, View]]:
        """How an access, and a store that comes after it, see the indices.

        It may come later in the same round of all loops around both, or in a later
        round of one of them, where the loops inside of that run anew. Of the index of
        that loop the greater one is written as the lesser one and the rounds between.
        """
        mine, theirs = self.chain[access], self.chain[store]
        common = [a for a, b in zip(mine, theirs, strict=False) if a is b]
        if self.order[store] > self.order[access] and not self.exclude(access, store):
            yield View(), View(anew=frozenset(theirs[len(common) :]))
        for depth, loop in enumerate(common):
            anew = frozenset(theirs[depth:])
            first, then = View(), View(anew=anew, loop=loop)
            if loop.kind == "for":
                index, step = loop.regions[0].params[0], loop.args[2]
                if not (step.is_const and step.const in (1, -1)):
                    then.unknown = True
                else:
                    lesser = Affine(0, {index: 1})
                    greater = lesser.plus(Affine(0, {"rounds": 1}))
                    up = step.const == 1
                    first.stands_for[index] = lesser if up else greater
                    then.stands_for[index] = greater if up else lesser
            yield first, then

    def _apart(self, a: Op, va: View, b: Op, vb: View) -> bool:
        if va.unknown or vb.unknown or a.attrs.get("path") or b.attrs.get("path"):
            return False
        if "index" not in a.attrs or "index" not in b.attrs:
            return False  # a list gets or loses items
        known = {"rounds": (ONE, None)}
        axes = self.axes(a, va, known), self.axes(b, vb, known)
        least = Affine(), *self.facts(a, va, known), *self.facts(b, vb, known)
        return any(
            x is not None and y is not None and self._axis_apart(x, y, least, known)
            for x, y in zip(*axes, strict=False)
        )

    def axes(self, op: Op, view: View, known: dict) -> list[Axis]:
        """The parts of the axes that an access takes, the first ones first."""
        rest = iter(op.args[1:])
        out: list[Axis] = []
        for code in op.attrs["index"]:
            if code == "i":
                at = next(rest)
                if not _is_int(at):
                    return out  # an array: what follows may be another axis
                point = self.seen(at, view, known)
                out.append((point, point.plus(ONE)) if point else None)
            elif code.startswith("s"):
                lower, upper, step = (
                    next(rest) if flag == "1" else None for flag in code[1:]
                )
                if step is not None or not all(
                    e is None or _is_int(e) for e in (lower, upper)
                ):
                    out.append(None)
                    continue
                first = self.seen(lower, view, known) if lower else Affine()
                last = self.seen(upper, view, known) if upper else None
                cut = upper is not None and last is None  # up to who knows where
                out.append((first, None if cut else last) if first else None)
            else:
                return out
        return out

    def seen(self, value: Value, view: View, known: dict) -> Affine | None:
        """The position, if it surely counts from the front; notes what bounds it."""
        position = self.affine(value, view)
        work = list(position.terms)
        while work:
            term = work.pop()
            index = term[0] if isinstance(term, tuple) else term
            if term in known or index not in self.loops:
                continue
            bounds = self.bounds(index, view)
            if bounds is None:
                continue
            known[term] = bounds
            work += [t for b in bounds for t in b.terms]
        return position if self.least(position, known) >= 0 else None

    def _axis_apart(
        self, x: tuple, y: tuple, least: Iterable[Affine], known: dict
    ) -> bool:
        """Whether two parts of an axis are apart; nothing in `least` is below zero."""
        (a, b), (c, d) = x, y
        ends = ((c, b), (a, d))  # the one begins where the other has ended
        return any(
            self.least(start.plus(end, -1).plus(one, -1), known) >= 0
            for start, end in ends
            if end is not None
            for one in least
        )

    def exclude(self, a: Op, b: Op) -> bool:
        """Whether only one of two operations is done in a round of all loops."""
        others = dict(self.given[b])
        around = [o for o in self.chain[a] if o in self.chain[b]]
        return any(
            others.get(condition, true) is not true
            and all(loop in around for loop in self.inside.get(condition, ()))
            for condition, true in self.given[a]
        )

    def facts(self, op: Op, view: View, known: dict) -> Iterator[Affine]:
        """What cannot be below zero where an operation is done: `i != j`, `i < j`."""
        for condition, true in self.given[op]:
            made = condition.op
            if made is not None and made.kind == "not":
                made, true = made.args[0].op, not true
            if made is None or made.kind not in NEGATED:
                continue
            x, y = made.args
            if not (_is_int(x) and _is_int(y)):
                continue
            kind = made.kind if true else NEGATED[made.kind]
            more = self.affine(y, view).plus(self.affine(x, view), -1)
            less = Affine().plus(more, -1)
            if kind == "eq":
                yield from (more, less)
            elif kind == "ne":
                yield from (
                    d.plus(ONE, -1) for d in (more, less) if self.least(d, known) >= 0
                )
            else:
                d = more if kind in ("lt", "le") else less
                yield d.plus(ONE, -1) if kind in ("lt", "gt") else d

    def least(self, expression: Affine, known: dict) -> float:
        """What an expression surely is at least; minus infinity if that is unknown."""
        for _ in range(DEEP):
            if not expression.terms:
                return expression.const
            for term in sorted(expression.terms, key=lambda t: -_depth(t, self)):
                k, (low, high) = expression.terms[term], known.get(term, (None, None))
                limit = low if k > 0 else high
                if limit is not None:
                    rest = Affine(0, {term: 1})
                    expression = expression.plus(rest, -k).plus(limit, k)
                    break
            else:
                return float("-inf")
        return float("-inf")


@dataclass
class View:
    """How an access sees the indices: `anew` are loops that run once more for it."""

    anew: frozenset[Op] = frozenset()
    loop: Op | None = None  # the one that is in a later round
    stands_for: dict[Value, Affine] = field(default_factory=dict)
    unknown: bool = False

    def name(self, value: Value, overlap: Overlap) -> object:
        """A value as it is for this access: another one if it was made anew."""
        around = overlap.inside.get(value, ())
        return (value, True) if self.anew & set(around) else value


def _depth(term: object, overlap: Overlap) -> int:
    value = term[0] if isinstance(term, tuple) else term
    return len(overlap.inside.get(value, ())) if isinstance(value, Value) else 0


def _is_int(value: Value) -> bool:
    of = bound(value.type)
    return (
        isinstance(of, Scalar | Array)
        and of.kind == "int"
        and not (isinstance(of, Array) and of.rank)
    )

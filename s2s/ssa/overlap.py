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

from collections.abc import Iterator, Mapping
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
ONE = Affine(1)


class Overlap:
    """Knows the loops of one function (of its primal, or of both sweeps)."""

    def __init__(self, body: Region) -> None:
        self.loops: dict[Value, Op] = {}  # index -> its loop
        self.chain: dict[Op, tuple[Op, ...]] = {}  # operation -> loops around
        self.order: dict[Op, tuple[int, ...]] = {}  # operation -> position, inwards
        self.inside: dict[Value, tuple[Op, ...]] = {}  # value -> loops around
        self._index(body, (), ())

    def _index(self, region: Region, chain: tuple[Op, ...], at: tuple) -> None:
        for param in region.params:
            self.inside[param] = chain
        for k, op in enumerate(region.ops):
            self.chain[op], self.order[op] = chain, (*at, k)
            self.inside.update(dict.fromkeys(op.results, chain))
            if op.kind == "for":
                self.loops[op.regions[0].params[0]] = op
            around = (*chain, op) if is_loop(op) else chain
            for j, inner in enumerate(op.regions):
                self._index(inner, around, (*at, k, j))

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
            self._apart(access, View(), store, v) for v in self.later(access, store)
        )

    def later(self, access: Op, store: Op) -> Iterator[View]:
        """How a store sees the indices when it comes after an access.

        It may come later in the same round of all loops around both, or in a later
        round of one of them, where the loops inside of that run anew.
        """
        mine, theirs = self.chain[access], self.chain[store]
        common = [a for a, b in zip(mine, theirs, strict=False) if a is b]
        if self.order[store] > self.order[access]:
            yield View(anew=frozenset(theirs[len(common) :]))
        for depth, loop in enumerate(common):
            anew = frozenset(theirs[depth:])
            view = View(anew=anew, loop=loop)
            if loop.kind == "for":
                index, step = loop.regions[0].params[0], loop.args[2]
                if not (step.is_const and step.const in (1, -1)):
                    view.unknown = True
                else:
                    rounds = Affine(0, {"rounds": int(step.const)})
                    view.stands_for[index] = Affine(0, {index: 1}).plus(rounds)
            yield view

    def _apart(self, a: Op, va: View, b: Op, vb: View) -> bool:
        if va.unknown or vb.unknown or a.attrs.get("path") or b.attrs.get("path"):
            return False
        if "index" not in a.attrs or "index" not in b.attrs:
            return False  # a list gets or loses items
        known = {"rounds": (ONE, None)}
        pairs = zip(self.axes(a, va, known), self.axes(b, vb, known), strict=False)
        return any(
            x is not None and y is not None and self._axis_apart(x, y, known)
            for x, y in pairs
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
            index, anew = term if isinstance(term, tuple) else (term, False)
            if term in known or index not in self.loops:
                continue
            bounds = self.bounds(index, view if anew or view.holds(index) else View())
            if bounds is None:
                continue
            known[term] = bounds
            work += [t for b in bounds for t in b.terms]
        return position if self.least(position, known) >= 0 else None

    def _axis_apart(self, x: tuple, y: tuple, known: dict) -> bool:
        (a, b), (c, d) = x, y
        ends = ((c, b), (a, d))  # the one begins where the other has ended
        return any(
            end is not None and self.least(start.plus(end, -1), known) >= 0
            for start, end in ends
        )

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

    def holds(self, value: object) -> bool:
        return value in self.stands_for

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

"""Stores: new versions of arrays, refused where another name may or may not see them.

In: an array, an index and a value. Out: a `store`, whose result is the new version of
the whole piece of storage that the array lies in (see `versions`).

    v = A[1:]
    v[0] = 5.0     ->     A1 = store(A, [1:], 0, 5.0)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import gast

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.attempts import Attempt, Change
from s2s.ssa.bound import Made, Seq, flat, plain
from s2s.ssa.ir import Hop, Region, Value
from s2s.ssa.layout import contiguous_if
from s2s.ssa.memory import Cell, Place
from s2s.ssa.self_copy import reads_what_it_wrote
from s2s.ssa.storage import READ_ONLY, global_of, is_basic, is_full_index
from s2s.ssa.types import UNDEF
from s2s.ssa.versions import VersionBuilder

if TYPE_CHECKING:
    from s2s.rules import Rules

Step = tuple[Hop, tuple[Value, ...]]

# Operations whose result is a view of complex arrays, and may be the same for others.
PARTS = frozenset(["real", "imag", "np.real", "np.imag"])
PARTS_ARE_READ = (
    "real and imaginary parts cannot be assigned to on their own here",
    "assign complex numbers to the array: `z[...] = re + 1j * im`",
)


class StoreBuilder(VersionBuilder):
    """Writes to arrays."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.held: list[Value] = []  # what loops around run over
        self.contiguous: dict[Value, Origin | None] = {}  # arguments that have to be
        self.at: gast.stmt | None = None  # the statement being built
        self.within = False  # a store comes before other parts of its statement
        self.stored_by: set[gast.AST] = set()  # calls with `out` of this statement
        # what is evaluated conditionally: what is made inside has larger numbers
        self.sealed: list[int] = []
        self.attempts: list[Attempt] = []  # bodies of `try` that are being built
        # what loops around take their items from, one by one
        self.lazily: list[set[Cell | Made]] = []
        self.ahead: list[int] = []  # since when items are made before their rounds

    def store(
        self,
        node: gast.AST,
        base: Value,
        codes: tuple[str, ...],
        operands: Sequence[Value],
        value: Value,
        kind: str = "store",
        **attrs: Any,
    ) -> None:
        """`base[index] = value`: a new version of the cell that `base` lies in."""
        place = self.place_of(base)
        cell = place.cell
        self.check_writable(node, base, place)
        if kind == "store" and not attrs.get("minus"):
            self.check_copy(node, base, codes, operands, value)
        path, codes, operands = self.way_to(base, codes, operands)
        hops = tuple(hop for hop, _ in path)
        args = [self.version(cell)]
        args += [o for _, inner in path for o in inner]
        args += [*operands, self.fresh(value)]
        names = ("x",) + ("index",) * (len(args) - 1)
        old = args[0]
        new = self.as_it_is(
            kind, args, names, old.hint, old.role, path=hops, index=codes, **attrs
        )
        self.replace(cell, new)
        self.note_array(node, cell)

    def way_to(
        self, base: Value, codes: tuple[str, ...], operands: Sequence[Value]
    ) -> tuple[list[Step], tuple[str, ...], Sequence[Value]]:
        """The hops from a cell to `base`, and the index there, if need be of both."""
        path = list(self.place_of(base).path)
        if path and path[-1][0].kind == "getitem":
            return _merged(path, codes, operands)
        return path, codes, operands

    # what is refused ------------------------------------------------------

    def check_copy(
        self,
        node: gast.AST,
        base: Value,
        codes: tuple[str, ...],
        operands: Sequence[Value],
        value: Value,
    ) -> None:
        """Refuse what NumPy does in an order that matters."""
        source = self.places.get(value)
        if source is None or not self.overlap(base, value):
            return
        path, codes, operands = self.way_to(base, codes, operands)
        last = indexing(codes), tuple(operands)
        target = Place(self.place_of(base).cell, (*path, last))
        if reads_what_it_wrote(base, target, source, value):
            self.refuse(
                node,
                "this copies a part of an array into another part of it that it may "
                "overlap, and NumPy reads elements that it has just written",
                "copy the right side first, with `.copy()`",
            )

    def check_sealed(
        self, node: gast.AST, which: Cell | Made | None, what: str
    ) -> None:
        """Refuse that a function which a conditional expression calls changes things.

        What was made there may change.
        """
        if self.sealed and (which is None or not which.is_newer(self.sealed[-1])):
            self.refuse(
                node,
                f"this changes {what} while a condition is evaluated",
                "do it in a statement of its own, outside",
            )

    def note_change(
        self, node: gast.AST, which: Cell | Made, what: str, halfway: bool = False
    ) -> None:
        """Note in which `try` something from outside has just been changed."""
        same = {which, *(which.shares if isinstance(which, Cell) else which.which)}
        if any(same & held for held in self.lazily):
            self.refuse(
                node,
                f"this changes {what} that the loop around takes its items from",
                "make a list of the items first: `for v in list(...)`",
            )
        if any(same & held for held in self.yielded()):
            self.refuse(
                node,
                f"this changes {what} that a generator has yielded",
                "yield a copy of it",
            )
        if self.ahead and not which.is_newer(self.ahead[-1]):
            self.refuse(
                node,
                f"this changes {what} while items are made, which Python makes one by "
                "one as they are used",
                "make a list of the items first: `list(...)`",
            )
        region, where = self.region, self.origin_of(node)
        for attempt in self.attempts:
            if attempt.is_outside(which):
                start = len(region.ops)
                attempt.changes.append(
                    Change(what, where, region, start, attempt.which, halfway)
                )

    def yielded(self) -> Iterator[set[Cell | Made]]:
        """The parts of what generators have yielded, which nothing may change."""
        raise NotImplementedError

    def note_array(self, node: gast.AST, cell: Cell, halfway: bool = False) -> None:
        """The same of an array.

        NumPy raises FloatingPointError when it has overwritten all of it: by `x /= y`
        and `out=x`, not by `x[:] = x / y`.
        """
        plain = isinstance(self.at, gast.Assign) and not isinstance(node, gast.Call)
        floats = not plain and any(attempt.floats for attempt in self.attempts)
        self.note_change(node, cell, "an array", halfway or floats)

    def refuse_global(self, node: gast.AST, value: Value) -> NoReturn:
        what = f"this changes the global `{value.hint}`"
        self.refuse(node, what, "pass it as an argument, or copy it first")

    def check_writable(self, node: gast.AST, base: Value, place: Place) -> None:
        """Refuse a store that another name may or may not see."""
        cell = place.cell
        self.need_layout(node, place)
        self.check_sealed(node, cell, "an array")
        for each in (cell, *cell.shares):
            if of := global_of(each.first):
                self.refuse_global(node, of)
        if cell.first.is_const:
            self.refuse_global(node, cell.first)
        for hop, _ in place.path:
            if hop.kind in READ_ONLY:
                self.refuse(
                    node,
                    f"the result of {hop.kind} is read-only in NumPy",
                    "assign to the array that it shows, or copy it first",
                )
        if cell.first.op is not None and cell.first.op.kind in PARTS:
            self.refuse(node, *PARTS_ARE_READ)
        owner = cell.owner or next((c.owner for c in cell.shares if c.owner), "")
        if owner:
            self.refuse(
                node,
                f"this changes an item of {owner} in place",
                "change the array by a name of its own, or copy it first",
            )
        if not cell.shares:
            return
        if self.in_the_midst():
            self.refuse(
                node,
                "this changes an array in the midst of a statement, and which names "
                "are the same array is not known",
                "make the call a statement of its own",
            )
        for name, value in self.visible():
            other = self.places.get(value)
            if other is not None and other.cell in cell.shares:
                self._refuse_shared(node, base, name)

    def in_the_midst(self) -> bool:
        """Whether other parts of a statement are evaluated after this store."""
        return self.within

    def need_layout(self, node: gast.AST, place: Place) -> None:
        """Note that what a store goes through, or is seen through, must be a view."""
        seen = [self.places[v] for _, v in self.visible() if v in self.places]
        seen += self.if_contiguous if self.within else ()
        for at in (place, *(p for p in seen if p.cell is place.cell)):
            for k in range(len(at.path)):
                if Place(at.cell, at.path[: k + 1]) in self.if_contiguous:
                    for value in contiguous_if(at.cell.first) or ():
                        self.contiguous.setdefault(value, self.origin_of(node))

    def _refuse_shared(self, node: gast.AST, base: Value, name: str) -> NoReturn:
        what, mine = "an array", base.hint
        early = name == self.returned_name()
        other = "what is returned" if early else f"`{name}`"
        advice = f"assign to `{name}` itself"
        if base.role == "user":
            what = f"`{mine}`"
            advice = f"copy one of them first: `{mine} = {mine}.copy()`"
            if isinstance(self.env.get(name), Seq):
                advice = f"put a copy into `{name}`: `{mine}.copy()`"
        raise UnsupportedError(
            f"this changes {what} in place, and {other} may be the same array or a "
            "part of it",
            self.origin_of(node),
            advice,
        )

    # what is read later ---------------------------------------------------

    @contextmanager
    def branch(self) -> Iterator[Region]:
        with self.sealing(), super().branch() as region:
            yield region

    @contextmanager
    def sealing(self) -> Iterator[None]:
        """Let nothing that was made before change for a while."""
        self.sealed.append(Value(UNDEF).number)
        try:
            yield
        finally:
            self.sealed.pop()

    def visible(self) -> Iterable[tuple[str, Value]]:
        """The values that are still read after this statement, by name."""
        for value in self.held:
            yield value.hint, value
        for name in sorted(self.live_names()):
            for value in flat(self.env[name]) if name in self.env else ():
                yield plain(name), value

    def live_names(self) -> set[str]:
        """The names that are read after this statement."""
        raise NotImplementedError

    def returned_name(self) -> str | None:
        """The name of what an early `return` gives, until the function ends."""
        raise NotImplementedError


def indexing(codes: tuple[str, ...]) -> Hop:
    return Hop("getitem", (), (("index", codes),), 0)


def _merged(
    path: list[Step], codes: tuple[str, ...], operands: Sequence[Value]
) -> tuple[list[Step], tuple[str, ...], Sequence[Value]]:
    """`A[i][...]` as `A[i]`, and `A[i][j]` as `A[i, j]`."""
    hop, first = path[-1]
    outer = dict(hop.attrs)["index"]
    if is_full_index(codes):
        return path[:-1], outer, first
    if all(c == "i" for c in outer) and is_basic(codes, operands):
        return path[:-1], (*outer, *(c for c in codes if c)), [*first, *operands]
    return path, codes, operands

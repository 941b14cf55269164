"""Which array a name means, so that an update in place reaches every name of it.

In: what the builder evaluates. Out: pure SSA. A piece of storage is a `Cell`; a view is
a `Place`, a path of hops into a cell. A store makes a new *version* of its cell:

    v = A[1:]           v = A[1:]                    (place of v: A, by the hop [1:])
    A[2] = 5.0    ->    A1 = store(A, 2, 5.0)
    y = v[0]            v1 = A1[1:];  y = v1[0]      (v was read again)

A value whose place has another version by now is *stale* and is read again where it is
used. Where control flow meets, one name may stand for one of several cells; a store
that another live name may or may not see is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

import gast

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.bound import Bound, Seq, flat, plain
from s2s.ssa.calls import ExprBuilder
from s2s.ssa.ir import Hop, Op, Region, Value
from s2s.ssa.rebound import Rebinding
from s2s.ssa.self_copy import Path, reads_what_it_wrote
from s2s.ssa.storage import (
    READ_ONLY,
    RESHAPES,
    aliasing,
    is_basic,
    is_contiguous,
    is_full_index,
)
from s2s.ssa.types import UNDEF, Array, List, Maybe, Tuple, Type, bound, rank_of

if TYPE_CHECKING:
    from s2s.rules import Rules

Key = tuple[str, int]  # a name that a loop rebinds, and which of its values


@dataclass(eq=False)
class Cell:
    """An array or list made somewhere, or an argument; `first` is it before any store.

    `shares` are the cells that may be the same storage on some path. A cell with
    `owner` is part of that object (an item of a list): it is not written to.
    """

    first: Value
    shares: set[Cell]
    owner: str = ""

    def meets(self, other: Cell) -> None:
        """Note that the two cells may be the same."""
        if other is not self:
            self.shares.add(other)
            other.shares.add(self)

    def derives(self, other: Cell, mark: int) -> None:
        """Note that this cell may be another one, or what that may be.

        Of what it may be, only what is older than `mark`: names that one loop or branch
        rebinds may come from the same cells, and still never be the same at a time.
        """
        for cell in {other, *(c for c in other.shares if c.first.number < mark)}:
            self.meets(cell)


@dataclass(frozen=True)
class Place:
    """A part of a cell: its hops with their operands, from the whole inwards."""

    cell: Cell
    path: tuple[tuple[Hop, tuple[Value, ...]], ...] = ()


class MemoryBuilder(ExprBuilder):
    """Evaluates expressions over arrays that change."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.places: dict[Value, Place] = {}
        self.read_at: dict[Value, Value] = {}  # value -> the version it was read from
        self.versions: dict[Cell, Value] = {}  # of cells that have been written to
        self.held: list[Value] = []  # what loops around run over
        self.in_lists: set[Cell] = set()
        self.arguments: set[Value] = set()
        self.if_contiguous: set[Place] = set()  # views of arguments, if these are so
        self.contiguous: dict[Value, Origin | None] = {}  # arguments that have to be
        self.rebound: list[Rebinding] = []  # numbers, or perhaps arrays without axes
        self.at: gast.stmt | None = None  # the statement being built
        self.depth = 0  # how many loops are being built
        self.within = False  # a store comes before other parts of its statement
        self.stored_by: set[gast.AST] = set()  # calls with `out` of this statement
        # what is evaluated conditionally: what is made inside, and where that is
        self.sealed: list[tuple[int, str]] = []

    # reading --------------------------------------------------------------

    def place_of(self, value: Value) -> Place:
        """Where an array lies; one that was just made has a cell of its own."""
        if value not in self.places:
            self.places[value] = Place(Cell(value, set()))
            self.read_at[value] = value
        return self.places[value]

    def stored(self, value: Value) -> bool:
        """Whether a value may change in place, or may be on some path.

        A number on one path may be a view of one element on another.
        """
        return has_storage(value) or value in self.places

    def version(self, cell: Cell) -> Value:
        return self.versions.get(cell, cell.first)

    def fresh(self, value: Value) -> Value:
        """The value as it is now: read again if its storage was written to."""
        place = self.places.get(value)
        if place is None or self.read_at[value] is self.version(place.cell):
            return value
        if isinstance(value.type, Maybe):
            raise UnsupportedError(
                f"`{value.hint}` may be unbound here, and what it shows was changed",
                self.origin,
                "bind it on every path",
            )
        return self.read(place, value)

    def fresh_item(self, item: Bound) -> Bound:
        if isinstance(item, Seq):
            return item.of(map(self.fresh_item, item.items))
        return self.fresh(item)

    def read(self, place: Place, like: Value) -> Value:
        """The value at a place now, named as `like`."""
        now = out = self.version(place.cell)
        for hop, operands in place.path:
            args = [out, *operands]
            out = super().emit(hop.kind, args, hop.names, like.hint, **dict(hop.attrs))
        if place.path:
            out.hint, out.role = like.hint, like.role
            self.places[out], self.read_at[out] = place, now
        return out

    def emit(
        self,
        kind: str,
        args: Sequence[Value],
        names: Sequence[str] | None = None,
        *rest: Any,
        **attrs: Any,
    ) -> Value:
        if kind != "bound":
            args = [self.fresh(a) for a in args]
        out = self.measured(super().emit(kind, args, names, *rest, **attrs))
        assert out.op is not None
        self._note(out, out.op)
        return out

    def measured(self, value: Value) -> Value:
        """Outside of loops, lengths that are not known have names: each is itself."""
        of = bound(value.type)
        if isinstance(of, Array) and not self.depth and not of.loose:
            if any(d.sym is None for d in of.shape):
                dims = (
                    replace(d, sym=f"?v{value.number}.{k}") if d.sym is None else d
                    for k, d in enumerate(of.shape)
                )
                value.type = replace(of, shape=tuple(dims))
        return value

    def _note(self, out: Value, op: Op) -> None:
        """The place of a result that shares storage with an operand."""
        if op.kind == "bound" and self.stored(op.args[0]):
            self.places[out] = self.place_of(op.args[0])
            self.read_at[out] = self.read_at[op.args[0]]
            return
        how = aliasing(op)
        if how == "fresh" or not has_storage(out):
            return
        sources = [a for a in op.args if has_storage(a) and not a.is_const]
        if not sources:
            return
        if how == "view":
            base = self.place_of(op.args[0])
            first, stretch = base.cell.first, all(_leading(hop) for hop, _ in base.path)
            known = not _may_copy(op) or (stretch and is_contiguous(first))
            if known or (stretch and first in self.arguments):
                hop = Hop(op.kind, op.names, hop_attrs(op), len(op.args) - 1)
                path = (*base.path, (hop, tuple(op.args[1:])))
                self.places[out] = Place(base.cell, path)
                self.read_at[out] = self.version(base.cell)
                if not known:
                    self.if_contiguous.add(self.places[out])
                return
        cell = self.place_of(out).cell
        if op.kind == "pick":  # the items of a tuple are apart
            whole = self.place_of(op.args[0]).cell
            for other in list(whole.shares):
                if other.first.number < whole.first.number:
                    cell.meets(other)
            cell.owner = whole.owner
            return
        for source in sources:
            cell.derives(self.place_of(source).cell, out.number)
            if isinstance(bound(source.type), List):
                cell.owner = "a list or tuple"
            cell.owner = cell.owner or self.place_of(source).cell.owner

    @contextmanager
    def branch(self) -> Iterator[Region]:
        with self.sealing(), super().branch() as region:
            yield region

    @contextmanager
    def sealing(self, where: str = "while a condition is evaluated") -> Iterator[None]:
        """Let nothing that was made before change for a while."""
        self.sealed.append((Value(UNDEF).number, where))
        try:
            yield
        finally:
            self.sealed.pop()

    def chosen(self, result: Value, outcomes: list[Value]) -> None:
        for outcome in filter(self.stored, outcomes):
            cell = self.place_of(outcome).cell
            self.place_of(result).cell.derives(cell, result.number)

    def rows(self, base: Value, items: Sequence[Bound]) -> None:
        """Note that an array was unpacked into its rows, which are views of it."""
        place = self.place_of(base)
        hop = Hop("getitem", ("x", "index"), (("index", ("i",)),), 1)
        for k, item in enumerate(items):
            assert isinstance(item, Value)
            path = (*place.path, (hop, (self.const(k),)))
            self.places[item] = Place(place.cell, path)
            self.read_at[item] = self.version(place.cell)

    def hold(self, cell: Cell) -> None:
        """Note that a list has an array: it is not written to any more."""
        self.in_lists.add(cell)
        cell.owner = "a list"

    def met(self, types: Sequence[Type]) -> Type:
        """The type of a cell where paths meet: that of an array stays the same."""
        return bound(types[0])

    # writing --------------------------------------------------------------

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
        path = list(place.path)
        if path and path[-1][0].kind == "getitem":
            codes, operands, path = _merged(path, codes, operands)
        if kind == "store" and not attrs.get("minus"):
            self.check_copy(node, cell, value, [*path, (indexing(codes), operands)])
        hops = tuple(hop for hop, _ in path)
        args = [self.version(cell)]
        args += [o for _, inner in path for o in inner]
        args += [*operands, self.fresh(value)]
        names = ("x",) + ("index",) * (len(args) - 1)
        old = args[0]
        new = super().emit(
            kind, args, names, old.hint, old.role, path=hops, index=codes, **attrs
        )
        self.replace(cell, new)

    def check_copy(
        self, node: gast.AST, cell: Cell, value: Value, target: Path
    ) -> None:
        """Refuse what NumPy does in an order that matters."""
        source = self.places.get(value)
        if source is None or (
            source.cell is not cell and source.cell not in cell.shares
        ):
            return
        if reads_what_it_wrote(cell.first, target, source.path, value):
            self.refuse(
                node,
                "this copies a part of an array into another part of it that it may "
                "overlap, and NumPy reads elements that it has just written",
                "copy the right side first, with `.copy()`",
            )

    def replace(self, cell: Cell, new: Value) -> None:
        """Let a value be the current version of a cell."""
        self.versions[cell] = new
        self.places[new], self.read_at[new] = Place(cell), new

    def check_sealed(self, node: gast.AST, cell: Cell | None, what: str) -> None:
        """Refuse that a function which a conditional expression calls changes things.

        `cell` is what it changes, if it may be something that was made there.
        """
        if not self.sealed:
            return
        start, where = self.sealed[-1]
        if cell is None or cell.first.number < start:
            advice = "do it in a statement of its own, outside"
            self.refuse(node, f"this changes {what} {where}", advice)

    def check_writable(self, node: gast.AST, base: Value, place: Place) -> None:
        """Refuse a store that another name may or may not see."""
        cell = place.cell
        self.need_layout(node, place)
        self.check_sealed(node, cell, "an array")
        if cell.first.role == "global" or cell.first.is_const:
            self.refuse(
                node,
                f"this changes the global `{cell.first.hint}`",
                "pass it as an argument, or copy it first",
            )
        for hop, _ in place.path:
            if hop.kind in READ_ONLY:
                self.refuse(
                    node,
                    f"the result of {hop.kind} is read-only in NumPy",
                    "assign to the array that it shows, or copy it first",
                )
        if cell.first.op is not None and cell.first.op.kind in PARTS:
            self.refuse(
                node,
                "real and imaginary parts cannot be assigned to on their own here",
                "assign complex numbers to the array: `z[...] = re + 1j * im`",
            )
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
                    self.contiguous.setdefault(at.cell.first, self.origin_of(node))

    def _refuse_shared(self, node: gast.AST, base: Value, name: str) -> NoReturn:
        what, mine = "an array", base.hint
        advice = f"assign to `{name}` itself"
        if base.role == "user":
            what = f"`{mine}`"
            advice = f"copy one of them first: `{mine} = {mine}.copy()`"
        raise UnsupportedError(
            f"this changes {what} in place, and `{name}` may be the same array or a "
            "part of it",
            self.origin_of(node),
            advice,
        )

    def visible(self) -> Iterable[tuple[str, Value]]:
        """The values that are still read after this statement, by name."""
        for value in self.held:
            yield value.hint, value
        for name in sorted(self.live_names()):
            for value in flat(self.env[name]) if name in self.env else ():
                yield plain(name), value

    def overlap(self, a: Value, b: Value) -> bool:
        """Whether two values may share storage."""
        if not self.stored(a) or not self.stored(b):
            return False
        x, y = self.place_of(a).cell, self.place_of(b).cell
        return x is y or y in x.shares

    def live_names(self) -> set[str]:
        """The names that are read after this statement."""
        raise NotImplementedError


def indexing(codes: tuple[str, ...]) -> Hop:
    return Hop("getitem", (), (("index", codes),), 0)


def _merged(
    path: list[Any], codes: tuple[str, ...], operands: Sequence[Value]
) -> tuple[tuple[str, ...], list[Value], list[Any]]:
    """`A[i][...]` as `A[i]`, and `A[i][j]` as `A[i, j]`."""
    hop, first = path[-1]
    outer = dict(hop.attrs)["index"]
    if is_full_index(codes):
        return outer, list(first), path[:-1]
    if all(c == "i" for c in outer) and is_basic(codes, operands):
        return (*outer, *(c for c in codes if c)), [*first, *operands], path[:-1]
    return codes, list(operands), path


class Meeting:
    """Where the two branches of an `if` meet: one version of each cell goes on.

    `ends` are the versions at the end of each branch, None where it never ends.
    """

    def __init__(self, builder: MemoryBuilder) -> None:
        self.b = builder
        self.mark = Value(UNDEF).number  # what was made before has a smaller number
        self.ends: list[dict[Cell, Value] | None] = []
        self.names: list[tuple[Value, tuple[Value | None, ...]]] = []

    def cells(self, op: Op) -> None:
        """Carry on with what either branch stored."""
        b = self.b
        written = {c: None for end in self.ends if end is not None for c in end}
        for cell in written:
            if cell.first.number > self.mark:
                continue
            ends = [None if e is None else e.get(cell, cell.first) for e in self.ends]
            given = [e for e in ends if e is not None]
            if all(e is b.version(cell) for e in given):
                continue
            for region, end in zip(op.regions, ends, strict=True):
                gone = Value(UNDEF, cell.first.hint, "user", const=None)
                region.results.append(gone if end is None else end)
            like = given[0]
            type = b.met([e.type for e in given])
            result = Value(type, like.hint, like.role, op=op)
            op.results.append(result)
            b.replace(cell, result)

    def same_place(self, a: Value | None, b: Value | None) -> Value | None:
        """A value that stands for the place that both are, to be read again.

        A branch that never ends (None) leaves it to the other one what that is.
        """
        places = self.b.places
        ends = [end for end in (a, b) if end is not None]
        if any(e not in places or isinstance(e.type, Maybe) for e in ends):
            return None
        one, *others = [places[e] for e in ends]
        if not self._outside(one) or not all(_equal_places(one, o) for o in others):
            return None
        self.b.read_at[ends[0]] = ends[0]
        return ends[0]

    def fresh(self, op: Op, *values: Value | None) -> list[Value | None]:
        """The values as they are at the end of their branches."""
        b, versions, out = self.b, self.b.versions, []
        for region, end, value in zip(op.regions, self.ends, values, strict=True):
            if end is not None and value is not None:
                b.versions = end
                with b.inside(region):
                    value = b.fresh(value)
            out.append(value)
        b.versions = versions
        return out

    def met(self, result: Value, *sources: Value | None) -> None:
        """Note what a name may mean from here on."""
        b = self.b
        known = [s for s in sources if s is not None and b.stored(s)]
        if not known:
            return
        if len(known) == 1 and len(sources) == 2 and isinstance(result.type, Maybe):
            place = b.places.get(known[0])
            if place and place.path and self._outside(place):
                b.places[result], b.read_at[result] = place, b.version(place.cell)
                return
        cell = b.place_of(result).cell
        for source in known:
            cell.derives(b.place_of(source).cell, self.mark)
        for other, theirs in self.names:
            if any(
                s is not None and t is not None and b.overlap(s, t)
                for s, t in zip(sources, theirs, strict=True)
            ):
                cell.meets(b.place_of(other).cell)
        self.names.append((result, sources))

    def _outside(self, place: Place) -> bool:
        operands = [o for _, operands in place.path for o in operands]
        values = [place.cell.first, *operands]
        return all(v.is_const or v.number < self.mark for v in values)


class Around:
    """A loop: which cells it carries, and what the names that it rebinds may mean.

    `params` are what a name is at the top of the body, by name and position.
    """

    def __init__(self, builder: MemoryBuilder) -> None:
        self.b = builder
        self.mark = Value(UNDEF).number
        self.cells: list[Cell] = []  # from outside, written to in the body
        self.sources: dict[Key, set[Cell]] = {}
        self.pairs: set[frozenset[Key]] = set()
        self.before = dict(builder.versions)
        self.yields: list[Value] = []
        self.types: dict[Cell, Type] = {}  # of lists that get items in the body
        self.in_lists = set(builder.in_lists)  # from outside, put into lists
        self.held: frozenset[Key] = frozenset()  # names of what was put into lists

    def enter(self, entry: dict[Key, Value]) -> None:
        """What each rebound name is before the loop."""
        b = self.b
        known = {k: v for k, v in entry.items() if self.b.stored(v)}
        for key, value in known.items():
            self.sources[key] = {b.place_of(value).cell}
            for other, theirs in known.items():
                if key != other and b.overlap(value, theirs):
                    self.pairs.add(frozenset((key, other)))

    def bind(self, values: dict[Key, Value]) -> None:
        """Give the names cells of their own that may be what they came from."""
        cells = {
            k: self.b.place_of(v).cell
            for k, v in values.items()
            if has_storage(v) or k in self.sources
        }
        for key, cell in cells.items():
            for source in self.sources.get(key, ()):
                cell.derives(source, self.mark)
            for other in cells:
                if frozenset((key, other)) in self.pairs:
                    cell.meets(cells[other])
            if key in self.held:
                self.b.hold(cell)

    def carried(self, start: dict[Cell, Value]) -> list[Value]:
        """Parameters for the cells that the body writes to."""
        made = []
        for cell in self.cells:
            now = start.get(cell, cell.first)
            of = self.types.get(cell, bound(now.type))
            made.append(Value(of, now.hint, now.role))
            self.b.replace(cell, made[-1])
        return made

    def news(self, op: Op, params: dict[Key, Value], ends: dict[Key, Value]) -> bool:
        """What the names and cells are at the end of the body; True if that is news."""
        b, body = self.b, op.regions[-1]
        first = len(body.params) - len(self.cells)
        start = dict(zip(self.cells, body.params[first:], strict=True))
        self.yields = [b.version(cell) for cell in self.cells]
        more = [
            cell
            for cell, value in b.versions.items()
            if cell.first.number < self.mark
            and cell not in start
            and self.before.get(cell, cell.first) is not value
        ]
        self.cells += more
        news = bool(more)
        for (cell, param), end in zip(start.items(), self.yields, strict=False):
            of = b.met([param.type, end.type])
            if of != param.type:
                self.types[cell], news = of, True
        return self._meanings(params, ends) or news

    def _meanings(self, params: dict[Key, Value], ends: dict[Key, Value]) -> bool:
        b = self.b
        before = {k: set(v) for k, v in self.sources.items()}, set(self.pairs)
        held = self.held, self.in_lists
        inner = {b.place_of(p).cell: k for k, p in params.items() if b.stored(p)}
        known = {k: v for k, v in ends.items() if b.stored(v)}
        for key, value in known.items():
            cell = b.place_of(value).cell
            mine = self.sources.setdefault(key, set())
            for source in {cell, *cell.shares}:
                if source in inner:
                    mine |= self.sources.get(inner[source], set())
                elif source.first.number < self.mark:
                    mine.add(source)
            for other, theirs in known.items():
                if key != other and b.overlap(value, theirs):
                    self.pairs.add(frozenset((key, other)))
            if b.in_lists & {cell, *cell.shares}:
                self.held = self.held | {key}
        self.in_lists = {c for c in b.in_lists if c.first.number < self.mark}
        return before != (self.sources, self.pairs) or held != (
            self.held,
            self.in_lists,
        )

    def finish(self, op: Op) -> None:
        """Slots for the cells, and their versions after the loop."""
        for cell, end in zip(self.cells, self.yields, strict=True):
            now = self.b.version(cell)
            op.args.append(now)
            op.regions[-1].results.append(end)
            of = self.types.get(cell, bound(now.type))
            result = Value(of, now.hint, now.role, op=op)
            op.results.append(result)
            self.b.replace(cell, result)


def _equal_places(a: Place, b: Place) -> bool:
    def shape(place: Place) -> list[Any]:
        return [
            (hop, [(type(o.const), o.const) if o.is_const else o for o in operands])
            for hop, operands in place.path
        ]

    return a.cell is b.cell and shape(a) == shape(b)


def has_storage(value: Value) -> bool:
    """Whether a value may be an array or list, which can change in place."""
    of = bound(value.type)
    if isinstance(of, Array) and not of.rank:  # a view of one element, not a number
        op = value.op
        if op is not None and op.kind == "bound":
            return has_storage(op.args[0])
        whole = op is not None and (op.kind != "getitem" or "e" in op.attrs["index"])
        return op is not None and whole and aliasing(op) == "view"
    return isinstance(of, Array | List | Tuple) and not value.is_const


def hop_attrs(op: Op) -> tuple[tuple[str, Any], ...]:
    return tuple((k, v) for k, v in op.attrs.items() if k in ("index", "method"))


def _may_copy(op: Op) -> bool:
    """Whether NumPy may have to copy: to reshape what is not contiguous."""
    if "reshape" in op.kind and rank_of(op.args[0].type) == 1:
        return False  # one stride can always be split into several
    return op.kind in RESHAPES


def _leading(hop: Hop) -> bool:
    """Whether a hop takes a contiguous stretch of a contiguous array."""
    codes = dict(hop.attrs).get("index")
    if codes is None:
        return hop.kind in RESHAPES
    numbers = [c for c in codes if c != "i"]
    rest = codes[len(codes) - len(numbers) :]
    return not numbers or (
        len(numbers) == 1 and rest == tuple(numbers) and numbers[0] in STRETCHES
    )


STRETCHES = ("e", "s000", "s100", "s010", "s110")


# Operations whose result is a view of complex arrays, and may be the same for others.
PARTS = frozenset(["real", "imag", "np.real", "np.imag"])

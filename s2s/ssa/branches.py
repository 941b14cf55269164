"""`if` statements to SSA.

In: a condition and two blocks. Out: an `if` operation, with a result for each name that
the branches leave bound to different values. A branch that the signature decides is
built alone.

    if c:                        x3 = if c:
        x = x * x       ->           x2 = x1 * x1;  x2
                                 else: x1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import gast

from s2s.errors import a
from s2s.ssa.bound import Bound, Made, Seq, part_name, plain, same_shape
from s2s.ssa.expr import ruled_out
from s2s.ssa.identity import agreed, one_of
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.meeting import Meeting
from s2s.ssa.statements import StatementBuilder
from s2s.ssa.types import (
    ANY,
    ERROR,
    TEXT,
    UNDEF,
    Array,
    Clash,
    Maybe,
    Scalar,
    Static,
    Type,
    bound,
    is_none,
    join,
)

if TYPE_CHECKING:
    pass


class BranchBuilder(StatementBuilder):
    """Builds branches, and what names stand for after them."""

    def _If(self, node: gast.If) -> None:
        cond = self.condition(node.test)
        self.either(
            node, cond, lambda: self.block(node.body), lambda: self.block(node.orelse)
        )

    def either(
        self,
        node: gast.AST,
        cond: Value,
        then: Callable[[], None],
        otherwise: Callable[[], None],
        form: str | None = None,
    ) -> None:
        """Build one or the other, and what names stand for after it."""
        origin = self.origin_of(node)
        if cond.is_const and form is None:
            then() if cond.const else otherwise()
            return
        before, start = self.env, self.versions
        meeting = Meeting(self)
        regions, outcomes = [], []
        for branch in (then, otherwise):
            self.env, self.dead, self.versions = dict(before), False, dict(start)
            with self.inside(Region()) as region:
                self.not_so.update(ruled_out(cond, branch is then) if not form else ())
                for name, item in before.items():
                    self.env[name] = self.known_to(cond, branch is then, item)
                branch()
            regions.append(region)
            outcomes.append((self.env, self.dead))
            meeting.ends.append(None if self.dead else self.versions)
        (then_env, then_dead), (other_env, other_dead) = outcomes
        op = Op("if", [cond], ("cond",), {"form": form}, regions, origin=origin)
        self.dead = then_dead and other_dead
        if then_dead != other_dead and not form:
            self.not_so.update(ruled_out(cond, other_dead))
        self.env, self.versions, self.meeting = before, start, meeting
        meeting.cells(op)
        done: dict[Made, Bound] = {}  # one object may have several names
        for name in dict.fromkeys((*then_env, *other_env)):
            ends = [
                None if is_dead else env.get(name, self.undefined(name))
                for env, is_dead in outcomes
            ]
            if all(e is None or e is before.get(name) for e in ends):
                continue
            if name in before and all(
                e is None or self.same_item(before[name], e) for e in ends
            ):  # it is read from its list again
                self.env[name] = before[name]
                continue
            one = {e.made for e in ends if isinstance(e, Seq)}
            made = one.pop() if len(one) == 1 else None
            if made in done:
                self.env[name] = done[made]
                continue
            if differ(*ends) and not self.is_read(name, node):
                self.env[name] = self.undefined(name)
                continue
            self.env[name] = self.merged(node, op, name, ends[0], ends[1])
            if made is not None and None not in ends and is_changing(ends):
                done[made] = self.env[name]
        self.region.ops.append(op)

    def is_read(self, name: str, node: gast.AST, before: bool = False) -> bool:
        """Whether what a name stands for after a statement (or before) may be read."""
        raise NotImplementedError

    def read_in_rounds(self, node: gast.For | gast.While) -> frozenset[str]:
        """The names that a round of a loop may read as they were before it."""
        raise NotImplementedError

    def undefined(self, name: str) -> Value:
        return Value(UNDEF, plain(name), "user", const=None)

    def merged(
        self, node: gast.AST, op: Op, name: str, a: Bound | None, b: Bound | None
    ) -> Bound:
        """One name after both branches of an `if`; None stands for a dead branch."""
        if a is None and b is None:
            return self.undefined(name)
        if isinstance(a, Seq) or isinstance(b, Seq):
            if isinstance(a, Value) and a.type == UNDEF and b is not None:
                a = self.blank(node, b, name)
            if isinstance(b, Value) and b.type == UNDEF and a is not None:
                b = self.blank(node, a, name)
            if isinstance(a, Seq) and isinstance(b, Seq):
                a, b = (
                    self.with_new_parts(node, a, b, name),
                    self.with_new_parts(node, b, a, name),
                )
            if a is None or b is None or same_shape(a, b):
                some = a if a is not None else b
                assert isinstance(some, Seq)
                pairs = zip(
                    a.items if isinstance(a, Seq) else [None] * len(some.items),
                    b.items if isinstance(b, Seq) else [None] * len(some.items),
                    strict=True,
                )
                if isinstance(a, Seq) and isinstance(b, Seq):
                    some = agreed(a, b)
                return some.of(
                    self.merged(node, op, part_name(some, k, name), x, y)
                    for k, (x, y) in enumerate(pairs)
                )
            self.grow(a, b)
            self.refuse_differing(node, name, a, b)
        if a is b:
            assert a is not None
            return a
        if (function := self.choice(op, self.meeting.mark, a, b)) is not None:
            return function
        if (same := self.meeting.same_place(a, b)) is not None:
            return same
        ends = a, b
        a, b = self.meeting.fresh(op, a, b)
        types = [v.type for v in (a, b) if v is not None]
        type = types[0] if len(types) == 1 else join_bound(*types)
        if isinstance(type, Static) and len({id(v.const) for v in (a, b) if v}) == 1:
            return a or b  # type: ignore[return-value]
        type = clash(type, types)
        for value, region in zip((a, b), op.regions, strict=True):
            region.results.append(self.undefined(name) if value is None else value)
        result = Value(type, plain(name), "user", op=op)
        op.results.append(result)
        self.meeting.met(result, *ends)
        return result

    def with_new_parts(
        self, node: gast.AST, item: Bound, end: Bound, name: str
    ) -> Bound:
        """An object that has got attributes on another path, where it has none."""
        if not isinstance(item, Seq) or not isinstance(end, Seq) or not item.names:
            return item
        names = end.names[: len(item.names)]
        if (item.kind, item.cls, item.names) != (end.kind, end.cls, names):
            return item
        pairs = zip(item.items, end.items, strict=False)
        parts = [self.with_new_parts(node, i, e, name) for i, e in pairs]
        new = range(len(item.items), len(end.items) if item.kind == "object" else 0)
        for k in new:
            part = part_name(end, k, name)
            parts.append(self.blank(node, end.items[k], name, part))
        names = end.names[: len(parts)]
        same = all(a is b for a, b in zip(parts, item.items, strict=False)) and not new
        return item if same else replace(item, items=tuple(parts), names=names)

    def refuse_differing(
        self, node: gast.AST, name: str, *ends: Bound | None
    ) -> NoReturn:
        """Refuse a name, or a result, that has other parts on one of two paths."""
        returned = plain(name) == self.returned_name()
        subject = "what is returned" if returned else f"`{plain(name)}`"
        what, advice = "a tuple or list on one path only", ""
        kinds = {e.kind for e in ends if isinstance(e, Seq)}
        if any(isinstance(e, Value) and is_none(e.type) for e in ends):
            what = f"None on one path and {a(kinds.pop())} on another"
            advice = "raise an error where there is none"
            if returned:
                advice += ", or return a flag beside it"
        elif len(kinds) == 1 and all(isinstance(e, Seq) for e in ends):
            what = "made of other parts on one of the paths"
        self.refuse(node, f"{subject} would be {what}", advice)

    def blank(
        self, node: gast.AST, shape: Bound, name: str, part: str | None = None
    ) -> Bound:
        """A sequence of the same form with nothing bound in it.

        What holds nothing, as `()`, cannot tell that it is unbound; of lists that are
        attributes that is known otherwise (`check_there`).
        """
        if not isinstance(shape, Seq):
            return self.undefined(part or name)
        known = part is not None and shape.made is not None
        if not shape.items and not known and self.is_read(plain(name), node):
            verb = "is" if part is None else "has"
            self.refuse(
                node,
                f"`{plain(name)}` {verb} an empty {shape.kind} on one path only, and "
                "nothing on another",
                "make it on all paths",
            )
        blanks = tuple(self.blank(node, i, name, part) for i in shape.items)
        return replace(shape, items=blanks, made=shape.made and one_of(shape.made))


def differ(a: Bound | None, b: Bound | None) -> bool:
    """Whether nothing can stand for both: a number and a tuple, two kinds of tuples."""
    known = [e for e in (a, b) if isinstance(e, Seq) or (e and e.type != UNDEF)]
    some = any(isinstance(e, Seq) for e in known)
    return some and len(known) == 2 and not same_shape(*known)


def is_changing(ends: list[Bound | None]) -> bool:
    """Whether the ends of both branches are a dict or an object."""
    return all(isinstance(e, Seq) and e.kind in ("dict", "object") for e in ends)


def join_bound(a: Type, b: Type) -> Type:
    """Join where a path that leaves the name unbound, or None, makes it a `Maybe`."""
    for one, other in ((a, b), (b, a)):
        simple = isinstance(bound(other), Scalar | Array)
        if is_none(one) and (simple or bound(other) in (TEXT, ERROR)):
            return Maybe(bound(other), True)
    if (a == UNDEF) != (b == UNDEF):
        return Maybe(bound(b if a == UNDEF else a))
    return join(a, b)


def clash(joined: Type, types: list[Type]) -> Type:
    """The join of types, or a clash where they have none but Any."""
    apart = bound(joined) == ANY and ANY not in map(bound, types)
    return Clash(tuple(map(bound, types))) if apart else joined

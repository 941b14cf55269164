"""Loops to SSA.

In: `for` and `while`, whose only way out is a last `if FLAG: break`. Out: a loop
operation with a slot for each name that the body binds and each array it stores into.
The body is built again until the types of the slots stand still, but for those that no
round reads.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import gast

from s2s.errors import Origin, a
from s2s.ssa.bound import (
    Bound,
    Made,
    Seq,
    flat,
    part_names,
    plain,
    refill,
    same_shape,
)
from s2s.ssa.branches import clash, differ, join_bound
from s2s.ssa.growing import assigned_names
from s2s.ssa.identity import agreed, mades
from s2s.ssa.ir import Op, Region, Value, loop_parts
from s2s.ssa.iterate import Empty, Iteration
from s2s.ssa.lazy import LazyBuilder
from s2s.ssa.meeting import Around, Key
from s2s.ssa.memory import Cell
from s2s.ssa.shrinking import Shrinking, rounds_before
from s2s.ssa.sums import Sum
from s2s.ssa.types import (
    ANY,
    UNDEF,
    Array,
    Maybe,
    Scalar,
    Static,
    Type,
    bound,
    join,
)


class LoopBuilder(LazyBuilder):
    """Builds loops until the types of their slots stand still."""

    def _For(self, node: gast.For) -> None:
        self.over(node, self.iteration(node))

    def written_out(self, node: gast.For) -> Sequence[Bound] | None:
        items = self.items_known(node)
        if items is None or split_stop(node.body)[1] is not None:
            return None
        wanted = self.grows(node.target) or self.are_apart(items)
        return items if wanted else None

    def unrolled(self, node: gast.For, items: Sequence[Bound]) -> None:
        """The body for one item after the other."""
        for item in items:
            self.next_turn()
            self.assign(node.target, item)
            self.block(node.body)

    def are_apart(self, items: Sequence[Bound]) -> bool:
        """Whether items have no type in common, so that no list could hold them."""
        return not alike(items)

    def iteration(self, node: gast.For) -> Iteration | None:
        """What a loop runs over, None if that is nothing."""
        try:
            with self.made_ahead(node.iter):
                return Iteration(self, node)
        except Empty:
            return None

    def over(self, node: gast.For, iteration: Iteration | None) -> None:
        if iteration is None:
            return
        held, running = len(self.held), len(self.running)
        self.held += iteration.values()
        self.running += iteration.lists
        self.loops.append((node.target, iteration.is_short()))
        try:
            with self.taken_from(self.read_lazily(node)):
                self.loop(node, iteration)
        finally:
            del self.held[held:], self.running[running:], self.loops[-1]

    def _While(self, node: gast.While) -> None:
        self.loop(node, None)

    def loop(self, node: gast.For | gast.While, iteration: Iteration | None) -> None:
        """Build the loop, again and again until its slot types stand still."""
        before = {n: self.fresh_item(i) for n, i in self.env.items()}
        assigned = [n for n in assigned_names(node) if not self.stays(n, node, before)]
        origin = self.origin_of(node)
        names = [n for n in assigned if n in before] + [
            n for n in assigned if n not in before
        ]
        entry = {n: before.get(n, self.undefined(n)) for n in names}
        shapes: dict[str, Bound] = dict(entry)
        memo: dict[str, list[Type]] = {}
        around = Around(self)
        around.enter(keyed(entry))
        aliases: dict[str, str] = {}
        read = self.read_in_rounds(node)
        free = [n for n in assigned if n not in read]
        shrinking = Shrinking()
        own: set[Made] = set()  # marks of objects that differ from round to round
        start, unbound, rebound = self.versions, len(self.unbound), len(self.rebound)
        while True:
            self.forget(around.mark)
            del self.unbound[unbound:], self.rebound[rebound:]
            self.env, self.versions = dict(before), dict(start)
            runs, done = self.runs, len(self.changed)
            op, params, ends = self.loop_once(
                node,
                iteration,
                names,
                shapes,
                memo,
                origin,
                around,
                aliases,
                entry,
                shrinking,
            )
            changed = False
            known = {*names, *aliases}
            others = [n for n in before if n not in known]
            more = [n for n in others if self.changes(before[n], done)]
            if more:  # lists whose items are assigned in the body
                aliases |= same_objects({n: before[n] for n in more})
                more = [n for n in more if n not in aliases]
                names += more
                entry.update((n, before[n]) for n in more)
                shapes.update((n, before[n]) for n in more)
                around = self.entered_again(around, before, start, entry)
                continue
            lost = {
                n for n in names if differ(shapes[n], ends[n])
                if n not in aliases.values() and not self.is_read(n, node, before=True)
            }  # fmt: skip
            if lost:  # what these names stood for before the loop is never read
                for name in lost:
                    entry[name] = shapes[name] = self.undefined(name)
                around = self.entered_again(around, before, start, entry)
                continue
            wider = {n: self.with_new_parts(node, entry[n], ends[n], n) for n in names}
            wider = {n: item for n, item in wider.items() if item is not entry[n]}
            if wider:  # objects that get more attributes in the body
                entry |= wider
                shapes |= wider
                around = self.entered_again(around, before, start, entry)
                continue
            # calls are counted where they are seen: then no round may be left out
            uncalled = self.runs == runs
            unread = unused(free, op, params, ends) if uncalled else set()
            for name in names:
                shape, end = shapes[name], ends[name]
                if isinstance(end, Seq) and not same_shape(shape, end):
                    if isinstance(shape, Value) and shape.type == UNDEF:
                        shapes[name], changed = self.blank(node, end, name), True
                        own |= mades(shapes[name])
                        continue
                    self.grow(shape, end)
                    self.write_out()
                    what = (
                        "its length" if end.kind in ("tuple", "list") else "its parts"
                    )
                    self.refuse(node, f"`{plain(name)}` changes {what} in the loop",
                                "make all of them before the loop")  # fmt: skip
                if isinstance(shape, Seq) and not isinstance(end, Seq):
                    self.grow(shape, end)
                    self.refuse(
                        node, f"`{plain(name)}` is {a(shape.kind)} before the loop only"
                    )
                if isinstance(shape, Seq) and isinstance(end, Seq):
                    met = agreed(shape, end, own)
                    changed |= met is not shape
                    shapes[name] = met
                old = carried_types(name, shapes, memo)
                new = [
                    join_bound(o, e.type) for o, e in zip(old, flat(end), strict=True)
                ]
                new = [
                    clash(n, [o, e.type])
                    for n, o, e in zip(new, old, flat(end), strict=True)
                ]
                news = shrinking.news(name, flat(params[name]), flat(end))
                if new != old or news:
                    memo[name] = new
                    changed |= name not in unread
            if uncalled or not changed:
                changed |= around.news(op, keyed(params), keyed(ends), unread, uncalled)
            if not changed:
                break
        for name in unread & memo.keys():
            retype(op, flat(params[name]), memo[name])
        self.env, self.versions = before, start
        self.finish_loop(op, names, shapes, memo, entry, params, ends, around)
        self.env.update((name, self.env[first]) for name, first in aliases.items())

    def entered_again(
        self,
        around: Around,
        before: dict[str, Bound],
        start: dict[Cell, Value],
        entry: dict[str, Bound],
    ) -> Around:
        """What surrounds the loop, for other slots than it was built with."""
        self.env, self.versions = dict(before), dict(start)
        again = Around(self)
        again.mark = around.mark
        again.enter(keyed(entry))
        return again

    def stays(self, name: str, node: gast.AST, before: dict[str, Bound]) -> bool:
        """Whether a name means the same array all along, if `+=` is all it sees."""
        item = before.get(name)
        if not isinstance(item, Value) or isinstance(item.type, Maybe):
            return False
        of = item.type
        array = isinstance(of, Array) and of.rank > 0 and not of.loose
        return array and name not in rebound_names(node)

    def loop_once(
        self,
        node: gast.For | gast.While,
        iteration: Iteration | None,
        names: list[str],
        shapes: dict[str, Bound],
        memo: dict[str, list[Type]],
        origin: Origin | None,
        around: Around,
        aliases: dict[str, str],
        entry: dict[str, Bound],
        shrinking: Shrinking,
    ) -> tuple[Op, dict[str, Bound], dict[str, Bound]]:
        """One build of the loop with the slot types and stores known so far.

        `aliases` are other names of the objects that some of the slots hold.
        """

        def parameters(region: Region, before: Sum) -> dict[str, Bound]:
            made = {}
            for name in names:
                types = carried_types(name, shapes, memo)
                hints = part_names(shapes[name], plain(name))
                pairs = zip(types, hints, strict=True)
                values = [Value(t, hint, "user") for t, hint in pairs]
                if same_shape(shapes[name], entry[name]):
                    shrinking.rename(name, values, flat(entry[name]), before)
                for value in values:  # what differs from round to round has a name
                    self.measured(value)
                region.params += values
                made[name] = refill(shapes[name], iter(values))
            around.bind(keyed(made))
            region.params += around.carried(start)
            return made

        outer, start = self.env, dict(self.versions)
        body = Region()
        self.next_turn()
        self.depth += 1
        if iteration is None:
            assert isinstance(node, gast.While)
            test, before = Region(), rounds_before(None)
            own = with_constants(parameters(test, before), entry)
            self.env = {**outer, **own, **{n: own[o] for n, o in aliases.items()}}
            with self.inside(test), self.sealing():
                test.results = [self.condition(node.test)]
            op = Op("while", [], (), {}, [test, body], origin=origin)
        else:
            # another index in each build: lengths are named after it, and those of one
            # round are not those of another
            body.params.append(iteration.next_index())
            op = Op("for", iteration.bounds(), (), {}, [body], origin=origin)
            before = rounds_before(iteration)
        params = parameters(body, before)
        own = with_constants(params, entry)
        self.env = {**outer, **own, **{n: own[o] for n, o in aliases.items()}}
        if (value := self.returned_name()) in params:  # no round follows a return
            self.env[value] = self.undefined(value)
        with self.inside(body):
            if iteration is not None:
                self.origin, self.at = origin, node
                iteration.enter()
                op.attrs["sugar"] = iteration.sugar
            statements, stop = split_stop(node.body)
            self.block(statements)
            if stop is not None and not self.dead:
                op.attrs["stop"] = True
                body.results.append(self.value(stop))
            ends = params
            if not self.dead:
                ends = {
                    n: self.fresh_item(self.env.get(n, self.undefined(n)))
                    for n in names
                }
        self.depth -= 1
        self.env, self.dead = outer, False
        return op, params, ends

    def finish_loop(
        self,
        op: Op,
        names: list[str],
        shapes: dict[str, Bound],
        memo: dict[str, list[Type]],
        entry: dict[str, Bound],
        params: dict[str, Bound],
        ends: dict[str, Bound],
        around: Around,
    ) -> None:
        """Fill in the ends of the slots and bind the names to the results."""
        made: dict[str, Bound] = {}
        for name in names:
            inits = (
                flat(entry[name])
                if same_shape(entry[name], shapes[name])
                else flat(shapes[name])
            )
            op.args += inits
            op.regions[-1].results += flat(ends[name])
            types = zip(
                carried_types(name, shapes, memo), flat(params[name]), strict=True
            )
            results = [self.measured(Value(t, p.hint, "user", op=op)) for t, p in types]
            op.results += results
            made[name] = refill(shapes[name], iter(results))
        around.finish(op)
        around.bind(keyed(made))
        self.env.update(with_constants(made, entry))
        op.names = ("start", "stop", "step")[: loop_parts(op)[0]]
        op.names += ("init",) * (len(op.args) - len(op.names))
        self.region.ops.append(op)


def alike(items: Sequence[Bound]) -> bool:
    """Whether one type covers items, or the parts that they have in common."""
    parts = [flat(item) for item in items]
    if len({len(p) for p in parts}) > 1:
        return True
    return all(map(have_a_type, zip(*parts, strict=True)))


def have_a_type(values: Sequence[Value]) -> bool:
    """Whether arrays and numbers are of one rank, or else are no such things."""
    types = [bound(v.type) for v in values]
    if not all(isinstance(t, Array | Scalar) for t in types):
        return True
    joined = functools.reduce(join, types)
    mixed = isinstance(joined, Array) and joined.loose and joined.rank
    return joined != ANY and not mixed


def with_constants(
    items: dict[str, Bound], entry: dict[str, Bound]
) -> dict[str, Bound]:
    """What the names of a loop stand for: what is known before it, and stays, is known.

    That it stays is what the type of a slot says: that of text is its value.
    """

    def known(value: Value, before: Value) -> Value:
        stays = before.is_const and isinstance(before.type, Static)
        return before if stays and value.type == before.type else value

    out = dict(items)
    for name, item in items.items():
        if same_shape(item, entry[name]):
            out[name] = refill(item, map(known, flat(item), flat(entry[name])))
    return out


def same_objects(items: dict[str, Bound]) -> dict[str, str]:
    """Names of dicts and objects that another name stands for, too: the first one."""
    first: dict[Made, str] = {}
    out: dict[str, str] = {}
    for name, item in items.items():
        if isinstance(item, Seq) and item.kind in ("dict", "object"):
            if item.made is not None and not item.made.some:
                if (other := first.setdefault(item.made, name)) != name:
                    out[name] = other
    return out


def keyed(items: dict[str, Bound]) -> dict[Key, Value]:
    """The values of names, by name and position."""
    return {
        (name, k): value
        for name, item in items.items()
        for k, value in enumerate(flat(item))
    }


def unused(
    names: list[str], op: Op, params: dict[str, Bound], ends: dict[str, Bound]
) -> set[str]:
    """The names whose slots no operation of the body reads or passes on."""
    read = {v for region in op.regions for v in region.uses()} if names else set()
    read.update(v for end in ends.values() for v in flat(end))
    return {n for n in names if not read.intersection(flat(params[n]))}


def carried_types(
    name: str, shapes: dict[str, Bound], memo: dict[str, list[Type]]
) -> list[Type]:
    """What is known so far of the types of the slots of a name, in all rounds."""
    return memo.get(name) or [v.type for v in flat(shapes[name])]


def retype(op: Op, params: list[Value], types: list[Type]) -> None:
    """Give slots that nothing reads their types, and build the loop no more."""
    twins = dict(zip(op.regions[-1].params, op.regions[0].params, strict=True))
    for param, type in zip(params, types, strict=True):
        param.type = twins.get(param, param).type = type


@functools.lru_cache(maxsize=1024)
def rebound_names(node: gast.AST) -> frozenset[str]:
    """Names that the statement may bind otherwise than by `+=` and its like."""
    augmented = {
        n.target
        for n in gast.walk(node)
        if isinstance(n, gast.AugAssign) and isinstance(n.target, gast.Name)
    }
    return frozenset(
        n.id
        for n in gast.walk(node)
        if isinstance(n, gast.Name)
        and isinstance(n.ctx, gast.Store)
        and n not in augmented
    )


def split_stop(body: list[gast.stmt]) -> tuple[list[gast.stmt], gast.expr | None]:
    """A loop body without its final `if FLAG: break`, and the flag."""
    last = body[-1]
    if isinstance(last, gast.If) and isinstance(last.body[0], gast.Break):
        return body[:-1], last.test
    return body, None

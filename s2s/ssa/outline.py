"""Calls that stay calls: functions of their own in the output.

In: a call of a function that is called in several places, or that calls itself. Out: an
operation `call`, whose `callee` holds the function, built once for each signature.

    def f(x):                                  def g(x): ...
        return g(x) + g(2.0 * x)      ->       y1 = call g(x);  y2 = call g(2.0 * x)

What is short, or called in one place only, is built where the call stands, as by
`user_calls`; so is what returns functions or lists that grow, or changes a global. What
a function changes of its arguments, its calls return (see `outcome`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import CallsItself, S2SError
from s2s.parse.unit import Unit
from s2s.ssa.bound import Bound, Ends, Made, Seq, flat, refill
from s2s.ssa.callee import Callee, call_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.jacobians import JacobianBuilder
from s2s.ssa.outcome import NotOne, Outcome, Path, name_parts
from s2s.ssa.parameters import Parameters, wider
from s2s.ssa.scopes import Closure
from s2s.ssa.separate import check_leaves, pairs_outside, separate, summary
from s2s.ssa.types import Array, Tuple, Type, bound
from s2s.ssa.user_calls import kind_of_argument, without_numbers

if TYPE_CHECKING:
    from s2s.ssa.build import Builder

_serial = count()
LONG = 12  # operations: what would be longer, written wherever it is called, is called


class Repeats(Exception):
    """A function is called again, or calls itself: it is to be one of its own."""

    def __init__(self, unit: Unit, recursive: bool = False) -> None:
        super().__init__(unit)
        self.unit, self.recursive = unit, recursive


@dataclass(eq=False)
class Outlines:
    """The functions that one output consists of.

    `own` are those that are functions of their own, some of them `recursive`: of their
    arguments, `wide` has the types that go for all calls. `sites` are the places where
    each other one is built, with each of its signatures, and `sizes` how long they are.
    All is to be built `again` where one was found to be one after it was built. Of the
    derivatives `untold` there is no text; `repeated_sweeps` are one for each direction.
    Those that are `endless` call themselves with something else each time, as they say;
    `underway` has what each one is given that is being built. `queues` says whether
    what is a list to s2s may be a deque.
    """

    make: Callable[[Outlines], Builder]
    own: set[Unit] = field(default_factory=set)
    recursive: set[Unit] = field(default_factory=set)
    wide: dict[Any, list[Type]] = field(default_factory=dict)
    sites: dict[Any, set[Any]] = field(default_factory=dict)
    sizes: dict[Unit, int] = field(default_factory=dict)
    callees: dict[Any, Callee] = field(default_factory=dict)
    failed: dict[Any, str] = field(default_factory=dict)
    globals: dict[str, Value] = field(default_factory=dict)
    untold: dict[Any, CallsItself] = field(default_factory=dict)
    endless: dict[Unit, tuple[str, str]] = field(default_factory=dict)
    underway: defaultdict[Unit, frozenset[Any]] = field(
        default_factory=lambda: defaultdict(frozenset)
    )
    repeated_sweeps: set[Any] = field(default_factory=set)
    again: bool = False
    queues: bool = False

    def found(self, unit: Unit) -> None:
        """Let a function be called from now on, and the places in it count once."""
        self.own.add(unit)
        self.again = True
        for sites in self.sites.values():
            sites -= {place for place in sites if any(u is unit for u, _ in place)}

    def builder(self) -> Builder:
        """A builder of the whole output, from the start."""
        for table in (self.sites, self.callees, self.failed, self.globals):
            table.clear()
        self.again = False
        return self.make(self)


class OutlineBuilder(JacobianBuilder):
    """Evaluates calls, some of them as calls."""

    def __init__(self, *args: Any, outlines: Outlines) -> None:
        super().__init__(*args)
        self.outlines = outlines
        self.repeated_sweeps = outlines.repeated_sweeps

    def built_here(
        self, node: gast.AST, function: Closure, given: dict[str, Bound]
    ) -> Bound:
        """What a call returns, built where it stands if it stays none."""
        unit, plans = function.unit, self.outlines
        kinds = tuple(map(kind_of_argument, given.values()))
        if self.standing is not None:  # a function of NumPy's by its definition
            return super().built_here(node, function, given)
        if unit not in plans.own and self.is_inside(function, kinds, numbers=False):
            raise Repeats(unit, recursive=True)
        at = (node.lineno, node.col_offset)
        around = [*self.callers, self.scope]
        here = (*((s.unit, s.place) for s in around), (None, at))
        sites = plans.sites.setdefault((unit, without_numbers(kinds)), set())
        if unit not in plans.own and sites - {here}:
            if len(sites | {here}) * plans.sizes[unit] > LONG:
                plans.found(unit)
        if unit in plans.own:
            try:
                return self.outlined(node, function, given)
            except NotOne as reason:
                if self.is_inside(function, kinds):
                    what = f"`{unit.parsed.name}` calls itself: {reason}"
                    self.refuse(node, what, advice_on(reason))
            return super().built_here(node, function, given)
        region, start = self.region, len(self.region.ops)
        try:
            return super().built_here(node, function, given)
        finally:
            made = Region(ops=region.ops[start:])
            plans.sizes[unit] = sum(1 for _ in made.walk())
            sites.add(here)

    def is_inside(self, function: Closure, kinds: Any, numbers: bool = True) -> bool:
        """Whether such a call of the function is being built, for the same numbers."""
        wanted = kinds if numbers else without_numbers(kinds)
        for scope in [*self.callers, self.scope]:
            if scope.unit is function.unit and scope.signature is not None:
                is_ = scope.signature
                if (is_ if numbers else without_numbers(is_)) == wanted:
                    return True
        return False

    # calls ----------------------------------------------------------------

    def outlined(
        self, node: gast.AST, function: Closure, given: dict[str, Bound]
    ) -> Bound:
        """What a call returns that stays one."""
        callee, parameters, _ = self.called_for(node, function, given)
        return self.call_of(node, callee, parameters)

    def called_for(
        self, node: gast.AST, function: Closure, given: dict[str, Bound]
    ) -> tuple[Callee, Parameters, dict[str, Bound]]:
        """The function of its own, and its parameters: those of each argument, too."""
        reasons = []
        for numbers in (False, True):  # numbers as parameters, or as they are
            parameters = Parameters(self, numbers, node)
            own = parameters.closure(function)
            params = {n: parameters.item(i, n) for n, i in given.items()}
            if numbers and not parameters.numbers:
                break
            try:
                return self.callee(node, own, params, parameters), parameters, params
            except NotOne as reason:
                reasons.append(reason)
        raise reasons[0]

    def call_of(self, node: gast.AST, callee: Callee, parameters: Parameters) -> Bound:
        """The operation, and what it returns."""
        outcome, values = callee.outcome, parameters.values
        if outcome is None:
            raise Ends  # it calls itself: other paths say what it returns
        changed = [values[k] for k in outcome.changes]
        self.check_apart(changed, values)
        types = [parameters.lengths.outside(v.type) for v in outcome.returned]
        types += [bound(v.type) for v in changed]
        items = self.results_of(callee, parameters, types) if types else []
        count = len(outcome.returned)
        for target, item in zip(changed, items[count:], strict=True):
            self.put_back(node, target, item)
        leaves: list[Value] = []
        returned = iter(items[:count])
        for value, leaf in zip(flat(outcome.whole), outcome.leaves, strict=True):
            if leaf.known:
                leaves.append(value)
            elif leaf.again is not None:
                leaves.append(self.part_of(leaves[leaf.again], leaf.path))
            elif leaf.given is not None:
                leaves.append(self.part_of(values[leaf.given], leaf.path))
            else:
                item = next(returned)
                near = [leaves[k] for k in sorted(leaf.near)]
                call = call_of(item.op) if item.op is not None else None
                if near and call is not None:
                    call.attrs["near"] = True  # results that may be one array
                self.chosen(item, [values[k] for k in sorted(leaf.aliases)] + near)
                leaves.append(item)
        return self.left_behind(node, outcome, leaves, parameters)

    def results_of(
        self, callee: Callee, parameters: Parameters, types: list[Type]
    ) -> list[Value]:
        """What a call returns, one after the other."""
        args, lengths = parameters.values, parameters.lengths
        if callee.function is not None:
            args = [args[k] for k in callee.args]
        whole = self.emit(
            "call", args, ("xs",) * len(args),
            type=types[0] if len(types) == 1 else Tuple(tuple(types)),
            callee=callee, equal=pairs_outside(callee, "equal_lengths", lengths),
            fits=pairs_outside(callee, "fits", lengths),
        )  # fmt: skip
        return [whole] if len(types) == 1 else flat(self.unpack(whole))

    def part_of(self, value: Value, path: Path) -> Value:
        """What a path that is known leads to."""
        for hop, operands in path:
            args = [value, *map(self.const, operands)]
            value = self.emit(hop.kind, args, hop.names, **dict(hop.attrs))
        return self.fresh(value)

    def left_behind(
        self,
        node: gast.AST,
        outcome: Outcome,
        leaves: Sequence[Value],
        parameters: Parameters,
    ) -> Bound:
        """What a call returns; the objects that it changed get their new parts."""
        given = [mine for mine, _ in parameters.objects.values()]
        names = [f"<{next(_serial)}> given" for _ in given]
        self.env.update(zip(names, given, strict=True))
        now = {m: n for m, n in zip(outcome.objects, names, strict=True)}
        made: dict[Made, Made] = {}

        def renewed(item: Bound) -> Bound:
            if isinstance(item, Value):
                return item
            if item.made is None:
                return item.of(map(renewed, item.items))
            if item.made in now:
                return self.env[now[item.made]]
            own = made.setdefault(item.made, Made(item.made.node, self.region))
            return replace(item.of(map(renewed, item.items)), made=own)

        whole = refill(outcome.whole, iter(leaves))
        assert isinstance(whole, Seq)
        result, *parts = whole.items
        rest = iter(parts)
        for change in outcome.changed:
            base = self.env[names[change.number]]
            assert isinstance(base, Seq)
            items = tuple(
                renewed(next(rest)) if k is None else base.items[k] for k in change.had
            )
            name_parts(replace(base, items=items, names=change.names), base)
            self.replace_items(node, base, items, change.names)
        result = renewed(result)
        name_parts(result, None)
        for name in names:
            del self.env[name]
        return result

    def put_back(self, node: gast.AST, target: Value, item: Value) -> None:
        """What a call has made of an argument: of a whole array, its new version."""
        place = self.place_of(target)
        self.note_array(node, place.cell, halfway=True)
        if place.path:
            self.store(node, target, ("e",), [], item)
            return
        self.check_writable(node, target, place)
        old = self.version(place.cell)
        item.hint, item.role = old.hint, old.role
        self.replace(place.cell, item)

    def check_apart(self, changed: list[Value], values: list[Value]) -> None:
        """What is changed must not be seen through another argument."""
        for one in changed:
            if sum(self.overlap(one, other) for other in values) > 1:
                raise NotOne("it changes an argument that another one may overlap")

    # functions ------------------------------------------------------------

    def callee(
        self,
        node: gast.AST,
        own: Closure,
        params: dict[str, Bound],
        parameters: Parameters,
    ) -> Callee:
        """The function for arguments of these types, built if it is the first time."""
        unit, plans = own.unit, self.outlines
        key = (unit, *parameters.key)
        if unit not in plans.recursive:
            key = (*key, *map(units, parameters.types))
        if parameters.narrow:
            key = (*key, *map(type, parameters.types))
        self.widen(key, unit, parameters)
        if key in plans.failed:
            raise NotOne(plans.failed[key])
        if key in plans.callees:
            known = plans.callees[key]
            if known.function is None and not known.recursive:
                raise Repeats(unit, recursive=True)  # through another function
            return known
        callee = Callee(function_name(own), recursive=unit in plans.recursive)
        plans.callees[key] = callee
        try:
            self.complete(node, callee, own, params, parameters)
        except (NotOne, S2SError) as reason:
            del plans.callees[key]
            plans.failed[key] = getattr(reason, "message", str(reason))
            raise NotOne(plans.failed[key]) from None
        return callee

    def widen(self, key: Any, unit: Unit, parameters: Parameters) -> None:
        """Let one function do for all calls: it is built anew if it was too narrow."""
        plans = self.outlines
        wide = plans.wide.setdefault(key, parameters.types)
        for k, (one, two) in enumerate(zip(wide, parameters.types, strict=True)):
            joined = wider(one, two, k)
            if joined != one:
                plans.wide[key] = [*wide[:k], joined, *wide[k + 1 :]]
                raise Repeats(unit, recursive=unit in plans.recursive)
            parameters.params[k].type = one
            parameters.lengths.also(one, parameters.values[k].type)

    def complete(
        self, node: gast.AST, callee: Callee, own: Closure,
        params: dict[str, Bound], parameters: Parameters,
    ) -> None:  # fmt: skip
        """Build the body, again as long as more is learnt of what it returns."""
        plans = self.outlines
        for _ in range(6):
            before = plans.callees.keys() | plans.failed.keys()
            builder = self.outlines.make(self.outlines)
            builder.share(self)
            origin = self.origin_of(node)
            objects = [mine for _, mine in parameters.objects.values()]
            function = builder.as_callee(
                own, params, parameters.params, objects, origin
            )
            if function.attrs.pop("ends"):
                raise NotOne("it never returns")
            outcome, last = function.attrs.pop("outcome"), callee.outcome
            check_leaves(outcome)
            outcome = summary(outcome, parameters.lengths)
            callee.outcome = outcome.joined(last) if last is not None else outcome
            if not callee.recursive or (last and callee.outcome.agrees(last)):
                break
            for table in (plans.callees, plans.failed):  # made for what was not so
                for key in table.keys() - before:
                    del table[key]
        else:
            raise NotOne("the types of what it returns do not settle")
        separate(function, callee, builder.rules)
        plans.globals |= function.attrs["globals"]

    def share(self, other: OutlineBuilder) -> None:
        """Know what another builder does of names outside of functions."""
        self.outer_names, self.sources = other.outer_names, other.sources
        self.externals, self.statics = other.externals, other.statics
        self.called = other.called
        self.left_out, self.questions = other.left_out, other.questions


def units(of: Type) -> tuple[bool | None, ...]:
    """Which axes have length one."""
    return tuple(d.unit for d in of.shape) if isinstance(of, Array) else ()


def function_name(function: Closure) -> str:
    """What a function is called in the output; `__call__` as its class."""
    parsed = function.unit.parsed
    name = parsed.name
    if name.startswith("__"):
        name = parsed.fn.__qualname__.rpartition(".")[0].rpartition(".")[2].lower()
    return name if name.isidentifier() else "function"  # a lambda


def advice_on(reason: NotOne) -> str:
    """What to do about a function that calls itself and cannot be one of its own."""
    if str(reason).endswith("is a dict"):
        return "keep what is found in an array: `memo = np.zeros(n)`"
    if str(reason).endswith("is a list"):
        return "pass an array, or write a loop over the list"
    return ""

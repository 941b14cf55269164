"""Which values get no name: their expression is printed where they are used.

In: a function. Out: the values to print inline. A temporary that is read once,
in the region where it is made, is inlined; what has a name of the user's, or is the
adjoint of something that has, keeps a line of its own. An expression is not moved down
to its use if something that it reads is updated in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from s2s.codegen.augmented import augmenting
from s2s.ssa.callee import stays_in
from s2s.ssa.ir import (
    EFFECTS,
    Function,
    Op,
    Region,
    Value,
    is_loop,
    loop_parts,
    slots,
)
from s2s.ssa.roots import (
    HAND,
    UPDATES,
    Roots,
    changes_list,
    is_container,
    may_show,
    replaces_part,
    surely_in_place,
    updates_in_place,
)
from s2s.ssa.types import Scalar, Tuple, bound, rank_of

STATEMENTS = EFFECTS | UPDATES | {"stack", "for", "while", "pullback", "unpack"}
EXPRESSIONS = ("and", "or", "compare", "ifexp")


def inline_values(
    function: Function, kept: set[Value]
) -> tuple[set[Value], set[Value]]:
    """Values that need no name; results of `if`s that are printed as expressions.

    What has been read from a name is printed as that name, but for the `kept` ones.
    """
    inliner = Inliner(function.body, kept)
    inliner.region(function.body)
    stay_before_updates(function, inliner.inlined)
    return inliner.inlined, inliner.conditional


def stay_before_updates(function: Function, inlined: set[Value]) -> None:
    """Take out what would be moved behind an update of an array that it reads."""
    if not any(map(updates_in_place, function.body.walk())):
        return
    roots = Roots(function)
    grows = any(map(changes_list, function.body.walk()))
    lists = Roots(function, items=False) if grows else roots
    changed = {id(r): _changed(r, roots, lists) for r in _regions(function.body)}
    for region in _regions(function.body):
        updates = changed[id(region)]
        if not any(updates):
            continue
        place = {op: k for k, op in enumerate(region.ops)}
        calls: dict[int, Op] = {}  # where each call is carried out
        end: dict[Value, int] = {}  # where an inlined value is computed in the end
        for r in region.results:
            end[r] = len(region.ops)
        for k in range(len(region.ops) - 1, -1, -1):
            op = region.ops[k]
            inside = op.results and all(r in inlined for r in op.results)
            at = end.get(op.results[0], k) if inside else k
            if op.kind == "call":
                calls[at] = op
            if inside:
                reads = [
                    *op.args,
                    *(v for r in op.regions for o in r.walk() for v in o.args),
                ]
                reads += [v for r in op.regions for v in r.results]
                given = calls[at].args if at in calls else ()
                if any(
                    which.any_same(update, {x for v in reads for x in seen(v)})
                    for between in range(k + 1, at)
                    if not given_to(region.ops[between], given)
                    for which, update, seen in updates[between]
                ):
                    inlined.difference_update(op.results)
                    at = place[op]
            for arg in op.args:
                end[arg] = max(end.get(arg, at), at)


def given_to(op: Op, args: Sequence[Value]) -> bool:
    """Whether an array is given to a call, which computes its other arguments first."""
    return op.kind == HAND and op.result in args


def _regions(region: Region) -> Iterator[Region]:
    yield region
    for op in region.ops:
        for inner in op.regions:
            yield from _regions(inner)


Seen = Callable[[Value], frozenset[Value]]


def _changed(
    region: Region, roots: Roots, lists: Roots
) -> list[list[tuple[Roots, frozenset[Value], Seen]]]:
    """For each operation of a region, what it or those inside of it update.

    With it, what counts of the roots of a value: if a list gets other items, those of
    the values that are lists.
    """

    def held(value: Value) -> frozenset[Value]:
        return lists.of.get(value, frozenset()) if is_container(value) else frozenset()

    def everything(value: Value) -> frozenset[Value]:
        return roots.of.get(value, frozenset())

    def showing(update: Op) -> Seen:
        shows = may_show(update)
        return lambda v: everything(v) if shows(v) else frozenset()

    out = []
    for op in region.ops:
        inside = [op, *(o for r in op.regions for o in r.walk())]
        pairs: list[tuple[Roots, frozenset[Value], Seen]] = []
        for update in filter(roots.in_place, inside):
            items_stay = changes_list(update) and not update.attrs.get("items_in_place")
            which = lists if items_stay else roots
            seen: Seen = held if items_stay else everything
            seen = showing(update) if replaces_part(update) else seen
            pairs.append((which, seen(update.args[0]), seen))
        out.append(pairs)
    return out


class Inliner:
    def __init__(self, body: Region, kept: set[Value]) -> None:
        self.kept = kept
        self.inlined: set[Value] = set()
        self.uses: Counter[Value] = Counter()
        self.read: set[Value] = set()  # and not only handed on to another iteration
        self.user: dict[Value, tuple[Region, Op | None]] = {}
        self.home: dict[Op, Region] = {}
        self.conditional: set[Value] = set()  # results of printable `a if c else b`
        self.drained: set[Value] = set()  # stacks that a loop runs over
        self.tried: set[Region] = set()  # a handler must find names as they were
        self.swapped: set[Value] = set()  # yields of `a, b = b, a + b`
        self.replaced: dict[Op, Value] = {}  # what `A[i] *= v` reads, named or not
        self.unnamed: set[Value] = set()  # what nothing else reads
        total = body.uses()
        for made, old, _ in filter(None, map(augmenting, body.walk())):
            if total[old] > 1:
                self.replaced[made] = old
                total[old] -= 1
            else:
                self.unnamed.add(old)
        self._count(body)

    def _count(self, region: Region) -> None:
        for op in region.ops:
            self.home[op] = region
            self.drained.update(op.attrs.get("drains", ()))
            args = list(op.args)
            if op in self.replaced:
                args.remove(self.replaced[op])
            self._use(args, region, op)
            self.read.update(op.args[: loop_parts(op)[0]] if is_loop(op) else op.args)
            if op.attrs.get("form") == "try":
                self.tried.add(op.regions[0])
            for inner in op.regions:
                self._count(inner)
            if is_loop(op):
                yields = op.regions[-1].results
                self.swapped |= {
                    s.yielded
                    for s in slots(op)
                    if s.param in yields and s.param is not s.yielded
                }
        self._use(region.results, region, None)

    def _use(self, values: list[Value], region: Region, op: Op | None) -> None:
        for value in values:
            self.uses[value] += 1
            self.user[value] = (region, op)

    def region(self, region: Region) -> None:
        for op in region.ops:
            for inner in op.regions:
                self.region(inner)
            one = len(op.results) == 1
            if op.kind == "bound":
                if op.result in self.read - self.kept:
                    self.inlined.add(op.result)
            elif op.kind == "pop":
                self.put_back(op, region)
            elif op.kind == HAND:  # what is given may be an expression, but not changed
                self.inlined.update(() if surely_in_place(op) else op.results)
            elif op.kind == "unpack":
                self.unpacked(op, region)
            elif op.kind == "if" and op.attrs.get("form") in EXPRESSIONS and one:
                self.expression(op, region)
            elif op.kind not in STATEMENTS | {"if"} and not op.effects:
                self.simple(op, region)

    def simple(self, op: Op, region: Region) -> None:
        value = op.result
        if surely_in_place(op) or stays_in(op) is not None:
            return
        if is_unpacked(op) or (op.kind == "pick" and is_unpacked(op.args[0].op)):
            return
        if (self.uses[value] == 1 and self.movable(value, region)) or (
            is_offset(op) and self.uses[value]
        ):
            self.inlined.add(value)

    def movable(self, value: Value, region: Region) -> bool:
        """Whether the one use of the value is where its expression may stand."""
        where, user = self.user[value]
        if where is not region:
            return False
        if user is None and value in self.swapped:
            return True
        if value in self.unnamed:
            return True
        if value.role in ("user", "dot", "index"):
            return False
        if value.role == "bar" and not partial_sum(value, user):
            return False
        if user is None:  # yielded or returned
            return region not in self.tried
        if is_loop(user):
            # bounds are evaluated once, but an initial value is an assignment
            k = user.args.index(value)
            return k < loop_parts(user)[0]
        # what is updated in place is a variable
        return not surely_in_place(user) or value is not user.args[0]

    def unpacked(self, op: Op, region: Region) -> None:
        """What is taken apart item by item, `v[0]`, needs no other name than `v`."""
        at = region.ops.index(op) + 1
        count = op.args[1].const
        items = [o for o in region.ops[at : at + count] if o.args[:1] == [op.result]]
        if self.uses[op.result] > len(items) or len(items) < count:
            if op.args[0] not in self.inlined:
                self.inlined.add(op.result)

    def put_back(self, op: Op, region: Region) -> None:
        """`x[i] = x_stack.pop()`: what is popped to be stored needs no name."""
        value = op.result
        where, user = self.user.get(value, (None, None))
        stored = user is not None and user.kind == "store" and user.args[-1] is value
        if self.uses[value] == 1 and where is region and stored:
            if op.args[0] not in self.drained:
                self.inlined.add(value)

    def expression(self, op: Op, region: Region) -> None:
        """`a and b`, `a if c else b`: one expression if all its parts are."""
        form = op.attrs["form"]
        cond, (then, other) = op.args[0], op.regions
        kept = {"and": other, "compare": other, "or": then}.get(form)
        if kept is not None:
            # the condition is also the value of the other branch
            self.uses[cond] -= 1
            made = cond.op
            if made is not None and self.uses[cond] == 1 and self.home[made] is region:
                self.user[cond] = (region, op)
                printable = made.kind not in STATEMENTS | {"if"} and not made.effects
                if printable or cond in self.conditional:
                    if self.movable(cond, region):
                        self.inlined.add(cond)
        parts = all(
            o.results and all(v in self.inlined for v in o.results)
            for r in (then, other)
            for o in r.ops
        )
        if parts:
            self.conditional.add(op.result)
            if self.uses[op.result] == 1 and self.movable(op.result, region):
                self.inlined.add(op.result)


def is_unpacked(op: Op | None) -> bool:
    """Whether an operation gives several results: `a, b = g(x)`."""
    several = op is not None and isinstance(op.results[0].type, Tuple)
    return several and op.kind in ("call", "alias", "columns")  # type: ignore[union-attr]


def is_offset(op: Op) -> bool:
    """Whether it is `i + 1`, `n - k` or `-k`, which is rather written again."""
    of = bound(op.result.type)
    if op.kind not in ("add", "sub", "neg") or not isinstance(of, Scalar):
        return False
    named = [a for a in op.args if not a.is_const and a.role in ("user", "index")]
    return (
        of.kind == "int"
        and op.result.hint == "t"
        and op.result.role in ("temp", "index")
        and bool(named)
        and all(a.is_const or a in named for a in op.args)
    )


def partial_sum(value: Value, user: Op | None) -> bool:
    """Whether an adjoint is a number just begun, whose next term follows at once."""
    if user is None or user.kind not in ("add", "sub") or value.op is None:
        return False
    where = [o.origin and o.origin.stmt_line for o in (value.op, user)]
    return (
        rank_of(value.type) == 0
        and where[0] == where[1]
        and user.result.role == "bar"
        and user.result.hint == value.hint
        and value.op.kind not in STATEMENTS
    )

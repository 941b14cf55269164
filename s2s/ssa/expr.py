"""Expressions to SSA: the builder uses it on the user's text, rules on their own.

In: a gast expression and an environment of names. Out: what it stands for; the
operations that find it out are in the current region.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import gast

from s2s.errors import Origin, UnsupportedError
from s2s.ssa.bound import Bound, Ends, Seq, Unbound, flat, is_slice, refill, same_shape
from s2s.ssa.emit import Emitter
from s2s.ssa.ir import Op, Region, Value
from s2s.ssa.types import (
    ANY,
    UNDEF,
    Array,
    List,
    Static,
    Tuple,
    bound,
    described,
    join,
    may_be_none,
)

if TYPE_CHECKING:
    from s2s.rules import Rules

T = TypeVar("T", bound=Bound)
_turns = count()
CLASSES = type, UnionType


class Expressions(Emitter):
    """Evaluates expressions into operations of the current region."""

    def __init__(self, rules: Rules, region: Region) -> None:
        super().__init__(rules, region)
        self.env: dict[str, Bound] = {}
        # what each expression that is being evaluated has evaluated so far
        self.pending: list[list[Seq]] = []
        self.looked_at: dict[gast.AST, Bound] = {}
        self.tested: set[gast.AST] = set()  # operands of which only the truth counts
        self.turn = next(_turns)  # another one where an expression may come again
        self.not_so: set[Value] = set()  # conditions that do not hold here
        self.runs = 0  # of the user's functions
        self.ran: dict[tuple[gast.AST, int], Bound] = {}  # what such runs gave
        self.consumed: set[gast.AST] = set()  # generators that are used up at once
        self.turned_round: set[gast.AST] = set()  # what `reversed` is given
        self.ranges: dict[Bound, list[Value]] = {}  # lists that are ranges: their ends
        self.users_text = True  # print left-out and default arguments as written

    # hooks for the builder of whole functions -----------------------------

    def outer_name(self, node: gast.Name) -> Bound:
        """A name that is not local."""
        raise NotImplementedError

    def outer_attribute(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """A non-static attribute of a static object (`config.DT`)."""
        return self.const(obj, path)

    def static(self, path: str, obj: Any) -> Value:
        """A static object found through a name."""
        return self.const(obj, path)

    def named(self, item: Bound, name: str) -> Bound:
        """What a name is bound to."""
        return item

    def origin_of(self, node: gast.AST) -> Origin | None:
        return self.origin

    def refuse(self, node: gast.AST, message: str, advice: str = "") -> NoReturn:
        raise UnsupportedError(message, self.origin_of(node), advice or None)

    def next_turn(self) -> None:
        """Note that what has been evaluated may rightly be evaluated again."""
        self.turn = next(_turns)

    # expressions ----------------------------------------------------------

    def value(self, node: gast.AST) -> Value:
        """The expression as one operand."""
        return self.pack(self.expr(node))

    @contextmanager
    def looking(self, node: gast.AST) -> Iterator[Bound]:
        """What an expression gives, where it may be evaluated again: not a second time.

        It may call what changes an object. What calls nothing is evaluated anew, since
        what it names may have changed meanwhile.
        """
        item = self.expr(node)
        if not has_call(node):
            yield item
            return
        with self.standing_for(node, item):
            yield item

    @contextmanager
    def standing_for(self, node: gast.AST, item: Bound) -> Iterator[None]:
        """An expression that has been evaluated, and may be again."""
        known = node in self.looked_at
        self.looked_at[node] = item
        try:
            yield
        finally:
            if not known:
                del self.looked_at[node]

    def expr(self, node: gast.AST) -> Bound:
        if node in self.looked_at:
            return self.looked_at[node]
        if (node, self.turn) in self.ran:
            return self.ran[node, self.turn]
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            self.refuse(node, f"{type(node).__name__} expressions are not supported")
        outer, self.origin = self.origin, self.origin_of(node)
        runs = self.runs
        self.pending.append([])
        try:
            item = method(node)
        finally:
            self.origin = outer
            self.pending.pop()
        if self.runs != runs and not has_call(node):
            # a property, an operator of a class: the text does not tell that it calls
            self.ran[node, self.turn] = item
        return self.evaluated_now(item)

    def evaluated_now(self, item: T) -> T:
        """Note what an expression gave for the one around it."""
        if isinstance(item, Seq) and self.pending:
            self.pending[-1].append(item)
        return item

    def pack(self, item: Bound) -> Value:
        """A sequence as an object: an operation, or a constant if all items are."""
        if isinstance(item, Value):
            return item
        if is_slice(item):
            raise UnsupportedError("a slice is supported as an index only", self.origin)
        values = [self.pack(i) for i in item.items]
        names = ("xs",) * len(values)
        if item.names or item.kind in ("dict", "object"):
            of = Tuple(tuple(bound(v.type) for v in values), item.form)
            attrs: dict[str, Any] = {"of": item.form, "maker": item.maker}
            return self.emit("record", values, names, type=of, **attrs)
        if item.kind == "tuple" and all(v.is_const for v in values):
            return self.const(tuple(v.const for v in values))
        return self.emit("tuple" if item.kind == "tuple" else "list", values, names)

    def array(self, item: Seq) -> Value:
        """A sequence of numbers as NumPy takes it: an array."""
        if item.kind in ("dict", "object"):
            raise UnsupportedError(f"an array of a {item.kind}", self.origin)
        parts = [self.array(i) if isinstance(i, Seq) else i for i in item.items]
        return self.emit("np.array", parts, ("xs",) * len(parts))

    def truth(self, node: gast.AST, value: Value) -> Value:
        """A condition; arrays have no truth value."""
        of = bound(value.type)
        if isinstance(of, Array) and any(d.unit is False for d in of.shape):
            self.refuse(
                node,
                "the truth value of an array is ambiguous",
                "use np.any(...) or np.all(...)",
            )
        return value

    def condition(self, node: gast.AST) -> Value:
        """A test: of its operands, `and` and `or` count as true or false."""
        todo = [node]
        while todo:
            part = todo.pop()
            if isinstance(part, gast.BoolOp):
                self.tested.update(part.values)
                todo += part.values
        return self.truth(node, self.pack(self.as_tested(node, self.expr(node))))

    def as_tested(self, node: gast.AST, item: Bound) -> Bound:
        """What stands for something where only its truth counts."""
        return item

    def holds(self, node: gast.AST, item: Bound) -> Value:
        """What stands for an operand of `and` or `or` where only its truth counts."""
        item = self.as_tested(node, item)
        if isinstance(item, Seq):
            return self.const(bool(item.items))
        if isinstance(bound(item.type), List):
            return self.emit("ne", [self.emit("len", [item]), self.const(0)])
        return item

    def _Constant(self, node: gast.Constant) -> Value:
        if isinstance(node.value, bytes):
            self.refuse(node, f"{node.value!r} is not supported here")
        return self.const(node.value)

    def _Name(self, node: gast.Name) -> Bound:
        if node.id in self.env:
            return self.env[node.id]
        return self.outer_name(node)

    def _Tuple(self, node: gast.Tuple) -> Seq:
        return Seq("tuple", tuple(self.items_given(node.elts)))

    def _List(self, node: gast.List) -> Bound:
        return Seq("list", tuple(self.items_given(node.elts)))

    def items_given(
        self, nodes: Sequence[gast.AST], count: int | None = None
    ) -> list[Bound]:
        """What a list of arguments or items gives, `*xs` taken apart.

        `count` is how many there have to be, if that is known.
        """
        items: list[Bound] = []
        stars = sum(isinstance(node, gast.Starred) for node in nodes)
        if count is not None:  # of the one `*`
            count = count - (len(nodes) - 1) if stars == 1 else None
        for node in nodes:
            if isinstance(node, gast.Starred):
                self.consumed.add(node.value)
                items += self.taken_apart(node, self.expr(node.value), count)
            else:
                items.append(self.expr(node))
        return items

    def taken_apart(
        self, node: gast.AST, item: Bound, count: int | None = None
    ) -> Sequence[Bound]:
        """The items of what `*` stands before: `count` of them, if that is given."""
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            item = self.unpack(item)
        item = self.iterated(node, item)
        if not isinstance(item, Seq) and count is not None and count > 0:
            return self.so_many(node, item, count)
        if not isinstance(item, Seq):
            self.refuse(
                node,
                "how many items `*` gives is not known here",
                "give them names before: `a, b = ...`",
            )
        return item.items

    def so_many(self, node: gast.AST, item: Bound, count: int) -> Sequence[Bound]:
        """The arguments that an object gives to a function, which takes `count`."""
        raise NotImplementedError

    def iterated(self, node: gast.AST, item: Bound) -> Bound:
        """What an object gives to what runs over it."""
        return item

    def unpack(self, base: Value) -> Seq:
        """A value of tuple type as the sequence of its items."""
        raise NotImplementedError

    def _UnaryOp(self, node: gast.UnaryOp) -> Bound:
        return self.unary(node, self.expr(node.operand))

    def unary(self, node: gast.UnaryOp, item: Bound) -> Bound:
        """An operator applied to what has been evaluated."""
        kind = self.rules.OPERATORS[type(node.op)]
        x = self.pack(self.as_tested(node, item) if kind == "not" else item)
        if kind == "not":
            self.truth(node.operand, x)
        if x.is_const and (
            kind == "not" or (kind == "neg" and not isinstance(x.const, bool))
        ):
            made = self.rules[kind].run(x.const)
            if kind == "not" or x.spelling is None:
                return self.const(made)
            named = x.role == "literal"
            return self.const(made, f"-{x.spelling}", x.hint if named else None)
        new = self.emit(kind, [x])
        if new.op is not None and getattr(node, "turned", False):
            new.op.attrs["turned"] = True
        return new

    def _BinOp(self, node: gast.BinOp) -> Bound:
        left, right = self.expr(node.left), self.expr(node.right)
        return self.binary(node, self.rules.OPERATORS[type(node.op)], left, right)

    def binary(self, node: gast.BinOp, kind: str, left: Bound, right: Bound) -> Bound:
        """An operator on what its operands have come to."""
        if isinstance(left, Seq) or isinstance(right, Seq):
            return self._sequence_arithmetic(node, kind, left, right)
        if any(isinstance(bound(v.type), List | Tuple) for v in (left, right)):
            self.refuse(node, "arithmetic on lists and tuples is not supported yet")
        if kind == "or_" and isinstance(left.const, CLASSES) and right.is_const:
            spelling = f"{left.spelling or left} | {right.spelling or right}"
            return self.const(left.const | right.const, spelling)
        return self.emit(kind, [left, right])

    def _sequence_arithmetic(
        self, node: gast.AST, kind: str, left: Bound, right: Bound
    ) -> Bound:
        if isinstance(left, Seq) and isinstance(right, Seq) and kind == "add":
            if left.kind == right.kind and left.kind in ("tuple", "list"):
                return Seq(left.kind, left.items + right.items)
        elif isinstance(left, Seq) and isinstance(right, Value) and kind == "mul":
            plain = left.kind in ("tuple", "list")
            if plain and right.is_const and isinstance(right.const, int):
                return Seq(left.kind, left.items * right.const)
        elif isinstance(right, Seq) and not isinstance(left, Seq):
            if not isinstance(left.type, List | Tuple) and kind != "mul":
                return self.emit(kind, [left, self.array(right)])
        elif isinstance(left, Seq) and isinstance(right, Value):
            if isinstance(right.type, Array):
                return self.emit(kind, [self.array(left), right])
        self.refuse(node, "this arithmetic on lists and tuples is not supported yet")

    def _Compare(self, node: gast.Compare) -> Value:
        left = self.expr(node.left)
        return self._compare(left, list(node.ops), list(node.comparators))

    def _compare(
        self, left: Bound, ops: list[gast.AST], comparators: list[gast.AST]
    ) -> Value:
        """`a < b < c` is `a < b and b < c` with `b` evaluated once."""
        right = self.expr(comparators[0])
        kind = self.rules.OPERATORS[type(ops[0])]
        first = self.comparison(comparators[0], kind, left, right)
        if len(ops) == 1:
            return first
        self.truth(comparators[0], first)
        return self.choose(
            first,
            lambda: self._compare(right, ops[1:], comparators[1:]),
            lambda: first,
            "compare",
        )

    def comparison(self, node: gast.AST, kind: str, left: Bound, right: Bound) -> Value:
        """One comparison of what has been evaluated."""
        a, b = self.pack(left), self.pack(right)
        known = self._static_comparison(kind, a, b)
        return self.emit(kind, [a, b]) if known is None else known

    def _static_comparison(self, kind: str, left: Value, right: Value) -> Value | None:
        """`mode == "fast"`, `axis is None`: decided while compiling."""
        if left.is_const and right.is_const:
            return self.const(self.rules[kind].run(left.const, right.const))
        kinds = [type(bound(v.type)) for v in (left, right)]
        if may_be_none(left.type) or may_be_none(right.type):
            return None
        if kind in ("is", "is_not") and Static in kinds and kinds[0] != kinds[1]:
            if ANY not in (bound(left.type), bound(right.type)):
                return self.const(kind == "is_not")
        return None

    def _BoolOp(self, node: gast.BoolOp) -> Bound:
        form = "and" if isinstance(node.op, gast.And) else "or"
        return self._bool_op(form, list(node.values))

    def _bool_op(self, form: str, nodes: list[gast.AST]) -> Bound:
        """The first operand that decides; of objects the object itself."""
        item = self.expr(nodes[0])
        if nodes[0] in self.tested:
            item = self.holds(nodes[0], item)
        if len(nodes) == 1:
            return item
        known = isinstance(item, Seq)
        if known:
            name = f"<{nodes[0].lineno}.{nodes[0].col_offset}> operand"
            self.env[name] = item  # its `__bool__` may change it
            cond = self.holds(nodes[0], item)
            item = self.env.pop(name)
        else:
            cond = self.pack(item)
        self.truth(nodes[0], cond)
        rest = lambda: self._bool_op(form, nodes[1:])  # noqa: E731
        keep = lambda: item  # noqa: E731
        then, otherwise = (rest, keep) if form == "and" else (keep, rest)
        return self.choose(cond, then, otherwise, "ifexp" if known else form)

    def _IfExp(self, node: gast.IfExp) -> Bound:
        cond = self.condition(node.test)
        return self.choose(
            cond,
            lambda: self.known_to(cond, True, self.expr(node.body)),
            lambda: self.known_to(cond, False, self.expr(node.orelse)),
            "ifexp",
        )

    def known_to(self, cond: Value, holds: bool, item: Bound) -> Bound:
        """What something is where a condition holds, or does not: `x is None`."""
        op = cond.op
        if op is None or op.kind not in ("is", "is_not") or item is not op.args[0]:
            return item
        none = op.args[1].is_const and op.args[1].const is None
        other = (op.kind == "is_not") == holds
        return self.not_none(item, checked=True) if none and other else item

    def not_none(self, value: Value, **attrs: Any) -> Value:
        """A value that may be None, where it would fail if it were."""
        if not may_be_none(value.type):
            return value
        given = ("x",), value.hint, value.role, bound(value.type)
        return self.emit("bound", [value], *given, **attrs)

    def check_consumed(self, node: gast.AST, what: str) -> None:
        """Refuse a name for what makes its items once, while it is run over."""
        if node not in self.consumed:
            self.refuse(
                node,
                f"`{what}` is supported where its items are run over at once",
                "make a list of them: `list(...)`",
            )

    @contextmanager
    def inside(self, region: Region) -> Iterator[Region]:
        """Write to another region for a while; what is learnt there stays there."""
        outer, self.not_so = self.not_so, set(self.not_so)
        try:
            with super().inside(region):
                yield region
        finally:
            self.not_so = outer

    @contextmanager
    def branch(self) -> Iterator[Region]:
        """Write to a region of its own; what is learnt of names there stays there."""
        outer, self.env = self.env, dict(self.env)
        try:
            with self.inside(Region()) as region:
                yield region
        finally:
            self.env = outer

    def raise_if(self, cond: Value, error: type[Exception], *text: str) -> None:
        """Fail where a condition holds."""
        with self.branch() as failed:
            args = [self.const(error, error.__name__), *map(self.const, text)]
            self.effect("raise", args)
        self.append(Op("if", [cond], ("cond",), {"form": None}, [failed, Region()]))

    def choose(
        self,
        cond: Value,
        then: Callable[[], T],
        otherwise: Callable[[], T],
        form: str,
    ) -> T:
        """An `if` that gives something; decided while compiling where that is possible.

        What is made of parts that are known is chosen part by part.
        """
        if cond.is_const:
            return then() if cond.const else otherwise()
        regions: list[Region] = []
        found: dict[Region, Bound] = {}
        mark = Value(UNDEF).number
        for branch in (then, otherwise):
            with suppress(Unbound), self.branch() as region:
                self.not_so.update(ruled_out(cond, branch is then))
                try:
                    found[region] = branch()
                except Ends:
                    form = ""
                regions.append(region)
        if not regions:
            raise Unbound
        if len(regions) == 1 and found:  # the other one fails: a loop, built again
            return found[regions[0]]  # type: ignore[return-value]
        op = Op("if", [cond], ("cond",), {"form": form or None}, regions)
        if not found:
            self.append(op)
            raise Ends
        shape = self.one_shape(found)
        rows = [flat(item) for item in found.values()]
        out: list[Value] = []
        for k, values in enumerate(zip(*rows, strict=True)):
            function = self.choice(op, mark, values[0], values[-1])
            if function is not None:
                out.append(function)
                continue
            types = [bound(v.type) for v in values]
            if functools.reduce(join, types) == ANY and ANY not in types:
                raise UnsupportedError(
                    "one value of two types that do not go together: "
                    f"{described(types[0])} and {described(types[1])}",
                    self.origin,
                )
            for region in regions:
                missing = region not in found
                end = Value(UNDEF, const=None) if missing else flat(found[region])[k]
                region.results.append(end)
            of = functools.reduce(join, (v.type for v in values))
            out.append(Value(of, op=op))
            op.results.append(out[-1])
        if len(op.results) != 1:
            op.attrs["form"] = None
        if op.results or any(region.ops for region in regions):
            self.append(op)
        for result, values in zip(out, zip(*rows, strict=True), strict=True):
            if result.op is op:
                self.chosen(result, list(values))
        return refill(shape, iter(out))  # type: ignore[return-value]

    def choice(
        self, op: Op, mark: int, a: Value | None, b: Value | None
    ) -> Value | None:
        """What stands for one of two functions after an `if`, None if it is no such."""
        return None

    def one_shape(self, found: dict[Region, Bound]) -> Bound:
        """What the outcomes have in common; what has nothing becomes one object."""
        first, *others = found.values()
        if all(same_shape(first, other) for other in others):
            for other in others:
                first = self.agreed(first, other)
            return first
        for region, item in found.items():
            with self.inside(region):
                found[region] = self.pack(item)
        return next(iter(found.values()))

    def agreed(self, a: Bound, b: Bound) -> Bound:
        """One of two objects of one structure, whichever it is."""
        return a

    def chosen(self, result: Value, outcomes: list[Value]) -> None:
        """Called with what a conditional expression gave, and what it chose from."""


def ruled_out(cond: Value, holds: bool) -> Iterator[Value]:
    """The conditions that do not hold where another one does, or does not."""
    op = cond.op
    if not holds:
        yield cond
    if op is None:
        return
    if op.kind == "not":
        yield from ruled_out(op.args[0], not holds)
    elif op.kind == "if" and op.attrs["form"] == ("and" if holds else "or"):
        rest = op.regions[0 if holds else 1]
        for part in (op.args[0], *rest.results):
            yield from ruled_out(part, holds)


@functools.lru_cache(maxsize=1024)
def has_call(node: gast.AST) -> bool:
    return any(isinstance(n, gast.Call) for n in gast.walk(node))


def is_call_of(node: gast.AST, name: str) -> bool:
    """Whether an expression is a call of a function by that name."""
    func = getattr(node, "func", None)
    return isinstance(func, gast.Name) and func.id == name

"""Lists that grow and shrink, and comprehensions.

In: the statement or expression. Out: new versions of lists (see `lists`). What is put
in one by one is a loop that appends:

    ys = [v * v for v in xs]     ->      ys = []
                                         for v in xs:
                                             ys.append(v * v)

A comprehension over items that are known one by one makes such a list.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import gast

from s2s.parse.late import is_late
from s2s.parse.names_live import walrus_names
from s2s.parse.nested import bound_in, is_read
from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Made, Seq, Unbound
from s2s.ssa.ir import Region, Value
from s2s.ssa.iterate import Iteration
from s2s.ssa.list_items import ItemBuilder
from s2s.ssa.lists import is_list, item_type
from s2s.ssa.mutate import EVALUATED_ONCE
from s2s.ssa.types import (
    INT,
    UNDEF,
    Array,
    Dict,
    Function,
    List,
    Type,
    bound,
    described,
)

if TYPE_CHECKING:
    from s2s.rules import Rules


class GrowingBuilder(ItemBuilder):
    """Evaluates what makes lists longer or shorter."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region, objects)
        # what the headers of loops name, and under which name it stands in `env`
        self.headers: dict[gast.AST, str] = {}

    def seen_items(self) -> list[tuple[str, Bound]]:
        names = [n for n in self.headers.values() if n in self.env]
        return [*super().seen_items(), *((n, self.env[n]) for n in names)]

    def changing_call(self, node: gast.Call) -> bool:
        func = node.func
        if isinstance(func, gast.Attribute) and func.attr in METHODS:
            base = self.expr(func.value)
            if is_list(base):
                self.list_method(node, base, func.attr)
                return True
        return super().changing_call(node)

    def _method_call(self, node: gast.Call, base: Bound, name: str) -> Bound:
        if not is_list(base):
            return super()._method_call(node, base, name)
        if name == "copy" and not node.args:
            return self.copied(node, base)
        if name in ("pop", "popleft"):
            return self.pop_within(node, base)
        if name in ("index", "count") and len(node.args) == 1 and not node.keywords:
            return self.emit(name, [self.pack(base), self.value(node.args[0])])
        if name in METHODS:
            self.refuse(node, f"`.{name}()` must be a statement of its own")
        return super()._method_call(node, base, name)

    def pop_within(self, node: gast.Call, base: Bound) -> Bound:
        """`xs.pop()` as a value, or as a part of an expression."""
        within = getattr(self.at, "value", None) is not node
        put_in = isinstance(self.at, gast.Expr) and calls_method(self.at.value)
        once = put_in or isinstance(self.at, EVALUATED_ONCE)
        if within and (self.sealed or not once or node in self.stored_by):
            self.refuse(
                node, "`.pop()` must be a statement of its own here",
                "give what it returns a name before: `v = xs.pop()`",
            )  # fmt: skip
        self.stored_by.add(node)
        outer, self.within = self.within, within
        try:
            return self.pop(node, base)
        finally:
            self.within = outer

    def list_method(self, node: gast.Call, base: Bound, name: str) -> None:
        if name == "sort":
            self.sort_list(node, base)
            return
        low, high = METHODS[name]
        if node.keywords or not low <= len(node.args) <= high:
            self.refuse(node, "these arguments are not supported here")
        if name == "extend":
            self.extend(node, base, node.args[0])
        elif name in ("pop", "popleft"):
            self.pop(node, base)
        elif name == "appendleft":
            first = gast.copy_location(gast.Constant(0, None), node)
            self.put_in(node, base, [first, *node.args])
        elif name == "reverse":
            self.reverse(node, base)
        elif name == "remove":
            text = "xs.pop(xs.index(v))"
            call = quoted(text, node, xs=node.func.value, v=node.args[0]).value
            assert isinstance(call, gast.Call)
            self.pop(call, base)
        elif name == "clear":
            whole = quoted("xs[:]", node, xs=node.func.value)
            self.delete_slice(whole.value)
        else:
            self.put_in(node, base, list(node.args))

    def put_in(self, node: gast.Call, base: Bound, nodes: list[gast.AST]) -> None:
        """`xs.append(v)` and `xs.insert(k, v)`."""
        *where, item = [self.expr(a) for a in nodes]
        base = self.fresh_item(base)
        k = where[0] if where else None
        if k is not None and not (isinstance(k, Value) and is_from_the_front(k)):
            self.refuse(node, "`.insert()` needs a constant position from the front")
        if isinstance(base, Seq) and k is not None and not k.is_const:
            self.grow(base)
            self.refuse(node, "`.insert()` needs a constant position from the front")
        if isinstance(base, Seq):
            at = len(base.items) if k is None else k.const
            self.resize(node, base, (*base.items[:at], item, *base.items[at:]))
            return
        value = self.held_item(node, item)
        if k is None:
            self.change_list(node, base, "append", [value])
        else:
            self.change_list(node, base, "insert", [k, value])

    def reverse(self, node: gast.Call, base: Bound) -> None:
        """`xs.reverse()`, as a loop that swaps items."""
        if isinstance(base, Seq):
            self.replace_items(node, base, base.items[::-1])
            return
        name, last, k = hidden(node), f"{hidden(node)} last", f"{hidden(node)} k"
        half = self.emit("floordiv", [self.emit("len", [base]), self.const(2)])
        self.env |= {name: base, last: half, k: self.const(range, "range")}
        loop = quoted("for k in range(half): xs[k], xs[-1 - k] = xs[-1 - k], xs[k]",
                      node, xs=name, half=last, range=k)  # fmt: skip
        assert isinstance(loop, gast.For)
        self.own_loop(loop)
        for made in (name, last, k):
            self.env.pop(made)

    def delete_slice(self, node: gast.Subscript) -> None:
        """`del xs[i:j]`."""
        raise NotImplementedError

    def sort_list(self, node: gast.Call, base: Bound) -> None:
        """`xs.sort()`."""
        raise NotImplementedError

    def resize(self, node: gast.AST, base: Seq, items: tuple[Bound, ...]) -> None:
        """Other items for a list whose items are known, where it was made."""
        elsewhere = base.made is None or base.made.region is not self.region
        if elsewhere or base.whole is not None:
            self.grow(base)
        self.replace_items(node, base, items)

    def extend(self, node: gast.AST, base: Bound, more: gast.AST) -> Bound:
        """`xs.extend(more)`, `xs += more`: item by item."""
        self.consumed.add(more)
        other = self.expr(more)
        base = self.fresh_item(base)
        if isinstance(base, Seq):
            if isinstance(other, Seq):
                self.resize(node, base, base.items + other.items)
                return base
            self.grow(base)
            self.refuse(node, "which lists this changes is not known")
        if isinstance(other, Seq):
            for item in other.items:
                value = self.held_item(node, item)
                self.change_list(node, base, "append", [value])
                base = self.fresh(base)
            return base
        self.writable_list(node, base, True)
        name = hidden(node)
        item, target = (
            gast.copy_location(gast.Name("item", ctx, None, None), node)
            for ctx in (gast.Load(), gast.Store())
        )
        self.env[name] = base
        loop = gast.For(target, more, [appending(node, name, item)], [], None)
        with self.in_header(more, other):
            self.own_loop(gast.copy_location(loop, node))
        return self.fresh_item(self.env.pop(name))

    def extends(self, node: gast.AugAssign) -> bool:
        item = self.env.get(node.target.id)
        if not isinstance(node.op, gast.Add) or item is None or not is_list(item):
            return False
        with self.looking(node.value) as more:
            if not isinstance(more, Seq) and not is_list(more):
                self.refuse(node, f"`+=` of a list and {described(more.type)}",
                            "use `.extend()`")  # fmt: skip
            load = gast.Name(node.target.id, gast.Load(), None, None)
            self.extend(node, self.expr(gast.copy_location(load, node)), node.value)
        return True

    def pop(self, node: gast.Call, base: Bound) -> Bound:
        """`xs.pop()` and `xs.pop(k)`: what the list had there."""
        if node.keywords or len(node.args) > 1:
            self.refuse(node, "these arguments are not supported here")
        at = [self.value(a) for a in node.args]
        if getattr(node.func, "attr", "") == "popleft":
            at = [self.const(0)]
        k = at[0] if at else self.const(-1)
        if isinstance(base, Seq):
            if not k.is_const:
                self.grow(base)
                self.refuse(node, "the index of this item must be known")
            if not -len(base.items) <= k.const < len(base.items):
                if self.depth:
                    self.grow(base)  # it may have got longer in the loop
                self.refuse(node, f"index {k.const} is out of range")
            at = k.const % len(base.items)
            self.resize(node, base, base.items[:at] + base.items[at + 1 :])
            return base.items[at]
        if item_type(base.type) == UNDEF:
            self.unbound.append((node, self.origin_of(node)))
            raise Unbound
        item = self.emit("getitem", [base, k], ("x", "index"), index=("i",))
        self.own_place(item)
        out = self.in_parts(item)
        if isinstance(out, Seq):
            out = replace(out, whole=item)
        self.change_list(node, base, "removed", [item, *at])
        return out

    def copied(self, node: gast.AST, base: Bound) -> Bound:
        """`xs.copy()`, `list(xs)`: another list of the same items."""
        if isinstance(base, Seq):
            return Seq("list", base.items)
        fixed = getattr(bound(base.type), "fixed", False)
        return self.pure("list of tuple" if fixed else "list_copy", [base])

    def converted(self, node: gast.Call, kind: str, item: Bound) -> Bound:
        of = bound(item.type) if isinstance(item, Value) else None
        if kind == "list" and isinstance(of, List):
            return self.copied(node, item)
        if kind == "tuple" and is_sequence(of):
            return self.pure("tuple of list", [self.pack(item)])
        return super().converted(node, kind, item)

    # loops that append ----------------------------------------------------

    def named(self, item: Bound, name: str) -> Bound:
        """Give a value the name that it is bound to."""
        raise NotImplementedError

    def assign(self, target: gast.expr, item: Bound) -> None:
        raise NotImplementedError

    def iteration(self, node: gast.For) -> Iteration | None:
        """What a loop runs over, None if that is nothing."""
        raise NotImplementedError

    def over(self, node: gast.For, iteration: Iteration | None) -> None:
        """Build a loop."""
        raise NotImplementedError

    def list_slice(self, node: gast.AST) -> tuple[Value, int, int] | None:
        """The list that a slice is of, and where from and to; None if it is none."""
        raise NotImplementedError

    def entries_in(self, node: gast.AST) -> tuple[str, Value, Value, bool] | None:
        """What a loop runs over, if it is the entries of a dict with any keys."""
        raise NotImplementedError

    def entry(
        self, source: tuple[str, Value, Value, bool], index: Value
    ) -> tuple[Value, Bound]:
        """The key of a loop's round, and what the loop runs over there."""
        raise NotImplementedError

    def item_then(self, xs: Value, index: Value) -> Bound:
        """An item of a list as it was: whatever has become of the list since."""
        raise NotImplementedError

    def turned(self, node: gast.AST) -> Value | None:
        """The list of lists that `zip(*rows)` turns, if it has any number of them."""
        if not is_turned(node) or not isinstance(node.func, gast.Name):
            return None
        (rows,) = (a.value for a in node.args)
        callee = self.expr(node.func)
        if calls_in(rows) or isinstance(callee, Seq) or callee.const is not zip:
            return None
        item = self.expr(rows)
        if isinstance(item, Seq) or not isinstance(item_type(item.type), List):
            return None
        return item

    def items_of(self, node: gast.AST, item: Bound, count: int) -> tuple[Bound, ...]:
        """The values that unpacking an object into `count` names gives."""
        raise NotImplementedError

    def function_of(self, of: Function, parts: Sequence[Value]) -> Value:
        """The function that holds these."""
        raise NotImplementedError

    def written_out(self, loop: gast.For) -> Sequence[Bound] | None:
        """The items of a loop that is to be built one by one, if they are known."""
        raise NotImplementedError

    def unrolled(self, loop: gast.For, items: Sequence[Bound]) -> None:
        raise NotImplementedError

    def own_loop(self, loop: gast.For, others: Collection[str] = ()) -> None:
        """Build a loop whose names nobody else sees, but for those of `others`."""
        items, at = self.written_out(loop), self.at
        iteration = self.iteration(loop) if items is None else None
        others = {*others, *walrus_names(loop)}
        names = [n for n in assigned_names(loop) if n not in others]
        own = [n for n in names if not is_late(n)]
        outer = {n: self.env.pop(n) for n in own if n in self.env}
        if items is None:
            self.over(loop, iteration)
        else:
            self.unrolled(loop, items)
        self.env = {n: i for n, i in self.env.items() if n not in own} | outer
        self.at = at

    def _ListComp(self, node: gast.ListComp | gast.GeneratorExp) -> Bound:
        """A list of known items, or a loop that appends."""
        known = self.known_items(node)
        if known is not None and not self.grows(node):
            return Seq("list", tuple(self.each(node, known)))
        name, target = hidden(node), node.generators[0].target
        one_by_one = self.grows(target) and not self.grows(node)
        self.loops.append((target, True))
        if one_by_one:  # no list can hold what it makes
            self.env[name] = Seq("list", (), Made(node, self.region))
        else:
            self.env[name] = made = self.object(node, ())
            if isinstance(self.at, gast.Assign) and self.at.value is node:
                if isinstance(self.at.targets[0], gast.Name):
                    self.named(made, self.at.targets[0].id)
        try:
            self.own_loop(loops_of(node, appending(node, name, node.elt)))
        finally:
            self.loops.pop()
        return self.fresh_item(self.env.pop(name))

    def each(
        self, node: gast.ListComp | gast.GeneratorExp, known: Sequence[Bound]
    ) -> Generator[Bound, None, None]:
        """What a comprehension makes of items that are known one by one."""
        (generator,) = node.generators
        own = {n for n in bound_in(generator.target) if not is_late(n)}
        outer = {n: self.env[n] for n in own if n in self.env}
        try:
            for item in known:
                self.assign(generator.target, item)
                if self.included(generator):
                    yield self.expr(node.elt)
        finally:
            self.env = {n: i for n, i in self.env.items() if n not in own} | outer

    def included(self, generator: gast.comprehension) -> bool:
        """Whether the conditions of a comprehension hold for an item that is known."""
        for test in generator.ifs:
            cond = self.pack(self.expr(test))
            if not cond.is_const:
                self.refuse(test, "this condition must be known when compiling")
            if not cond.const:
                return False
        return True

    def known_items(
        self, node: gast.ListComp | gast.GeneratorExp
    ) -> Sequence[Bound] | None:
        """What a comprehension runs over, if that is known one by one."""
        if len(node.generators) > 1 or node.generators[0].ifs:
            return None
        return self.known(node.generators[0].iter)

    def items_known(self, loop: gast.For) -> Sequence[Bound] | None:
        """What a loop runs over, if that is known one by one."""
        numbers = self.numbers(loop.iter) if self.grows(loop.target) else None
        return self.known(loop.iter) if numbers is None else numbers

    def has_run(self, node: gast.AST) -> bool:
        """Whether this is in the header of a loop, and has been evaluated."""
        return self.headers.get(node) in self.env

    @contextmanager
    def in_header(self, node: gast.AST, item: Bound) -> Iterator[None]:
        """While a loop is built, a part of its header is what it was before it.

        A list or dict may get other items meanwhile.
        """
        name = self.headers.setdefault(node, f"<{len(self.headers)}> header")
        if name in self.env:
            yield
            return
        self.env[name] = item
        try:
            yield
        finally:
            self.env.pop(name, None)

    def expr(self, node: gast.AST) -> Bound:
        if (name := self.headers.get(node)) in self.env:
            return self.fresh_item(self.env[str(name)])
        return super().expr(node)

    def known(self, node: gast.AST) -> Sequence[Bound] | None:
        """The items, if they are known one by one; else nothing has been evaluated.

        What calls a function would be evaluated twice, for its effects, too.
        """
        if not self.evaluated_once(node):
            return None
        if self.turned(node) is not None:
            return None
        if not isinstance(node, gast.Call) or is_turned(node) or self.has_run(node):
            item = self.iterated(node, self.expr(node))
            return item.items if isinstance(item, Seq) else None
        callee = self.expr(node.func) if isinstance(node.func, gast.Name) else None
        if not isinstance(callee, Value) or callee.const not in WALKS:
            return None
        if any(k.arg != "strict" for k in node.keywords):
            return None
        self.turned_round.update(node.args if callee.const is reversed else ())
        inner = [self.known(a) for a in node.args]
        rows = [r for r in inner if r is not None]
        if not rows or len(rows) < len(inner):
            return None
        if callee.const is zip and len({len(r) for r in rows}) == 1:
            return [Seq("tuple", items) for items in zip(*rows, strict=False)]
        if callee.const is enumerate and len(rows) == 1:
            return [Seq("tuple", (self.const(k), i)) for k, i in enumerate(rows[0])]
        if callee.const is reversed and len(rows) == 1:
            return rows[0][::-1]
        return None

    def evaluated_once(self, node: gast.AST) -> bool:
        """Whether the text tells that the items are known, or that it calls nothing."""
        if isinstance(node, gast.List | gast.Tuple) or self.has_run(node):
            return True
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            displays = all(isinstance(a, gast.List | gast.Tuple) for a in node.args)
            return displays or not any(map(calls_in, node.args))
        return not calls_in(node)


def is_sequence(of: Type | None) -> bool:
    """Whether the items of an object can become those of a tuple."""
    if isinstance(of, Array):
        return of.rank > 0 and not of.loose
    return isinstance(of, List) and not isinstance(of, Dict)


def is_turned(node: gast.AST) -> bool:
    """Whether an expression is `zip(*rows)`: no iteration over several things."""
    call = isinstance(node, gast.Call) and len(node.args) == 1
    return call and isinstance(node.args[0], gast.Starred)


def loops_of(
    node: gast.ListComp | gast.GeneratorExp,
    body: gast.stmt,
    leave: Sequence[gast.stmt] = (),
) -> gast.For:
    """The loops of a comprehension around a statement; each ends with `leave`."""
    for generator in reversed(node.generators):
        for test in reversed(generator.ifs):
            body = gast.copy_location(gast.If(test, [body], []), node)
        loop = gast.For(generator.target, generator.iter, [body, *leave], [], None)
        body = gast.copy_location(loop, node)
    assert isinstance(body, gast.For)
    return body


@functools.lru_cache(maxsize=1024)
def calls_in(node: gast.AST) -> bool:
    """Whether an expression calls what may have effects."""
    return any(
        isinstance(n, gast.Call)
        and not (isinstance(n.func, gast.Name) and n.func.id in PURE)
        for n in gast.walk(node)
    )


def is_from_the_front(k: Value) -> bool:
    """Whether a position surely counts from the front, as `k % n` does."""
    if k.is_const:
        return isinstance(k.const, int) and k.const >= 0
    return k.op is not None and k.op.kind == "mod" and bound(k.type) == INT


def calls_method(node: gast.AST) -> bool:
    """Whether an expression is a call that puts something into a list."""
    func = getattr(node, "func", None)
    return isinstance(func, gast.Attribute) and func.attr in METHODS


def hidden(node: gast.AST) -> str:
    """What is no name in the text: of a list that is being made."""
    return f"<{node.lineno}.{node.col_offset}> items"


def appending(node: gast.AST, name: str, item: gast.AST) -> gast.stmt:
    """`name.append(item)`, made where `node` stands."""
    return quoted("xs.append(item)", node, xs=name, item=item)


@functools.lru_cache(maxsize=1024)
def assigned_names(node: gast.AST) -> tuple[str, ...]:
    """Names that the statement may bind, in order of appearance.

    Those of a comprehension are its own.
    """
    inner = {
        n
        for c in gast.walk(node)
        if isinstance(c, gast.comprehension)
        for n in gast.walk(c.target)
    }
    names = [
        n.id
        for n in gast.walk(node)
        if isinstance(n, gast.Name) and not is_read(n)
        if n not in inner or is_late(n.id)
    ]
    return tuple(dict.fromkeys(names))


WALKS = zip, enumerate, reversed
PURE = frozenset({"zip", "enumerate", "reversed", "range", "len"})
# What changes a list, and how many arguments it may have.
METHODS = {
    "append": (1, 1),
    "extend": (1, 1),
    "insert": (2, 2),
    "pop": (0, 1),
    "popleft": (0, 0),  # of a deque
    "appendleft": (1, 1),
    "reverse": (0, 0),
    "clear": (0, 0),
    "remove": (1, 1),
    "sort": (0, 0),
}

"""Python's own functions of sequences: `sum`, `min`, `max`, `sorted`, `any`, `all`.

In: a call, perhaps of a generator expression. Out: what it returns. A generator is
consumed where it stands, by a loop:

    sum(g(v) for v in xs if v)      ->      total = 0
                                            for v in xs:
                                                if v: total = total + g(v)

What is least, and the order of a list, are integers, which have no derivative:

    max(xs)                         ->      xs[index_of_max(xs)]
    sorted(xs)                      ->      [xs[k] for k in order_of(xs)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import gast

from s2s.parse.quoted import quoted
from s2s.ssa.bound import Bound, Seq, Unbound
from s2s.ssa.calls import RANGE
from s2s.ssa.growing import hidden, is_turned, loops_of
from s2s.ssa.higher_order import HigherOrderBuilder
from s2s.ssa.ir import Value
from s2s.ssa.iterate import ITERATORS
from s2s.ssa.lists import item_type
from s2s.ssa.scopes import displayed
from s2s.ssa.types import (
    UNDEF,
    Array,
    List,
    Scalar,
    Tuple,
    bound,
    described,
    rank_of,
)
from s2s.structure import LIST, TUPLE


class BuiltinBuilder(HigherOrderBuilder):
    """Evaluates calls of Python's functions of sequences."""

    def _Assign(self, node: gast.Assign) -> None:
        if all(isinstance(t, gast.Tuple | gast.List) for t in node.targets):
            self.consumed.add(node.value)  # `q, k, v = (x @ w for w in ws)`
        super()._Assign(node)

    def _GeneratorExp(self, node: gast.GeneratorExp) -> Bound:
        if node not in self.consumed:
            self.refuse(
                node,
                "a generator expression is supported as the argument of sum, any, all, "
                "min, max, sorted, list and tuple only",
                "write a list: `[...]`",
            )
        return self._ListComp(node)

    def items_in(self, node: gast.AST) -> Bound:
        """The argument of a call that runs over it."""
        node = self.as_items(node)
        self.consumed.add(node)
        item = self.iterated(node, self.expr(node))
        if isinstance(item, Value) and isinstance(bound(item.type), Tuple):
            return self.unpack(item)
        return item

    def as_items(self, node: gast.AST) -> gast.AST:
        """`zip(...)` and its like, as the list of their items."""
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            callee = self.expr(node.func)
            turned = is_turned(node)
            if isinstance(callee, Value) and callee.const in ITERATORS and not turned:
                name, text = f"{hidden(node)} item", "[item for item in xs]"
                return quoted(text, node, item=name, xs=node).value
        return node

    def options(self, node: gast.Call, *names: str) -> dict[str, Bound]:
        """The keywords of a call."""
        for keyword in node.keywords:
            if keyword.arg not in names:
                self.refuse(keyword.value, f"argument `{keyword.arg}` is not supported")
        return {str(k.arg): self.expr(k.value) for k in node.keywords}

    def evaluated(self, node: gast.AST, text: str, **parts: Bound) -> Bound:
        """An expression of objects; its own variables are `item` and `k`."""
        names = {part: f"{hidden(node)} {part}" for part in (*parts, "item", "k")}
        around = {n: self.env[n] for n in names.values() if n in self.env}
        self.env |= {names[part]: item for part, item in parts.items()}
        try:
            return self.expr(quoted(text, node, **names).value)
        finally:
            for part in parts:
                self.env.pop(names[part], None)
            self.env |= around

    def _call_slice(self, node: gast.Call) -> Bound:
        """The object that `x[start:stop:step]` is indexed by."""
        items = self.items_given(node.args)
        if not 1 <= len(items) <= 3 or node.keywords:
            self.refuse(node, "slice() takes one to three positions")
        if len(items) == 1:
            items = [self.const(None), *items]
        items += [self.const(None)] * (3 - len(items))
        return Seq("slice", tuple(items))

    def _call_range(self, node: gast.Call) -> Bound:
        """A range that is not looped over where it stands: the list of its numbers."""
        ends = self.range_ends(node)
        parts = dict(zip(RANGE, ends, strict=True))
        made = self.evaluated(node, "[k for k in range(start, stop, step)]", **parts)
        self.ranges[made] = ends
        return made

    def _Set(self, node: gast.Set) -> Value:
        """A set of what is known: it can be asked for its members, and how many."""
        return self.a_set(node, self.items_given(node.elts))

    def _call_set(self, node: gast.Call) -> Value:
        item = self.items_in(node.args[0]) if node.args else Seq("tuple", ())
        return self.a_set(node, self.taken_apart(node, item))

    def _call_frozenset(self, node: gast.Call) -> Value:
        return self._call_set(node)

    def a_set(self, node: gast.AST, items: Sequence[Bound]) -> Value:
        values = [i for i in items if isinstance(i, Value) and i.is_const]
        if len(values) < len(items):
            self.refuse(
                node, "sets of what is found at run time are not supported",
                "use a tuple or a list",
            )  # fmt: skip
        members = frozenset(v.const for v in values)
        return self.const(members, displayed(members))

    # sums -----------------------------------------------------------------

    def _call_sum(self, node: gast.Call) -> Bound:
        source, *more = node.args
        item, known = None, None
        if isinstance(source, gast.GeneratorExp):
            known = self.known_items(source)
        else:
            item = self.items_in(source)
        given = self.options(node, "start")
        start = self.expr(more[0]) if more else given.get("start")
        if known is not None and isinstance(source, gast.GeneratorExp):
            item = Seq("list", tuple(self.each(source, known)))
        if item is None:
            return self.summed(node, source, start or self.const(0))
        if isinstance(item, Seq):
            terms = [*([start] if start else []), *item.items]
            if any(isinstance(term, Seq) for term in terms):  # of objects, by methods
                whole = start or self.const(0)
                for term in item.items:
                    whole = self.evaluated(node, "t + item", t=whole, item=term)
                return whole
            if not terms or (start is None and counts(terms[0])):
                terms.insert(0, self.const(0))
            total = self.pack(terms[0])
            if len(terms) == 1 and not start and rank_of(total.type) != 0:
                total = self.emit("pos", [total])  # `0 + v` is a new array
            for other in terms[1:]:
                total = self.emit("add", [total, self.pack(other)])
            return total
        if start is None:
            return self.emit("sum", [item])
        return self.evaluated(
            node, "sum((item for item in xs), start)", xs=item, start=start
        )

    def summed(self, node: gast.AST, source: gast.GeneratorExp, start: Bound) -> Bound:
        """A loop that adds what a generator yields."""
        name = f"{hidden(node)} total"
        self.env[name] = start
        step = quoted("total = total + item", node, total=name, item=source.elt)
        self.own_loop(loops_of(source, step), {name})
        return self.fresh_item(self.env.pop(name))

    # any and all ----------------------------------------------------------

    def _call_any(self, node: gast.Call) -> Bound:
        return self.decided(node, "any", "if item: found = True")

    def _call_all(self, node: gast.Call) -> Bound:
        return self.decided(node, "all", "if not item: found = True")

    def decided(self, node: gast.Call, kind: str, step: str) -> Bound:
        """A generator is run no further than to what decides the result."""
        (source,) = node.args
        if not isinstance(source, gast.GeneratorExp):
            with self.made_ahead(source):
                items = self.items_in(source)
            if isinstance(items, Seq) and any(isinstance(i, Seq) for i in items.items):
                return self.one_by_one(node, kind == "any", iter(items.items))
            return self.emit(kind, [self.pack(items)])
        known = self.known_items(source)
        if known is not None:
            with closing(self.each(source, known)) as each:
                return self.one_by_one(node, kind == "any", each)
        name = f"{hidden(node)} found"
        self.env[name] = self.const(False)
        find = quoted(step, node, found=name, item=source.elt)
        leave = quoted("if found: break", node, found=name)
        self.own_loop(loops_of(source, find, [leave]), {name})
        found = self.pack(self.fresh_item(self.env.pop(name)))
        return found if kind == "any" else self.emit("not", [found])

    def one_by_one(self, node: gast.AST, ends: bool, items: Iterator[Bound]) -> Value:
        """Whether one of the items is true (or all, if `ends` is False)."""
        item = next(items, None)
        if item is None:
            return self.const(not ends)
        value = self.truth(node, self.pack(self.as_tested(node, item)))
        rest: Callable[[], Value] = lambda: self.one_by_one(node, ends, items)  # noqa: E731
        over: Callable[[], Value] = lambda: self.const(ends)  # noqa: E731
        branches = (over, rest) if ends else (rest, over)
        return self.choose(value, *branches, "ifexp")

    # order ----------------------------------------------------------------

    def _call_min(self, node: gast.Call) -> Bound:
        return self.least(node, "min")

    def _call_max(self, node: gast.Call) -> Bound:
        return self.least(node, "max")

    def least(self, node: gast.Call, kind: str) -> Bound:
        """`min(a, b, c)` as `min(min(a, b), c)`, which is how Python compares."""
        source = node.args[0]
        if len(node.args) > 1 or isinstance(source, gast.Starred):
            source = gast.copy_location(gast.List(node.args, gast.Load()), node)
        keyed = any(k.arg == "key" for k in node.keywords)
        with self.made_ahead(*[source] if keyed else []):
            items = self.items_in(source)
        given = self.options(node, "key", "default")
        key, default = given.get("key"), given.get("default")
        if isinstance(items, Seq) and not items.items:
            if default is None:
                self.refuse(node, f"{kind}() of an empty sequence")
            return default
        if isinstance(items, Seq) and key is None:
            least = self.pack(items.items[0])
            for item in items.items[1:]:
                least = self.emit(kind, [least, self.pack(item)])
            return least
        if isinstance(items, Seq) or default is None:
            return self.chosen_by(node, kind, items, key)
        return self.choose(
            self.emit("len", [items]),
            lambda: self.pack(self.chosen_by(node, kind, items, key)),
            lambda: self.pack(default),
            "ifexp",
        )

    def chosen_by(
        self, node: gast.Call, kind: str, items: Bound, key: Bound | None
    ) -> Bound:
        order = self.compared(node, items, key)
        index = self.named(self.emit(f"index_of_{kind}", [order]), "k")
        return self.evaluated(node, "xs[k]", xs=items, k=index)

    def _call_sorted(self, node: gast.Call) -> Bound:
        """Another list, of the same items."""
        items = self.items_in(node.args[0])
        given = self.options(node, "key", "reverse")
        reverse = self.pack(given.get("reverse", self.const(False)))
        if isinstance(items, Seq) and not items.items:
            return Seq("list", ())
        args = [self.compared(node, items, given.get("key"))]
        if not (reverse.is_const and reverse.const is False):
            args.append(reverse)
        order = self.named(self.emit("order_of", args), "order")
        return self.evaluated(node, "[xs[k] for k in ks]", xs=items, ks=order)

    def sort_list(self, node: gast.Call, base: Bound) -> None:
        """`xs.sort()`: the items of the sorted list take their places."""
        if isinstance(base, Seq) and len(base.items) < 2:
            return
        self.grow(base)
        name = hidden(node)
        names = {part: f"{name} {part}" for part in ("xs", "ys", "sorted", "range")}
        self.env |= {names["xs"]: base, names["sorted"]: self.const(sorted, "sorted")}
        call = quoted("sorted(xs)", node, **names).value
        call.args, call.keywords = [*call.args, *node.args], node.keywords
        self.env |= {names["ys"]: self.expr(call)}
        self.env |= {names["range"]: self.const(range, "range")}
        text = "for k in range(len(xs)): xs[k] = ys[k]"
        loop = quoted(text, node, k=f"{name} k", **names)
        assert isinstance(loop, gast.For)
        self.own_loop(loop)
        for made in names.values():
            self.env.pop(made, None)

    def compared(self, node: gast.Call, items: Bound, key: Bound | None) -> Value:
        """What is compared in the place of the items of a sequence."""
        of = None if isinstance(items, Seq) else bound(items.type)
        if of is not None and not isinstance(of, List | Array):
            self.refuse(node, f"what {described(of)} is made up of is not known here")
        if isinstance(key, Value) and key.const is None:
            key = None
        if key is not None:
            text = "[f(item) for item in xs]"
            with self.taken_from(self.parts_of(items)):
                items = self.evaluated(node, text, xs=items, f=key)
        return self.pack(items)

    def converted(self, node: gast.Call, kind: str, item: Bound) -> Bound:
        if kind == "list" and isinstance(item, Value):
            of = bound(item.type)
            if isinstance(of, Array) and of.rank and not of.loose:
                return self.emit("rows", [item])
        return super().converted(node, kind, item)

    def _convert(self, node: gast.Call, kind: str) -> Bound:
        item = self.items_in(node.args[0]) if node.args else Seq(kind, ())
        if kind == "list" and isinstance(item, Value) and self.makes_list(node.args[0]):
            return item
        return self.converted(node, kind, item)

    def makes_list(self, node: gast.AST) -> bool:
        """Whether an expression makes the list that nobody else has."""
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
            callee = self.expr(node.func)
            return isinstance(callee, Value) and callee.const is map
        return isinstance(node, gast.GeneratorExp)

    def _call_zip(self, node: gast.Call) -> Bound:
        """`zip(*rows)` is the tuple of the columns, if how many these are is known."""
        if not is_turned(node):
            self.refuse_call(node, self.const(zip, "zip"))
        rows = self.items_in(node.args[0].value)
        if isinstance(rows, Seq) and not all(isinstance(r, Seq) for r in rows.items):
            several = {f"xs{k}": row for k, row in enumerate(rows.items)}
            text = f"[item for item in zip({', '.join(several)})]"
            return self.evaluated(node, text, **several)
        if isinstance(rows, Seq):
            parts = [self.taken_apart(node, row) for row in rows.items]
            columns = zip(*parts, strict=False)
            return Seq("tuple", tuple(Seq("tuple", column) for column in columns))
        item = item_type(rows.type)
        if item == UNDEF:
            self.unbound.append((node, self.origin_of(node)))
            raise Unbound
        if not isinstance(item, Tuple) or item.form not in (TUPLE, LIST):
            self.refuse(
                node, "how many columns these rows have is not known here",
                "take those of an array: `a, b = A.T`, `A = np.array(rows)`",
            )  # fmt: skip
        return self.unpack(self.emit("columns", [rows]))

    def _call_divmod(self, node: gast.Call) -> Bound:
        """`divmod(x, y)` is the pair `x // y, x % y`."""
        x, y = (self.pack(a) for a in self.items_given(node.args))
        kinds = "floordiv", "mod"
        return Seq("tuple", tuple(self.emit(kind, [x, y]) for kind in kinds))


def counts(item: Bound) -> bool:
    """Whether this is True or False, two of which NumPy adds up to no number."""
    of = bound(item.type) if isinstance(item, Value) else None
    return isinstance(of, Scalar | Array) and of.kind == "bool"

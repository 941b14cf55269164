"""Lists that change: `append`, `extend`, `insert`, `pop`, and items that are assigned.

In: the statement. Out: pure SSA, as for arrays (see `memory`). A list whose items are
known one by one is a `Seq` for as long as that lasts; every name of it gets the new
items. A list that grows in a loop or branch is an object with a cell, and each change
makes a new version of it:

    params[0] = v            the first item of `params` is v
    xs.append(v)             xs1 = append(xs, v)
    v = xs.pop()             v = xs[-1];  xs1 = removed(xs, v)
    xs[i] = v                xs1 = store(xs, i, v)

Which of the two a list is shows when it grows: then `Grows` says which expressions make
objects, and the function is built again. Arrays that are put into an object belong to
it: they are not written to any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import gast

from s2s.errors import UnsupportedError
from s2s.ssa.emit import Emitter
from s2s.ssa.expr import Bound, Made, Seq, Unbound
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Region, Value
from s2s.ssa.iterate import Iteration
from s2s.ssa.memory import Cell, flat_bound, has_storage
from s2s.ssa.mutate import MutationBuilder
from s2s.ssa.types import (
    UNDEF,
    Array,
    List,
    Scalar,
    Tuple,
    Type,
    bound,
    described,
    join,
    rank_of,
)

if TYPE_CHECKING:
    from s2s.rules import Rule, Rules

SOME = Made(None, None)  # a list that may be one of several
UNMADE = "its items must all be numbers, or all arrays of one rank"


class Grows(Exception):
    """Lists that are objects: what these expressions make changes its length."""

    def __init__(self, nodes: Iterable[gast.AST]) -> None:
        self.nodes = frozenset(nodes)


def agreed(a: Seq, b: Seq) -> Seq:
    """`a`, with what is not the same list as in `b` marked as such."""
    pairs = list(zip(a.items, b.items, strict=True))
    items = [agreed(x, y) if isinstance(x, Seq) and isinstance(y, Seq) else x
             for x, y in pairs]  # fmt: skip
    made = a.made if a.made is b.made else SOME
    if made is a.made and all(x is y for x, y in zip(items, a.items, strict=True)):
        return a
    return Seq(a.kind, tuple(items), made)


class ListBuilder(MutationBuilder):
    """Evaluates what makes and changes lists."""

    def __init__(
        self, rules: Rules, region: Region, objects: frozenset[gast.AST]
    ) -> None:
        super().__init__(rules, region)
        self.objects = objects
        self.changed: set[Made] = set()  # lists whose items were assigned
        self.packed: dict[Value, Made] = {}  # objects made of known items
        self.running: list[Made] = []  # lists that loops around run over

    # making ---------------------------------------------------------------

    def expr(self, node: gast.AST) -> Bound:
        item = super().expr(node)
        if not isinstance(item, Seq) or item.kind != "list" or item.made is not None:
            return item
        if node in self.objects:
            return self.object(node, item.items)
        return Seq(item.kind, item.items, Made(node, self.region))

    def object(self, node: gast.AST, items: Sequence[Bound]) -> Value:
        """A list as an object."""
        values = [self.held_item(node, item) for item in items]
        out = self.pure("list", values, ("xs",) * len(values))
        self.check_items(out.type)
        return out

    def pure(self, kind: str, args: Sequence[Value], *rest: Any, **attrs: Any) -> Value:
        """An operation on lists: what storage its result has is noted elsewhere."""
        args = [self.fresh(a) for a in args]
        return Emitter.emit(self, kind, args, *rest, **attrs)

    def held_item(self, node: gast.AST, item: Bound) -> Value:
        """An operand that becomes an item of a list."""
        for part in [item, *(item.items if isinstance(item, Seq) else ())]:
            nested = isinstance(part, Seq) and (part is not item or part.kind == "list")
            if nested or isinstance(getattr(part, "type", None), List):
                self.refuse(node, "lists in lists that grow are not supported yet")
        value = self.pack(item)
        for part in flat_bound(item):
            if has_storage(part):
                cell = self.place_of(part).cell
                for other in {cell, *cell.shares}:
                    self.hold(other)
        return value

    def check_items(self, of: Type) -> Type:
        """Refuse lists whose items have nothing in common."""
        item = bound(bound(of).item) if isinstance(bound(of), List) else None
        parts = item.items if isinstance(item, Tuple) else (item,)
        for part in parts:
            fits = isinstance(part, Scalar) or part in (UNDEF, None)
            if not fits and not (isinstance(part, Array) and not part.loose):
                raise UnsupportedError(
                    "this list has items of different types", self.origin, UNMADE
                )
        return of

    def met(self, types: Sequence[Type]) -> Type:
        out = bound(types[0])
        if not isinstance(out, List):
            return out
        for other in types[1:]:
            out = join(out, bound(other))
        return self.check_items(out)

    def pack(self, item: Bound) -> Value:
        out = super().pack(item)
        if isinstance(item, Seq) and item.made is not None:
            self.packed[out] = item.made
        return out

    def grow(self, *items: Bound | None) -> None:
        """Build again, with these lists as objects, if that is what they can be."""
        made = {i.made for i in items if isinstance(i, Seq) and i.made is not None}
        nodes = {m.node for m in made if m.node is not None} - self.objects
        if nodes and SOME not in made:
            raise Grows(nodes)

    def getitem(self, base: Value, index: gast.AST) -> Value:
        if isinstance(of := bound(base.type), List) and of.item == UNDEF:
            self.unbound.append(index)  # so far: a loop may fill the list
            raise Unbound
        return super().getitem(base, index)

    # assigning items ------------------------------------------------------

    def assign_item(self, node: gast.Subscript, item: Bound) -> None:
        base = self.expr(node.value)
        if isinstance(base, Seq) and base.kind == "list":
            self.set_known(node, base, self.constant_index(node, base), item)
        elif isinstance(base, Value) and isinstance(bound(base.type), List):
            index = self.list_index(node)
            value = self.held_item(node, item)
            self.change_list(node, base, "store", [index, value], index=("i",), path=())
        else:
            super().assign_item(node, item)

    def augment_item(self, node: gast.AugAssign) -> None:
        assert isinstance(node.target, gast.Subscript)
        base = self.expr(node.target.value)
        known = isinstance(base, Seq) and base.kind == "list"
        if not known and not (
            isinstance(base, Value) and isinstance(bound(base.type), List)
        ):
            super().augment_item(node)
            return
        kind = self.rules.OPERATORS[type(node.op)]
        at: Any
        if isinstance(base, Seq):
            at = self.constant_index(node.target, base)
            old = base.items[at]
        else:
            at = self.list_index(node.target)
            old = self.emit("getitem", [base, at], ("x", "index"), index=("i",))
        other = self.pack(self.expr(node.value))
        self.origin = self.origin_of(node)
        if not isinstance(old, Value) or not isinstance(
            bound(old.type), Scalar | Array
        ):
            self.refuse(node, "this changes a list or tuple that is an item of a list")
        of = bound(old.type)
        new = self.emit(kind, [old, other], aug=True)
        if isinstance(of, Array) and of.rank and not of.loose:
            if isinstance(base, Value):
                advice = "assign the item: `xs[i] = xs[i] + ...`"
                self.refuse(node, "this changes an item of a list in place", advice)
            self.in_place(node, "", new, old, of)
        elif isinstance(base, Seq):
            self.set_known(node.target, self.fresh_item(base), at, new)
        else:
            args = [at, new]
            self.change_list(node, base, "store", args, index=("i",), path=())

    def constant_index(self, node: gast.Subscript, base: Seq) -> int:
        """Which item of a list whose items are known; else it has to be an object."""
        index = None if isinstance(node.slice, gast.Slice) else self.value(node.slice)
        if index is None:
            self.refuse(node, "assignments to slices of a list are not supported yet")
        if not index.is_const or not isinstance(index.const, int):
            self.grow(base)
            self.refuse(node, "the index of this item must be known when compiling")
        if not -len(base.items) <= index.const < len(base.items):
            self.refuse(node, f"index {index.const} is out of range")
        return index.const % len(base.items)

    def list_index(self, node: gast.Subscript) -> Value:
        if isinstance(node.slice, gast.Slice):
            self.refuse(node, "assignments to slices of a list are not supported yet")
        index = self.value(node.slice)
        if rank_of(index.type) != 0 or kind_of(index.type) not in ("int", "bool"):
            of = described(index.type)
            self.refuse(node, f"an index must be an integer, this is {of}")
        return index

    def set_known(self, node: gast.AST, base: Seq, k: int, item: Bound) -> None:
        items = (*base.items[:k], item, *base.items[k + 1 :])
        self.rebind(node, base, items)

    def rebind(self, node: gast.AST, base: Seq, items: tuple[Bound, ...]) -> None:
        """Give all names of a list whose items are known other items."""
        made = base.made
        if made in self.packed.values() or made in self.running:
            self.grow(base)
        others = [n for n, i in self.seen_items() if SOME in mades(i)]
        if made is None or made is SOME or made in self.running or others:
            advice = "build a new list: `xs = [...]`"
            self.refuse(node, "which lists this changes is not known", advice)

        def new(item: Bound) -> Bound:
            if isinstance(item, Value):
                return item
            return item.of(items if item.made is made else map(new, item.items))

        self.env.update((n, new(i)) for n, i in self.env.items() if made in mades(i))
        self.changed.add(made)

    def seen_items(self) -> list[tuple[str, Bound]]:
        return [(n, self.env[n]) for n in self.live_names() if n in self.env]

    def changes(self, item: Bound) -> bool:
        """Whether an object has lists in it whose items are assigned somewhere."""
        return bool(mades(item) & self.changed)

    # changing lists -------------------------------------------------------

    def change_list(
        self, node: gast.AST, base: Value, kind: str, args: list[Value], **attrs: Any
    ) -> None:
        """A new version of a list."""
        cell = self.writable_list(node, base, kind != "store")
        old = self.version(cell)
        names = ("x",) + ("index",) * len(args)
        if kind != "store":
            names = tuple(p.name for p in self.rules[kind].params[: len(args) + 1])
        self.origin = self.origin_of(node)
        new = self.pure(kind, [old, *args], names, old.hint, old.role, **attrs)
        self.check_items(new.type)
        self.replace(cell, new)

    def writable_list(self, node: gast.AST, base: Value, grows: bool) -> Cell:
        """The cell of a list; refuses what another name may or may not see."""
        cell = self.place_of(base).cell
        for other in {cell, *cell.shares}:
            if (made := self.packed.get(other.first)) is not None:
                self.grow(Seq("list", (), made))
                self.refuse(node, "which lists this changes is not known")
        if cell.first.role == "global" or cell.first.is_const:
            self.refuse(
                node,
                f"this changes the global `{cell.first.hint}`",
                "pass it as an argument, or copy it first",
            )
        if cell.owner:
            self.refuse(node, f"this changes an item of {cell.owner} in place")
        for value in self.held if grows else ():
            if self.overlap(base, value):
                self.refuse(node, "a loop around runs over this list")
        for name, value in self.visible():
            place = self.places.get(value)
            if place is not None and place.cell in cell.shares:
                if isinstance(bound(value.type), List | Tuple):
                    self._refuse_shared(node, base, name)
        return cell

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
        if name == "pop" and getattr(self.at, "value", None) is node:
            return self.pop(node, base)
        if name in METHODS:
            self.refuse(node, f"`.{name}()` must be a statement of its own")
        return super()._method_call(node, base, name)

    def list_method(self, node: gast.Call, base: Bound, name: str) -> None:
        count = {"append": (1, 1), "extend": (1, 1), "insert": (2, 2), "pop": (0, 1)}
        low, high = count[name]
        if node.keywords or not low <= len(node.args) <= high:
            self.refuse(node, "these arguments are not supported here")
        if name == "extend":
            self.extend(node, base, node.args[0])
        elif name == "pop":
            self.pop(node, base)
        else:
            self.put_in(node, base, list(node.args))

    def put_in(self, node: gast.Call, base: Bound, nodes: list[gast.AST]) -> None:
        """`xs.append(v)` and `xs.insert(k, v)`."""
        *where, item = [self.expr(a) for a in nodes]
        base = self.fresh_item(base)
        k = where[0] if where else None
        if k is not None and not (
            isinstance(k, Value) and isinstance(k.const, int) and k.const >= 0
        ):
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

    def resize(self, node: gast.AST, base: Seq, items: tuple[Bound, ...]) -> None:
        """Other items for a list whose items are known, where it was made."""
        if base.made is None or base.made.region is not self.region:
            self.grow(base)
        self.rebind(node, base, items)

    def extend(self, node: gast.AST, base: Bound, more: gast.AST) -> Bound:
        """`xs.extend(more)`, `xs += more`: item by item."""
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
        name, item = hidden(node), gast.Name("item", gast.Load(), None, None)
        self.env[name] = base
        loop = gast.For(
            gast.Name("item", gast.Store(), None, None), more,
            [appending(node, name, item)], [], None,
        )  # fmt: skip
        self.own_loop(gast.copy_location(loop, node))
        return self.fresh_item(self.env.pop(name))

    def extends(self, node: gast.AugAssign) -> bool:
        item = self.env.get(node.target.id)
        if not isinstance(node.op, gast.Add) or item is None or not is_list(item):
            return False
        load = gast.Name(node.target.id, gast.Load(), None, None)
        self.extend(node, self.expr(gast.copy_location(load, node)), node.value)
        return True

    def pop(self, node: gast.Call, base: Bound) -> Bound:
        """`xs.pop()` and `xs.pop(k)`: what the list had there."""
        if node.keywords or len(node.args) > 1:
            self.refuse(node, "these arguments are not supported here")
        k = self.value(node.args[0]) if node.args else self.const(-1)
        if isinstance(base, Seq):
            if not k.is_const:
                self.grow(base)
                self.refuse(node, "the index of this item must be known")
            if not -len(base.items) <= k.const < len(base.items):
                self.refuse(node, f"index {k.const} is out of range")
            at = k.const % len(base.items)
            self.resize(node, base, base.items[:at] + base.items[at + 1 :])
            return base.items[at]
        of = bound(base.type)
        if isinstance(of, List) and of.item == UNDEF:
            self.unbound.append(node)
            raise Unbound
        item = self.emit("getitem", [base, k], ("x", "index"), index=("i",))
        self.change_list(node, base, "removed", [item, k] if node.args else [item])
        return self.unpack(item) if isinstance(item.type, Tuple) else item

    def copied(self, node: gast.AST, base: Bound) -> Bound:
        """`xs.copy()`, `list(xs)`: another list of the same items."""
        if isinstance(base, Seq):
            return Seq("list", base.items)
        return self.pure("list_copy", [base])

    def _convert(self, node: gast.Call, kind: str) -> Bound:
        item = self.expr(node.args[0]) if len(node.args) == 1 else None
        if kind == "list" and isinstance(item, Value) and is_list(item):
            return self.copied(node, item)
        return super()._convert(node, kind)

    # what becomes of lists ------------------------------------------------

    def apply(
        self,
        node: gast.Call,
        rule: Rule,
        args: list[Bound],
        obj: Any,
        method: str | None = None,
    ) -> Bound:
        """A call; NumPy takes a list of any length as an array."""
        first = args[0] if args else None
        whole = isinstance(first, Value) and is_list(first)
        if not rule.kind.startswith("np.") or method or not any(map(is_object, args)):
            return super().apply(node, rule, args, obj, method)
        if isinstance(first, Value) and whole and bound(first.type).item == UNDEF:
            self.unbound.append(node)
            raise Unbound
        alone = len(args) == 1 and not node.keywords
        rank = rank_of(bound(first.type).item) if isinstance(first, Value) and whole else None
        if whole and isinstance(first, Value):
            if rule.kind in ("np.sum", "np.mean") and alone and rank == 0:
                return self.emit(f"{rule.kind} of list", [first])
            joins = rule.kind in ("np.concatenate", "np.hstack", "np.vstack")
            if joins and rank:
                return self.joint(node, rule, args)
            if rule.kind in ("np.array", "np.asarray") and alone:
                return self.emit("np.array of list", [first])
            if rule.kind == "np.vstack" and rank == 1:
                return self.emit("np.array of list", [first])
            if rule.kind == "np.stack":
                array = self.emit("np.array of list", [first])
                axis = self.axis(node, args)
                if axis == 0:
                    return array
                ends = [self.const(0), self.const(axis)]
                return self.emit("np.moveaxis", [array, *ends])
        arrays = [self.emit("np.array of list", [a]) if is_object(a) else a for a in args]
        return super().apply(node, rule, arrays, obj, method)

    def joint(self, node: gast.Call, rule: Rule, args: list[Bound]) -> Value:
        """`np.concatenate(xs)` and its like."""
        xs = self.pack(args[0])
        rank = rank_of(bound(xs.type).item)
        axis = self.axis(node, args)
        if rule.kind == "np.vstack" and rank == 1:
            return self.emit("np.array of list", [xs])
        if rule.kind == "np.hstack" and rank != 1:
            axis = 1
        rest = [] if axis == 0 else [self.const(axis)]
        return self.emit("np.concatenate of list", [xs, *rest])

    def axis(self, node: gast.Call, args: list[Bound]) -> int:
        """The axis that a call gives, 0 by default."""
        given = [self.expr(k.value) for k in node.keywords if k.arg == "axis"]
        given += args[1:2]
        if len(args) + len(node.keywords) > 2 or len(given) < len(node.keywords):
            self.refuse(node, "these arguments are not supported for a list")
        if not given:
            return 0
        (axis,) = given
        if not (isinstance(axis, Value) and isinstance(axis.const, int)):
            self.refuse(node, "the axis must be known when compiling")
        return axis.const

    def _BinOp(self, node: gast.BinOp) -> Bound:
        kind = self.rules.OPERATORS[type(node.op)]
        if kind not in ("add", "mul"):
            return super()._BinOp(node)
        left, right = self.expr(node.left), self.expr(node.right)
        if kind == "add" and is_list(left) and is_list(right):
            if is_object(left) or is_object(right):
                return self.sum_of_lists(node, left, right)
        if kind == "mul" and isinstance(left, Seq) and isinstance(right, Value):
            n = bound(right.type)
            if isinstance(n, Scalar) and n.kind == "int" and not right.is_const:
                if left.kind == "list" and len(left.items) == 1:
                    value = self.held_item(node, left.items[0])
                    out = self.emit("list_repeat", [value, right])
                    self.check_items(out.type)
                    return out
        return super()._BinOp(node)

    def sum_of_lists(self, node: gast.BinOp, left: Bound, right: Bound) -> Value:
        """`xs + ys`: a copy that is extended."""
        if isinstance(left, Seq):
            out = self.object(node, left.items)
        else:
            out = self.pure("list_copy", [left])
        return self.extend(node, out, node.right)

    # loops that append ----------------------------------------------------

    def over(self, node: gast.For, iteration: Iteration) -> None:
        """Build a loop."""
        raise NotImplementedError

    def own_loop(self, loop: gast.For) -> None:
        """Build a loop whose targets nobody else sees."""
        iteration, at = Iteration(self, loop), self.at
        own = assigned_names(loop)
        outer = {n: self.env.pop(n) for n in own if n in self.env}
        self.over(loop, iteration)
        self.env = {n: i for n, i in self.env.items() if n not in own} | outer
        self.at = at

    def _ListComp(self, node: gast.ListComp) -> Bound:
        """A list of known items, or a loop that appends."""
        known = self.known_items(node)
        if known is not None and node not in self.objects:
            (generator,) = node.generators
            outer, self.env = self.env, dict(self.env)
            items = []
            for item in known:
                self.assign(generator.target, item)
                items.append(self.expr(node.elt))
            self.env = outer
            return Seq("list", tuple(items))
        name = hidden(node)
        self.env[name] = self.object(node, ())
        body: gast.stmt = appending(node, name, node.elt)
        for generator in reversed(node.generators):
            for test in reversed(generator.ifs):
                body = gast.copy_location(gast.If(test, [body], []), node)
            loop = gast.For(generator.target, generator.iter, [body], [], None)
            body = gast.copy_location(loop, node)
        assert isinstance(body, gast.For)
        self.own_loop(body)
        return self.fresh_item(self.env.pop(name))

    def known_items(self, node: gast.ListComp) -> Sequence[Bound] | None:
        """What a comprehension runs over, if that is known one by one."""
        if len(node.generators) > 1 or node.generators[0].ifs:
            return None
        return self.known(node.generators[0].iter)

    def known(self, node: gast.AST) -> Sequence[Bound] | None:
        if not isinstance(node, gast.Call):
            item = self.expr(node)
            return item.items if isinstance(item, Seq) else None
        callee = self.expr(node.func) if isinstance(node.func, gast.Name) else None
        if not isinstance(callee, Value) or node.keywords:
            return None
        inner = [self.known(a) for a in node.args]
        rows = [r for r in inner if r is not None]
        if not rows or len(rows) < len(inner):
            return None
        if callee.const is zip:
            return [Seq("tuple", items) for items in zip(*rows, strict=False)]
        if callee.const is enumerate and len(rows) == 1:
            return [Seq("tuple", (self.const(k), i)) for k, i in enumerate(rows[0])]
        if callee.const is reversed and len(rows) == 1:
            return rows[0][::-1]
        return None


def hidden(node: gast.AST) -> str:
    """What is no name in the text: of a list that is being made."""
    return f"<list {node.lineno}:{node.col_offset}>"


def appending(node: gast.AST, name: str, item: gast.AST) -> gast.stmt:
    """`name.append(item)`, made where `node` stands."""
    made = gast.parse("x.append(y)").body[0]
    assert isinstance(made, gast.Expr) and isinstance(made.value, gast.Call)
    made.value.func.value.id, made.value.args = name, [item]
    for inner in (made, made.value, made.value.func, made.value.func.value):
        gast.copy_location(inner, node)
    return gast.copy_location(made, node)


def is_object(item: Bound) -> bool:
    """Whether an operand is a list of any length."""
    return isinstance(item, Value) and is_list(item)


def is_list(item: Bound) -> bool:
    if isinstance(item, Seq):
        return item.kind == "list"
    return isinstance(bound(item.type), List)


def mades(item: Bound) -> set[Made]:
    """The lists that an object consists of."""
    if isinstance(item, Value):
        return set()
    inner = {m for i in item.items for m in mades(i)}
    return inner | ({item.made} if item.made is not None else set())


def assigned_names(node: gast.AST) -> list[str]:
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
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store) and n not in inner
    ]
    return list(dict.fromkeys(names))


METHODS = frozenset({"append", "extend", "insert", "pop"})

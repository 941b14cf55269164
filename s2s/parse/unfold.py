"""Loops over several things at once become loops in one another.

In: a `for` over what `itertools` or NumPy makes. Out: statements that do the same.

    for i, j in product(range(n), range(m)):        for i in range(n):
        s += A[i, j]                           ->       for j in range(m):
                                                            s += A[i, j]

`product`, `combinations` and `pairwise` take what they run over as it is at first:
where the body may change it, the loop stays as it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import gast
import numpy as np

from s2s.names import Names
from s2s.parse.exits import BREAK, exits
from s2s.parse.nested import Nested, bound_in
from s2s.parse.quoted import quoted


class Meaning:
    """What dotted names of a function stand for, and where names are read."""

    def __init__(
        self,
        tree: gast.FunctionDef | None = None,
        look_up: Callable[[gast.AST], Any] = lambda node: None,
    ) -> None:
        self.tree = tree
        self.look_up = look_up

    def __call__(self, node: gast.AST) -> Any:
        return self.look_up(node)

    def reads_outside(self, stmt: gast.For, names: set[str]) -> bool:
        """Whether names that a loop binds may be read after it."""

        def reads(node: gast.AST, names: set[str]) -> bool:
            if node is stmt or not names:
                return False
            if isinstance(node, gast.Name):
                return node.id in names and not is_store(node)
            if isinstance(node, gast.For) and stmt not in gast.walk(node):
                own = bound_in(node.target)
                inside = (reads(s, names - own) for s in node.body)
                outside = (reads(s, names) for s in (node.iter, *node.orelse))
                return any(inside) or any(outside)
            return any(reads(child, names) for child in gast.iter_child_nodes(node))

        return self.tree is not None and reads(self.tree, names)


def unfolded(stmt: gast.For, names: Names, meaning: Meaning) -> list[gast.stmt]:
    """The statements that a loop stands for."""
    call = stmt.iter
    if isinstance(call, gast.GeneratorExp):
        return generated(stmt, call, names) or [stmt]
    if not isinstance(call, gast.Call):
        return [stmt]
    called = id(meaning(call.func))
    if one := ONE_BY_ONE.get(called):
        return one(stmt, call, names) or [stmt]
    unfold = UNFOLDED.get(called)
    if unfold is None or rebinds(stmt, call) or stmt.orelse:
        return [stmt]
    if BREAK in exits(stmt.body):
        return [stmt]
    made = unfold(with_own_names(stmt, names, meaning), call, names, meaning)
    if made and unfold in FIRST:
        made[0].taken = call.args  # what must not change in the loop
    return made or [stmt]


def with_own_names(stmt: gast.For, names: Names, meaning: Meaning) -> gast.For:
    """A loop whose names are bound by it alone, and read in it alone.

    If they are not, they are bound in its body: `for i2, j2 in ...: i, j = i2, j2`.
    """
    own = bound_in(stmt.target)
    inside = [n for s in stmt.body for n in gast.walk(s)]
    again = any(getattr(n, "id", None) in own and is_store(n) for n in inside)
    if not isinstance(stmt.target, gast.Tuple) or not (
        again or meaning.reads_outside(stmt, own)
    ):
        return stmt
    renamed = Renamed({name: names.fresh(name) for name in sorted(own)})
    target = renamed.visit(deepcopy(stmt.target))
    bind = here(gast.Assign([stmt.target], loaded(target), None), stmt)
    body = [bind, *stmt.body]
    return here(gast.For(target, stmt.iter, body, stmt.orelse, None), stmt)


def loaded(target: gast.expr) -> gast.expr:
    """The names that a target binds, to be read."""
    if isinstance(target, gast.Tuple):
        return here(gast.Tuple([*map(loaded, target.elts)], gast.Load()), target)
    return here(gast.Name(target.id, gast.Load(), None, None), target)


def nest(stmt: gast.For, header: str, body: list[gast.stmt], **parts: Any) -> gast.For:
    """`for ...` as text, around a body."""
    loop = quoted(f"{header}: pass", stmt, **parts)
    assert isinstance(loop, gast.For)
    loop.body = body
    return loop


def targets_of(target: gast.expr, count: int) -> list[gast.expr] | None:
    several = isinstance(target, gast.Tuple) and len(target.elts) == count
    return target.elts if several else None


def is_range(node: gast.AST, meaning: Meaning) -> bool:
    return isinstance(node, gast.Call) and meaning(node.func) is range


def rebinds(stmt: gast.For, call: gast.Call) -> bool:
    """Whether a name that the call reads stands for something else after a round."""
    read = {n.id for a in call.args for n in gast.walk(a) if isinstance(n, gast.Name)}
    inside = [n for s in (stmt.target, *stmt.body) for n in gast.walk(s)]
    return any(getattr(n, "id", None) in read and is_store(n) for n in inside)


def stays(stmt: gast.For, meaning: Meaning) -> bool:
    """Whether the body changes nothing that the call runs over."""
    call = stmt.iter
    assert isinstance(call, gast.Call)
    ranges = [a for a in call.args if is_range(a, meaning)]
    others = [a for a in call.args if a not in ranges]
    if not others and not any(may_change(r) for a in ranges for r in a.args):
        return True
    parts = any(
        (isinstance(n, gast.Subscript | gast.Attribute) and is_store(n))
        or isinstance(n, gast.Expr)
        for s in stmt.body
        for n in gast.walk(s)
    )
    return all(isinstance(a, gast.Name) for a in others) and not parts


def may_change(node: gast.AST) -> bool:
    """Whether an end of a range may be another number where a part of it is changed."""
    return any(
        isinstance(n, gast.Call)
        or (isinstance(n, gast.Attribute) and n.attr != "shape")
        for n in gast.walk(node)
    )


def is_store(node: gast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), gast.Store | gast.Del)


def product(
    stmt: gast.For, call: gast.Call, names: Names, meaning: Meaning
) -> list[gast.stmt] | None:
    args = list(call.args)
    for keyword in call.keywords:
        times = keyword.value
        if keyword.arg != "repeat" or not isinstance(times, gast.Constant):
            return None
        args *= times.value
    targets = targets_of(stmt.target, len(args))
    if targets is None or not stays(stmt, meaning):
        return None
    body = stmt.body
    for target, arg in zip(reversed(targets), reversed(args), strict=True):
        body = [gast.copy_location(gast.For(target, arg, body, [], None), stmt)]
    return body


def ndindex(
    stmt: gast.For, call: gast.Call, names: Names, meaning: Meaning
) -> list[gast.stmt] | None:
    args = [a.value if isinstance(a, gast.Starred) else a for a in call.args]
    whole = len(args) == 1 and (args[0] is not call.args[0] or is_shape(args[0]))
    if call.keywords or any(isinstance(a, gast.Starred) for a in args):
        return None
    if not whole and any(map(may_change, args)):
        return None
    count = len(args)
    if whole:
        count = len(getattr(stmt.target, "elts", ()))
    targets = targets_of(stmt.target, count)
    body = list(stmt.body)
    if targets is None and not whole and isinstance(stmt.target, gast.Name):
        made = [names.fresh("i") for _ in args]
        text = f"index = ({', '.join(made)},)"
        body.insert(0, quoted(text, stmt, index=stmt.target.id))
        targets = [here(gast.Name(n, gast.Store(), None, None), stmt) for n in made]
    if not targets:
        return None
    lengths, start = over_shape(stmt, args[0], count, names) if whole else (args, [])
    return [*start, *over_lengths(stmt, targets, lengths, body)]


def ndenumerate(
    stmt: gast.For, call: gast.Call, names: Names, meaning: Meaning
) -> list[gast.stmt] | None:
    pair = targets_of(stmt.target, 2)
    indices = getattr(pair[0], "elts", None) if pair else None
    named = len(call.args) == 1 and isinstance(call.args[0], gast.Name)
    if pair is None or not indices or not named:
        return None
    if not all(isinstance(i, gast.Name) for i in indices):
        return None
    shape = quoted("x.shape", stmt, x=call.args[0]).value
    lengths, start = over_shape(stmt, shape, len(indices), names)
    item = f"v = x[{', '.join(i.id for i in indices)}]"
    read = quoted(item, stmt, x=call.args[0])
    assert isinstance(read, gast.Assign)
    read.targets = [pair[1]]
    return [*start, *over_lengths(stmt, indices, lengths, [read, *stmt.body])]


def is_shape(node: gast.AST) -> bool:
    return isinstance(node, gast.Attribute) and node.attr == "shape"


def over_shape(
    stmt: gast.For, shape: gast.expr, count: int, names: Names
) -> tuple[list[gast.expr], list[gast.stmt]]:
    """The lengths of the axes, and the statement that takes them apart."""
    made = [names.fresh("n") for _ in range(count)]
    start = quoted(f"{', '.join(made)}, = shape", stmt, shape=shape)
    lengths = [here(gast.Name(n, gast.Load(), None, None), stmt) for n in made]
    return lengths, [start]


def over_lengths(
    stmt: gast.For,
    targets: list[gast.expr],
    lengths: list[gast.expr],
    body: list[gast.stmt],
) -> list[gast.stmt]:
    for target, length in zip(reversed(targets), reversed(lengths), strict=True):
        loop = nest(stmt, "for i in range(n)", body, n=length)
        loop.target = target
        body = [loop]
    return body


def combinations(
    stmt: gast.For, call: gast.Call, names: Names, meaning: Meaning
) -> list[gast.stmt] | None:
    """Pairs, the second one after the first."""
    two = len(call.args) == 2 and getattr(call.args[1], "value", None) == 2
    targets = targets_of(stmt.target, 2)
    if not two or targets is None or call.keywords:
        return None
    xs = call.args[0]
    whole = gast.copy_location(gast.For(stmt.target, gast.Call(call.func, [xs], []),
                                        stmt.body, [], None), stmt)  # fmt: skip
    if not stays(whole, meaning):
        return None
    if is_range(xs, meaning):
        if len(xs.args) != 1 or not all(isinstance(t, gast.Name) for t in targets):
            return None
        first = f"{targets[0].id} + 1"
        inner = nest(stmt, f"for j in range({first}, n)", stmt.body, n=xs.args[0])
        inner.target = targets[1]
        outer = nest(stmt, "for i in range(n)", [inner], n=xs.args[0])
        outer.target = targets[0]
        return [outer]
    i, j = names.fresh("i"), names.fresh("j")
    pair = quoted("a, b = xs[i], xs[j]", stmt, xs=xs, i=i, j=j)
    assert isinstance(pair, gast.Assign)
    pair.targets = [stmt.target]
    text = "for j in range(i + 1, len(xs))"
    inner = nest(stmt, text, [pair, *stmt.body], xs=xs, i=i, j=j)
    return [nest(stmt, "for i in range(len(xs))", [inner], xs=xs, i=i)]


def pairwise(
    stmt: gast.For, call: gast.Call, names: Names, meaning: Meaning
) -> list[gast.stmt] | None:
    named = len(call.args) == 1 and isinstance(call.args[0], gast.Name)
    if not named or not stays(stmt, meaning):
        return None
    loop = nest(stmt, "for p in zip(xs[:-1], xs[1:])", stmt.body, xs=call.args[0])
    loop.target = stmt.target
    return [loop]


# items that are made one by one -------------------------------------------------------


def mapped(stmt: gast.For, call: gast.Call, names: Names) -> list[gast.stmt] | None:
    """`for v in map(f, xs)` as `for x in xs: v = f(x)`."""
    if len(call.args) < 2 or call.keywords or not stays_function(stmt, call):
        return None
    function, *sources = call.args
    made = [names.fresh("item") for _ in sources]
    each = ", ".join(made)
    first = quoted(f"v = f({each})", stmt, f=function)
    assert isinstance(first, gast.Assign)
    first.targets = [stmt.target]
    xs = ", ".join(f"xs{k}" for k in range(len(sources)))
    parts = {f"xs{k}": source for k, source in enumerate(sources)}
    over = f"zip({xs})" if len(sources) > 1 else xs
    loop = nest(stmt, f"for {each} in {over}", [first, *stmt.body], **parts)
    loop.orelse = stmt.orelse
    return [loop]


def filtered(stmt: gast.For, call: gast.Call, names: Names) -> list[gast.stmt] | None:
    """`for v in filter(f, xs)` as `for v in xs: if f(v): ...`."""
    if len(call.args) != 2 or not stays_function(stmt, call):
        return None
    if not isinstance(stmt.target, gast.Name):
        return None
    item = names.fresh("item")
    test = quoted("if f(x): v = x", stmt, f=call.args[0], x=item, v=stmt.target.id)
    assert isinstance(test, gast.If)
    test.body += stmt.body
    loop = nest(stmt, f"for {item} in xs", [test], xs=call.args[1])
    loop.orelse = stmt.orelse
    return [loop]


def counted(stmt: gast.For, call: gast.Call, names: Names) -> list[gast.stmt] | None:
    """`for k in count(n)` as a `while True` that counts."""
    if len(call.args) > 1 or call.keywords or not isinstance(stmt.target, gast.Name):
        return None
    k = names.fresh(f"next_{stmt.target.id}")
    start = call.args[0] if call.args else here(gast.Constant(0, None), stmt)
    parts: dict[str, Any] = {"k": k, "v": stmt.target.id}
    loop = quoted("while True: v, k = k, k + 1", stmt, **parts)
    assert isinstance(loop, gast.While)
    loop.body += stmt.body
    return [quoted("k = start", stmt, start=start, **parts), loop]


def generated(
    stmt: gast.For, made: gast.GeneratorExp, names: Names
) -> list[gast.stmt] | None:
    """`for v in (e(w) for w in xs)` as `for w2 in xs: v = e(w2)`."""
    kinds = (Nested, gast.NamedExpr)  # they know names that are not to be seen here
    if len(made.generators) > 1 or any(isinstance(n, kinds) for n in gast.walk(made)):
        return None
    (each,) = made.generators
    own = bound_in(each.target)
    renamed = Renamed({name: names.fresh(name) for name in sorted(own)})
    target, item, *tests = (
        renamed.visit(deepcopy(n)) for n in (each.target, made.elt, *each.ifs)
    )
    first = here(gast.Assign([stmt.target], item, None), stmt)
    body = [first, *stmt.body]
    for test in reversed(tests):
        body = [here(gast.If(test, body, []), stmt)]
    return [here(gast.For(target, each.iter, body, stmt.orelse, None), stmt)]


class Renamed(gast.NodeTransformer):
    """Gives names other names."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: gast.Name) -> gast.Name:
        node.id = self.names.get(node.id, node.id)
        return node


def stays_function(stmt: gast.For, call: gast.Call) -> bool:
    """Whether the first argument is the same function in each round of the loop."""
    function = call.args[0]
    if isinstance(function, Nested):  # it reads other names when it is called
        defaults = gast.Call(call.func, function.defaults, [])
        return not rebinds(stmt, defaults)
    named = gast.Call(call.func, [function], [])
    return isinstance(function, gast.Name) and not rebinds(stmt, named)


def here(node: Any, at: gast.AST) -> Any:
    return gast.copy_location(node, at)


ONE_BY_ONE: dict[int, Callable[..., list[gast.stmt] | None]] = {
    id(map): mapped,
    id(filter): filtered,
    id(itertools.count): counted,
}
FIRST = product, combinations, pairwise  # they take all that they run over at first
UNFOLDED: dict[int, Callable[..., list[gast.stmt] | None]] = {
    id(itertools.product): product,
    id(itertools.combinations): combinations,
    id(itertools.pairwise): pairwise,
    id(np.ndindex): ndindex,
    id(np.ndenumerate): ndenumerate,
}

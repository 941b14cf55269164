"""Deques of limited length: what is too much is taken out where something is put in.

In: the body of a function. Out: the same, in which a `deque(maxlen=n)` that has one
name, by which alone things are put into it, has no limit of its own.

    q = deque(maxlen=n)                     q = deque()
    for v in x:                             for v in x:
        q.append(v)                 ->          q.append(v)
        s += sum(q) / len(q)                    if len(q) > n:
                                                    q.popleft()
                                                s += sum(q) / len(q)

One that has other names, or is passed on, is left as it is, to be refused.
"""

from __future__ import annotations

import builtins
import collections
from collections.abc import Iterator
from typing import Any

import gast

from s2s.names import Names
from s2s.parse.quoted import quoted
from s2s.parse.rebuilt import Rebuilder
from s2s.parse.unfold import Meaning

# methods that put something in -> how what is too much is taken out again
PUTTING = {
    "append": "if len(q) > most: q.popleft()",
    "extend": "while len(q) > most: q.popleft()",
    "appendleft": "if len(q) > most: q.pop()",
}
OTHERS = {"pop", "popleft", "clear", "count", "index"}
READERS = {all, any, enumerate, len, list, max, min, reversed, sorted, sum, tuple, zip}
LIBRARIES = {"numpy", "math", "statistics"}


def bounded(body: list[gast.stmt], names: Names, meaning: Meaning) -> list[gast.stmt]:
    """The body with deques that have no limit of their own."""
    nodes = [n for s in body for n in gast.walk(s)]
    made = {n: parts for n in nodes if (parts := limited(n, meaning))}
    if not made or meaning(gast.Name("len", gast.Load(), None, None)) is not len:
        return body
    plain = {name for n in nodes for name in plain_uses(n, meaning)}
    plain |= {s.targets[0] for s in made}
    found = [n for n in nodes if isinstance(n, gast.Name)]
    known = {s.targets[0].id for s in made} - {n.id for n in found if n not in plain}
    stored = {n.id for n in found if not isinstance(n.ctx, gast.Load)}
    limits: dict[str, gast.expr] = {}
    for name in sorted(known):
        first, *others = (e for s, (_, e) in made.items() if s.targets[0].id == name)
        limits[name] = first
        if others or not stays(first, stored):
            fresh = gast.Name(names.fresh(f"most_of_{name}"), gast.Load(), None, None)
            limits[name] = gast.copy_location(fresh, first)
    return Deques(limits, made).rebuilt(gast.Module(body, [])).body


def stays(limit: gast.expr, stored: set[str]) -> bool:
    """Whether an expression is the same wherever it is read."""
    if isinstance(limit, gast.Name):
        return limit.id not in stored
    return isinstance(limit, gast.Constant)


Limited = tuple[gast.expr, gast.expr]  # the call without its limit, the limit


def limited(node: gast.AST, meaning: Meaning) -> Limited | None:
    """What an assignment `q = deque(xs, maxlen=n)` is made of."""
    match node:
        case gast.Assign(targets=[gast.Name()], value=gast.Call() as call):
            if meaning(call.func) is not collections.deque:
                return None
            given = [k.value for k in call.keywords if k.arg == "maxlen"]
            given += call.args[1:2]
            if len(given) != 1 or getattr(given[0], "value", 0) is None:
                return None
            plain = gast.Call(call.func, call.args[:1], [])
            return gast.copy_location(plain, call), given[0]
    return None


def plain_uses(node: gast.AST, meaning: Meaning) -> Iterator[gast.Name]:
    """The names in a node by which nothing is put in, nor gets another name."""
    match node:
        case gast.Expr(value=gast.Call(func=gast.Attribute(value=base, attr=attr))):
            found = [base] if attr in PUTTING else []
        case gast.Call(func=gast.Attribute(value=base, attr=attr)) if attr in OTHERS:
            found = [base]
        case gast.Call(func=func, args=args) if reads(meaning(func)):
            found = args
        case gast.Attribute(value=base, attr="maxlen") | gast.Subscript(value=base):
            found = [base]
        case gast.For(iter=base) | gast.comprehension(iter=base):
            found = [base]
        case gast.If(test=test) | gast.While(test=test) | gast.IfExp(test=test):
            found = list(asked(test))
        case gast.Starred(value=base):
            found = [base]
        case gast.Compare(ops=[gast.In() | gast.NotIn()], comparators=found):
            pass
        case _:
            found = []
    yield from (n for n in found if isinstance(n, gast.Name))


def asked(test: gast.expr) -> Iterator[gast.expr]:
    """The parts of a condition of which only the truth counts."""
    match test:
        case gast.BoolOp(values=values):
            for value in values:
                yield from asked(value)
        case gast.UnaryOp(operand=operand, op=gast.Not()):
            yield from asked(operand)
        case _:
            yield test


def reads(obj: Any) -> bool:
    """Whether a function only reads what it is given, and returns something else."""
    if getattr(builtins, getattr(obj, "__name__", ""), None) is obj:
        return obj in READERS
    return (getattr(obj, "__module__", None) or "").split(".")[0] in LIBRARIES


class Deques(Rebuilder):
    """Takes out what is too much."""

    def __init__(
        self, limits: dict[str, gast.expr], made: dict[gast.AST, Limited]
    ) -> None:
        self.limits = limits
        self.made = made

    def instead(self, node: gast.AST) -> Any:
        match node:
            case gast.Assign(targets=[gast.Name(id=name)]) if name in self.limits:
                return self.start(node, name)
            case gast.Expr(
                value=gast.Call(
                    func=gast.Attribute(value=gast.Name(id=name), attr=attr)
                )
            ) if name in self.limits and attr in PUTTING:
                return [node, self.cut(node, name, attr)]
            case gast.Attribute(value=gast.Name(id=name)) if name in self.limits:
                return self.limits[name] if node.attr == "maxlen" else None
        return None

    def start(self, node: gast.Assign, name: str) -> list[gast.stmt]:
        """`q = deque(xs, maxlen=n)`."""
        call, limit = self.made[node]
        most = self.limits[name]
        whole = gast.copy_location(gast.Assign(node.targets, call, None), node)
        made = [whole]
        if most is not limit and isinstance(most, gast.Name):
            made.append(quoted("most = n", node, most=most.id, n=limit))
        return [*made, self.cut(node, name, "extend")] if call.args else made

    def cut(self, node: gast.stmt, name: str, method: str) -> gast.stmt:
        return quoted(PUTTING[method], node, q=name, most=self.limits[name])

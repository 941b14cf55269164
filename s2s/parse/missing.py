"""Names that are None until a record is found: a flag says whether they are.

In: the body of a function. Out: the same, in which a name that is None at first, or
something else of which parts are read, and is asked for that, has no value as long as
it would be None. (A number may be None by its type; what is known part by part has no
such type.)

    best = None                            no_best = True
    for v in x:                            for v in x:
        if best is None or v < best[0]: ->     if no_best or v < best[0]:
            best = (v, v**2)                       best = (v, v**2)
                                                   no_best = False

>>> text = "best = None\\nif best is not None: x = best[0]\\nbest = x, x"
>>> body = flagged(gast.parse(text).body, Names())
>>> print(gast.unparse(gast.Module(body, [])).strip())
no_best = True
if not no_best:
    x = best[0]
best = (x, x)
no_best = False
"""

from __future__ import annotations

import copy
from collections.abc import Container, Iterator
from typing import Any

import gast

from s2s.names import Names
from s2s.parse.nested import Nested
from s2s.parse.rebuilt import Rebuilder, as_list

Failure = tuple[type[Exception], str]


def flagged(body: list[gast.stmt], names: Names) -> list[gast.stmt]:
    """The body with flags for the names that may be None."""
    found = missing(body)
    if not found:
        return body
    flags = {n: names.fresh(f"no_{n}") for n in found}
    return [stmt for s in body for stmt in as_list(Flags(flags).rebuilt(s))]


def missing(body: list[gast.stmt]) -> list[str]:
    """The names that are given None and other values.

    They are bound by plain assignments alone, and read where None would not do; what is
    returned may be None, but for what is asked whether it is.
    """
    nodes = [n for s in body for n in gast.walk(s)]
    asked = {n.left.id for n in nodes if is_question(n)}
    pairs = [pair for n in nodes for pair in assigned(n)]
    none = [name for name, value in pairs if is_none(value)]
    other = {name for name, value in pairs if value is None or not is_none(value)}
    known = {n for n in nodes if isinstance(n, gast.Name)}
    plain = {t for n in nodes for t in targets(n)} | set(reads_of_values(nodes, none))
    loose = {n.id for n in known - plain}
    inner = {m.id for n in nodes if isinstance(n, Nested)
             for m in gast.walk(n) if isinstance(m, gast.Name)}  # fmt: skip
    ends = [n.value for n in nodes if isinstance(n, gast.Return)]
    returned = {value.id for value in ends if isinstance(value, gast.Name)}
    barred = loose | inner | (returned - asked)
    parts = {name.id for n in nodes for name, _ in failing(n)}
    return [n for n in dict.fromkeys(none) if n in other & parts and n not in barred]


def is_none(value: gast.AST | None) -> bool:
    return isinstance(value, gast.Constant) and value.value is None


def is_question(node: gast.AST) -> bool:
    """`name is None`, `name is not None`."""
    match node:
        case gast.Compare(
            left=gast.Name(), ops=[gast.Is() | gast.IsNot()], comparators=[value]
        ):
            return is_none(value)
    return False


def assigned(node: gast.AST) -> Iterator[tuple[str, gast.AST | None]]:
    """What an assignment gives to names; None for what is not known of a value."""
    match node:
        case gast.Assign(targets=[gast.Name(id=name)], value=gast.IfExp() as value):
            yield from ((name, part) for part in outcomes(value))
        case gast.Assign(targets=[gast.Name(id=name)], value=value):
            yield name, value
        case gast.Assign(targets=[gast.Tuple(elts=elts)], value=gast.Tuple(elts=parts)):
            if len(elts) == len(parts):
                for target, part in zip(elts, parts, strict=True):
                    if isinstance(target, gast.Name):
                        yield target.id, part
        case gast.Assign(targets=[gast.Tuple(elts=elts)]):
            yield from ((e.id, None) for e in elts if isinstance(e, gast.Name))


def outcomes(value: gast.AST) -> Iterator[gast.AST]:
    """What a conditional expression may come to."""
    if not isinstance(value, gast.IfExp):
        yield value
        return
    for part in (value.body, value.orelse):
        yield from outcomes(part)


def failing(node: gast.AST) -> Iterator[tuple[gast.Name, Failure]]:
    """The names in a statement or expression that it takes apart, and how None fails.

    What has parts is no number.
    """
    match node:
        case gast.Subscript(value=gast.Name() as of, ctx=gast.Load()):
            yield of, (TypeError, "'NoneType' object is not subscriptable")
        case gast.Subscript(value=gast.Name() as of):
            yield of, (TypeError, "'NoneType' object does not support item assignment")
        case gast.Attribute(value=gast.Name() as of, attr=attr):
            yield of, (AttributeError, f"'NoneType' object has no attribute '{attr}'")
        case gast.Assign(value=gast.Name() as of, targets=[gast.Tuple()]):
            yield of, (TypeError, "cannot unpack non-iterable NoneType object")


def targets(node: gast.AST) -> list[gast.Name]:
    """The names that an assignment binds."""
    if not isinstance(node, gast.Assign) or len(node.targets) != 1:
        return []
    (target,) = node.targets
    parts = target.elts if isinstance(target, gast.Tuple) else [target]
    return [t for t in parts if isinstance(t, gast.Name)]


def reads_of_values(nodes: list[gast.AST], none: Container[str]) -> Iterator[gast.AST]:
    """Where something is computed of a name, which fails or is wrong with None.

    What is given to one of the names that may be None might be None itself.
    """
    for node in nodes:
        match node:
            case gast.BinOp(left=left, right=right):
                yield from (left, right)
            case gast.UnaryOp(operand=part, op=gast.USub()):
                yield part
            case gast.Compare() if is_question(node):
                yield node.left
            case gast.Compare(left=left, comparators=others):
                yield from (left, *others)
            case gast.Subscript(value=base, slice=index):
                yield from (base, index)
            case gast.Attribute(value=part):
                yield part
            case gast.Call(func=gast.Attribute(value=gast.Name(id="np" | "math"))):
                yield from node.args
            case gast.Call(func=gast.Name(id=name), args=args) if name in OF_NUMBERS:
                yield from args
            case gast.AugAssign(value=part) | gast.Return(value=part):
                yield part
            case gast.Assign(value=part, targets=[gast.Name(id=to)]) if to not in none:
                yield part
            case gast.Assign(value=gast.Name() as part, targets=[gast.Tuple()]):
                yield part


OF_NUMBERS = {"abs", "float", "int", "len", "max", "min", "round", "sum"}


class Flags(Rebuilder):
    """Writes flags in the place of None."""

    def __init__(self, flags: dict[str, str]) -> None:
        self.flags = flags
        self.failures: dict[gast.AST, Failure] = {}

    def instead(self, node: gast.AST) -> Any:
        if is_question(node) and node.left.id in self.flags:
            flag = self.name(node.left, gast.Load())
            if isinstance(node.ops[0], gast.Is):
                return flag
            return gast.copy_location(gast.UnaryOp(gast.Not(), flag), node)
        if isinstance(node, gast.Assign) and (bound := self.bound(node)):
            return self.assignments(node, bound)
        if isinstance(node, gast.Name) and (failure := self.failures.get(node)):
            marked = copy.copy(node)
            marked.fails = self.flags[node.id], *failure
            return marked
        self.failures.update((n, f) for n, f in failing(node) if n.id in self.flags)
        return None

    def bound(self, node: gast.Assign) -> list[gast.Name]:
        return [t for t in targets(node) if t.id in self.flags]

    def assignments(self, node: gast.Assign, bound: list[gast.Name]) -> list[gast.stmt]:
        """An assignment and what becomes of the flags."""
        if isinstance(node.value, gast.IfExp) and len(bound) == 1:
            either = node.value
            branches = [as_list(self.rebuilt(gast.copy_location(
                gast.Assign(node.targets, part, None), node)))
                for part in (either.body, either.orelse)]  # fmt: skip
            test = self.rebuilt(either.test)
            return [gast.copy_location(gast.If(test, *branches), node)]
        given = dict(assigned(node))
        none = [t for t in bound if is_none(given.get(t.id))]
        value = self.rebuilt(node.value)
        made = [self.set(t, t in none, node) for t in bound]
        if not none:
            whole = gast.copy_location(gast.Assign(node.targets, value, None), node)
            return [whole, *made]
        (target,) = node.targets
        if isinstance(target, gast.Name):
            return made
        rest = [(t, v) for t, v in zip(target.elts, value.elts, strict=True)
                if t not in none]  # fmt: skip
        if not rest:
            return made
        left, right = (gast.Tuple([p[k] for p in rest], ctx) for k, ctx in
                       enumerate((gast.Store(), gast.Load())))  # fmt: skip
        for part in (left, right):
            gast.copy_location(part, node)
        return [gast.copy_location(gast.Assign([left], right, None), node), *made]

    def set(self, target: gast.Name, missing: bool, node: gast.stmt) -> gast.stmt:
        value = gast.copy_location(gast.Constant(missing, None), node)
        made = gast.Assign([self.name(target, gast.Store())], value, None)
        return gast.copy_location(made, node)

    def name(self, node: gast.Name, ctx: gast.expr_context) -> gast.Name:
        return gast.copy_location(gast.Name(self.flags[node.id], ctx, None, None), node)

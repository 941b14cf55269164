"""Break, continue and return become branches and flags.

In: a block of tidy statements, and the `Place` where it stands. Out: the same block in
the core (see desugar.py). The rest of a block moves into the branch of an `if` that
goes on, where exactly one does; it runs under a flag where both may go on.

>>> text = '''
... for v in x:
...     if v < 0:
...         if v < low: continue
...         v = low
...     total += v
... '''
>>> core = Jumps(Names(["x", "v", "low"])).block(gast.parse(text).body, Place())
>>> print(gast.unparse(gast.Module(core, [])).strip())
for v in x:
    skip = False
    if v < 0:
        if v < low:
            skip = True
        else:
            v = low
    if not skip:
        total += v
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import gast

from s2s.names import Names
from s2s.parse.exits import (
    BREAK,
    CONTINUE,
    NEXT,
    RETURN,
    Exits,
    exits,
    exits_of,
    is_endless,
)

Block = list[gast.stmt]
Flags = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Place:
    """Where a block stands, and so what a jump in it has to do.

    `flags`: which flags each kind of jump sets, the one that tells it from going on
    last. Where code runs they are all False; those in `ready` have been initialised.
    """

    flags: Flags = field(default_factory=lambda: {RETURN: ()})
    ready: frozenset[str] = frozenset()
    loop: Loop | None = None

    def with_ready(self, flags: Iterable[str]) -> Place:
        return replace(self, ready=self.ready.union(flags))


class Loop:
    """The flags of one loop, made where they are needed."""

    def __init__(self, new_flag: Callable[[str], str]) -> None:
        self._new_flag = new_flag

    @cached_property
    def stop(self) -> str:
        return self._new_flag("stop")

    @cached_property
    def skip(self) -> str:
        return self._new_flag("skip")


class Returned(gast.Return):
    """A return that an inner loop has begun: value and `returned` are set already."""


class Jumps:
    def __init__(self, names: Names) -> None:
        self._names = names
        self._flags: set[str] = set()

    @cached_property
    def value(self) -> str:
        return self._names.fresh("value")

    @cached_property
    def returned(self) -> str:
        return self._new_flag("returned")

    def _new_flag(self, hint: str) -> str:
        name = self._names.fresh(hint)
        self._flags.add(name)
        return name

    def block(self, block: Block, place: Place) -> Block:
        done: Block = []
        todo = block[::-1]
        while todo:
            stmt = todo.pop()
            match stmt:
                case gast.Return() | gast.Break() | gast.Continue():
                    return done + self.jump(stmt, place)
                case gast.If() if exits_of(stmt) <= {NEXT}:
                    done += self.branch(stmt, stmt.body, stmt.orelse, place)
                case gast.If():
                    return done + self.leaving_branch(stmt, todo[::-1], place)
                case gast.With() | gast.Try() if exits_of(stmt) <= {NEXT}:
                    done += self.inside(stmt, place)
                case gast.With() | gast.Try():
                    return done + self.guarded(stmt, todo[::-1], place)
                case gast.For() | gast.While():
                    before, loop, after = self.loop(stmt, place)
                    done += [*set_flags(before, False, stmt), loop]
                    todo += after[::-1]
                    place = place.with_ready(before)
                case _:
                    done.append(stmt)
        return done

    def jump(self, stmt: gast.stmt, place: Place) -> Block:
        if isinstance(stmt, gast.Break):
            return set_flags(place.flags[BREAK], True, stmt)
        if isinstance(stmt, gast.Continue):
            return set_flags(place.flags[CONTINUE], True, stmt)
        flags = place.flags[RETURN]
        if isinstance(stmt, Returned):
            return set_flags([f for f in flags if f != self.returned], True, stmt)
        assign = made(f"{self.value} = None", stmt)
        if stmt.value is not None:
            assign.value = stmt.value
        return [assign, *set_flags(flags, True, stmt)]

    def branch(self, stmt: gast.If, body: Block, orelse: Block, place: Place) -> Block:
        """The `if` with other branches; an empty first branch is turned round."""
        new = copy.copy(stmt)
        new.body, new.orelse = self.block(body, place), self.block(orelse, place)
        if not new.body and new.orelse:
            new.test, new.body, new.orelse = negated(stmt.test), new.orelse, []
        if not new.body and self._is_flag(stmt.test):
            return []
        new.body = new.body or [made("pass", stmt)]
        return [new]

    def inside(self, stmt: gast.stmt, place: Place) -> Block:
        """The statement with what is in it rewritten."""
        if isinstance(stmt, gast.If):
            return self.branch(stmt, stmt.body, stmt.orelse, place)
        new = copy.copy(stmt)
        new.body = self.block(stmt.body, place) or [made("pass", stmt)]
        if isinstance(stmt, gast.With):
            return [new]
        new.orelse, new.finalbody = self.block(stmt.orelse, place), []
        new.handlers = [copy.copy(h) for h in stmt.handlers]
        for handler in new.handlers:
            handler.body = self.block(handler.body, place) or [made("pass", stmt)]
        tried = [new] if new.handlers else new.body
        if stmt.finalbody:  # which comes after it, if no exception leaves it
            tried[0].is_cleaned_up = True
        return [*tried, *self.block(stmt.finalbody, place)]

    def _is_flag(self, test: gast.expr) -> bool:
        return isinstance(test, gast.Name) and test.id in self._flags

    def leaving_branch(self, stmt: gast.If, rest: Block, place: Place) -> Block:
        """An `if` with a jump in it, and the rest of its block."""
        body_goes_on, orelse_goes_on = (
            NEXT in exits(stmt.body),
            NEXT in exits(stmt.orelse),
        )
        if body_goes_on and orelse_goes_on:
            return self.guarded(stmt, rest, place)
        body = stmt.body + rest if body_goes_on else stmt.body
        orelse = stmt.orelse + rest if orelse_goes_on else stmt.orelse
        return self.branch(stmt, body, orelse, place)

    def guarded(self, stmt: gast.stmt, rest: Block, place: Place) -> Block:
        """Either branch may jump or go on: flags tell whether the rest is to run."""
        kinds = exits_of(stmt) - {NEXT}
        flags = self.visible(kinds, place) if rest else {}
        tests = list(dict.fromkeys(f[-1] for kind, f in flags.items() if kind in kinds))
        new = [flag for flag in tests if flag not in place.ready]
        rest = self.block(rest, place.with_ready(new))
        if not rest:
            return self.inside(stmt, place)
        inside = replace(place.with_ready(new), flags=flags)
        left = tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"
        guard = made(f"if not {left}: pass", stmt)
        guard.body = rest
        branch = self.inside(stmt, inside)
        return [*set_flags(new, False, stmt), *branch, guard]

    def visible(self, kinds: Exits, place: Place) -> Flags:
        """The flags of a place, with at least one for each of these kinds of jump."""
        flags = dict(place.flags)
        if CONTINUE in kinds and not flags[CONTINUE]:
            assert place.loop is not None
            flags[CONTINUE] = (place.loop.skip,)
        if RETURN in kinds and not flags[RETURN]:
            flags[RETURN] = (self.returned,)
        return flags

    def loop(
        self, stmt: gast.For | gast.While, place: Place
    ) -> tuple[list[str], gast.stmt, Block]:
        """Flags that are read after a loop, the loop, and what is to run after it."""
        ways = exits(stmt.body)
        breaks, returns = BREAK in ways, RETURN in ways
        loop = Loop(self._new_flag)
        flags: Flags = {CONTINUE: ()}
        before, after = [], list(stmt.orelse)
        if breaks:
            flags[BREAK] = flags[RETURN] = (loop.stop,)
            if after:
                before.append(loop.stop)
                after = [made_if(loop.stop, [], after, stmt)]
        if returns:
            flags[RETURN] = (self.returned, *flags.get(BREAK, ()))
            begun = gast.copy_location(Returned(None), stmt)
            if breaks or not is_endless(stmt):
                if self.returned not in place.ready:
                    before.append(self.returned)
                after = [made_if(self.returned, [begun], [], stmt), *after]
            else:
                after = [begun]
        used = [f for kind in (RETURN, BREAK) for f in flags.get(kind, ())]
        inside = Place(flags, place.ready.union(used), loop)
        new = copy.copy(stmt)
        new.body, new.orelse = self.block(stmt.body, inside), []
        if used:
            new.body = [
                made(f"{used[-1]} = False", stmt),
                *new.body,
                made(f"if {used[-1]}: break", stmt),
            ]
        new.body = new.body or [made("pass", stmt)]
        return before, new, after


def set_flags(flags: Iterable[str], value: bool, at: gast.stmt) -> Block:
    return [made(f"{flag} = {value}", at) for flag in flags]


def made(code: str, at: gast.stmt) -> gast.stmt:
    """The statement, with the position of another one."""
    stmt = gast.parse(code).body[0]
    for node in gast.walk(stmt):
        gast.copy_location(node, at)
    return stmt


def made_if(flag: str, body: Block, orelse: Block, at: gast.stmt) -> gast.If:
    stmt = made(f"if {flag}: pass", at)
    stmt.body, stmt.orelse = body, orelse
    return stmt


def negated(test: gast.expr) -> gast.expr:
    """`not test`, marked as `turned`: the user has not written it."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return test.operand
    new = gast.copy_location(gast.UnaryOp(gast.Not(), test), test)
    new.turned = True
    return new

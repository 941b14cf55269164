"""`with` and `try` to SSA.

In: the statement. Out: an `if` operation of another form. Its regions are the body and,
for `try`, the handlers (see `caught`); one of the results, `ok`, tells which of the two
ran to its end:

    try:                              y3, ok = if (try) ZeroDivisionError:
        y = 1.0 / x                       y1 = 1.0 / x;  y1, True
    except ZeroDivisionError:     ->  else:
        y = 0.0                           0.0, False

Where a handler begins, what names of the body stand for is not known, but for those
that are bound when nothing can fail any more. `with` has a second region that never
runs; its condition is the context.
"""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import Any

import gast
import numpy as np

from s2s.errors import UnsupportedError
from s2s.parse.names_live import walrus_names
from s2s.ssa.attempts import Attempt, Unsettled, can_fail, catches_floats, settled
from s2s.ssa.caught import CaughtBuilder
from s2s.ssa.growing import assigned_names, hidden
from s2s.ssa.identity import mades
from s2s.ssa.ir import Value
from s2s.ssa.types import ERROR, UNDEF
from s2s.ssa.walrus import deleted

CONTEXTS = {np.errstate: "np.errstate", np.printoptions: "np.printoptions"}


BEFORE = "the `try` may have bound it before it failed"


class ContextBuilder(CaughtBuilder):
    """Builds what is done in a context, and what is tried."""

    def _With(self, node: gast.With) -> None:
        self.under(node, [self.context(item) for item in node.items])

    def under(self, node: gast.With, contexts: list[Value]) -> None:
        if not contexts:
            self.block(node.body)
            return
        first, *rest = contexts
        self.either(node, first, lambda: self.under(node, rest), self.never, "with")

    def never(self) -> None:
        """A branch that is not there."""
        self.dead = True

    def context(self, item: gast.withitem) -> Value:
        """A context manager that only changes how NumPy warns or prints."""
        call = item.context_expr
        callee = self.value(call.func) if isinstance(call, gast.Call) else None
        manager: Any = callee.const if callee is not None and callee.is_const else None
        text = CONTEXTS.get(manager)
        if text is None or item.optional_vars is not None or call.args:
            self.refuse(
                call,
                "this context manager is not supported: its effect on the derivative "
                "is not known",
                "only `with np.errstate(...)` is; move others out of the "
                "differentiated function",
            )
        given = {str(k.arg): self.value(k.value) for k in call.keywords}
        if not all(v.is_const for v in given.values()):
            self.refuse(call, f"the options of {text} must be known when compiling")
        options = {k: v.const for k, v in given.items()}
        written = ", ".join(f"{k}={v!r}" for k, v in options.items())
        made = functools.partial(manager, **options)
        return self.const(made, f"{text}({written})")

    def statement(self, node: gast.stmt) -> None:
        if self.attempts and getattr(node, "is_cleaned_up", False):
            self.refuse(
                node,
                "`finally` is not supported where a `try` around catches exceptions: "
                "it comes before the handler",
                "write what it does in the body, and in the handler",
            )
        super().statement(node)

    def _Try(self, node: gast.Try) -> None:
        classes = [self.classes(handler) for handler in node.handlers]
        self.attempt(node, classes, self.errors(classes), node.body, node.orelse)

    def attempt(
        self,
        node: gast.Try,
        classes: list[list[Value]],
        errors: Value,
        body: list[gast.stmt],
        orelse: list[gast.stmt],
    ) -> None:
        """Build the `try`, with what is left of its body.

        Where a statement changes something, and a later one may fail, they are apart:

            try: A[0] = x;  y = 1.0 / x        try: A[0] = x
            except E: H                  ->    except E: H
                                               else:
                                                   try: y = 1.0 / x
                                                   except E: H
        """
        before, start, was = dict(self.env), dict(self.versions), self.at
        unbound, rebound = len(self.unbound), len(self.rebound)
        mark = Value(UNDEF).number
        try:
            self.tried(node, classes, errors, body, orelse)
        except Unsettled as found:
            first, rest = body[: found.count], body[found.count :]
            self.env, self.versions, self.at, self.dead = before, start, was, False
            self.forget(mark)
            del self.unbound[unbound:], self.rebound[rebound:]
            if found.safe:
                self.block(first)
                self.attempt(node, classes, errors, rest, orelse)
                return
            again = gast.Try(rest, node.handlers, orelse, [])
            later = [gast.copy_location(again, node)]
            self.attempt(node, classes, errors, first, later)

    def tried(
        self,
        node: gast.Try,
        classes: list[list[Value]],
        errors: Value,
        body: list[gast.stmt],
        orelse: list[gast.stmt],
    ) -> None:
        """Build a `try` whose changes happen when nothing can fail any more."""
        ok = f"{hidden(node)} ok"
        failing = list(body)  # up to the last statement that may fail

        def run() -> None:
            mades_known = set().union(*map(mades, self.env.values()))
            attempt = Attempt(Value(UNDEF).number, mades_known, catches_floats(errors))
            self.attempts.append(attempt)
            try:
                for attempt.which, statement in enumerate(body):
                    self.statement(statement)
                    attempt.ends.append(len(self.region.ops))
            finally:
                self.attempts.pop()
            self.check_settled(attempt, len(body))
            del failing[self.may_fail(attempt) :]
            self.check_names(attempt, failing, node.handlers)
            self.env[ok] = self.const(True)

        def handle() -> None:
            for name in unsettled(failing):
                self.env[name] = deleted(name, BEFORE)
            error = self.emit("caught", [], (), "error", "user", ERROR)
            self.handled(node, error, list(zip(node.handlers, classes, strict=True)))
            self.env[ok] = self.const(False)

        self.either(node, errors, run, handle, "try")
        self.region.ops[-1].attrs["handlers"] = len(node.handlers)
        ran = self.env.pop(ok, None)  # nothing where no path goes on
        if self.dead:
            return
        assert isinstance(ran, Value)
        self.region.ops[-1].attrs["ok"] = ran
        if orelse:
            self.either(node, ran, lambda: self.block(orelse), lambda: None)

    def may_fail(self, attempt: Attempt) -> int:
        """How many statements of a body there are up to the last that may fail."""
        starts = [0, *attempt.ends]
        parts = [self.region.ops[a:b] for a, b in pairwise(starts)]
        fail = [any(can_fail(o, attempt.floats) for o in part) for part in parts]
        return len(fail) - fail[::-1].index(True) if any(fail) else 0

    def check_names(
        self, attempt: Attempt, body: list[gast.stmt], handlers: list[gast.AST]
    ) -> None:
        """What a handler reads is bound before the `try`, if that cannot fail."""
        names = {n for n in unsettled(body) if any(reads(h, n) for h in handlers)}
        binding = [k for k, s in enumerate(body) if names & {*assigned_names(s)}]
        if not binding or binding[-1] + 1 >= len(attempt.ends):
            return
        until = self.region.ops[: attempt.ends[binding[-1]]]
        if not any(can_fail(o, attempt.floats) for o in until):
            raise Unsettled(binding[-1] + 1, True)

    def check_settled(self, attempt: Attempt, count: int) -> None:
        """Whether all that has changed did so when nothing could fail any more."""
        for change in attempt.changes:
            if settled(self.region, change, attempt.floats):
                continue
            if change.which + 1 < count and not change.halfway:
                until = self.region.ops[: attempt.ends[change.which]]
                raise Unsettled(
                    change.which + 1,
                    not any(can_fail(o, attempt.floats) for o in until),
                )
            reason, advice = (
                ("it may have changed where that fails",
                 "change it at once, by `x[:] = ...`, or catch no FloatingPointError")
                if change.halfway
                else ("what comes after it may fail",
                      "change it in the `else` of the `try`, or in its last statement")
            )  # fmt: skip
            raise UnsupportedError(
                f"this changes {change.what} in the body of a `try`, and {reason}",
                change.origin,
                advice,
            )


def reads(node: gast.AST, name: str) -> bool:
    """Whether a name is read."""
    return any(isinstance(n, gast.Name) and n.id == name for n in gast.walk(node))


def unsettled(block: list[gast.stmt]) -> set[str]:
    """Names that may have been bound when a later part of a block fails.

    >>> text = "a = f(x); b = g(a); c = True"
    >>> unsettled(gast.parse(text).body)
    {'a'}
    """
    rest = list(block)
    while rest and cannot_fail(rest[-1]):
        rest.pop()
    if not rest:
        return set()
    *before, last = rest
    names = {n for s in before for n in assigned_names(s)} | walrus_names(last)
    if isinstance(last, gast.If):
        return names | unsettled(last.body) | unsettled(last.orelse)
    if isinstance(last, gast.With):
        return names | unsettled(last.body)
    if isinstance(last, gast.Try) and not last.orelse:
        blocks = [last.body, *(h.body for h in last.handlers)]
        return names.union(*map(unsettled, blocks))
    simple = isinstance(last, gast.Assign | gast.AugAssign | gast.Expr | gast.Raise)
    return names if simple else names | {*assigned_names(last)}


def cannot_fail(stmt: gast.stmt) -> bool:
    """Whether a statement binds names to a constant, or does nothing."""
    match stmt:
        case gast.Pass():
            return True
        case gast.Assign(targets=[gast.Name()], value=gast.Constant()):
            return True
    return False

"""`match` becomes `if`: its patterns are tests, and assignments of what they capture.

In: a match statement. Out: statements that do the same. Where the guard of a case may
send control on to the next one, a flag tells whether it did.

    match p:                        if isinstance(p, (tuple, list)) and len(p) == 2:
        case (a, b):                    a, b = p[0], p[1]
            y = a * b         ->        y = a * b
        case None:                  else:
            y = 1.0                     if p is None:
                                            y = 1.0
"""

from __future__ import annotations

import collections
from typing import Any

import gast

from s2s.names import Names
from s2s.parse.quoted import quoted
from s2s.parse.source import Parsed

# These capture the object itself: `case float(x)`.
WHOLE = "bool", "bytes", "float", "int", "list", "str", "tuple"
SEQUENCES = tuple, list, range, collections.deque
Captures = list[tuple[str, gast.expr]]


def matched(stmt: gast.Match, names: Names) -> list[gast.stmt]:
    """The `if` statements that a `match` stands for."""
    out: list[gast.stmt] = []
    subject = stmt.subject
    bound = {getattr(n, "name", None) for c in stmt.cases for n in gast.walk(c.pattern)}
    if not isinstance(subject, gast.Name) or subject.id in bound:
        name = names.fresh("subject")
        out.append(assigned(name, subject, stmt))
        subject = gast.copy_location(gast.Name(name, gast.Load(), None, None), subject)
    return out + cases(list(stmt.cases), subject, names)


def cases(
    todo: list[gast.match_case], subject: gast.expr, names: Names
) -> list[gast.stmt]:
    if not todo:
        return []
    case, *others = todo
    at = case.pattern
    captures: Captures = []
    tests = tests_of(case.pattern, subject, captures)
    body = [assigned(name, value, at) for name, value in captures]
    rest = cases(others, subject, names)
    if case.guard is None:
        body += case.body
        if not tests:
            return body
        return [here(gast.If(conjunction(tests, at), body, rest), at)]
    going = names.fresh("unmatched")
    over = assigned(going, here(gast.Constant(False, None), at), at)
    body.append(here(gast.If(case.guard, [over, *case.body], []), at))
    if tests:
        body = [here(gast.If(conjunction(tests, at), body, []), at)]
    flag = here(gast.Name(going, gast.Load(), None, None), at)
    start = assigned(going, here(gast.Constant(True, None), at), at)
    return [start, *body, here(gast.If(flag, rest or [gast.Pass()], []), at)]


def tests_of(
    pattern: gast.AST, subject: gast.expr, captures: Captures
) -> list[gast.expr]:
    """What must be true for the pattern to match, in order."""

    def made(text: str, **parts: Any) -> gast.expr:
        return quoted(text, pattern, s=subject, **parts).value

    match pattern:
        case gast.MatchValue(value=value):
            return [made("s == v", v=value)]
        case gast.MatchSingleton(value=value):
            return [made(f"s is {value}")]
        case gast.MatchAs(pattern=inner, name=name):
            tests = tests_of(inner, subject, captures) if inner else []
            captures += [(name, subject)] if name else []
            return tests
        case gast.MatchOr(patterns=patterns):
            several = [conjunction(tests_of(p, subject, captures), p) for p in patterns]
            return [here(gast.BoolOp(gast.Or(), several), pattern)]
        case gast.MatchSequence(patterns=patterns):
            stars = [k for k, p in enumerate(patterns) if is_star(p)]
            size = f"len(s) {'>=' if stars else '=='} {len(patterns) - len(stars)}"
            one = here(gast.Constant(SEQUENCES, None), pattern)
            tests = [made("isinstance(s, c)", c=one), made(size)]
            for k, inner in enumerate(patterns):
                after = k - len(patterns)
                if is_star(inner):
                    text = f"list(s[{k}:{after + 1 or ''}])"
                    captures += [(inner.name, made(text))] if inner.name else []
                    continue
                at = after if stars and k > stars[0] else k
                tests += tests_of(inner, made(f"s[{at}]"), captures)
            return tests
        case gast.MatchMapping(keys=keys, patterns=patterns):
            tests = [made("isinstance(s, dict)")]
            for key, inner in zip(keys, patterns, strict=True):
                tests.append(made("k in s", k=key))
                tests += tests_of(inner, made("s[k]", k=key), captures)
            return tests
        case gast.MatchClass(cls=cls, patterns=whole):
            tests = [made("isinstance(s, c)", c=cls)]
            if whole and not is_whole(cls):
                for k, inner in enumerate(whole):
                    part = made(f"getattr(s, c.__match_args__[{k}])", c=cls)
                    tests += tests_of(inner, part, captures)
                whole = []
            for inner in whole:
                tests += tests_of(inner, subject, captures)
            for name, inner in zip(
                pattern.kwd_attrs, pattern.kwd_patterns, strict=True
            ):
                tests += tests_of(inner, made(f"s.{name}"), captures)
            return tests
    raise AssertionError(pattern)


def unsupported(pattern: gast.AST) -> str:
    """What of a pattern is not in the language, if anything."""
    match pattern:
        case gast.MatchMapping(rest=str()):
            return "patterns of dicts with `**rest`"
        case gast.MatchOr() if any(
            getattr(p, "name", None) for p in gast.walk(pattern)
        ):
            return "alternative patterns that bind names"
    return ""


def is_whole(cls: gast.AST) -> bool:
    return isinstance(cls, gast.Name) and cls.id in WHOLE


def hidden_builtins(parsed: Parsed) -> set[str]:
    """Functions that the tests call and that stand for something else here."""
    return {"dict", "getattr", "isinstance", "len", "list", "tuple"} & {
        *parsed.locals, *parsed.globals, *parsed.closure
    }  # fmt: skip


def is_star(pattern: gast.AST) -> bool:
    return isinstance(pattern, gast.MatchStar)


def conjunction(tests: list[gast.expr], at: gast.AST) -> gast.expr:
    if len(tests) == 1:
        return tests[0]
    return here(gast.BoolOp(gast.And(), tests), at) if tests else true(at)


def true(at: gast.AST) -> gast.expr:
    return here(gast.Constant(True, None), at)


def assigned(name: str, value: gast.expr, at: gast.AST) -> gast.stmt:
    target = here(gast.Name(name, gast.Store(), None, None), at)
    return here(gast.Assign([target], value, None), at)


def here(node: Any, at: gast.AST) -> Any:
    return gast.copy_location(node, at)

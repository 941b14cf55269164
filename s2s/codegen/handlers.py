"""The handlers of a `try`: one that asks what it has caught becomes several.

In: the classes that are caught, the name of the exception, what is done with it, and
how many handlers there were. Out: so many handlers, where nothing stands in between.

    except (A, B) as e:                 except A:
        a = isinstance(e, A)                a = True
        a_stack.append(a)                   a_stack.append(True)
        if a:                     ->        x = 1.0
            x = 1.0                     except B as e:
        else:                               a = False
            print(e)                        a_stack.append(False)
                                            print(e)
"""

from __future__ import annotations

import gast

from s2s.codegen.blocks import Body
from s2s.codegen.operands import names_in


def handlers(
    classes: list[gast.expr],
    name: str | None,
    body: Body,
    count: int,
    told: Body | None = None,
) -> list[gast.ExceptHandler]:
    """The clauses that catch errors of the classes; `told` is put before the body."""
    parts = split(body) if count > 1 else None
    if parts is None:
        return [handler(classes, name, [*(told or []), *body])]
    (first, then, other), (yes, no) = parts
    mine = {gast.dump(c) for c in first}
    rest = [c for c in classes if gast.dump(c) not in mine]
    one = handler(first, name, [*(told or []), *yes, *then])
    return [one, *handlers(rest, name, other, count - 1, [*(told or []), *no])]


def handler(
    classes: list[gast.expr], name: str | None, body: Body
) -> gast.ExceptHandler:
    of = classes[0] if len(classes) == 1 else gast.Tuple(classes, gast.Load())
    named = name is not None and any(name in names_in(s) for s in body)
    bound = gast.Name(name, gast.Store(), None, None) if named else None
    return gast.ExceptHandler(of, bound, body or [gast.Pass()])


def split(
    body: Body,
) -> tuple[tuple[list[gast.expr], Body, Body], tuple[Body, Body]] | None:
    """The classes that are asked for, what is done with such errors and with others.

    And what is noted first, in both cases.
    """
    at = next((k for k, s in enumerate(body) if isinstance(s, gast.If)), None)
    if at is None:
        return None
    before, question, after = body[:at], body[at], body[at + 1 :]
    test, then, other = question.test, question.body, question.orelse
    if isinstance(test, gast.UnaryOp):
        test, then, other = test.operand, other, then
    flag = test.id if isinstance(test, gast.Name) else None
    made = [s.value for s in before if sets(s, flag)]
    match made[0] if made else test:
        case gast.Call(func=gast.Name(id="isinstance"), args=[_, of]):
            first = of.elts if isinstance(of, gast.Tuple) else [of]
        case _:
            return None
    if not all(isinstance(s, gast.Assign) for s in after):
        return None
    if not all(sets(s, flag) or keeps(s, flag) for s in before):
        return None
    if any(keeps(s, flag) for s in before):  # then nothing else reads it
        before = [s for s in before if keeps(s, flag)]
    yes, no = ([known(s, answer) for s in before] for answer in (True, False))
    return (first, [*then, *ends(then, after)], [*other, *ends(other, after)]), (
        yes,
        no,
    )


def sets(stmt: gast.stmt, flag: str | None) -> bool:
    """`flag = ...`"""
    return isinstance(stmt, gast.Assign) and names_in(stmt.targets[0]) == {flag}


def keeps(stmt: gast.stmt, flag: str | None) -> bool:
    """`flag_stack.append(flag)`"""
    called = isinstance(stmt, gast.Expr) and isinstance(stmt.value, gast.Call)
    return called and [getattr(a, "id", None) for a in stmt.value.args] == [flag]


def known(stmt: gast.stmt, answer: bool) -> gast.stmt:
    """A statement that sets or keeps a flag, where that is known."""
    value = gast.Constant(answer, None)
    if isinstance(stmt, gast.Assign):
        return gast.Assign(stmt.targets, value, None)
    return gast.Expr(gast.Call(stmt.value.func, [value], []))


def ends(block: Body, after: Body) -> Body:
    """What comes after a block, unless that raises an error."""
    return [] if block and isinstance(block[-1], gast.Raise) else after

"""How each need of the reverse sweep is met, for people: `s2s show --stage plan`.

In: a plan that was carried out. Out: text, for the top level and for each loop the
primal values made there that the reverse sweep reads, and where it has them from.

    at top level:
        r = h - target: direct
    in `for x in xs:`:
        h = np.tanh(w @ h + u @ x + b): carried from the iteration after
        h: pushed, popped one iteration ahead
        x: recomputed
"""

from __future__ import annotations

from collections.abc import Iterator

from s2s.adjoint.frames import Frame
from s2s.adjoint.plan import Plan
from s2s.ssa.ir import Value


def show_needs(plan: Plan) -> str:
    """A line for each need."""
    return "\n".join(_frame(plan, plan.top, "at top level:"))


def _frame(plan: Plan, frame: Frame, title: str) -> Iterator[str]:
    yield title
    needs = [v for v in dict.fromkeys(frame.needs) if v not in plan.reversed_values]
    lines = [f"    {_text(v)}: {how}" for v in needs if (how := _how(plan, frame, v))]
    yield from sorted(set(lines)) or ["    nothing is needed"]
    for inner in frame.inner:
        loop = inner.loop and plan.rev.loops[inner.loop].origin
        assert loop, "a loop stands in the source"
        yield from _frame(plan, inner, f"in `{loop.stmt}`:")


def _text(value: Value) -> str:
    """The name of a value and what it is computed from, as the user wrote it."""
    named = value.role in ("user", "index")
    op = value.op
    if op is None or op.regions or op.origin is None:
        return value.hint
    at = op.origin
    if at.end_line != at.line:
        text = f"{op.kind}({', '.join(a.hint for a in op.args)})"
        return value.hint if named else text
    text = at.text[at.col : at.end_col]
    whole = not named or text.startswith(value.hint)  # `x`, `x += 1.0`
    return text if whole else f"{value.hint} = {text}"


def _how(plan: Plan, frame: Frame, value: Value) -> str | None:
    """Where the reverse sweep has the value from."""
    if value in frame.pushed:
        if value in plan.previous:
            return "pushed, popped one iteration ahead"
        return "pushed"
    if value in plan.index:
        return "carried from the iteration after"
    if value in plan.rev.counted:
        return "counted"
    if plan.offers.stand_in(value) is not None:
        return "put back where it was overwritten"
    if plan._reread(value) is not None:
        return "read again where it was stored"
    if frame is not plan.top:
        return "recomputed"
    if value in plan.exported:
        is_there = plan.exported[value] is value
        return "direct" if is_there else "a further result of its branch"
    return "recomputed" if plan._recipe(value) is not None else None

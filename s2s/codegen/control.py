"""Branches and loops as statements.

In: an `if`, `for` or `while` operation. Out: the statement, with what it carries
assigned before it and at the ends of its blocks, where the names differ.

    x3 = if c:              if c:
        x2 = -x1; x2   ->       x = -x
    else: x1
"""

from __future__ import annotations

import gast

from s2s.codegen import tree
from s2s.codegen.blocks import Body, either, in_context, negated
from s2s.codegen.handlers import handlers
from s2s.codegen.headers import iteration
from s2s.codegen.operands import names_in
from s2s.codegen.statements import StatementPrinter
from s2s.rules import COMPARE
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Op, Region, Value, loop_parts, slots


class ControlPrinter(StatementPrinter):
    """Prints control flow."""

    # branches -------------------------------------------------------------

    def _if(self, op: Op) -> Body:
        form = op.attrs.get("form")
        if form == "assert":
            return self.asserted(op)
        if op.results and op.results[0] in self.conditional:
            value = self.conditional_expression(op)
            return [self.assign(self.names[op.result], value)]
        exit_at = None
        if op in self.exits:
            exit_at = op.results.index(self.exits[op])
        branches: list[Body] = []
        for region in op.regions:
            keep = [k for k in range(len(op.results)) if k != exit_at]
            moves = self.moves(
                [op.results[k] for k in keep], [region.results[k] for k in keep]
            )
            if exit_at is None:
                branches.append(self.region(region) + moves)
                continue
            stop = region.results[exit_at]
            last = region.ops[-1] if region.ops else None
            if last is not None and not moves and self.sets_only(last, stop):
                self.exits[last] = stop
                branches.append(self.region(region))
            else:
                branches.append(self.leave(self.region(region), stop, moves))
        if form == "with":
            return in_context(self.use(op.args[0]), branches[0])
        if form == "try":
            return self.tried(op, *branches)
        cond, made = op.args[0], op.args[0].op
        if cond in self.inlined and made is not None and made.attrs.get("turned"):
            cond = made.args[0]
            branches.reverse()
        then, other = branches
        return either(self.use(cond), then, other, self.is_exact(cond))

    def is_exact(self, cond: Value) -> bool:
        """Whether a condition compares what is never NaN: whole numbers."""
        made = cond.op
        if made is None or made.kind not in COMPARE:
            return False
        return all(kind_of(a.type) in ("int", "bool") for a in made.args)

    def tried(self, op: Op, body: Body, handler: Body) -> Body:
        errors = self.use(op.args[0])
        classes = errors.elts if isinstance(errors, gast.Tuple) else [errors]
        caught = next((o for o in op.regions[1].ops if o.kind == "caught"), None)
        name = self.names[caught.result] if caught else None
        count = op.attrs["handlers"]
        caught_by = handlers(classes, name, handler, count)
        return [gast.Try(body, caught_by, [], [])] if body else []

    def asserted(self, op: Op) -> Body:
        failed = op.regions[1].ops[-1]
        message = self.use(failed.args[1]) if len(failed.args) > 1 else None
        return [gast.Assert(self.use(op.args[0]), message)]

    # loops ----------------------------------------------------------------

    def _while(self, op: Op) -> Body:
        body = self.moves([s.param for s in slots(op)], [s.init for s in slots(op)])
        test = op.regions[0]
        before = self.region(test)
        cond = self.use(test.results[0])
        if before:
            exact = self.is_exact(test.results[0])
            stop = gast.If(negated(cond, exact), [gast.Break()], [])
            statements = [*before, stop, *self.loop_body(op)]
            cond = gast.Constant(True, None)
        else:
            statements = self.loop_body(op)
        body.append(gast.While(cond, statements or [gast.Pass()], []))
        return body + self.moves(op.results, [s.param for s in slots(op)])

    def _for(self, op: Op) -> Body:
        body = self.moves([s.param for s in slots(op)], [s.init for s in slots(op)])
        inner = op.regions[0]
        target, iterable, skipped = iteration(self, op)
        ops = [o for o in inner.ops if o not in skipped]
        statements = self.loop_body(op, ops)
        body.append(gast.For(target, iterable, statements or [gast.Pass()], [], None))
        return body + self.moves(op.results, [s.param for s in slots(op)])

    def loop_body(self, op: Op, ops: list[Op] | None = None) -> Body:
        """The statements of one iteration, the moves at its end, and the exit."""
        inner = op.regions[-1]
        ops = inner.ops if ops is None else ops
        _, _, y = loop_parts(op)
        moves = self.moves([s.param for s in slots(op)], inner.results[y:])
        if not y:
            return self.region(Region(ops=ops)) + moves
        stop = inner.results[0]
        if not moves and ops and self.sets_only(ops[-1], stop):
            self.exits[ops[-1]] = stop
        body = self.region(Region(ops=ops))
        if not ops or self.exits.get(ops[-1]) is not stop:
            return self.leave(body, stop, moves)
        return body

    def sets_only(self, op: Op, stop: Value) -> bool:
        """Whether a last `if` decides the exit, which can then be taken in it."""
        return (
            op.kind == "if"
            and op.attrs.get("form") is None
            and stop in op.results
            and self.uses[stop] == 1
        )

    def leave(self, body: Body, stop: Value, moves: Body) -> Body:
        """A block, the moves at the end of its round, and `break` where a flag says so.

        A flag that reads a name which the moves assign is computed before them.

            done = abs(x2 - x) < tol
            x = x2
            if done:
                break
        """
        if stop.is_const:
            return [*body, *moves, gast.Break()] if stop.const else body + moves
        test, first = self.use(stop), Body()
        if names_in(test) & {n for move in moves for n in _stored(move)}:
            first = [self.assign(self.flag, test)]
            test = tree.name(self.flag)
        end = gast.If(test, [gast.Break()], [])
        return merged([*body, *first, *moves], end)


def merged(body: Body, end: gast.If) -> Body:
    """A block with an `if` at its end, which joins one of the same flag before it."""
    match end.test, body[-1:]:
        case gast.Name(id=flag), [gast.If(test=gast.Name(id=other)) as last]:
            inside = {n for stmt in last.body + last.orelse for n in _stored(stmt)}
            if other == flag and flag not in inside:
                left = gast.If(last.test, last.body + end.body, [])
                return [*body[:-1], left, *last.orelse]
    return [*body, end]


def _stored(node: gast.AST) -> set[str]:
    """The names that a statement assigns."""
    return {
        n.id
        for n in gast.walk(node)
        if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Store)
    }

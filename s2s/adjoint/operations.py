"""The adjoint of one operation without regions.

In: an operation of the primal. Out: contributions to the adjoints of its arguments, by
the rule of the operation or, of what reads, packs or updates, by what it means.

    z = x * y           ->     x_bar += z_bar * y;  y_bar += z_bar * x
    v = x[i]            ->     x_bar[i] += v_bar
    x1 = store(x, i, v) ->     v_bar += x1_bar[i];  x_bar = x1_bar, with 0.0 at i
"""

from __future__ import annotations

from s2s.adjoint.contributions import Contributions, is_idle, is_loose
from s2s.adjoint.expand import NEW_AXIS, adds_axes, is_expansion, squeezed
from s2s.adjoint.lists import added, in_list, item, item_at, list_update
from s2s.adjoint.logistic import logistic_exponent
from s2s.adjoint.restore import swap
from s2s.adjoint.returns import reverse_call
from s2s.errors import UnsupportedError
from s2s.shaping import full, is_full, same_dims, zeros_of
from s2s.ssa.assume import PRODUCTS
from s2s.ssa.bound import Seq
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import rule_values
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import may_repeat, overwrites
from s2s.ssa.swaps import swapped
from s2s.ssa.types import (
    Array,
    List,
    Maybe,
    Tuple,
    adjoint_type,
    bound,
    is_real_valued,
    rank_of,
)


class Operations(Contributions):
    """Reverses operations one by one."""

    # by what they mean ----------------------------------------------------

    def simple(self, op: Op) -> None:
        """One operation, by its rule."""
        if op.kind == "call":
            reverse_call(self, op)
            return
        value = op.result
        if isinstance(value.type, Tuple):
            parts = self.take_parts(value)
            vjp = self.rules[op.kind].vjp
            if parts and vjp is not None:
                zero = self.q.const(0.0)
                count = len(value.type.items)
                tuple_bar = Seq(
                    "tuple", tuple(parts.get(k, zero) for k in range(count))
                )
                for k, bar in vjp(self.q, op, tuple_bar).items():
                    self.contribute(op.args[k], bar)
                return
            if len(parts) == len(value.type.items) and self.only_unpacked(op):
                items = [parts[k] for k in sorted(parts)]
                joined = self.q.emit("list", items, ("xs",) * len(items))
                self.contribute(op.args[0], joined, True)
                return
            for k, bar in sorted(parts.items()):
                if op.kind in ("tuple", "record"):
                    self.contribute(op.args[k], bar)
                elif op.kind == "unpack":
                    self.add_at(op.args[0], [self.q.const(k)], ("i",), bar)
                elif (found := in_list(op)) is not None:
                    xs, where = found
                    where = [*where, self.q.const(k)]
                    self.add_at(xs, where, ("i",) * len(where), bar)
                else:
                    self.refuse_tuples(op)
            return
        g = self.take(value)
        if g is None:
            return
        if op.kind == "bound":
            self.contribute(op.args[0], g, (g, value) in self.spread)
            return
        if op.kind == "pick":
            if op.args[0] in self.active:
                if (found := self.held_in(op.args[0])) is not None:
                    xs, where = found
                    where = [*where, op.args[1]]
                    self.add_at(xs, where, ("i",) * len(where), g)
                    return
                made = op.args[0].op
                if made is not None and (
                    made.kind == "call" or self.only_unpacked(made)
                ):
                    g = self.full(g, value)
                self.contribute_part(op.args[0], op.args[1].const, g)
            return
        if op.kind == "getitem" and value in self.equal:
            self.contribute(self.equal[value], g)  # the same elements, read before
            return
        if op.kind == "getitem" and is_expansion(op):
            whole = (g, value) in self.spread or is_full(g.type, value.type)
            self.contribute(op.args[0], squeezed(self.q, op, g), whole)
            return
        if op.kind == "getitem":
            codes = op.attrs["index"]
            if adds_axes(op):
                g = squeezed(self.q, op, g)
                codes = tuple(code for code in codes if code != NEW_AXIS)
            self.add_at(op.args[0], op.args[1:], codes, g)
            return
        if op.kind in UPDATES:
            if isinstance(bound(op.args[0].type), List):
                list_update(self, op, g)
            else:
                self.update(op, g)
            return
        if op.kind in ("list", "dict", "zeros_list"):
            keys = op.attrs.get("keys") or range(len(op.args))
            for k, arg in zip(keys, op.args, strict=True):
                if arg in self.active:
                    self.contribute(arg, item(self.q, g, self.q.const(k), arg))
            return
        self.by_rule(op, g)

    def only_unpacked(self, op: Op) -> bool:
        """Whether `op` unpacks a list that NumPy made for nothing else: `np.split`."""
        if op.kind != "unpack" or self.uses[op.args[0]] > 1:
            return False
        made = op.args[0].op
        return made is not None and made.kind.startswith("np.")

    def update(self, op: Op, g: Value) -> None:
        """`x[index] = v` (or `+=`): what is there goes to v, no longer to x."""
        x, *where, v = op.args
        g = self.full(g, op.result)
        if (start := swapped(op)) is not None:
            self.contribute(x, swap(self.q, op, g, start), True)
            return
        if v in self.active:
            self.contribute(v, self.part(op, g))
        if op.kind == "add_at":
            self.contribute(x, g, True)
        elif x in self.active and not overwrites(op):
            attrs = {k: op.attrs[k] for k in ("index", "path")}
            args = [g, *where, self.q.const(0.0)]
            self.contribute(x, self.q.emit("store", args, op.names, **attrs), True)

    def part(self, op: Op, g: Value) -> Value:
        """The adjoint of what was stored: the elements of g at the same place."""
        where, index = op.args[1:-1], op.attrs["index"]
        for hop in op.attrs.get("path", ()):
            operands, where = where[: hop.count], where[hop.count :]
            g = self.q.emit(hop.kind, [g, *operands], hop.names, **dict(hop.attrs))
        names, part = ("x", *("index",) * len(where)), g
        if rank_of(g.type) != 0:  # else it is all of it
            part = self.q.emit("getitem", [g, *where], names, index=index)
        if op.attrs.get("minus"):
            part = self.q.emit("neg", [part])
        if op.kind == "store" and may_repeat(index, where):
            kept = self.q.emit("kept", [g, *where], names, index=index)
            part = self.q("np.where(kept, part, 0.0)", kept=kept, part=part)
        return part

    def add_at(
        self, x: Value, index: list[Value], codes: tuple[str, ...], g: Value
    ) -> None:
        """The transpose of `x[index]`: the adjoint of x gains g there."""
        if x not in self.active:
            return
        if (found := self.held_in(x)) is not None:
            x, where = found
            index, codes = [*where, *index], ("i",) * len(where) + codes
        of = bound(x.type)
        if isinstance(of, Array) and not of.rank:  # its adjoint is a number
            self.contribute(x, g)
            return
        if isinstance(of, List) and isinstance(g.type, Tuple):
            for k, t in enumerate(g.type.items):
                if is_real_valued(t):
                    at = [*index, self.q.const(k)]
                    self.add_at(x, at, (*codes, "i"), self.q.item(g, k))
            return
        old = self.bars.get(x)
        if not isinstance(x.type, Maybe):
            bar = self.named(self.zeros(x), x) if old is None else self.full(old, x)
        else:  # it has a shape: it was bound when it was read
            bar = zeros_of(self.q, x, True) if old is None else full(self.q, old, x)
            bar = self.named(bar, x)
        names, kind = ("x", *("index",) * (len(index) + 1)), "add_at"
        if isinstance(bound(g.type), List):
            kind, g = "store", added(self.q, item_at(self.q, bar, index), g, g)
        new = self.q.emit(
            kind, [bar, *index, g], names, type=adjoint_type(of), index=codes
        )
        self.bars[x] = self.named(new, x)
        self.spread.add((new, x))

    # by rules -------------------------------------------------------------

    def by_rule(self, op: Op, g: Value) -> None:
        exponent = logistic_exponent(op)
        if exponent is not None and is_full(exponent.type, op.result.type):
            if exponent in self.active:
                g = self.full(g, op.result)
                part = self.q("-g * z * (1.0 - z)", g=g, z=op.result)
                self.contribute(exponent, part, True)
            return
        rule = self.rules[op.kind]
        if rule.moves and rank_of(g.type) == 0:  # one number for all elements
            for arg, name in zip(op.args, op.names, strict=True):
                if arg in self.active and name not in rule.flat:
                    self.contribute(arg, g)
            return
        if rule.form != "partials":
            g = self.full(g, op.result)
        # a partial of an elementwise operation has all elements if g has
        elementwise = rule.form == "partials"
        z = op.result
        whole = elementwise and ((g, z) in self.spread or is_full(g.type, z.type))
        given = rule.vjp(self.q, op, g) if rule.vjp else None
        values = rule_values(self.q, op)
        arrays = {a for a in op.args if rank_of(a.type) != 0}
        for k, (arg, name) in enumerate(zip(op.args, op.names, strict=True)):
            if arg not in self.active or name in rule.flat:
                continue
            alone = elementwise and arrays == {arg}  # then it has the result's shape
            if given is not None:
                bar = given.get(k)
            elif name in rule.partials:
                bar = self.q(rule.partials[name], **{**values, "g": g})
            else:
                bar = None
            if bar is None:
                raise UnsupportedError(
                    f"{op.kind} has no derivative with respect to `{name}`", op.origin
                )
            if op.kind in PRODUCTS and (rank_of(bar.type) or 0) <= 2:
                self.shaped(bar, arg)  # products do not broadcast up to matrices
            elif whole:
                self.shaped(bar, op.result)
            elif elementwise and not alone:
                if is_idle(arg) or not is_full(arg.type, z.type):
                    # the argument was broadcast: every element of the result counts
                    bar = self.full(bar, z)
            spread = whole or (bar, z) in self.spread
            if alone and not is_loose(g):
                number = rank_of(g.type) == 0 and rank_of(bar.type) == rank_of(arg.type)
                spread = spread or number or same_dims(bar.type, arg.type)
            self.contribute(arg, bar, elementwise and spread, alone)

    # what is refused ------------------------------------------------------

    def check_parts(self) -> None:
        """Refuse what has parts with adjoints that nothing has taken up."""
        for value in self.parts:
            if value.op is not None:
                self.refuse_tuples(value.op)

    def refuse_tuples(self, op: Op | None) -> None:
        raise UnsupportedError(
            "derivatives through lists in lists are not supported yet",
            op.origin if op else self.q.origin,
            "use one list for each of them",
        )

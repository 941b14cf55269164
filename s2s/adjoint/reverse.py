"""Reverse mode: SSA to SSA. The adjoint of a function, not yet planned.

In: a function and its active values. Out: the same function with the reverse sweep
appended, whose operations still refer to primal values wherever those are defined, also
inside loops and branches; `plan` decides how each of them is kept or recomputed.

    y = x * x                     y = x * x
    return y           ->         x_bar = 2.0 * (y_bar * x)
                                  return x_bar

Regions are reversed: a branch becomes a branch on the same condition, a loop becomes a
loop that runs backwards. A slot becomes an adjoint slot; a value from outside that a
loop body uses gets a slot that accumulates its adjoint.
"""

from __future__ import annotations

from itertools import compress

from s2s.adjoint.expand import is_expansion, squeezed
from s2s.adjoint.lists import added, item, list_update
from s2s.adjoint.restore import Restores
from s2s.errors import UnsupportedError
from s2s.rules import Rules
from s2s.shaping import carried_type, conform, full, is_full, zeros_of
from s2s.ssa.assume import PRODUCTS
from s2s.ssa.bound import Seq
from s2s.ssa.ir import Function, Op, Region, Value, is_loop, slots
from s2s.ssa.quote import Quote, rule_values
from s2s.ssa.roots import UPDATES
from s2s.ssa.storage import may_repeat, overwrites
from s2s.ssa.types import (
    ANY,
    FLOAT,
    INT,
    UNDEF,
    Array,
    List,
    Maybe,
    Scalar,
    Tuple,
    bound,
    derivative_type,
    is_real_valued,
    join,
    rank_of,
)


class Reverse:
    """One reverse sweep. `pairs` maps each reversed region to its primal region."""

    def __init__(
        self, rules: Rules, active: set[Value], region: Region, function: Function
    ) -> None:
        self.rules = rules
        primal = function.body
        self.uses = primal.uses()
        # numbers that are floats at run time (a joined name may hold an int)
        self.floats = {p for p in primal.params if p.type == FLOAT}
        self.active = active
        self.q = Quote(rules, region)
        self.restores = Restores(function, self.q)
        self.bars: dict[Value, Value] = {}
        self.parts: dict[Value, dict[int, Value]] = {}
        self.pairs: dict[Region, Region] = {}
        self.loops: dict[Op, Op] = {}  # reversed loop -> primal loop
        self.indices: dict[Value, Value] = {}  # primal loop index -> reversed one
        # of loops that may stop: the index is start + step * (number of the iteration)
        self.counted: dict[Value, tuple[Value, Value]] = {}
        self.carried: list[Value] = []  # adjoints that the loops around carry
        self.equal: dict[Value, Value] = {}  # equal reads of one region: the first
        # (adjoint, primal) where the adjoint surely has the primal's shape
        self.spread: set[tuple[Value, Value]] = set()

    # contributions --------------------------------------------------------

    def contribute(self, value: Value, bar: Value | None, whole: bool = False) -> None:
        """Add one contribution to the adjoint of a value.

        `whole` says that the contribution has all elements of what it comes from.
        """
        if bar is None or value not in self.active or _is_zero(bar):
            return
        # what may be unbound has no shape: what reads it has been summed to its own
        known = not isinstance(value.type, Maybe)
        loose = _is_loose(value)
        read = value.op is not None and value.op.kind == "bound"  # its name goes on
        # it may be a number: what was broadcast must be summed at once, since another
        # contribution may come that was not
        at_once = loose and known and (read or self.uses[value] > 1)
        whole = whole and (at_once or not loose)
        if known:
            bar = conform(self.q, bar, value, at_once)
        whole = whole or (bar.op is not None and bar.op.kind == "unbroadcast")
        old = self.bars.get(value)
        new = bar
        if old is not None:
            new = added(self.q, old, bar, value)
        self.bars[value] = self.named(new, value)
        if whole if old is None else (old, value) in self.spread:
            self.spread.add((new, value))
            if not isinstance(value.type, Maybe):
                self.shaped(new, value)

    def full(self, bar: Value, value: Value) -> Value:
        """The adjoint spread to the shape of its primal, unless it surely has it."""
        if (bar, value) in self.spread or isinstance(value.type, Maybe):
            return bar
        out = full(self.q, bar, value)
        self.spread.add((out, value))
        return out

    def named(self, bar: Value, value: Value) -> Value:
        """The adjoint of a named value is `<name>_bar`; of a temporary, `t_bar`."""
        op = bar.op
        derived = op is not None and op.attrs.get("derived") and op.kind != "pick"
        if derived and bar.role == "temp":
            bar.hint = f"{value.hint}_bar"
            bar.role = "bar" if value.role in ("user", "global") else "temp"
        return bar

    def zeros(self, value: Value) -> Value:
        """A zero adjoint. In a loop it is shaped like an adjoint that is carried.

        A primal value would have to be saved for nothing but its shape.
        """
        of = bound(value.type)
        if isinstance(value.type, Maybe):  # it may have no shape, being unbound
            return self.q.const(0.0)
        if _unknown(value):
            out = zeros_of(self.q, value)
            self.spread.add((out, value))
            return out
        for other in reversed(self.carried):
            t = bound(other.type)
            if isinstance(of, Array) and of.rank and isinstance(t, Array):
                loose = of.loose or t.loose
                if t.dtype == of.dtype and t.rank == of.rank and not loose:
                    if all(a.same(b) for a, b in zip(t.shape, of.shape, strict=True)):
                        return self.q("np.zeros_like(x)", x=other)
        return zeros_of(self.q, value)

    def take(self, value: Value) -> Value | None:
        """The adjoint of a value, which is complete once its definition is reached."""
        return self.bars.pop(value, None)

    # regions --------------------------------------------------------------

    def region(self, block: list[Op]) -> None:
        ops = list(block)
        seen: dict[tuple, Value] = {}
        for op in ops:
            if op.kind == "getitem" and op.result in self.active:
                key = (op.attrs["index"], *(_identity(a) for a in op.args))
                first = seen.setdefault(key, op.result)
                if first is not op.result:
                    self.equal[op.result] = first
        for op in reversed(ops):
            if op.kind in UPDATES:
                self.restores.undo(op, block)
            self.op(op)

    def op(self, op: Op) -> None:
        outer, self.q.origin = self.q.origin, op.origin
        if op.kind == "if":
            self.branch(op)
        elif is_loop(op):
            self.loop(op)
        elif _is_leaf(op):
            pass  # a leaf of an argument: its adjoint is part of the gradient
        elif any(r in self.active for r in op.results):
            self.simple(op)
        self.q.origin = outer

    def check_parts(self) -> None:
        """Refuse what has parts with adjoints that nothing has taken up."""
        for value in self.parts:
            if value.op is not None:
                self.refuse_tuples(value.op)

    def simple(self, op: Op) -> None:
        """One operation, by its rule."""
        value = op.result
        if isinstance(value.type, Tuple):
            parts = self.parts.pop(value, {})
            bars = self.take(value)
            for k, of in enumerate(value.type.items):
                if bars is not None and is_real_valued(of):
                    part = self.q.item(bars, k)
                    old = parts.get(k)
                    parts[k] = part if old is None else self.q.emit("add", [old, part])
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
                elif op.kind == "getitem":  # of a list of tuples
                    index = [*op.args[1:], self.q.const(k)]
                    self.add_at(op.args[0], index, ("i", "i"), bar)
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
                parts = self.parts.setdefault(op.args[0], {})
                k = op.args[1].const
                if op.args[0].op is not None and self.only_unpacked(op.args[0].op):
                    g = self.full(g, value)
                parts[k] = self.q.emit("add", [parts[k], g]) if k in parts else g
            return
        if op.kind == "getitem" and value in self.equal:
            self.contribute(self.equal[value], g)  # the same elements, read before
            return
        if op.kind == "getitem" and is_expansion(op):
            whole = (g, value) in self.spread or is_full(g.type, value.type)
            self.contribute(op.args[0], squeezed(self.q, op, g), whole)
            return
        if op.kind == "getitem":
            self.add_at(op.args[0], op.args[1:], op.attrs["index"], g)
            return
        if op.kind in UPDATES:
            if isinstance(bound(op.args[0].type), List):
                list_update(self, op, g)
            else:
                self.update(op, g)
            return
        if op.kind in ("list", "zeros_list"):
            for k, arg in enumerate(op.args):
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
        names = ("x", *("index",) * len(where))
        part = self.q.emit("getitem", [g, *where], names, index=index)
        if op.attrs.get("minus"):
            part = self.q.emit("neg", [part])
        if op.kind == "store" and may_repeat(index, where):
            kept = self.q.emit("kept", [g, *where], names, index=index)
            part = self.q("np.where(kept, part, 0.0)", kept=kept, part=part)
        return part

    def by_rule(self, op: Op, g: Value) -> None:
        rule = self.rules[op.kind]
        if rule.form != "partials":
            g = self.full(g, op.result)
        # a partial of an elementwise operation has all elements if g has
        elementwise = rule.form == "partials"
        z = op.result
        whole = elementwise and ((g, z) in self.spread or is_full(g.type, z.type))
        given = rule.vjp(self.q, op, g) if rule.vjp else None
        values = rule_values(self.q, op)
        for k, (arg, name) in enumerate(zip(op.args, op.names, strict=True)):
            if arg not in self.active or name in rule.flat:
                continue
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
            elif elementwise and not is_full(arg.type, z.type):
                # the argument was broadcast: every element of the result counts
                bar = self.full(bar, z)
            spread = whole or (bar, z) in self.spread
            self.contribute(arg, bar, elementwise and spread)

    def shaped(self, bar: Value, like: Value) -> None:
        """Note that the adjoint has the shape of a value, whatever its type says."""
        of, t = bound(like.type), bound(bar.type)
        if bar.is_const or rank_of(of) != rank_of(t):
            return
        if isinstance(of, Array) and isinstance(t, Array) and not of.loose:
            bar.type = Array(t.dtype, of.shape)

    def add_at(
        self, x: Value, index: list[Value], codes: tuple[str, ...], g: Value
    ) -> None:
        """The transpose of `x[index]`: the adjoint of x gains g there."""
        if x not in self.active:
            return
        of = bound(x.type)
        if isinstance(of, List) and isinstance(g.type, List | Tuple):
            self.refuse_tuples(None)
        old = self.bars.get(x)
        bar = self.named(self.zeros(x), x) if old is None else self.full(old, x)
        names = ("x", *("index",) * (len(index) + 1))
        new = self.q.emit(
            "add_at", [bar, *index, g], names, type=derivative_type(of), index=codes
        )
        self.bars[x] = self.named(new, x)
        self.spread.add((new, x))

    def refuse_tuples(self, op: Op | None) -> None:
        raise UnsupportedError(
            "derivatives through lists in lists are not supported yet",
            op.origin if op else self.q.origin,
            "use one list for each of them",
        )

    # branches -------------------------------------------------------------

    def branch(self, op: Op) -> None:
        """An `if` is reversed into an `if` on the same condition."""
        form, cond = op.attrs.get("form"), op.attrs.get("ok")
        result_bars = [self.take(r) for r in op.results]
        before, now = self.bars, self.restores.now
        regions, after, restored = [], [], []
        for primal in op.regions:
            self.bars = dict(before)
            self.restores.enter_branch(op, primal, now)
            with self.q.inside(Region()) as region:
                for result, inner, bar in zip(
                    op.results, primal.results, result_bars, strict=True
                ):
                    self.contribute(inner, bar, (bar, result) in self.spread)
                self.region(primal.ops)
            self.pairs[region] = primal
            regions.append(region)
            after.append(self.bars)
            restored.append(self.restores.now)
        self.bars = before
        changed = [
            v
            for v in dict.fromkeys([*after[0], *after[1]])
            if any(a.get(v) is not before.get(v) for a in after)
        ]
        form = form if form == "with" else None
        out = Op("if", [cond or op.args[0]], ("cond",), {"form": form}, regions)
        for value in changed:
            ends: list[Value] = []
            for region, bars in zip(regions, after, strict=True):
                with self.q.inside(region):
                    bar = bars.get(value)
                    if form == "with" and ends:  # it has no other branch
                        bar = Value(UNDEF, const=None)
                    ends.append(self.zeros(value) if bar is None else bar)
            if form is None and not _alike(ends[0], ends[1]):
                for k, region in enumerate(regions):
                    with self.q.inside(region):
                        ends[k] = self.full(ends[k], value)
            for region, end in zip(regions, ends, strict=True):
                region.results.append(end)
            type = join(ends[0].type, ends[1].type)
            if isinstance(value.type, Maybe):
                type = carried_type(value)
            role = "bar" if value.role in ("user", "global") else "temp"
            result = Value(type, f"{value.hint}_bar", role, op=out)
            if all((e, value) in self.spread for e in ends if e.type != UNDEF):
                self.spread.add((result, value))
            out.results.append(result)
            self.bars[value] = result
        self.restores.leave_branches(op, out, restored, now)
        if out.results:
            self.q.append(out)

    # loops ----------------------------------------------------------------

    def loop(self, op: Op) -> None:
        """A loop is reversed into a loop that visits the iterations backwards."""
        own = [
            s for s in slots(op) if s.param in self.active or s.result in self.active
        ]
        free = [v for v in _free_values(op.regions[-1]) if v in self.active]
        if not own and not free:
            return
        inits: list[Value] = []
        for slot in own:
            bar = self.take(slot.result)
            bar = self.zeros(slot.result) if bar is None else bar
            inits.append(bar if _is_loose(slot.param) else self.full(bar, slot.result))
        for value in free:
            bar = self.bars.pop(value, None)
            bar = self.zeros(value) if bar is None else bar
            inits.append(self.full(bar, value))
        before, self.bars = self.bars, {}
        primals = [s.param for s in own] + free
        body = Region()
        self.pairs[body] = op.regions[-1]
        out = Op("for", [], (), {}, [body])
        self.loops[out] = op
        bounds = self.backwards(op, body)
        # what is not indexed may count upwards, if it starts at zero
        counted = op.kind == "while" or bool(op.attrs.get("stop"))
        plain = counted or [v.const for v in op.args[:3:2]] == [0, 1]
        out.attrs["reversed"] = plain
        params = [Value(carried_type(v), f"{v.hint}_bar", "bar") for v in primals]
        body.params += params
        bound_ones = [not (isinstance(v.type, Maybe) or _is_loose(v)) for v in primals]
        self.spread |= set(compress(zip(params, primals, strict=True), bound_ones))
        self.carried += params
        with self.restores.loop(op, out), self.q.inside(body):
            for value, param in zip(free, params[len(own) :], strict=True):
                self.bars[value] = param
            for slot, param in zip(own, params, strict=False):
                self.contribute(slot.yielded, param, (param, slot.param) in self.spread)
            self.region(op.regions[-1].ops)
            for value in primals:
                bar = self.take(value)
                bar = self.zeros(value) if bar is None else bar
                body.results.append(bar if _is_loose(value) else self.full(bar, value))
            del self.carried[len(self.carried) - len(params) :]
            out.args = [*bounds, *inits]
            out.names = ("start", "stop", "step") + ("init",) * len(inits)
            out.results = [Value(p.type, p.hint, "bar", op=out) for p in params]
        self.q.append(out)
        self.bars = before
        pairs = zip(out.results, primals, strict=False)
        self.spread |= set(compress(pairs, bound_ones))
        for value, result in zip(free, out.results[len(own) :], strict=False):
            self.bars[value] = result
        for slot, result in zip(own, out.results, strict=False):
            self.contribute(slot.init, result, (result, slot.param) in self.spread)

    def backwards(self, op: Op, body: Region) -> list[Value]:
        """The bounds of the reversed loop; binds the reversed index in its body."""
        q = self.q
        one, minus = q.const(1), q.const(-1)
        if op.kind == "for" and not op.attrs.get("stop"):
            start, stop, step = op.args[:3]
            index = Value(
                INT, op.regions[0].params[0].hint, op.regions[0].params[0].role
            )
            body.params.append(index)
            self.indices[op.regions[0].params[0]] = index
            if step.is_const and step.const == 1:
                first = q("stop - 1", stop=stop)
                return [first, q("start - 1", start=start), minus]
            if step.is_const and step.const == -1:
                return [q("stop + 1", stop=stop), q("start + 1", start=start), one]
            count = q.emit("range_len", [start, stop, step], ("start", "stop", "step"))
            first = q("start + (count - 1) * step", start=start, count=count, step=step)
            back = q("start - step", start=start, step=step)
            return [first, back, q("-step", step=step)]
        trips = _count_trips(op, q)
        index = Value(INT, "t", "index")
        body.params.append(index)
        if op.kind == "for":
            start, _, step = op.args[:3]
            primal = op.regions[0].params[0]
            self.indices[primal] = index
            if (start.is_const and start.const == 0) and step.is_const:
                if step.const == 1:
                    index.hint = primal.hint
                    return [q("n - 1", n=trips), minus, minus]
            self.counted[primal] = (start, step)
        return [q("n - 1", n=trips), minus, minus]


def _count_trips(op: Op, q: Quote) -> Value:
    """Give the primal loop a slot that counts its iterations; its result."""
    body = op.regions[-1]
    init = q.const(0)
    param, result = Value(INT, "trips", "index"), Value(INT, "trips", "index", op=op)
    with q.inside(Region()) as counting:
        after = q.emit("add", [param, q.const(1)], hint="trips", role="index")
    counting.ops[0].attrs["aug"] = True
    body.ops[:0] = counting.ops
    op.args.append(init)
    op.names += ("init",)
    body.params.append(param)
    body.results.append(after)
    op.results.append(result)
    if op.kind == "while":
        op.regions[0].params.append(Value(INT, "trips", "index"))
    return result


def _free_values(region: Region) -> list[Value]:
    """Values from outside that the region uses, in order of first use."""
    inside: set[Value] = set(region.params)
    used: dict[Value, None] = {}

    def visit(r: Region) -> None:
        inside.update(r.params)
        for op in r.ops:
            used.update(dict.fromkeys(op.args))
            for inner in op.regions:
                visit(inner)
            inside.update(op.results)
        used.update(dict.fromkeys(r.results))

    visit(region)
    return [v for v in used if v not in inside and not v.is_const]


def _unknown(value: Value) -> bool:
    """Whether the shape of a value is not known when compiling."""
    of = bound(value.type)
    if isinstance(of, Array) and not of.loose:
        return any(d.sym is None and d.unit is None for d in of.shape)
    return of == ANY or isinstance(of, Array)


def _identity(value: Value) -> object:
    """What tells whether two operands are the same."""
    return (type(value.const), value.const) if value.is_const else value


def _is_loose(value: Value) -> bool:
    """Whether the value may be an array or, on some paths, a number."""
    of = bound(value.type)
    return isinstance(of, Array) and of.loose


def _is_leaf(op: Op) -> bool:
    """Whether an operation takes an item out of an argument that is a tuple."""
    while op.kind == "pick":
        source = op.args[0].op
        if source is None:
            return True
        op = source
    return False


def _is_zero(bar: Value) -> bool:
    return bar.is_const and bar.const == 0.0


def _alike(a: Value, b: Value) -> bool:
    """Whether two adjoints of one value can meet without being spread first."""
    ta, tb = bound(a.type), bound(b.type)
    scalars = [
        isinstance(t, Scalar) or (isinstance(t, Array) and not t.rank) for t in (ta, tb)
    ]
    if all(scalars) or ANY in (ta, tb) or isinstance(ta, List):
        return True
    return is_full(ta, tb) and is_full(tb, ta)

"""Jacobians that a program takes itself: jacfwd, jacrev and hessian.

In: a call of a function that one of these made. Out: a sweep in all directions at once,
or one for each element of an argument or a result, written as a loop; the sweeps around
see it like anything else:

    J = s2s.jacfwd(g)(x)    ->    J = np.moveaxis(g_jvps(x, np.eye(x.size))[1], 0, -1)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import gast
import numpy as np

from s2s.errors import S2SError
from s2s.parse.define import calling
from s2s.parse.source import Parsed, parse_code
from s2s.parse.unit import Unit, prepare
from s2s.ssa.bound import Bound, Seq, flat, refill
from s2s.ssa.capture import Closed, Lifted
from s2s.ssa.infer import kind_of
from s2s.ssa.ir import Value
from s2s.ssa.products import ProductBuilder
from s2s.ssa.scopes import Partial, Transform
from s2s.ssa.transforms import differentiated, gradient_in, identity
from s2s.ssa.types import Array, bound, described, is_real_valued, rank_of

JACOBIANS = "jacfwd", "jacrev", "hessian"
SINGLE = "float32", "float16", "complex64"  # with these, several would be doubles
# the structure of a result, and the derivative of its j-th leaf in the k-th varied one
Blocks = tuple[Bound, Callable[[int, int], Bound]]


# What is written for one array of an argument, and one of a result: `of` gives, for a
# direction, the tangent of the result or the cotangent of the argument.


def columns(of, x):  # type: ignore[no-untyped-def]
    found = []
    for e in np.eye(x.size):
        dots = of(e.reshape(x.shape))
        found.append(dots)
    return np.stack(found, -1).reshape(*np.shape(found[0]), *x.shape)


def columns_of_vector(of, x):  # type: ignore[no-untyped-def]
    dots = of(np.eye(x.size))
    return np.moveaxis(dots, 0, -1)


def columns_of_array(of, x):  # type: ignore[no-untyped-def]
    dots = of(np.eye(x.size).reshape(x.size, *x.shape))
    return np.moveaxis(dots, 0, -1).reshape(*dots.shape[1:], *x.shape)


def rows(of, z):  # type: ignore[no-untyped-def]
    found = []
    for e in np.eye(z.size):
        bars = of(e.reshape(z.shape))
        found.append(bars)
    return np.stack(found).reshape(*z.shape, *np.shape(found[0]))


def rows_of_vector(of, z):  # type: ignore[no-untyped-def]
    bars = of(np.eye(z.size))
    return bars


def rows_of_array(of, z):  # type: ignore[no-untyped-def]
    bars = of(np.eye(z.size).reshape(z.size, *z.shape))
    return bars.reshape(*z.shape, *bars.shape[1:])


class NotAtOnce(Exception):
    """A sweep that is to be one for each direction."""

    def __init__(self, sweep: Any) -> None:
        super().__init__(sweep)
        self.sweep = sweep


@dataclass(frozen=True)
class Column:
    """What is called with arguments and a direction of the k-th leaf of those varied.

    It gives the j-th leaf of the tangent of the result.
    """

    jvp: Transform
    k: int
    j: int


@dataclass(frozen=True)
class Row:
    """What is called with a pullback, the value, and a direction of its j-th leaf.

    It gives the k-th leaf of the cotangents.
    """

    k: int
    j: int


class JacobianBuilder(ProductBuilder):
    """Evaluates Jacobians."""

    repeated_sweeps: set[Any]  # one for each direction

    def _of_jacfwd(self, *call: Any) -> Bound:
        return self.with_options("jacfwd", (), *call)

    def _of_jacrev(self, *call: Any) -> Bound:
        return self.with_options("jacrev", (), *call)

    def _of_hessian(self, *call: Any) -> Bound:
        return self.with_options("hessian", (), *call)

    def call(self, node: gast.Call, callee: Value) -> Bound:
        obj = callee.const
        if not isinstance(obj, Column | Row):
            return super().call(node, callee)
        *args, direction = self.given_arguments(node)[0]
        if isinstance(obj, Column):
            wanted = Seq("tuple", tuple(args[n] for n in obj.jvp.several))
            dots = self.along(wanted, obj.k, direction)
            made = self.derivative(node, obj.jvp, args, {}, dots.items)
            assert isinstance(made, Seq)
            return flat(self.all_open(made.items[1]))[obj.j]
        pullback, value = args
        assert isinstance(pullback, Value)
        ct = self.along(value, obj.j, direction)
        return flat(
            self.all_open(self.call_with(node, pullback, [ct], {}, whole=True))
        )[obj.k]

    def applied(
        self,
        node: gast.AST,
        transform: Transform,
        args: Sequence[Bound],
        keywords: dict[str, Bound],
    ) -> Bound:
        if transform.mode not in JACOBIANS:
            return super().applied(node, transform, args, keywords)
        if transform.mode == "hessian":
            gradient = replace(transform, mode="grad")
            function = self.const(gradient, transform.function.spelling)
            transform = Transform("jacfwd", function, transform.argnums)
        by_columns = transform.mode == "jacfwd"
        tangent = replace(transform, mode="jvp") if by_columns else transform
        inner = gradient_in(tangent)
        lifted = self.lifted(node, differentiated(tangent), args, keywords)
        wrt = self.wanted(node, transform, lifted.own)
        given = lifted.given | {n: self.varied(lifted.given[n]) for n in wrt}
        places = tuple(list(given).index(n) for n in wrt)
        wanted = Seq("tuple", tuple(self.all_open(given[n]) for n in wrt))
        for leaf in flat(wanted):
            self.refuse_leaf(node, leaf, "argument")
        function = self.const(self.closed_function(lifted.parsed), lifted.parsed.name)
        if inner is not None:
            names = self.wanted(node, inner, lifted.own)
            argnums = names[0] if inner.single else names
            inner = replace(inner, function=function, argnums=argnums)
            function = self.const(inner, function.spelling)
        block = self.by_columns if by_columns else self.by_rows
        result, block_of = block(node, function, places, [*given.values()])
        for leaf in flat(result):
            self.refuse_leaf(node, leaf, "result")
        made = []
        for j, part in enumerate(flat(result)):
            blocks = (
                block_of(k, j)
                if is_real_valued(leaf.type) and is_real_valued(part.type)
                else self.const(None)
                for k, leaf in enumerate(flat(wanted))
            )
            whole = refill(wanted, blocks)
            assert isinstance(whole, Seq)
            made.append(whole.items[0] if transform.single else whole)
        return refill(result, iter(made))

    def by_columns(
        self, node: gast.AST, function: Value, wrt: tuple[int, ...], args: list[Bound]
    ) -> Blocks:
        """The structure of the result, and its derivative by columns."""
        jvp = Transform("jvp", function, wrt)
        leaves = flat(self.all_open(Seq("tuple", tuple(args[n] for n in wrt))))
        with self.branch():
            dots = [self.zero_of(args[n]) for n in wrt]
            made = self.derivative(node, jvp, args, {}, dots)
            assert isinstance(made, Seq)
            result = self.all_open(made.items[1])

        sweeps = [(jvp, k, columns) for k in range(len(leaves))]
        for k, leaf in enumerate(leaves) if len(leaves) == len(wrt) else ():
            alone = Transform("jvps", function, wrt[k : k + 1])
            if self.at_once(node, alone, args, leaf):
                several = rank_of(leaf.type) != 1
                over = columns_of_array if several else columns_of_vector
                sweeps[k] = alone, 0, over

        def block(k: int, j: int) -> Bound:
            made, at, over = sweeps[k]
            of = Partial(self.const(Column(made, at, j), "column"), tuple(args), {})
            with self.trying(made):
                return self.repeated(node, over, of, leaves[k])

        return result, block

    def by_rows(
        self, node: gast.AST, function: Value, wrt: tuple[int, ...], args: list[Bound]
    ) -> Blocks:
        """The result, and its derivative by rows."""
        vjp = Transform("vjp", function, wrt)
        with self.branch():
            made = self.derivative(node, vjp, args, {})
            assert isinstance(made, Seq)
            leaves = flat(self.all_open(made.items[0]))
        over, vjps = rows, replace(vjp, mode="vjps")
        if len(leaves) == 1 and self.at_once(node, vjps, args, leaves[0]):
            vjp = vjps
            over = rows_of_array if rank_of(leaves[0].type) != 1 else rows_of_vector
        with self.trying(vjp):
            made = self.derivative(node, vjp, args, {})
        assert isinstance(made, Seq)
        value, pullback = self.all_open(made.items[0]), made.items[1]
        leaves = flat(value)

        def block(k: int, j: int) -> Bound:
            of = Partial(self.const(Row(k, j), "row"), (pullback, value), {})
            with self.trying(vjp):
                return self.repeated(node, over, of, leaves[j])

        return value, block

    def at_once(
        self, node: gast.AST, several: Transform, args: Sequence[Bound], leaf: Value
    ) -> bool:
        """Whether one sweep is right for all elements of an argument or result."""
        kinds = [bound(v.type) for arg in args for v in flat(self.all_open(arg))]
        single = any(isinstance(t, Array) and t.dtype in SINGLE for t in kinds)
        if (
            single
            or not rank_of(leaf.type)
            or sweep_of(several) in self.repeated_sweeps
        ):
            return False
        try:
            lifted = self.lifted(node, differentiated(several), args, {})
            self.derived_unit(node, several, lifted)
        except S2SError:  # if it is refused altogether, one direction will say so
            return False
        return True

    @contextmanager
    def trying(self, sweep: Transform) -> Iterator[None]:
        """Begin anew where the text of several directions is refused here."""
        try:
            yield
        except S2SError:
            if sweep.mode not in ("jvps", "vjps"):
                raise
            raise NotAtOnce(sweep_of(sweep)) from None

    def repeated(self, node: gast.AST, over: Any, of: Partial, leaf: Value) -> Bound:
        """A sweep for each element of an argument or result."""
        sweep = self.const(of, "of")
        if rank_of(leaf.type) == 0:
            return self.call_with(node, sweep, [self.const(1.0)], {})
        text = self.definition(over, over.__name__, node)
        return self.inlined(node, text, [sweep, leaf], {})

    def along(self, item: Bound, k: int, direction: Bound) -> Seq:
        """A tangent or cotangent of a structure: zero but for its k-th leaf."""
        whole = self.all_open(item)
        dots: list[Bound] = [self.pack(self.zero_of(v)) for v in flat(whole)]
        dots[k] = direction
        made = refill(whole, iter(dots))
        return made  # type: ignore[return-value]

    def all_open(self, item: Bound) -> Bound:
        """An object with all that is of tuple type in it taken apart."""
        if isinstance(item, Seq):
            return item.of(map(self.all_open, item.items))
        return self.opened_all(item)

    def refuse_leaf(self, node: gast.AST, leaf: Value, what: str) -> None:
        """Of what has no fixed number of elements, or complex ones, there is none."""
        of = bound(leaf.type)
        if not is_real_valued(of):
            return
        if kind_of(of) == "complex":
            self.refuse(node, f"the Jacobian of a complex {what}", "use vjp or jvp")
        if rank_of(of) is None or (isinstance(of, Array) and of.loose):
            self.refuse(
                node,
                f"the Jacobian of {described(of)} as {what} inside of a function",
                "use an array",
            )

    # functions ------------------------------------------------------------

    def closed_function(self, parsed: Parsed) -> Closed:
        """A lifted function, as one to call: itself if nothing in it was captured."""
        key = "function", *identity(parsed)
        if key not in self.units:
            known = self.units.get(parsed.fn)
            itself = known and plain(known) and identity(known.parsed) == key[1:]
            self.units[key] = known if known and itself else prepare(parsed)
        return Closed(self.units[key], None, (), ())

    def lifted_transform(
        self, node: gast.AST, transform: Transform, inner: Lifted
    ) -> Lifted:
        if transform.mode not in JACOBIANS:
            return super().lifted_transform(node, transform, inner)
        return self.lifted_call(node, transform, inner)

    def lifted_call(
        self, node: gast.AST, transform: Transform, inner: Lifted
    ) -> Lifted:
        """A text that calls what a transformation made of a lifted function."""
        wrt = self.wanted(node, transform, inner.own)
        argnums = wrt[0] if transform.single else wrt
        options = transform.mode, argnums, transform.has_aux, transform.holomorphic
        key = *options, *identity(inner.parsed)
        if key not in self.units:
            closed = self.closed_function(inner.parsed)
            function = self.const(closed, inner.parsed.name)
            made = replace(transform, function=function, argnums=argnums)
            name = f"{inner.parsed.name}_{transform.mode}"
            self.units[key] = prepare(self.calling(name, inner.given, made))
        return Lifted(self.units[key].parsed, inner.given, inner.own)

    def calling(self, name: str, names: Iterable[str], obj: Any) -> Parsed:
        """A function in text that calls an object, of parameters with these names."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = (inspect.Parameter(n, kind) for n in names)
        return parse_code(calling(name, parameters, obj))


def sweep_of(transform: Transform) -> Any:
    """What tells a sweep from others, however often the program is built."""
    function = differentiated(transform).const
    return function.unit, transform.mode, transform.argnums


def plain(unit: Unit) -> bool:
    """Whether all arguments may be given by position, and have to be."""
    parameters = unit.parsed.signature.parameters.values()
    return all(
        p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters
    )

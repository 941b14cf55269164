"""Jacobians, Hessians, and their products with vectors.

In: a function. Out: functions that compute all its first or second derivatives, column
by column in forward mode, row by row in reverse mode (Griewank and Walther, Evaluating
Derivatives, 2nd ed., chapter 3).

>>> import linecache
>>> text = "def f(x):\\n    return x[0] * x[1:] ** 2\\n"
>>> linecache.cache["<jac>"] = len(text), None, text.splitlines(True), "<jac>"
>>> scope = {}
>>> exec(compile(text, "<jac>", "exec"), scope)
>>> jacrev(scope["f"])(np.array([2.0, 3.0, 5.0]))
array([[ 9., 12.,  0.],
       [25.,  0., 20.]])
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from s2s.api import grad, has_derivative, jvp, like, transformed
from s2s.derivative import Derivative, unbound
from s2s.errors import S2SError, TypingError
from s2s.forward.batch import FEW
from s2s.parse.define import calling
from s2s.signature import signature_of
from s2s.structure import form_of, leaves, mapped, rebuilt
from s2s.varied import ArgNums, with_floats

DIRECTIONS = 64  # of one sweep; more would only take more memory
LARGE = 1 << 14  # elements of arguments: a sweep for each row is as fast from here on

# arguments for which directions need a sweep each, by what would take several
_not_batched: WeakKeyDictionary[Derivative, set[Any]] = WeakKeyDictionary()


def jacfwd(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The Jacobian of `f`, by one forward sweep for each element of the arguments.

    For an array of shape `s` as the result and one of shape `t` as the argument it is
    an array of shape `s + t`. A result that is a tuple or list gives one of Jacobians;
    so does, inside of it, such an argument, and `argnums` that name several. Cheaper
    than `jacrev` where there are fewer arguments than results. Complex numbers are
    refused (TypingError); whatever else is not supported raises an S2SError.
    """

    return Jacobian(f, argnums, "jacfwd").function()


def jacrev(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The Jacobian of `f`, by one reverse sweep for each element of the result.

    As `jacfwd`, which see; cheaper where there are fewer results than arguments.
    """

    return Jacobian(f, argnums, "jacrev").function()


def hessian(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The second derivatives of a function that returns one real number.

    For an array of shape `s` as the argument, an array of shape `s + s`; for several
    arguments, a tuple of tuples. It is the Jacobian, in forward mode, of the gradient.
    """
    return jacfwd(grad(f, argnums), argnums)


def hvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, ...]:
    """The Hessian of `f` at `primals` times `tangents`, without the Hessian.

    `f` returns one real number. A tangent of None is one of zero. The result has one
    product, of its shape, for each primal, and None for those without derivative. It
    costs about as much as two gradients (forward over reverse; Pearlmutter 1994).
    """
    f, first = unbound(f)
    n = len(first)
    wrt = tuple(k for k, p in enumerate(primals, n) if has_derivative(p))
    gradient = transformed(f, "grad", wrt)
    _, products = jvp(gradient, (*first, *primals), (*[None] * n, *tangents))
    given = dict(zip(wrt, products, strict=True))
    return tuple(given.get(k + n) for k in range(len(primals)))


def linearize(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value at `primals`, and the function from tangents to the tangent of it.

    The function runs a forward sweep for each call; it is linear in its arguments.
    """
    zeros = [zero_of(p) if has_derivative(p) else None for p in primals]
    out, _ = jvp(f, primals, zeros)
    return out, lambda *tangents: jvp(f, primals, tangents)[1]


# Arguments and results, element by element


def by_columns(made: Derivative, args: tuple[Any, ...]) -> Any:
    """The Jacobian, by forward sweeps in the direction of each element.

    The sweeps are in several directions at once, where the program allows it.
    """
    zeros = [zero_of(a) for a in varied(made, args)]
    found = None
    if sum(map(np.size, filter_none(zeros))) >= FEW and not single(args):
        found = in_batches(made, args, zeros)
    if found is None:
        found = one_by_one(made, args, zeros)
    return mapped(lambda b: None if b is None else by_argument(made, args, b), found)


def one_by_one(made: Derivative, args: tuple[Any, ...], zeros: list[Any]) -> Any:
    """All columns of each leaf of the result, side by side, by a sweep for each."""
    run = sweep_of("jvp", made).ready(args)
    columns = [run(*args, *dots)[1] for dots in units(zeros)]
    if not columns:  # the arguments have no elements
        none = run(*args, *zeros)[1]
        return mapped(
            lambda d: None if d is None else np.zeros((*np.shape(d), 0)), none
        )
    by_leaf = zip(*map(leaves, columns), strict=True)
    blocks = (None if c[0] is None else np.stack(c, -1) for c in by_leaf)
    return rebuilt(columns[0], blocks)


def in_batches(made: Derivative, args: tuple[Any, ...], zeros: list[Any]) -> Any:
    """All columns of each leaf of the result, side by side; None if it cannot be."""
    run = several_at_once("jvps", made, args)
    if run is None:
        return None
    tangents = [run(*args, *dots)[1] for dots in batches(zeros)]
    by_leaf = zip(*map(leaves, tangents), strict=True)
    blocks = (
        None if t[0] is None else np.moveaxis(np.concatenate(t), 0, -1) for t in by_leaf
    )
    return rebuilt(tangents[0], blocks)


def several_at_once(
    mode: str, made: Derivative, args: tuple[Any, ...]
) -> Callable[..., Any] | None:
    """What is run with several directions at once; None if there is no such thing."""
    sweep = sweep_of(mode, made)
    key = signature_of(args)
    if key in _not_batched.setdefault(sweep, set()):
        return None
    try:
        return sweep.ready(args)
    except S2SError:  # if it is refused altogether, one direction will say so
        _not_batched[sweep].add(key)
        return None


def sweep_of(mode: str, made: Derivative) -> Derivative:
    """What is run for a Jacobian."""
    where = tuple(map(made.names.index, made.wrt))
    return transformed(made.function, mode, where)


def varied(made: Derivative, args: tuple[Any, ...]) -> list[Any]:
    """The arguments that are differentiated, in the order that was asked for."""
    return [args[made.names.index(name)] for name in made.wrt]


def as_read(made: Derivative, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, with floats in the place of ints that are differentiated."""
    types = made.types(args)
    pairs = zip(made.names, args, strict=True)
    return tuple(with_floats(a, types[n]) if n in made.wrt else a for n, a in pairs)


def filter_none(item: Any) -> list[Any]:
    return [leaf for leaf in leaves(item) if leaf is not None]


def single(args: tuple[Any, ...]) -> bool:
    """Whether numbers of single precision take part: several would be doubles."""
    return any(
        getattr(leaf, "dtype", None) in (np.float32, np.float16, np.complex64)
        for arg in args
        for leaf in leaves(arg)
    )


def by_rows(made: Derivative, args: tuple[Any, ...]) -> Any:
    """The Jacobian, by reverse sweeps from each element of the result.

    The sweeps are from several elements at once, where the program allows it and the
    arguments are not so large that all the time goes into their elements anyway.
    """
    alone_better = single(args) or elements(made, args) > LARGE
    several = None if alone_better else several_at_once("vjps", made, args)
    run = several or sweep_of("vjp", made).ready(args)
    out, pullback = run(*args)
    if any(map(np.iscomplexobj, leaves(out))):
        raise TypingError("the Jacobian of a complex result", None, "use vjp")
    zeros = mapped(lambda z: zero_of(z) if has_derivative(z) else None, out)
    of_leaf = list(map(np.shape, filter_none(zeros)))
    cotangents = batches(zeros) if several else alone(out, zeros)
    swept = [side_by_side(pullback(ct), several is not None) for ct in cotangents]
    rows = np.concatenate(swept) if swept else np.zeros((0, elements(made, args)))
    blocks = (
        np.reshape(rows[a:b], (*shape, rows.shape[1]))
        for (a, b), shape in zip(stretches(of_leaf), of_leaf, strict=True)
    )
    return rebuilt(
        out,
        (z if z is None else by_argument(made, args, next(blocks))
         for z in leaves(zeros)),
    )  # fmt: skip


class Jacobian:
    """A function of arguments that returns a Jacobian by `rows` or by columns.

    It is called by `function`, which has source: so it is differentiated like any
    other function.
    """

    has_aux = holomorphic = False

    def __init__(self, f: Callable[..., Any], argnums: ArgNums, mode: str) -> None:
        self.primal = f
        self.mode = mode
        self.derivative = Derivative(f, "jvp", argnums)
        self.wrt, self.single = self.derivative.wrt, self.derivative.single

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        made = self.derivative
        complete = made.bind(args, kwargs)
        for name, arg in zip(made.wrt, varied(made, complete), strict=True):
            if any(map(np.iscomplexobj, leaves(arg))):
                raise TypingError(f"the Jacobian in `{name}`, which is complex", None,
                                  "use vjp or jvp")  # fmt: skip
        of_all = by_columns if self.mode == "jacfwd" else by_rows
        return of_all(made, as_read(made, complete))

    def function(self) -> Callable[..., Any]:
        """A function in text that calls this object, of the parameters of `f`."""
        parameters = inspect.signature(self.derivative).parameters.values()
        name = f"{self.derivative.parsed.name}_{self.mode}"
        made = calling(name, parameters, self)
        functools.update_wrapper(made, self.primal, ("__doc__", "__annotations__"), ())
        del made.__dict__["__wrapped__"]  # its source is not the source of this
        return made


def zero_of(leaf: Any) -> Any:
    """A zero of the structure of an argument or result; None for what has none."""
    if form_of(leaf) is not None:
        return mapped(
            lambda part: zero_of(part) if has_derivative(part) else None, leaf
        )
    return np.zeros_like(leaf)[()]


def side_by_side(bars: Any, several: bool) -> np.ndarray:
    """The gradients in all arguments, with a row for each cotangent."""
    parts = filter_none(bars)
    count = len(parts[0]) if several else 1
    return np.concatenate([np.reshape(b, (count, -1)) for b in parts], axis=1)


def elements(made: Derivative, args: tuple[Any, ...]) -> int:
    """How many elements the arguments have that are differentiated."""
    return sum(np.size(a) for a in leaves(varied(made, args)) if has_derivative(a))


def batches(zero: Any) -> Iterator[Any]:
    """All units of the structure of `zero`, many at a time with an axis in front."""
    parts = filter_none(zero)
    shapes = list(map(np.shape, parts))
    total = sum(map(np.size, parts))
    for first in range(0, total, DIRECTIONS):
        rows = np.eye(min(DIRECTIONS, total - first), total, first)
        pieces = (
            np.reshape(rows[:, a:b], (len(rows), *np.shape(p))).astype(
                np.result_type(p)
            )
            for (a, b), p in zip(stretches(shapes), parts, strict=True)
        )
        yield rebuilt(zero, (p if p is None else next(pieces) for p in leaves(zero)))


def alone(out: Any, zero: Any) -> Iterator[Any]:
    """Each unit cotangent of a result."""
    return (like(ct, out, "cotangent", "result") for ct in units(zero))


def units(zero: Any) -> Iterator[Any]:
    """The objects of the structure of `zero` with a one in one place."""
    parts = leaves(zero)
    for k, part in enumerate(parts):
        if part is None:
            continue
        for index in np.ndindex(np.shape(part)):
            unit = np.array(part)
            unit[index] = 1.0
            yield rebuilt(zero, iter([*parts[:k], unit[()], *parts[k + 1 :]]))


def by_argument(made: Derivative, args: tuple[Any, ...], block: Any) -> Any:
    """A block, whose last axis runs over all arguments, in the structure of these."""
    wanted = varied(made, args)
    real = list(map(has_derivative, leaves(wanted)))
    shapes = [np.shape(a) for a, v in zip(leaves(wanted), real, strict=True) if v]
    parts = (
        np.reshape(block[..., a:b], (*block.shape[:-1], *shape))[()]
        for (a, b), shape in zip(stretches(shapes), shapes, strict=True)
    )
    made_of = rebuilt(tuple(wanted), (next(parts) if v else None for v in real))
    return made_of[0] if made.single else made_of


def stretches(shapes: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Where the elements of arrays begin and end, one array after the other.

    >>> list(stretches([(2, 3), (), (4,)]))
    [(0, 6), (6, 7), (7, 11)]
    """
    return pairwise(accumulate(map(math.prod, shapes), initial=0))

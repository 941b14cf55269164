"""Derivatives against differences: the check that users run on their own programs.

In: a function and arguments. Out: nothing, or a `GradientError` that names the mode,
the argument and the index that disagree.

- fwd: the tangent against central differences of the primal, in the direction of one
  element after the other;
- rev: the identity <Jv, w> = <v, J'w> for each of these directions v and a random w;
- order 2: the same of the gradient; if the function returns more than one real number,
  of that of its inner product with random numbers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from s2s.api import grad, has_derivative, jvp, vjp
from s2s.derivative import unbound
from s2s.errors import TypingError
from s2s.jacobian import units, zero_of
from s2s.parse.define import define
from s2s.structure import leaves, mapped, places

MOST = 40  # elements of one argument that are tried


class GradientError(AssertionError):
    """A derivative that disagrees with what it is checked against."""


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("fwd", "rev"),
    *,
    step: float = 1e-5,
    tolerance: float = 1e-5,
) -> None:
    """Check the derivatives of `f` at `args`; NaN is a failure.

    `step` is that of the differences, relative to the size of each element, and
    `tolerance` how far a tangent may be from them, relative to the largest element of
    both (those of a kink, and of float32, are far off). The two modes are compared to
    1e-9 (1e-4 for float32). Of arguments with more than 40 elements 40 are tried. Order
    2 checks the gradient in the same way: of a function that returns more than one real
    number, that of <f, w> for some w. What is reported of it names the function `f'`.
    Raises GradientError, or S2SError for what cannot be differentiated.
    """
    if not set(modes) <= {"fwd", "rev"} or order < 1:
        raise TypingError(f"check_grads: order {order!r}, modes {modes!r}")
    name = getattr(f, "__name__", repr(f))
    f, first = unbound(f)
    n = len(first)
    wrt = {k + n: k for k, a in enumerate(args) if has_derivative(a)}
    if not wrt:
        raise TypingError("check_grads: no argument has a derivative")
    checked(f, (*first, *args), wrt, name, order, modes, step, tolerance)


def checked(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    wrt: dict[int, int],
    name: str,
    order: int,
    modes: Sequence[str],
    step: float,
    tolerance: float,
) -> None:
    """The same of some of the arguments; reports call the function by this name.

    `wrt` maps positions of arguments to what reports call them.
    """
    value = f(*copy.deepcopy(args))
    ct = mapped(random_like(np.random.default_rng(0)), value)
    bars = vjp(f, *args)[1](ct) if "rev" in modes else ()
    for k, number in wrt.items():
        for index, dots in directions(args, k):
            tangent = jvp(f, args, dots)[1]
            where = f"{name}: argument {number}{index}"
            if "fwd" in modes:
                want = difference(f, args, dots, step)
                compare(tangent, want, tolerance, f"{where}: tangent", "differences")
            if "rev" in modes:
                left, right = inner(tangent, ct), inner(dots[k], bars[k])
                close = 1e-4 if "float32" in kinds(args) else 1e-9
                compare(right, left, close, f"{where}: cotangent", "tangent")
    if order == 1:
        return
    if is_number(value):
        gradient = grad(f, argnums=tuple(wrt))
    else:
        gradient, args = gradient_of_product(f, len(args)), (*args, ct)
    checked(gradient, args, wrt, f"{name}'", order - 1, modes, step, tolerance)


def gradient_of_product(f: Callable[..., Any], n: int) -> Callable[..., Any]:
    """The gradient of <f(x0, x1 ...), ct>, a function of the arguments and of ct."""
    names = ", ".join(f"x{k}" for k in range(n))
    text = f"def gradient({names}, ct):\n    return vjp(f, {names})[1](ct)\n"
    made: Callable[..., Any] = define(text, "gradient", {"vjp": vjp, "f": f})[
        "gradient"
    ]
    return made


def directions(args: tuple[Any, ...], k: int) -> Iterator[tuple[str, list[Any]]]:
    """Tangents of the arguments with a one in one element of the k-th, and where."""
    zero = zero_of(args[k])
    parts = [
        (place, leaf)
        for place, leaf in zip(places(zero), leaves(zero), strict=True)
        if leaf is not None
    ]
    total = sum(np.size(leaf) for _, leaf in parts)
    chosen = {*np.linspace(0, total - 1, min(total, MOST)).astype(int).tolist()}
    elements = [
        place + (str(list(index)) if index else "")
        for place, leaf in parts
        for index in np.ndindex(np.shape(leaf))
    ]
    for number, (element, unit) in enumerate(zip(elements, units(zero), strict=True)):
        if number in chosen:
            dots = [None] * len(args)
            yield element, [*dots[:k], unit, *dots[k + 1 :]]


def difference(
    f: Callable[..., Any], args: tuple[Any, ...], dots: list[Any], step: float
) -> list[Any]:
    """The central difference, of the fourth order, in a direction: by leaf."""

    def at(h: float) -> list[Any]:
        moved = [
            a if dot is None else _moved(a, dot, h)
            for a, dot in zip(copy.deepcopy(args), dots, strict=True)
        ]
        found = map(np.asarray, leaves(f(*moved)))
        return [a if a.dtype.kind in "iufc" else np.nan for a in found]

    (varied,) = [
        [a for a, d in zip(leaves(arg), leaves(dot), strict=True) if d is not None]
        for arg, dot in zip(args, dots, strict=True)
        if dot is not None
    ]
    size = max(np.max(np.abs(a), initial=1.0) for a in varied)
    h = step * float(size) * (100.0 if "float32" in kinds(args) else 10.0)
    ends = zip(at(h), at(-h), at(2 * h), at(-2 * h), strict=True)
    return [(8.0 * (a - b) - (c - d)) / (12.0 * h) for a, b, c, d in ends]


def _moved(arg: Any, dot: Any, h: float) -> Any:
    parts = iter(leaves(dot))

    def one(leaf: Any) -> Any:
        part = next(parts)
        moved = leaf if part is None else leaf + h * part
        return float(moved) if type(leaf) is float else moved

    return mapped(one, arg)


def compare(got: Any, want: Any, tolerance: float, what: str, other: str) -> None:
    """Raise where two derivatives are not close, with both numbers."""
    for place, a, b in zip(places(got), leaves(got), leaves(want), strict=True):
        if a is None:
            continue
        a, b = np.broadcast_arrays(np.asarray(a), np.asarray(b))
        size = 1.0 + max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
        wrong = ~(np.abs(a - b) <= tolerance * size)
        if np.any(wrong):
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            element = place + (str(list(index)) if index else "")
            at = f", element {element} of the result" if element else ""
            raise GradientError(f"{what} {a[index]}, {other} {b[index]}{at}")


def inner(a: Any, b: Any) -> Any:
    """The real part of the sum of products, leaf by leaf."""
    return sum(
        np.real(np.sum(np.asarray(x) * np.asarray(y)))
        for x, y in zip(leaves(a), leaves(b), strict=True)
        if x is not None and y is not None
    )


def random_like(rng: np.random.Generator) -> Callable[[Any], Any]:
    def made(leaf: Any) -> Any:
        if not has_derivative(leaf) and not isinstance(leaf, int | np.integer):
            return None
        drawn = rng.normal(size=np.shape(leaf))
        if np.iscomplexobj(leaf):
            drawn = drawn + 1j * rng.normal(size=np.shape(leaf))
        return np.asarray(drawn, np.result_type(np.asarray(leaf), np.float32))[()]

    return made


def kinds(args: Sequence[Any]) -> set[str]:
    return {str(np.asarray(leaf).dtype) for a in args for leaf in leaves(a)}


def is_number(value: Any) -> bool:
    return isinstance(value, float | np.floating) or (
        isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind == "f"
    )

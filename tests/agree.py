"""Whether everything that s2s makes of a program agrees with the program.

In: a function and arguments. Out: nothing, or an AssertionError that says which two of
these differ: the primal, its interpreted SSA, the interpreted derivative, the printed
derivative in every mode, the push-only plan, and central differences.

>>> def area(r):
...     return 3.0 * r * r
>>> import linecache
>>> text = ["def area(r):\\n", "    return 3.0 * r * r\\n"]
>>> linecache.cache["<area>"] = len("".join(text)), None, text, "<area>"
>>> exec(compile("".join(text), "<area>", "exec"))
>>> check(area, [2.0])
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import s2s
from s2s.api import Derivative
from s2s.codegen.load import load
from s2s.pipeline import Request, compile_function
from s2s.rules import RULES
from s2s.ssa.expr import Seq
from s2s.ssa.interp import interpret

TIGHT = 1e-10  # two ways of computing the same numbers
DIFFERENCES = 1e-6  # against differences


# structures of numbers ------------------------------------------------------------------


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays in nested lists and tuples."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def mapped(change: Callable[..., Any], value: Any, *others: Any) -> Any:
    """The same structure with every leaf changed."""
    if isinstance(value, list | tuple):
        return type(value)(mapped(change, *parts) for parts in zip(value, *others))
    return change(value, *others)


def is_float(leaf: Any) -> bool:
    return np.asarray(leaf).dtype.kind == "f"


def varies(arg: Any) -> bool:
    return any(map(is_float, leaves(arg)))


def inner(a: Any, b: Any) -> float:
    """The pairing of cotangents with tangents; None and integers pair to nothing."""
    pairs = zip(leaves(a), leaves(b), strict=True)
    return math.fsum(
        float(np.sum(np.asarray(p, float) * np.asarray(q, float)))
        for p, q in pairs
        if p is not None and q is not None
    )


def direction(value: Any, rng: np.random.Generator) -> Any:
    """A random tangent or cotangent; None for what has none.

    Small numbers get small tangents, so that differences stay near them.
    """

    def one(leaf: Any) -> Any:
        if not is_float(leaf):
            return None
        size = np.where(leaf == 0.0, 1.0, np.minimum(1.0, np.abs(leaf)))
        drawn = size * rng.uniform(-1.0, 1.0, np.shape(leaf))
        if isinstance(leaf, float) and not isinstance(leaf, np.generic):
            return float(drawn)
        return drawn.astype(leaf.dtype)[()] if np.ndim(leaf) == 0 else drawn.astype(
            leaf.dtype
        )

    return mapped(one, value)


def close(got: Any, want: Any, tolerance: float, what: str) -> None:
    """Same structure, same shapes, no NaN, and nearly the same numbers."""
    gots, wants = leaves(got), leaves(want)
    assert len(gots) == len(wants), f"{what}: {got!r} is not built like {want!r}"
    for g, w in zip(gots, wants, strict=True):
        if w is None or isinstance(w, str):
            assert g == w, f"{what}: {g!r}, not {w!r}"
            continue
        assert np.shape(g) == np.shape(w), f"{what}: shapes {np.shape(g)}, {np.shape(w)}"
        assert np.all(np.isfinite(g)), f"{what}: {g!r} is not finite"
        scale = 1.0 + np.max(np.abs(w), initial=0.0)
        error = np.max(np.abs(np.asarray(g, float) - np.asarray(w, float)), initial=0.0)
        assert error <= tolerance * scale, f"{what}: {g!r} differs from {w!r}"


def like(derivative: Any, value: Any, what: str) -> None:
    """A derivative has the structure, shapes and dtypes of the value it belongs to."""
    if isinstance(value, list | tuple):
        assert type(derivative) is type(value), f"{what}: {type(derivative)}"
        for d, v in zip(derivative, value, strict=True):
            like(d, v, what)
    elif isinstance(value, np.ndarray) and value.ndim:
        assert isinstance(derivative, np.ndarray), f"{what}: {derivative!r}"
        assert derivative.dtype == value.dtype, f"{what}: {derivative.dtype}"
        assert derivative.shape == value.shape, f"{what}: {derivative.shape}"
    elif is_float(value):
        assert np.ndim(derivative) == 0 and is_float(derivative), f"{what}: {derivative!r}"
        if isinstance(value, np.generic):
            assert np.asarray(derivative).dtype == value.dtype, f"{what}: {derivative!r}"
    else:
        assert derivative is None, f"{what} of {value!r}: {derivative!r}"


def disjoint(new: Any, old: Sequence[Any], what: str) -> None:
    """The arrays of `new` share no memory with each other nor with `old`."""
    mine = [a for a in leaves(new) if isinstance(a, np.ndarray) and a.size]
    others = [a for a in leaves(list(old)) if isinstance(a, np.ndarray)]
    for k, a in enumerate(mine):
        assert a.flags.writeable, f"{what}: a result cannot be written"
        for b in mine[:k] + others:
            assert not np.shares_memory(a, b), f"{what}: {a!r} is shared"


# ways of computing a derivative -----------------------------------------------------------


class Unsettled(AssertionError):
    """The program is too rough for differences to tell."""


class Ways:
    """A function with its arguments, and every way there is to differentiate it."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], wrt: list[int]) -> None:
        self.f = f
        self.args = list(args)
        self.wrt = wrt

    def all_args(self, parsed: Any) -> list[Any]:
        bound = parsed.signature.bind(*self.args)
        bound.apply_defaults()
        return list(bound.arguments.values())

    def made(self, mode: str, policy: str = "plan") -> tuple[Any, Any]:
        """The compiled derivative and what reads its globals."""
        d = Derivative(self.f, mode, self.wrt)
        request = Request(mode, d.wrt, policy=policy)
        out = compile_function(d.parsed, d.types(self.all_args(d.parsed)), request)
        return out, d.parsed

    def interpreted(self, mode: str, extra: Sequence[Any] = ()) -> Any:
        """The result of interpreting the SSA of the derivative (or of the primal)."""
        made, parsed = self.made(mode)
        _, reads = load(made, parsed)
        args = [*self.all_args(parsed), *extra]
        flat = interpret(made.function, RULES, args, reads.get("read") if reads else None)
        return refilled(made.function.attrs["result"], iter(flat))

    def pushing(self, mode: str) -> Any:
        """The result of the printed derivative that keeps everything on stacks."""
        made, parsed = self.made(mode, "push")
        return load(made, parsed)[0](*self.all_args(parsed))


def refilled(shape: Any, values: Iterator[Any]) -> Any:
    if isinstance(shape, Seq):
        kind = {"tuple": tuple, "list": list}[shape.kind]
        return kind(refilled(item, values) for item in shape.items)
    return next(values)


def self_contained(source: str) -> None:
    """The generated text compiles and imports nothing of s2s."""
    compile(source, "<generated>", "exec")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] + [getattr(node, "module", None) or ""]
            assert not any(n.split(".")[0] == "s2s" for n in names), source


# differences ------------------------------------------------------------------------------


def differences(
    f: Callable[..., Any], args: Sequence[Any], dots: Sequence[Any], h: float
) -> tuple[list[Any], float]:
    """The directional derivative by Ridders' method, and an estimate of its error."""

    def moved(step: float) -> list[np.ndarray]:
        def move(leaf: Any, dot: Any) -> Any:
            if dot is None:
                return leaf
            return leaf + type(leaf)(step) * dot if np.ndim(leaf) == 0 else leaf + step * dot

        at = [mapped(move, a, d) if d is not None else a for a, d in zip(args, dots)]
        out = f(*copy.deepcopy(at))
        return [np.asarray(v, float) for v in leaves(out) if is_float(v)]

    shrink, best, error = 2.0, [], math.inf
    rows: list[list[np.ndarray]] = []
    for k in range(9):
        step = h / shrink**k
        row = [
            np.concatenate(
                [np.zeros(0)]
                + [np.ravel(p - m) for p, m in zip(moved(step), moved(-step))]
            )
            / (2.0 * step)
        ]
        for j in range(k):
            factor = shrink ** (2 * j + 2)
            row.append((factor * row[j] - rows[-1][j]) / (factor - 1.0))
            estimate = max(
                np.max(np.abs(row[-1] - row[-2]), initial=0.0),
                np.max(np.abs(row[-1] - rows[-1][j]), initial=0.0),
            )
            if estimate < error:
                error, best = float(estimate), row[-1]
        rows.append(row)
    return best, error


def against_differences(
    f: Callable[..., Any],
    args: Sequence[Any],
    dots: Sequence[Any],
    out_dot: Any,
    step: float,
) -> None:
    want, error = differences(f, args, dots, step)
    got = np.concatenate(
        [np.zeros(0)]
        + [np.ravel(v).astype(float) for v in leaves(out_dot) if v is not None]
    )
    scale = 1.0 + float(np.max(np.abs(want), initial=0.0))
    if not error < DIFFERENCES * scale:
        raise Unsettled(f"the differences do not settle: {want} with error {error}")
    close(got, want, DIFFERENCES, "tangent against differences")


# the check --------------------------------------------------------------------------------


def check(
    f: Callable[..., Any],
    args: Sequence[Any],
    wrt: Sequence[int] | None = None,
    *,
    seed: int = 0,
    step: float = 1e-2,
    interpreted: bool = True,
) -> None:
    """Every way of differentiating `f` at `args` gives the same, and the right, result.

    `step` is the largest step of the differences.
    """
    rng = np.random.default_rng(seed)
    before = copy.deepcopy(list(args))
    value = f(*copy.deepcopy(before))
    if wrt is None:
        wrt = [k for k, a in enumerate(args) if varies(a)]
    ways = Ways(f, args, list(wrt))
    dots = [direction(a, rng) if k in wrt else None for k, a in enumerate(args)]
    ct = direction(value, rng)

    out, out_dot = s2s.jvp(f, args, dots)
    same(out, value, "value of the jvp")
    like(out_dot, value, "tangent")
    disjoint(out_dot, [args, dots], "tangent")
    against_differences(f, args, dots, out_dot, step)

    out, pullback = s2s.vjp(f, *args)
    same(out, value, "value of the vjp")
    bars = pullback(ct)
    assert isinstance(bars, tuple) and len(bars) == len(args)
    for bar, arg in zip(bars, args, strict=True):
        like(bar, arg if varies(arg) else None, "cotangent")
    disjoint(bars, [args, ct, out], "cotangent")
    again = pullback(ct)
    disjoint(again, [bars], "second cotangent")
    same(again, bars, "second call of the pullback")
    left, right = inner(out_dot, ct), inner(bars, dots)
    size = sum(abs(inner(b, d)) for b, d in zip(bars, dots, strict=True))
    assert abs(left - right) <= TIGHT * (1.0 + abs(left) + size), f"{left} != {right}"

    chosen = tuple(bars[k] for k in wrt)
    scalar = not isinstance(value, list | tuple) and is_float(value) and not np.ndim(value)
    if scalar:
        chosen = tuple(pullback(1.0)[k] for k in wrt)
        derivative = s2s.grad(f, argnums=ways.wrt)
        gradient = derivative(*args)
        self_contained(derivative.source)
        like(gradient, tuple(args[k] for k in wrt), "gradient")
        disjoint(gradient, [args], "gradient")
        close(gradient, chosen, TIGHT, "grad against vjp")
        out, gradient = s2s.value_and_grad(f, argnums=ways.wrt)(*args)
        same(out, value, "value of value_and_grad")
        disjoint(gradient, [args, out], "gradient")
        close(gradient, chosen, TIGHT, "value_and_grad against vjp")
        close(ways.pushing("grad"), chosen, TIGHT, "push-only plan")
    else:
        close(ways.pushing("vjp")[1](ct), chosen, TIGHT, "push-only plan")
    same(list(args), before, "the arguments after all that")
    if interpreted:
        interpretations(ways, value, scalar, chosen, ct, [d for d in dots if d is not None])
        same(list(args), before, "the arguments after interpretation")


def same(got: Any, want: Any, what: str) -> None:
    """Exactly the same numbers: the user's own text was run."""
    close(got, want, 0.0, what)


def interpretations(
    ways: Ways, value: Any, scalar: bool, chosen: Any, ct: Any, dots: list[Any]
) -> None:
    """The SSA of each mode, interpreted."""
    same(ways.interpreted("primal"), value, "interpreted primal")
    out, out_dot = ways.interpreted("jvp", dots)
    same(out, value, "value of the interpreted jvp")
    made, parsed = ways.made("jvp")
    _, want = load(made, parsed)[0](*ways.all_args(parsed), *dots)
    close(out_dot, want, TIGHT, "interpreted jvp")
    if scalar:
        close(ways.interpreted("grad"), chosen, TIGHT, "interpreted grad")
        out, gradient = ways.interpreted("value_and_grad")
        same(out, value, "value of the interpreted value_and_grad")
        close(gradient, chosen, TIGHT, "interpreted value_and_grad")
        return
    out, pullback = ways.interpreted("vjp")
    same(out, value, "value of the interpreted vjp")
    flat = pullback(ct)
    close(list(flat), leaves(list(chosen)), TIGHT, "interpreted vjp")

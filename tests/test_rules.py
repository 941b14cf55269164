"""Every row of the rule table against differences, and its two modes against each other.

A row says where it is tested: `on` gives a range for each argument of an elementwise
function, `at` gives calls over the sample arrays below. A row that says neither fails.
"""

from __future__ import annotations

import itertools
import linecache
import re
from collections.abc import Iterator
from typing import Any

import gast
import numpy as np
import pytest

import s2s
import s2s.templates
from s2s.parse.source import parse_function
from s2s.rules import RULES, Rule
from s2s.ssa.interp import Interpreter
from s2s.ssa.ir import Op
from s2s.ssa.types import ANY, Array, Dim, List, Scalar, Tuple, Type, bound, typeof

# Operations that no call or operator of the user's text stands for; the tests of
# indexing and of containers go through them.
INNER = {"getitem", "add_at", "tuple", "list", "item", "unpack", "range_len"}
INNER |= {"zeros_list", "np.concatenate of list"}
RNG = np.random.default_rng(7)


def sample(*shape: int) -> np.ndarray:
    return RNG.uniform(0.5, 2.0, shape)


SAMPLES: dict[str, Any] = {
    f"a{''.join(map(str, shape))}": sample(*shape)
    for shape in (
        (2,), (3,), (4,), (2, 3), (2, 4), (3, 1), (3, 4), (4, 2), (4, 3),
        (1, 3, 4), (1, 4, 3), (2, 3, 4), (2, 4, 3),
    )
} | {  # fmt: skip
    "s": 1.25,
    "u": sample(1),
    "a1": sample(5),
    "m33": sample(3, 3) + 2.0 * np.eye(3),
    "m233": sample(2, 3, 3) + 2.0 * np.eye(3),
    "c3": sample(3) + 1j * sample(3),
    "i3": np.array([2, 0, 2]),
}


class Program:
    """A one-line function of named arguments, some active, the others global."""

    def __init__(self, text: str, active: dict[str, Any], others: dict[str, Any]) -> None:
        self.text = text
        self.names = list(active)
        self.args = list(active.values())
        scope = {"np": np, "math": __import__("math"), **RULES.namespace, **others}
        source = f"def f({', '.join(active)}):\n    return {text}\n"
        file = f"<{text}, {', '.join(active)} active, {next(_count)}>"
        linecache.cache[file] = len(source), None, source.splitlines(True), file
        exec(compile(source, file, "exec"), scope)
        self.f = scope["f"]


_count = itertools.count()


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays in a result."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def rebuilt(like: Any, values: Iterator[Any]) -> Any:
    """The leaves in the structure of another result."""
    if isinstance(like, list | tuple):
        return type(like)(rebuilt(item, values) for item in like)
    return next(values)


def inner(a: Any, b: Any) -> float:
    """The pairing of cotangents and tangents: no conjugation."""
    return sum(
        float(np.sum(np.asarray(p) * q).real)
        for p, q in zip(leaves(a), leaves(b), strict=True)
    )


def direction(value: Any) -> Any:
    """A random tangent of the value's shape and dtype."""
    value = np.asarray(value)
    out = RNG.uniform(-1.0, 1.0, value.shape)
    if value.dtype.kind == "c":
        out = out + 1j * RNG.uniform(-1.0, 1.0, value.shape)
    return out.astype(value.dtype)[()] if value.ndim == 0 else out.astype(value.dtype)


def like_argument(direction: Any, arg: Any) -> Any:
    """Python numbers have Python numbers for tangents."""
    return type(arg)(direction) if isinstance(arg, float | complex) else direction


def differences(f: Any, args: list[Any], dots: list[Any]) -> list[Any]:
    """The directional derivative by central differences of the fourth order."""

    def at(h: float) -> list[Any]:
        moved = [a + h * d for a, d in zip(args, dots, strict=True)]
        return leaves(f(*moved))

    h = 1e-3
    return [
        (8.0 * (p - m) - (pp - mm)) / (12.0 * h)
        for p, m, pp, mm in zip(at(h), at(-h), at(2 * h), at(-2 * h), strict=True)
    ]


def check(program: Program) -> None:
    """Tangent against differences, cotangent against tangent, shapes, types, no NaN."""
    f, args = program.f, program.args
    dots = [like_argument(direction(a), a) for a in args]
    value, value_dot = s2s.jvp(f, args, dots)
    expected = differences(f, args, dots)
    for got, want, of in zip(leaves(value_dot), expected, leaves(value), strict=True):
        assert np.shape(got) == np.shape(of)
        np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8)
    same, pullback = s2s.vjp(f, *args)
    for a, b, c in zip(leaves(same), leaves(value), leaves(f(*args)), strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, c)
    weights = rebuilt(value, iter([direction(v) for v in leaves(value)]))
    bars = pullback(weights)
    for bar, arg in zip(bars, args, strict=True):
        assert np.shape(bar) == np.shape(arg)
        assert np.all(np.isfinite(bar))
        assert np.iscomplexobj(bar) <= np.iscomplexobj(arg)
    left, right = inner(weights, value_dot), inner(list(bars), dots)
    np.testing.assert_allclose(left, right, rtol=1e-11, atol=1e-11)


def check_flat(program: Program) -> None:
    """A row without derivative: nothing changes near the arguments."""
    args = program.args
    nearby = [a + 1e-7 * direction(a) for a in args]
    for a, b in zip(leaves(program.f(*args)), leaves(program.f(*nearby)), strict=True):
        np.testing.assert_array_equal(a, b)


# types --------------------------------------------------------------------------------


class Typed(Interpreter):
    """Runs SSA and holds each result against the type that was inferred for it."""

    def __init__(self) -> None:
        super().__init__(RULES)
        self.lengths: dict[str, int] = {}

    def op(self, op: Op) -> list[Any]:
        results = super().op(op)
        for value, result in zip(op.results, results, strict=True):
            self.agree(bound(value.type), result, op.kind)
        return results

    def agree(self, of: Type, result: Any, kind: str) -> None:
        if isinstance(of, Tuple):
            for item, part in zip(of.items, result, strict=True):
                self.agree(item, part, kind)
        elif isinstance(of, List):
            assert of.dim.sym != "" or of.dim.off == len(result), kind
            for part in result:
                self.agree(of.item, part, kind)
        elif isinstance(of, Scalar):
            assert type(result).__name__ == of.kind, kind
            if of.dim is not None:
                self.length(of.dim, result, kind)
        elif isinstance(of, Array):
            assert isinstance(result, np.ndarray | np.generic), kind
            assert result.dtype.name == of.dtype, kind
            assert result.ndim == of.rank, kind
            for dim, n in zip(of.shape, result.shape, strict=True):
                self.length(dim, n, kind)

    def length(self, dim: Dim, n: int, kind: str) -> None:
        assert dim.unit in (None, n == 1), f"{kind}: {dim!r} is {n}"
        if dim.sym is not None:
            base = n - dim.off if dim.sym else 0
            assert self.lengths.setdefault(dim.sym, base) == base, f"{kind}: {dim!r} is {n}"
            assert dim.sym or dim.off == n


def check_types(program: Program) -> None:
    """What the rows say of ranks, dtypes and lengths is what NumPy returns."""
    from s2s.pipeline import primal_ssa

    parsed = parse_function(program.f)
    types = {n: typeof(a, n) for n, a in zip(program.names, program.args, strict=True)}
    function = primal_ssa(parsed, types)
    run = Typed()
    for name, arg in zip(program.names, program.args, strict=True):
        for axis, n in enumerate(np.shape(arg)):
            run.lengths[f"{name}.{axis}"] = n
    for path, value in function.attrs.get("globals", {}).items():
        run.values[value] = program.f.__globals__[path]
    run.region(function.body, program.args)

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
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from differences import against_differences
from loading import loaded
from structures import (
    close,
    direction,
    disjoint,
    inner,
    is_float,
    leaves,
    like,
    mapped,
    same,
    same_value,
    varies,
)

import s2s
from s2s.api import transformed
from s2s.codegen.load import read_global
from s2s.derivative import Derivative
from s2s.pipeline import Compiled, Request, compile_function
from s2s.rules import RULES
from s2s.ssa.bound import Seq
from s2s.ssa.interp import interpret

TIGHT = 1e-10  # two ways of computing the same numbers


# ways of computing a derivative -------------------------------------------------------


class Ways:
    """Every way there is to differentiate a function, each compiled once."""

    def __init__(self, f: Callable[..., Any], wrt: Sequence[int]) -> None:
        self.f = f
        self.wrt = tuple(wrt)
        self.made: dict[Any, Compiled] = {}

    def derivative(self, mode: str, args: Sequence[Any]) -> Derivative:
        """What people call, made for these arguments."""
        derivative = transformed(self.f, mode, self.wrt)
        derivative.compile(*args)
        return derivative

    def compiled(
        self, mode: str, args: Sequence[Any], policy: str = "plan"
    ) -> Compiled:
        """What is compiled for these tests alone."""
        front = transformed(self.f, "grad", self.wrt)
        complete = front.bind(tuple(args), {})
        types = front.types(complete)
        given = dict(zip(front.names, complete, strict=True))
        fit = self.derivative("jvp", args).fits(types, given)
        key = (mode, policy, fit, *types.values())
        if key not in self.made:
            request = Request(mode, front.wrt, policy=policy)
            known = () if fit else None
            self.made[key] = compile_function(front.parsed, types, request, fit=known)
        return self.made[key]

    def interpreted(
        self, mode: str, args: Sequence[Any], extra: Sequence[Any] = ()
    ) -> Any:
        """The result of interpreting the SSA of the derivative (or of the primal)."""
        front = self.derivative("jvp" if mode == "primal" else mode, args)
        complete = front.bind(tuple(args), {})
        types = front.types(complete)
        given = dict(zip(front.names, complete, strict=True))
        made = front.generated(types, fit=front.fits(types, given)).made
        if mode == "primal":
            made = self.compiled(mode, args)
        read = partial(read_global, made.function)
        flat = interpret(made.function, RULES, [*complete, *extra], read)
        return refilled(made.function.attrs["result"], iter(flat))

    def under(self, policy: str, mode: str, args: Sequence[Any]) -> Any:
        """The result of the derivative that keeps everything on stacks, or undoes
        every store.
        """
        front = self.derivative(mode, args)
        made = self.compiled(mode, args, policy)
        return loaded(made, front.parsed)(*front.bind(tuple(args), {}))


def refilled(shape: Any, values: Iterator[Any]) -> Any:
    if isinstance(shape, Seq):
        return shape.form.of([refilled(item, values) for item in shape.items])
    return next(values)


def self_contained(source: str) -> None:
    """The generated text compiles and imports nothing of s2s."""
    compile(source, "<generated>", "exec")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] + [getattr(node, "module", None) or ""]
            assert not any(n.split(".")[0] == "s2s" for n in names), source


# the check ----------------------------------------------------------------------------


def check(
    f: Callable[..., Any],
    args: Sequence[Any],
    wrt: Sequence[int] | None = None,
    *,
    seed: int = 0,
    step: float = 1e-2,
    interpreted: bool = True,
    ways: Ways | None = None,
) -> None:
    """Every way of differentiating `f` at `args` gives the same, and the right, result.

    `step` is the largest step of the differences; `ways` is given where `f` is checked
    more than once.
    """
    rng = np.random.default_rng(seed)
    before = copy.deepcopy(list(args))
    value = f(*copy.deepcopy(before))
    if wrt is None:
        wrt = [k for k, a in enumerate(args) if varies(a)]
    ways = ways or Ways(f, wrt)
    dots = [direction(a, rng) if k in wrt else None for k, a in enumerate(args)]
    ct = direction(value, rng)

    out, out_dot = s2s.jvp(f, args, dots)
    same_value(out, value, "value of the jvp")
    like(out_dot, value, "tangent")
    disjoint(out_dot, [args, dots], "tangent")
    out_dot = mapped(lambda v, d: d if is_float(v) else None, value, out_dot)
    against_differences(f, args, dots, out_dot, step)

    out, pullback = s2s.vjp(f, *args)
    same_value(out, value, "value of the vjp")
    bars = pullback(ct)
    assert isinstance(bars, tuple) and len(bars) == len(args)
    for bar, arg in zip(bars, args, strict=True):
        like(bar, arg if varies(arg) else None, "cotangent")
    disjoint(bars, [args, ct, out], "cotangent")
    again = pullback(ct)
    disjoint(again, [bars], "second cotangent")
    same(again, bars, "second call of the pullback")
    same_value(out, value, "value after the pullback")
    left, right = inner(out_dot, ct), inner(bars, dots)
    size = sum(abs(inner(b, d)) for b, d in zip(bars, dots, strict=True))
    assert abs(left - right) <= TIGHT * (1.0 + abs(left) + size), f"{left} != {right}"

    chosen = tuple(bars[k] for k in wrt)
    # the generated text itself takes no None
    given = mapped(lambda v, c: np.zeros(np.shape(v)) if c is None else c, value, ct)
    scalar = (
        not isinstance(value, list | tuple) and is_float(value) and not np.ndim(value)
    )
    if scalar:
        chosen = tuple(pullback(1.0)[k] for k in wrt)
        derivative = ways.derivative("grad", args)
        gradient = derivative(*args)
        self_contained(derivative.source)
        like(gradient, tuple(args[k] for k in wrt), "gradient")
        disjoint(gradient, [args], "gradient")
        close(gradient, chosen, TIGHT, "grad against vjp")
        out, gradient = ways.derivative("value_and_grad", args)(*args)
        same_value(out, value, "value of value_and_grad")
        disjoint(gradient, [args, out], "gradient")
        close(gradient, chosen, TIGHT, "value_and_grad against vjp")
        for policy in ("push", "restore"):
            close(ways.under(policy, "grad", args), chosen, TIGHT, policy)
    else:
        for policy in ("push", "restore"):
            pullback = ways.under(policy, "vjp", args)[1]
            close(pullback(given), chosen, TIGHT, policy)
    same(list(args), before, "the arguments after all that")
    if interpreted:
        dots = [d for d in dots if d is not None]
        interpretations(ways, args, value, scalar, chosen, given, dots)
        same(list(args), before, "the arguments after interpretation")


def interpretations(
    ways: Ways,
    args: Sequence[Any],
    value: Any,
    scalar: bool,
    chosen: Any,
    ct: Any,
    dots: list[Any],
) -> None:
    """The SSA of each mode, interpreted."""
    same_value(ways.interpreted("primal", args), value, "interpreted primal")
    out, out_dot = ways.interpreted("jvp", args, dots)
    same_value(out, value, "value of the interpreted jvp")
    printed = ways.derivative("jvp", args)
    _, want = printed.compile(*args)(*printed.bind(tuple(args), {}), *dots)
    close(out_dot, want, TIGHT, "interpreted jvp")
    if scalar:
        close(ways.interpreted("grad", args), chosen, TIGHT, "interpreted grad")
        out, gradient = ways.interpreted("value_and_grad", args)
        same_value(out, value, "value of the interpreted value_and_grad")
        close(gradient, chosen, TIGHT, "interpreted value_and_grad")
        return
    out, pullback = ways.interpreted("vjp", args)
    same_value(out, value, "value of the interpreted vjp")
    flat = pullback(ct)
    close(list(flat), leaves(list(chosen)), TIGHT, "interpreted vjp")


def check_spellings(spellings: Sequence[Callable[..., Any]], args: Any) -> None:
    """Every one of the functions is right, and all have the same derivative."""
    one, *others = spellings
    check(one, args, interpreted=False)
    _, pullback = s2s.vjp(one, *args)
    want = pullback(1.0)
    for other in others:
        check(other, args, interpreted=False)
        _, pullback = s2s.vjp(other, *args)
        close(pullback(1.0), want, 1e-13, other.__name__)


def raises_as(f, *args):
    """The derivatives fail as the primal fails: same class, same arguments."""
    before = copy.deepcopy(args)
    with pytest.raises(Exception) as primal:
        f(*copy.deepcopy(args))
    wrt = tuple(k for k, a in enumerate(args) if varies(a))
    dots = [a if k in wrt else None for k, a in enumerate(args)]
    for run in (
        lambda: s2s.grad(f, wrt)(*args),
        lambda: s2s.value_and_grad(f, wrt)(*args),
        lambda: s2s.vjp(f, *args),
        lambda: s2s.jvp(f, args, dots),
    ):
        with pytest.raises(primal.type) as derivative:
            run()
        assert type(derivative.value) is primal.type
        assert not isinstance(derivative.value, s2s.S2SError)
        if primal.type is not UnboundLocalError:
            assert derivative.value.args == primal.value.args
        for arg, old in zip(args, before, strict=True):
            np.testing.assert_array_equal(arg, old)
    return primal.value

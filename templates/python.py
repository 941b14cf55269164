"""Definitions of functions of Python's library: `operator`, and of lists in `math`."""

from __future__ import annotations

import functools
import logging
import math
import operator
import statistics
import time
from typing import Any

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import define, rewrite, unsupported

OPERATORS = {
    "add": "a + b", "sub": "a - b", "mul": "a * b", "truediv": "a / b",
    "floordiv": "a // b", "mod": "a % b", "pow": "a ** b", "matmul": "a @ b",
    "lt": "a < b", "le": "a <= b", "gt": "a > b", "ge": "a >= b",
    "eq": "a == b", "ne": "a != b", "and_": "a & b", "or_": "a | b",
    "getitem": "a[b]", "contains": "b in a",
}  # fmt: skip
SIGNS = {"neg": "-a", "pos": "+a", "not_": "not a", "abs": "abs(a)", "invert": "~a"}


def binary(name: str, text: str) -> None:
    @rewrite(getattr(operator, name))
    def of_two(a: Bound, b: Bound) -> str:
        return text


def unary(name: str, text: str) -> None:
    @rewrite(getattr(operator, name))
    def of_one(a: Bound) -> str:
        return text


for name, text in OPERATORS.items():
    binary(name, text)
for name, text in SIGNS.items():
    unary(name, text)


# lists of numbers ---------------------------------------------------------------------


@rewrite(math.prod, reduce=functools.reduce, mul=operator.mul)
def prod(xs: Bound, *, start: Any = 1) -> str:
    if not isinstance(xs, Seq):
        return "reduce(mul, xs, start)"
    return " * ".join(["start", *(f"xs[{k}]" for k in range(len(xs.items)))])


@rewrite(math.dist)
def dist(p: Bound, q: Bound) -> str:
    if not isinstance(p, Seq) or not isinstance(q, Seq):
        return "np.linalg.norm(np.subtract(p, q))"
    return f"math.hypot({', '.join(f'p[{k}] - q[{k}]' for k in range(len(p.items)))})"


if hasattr(math, "sumprod"):  # from Python 3.12 on

    @rewrite(math.sumprod)
    def sumprod(p: Bound, q: Bound) -> str:
        if not isinstance(p, Seq):
            return "sum(item * k for item, k in zip(p, q, strict=True))"
        return " + ".join(f"p[{k}] * q[{k}]" for k in range(len(p.items)))


@rewrite(math.modf)
def modf(x: Bound) -> str:
    return "math.fmod(x, 1.0), float(math.trunc(x))"


def item_of(key, xs):  # type: ignore[no-untyped-def]
    return xs[key]


def attribute_of(name, obj):  # type: ignore[no-untyped-def]
    return getattr(obj, name)


@rewrite(operator.itemgetter, partial=functools.partial, item_of=item_of)
def itemgetter(key: Bound) -> str:
    return "partial(item_of, key)"


@rewrite(operator.attrgetter, partial=functools.partial, attribute_of=attribute_of)
def attrgetter(name: Bound) -> str:
    return "partial(attribute_of, name)"


# statistics ---------------------------------------------------------------------------


@define(statistics.mean)
def mean(data):  # type: ignore[no-untyped-def]
    return math.fsum(data) / len(data)


@define(statistics.fmean)
def fmean(data):  # type: ignore[no-untyped-def]
    return math.fsum(data) / len(data)


@define(statistics.pvariance)
def pvariance(data, mu=None):  # type: ignore[no-untyped-def]
    center = math.fsum(data) / len(data) if mu is None else mu
    return math.fsum([(v - center) ** 2 for v in data]) / len(data)


@define(statistics.variance)
def variance(data, xbar=None):  # type: ignore[no-untyped-def]
    center = math.fsum(data) / len(data) if xbar is None else xbar
    return math.fsum([(v - center) ** 2 for v in data]) / (len(data) - 1)


@define(statistics.pstdev)
def pstdev(data, mu=None):  # type: ignore[no-untyped-def]
    return math.sqrt(pvariance(data, mu))


@define(statistics.stdev)
def stdev(data, xbar=None):  # type: ignore[no-untyped-def]
    return math.sqrt(variance(data, xbar))


# what is refused ----------------------------------------------------------------------


def clock(name: str) -> None:
    @rewrite(getattr(time, name))
    def read() -> str:
        unsupported(
            f"`time.{name}` is another number in each run",
            "take the time around the call of the derivative",
        )


for name in ("time", "perf_counter", "monotonic", "process_time"):
    clock(name)


def logger(function: Any, what: str) -> None:
    @rewrite(function)
    def log(*args: Bound) -> str:
        unsupported(f"`{what}` is not supported", "print, or log around the call")


for name in ("debug", "info", "warning", "error", "critical", "log", "exception"):
    logger(getattr(logging, name), f"logging.{name}")

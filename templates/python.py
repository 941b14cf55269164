"""Definitions of functions of Python's library: `operator`, and of lists in `math`."""

from __future__ import annotations

import logging
import math
import operator
import time
from typing import Any

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import rewrite, unsupported

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


def items(item: Bound, what: str) -> range:
    if not isinstance(item, Seq):
        unsupported(f"{what} needs a list written out", "use NumPy")
    return range(len(item.items))


@rewrite(math.prod)
def prod(xs: Bound, *, start: Any = 1) -> str:
    factors = [f"xs[{k}]" for k in items(xs, "math.prod")]
    return " * ".join(["start", *factors])


@rewrite(math.dist)
def dist(p: Bound, q: Bound) -> str:
    if not isinstance(p, Seq) or not isinstance(q, Seq):
        return "np.linalg.norm(np.subtract(p, q))"
    return f"math.hypot({', '.join(f'p[{k}] - q[{k}]' for k in items(p, 'math.dist'))})"


if hasattr(math, "sumprod"):  # from Python 3.12 on

    @rewrite(math.sumprod)
    def sumprod(p: Bound, q: Bound) -> str:
        return " + ".join(f"p[{k}] * q[{k}]" for k in items(p, "math.sumprod"))


@rewrite(math.modf)
def modf(x: Bound) -> str:
    return "math.fmod(x, 1.0), float(math.trunc(x))"


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

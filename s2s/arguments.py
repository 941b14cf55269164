"""Example arguments as text: what `--at` takes, and the way back from types to it.

In: `x=np.ones((3, 4)), n=10` and the function it is meant for. Out: the values by name.

>>> import math
>>> evaluate("x=np.ones(2) * math.pi, n=10", ["x", "n"], {"math": math})
{'x': array([3.14159265, 3.14159265]), 'n': 10}
>>> from s2s.ssa.types import typeof
>>> example({"x": typeof(np.ones((3, 1)), "x"), "n": typeof(10, "n")})
'x=np.ones((2, 1)), n=1'
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

import numpy as np

from s2s.ssa.types import KINDS, Array, Dim, List, Scalar, Static, Tuple, Type

ONES = {"bool": "True", "int": "1", "float": "1.0", "complex": "1j"}


class ArgumentError(ValueError):
    """The text of example arguments cannot be used."""


def evaluate(
    text: str, names: Collection[str], scope: dict[str, Any]
) -> dict[str, Any]:
    """The values of the keyword expressions, with `np` and what is in `scope`."""
    try:
        call = ast.parse(f"f({text}\n)", mode="eval").body
    except SyntaxError as error:
        raise ArgumentError(f"`{text}` is not Python: {error.msg}") from None
    if (
        not isinstance(call, ast.Call)
        or call.args
        or not all(k.arg for k in call.keywords)
    ):
        raise ArgumentError(f"`{text}` is not of the form name=value, name=value")
    values: dict[str, Any] = {}
    for keyword in call.keywords:
        name, source = str(keyword.arg), ast.unparse(keyword.value)
        if name not in names:
            raise ArgumentError(f"there is no parameter `{name}`{meant(name, names)}")
        try:
            values[name] = eval(source, {"np": np, **scope})
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise ArgumentError(f"{name}={source} raises {what}") from None
    return values


def meant(name: str, known: Collection[str]) -> str:
    """What may have been meant, or else all that there is.

    >>> meant("lenght", ["length", "width"])
    '; did you mean `length`?'
    >>> meant("z", ["x", "y"])
    '; there are x, y'
    """
    close = get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; there are {', '.join(known)}" if known else ""


def example(types: dict[str, Type]) -> str | None:
    """Arguments of these types, as text; None if there is none for one of them."""
    texts = {name: _example(t) for name, t in types.items()}
    if None in texts.values():
        return None
    return ", ".join(f"{name}={text}" for name, text in texts.items())


def _example(t: Type) -> str | None:
    match t:
        case Scalar(kind=kind):
            return ONES[kind]
        case Array(dtype="float64", shape=[dim]):
            return f"np.ones({_length(dim)})"
        case Array(dtype=dtype, shape=shape) if t.kind in KINDS:
            lengths = [str(_length(d)) for d in shape]
            dims = (
                f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"
            )
            kind = {"float64": "", "bool": ", bool"}.get(dtype, f", np.{dtype}")
            return f"np.ones({dims}{kind})"
        case Tuple(items=items):
            parts = [_example(i) for i in items]
            if None in parts:
                return None
            inside = ", ".join(map(str, parts))
            return f"({inside},)" if len(parts) == 1 else f"({inside})"
        case List(item=item):
            part = _example(item)
            return part and f"[{part}, {part}]"
        case Static(value=None | str() as value):
            return repr(value)
    return None


def _length(dim: Dim) -> int:
    if dim.sym == "":
        return dim.off
    least = max(2, dim.low - dim.off)  # of what the symbol stands for
    return 1 if dim.unit else least + dim.off

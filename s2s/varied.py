"""The arguments that are differentiated: which they are, and what they are read as.

In: `argnums`, positions or names; the type of an argument. Out: names of parameters;
the type that is differentiated, a refusal for what has no derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from s2s.errors import TypingError
from s2s.parse.source import Parsed
from s2s.ssa.infer import kind_of
from s2s.ssa.types import (
    Array,
    List,
    Scalar,
    Tuple,
    Type,
    described,
    is_real_valued,
    typeof,
)
from s2s.structure import LIST, items_of

ArgNums = int | str | Sequence[int | str]


def chosen(
    parsed: Parsed, argnums: ArgNums, bound: int = 0
) -> tuple[tuple[str, ...], bool]:
    """Names of the differentiated parameters; whether it is one, given as such.

    As many of them as are `bound` do not count.
    """
    names = list(parsed.signature.parameters)[bound:]
    single = isinstance(argnums, int | str)
    if not single and not isinstance(argnums, tuple | list):
        raise TypingError(
            f"argnums {argnums!r}: give a position or a name, or a tuple of them"
        )
    asked = [argnums] if isinstance(argnums, int | str) else list(argnums)
    out = []
    for a in asked:
        if isinstance(a, str) and a in names:
            out.append(a)
        elif type(a) is int and -len(names) <= a < len(names):
            out.append(names[a])
        else:
            what = ", ".join(names) or "none"
            raise TypingError(
                f"argnums {a!r}: the parameters of {parsed.name} are {what}"
            )
    if len(set(out)) != len(out):
        raise TypingError(f"argnums {argnums!r} names a parameter twice")
    return tuple(out), single


def reading_floats(run: Callable[..., Any], types: dict[int, Type]) -> Any:
    """The function with ints read as floats, in arguments that are differentiated."""

    def converted(*args: Any) -> Any:
        return run(
            *(with_floats(a, types[k]) if k in types else a for k, a in enumerate(args))
        )

    return converted


def with_floats(item: Any, of: Type) -> Any:
    """An argument with floats where its type has floats; itself if it has no others.

    >>> with_floats([2, 3.0], List(Scalar("float")))
    [2.0, 3.0]
    """
    if isinstance(of, Scalar):
        return float(item) if of.kind == "float" else item
    if isinstance(of, List | Tuple):
        form = of.form if isinstance(of, Tuple) else LIST
        parts = items_of(form, item)
        types = of.items if isinstance(of, Tuple) else [of.item] * len(parts)
        read = [with_floats(p, t) for p, t in zip(parts, types, strict=True)]
        same = all(a is b for a, b in zip(parts, read, strict=True))
        return item if same else form.of(read)
    if kind_of(of) != "float" or kind_of(typeof(item, "item")) not in ("int", "bool"):
        return item
    return np.asarray(item, float)[()]


def differentiable(of: Type, name: str, parsed: Parsed) -> Type:
    """The type of a differentiated argument; a Python int is read as a float."""
    if isinstance(of, Scalar) and of.kind in ("int", "float"):
        return Scalar("float")
    if is_real_valued(of):
        return of
    what = f"an array of {of.dtype}" if isinstance(of, Array) else described(of)
    raise TypingError(
        f"cannot differentiate with respect to `{name}`: it is {what}",
        parsed.origin(next(a for a in parameters(parsed.tree) if a.id == name)),
        "pass floats, e.g. with .astype(float)" if isinstance(of, Array) else None,
    )


def parameters(tree: gast.FunctionDef) -> list[gast.Name]:
    """The parameters of a function, as they stand in its definition."""
    return [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]

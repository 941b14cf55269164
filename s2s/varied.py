"""The arguments that are differentiated: which they are, and what they are read as.

In: `argnums`, positions or names; the type of an argument. Out: names of parameters;
the type that is differentiated, a refusal for what has no derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from s2s.errors import TypingError
from s2s.parse.source import Parsed
from s2s.ssa.types import Array, Scalar, Type, described, is_real_valued

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


def reading_floats(run: Callable[..., Any], ints: list[int]) -> Callable[..., Any]:
    """The function with ints read as floats, where they are differentiated."""

    def converted(*args: Any) -> Any:
        return run(*(float(a) if k in ints else a for k, a in enumerate(args)))

    return converted


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

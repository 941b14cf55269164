"""Types of parameters from what their author wrote: defaults and annotations.

In: a parsed function, and the example arguments that are known. Out: the abstract type
of each parameter, `ANY` where nothing says it. jaxtyping's annotations are recognised
by their attributes, so that jaxtyping need not be there.

>>> of_annotation(tuple[float, np.float32], "x")
(float, float32[])
>>> of_annotation(np.ndarray, "x")  # of what rank?
any
"""

from __future__ import annotations

import inspect
import types
import typing
from functools import reduce
from typing import Any

import numpy as np

from s2s.parse.source import Parsed
from s2s.ssa.types import (
    ANY,
    Array,
    Dim,
    List,
    Scalar,
    Static,
    Tuple,
    Type,
    join,
    length,
    typeof,
    vague,
)

SCALARS = {bool: "bool", int: "int", float: "float", complex: "complex"}
NUMBERS = {
    name: scalar
    for name, scalar in np.sctypeDict.items()
    if np.dtype(scalar).kind in "biufc"
}


def parameter_types(parsed: Parsed, given: dict[str, Any]) -> dict[str, Type]:
    """By example where one is given, else by default, else by annotation."""
    return {
        name: typeof(given[name], name)
        if name in given
        else declared(parsed, parameter)
        for name, parameter in parsed.signature.parameters.items()
    }


def declared(parsed: Parsed, parameter: inspect.Parameter) -> Type:
    """The type that a parameter's default and annotation give."""
    annotated = of_annotation(evaluated(parsed, parameter), parameter.name)
    if parameter.default is parameter.empty:
        return annotated
    default = typeof(parameter.default, parameter.name)
    if isinstance(default, Scalar) and isinstance(annotated, Scalar):
        return join(default, annotated)  # rate: float = 1
    return default


def evaluated(parsed: Parsed, parameter: inspect.Parameter) -> Any:
    """The annotation as an object; `Any` where there is none, or none to be had."""
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return Any
    if not isinstance(annotation, str):
        return annotation
    try:
        closure = inspect.getclosurevars(parsed.fn).nonlocals
        return eval(annotation, dict(parsed.globals), dict(closure))
    except Exception:  # a name imported under TYPE_CHECKING, say
        return Any


def of_annotation(annotation: Any, name: str) -> Type:
    """The type an annotation stands for; `name` labels the lengths of its axes."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "dim_str") and hasattr(annotation, "dtypes"):
        return of_jaxtyping(annotation, name)
    if isinstance(annotation, type) and origin is None:
        if annotation in SCALARS:
            return Scalar(SCALARS[annotation])
        if annotation in NUMBERS.values():
            return Array(np.dtype(annotation).name, ())
    if annotation in (None, type(None)):
        return Static(None)
    if origin is np.ndarray:
        return of_ndarray(args, name)
    if origin is typing.Annotated:
        return of_annotation(args[0], name)
    if origin is typing.Literal and len(args) == 1:
        return typeof(args[0], name)
    if origin in (typing.Union, types.UnionType):
        return reduce(join, (of_annotation(a, name) for a in args))
    if origin is list:
        item = of_annotation(args[0], f"{name}.item")
        return List(vague(item), Dim(f"{name}.len"))
    if origin is tuple and args and Ellipsis not in args:
        items = [of_annotation(a, f"{name}.{k}") for k, a in enumerate(args)]
        return Tuple(tuple(items))
    return ANY


def of_ndarray(args: tuple[Any, ...], name: str) -> Type:
    """`np.ndarray[tuple[int, int], np.dtype[np.float64]]`; NDArray leaves out the rank.

    >>> of_annotation(np.ndarray[tuple[int, int], np.dtype[np.float64]], "x")
    float64[x.0, x.1]
    """
    axes = typing.get_args(args[0])
    scalars = typing.get_args(args[1]) if len(args) > 1 else ()
    if Ellipsis in axes or not scalars or scalars[0] not in NUMBERS.values():
        return ANY
    dims = (Dim(f"{name}.{axis}", exact=True) for axis in range(len(axes)))
    return Array(np.dtype(scalars[0]).name, tuple(dims))


def of_jaxtyping(annotation: Any, name: str) -> Type:
    """`Float[np.ndarray, "n 3"]`: a named axis may have length one, a number says it.

    One name is one length wherever it stands, so lengths are labelled with the names.
    """
    axes = annotation.dim_str.split()
    listed = annotation.dtypes if isinstance(annotation.dtypes, list | tuple) else ()
    dtypes = [d for d in listed if d in NUMBERS]  # not bfloat16 and the like
    kinds = {np.dtype(d).kind for d in dtypes}
    if len(kinds) != 1 or any("..." in a or "*" in a for a in axes):
        return ANY
    widest = max(dtypes, key=lambda d: np.dtype(d).itemsize)
    return Array(
        widest, tuple(axis_length(a, f"{name}.{k}") for k, a in enumerate(axes))
    )


def axis_length(axis: str, label: str) -> Dim:
    """
    >>> axis_length("3", "x.0"), axis_length("rows=1", "x.0"), axis_length("n", "x.0")
    (3, 1, n)
    >>> axis_length("#n", "x.0"), axis_length("n+1", "x.0"), axis_length("_", "x.0")
    (x.0, x.0, x.0)
    """
    size = axis.rpartition("=")[2]
    if size.isdecimal():
        return length(int(size))
    plain = axis.isidentifier() and not axis.startswith("_")
    return Dim(axis if plain else label, exact=True)

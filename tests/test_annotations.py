"""Types of parameters: by example, by default, by annotation, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional

import numpy as np
import pytest
from numpy.typing import NDArray

from s2s.annotations import of_annotation, parameter_types
from s2s.parse.source import parse_function
from s2s.ssa.types import ANY, Scalar, Static

if TYPE_CHECKING:
    from nowhere import Missing


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        (complex, "complex"),
        (float | int, "float"),
        (np.float64, "float64[]"),
        (np.int32, "int32[]"),
        (None, "static[None]"),
        (Literal["fast"], "static['fast']"),
        (Annotated[float, "metres"], "float"),
        (list[float], "list[float]"),
        (tuple[float, int], "(float, int)"),
        (tuple[tuple[float, bool], list[int]], "((float, bool), list[int])"),
        (np.ndarray[tuple[int, int], np.dtype[np.float32]], "float32[x.0, x.1]"),
        # what does not say enough
        (np.ndarray, "any"),
        (NDArray[np.float64], "any"),
        (np.floating, "any"),
        (str, "any"),
        (Any, "any"),
        (Optional[float], "any"),  # noqa: UP045
        (float | np.ndarray, "any"),
        (Literal["fast", "slow"], "any"),
        (tuple[float, ...], "any"),
        (tuple, "any"),
        (list, "any"),
        (dict[str, float], "any"),
        ("a text", "any"),
        (3.0, "any"),
    ],
)
def test_annotations(annotation: Any, shown: str) -> None:
    assert repr(of_annotation(annotation, "x")) == shown


@pytest.mark.parametrize(
    ("kind", "axes", "shown"),
    [
        ("Float", "n m", "float64[n, m]"),
        ("Float32", "n 3 1", "float32[n, 3, 1]"),
        ("Int", "", "int64[]"),
        ("Bool", "n", "bool[n]"),
        ("Complex", "n", "complex128[n]"),
        ("Float", "rows=4 _ #n n+1 ?n", "float64[4, x.1, x.2, x.3, x.4]"),
        ("Float", "...", "any"),
        ("Float", "*batch n", "any"),
        ("Float", "n ...", "any"),
        ("Num", "n", "any"),
        ("Shaped", "n", "any"),
    ],
)
def test_jaxtyping(kind: str, axes: str, shown: str) -> None:
    jaxtyping = pytest.importorskip("jaxtyping")
    annotation = getattr(jaxtyping, kind)[np.ndarray, axes]
    assert repr(of_annotation(annotation, "x")) == shown


def test_a_named_axis_may_have_length_one_and_a_number_says_it() -> None:
    jaxtyping = pytest.importorskip("jaxtyping")
    made = of_annotation(jaxtyping.Float[np.ndarray, "n 1 3"], "x")
    assert [dim.unit for dim in made.shape] == [None, True, False]


def typed(
    a: float,
    b: Missing,
    c: NDArray[np.float64],
    d: int = 2,
    e: float = 1,
    f=None,
    g=0.5,
):
    return a * b * c * d * e * g


def test_texts_are_evaluated_where_the_function_stands() -> None:
    types = parameter_types(parse_function(typed), {})
    assert {name: repr(t) for name, t in types.items()} == {
        "a": "float",
        "b": "any",  # imported for the type checker alone
        "c": "any",
        "d": "int",
        "e": "float",
        "f": "static[None]",
        "g": "float",
    }


def test_examples_go_first() -> None:
    given = {"a": 1, "b": np.ones((2, 1)), "d": 2.0, "f": "text"}
    types = parameter_types(parse_function(typed), given)
    assert (types["a"], types["d"]) == (Scalar("int"), Scalar("float"))
    assert repr(types["b"]) == "float64[b.0, 1]"
    assert types["c"] == ANY
    assert types["f"] == Static("text")

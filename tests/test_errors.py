"""Programs that are refused after parsing, end to end: whole messages, with caret.

`refusals.txt` holds, one after the other, a title, a program, the call that is refused
and the message, in which FILE stands for the name of the program's file. With
`--update-golden` the messages are written anew.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from test_parse_source import run_cell

import s2s
from s2s.derivative import Derivative
from s2s.errors import S2SError
from s2s.pipeline import compile_function


class Point(NamedTuple):
    x: float
    y: float


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x

    @classmethod
    def loop(cls) -> Any:
        made = cls(1.0)
        made.x = made
        return made


class Unusual(Plain):
    def __getattr__(self, name: str) -> float:
        return 1.0


PATH = Path(__file__).parent / "refusals.txt"


def cases() -> list[tuple[str, str, str, str]]:
    """Title, program, call and message of each case."""
    out = []
    for text in PATH.read_text("utf-8").split("==== ")[1:]:
        title, _, rest = text.partition("\n")
        program, _, rest = rest.partition("---- ")
        call, _, message = rest.partition("\n")
        out.append((title, program, call, message.strip()))
    return out


def written(title: str, program: str, call: str, message: str) -> str:
    return f"==== {title}\n{program}---- {call}\n{message}\n"


def untyped(f: Any) -> None:
    """Compile the gradient without knowing any types, as `s2s show` can."""
    made = Derivative(f, "grad")
    compile_function(made.parsed, made.declared({}), made.request())


def refusal(program: str, call: str) -> str:
    """What the call raises."""
    scope = run_cell(program, np=np, math=math, Plain=Plain, Unusual=Unusual)
    scope |= {"Plain": Plain}
    names = {"grad": s2s.grad, "vjp": s2s.vjp, "jvp": s2s.jvp, "untyped": untyped}
    names |= {"Point": Point}
    with pytest.raises(S2SError) as error:
        eval(call, {**scope, **names})
    return str(error.value).replace(scope["f"].__code__.co_filename, "FILE")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case[0])
def test_refused(case: tuple[str, str, str, str], request: Any) -> None:
    title, program, call, message = case
    actual = refusal(program, call)
    if request.config.getoption("--update-golden"):
        old, new = written(*case), written(title, program, call, actual)
        PATH.write_text(PATH.read_text("utf-8").replace(old, new), "utf-8")
        message = actual
    assert actual == message


def test_typing_errors_are_type_errors() -> None:
    with pytest.raises(TypeError):
        s2s.grad(reciprocal)(np.arange(3))


def test_one_traceback_and_no_other() -> None:
    with pytest.raises(S2SError) as error:
        s2s.grad(reciprocal)("a")
    assert error.value.__context__ is None


# What fails in the primal fails with the primal's own exception.


def reciprocal(x):
    return 1.0 / x


def checked(x):
    if x < 0.0:
        raise AssertionError(f"{x} is too small")
    if x > 10.0:
        raise OverflowError("too large", x)
    return math.sqrt(x)


def element(x, i):
    return x[i]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (reciprocal, (0.0,)),
        (checked, (-1.0,)),
        (checked, (11.0,)),
        (element, (np.ones(3), 3)),
    ],
)
def test_exceptions_of_the_primal(f: Any, args: tuple[Any, ...]) -> None:
    with pytest.raises(Exception) as expected:
        f(*args)
    with pytest.raises(type(expected.value)) as actual:
        s2s.grad(f)(*args)
    assert str(actual.value) == str(expected.value)


@pytest.mark.parametrize("args", [(), (1.0, 2.0, 3.0)])
def test_calls_with_too_few_or_too_many_arguments(args: tuple[float, ...]) -> None:
    with pytest.raises(TypeError, match="argument"):
        s2s.grad(element)(*args)

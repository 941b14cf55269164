"""Programs that are refused after parsing, end to end: whole messages, with caret."""

import math
import textwrap
from typing import Any

import numpy as np
import pytest
from test_parse_source import run_cell

import s2s
from s2s.api import Derivative
from s2s.errors import S2SError, SourceError, TypingError, UnsupportedError
from s2s.pipeline import compile_function

# The program and the call that is refused, and the message, in which FILE stands for
# the name of the file.
PROGRAMS = {
    "a NumPy function without a rule": """
        def f(x):
            return np.sum(np.frombuffer(x))
        ---- grad(f)(np.ones(3))
        FILE:2:19: `np.frombuffer` has no derivative rule
            return np.sum(np.frombuffer(x))
                          ^^^^^^^^^^^^^^^^
        """,
    "a NumPy function that is not there": """
        def f(x):
            return np.sum(np.sine(x))
        ---- grad(f)(np.ones(3))
        FILE:2:19: np has no attribute `sine`
            return np.sum(np.sine(x))
                          ^^^^^^^
        """,
    "a submodule of NumPy": """
        def f(x):
            y = np.abs(np.fft.fft(x))
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:2:16: `np.fft.fft` has no derivative rule
            y = np.abs(np.fft.fft(x))
                       ^^^^^^^^^^^^^
        """,
    "random numbers": """
        def f(x):
            return np.sum(x * np.random.normal(size=3))
        ---- grad(f)(np.ones(3))
        FILE:2:23: `np.random.normal` has no derivative rule
            return np.sum(x * np.random.normal(size=3))
                              ^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    "a class": """
        class Model:
            def __init__(self, x):
                self.x = x

        def f(x):
            return Model(x).x
        ---- grad(f)(2.0)
        FILE:6:12: `Model` has no derivative rule
            return Model(x).x
                   ^^^^^^^^
        """,
    "a method of an object": """
        class Model:
            def energy(self, x):
                return x * x

        model = Model()

        def f(x):
            return model.energy(x)
        ---- grad(f)(2.0)
        FILE:8:12: `model.energy` has no derivative rule
            return model.energy(x)
                   ^^^^^^^^^^^^^^^
        """,
    "a built-in function without a rule": """
        def f(x):
            return sorted(x)[0]
        ---- grad(f)(np.ones(3))
        FILE:2:12: `sorted` has no derivative rule
            return sorted(x)[0]
                   ^^^^^^^^^
        """,
    "print as an expression": """
        def f(x):
            y = print(x)
            return x
        ---- grad(f)(2.0)
        FILE:2:9: `print` has no derivative rule
            y = print(x)
                ^^^^^^^^
        """,
    "a function of cmath": """
        import cmath

        def f(x):
            return cmath.exp(1j * x).real
        ---- grad(f)(2.0)
        FILE:4:12: `cmath.exp` has no derivative rule
            return cmath.exp(1j * x).real
                   ^^^^^^^^^^^^^^^^^
        """,
    "a function that is chosen while running": """
        def f(x, i):
            return (np.sin, np.cos)[i](x[0])
        ---- grad(f)(np.ones(3), 1)
        FILE:2:12: only functions known when compiling can be called
            return (np.sin, np.cos)[i](x[0])
                   ^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    "a math function of an array": """
        def f(x):
            return np.sum(math.sin(x))
        ---- grad(f)(np.ones(3))
        FILE:2:19: math.sin takes numbers, not arrays
            return np.sum(math.sin(x))
                          ^^^^^^^^^^^
        """,
    "a range outside a loop": """
        def f(x):
            r = range(3)
            for i in r:
                x = x * 2.0
            return x
        ---- grad(f)(2.0)
        FILE:2:9: `range` is not supported here
            r = range(3)
                ^^^^^^^^
        advice: loop over it: `for i in range(...)`
        """,
    "a keyword that the rule does not have": """
        def f(x):
            return np.sum(x, where=x > 0.5)
        ---- grad(f)(np.ones(3))
        FILE:2:28: argument `where` of np.sum() is not supported
            return np.sum(x, where=x > 0.5)
                                   ^^^^^^^
        """,
    "a keyword that NumPy does not have": """
        def f(x):
            return np.sum(x, axes=0)
        ---- grad(f)(np.ones(3))
        FILE:2:27: argument `axes` of np.sum() is not supported
            return np.sum(x, axes=0)
                                  ^
        """,
    "out=": """
        def f(x):
            y = np.zeros(3)
            np.sin(x, out=y)
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:3:19: argument `out` of np.sin() is not supported
            np.sin(x, out=y)
                          ^
        advice: in-place results are not supported yet
        """,
    "too many arguments": """
        def f(x):
            return np.sum(np.sin(x, x, x))
        ---- grad(f)(np.ones(3))
        FILE:2:19: argument `out` of np.sin() is not supported
            return np.sum(np.sin(x, x, x))
                          ^^^^^^^^^^^^^^^
        """,
    "too few arguments": """
        def f(x):
            return np.sum(np.dot(x))
        ---- grad(f)(np.ones(3))
        FILE:2:19: np.dot() needs the argument `y`
            return np.sum(np.dot(x))
                          ^^^^^^^^^
        """,
    "sum with a start": """
        def f(x):
            return sum([x, x], x)
        ---- grad(f)(2.0)
        FILE:2:12: sum() with a start value is not supported
            return sum([x, x], x)
                   ^^^^^^^^^^^^^^
        advice: add it
        """,
    "where without branches": """
        def f(x):
            return np.sum(np.where(x > 1.0)[0])
        ---- grad(f)(np.ones(3))
        FILE:2:19: np.where() needs the argument `x`
            return np.sum(np.where(x > 1.0)[0])
                          ^^^^^^^^^^^^^^^^^
        """,
    "a name that is not defined": """
        def f(x):
            return x * scale
        ---- grad(f)(2.0)
        FILE:2:16: name `scale` is not defined
            return x * scale
                       ^^^^^
        """,
    "a name that is read too early": """
        def f(x):
            y = z + x
            z = x
            return y * z
        ---- grad(f)(2.0)
        FILE:2:9: `z` is read before it is assigned
            y = z + x
                ^
        """,
    "two ranks": """
        def f(x):
            if x[0] > 0.5:
                y = x
            else:
                y = np.outer(x, x)
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:6:19: `y` has two types that do not go together here: float64[x.0] and \
float64[x.0, x.0]
            return np.sum(y)
                          ^
        advice: use two names, or make both paths give the same type
        """,
    "None on one path": """
        def f(x):
            y = None
            if x > 1.0:
                y = x
            return y
        ---- grad(f)(2.0)
        FILE:5:12: `y` has two types that do not go together here: float and \
static[None]
            return y
                   ^
        advice: use two names, or make both paths give the same type
        """,
    "a tuple on one path": """
        def f(x):
            if x > 1.0:
                y = (x, x)
            else:
                y = x
            return y[0]
        ---- grad(f)(2.0)
        FILE:2:5: `y` would be a tuple or list on one path only
            if x > 1.0:
            ^^^^^^^^^^^
        """,
    "a tuple that grows in a loop": """
        def f(x):
            t = ()
            for i in range(3):
                t = t + (x,)
            return t[0]
        ---- grad(f)(2.0)
        FILE:3:5: `t` changes its length in the loop
            for i in range(3):
            ^^^^^^^^^^^^^^^^^^
        """,
    "a rank that grows in a loop": """
        def f(x):
            y = x
            for i in range(2):
                y = np.outer(y, x)
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:4:22: `y` has two types that do not go together here: float64[x.0] and \
float64[x.0, x.0]
            y = np.outer(y, x)
                         ^
        advice: use two names, or make both paths give the same type
        """,
    "in place into another dtype": """
        def f(x):
            y = np.arange(3)
            y += x
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:3:5: float64 cannot be stored into int64
            y += x
            ^^^^^^
        """,
    "in place in an argument": """
        def f(x, y):
            y += x
            return np.sum(y * y)
        ---- grad(f)(np.ones(3), np.ones(3))
        FILE:2:5: this changes `y` in place, which the caller sees
            y += x
            ^^^^^^
        advice: write `y = y ...`, or copy it first
        """,
    "in place in what is read again": """
        def f(x):
            y = 2.0 * x
            z = y
            y += 1.0
            return np.sum(y * z)
        ---- grad(f)(np.ones(3))
        FILE:4:5: this changes `y` in place; its old value is read again
            y += 1.0
            ^^^^^^^^
        advice: write `y = y ...`, or copy the array first
        """,
    "in place in a view": """
        def f(x):
            y = 2.0 * x
            z = y[1:]
            z += 1.0
            return np.sum(y)
        ---- grad(f)(np.ones(3))
        FILE:4:5: this changes an array in place that `y` shares
            z += 1.0
            ^^^^^^^^
        advice: write `z = z ...`, or copy the array first
        """,
    "arithmetic of a tuple and an array": """
        def f(x):
            return np.sum((1.0, 2.0, 3.0) * x)
        ---- grad(f)(np.ones(3))
        FILE:2:19: this arithmetic on lists and tuples is not supported yet
            return np.sum((1.0, 2.0, 3.0) * x)
                          ^^^^^^^^^^^^^^^^^^^
        """,
    "an attribute that arrays do not have": """
        def f(x):
            return np.sum(x.values)
        ---- grad(f)(np.ones(3))
        FILE:2:19: attribute `.values` of float64[x.0] is not supported
            return np.sum(x.values)
                          ^^^^^^^^
        """,
    "an attribute of a tuple": """
        def f(x):
            return (x, x).real
        ---- grad(f)(2.0)
        FILE:2:12: a tuple has no attribute `real`
            return (x, x).real
                   ^^^^^^^^^^^
        """,
    "a method of an array": """
        def f(x):
            y = x.copy()
            y.sort()
            return y[0]
        ---- grad(f)(np.ones(3))
        FILE:3:5: method `.sort()` of a float64[x.0] is not supported
            y.sort()
            ^^^^^^^^
        """,
    "a method of a float": """
        def f(x):
            return x.sum()
        ---- grad(f)(2.0)
        FILE:2:12: a Python float has no method `.sum()`
            return x.sum()
                   ^^^^^^^
        """,
    "a method of a list": """
        def f(x):
            y = [x, 2.0 * x]
            y.append(x)
            return y[2]
        ---- grad(f)(2.0)
        FILE:3:5: method `.append()` of a list is not supported
            y.append(x)
            ^^^^^^^^^^^
        """,
    "a method of a string": """
        def f(x, kind):
            return x if kind.upper() == "A" else -x
        ---- grad(f)(2.0, 'a')
        FILE:2:17: `'a'.upper` has no derivative rule
            return x if kind.upper() == "A" else -x
                        ^^^^^^^^^^^^
        """,
    "too many indices": """
        def f(x):
            return x[0, 1]
        ---- grad(f)(np.ones(3))
        FILE:2:12: too many indices: the array has 1 axes, 2 are given
            return x[0, 1]
                   ^^^^^^^
        """,
    "a float as index": """
        def f(x):
            return x[1.0]
        ---- grad(f)(np.ones(3))
        FILE:2:14: an index must be an integer, this is float
            return x[1.0]
                     ^^^
        """,
    "a string as index": """
        def f(x):
            return x["first"]
        ---- grad(f)(np.ones(3))
        FILE:2:14: static['first'] cannot be an index
            return x["first"]
                     ^^^^^^^
        """,
    "an index of a float": """
        def f(x):
            return x[0]
        ---- grad(f)(2.0)
        FILE:2:12: a Python float cannot be indexed
            return x[0]
                   ^^^^
        """,
    "an index of a tuple that is too large": """
        def f(x):
            return x[2]
        ---- grad(f)((1.0, 2.0))
        FILE:2:12: index 2 is out of range
            return x[2]
                   ^^^^
        """,
    "an index of a list that is too large": """
        def f(x):
            y = [x, x]
            return y[-3]
        ---- grad(f)(2.0)
        FILE:3:12: index -3 is out of range
            return y[-3]
                   ^^^^^
        """,
    "a dict": """
        def f(x, options):
            return x * options["rate"]
        ---- grad(f)(2.0, {'rate': 1.0})
        !!! TypeError unhashable type: 'dict'
        """,
    "lists in lists": """
        def f(x):
            return x[0][0] * x[1][0]
        ---- grad(f)([[1.0, 2.0], [3.0]])
        FILE:2:22: derivatives through lists in lists are not supported yet
            return x[0][0] * x[1][0]
                             ^^^^
        advice: use one list for each of them
        """,
    "a loop over a float": """
        def f(x):
            for v in x:
                x = x * v
            return x
        ---- grad(f)(2.0)
        FILE:2:14: cannot loop over float
            for v in x:
                     ^
        """,
    "a loop over a string": """
        def f(x):
            for letter in "abc":
                x = x * 2.0
            return x
        ---- grad(f)(2.0)
        FILE:2:19: cannot loop over static['abc']
            for letter in "abc":
                          ^^^^^
        """,
    "unpacking a float": """
        def f(x):
            a, b = x
            return a * b
        ---- grad(f)(2.0)
        FILE:2:5: float cannot be unpacked here
            a, b = x
            ^^^^
        """,
    "unpacking too many": """
        def f(x):
            a, b = (x, x, x)
            return a * b
        ---- grad(f)(2.0)
        FILE:2:5: 3 values for 2 names
            a, b = (x, x, x)
            ^^^^
        """,
    "raise from": """
        def f(x):
            if x > 1.0:
                raise ValueError("too large") from None
            return x
        ---- grad(f)(2.0)
        FILE:3:9: only `raise Error(...)` is supported
            raise ValueError("too large") from None
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    "a vector as result": """
        def f(x):
            y = 2.0 * x
            return np.sin(y)
        ---- grad(f)(np.ones(3))
        FILE:3:12: grad needs a function that returns one real number, not an array of \
rank 1
            return np.sin(y)
                   ^^^^^^^^^
        advice: use vjp or jvp for array-valued functions, or sum the result
        """,
    "a tuple as result": """
        def f(x):
            return x, 2.0 * x
        ---- grad(f)(2.0)
        FILE:2:12: grad needs a function that returns one real number, not a tuple
            return x, 2.0 * x
                   ^^^^^^^^^^
        advice: use vjp or jvp, or has_aux=True for (value, aux)
        """,
    "a list as result": """
        def f(x):
            return [x]
        ---- grad(f)(2.0)
        FILE:2:12: grad needs a function that returns one real number, not a list
            return [x]
                   ^^^
        advice: use vjp or jvp, or has_aux=True for (value, aux)
        """,
    "no result": """
        def f(x):
            y = 2.0 * x
        ---- grad(f)(2.0)
        FILE:1:1: grad needs a function that returns one real number, not static[None]
            def f(x):
            ^^^^^^^^^
        """,
    "a string as result": """
        def f(x):
            return "large" if x > 1.0 else "small"
        ---- grad(f)(2.0)
        FILE:2:12: one value of two types that do not go together: static['large'] and \
static['small']
            return "large" if x > 1.0 else "small"
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    "a complex result": """
        def f(x):
            return np.sum(x * 1j)
        ---- grad(f)(np.ones(3))
        FILE:2:12: grad needs a function that returns one real number, not a complex one
            return np.sum(x * 1j)
                   ^^^^^^^^^^^^^^
        advice: use vjp or jvp, or holomorphic=True
        """,
    "an array of ints": """
        def f(x):
            return np.sum(x * x)
        ---- grad(f)(np.arange(3))
        FILE:1:7: cannot differentiate with respect to `x`: it is an array of int64
            def f(x):
                  ^
        advice: pass floats, e.g. with .astype(float)
        """,
    "an array of objects": """
        def f(x):
            return np.sum(x)
        ---- grad(f)(np.array([1.0, None]))
        FILE:1:7: cannot differentiate with respect to `x`: it is an array of object
            def f(x):
                  ^
        advice: pass floats, e.g. with .astype(float)
        """,
    "a bool": """
        def f(x):
            return 2.0 * x
        ---- grad(f)(True)
        FILE:1:7: cannot differentiate with respect to `x`: it is bool
            def f(x):
                  ^
        """,
    "a string": """
        def f(x):
            return 2.0
        ---- grad(f)('a')
        FILE:1:7: cannot differentiate with respect to `x`: it is 'a'
            def f(x):
                  ^
        """,
    "None": """
        def f(x):
            return 2.0
        ---- grad(f)(None)
        FILE:1:7: cannot differentiate with respect to `x`: it is None
            def f(x):
                  ^
        """,
    "a dict as argument": """
        def f(x):
            return x["a"]
        ---- grad(f)({'a': 1.0})
        FILE:1:7: cannot differentiate with respect to `x`: it is {'a': 1.0}
            def f(x):
                  ^
        """,
    "the wrong use of has_aux": """
        def f(x):
            return x * x
        ---- grad(f, has_aux=True)(2.0)
        FILE:1:1: with has_aux=True the function must return (value, aux)
            def f(x):
            ^^^^^^^^^
        """,
}


def refusal(source: str, call: str) -> str:
    """What the call raises, without the name of the file."""
    scope = run_cell(source, np=np, math=math)
    with pytest.raises(S2SError) as error:
        eval(call, {**scope, "grad": s2s.grad, "np": np})
    file = scope["f"].__code__.co_filename
    return str(error.value).replace(file, "FILE")


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_refused(text: str) -> None:
    source, _, rest = textwrap.dedent(text).strip("\n").partition("---- ")
    call, _, message = rest.partition("\n")
    assert refusal(source, call) == message.rstrip()


# Without types, what depends on them is refused with the advice to give them.
GENERIC = {
    "in place or not": """
        def f(x):
            y = x
            y += 1.0
            return np.sum(y)
        ----
        FILE:3:5: whether `y` is changed in place or rebound depends on its type
            y += 1.0
            ^^^^^^^^
        advice: give a type, or write `y = y ...`
        """,
}


@pytest.mark.parametrize("text", GENERIC.values(), ids=GENERIC.keys())
def test_refused_without_types(text: str) -> None:
    source, _, message = textwrap.dedent(text).strip("\n").partition("----\n")
    function = run_cell(source, np=np)["f"]
    derivative = Derivative(function, "grad")
    with pytest.raises(UnsupportedError) as error:
        compile_function(
            derivative.parsed, derivative.declared({}), derivative.request()
        )
    file = function.__code__.co_filename
    assert str(error.value).replace(file, "FILE") == message.rstrip()


# What is no program -------------------------------------------------------------------


def two(x, y):
    return x * y


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: s2s.grad(two, argnums=2), TypingError,
         "argnums 2: the parameters of two are x, y"),
        (lambda: s2s.grad(two, argnums="z"), TypingError,
         "argnums 'z': the parameters of two are x, y"),
        (lambda: s2s.grad(two, argnums=(0, "x")), TypingError,
         "argnums (0, 'x') names a parameter twice"),
        (lambda: s2s.grad(lambda: 1.0), TypingError,
         "argnums 0: the parameters of function are none"),
        (lambda: s2s.grad(3.0), TypingError, "a function is needed, not 3.0 (float)"),
        (lambda: s2s.grad(sum), UnsupportedError,
         "`sum` is a built-in function, which has no Python source\n"
         "advice: write a function that calls it: `lambda x: f(x)`"),
        (lambda: s2s.grad(np.sin), UnsupportedError,
         "`sin` is an object of type ufunc, not a function\n"
         "advice: write a function that calls it: `lambda x: f(x)`"),
        (lambda: s2s.grad(float), UnsupportedError,
         "`float` is a class\nadvice: write a function that calls it"),
        (lambda: s2s.jvp(two, (1.0, 2.0), (1.0,)), TypingError,
         "2 primals, but 1 tangents"),
        (lambda: s2s.grad(eval("lambda x: x")), SourceError,
         "the source of `<lambda>` is not available (it was defined in <string>)\n"
         "advice: define it in a file or in a notebook cell"),
    ],
)  # fmt: skip
def test_what_is_no_program(make: Any, kind: type, message: str) -> None:
    with pytest.raises(kind) as error:
        make()
    assert str(error.value) == message


def test_typing_errors_are_type_errors() -> None:
    with pytest.raises(TypeError):
        s2s.grad(two)(np.arange(3), 1.0)


def test_one_traceback_and_no_other() -> None:
    with pytest.raises(S2SError) as error:
        s2s.grad(two)("a", 1.0)
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
        (two, (1.0,)),
        (two, (1.0, 2.0, 3.0)),
    ],
)
def test_exceptions_of_the_primal(f: Any, args: tuple[Any, ...]) -> None:
    with pytest.raises(Exception) as expected:
        f(*args)
    with pytest.raises(type(expected.value)) as actual:
        s2s.grad(f)(*args)
    if f is not two:  # the message of a call says how the callee is called
        assert str(actual.value) == str(expected.value)

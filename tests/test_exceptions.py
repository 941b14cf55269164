"""What the primal raises and prints, the derivative raises and prints, once."""

import math

import numpy as np
from agree import check, raises_as
from programs.styles import guarded

import s2s

V = np.array([0.3, -0.8, 1.1])


def test_division_by_zero():
    def f(x, y):
        return x / y

    assert isinstance(raises_as(f, 0.7, 0.0), ZeroDivisionError)


def test_domain():
    def f(x):
        return math.sqrt(x) + math.log(x)

    assert isinstance(raises_as(f, -0.7), ValueError)


def test_raise():
    def f(x, tol):
        for i in range(5):
            x = x * 2.0
            if x > tol:
                raise ValueError(f"{x:.3f} is too large after {i} steps", i)
        return x

    check(f, (0.7, 1e6))
    assert raises_as(f, 0.7, 5.0).args == ("5.600 is too large after 2 steps", 2)


def test_raise_classes():
    class MyError(Exception):
        pass

    def f(x):
        if x < 0:
            raise MyError
        if x > 1:
            raise MyError("large", x)
        return x

    check(f, (0.7,))
    raises_as(f, -0.7)
    assert raises_as(f, 1.7).args == ("large", 1.7)


def test_assert():
    # Assertions in a test file are rewritten by pytest, so this is one of the corpus.
    y = np.array([0.3, 0.4, 0.5])
    check(guarded, (1.5, y))
    assert raises_as(guarded, -1.5, y).args == ("x must be positive",)
    assert raises_as(guarded, 1.5, y[:2]).args == ("bad shape (2,)",)
    assert isinstance(raises_as(guarded, 1.5, y * np.inf), ValueError)


def test_shapes_that_do_not_fit():
    def f(v, w):
        return np.sum(v + w)

    assert isinstance(raises_as(f, V, V[:2]), ValueError)


# effects -----------------------------------------------------------------------------


def test_print_happens_once(capsys):
    def f(x, n):
        for i in range(n):
            x = x * x
            print(i, x)
        return x

    f(0.5, 3)
    want = capsys.readouterr().out
    s2s.grad(f)(0.5, 3)
    assert capsys.readouterr().out == want
    s2s.value_and_grad(f)(0.5, 3)
    assert capsys.readouterr().out == want
    s2s.jvp(f, (0.5, 3), (1.0, None))
    assert capsys.readouterr().out == want
    _, pullback = s2s.vjp(f, 0.5, 3)
    assert capsys.readouterr().out == want
    pullback(1.0), pullback(2.0)
    assert capsys.readouterr().out == ""


def test_print_of_what_is_not_differentiated(capsys):
    def f(x, y):
        z = y * 2.0
        print("z is", z, sep=": ", end="!\n")
        print(f"{y=:.1f}", x > y)
        return x * x

    s2s.grad(f)(0.5, 3.0)
    assert capsys.readouterr().out == "z is: 6.0!\ny=3.0 False\n"

"""Control flow and names at their edges: what Python does, the derivative does."""

import math

import numpy as np
import pytest
from agree import check
from programs.styles import guarded

import s2s

V = np.array([0.3, -0.8, 1.1])


def raises_as(f, *args):
    """The derivatives fail as the primal fails: same class, same arguments."""
    with pytest.raises(Exception) as primal:
        f(*args)
    wrt = tuple(k for k, a in enumerate(args) if isinstance(a, float | np.ndarray))
    dots = [a if k in wrt else None for k, a in enumerate(args)]
    for run in (
        lambda: s2s.grad(f, wrt)(*args),
        lambda: s2s.value_and_grad(f, wrt)(*args),
        lambda: s2s.vjp(f, *args),
        lambda: s2s.jvp(f, args, dots),
    ):
        with pytest.raises(primal.type) as derivative:
            run()
        assert type(derivative.value) is primal.type
        assert not isinstance(derivative.value, s2s.S2SError)
        if primal.type is not UnboundLocalError:
            assert derivative.value.args == primal.value.args
    return primal.value


# names ------------------------------------------------------------------------------------


def test_a_name_becomes_an_array():
    def f(x, v):
        y = x
        for i in range(2):
            y = y * v + x
        return np.sum(y)

    check(f, (0.7, V))


def test_a_name_becomes_an_array_on_one_path():
    def f(x, v):
        y = x * x
        if x > 0:
            y = y * v
        z = y + v
        return np.sum(y * z) + np.sum(y)

    check(f, (0.7, V))
    check(f, (-0.7, V))


def test_a_name_becomes_a_float():
    def f(x, n):
        count = 0
        for _ in range(n):
            count = count + x
        return count * x

    check(f, (0.7, 3))
    check(f, (0.7, 0))


def test_an_array_becomes_a_float():
    def f(v, n):
        for _ in range(n):
            v = np.sum(v * v)
        return v * 2.0

    check(f, (V, 1))
    check(f, (V, 2))
    check(f, (V, 0))


def test_a_bool_that_counts():
    def f(x, y):
        n = (x > 0) + (y > 0)
        return n * x * y

    check(f, (0.7, 0.3))
    check(f, (0.7, -0.3))


def test_a_parameter_of_another_type():
    def f(x, mode):
        mode = x * x
        return mode * x

    check(f, (0.7, "name"))
    check(f, (0.7, None))


def test_bound_in_one_branch():
    def f(x):
        if x > 0:
            y = x * x
        return y * x

    check(f, (0.7,))
    assert isinstance(raises_as(f, -0.7), UnboundLocalError)


def test_unbound_but_not_read():
    def f(x, flag):
        if flag:
            y = x * x
        if flag:
            x = y + x
        return x * x

    check(f, (0.7, True))
    check(f, (0.7, False))


def test_bound_in_a_loop_that_may_not_run():
    def f(x, n):
        for i in range(n):
            y = x * (i + 1)
        return y * y

    check(f, (0.7, 2))
    assert isinstance(raises_as(f, 0.7, 0), UnboundLocalError)


def test_bound_in_a_later_iteration():
    def f(x, n):
        for i in range(n):
            if i == 1:
                y = x * x
            if i > 1:
                x = x + y * i
        return x

    check(f, (0.7, 4))
    check(f, (0.7, 1))


def test_surely_unbound_is_refused():
    def f(x):
        if x > 10.0:
            y = x
        else:
            x = x * y
        return x

    with pytest.raises(s2s.UnsupportedError, match="`y` is read before"):
        s2s.grad(f)(0.7)


def test_a_name_that_is_a_builtin():
    def f(x, sum):
        abs = x * sum
        max = abs * abs
        return max + sum

    check(f, (0.7, 0.3))


def test_names_that_the_generated_code_would_like():
    def f(x, x_bar, x_stack, ct, t, g, value, pullback):
        x_dot = x * x_bar
        for t2 in range(2):
            x_dot = x_dot * np.sin(t) + g
            out = x_dot * ct
        return out * value + x_stack * pullback

    check(f, tuple(0.1 * k + 0.3 for k in range(8)))


def test_deep_rebinding():
    def f(a, b):
        for _ in range(2):
            a, b = b, a
            for _ in range(2):
                b, a = a * b, b
                a, b = b, a + b
        return a - b

    check(f, (0.7, 0.3))


def test_three_way_rotation():
    def f(a, b, c, n):
        for _ in range(n):
            a, b, c = b, c, a * b
        return a + 2 * b + 3 * c

    for n in range(5):
        check(f, (0.7, 0.3, 1.2, n))


# loops ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_trip_counts(n):
    def f(x, n):
        y = x
        for i in range(n):
            for j in range(i):
                y = np.sin(y * x) + j
            x = x * y
        return x + y

    check(f, (0.7, n))


def test_a_range_with_negative_length():
    def f(x, n):
        for i in range(5, n):
            x = x * x * i
        for i in range(n, 5, -1):
            x = x + x * i
        return x

    check(f, (0.7, 3))
    check(f, (0.7, 7))


@pytest.mark.parametrize("step", [1, 2, 3, -1, -2, -3])
def test_steps(step):
    def f(x, start, stop, step):
        y = x
        for i in range(start, stop, step):
            y = y * x + i
        return y

    check(f, (0.7, 1, 8, step))
    check(f, (0.7, 8, 1, step))


def test_a_step_of_zero():
    def f(x, step):
        for i in range(0, 3, step):
            x = x * i
        return x

    raises_as(f, 0.7, 0)


def test_the_counter_after_the_loop():
    def f(x, n):
        for i in range(n):
            x = x * x + i
        return x * i

    check(f, (0.7, 3))
    assert isinstance(raises_as(f, 0.7, 0), UnboundLocalError)


def test_the_counter_before_and_after_the_loop():
    def f(x, n):
        i = 7
        for i in range(n):
            x = x * x + i
        return x * i

    check(f, (0.7, 3))
    check(f, (0.7, 0))


def test_the_counter_changed_in_the_loop():
    def f(x, n):
        for i in range(n):
            x = x * (i + 1)
            i = i * 10
            x = x + i
        return x * i

    check(f, (0.7, 3))


def test_the_bound_changed_in_the_loop():
    def f(x, n):
        for i in range(n):
            n = n + 5
            x = x * np.sin(n * x)
        return x * n

    check(f, (0.7, 3))


def test_the_sequence_rebound_in_the_loop():
    def f(v):
        y = 1.0
        for x in v:
            v = v * x
            y = y * x + np.sum(v)
        return y

    check(f, (V,))


def test_the_element_changed_in_the_loop():
    def f(v, A):
        y = 0.0
        for x in v:
            x = x * x
            y = y + x
        for row in A:
            row = row * y
            y = y + np.sum(row)
        return y * x

    check(f, (V, np.array([[1.0, 2.0], [0.3, 0.4]])))


def test_else_of_for():
    def f(x, n):
        for i in range(n):
            x = x * 1.5
            if x > 2.0:
                x = x * x
                break
        else:
            x = x - 3.0
        return x * x

    check(f, (0.7, 2))
    check(f, (0.7, 5))
    check(f, (0.7, 0))


def test_else_of_while():
    def f(x, limit):
        k = 0
        while x < limit:
            k += 1
            if k > 3:
                break
            x = x * 1.5
        else:
            return x * x
        return -x

    check(f, (0.7, 2.0))
    check(f, (0.7, 9.0))
    check(f, (0.7, 0.1))


def test_else_after_inner_break():
    def f(v, limit):
        total = 0.0
        for i in range(len(v)):
            for x in v:
                if x * i > limit:
                    total = total + x * x
                    break
                if x < 0:
                    continue
                total = total - x
            else:
                total = total * 2.0 + x
                continue
            if total > 5.0:
                break
        else:
            total = total * total
        return total

    check(f, (np.array([0.3, -0.8, 1.1]), 1.0))
    check(f, (np.array([0.3, -0.8, 1.1]), 50.0))
    check(f, (np.array([3.3, -0.8, 1.1]), 0.5))


def test_breaks_of_two_loops():
    def f(x):
        count = 0
        while True:
            count += 1
            while True:
                x = x * 1.1
                count += 1
                if count % 4 == 0:
                    break
                if x > 3.0:
                    return x * count
            if count > 10:
                break
            x = x + 0.1
        return x - count

    check(f, (0.7,))
    check(f, (2.5,))


def test_return_inside_nested_loops():
    def f(v, limit):
        for i, x in enumerate(v):
            for y in v:
                for _ in range(2):
                    if x * y > limit:
                        return x * y * i
                    x = x + 0.1
        return np.sum(v)

    check(f, (V, 0.3))
    check(f, (V, 30.0))


def test_while_whose_condition_computes():
    def f(x):
        while np.sin(x) * x > 0.1 and x > 0.0:
            x = x - 0.2 * np.cos(x)
        return x

    check(f, (1.4,))


def test_while_with_arrays_in_the_condition():
    def f(v):
        while np.any(v < 2.0):
            v = v * 1.5 + 0.4
        return np.sum(v)

    check(f, (np.array([0.3, 0.8]),))


def test_body_that_always_ends():
    def f(x):
        for i in range(3):
            x = x * x
            return x
        return 0.0

    def g(x):
        while True:
            if x > 2:
                return x * x
            x = x * 1.5

    check(f, (0.7,))
    check(g, (0.7,))


def test_no_return():
    def f(x):
        x = x * x

    def g(x):
        if x > 0:
            return x * x

    assert s2s.jvp(f, (0.7,), (1.0,)) == (None, None)
    with pytest.raises(s2s.UnsupportedError, match="None"):
        s2s.grad(g)(0.7)


def test_code_after_return():
    def f(x):
        return x * x
        x = x * undefined_name  # noqa: F821

    check(f, (0.7,))


def test_short_circuit():
    def f(x, v, i):
        if i < len(v) and v[i] > 0.0:
            return x * v[i]
        if i >= len(v) or v[i] < -0.5:
            return x * x
        return x

    for i in range(4):
        check(f, (0.7, V, i))


def test_and_or_give_operands():
    def f(x, y):
        z = x and y
        w = x or y
        return z * z + w * x

    check(f, (0.7, 0.4))
    check(f, (0.7, -0.4))

    def g(y, k):
        return (k or y) * y

    check(g, (0.7, 0))
    check(g, (0.7, 2))


def test_recursion_is_refused():
    with pytest.raises(s2s.UnsupportedError, match="recurs|calls of other functions"):
        s2s.grad(factorial_like)(3.0)


def factorial_like(x):
    if x < 1.0:
        return 1.0
    return x * factorial_like(x - 1.0)


# exceptions -------------------------------------------------------------------------------


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


# effects ----------------------------------------------------------------------------------


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


# names outside ----------------------------------------------------------------------------

FACTOR = 2.0
ARRAY = np.array([1.0, 2.0, 3.0])


def of_a_global(x):
    return np.sum(FACTOR * x * x)


def test_globals_at_call_time(monkeypatch):
    df = s2s.grad(of_a_global)
    assert df(3.0) == 12.0
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert df(3.0) == 30.0
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert df(3.0) == 18.0
    monkeypatch.setitem(globals(), "FACTOR", np.array([1.0, 2.0]))
    assert df(3.0) == 18.0
    monkeypatch.setitem(globals(), "FACTOR", np.ones((2, 1)))
    assert np.array_equal(df(V), 4.0 * V)
    monkeypatch.setitem(globals(), "FACTOR", True)
    assert df(3.0) == 6.0
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    assert df(3.0) == 12.0


def test_globals_of_jvp_and_vjp(monkeypatch):
    assert s2s.jvp(of_a_global, (3.0,), (1.0,)) == (18.0, 12.0)
    _, pullback = s2s.vjp(of_a_global, 3.0)
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert pullback(1.0) == (12.0,)  # what the forward sweep saw
    assert s2s.jvp(of_a_global, (3.0,), (1.0,)) == (45.0, 30.0)
    assert s2s.vjp(of_a_global, 3.0)[1](1.0) == (30.0,)


def test_a_global_array_changed_in_place():
    def f(x):
        return np.sum(ARRAY * x)

    df = s2s.grad(f)
    assert df(1.0) == 6.0
    ARRAY[0] = 5.0
    try:
        assert df(1.0) == 10.0
    finally:
        ARRAY[0] = 1.0


def test_a_global_that_goes_away(monkeypatch):
    df = s2s.grad(of_a_global)
    df(3.0)
    monkeypatch.delitem(globals(), "FACTOR")
    with pytest.raises(NameError, match="FACTOR"):
        df(3.0)


def test_a_global_that_becomes_a_function_of_numpy(monkeypatch):
    monkeypatch.setitem(globals(), "activation", np.tanh)

    def f(x):
        return activation(x)  # noqa: F821

    df = s2s.grad(f)
    assert df(0.5) == pytest.approx(1 - np.tanh(0.5) ** 2)
    monkeypatch.setitem(globals(), "activation", np.sin)
    assert df(0.5) == pytest.approx(np.cos(0.5))


def test_closures():
    factor = 2.0

    def f(x):
        return factor * x * x

    df = s2s.grad(f)
    assert df(3.0) == 12.0
    factor = np.float64(3.0)
    assert df(3.0) == 18.0
    factor = 4
    assert df(3.0) == 24.0


def test_a_closure_per_iteration():
    makers = []
    for power in (1, 2, 3):

        def f(x, power=power):
            return x**power

        makers.append(f)
    assert [s2s.grad(f)(2.0) for f in makers] == [1.0, 4.0, 12.0]


def test_strings_and_settings(monkeypatch):
    monkeypatch.setitem(globals(), "MODE", "fast")

    def f(x):
        if MODE == "fast":  # noqa: F821
            return 2.0 * x
        return x * x

    df = s2s.grad(f)
    assert df(3.0) == 2.0
    monkeypatch.setitem(globals(), "MODE", "slow")
    assert df(3.0) == 6.0



"""Names at their edges: what Python does, the derivative does."""
# ruff: noqa: B007, F821, F841

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1])


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


def test_kept_where_it_is_read():
    """The reverse sweep needs y, which is still unbound in the first iterations."""

    def f(x, n):
        for i in range(n):
            if i == 1:
                y = x * i
            if i > 1:
                x = x * y
                y = y * x
        return x

    check(f, (0.7, 4))
    check(f, (0.7, 1))
    df = s2s.grad(f)
    df(0.7, 4)
    assert "        if i > 1:\n            y_stack.append(y)\n" in df.source


def test_an_array_that_an_inner_loop_binds():
    def f(x, n):
        for i in range(n):
            for j in range(i):
                y = x * j
            if i > 0:
                x = np.sin(y) + x
        return x, y

    check(f, (V, 4))


def test_read_in_an_inner_loop():
    def f(x, n):
        for i in range(n):
            for j in range(i - 1):
                x = x * y + j if j != 1 and y < 9.0 else x
            y = x + i
        return x

    check(f, (0.7, 5))


def test_bound_in_the_iteration_before():
    def f(x):
        s = 0.0
        for i in range(len(x)):
            if i > 0:
                s += x[i] * last
            last = x[i]
        return s

    check(f, (V,))


def test_bound_in_the_iteration_before_in_an_expression():
    def f(x, n):
        first = True
        for _ in range(n):
            for v in x:
                s = v if first else s * v + (last if last > 0.5 else 0.1)
                first, last = False, v
        return s * last

    check(f, (V, 2))
    assert isinstance(raises_as(f, V, 0), UnboundLocalError)


def test_bound_in_the_iteration_before_in_a_condition():
    def f(x):
        n = 0
        while n == 0 or y < 2.0:
            y = x * n
            n += 1
        return y

    check(f, (0.7,))


def test_a_tuple_bound_in_the_iteration_before():
    def f(x, n):
        for k in range(n):
            if k > 0:
                x = x * last[0] + last[1]
            last = (x, k)
        return x

    def g(x, n):
        for k in range(n):
            if k == 1:
                p = (x, k)
            if k > 1:
                x = x * p[0] + p[1]
        return x

    check(f, (0.7, 4))
    check(g, (0.7, 4))


@pytest.mark.parametrize("n", [0, 2, 3])
def test_an_old_value_that_is_needed_while_the_new_one_may_be_missing(n):
    def f(x, n):
        if n > 1:
            y = x * x
        if n > 2:
            x = y * x
            y = y * x
        if n > 1:
            x = x * y
        return x

    def g(x, n):
        for i in range(n):
            if i > 1:
                z = y
                y = x * z
            if i > 0:
                w = x
                x = np.sin(x)
                y = w
            if i > 2:
                x = z * w * y
        return x

    check(f, (0.7, n))
    check(g, (0.7, n + 2))


def test_a_dead_path_has_no_types():
    """In the first round nothing after `last` counts: s is a number in the end."""

    def f(x, n):
        s = x
        for i in range(n):
            s = np.zeros(3) + s
            s = s.sum() + (last if i else 1.0)
            last = s
        return s

    check(f, (0.7, 3))
    df = s2s.grad(f)
    df(0.7, 3)
    assert "unbroadcast" not in df.source


def test_bound_too_late_in_every_iteration_is_refused():
    def f(x, n):
        for _ in range(n):
            for _ in range(n):
                x = x * y
                y = x
        return x

    with pytest.raises(s2s.UnsupportedError, match="`y` is read before"):
        s2s.grad(f)(0.7, 2)


def test_a_value_that_is_only_handed_on_is_looked_at():
    def f(x, n):
        m = 0
        while m < 2:
            m += 1
            for _ in range(n):
                p = x
            _ = p + 1
        return x

    check(f, (0.7, 1))
    assert isinstance(raises_as(f, 0.7, 0), UnboundLocalError)


def test_bound_on_one_path_and_read_after_a_raise():
    def f(x, y, n):
        if x < 1.0:
            r = abs(x * 2)
        while True:
            if n > 5:
                raise ValueError(n)
            n += 1
            if r - x < y or n > 3:
                break
            x = x * r
        return x * n

    check(f, (0.7, 0.2, 0))
    assert raises_as(f, 0.7, 0.2, 6).args == (6,)
    assert isinstance(raises_as(f, 1.7, 0.2, 0), UnboundLocalError)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_name_that_may_be_unbound_a_number_or_an_array(n):
    def f(x, n):
        for i in range(n):
            if i == 1:
                y = x
            if i == 2:
                y = y.sum()
            if i > 0:
                x = x * y
        return x

    def g(x, z, n):
        for i in range(n):
            if i == 0:
                y = z * 2.0
            if i == 1:
                y = y * x
            if i > 1:
                x = x * y + y * y
        return x

    check(f, (V, n))
    check(g, (V, 0.4, n))


def test_no_zeros_like_the_adjoint_of_what_may_be_unbound():
    def f(x, v, M):
        for row in M:
            if x > 0:
                for k in range(len(v)):
                    x = M[k % 2][1]
            else:
                return row + x
        return 1.0 * v

    M = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])
    check(f, (0.7, V, M))
    check(f, (0.7, V, -M))


def test_never_bound_for_this_mode_is_refused():
    def f(x, n, mode):
        for _ in range(n):
            if mode == "square":
                y = x * x
        return y

    check(f, (0.7, 2, "square"))
    with pytest.raises(s2s.UnsupportedError, match="`y` is read before"):
        s2s.grad(f)(0.7, 2, "cube")


class Bag:
    pass


def test_what_holds_nothing_cannot_be_unbound_on_one_path():
    """An empty tuple has no values that could tell whether it is there."""

    def of_a_name(x):
        if x < 0.0:
            z = ()
        try:
            return x * len(z)
        except NameError:
            return x * x

    def of_an_attribute(x):
        bag = Bag()
        bag.y = x
        if x < 0.0:
            bag.z = 1.0, ()
        return bag.y * x if hasattr(bag, "z") else x

    for f, what in ((of_a_name, "`z` is"), (of_an_attribute, "`bag` has")):
        with pytest.raises(s2s.S2SError, match=f"{what} an empty tuple on one path"):
            s2s.grad(f)(0.7)


def test_surely_unbound_is_refused():
    def f(x):
        if x > 10.0:
            y = x
        else:
            x = x * y
        return x

    with pytest.raises(s2s.UnsupportedError, match="`y` is read before"):
        s2s.grad(f)(0.7)


def test_a_comprehension_over_names_that_it_hides():
    """Python evaluates what it runs over first outside of it."""

    def f(q, k):
        heads = [q * k for q, k in zip(q, k, strict=True)]
        keyed = {q: q * k for q, k in enumerate(k)}
        return sum(heads) + sum(q * p for q in q for p in k) + keyed[2] * q[0] * k[1]

    check(f, (np.array([0.3, -0.8, 1.1]), np.array([0.5, -0.3, 0.1])))


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


G = np.array([1.0, 2.0, 3.0])


def test_a_gradient_of_what_is_an_array_on_one_path():
    def f(x, n):
        s = x
        for _ in range(n):
            s = x * G
        return s

    def g(x, n):
        return (G if n > 1 else 2.0) * x

    for each in f, g:
        for derivative in s2s.grad, s2s.value_and_grad, s2s.hessian:
            derivative(each)(0.7, 0)
            with pytest.raises(TypeError, match=r"one real number, not an array"):
                derivative(each)(0.7, 2)
    assert s2s.grad(f)(0.7, 0) == 1.0
    assert s2s.grad(g)(0.7, 0) == 2.0
    check(f, (0.7, 0))
    check(g, (0.7, 2))


def test_a_global_keeps_its_name():
    def f(x, n):
        a = x * (G if n > 1 else 2.0) + (V if n > 2 else 1.0)
        for k in range(n):
            a = (G if k == 1 else V) * a
        return np.sum(a)

    for n in range(4):
        check(f, (0.7, n))
    assert np.array_equal(G, [1.0, 2.0, 3.0])

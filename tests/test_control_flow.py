"""Loops and branches at their edges: what Python does, the derivative does."""
# ruff: noqa: B007, B905, RUF007

import numpy as np
import pytest
from agree import check, raises_as

import s2s

V = np.array([0.3, -0.8, 1.1])


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


def test_a_break_that_looks_at_the_round_before():
    def converged(x, n):
        for _ in range(n):
            old = x
            x = np.cos(x)
            if abs(x - old) < 0.1:
                break
        return x

    def rotated(x, n):
        y = 2.0 * x
        for _ in range(n):
            x, y = y, np.cos(x)
            if x < 0.7:
                break
        return x + 3.0 * y

    def flagged(x, n):
        low = False
        for _ in range(n):
            before, low = low, x < 0.7
            x = np.cos(x)
            if before:
                break
        return x

    def in_a_branch(x, n):
        for i in range(n):
            if i % 3:
                old = x
                x = np.cos(x)
                if abs(x - old) < 0.1:
                    break
            else:
                x = 0.9 * x
        return x

    for f in (converged, rotated, flagged, in_a_branch):
        check(f, (0.9, 9))


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


def test_a_return_that_is_never_reached():
    def f(x, v):
        for _ in range(2):
            if 2 < 2:
                return 1.0
        for _ in v:
            return x
        return 1.0

    check(f, (0.7, V))
    check(f, (0.7, V[:0]))


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
    assert s2s.grad(g)(0.7) == 1.4
    with pytest.raises(TypeError, match="g returned None"):
        s2s.grad(g)(-0.7)


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


@pytest.mark.parametrize("strict", [True, False])
def test_strict_zip(strict):
    def horner(x, cs, ds):
        y = 0.0
        for k, (c, d) in enumerate(zip(cs, ds, strict=True)):
            y = y * x + c * d + k
        return y

    def cut_off(x, cs, ds):
        y = 0.0
        for c, d in zip(cs, ds, strict=False):
            y = y * x + c * d
        return y

    f = horner if strict else cut_off
    check(f, (0.7, V, 2.0 * V))
    check(f, (0.7, [0.3, 0.4], [0.1, -0.8]))
    if strict:
        raises_as(f, 0.7, V, V[:2])
        with pytest.raises(ValueError, match="argument 2 is longer than argument 1"):
            s2s.grad(f)(0.7, [0.3], [0.1, 0.2])
    else:
        check(f, (0.7, V, V[:2]))


def test_reversed_loops_run_over_what_the_primal_ran_over():
    def f(xs, w):
        h, total = 0.5 * w, 0.0
        for x in xs:
            h = np.tanh(w * h * x)
        for x in xs:
            total = total + np.sum(np.sin(w * x + total))
        for k, x in enumerate(xs):
            total = total + k * np.sum(x * w * w)
        for x, y in zip(xs, xs, strict=False):
            total = total * np.sum(w * x * y)
        return np.sum(h) + total

    check(f, (np.array([[0.3, -0.2], [0.1, 0.4], [0.7, 0.2]]), V[:2]), [1])
    df = s2s.grad(f, 1)
    df(np.ones((3, 2)), V[:2])
    assert "in zip(reversed(h_stack), reversed(xs)):" in df.source
    assert "in reversed(xs):" in df.source or ", reversed(xs)):" in df.source


def test_bounds_made_in_the_loop_around():
    """Their values are needed to recompute the index of an inner loop left early."""

    def f(x, v, n):
        for k, y in enumerate(v):
            m = k * n + 1
            for j in range(2):
                for i in range(m + j, 0, -k - 1):
                    x = np.sin(x) * i + y
                    if x > i * i:
                        break
        return x

    def g(x, v):
        for y in v:
            for i in range(len(v), 0, -1):
                if x < i:
                    return x * y
        return x

    check(f, (0.7, V, 3))
    check(g, (0.7, V))
    check(g, (3.7, V))


def test_a_name_that_becomes_another_array_on_one_path():
    def f(u, a):
        a = a * u[1]
        for x in u:
            if x > 0.5:
                u = np.diag(np.outer(u, u))
        return a if len(u) else 1.0

    for u in [0.3, -0.8, 1.1], [0.9, 0.8, 0.2], [0.1, 0.2, 0.3]:
        check(f, (np.array(u), 0.7))


def test_an_array_of_integers_on_one_path():
    def f(u, n):
        w = np.full(3, n)
        if n < 3:
            w = 2.0 * u
        return w

    check(f, (V, 2))
    check(f, (V, 3))
    _, dot = s2s.jvp(f, (V, 3), (V, None))
    assert dot.dtype == float


def test_a_gradient_of_floats_is_of_floats():
    def f(a, b, n):
        if n:
            a = b
        b += b / b
        return np.maximum(a, b)

    check(f, (0.7, -0.4, 0))
    check(f, (0.7, -0.4, 1))

    def g(a, n):
        return 1.0 + abs(max(n, a))

    check(g, (0.7, 3))
    check(g, (3.7, 3))


def weighted(x, *rest):
    z = 2.0 * x
    for k, r in enumerate(rest):
        if r > 3.0:
            break
        z = z + k * np.tanh(r) * x
    else:
        z = z * 1.5
    for r, q in zip(rest, rest[1:]):
        z *= r - q
    m = max(rest, default=x)
    return z + m * sum(r * x for r in rest) + sum([q for p in rest for q in (p, z)])


def test_loops_over_nothing():
    def f(x):
        return weighted(x) * weighted(x, 2.0 * x) + weighted(x, x, 4.0)

    check(f, (0.7,))


def test_a_name_is_used_again_for_something_else():
    def loops(pairs, A):
        s = 0.5
        for p in pairs:
            s += p[0] * np.sum(p[1])
        for p in A:
            s += np.sum(p) * s
        for p in range(2):
            s *= p + 0.5
        return s

    def bodies(A):
        s, q, t = 1.0, (2.0, A[0]), [A, A]
        for row in A:
            q = s * row
            s += np.sum(q)
            t = (s, q)
            s = s * t[0]
        return s

    def branches(x, A):
        q = (x, A)
        s = q[0] * x
        if x > 0.2:
            q = np.sin(x) * s
            s = s + q
        else:
            q = [x, x, A]
            s = s - q[1]
        q = s * x
        return q

    check(loops, ([(0.3, V), (0.7, 2.0 * V)], np.outer(V, V)))
    check(bodies, (np.outer(V, V),))
    check(branches, (0.5, V))
    check(branches, (0.1, V))


def test_a_name_that_may_still_mean_the_first_thing():
    def after(A):
        q = (1.0, A)
        for row in A:
            q = np.sum(row)
        return q

    def held(A):
        q = (1.0, A)

        def read():
            return np.sum(q[1])

        s = 0.0
        for row in A:
            s += read()
            q = np.sum(row)
        return s

    def around(A):
        q, s = (1.0, A), 0.0
        for row in A:
            s = s + np.sum(q[1])
            q = row
        return s

    for f in (after, held, around):
        with pytest.raises(s2s.S2SError, match="`q` is a tuple before the loop only"):
            s2s.grad(f)(np.ones((0, 2)))


def test_how_a_condition_is_turned_round():
    """Of whole numbers `not i >= n` is `i < n`; a float may be NaN."""

    def counted(x, n):
        for i in range(n):
            if i >= 2:
                continue
            x = x * x
        return x

    def measured(x, n):
        for _ in range(n):
            if x >= 2.0:
                continue
            x = x * x
        return x

    def written(x, n):
        for i in range(n):
            if not i >= 2:
                x = x * x
            else:
                x = np.sin(x)
                x = x * 2.0
        return x

    for f, line in (
        (counted, "if i < 2:"),
        (measured, "if not x >= 2.0:"),
        (written, "if not i >= 2:"),
    ):
        check(f, (0.7, 4))
        df = s2s.grad(f)
        df(0.7, 4)
        assert line in df.source


def test_gradients_that_need_no_conversion():
    """Floats stay floats in a loop; a number of single precision becomes one."""

    def f(u, k, n):
        for i in range(n):
            u[i] = u[i] * k
        return np.sum(u)

    df = s2s.grad(f, argnums=(0, 1))
    df(V.copy(), 0.7, 2)
    assert "float(" not in df.source
    _, k_bar = df(V.astype(np.float32), 0.7, 2)
    assert isinstance(k_bar, float)
    check(f, (V, 0.7, 2))

    def swapped(a, b, n):
        for _ in range(n):
            a, b = b, a * b
        return a * b

    check(swapped, (0.7, 0.4, 3))
    df = s2s.grad(swapped, argnums=(0, 1))
    df(0.7, 0.4, 3)
    assert "float(" not in df.source


def test_a_flag_takes_the_exit_where_it_is_looked_at():
    def f(x, v):
        for k in v:
            if x * k > 0.5:
                return x * k
            x = x * 1.5
        return x

    check(f, (0.4, V))
    check(f, (0.4, V + 1.0))
    check(f, (0.4, -V))
    df = s2s.value_and_grad(f)
    df(0.4, V)
    assert "value = x * k\n            break\n" in df.source

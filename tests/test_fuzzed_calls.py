"""What random programs of functions that call one another have found."""

from dataclasses import dataclass

import numpy as np
import pytest
from agree import check

import s2s
from s2s.ssa import outline

V = np.array([0.3, -0.8, 1.1])
NUMBERS = [0.2, 0.7, 0.5]


@pytest.fixture
def every_call(monkeypatch):
    """However small a function is that is called twice, it is one of its own."""
    monkeypatch.setattr(outline, "LONG", 0)


def ones(n, a, u):
    if n <= 0:
        return a * np.sum(u)
    u = np.ones_like(u)
    u[:1] += np.sin(ones(n - 1, 2, u))
    return ones(n - 1, 0.5, u) - np.sum(u)


def test_functions_of_one_text_that_call_one_another():
    """For an int and for a float `a`, `ones` is the same text."""

    def f(a, u, n):
        return ones(len(u), a, u) + ones(n, 2, u)

    check(f, (0.7, V, 3))


def halves(v, a):
    if len(v) <= 1:
        return v * a
    return halves(v[:1], 0.5 * a)[0] + halves(v[1:], 2)


def test_tangents_of_one_text_that_call_one_another():
    def f(u, a):
        return halves(u, 2) + halves(u, a)

    check(f, (V, 0.7))


def product(v, a):
    if len(v) == 1:
        return v[0] * v[0] * a
    return product(v[1:], np.sin(a)) * v[0]


def test_what_is_kept_may_be_changed_afterwards():
    """The reverse of `product` reads parts of `u`, which changes after each call."""

    def f(a, u):
        for _ in range(3):
            a = product(u, a)
            u[1] += a
        return a

    check(f, (0.7, V))


def sine_of_sine(x):
    for _ in range(2):
        x = np.sin(x)
    return x


def test_what_is_kept_of_a_view_may_be_changed_in_a_loop(every_call):
    """The reverse of `sine_of_sine` reads what `c[0]` was, in each round."""

    def f(c):
        for i in range(2):
            x = sine_of_sine(c[0])
            c[i] *= x
        return -np.sum(c)

    check(f, (np.array([[-0.4], [0.3]]),))


def even(n, a):
    return odd(n, a) * 1.5


def odd(n, a):
    if n <= 0:
        return np.sin(a)
    return even(n - 1, a) * a + 0.5


def test_recursion_through_another_function(every_call):
    """`odd` is called in two places, and found to call itself after that only."""

    def f(a, u, n):
        return np.sum(even(n, u)) + odd(n, a) * odd(2, np.cos(a))

    check(f, (0.7, V, 3))


def test_recursive_closure_of_what_changes():
    """The error has a place, though no text stands for what is captured."""

    def f(x, n):
        total = [x]

        def add(k, z):
            if k == 0:
                return z
            total.append(z)
            return add(k - 1, np.sin(z)) + total[-1]

        return add(n, x) * total[0]

    with pytest.raises(s2s.UnsupportedError) as error:
        s2s.grad(f)(0.7, 3)
    assert "add(" in str(error.value)


def test_mean_of_a_number_in_a_loop():
    def f(a):
        for _ in range(3):
            a = np.mean(np.sin(a) * a)
            a = np.mean(a)
        return a

    check(f, (0.7,))


RATES = np.array([0.7, 1.2])


def decay(x, a):
    y = np.sin(x)
    return np.exp(-a * y[0]) * RATES[0] if a < 0.1 else y[1] * RATES[1]


def test_globals_of_functions_that_are_differentiated_twice(every_call, monkeypatch):
    """In the gradient's text they have other names; they are read anew each time."""

    def f(RATES):
        return decay(RATES, 0.5) * RATES[0] + decay(RATES + 1.0, 0.0)

    x, dot = np.array([0.3, 0.2]), np.array([1.0, -0.5])
    gradient = s2s.grad(f)
    for rates in (RATES, 2.0 * RATES):
        monkeypatch.setitem(globals(), "RATES", rates)
        _, product = s2s.jvp(gradient, (x,), (dot,))
        h = 1e-6
        want = (s2s.grad(f)(x + h * dot) - s2s.grad(f)(x - h * dot)) / (2 * h)
        np.testing.assert_allclose(product, want, rtol=1e-7, atol=1e-8)


def shifted(a, u, n):
    for x in u:
        if x * n > 0.5:
            return np.cos(u) + a
    q = u[::-1] * a
    return 1.0 * q + a


@pytest.mark.parametrize("n", [0, 1, 9])
def test_element_of_what_a_loop_may_have_bound(n):
    """Its adjoint is an array of zeros first, though another path leaves it unbound."""

    def f(a, u, n):
        return shifted(a, u, n)[0]

    def g(a, u, n):
        y = shifted(a, u, n)
        return y[1] * 2.0 + np.sum(y) + y[0]

    check(f, (0.7, V, n))
    check(g, (0.7, V, n))


def guarded(n, a):
    if n <= 0:
        return np.sin(a)
    try:
        b = guarded(n - 1, a * 0.5)
    except ValueError:
        b = guarded(n - 1, 2.0 * a)
    return b * a


def test_recursion_in_both_parts_of_a_try():
    """Nothing is known of what it returns when these are built first."""

    def f(a, n):
        return guarded(n, a) + a

    check(f, (0.7, 3))


def first_of(v):
    """Long enough to be a function of its own."""
    return v[0] * 1.0 + np.sin(v[1]) * v[0] + np.cos(v[0] * v[1]) * v[1] + v[0] ** 2


def test_an_array_that_changes_between_calls_in_loops(every_call):
    """What the calls keep is of the array; each round changes a copy made after."""

    def f(u, v):
        x = u.copy()
        for y in [(0.5, u), (first_of(x), v)]:
            for _ in y:
                x[x > 0.7] += first_of(v)
            x[1] = first_of(x)
        return np.sum(x) * first_of(x)

    check(f, (V, V[::-1] * 0.5))


def summed(v, a):
    n = len(v)
    if n < 2:
        return v
    v[: n // 2] *= a * 0.5
    w = summed(v[n // 2 :], np.sin(a))
    return np.sum(w) * v + 2.0


def test_a_result_beside_an_argument_that_changes():
    def f(u, a):
        return np.sum(summed(u[[2, 0, 1]], a))

    check(f, (V, 0.7))


def halved_by_turns(n, A, m):
    """Which of the two arrays is halved depends on how often they have been swapped."""
    if n <= 0:
        return
    halved_by_turns(n - 1, A, m)
    p = np.zeros_like(A)
    for _ in range(m):
        A, p = p, A
        p /= 2.0


def test_what_is_given_is_seen_after_a_swap():
    def f(A, n):
        r = 1.0 * A
        halved_by_turns(n, r, n)
        return r

    with pytest.raises(s2s.S2SError, match="may be the same array"):
        s2s.jvp(f, (V, 3), (V, None))


def counted(n, a):
    if n:
        return n, NUMBERS[2]
    counted(n, 0.5)
    return 0.5, 1


def test_a_reverse_that_reads_nothing_of_what_is_kept(every_call):
    def f(a, n):
        return counted(n, a)[1]

    _, products = s2s.jvp(s2s.grad(f), (0.7, 3), (1.0, None))
    assert products == 0.0


def test_copies_lie_in_memory_as_what_they_are_copies_of():
    """The order in which NumPy adds is part of a value."""

    def f(u, A):
        p = A.T * u[::2]
        A[1] = A[0] = 1
        return A - np.sum(p)

    check(f, (np.arange(1.0, 4.0), np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])))


def known(n, v, A):
    if n:
        return n
    known(n, v, A)
    return 1.0


def test_what_is_pushed_later_in_a_round_stays(every_call):
    """What `A` is copied to in each round is in no stack when it changes."""

    def f(a, A, n):
        for x in A:
            A[...] **= 2
            for v in x:
                a = a - x
                A[:] = A[0] = known(n, v, A)
        return a

    check(f, (0.7, np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]]), 3))


def two_or_more(n, a, u):
    if a > 1.5:
        return 2
    return 1.0 * np.sin(n) + a - np.sum(u)


def test_a_function_that_may_return_an_int(every_call):
    """The gradient of a float is one."""

    def f(b, u, n):
        two_or_more(len(u), n, u)
        return two_or_more(2, n, u) * b

    check(f, (0.7, V, 3))


@dataclass
class Body:
    m: float
    x: np.ndarray


def energy(A, body):
    s = 0.0
    for b in [type(body)(2.0, body.x), body]:
        s = s + b.m * np.sum(b.x * A)
        A = np.sin(A + s)
    return s


def test_objects_that_a_called_function_makes(every_call):
    """The class of `body` has a name of its own there: `body` itself is not given."""

    def f(A, body):
        return energy(A, body) + energy(2.0 * A, body)

    check(f, (V, Body(0.8, V.copy())))


def test_a_list_that_is_chosen_holds_the_arrays_in_it():
    """Right or refused: `v` may be in the list, in an object, when it changes."""

    def f(c, v, bodies):
        bodies = bodies if c > 0.0 else [Body(1.0, v), bodies[0]]
        v[:] = 3.0
        return sum(b.x * 2.0 for b in bodies)

    with pytest.raises(s2s.UnsupportedError, match="may be the same array"):
        check(f, (-1.0, V.copy(), [Body(0.3, 2.0 * V), Body(0.5, V + 1.0)]))


def test_a_loop_over_objects_shows_the_arrays_in_them():
    """Right or refused: `p.x` changes by that name, and an item of the loop has it."""

    def f(p):
        for b in [p, p]:
            p.x[p.x > 0.2] = b.x[0] * b.m
        return np.sum(p.x)

    def later(p, q):
        s = 0.0
        for b in (p, q):
            s = s + np.sum(b.x**2) * b.m
        p.x[0] = s
        return np.sum(p.x)

    with pytest.raises(s2s.UnsupportedError, match="may be the same array"):
        s2s.vjp(f, Body(0.8, V.copy()))
    check(later, (Body(0.8, V.copy()), Body(1.3, 2.0 * V)))

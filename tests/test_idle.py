"""Names that stand for a number at first, and for arrays later: sums, Horner's rule.

The number does not vary, so that no adjoint needs to be summed for it. Where it varies,
the adjoint is that of a number.
"""

import numpy as np
import pytest
from agree import check

import s2s

A = np.cos(np.arange(6.0)).reshape(3, 2)
V = np.array([0.3, -0.8, 1.1])


def added(A, a):
    total = 0.0
    for row in A:
        total += a * row
    return np.sum(total * total)


def by_position(A, a):
    total = 0
    for i in range(len(A)):
        total = total + A[i] * a
    return total


def generated(A, a):
    y = A[0]
    for _ in range(2):
        k = [a * y * i for i in range(3)]
        y = y + sum(0.5 * ki for ki in k)
    return y


def horner(x, cs):
    p = 0.0
    for c in cs:
        p = p * x + c
    return p


def series(x, n):
    term, total = 1.0, 0.0
    for k in range(1, n):
        total = total + term
        term = term * x / k
    return np.sum(total) * np.mean(term)


def reset(A, a):
    total, best = 0, 0.0
    for row in A:
        if a * row[0] < 0.0:
            best = best + np.sum(total) * row
            total = 0
        total = total + np.sin(row) * a
        total = total * a
    return best * total


def in_a_branch(A, a):
    total = 0
    for row in A:
        total = total * 0.5
        if row[0] > a:
            total = total + row * row
    return np.sum(np.exp(total))


def of_two(u, v, a):
    """Sums of arrays of two shapes: `s` has that of `u` until it has that of both."""
    s = 0.0
    for i in range(3):
        s = s + (u if i < 2 else v) * a
    return s


def product(A, a):
    p, logs = 1.0, 0.0
    for row in A:
        p *= row + a
        logs += np.log(np.abs(row)) * p
    return np.sum(p) * np.sum(logs)


def of_two_sums(A, a):
    """Each element of `s` counts, though the adjoint of `s * t` is one number."""
    s, t = 0.0, 0.0
    for row in A:
        s = s + row + a
        t = t * a + row
    return np.sum(s * t)


PROGRAMS = [
    (of_two_sums, (A, 0.7)),
    (added, (A, 0.7)), (by_position, (A, 0.7)), (generated, (A, 0.7)),
    (horner, (V, A[:, 0])), (horner, (V, A[:0, 0])), (series, (V, 4)), (series, (V, 1)),
    (reset, (A, 0.7)), (reset, (A, -0.7)), (in_a_branch, (A, -0.5)),
    (in_a_branch, (A, 5.0)), (of_two, (V[None], V[:2, None], 0.7)), (product, (A, 0.3)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_numbers_that_do_not_vary(f, args):
    check(f, args)


@pytest.mark.parametrize("f", [added, by_position, generated, product])
def test_nothing_is_summed_for_them(f):
    d = s2s.grad(lambda A, a: np.sum(f(A, a)))
    d(A, 0.7)
    assert "broadcast" not in d.source
    assert "shape" not in d.source


def test_numbers_that_vary():
    def chosen(u, a, c):
        s = a
        for i in range(3):
            s = s * a + (u if i >= c else a)
        return s * s

    def started(u, a):
        return sum([u, u * u], a)

    def partly(u, a, c):
        s = 0.0
        t = s * a + (u if c else a)
        return np.sum(t) + np.sum(t * t) * a

    for c in (0, 2, 3):
        check(chosen, (V, 0.7, c))
    check(started, (V, 0.7))
    check(partly, (V, 0.7, True))
    check(partly, (V, 0.7, False))


@pytest.mark.parametrize(("f", "args"), PROGRAMS[1:4])
def test_second_derivatives(f, args):
    def g(A, a):
        return np.sum(np.sin(f(A, a)))

    s2s.check_grads(g, args, order=2)

"""What a loop, a branch or a call makes complex of what was real before it."""

import numpy as np
import pytest
from agree import check
from structures import close

import s2s
from s2s.ssa import outline

X = np.array([0.7, -0.4, 1.1])
Y = np.array([0.3, 0.9, -0.6])


def in_a_loop(x, y, c):
    z = x + 1j
    for _ in range(2):
        z[1:] = z[:2] * 1j
    return z.real * y + z.imag


def in_a_branch(x, y, c):
    z = x + 1j
    if c > 0.5:
        z = z * 1j
    z[0] = z[1] * 1j
    return z.real + z.imag


def in_place(x, y, c):
    z = x + 1j
    for _ in range(2):
        z *= 1j
        z[0] = c
    return z.real


def transform(a):
    n = len(a)
    if n == 1:
        return
    even, odd = a[::2].copy(), a[1::2].copy()
    transform(even)
    transform(odd)
    w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    a[: n // 2] = even + w * odd
    a[n // 2 :] = even - w * odd


def by_recursion(x, y, c):
    z = np.concatenate([x, [c]]) + 0j
    transform(z)
    return np.abs(z) ** 2


def in_pairs(x, y, c):
    pairs = [(x + 0j, c), (x * 1j, 2.0 * c)]
    for k in range(2):
        z, d = pairs[k]
        pairs[1 - k] = z * 1j, d * c
    return pairs[0][0].real + pairs[1][0].imag * pairs[1][1]


FUNCTIONS = [in_a_loop, in_a_branch, in_place, by_recursion, in_pairs]


@pytest.mark.parametrize("long", [outline.LONG, 0])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_right(f, long, monkeypatch):
    monkeypatch.setattr(outline, "LONG", long)
    check(f, (X, Y, 0.7))
    forward, reverse = s2s.jacfwd(f)(X, Y, 0.7), s2s.jacrev(f)(X, Y, 0.7)
    close(forward, reverse, 1e-10, "jacfwd against jacrev")
    _, column = s2s.jvp(f, (X, Y, 0.7), (np.array([0.0, 1.0, 0.0]), None, None))
    close(forward[:, 1], column, 1e-10, "jacfwd against jvp")


def the_same_on_both_paths(x, y, c):
    b = x
    if c > 0.5:
        b = x.copy()
    return b * y


def another_on_one_path(x, y, c):
    b = x
    if c > 0.5:
        b = b + 1.0
    return b * y


@pytest.mark.parametrize("f", [the_same_on_both_paths, another_on_one_path])
def test_jacobians_where_a_branch_changes_nothing(f):
    for by_x, by_y in (
        s2s.jacfwd(f, (0, 1))(X, Y, 0.7),
        s2s.jacrev(f, (0, 1))(X, Y, 0.7),
    ):
        close(by_x, np.diag(Y), 1e-12, "by x")
        close(by_y, np.diag(f(X, np.ones(3), 0.7)), 1e-12, "by y")


def test_tangents_become_wider():
    def f(x, y):
        b = x + np.zeros(3)
        for i in range(2):
            b[i] = b[i + 1] * y[i]
        return b

    out, dot = s2s.jvp(f, (X.astype(np.float32), Y), (np.ones(3, np.float32), None))
    assert out.dtype == dot.dtype == np.float64

"""What is known to be apart, seen in what need not be kept or copied."""
# ruff: noqa: B007

import numpy as np
from agree import check

import s2s

M = np.eye(4) * 4.0 + np.arange(16.0).reshape(4, 4) / 10.0


def source(f, *args):
    df = s2s.grad(f)
    df(*args)
    return df.source


def test_lower_parts_are_read_again():
    def f(A):
        n = len(A)
        for k in range(n - 1):
            A[k + 1 :, k] /= A[k, k]
            A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
        return np.sum(A * A)

    check(f, (M,))
    assert "stack" not in source(f, M)


def test_a_table_is_read_again():
    def f(h0, n):
        h = np.zeros(n + 1)
        h[0] = h0
        for t in range(n):
            h[t + 1] = (1.0 - h[t]) * h[t]
        return np.sum(h)

    check(f, (0.7, 3))
    assert "stack" not in source(f, 0.7, 3)


def test_what_is_written_again_is_not():
    def f(h0, n):
        h = np.zeros(n + 1)
        h[0] = h0
        for t in range(n):
            h[t + 1] = (1.0 - h[t]) * h[t]
            h[t] = 2.0
        return np.sum(h)

    check(f, (0.7, 3))
    assert "stack" in source(f, 0.7, 3)


def test_an_index_from_the_end_may_be_any():
    def f(h, n):
        for t in range(n):
            h[t] = np.sin(h[t - 1]) * h[t - 1]
        return np.sum(h)

    check(f, (np.array([0.7, -0.3, 0.5]), 3))


def test_backwards_and_in_strides():
    def f(h, n):
        for t in range(n - 2, -1, -1):
            h[t] = np.sin(h[t + 1]) * h[t + 1]
        for t in range(2, n, 2):
            h[t] = h[t - 1] * h[t]
        return np.sum(h)

    check(f, (np.array([0.7, -0.3, 0.5, 0.9]), 4))


def test_zeros_that_are_added_to_are_left_out():
    def f(v, x):
        for i in range(len(v)):
            v[i] = np.sin(v[i]) * x
        return np.sum(v)

    check(f, (np.array([0.7, -0.3, 0.5]), 0.4))
    assert "= 0.0\n" not in source(f, np.ones(3), 0.4).split("reverse sweep")[1]


def test_zeros_that_are_seen_stay():
    def f(v, x):
        v[0] = v[1] * x
        v[1] = v[0] * v[0] + v[2]
        v[0] = v[1] * v[0]
        return np.sum(v * v)

    check(f, (np.array([0.7, -0.3, 0.5]), 0.4))


def reverse(f, *args):
    return source(f, *args).split("reverse sweep")[1]


def test_what_is_read_from_behind_is_read_again():
    def f(U, b):
        x = b.copy()
        for j in range(len(b) - 1, -1, -1):
            x[j] = x[j] / U[j, j]
            x[:j] -= U[:j, j] * x[j] ** 2
        return np.sum(x**3)

    b = np.array([0.7, -0.3, 0.5, 0.2])
    check(f, (M, b))

    def g(h, n):
        for t in range(n - 1, 0, -1):
            h[t] = (1.0 - h[t + 1]) * h[t + 1]
        return np.sum(h)

    check(g, (b, 3))
    assert "stack" not in source(g, b, 3)


def test_a_condition_says_that_places_are_apart():
    def cholesky(A):
        n = len(A)
        L = np.zeros((n, n))
        for i in range(n):
            for j in range(i + 1):
                s = A[i, j]
                for k in range(j):
                    s -= L[i, k] * L[j, k]
                if i == j:
                    L[i, j] = np.sqrt(s)
                else:
                    L[i, j] = s / L[j, j]
        return np.sum(L * L * L)

    A = M @ M.T
    check(cholesky, (A,))
    text = source(cholesky, A)
    assert "stack" not in text and "L_bar[i, j] = 0.0" not in text

    def below(x, n):
        for i in range(n):
            for j in range(n):
                if j < i:
                    x[i] = x[i] * x[j] + x[j] ** 2
        return np.sum(x)

    check(below, (np.array([0.7, -0.3, 0.5, 0.2]), 4))

    def crossed(x, n):
        for i in range(n):
            for j in range(n):
                if not i <= j:
                    x[i, j] = x[j, i] * x[j, i]
                elif i != j:
                    x[i, j] = np.sin(x[j, i]) * x[j, j]
                else:
                    x[i, j] *= x[i, j]
        return np.sum(x)

    check(crossed, (M[:3, :3] / 5.0, 3))


def test_zeros_that_nothing_looks_at_are_left_out():
    def history(h0, k, n):
        h = np.zeros((n + 1, 3))
        h[0] = h0
        for t in range(n):
            h[t + 1] = np.sin(h[t]) * k
        return np.sum(h * h)

    args = np.array([0.3, 0.9, -0.4]), 1.3, 4
    check(history, args)
    assert "= 0.0\n" not in reverse(history, *args).replace("k_bar = 0.0\n", "")
    assert ".copy()" not in reverse(history, *args)

    def backwards(h, n):
        for t in range(n - 1, -1, -1):
            h[t] = np.sin(h[t + 1]) * h[t]
        return h[0] * h[0] + h[n]

    check(backwards, (np.array([0.7, -0.3, 0.5, 0.2]), 3))


def test_zeros_that_later_rounds_see_stay():
    def twice(h, k, n):
        for s in range(2):
            for t in range(n):
                h[t + 1] = np.sin(h[t]) * k
        return np.sum(h * h)

    check(twice, (np.array([0.7, -0.3, 0.5, 0.2]), 1.3, 3))

    def kept(h, n):
        for t in range(n):
            h[t + 1] = h[t] * h[t]
            h[t] = 0.5
        return np.sum(h)

    check(kept, (np.array([0.7, -0.3, 0.5, 0.2]), 3))

    def either(h, c, n):
        for t in range(n):
            if t > c:
                h[t] = np.sin(h[t]) * h[t - 1]
            else:
                h[t + 1] = h[t] * h[t]
        return np.sum(h * h)

    check(either, (np.array([0.7, -0.3, 0.5, 0.2]), 1, 3))

    def strided(h, n):
        for t in range(0, n, 2):
            h[t + 1] = h[t] * h[t]
        return np.sum(h[::2]) + h[1]

    check(strided, (np.array([0.7, -0.3, 0.5, 0.2]), 4))

    def from_the_end(h, n):
        for t in range(n):
            h[t - 1] = h[t] * h[t]
        return h[0] * h[-1] + h[1]

    check(from_the_end, (np.array([0.7, -0.3, 0.5, 0.2]), 3))

    def listed(h, n):
        rows = []
        for t in range(n):
            h[t + 1] = h[t] * h[t]
            rows.append(h[t + 1] * 2.0)
        return sum(rows) + h[n]

    check(listed, (np.array([0.7, -0.3, 0.5, 0.2]), 3))

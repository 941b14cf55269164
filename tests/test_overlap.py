"""What is known to be apart, seen in what need not be kept or copied."""

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

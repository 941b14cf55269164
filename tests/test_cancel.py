"""A maximum that is only subtracted for stability has no derivative of its own."""

import numpy as np
import pytest
from agree import check

import s2s

Z = np.array([[0.3, -1.2, 0.8], [1.1, 0.4, -0.6]])
W = np.array([[0.5, 1.5, -0.7], [0.2, -1.1, 0.9]])


def log_sum_exp(z):
    m = z.max()
    return m + np.log(np.sum(np.exp(z - m)))


def softmax(z, w):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.sum(w * e / e.sum(axis=-1, keepdims=True))


def of_rows(z, w):
    m = np.max(z, axis=1)
    return np.sum(w[:, 0] * (m + np.log(np.sum(np.exp(z - m[:, None]), axis=1))))


def sharpened(z, w):
    s = 2.0 * (z - np.max(z, axis=0)) / 4
    return np.sum(w * (s - np.log(np.mean(np.exp(s), axis=0))))


def of_two(z, w):
    m = np.maximum(z[0], z[1])
    return np.sum(w[0] * (m + np.log(np.exp(z[0] - m) + np.exp(z[1] - m))))


def in_a_loop(z, w):
    total = 0.0
    for row, weight in zip(z, w, strict=True):
        m = np.max(row)
        if m > 0.0:
            e = np.exp(row - m)
            total += (weight * e / np.sum(e))[1]
    return total


def of_numbers(z, w):
    a, b = z[0, 0], w[0, 0]
    m = max(a, b)
    return m + np.log(np.exp(a - m) + np.exp(b - m))


def carried(z, w):
    m = 0.0
    for row in z:
        s = row - m
        m = np.max(row)
        m = m + np.log(np.sum(np.exp(s - m)))
    return m


CANCELS = [
    log_sum_exp, softmax, of_rows, sharpened, of_two, in_a_loop, of_numbers, carried
]  # fmt: skip


def read_again(z):
    m = np.max(z)
    return m * np.log(np.sum(np.exp(z - m)))


def half(z):
    m = np.max(z)
    return 0.5 * m + np.log(np.sum(np.exp(z - m)))


def along_the_other_axis(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return np.sum(np.sin(e / np.sum(e, axis=0)))


def returned(z):
    shifted = z - np.max(z)
    return np.sum(shifted)


def of_a_sum(z):
    m = np.max(z)
    return m + np.log(1.0 + np.sum(np.exp(z - m)))


def twice(z):
    m = np.max(z)
    return 2.0 * m + np.log(np.sum(np.exp(z - m)))


STAYS = [read_again, half, along_the_other_axis, returned, of_a_sum, twice]


def reverse_sweep(f, *args):
    df = s2s.grad(f)
    df(*args)
    return df.source.split("# reverse sweep")[1]


@pytest.mark.parametrize("f", CANCELS)
def test_what_cancels_out_is_left_out(f):
    args = (Z,) if f is log_sum_exp else (Z, W)
    check(f, args)
    text = reverse_sweep(f, *args)
    assert "max" not in text and "==" not in text


@pytest.mark.parametrize("f", STAYS)
def test_what_does_not_cancel_out_is_differentiated(f):
    check(f, (Z,))
    text = reverse_sweep(f, Z)
    assert "==" in text or "argmax" in text, text

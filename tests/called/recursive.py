"""Functions that call themselves, or one another."""

import numpy as np
from golden.quicksort import sort


def fib(x, n):
    if n < 2:
        return x + n
    return fib(x, n - 1) * 0.5 + fib(np.sin(x), n - 2)


def top_fib(x):
    return fib(x, 6)


def total(x):
    n = len(x)
    if n == 1:
        return x[0] * x[0]
    m = n // 2
    return total(x[:m]) * 1.1 + np.sin(total(x[m:]))


def even(x, n):
    if n == 0:
        return x
    return np.sin(odd(x, n - 1))


def odd(x, n):
    if n == 0:
        return 1.0 / x
    return even(x * x, n - 1) + x


def mutual(x):
    return even(x, 5) + odd(x, 4)


def nested(x, y):
    def go(n):
        if n == 0:
            return x
        return y * go(n - 1) + x

    return go(4)


def double(x, n):
    if n == 0:
        return np.sin(x), np.cos(x)
    s, c = double(x / 2, n - 1)
    return 2 * s * c, c * c - s * s


def doubles(x):
    s, c = double(x, 3)
    return s * 2 + c * c


def fft(z):
    n = z.shape[0]
    if n == 1:
        return z.copy()
    even = fft(z[::2])
    odd = fft(z[1::2])
    w = np.exp(-2j * np.pi * np.arange(n // 2) / n)
    return np.concatenate((even + w * odd, even - w * odd))


def spectrum(x):
    z = fft(x + 0j)
    return np.sum(np.abs(z[1:3]) ** 2)


def msort(x):
    n = len(x)
    if n <= 1:
        return x.copy()
    p = x[0]
    rest = x[1:]
    small = rest[rest < p]
    large = rest[rest >= p]
    return np.concatenate((msort(small), x[:1], msort(large)))


def sorted_score(x):
    y = msort(x)
    return y @ np.arange(len(y))


def tree(t):
    if isinstance(t, tuple):
        return np.tanh(tree(t[0]) * tree(t[1]))
    return t * t


def loop_in(x, n):
    s = 0.0
    for k in range(n):
        s += np.sin(x * k) * loop_in(x * 0.5, n - 1)
    return s + x


def det(a):
    n = a.shape[0]
    if n == 1:
        return a[0, 0]
    s = 0.0
    for j in range(n):
        minor = np.concatenate((a[1:, :j], a[1:, j + 1 :]), axis=1)
        s += (-1) ** j * a[0, j] * det(minor)
    return s


def count(x, n, m):
    if n <= 0 or m <= 0:
        return 1.0
    return x * count(x, n - 1, m) + count(x, n, m - 1)


def grid(x):
    return count(x, 3, 2)


def ret_const(x, n):
    if n == 0:
        return 0
    return x + ret_const(x, n - 1)


def quicksort(x):
    a = x.copy()
    sort(a, 0, len(a) - 1)
    return a @ np.arange(len(a))


def halves(a):
    """Works on views."""
    n = len(a)
    if n == 1:
        a[0] = np.sin(a[0])
        return
    halves(a[: n // 2])
    halves(a[n // 2 :])
    a *= a[::-1].copy()


def on_views(x):
    a = x * 1.0
    halves(a)
    return np.sum(a * x)


def fill(a, n):
    if n < len(a):
        a[n] = 2.0 * a[n - 1] * a[n - 1] - 1.0
        fill(a, n + 1)
    return a


def chebyshev(x):
    a = np.zeros(5)
    a[0] = x
    b = fill(a, 1)
    return np.sum(b) + a[3]


def memo(n, x, table):
    if table[n] == 0.0:
        if n < 2:
            table[n] = x + n
        else:
            table[n] = memo(n - 1, x, table) * x + memo(n - 2, x, table)
    return table[n]


def memoized(x):
    return memo(6, x, np.zeros(7))


def swap2(a, b, n):
    if n == 0:
        return
    a += 0.5 * b * b
    b *= a
    swap2(b, a, n - 1)


def two(x, y):
    a = x.copy()
    b = y.copy()
    swap2(a, b, 3)
    return np.sum(a * a) + np.sum(np.sin(b))


def changing_args(x, n):
    if n == 0:
        return np.sum(x)
    x[0] *= x[1]
    return changing_args(x, n - 1) * 0.5 + x[2]


def overlapping(x):
    a = x.copy()
    swap2(a[1:], a[:-1], 2)
    return np.sum(a)


def powers(a, k):
    if k == 0:
        return np.sum(a * a)
    return np.sum(a) * powers(a * 0.9, k - 1)


def changed_between(x, n):
    """What a call keeps shares storage with what the next line changes."""
    z = x.copy()
    total = 0.0
    for i in range(n):
        total += powers(z, 2)
        z[i] = total * z[i]
    return total + np.sum(z**2)

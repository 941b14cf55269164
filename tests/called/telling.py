"""Functions that print or raise, and are called in several places."""

import numpy as np


def told(x, k):
    if np.sum(x) > 10.0:
        raise ValueError("too big", k)
    print("told", k)
    y = np.sin(x) * 2.0
    return y * np.cos(x) + y**2 + 0.5 * x * y


def in_expressions(x):
    y = told(x, 0)
    z = told(2.0 * x, 1) * told(x * 0.5, 2)
    print("between")
    w = y if np.sum(y) > told(x, 3)[0] else told(x * 2.0, 4)
    n = 0
    while np.sum(told(w, n + 5)) > 1.0 and n < 3:
        w = w * 0.5
        n += 1
    if told(x, 10)[1] > 0.0 or told(x, 11)[2] > 0.0:
        w = w + [told(x * c, 12) for c in (0.1, 0.2)][1]
    return np.sum(w * z)


def for_nothing(x):
    told(x, 0)
    told(x * 2.0, 1)
    for k in range(2):
        told(x * 0.1, k + 2)
    return np.sum(x * x)


def filled(u, k):
    print("filled", k)
    u[k] = np.sin(u[k - 1]) * u[k]
    u *= 1.1
    u[0] += 0.5 * u[k] * u[k - 1] - np.cos(u[0]) * u[1] + u[1] ** 2 + u[2] * u[0]


def in_place(x):
    u = x * 1.0
    filled(u, 1)
    print("between")
    filled(u, 2)
    for k in range(1, 3):
        filled(u, k)
        print(k)
    return np.sum(u)


def counted_down(n, x):
    print("down", n)
    if n == 0:
        return x
    return np.sin(counted_down(n - 1, x * 1.1)) * counted_down(0, x)


def recursive(x):
    return np.sum(counted_down(2, x)) + np.sum(counted_down(1, x))


def checked(x):
    if np.any(x < -100.0):
        raise ValueError("low", 3)
    assert np.all(x < 50.0), "high"


def checks(x):
    checked(x)
    y = x * 2.0
    checked(y)
    checked(y * y)
    return np.sum(y * y)

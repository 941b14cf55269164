"""Functions that change arrays in place, called where others still see these arrays."""

import numpy as np


def bc(u):
    u[0] = u[1] * u[2]
    u[-1] = 0.5 * u[-2]


def scale(u, v):
    u[1:] *= v[1:]
    v[0] = u[2] * v[1]


def mixed(u, k):
    s = u[0] * k
    u[1] = s * u[2]
    return s, u[2:]


def returned(u):
    u[0] = np.sin(u[1])
    u *= 1.1
    return u


def linear(u, a, b):
    u[1:-1] += a * u[2:] * b
    u[0] = a * b


def maybe(u, w, k):
    if k > 0:
        u[k] = w[k] * u[k - 1]


def fill(out, a, b):
    out[1:] = a[1:] * b[:-1]
    out[0] = a[0] ** 2


def add(total, u, k):
    total += u * k
    total[k] -= u[0]
    return total[0]


def down(u, n):
    if n == 0:
        return
    u[n] = u[n - 1] * u[n]
    down(u, n - 1)
    u[0] += u[n] ** 2
    down(u[1:], n - 2 if n > 1 else 0)


def in_a_loop(u, w):
    u = u * w
    for _ in range(3):
        bc(u)
        scale(u, w)
        bc(w)
    return np.sum(u * w)


def both(u, w):
    u = u * 1.0
    w = w * 2.0
    scale(u, w)
    scale(w, u)
    scale(u, w)
    return np.sum(u * w)


def needed_later(u, w):
    v = u * w
    a = v.copy()
    bc(a)
    b = v + 0.0
    bc(b)
    bc(v)
    return np.sum(a * b * v)


def views(u, w):
    v = u * w
    bc(v[1:])
    bc(v[:-1])
    bc(v)
    return np.sum(v**2)


def rows(u, w):
    A = np.outer(u, w)
    for i in range(3):
        bc(A[i])
        bc(A[:, i])
    return np.sum(A**2)


def on_one_path(u, w):
    v = u * 1.0
    for k in range(3):
        old = v
        if k % 2 == 0:
            v = v * w
            bc(v)
        else:
            bc(v)
        w = w + old * 0.1
    return np.sum(v * w)


def one_in_the_other(u, w):
    v = returned(returned(u * w))
    t = returned(v)
    return np.sum(t * v)


def several_results(u, w):
    u = u.copy()
    a, p = mixed(u, 2.0)
    b, q = mixed(u, a)
    q[0] = a * b
    c, r = mixed(w * 1.0, b)
    return a * b * c + np.sum(p * q * r) + np.sum(u)


def recursion(u, w):
    v = u * w
    down(v, 3)
    down(w, 2)
    return np.sum(v * w)


def parts_as_arguments(u, w):
    v = u * w
    linear(v, v[0] * 2.0, np.sum(v))
    linear(v, v[1], 1.0)
    linear(v, float(len(v)), v[2])
    return np.sum(v**2)


def swapped(u, w):
    a, b = u * 1.0, w * 1.0
    for _ in range(4):
        b[1:-1] = a[1:-1] + 0.1 * (a[2:] - a[:-2])
        bc(b)
        a, b = b, a
        bc(b)
    return np.sum(a * b)


def history(u, w):
    h = [u * 1.0]
    for _ in range(3):
        v = h[-1] * w
        bc(v)
        h.append(v)
    bc(h[1])
    bc(h[2])
    return np.sum(h[0] * h[1] * h[2] * h[3])


def in_objects(u, w):
    p = (u * 1.0, w * 1.0)
    d = {"u": u * 1.0, "w": w * 1.0}
    bc(p[0])
    scale(*p)
    for _ in range(3):
        bc(d["u"])
        scale(d["u"], d["w"])
    return np.sum(p[0] * p[1] * d["u"] * d["w"])


def one_cotangent(u, w):
    a, b = u * w, u + w
    bc(a)
    bc(b)
    s = a + b
    bc(s)
    return np.sum(s * w) + np.sum(a) + np.sum(b)


def perhaps(u, w):
    v = u * 1.0
    maybe(v, w, 0)
    maybe(v, w, 1)
    maybe(w, v, 1)
    return np.sum(v * w)


def given_out(u, w):
    v = np.zeros_like(u)
    fill(v, u, w)
    y = v * w
    fill(v, w, u)
    z = v.copy()
    fill(v, y, z)
    return np.sum(v * y * z)


def numbers_too(u, w):
    a = np.zeros(6)
    t = 0.0
    for k in range(3):
        t = t + add(a, u, k) * add(a, w, k + 1)
    return np.sum(a * a) * t


def not_read(u, w):
    v = u * w
    bc(v)
    v = u + w
    bc(v)
    bc(v)
    return np.sum(v)


# programs in time, each with the same without functions


def set_boundary(u):
    u[0] = u[1]
    u[-1] = 0.5 * u[-2]


def step(u, k):
    lap = u[2:] - 2.0 * u[1:-1] + u[:-2]
    u[1:-1] += k * lap - 0.01 * k * u[1:-1] ** 3


def heat(u, k, steps):
    u = u.copy()
    for _ in range(steps):
        step(u, k)
        set_boundary(u)
        step(u, 0.5 * k)
        set_boundary(u)
    return np.sum(u**2)


def sweep(u, f):
    for i in range(1, len(u) - 1):
        u[i] = 0.5 * (u[i - 1] + u[i + 1] + f[i] - 0.1 * u[i] ** 3)


def smoothing(u, f, cycles):
    u = u.copy()
    for _ in range(cycles):
        for _ in range(2):
            sweep(u, f)
        u[1:-1] += 0.1 * (f[1:-1] + u[2:] - 2.0 * u[1:-1] + u[:-2])
        for _ in range(2):
            sweep(u, f)
    return np.sum(u**2)


def absorb(u, u_old, c):
    r = (c - 1.0) / (c + 1.0)
    u[0] = u_old[1] + r * (u[1] - u_old[0])
    u[-1] = u_old[-2] + r * (u[-2] - u_old[-1])
    u_old[0] *= 0.9


def wave(u, c, steps):
    u_old, u = u.copy(), u.copy()
    for _ in range(steps):
        for _ in range(2):
            u_new = np.zeros_like(u)
            lap = u[2:] - 2.0 * u[1:-1] + u[:-2]
            u_new[1:-1] = 2.0 * u[1:-1] - u_old[1:-1] + c * c * lap
            absorb(u_new, u, c)
            u_old, u = u, u_new
        absorb(u, u_old, c)
    return np.sum(u**2)


def partition(a, lo, hi):
    i = lo
    for j in range(lo, hi):
        if a[j] < a[hi]:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[hi] = a[hi], a[i]
    return i


def quicksort(a, lo, hi):
    if lo < hi:
        m = partition(a, lo, hi)
        quicksort(a, lo, m - 1)
        quicksort(a, m + 1, hi)


def sorted_score(a, w):
    a = a.copy()
    quicksort(a, 0, len(a) - 1)
    return np.sum(w * a)

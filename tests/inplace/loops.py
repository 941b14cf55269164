"""Stores in loops: the recurrences that people write."""
# ruff: noqa: B007

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()


@case(P[[0, 1, 2, 0, 1]], 0.7, 2)
def relax(u, k, steps):
    for t in range(steps):
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * u[i + 1] * k
    return np.sum(u)


@case(L, 0.7, 3)
def heat(u, k, steps):
    for t in range(steps):
        u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


@case(V, S, 3)
def written_once(x, A, n):
    h = np.zeros((n + 1, 3))
    h[0] = x
    for t in range(n):
        h[t + 1] = np.tanh(A @ h[t])
    return h


@case(V, S, 3)
def last_of_a_table(x, A, n):
    h = np.empty((3, n + 1))
    h[:, 0] = x
    for t in range(n):
        h[:, t + 1] = np.tanh(A @ h[:, t])
    return np.sum(h[:, -1] ** 2)


@case(0.7, 0.4, 6)
def fibonacci(x, y, n):
    t = np.zeros(n)
    t[0], t[1] = x, y
    for i in range(2, n):
        t[i] = t[i - 1] * t[i - 2] + t[i - 1]
    return t


@case(L)
def running_product(v):
    for i in range(1, len(v)):
        v[i] *= v[i - 1]
    return v


@case(L)
def running_product_backwards(v):
    for i in range(len(v) - 2, -1, -1):
        v[i] *= v[i + 1]
    for i in reversed(range(3)):
        v[i] -= v[i + 1] * v[i]
    return v


@case(L, 0.3)
def smoothed(v, a):
    w = np.empty_like(v)
    w[0] = v[0]
    for i, x in enumerate(v[1:], start=1):
        w[i] = a * x + (1.0 - a) * w[i - 1]
    return w * v


@case(S, V)
def back_substitution(U, b):
    for i in range(len(b) - 1, -1, -1):
        b[i] = (b[i] - U[i, i + 1 :] @ b[i + 1 :]) / U[i, i]
    return b


@case(S)
def elimination(A):
    for k in range(2):
        for i in range(k + 1, 3):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return A


@case(S, V, 3)
def gauss_seidel(A, b, n):
    x = np.zeros(3)
    for _ in range(n):
        for i in range(3):
            x[i] = (b[i] - A[i] @ x + A[i, i] * x[i]) / A[i, i]
    return x


@case(L[:5], L[1:])
def warped_distance(a, b):
    d = np.full((len(a) + 1, len(b) + 1), 10.0)
    d[0, 0] = 0.0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(d[i - 1, j], min(d[i, j - 1], d[i - 1, j - 1]))
            d[i, j] = (a[i - 1] - b[j - 1]) ** 2 + best
    return d[-1, -1]


@case(L)
def bubble_sort(v):
    for i in range(len(v)):
        for j in range(len(v) - 1 - i):
            if v[j] > v[j + 1]:
                v[j], v[j + 1] = v[j + 1], v[j]
    return v * np.arange(6)


@case(V, 0.7, 4)
def sweep_over_time(x, k, n):
    path = np.zeros((n, 3))
    for t in range(n):
        x[0] += k * x[1] * x[2]
        x[1:] -= k * x[0]
        path[t] = x
    return path


@case(V, W, 0.1, 3)
def trained(w, X, rate, n):
    m = np.zeros_like(w)
    for _ in range(n):
        g = X.T @ (np.tanh(X @ w) - 0.5)
        m *= 0.9
        m += 0.1 * g**2
        w -= rate * g / (np.sqrt(m) + 0.1)
    return w


@case(V)
def accumulated_pairs(v):
    A = np.zeros((3, 3))
    for i in range(3):
        for j in range(i):
            d = v[i] - v[j]
            A[i, j] += d * d
            A[j, i] -= A[i, j] * d
    return A


@case(S, W)
def product_by_loops(A, B):
    C = np.zeros((2, 3))
    for i in range(2):
        for j in range(3):
            for k in range(3):
                C[i, j] += B[i, k] * A[k, j]
    return C


@case(L, V)
def convolution(v, w):
    out = np.zeros(len(v) - len(w) + 1)
    for k in range(len(w)):
        out += w[k] * v[k : k + len(out)]
    return out


@case(L, 2)
def ghost_cells(v, n):
    u = np.zeros(len(v) + 2)
    u[1:-1] = v
    for _ in range(n):
        u[0], u[-1] = u[-2], u[1]
        u[1:-1] = u[1:-1] - 0.3 * u[1:-1] * (u[1:-1] - u[:-2])
    return u[1:-1]

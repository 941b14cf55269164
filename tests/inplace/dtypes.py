"""Buffers of integers, booleans and complex numbers."""

import math

import numpy as np

from . import Cases, L, V

case = Cases()


@case(V, 2.6)
def truncated(v, x):
    k = np.zeros(3, dtype=int)
    k[0] = x
    k[1:] = v[1:] * 7
    return v * k


@case(L, 0.7)
def counts(v, x):
    count = np.ones(3, dtype=int)
    total = np.zeros(3)
    for i in range(len(v)):
        k = math.floor(v[i] * 2.1) % 3
        count[k] += 1
        total[k] += x * v[i]
    return total / count


@case(L)
def permutation(v):
    p = np.arange(len(v))
    p[0], p[3] = p[3], p[0]
    p[1:3] = p[2:0:-1]
    v[p] = v * v[0]
    return v


@case(L, 0.7)
def flags(v, x):
    done = np.zeros(len(v), dtype=bool)
    for i in range(len(v)):
        done[i] = v[i] > 0.6
        if done[i - 1]:
            v[i] *= x
    v[done] = v[done] ** 2
    done[:] = ~done
    return v * done


@case(V, 0.4)
def complex_buffer(v, x):
    z = np.zeros(3, dtype=complex)
    z[:] = v
    z[0] = x + 1j * v[1]
    z *= np.exp(1j * v)
    return np.sum(np.abs(z) ** 2 * v)


@case(V, 3)
def complex_recurrence(v, n):
    z = np.empty(n, dtype=np.complex128)
    z[0] = 1.0
    for k in range(1, n):
        z[k] = z[k - 1] * (v[k] + 0.5j) + v[0]
    return np.real(z), np.imag(z)


@case(L[:4])
def fourier_transform(v):
    z = v + 0j
    z[1], z[2] = z[2], z[1]
    for m in (2, 4):
        w = np.exp(-2j * np.pi / m * np.arange(m // 2))
        for k in range(0, 4, m):
            even, odd = z[k : k + m // 2].copy(), w * z[k + m // 2 : k + m]
            z[k : k + m // 2] = even + odd
            z[k + m // 2 : k + m] = even - odd
    return np.abs(z) ** 2


@case(V, np.array([1, 2, 0]))
def integer_argument(v, k):
    k[0] = 2
    k[1:] += 1
    v[0] *= k[1]
    return v * k

"""Two spellings of one computation have one derivative."""
# ruff: noqa: B007, B905, E731

import itertools
import math
import math as m

import numpy
import numpy as np
import numpy as xyz
import pytest
from agree import check_spellings
from numpy import linalg, sin, tanh
from numpy import sum as total_of
from numpy.linalg import norm

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])
PAIRS = []


def pair(*args):
    """Collects functions that are to agree at the arguments."""

    def decorate(make):
        PAIRS.append(pytest.param(make(), args, id=make.__name__))
        return make

    return decorate


@pytest.mark.parametrize(("spellings", "args"), PAIRS)
def test_spellings_agree(spellings, args):
    check_spellings(spellings, args)


# assignments --------------------------------------------------------------------------


@pair(0.7, 3)
def augmented_assignment():
    def one(x, n):
        for _ in range(n):
            x += x * x
            x *= 0.5
            x -= 0.1
            x /= 1.5
            x **= 2
        return x

    def other(x, n):
        for _ in range(n):
            x = x + x * x
            x = x * 0.5
            x = x - 0.1
            x = x / 1.5
            x = x**2
        return x

    return one, other


@pair(0.7, 0.4)
def swaps():
    def one(x, y):
        for _ in range(3):
            x, y = y * y, x + y
        return x - y

    def other(x, y):
        for _ in range(3):
            new_x = y * y
            new_y = x + y
            x = new_x
            y = new_y
        return x - y

    def lists(x, y):
        for _ in range(3):
            [x, y] = [y * y, x + y]
        return x - y

    return one, other, lists


@pair(0.7, 0.4)
def chained_assignment():
    def one(x, y):
        a = b = x * y
        a = a * a
        return a * b

    def other(x, y):
        b = x * y
        a = b
        a = a * a
        return a * b

    return one, other


@pair((0.7, 0.4, 1.1))
def unpacking():
    def one(p):
        x, y, z = p
        return x * y + z

    def other(p):
        return p[0] * p[1] + p[-1]

    def third(p):
        x, (y, z) = p[0], p[1:]
        return x * y + z

    return one, other, third


@pair(0.6)
def annotations():
    def one(x: float) -> float:
        y: float = x * x
        z: float = y + x
        return z

    def other(x):
        y = x * x
        z = y + x
        return z

    return one, other


# loops --------------------------------------------------------------------------------


@pair(0.7, 4)
def for_and_while():
    def one(x, n):
        y = x
        for i in range(n):
            y = np.sin(y) + i * x
        return y

    def other(x, n):
        y = x
        i = 0
        while i < n:
            y = np.sin(y) + i * x
            i += 1
        return y

    def forever(x, n):
        y = x
        i = 0
        while True:
            if i == n:
                break
            y = np.sin(y) + i * x
            i += 1
        return y

    def flagged(x, n):
        y = x
        i = 0
        done = n == 0
        while not done:
            y = np.sin(y) + i * x
            i = i + 1
            done = i == n
        return y

    return one, other, forever, flagged


@pair(V)
def backwards():
    def one(v):
        y = 0.5
        for i in range(len(v) - 1, -1, -1):
            y = y * v[i] + i
        return y

    def other(v):
        y = 0.5
        for i in reversed(range(len(v))):
            y = y * v[i] + i
        return y

    def negative(v):
        y = 0.5
        for k in range(1, len(v) + 1):
            y = y * v[-k] + len(v) - k
        return y

    def sliced(v):
        y = 0.5
        i = len(v)
        for x in v[::-1]:
            i -= 1
            y = y * x + i
        return y

    def elements(v):
        y = 0.5
        i = v.size - 1
        for x in reversed(v):
            y = y * x + i
            i -= 1
        return y

    return one, other, negative, sliced, elements


@pair(V, W)
def iteration():
    def one(v, w):
        y = 1.0
        for i in range(len(v)):
            for j in range(w.shape[0]):
                y = y + v[i] * np.sin(w[j, i] * y) * (i + 1)
        return y

    def elements(v, w):
        y = 1.0
        for i, x in enumerate(v):
            for row in w:
                y = y + x * np.sin(row[i] * y) * (i + 1)
        return y

    def zipped(v, w):
        y = 1.0
        for x, column, i in zip(v, w.T, range(1, 4)):
            for entry in column:
                y = y + x * np.sin(entry * y) * i
        return y

    def started(v, w):
        y = 1.0
        for i, (x, column) in enumerate(zip(v, w.transpose()), start=1):
            for entry in column:
                y += x * np.sin(entry * y) * i
        return y

    def indexed_twice(v, w):
        y = 1.0
        for i in range(w.shape[1]):
            for j in range(len(w)):
                y += v[i] * sin(w[j][i] * y) * (1 + i)
        return y

    return one, elements, zipped, started, indexed_twice


@pair([0.3, 0.5], [V, 2 * V])
def lists():
    def one(ws, vs):
        y = 0.0
        for w, v in zip(ws, vs):
            y = y + w * np.sum(v) + y * y
        return y

    def other(ws, vs):
        y = 0.0
        for k in range(len(ws)):
            y = y + ws[k] * np.sum(vs[k]) + y * y
        return y

    def unrolled(ws, vs):
        w0, w1 = ws
        y = w0 * np.sum(vs[0])
        return y + w1 * vs[1].sum() + y * y

    return one, other, unrolled


# branches -----------------------------------------------------------------------------


def branches():
    def one(x, y):
        if x > 0.0:
            if y > 0.0:
                return x * y
            return x - y
        return y * y

    def other(x, y):
        if x > 0.0 and y > 0.0:
            z = x * y
        elif x > 0.0:
            z = x - y
        else:
            z = y * y
        return z

    def expression(x, y):
        return (x * y if y > 0.0 else x - y) if x > 0.0 else y * y

    def negated(x, y):
        if not x > 0.0:
            return y * y
        if not (y > 0.0):
            return x - y
        else:
            return x * y

    def loops(x, y):
        for _ in range(1):
            if x <= 0.0:
                z = y * y
                break
            if y > 0.0:
                z = x * y
                continue
            z = x - y
        return z

    return one, other, expression, negated, loops


for x, y in itertools.product((0.7, -0.6), (0.3, -0.4)):
    pair(x, y)(branches)


def comparisons():
    def one(x, lo, hi):
        return x * x if lo < x < hi else x * lo * hi

    def other(x, lo, hi):
        return x * x if lo < x and x < hi else x * lo * hi

    def third(x, lo, hi):
        return x * lo * hi if x <= lo or x >= hi else x * x

    def fourth(x, lo, hi):
        inside = lo < x
        inside = inside and x < hi
        if inside:
            return x * x
        return x * lo * hi

    def fifth(x, lo, hi):
        if hi > x > lo:
            return x * x
        return x * lo * hi

    return one, other, third, fourth, fifth


for x in (0.5, -0.5, 1.5):
    pair(x, 0.1, 1.2)(comparisons)


@pair(0.7)
def early_return_in_a_loop():
    def one(x):
        for i in range(10):
            x = x * 1.3
            if x > 2.0:
                return x * i
        return x

    def other(x):
        i = 0
        found = False
        while i < 10 and not found:
            x = x * 1.3
            if x > 2.0:
                found = True
            else:
                i += 1
        if found:
            x = x * i
        return x

    def with_else(x):
        for i in range(10):
            x = x * 1.3
            if x > 2.0:
                break
        else:
            return x
        return x * i

    return one, other, with_else


# names of operations ------------------------------------------------------------------


@pair(V, W)
def imports():
    def one(v, w):
        return np.sum(np.sin(v)) + np.tanh(w).sum() + np.linalg.norm(v) + np.pi

    def other(v, w):
        return numpy.sum(numpy.sin(v)) + numpy.tanh(w).sum() + norm(v) + numpy.pi

    def third(v, w):
        return xyz.sum(sin(v)) + tanh(w).sum() + xyz.linalg.norm(v) + m.pi

    def fourth(v, w):
        return total_of(sin(v)) + total_of(tanh(w)) + linalg.norm(v) + math.pi

    return one, other, third, fourth


@pair(W, V)
def methods():
    def one(w, v):
        return (
            np.sum(np.transpose(w), axis=0)[1]
            + np.mean(w) * np.max(v)
            + np.dot(w, v)[0]
        )

    def other(w, v):
        return w.T.sum(axis=0)[1] + w.mean() * v.max() + w.dot(v)[0]

    def third(w, v):
        return w.transpose().sum(0)[1] + np.mean(w) * v.max() + (w @ v)[0]

    def fourth(w, v):
        return np.sum(w.T, 0)[1] + np.sum(w) / w.size * np.max(v) + np.matmul(w, v)[0]

    return one, other, third, fourth


@pair(V)
def powers():
    def one(v):
        return np.sum(v**2) + np.sum(np.sqrt(v**2 + 1.0))

    def other(v):
        return np.sum(v * v) + np.sum((v * v + 1.0) ** 0.5)

    def third(v):
        return v @ v + np.sum(np.power(np.square(v) + 1, 1 / 2))

    def fourth(v):
        return np.dot(v, v) + np.sum(np.exp(0.5 * np.log(1 + v**2.0)))

    return one, other, third, fourth


@pair(0.7)
def scalar_functions():
    def one(x):
        return np.exp(x) * np.sqrt(x) + np.abs(-x) + np.maximum(x, 0.5)

    def other(x):
        return math.exp(x) * math.sqrt(x) + abs(-x) + max(x, 0.5)

    def third(x):
        return m.e**x * x**0.5 + math.fabs(-x) + (x if x > 0.5 else 0.5)

    return one, other, third


@pair(V, W)
def shapes():
    def one(v, w):
        return np.sum(w * v[None, :] * w[:, 1][:, None])

    def other(v, w):
        return np.sum(w * v * w[:, 1:2])

    def third(v, w):
        return (w * v.reshape(1, -1) * w[:, [1]]).sum()

    def fourth(v, w):
        return np.sum(w * v[np.newaxis] * np.expand_dims(w[:, 1], 1))

    def fifth(v, w):
        return np.sum(w * np.reshape(v, (1, 3)) * w[..., 1, None])

    return one, other, third, fourth, fifth


times = lambda v, s: np.sum(v * s) + s


@pair(V, 0.4)
def functions():
    def one(v, s):
        return np.sum(v * s) + s

    return one, times, lambda w, t: np.sum(w * t) + t

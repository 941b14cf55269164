"""Programs that people have, in which functions call themselves."""

from dataclasses import dataclass

import numpy as np


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right

    def total(self):
        s = np.sin(self.value)
        if self.left is not None:
            s = s + 0.5 * self.left.total()
        if self.right is not None:
            s = s * self.right.total()
        return s


def tree(v, w):
    root = Node(v, Node(w), Node(v * w, Node(w * w), None))
    return root.total()


def walk(cfg, x):
    out = x * cfg["scale"]
    for child in cfg["children"]:
        out = out + np.tanh(walk(child, x))
    return out


def config(a, x):
    cfg = {
        "scale": a,
        "children": [
            {"scale": a * 2, "children": []},
            {"scale": 3.0, "children": [{"scale": a, "children": []}]},
        ],
    }
    return walk(cfg, x)


def acc(x, n, total=0.0):
    if n == 0:
        return total
    return acc(x * 0.9, n - 1, total + np.sin(x))


def accumulate(x):
    return acc(x, 5)


def horner(x, *cs):
    if not cs:
        return 0.0
    return cs[0] + x * horner(x, *cs[1:])


def poly(x):
    return horner(x, 1.0, 2.0, x, 3.0)


def bisect_root(f, lo, hi, n):
    mid = 0.5 * (lo + hi)
    if n == 0:
        return mid
    if f(mid) > 0:
        return bisect_root(f, lo, mid, n - 1)
    return bisect_root(f, mid, hi, n - 1)


def newton(f, df, x, n=0):
    step = f(x) / df(x)
    if n > 20 or abs(step) < 1e-12:
        return x - step
    return newton(f, df, x - step, n + 1)


def root(a):
    return newton(lambda y: y * y * y - a, lambda y: 3 * y * y, 1.0) * a


def koch(p, q, depth):
    if depth == 0:
        return np.sqrt(np.sum((q - p) ** 2))
    a = p + (q - p) / 3.0
    b = p + 2.0 * (q - p) / 3.0
    r = np.array([[0.5, -0.8], [0.9, 0.5]]) @ (b - a) + a
    return (
        koch(p, a, depth - 1)
        + koch(a, r, depth - 1)
        + koch(r, b, depth - 1)
        + koch(b, q, depth - 1)
    )


def curve(p, q):
    return koch(p, q, 3)


def deboor(k, x, t, c, i):
    def basis(j, p):
        if p == 0:
            return c[j]
        alpha = (x - t[j]) / (t[j + k + 1 - p] - t[j])
        return alpha * basis(j, p - 1) + (1.0 - alpha) * basis(j - 1, p - 1)

    return basis(i, k)


def spline(c, x):
    t = np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 3.0])
    return deboor(2, x, t, c, 3)


@dataclass
class Quad:
    tol: float
    evals: int = 0

    def integrate(self, f, a, b, depth=0):
        m = 0.5 * (a + b)
        one = (b - a) * f(m)
        two = 0.5 * (b - a) * (f(0.5 * (a + m)) + f(0.5 * (m + b)))
        if abs(one - two) < self.tol or depth > 8:
            return two
        return self.integrate(f, a, m, depth + 1) + self.integrate(f, m, b, depth + 1)


def quad(w):
    q = Quad(1e-4)
    return q.integrate(lambda t: np.exp(-w * t * t), 0.0, 2.0)


def strassen(A, B):
    n = A.shape[0]
    if n == 1:
        return A * B
    h = n // 2
    a, b, c, d = A[:h, :h], A[:h, h:], A[h:, :h], A[h:, h:]
    e, f, g, i = B[:h, :h], B[:h, h:], B[h:, :h], B[h:, h:]
    out = np.empty((n, n))
    out[:h, :h] = strassen(a, e) + strassen(b, g)
    out[:h, h:] = strassen(a, f) + strassen(b, i)
    out[h:, :h] = strassen(c, e) + strassen(d, g)
    out[h:, h:] = strassen(c, f) + strassen(d, i)
    return out


def product(A, B):
    return np.sum(strassen(A, B) ** 2)

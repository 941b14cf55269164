"""Functions that are called in several places: each is one in the output."""

from functools import reduce

import numpy as np


def activation(x, kind):
    if kind == "tanh":
        y = np.tanh(x)
    elif kind == "soft":
        y = np.log1p(np.exp(x))
    else:
        y = np.maximum(x, 0.0)
    return y / (1.0 + np.sum(y * y)) + 0.1 * x * y - np.exp(-y) * x


def acts(x):
    return np.sum(
        activation(x, "tanh") * activation(2.0 * x, "tanh") + activation(x, "soft")
    )


def kernel(x, y, scale, length):
    d = (x[:, None] - y[None, :]) / length
    k = scale * np.exp(-0.5 * d * d)
    s = np.sqrt(1.0 + d * d)
    return k / s + np.tanh(d) * 0.1 * k


def gp(x, y, scale, length):
    kxx = kernel(x, x, scale, length)
    kxy = kernel(x, y, scale, length)
    return np.sum(kxx @ kxy)


def step(u, v, dt, k):
    a = -k * u - 0.1 * v
    v1 = v + dt * a
    u1 = u + dt * v1
    e = 0.5 * np.sum(v1 * v1) + 0.5 * k * np.sum(u1 * u1)
    if e > 5.0:
        v1 = v1 * 0.5
    return u1, v1, e


def simulate(u, v, k):
    total = 0.0
    for _ in range(4):
        u, v, e = step(u, v, 0.1, k)
        total += e
    u, v, e = step(u, v, 0.05, k)
    return total + e + np.sum(u * v)


def smooth(u, n):
    w = u.copy()
    for _ in range(n):
        for i in range(1, len(w) - 1):
            w[i] = 0.25 * w[i - 1] + 0.5 * w[i] * w[i] + 0.25 * w[i + 1]
    return w


def smoothing(u):
    a = smooth(u, 2)
    b = smooth(a * 0.5, 3)
    return np.sum(a * b)


SCALE = 1.5


def scaled(x, bias=0.5, *, power=2):
    y = SCALE * x + bias
    z = np.sin(y) * np.cos(y * x)
    w = np.exp(-z) / (1.0 + z * z) + y**power
    return w * y + x - z


def globals_and_defaults(x):
    return scaled(x) + scaled(x, power=3) * scaled(x * 0.5, bias=x)


def reuse(x):
    a = scaled(x)
    b = 0.0
    while b < 3.0:
        b = b + abs(scaled(a)) + 0.5
        if b > 2.5:
            a = a + scaled(b * 0.1)
    return a * b


def mutated_after(x):
    y = smooth(x, 1)
    y *= 2.0
    z = smooth(y, 1)
    y[1] = 3.0
    return np.sum(z * y)


def identity_ish(x, flag):
    y = np.sin(x) + x * x - np.exp(-x) / (1 + x * x)
    z = y * y + np.cos(y) - x * y + np.tanh(y)
    if flag:
        return x
    return y * z + x


def alias_result(x):
    a = identity_ish(x, True)
    b = identity_ish(x * 2, False)
    return np.sum(a * b)


def pair(x):
    y = np.sin(x) + x * x - np.exp(-x) / (1 + x * x)
    z = y * y + np.cos(y) - x * y + np.tanh(y)
    return (y, z), np.sum(y * z)


def pairs(x):
    (a, b), c = pair(x)
    (d, _), e = pair(a + b)
    return np.sum(a * d) * c + e


def inner_fn(x, w):
    def g(y):
        s = np.sin(y * w) + y
        t = np.exp(-s * s) * w
        return s * t + np.tanh(t) / (1.0 + s * s) - y

    return g(x) + g(g(x)) * w


def compose(fs, x):
    return reduce(lambda acc, f: f(acc), fs, x)


def higher(x, w):
    def sq(y):
        s = np.sin(y * w) + y
        t = np.exp(-s * s) * w
        return s * t + np.tanh(t) / (1.0 + s * s) - y

    return compose([sq, np.sin, sq, sq], x)


class Model:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def layer(self, x):
        a = self.w * x + self.b
        h = np.tanh(a) + 0.1 * a * a
        s = h / np.sqrt(1.0 + np.sum(h * h))
        return s * h + np.exp(-s) * a

    def __call__(self, x):
        return self.layer(self.layer(x)) + self.layer(x * 0.5)


def model(w, b, x):
    m = Model(w, b)
    return np.sum(m(x) * m(x + 1.0))


def dictlayer(p, x):
    a = x @ p["w"] + p["b"]
    h = np.tanh(a) + 0.1 * a * a
    s = h / np.sqrt(1.0 + np.sum(h * h))
    return s * h + np.exp(-s) * a


def mlp(params, x):
    for p in params:
        x = dictlayer(p, x)
    y = dictlayer(params[0], x)
    return np.sum(y * dictlayer(params[1], y))


def complexes(z):
    w = z * np.exp(1j * z) + np.conj(z)
    v = w / (1.0 + w * w) - np.sin(w) + z
    return w * v + np.real(v)


def comp(x):
    a = complexes(x + 0.5j * x)
    b = complexes(a)
    return np.abs(b) ** 2 + np.real(a * b)


def f32(x):
    y = np.sin(x) + x * x - np.exp(-x) / (1 + x * x)
    z = y * y + np.cos(y) - x * y + np.tanh(y)
    return y * z + x


def floats(x):
    return np.sum(f32(x) * f32(x * x)) + f32(0.5)


def raises(x):
    if np.sum(x) < -100.0:
        raise ValueError("no")
    y = np.sin(x) + x * x - np.exp(-x) / (1 + x * x)
    z = y * y + np.cos(y) - x * y + np.tanh(y)
    return y * z + x


def tried(x):
    try:
        a = raises(x)
    except ValueError:
        a = x
    return np.sum(a * raises(a))


def unused(x, y, z):
    y2 = np.sin(x) + x * x - np.exp(-x) / (1 + x * x)
    z2 = y2 * y2 + np.cos(y2) - x * y2 + np.tanh(y2)
    return y2 * z2 + x


def uses(x):
    return np.sum(unused(x, x, 3.0) + unused(x * 2, x, x))


def early(x, n):
    for k in range(n):
        if x > 2.0:
            return x * k + np.sin(x)
        x = x * 1.3 + np.exp(-x)
    return x * x


def earlies(x):
    return early(x, 5) + early(x * 2, 4) * early(x * 0.1, 2)

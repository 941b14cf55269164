"""Layers written with loops, and training loops that update parameters in place."""
# ruff: noqa: B007

import numpy as np


def convolution(images, kernels, bias):
    """A sum over the taps of the kernels, each a shifted slice of all images."""
    n, h, w = images.shape
    k, kh, kw = kernels.shape
    oh, ow = h - kh + 1, w - kw + 1
    out = np.zeros((n, k, oh, ow))
    for i in range(kh):
        for j in range(kw):
            patch = images[:, None, i : i + oh, j : j + ow]
            out += kernels[:, i, j, None, None] * patch
    out += bias[:, None, None]
    return out


def convolution_and_pooling(image, kernels):
    """Valid convolution, the largest of each 2 x 2 window, and a rectifier."""
    k, kh, kw = kernels.shape
    rows = image.shape[0] - kh + 1
    columns = image.shape[1] - kw + 1
    z = np.empty((k, rows, columns))
    for f in range(k):
        for i in range(rows):
            for j in range(columns):
                z[f, i, j] = np.sum(image[i : i + kh, j : j + kw] * kernels[f])
    pooled = np.empty((k, rows // 2, columns // 2))
    for i in range(rows // 2):
        for j in range(columns // 2):
            window = z[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            pooled[:, i, j] = np.max(window, axis=(1, 2))
    pooled[pooled < 0] = 0.0
    return pooled


def mean_pooling(x, kernel, bias):
    """A padded signal, a nonlinearity in place, and means of pairs."""
    padded = np.zeros(len(x) + 2)
    padded[1:-1] = x
    z = kernel[0] * padded[:-2] + kernel[1] * padded[1:-1] + kernel[2] * padded[2:]
    z += bias
    np.tanh(z, out=z)
    z[::2] += z[1::2]
    return 0.5 * z[::2]


def adam(X, y, w, lr, beta1, beta2, steps):
    """Logistic regression by Adam; the loss after training."""
    m = np.zeros_like(w)
    v = np.zeros_like(w)
    for t in range(1, steps + 1):
        p = 1.0 / (1.0 + np.exp(-(X @ w)))
        g = X.T @ (p - y) / len(y)
        m[:] = beta1 * m + (1 - beta1) * g
        v[:] = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w -= lr * m_hat / (np.sqrt(v_hat) + 1e-8)
    p = 1.0 / (1.0 + np.exp(-(X @ w)))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def adam_of_layers(x, y, w1, w2, lr, steps):
    """The same for two layers whose moments are updated by *= and +=."""
    m1, v1 = np.zeros_like(w1), np.zeros_like(w1)
    m2, v2 = np.zeros_like(w2), np.zeros_like(w2)
    for t in range(1, steps + 1):
        h = np.tanh(x @ w1)
        r = h @ w2 - y
        g2 = h.T @ r / len(y)
        g1 = x.T @ (np.outer(r, w2) * (1 - h**2)) / len(y)
        m1 *= 0.9
        m1 += 0.1 * g1
        v1 *= 0.99
        v1 += 0.01 * g1 * g1
        m2 *= 0.9
        m2 += 0.1 * g2
        v2 *= 0.99
        v2 += 0.01 * g2 * g2
        rate = lr * np.sqrt(1 - 0.99**t) / (1 - 0.9**t)
        w1 -= rate * m1 / (np.sqrt(v1) + 1e-6)
        w2 -= rate * m2 / (np.sqrt(v2) + 1e-6)
    return w1, w2


def momentum_on_views(theta, x, y, lr, mu, epochs):
    """All parameters in one vector; the layers and their gradients are views of it."""
    inputs = x.shape[1]
    W = theta[: 2 * inputs].reshape(inputs, 2)
    b = theta[2 * inputs : 2 * inputs + 2]
    c = theta[2 * inputs + 2 :]
    grad = np.zeros_like(theta)
    W_grad = grad[: 2 * inputs].reshape(inputs, 2)
    b_grad = grad[2 * inputs : 2 * inputs + 2]
    c_grad = grad[2 * inputs + 2 :]
    velocity = np.zeros_like(theta)
    for epoch in range(epochs):
        h = np.tanh(x @ W + b)
        r = h @ c - y
        a = np.outer(r, c) * (1 - h * h)
        W_grad[:] = x.T @ a
        b_grad[:] = a.sum(axis=0)
        c_grad[:] = h.T @ r
        velocity *= mu
        velocity -= lr * grad
        theta += velocity
    return theta


def stochastic_descent(x, y, w, lr):
    """One sample at a time; a list of losses grows."""
    losses = []
    for row, target in zip(x, y, strict=True):
        error = row @ w - target
        losses.append(0.5 * error**2)
        w -= lr * error * row
    return losses, np.sum(w**2)


def online_statistics(xs, momentum, eps):
    """Running mean and variance, and each batch normalized by them, in place."""
    mean = np.zeros(xs.shape[2])
    var = np.ones(xs.shape[2])
    for batch in xs:
        mean *= 1 - momentum
        mean += momentum * batch.mean(axis=0)
        var *= 1 - momentum
        var += momentum * batch.var(axis=0)
        batch -= mean
        batch /= np.sqrt(var + eps)
    return xs


_rng = np.random.default_rng(25)
_n = _rng.normal

CASES = [
    (convolution, (_n(size=(2, 4, 5)), _n(size=(2, 2, 3)), _n(size=2))),
    (convolution_and_pooling, (_rng.uniform(size=(5, 5)), _n(size=(2, 2, 2)))),
    (mean_pooling, (_n(size=6), _n(size=3), 0.2)),
    (
        adam,
        (_n(size=(4, 3)), np.array([0.0, 1.0, 1.0, 0.0]), _n(size=3),
         0.1, 0.8, 0.9, 3),
    ),
    (
        adam_of_layers,
        (_n(size=(3, 2)), _n(size=3), _n(size=(2, 2)), _n(size=2), 0.05, 3),
    ),
    (momentum_on_views, (_n(size=8), _n(size=(3, 2)), _n(size=3), 0.05, 0.7, 3)),
    (stochastic_descent, (_n(size=(4, 2)), _n(size=4), _n(size=2), 0.1)),
    (online_statistics, (_n(size=(2, 3, 2)), 0.3, 0.1)),
]  # fmt: skip

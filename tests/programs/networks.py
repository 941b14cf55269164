"""Neural networks and their losses."""
# ruff: noqa: B007, B905

import numpy as np


def softmax_cross_entropy(logits, labels):
    """Mean cross-entropy; labels are class numbers."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(labels)), labels].mean()


def mlp_loss(x, labels, w1, b1, w2, b2, decay=1e-3):
    h = np.maximum(x @ w1 + b1, 0.0)
    logits = h @ w2 + b2
    z = logits - np.max(logits, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    nll = -np.mean(log_p[np.arange(len(labels)), labels])
    return nll + decay * (np.sum(w1**2) + np.sum(w2**2))


def deep(x, weights, biases):
    """A network of any depth, its last layer linear."""
    last = len(weights) - 1
    for k, (w, b) in enumerate(zip(weights, biases)):
        x = np.dot(x, w) + b
        if k < last:
            x = np.tanh(x)
    return np.mean(x**2)


def deep_in_pairs(params, x, y):
    """The same with the parameters in a list of pairs."""
    for W, b in params:
        x = np.tanh(x @ W + b)
    return 0.5 * np.sum((x - y) ** 2)


def rnn(xs, h, wx, wh, b):
    """The last hidden state; xs has shape (time, batch, features)."""
    for x in xs:
        h = np.tanh(x @ wx + h @ wh + b)
    return h


def rnn_loss(xs, ys, wx, wh, wo):
    h = np.zeros((xs.shape[1], wh.shape[0]))
    loss = 0.0
    for t in range(len(xs)):
        h = np.tanh(xs[t] @ wx + h @ wh)
        error = h @ wo - ys[t]
        loss += np.sum(error * error)
    return loss / (xs.shape[0] * xs.shape[1])


def lstm(xs, W, U, b):
    """One cell over time; the four gates in one matrix."""
    n = U.shape[0]
    h = np.zeros(n)
    c = np.zeros(n)
    for x in xs:
        gates = x @ W + h @ U + b
        i = 1.0 / (1.0 + np.exp(-gates[:n]))
        f = 1.0 / (1.0 + np.exp(-gates[n : 2 * n]))
        o = 1.0 / (1.0 + np.exp(-gates[2 * n : 3 * n]))
        g = np.tanh(gates[3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
    return h.sum()


def conv2d(image, kernel):
    """Valid correlation, one shifted slice for each tap."""
    kh, kw = kernel.shape
    h = image.shape[0] - kh + 1
    w = image.shape[1] - kw + 1
    out = np.zeros((h, w))
    for i in range(kh):
        for j in range(kw):
            out = out + kernel[i, j] * image[i : i + h, j : j + w]
    return out


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ v


def layer_norm(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(var + eps) + bias


def logistic_regression(w, X, y, l2):
    margins = y * (X @ w)
    return np.mean(np.log1p(np.exp(-margins))) + 0.5 * l2 * w @ w


def gradient_descent(w, X, y, lr, steps):
    """Least squares by hand-written gradient descent, differentiated through."""
    n = len(y)
    for step in range(steps):
        residual = X @ w - y
        w = w - lr * (X.T @ residual) / n
    return np.linalg.norm(X @ w - y)


_rng = np.random.default_rng(2)
_n = _rng.normal

CASES = [
    (softmax_cross_entropy, (_n(size=(4, 3)), np.array([0, 2, 1, 1]))),
    (
        mlp_loss,
        (_n(size=(5, 3)), np.array([0, 1, 1, 0, 1]), _n(size=(3, 4)), _n(size=4),
         _n(size=(4, 2)), _n(size=2)),
    ),
    (
        deep,
        (_n(size=(2, 3)), [_n(size=(3, 4)), _n(size=(4, 2))], [_n(size=4), _n(size=2)]),
    ),
    (
        deep_in_pairs,
        ([(_n(size=(3, 3)), _n(size=3)), (_n(size=(3, 3)), _n(size=3))],
         _n(size=(2, 3)), _n(size=(2, 3))),
    ),
    (rnn, (_n(size=(4, 2, 3)), _n(size=(2, 3)), _n(size=(3, 3)), _n(size=(3, 3)), 0.1)),
    (
        rnn_loss,
        (_n(size=(4, 2, 3)), _n(size=(4, 2, 1)), _n(size=(3, 5)), _n(size=(5, 5)),
         _n(size=(5, 1))),
    ),
    (lstm, (_n(size=(3, 2)), _n(size=(2, 8)), _n(size=(2, 8)), _n(size=8))),
    (conv2d, (_n(size=(5, 6)), _n(size=(2, 3)))),
    (attention, (_n(size=(3, 4)), _n(size=(5, 4)), _n(size=(5, 2)))),
    (layer_norm, (_n(size=(3, 4)), _n(size=4), _n(size=4))),
    (logistic_regression, (_n(size=3), _n(size=(6, 3)), np.sign(_n(size=6)), 0.1)),
    (gradient_descent, (_n(size=2), _n(size=(5, 2)), _n(size=5), 0.1, 8)),
]  # fmt: skip

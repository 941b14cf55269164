"""The loss of the two-layer classifier of examples/digits.py, on data of its shape."""

import numpy as np

from benchmarks.libraries import jax, torch
from benchmarks.program import Program


def loss(x, y, w1, b1, w2, b2, decay):
    h = np.tanh(x @ w1 + b1)
    z = h @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    fit = -np.mean(log_p[np.arange(len(y)), y])
    return fit + decay * (np.sum(w1**2) + np.sum(w2**2))


def loss_by_hand(x, y, w1, b1, w2, b2, decay):
    h = np.tanh(x @ w1 + b1)
    z = h @ w2 + b2
    z -= np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    s = np.sum(e, axis=1, keepdims=True)
    rows = np.arange(len(y))
    fit = np.mean(np.log(s)) - np.mean(z[rows, y])
    value = fit + decay * (np.sum(w1**2) + np.sum(w2**2))

    # The softmax less one at the label: the shift by the maximum cancels out.
    z_bar = e / (s * len(y))
    z_bar[rows, y] -= 1.0 / len(y)
    a_bar = (z_bar @ w2.T) * (1.0 - h * h)
    w2_bar = h.T @ z_bar + 2.0 * decay * w2
    w1_bar = x.T @ a_bar + 2.0 * decay * w1
    return value, (w1_bar, np.sum(a_bar, axis=0), w2_bar, np.sum(z_bar, axis=0))


def loss_in_jax(x, y, w1, b1, w2, b2, decay):
    h = jax.numpy.tanh(x @ w1 + b1)
    log_p = jax.nn.log_softmax(h @ w2 + b2)
    fit = -jax.numpy.mean(log_p[jax.numpy.arange(len(y)), y])
    return fit + decay * (jax.numpy.sum(w1**2) + jax.numpy.sum(w2**2))


def loss_in_torch(x, y, w1, b1, w2, b2, decay):
    h = torch.tanh(x @ w1 + b1)
    fit = torch.nn.functional.cross_entropy(h @ w2 + b2, y)
    return fit + decay * ((w1**2).sum() + (w2**2).sum())


def batch(size):
    rng = np.random.default_rng(0)
    return (
        rng.uniform(size=(size, 64)),
        rng.integers(10, size=size),
        rng.normal(size=(64, 32)) / 8.0,
        rng.normal(size=32),
        rng.normal(size=(32, 10)) / 6.0,
        rng.normal(size=10),
        1e-4,
    )


PROGRAMS = [
    Program(
        name=f"digits, {size:,} scans",
        primal=loss,
        args=batch(size),
        wrt=("w1", "b1", "w2", "b2"),
        hand=loss_by_hand,
        jax=loss_in_jax,
        torch=loss_in_torch,
    )
    for size in (64, 1347)
]

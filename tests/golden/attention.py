"""Attention of one head; the result is an array, so there is a pullback."""

import numpy as np


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ v


def wave(*shape):
    return np.sin(np.arange(1.0, 1.0 + np.prod(shape))).reshape(shape)


CALL = wave(4, 2), wave(3, 2), wave(3, 5)
DERIVATIVES = {"vjp": ("q", "k", "v")}

"""Softmax and cross-entropy, shifted so that nothing overflows."""

import numpy as np


def cross_entropy(logits, onehot):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.sum(onehot * (shifted - total)) / len(logits)


CALL = np.sin(np.arange(12.0)).reshape(4, 3), np.eye(4, 3)
DERIVATIVES = {"grad": "logits"}

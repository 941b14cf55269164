"""LU by hand: what the adjoint reads stands in the factors to the end."""


def lu(A):
    n = A.shape[0]
    for k in range(n - 1):
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            for j in range(k + 1, n):
                A[i, j] = A[i, j] - A[i, k] * A[k, j]
    return A


def _matrix():
    import numpy as np

    return np.eye(4) * 4.0 + np.arange(16.0).reshape(4, 4) / 10.0


CALL = (_matrix(),)
DERIVATIVES = {"vjp": "A"}

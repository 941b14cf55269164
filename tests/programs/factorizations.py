"""Factorizations and solvers of linear algebra, by hand and in place."""

import numpy as np


def lu(A):
    """Doolittle, three loops; the unit diagonal of L is not stored."""
    n = A.shape[0]
    for k in range(n - 1):
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            for j in range(k + 1, n):
                A[i, j] = A[i, j] - A[i, k] * A[k, j]
    return A


def lu_rank_one(A):
    """The same by updates of rank one."""
    n = len(A)
    for k in range(n - 1):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return A


def lu_solve(A, b):
    """Partial pivoting by swapping rows, and the two triangular systems."""
    A = A.copy()
    x = b.copy()
    n = len(x)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            x[k], x[p] = x[p], x[k]
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
            x[i] -= A[i, k] * x[k]
    for i in range(n - 1, -1, -1):
        x[i] -= A[i, i + 1 :] @ x[i + 1 :]
        x[i] /= A[i, i]
    return x


def gauss_jordan(A):
    """The inverse takes the place of the matrix, which needs no pivoting."""
    n = len(A)
    for k in range(n):
        pivot = A[k, k]
        A[k, k] = 1.0
        A[k] /= pivot
        for i in range(n):
            if i != k:
                factor = A[i, k]
                A[i, k] = 0.0
                A[i] -= factor * A[k]
    return A


def cholesky(A):
    """Cholesky and Banachiewicz: row by row into a matrix of zeros."""
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return L


def cholesky_columns(A):
    """Column by column over the lower triangle of A; the log of the determinant."""
    n = len(A)
    logdet = 0.0
    for j in range(n):
        column = A[j:, j]
        column -= A[j:, :j] @ A[j, :j]
        column /= np.sqrt(column[0])
        logdet += 2.0 * np.log(column[0])
    return logdet


def ldl(A):
    """L below the diagonal and D on it, without square roots."""
    n = len(A)
    for j in range(n):
        for k in range(j):
            A[j, j] -= A[j, k] ** 2 * A[k, k]
        for i in range(j + 1, n):
            for k in range(j):
                A[i, j] -= A[i, k] * A[j, k] * A[k, k]
            A[i, j] /= A[j, j]
    return np.tril(A)


def householder(A):
    """Q and R by reflections of the trailing block."""
    m, n = A.shape
    Q = np.eye(m)
    for k in range(n):
        v = A[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        A[k:, k:] -= 2.0 * np.outer(v, v @ A[k:, k:])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return Q[:, :n], np.triu(A[:n])


def least_squares(A, b):
    """Householder vectors kept below the diagonal, applied to b as they come."""
    n = A.shape[1]
    diagonal = np.zeros(n)
    for k in range(n):
        v = A[k:, k]
        alpha = np.sqrt(np.sum(v**2))
        if v[0] > 0:
            alpha = -alpha
        diagonal[k] = alpha
        v[0] -= alpha
        beta = v @ v
        for j in range(k + 1, n):
            A[k:, j] -= 2.0 * (v @ A[k:, j]) / beta * v
        b[k:] -= 2.0 * (v @ b[k:]) / beta * v
    x = np.empty(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / diagonal[i]
    return x


def gram_schmidt(A):
    """Modified: as soon as a column is done, it is taken out of those after it."""
    n = A.shape[1]
    R = np.zeros((n, n))
    for j in range(n):
        R[j, j] = np.linalg.norm(A[:, j])
        A[:, j] /= R[j, j]
        for k in range(j + 1, n):
            R[j, k] = A[:, j] @ A[:, k]
            A[:, k] -= R[j, k] * A[:, j]
    return A, R


def gram_schmidt_rows(V):
    """Orthonormal rows, each a view that is written."""
    for i, v in enumerate(V):
        for u in V[:i]:
            v -= (u @ v) * u
        v /= np.sqrt(v @ v)
    return V


def givens(A):
    """R by rotations of two rows at a time."""
    m, n = A.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            a, b = A[i - 1, j], A[i, j]
            r = np.hypot(a, b)
            c, s = a / r, b / r
            upper = c * A[i - 1] + s * A[i]
            A[i] = c * A[i] - s * A[i - 1]
            A[i - 1] = upper
    return A


def forward_substitution(L, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        total = 0.0
        for j in range(i):
            total += L[i, j] * x[j]
        x[i] = (b[i] - total) / L[i, i]
    return x


def back_substitution(U, b):
    """In place, column by column: a known x[j] leaves the equations above it."""
    for j in range(len(b) - 1, -1, -1):
        b[j] /= U[j, j]
        b[:j] -= U[:j, j] * b[j]
    return b


def thomas(lower, diagonal, upper, rhs):
    """A tridiagonal system; the diagonal and the right side are overwritten."""
    n = len(rhs)
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        rhs[i] -= w * rhs[i - 1]
    rhs[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diagonal[i]
    return rhs


_rng = np.random.default_rng(23)
_n = _rng.normal
_A = _n(size=(3, 3)) + 3 * np.eye(3)
_B = _n(size=(3, 3))
_SPD = _B @ _B.T + 2 * np.eye(3)
_tall = _n(size=(4, 3))

CASES = [
    (lu, (_A,)),
    (lu_rank_one, (_A,)),
    (lu_solve, (_A, _n(size=3))),
    (lu_solve, (np.array([[0.1, 2.0, 1.0], [1.0, 0.3, 0.5], [2.0, 1.0, 3.0]]),
                _n(size=3))),
    (gauss_jordan, (_A,)),
    (cholesky, (_SPD,)),
    (cholesky_columns, (_SPD,)),
    (ldl, (_SPD,)),
    (householder, (_tall,)),
    (least_squares, (_tall, _n(size=4))),
    (gram_schmidt, (_tall,)),
    (gram_schmidt_rows, (_tall.T.copy(),)),
    (givens, (_tall,)),
    (forward_substitution, (np.tril(_A), _n(size=3))),
    (back_substitution, (np.triu(_A), _n(size=3))),
    (thomas, (_n(size=3), 4 + _n(size=4), _n(size=3), _n(size=4))),
]  # fmt: skip

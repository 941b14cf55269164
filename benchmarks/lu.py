"""LU by hand, over the matrix: row by row, and by updates of rank one.

Row and column k are final once step k is done, and the updates are linear in what they
overwrite: the reverse sweep needs the factors alone, and nothing is kept.
"""

import numpy as np

from benchmarks.libraries import jax, torch
from benchmarks.program import Program


def rows(A):
    A = A.copy()
    n = len(A)
    for k in range(n - 1):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return np.sum(np.log(np.abs(np.diag(A))))


def rows_by_hand(A):
    A = A.copy()
    n = len(A)
    for k in range(n - 1):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    d = np.diag(A)
    value = np.sum(np.log(np.abs(d)))

    A_bar = np.diag(1.0 / d)
    for k in range(n - 2, -1, -1):
        for i in range(n - 1, k, -1):
            row_bar = A_bar[i, k + 1 :]
            A_bar[k, k + 1 :] -= A[i, k] * row_bar
            A_bar[i, k] = (A_bar[i, k] - row_bar @ A[k, k + 1 :]) / A[k, k]
            A_bar[k, k] -= A_bar[i, k] * A[i, k]
    return value, (A_bar,)


def rank_one(A):
    A = A.copy()
    for k in range(len(A) - 1):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return np.sum(np.log(np.abs(np.diag(A))))


def rank_one_by_hand(A):
    A = A.copy()
    n = len(A)
    for k in range(n - 1):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    d = np.diag(A)
    value = np.sum(np.log(np.abs(d)))

    A_bar = np.diag(1.0 / d)
    for k in range(n - 2, -1, -1):
        block_bar = A_bar[k + 1 :, k + 1 :]
        A_bar[k + 1 :, k] -= block_bar @ A[k, k + 1 :]
        A_bar[k, k + 1 :] -= A[k + 1 :, k] @ block_bar
        A_bar[k + 1 :, k] /= A[k, k]
        A_bar[k, k] -= A_bar[k + 1 :, k] @ A[k + 1 :, k]
    return value, (A_bar,)


def rows_in_jax(A):
    """Whole rows with a mask: slices whose length varies cannot be compiled, and only
    loops of a fixed length can be reversed."""
    n = len(A)
    index = jax.numpy.arange(n)

    def row(i, k, A):
        factor = jax.numpy.where(i > k, A[i, k] / A[k, k], 0.0)
        A = A.at[i].add(-factor * jax.numpy.where(index > k, A[k], 0.0))
        return A.at[i, k].set(jax.numpy.where(i > k, factor, A[i, k]))

    def column(k, A):
        return jax.lax.fori_loop(0, n, lambda i, A: row(i, k, A), A)

    A = jax.lax.fori_loop(0, n - 1, column, A)
    return jax.numpy.sum(jax.numpy.log(jax.numpy.abs(jax.numpy.diag(A))))


def rank_one_in_jax(A):
    n = len(A)
    index = jax.numpy.arange(n)

    def column(k, A):
        below = jax.numpy.where(index > k, A[:, k] / A[k, k], 0.0)
        right = jax.numpy.where(index > k, A[k], 0.0)
        A = A - jax.numpy.outer(below, right)
        return A.at[:, k].set(jax.numpy.where(index > k, below, A[:, k]))

    A = jax.lax.fori_loop(0, n - 1, column, A)
    return jax.numpy.sum(jax.numpy.log(jax.numpy.abs(jax.numpy.diag(A))))


def rows_in_torch(A):
    """What a product or a quotient keeps must not be written later: it takes copies."""
    A = A.clone()
    n = len(A)
    for k in range(n - 1):
        right = A[k, k + 1 :].clone()
        pivot = A[k, k].clone()
        for i in range(k + 1, n):
            factor = A[i, k].clone() / pivot
            A[i, k] = factor
            A[i, k + 1 :] -= factor * right
    return torch.log(torch.abs(torch.diag(A))).sum()


def rank_one_in_torch(A):
    A = A.clone()
    for k in range(len(A) - 1):
        below = A[k + 1 :, k].clone() / A[k, k].clone()
        right = A[k, k + 1 :].clone()
        A[k + 1 :, k] = below
        A[k + 1 :, k + 1 :] -= torch.outer(below, right)
    return torch.log(torch.abs(torch.diag(A))).sum()


MATRIX = np.random.default_rng(0).normal(size=(100, 100)) + 20.0 * np.eye(100)

PROGRAMS = [
    Program(
        name="LU, rows",
        primal=rows,
        args=(MATRIX,),
        wrt=("A",),
        hand=rows_by_hand,
        jax=rows_in_jax,
        torch=rows_in_torch,
        in_place=True,
    ),
    Program(
        name="LU, rank one",
        primal=rank_one,
        args=(MATRIX,),
        wrt=("A",),
        hand=rank_one_by_hand,
        jax=rank_one_in_jax,
        torch=rank_one_in_torch,
        in_place=True,
    ),
]

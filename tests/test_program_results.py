"""Factorizations multiply back, solvers solve, and training loops learn."""

import numpy as np
import pytest
from in_place import cases, near, run
from programs import factorizations, training

# linear algebra -----------------------------------------------------------------------


@pytest.mark.parametrize("factor", [factorizations.lu, factorizations.lu_rank_one])
def test_lu_multiplies_back(factor):
    for (A,) in cases(factor):
        packed = run(factor, A)
        near((np.tril(packed, -1) + np.eye(len(A))) @ np.triu(packed), A)


@pytest.mark.parametrize(
    ("solve", "coefficients"),
    [
        (factorizations.lu_solve, lambda A: A),
        (factorizations.forward_substitution, np.tril),
        (factorizations.back_substitution, np.triu),
    ],
)
def test_solvers(solve, coefficients):
    for A, b in cases(solve):
        near(run(solve, A, b), np.linalg.solve(coefficients(A), b))


def test_thomas_solves():
    for lower, diagonal, upper, rhs in cases(factorizations.thomas):
        A = np.diag(lower, -1) + np.diag(diagonal) + np.diag(upper, 1)
        got = run(factorizations.thomas, lower, diagonal, upper, rhs)
        near(got, np.linalg.solve(A, rhs))


def test_gauss_jordan_inverts():
    for (A,) in cases(factorizations.gauss_jordan):
        near(run(factorizations.gauss_jordan, A), np.linalg.inv(A))


def test_cholesky_and_ldl():
    for (A,) in cases(factorizations.cholesky):
        L = np.linalg.cholesky(A)
        near(run(factorizations.cholesky, A), L)
        logdet = np.linalg.slogdet(A)[1]
        near(run(factorizations.cholesky_columns, A), logdet)
        near(run(factorizations.ldl, A), L / np.diag(L) + np.diag(np.diag(L) ** 2 - 1))


@pytest.mark.parametrize("factor", ["householder", "gram_schmidt"])
def test_qr(factor):
    f = getattr(factorizations, factor)
    for (A,) in cases(f):
        Q, R = run(f, A)
        near(Q @ R, A)
        near(Q.T @ Q, np.eye(A.shape[1]))
        near(R, np.triu(R))
        _, want = np.linalg.qr(A)
        near(np.abs(R), np.abs(want))


def test_orthonormal_rows():
    for (V,) in cases(factorizations.gram_schmidt_rows):
        W = run(factorizations.gram_schmidt_rows, V)
        near(W @ W.T, np.eye(len(V)))
        near(V @ W.T, np.tril(V @ W.T))


def test_givens():
    for (A,) in cases(factorizations.givens):
        R = run(factorizations.givens, A)
        near(R, np.triu(R))
        near(R.T @ R, A.T @ A)


def test_least_squares():
    for A, b in cases(factorizations.least_squares):
        want = np.linalg.lstsq(A, b, rcond=None)[0]
        near(run(factorizations.least_squares, A, b), want)


# learning -----------------------------------------------------------------------------


def test_convolution():
    windows = np.lib.stride_tricks.sliding_window_view
    for images, kernels, bias in cases(training.convolution):
        patches = windows(images, kernels.shape[1:], axis=(1, 2))
        want = np.einsum("nijab,kab->nkij", patches, kernels) + bias[:, None, None]
        near(run(training.convolution, images, kernels, bias), want)
    for image, kernels in cases(training.convolution_and_pooling):
        z = np.einsum("ijab,kab->kij", windows(image, kernels.shape[1:]), kernels)
        blocks = z.reshape(2, 2, 2, 2, 2).max(axis=(2, 4))
        got = run(training.convolution_and_pooling, image, kernels)
        near(got, np.maximum(blocks, 0.0))
        assert np.any(blocks < 0) and np.any(blocks > 0)
    for x, kernel, bias in cases(training.mean_pooling):
        z = np.tanh(np.correlate(x, kernel, mode="same") + bias)
        near(run(training.mean_pooling, x, kernel, bias), z.reshape(-1, 2).mean(axis=1))


def test_training_lowers_the_loss():
    for X, y, w, lr, beta1, beta2, _ in cases(training.adam):
        losses = [
            run(training.adam, X, y, w, lr, beta1, beta2, n) for n in (0, 10, 300)
        ]
        assert losses[0] > losses[1] > losses[2]
    for x, y, w1, w2, lr, _ in cases(training.adam_of_layers):
        losses = []
        for n in (0, 300):
            a, b = run(training.adam_of_layers, x, y, w1, w2, lr, n)
            losses.append(np.sum((np.tanh(x @ a) @ b - y) ** 2))
        assert losses[1] < 1e-2 * losses[0]


def test_first_step_of_adam_has_the_length_of_the_rate():
    for x, y, w1, w2, lr, _ in cases(training.adam_of_layers):
        a, b = run(training.adam_of_layers, x, y, w1, w2, lr, 1)
        near(np.abs(a - w1), np.full_like(w1, lr), 1e-3)
        near(np.abs(b - w2), np.full_like(w2, lr), 1e-3)


def test_momentum_reaches_all_layers():
    for theta, x, y, lr, mu, _ in cases(training.momentum_on_views):

        def loss(theta, x=x, y=y):
            W, b, c = theta[:4].reshape(2, 2), theta[4:6], theta[6:]
            return 0.5 * np.sum((np.tanh(x @ W + b) @ c - y) ** 2)

        after = run(training.momentum_on_views, theta, x, y, lr, mu, 1)
        for k in range(len(theta)):
            e = np.eye(1, len(theta), k)[0] * 1e-6
            slope = (loss(theta + e) - loss(theta - e)) / 2e-6
            near(after[k], theta[k] - lr * slope, 1e-8)


def test_normalized_batches():
    for xs, _, eps in cases(training.online_statistics):
        out = run(training.online_statistics, xs, 1.0, eps)
        near(out.mean(axis=1), np.zeros((2, 2)))
        near(out.var(axis=1), xs.var(axis=1) / (xs.var(axis=1) + eps))

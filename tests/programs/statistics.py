"""Likelihoods and filters."""

import numpy as np
from numpy.linalg import det, inv, solve


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def gaussian_log_likelihood(x, mu, sigma):
    n = x.size
    return (
        -n * np.log(sigma)
        - 0.5 * n * np.log(2 * np.pi)
        - np.sum((x - mu) ** 2) / (2 * sigma**2)
    )


def mixture_log_likelihood(x, weights, means, log_sigmas):
    """A Gaussian mixture in one dimension; weights are unnormalised logs."""
    log_w = weights - np.log(np.sum(np.exp(weights)))
    z = (x[:, np.newaxis] - means) / np.exp(log_sigmas)
    log_p = log_w - log_sigmas - 0.5 * z**2
    m = log_p.max(axis=1)
    return np.sum(m + np.log(np.exp(log_p - m[:, None]).sum(axis=1)))


def kalman_log_likelihood(ys, F, Q, H, R, x, P):
    """The innovations' likelihood of a linear state-space model."""
    total = 0.0
    for y in ys:
        x = F @ x
        P = F @ P @ F.T + Q
        e = y - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ inv(S)
        x = x + K @ e
        P = (np.eye(len(x)) - K @ H) @ P
        total += -0.5 * (np.log(det(S)) + e @ solve(S, e))
    return total


def hmm_log_likelihood(observations, initial, transition, emission):
    """The forward recursion, normalised in every step."""
    log_likelihood = 0
    alpha = initial * emission[:, observations[0]]
    for t in range(len(observations)):
        if t > 0:
            alpha = (alpha @ transition) * emission[:, observations[t]]
        scale = alpha.sum()
        alpha = alpha / scale
        log_likelihood = log_likelihood + np.log(scale)
    return log_likelihood


def garch_likelihood(returns, omega, alpha, beta):
    """Conditional variances by recursion."""
    variance = np.var(returns)
    total = 0.0
    for r in returns:
        total -= 0.5 * (np.log(variance) + r**2 / variance)
        variance = omega + alpha * r**2 + beta * variance
    return total


def elo(ratings, games, k):
    """Ratings after a list of games (winner, loser), by one-hot updates."""
    who = np.arange(len(ratings))
    for winner, loser in games:
        expected = 1 / (1 + 10 ** ((ratings[loser] - ratings[winner]) / 4))
        change = k * (1 - expected)
        ratings = ratings + change * (who == winner) - change * (who == loser)
    return ratings


def huber(residuals, delta):
    total = 0.0
    for r in residuals:
        size = abs(r)
        if size <= delta:
            total += 0.5 * r * r
        else:
            total += delta * (size - 0.5 * delta)
    return total / len(residuals)


def irls(X, y, beta, iterations):
    """Logistic regression by iteratively reweighted least squares."""
    for _ in range(iterations):
        eta = X @ beta
        p = 1 / (1 + np.exp(-eta))
        w = p * (1 - p)
        gradient = X.T @ (y - p)
        hessian = (X.T * w) @ X + 0.1 * np.eye(X.shape[1])
        beta = beta + solve(hessian, gradient)
    return beta


def ar_residuals(series, coefficients):
    """One-step predictions of an autoregressive model."""
    p = len(coefficients)
    loss = 0.0
    for t in range(p, len(series)):
        prediction = 0.0
        for lag, a in enumerate(coefficients, start=1):
            prediction += a * series[t - lag]
        loss += (series[t] - prediction) ** 2
    return loss / (len(series) - p)


_rng = np.random.default_rng(3)
_n = _rng.normal

CASES = [
    (log_sum_exp, (_n(size=4),)),
    (gaussian_log_likelihood, (_n(size=5), 0.3, 1.2)),
    (mixture_log_likelihood, (_n(size=5), _n(size=3), _n(size=3), 0.3 * _n(size=3))),
    (
        kalman_log_likelihood,
        (_n(size=(4, 1)), np.array([[1.0, 0.1], [0.0, 0.9]]), 0.1 * np.eye(2),
         np.array([[1.0, 0.3]]), np.array([[0.5]]), np.zeros(2), np.eye(2)),
    ),
    (
        hmm_log_likelihood,
        (np.array([0, 1, 1, 0]), np.array([0.6, 0.4]),
         np.array([[0.7, 0.3], [0.2, 0.8]]), np.array([[0.9, 0.1], [0.3, 0.7]])),
    ),
    (garch_likelihood, (_n(size=6), 0.1, 0.2, 0.6)),
    (elo, (np.array([1.0, 0.5, 0.0]), np.array([[0, 1], [2, 0], [0, 1]]), 0.3)),
    (huber, (np.array([0.3, -2.0, 1.4, -0.1]), 1.0)),
    (irls, (_n(size=(6, 2)), np.array([0.0, 1, 1, 0, 1, 0]), np.zeros(2), 3)),
    (ar_residuals, (_n(size=8), np.array([0.5, -0.2]))),
    (ar_residuals, (_n(size=6), [0.5, -0.2])),
]  # fmt: skip

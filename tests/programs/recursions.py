"""Recursions that fill tables or run over one array: filters, paths, transforms."""

import numpy as np


def kalman(zs, F, H, Q, R, x, P):
    """The log-likelihood, and the table of filtered states."""
    xs = np.empty((len(zs), len(x)))
    loglik = 0.0
    for t, z in enumerate(zs):
        # predict
        x[:] = F @ x
        P[:] = F @ P @ F.T + Q
        # update
        y = z - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x += K @ y
        P -= K @ H @ P
        xs[t] = x
        loglik -= 0.5 * (y @ np.linalg.solve(S, y) + np.log(np.linalg.det(S)))
    return loglik, xs


def kalman_smoother(zs, a, q, r, x0, p0):
    """Rauch, Tung and Striebel for one number: tables forth, corrected back."""
    n = len(zs)
    x_pred, p_pred = np.zeros(n), np.zeros(n)
    x, p = np.zeros(n), np.zeros(n)
    for t in range(n):
        if t == 0:
            x_pred[t], p_pred[t] = x0, p0
        else:
            x_pred[t] = a * x[t - 1]
            p_pred[t] = a * a * p[t - 1] + q
        gain = p_pred[t] / (p_pred[t] + r)
        x[t] = x_pred[t] + gain * (zs[t] - x_pred[t])
        p[t] = (1 - gain) * p_pred[t]
    for t in range(n - 2, -1, -1):
        c = a * p[t] / p_pred[t + 1]
        x[t] += c * (x[t + 1] - x_pred[t + 1])
        p[t] += c * c * (p[t + 1] - p_pred[t + 1])
    return x, p


def forward_backward(obs, A, B, pi):
    """Posterior probabilities of the states of a hidden Markov model."""
    T = len(obs)
    N = len(pi)
    alpha = np.zeros((T, N))
    beta = np.zeros((T, N))
    scale = np.zeros(T)
    alpha[0] = pi * B[:, obs[0]]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, T):
        for j in range(N):
            alpha[t, j] = B[j, obs[t]] * np.sum(alpha[t - 1] * A[:, j])
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    beta[-1] = 1.0
    for t in range(T - 2, -1, -1):
        for i in range(N):
            beta[t, i] = np.sum(A[i] * B[:, obs[t + 1]] * beta[t + 1]) / scale[t + 1]
    gamma = alpha * beta
    gamma /= gamma.sum(axis=1, keepdims=True)
    return gamma, np.sum(np.log(scale))


def viterbi(obs, log_A, log_B, log_pi):
    """The score of the best path, added up along its pointers."""
    T, N = len(obs), len(log_pi)
    delta = np.empty((T, N))
    back = np.zeros((T, N), dtype=int)
    delta[0] = log_pi + log_B[:, obs[0]]
    for t in range(1, T):
        scores = delta[t - 1][:, None] + log_A
        back[t] = np.argmax(scores, axis=0)
        delta[t] = np.max(scores, axis=0) + log_B[:, obs[t]]
    path = np.zeros(T, dtype=int)
    path[-1] = np.argmax(delta[-1])
    for t in range(T - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    score = log_pi[path[0]]
    for t in range(T):
        score += log_B[path[t], obs[t]]
        if t > 0:
            score += log_A[path[t - 1], path[t]]
    return score, delta


def floyd_warshall(D):
    n = len(D)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if D[i, k] + D[k, j] < D[i, j]:
                    D[i, j] = D[i, k] + D[k, j]
    return D


def floyd_warshall_rows(D):
    for k in range(len(D)):
        np.minimum(D, D[:, k, np.newaxis] + D[np.newaxis, k, :], out=D)
    return D


def time_warp(x, y):
    """Dynamic time warping; the edge of the table is infinite."""
    n, m = len(x), len(y)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def time_warp_two_rows(x, y, window):
    """Two rows of the table, swapped; only a band of it is filled."""
    n, m = len(x), len(y)
    previous = np.full(m + 1, np.inf)
    current = np.full(m + 1, np.inf)
    previous[0] = 0.0
    for i in range(1, n + 1):
        current[:] = np.inf
        for j in range(max(1, i - window), min(m, i + window) + 1):
            best = min(previous[j], current[j - 1], previous[j - 1])
            current[j] = best + abs(x[i - 1] - y[j - 1])
        previous, current = current, previous
    return np.sqrt(previous[m])


def fft_power(x):
    """Cooley and Tukey, radix two: bit reversal by swaps, then butterflies."""
    n = len(x)
    X = x.astype(complex)
    r = 0
    for i in range(1, n):
        bit = n // 2
        while r >= bit:
            r -= bit
            bit //= 2
        r += bit
        if i < r:
            X[i], X[r] = X[r], X[i]
    size = 2
    while size <= n:
        half = size // 2
        root = np.exp(-2j * np.pi / size)
        for start in range(0, n, size):
            w = 1.0 + 0.0j
            for k in range(start, start + half):
                t = w * X[k + half]
                X[k + half] = X[k] - t
                X[k] = X[k] + t
                w = w * root
        size *= 2
    return X.real**2 + X.imag**2


def fft_magnitude(re, im):
    """The same with slices as butterflies, of a signal in two parts."""
    n = len(re)
    order = np.zeros(n, dtype=int)
    length = 1
    while length < n:
        order[:length] *= 2
        order[length : 2 * length] = order[:length] + 1
        length *= 2
    X = (re + 1j * im)[order]
    half = 1
    while half < n:
        w = np.exp(-1j * np.pi * np.arange(half) / half)
        for start in range(0, n, 2 * half):
            even = X[start : start + half]
            odd = X[start + half : start + 2 * half]
            odd *= w
            t = odd.copy()
            odd[:] = even - t
            even += t
        half *= 2
    return np.abs(X)


def horner(coefficients, x):
    """A polynomial at many points, in one array."""
    p = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        p *= x
        p += c
    return p


def synthetic_division(c, x):
    """By (t - x), twice: the value and the slope at x are the remainders."""
    n = len(c)
    for last in (n, n - 1):
        for i in range(1, last):
            c[i] += c[i - 1] * x
    return c[n - 1], c[n - 2]


def clenshaw(a, x):
    """A Chebyshev series with all of its b kept."""
    n = len(a)
    b = np.zeros(n + 2)
    for k in range(n - 1, 0, -1):
        b[k] = a[k] + 2 * x * b[k + 1] - b[k + 2]
    return a[0] + x * b[1] - b[2]


def divided_differences(x, y, at):
    """Newton's polynomial; the coefficients take the place of y."""
    n = len(x)
    for j in range(1, n):
        y[j:] = (y[j:] - y[j - 1 : -1]) / (x[j:] - x[:-j])
    value = y[-1]
    for i in range(n - 2, -1, -1):
        value = value * (at - x[i]) + y[i]
    return value


def de_casteljau(points, t):
    """A point of a Bezier curve; the control polygon shrinks in place."""
    for k in range(len(points) - 1, 0, -1):
        points[:k] = (1 - t) * points[:k] + t * points[1 : k + 1]
    return points[0]


def american_put(spot, strike, up, rate, n):
    """Backwards through a binomial tree in one array of values."""
    down = 1.0 / up
    q = (np.exp(rate) - down) / (up - down)
    discount = np.exp(-rate)
    values = np.maximum(strike - spot * up ** (2.0 * np.arange(n + 1) - n), 0.0)
    for step in range(n, 0, -1):
        exercise = strike - spot * up ** (2.0 * np.arange(step) - (step - 1))
        held = discount * (q * values[1 : step + 1] + (1.0 - q) * values[:step])
        values[:step] = np.maximum(held, exercise)
    return values[0]


_rng = np.random.default_rng(24)
_n = _rng.normal
_F = np.array([[1.0, 0.1], [0.0, 0.9]])
_OBS = np.array([0, 2, 1, 1])
_p = _rng.dirichlet

CASES = [
    (
        kalman,
        (_n(size=(3, 1)), _F, np.array([[1.0, 0.5]]), 0.1 * np.eye(2),
         np.array([[0.3]]), _n(size=2), np.eye(2)),
    ),
    (
        kalman,
        (_n(size=(2, 2)), _F, np.array([[1.0, 0.5], [0.2, 1.0]]), 0.1 * np.eye(2),
         0.3 * np.eye(2), _n(size=2), np.eye(2)),
    ),
    (kalman_smoother, (_n(size=4), 0.9, 0.2, 0.5, 0.1, 1.0)),
    (
        forward_backward,
        (_OBS, _p(np.ones(2), size=2), _p(np.ones(3), size=2), _p(np.ones(2))),
    ),
    (viterbi, (_OBS, _n(size=(2, 2)), _n(size=(2, 3)), _n(size=2))),
    (floyd_warshall, (_rng.uniform(0.2, 2.0, (4, 4)),)),
    (floyd_warshall_rows, (_rng.uniform(0.2, 2.0, (4, 4)),)),
    (time_warp, (_n(size=4), _n(size=3))),
    (time_warp_two_rows, (_n(size=4), _n(size=5), 2)),
    (fft_power, (_n(size=8),)),
    (fft_magnitude, (_n(size=8), _n(size=8))),
    (horner, (np.array([1.0, -2.0, 0.5, 3.0]), np.array([0.3, 1.2]))),
    (synthetic_division, (np.array([1.0, -2.0, 0.5, 3.0]), 1.3)),
    (clenshaw, (np.array([0.3, -1.0, 0.5, 0.2]), 0.4)),
    (divided_differences, (np.array([0.1, 0.9, 2.2, 2.9]), _n(size=4), 1.5)),
    (de_casteljau, (_n(size=(4, 2)), 0.3)),
    (american_put, (1.0, 1.07, 1.1, 0.02, 4)),
]  # fmt: skip

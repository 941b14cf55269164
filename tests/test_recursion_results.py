"""Tables and transforms against sums over all paths, Gaussians, np.fft and np.poly."""

import itertools

import numpy as np
import pytest
from in_place import cases, near, run
from programs import recursions


def test_kalman_is_conditioning_of_a_gaussian():
    """The states' joint distribution, written out, gives the same last state."""
    for zs, F, H, Q, R, x, P in cases(recursions.kalman):
        T, d = len(zs), len(x)
        mean, cov = [x], np.zeros((d * T, d * T))
        last = P
        blocks = []
        for _ in range(T):
            mean.append(F @ mean[-1])
            last = F @ last @ F.T + Q
            blocks.append(last)
        for s, t in itertools.product(range(T), repeat=2):
            early, late = min(s, t), max(s, t)
            block = np.linalg.matrix_power(F, late - early) @ blocks[early]
            block = block if s >= t else block.T
            cov[d * s : d * s + d, d * t : d * t + d] = block
        m = np.concatenate(mean[1:])
        G, noise = np.kron(np.eye(T), H), np.kron(np.eye(T), R)
        S = G @ cov @ G.T + noise
        residual = zs.ravel() - G @ m
        posterior = m + cov @ G.T @ np.linalg.solve(S, residual)
        loglik, xs = run(recursions.kalman, zs, F, H, Q, R, x, P)
        near(xs[-1], posterior[-d:], 1e-11)
        want = -0.5 * (
            residual @ np.linalg.solve(S, residual) + np.linalg.slogdet(S)[1]
        )
        near(loglik, want, 1e-11)


def test_kalman_smoother_is_conditioning_of_a_gaussian():
    for zs, a, q, r, x0, p0 in cases(recursions.kalman_smoother):
        n = len(zs)
        mean = x0 * a ** np.arange(n)
        var = [p0]
        for _ in range(n - 1):
            var.append(a * a * var[-1] + q)
        gap = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        cov = a**gap * np.minimum.outer(np.arange(n), np.arange(n)).choose(var)
        gain = cov @ np.linalg.inv(cov + r * np.eye(n))
        x, p = run(recursions.kalman_smoother, zs, a, q, r, x0, p0)
        near(x, mean + gain @ (zs - mean), 1e-11)
        near(p, np.diag(cov - gain @ cov), 1e-11)


def paths(T, N):
    return list(itertools.product(range(N), repeat=T))


def test_forward_backward_sums_over_all_paths():
    for obs, A, B, pi in cases(recursions.forward_backward):
        T, N = len(obs), len(pi)
        gamma = np.zeros((T, N))
        for path in paths(T, N):
            p = pi[path[0]] * np.prod(A[path[:-1], path[1:]]) * np.prod(B[path, obs])
            gamma[np.arange(T), path] += p
        total = gamma[0].sum()
        got, loglik = run(recursions.forward_backward, obs, A, B, pi)
        near(got, gamma / total)
        near(loglik, np.log(total))


def test_viterbi_finds_the_best_path():
    for obs, A, B, pi in cases(recursions.viterbi):
        scores = [
            pi[path[0]] + np.sum(A[path[:-1], path[1:]]) + np.sum(B[path, obs])
            for path in paths(len(obs), len(pi))
        ]
        score, delta = run(recursions.viterbi, obs, A, B, pi)
        near(score, max(scores))
        near(np.max(delta[-1]), score)


@pytest.mark.parametrize("name", ["floyd_warshall", "floyd_warshall_rows"])
def test_shortest_paths(name):
    f = getattr(recursions, name)
    for (D,) in cases(f):
        n = len(D)
        want = D.copy()
        for length in range(2, n + 1):
            for path in itertools.product(range(n), repeat=length + 1):
                there = path[0], path[-1]
                want[there] = min(want[there], np.sum(D[path[:-1], path[1:]]))
        got = run(f, D)
        near(got, want)
        assert np.any(got < D)


def warped(x, y, cost, i=0, j=0):
    """Time warping by plain recursion."""
    here = cost(x[i], y[j])
    if (i, j) == (len(x) - 1, len(y) - 1):
        return here
    moves = [(i + 1, j), (i, j + 1), (i + 1, j + 1)]
    inside = [m for m in moves if m[0] < len(x) and m[1] < len(y)]
    return here + min(warped(x, y, cost, *m) for m in inside)


def test_time_warping():
    for x, y in cases(recursions.time_warp):
        near(run(recursions.time_warp, x, y), warped(x, y, lambda a, b: (a - b) ** 2))
    for x, y, _ in cases(recursions.time_warp_two_rows):
        got = run(recursions.time_warp_two_rows, x, y, max(len(x), len(y)))
        near(got**2, warped(x, y, lambda a, b: abs(a - b)))


def test_fft():
    for (x,) in cases(recursions.fft_power):
        near(run(recursions.fft_power, x), np.abs(np.fft.fft(x)) ** 2)
    for re, im in cases(recursions.fft_magnitude):
        near(run(recursions.fft_magnitude, re, im), np.abs(np.fft.fft(re + 1j * im)))


def test_polynomials():
    for c, x in cases(recursions.horner):
        near(run(recursions.horner, c, x), np.polyval(c, x))
    for c, x in cases(recursions.synthetic_division):
        want = np.polyval(c, x), np.polyval(np.polyder(c), x)
        near(run(recursions.synthetic_division, c, x), want)
    for a, x in cases(recursions.clenshaw):
        near(run(recursions.clenshaw, a, x), np.polynomial.chebyshev.chebval(x, a))
    for x, y, at in cases(recursions.divided_differences):
        want = np.polyval(np.polyfit(x, y, len(x) - 1), at)
        near(run(recursions.divided_differences, x, y, at), want, 1e-11)
    for points, t in cases(recursions.de_casteljau):
        bernstein = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3]
        near(run(recursions.de_casteljau, points, t), bernstein @ points)


def test_american_put():
    def value(spot, strike, up, rate, n):
        if n == 0:
            return max(strike - spot, 0.0)
        q = (np.exp(rate) - 1 / up) / (up - 1 / up)
        higher = value(spot * up, strike, up, rate, n - 1)
        lower = value(spot / up, strike, up, rate, n - 1)
        return max(np.exp(-rate) * (q * higher + (1 - q) * lower), strike - spot)

    for args in cases(recursions.american_put):
        near(run(recursions.american_put, *args), value(*args))

"""Extended Kalman filters, as robotics writes them."""

import numpy as np


def motion(x, dt, turn):
    px, py, heading, v = x
    return np.array(
        [
            px + v * np.cos(heading) * dt,
            py + v * np.sin(heading) * dt,
            heading + turn * dt,
            v,
        ]
    )


def motion_jacobian(x, dt):
    heading, v = x[2], x[3]
    return np.array(
        [
            [1.0, 0.0, -v * np.sin(heading) * dt, np.cos(heading) * dt],
            [0.0, 1.0, v * np.cos(heading) * dt, np.sin(heading) * dt],
            [0.0, 0.0, 1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def seen(x, landmark):
    d = landmark - x[:2]
    return np.array([np.hypot(*d), np.arctan2(d[1], d[0]) - x[2]])


def seen_jacobian(x, landmark):
    dx, dy = landmark - x[:2]
    q = dx**2 + dy**2
    r = np.sqrt(q)
    return np.array([[-dx / r, -dy / r, 0.0, 0.0], [dy / q, -dx / q, -1.0, 0.0]])


class Filter:
    def __init__(self, x0, P0, Q, R):
        self.x, self.P, self.Q, self.R = x0, P0, Q, R
        self.history = []

    def predict(self, dt, turn):
        F = motion_jacobian(self.x, dt)
        self.x = motion(self.x, dt, turn)
        self.P = F @ self.P @ F.T + self.Q

    def update(self, z, landmark):
        H = seen_jacobian(self.x, landmark)
        y = z - seen(self.x, landmark)
        y[1] = (y[1] + np.pi) % (2 * np.pi) - np.pi
        S = H @ self.P @ H.T + self.R
        K = np.linalg.solve(S, H @ self.P).T
        self.x = self.x + K @ y
        self.P = self.P - K @ S @ K.T
        self.history.append((self.x.copy(), self.P.copy()))
        _, logdet = np.linalg.slogdet(S)
        return 0.5 * (y @ np.linalg.solve(S, y) + logdet)


def tracked(noise, zs, landmark):
    """The likelihood of bearings and distances, by a filter that is an object."""
    q, r1, r2, turn = noise
    kf = Filter(
        np.array([0.0, 0.0, 0.1, 1.0]),
        np.eye(4) * 0.5,
        np.diag([q, q, 0.1 * q, 0.5 * q]),
        np.diag([r1, r2]),
    )
    nll = 0.0
    for k, z in enumerate(zs):
        kf.predict(0.1, turn)
        if k % 2 == 0:
            nll += kf.update(z, landmark)
    spread = 0.0
    for x, P in kf.history:
        spread += np.trace(P) + x @ x
    return nll + 1e-2 * spread


def smoothed(noise, zs, landmark):
    """Forward and backward, in lists; what is too far off is left out."""
    q, r1, r2, turn = noise
    Q, R = q * np.eye(4), np.diag([r1, r2])
    xs, Ps, terms = [np.array([0.0, 0.0, 0.1, 1.0])], [np.eye(4)], []
    for z in zs:
        F = motion_jacobian(xs[-1], 0.1)
        x, P = motion(xs[-1], 0.1, turn), F @ Ps[-1] @ F.T + Q
        H = seen_jacobian(x, landmark)
        y = z - seen(x, landmark)
        S = H @ P @ H.T + R
        try:
            L = np.linalg.cholesky(S)
        except np.linalg.LinAlgError:
            L = np.diag(np.sqrt([r1, r2]))
        w = np.linalg.solve(L, y)
        if w @ w > 9.21:
            xs.append(x)
            Ps.append(P)
            continue
        K = P @ H.T @ np.linalg.inv(S)
        xs.append(x + K @ y)
        Ps.append((np.eye(len(x)) - K @ H) @ P)
        terms.append(w @ w + 2.0 * np.log(np.diag(L)).sum())
    smooth = [xs[-1]]
    for t in range(len(zs) - 1, -1, -1):
        F = motion_jacobian(xs[t], 0.1)
        G = Ps[t] @ F.T @ np.linalg.inv(F @ Ps[t] @ F.T + Q)
        smooth.append(xs[t] + G @ (smooth[-1] - motion(xs[t], 0.1, turn)))
    smooth.reverse()
    return sum(terms) + 0.1 * np.sum(np.array(smooth) ** 2)


NOISE = np.array([0.1, 0.2, 0.05, 0.3])
SEEN = np.array([[2.9, 0.31], [2.8, 0.2], [2.9, 0.42], [2.6, 0.25], [9.5, 2.3]])
LANDMARK = np.array([3.0, 1.0])
CASES = [(f, (NOISE, SEEN, LANDMARK)) for f in (tracked, smoothed)]

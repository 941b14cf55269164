"""Fluids, waves and bodies: systems of fields that are stepped in place."""
# ruff: noqa: B007

import numpy as np


def cavity(u, v, p, rho, nu, lid, h, dt, steps, sweeps):
    """Lid-driven cavity: pressure iterations, then momentum, then the walls."""
    b = np.zeros_like(p)
    for n in range(steps):
        un = u.copy()
        vn = v.copy()

        # the source of the pressure equation
        ux = (un[1:-1, 2:] - un[1:-1, :-2]) / (2 * h)
        vy = (vn[2:, 1:-1] - vn[:-2, 1:-1]) / (2 * h)
        uy = (un[2:, 1:-1] - un[:-2, 1:-1]) / (2 * h)
        vx = (vn[1:-1, 2:] - vn[1:-1, :-2]) / (2 * h)
        b[1:-1, 1:-1] = rho * ((ux + vy) / dt - ux**2 - 2 * uy * vx - vy**2)

        for q in range(sweeps):
            pn = p.copy()
            p[1:-1, 1:-1] = 0.25 * (
                pn[1:-1, 2:]
                + pn[1:-1, :-2]
                + pn[2:, 1:-1]
                + pn[:-2, 1:-1]
                - h**2 * b[1:-1, 1:-1]
            )
            p[:, -1] = p[:, -2]  # dp/dx = 0 at the right wall
            p[0, :] = p[1, :]  # dp/dy = 0 at the bottom
            p[:, 0] = p[:, 1]  # dp/dx = 0 at the left wall
            p[-1, :] = 0  # p = 0 at the lid

        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / h * (un[1:-1, 1:-1] - un[1:-1, :-2])
            - vn[1:-1, 1:-1] * dt / h * (un[1:-1, 1:-1] - un[:-2, 1:-1])
            - dt / (2 * rho * h) * (p[1:-1, 2:] - p[1:-1, :-2])
            + nu
            * dt
            / h**2
            * (
                un[1:-1, 2:]
                + un[1:-1, :-2]
                + un[2:, 1:-1]
                + un[:-2, 1:-1]
                - 4 * un[1:-1, 1:-1]
            )
        )
        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / h * (vn[1:-1, 1:-1] - vn[1:-1, :-2])
            - vn[1:-1, 1:-1] * dt / h * (vn[1:-1, 1:-1] - vn[:-2, 1:-1])
            - dt / (2 * rho * h) * (p[2:, 1:-1] - p[:-2, 1:-1])
            + nu
            * dt
            / h**2
            * (
                vn[1:-1, 2:]
                + vn[1:-1, :-2]
                + vn[2:, 1:-1]
                + vn[:-2, 1:-1]
                - 4 * vn[1:-1, 1:-1]
            )
        )
        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = lid
        v[0, :] = 0
        v[-1, :] = 0
        v[:, 0] = 0
        v[:, -1] = 0
    return u, v, p


def shallow_water(h0, u0, g, dt, dx, observed):
    """The misfit of a whole history: heights in cells, velocities on their faces."""
    steps, n = observed.shape
    h = np.empty((steps + 1, n))
    u = np.zeros((steps + 1, n + 1))
    h[0] = h0
    u[0, 1:-1] = u0
    for t in range(steps):
        u[t + 1, 1:-1] = (
            u[t, 1:-1]
            - dt / dx * g * (h[t, 1:] - h[t, :-1])
            - dt / (2 * dx) * u[t, 1:-1] * (u[t, 2:] - u[t, :-2])
        )
        flux = np.zeros(n + 1)
        flux[1:-1] = 0.5 * (h[t, 1:] + h[t, :-1]) * u[t + 1, 1:-1]
        h[t + 1] = h[t] - dt / dx * (flux[1:] - flux[:-1])
    return np.sum((h[1:] - observed) ** 2)


def shallow_water_2d(eta, depth, g, dt, dx, steps):
    """Linear waves on a staggered grid; returns every state, three fields in one."""
    ny, nx = eta.shape
    history = np.zeros((steps + 1, 3, ny, nx))
    history[0, 0] = eta
    for t in range(steps):
        old, new = history[t], history[t + 1]
        new[1, :, :-1] = old[1, :, :-1] - g * dt / dx * (old[0, :, 1:] - old[0, :, :-1])
        new[2, :-1, :] = old[2, :-1, :] - g * dt / dx * (old[0, 1:, :] - old[0, :-1, :])
        new[0] = old[0]
        hu = depth * new[1]
        hv = depth * new[2]
        new[0] -= dt / dx * (hu + hv)
        new[0, :, 1:] += dt / dx * hu[:, :-1]
        new[0, 1:, :] += dt / dx * hv[:-1, :]
    return history


def wave(u, c, dt, dx, steps):
    """Mur's absorbing ends; three buffers that rotate."""
    r = c * dt / dx
    old = u.copy()
    new = np.empty_like(u)
    for n in range(steps):
        new[1:-1] = 2.0 * u[1:-1] - old[1:-1] + r**2 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        new[0] = u[1] + (r - 1) / (r + 1) * (new[1] - u[0])
        new[-1] = u[-2] + (r - 1) / (r + 1) * (new[-2] - u[-1])
        old, u, new = u, new, old
    return np.sum(u**2) + np.sum((u - old) ** 2)


def seismogram(c, wavelet, dt, width, decay):
    """A shot in a medium of speeds c, recorded at the surface; a sponge around it."""
    nz, nx = c.shape
    damping = np.ones((nz, nx))
    for k in range(width):
        factor = 1.0 - decay * (width - k) / width
        damping[-1 - k, :] *= factor
        damping[:, k] *= factor
        damping[:, -1 - k] *= factor
    now = np.zeros((nz, nx))
    before = np.zeros((nz, nx))
    lap = np.zeros((nz, nx))
    record = np.zeros((len(wavelet), nx))
    for t, pulse in enumerate(wavelet):
        lap[1:-1, 1:-1] = (
            now[2:, 1:-1] + now[:-2, 1:-1] + now[1:-1, 2:] + now[1:-1, :-2]
        )
        lap[1:-1, 1:-1] -= 4 * now[1:-1, 1:-1]
        before *= -1.0
        before += 2.0 * now
        before += (c * dt) ** 2 * lap
        before[1, nx // 2] += dt**2 * pulse
        before *= damping
        now, before = before, now
        now *= damping
        record[t] = now[1]
    return record


def n_body(x, v, m, dt, steps):
    """Runge-Kutta of order four; forces pair by pair, action and reaction."""
    n = len(m)
    kx = np.empty((4, n, x.shape[1]))
    kv = np.empty_like(kx)
    for step in range(steps):
        for stage in range(4):
            xs = x.copy()
            vs = v.copy()
            if stage > 0:
                h = dt if stage == 3 else 0.5 * dt
                xs += h * kx[stage - 1]
                vs += h * kv[stage - 1]
            kx[stage] = vs
            acc = kv[stage]
            acc.fill(0.0)
            for i in range(n):
                for j in range(i + 1, n):
                    r = xs[j] - xs[i]
                    d3 = (r @ r + 0.01) ** 1.5
                    acc[i] += m[j] * r / d3
                    acc[j] -= m[i] * r / d3
        x += dt / 6 * (kx[0] + 2 * kx[1] + 2 * kx[2] + kx[3])
        v += dt / 6 * (kv[0] + 2 * kv[1] + 2 * kv[2] + kv[3])
    return x, v


def verlet_chain(q, p, stiffness, dt, steps):
    """Masses on a chain of springs that harden; returns the kinetic energies."""
    n = len(q)
    energy = np.zeros(steps)
    force = np.zeros(n)
    for t in range(steps):
        p += 0.5 * dt * force
        q += dt * p
        stretch = q[1:] - q[:-1]
        pull = stiffness * (stretch + stretch**3)
        force[:] = 0.0
        force[:-1] += pull
        force[1:] -= pull
        p += 0.5 * dt * force
        energy[t] = 0.5 * p @ p
    return energy


_rng = np.random.default_rng(22)
_n = _rng.normal

CASES = [
    (
        cavity,
        (0.1 * _n(size=(4, 5)), 0.1 * _n(size=(4, 5)), 0.1 * _n(size=(4, 5)),
         1.1, 0.1, 1.0, 0.5, 0.1, 2, 3),
    ),
    (
        shallow_water,
        (1.0 + 0.1 * _n(size=4), 0.1 * _n(size=3), 9.81, 0.05, 0.5,
         1.0 + 0.1 * _n(size=(3, 4))),
    ),
    (
        shallow_water_2d,
        (_n(size=(3, 4)), _rng.uniform(1.0, 2.0, (3, 4)), 9.81, 0.05, 0.5, 2),
    ),
    (wave, (_n(size=6), 0.9, 0.5, 0.8, 4)),
    (wave, (_n(size=5), 0.9, 0.5, 0.8, 3)),
    (
        seismogram,
        (_rng.uniform(1.0, 2.0, (4, 5)), np.array([1.0, -2.0, 1.0, 0.5, 0.3]),
         0.4, 2, 0.1),
    ),
    (n_body, (_n(size=(3, 2)), _n(size=(3, 2)), np.array([1.0, 2.0, 0.5]), 0.05, 2)),
    (verlet_chain, (_n(size=4), _n(size=4), 0.7, 0.1, 4)),
]  # fmt: skip

"""Codes as people write them: helpers fill arrays, and change dicts and objects."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


def apply_bc(u, v, lid):
    u[0, :] = 0.0
    u[-1, :] = lid
    u[:, 0] = 0.0
    u[:, -1] = 0.0
    v[0, :] = 0.0
    v[-1, :] = 0.0
    v[:, 0] = 0.0
    v[:, -1] = 0.0


def build_b(b, rho, dt, u, v, dx, dy):
    dudx = (u[1:-1, 2:] - u[1:-1, :-2]) / (2 * dx)
    dvdy = (v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dy)
    dudy = (u[2:, 1:-1] - u[:-2, 1:-1]) / (2 * dy)
    dvdx = (v[1:-1, 2:] - v[1:-1, :-2]) / (2 * dx)
    b[1:-1, 1:-1] = rho * ((dudx + dvdy) / dt - dudx**2 - 2 * dudy * dvdx - dvdy**2)


def pressure_poisson(p, b, dx, dy, nit):
    for _ in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, :-2]) * dy**2
            + (pn[2:, 1:-1] + pn[:-2, 1:-1]) * dx**2
            - dx**2 * dy**2 * b[1:-1, 1:-1]
        ) / (2 * (dx**2 + dy**2))
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0.0
    return p


def momentum(u, v, p, dt, dx, dy, rho, nu):
    un, vn = u.copy(), v.copy()
    u[1:-1, 1:-1] += dt * (
        -un[1:-1, 1:-1] * (un[1:-1, 1:-1] - un[1:-1, :-2]) / dx
        - vn[1:-1, 1:-1] * (un[1:-1, 1:-1] - un[:-2, 1:-1]) / dy
        - (p[1:-1, 2:] - p[1:-1, :-2]) / (2 * rho * dx)
        + nu * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, :-2]) / dx**2
    )
    v[1:-1, 1:-1] += dt * (
        -un[1:-1, 1:-1] * (vn[1:-1, 1:-1] - vn[1:-1, :-2]) / dx
        - (p[2:, 1:-1] - p[:-2, 1:-1]) / (2 * rho * dy)
        + nu * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[:-2, 1:-1]) / dy**2
    )


def smooth(u, w):
    u[1:-1, 1:-1] += w * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, 1:-1])
    u[1:-1, 1:-1] += w * (u[1:-1, 2:] + u[1:-1, :-2] - 2 * u[1:-1, 1:-1])


def cavity(u, v, p, lid, nu, nt):
    dx = dy = 0.25
    rho, dt = 1.0, 0.01
    b = np.zeros_like(p)
    build_b(b, rho, dt, u, v, dx, dy)
    p = pressure_poisson(p, b, dx, dy, 3)
    for _ in range(nt):
        build_b(b, rho, dt, u, v, dx, dy)
        p = pressure_poisson(p, b, dx, dy, 3)
        momentum(u, v, p, dt, dx, dy, rho, nu)
        apply_bc(u, v, lid)
    smooth(u, 0.1)
    smooth(v, 0.1)
    momentum(u, v, p, dt, dx, dy, rho, nu)
    apply_bc(u, v, lid)
    return np.sum(u**2) + np.sum(v**2) + np.sum(p * u)


def dense(x, W, b):
    z = x @ W + b
    cache = {"x": x, "z": z}
    return np.tanh(z) * 0.9 + 0.1 * z, cache


def forward(params, x):
    h, c1 = dense(x, params["W1"], params["b1"])
    out, c2 = dense(h, params["W2"], params["b2"])
    return out, {"h": h, "c1": c1, "c2": c2}


def backward(params, cache, g):
    z2, z1 = cache["c2"]["z"], cache["c1"]["z"]
    g2 = g * (0.9 * (1 - np.tanh(z2) ** 2) + 0.1)
    gh = g2 @ params["W2"].T
    g1 = gh * (0.9 * (1 - np.tanh(z1) ** 2) + 0.1)
    return {
        "W1": cache["c1"]["x"].T @ g1,
        "b1": np.sum(g1, axis=0),
        "W2": cache["h"].T @ g2,
        "b2": np.sum(g2, axis=0),
    }


def adam_step(params, grads, state, lr):
    state["t"] += 1
    for k in params:
        state["m"][k] = 0.9 * state["m"][k] + 0.1 * grads[k]
        state["v"][k] = 0.99 * state["v"][k] + 0.01 * grads[k] ** 2
        mh = state["m"][k] / (1 - 0.9 ** state["t"])
        vh = state["v"][k] / (1 - 0.99 ** state["t"])
        params[k] = params[k] - lr * mh / (np.sqrt(vh) + 1e-3)


def init_state(params):
    return {
        "t": 0,
        "m": {k: np.zeros_like(p) for k, p in params.items()},
        "v": {k: np.zeros_like(p) for k, p in params.items()},
    }


def fit(params, x, y, lr):
    state = init_state(params)
    for _ in range(2):
        out, cache = forward(params, x)
        grads = backward(params, cache, out - y)
        adam_step(params, grads, state, lr)
    out, cache = forward(params, x)
    grads = backward(params, cache, out - y)
    adam_step(params, grads, state, lr)
    out, _ = forward(params, x)
    return np.mean((out - y) ** 2)


class Simulation:
    def __init__(self, u, c):
        self.u = u
        self.c = c
        self.t = 0.0
        self.flux = np.zeros(len(u) - 1)

    def compute_flux(self):
        self.flux[:] = self.c * (self.u[1:] - self.u[:-1])
        self.flux *= np.cos(self.t)
        self.flux += 0.01 * self.u[1:] ** 2

    def step(self, dt):
        self.compute_flux()
        self.u[1:-1] += dt * (self.flux[1:] - self.flux[:-1])
        self.u[0] = self.u[1]
        self.u[-1] = self.u[-2]
        self.t += dt

    def half(self, dt):
        self.compute_flux()
        un = self.u + 0.0
        un[1:-1] += 0.5 * dt * (self.flux[1:] - self.flux[:-1])
        self.u = un
        self.t += 0.5 * dt

    def energy(self):
        return 0.5 * np.sum(self.u**2) + np.sum(self.flux**2) + self.t * self.c


def simulate(u, c, n):
    sim = Simulation(u * 1.0, c)
    e = 0.0
    for _ in range(n):
        sim.step(0.1)
        sim.half(0.05)
        e += sim.energy()
    sim.half(0.1)
    sim.step(0.05)
    return e + sim.energy() * 2.0


@dataclass
class Particle:
    x: float
    v: np.ndarray


def push(p, f, dt):
    p.v = p.v + dt * f * p.x
    p.x += dt * np.sum(p.v)
    p.v[0] *= 0.9
    p.x = p.x * np.cos(p.x) + p.v[1] * p.v[0]
    return p


class State(NamedTuple):
    a: np.ndarray
    b: float


def rk(s, dt):
    k1 = np.sin(s.a) * s.b
    k2 = np.sin(s.a + 0.5 * dt * k1) * s.b
    k3 = np.sin(s.a + 0.5 * dt * k2) * s.b
    return State(s.a + dt * k3, s.b * np.exp(-dt * np.mean(k2)))


def particles(p, q, f):
    push(p, f, 0.1)
    r = push(q, f, 0.2)
    push(r, f * p.x, 0.1)
    s = rk(State(p.v, q.x), 0.1)
    s = rk(s, 0.2)
    for _ in range(3):
        push(p, f, 0.05)
        s = rk(s, p.x)
    return p.x * q.x + np.sum(s.a * r.v) * s.b

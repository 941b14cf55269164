"""The schemes of stencils.py and flows.py are the ones that they are named for."""

import numpy as np
import pytest
from in_place import cases, near, run
from programs import flows, stencils


def test_heat_in_two_buffers():
    for u, k, steps in cases(stencils.heat_in_two_buffers):
        want = run(stencils.heat, u, k, steps)
        near(np.sum(run(stencils.heat_in_two_buffers, u, k, steps) ** 2), want)


def test_heat_keeps_a_straight_line():
    line = np.linspace(1.0, 2.0, 7)
    near(run(stencils.heat, line, 0.3, 5), np.sum(line**2))
    flat = np.full((4, 5), 2.0)
    near(run(stencils.heat_2d, flat, 0.8, 0.7, 0.1, 5), flat)
    near(run(stencils.heat_2d_elements, flat, 0.1, 5), 2.0)


def test_heat_variable_loses_heat_by_radiation_only():
    u = np.array([0.2, 1.0, 0.5, 0.7])
    dt = 0.1
    after = run(stencils.heat_variable, u, np.ones(3), dt, 1)
    near(np.sum(after), np.sum(u) - 0.01 * dt * np.sum(u**4))


def test_gauss_seidel_solves():
    for A, b, tol, limit in cases(stencils.gauss_seidel):
        near(run(stencils.gauss_seidel, A, b, tol, limit), np.linalg.solve(A, b), 1e-11)


@pytest.mark.parametrize("relaxed", [stencils.sor_poisson, stencils.red_black])
def test_poisson(relaxed):
    """Sweeps on and on end where the five-point equation holds."""
    u, f, h = np.zeros((5, 7)), np.random.default_rng(1).normal(size=(5, 7)), 0.5
    omega = [1.3] if relaxed is stencils.sor_poisson else []
    u = run(relaxed, u, f, h, *omega, 200)
    lap = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    near(lap / h**2, f[1:-1, 1:-1], 1e-11)


def test_red_black_ways_agree():
    u = np.random.default_rng(2).normal(size=(5, 7))
    slices = run(stencils.red_black, u, np.zeros_like(u), 1.0, 3)
    near(run(stencils.red_black_masks, u, np.zeros_like(u), 3), slices)
    near(run(stencils.red_black_elements, u, 0.0, 3), np.sum(slices**2))


def test_adi_solves_implicit_systems():
    for u, r, _ in cases(stencils.adi):
        n = len(u)
        inner = np.eye(n - 2)
        second = np.eye(n - 2, k=1) - 2 * inner + np.eye(n - 2, k=-1)
        plus, minus = inner + 0.5 * r * second, inner - 0.5 * r * second
        w = u[1:-1, 1:-1]
        half = np.linalg.solve(minus, (plus @ w).T).T
        want = np.linalg.solve(minus, half @ plus)
        near(run(stencils.adi, u, r, 1)[1:-1, 1:-1], want)


def test_adi_ways_agree():
    for u, r, steps in cases(stencils.adi):
        want = np.sum(run(stencils.adi, u, r, steps) ** 2)
        near(run(stencils.adi_slices, u, r, steps), want)


def test_cavity_walls_and_pressure():
    (args,) = cases(flows.cavity)
    u, v, p = run(flows.cavity, *args)
    assert not (u[0].any() or u[:-1, 0].any() or u[:-1, -1].any())
    assert not (v[0].any() or v[-1].any() or v[:, 0].any() or v[:, -1].any())
    near(u[-1], 1.0)
    near(p[:, 0], p[:, 1])
    near(p[-1], 0.0)
    assert u[1:-1, 1:-1].any() and v[1:-1, 1:-1].any()


def test_shallow_water_keeps_mass_and_rest():
    rest = np.full(5, 1.2)
    observed = np.full((4, 5), 1.2)
    near(run(flows.shallow_water, rest, np.zeros(4), 9.81, 0.05, 0.5, observed), 0.0)
    for args in cases(flows.shallow_water_2d):
        closed = [args[0], args[1].copy(), *args[2:]]
        closed[1][-1, :] = closed[1][:, -1] = 0.0
        mass = run(flows.shallow_water_2d, *closed)[:, 0].sum(axis=(1, 2))
        near(mass, np.full_like(mass, np.sum(args[0])))


def test_wave_leaves_through_its_ends():
    bump = np.exp(-((np.arange(60) - 30.0) ** 2) / 8.0)
    start = run(flows.wave, bump, 1.0, 0.9, 1.0, 1)
    assert run(flows.wave, bump, 1.0, 0.9, 1.0, 200) < 1e-3 * start


def test_seismogram_arrives_in_time():
    record = run(flows.seismogram, np.ones((9, 9)), np.eye(1, 6)[0], 0.5, 0, 0.0)
    arrivals = [int(np.argmax(record[:, 4 + k] != 0.0)) for k in range(4)]
    assert arrivals == [0, 1, 2, 3]


def test_bodies_keep_momentum_and_energy():
    for x, v, m, dt, steps in cases(flows.n_body):
        _, after = run(flows.n_body, x, v, m, dt, steps)
        near(m @ after, m @ v)
    x, v = np.array([[-0.5, 0.0], [0.5, 0.0]]), np.array([[0.0, -0.7], [0.0, 0.7]])
    x1, v1 = run(flows.n_body, x, v, np.ones(2), 0.01, 100)

    def energy(x, v):
        return 0.5 * np.sum(v**2) - 1.0 / np.sqrt(np.sum((x[1] - x[0]) ** 2) + 0.01)

    near(energy(x1, v1), energy(x, v), 1e-6)

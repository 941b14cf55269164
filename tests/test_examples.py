"""The examples run, learn what they should, and leave their pictures behind.

The gradient that each of them descends along agrees with one that s2s has no part in.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import s2s

pytest.importorskip("matplotlib")

jax.config.update("jax_enable_x64", True)
EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """Imports an example, which then writes to a folder of the test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    loaded = []

    def load(name: str) -> ModuleType:
        module = importlib.import_module(name)
        loaded.append(name)
        assert module.OUTPUT == EXAMPLES / "output"  # which git ignores
        monkeypatch.setattr(module, "OUTPUT", tmp_path / "output")
        return module

    yield load
    for name in loaded:
        del sys.modules[name]


def is_picture(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG")


def test_lorenz96(load, capsys) -> None:
    lorenz96 = load("lorenz96")
    before, after = lorenz96.main(variables=20, times=5, outlook=4, iterations=12)
    assert after < 0.7 * before
    out = capsys.readouterr().out
    assert "50 readings of 10 of 20 variables" in out
    assert f"error {before:5.2f} at the start" in out
    assert is_picture(lorenz96.OUTPUT / "lorenz96.png")


def test_lorenz96_gradient(load) -> None:
    lorenz96 = load("lorenz96")
    rng = np.random.default_rng(0)
    x, guess = 8.0 + rng.normal(size=(2, 12))
    readings = 8.0 + rng.normal(size=(4, 5))
    sites = np.array([0, 2, 3, 7, 11])

    def slope(x):
        return (jnp.roll(x, -1) - jnp.roll(x, 2)) * jnp.roll(x, 1) - x + 8.0

    def step(x, _):
        k1 = slope(x)
        k2 = slope(x + 0.025 * k1)
        k3 = slope(x + 0.025 * k2)
        k4 = slope(x + 0.05 * k3)
        x = x + 0.05 / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        return x, x

    def cost(x):
        _, states = jax.lax.scan(step, x, length=12)
        misfit = (states[2::3, sites] - readings) / 0.5
        return 0.5 * jnp.sum(misfit**2) + 0.5 * jnp.sum((x - guess) ** 2)

    value, x_bar = lorenz96.cost(x, guess, readings, 3, sites)
    want, want_bar = jax.value_and_grad(cost)(x)
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(x_bar, want_bar, rtol=1e-10, atol=1e-10)


def test_heston(load, capsys) -> None:
    heston = load("heston")
    by_s2s, by_bumps = heston.main(paths=500, steps=20, spots=3)
    assert type(by_s2s) is heston.Market
    np.testing.assert_allclose(by_s2s, by_bumps, rtol=0.02, atol=1e-3)
    out = capsys.readouterr().out
    assert "500 paths of 20 steps" in out
    assert f"{by_s2s.kappa:.5f}" in out
    assert is_picture(heston.OUTPUT / "heston.png")


def test_heston_gradient(load, monkeypatch) -> None:
    """JAX runs `price` as it stands, given its own NumPy."""
    heston = load("heston")
    normals = np.random.default_rng(0).normal(size=(6, 2, 40))
    market = heston.Market(xi=0.9)  # so wild that the floor is met
    value, slopes = heston.greeks(market, normals)
    monkeypatch.setattr(heston, "np", jnp)
    want, want_slopes = jax.value_and_grad(heston.price)(market, jnp.asarray(normals))
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(slopes, want_slopes, rtol=1e-10)


def test_arm(load, capsys) -> None:
    arm = load("arm")
    left = arm.main(targets=5)
    assert len(left) == 5 and max(left) < 1e-10
    out = capsys.readouterr().out
    assert "5 targets" in out and f"largest miss     {max(left):.0e}" in out
    assert is_picture(arm.OUTPUT / "arm.png")


def test_arm_jacobian(load, monkeypatch) -> None:
    """JAX runs `pose` as it stands, given its own NumPy; in the arm's sizes too."""
    arm = load("arm")
    angles = np.linspace(-1.0, 1.5, 6)
    forward = arm.jacobian(angles, arm.ARM)
    reverse = s2s.jacrev(arm.pose)(angles, arm.ARM)
    reach_of = s2s.grad(lambda arm_, angles: arm.pose(angles, arm_)[2])
    sizes = reach_of(arm.ARM, angles)

    jax.tree_util.register_dataclass(arm.Joint)
    monkeypatch.setattr(arm, "np", jnp)
    want = jax.jacfwd(arm.pose)(angles, arm.ARM)
    np.testing.assert_allclose(forward, want, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(reverse, want, rtol=1e-12, atol=1e-14)
    want_sizes = jax.grad(lambda arm_: arm.pose(angles, arm_)[2])(arm.ARM)
    for got, joint in zip(sizes, want_sizes, strict=True):
        assert type(got) is arm.Joint
        np.testing.assert_allclose(
            [got.length, got.twist, got.offset],
            [joint.length, joint.twist, joint.offset],
            rtol=1e-12,
            atol=1e-14,
        )


def test_gaussian_process(load, capsys) -> None:
    gaussian_process = load("gaussian_process")
    fitted, before, after = gaussian_process.main(readings=60)
    period, noise = fitted[-2:]
    assert abs(period - 1.5) < 0.02 and abs(noise - 0.2) < 0.04
    assert after < before
    out = capsys.readouterr().out
    assert f"foretells {after:5.2f}" in out
    assert is_picture(gaussian_process.OUTPUT / "gaussian_process.png")


def test_gaussian_process_gradient(load, monkeypatch) -> None:
    """JAX runs `loss` as it stands, given its own NumPy."""
    gaussian_process = load("gaussian_process")
    rng = np.random.default_rng(0)
    t, y = np.sort(rng.uniform(0.0, 8.0, size=25)), rng.normal(size=25)
    theta = np.log(gaussian_process.START) + rng.normal(scale=0.1, size=6)
    value, theta_bar = gaussian_process.loss(theta, t, y)
    primal = gaussian_process.loss.primal
    monkeypatch.setattr(gaussian_process, "np", jnp)
    want, want_bar = jax.value_and_grad(primal)(theta, t, y)
    np.testing.assert_allclose(value, want, rtol=1e-12)
    np.testing.assert_allclose(theta_bar, want_bar, rtol=1e-9)

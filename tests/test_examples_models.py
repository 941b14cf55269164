"""The examples that fit models run, learn, and leave their pictures behind.

The gradient of each is JAX's of the same program: the module computes with JAX's NumPy
instead, whose arrays are wrapped where the program changes them in place.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("scipy")

jax.config.update("jax_enable_x64", True)

EXAMPLES = Path(__file__).parent.parent / "examples"
RNG = np.random.default_rng(0)


@pytest.fixture
def example(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The example of this name, writing to a folder of the test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    module = importlib.import_module(request.param)
    monkeypatch.setattr(module, "OUTPUT", tmp_path / "output")
    yield module
    del sys.modules[request.param]


def using(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", [name], indirect=True, ids=[name])


def left_its_picture(example: ModuleType) -> bool:
    picture = example.OUTPUT / f"{example.__name__}.png"
    return picture.read_bytes().startswith(b"\x89PNG")


# the same programs under JAX ----------------------------------------------------------


class Stored:
    """An array of JAX's that can be assigned to."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __setitem__(self, index: Any, value: Any) -> None:
        self.value = self.value.at[index].set(value)

    def __getitem__(self, index: Any) -> Any:
        return self.value[index]

    def __iadd__(self, other: Any) -> Stored:
        self.value = self.value + other
        return self

    def __sub__(self, other: Any) -> Any:
        return self.value - other

    def __rsub__(self, other: Any) -> Any:
        return other - self.value


class Jax:
    """JAX's NumPy, with arrays that can be assigned to where they are made empty."""

    def __getattr__(self, name: str) -> Any:
        return getattr(jnp, name)

    def empty(self, shape: Any) -> Stored:
        return Stored(jnp.zeros(shape))

    def empty_like(self, like: Any) -> Stored:
        return Stored(jnp.zeros(like.shape))


@pytest.fixture
def with_jax(example: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls a function while the example computes with JAX."""

    def call(function: Any, *args: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(example, "np", Jax())
            return jax.tree.map(np.asarray, function(*args))

    return call


def agree(got: Any, want: Any) -> None:
    scale = np.max(np.abs(want))
    assert scale > 1e-3
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9 * scale)


# the examples -------------------------------------------------------------------------


@using("lstm")
def test_the_lstm_learns(example: ModuleType, capsys: pytest.CaptureFixture) -> None:
    first, last = example.main(steps=40, hidden=24)
    assert first > 6.0
    assert last < 5.0
    assert "What it writes" in capsys.readouterr().out
    assert left_its_picture(example)


@using("lstm")
def test_the_gradient_of_the_lstm(example: ModuleType, with_jax: Any) -> None:
    p = example.initial(7, 5, RNG)
    text = RNG.integers(7, size=(3, 6))
    h, c = RNG.normal(size=(2, 3, 5))
    (value, state), gradient = example.loss(p, text, h, c)
    slope = jax.value_and_grad(example.loss.primal, has_aux=True)
    (same_value, same_state), same_gradient = with_jax(slope, p, text, h, c)
    agree(value, same_value)
    agree(state, same_state)
    for name in p:
        agree(gradient[name], same_gradient[name])


@using("hmc")
def test_hmc_samples(example: ModuleType, capsys: pytest.CaptureFixture) -> None:
    accuracy, traces = example.main(warmup=100, draws=100)
    assert accuracy > 0.92
    assert all(trace.std(axis=0).min() > 0.1 for trace in traces)
    assert "chain 1" in capsys.readouterr().out
    assert left_its_picture(example)


@using("hmc")
def test_the_gradient_of_the_log_posterior(example: ModuleType, with_jax: Any) -> None:
    model = example.Model(RNG.normal(size=(20, 4)), RNG.integers(2, size=20), 2.0)
    q = RNG.normal(size=6)
    value, gradient = example.slope(q, model)
    same = with_jax(jax.value_and_grad(model.log_posterior), q)
    agree(value, same[0])
    agree(gradient, same[1])


@using("hmc")
def test_hmc_keeps_to_a_normal_distribution(example: ModuleType) -> None:
    """Without data, the posterior is the prior."""
    model = example.Model(np.zeros((0, 3)), np.zeros(0), 2.0)
    steps = example.sample(model, np.zeros(5), 200, 800, np.random.default_rng(1))
    draws = np.array([q for q, _, _ in steps])
    np.testing.assert_allclose(draws.mean(axis=0), 0.0, atol=0.4)
    np.testing.assert_allclose(draws.std(axis=0), 2.0, rtol=0.15)


@using("raytracer")
def test_the_scene_is_found(example: ModuleType, capsys: pytest.CaptureFixture) -> None:
    losses, fitted, truth = example.main(steps=120, pixels=24)
    assert losses[-1] < 1e-3 * losses[0]
    for ball, true in zip(fitted.spheres, truth.spheres, strict=True):
        np.testing.assert_allclose(ball.centre[:2], true.centre[:2], atol=0.1)
    assert "sphere at" in capsys.readouterr().out
    assert left_its_picture(example)


@using("raytracer")
def test_the_gradient_of_the_picture(example: ModuleType, with_jax: Any) -> None:
    rays = example.camera(12)
    truth, guess = example.scenes()
    target = example.render(truth, rays)
    value, gradient = example.loss(guess, rays, target)

    def loss(vector: Any) -> Any:
        return example.loss.primal(example.unpack(vector), rays, target)

    same = with_jax(jax.value_and_grad(loss), example.pack(guess))
    agree(value, same[0])
    agree(example.pack(gradient), same[1])


@using("neural_ode")
def test_the_spiral_is_learnt(
    example: ModuleType, capsys: pytest.CaptureFixture
) -> None:
    losses, _ = example.main(steps=40, hidden=12)
    assert losses[-1] < 0.02 * losses[0]
    assert "all along the spiral" in capsys.readouterr().out
    assert left_its_picture(example)


@using("neural_ode")
def test_the_gradient_through_the_steps(
    example: ModuleType, with_jax: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "TOLERANCE", 1e-2)
    rng = np.random.default_rng(1)
    times = np.array([0.0, 0.7, 1.0])
    starts, observed = rng.normal(size=(2, 2)), rng.normal(size=(3, 2, 2))
    vector = 2.0 * rng.normal(size=5 * 4 + 2)
    value, gradient = example.loss(example.unpack(vector, 4), starts, times, observed)

    def loss(vector: Any) -> Any:
        return example.loss.primal(example.unpack(vector, 4), starts, times, observed)

    same = with_jax(jax.value_and_grad(loss), vector)
    agree(value, same[0])
    agree(example.pack(gradient), same[1])


@using("neural_ode")
def test_the_solver_takes_steps_again(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    norm, norms = example.error_norm, []

    def noted(*args: Any) -> Any:
        norms.append(norm(*args))
        return norms[-1]

    monkeypatch.setattr(example, "error_norm", noted)
    times = np.array([0.0, 0.5, 1.0])
    path = example.integrate(lambda y: 5.0 * y, np.array([[1.0, 2.0]]), times)
    assert min(norms) <= 1.0 < max(norms)
    np.testing.assert_allclose(path, np.exp(5.0 * times)[:, None, None] * path[0], 1e-2)


@using("bundle")
def test_the_cameras_are_adjusted(
    example: ModuleType, capsys: pytest.CaptureFixture
) -> None:
    missed, error = example.main(steps=6, views=5, count=30)
    assert missed[0] > 20.0
    assert missed[-1] < example.NOISE
    assert error < 0.05
    assert "30 points" in capsys.readouterr().out
    assert left_its_picture(example)


@using("bundle")
def test_the_jacobian_of_the_residuals(example: ModuleType, with_jax: Any) -> None:
    args = example.scene(3, 5, RNG)
    got = example.jacobian(*args)
    want = with_jax(jax.jacfwd(example.residuals, argnums=(0, 1)), *args)
    for part, same in zip(got, want, strict=True):
        agree(part, same)

"""The same programs under other tools for differentiation."""

import importlib

import numpy as np
import pytest
from programs import algebra, dynamics, fields, finance, networks, statistics
from structures import close, leaves, varies

import s2s

# Programs of the corpus that autograd runs as they stand, given its own NumPy.
SHARED = {
    algebra: [
        "horner", "clenshaw", "legendre", "power_iteration", "conjugate_gradient",
        "trapezoid", "simpson", "series_until_small", "romberg",
        "continued_fraction", "mahalanobis",
    ],
    dynamics: [
        "logistic_map", "lyapunov_exponent", "van_der_pol", "adaptive_euler",
        "three_body", "lotka_volterra",
    ],
    fields: [
        "heat", "advection", "burgers", "moving_average", "exponential_smoothing",
        "total_variation", "dft_power", "jacobi",
    ],
    finance: ["binomial_option", "income_tax", "consumption_plan", "internal_rate"],
    networks: [
        "mlp_loss", "deep", "deep_in_pairs", "rnn", "rnn_loss", "lstm", "attention",
        "layer_norm", "logistic_regression", "gradient_descent",
    ],
    statistics: [
        "log_sum_exp", "gaussian_log_likelihood", "mixture_log_likelihood",
        "hmm_log_likelihood", "garch_likelihood", "huber", "ar_residuals",
    ],
}  # fmt: skip
CASES = [
    pytest.param(module, f, args, id=f"{f.__name__}-{k}")
    for module, names in SHARED.items()
    for k, (f, args) in enumerate(module.CASES)
    if f.__name__ in names
]


def weighted(f, numpy):
    """The function with its results summed to one number, which both tools take."""

    def total(*args):
        out = 0.0
        for k, leaf in enumerate(leaves(f(*args))):
            out = out + numpy.sum(leaf) * (1.0 + 0.3 * k)
        return out

    return total


def with_numpy(module, name, numpy, monkeypatch):
    """A fresh copy of a program that computes with another NumPy."""
    spec = importlib.util.find_spec(module.__name__)
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    for key, value in vars(copy).items():
        if value is np:
            monkeypatch.setattr(copy, key, numpy)
        elif getattr(np, key, None) is value and callable(value):
            monkeypatch.setattr(copy, key, getattr(numpy, key))
    return getattr(copy, name)


def cotangents(f, args):
    """What s2s gives for the weighted sum of the results."""
    out, pullback = s2s.vjp(f, *args)
    weights = iter(1.0 + 0.3 * k for k in range(len(leaves(out))))

    def spread(value):
        if isinstance(value, list | tuple):
            return type(value)(map(spread, value))
        weight = next(weights)
        return np.full(np.shape(value), weight)[()]

    return pullback(spread(out))


@pytest.mark.filterwarnings("ignore:Output seems independent of input")
@pytest.mark.parametrize(("module", "f", "args"), CASES)
def test_autograd(module, f, args, monkeypatch):
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    copy = with_numpy(module, f.__name__, anp, monkeypatch)
    wrt = [k for k, a in enumerate(args) if varies(a)]
    want = autograd.grad(weighted(copy, anp), wrt)(*args)
    bars = cotangents(f, args)
    for k, w in zip(wrt, want, strict=True):
        close(leaves(bars[k]), leaves(w), 1e-10, f"{f.__name__} by argument {k}")


def newton(jnp):
    def f(a, x):
        for _ in range(6):
            x = 0.5 * (x + a / x)
        return x

    return f, (2.0, 1.5)


def batched(jnp):
    def f(w, x, y):
        h = jnp.tanh(jnp.einsum("bi,ij->bj", x, w))
        return jnp.mean((h - y) ** 2) + jnp.log(jnp.linalg.norm(w))

    rng = np.random.default_rng(0)
    return f, (
        rng.normal(size=(3, 2)),
        rng.normal(size=(4, 3)),
        rng.normal(size=(4, 2)),
    )


def at_zero(jnp):
    def f(x, v):
        return jnp.abs(x) + jnp.max(v) + jnp.sum(jnp.maximum(v, 1.0)) + jnp.prod(v)

    return f, (0.5, np.array([0.5, 2.0, 0.0]))


def rearranged(jnp):
    def f(A):
        B = jnp.concatenate([A, A[::-1]], axis=1).reshape(-1, 2)
        C = jnp.stack([B[:, 0], jnp.cumsum(B[:, 1])], axis=1)
        return jnp.sum(jnp.where(C > 0.5, C**2, jnp.sin(C)) * jnp.roll(C, 1, axis=0))

    return f, (np.arange(6.0).reshape(2, 3) / 4 - 0.4,)


def solved(jnp):
    def f(A, b):
        x = jnp.linalg.solve(A @ A.T + jnp.eye(3), b)
        return x @ x + jnp.linalg.det(A) + jnp.trace(jnp.linalg.inv(A))

    rng = np.random.default_rng(1)
    return f, (rng.normal(size=(3, 3)), rng.normal(size=3))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", [newton, batched, at_zero, rearranged, solved])
def test_jax(make):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f, args = make(np)
    theirs, _ = make(jax.numpy)
    wrt = tuple(range(len(args)))
    want = jax.grad(theirs, wrt)(*args)
    close(s2s.grad(f, wrt)(*args), [np.asarray(w) for w in want], 1e-10, "grad")
    _, want = jax.jvp(theirs, args, args)
    close(s2s.jvp(f, args, args)[1], np.asarray(want), 1e-10, "jvp")

"""Second derivatives, by the tangents of adjoints that are never text in between."""

import inspect
from types import FunctionType

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from called import recursive
from golden.quicksort import sort

import s2s
from s2s.ssa import outline

jax.config.update("jax_enable_x64", True)

X = np.array([0.9, 0.3, 0.7, 0.2, 1.1, 0.6, 0.4, 0.8])


def simpson(a, b, fa, fm, fb, scale):
    m = 0.5 * (a + b)
    fl = np.exp(np.sin(1.5 * (a + m) * scale))
    fr = np.exp(np.sin(1.5 * (m + b) * scale))
    whole = (b - a) / 6 * (fa + 4 * fm + fb)
    left = (b - a) / 12 * (fa + 4 * fl + fm)
    right = (b - a) / 12 * (fm + 4 * fr + fb)
    if abs(left + right - whole) < 1e-5:
        return left + right + (left + right - whole) / 15
    return simpson(a, m, fa, fl, fm, scale) + simpson(m, b, fm, fr, fb, scale)


def adaptive(x):
    fa = 1.0
    fm, fb = np.exp(np.sin(1.5 * x[0] * x[1])), np.exp(np.sin(3 * x[0] * x[1]))
    return simpson(0.0, x[0], fa, fm, fb, x[1]) * x[2]


def score(x):
    a = x * x
    sort(a, 0, len(a) - 1)
    return a @ np.arange(len(a)) + a[0] * a[1]


def determinant(x):
    return recursive.det(np.outer(x[:3], x[:3]) + np.diag(x[1:4])) * x[4]


def chain(x, n):
    y = x
    for _ in range(n):
        y = np.sin(y) * x
    return np.sum(y * y)


def twice_called(x):
    return chain(x, 3) * chain(x * x, 2) + np.sum(chain(np.cos(x), 4) * x)


def on_one_path(x):
    """What is kept for the call is None where there is none."""
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.5:
            s = s + chain(x[: i + 1], 2) * s
            s = s * x[i]
        else:
            s = s * x[i] + x[i] ** 3
    return s * s + x[0] * s


def items(x):
    """Stacks of arrays of other lengths on each path, and a list that grows."""
    kept = [x * x]
    for i in range(3):
        if i == 1:
            kept.append(np.sin(kept[-1]) * x[i])
        else:
            kept.append(kept[0] * kept[-1] + x)
    return np.sum(kept[1] * kept[2]) * np.sum(kept[3])


def tried(x):
    """Stacks are pushed in a `try`, which may fail."""
    s = 0.0
    for i in range(len(x)):
        try:
            if i == 2:
                raise ValueError
            t = np.sin(x[i]) * x[i]
            y = t / x[0]
        except ValueError:
            y = x[i] ** 3
        s = s * y + y
    return s


def tried_in_calls(x):
    s = 1.0
    for i in range(3):
        try:
            y = chain(x[i : i + 2], 2) + chain(x[i : i + 3], 1)
            if i == 1:
                raise ArithmeticError
        except ArithmeticError:
            y = x[i] ** 2
        s = s * y
    return s


def energy(m, v):
    return 0.5 * m * float(np.sum(v * v))


def tried_for_a_store(x):
    """Only what the calls keep has tangents that are read."""
    c = np.zeros(3)
    for i in range(3):
        try:
            c[::-1] = energy(x[i], x)
        except ValueError:
            c[0] = 0.5
        if x[i] > 5.0:
            break
    return energy(x[0], x[1:]) + energy(x[1], x[2:]) - np.sum(c)


def overwritten(x):
    u = x.copy()
    for _ in range(2):
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * u[i + 1] + u[i]
    return np.sum(u * u)


def until(x):
    y, k = x, 0
    while np.sum(y) < 40.0:
        y = y * y + x
        k += 1
        if k > 6:
            break
    return np.sum(np.sin(y)) * x[0]


PROGRAMS = [
    adaptive, score, determinant, twice_called, on_one_path, items, tried,
    tried_in_calls, tried_for_a_store, overwritten, until, recursive.total,
    recursive.spectrum, recursive.sorted_score, recursive.quicksort, recursive.on_views,
]  # fmt: skip


def differences(gradient, x, step=1e-6):
    moved = step * np.eye(len(x))
    return np.stack([(gradient(x + d) - gradient(x - d)) / (2 * step) for d in moved])


def agree(f, x):
    gradient = s2s.grad(f)
    want = differences(gradient, x)
    found = s2s.hessian(f)(x)
    size = 1.0 + np.max(np.abs(want))
    assert np.allclose(found, want, rtol=0, atol=1e-6 * size)
    assert np.allclose(found, found.T, rtol=1e-12, atol=1e-12 * size)
    v = np.linspace(-1.0, 1.0, len(x))
    (product,) = s2s.hvp(f, (x,), (v,))
    assert np.allclose(product, found @ v, rtol=1e-12, atol=1e-12 * size)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_against_differences(f):
    agree(f, X[:5] if f is overwritten else X)


def test_against_differences_where_all_that_is_called_is_a_function(monkeypatch):
    monkeypatch.setattr(outline, "LONG", 0)
    for f in (twice_called, on_one_path, tried_in_calls, tried_for_a_store):
        agree(f, X)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (recursive.top_fib, (0.7,)),
        (recursive.mutual, (0.6,)),
        (recursive.nested, (0.6, 0.9)),
        (recursive.doubles, (0.7,)),
        (recursive.loop_in, (0.6, 3)),
        (recursive.grid, (0.8,)),
        (recursive.chebyshev, (0.6,)),
        (recursive.memoized, (0.6,)),
        (recursive.ret_const, (0.5, 3)),
        (recursive.two, (X[:3], X[3:6])),
        (recursive.changing_args, (X[:4], 3)),
        (recursive.changed_between, (X[:4], 3)),
    ],
    ids=lambda a: getattr(a, "__name__", ""),
)
def test_functions_that_call_themselves(f, args):
    s2s.check_grads(f, args, modes=("fwd",))


def test_against_jax():
    def f(x):
        y = x
        for _ in range(4):
            y = jnp.sin(y) * x + 0.1 * y * y
        return jnp.sum(y * y) * x[0]

    def g(x):
        y = x
        for _ in range(4):
            y = np.sin(y) * x + 0.1 * y * y
        return np.sum(y * y) * x[0]

    assert np.allclose(s2s.hessian(g)(X), jax.hessian(f)(X), rtol=1e-12)


def test_items_of_arguments():
    """The adjoint takes them out of their tuple again where it reads them."""

    def f(p):
        s = 1.0
        for _ in range(3):
            s = s * p["a"] + p["v"][1] * p["a"]
        return s * np.sum(p["v"] ** 3)

    at = {"a": 0.7, "v": X[:3]}
    s2s.check_grads(f, (at,))
    a, v = jnp.float64(0.7), jnp.asarray(X[:3])

    def g(a, v):
        s = 1.0
        for _ in range(3):
            s = s * a + v[1] * a
        return s * jnp.sum(v**3)

    found = s2s.hessian(f)(at)
    want = jax.hessian(g, (0, 1))(a, v)
    for row, name in zip(want, "av", strict=True):
        for block, other in zip(row, "av", strict=True):
            assert np.allclose(found[name][other], block, rtol=1e-12)


def test_value_and_gradient_have_tangents():
    (value, slope), (value_dot, slope_dot) = s2s.jvp(
        s2s.value_and_grad(chain), (X[:2], 3), (np.ones(2), None)
    )
    assert value == chain(X[:2], 3)
    assert value_dot == pytest.approx(np.sum(slope))
    assert np.allclose(slope_dot, s2s.hvp(chain, (X[:2], 3), (np.ones(2), None))[0])


def test_text():
    s2s.hvp(chain, (0.7, 3), (1.0, None))
    made = s2s.api.transformed(s2s.api.transformed(chain, "grad", (0,)), "jvp", (0,))
    text = made.source
    assert "def chain_hvp(x, n, x_dot):" in text
    assert "y_stack.append(y)\n        y_dot_stack.append(y_dot)" in text
    assert "# reverse sweep" in text


def test_no_default_of_another_parameter():
    def f(x, n=3):
        return x**n

    made = s2s.derivative.Derivative(f, "jvp")
    made.compile(0.7)
    assert "def f_jvp(x, n, x_dot):" in made.source
    assert list(inspect.signature(made).parameters) == ["x", "n"]


def products(x):
    return np.prod(x) + np.sum(np.prod(np.outer(x, x[:3]), axis=1) ** 2)


def running_products(x):
    y = np.cumprod(x, axis=0)
    return np.sum(np.sin(y)) + np.sum(np.cumprod(y) * x)


@pytest.mark.parametrize("f", [products, running_products])
def test_products_with_zeros(f):
    for x in (X, np.array([0.5, 0.0, -0.3, 0.7, 0.0])):
        want = jax.hessian(FunctionType(f.__code__, {"np": jnp}))(x)
        np.testing.assert_allclose(s2s.hessian(f)(x), want, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(s2s.jacrev(s2s.grad(f))(x), want, atol=1e-12)


def mean_of_rows(n, A):
    if n < 1:
        return A.mean(0)
    return np.sin(mean_of_rows(n - 1, A)) - np.sum(A)


def test_gradients_that_recursion_returns_can_be_changed_in_place():
    """At the bottom it is a broadcast, which nobody can write to."""

    def f(A):
        return np.sum(mean_of_rows(2, A))

    s2s.check_grads(f, (X[:6].reshape(2, 3),), order=2)

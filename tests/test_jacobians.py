"""Jacobians, Hessians and their products, against JAX and formulas."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from called import recursive

import s2s
from s2s.derivative import Derivative
from s2s.ssa import outline
from s2s.structure import leaves

jax.config.update("jax_enable_x64", True)
X, Y = np.array([1.0, -0.5, 2.0]), np.array([0.5, -1.0])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def several(x, y):
    return x * np.sum(y), (np.outer(x, y), y[0] ** 2)


def several_in_jax(x, y):
    return x * jnp.sum(y), (jnp.outer(x, y), y[0] ** 2)


def in_place(x):
    z = np.zeros(4)
    for i in range(len(x)):
        z[i + 1] = z[i] * x[i] + x[i] ** 2
    return z


def of_a_pair(p, x):
    (a, b), c = p
    return a * x + b * c * x**2


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_against_jax(jacobian):
    ours = jacobian(several, (0, 1))(X, Y)
    theirs = jax.jacfwd(several_in_jax, (0, 1))(X, Y)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-14)


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_one_argument_gives_no_tuple(jacobian):
    first, (second, _) = jacobian(several)(X, Y)
    assert np.allclose(first, np.sum(Y) * np.eye(3))
    assert second.shape == (3, 2, 3)
    assert np.allclose(jacobian(several, "y")(X, Y)[0], np.outer(X, np.ones(2)))


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_structure_of_arguments(jacobian):
    (a, b), c = jacobian(of_a_pair)(((2.0, 3.0), 4.0), 0.5)
    assert (a, b, c) == (0.5, 4.0 * 0.25, 3.0 * 0.25)


def test_programs_in_place():
    assert np.allclose(s2s.jacfwd(in_place)(X), s2s.jacrev(in_place)(X), rtol=1e-14)


def test_hessian_of_rosenbrock():
    a, b, c = X
    want = [
        [1200 * a**2 - 400 * b + 2, -400 * a, 0.0],
        [-400 * a, 200 + 1200 * b**2 - 400 * c + 2, -400 * b],
        [0.0, -400 * b, 200.0],
    ]
    assert np.allclose(s2s.hessian(rosenbrock)(X), want, rtol=1e-14)


def test_hessian_of_several_arguments():
    f = lambda x, y: np.sum(x) ** 2 * y[0] * y[1]  # noqa: E731
    theirs = jax.hessian(lambda x, y: jnp.sum(x) ** 2 * y[0] * y[1], (0, 1))(X, Y)
    ours = s2s.hessian(f, (0, 1))(X, Y)
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert np.allclose(a, b, rtol=1e-13)


def test_product_with_the_hessian():
    v = np.array([0.3, 1.0, -2.0])
    (product,) = s2s.hvp(rosenbrock, (X,), (v,))
    assert np.allclose(product, s2s.hessian(rosenbrock)(X) @ v, rtol=1e-13)


def test_product_with_the_hessian_of_several_arguments():
    f = lambda x, y, n: np.sum(x) ** n * y  # noqa: E731
    x_part, y_part, n_part = s2s.hvp(f, (X, 2.0, 3), (None, 1.0, None))
    assert np.allclose(x_part, 3.0 * np.sum(X) ** 2)
    assert y_part == 0.0
    assert n_part is None


def test_linearize():
    out, f_dot = s2s.linearize(several, X, Y)
    assert np.array_equal(out[0], several(X, Y)[0])
    dot = f_dot(X, Y)
    assert np.allclose(dot[0], 2.0 * X * np.sum(Y))
    assert np.allclose(f_dot(2.0 * X, 2.0 * Y)[1][0], 2.0 * dot[1][0])


# several directions in one sweep ------------------------------------------------------


def elementwise(x):
    return np.sin(x) * x[::-1] / 2.0 + x**3, np.where(x > 0.0, x, x**2), np.abs(x)


def reductions(x):
    A = np.outer(x, x)
    sums = np.sum(A, axis=0), A.sum(-1), np.sum(A), np.cumsum(x)
    return sums, np.mean(x), x[0], 2.0, x @ x, None


def matrices(x):
    A = np.outer(x, x) + np.eye(3)
    products = A @ x, A @ A, x @ A, A @ np.ones(3), np.ones((2, 3)) @ A
    parts = A.T, A[1:, 0], A.reshape(9), np.reshape(A, (1, 9)), A.ravel()
    return products, parts, np.linalg.solve(A, x), A * x[0]


def indexed(x):
    return x[[0, 2, 1]], x[np.array([True, False, True])], x[:, None] * x


def joined(x):
    pair = np.stack([x, x * x]), np.concatenate([x, np.ones(2), 2.0 * x])
    return pair, np.array([x[0], 1.0, x[1] ** 2]), np.array([x, x])


def branches_and_loops(x):
    y = 2.0 * x
    if x[0] > 0.0:
        y = y * x
        y = y + 1.0
    else:
        y = np.zeros(3)
    total = 0.0
    for i in range(3):
        total = total + y[i] * x[i]
    while np.sum(y) < 20.0:
        y = y * y + 1.0
    return y, total


def through_rows(x):
    A = np.zeros((3, 3))
    for i in range(3):
        row = A[i]
        row[1:] = x[i]
        row[0] = x[i] ** 2
    A[:, 1] *= x
    return A


def heat(x):
    x = x.copy()
    for _ in range(5):
        x[1:-1] += 0.1 * (x[2:] - 2.0 * x[1:-1] + x[:-2])
    return x


def appended(x):
    rows = []
    for i in range(3):
        rows.append(x * i)
    return np.sum(np.array(rows) * x, axis=1)


def of_a_dict(p):
    return p["w"] * p["b"], {"q": p["b"] ** 2}


def loop_of_products(x):
    y = x
    for _ in range(3):
        y = np.sin(y) * x
    return np.sum(y**2)


def layer(x, a):
    y = np.sin(x) * a
    return y * x, np.sum(y)


def of_layers(x):
    a, s = layer(x, x[0])
    b, t = layer(2.0 * x, 3.0)
    c, _ = layer(x[::-1], s)
    return a + b * t + c * s


def of_recursions(x):
    x = 0.1 * x
    scalars = recursive.fib(x[0], 4) * x[1], recursive.mutual(x[2] + 0.5)
    return np.array(scalars), recursive.total(x), recursive.sorted_score(x)


def called_in_a_loop(x):
    out = np.zeros(3)
    for i in range(3):
        a, s = layer(x * out[i - 1], x[i])
        out[i] = s + a[0]
    return out


def by_letters(x):
    A, B = np.outer(x, x), np.ones((2, 3, 3)) * x
    sums = (
        np.einsum("i,ij,j", x, A, x),
        np.einsum("ii->i", A),
        np.einsum("...i->...", B),
    )
    inner = np.inner(A, x), np.tensordot(B, A), np.tensordot(A, x, axes=(0, 0))
    return sums, inner, np.dot(B, A), np.dot(x[0], A), B @ x, B @ A, A @ B


def axes_and_stacks(x):
    A = np.outer(x, x)
    moved = np.expand_dims(A, 1), np.squeeze(x[:, None], 1), np.take(A, [0, 2], 1)
    rows = np.vstack([x, x**2]), np.vstack([A, A]), np.hstack([x, x]), np.hstack([A, A])
    triangles = np.triu(A), np.tril(A, -1), np.diff(A, axis=0), np.diff(x)
    return moved, rows, triangles, np.hstack([x[0], x[1] ** 2])


def solutions(x):
    A = np.outer(x, x) + np.eye(3)
    several = np.linalg.solve(A, np.stack([x, x**2], axis=1))
    return np.linalg.inv(A), several, np.linalg.det(A), np.linalg.norm(x)


def sorted_and_of_numbers(x):
    return np.sort(x), np.max(x), math.exp(x[0]) * x, math.hypot(x[1], x[2])


CALLING = [
    of_layers,
    of_recursions,
    called_in_a_loop,
    s2s.grad(lambda x: np.sum(of_layers(x) ** 2)),
]
BATCHED = [
    *CALLING,
    by_letters,
    axes_and_stacks,
    solutions,
    sorted_and_of_numbers,
    s2s.grad(lambda x: np.sum(by_letters(x)[2] ** 2)),
    s2s.grad(lambda x: np.sum(solutions(x)[1] ** 2)),
    elementwise,
    reductions,
    matrices,
    indexed,
    joined,
    branches_and_loops,
    through_rows,
    heat,
    appended,
    in_place,
    s2s.grad(rosenbrock),
    s2s.grad(loop_of_products),
    s2s.grad(lambda x: np.sum(heat(x) ** 3)),
]


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_results_without_derivative(jacobian):
    f = lambda x: (np.sum(x), None, "text", 3, 2.0 * x, np.arange(3), 1.5)  # noqa: E731
    total, none, text, n, doubled, numbers, constant = jacobian(f)(X)
    assert none is text is n is numbers is None
    assert np.array_equal(total, np.ones(3)) and np.array_equal(constant, np.zeros(3))
    assert np.array_equal(doubled, 2.0 * np.eye(3))


@pytest.mark.parametrize("jacobian", [s2s.jacfwd, s2s.jacrev])
def test_order_of_arguments(jacobian):
    f = lambda x, y: x * np.sum(y) ** 2  # noqa: E731
    y_first, x_first = jacobian(f, (1, 0))(X, Y)
    assert (y_first.shape, x_first.shape) == ((3, 2), (3, 3))
    assert np.allclose(y_first, jacobian(f, "y")(X, Y))
    H = s2s.hessian(lambda x, y: np.sum(x**2) * np.sum(y**3), (1, 0))(X, Y)
    assert H[0][0].shape == (2, 2) and H[0][1].shape == (2, 3)
    assert np.allclose(H[1][0], np.outer(2.0 * X, 3.0 * Y**2))


def by_single_directions(f, at, monkeypatch):
    monkeypatch.setattr(s2s.jacobian, "FEW", np.inf)
    return s2s.jacfwd(f)(at)


def assert_same(ours, theirs):
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert np.shape(a) == np.shape(b)
        assert a is b is None or (np.allclose(a, b, rtol=1e-13) and a.dtype == b.dtype)


def assert_close(ours, theirs):
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        assert a is b is None or np.allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("f", BATCHED)
def test_one_sweep_is_as_many(f, monkeypatch):
    monkeypatch.setattr(s2s.jacobian, "one_by_one", None)
    ours = s2s.jacfwd(f)(X)
    monkeypatch.undo()
    assert_same(ours, by_single_directions(f, X, monkeypatch))


def by_single_rows(f, at, monkeypatch):
    monkeypatch.setattr(s2s.jacobian, "several_at_once", lambda *args: None)
    return s2s.jacrev(f)(at)


@pytest.mark.parametrize("f", BATCHED)
def test_one_reverse_sweep_is_as_many(f, monkeypatch):
    monkeypatch.setattr(s2s.jacobian, "alone", None)
    ours = s2s.jacrev(f)(X)
    monkeypatch.undo()
    assert_close(ours, s2s.jacfwd(f)(X))
    assert_same(ours, by_single_rows(f, X, monkeypatch))


@pytest.mark.parametrize("f", CALLING)
def test_calls_in_one_sweep_stay_calls(f, monkeypatch):
    monkeypatch.setattr(outline, "LONG", 0)
    monkeypatch.setattr(s2s.jacobian, "one_by_one", None)
    monkeypatch.setattr(s2s.jacobian, "alone", None)
    ours, by_rows = s2s.jacfwd(f)(X), s2s.jacrev(f)(X)
    monkeypatch.undo()
    assert_same(ours, by_single_directions(f, X, monkeypatch))
    assert_close(ours, by_rows)
    assert_same(by_rows, by_single_rows(f, X, monkeypatch))


def test_reverse_of_several_cotangents():
    sweep = Derivative(of_recursions, "vjps", 0)
    sweep.compile(X)
    assert "x_bar[:, m:] = total_reverses(value_bar * " in sweep.source


@pytest.mark.parametrize(
    ("f", "theirs"),
    [
        (lambda A, b: A.T @ A @ b, lambda A, b: A.T @ A @ b),
        (
            lambda A, b: (np.linalg.solve(A.T @ A + np.eye(3), b), A * b),
            lambda A, b: (jnp.linalg.solve(A.T @ A + jnp.eye(3), b), A * b),
        ),
        (
            lambda A, b: {"n": [A[1] * b[1]], "s": np.sum(A, axis=1) * b[:, None]},
            lambda A, b: {"n": [A[1] * b[1]], "s": jnp.sum(A, axis=1) * b[:, None]},
        ),
        (
            lambda A, b: np.fft.irfft(np.fft.rfft(A, axis=0), axis=0) * b,
            lambda A, b: jnp.fft.irfft(jnp.fft.rfft(A, axis=0), axis=0) * b,
        ),
        (
            lambda A, b: np.cumsum(A, axis=0)[::2] + np.roll(np.diag(b), 1, axis=0)[0],
            lambda A, b: jnp.cumsum(A, axis=0)[::2] + jnp.roll(jnp.diag(b), 1, 0)[0],
        ),
    ],
)
def test_rows_against_jax(f, theirs, monkeypatch):
    args = np.random.default_rng(3).normal(size=(4, 3)), X
    monkeypatch.setattr(s2s.jacobian, "alone", None)
    ours = s2s.jacrev(f, (0, 1))(*args)
    want = jax.jacrev(theirs, (0, 1))(*args)
    for a, b in zip(leaves(ours), leaves(want), strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-12, atol=1e-14)


def test_rows_of_more_results_than_go_into_one_sweep(monkeypatch):
    x = np.linspace(0.0, 1.0, 150)
    ours = s2s.jacrev(heat)(x)
    assert_same(ours, by_single_rows(heat, x, monkeypatch))
    assert np.allclose(ours, s2s.jacfwd(heat)(x), rtol=1e-13)


def test_diagonals():
    f = lambda A: (np.diag(A), np.diagonal(A), np.diag(A[0]))  # noqa: E731
    for shape in (3, 3), (3, 4), (4, 3):
        A = np.random.default_rng(4).normal(size=shape)
        assert_close(s2s.jacfwd(f)(A), s2s.jacrev(f)(A))
        assert_close(s2s.jacrev(f)(A)[0], jax.jacrev(jnp.diag)(A))


def test_rows_of_large_arguments_take_a_sweep_each(monkeypatch):
    monkeypatch.setattr(s2s.jacobian, "batches", None)
    x = np.linspace(0.0, 1.0, s2s.jacobian.LARGE + 1)
    assert np.array_equal(s2s.jacrev(lambda x: x[:4] * x[-4:])(x)[0, :2], [x[-4], 0.0])


def test_one_number_takes_no_sweep_of_several():
    sweep = Derivative(rosenbrock, "vjps", 0)
    with pytest.raises(s2s.S2SError, match="a sweep for each number"):
        sweep.compile(X)
    assert np.allclose(s2s.jacrev(rosenbrock)(X), s2s.grad(rosenbrock)(X))


def test_the_program_itself_runs_once(capsys):
    def loud(x):
        print("once")
        return x * np.sum(x)

    s2s.jacrev(loud)(X)
    assert capsys.readouterr().out == "once\n"


def test_arrays_of_single_precision_inside():
    f = lambda x: (x.astype(np.float32) * x[0].astype(np.float32)) ** 2  # noqa: E731
    ours = s2s.jacrev(f)(X)
    assert ours.dtype == np.float64
    assert np.allclose(ours, s2s.jacfwd(f)(X), rtol=1e-6)


def test_rows_with_arguments_or_results_of_no_elements():
    first, total = s2s.jacrev(lambda x: (2.0 * x, np.sum(x)))(np.zeros(0))
    assert first.shape == (0, 0) and total.shape == (0,)
    assert s2s.jacrev(lambda x: x[:0] ** 2)(X).shape == (0, 3)


def test_function_of_several_directions():
    sweep = Derivative(of_recursions, "jvps", 0)
    sweep.compile(X)
    assert "t_dot = total_jvps(x[:m], x_dot[:, :m])" in sweep.source


def test_one_sweep_for_a_dict(monkeypatch):
    p = {"w": X, "n": 3, "b": 0.5}
    ours = s2s.jacfwd(of_a_dict)(p)
    assert_same(ours, by_single_directions(of_a_dict, p, monkeypatch))


def test_more_directions_than_go_into_one_sweep(monkeypatch):
    x = np.linspace(0.0, 1.0, 150)
    ours = s2s.jacfwd(heat)(x)
    assert_same(ours, by_single_directions(heat, x, monkeypatch))


@pytest.mark.parametrize(
    ("f", "f_in_jax"),
    [
        (
            lambda x: np.linalg.cholesky(np.outer(x, x) + np.eye(3)),
            lambda x: jnp.linalg.cholesky(jnp.outer(x, x) + jnp.eye(3)),
        ),
        (lambda x: np.kron(x, x), lambda x: jnp.kron(x, x)),
        (lambda x: np.pad(x, 1), lambda x: jnp.pad(x, 1)),
        (
            lambda x: (x[:, None, None] * np.outer(x, x))[[0, 1], :, [0, 2]],
            lambda x: (x[:, None, None] * jnp.outer(x, x))[
                jnp.array([0, 1]), :, jnp.array([0, 2])
            ],
        ),
    ],
)
def test_what_takes_a_sweep_for_each_direction(f, f_in_jax):
    theirs = jax.jacrev(f_in_jax)(X)
    assert np.allclose(s2s.jacrev(f)(X), theirs, rtol=1e-12)
    assert np.allclose(s2s.jacfwd(f)(X), theirs, rtol=1e-12)


def test_no_elements():
    assert s2s.jacfwd(lambda x: (2.0 * x, np.sum(x)))(np.zeros(0))[0].shape == (0, 0)


def test_functions_of_jacobians_keep_their_parameters():
    cube = lambda x, k=2.0, *, n=3: k * x**n  # noqa: E731
    second = s2s.jacfwd(s2s.jacrev(cube))
    assert second(2.0) == pytest.approx(24.0)
    assert second(2.0, 1.0, n=4) == pytest.approx(48.0)
    assert s2s.jacfwd(s2s.jacrev(cube, "k"))(2.0) == pytest.approx(12.0)


def test_single_precision_stays():
    assert s2s.jacfwd(heat)(X.astype(np.float32)).dtype == np.float32


def test_complex_arguments_are_refused():
    with pytest.raises(s2s.TypingError, match="complex"):
        s2s.jacfwd(in_place)(X * 1j)

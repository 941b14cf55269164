"""Derivatives that a differentiated function takes itself."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agree import check

import s2s

jax.config.update("jax_enable_x64", True)

X = np.array([0.3, -0.8, 1.1])


def cube(x, a=1.0):
    return a * x * x * x


slope = s2s.grad(cube)


def of_a_global(x):
    return s2s.grad(cube)(x, 2.0) * x


def made_outside(x):
    return slope(x) + slope(x * x, 3.0)


def perturbation_confusion(x):
    def inner(y):
        return x + y

    return x * s2s.grad(inner)(1.0)


def two_levels_out(x):
    """The innermost function reads `x` and `y`: this is 2 x**2."""
    return s2s.grad(lambda y: x * s2s.grad(lambda z: x + y * z)(1.0) * y)(x)


def captured(x, a):
    def inner(y):
        z = y
        for _ in range(3):
            z = z * y * a
        return z * x

    return s2s.grad(inner)(x) + s2s.grad(inner)(a)


def twice_inside(x):
    f = s2s.grad(s2s.grad(lambda y: np.sin(x * y)))
    return f(x)


def value_and_gradient(x):
    value, slope = s2s.value_and_grad(lambda y: y**3 * x)(2.0)
    return value * slope


def tangent_inside(x, v):
    y, y_dot = s2s.jvp(lambda u: u * np.sum(u * x), (x,), (v,))
    return np.sum(y * y_dot)


def newton(a):
    def residual(y):
        return y**3 - a * y - 2.0

    y = 2.0
    for _ in range(6):
        y = y - residual(y) / s2s.grad(residual)(y)
    return y


def descent(w, x, y):
    def loss(w):
        return np.mean((x @ w - y) ** 2)

    for _ in range(3):
        w = w - 0.1 * s2s.grad(loss)(w)
    return loss(w)


M = np.array([[1.0, 0.5], [-0.3, 2.0], [0.7, 0.1]])


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (of_a_global, (0.7,)),
        (made_outside, (0.7,)),
        (perturbation_confusion, (1.5,)),
        (two_levels_out, (0.7,)),
        (captured, (0.7, 1.3)),
        (twice_inside, (0.7,)),
        (value_and_gradient, (0.7,)),
        (tangent_inside, (X, np.array([1.0, 0.5, -0.2]))),
        (newton, (1.2,)),
        (descent, (np.array([0.5, -0.2]), M, X)),
    ],
)
def test_derivatives_inside(f, args):
    check(f, args)


def test_no_perturbation_confusion():
    assert s2s.grad(perturbation_confusion)(1.5) == 1.0
    assert s2s.grad(two_levels_out)(0.7) == pytest.approx(2.8, rel=1e-14)
    assert s2s.grad(s2s.grad(two_levels_out))(0.7) == pytest.approx(4.0, rel=1e-14)


def test_newton_against_the_implicit_function():
    a = 1.2
    y = newton(a)
    assert s2s.grad(newton)(a) == pytest.approx(y / (3.0 * y * y - a), rel=1e-9)


# products and Jacobians ---------------------------------------------------------------


def loop(x):
    y = x
    for _ in range(3):
        y = np.sin(y) * x
    return y


def in_place(x):
    z = np.zeros(4)
    for i in range(len(x)):
        z[i + 1] = z[i] * x[i] + x[i] ** 2
    return z


def until_large(x):
    while np.sum(x) < 10.0:
        x = x * x + 1.0
    return x


def pulled_back(x):
    y, pullback = s2s.vjp(loop, x)
    return np.sum(pullback(y)[0] * pullback(x)[0])


def pulled_back_through_while(x):
    y, pullback = s2s.vjp(until_large, x)
    (bar,) = pullback(y)
    return bar @ x


def pulled_back_through_stores(x):
    y, pullback = s2s.vjp(in_place, x)
    return pullback(y)[0] @ x


def pulled_back_in_a_loop(x):
    for _ in range(2):
        y, pullback = s2s.vjp(lambda z: np.sin(z) * x, x)  # noqa: B023
        x = pullback(y)[0]
    return np.sum(x)


def pulled_back_later(x):
    value, pullback = s2s.vjp(lambda y: y * x, x)
    total = 0.0
    for i in range(3):
        total = total + pullback(x * i)[0]
        x = x * 1.1
    return np.sum(total + value)


def fixed_arguments(x, n=3):
    (y, z), pullback = s2s.vjp(lambda u, k, v: (u**k * v, u), x, n, x)
    u_bar, k_bar, v_bar = pullback((y, None))
    return np.sum(u_bar * v_bar * z) if k_bar is None else 0.0


def jacobian_by_columns(x):
    return np.sum(s2s.jacfwd(in_place)(x) ** 2)


def jacobian_by_rows(x):
    return np.sum(s2s.jacrev(in_place)(x) ** 2)


def jacobian_of_a_matrix(x):
    J = s2s.jacrev(lambda M: M @ M)(np.outer(x, x))
    return np.sum(J[:, 0, :, 1] ** 2)


def jacobian_of_a_number(x):
    return np.sum(s2s.jacfwd(lambda t: np.sin(t * x))(x[0]) ** 2)


def hessians(x):
    H = s2s.hessian(lambda a, b: np.sum(a**2) * b**3, (0, 1))(x, x[1])
    return np.sum(H[0][0] ** 2) + np.sum(H[0][1]) + np.sum(H[1][0] ** 3) + H[1][1]


def jacobians_by_structure(x):
    def model(p):
        return {"y": np.tanh(p["w"] * x + p["b"]), "s": p["b"] ** 2}

    J = s2s.jacfwd(model)({"w": x, "b": x[0]})
    K = s2s.jacrev(model)({"w": x, "b": x[0]})
    y = np.sum(J["y"]["w"] ** 2) + np.sum(K["y"]["b"] ** 3)
    return y + np.sum(J["s"]["w"]) + K["s"]["b"] + np.sum(K["s"]["w"])


def jacobians_of_several(x):
    def model(a, b):
        return np.sin(a) * b[::-1] * np.sum(a)

    J, K = s2s.jacfwd(model, (0, 1))(x, x**2), s2s.jacrev(model, (0, 1))(x, x[1] * x)
    return np.sum(J[0] ** 2 * K[1]) + np.sum(J[1] * K[0] ** 2)


def jacobians_that_do_not_vary(x):
    J = s2s.jacrev(lambda a, b: np.sin(a), (0, 1))(x, x[:2])
    K = s2s.jacfwd(lambda a, b: np.sin(a), (0, 1))(x, x[:2])
    return np.sum(J[0] ** 2 * K[0]) + np.sum(J[1]) + np.sum(K[1]) + x[0]


def jacobian_by_rows_of_what_reads_more(x):
    return np.sum(s2s.jacrev(lambda y: np.outer(np.sin(y * x), x))(x) ** 2)


def newton_for_a_minimum(a):
    def energy(y):
        return np.sum(np.exp(y)) + np.sum(a**2 * y**2)

    y = np.zeros(3)
    for _ in range(6):
        y = y - np.linalg.solve(s2s.hessian(energy)(y), s2s.grad(energy)(y))
    return np.sum(y**2)


def linearized(x):
    value, pushforward = s2s.linearize(loop, x)
    return np.sum(pushforward(x) * pushforward(value))


def doubled(u):
    u *= 2.0
    return np.sum(u**3)


def linearized_what_changes_its_argument(x):
    z = x * x
    value, pushforward = s2s.linearize(doubled, z)
    return np.sum(z) * value + pushforward(x) * pushforward(z)


def grown(us):
    us[0] *= 2.0
    us.append(us[0] * us[1])
    return np.sum(us[2] ** 3)


def linearized_what_changes_a_list(x):
    z = [x * x, x]
    value, pushforward = s2s.linearize(grown, z)
    return np.sum(z[0]) * value * len(z) + pushforward([x, z[0]])


def halved(u, n):
    u *= 0.5
    if n == 0:
        return np.sum(u**3)
    return halved(u, n - 1) * u[0]


def linearized_what_calls_itself(x):
    z = x * x
    value, pushforward = s2s.linearize(halved, z, 2)
    return np.sum(z) * value + pushforward(x, None)


def hessian_product(x):
    f = lambda y: np.sum(loop(y) ** 2)  # noqa: E731
    return s2s.hvp(f, (x,), (x**2,))[0] @ x


def with_aux(x):
    slope, y = s2s.grad(lambda y: (np.sum(y**3), y), has_aux=True)(x)
    return slope @ y


PRODUCTS = [
    pulled_back,
    pulled_back_through_while,
    pulled_back_through_stores,
    pulled_back_in_a_loop,
    pulled_back_later,
    fixed_arguments,
    jacobian_by_columns,
    jacobian_by_rows,
    jacobian_of_a_matrix,
    jacobian_of_a_number,
    hessians,
    jacobians_by_structure,
    jacobians_of_several,
    jacobians_that_do_not_vary,
    jacobian_by_rows_of_what_reads_more,
    newton_for_a_minimum,
    linearized,
    linearized_what_changes_its_argument,
    linearized_what_changes_a_list,
    linearized_what_calls_itself,
    hessian_product,
    with_aux,
]


@pytest.mark.parametrize("f", PRODUCTS)
def test_products_and_jacobians_inside(f):
    check(f, (X,))


@pytest.mark.parametrize(
    "f",
    [
        jacobian_by_rows,
        jacobian_by_columns,
        jacobian_of_a_matrix,
        jacobians_of_several,
        jacobian_by_rows_of_what_reads_more,
    ],
)
def test_one_sweep_for_all_directions(f):
    df = s2s.grad(f)
    df.compile(X)
    assert "np.eye" in df.source
    assert "in np.eye" not in df.source


@pytest.mark.parametrize("f", [pulled_back, hessians, jacobian_by_rows])
def test_third_derivatives(f):
    s2s.check_grads(f, (X,), order=2)


# against JAX: the same text, run with the transformations of both -------------------


def of_everything(ad, np, x):
    def inner(y):
        return np.sin(y) * np.sum(x * y)

    y, pullback = ad.vjp(inner, x)
    J, K = ad.jacfwd(inner)(x), ad.jacrev(inner)(y)
    H = ad.hessian(lambda z: np.sum(inner(z) ** 2))(x)
    _, dot = ad.jvp(inner, (x,), (y,))
    slope = ad.grad(lambda z: np.sum(inner(z) ** 3))(x)
    return np.sum(H @ pullback(y)[0]) + np.sum(J @ K @ dot) + slope @ dot


def test_against_jax():
    ours = s2s.grad(lambda x: of_everything(s2s, np, x))
    theirs = jax.grad(lambda x: of_everything(jax, jnp, x))
    assert np.allclose(ours(X), theirs(X), rtol=1e-12)
    second = s2s.jacfwd(ours)(X)
    assert np.allclose(second, jax.jacfwd(theirs)(X), rtol=1e-11)


@pytest.mark.parametrize("outer", ["jacfwd", "jacrev"])
@pytest.mark.parametrize("inner", ["jacfwd", "jacrev"])
def test_jacobians_of_jacobians(outer, inner):
    ours = getattr(s2s, outer)(getattr(s2s, inner)(lambda x: np.sin(x) * x[::-1]))
    theirs = getattr(jax, outer)(getattr(jax, inner)(lambda x: jnp.sin(x) * x[::-1]))
    assert np.allclose(ours(X), theirs(X), rtol=1e-13)


def test_third_derivatives_of_a_polynomial():
    f = lambda x: x**5  # noqa: E731
    assert s2s.grad(s2s.grad(s2s.grad(f)))(2.0) == pytest.approx(240.0)
    assert s2s.hessian(s2s.grad(f))(2.0) == pytest.approx(240.0)
    assert s2s.grad(s2s.hessian(f))(2.0) == pytest.approx(240.0)
    assert s2s.jvp(s2s.grad(s2s.grad(f)), (2.0,), (1.0,))[1] == pytest.approx(240.0)
    _, pullback = s2s.vjp(s2s.grad(s2s.grad(f)), 2.0)
    assert pullback(1.0)[0] == pytest.approx(240.0)


# what functions read of those around them ---------------------------------------------


def reads_a_function(x):
    def outer(y):
        return x * y

    def inner(y):
        return outer(y) * y

    return s2s.grad(inner)(x)


def reads_another_x(x):
    def outer(y):
        return x * y

    def inner(x):
        return outer(x) * x

    return s2s.grad(inner)(2.0 * x)


def reads_a_derivative(x):
    def outer(y):
        return x * y * y

    slope = s2s.grad(outer)
    return s2s.grad(lambda y: slope(y) * y)(x)


def reads_the_inner_a(x):
    a = 2.0

    def outer(u):
        a = u * x
        return s2s.grad(lambda y: a * y * y)(u)

    return outer(x) * a


def reads_what_changes(x):
    a = x
    slope = s2s.grad(lambda y: a * y * y)
    for _ in range(3):
        x = slope(x) * 0.3
        a = a * 1.1
    return x


def last_of_three(x):
    def inner(y, n=2.0):
        return x * y**n

    z = 3.0 * x
    return s2s.grad(lambda y, w: inner(y) * w * z, -1)(x, x)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (reads_a_function, lambda x: 4.0 * x),
        (reads_another_x, lambda x: 8.0 * x),
        (reads_a_derivative, lambda x: 8.0 * x),
        (reads_the_inner_a, lambda x: 12.0 * x**2),
        (last_of_three, lambda x: 12.0 * x**3),
    ],
)
def test_what_functions_read(f, slope):
    check(f, (1.3,))
    assert s2s.grad(f)(1.3) == pytest.approx(slope(1.3))


def test_what_changes_between_calls():
    check(reads_what_changes, (0.7,))


def scaled(a):
    def f(x):
        return a * x * x

    return f


twice, thrice = scaled(2.0), scaled(3.0)


def test_functions_of_one_text():
    f = lambda x: s2s.grad(twice)(x) + 10.0 * s2s.grad(thrice)(x)  # noqa: E731
    assert s2s.jvp(f, (1.0,), (1.0,)) == (64.0, 64.0)
    g = lambda x: s2s.jacfwd(twice)(x) + 10.0 * s2s.jacfwd(thrice)(x)  # noqa: E731
    assert s2s.jvp(g, (1.0,), (1.0,)) == (64.0, 64.0)


class Cubic:
    def __init__(self, w):
        self.w = w

    def energy(self, x):
        return np.sum((self.w * x) ** 3)


cubic = Cubic(X)


def test_methods():
    f = lambda x: s2s.grad(cubic.energy)(x) @ x  # noqa: E731
    check(f, (X,))
    third = s2s.jacrev(s2s.hessian(cubic.energy))(X)
    assert np.allclose(np.einsum("iii->i", third), 6.0 * X**3)
    assert np.count_nonzero(third) == 3
    before = f(X)
    cubic.w = 2.0 * X
    try:
        assert s2s.jvp(f, (X,), (X,))[0] == pytest.approx(8.0 * before)
    finally:
        cubic.w = X


def test_modules_imported_inside():
    def f(x):
        import numpy as np

        def outer(y):
            return np.sin(y * x)

        return s2s.grad(lambda y: outer(y) * np.cos(y))(x)

    check(f, (0.7,))


# refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: s2s.jacfwd(cube, holomorphic=True)(x), "`jacfwd` with these"),
        (lambda x: s2s.check_grads(cube, (x,)), "`check_grads` is not supported"),
        (lambda x: s2s.grad(np.sin)(x), "write a function that calls it"),
        (lambda x: s2s.grad(cube, 2)(x), "argnums 2: the parameters are x"),
        (lambda x: s2s.grad(lambda y: x * y, "x")(x), "argnums 'x': the parameters"),
        (lambda x: s2s.vjp(cube, x)[1](np.ones(2))[0], "this cotangent is an array"),
        (lambda x: s2s.jvp(cube, (x,), (1.0, x))[1], "1 primals, but 2 tangents"),
        (lambda x: s2s.jvp(cube, x, x)[1], "jvp takes a tuple of primals"),
        (lambda x: s2s.jvp(cube, (x,), (1j,))[1], "this tangent is complex"),
        (lambda x: s2s.jacfwd(lambda z: z * 1j)(x).real, "of a complex result"),
    ],
)
def test_what_is_refused(f, message):
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f)(1.0)


def decorated_with_options(x):
    @s2s.value_and_grad(argnums=(0, 1))
    def area(u, v):
        return u * v * x

    @s2s.grad()
    def cubed(u):
        return u**3 * x

    value, (by_u, by_v) = area(x, x * x)
    return value * by_u + by_v * cubed(x)


def by_keyword(x):
    slope = s2s.grad(f=lambda y: y**3 * x, argnums=0)(x)
    again = s2s.grad(argnums=0)(lambda y: y**2 * x)(x)
    value, dot = s2s.jvp(f=lambda y: y * x, primals=(x,), tangents=(slope,))
    second = s2s.hessian(f=lambda y: y**3 * x)(x)
    return slope * again * value * dot * second


@pytest.mark.parametrize("f", [decorated_with_options, by_keyword])
def test_transformations_take_their_function_as_python_does(f):
    check(f, (0.7,))


def test_a_transformation_without_a_function_is_refused():
    with pytest.raises(s2s.UnsupportedError, match="`jacfwd` takes a function"):
        s2s.grad(lambda x: s2s.jacfwd(argnums=0)(x))(0.7)


@dataclass
class Layer:
    W: np.ndarray
    b: float


def of_an_object_that_an_inner_function_changes(w):
    layers = [Layer(w * k, w[k]) for k in (1, 2)]

    def loss():
        y = w
        for layer in layers:
            y = np.tanh(layer.W * y + layer.b)
        return np.sum(y**2)

    def of_bias(v):
        layers[0].b = v
        return loss()

    return s2s.grad(of_bias)(w[0]) + loss()


def test_an_inner_function_that_changes_an_object_in_a_list_is_refused():
    with pytest.raises(s2s.UnsupportedError, match="`layers` may be the same one"):
        s2s.grad(of_an_object_that_an_inner_function_changes)(X)


def of_an_array_that_an_inner_function_changes(w):
    u = 1.0 * w

    def cubes():
        return np.sum(u**3)

    def of_first(v):
        u[0] = v
        return cubes()

    return s2s.grad(of_first)(w[1]) + cubes()


def test_functions_inside_read_what_the_differentiated_one_has_changed():
    value, bar = s2s.value_and_grad(of_an_array_that_an_inner_function_changes)(X)
    assert np.isclose(value, 3.0 * X[1] ** 2 + np.sum(X**3), rtol=1e-12)
    assert np.allclose(bar, 3.0 * X**2 + np.array([0.0, 6.0 * X[1], 0.0]), rtol=1e-12)

"""What comes back: structures and dtypes like the arguments'."""

import numpy as np
import pytest
from agree import check
from structures import disjoint, like, same

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


B = np.array([0.1, 0.2])


# structure ----------------------------------------------------------------------------


def test_structure_of_arguments():
    def f(p, q):
        a, (b, c) = p
        return a * np.sum(b) * c + q[0] * q[1] * q[2]

    p, q = (2.0, (V, 3.0)), [1.0, 2.0, 3.0]
    g, h = s2s.grad(f, (0, 1))(p, q)
    like(g, p, "gradient")
    like(h, q, "gradient")
    same(g, (3.0 * V.sum(), (6.0 * np.ones(3), 2.0 * V.sum())), "gradient")
    same(h, [6.0, 3.0, 2.0], "gradient")
    assert s2s.vjp(f, p, q)[1](1.0)[1] == [6.0, 3.0, 2.0]


def test_structure_with_what_has_no_derivative():
    def f(p):
        x, n, flag, name = p
        return x**n if flag and name == "power" else x

    g = s2s.grad(f)((2.0, 3, True, "power"))
    assert g == (12.0, None, None, None)
    assert s2s.vjp(f, (2.0, 3, True, "power"))[1](1.0) == ((12.0, None, None, None),)


def test_lists_of_arrays():
    def f(ws):
        total = 0.0
        for w in ws:
            total = total + np.sum(w * w)
        return total

    g = s2s.grad(f)([V, 2 * V])
    like(g, [V, V], "gradient")
    same(g, [2 * V, 4 * V], "gradient")
    g = s2s.grad(f)((V, W))
    like(g, (V, W), "gradient")


def test_none_for_arguments_without_derivative():
    def f(x, n, name, flag, nothing, i):
        return x * n

    _, pullback = s2s.vjp(f, 2.0, 3, "name", True, None, np.array([1, 2]))
    assert pullback(1.0) == (3.0, None, None, None, None, None)
    out, dot = s2s.jvp(
        f, (2.0, 3, "a", True, None, V), (1.0, None, None, None, None, None)
    )
    assert (out, dot) == (6.0, 3.0)


def test_zero_gradients_have_the_shape():
    def f(x, v, ws):
        return 1.0 * x

    g = s2s.grad(f, (0, 1, 2))(2.0, V, [V, W[0]])
    like(g, (2.0, V, [V, V]), "gradient")
    same(g, (1.0, 0 * V, [0 * V, 0 * V]), "gradient")
    disjoint(g, [V], "gradient")


def test_a_constant():
    def f(x, v):
        return 3.0

    assert s2s.value_and_grad(f)(2.0, V) == (3.0, 0.0)
    same(s2s.grad(f, 1)(2.0, V), 0 * V, "gradient")
    assert s2s.vjp(f, 2.0, V)[1](1.0)[0] == 0.0
    assert s2s.jvp(f, (2.0, V), (1.0, V)) == (3.0, 0.0)


def test_tuple_and_list_results():
    def f(x, v):
        return [x * x, (v * x, 3)], x

    out, dot = s2s.jvp(f, (2.0, V), (1.0, V))
    same(out, [[4.0, (2 * V, 3)], 2.0] and f(2.0, V), "value")
    assert isinstance(out[0], list) and isinstance(out[0][1], tuple)
    like(dot, f(2.0, V), "tangent")
    out, pullback = s2s.vjp(f, 2.0, V)
    x_bar, v_bar = pullback(([1.0, (V, None)], 10.0))
    assert x_bar == pytest.approx(4.0 + V @ V + 10.0)
    same(v_bar, 2.0 * V, "cotangent")


def test_no_cotangent_of_what_is_an_int_on_one_path():
    def f(x, n):
        return np.array([max(n, x), n]), max(n, x)

    check(f, (2.5, 3))
    check(f, (3.5, 3))
    assert s2s.vjp(f, 2.5, 3)[1]((None, None)) == (0.0, None)


def test_cotangents_of_the_wrong_structure():
    def f(x, v):
        return x * v, x

    _, pullback = s2s.vjp(f, 2.0, V)
    for ct in [1.0, (V,), (V, 1.0, 1.0), (W, 1.0), (V[:2], 1.0), (V, V)]:
        with pytest.raises((TypeError, ValueError)):
            pullback(ct)


def test_tangents_of_the_wrong_structure():
    def f(x, v):
        return x * np.sum(v)

    for dots in [(1.0,), (1.0, V, V), (V, V), (1.0, V[:2]), (1.0, 1.0), (1.0, W)]:
        with pytest.raises((TypeError, ValueError)):
            s2s.jvp(f, (2.0, V), dots)


# has_aux ------------------------------------------------------------------------------


def test_has_aux():
    def g(x, v):
        y = x * np.sum(v)
        return y * y, (y, [v * 2.0, "name"], 3)

    gradient, aux = s2s.grad(g, has_aux=True)(2.0, V)
    value, want = g(2.0, V)
    assert gradient == pytest.approx(2 * 2.0 * V.sum() ** 2)
    same(aux, want, "aux")
    (again, aux), gradient = s2s.value_and_grad(g, (0, 1), has_aux=True)(2.0, V)
    assert again == value
    same(aux, want, "aux")
    assert isinstance(aux[1], list) and isinstance(gradient, tuple)


def test_has_aux_does_not_differentiate_aux():
    def f(x):
        y = x * x
        return x, y * y

    assert s2s.grad(f, has_aux=True)(3.0) == (1.0, 81.0)


def test_has_aux_without_aux():
    with pytest.raises(s2s.TypingError, match="aux"):
        s2s.grad(lambda x: x * x, has_aux=True)(3.0)


# dtypes -------------------------------------------------------------------------------


def network(x, w, b):
    h = np.tanh(w @ x + b)
    for _ in range(2):
        h = 0.5 * h * np.sin(h) + 1
    return np.mean(h**2) / 2


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.longdouble])
def test_small_floats_stay_small(dtype):
    args = [a.astype(dtype) for a in (V, W, B)]
    value, gradient = s2s.value_and_grad(network, (0, 1, 2))(*args)
    assert value.dtype == dtype == network(*args).dtype
    like(gradient, tuple(args), "gradient")
    out, dot = s2s.jvp(network, args, args)
    assert out.dtype == dot.dtype == dtype
    wide = s2s.grad(network, (0, 1, 2))(*[a.astype(float) for a in args])
    eps = max(np.finfo(dtype).eps, np.finfo(float).eps)
    for g, w in zip(gradient, wide, strict=True):
        np.testing.assert_allclose(g, w, rtol=0, atol=20 * eps * np.max(np.abs(w)))


def test_mixed_dtypes():
    def f(x, y, s):
        return np.sum(x * y) * s

    x, y = V.astype(np.float32), 2 * V
    g = s2s.grad(f, (0, 1, 2))(x, y, 3.0)
    like(g, (x, y, 3.0), "gradient")
    g = s2s.grad(f, (0, 1, 2))(x, y, np.float32(3.0))
    like(g, (x, y, np.float32(3.0)), "gradient")
    bars = s2s.vjp(f, x, y, 3.0)[1](1.0)
    like(bars, (x, y, 3.0), "cotangent")


def test_python_int_is_read_as_float():
    def f(x, n):
        return x**2 * n

    for g in (s2s.grad(f)(3, 2), s2s.grad(f, "n")(3, 2)):
        assert isinstance(g, float)
    assert s2s.grad(f, (0, 1))(3, 2) == (12.0, 9.0)
    assert s2s.value_and_grad(f)(3, 2) == (18.0, 12.0)


def test_python_int_stays_int_elsewhere():
    def f(x, n):
        for _ in range(n):
            x = x * x
        return x

    assert s2s.grad(f)(2, 2) == 32.0
    with pytest.raises(TypeError, match="int"):
        s2s.grad(f, "n")(2.0, 2)


@pytest.mark.parametrize(
    "bad",
    [np.array([1, 2]), np.array([True]), "text", None, True, np.int64(3), [1, 2], ()],
)
def test_what_cannot_be_differentiated(bad):
    with pytest.raises(TypeError, match="x"):
        s2s.grad(lambda x: 1.0)(bad)


def test_grad_of_an_array():
    for f in (
        lambda x: x * V,
        lambda x: (x, x),
        lambda x: [x],
        lambda x: np.array([x]),
    ):
        with pytest.raises(s2s.TypingError, match="vjp"):
            s2s.grad(f)(2.0)
        with pytest.raises(TypeError, match="vjp"):
            s2s.value_and_grad(f)(2.0)


def test_grad_of_a_complex_number():
    with pytest.raises(TypeError, match="vjp"):
        s2s.grad(lambda x: x * 1j)(2.0)


def test_grad_of_what_is_no_number():
    for f in (lambda x: None, lambda x: "text"):
        with pytest.raises(TypeError):
            s2s.grad(f)(2.0)


def test_zero_dimensional_arrays():
    def f(x):
        return np.sin(x) * x

    x = np.array(0.5)
    assert np.shape(s2s.grad(f)(x)) == ()
    assert s2s.grad(f)(x) == s2s.grad(f)(0.5) == s2s.grad(f)(np.float64(0.5))


def test_a_loop_carries_what_np_where_makes():
    """Of a number np.where makes an array of rank zero: a float in the end."""

    def f(a, u, n):
        for _ in range(2):
            for x in u:
                u = u * x
            a, b = 0.5 * n, np.maximum(a, x)
            if n == 2:
                return b * u
        return a * u

    check(f, (0.7, V, 3))
    check(f, (0.7, V, 2))


def test_a_number_that_a_loop_may_replace_by_an_element():
    def f(a, b, v, n):
        for i in range(n):
            b = v[i]
        if n > 1:
            return a * v[0]
        return a * b - np.sum((3,))

    check(f, (0.7, 0.4, V, 0))
    check(f, (0.7, 0.4, V, 1))
    check(f, (0.7, 0.4, V, 2))

"""What comes back: structure, ownership, dtype; how the derivatives are called."""

import inspect
import re

import numpy as np
import pytest
from agree import disjoint, leaves, like, same

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


def loss(x, w, b, scale=2.0):
    """The loss."""
    return np.sum((w @ x + b) ** 2) * scale


B = np.array([0.1, 0.2])
WANT = {
    "x": 4.0 * W.T @ (W @ V + B),
    "w": 4.0 * np.outer(W @ V + B, V),
    "b": 4.0 * (W @ V + B),
    "scale": np.sum((W @ V + B) ** 2),
}


# which arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argnums", "names"),
    [
        (0, "x"), (1, "w"), (-1, "scale"), (-4, "x"), ("w", "w"), ("scale", "scale"),
        ((0,), ["x"]), ([1], ["w"]), (("b",), ["b"]), ((0, 1), ["x", "w"]),
        ((2, "x"), ["b", "x"]), (["w", -1, 0], ["w", "scale", "x"]),
    ],
)  # fmt: skip
def test_argnums(argnums, names):
    gradient = s2s.grad(loss, argnums)(V, W, B)
    value, again = s2s.value_and_grad(loss, argnums=argnums)(V, W, B)
    assert value == loss(V, W, B)
    same(again, gradient, "value_and_grad against grad")
    if isinstance(names, str):
        names, gradient = [names], (gradient,)
    assert isinstance(gradient, tuple) and len(gradient) == len(names)
    for name, g in zip(names, gradient, strict=True):
        np.testing.assert_allclose(g, WANT[name], rtol=1e-13)


@pytest.mark.parametrize("argnums", [4, -5, "y", "", (0, 0), (0, "x"), (0, -4), 1.0, None])
def test_bad_argnums(argnums):
    with pytest.raises(s2s.S2SError, match="argnums|parameter"):
        s2s.grad(loss, argnums)


def test_no_parameters():
    with pytest.raises(s2s.S2SError):
        s2s.grad(lambda: 1.0)


# how it is called -------------------------------------------------------------------------


def test_keywords_and_defaults():
    df = s2s.grad(loss, ("x", "scale"))
    want = df(V, W, B, 2.0)
    same(df(V, W, B), want, "default")
    same(df(V, W, b=B), want, "keyword")
    same(df(b=B, x=V, w=W, scale=2.0), want, "all keywords")
    same(df(V, scale=3.0, b=B, w=W)[1], want[1], "another scale")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((V, W), {}), ((V, W, B, 1.0, 2.0), {}), ((V, W, B), {"x": V}), ((V, W, B), {"y": V})],
)
def test_wrong_calls(args, kwargs):
    """Python's own complaint, about the primal's own parameters."""
    with pytest.raises(TypeError) as primal:
        loss(*args, **kwargs)
    with pytest.raises(TypeError) as derivative:
        s2s.grad(loss)(*args, **kwargs)
    assert not isinstance(derivative.value, s2s.S2SError)
    named = re.findall(r"'(\w+)'", str(primal.value))
    assert all(name in str(derivative.value) for name in named)


def test_keyword_only_and_positional_only():
    def f(x, /, y, *, z=3.0):
        return x * y**2 * z

    assert s2s.grad(f, ("x", "z"))(1.0, 2.0) == (12.0, 4.0)
    assert s2s.grad(f, "y")(1.0, y=2.0, z=1.0) == 4.0
    with pytest.raises(TypeError):
        s2s.grad(f)(x=1.0, y=2.0)
    with pytest.raises(TypeError):
        s2s.grad(f)(1.0, 2.0, 3.0)


def test_decorators():
    @s2s.grad
    def f(x):
        return x**3

    @s2s.grad(argnums="y")
    def g(x, y):
        return x * y**3

    @s2s.value_and_grad(argnums=(0, 1))
    def h(x, y):
        return x * y

    @s2s.value_and_grad
    def k(x):
        """Docs of k."""
        return x * x

    assert f(2.0) == 12.0
    assert g(2.0, 1.0) == 6.0
    assert h(2.0, 3.0) == (6.0, (3.0, 2.0))
    assert k(3.0) == (9.0, 6.0)
    assert k.__doc__ == "Docs of k."
    assert f.primal(2.0) == 8.0


def test_metadata():
    df = s2s.grad(loss)
    assert isinstance(df, s2s.Derivative)
    assert df.primal is loss
    assert df.__name__ == "loss"
    assert df.__doc__ == "The loss."
    assert df.__module__ == loss.__module__
    assert list(inspect.signature(df).parameters) == ["x", "w", "b", "scale"]


def test_source():
    df = s2s.grad(loss, (0, 1))
    with pytest.raises(s2s.S2SError, match="not been called"):
        _ = df.source
    df(V, W, B)
    scope = {}
    exec(df.source, scope)
    same(scope["loss_grad"](V, W, B), df(V, W, B), "the text on its own")
    assert "s2s" not in df.source
    first = df.source
    df(V, W, B.reshape(2)[::1])
    assert df.source == first


def test_the_text_is_the_same_every_time():
    texts = []
    for _ in range(3):
        df = s2s.grad(loss, (1, 0))
        df(V, W, B)
        texts.append(df.source)
    assert len(set(texts)) == 1


def test_one_derivative_for_many_types():
    df = s2s.grad(lambda x: np.sum(x * x))
    assert df(3.0) == 6.0
    np.testing.assert_array_equal(df(V), 2 * V)
    np.testing.assert_array_equal(df(W), 2 * W)
    assert df(3) == 6.0
    assert df(np.float32(3.0)).dtype == np.float32
    assert df(V[:1]).shape == (1,)
    assert df(np.zeros((2, 0))).shape == (2, 0)
    assert df(V[::-1]).shape == (3,)


# the structure of the result -----------------------------------------------------------------


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
    out, dot = s2s.jvp(f, (2.0, 3, "a", True, None, V), (1.0, None, None, None, None, None))
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


# has_aux ----------------------------------------------------------------------------------


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


# dtypes -----------------------------------------------------------------------------------


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
    "bad", [np.array([1, 2]), np.array([True]), "text", None, True, np.int64(3), [1, 2], ()]
)
def test_what_cannot_be_differentiated(bad):
    with pytest.raises(TypeError, match="x"):
        s2s.grad(lambda x: 1.0)(bad)


def test_grad_of_an_array():
    for f in (lambda x: x * V, lambda x: (x, x), lambda x: [x], lambda x: np.array([x])):
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


# ownership --------------------------------------------------------------------------------


def linear(x, y):
    return np.sum(x) + np.sum(y)


def identity(x):
    return x


def twice(x):
    return x, x


def reshaped(x):
    return x.reshape(-1), x.T


def added(x, y):
    return x + y


def looped(x, n):
    for _ in range(n):
        x = x + 0.0
    return x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (identity, (W,)), (twice, (W,)), (reshaped, (W,)), (added, (W, W)),
        (added, (W, V)), (looped, (W, 0)), (looped, (W, 2)), (lambda x: -(-x), (W,)),
        (lambda x: x[:], (W,)), (lambda x: [x, x[0]], (W,)), (lambda x: x[None], (W,)),
        (lambda x, y: (y, x), (W, V)), (lambda x: np.broadcast_to(x, (4, 3)), (V,)),
        (lambda xs: xs[0] + xs[1], ([V, 2 * V],)), (lambda xs: xs, ([V, W],)),
        (lambda p: p, ((V, W),)), (lambda x: x if x[0] > 0 else 2 * x, (V,)),
    ],
)  # fmt: skip
def test_results_are_nobody_elses(f, args):
    _, pullback = s2s.vjp(f, *args)
    ct = f(*args)
    bars = pullback(ct)
    disjoint(bars, [args, ct], "cotangents")
    kept = [b.copy() for b in leaves(bars) if b is not None]
    for b in leaves(bars):
        if b is not None:
            b += 1.0
    again = pullback(ct)
    same([b for b in leaves(again) if b is not None], kept, "second pullback")
    dots = [a if isinstance(a, np.ndarray | list | tuple) else None for a in args]
    _, dot = s2s.jvp(f, args, dots)
    mine = [leaf for leaf in leaves(dot) if isinstance(leaf, np.ndarray)]
    for m in mine:
        assert m.flags.writeable
    disjoint(dot, [args], "tangents")


def test_gradients_share_nothing():
    g, h = s2s.grad(linear, (0, 1))(W, W)
    disjoint((g, h), [W], "gradient")

    def f(xs):
        total = 0.0
        for x in xs:
            total = total + np.sum(x)
        return total

    g = s2s.grad(f)([V, V, V])
    disjoint(g, [V], "gradient of a list")
    g = s2s.grad(lambda x: np.sum(x[0] + x[1]))((V, V))
    disjoint(g, [V], "gradient of a tuple")


def test_inputs_that_are_read_only():
    x = V.copy()
    x.flags.writeable = False
    g = s2s.grad(lambda x: np.sum(x * x))(x)
    assert g.flags.writeable

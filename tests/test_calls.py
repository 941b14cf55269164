"""Which arguments are differentiated, and how derivatives are called."""

import gc
import inspect
import re

import numpy as np
import pytest
from structures import same

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


# which arguments ----------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "argnums", [4, -5, "y", "", (0, 0), (0, "x"), (0, -4), 1.0, None]
)
def test_bad_argnums(argnums):
    with pytest.raises(s2s.S2SError, match=r"argnums|parameter"):
        s2s.grad(loss, argnums)


def test_no_parameters():
    with pytest.raises(s2s.S2SError):
        s2s.grad(lambda: 1.0)


# how it is called ---------------------------------------------------------------------


def test_keywords_and_defaults():
    df = s2s.grad(loss, ("x", "scale"))
    want = df(V, W, B, 2.0)
    same(df(V, W, B), want, "default")
    same(df(V, W, b=B), want, "keyword")
    same(df(b=B, x=V, w=W, scale=2.0), want, "all keywords")
    same(df(V, scale=3.0, b=B, w=W)[1], want[1], "another scale")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((V, W), {}),
        ((V, W, B, 1.0, 2.0), {}),
        ((V, W, B), {"x": V}),
        ((V, W, B), {"y": V}),
    ],
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


def test_garbage_is_collected_again_after_a_refusal():
    df = s2s.grad(lambda x: np.linalg.eig(x))
    with pytest.raises(s2s.S2SError):
        df(W)
    assert gc.isenabled()

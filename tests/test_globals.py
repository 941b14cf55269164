"""Globals and closures have the values they have when the derivative is called."""

from dataclasses import dataclass
from functools import partial

import agree
import numpy as np
import pytest

import s2s

V = np.array([0.3, -0.8, 1.1])
FACTOR = 2.0
ARRAY = np.array([1.0, 2.0, 3.0])


def of_a_global(x):
    return np.sum(FACTOR * x * x)


def test_globals_at_call_time(monkeypatch):
    df = s2s.grad(of_a_global)
    assert df(3.0) == 12.0
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert df(3.0) == 30.0
    monkeypatch.setitem(globals(), "FACTOR", 3)
    assert df(3.0) == 18.0
    monkeypatch.setitem(globals(), "FACTOR", np.array([1.0, 2.0]))
    assert df(3.0) == 18.0
    monkeypatch.setitem(globals(), "FACTOR", np.ones((2, 1)))
    assert np.array_equal(df(V), 4.0 * V)
    monkeypatch.setitem(globals(), "FACTOR", True)
    assert df(3.0) == 6.0
    monkeypatch.setitem(globals(), "FACTOR", 2.0)
    assert df(3.0) == 12.0


def test_globals_of_jvp_and_vjp(monkeypatch):
    assert s2s.jvp(of_a_global, (3.0,), (1.0,)) == (18.0, 12.0)
    _, pullback = s2s.vjp(of_a_global, 3.0)
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert pullback(1.0) == (12.0,)  # what the forward sweep saw
    assert s2s.jvp(of_a_global, (3.0,), (1.0,)) == (45.0, 30.0)
    assert s2s.vjp(of_a_global, 3.0)[1](1.0) == (30.0,)


def test_a_global_array_changed_in_place():
    def f(x):
        return np.sum(ARRAY * x)

    df = s2s.grad(f)
    assert df(1.0) == 6.0
    ARRAY[0] = 5.0
    try:
        assert df(1.0) == 10.0
    finally:
        ARRAY[0] = 1.0


def test_a_global_that_goes_away(monkeypatch):
    df = s2s.grad(of_a_global)
    df(3.0)
    monkeypatch.delitem(globals(), "FACTOR")
    with pytest.raises(NameError, match="FACTOR"):
        df(3.0)


def test_a_global_that_becomes_a_function_of_numpy(monkeypatch):
    monkeypatch.setitem(globals(), "activation", np.tanh)

    def f(x):
        return activation(x)  # noqa: F821

    df = s2s.grad(f)
    assert df(0.5) == pytest.approx(1 - np.tanh(0.5) ** 2)
    monkeypatch.setitem(globals(), "activation", np.sin)
    assert df(0.5) == pytest.approx(np.cos(0.5))


def test_closures():
    factor = 2.0

    def f(x):
        return factor * x * x

    df = s2s.grad(f)
    assert df(3.0) == 12.0
    factor = np.float64(3.0)
    assert df(3.0) == 18.0
    factor = 4
    assert df(3.0) == 24.0


def test_a_closure_per_iteration():
    makers = []
    for power in (1, 2, 3):

        def f(x, power=power):
            return x**power

        makers.append(f)
    assert [s2s.grad(f)(2.0) for f in makers] == [1.0, 4.0, 12.0]


def test_strings_and_settings(monkeypatch):
    monkeypatch.setitem(globals(), "MODE", "fast")

    def f(x):
        if MODE == "fast":  # noqa: F821
            return 2.0 * x
        return x * x

    df = s2s.grad(f)
    assert df(3.0) == 2.0
    monkeypatch.setitem(globals(), "MODE", "slow")
    assert df(3.0) == 6.0


def scaled_by_array(a):
    return np.sum(ARRAY * a) * FACTOR


def softplus(z):
    return np.log1p(np.exp(z))


s2s.rule("z = softplus(x)", "g / (1.0 + np.exp(-x))", of=softplus)


def smoothed(a):
    return softplus(a) * FACTOR


def test_a_parameter_with_the_name_of_a_global_that_a_helper_reads():
    def f(ARRAY, FACTOR):
        return scaled_by_array(FACTOR) * np.sum(ARRAY)

    def g(softplus, FACTOR, x):
        FACTOR = FACTOR * smoothed(x)
        return softplus * FACTOR

    def h(x):
        ARRAY = x * x
        return scaled_by_array(ARRAY) * ARRAY

    agree.check(f, (V, 1.5))
    agree.check(g, (0.5, 0.25, 1.5))
    agree.check(h, (0.5,))
    assert s2s.grad(f)(V, 1.5) == pytest.approx(12.0 * 1.5)
    assert s2s.hessian(g, 2)(0.5, 0.25, 1.5) == pytest.approx(
        0.25 * np.exp(-1.5) / (1.0 + np.exp(-1.5)) ** 2
    )


x = 3.0


def reads_x(y):
    return x * y


def takes_x(x):
    return reads_x(x) * x


def test_a_global_with_the_name_of_a_parameter():
    assert takes_x(2.0) == 12.0
    assert s2s.value_and_grad(takes_x)(2.0) == (12.0, 12.0)
    assert s2s.grad(s2s.grad(takes_x))(2.0) == 6.0


def test_a_closure_variable_with_the_name_of_a_parameter():
    def outer(a):
        def scaled(y):
            return a * y

        return s2s.value_and_grad(lambda a: scaled(a) * a)(2.0)

    assert outer(3.0) == (12.0, 12.0)


def changed_on_a_path(x):
    y = ARRAY if x[0] > 0.0 else 2.0 * x
    y[0] = 5.0
    return np.sum(ARRAY * x)


def changed_by_a_view(x):
    y = np.ravel(ARRAY)
    y[0] = 5.0
    return np.sum(ARRAY * x)


@pytest.mark.parametrize("f", [changed_on_a_path, changed_by_a_view])
def test_a_global_may_not_change_by_another_name(f):
    with pytest.raises(s2s.UnsupportedError, match="this changes the global `ARRAY`"):
        s2s.grad(f)(V)


TABLES = {"a": np.array([1.0, 2.0]), "inner": {"b": np.ones(3)}, "list": [1.0, 2.0]}
TABLE_PAIR = np.zeros(2), [1.0]


def changed_in_a_dict(x):
    y = TABLES["a"]
    y[0] = x[0]
    return np.sum(TABLES["a"]) * x[1]


def changed_in_a_loop_over_a_dict(x):
    for key in ("a", "b"):
        y = TABLES[key] if key == "a" else x
        y += x[0]
    return np.sum(TABLES["a"])


def changed_in_an_inner_dict(x):
    TABLES["inner"]["b"][:] = x
    return np.sum(TABLES["inner"]["b"])


def longer_in_a_dict(x):
    TABLES["list"].append(x[0])
    return sum(TABLES["list"])


def changed_in_a_tuple(x):
    np.add.at(TABLE_PAIR[0], 0, x[0])
    return np.sum(TABLE_PAIR[0])


@pytest.mark.parametrize(
    "f",
    [
        changed_in_a_dict,
        changed_in_a_loop_over_a_dict,
        changed_in_an_inner_dict,
        longer_in_a_dict,
        changed_in_a_tuple,
    ],
)
def test_what_a_global_holds_may_not_change(f):
    with pytest.raises(s2s.UnsupportedError, match="this changes the global `TABLE"):
        s2s.grad(f)(V)


@dataclass
class Layer:
    w: np.ndarray

    def energy(self, x):
        return np.sum(self.w * x * x)

    @classmethod
    def cubed(cls, x):
        return np.sum(x**3)

    def __call__(self, x):
        return self.w @ x


layer = Layer(np.array([1.0, 2.0, 3.0]))
energy, cubed = layer.energy, Layer.cubed
functions = [layer.energy, layer]
applied = partial(energy)


def of_a_method(x):
    return layer.energy(x) * Layer.cubed(x)


def of_a_bound_method(x):
    return energy(x) * energy(x * x)


def of_a_bound_class_method(x):
    return cubed(x)


def of_methods_in_a_list(x):
    return functions[0](x) * functions[1](x)


def of_a_method_as_default(x, f=energy):
    return f(x)


def of_a_partial_of_a_method(x):
    return applied(x)


def of_its_derivative(x):
    return s2s.grad(energy)(x) @ x


@pytest.mark.parametrize(
    "f",
    [
        of_a_method,
        of_a_bound_method,
        of_a_bound_class_method,
        of_methods_in_a_list,
        of_a_method_as_default,
        of_a_partial_of_a_method,
        of_its_derivative,
    ],
)
def test_methods_of_objects_outside(f):
    agree.check(f, (V,))


def test_the_object_of_a_bound_method_at_call_time(monkeypatch):
    df = s2s.grad(of_a_bound_class_method)
    assert np.allclose(df(V), 3.0 * V**2)
    df = s2s.grad(of_a_bound_method)
    df(V)
    assert "energy.__self__.w" in df.source
    monkeypatch.setattr(layer, "w", np.ones(3))
    squares, fourths = V @ V, V**2 @ V**2
    assert np.allclose(df(V), 2.0 * V * fourths + 4.0 * V**3 * squares)
    monkeypatch.setitem(globals(), "energy", Layer(np.zeros(3)).energy)
    assert np.array_equal(df(V), np.zeros(3))

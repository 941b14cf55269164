"""Derivatives of partials, and of functions under decorators of the user's."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from agree import check

import s2s

X = np.array([1.0, 2.0, 3.0])


def loss(w, x, y=1.0):
    return np.sum((w * x - y) ** 2)


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **options):
        return 2.0 * f(*args, **options)

    return wrapper


def first_is_two(f):
    @functools.wraps(f)
    def wrapper(b):
        return f(2.0, b)

    return wrapper


def backwards(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args[::-1])

    return wrapper


@doubled
def energy(a, b, *, power=2):
    return np.sum(a**power) * b


@doubled
@doubled
def four_times(a):
    return a**3


@first_is_two
def of_one(a, b):
    return a * b**2


@backwards
def turned(a, b):
    return a**2 * b


class Spring:
    def __init__(self, k):
        self.k = k

    @doubled
    def energy(self, x):
        return self.k * x**2

    def __call__(self, x):
        return self.energy(x)


SPRING = Spring(3.0)
CASES = [
    (functools.partial(loss, x=X, y=2.0), (X,)),
    (functools.partial(loss, 0.5 * X), (X,)),
    (functools.partial(functools.partial(loss, x=X), y=2.0), (X,)),
    (functools.partial(energy, b=2.0), (X,)),
    (functools.partial(SPRING.energy), (0.7,)),
    (functools.partial(SPRING), (0.7,)),
    (functools.partial(lambda a, b: a * b**2, 3.0), (0.7,)),
    (energy, (X, 2.0)),
    (four_times, (0.7,)),
    (of_one, (0.7,)),
    (turned, (0.7, 1.3)),
    (SPRING.energy, (0.7,)),
]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_derivatives(f, args):
    s2s.check_grads(f, args)
    value, slope = s2s.value_and_grad(f)(*args)
    assert np.allclose(value, f(*args))
    assert np.allclose(slope, s2s.vjp(f, *args)[1](1.0)[0])
    assert np.allclose(slope, s2s.jacrev(f)(*args))
    hessian = s2s.hessian(f)(*args)
    seeds = tuple(np.ones_like(a) if k == 0 else None for k, a in enumerate(args))
    along = s2s.hvp(f, args, seeds)[0]
    assert np.allclose(np.sum(hessian, -1) if np.ndim(hessian) else hessian, along)


def test_what_a_partial_holds_may_be_given_and_differentiated():
    f = functools.partial(loss, x=X, y=2.0)
    assert np.allclose(s2s.grad(f)(X, y=1.0), s2s.grad(loss)(X, X))
    assert np.allclose(s2s.grad(f, "y")(X), s2s.grad(loss, "y")(X, X, 2.0))


def test_the_parameters_are_those_that_it_is_called_with():
    df = s2s.grad(functools.partial(loss, x=X, y=2.0))
    df(X)
    assert "def loss_grad(w, x, y=2.0):" in df.source
    df = s2s.grad(functools.partial(loss, X))
    df(X)
    assert "2.0 * (w * x - y) * w" in df.source
    df = s2s.grad(energy)
    df(X, 2.0)
    assert "def energy_grad(a, b, power=2):" in df.source


def test_keywords_of_a_wrapped_function():
    assert s2s.grad(energy)(2.0, 3.0, power=3) == 72.0
    assert s2s.grad(s2s.grad(energy))(2.0, 3.0) == 12.0


def test_modules(tmp_path):
    for f, args in ((CASES[1][0], (X,)), (energy, (X, 2.0))):
        df = s2s.grad(f)
        wanted, scope = df(*args), {}
        df.save(tmp_path / "saved.py")
        exec((tmp_path / "saved.py").read_text(), scope)
        assert np.allclose(scope[f"{df.parsed.name}_grad"](*args), wanted)


def test_hessians_are_saved(tmp_path):
    third = s2s.grad(s2s.hessian(lambda x: x**4))
    assert third(2.0) == 48.0
    third.save(tmp_path / "third.py")
    assert "def " in (tmp_path / "third.py").read_text()


@functools.lru_cache
def remembered(x):
    return x**2


@np.errstate(all="ignore")
def quiet(x):
    return x**2


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (np.sin, "type ufunc"),
        (functools.partial(np.power, 2.0), "is a functools.partial"),
        (remembered, "lru_cache"),
        (quiet, "wrapped by a decorator"),
    ],
)
def test_refused(f, message):
    for derivative in (s2s.grad, lambda f: lambda x: s2s.vjp(f, x)):
        with pytest.raises(s2s.UnsupportedError, match=message):
            derivative(f)(0.7)


def test_inside_of_a_function():
    held = functools.partial(loss, x=X)
    check(lambda w: np.sum(s2s.grad(held)(w) ** 2), (X,))
    check(lambda a: s2s.grad(energy)(a, 2.0) * a, (0.7,))

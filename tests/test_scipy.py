"""Functions of SciPy, where a program has imported it."""

import numpy as np
import pytest
from structures import close

import s2s

special = pytest.importorskip("scipy.special")
linalg = pytest.importorskip("scipy.linalg")

V = np.array([0.31, 0.64, 0.83])
M = np.array([[1.13, 0.42, 0.77], [0.31, 1.55, 0.93], [0.62, 0.58, 1.91]])
S = M @ M.T + np.eye(3)


def right(f, *args, order=2):
    value, _ = s2s.vjp(f, *args)
    close(value, f(*args), 1e-12, "value")
    s2s.check_grads(f, args, order=order)


ELEMENTWISE = "erf erfc erfinv ndtr ndtri expit logit exp10 log_ndtr log_expit"


@pytest.mark.parametrize("name", [*ELEMENTWISE.split(), "gammaln", "gamma"])
def test_elementwise(name):
    function = getattr(special, name)

    def f(x):
        return np.sum(function(x) ** 2)

    right(f, V, order=1 if name.startswith("gamma") else 2)


def test_two_arguments():
    right(lambda x, y: special.xlogy(x, y), V, V + 1.0)


def test_sums_of_exponentials():
    right(lambda x: special.logsumexp(x), V)
    right(lambda x: special.logsumexp(x, axis=1, keepdims=True) * x, M)
    right(lambda x: special.softmax(x, axis=1), M)
    right(lambda x: special.log_softmax(x, axis=0), M)


def test_systems():
    right(lambda a, b: linalg.solve_triangular(a, b, lower=True), M, V)
    right(lambda a, b: linalg.solve_triangular(a, b), M, V)
    right(lambda a, b: linalg.solve_triangular(a, b, trans=1, lower=True), M, V)
    right(lambda a, b: linalg.solve(a, b), M, V)
    right(lambda a, b: linalg.cho_solve(linalg.cho_factor(a), b), S, V)
    right(
        lambda a, b: linalg.cho_solve((linalg.cholesky(a, lower=True), True), b), S, V
    )
    right(lambda a: linalg.cholesky(a) @ linalg.cholesky(a, lower=True), S)
    right(lambda a: linalg.inv(a) * linalg.det(a) * linalg.norm(a), M)


def test_what_has_no_rule():
    with pytest.raises(s2s.S2SError, match="expm"):
        s2s.grad(lambda a: np.sum(linalg.expm(a)))(M)
    with pytest.raises(s2s.S2SError, match="jv"):
        s2s.grad(lambda x: special.jv(2, x))(0.5)


def test_the_users_rule_comes_first():
    def f(x):
        return special.log_expit(x)

    assert s2s.grad(f)(0.5) == special.expit(-0.5)
    s2s.rule("z = log_expit(x)", "7.0 * g", of=special.log_expit)
    assert s2s.grad(lambda x: special.log_expit(x))(0.5) == 7.0


def test_saved_modules(tmp_path, monkeypatch):
    def f(x):
        return np.sum(special.erf(x) + special.gammaln(x))

    derivative = s2s.grad(f)
    want = derivative(V)
    derivative.save(tmp_path / "saved_scipy.py")
    monkeypatch.syspath_prepend(tmp_path)
    from saved_scipy import f_grad

    np.testing.assert_array_equal(f_grad(V), want)


NORMAL = "cdf sf pdf logpdf logcdf logsf ppf isf"


@pytest.mark.parametrize("name", NORMAL.split())
def test_the_normal_distribution(name):
    norm = pytest.importorskip("scipy.stats").norm
    function = getattr(norm, name)

    def f(x, m, s):
        standard = np.sum(function(x) ** 2) + function(0.3)
        return standard + np.sum(function(x, m, s) + function(x, loc=m) * s)

    right(f, V - 0.3 if name not in ("ppf", "isf") else V, 0.15, 1.3)
    right(lambda s: function(0.5, scale=s), 1.2)

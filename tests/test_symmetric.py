"""Derivatives of derivatives of functions that call themselves."""

import numpy as np
import pytest
from agree import check
from called import recursive

import s2s

X = np.array([0.4, -0.3, 0.8, 0.6, -0.7, 0.2])
SCALARS = [
    (recursive.top_fib, 0.7),
    (recursive.mutual, 0.6),
    (recursive.doubles, 0.7),
    (recursive.grid, 0.8),
    (recursive.chebyshev, 0.6),
    (recursive.memoized, 0.6),
]
ARRAYS = [
    (recursive.total, X),
    (recursive.spectrum, X[:4]),
    (recursive.sorted_score, X),
    (recursive.quicksort, X),
    (recursive.on_views, X[:4]),
]
MORE = [
    (recursive.nested, (0.6, 0.9)),
    (recursive.loop_in, (0.6, 3)),
    (recursive.ret_const, (0.5, 3)),
    (recursive.two, (X[:3], X[3:6])),
    (recursive.changing_args, (X[:4], 3)),
    (recursive.changed_between, (X[:4], 3)),
    (recursive.det, (np.outer(X[:3], X[:3]) + np.eye(3),)),
]


def name(value):
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("f", "x"), SCALARS + ARRAYS, ids=name)
def test_hessians_by_reverse_mode(f, x):
    want = s2s.hessian(f)(x)
    for jacobian in (s2s.jacrev(s2s.grad(f)), s2s.jacrev(s2s.jacrev(f))):
        assert np.allclose(jacobian(x), want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("f", "args"), [*((f, (x,)) for f, x in ARRAYS), *MORE], ids=name
)
def test_second_order(f, args):
    s2s.check_grads(f, args)


@pytest.mark.parametrize(("f", "x"), SCALARS, ids=name)
def test_third_derivatives(f, x):
    second = s2s.grad(s2s.grad(f))
    h = 1e-4
    near, far = second(x + h) - second(x - h), second(x + 2 * h) - second(x - 2 * h)
    want = (8.0 * near - far) / (12.0 * h)
    for third in (s2s.grad(second), s2s.jacfwd(second), s2s.jacrev(s2s.hessian(f))):
        assert third(x) == pytest.approx(want, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(("f", "x"), [*SCALARS[2:5], *ARRAYS[1:4]], ids=name)
def test_inside_of_a_function(f, x):
    def curvature(x, v):
        value, d = s2s.value_and_grad(f)(x)
        return np.sum(s2s.hvp(f, (x,), (v * x,))[0] * d) + value * np.sum(v)

    check(curvature, [x, 0.3 * x + 0.1])


def horner(c, x, k=0):
    if k == len(c) - 1:
        return c[k]
    return c[k] + x * horner(c, x, k + 1)


def energy(p):
    return horner(p["c"], p["x"]) ** 2


def tree(t):
    if isinstance(t, tuple):
        return np.tanh(tree(t[0]) * tree(t[1]))
    return t * t


def waves(x, n):
    if n == 0:
        return x * x[::-1]
    return np.sin(waves(x, n - 1)) * x + waves(x * 0.5, n - 1)


C = np.array([0.3, -0.2, 0.5, 0.1, 0.7])
NODES = (0.5, 0.6), (0.7, 0.8)


def of_a_dict(p):
    d = s2s.grad(energy)(p)
    return np.sum(d["c"] ** 2) * d["x"] * p["x"]


def of_a_tree(t):
    d = s2s.grad(tree)(t)
    return d[0][0] * d[1][1] * t[0][1]


def of_several(c, x):
    c_bar, x_bar = s2s.grad(horner, argnums=("c", "x"))(c, x)
    return x_bar * np.sum(c_bar**2) + s2s.grad(horner, 1)(c, x)


def of_a_closure(a, x):
    def g(y):
        return horner(a, y) * a[1] + recursive.fib(y, 3)

    return s2s.grad(g)(x) * s2s.hvp(g, (x * a[0],), (x,))[0]


def of_what_is_not_read(x, y):
    value, slope = s2s.value_and_grad(lambda a, b: recursive.fib(b, 3))(x, y)
    return value + slope * x


def in_a_loop(x):
    total = 0.0
    for k in range(4):
        if total < 1.0:
            x = x - 0.1 * s2s.grad(recursive.fib)(x, 3)
        total = total + x * x * k
    return total


def steps(x, n):
    if n == 0:
        return x
    d = s2s.grad(recursive.fib)(x, 3)
    dd = s2s.hvp(recursive.fib, (x, 3), (1.0, None))[0]
    return steps(x - 0.1 * d / (1.0 + dd * dd), n - 1)


def in_recursion(x):
    return steps(x, 3)


def by_a_pullback(x):
    y, pullback = s2s.vjp(waves, x, 2)
    return np.sum(pullback(y * y)[0] * y)


def by_rows(x):
    return np.sum(s2s.jacrev(waves)(x, 2) * x)


def by_columns(x):
    return np.sum(s2s.jacfwd(waves)(x, 2) * x)


def along_a_tangent(x):
    return s2s.jvp(lambda y: s2s.grad(recursive.fib)(y, 3) * y, (x,), (x * x,))[1]


def twice(x):
    return s2s.grad(s2s.grad(recursive.fib))(x, 3) * x


NESTED = [
    (of_a_dict, ({"c": C, "x": 0.7},)),
    (of_a_tree, (NODES,)),
    (of_several, (C, 0.7)),
    (of_a_closure, (C, 0.7)),
    (of_what_is_not_read, (0.3, 0.4)),
    (in_a_loop, (0.4,)),
    (in_recursion, (0.4,)),
    (by_a_pullback, (X[:3],)),
    (by_rows, (X[:3],)),
    (by_columns, (X[:3],)),
    (along_a_tangent, (0.4,)),
    (twice, (0.4,)),
]


@pytest.mark.parametrize(("f", "args"), NESTED, ids=name)
def test_nested(f, args):
    check(f, list(args))


@pytest.mark.parametrize("f", [in_recursion, twice, along_a_tangent], ids=name)
def test_second_derivatives_of_what_is_nested(f):
    s2s.check_grads(f, (0.4,))


def test_mixed_derivatives():
    want = s2s.hessian(horner, (0, 1))(C, 0.7)
    found = s2s.jacrev(s2s.grad(horner, (0, 1)), (0, 1))(C, 0.7)
    for row, wanted in zip(found, want, strict=True):
        for block, other in zip(row, wanted, strict=True):
            assert np.allclose(block, other, rtol=1e-12, atol=1e-14)
    one = s2s.grad(s2s.grad(horner, 1), 1)(C, 0.7)
    assert one == pytest.approx(want[1][1], rel=1e-13)


def test_jacobians_of_jacobians():
    want = s2s.jacfwd(s2s.jacfwd(waves))(X[:3], 2)
    for one, two in ("jacrev", "jacrev"), ("jacfwd", "jacrev"), ("jacrev", "jacfwd"):
        found = getattr(s2s, one)(getattr(s2s, two)(waves))(X[:3], 2)
        assert np.allclose(found, want, rtol=1e-12, atol=1e-14)


def turned(z, n):
    if n == 0:
        return z * z
    return turned(z * 1j + 0.1, n - 1) * z


def test_complex_numbers():
    def f(z):
        return np.sum(np.abs(s2s.grad(lambda w: np.sum(turned(w, 2).real))(z)) ** 2)

    def g(z):
        d = s2s.grad(lambda w: np.sum(turned(w, 2) * w), holomorphic=True)(z)
        return np.abs(d[0]) ** 2

    z, w, h = (
        np.array([0.3 + 0.4j, 0.2 - 0.1j]),
        np.array([0.3 - 0.2j, 0.1 + 0.5j]),
        1e-6,
    )
    for each in (f, g):
        (bar,) = s2s.vjp(each, z)[1](1.0)
        want = (each(z + h * w) - each(z - h * w)) / (2.0 * h)
        assert np.sum(bar * w).real == pytest.approx(want, rel=1e-7)
        assert s2s.jvp(each, (z,), (w,))[1] == pytest.approx(want, rel=1e-7)


def test_single_precision():
    x = X.astype(np.float32)
    found = s2s.jacrev(s2s.grad(recursive.total))(x)
    assert found.dtype == np.float32
    assert np.allclose(found, s2s.hessian(recursive.total)(X), rtol=1e-5, atol=1e-5)


def test_a_value_and_its_gradient():
    out, pullback = s2s.vjp(s2s.value_and_grad(recursive.fib), 0.4, 3)
    f, df = recursive.fib, s2s.grad(recursive.fib)
    assert out == (f(0.4, 3), df(0.4, 3))
    want = 2.0 * df(0.4, 3) + 3.0 * s2s.grad(df)(0.4, 3)
    assert pullback((2.0, 3.0))[0] == pytest.approx(want, rel=1e-13)


RATE = 1.5


def rated(x, n):
    if n == 0:
        return RATE * x
    return RATE * np.sin(rated(x, n - 1)) * x


def test_globals_are_read_anew(monkeypatch):
    second = s2s.grad(s2s.grad(rated))
    before = second(0.3, 2)
    monkeypatch.setitem(globals(), "RATE", 2.0)
    assert second(0.3, 2) == pytest.approx(s2s.hessian(rated)(0.3, 2), rel=1e-13)
    monkeypatch.undo()
    assert second(0.3, 2) == before


def test_text():
    made = s2s.grad(s2s.grad(rated))
    made(0.3, 2)
    text = made.source
    assert text.count("def rated_") == text.count("def ") == 4
    assert "def rated_grad_grad(x, n):\n    x_bar = rated_hvp(x, n, 1.0)" in text
    assert "\n    _, _, rated_kept = rated_forward_jvp(x, n, x_dot)\n" in text


def prints(x, n):
    if n == 0:
        print("done")
        return x
    return np.sin(prints(x, n - 1)) * x


def with_aux(x, n):
    if n == 0:
        return x, 2.0 * x
    y, aux = with_aux(x, n - 1)
    return y * x, aux + x


def itself(x, n):
    if n == 0:
        return x**3
    return s2s.grad(lambda y: itself(y, n - 1))(x)


def changes(a, n):
    if n == 0:
        return np.sum(a)
    a *= a
    return changes(a, n - 1)


def pulls_what_changes(x):
    return s2s.vjp(changes, x.copy(), 2)[1](1.0)[0] @ x


def given(x):
    return np.tanh(x)


s2s.rule("z = given(x)", "g * (1.0 - z * z)", of=given)


def with_a_rule(x, n):
    if n == 0:
        return x
    return given(with_a_rule(x, n - 1)) * x


REFUSED = [
    (s2s.grad(with_a_rule), (0.3, 2), "`given`, whose derivative was given"),
    (s2s.grad(prints), (0.3, 2), "it prints"),
    (lambda x: s2s.vjp(prints, x, 2)[1](1.0)[0], (0.3,), "it prints"),
    (s2s.grad(with_aux, has_aux=True), (0.3, 2), "more than its value"),
    (itself, (0.3, 2), "takes it itself"),
    (pulls_what_changes, (X,), "changes what it is given"),
]


@pytest.mark.parametrize(("f", "args", "why"), REFUSED)
def test_refusals(f, args, why):
    aux = isinstance(f, s2s.derivative.Derivative) and f.has_aux
    with pytest.raises(s2s.UnsupportedError, match=why) as refused:
        s2s.grad(f, has_aux=aux)(*args)
    assert refused.value.origin is not None


def test_hessians_where_a_derivative_was_given():
    s2s.check_grads(with_a_rule, (0.3, 2), modes=("fwd",))


def stopped(x, n):
    if n == 0:
        return s2s.stop_gradient(x) * x
    return np.sin(stopped(x, n - 1)) * x


def test_no_gradient_of_what_is_stopped():
    found = s2s.grad(s2s.grad(stopped))(0.3, 2)
    assert found == pytest.approx(s2s.hessian(stopped)(0.3, 2), rel=1e-13)


def test_what_it_changes_stays_as_it_was():
    x = X.copy()
    found = s2s.jacrev(s2s.grad(changes))(x, 2)
    assert np.array_equal(x, X)
    assert np.allclose(found, np.diag(12.0 * X**2), rtol=1e-13)


def test_tangents_print_once(capsys):
    s2s.jvp(lambda x: s2s.grad(prints)(x, 2), (0.3,), (1.0,))
    assert capsys.readouterr().out == "done\n"

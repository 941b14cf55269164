"""Programs that write into arrays: right in every way, or refused with a place."""

import copy
import importlib
import pkgutil

import inplace
import numpy as np
import pytest
from agree import check, raises_as
from inplace import L, P, S, V, W
from structures import close, direction, disjoint, inner, like, same, varies

import s2s
from s2s.errors import InternalError

MODULES = [
    importlib.import_module(f"inplace.{found.name}")
    for found in pkgutil.iter_modules(inplace.__path__)
]


def cases(may_refuse):
    return [
        pytest.param(f, args, id=f"{module.__name__.split('.')[-1]}-{f.__name__}-{k}")
        for module in MODULES
        if module.case.may_refuse is may_refuse
        for k, (f, args) in enumerate(module.case.found)
    ]


@pytest.mark.parametrize(("f", "args"), cases(may_refuse=False))
def test_program(f, args):
    check(f, args)


@pytest.mark.parametrize(("f", "args"), cases(may_refuse=False))
def test_one_argument_alone(f, args):
    wrt = [k for k, a in enumerate(args) if varies(a)]
    nested = any(isinstance(a, tuple) for a in args)
    for k in wrt if len(wrt) > 1 and not nested else []:
        check(f, args, [k], interpreted=False)


@pytest.mark.parametrize(("f", "args"), cases(may_refuse=True))
def test_right_or_refused(f, args):
    before = copy.deepcopy(args)
    try:
        check(f, args)
    except s2s.S2SError as error:
        assert error.origin is not None and not isinstance(error, InternalError)
        same(args, before, "the arguments after the refusal")


# arguments that overlap ---------------------------------------------------------------


def shifted(a, b):
    a[: len(b)] = b * b
    a[0] *= b[0]
    return a * np.sum(b)


def sum_written(a, b):
    for i in range(len(b)):
        b[i] = a[i] * b[i - 1]
    return np.sum(a**2) + np.sum(b)


def read_only(a, b):
    return np.sum(a[: len(b)] * b)


OVERLAPPING = {
    "the array and its tail": lambda v: (v, v[1:]),
    "twice the same": lambda v: (v, v),
    "reversed": lambda v: (v, v[::-1]),
    "overlapping parts": lambda v: (v[:-1], v[1:-1]),
    "even and odd elements": lambda v: (v[::2], v[1::2]),
    "disjoint parts": lambda v: (v[:3], v[3:]),
}


@pytest.mark.parametrize("f", [shifted, sum_written, read_only])
@pytest.mark.parametrize("parts", list(OVERLAPPING.values()), ids=list(OVERLAPPING))
def test_arguments_that_overlap(f, parts):
    v = L.copy()
    dot = direction(v, np.random.default_rng(0))
    h = 1e-6
    value = f(*parts(v.copy()))
    slope = (f(*parts(v + h * dot)) - f(*parts(v - h * dot))) / (2.0 * h)
    ct = direction(value, np.random.default_rng(1))
    try:
        out, out_dot = s2s.jvp(f, parts(v), parts(dot))
        same(out, value, "value of the jvp")
        close(out_dot, slope, 1e-8, "tangent against differences")
        out, pullback = s2s.vjp(f, *parts(v))
        same(out, value, "value of the vjp")
        bars = pullback(ct)
        disjoint(bars, [v, ct, out], "cotangent")
        close(inner(bars, parts(dot)), inner(slope, ct), 1e-8, "cotangent")
    except s2s.S2SError as error:
        assert f is not read_only and not isinstance(error, InternalError)
    same(v, L, "the arguments after all that")


# dtypes -------------------------------------------------------------------------------


def into_float32(v, x):
    w = np.zeros(3, dtype=np.float32)
    w[:] = v
    w[0] += x
    return w * v[0]


def through_float32(v, x):
    w = np.empty_like(v, dtype=np.float32)
    for i in range(len(v)):
        w[i] = v[i] + x
    v[1:] = w[:2]
    v *= x
    return v


def onto_float32(v, x):
    w = v.astype(np.float32)
    w *= x
    w[1:] -= v[:-1]
    w -= v
    return np.sum(w)


def kept_as_float32(v, x):
    v *= x
    v[0] = x
    v[1:] += v[:-1]
    return v


@pytest.mark.parametrize("f", [into_float32, through_float32, onto_float32])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_stores_of_another_precision(f, dtype):
    exact(f, [np.array([0.5, -0.75, 1.25], dtype), 1.5])


@pytest.mark.parametrize("x", [1.5, np.float64(1.5), np.float32(1.5)])
def test_arrays_keep_their_precision(x):
    exact(kept_as_float32, [np.array([0.5, -0.75, 1.25], np.float32), x])


def exact(f, args):
    """Of a quadratic with short numbers, differences are exact in any precision."""
    dots = [np.array([0.25, 0.5, -0.5], args[0].dtype), type(args[1])(0.5)]
    up = f(*[a + d for a, d in zip(args, dots, strict=True)])
    down = f(*[a - d for a, d in zip(args, dots, strict=True)])
    value = f(*copy.deepcopy(args))
    out, out_dot = s2s.jvp(f, args, dots)
    same(out, value, "value of the jvp")
    assert out.dtype == value.dtype
    like(out_dot, value, "tangent")
    same(out_dot, (up - down) / 2, "tangent against differences")
    out, pullback = s2s.vjp(f, *args)
    bars = pullback(np.ones_like(value))
    like(bars[0], args[0], "cotangent")
    same(inner(bars, dots), np.sum((up - down) / 2, dtype=float), "cotangent")


# results ------------------------------------------------------------------------------


def recurrence(v, x):
    for i in range(1, len(v)):
        v[i] *= v[i - 1] * x
    return np.sum(v), v


def test_the_auxiliary_result_is_the_buffer():
    want = recurrence(V.copy(), 0.7)
    both = s2s.value_and_grad(recurrence, (0, 1), has_aux=True)
    (value, aux), gradient = both(V, 0.7)
    same((value, aux), want, "value and buffer")
    again, aux = s2s.grad(recurrence, (0, 1), has_aux=True)(V, 0.7)
    same(aux, want[1], "buffer beside the gradient")
    same(again, gradient, "gradient beside the buffer")
    disjoint((aux, gradient), [V], "buffer and gradient")


def test_results_do_not_change_later():
    v = V.copy()
    out, pullback = s2s.vjp(recurrence, v, 0.7)
    kept = copy.deepcopy(out)
    bars = pullback((1.0, np.ones(3)))
    same(out, kept, "the value after the pullback")
    s2s.vjp(recurrence, 2.0 * v, 0.4)[1]((1.0, np.ones(3)))
    same(out, kept, "the value after another call")
    same(pullback((1.0, np.ones(3))), bars, "the pullback after another call")


# effects ------------------------------------------------------------------------------


def test_what_is_printed(capsys):
    def f(v, x):
        r = v[1:]
        for i in range(3):
            v[i] *= x
            print(i, v, r)
        return np.sum(v**2)

    f(V.copy(), 0.7)
    want = capsys.readouterr().out
    s2s.grad(f)(V, 0.7)
    assert capsys.readouterr().out == want
    s2s.jvp(f, (V, 0.7), (V, 1.0))
    assert capsys.readouterr().out == want
    _, pullback = s2s.vjp(f, V, 0.7)
    assert capsys.readouterr().out == want
    pullback(1.0)
    assert capsys.readouterr().out == ""


TABLE = np.array([1.0, 2.0, 3.0])


def test_arrays_outside_are_not_written():
    held = np.array([1.0, 2.0, 3.0])

    def closure(x):
        held[0] = x
        return np.sum(held**2)

    def module(x):
        row = TABLE[:2]
        row *= x
        return np.sum(TABLE)

    for f in closure, module:
        with pytest.raises(s2s.S2SError):
            s2s.grad(f)(0.7)
    same([held, TABLE], [np.array([1.0, 2.0, 3.0])] * 2, "what is outside")


def test_arguments_that_are_read_only():
    v = V.copy()
    v.flags.writeable = False
    w = np.broadcast_to(np.array(0.4), 3)

    def f(v, w):
        u = v * w
        u[0] *= v[1]
        return np.sum(u * u)

    check(f, (v, w))


def test_failures():
    def beyond(v, x, i):
        v[0] = x
        v[i] = x * v[0]
        return np.sum(v)

    def does_not_fit(v, w):
        v[0] = w[0]
        v[1:] = w
        return np.sum(v)

    def too_many_axes(v, w):
        v += w
        return np.sum(v)

    assert isinstance(raises_as(beyond, V, 0.7, 3), IndexError)
    assert isinstance(raises_as(does_not_fit, V, P), ValueError)
    assert isinstance(raises_as(too_many_axes, V, L), ValueError)


def test_stores_that_fail_in_numpy():
    def into_integers(v, k):
        k += v
        return np.sum(k)

    def into_a_diagonal(v, A):
        d = np.diagonal(A)
        d[0] = v[0]
        return np.sum(A)

    def wider(v, A):
        v += A
        return np.sum(v)

    def sine_of_integers(v, k):
        np.sin(v, out=k)
        return np.sum(k * v)

    for f, args in [
        (into_integers, (V, np.arange(3))),
        (into_a_diagonal, (V, S)),
        (wider, (V, W)),
        (sine_of_integers, (V, np.arange(3))),
    ]:
        try:
            raises_as(f, *args)
        except s2s.S2SError as error:
            assert error.origin is not None


def test_what_is_written_to_out_stays_so():
    def f(u, k):
        flux = np.empty(len(u) - 1)
        for _ in range(3):
            np.subtract(u[1:], u[:-1], out=flux)
            np.multiply(flux, k, flux)
            np.add(u[1:], flux, out=u[1:])
        return np.sum(u)

    df = s2s.value_and_grad(f, ("u", "k"))
    u, k = np.array([0.3, -0.2, 0.9, 0.1]), 0.7
    _, (u_bar, k_bar) = df(u.copy(), k)
    step = 1e-6 * np.eye(4)
    ends = [f(u + s, k) - f(u - s, k) for s in step]
    np.testing.assert_allclose(u_bar, np.array(ends) / 2e-6, rtol=1e-6)
    ends = f(u.copy(), k + 1e-6) - f(u.copy(), k - 1e-6)
    np.testing.assert_allclose(k_bar, ends / 2e-6, rtol=1e-6)
    df = s2s.value_and_grad(f)
    df.compile(u, k)
    for line in (
        "np.subtract(u[1:], u[:-1], out=flux)",
        "np.multiply(flux, k, out=flux)",
        "u[1:] = np.add(u[1:], flux)",
    ):
        assert line in df.source

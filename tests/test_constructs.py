"""Constructs of the language: what Python does, the derivative does."""

import math
import textwrap

import numpy as np
import pytest
from agree import check, check_spellings, raises_as
from test_parse_source import run_cell

import s2s
from s2s.pipeline import compile_function

V = np.array([0.3, -0.8, 1.1])


# := -----------------------------------------------------------------------------------


def test_walrus_where_it_is_always_evaluated():
    def f(x):
        y = 1.0
        y = (y := x * x) * 2.0 + y
        z = np.sin(w := y * x) * w
        if (r := z * w) > 0.0:
            z = z * r
        return z + r

    def g(x):
        y = x * x
        y = y * 2.0 + y
        w = y * x
        z = np.sin(w) * w
        r = z * w
        if r > 0.0:
            z = z * r
        return z + r

    check_spellings([f, g], (0.7,))
    check_spellings([f, g], (-0.7,))


def test_what_comes_before_a_walrus_is_read_before():
    def f(x):
        y = 3.0 * x
        return y * (y := x * x) + y

    def g(x):
        return 3.0 * x * x * x + x * x

    check_spellings([f, g], (0.7,))


def test_walrus_that_may_be_left_out():
    def f(x, a, b):
        y = z = 1.0
        if a > 0.0 and (y := x * x) > b and (z := y * x) < 2.0:
            x = x * y
        w = (z := x * z) if a < 0.5 or (y := 2.0 * y) > 1.0 else x
        ok = a < b < (z := z * 3.0)
        return x * y * z * w if ok else x * y + z * w

    def g(x, a, b):
        y = z = 1.0
        if a > 0.0:
            y = x * x
            if y > b:
                z = y * x
                if z < 2.0:
                    x = x * y
        if a < 0.5:
            z = w = x * z
        else:
            y = 2.0 * y
            if y > 1.0:
                z = w = x * z
            else:
                w = x
        if a < b:
            z = z * 3.0
            if b < z:
                return x * y * z * w
        return x * y + z * w

    for a in (-1.0, 0.2, 0.7):
        for b in (0.1, 0.6, 5.0):
            for x in (0.7, 1.4):
                check_spellings([f, g], (x, a, b))


def test_walrus_left_out_and_never_bound():
    def f(x, a):
        if a > 0.0 and (y := x * x) > 0.1:
            x = x * y
        return x * y

    check(f, (0.7, 1.0))
    assert isinstance(raises_as(f, 0.7, -1.0), UnboundLocalError)


@pytest.mark.parametrize("x", [0.7, 0.01, 1.5])
def test_walrus_in_while(x):
    def f(x):
        n = 0
        while (r := x * x) > 0.1:
            n += 1
            if n == 2:
                continue
            if n > 4:
                break
            x = 0.6 * x + 0.1 * r
        else:
            x = x + r
        return x * r

    def g(x):
        n = 0
        r = x * x
        while r > 0.1:
            n += 1
            if n > 4:
                break
            if n != 2:
                x = 0.6 * x + 0.1 * r
            r = x * x
        else:
            x = x + r
        return x * r

    check_spellings([f, g], (x,))


def test_walrus_in_comprehensions_binds_in_the_function():
    def f(v):
        kept = [q * u for u in v if (q := u * u) > 0.2]
        sines = [s * k for k in (1.0, 2.0) if (s := np.sin(k * v[0])) > -2.0]
        pairs = [(t := u * w) for u, w in ((v[0], 2.0), (v[1], 3.0))]
        return np.sum(np.array(kept)) * q + s * sines[0] + t * pairs[0]

    check(f, (V,))


def test_walrus_in_a_loop_and_in_calls():
    def g(a, b):
        return a * b

    def f(v):
        total = 0.0
        for u in v:
            total = total + g(w := u * u, w + 1.0)
        return total * w

    check(f, (V,))


# del ----------------------------------------------------------------------------------


def test_del():
    def f(x, n):
        y = x * x
        z, w = y * 2.0, np.sin(y)
        del y, (z)
        for i in range(n):
            t = w * i + x
            w = w * t
            del t
        y = w * 3.0
        return y

    check(f, (0.7, 3))
    check(f, (0.7, 0))


def test_del_of_an_item_of_a_list():
    def f(v):
        xs = [v[0] * v[1], v[1], v[2] * v[2]]
        del xs[1]
        ys = []
        for u in v:
            ys.append(u * u)
        del ys[0]
        return xs[0] * xs[1] + ys[0] * ys[1] ** 2

    check(f, (V,))


def test_del_frees_what_shares_memory():
    def f(v, flag):
        w = v * 2.0
        u = w if flag else v * v
        del w
        u[0] = 1.0
        return np.sum(u * v)

    check(f, (V, True))
    check(f, (V, False))


# imports ------------------------------------------------------------------------------


def test_imports_inside():
    def f(x):
        import math as m
        from math import cos, pi

        import numpy
        import numpy.linalg as la
        from numpy import exp as e

        y = numpy.array([x, m.sin(x)]) * cos(x * pi)
        return la.norm(y) * e(x)

    def g(x):
        y = np.array([x, math.sin(x)]) * math.cos(x * math.pi)
        return np.linalg.norm(y) * np.exp(x)

    check_spellings([f, g], (0.7,))


def test_an_import_of_the_users_own(tmp_path, monkeypatch):
    text = "RATE = 3.0\ndef scaled(x):\n    return RATE * x * x\n"
    (tmp_path / "s2s_own_module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    def f(x):
        import s2s_own_module
        from s2s_own_module import RATE as r
        from s2s_own_module import scaled

        return scaled(x) * r + s2s_own_module.RATE * x

    check(f, (0.7,))
    df = s2s.grad(f)
    assert df(1.0) == 21.0
    monkeypatch.setattr("s2s_own_module.RATE", 1.0)
    assert df(1.0) == 3.0


def test_the_core_is_shown_as_python():
    def f(x):
        from math import sin

        g = lambda y: sin(y) * x  # noqa: E731

        def h(y):
            return g(y)

        return h(x)

    df = s2s.grad(f)
    df(0.7)
    types = df.last.function.attrs["types"]
    made = compile_function(df.parsed, types, df.request(), "parse")
    shown = textwrap.dedent(made.stages["parse"])
    assert "from math import sin" in shown
    assert "def h(y):" in shown
    scope = run_cell(shown)
    assert scope["f"](0.7) == f(0.7)


# global -------------------------------------------------------------------------------

calls = 0
last = None
rate = 3.0


def counted(x):
    global calls
    calls += 1
    return x * x


def test_global_counters_count_once():
    global calls, last

    def f(v):
        global last
        total = 0.0
        for u in v:
            if u > 0.0:
                total = total + counted(u)
            last = "loop"
        last = total
        return total

    calls, last = 0, None
    assert f(V) == last
    assert calls == 2
    check(f, (V,))
    for run in (
        lambda: s2s.grad(f)(V),
        lambda: s2s.value_and_grad(f)(V),
        lambda: s2s.jvp(f, (V,), (V,)),
    ):
        calls, last = 0, None
        run()
        assert calls == 2
        assert last == f(V)
    calls = 5
    _, pullback = s2s.vjp(f, V)
    pullback(1.0)
    pullback(2.0)
    assert calls == 7


def test_second_derivatives_count_once():
    global calls

    def f(x):
        return counted(x) * x

    calls = 0
    assert s2s.grad(s2s.grad(f))(2.0) == 12.0
    assert calls == 1
    assert s2s.jvp(s2s.grad(f), (2.0,), (1.0,)) == (12.0, 12.0)
    assert calls == 2


def test_globals_that_are_written_before_a_failure():
    global calls

    def f(x):
        global calls
        calls += 10
        if x > 0.0:
            raise ValueError("positive")
        return x * x

    calls = 0
    with pytest.raises(ValueError, match="positive"):
        s2s.grad(f)(1.0)
    assert calls == 10


def test_globals_that_are_declared_and_read():
    global rate

    def f(x):
        global rate
        return rate * x * x

    rate = 3.0
    df = s2s.grad(f)
    assert df(1.0) == 6.0
    rate = 1.0
    assert df(1.0) == 2.0


def test_a_counter_in_a_saved_module(tmp_path):
    def f(x):
        return counted(x) * x

    s2s.grad(f).compile(1.0)
    df = s2s.grad(f)
    df(1.0)
    df.save(tmp_path / "made.py")
    scope = run_cell((tmp_path / "made.py").read_text())
    before = scope["calls"]
    assert scope["f_grad"](2.0) == 12.0
    assert scope["calls"] == before + 1


# match --------------------------------------------------------------------------------


def by_kind(x, kind):
    match kind:
        case "a" | "b":
            return x * x
        case None:
            y = 3 * x
        case (2.0, k) if k > 2:
            y = x * k
        case (j, k):
            y = x * j * k
        case [a, *rest, (b, _) as c] if len(rest) > 1:
            y = a * x * len(rest) + rest[0] * rest[-1] * b * len(c)
        case [_, *_] | "none":
            y = x + 1.0
        case int():
            match x > 1:
                case True:
                    y = 5 * x * kind
                case False:
                    return x
        case float(z):
            y = z * x
        case _:
            y = 2.0 * x
    return y * x


@pytest.mark.parametrize(
    "kind",
    ["a", "b", "c", "none", None, 4, 2.5, (2.0, 5.0), (2.5, 1.0), (1.0, 2.0, 3.0),
     (1.0, 2.0, 3.0, (0.5, 0.1))],
)  # fmt: skip
@pytest.mark.parametrize("x", [0.7, 1.7])
def test_match_is_if(x, kind):
    def f(x, kind):
        if isinstance(kind, str) and kind in ("a", "b"):
            return x * x
        if kind is None:
            y = 3 * x
        elif isinstance(kind, tuple):
            if len(kind) == 2 and kind[0] == 2.0 and kind[1] > 2:
                y = x * kind[1]
            elif len(kind) == 2:
                y = x * kind[0] * kind[1]
            elif len(kind) > 3:
                y = kind[0] * x * 2 + kind[1] * kind[2] * kind[3][0] * 2
            else:
                y = x + 1.0
        elif kind == "none":
            y = x + 1.0
        elif isinstance(kind, int):
            if x <= 1:
                return x
            y = 5 * x * kind
        elif isinstance(kind, float):
            y = kind * x
        else:
            y = 2.0 * x
        return y * x

    value, want = s2s.vjp(f, x, kind)[0], s2s.grad(f)(x, kind)
    got = s2s.value_and_grad(by_kind)(x, kind)
    assert got == (value, want)


def test_match_in_loops():
    def f(x, v):
        s = 0.0
        for k, u in enumerate(v):
            match k % 3, u > 0:
                case 0, _:
                    s = s + u * x
                case 1, True:
                    continue
                case 1, False if x > 0.5:
                    s = s * u
                case 2 as q, p if p:
                    s = s * q * x
                case _:
                    break
        return s

    check(f, (0.7, np.array([0.3, -0.8, 1.1, 0.4, 0.2, -0.1, 3.0])))
    check(f, (0.2, V))


def test_match_of_numbers_while_running():
    def f(x, n):
        match n:
            case 0 | 1:
                return x
            case 2 if x > 0.5:
                x = x * x
            case m if m > 2:
                x = x * m
        return x * 3.0

    for n in range(5):
        check(f, (0.7, n))
        check(f, (0.2, n))


def test_match_captures_the_name_that_it_matches():
    """The subject is evaluated once: captures do not change what is matched."""

    def f(xs, c):
        match xs:
            case (_, xs, d) if xs > 100.0:
                return d
            case (xs, b, d):
                return c * xs + b * d
        return c

    check(f, ((0.7, -1.2, 0.45), 1.3))

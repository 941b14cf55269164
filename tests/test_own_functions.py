"""Functions of their own in the output: those called in several places, recursion."""

import re

import numpy as np
import pytest
from agree import check
from called import helpers, models, recursive

import s2s
from s2s.ssa import outline

rng = np.random.default_rng(3)
V = 0.5 * rng.normal(size=4)
W = rng.normal(size=8)
LAYERS = [{"w": rng.normal(size=(4, 4)), "b": V} for _ in range(2)]

CALLS = [
    (helpers.acts, (V,)),
    (helpers.gp, (V, 1.1 * V[:3], 0.7, 0.9)),
    (helpers.simulate, (V, 0.5 * V[::-1], 0.8)),
    (helpers.smoothing, (V,)),
    (helpers.globals_and_defaults, (0.4,)),
    (helpers.reuse, (0.4,)),
    (helpers.mutated_after, (V,)),
    (helpers.alias_result, (V,)),
    (helpers.pairs, (V,)),
    (helpers.inner_fn, (0.4, 0.7)),
    (helpers.higher, (0.4, 0.7)),
    (helpers.model, (0.5, 0.2, V)),
    (helpers.mlp, (LAYERS, V)),
    (helpers.comp, (0.4,)),
    (helpers.tried, (V,)),
    (helpers.uses, (V,)),
    (helpers.earlies, (0.4,)),
]
RECURSIONS = [
    (recursive.fib, (0.7, 4)),
    (recursive.top_fib, (0.7,)),
    (recursive.total, (W[:5],)),
    (recursive.mutual, (0.6,)),
    (recursive.nested, (0.6, 0.9)),
    (recursive.doubles, (0.7,)),
    (recursive.spectrum, (W,)),
    (recursive.sorted_score, (W,)),
    (recursive.tree, (((0.5, 0.6), (0.7, 0.8)),)),
    (recursive.loop_in, (0.6, 3)),
    (recursive.det, (rng.normal(size=(3, 3)),)),
    (recursive.grid, (0.7,)),
    (recursive.ret_const, (0.7, 3)),
    (recursive.quicksort, (W,)),
    (recursive.on_views, (W[:4],)),
    (recursive.chebyshev, (0.3,)),
    (recursive.memoized, (0.7,)),
    (recursive.two, (0.3 * V, 0.2 * W[:4])),
    (recursive.changing_args, (W, 3)),
    (recursive.changed_between, (V, 3)),
    (models.tree, (0.5, 0.7)),
    (models.config, (0.5, 0.7)),
    (models.accumulate, (0.5,)),
    (models.poly, (0.5,)),
    (models.root, (2.0,)),
    (models.curve, (np.zeros(2), np.array([1.0, 0.2]))),
    (models.spline, (W[:5], 1.3)),
    (models.quad, (0.7,)),
    (models.product, (rng.normal(size=(4, 4)), rng.normal(size=(4, 4)))),
]


def name(case):
    return case[0].__name__


@pytest.fixture
def every_call(monkeypatch):
    """However small a function is that is called twice, it is one of its own."""
    monkeypatch.setattr(outline, "LONG", 0)


@pytest.mark.parametrize("case", CALLS, ids=name)
def test_functions_called_in_several_places(case, every_call):
    f, args = case
    check(f, list(args))


@pytest.mark.parametrize("case", RECURSIONS, ids=name)
def test_recursion(case):
    f, args = case
    check(f, list(args))


@pytest.mark.parametrize(
    "case", [c for c in CALLS if c[0] not in (helpers.mlp, helpers.simulate)], ids=name
)
def test_second_derivatives(case, every_call):
    f, args = case
    s2s.check_grads(f, args, order=2)


def test_derivatives_inside_read_the_globals_of_what_they_call(every_call):
    def f(x):
        return s2s.grad(helpers.globals_and_defaults)(x) * x

    check(f, (0.4,))


def functions(f, *args):
    derivative = s2s.grad(f)
    derivative(*args)
    return re.findall(r"^def (\w+)", derivative.source, re.MULTILINE)


def test_one_copy_for_all_places(every_call):
    """Two signatures of `activation`: its text decides by a string."""
    made = functions(helpers.acts, V)
    assert made == [
        "activation_forward",
        "activation_forward2",
        "activation_reverse",
        "activation_reverse2",
        "acts_grad",
    ]


def test_recursion_is_one_pair():
    for f in (recursive.top_fib, recursive.grid, recursive.doubles):
        made = functions(f, 0.7)
        assert len(made) == 3, made


def test_nothing_kept_is_one_function():
    """Where the reverse needs nothing but arguments, the forward is the function."""

    def g(x, y):
        return x * y + x * 2.0 + y * 3.0 + x * x * y + x * y * y + 7.0 * x - y * 0.5

    def f(x):
        return g(x, 3.0) * g(x, 2.0 * x)

    assert functions(f, 0.3) == ["g", "g_reverse", "g_reverse2", "f_grad"]


@pytest.mark.parametrize(
    ("f", "args", "kept"),
    [
        (helpers.inner_fn, (0.4, 0.7), "value, (s, exp, tanh)"),
        (helpers.reuse, (0.4,), "value, (sin_y, cos, exp, w)"),
        (recursive.total, (W,), "value, (x, t3, total_kept2, total_kept)"),
        (recursive.grid, (0.7,), "value, (x, t, count_kept2, t3, count_kept)"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_is_cheap_is_not_kept(f, args, kept, every_call):
    """Numbers and views are made again: the products are, the sines are not."""
    derivative = s2s.grad(f)
    derivative(*args)
    assert f"    return {kept}\n" in derivative.source


def deep(depth):
    """Functions that call the one before twice: 2**depth calls."""
    lines = ["import numpy as np", "def f0(x):", "    return np.sin(x) * x + 1.0"]
    for k in range(1, depth):
        lines += [
            f"def f{k}(x):",
            f"    y = f{k - 1}(x) * 0.5 + np.cos(x)",
            "    z = np.exp(-y * y) + y * x - np.tanh(y)",
            "    w = z / (1.0 + z * z) + y / (2.0 + y * y)",
            f"    return f{k - 1}(w) + z",
        ]
    return "\n".join(lines) + "\n"


def test_output_grows_with_the_functions_not_with_the_calls(tmp_path, monkeypatch):
    (tmp_path / "deep_calls.py").write_text(deep(33))
    monkeypatch.syspath_prepend(tmp_path)
    import deep_calls

    sizes = []
    for k in (4, 8, 32):
        derivative = s2s.grad(getattr(deep_calls, f"f{k}"))
        derivative.compile(0.3)
        sizes.append(len(derivative.source.splitlines()))
    steps = zip(sizes[:2], sizes[1:], (4, 24), strict=True)
    per_function = [(b - a) / n for a, b, n in steps]
    assert abs(per_function[0] - per_function[1]) <= 1.0, sizes
    h = 1e-6
    want = (deep_calls.f8(0.3 + h) - deep_calls.f8(0.3 - h)) / (2 * h)
    assert abs(s2s.grad(deep_calls.f8)(0.3) - want) < 1e-6 * abs(want) + 1e-6


def endless(x):
    return x * endless(x + 1.0)


def counting(x, n):
    global calls
    calls = n
    return x if n == 0 else x * counting(x, n - 1)


def heaped(xs, n):
    if n > 0:
        xs[n] += xs[n - 1]
        heaped(xs, n - 1)


def in_a_dict_of_lists(x, n):
    rows = {k: [x * k] for k in range(n)}
    for k in range(n):
        rows[1].append(x + k)
    heaped(rows[1], n)
    return sum(rows[1])


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: in_a_dict_of_lists(x, 2), "`heaped` calls itself: `xs` is a list"),
        (lambda x: endless(x), "`endless` calls itself: it never returns"),
        (lambda x: counting(x, 2) * x, "`counting` calls itself: it changes a global"),
        (
            lambda x: recursive.overlapping(x * V),
            "`swap2` calls itself: it changes an argument that another one may overlap",
        ),
    ],
)
def test_recursion_that_is_refused(f, message):
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f)(0.5)


def test_second_derivatives_of_recursion():
    hessian = s2s.jacfwd(s2s.jacfwd(recursive.total))(V)
    gradient, h = s2s.grad(recursive.total), 1e-6
    rows = [gradient(V + h * e) - gradient(V - h * e) for e in np.eye(4)]
    assert np.allclose(hessian, np.array(rows) / (2.0 * h), atol=1e-7)


def test_forward_over_forward_of_recursion():
    def slope(x):
        return s2s.jvp(recursive.top_fib, (x,), (1.0,))[1]

    _, curvature = s2s.jvp(slope, (0.7,), (1.0,))
    h = 1e-4
    f = recursive.top_fib
    want = (f(0.7 + h) - 2 * f(0.7) + f(0.7 - h)) / h**2
    assert abs(curvature - want) < 1e-5


def test_errors_name_the_line_in_the_callee_and_the_path(every_call):
    def inner(x):
        y = np.sin(x) * x
        return y + np.roots(y)

    def outer(x):
        return np.sum(inner(x) + inner(2.0 * x))

    with pytest.raises(s2s.UnsupportedError) as error:
        s2s.grad(outer)(np.eye(2))
    text = str(error.value)
    assert "np.roots(y)" in text
    assert "called at" in text and "return np.sum(inner(x)" in text


def test_a_statement_that_reads_before_and_after_a_call_changes():
    def f(x, c):
        v = np.array([x, 2.0 * x])

        def change(w):
            v[0] *= c
            return w

        return (v[0] + change(c)) * v[0]

    check(f, (0.7, 1.3))

"""Python's functions of sequences, generator expressions and stars."""

import functools

import numpy as np
import pytest
from agree import check, check_spellings, raises_as
from test_parse_source import run_cell

import s2s

V = np.array([0.3, -0.8, 1.1])

# programs of x, v, n; each `return`s one of these
EXPRESSIONS = [
    "divmod(x, 0.3)[0] * divmod(x, 0.3)[1]",
    "pow(x, 3) * pow(2.0, x)",
    "round(x, 1) * x + round(x) * v[0]",
    "x if n in (1, 2, 3) else -x",
    "x if n not in [1, n + 1] else -x",
    "x * ('b' in 'abc')",
    "x * any(u > 0 for u in v) + all(u > 0 for u in v)",
    "x * any([u > x for u in v]) * all(v > -1.0) * any((n, 0.0))",
    "x * all(any(a * b > 0 for b in v if b != a) for a in v)",
    "x + all(u != 0.5 and 1 / (u - 0.5) < 9 for u in (x, v[0], 0.6))",
    "sum([x, x * x], v[0])",
    "sum((v, v * x), np.ones(3))[1]",
    "sum([u * u for u in v if u > 0], x)",
    "sum(v, start=x)",
    "sum(u * u for u in v)",
    "sum(u * w * k for k, u in enumerate(v, 1) for w in v if u > w if k < 3)",
    "sum((a * b for a, b in zip(v, v * x, strict=True)), x)",
    "sum(sum(a * b for a in v) for b in v)",
    "sum(u * u for u in (x, x * n))",
    "sum(range(2, n)) * x + sum(map(abs, v))",
    "sum(u for u in v if u > 9.0) * x",
    "sum([v[0] > 0.0, v[2] > 0.0]) * x",
    "x * sum(w < 2.0 for w in (x, v[0], v[1])) - sum([v[0] > 0.0]) * x**2",
    "np.sum(v * sum([v > 0.0, v > 0.5])) + x * sum([v[0] > 0.0], v[2] > 0.0)",
    "min([x, x * x, 0.9]) * max((x, x * x)) * max(x, *v)",
    "max([u * u * x for u in v]) - min(v)",
    "max(max(r * r) for r in [v, x * v])",
    "max(v, key=lambda u: -u) * min((x, v[0]), key=lambda u: u * u)",
    "max([], default=x) + min([u for u in v if u > 5], default=x * x)",
    "max([u * x for u in v if u > 0], default=x * x) * min(x, *(v[0], 2.0))",
    "sorted([x, x * x, 0.9])[0] + sorted([u * u for u in v])[1]",
    "np.sum(np.array(sorted(v, reverse=n > 2)) * v)",
    "sorted((x, v[0]), key=lambda u: -u)[0] * sorted((u * x for u in v))[2]",
    "sorted(zip(v * v, v))[0][1] * x",
    "min([(x, v[0]), (v[1], x * x)], key=lambda p: p[1])[0]",
    "np.sum(np.stack([*[x, x * x], x]) * v)",
    "np.sum(np.array([*v, x, *(x * v)]))",
    "np.sum(np.array([*[u * u for u in v if u > 0], x]) * x)",
    "(*(x, n), v[1])[2] * (*v[:2].shape, x)[1]",
    "np.hypot(*v[:2]) * (lambda a, b, c: a * b - c)(*(x * v))",
    "np.linalg.norm([x, v[0]]) + np.sum(np.diag([x, v[1]]) @ [x, 2.0])",
    "np.dot([x, v[0]], (2.0, x)) + np.linalg.det([[x, 2.0], [v[0], x]])",
    "np.interp(x, [0.0, 0.5, 1.0], [x, v[1], v[2]]) + np.max(np.reshape(v, (1, 3)))",
    "np.hypot(*(x, x * x)) + np.ones(6).reshape(*(2, 3))[0, 1]",
    "list(v)[0] * tuple([x, 1.0])[0] * list(u * u for u in v)[1]",
    "list(enumerate(v))[2][1] * list(range(n))[1]",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text):
    program = f"def f(x, v, n):\n    return {text}\n"
    f = run_cell(program, np=np)["f"]
    check(f, (0.7, V, 3))


def test_generators_and_loops_are_one():
    def f(x, v):
        s = sum(x * u for u in v if u > 0.0)
        if any(u > x for u in v):
            s = s * max(u * u for u in v)
        return s

    def g(x, v):
        s = 0.0
        for u in v:
            if u > 0.0:
                s = s + x * u
        big = False
        for u in v:
            if u > x:
                big = True
                break
        if big:
            s = s * np.max(v * v)
        return s

    check_spellings([f, g], (0.7, V))
    check_spellings([f, g], (1.7, V))


def test_in_loops_and_branches():
    def f(x, v):
        s = 0.0
        for k in range(3):
            s = s + sum(u * k for u in v if u > s) * max(u * x for u in v)
            if not all(u < s for u in v):
                s = s * sorted(v)[k]
        return s

    check(f, (0.7, V))


def test_generators_run_no_further_than_python_runs_them():
    def f(x, v):
        return x * any(1.0 / u > 2.0 for u in v)

    def g(x, v):
        return x * all(math_log(u) < 0.0 for u in (v[0], v[1]))

    def math_log(u):
        if u <= 0.0:
            raise ValueError("log")
        return np.log(u)

    check(f, (0.7, [0.3, 0.0]))
    raises_as(f, 0.7, [3.0, 0.0])
    check(g, (0.7, np.array([3.0, -1.0])))
    raises_as(g, 0.7, np.array([0.3, -1.0]))


def test_functions_see_their_own_variables_only():
    """What is made of a call has variables, too: no function must see them."""

    def f(x, v, item, item0, k):
        i = max(range(len(v)), key=lambda j: v[j] * item)
        s = sorted(v, key=lambda u: u * item * k, reverse=True)
        m = list(map(lambda u: u * item0 * item, v))
        r = functools.reduce(lambda a, b: a * item + b * k, v)
        return v[i] * s[0] * m[1] * x + r + sum(m, item)

    check(f, (0.7, V, 1.5, -2.0, 3.0))


def test_lists_made_of_arrays_and_generators_change():
    def f(x, v):
        xs = [*v, x]
        xs.append(x * x)
        ys = list(u * u for u in v)
        ys[0] = x
        zs = sorted(v)
        zs[1] = zs[0] * x
        rows = list(v)
        rows[2] = x
        return sum(xs) * max(xs) * sum(ys) * sum(zs) + sum(rows)

    check(f, (0.7, V))


def test_the_least_of_equal_items_is_the_first():
    def f(x, y):
        return min([x, y]) + 10.0 * max([a for a in (x, y) if a > 0.0])

    gradient = s2s.grad(f, (0, 1))
    assert gradient(1.0, 1.0) == (11.0, 0.0)


def test_unpacked_and_printed(capsys):
    def f(x, v):
        a, b, c = sorted([x, x * x, v[0]])
        q, r = divmod(x, v[0])
        print(*(a, n), *[n], sep=";")
        return a * b + c * q * r

    n = 2
    s2s.grad(f)(0.7, V)
    assert capsys.readouterr().out == "0.3;2;2\n"
    check(f, (0.7, V))


def test_empty_sequences_fail_as_in_the_primal():
    def f(x, v):
        return max([u * x for u in v if u > 5.0])

    assert isinstance(raises_as(f, 0.7, V), ValueError)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("np.sum(u * u for u in v)", "supported as the argument of sum, any"),
        ("max([]) * x", r"max\(\) of an empty sequence"),
        ("np.hypot(*v, *v)", r"how many items `\*` gives is not known here"),
        ("sorted(x)[0]", "what a float is made up of is not known here"),
        ("max(v, keys=x)", "argument `keys` is not supported"),
    ],
)
def test_refused(text, message):
    f = run_cell(f"def f(x, v):\n    return {text}\n", np=np)["f"]
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f)(0.7, V)

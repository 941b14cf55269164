"""What arrays hold: objects are refused, text has no derivative."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from agree import check
from test_parse_source import run_cell

import s2s

V, W = np.array([0.7, -0.4, 1.1]), np.array([0.3, 0.9, -0.6])
OBJECTS = np.array([1.0, None, 3.0], dtype=object)
DAYS = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="datetime64[D]")
NAMES = np.array(["a", "b", "a"])


class Data(NamedTuple):
    w: float
    labels: Any


@pytest.mark.parametrize(
    "text",
    [
        "np.sum(np.array([1, c, 2], dtype=object) * x)",
        "np.array([x, x[:2]], dtype=object)[0] * c",
        "np.array([v * c for v in x], dtype='O') * c",
        "np.asarray([c, 2 * c], dtype=object)[0] * x",
        "np.full(3, c, dtype=object) * x",
        "np.full_like(x, c, dtype='O') * x",
        "np.zeros_like(objects) * c + x",
        "np.eye(3, dtype=object) @ x",
        "np.arange(3, dtype=object) * x",
        "x.astype(object) * c",
        "x.astype(objects.dtype) * c",
        "np.array([x[0], c], dtype='U5')",
        "np.where(x > 0.0, x, names)",
        "x * objects",
        "objects @ x",
        "x * np.sum(objects)",
        "x * c if objects[1] is None else x",
        "x * c if days[0] < days[1] else x",
        "x * k",
        "x * p['w'][0]",
    ],
)
def test_arrays_of_objects_are_refused(text):
    scope = {"np": np, "objects": OBJECTS, "names": NAMES, "days": DAYS}
    f = run_cell(f"def f(x, c, k, p):\n    return {text}\n", **scope)["f"]
    args = V, 0.7, W.astype(object)[0:1].reshape(()), {"w": W.astype(object)}
    with pytest.raises(s2s.UnsupportedError, match=r"arrays of dtype .* not supported"):
        s2s.vjp(f, *args)


@pytest.mark.parametrize("dtype", ["object", "'O'", "np.ndarray"])
def test_stores_into_arrays_of_objects_are_refused(dtype):
    lines = f"b = np.empty(3, dtype={dtype})", "b[:] = x", "return np.sum(b * c)"
    f = run_cell("\n    ".join(["def f(x, c):", *lines]) + "\n", np=np)["f"]
    with pytest.raises(s2s.UnsupportedError, match="dtype object") as refusal:
        s2s.grad(f)(V, 0.7)
    assert refusal.value.advice == "use an array of numbers, or a list"


def test_floats_or_objects():
    def f(x, k, c):
        if c > 0.5:
            k = x
        return k * c

    with pytest.raises(s2s.UnsupportedError, match="two types that do not go together"):
        s2s.grad(f)(V, OBJECTS, 0.7)


@pytest.mark.parametrize("labels", [NAMES, OBJECTS, DAYS, NAMES[0]])
def test_labels_that_nothing_is_computed_of(labels, capsys):
    def f(x, data):
        print(data.labels)
        return np.sum(x**2) * data.w * np.size(data.labels)

    data = Data(1.0, labels)
    assert np.all(s2s.grad(f)(V, data) == 2 * V * np.size(labels))
    assert s2s.vjp(f, V, data)[1](1.0)[1].labels is None
    assert capsys.readouterr().out == f"{labels}\n" * 2


def test_arrays_of_text():
    def f(x, c):
        s = 0.0
        for name, v in zip(NAMES, x, strict=True):
            if name != "b" or name == NAMES[0]:
                s = s + v * c
        letters = np.where(x > 0.0, NAMES, np.concatenate([NAMES, ["cd"]])[1:])
        if letters[1] == "a" and np.all(letters != np.array(["b", "b", "b"])):
            s = s * len(f"{letters[0]}")
        return s * x[NAMES == "a"] + c * np.count_nonzero(letters == NAMES)

    check(f, (V, 0.7))


def ints_on_one_path(x, c):
    k = np.array([1, 2, 3])
    if c < 0.5:
        k = k * 0.5
    k[0] = c * 3.1
    return k * x


def made(n, floats):
    if floats:
        return np.zeros(n)
    return np.zeros(n, int)


def ints_of_a_function(x, c):
    k = made(3, c > 5.0)
    k[:] = x * c
    return k


@pytest.mark.parametrize("f", [ints_on_one_path, ints_of_a_function])
def test_floats_do_not_go_into_what_may_be_an_array_of_ints(f):
    with pytest.raises(s2s.UnsupportedError, match="may be an array of ints here"):
        s2s.vjp(f, V, 0.7)


def ints_before_a_loop(x, c):
    k = np.arange(3)
    for _ in range(2):
        k = k * c
        k[0] = c
    n = np.array([1, 2, 3])
    if c > 0.5:
        n = n * 2
    n[0] = 5
    return k * x * n


def test_ints_that_become_floats_first():
    check(ints_before_a_loop, (V, 0.7))

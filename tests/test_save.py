"""Saved derivatives: modules that run without s2s, and refuse what they are not for."""

import hashlib
import importlib.util
import inspect
import logging
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import s2s
from s2s.errors import SourceError, UnsupportedError

RATE = 0.25
POWERS = (2, 0.5)
KIND = "smooth"
SHIFT = np.float64(1.5)
TABLE = np.ones(100)
OPTIONS = {"weights": np.array([1.0, 2.0, 0.5]), "steps": [1, 2], "name": "sum"}
log = logging.getLogger("s2s.tests.saved")
SINGLE = np.float32


class TooLarge(ValueError):
    """An exception of the user's own."""


class config:
    RATE = 3.0
    LIMITS = (0.0, float("inf"))


def babylonian(a, x):
    while abs(x * x - a) > 1e-12:
        if x > 2.0:
            x = 0.5 * (x + a / x)
        else:
            step = (x * x - a) / (2.0 * x)
            x = x - step
    return x


def mlp(x, y, w, b):
    h = np.maximum(x @ w + b, 0.0)
    return np.mean((h - y) ** 2)


def weighted(x, scale):
    return np.sum(scale * x**2)


def decay(x, steps=3):
    for _ in range(steps):
        x = x - RATE * x**2
    return np.sum(x) * config.RATE + SHIFT


def kinds(x, power=POWERS[0]):
    if KIND == "smooth":
        return np.sum(x.astype(SINGLE) ** POWERS[0]) + POWERS[1] + config.LIMITS[0]
    return 0.0


def pair(p, q):
    a, b = p
    return np.sum(a * b[0]) * q


X, W = np.linspace(-1.0, 2.0, 12).reshape(4, 3), np.linspace(0.1, 1.0, 6).reshape(3, 2)
PROGRAMS: list[tuple[Any, Any, tuple[Any, ...]]] = [
    (babylonian, ("a", "x"), (2.0, 1.0)),
    (mlp, ("w", "b"), (X, np.ones((4, 2)), W, np.array([0.1, -0.2]))),
    (mlp, "w", (X, np.ones((4, 1)), W[:, :1], np.array([0.5]))),
    (weighted, "scale", (X, np.ones((4, 1)))),
    (weighted, ("scale", "x"), (X, 2.0)),
    (decay, "x", (X, 2)),
    (kinds, "x", (X,)),
    (pair, "p", ((X, np.arange(3.0)), 2)),
]
MODES = ("grad", "value_and_grad", "vjp")

# Runs where s2s and what it needs cannot be imported.
SCRIPT = """
import pickle, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"s2s", "gast", "astor", "click", "rich"}:
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
sys.path.insert(0, ".")
jobs = pickle.load(open("jobs", "rb"))
results = []
for module, name, args, is_vjp in jobs:
    result = getattr(__import__(module), name)(*args)
    results.append((result[0], result[1](1.0)) if is_vjp else result)
pickle.dump(results, open("results", "wb"))
"""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_same(actual: Any, expected: Any) -> None:
    """Equal to the last bit, and of one structure."""
    assert type(actual) is type(expected)
    if isinstance(expected, tuple | list):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert_same(a, e)
    else:
        np.testing.assert_array_equal(actual, expected, strict=True)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All programs in all modes: a folder, what runs there, and what it should give."""
    folder = tmp_path_factory.mktemp("saved")
    jobs, expected = [], []
    for k, (f, wrt, args) in enumerate(PROGRAMS):
        for mode in MODES:
            derivative = s2s.Derivative(f, mode, wrt)
            result = derivative(*args)
            is_vjp = mode == "vjp"
            expected.append((result[0], result[1](1.0)) if is_vjp else result)
            derivative.save(folder / f"made_{k}_{mode}.py")
            jobs.append((f"made_{k}_{mode}", f"{f.__name__}_{mode}", args, is_vjp))
    return {"folder": folder, "jobs": jobs, "expected": expected}


def test_saved_modules_need_nothing_but_numpy(saved: dict[str, Any]) -> None:
    folder = saved["folder"]
    (folder / "jobs").write_bytes(pickle.dumps(saved["jobs"]))
    command = [sys.executable, "-I", "-c", SCRIPT]
    subprocess.run(command, cwd=folder, check=True)
    results = pickle.loads((folder / "results").read_bytes())
    for result, expected in zip(results, saved["expected"], strict=True):
        assert_same(result, expected)


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]])
def test_saved_modules_are_clean(saved: dict[str, Any], check: list[str]) -> None:
    command = [sys.executable, "-m", "ruff", *check, "--isolated", "--no-cache", "."]
    done = subprocess.run(
        command, cwd=saved["folder"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


# The text


def halved(x):
    return 0.5 * x


def calling(x):
    def doubled(y):
        return 2.0 * y

    return doubled(halved(x)) * x


def test_the_digest_covers_what_is_called(tmp_path: Path) -> None:
    df = s2s.grad(calling)
    df(1.0)
    df.save(tmp_path / "calling_grad.py")
    text = "\n".join(inspect.getsource(f).strip() for f in (calling, halved))
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert f"# source sha256 {digest}" in (tmp_path / "calling_grad.py").read_text()


def test_the_header(tmp_path: Path) -> None:
    df = s2s.grad(decay)
    df(X, 2)
    path = tmp_path / "decay_grad.py"
    df.save(path)
    lines = path.read_text().splitlines()
    digest = hashlib.sha256(inspect.getsource(decay).strip().encode()).hexdigest()
    assert lines[0].startswith("# Made by s2s ")
    assert lines[0].endswith(f" from {__name__}:decay; do not edit, make it again:")
    command = " ".join(line[1:].strip(" \\") for line in lines[1:4])
    assert command.startswith(f"s2s build {__name__}:decay -o {path} --mode grad ")
    assert '--at "x=np.ones((2, 2))"' in command
    assert "steps" not in command  # its default says as much
    assert f"# source sha256 {digest}" in lines


def test_saving_twice_gives_the_same(tmp_path: Path) -> None:
    df = s2s.grad(decay)
    df(X, 2)
    texts, source = [], df.source
    for _ in range(2):
        df.save(tmp_path / "made.py")
        texts.append((tmp_path / "made.py").read_text())
    assert texts[0] == texts[1]
    assert df.source == source


def test_globals_are_constants(tmp_path: Path) -> None:
    df = s2s.value_and_grad(decay)
    df(X)
    df.save(tmp_path / "made.py")
    made = load(tmp_path / "made.py")
    assert (made.RATE, made.RATE2, made.SHIFT) == (RATE, config.RATE, SHIFT)
    assert type(made.SHIFT) is np.float64
    text = (tmp_path / "made.py").read_text()
    assert f"# globals of {__name__}\n" in text
    assert "config" not in text.replace("made by", "")


def test_closures_are_constants(tmp_path: Path) -> None:
    def scaled(rate: float) -> Any:
        def f(x):
            return rate * x**2

        return f

    df = s2s.grad(scaled(0.75))
    assert df(2.0) == 3.0
    df.save(tmp_path / "made.py")
    assert load(tmp_path / "made.py").f_grad(2.0) == 3.0


def test_names_that_a_module_has_for_something_else(tmp_path: Path) -> None:
    def scaled(check_argument: float, f_grad: float, reversed: float) -> Any:
        def f(x):
            logging = 2.0
            for k in [0, 1]:
                x = np.sin(x) * check_argument * reversed + k
            log.info("f")
            return x * f_grad * logging

        return f

    df = s2s.grad(scaled(0.75, 0.5, 1.5))
    expected = df(2.0)
    assert "np.sin(x) * check_argument2 * reversed2" in df.source
    df.save(tmp_path / "made.py")
    made = load(tmp_path / "made.py")
    assert made.f_grad(2.0) == expected
    assert (made.check_argument2, made.f_grad2, made.reversed2) == (0.75, 0.5, 1.5)


def test_parameters_that_hide_what_a_module_reads(tmp_path: Path) -> None:
    def told(logging, y):
        log.info("told")
        return logging * y

    def twice_told(logging, y):
        return told(logging, y) * told(y, logging) * told(y, y)

    def total(list):
        return sum(list)

    df = s2s.value_and_grad(twice_told)
    expected = df(2.0, 3.0)
    df.save(tmp_path / "told.py")
    assert load(tmp_path / "told.py").twice_told_value_and_grad(2.0, 3.0) == expected
    assert s2s.grad(total)([1.0, 2.0]) == [1.0, 1.0]
    message = "the parameter `list` hides what the derivative calls"
    assert refusal(tmp_path, total, [1.0, 2.0])[0] == message


def test_annotations_stand_for_a_call(tmp_path: Path) -> None:
    def f(x: float, p: tuple[float, int], n: int = 2):
        return x**n * p[0]

    s2s.grad(f).save(tmp_path / "made.py")
    assert load(tmp_path / "made.py").f_grad(3.0, (2.0, 1)) == 12.0


def test_lengths_of_one_name_are_one_length(tmp_path: Path) -> None:
    jaxtyping = pytest.importorskip("jaxtyping")
    matrix = jaxtyping.Float[np.ndarray, "n m"]
    column = jaxtyping.Float[np.ndarray, "m 1"]
    vector = jaxtyping.Float[np.ndarray, "n"]

    def f(x: matrix, w: column, b: vector):
        return np.sum((x @ w)[:, 0] * b)

    s2s.grad(f, argnums=("x", "w", "b")).save(tmp_path / "made.py")
    made = load(tmp_path / "made.py").f_grad
    for n, m in (4, 3), (1, 3), (4, 1), (1, 1):
        args = np.ones((n, m)), np.ones((m, 1)), np.arange(float(n))
        assert_same(made(*args), s2s.grad(f, argnums=("x", "w", "b"))(*args))
    with pytest.raises(ValueError, match=r"b\.shape\[0\] is not x\.shape\[0\]"):
        made(np.ones((4, 3)), np.ones((3, 1)), np.ones(5))
    with pytest.raises(TypeError, match=r"w: made for float\[\?, 1\], not for float64"):
        made(np.ones((4, 3)), np.ones((3, 2)), np.ones(4))


# Checks at entry


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"x": X[0]}, "x: made for float[n, n], not for float64[n]"),
        ({"x": X[:, :1]}, "x: made for float[n, n], not for float64[n, 1]"),
        ({"x": X.astype(int)}, "x: made for float[n, n], not for int64[n, n]"),
        ({"x": X + 1j}, "x: made for float[n, n], not for complex128[n, n]"),
        ({"x": X.tolist()}, "x: made for float[n, n], not for object[]"),
        ({"scale": np.ones(3)}, "scale: made for real[], not for float64[n]"),
        ({"scale": 1j}, "scale: made for real[], not for complex128[]"),
        ({"scale": None}, "scale: made for real[], not for object[]"),
    ],
)
def test_wrong_arguments(tmp_path: Path, bad: dict[str, Any], message: str) -> None:
    df = s2s.grad(weighted)
    good = {"x": X, "scale": 2.0}
    expected = df(**good)
    df.save(tmp_path / "made.py")
    made = load(tmp_path / "made.py").weighted_grad
    with pytest.raises(TypeError) as error:
        made(**{**good, **bad})
    assert str(error.value) == message
    assert_same(made(**good), expected)
    assert_same(made(X, 2), expected)  # an int is a real number


def test_wrong_tuples_and_strings(tmp_path: Path) -> None:
    def f(p, xs, mode):
        if mode == "sum":
            return np.sum(p[0]) * p[1] * xs[0]
        return p[1]

    df = s2s.grad(f)
    good = (X, 2.0), [1.0, 2.0], "sum"
    expected = df(*good)
    df.save(tmp_path / "made.py")
    made = load(tmp_path / "made.py").f_grad
    assert_same(made(*good), expected)
    wrong: list[tuple[Any, type[Exception], str]] = [
        (((X, 2.0, 3.0), [1.0], "sum"), TypeError, "p: made for a tuple of 2"),
        (((X[0], 2.0), [1.0], "sum"), TypeError,
         "p[0]: made for float[n, n], not for float64[n]"),
        (((X, 2.0), (1.0,), "sum"), TypeError, "xs: made for a list"),
        (((X, 2.0), [1.0, X], "sum"), TypeError,
         "an item of xs: made for real[], not for float64[n, n]"),
        (((X, 2.0), [1.0], "mean"), ValueError, "mode: made for 'sum'"),
    ]  # fmt: skip
    for args, kind, message in wrong:
        with pytest.raises(kind) as error:
            made(*args)
        assert str(error.value) == message


def test_a_dtype_that_the_code_names_is_checked(tmp_path: Path) -> None:
    df = s2s.grad(weighted)
    df(X.astype(np.float32), np.ones(3))  # casts the gradient back to float32
    df.save(tmp_path / "made.py")
    made = load(tmp_path / "made.py").weighted_grad
    assert made(X.astype(np.float32), np.ones(3)).dtype == np.float32
    with pytest.raises(TypeError, match="x: made for an array of float32"):
        made(X, np.ones(3))


# What cannot be saved


def test_before_the_types_are_known(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        s2s.grad(weighted).save(tmp_path / "made.py")
    message, line, _, advice = str(error.value).splitlines()
    what = (
        "<s2s.grad of weighted> has not been called yet, so the types of `x`, `scale`"
    )
    assert message.endswith(f": {what} are not known")
    assert line == "    def weighted(x, scale):"
    assert advice == (
        "advice: call it once, annotate the parameters, or use `s2s show` and "
        "`s2s build` with --at"
    )
    assert not (tmp_path / "made.py").exists()


def refusal(tmp_path: Path, f: Any, *args: Any) -> list[str]:
    """Message, line, carets and advice of what saving the gradient raises."""
    df = s2s.grad(f)
    df(*args)
    with pytest.raises(UnsupportedError) as error:
        df.save(tmp_path / "made.py")
    assert not (tmp_path / "made.py").exists()
    message, *rest = str(error.value).splitlines()
    return [message.partition(": ")[2] if rest[1:] else message, *rest]


def test_dicts_of_globals_are_written_down(tmp_path: Path) -> None:
    def f(x):
        options = {**OPTIONS, "scale": 2.0}
        for k in options["steps"]:
            x = x + k * options["weights"]
        return options["scale"] * np.sum(x**2)

    df = s2s.grad(f)
    expected = df(np.ones(3))
    df.save(tmp_path / "made.py")
    text = (tmp_path / "made.py").read_text("utf-8")
    scope: dict[str, Any] = {}
    exec(text, scope)
    assert np.array_equal(scope["f_grad"](np.ones(3)), expected)
    assert "dtype=np.float64" in text


def test_loggers_are_those_of_the_primal(tmp_path: Path, caplog: Any) -> None:
    def f(x):
        for k in range(2):
            log.debug("%d: x is %.1f", k, x)
            x = x * x
        logging.error("done", stacklevel=2)
        return x

    caplog.set_level(logging.DEBUG)
    df = s2s.grad(f)
    assert df(3.0) == 108.0
    df.save(tmp_path / "made.py")
    scope: dict[str, Any] = {}
    exec((tmp_path / "made.py").read_text("utf-8"), scope)
    assert scope["f_grad"](3.0) == 108.0
    told = [(r.name, r.getMessage()) for r in caplog.records]
    once = [(log.name, "0: x is 3.0"), (log.name, "1: x is 9.0"), ("root", "done")]
    assert told == 2 * once


def test_large_global_arrays_are_refused(tmp_path: Path) -> None:
    def f(x):
        return np.sum(x * TABLE)

    assert refusal(tmp_path, f, np.ones(100)) == [
        "a saved module cannot hold `TABLE`: it is a global of type ndarray",
        "    return np.sum(x * TABLE)",
        "                      ^^^^^",
        "advice: pass it as an argument",
    ]


def test_exceptions_of_ones_own_are_imported(tmp_path: Path) -> None:
    def f(x):
        if x > 10.0:
            raise TooLarge("too large")
        return x**2

    df = s2s.grad(f)
    df(2.0)
    df.save(tmp_path / "made.py")
    text = (tmp_path / "made.py").read_text("utf-8")
    assert f"from {TooLarge.__module__} import TooLarge\n" in text
    scope: dict[str, Any] = {}
    exec(text, scope)
    assert scope["f_grad"](2.0) == 4.0
    with pytest.raises(TooLarge, match="too large"):
        scope["f_grad"](11.0)


def test_functions_as_arguments_are_refused(tmp_path: Path) -> None:
    def f(x, callback):
        return x**2

    assert refusal(tmp_path, f, 2.0, sorted)[-1] == (
        "advice: save the derivative of a function without `callback`"
    )


def test_files_of_others_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import numpy\n")
    df = s2s.grad(weighted)
    df(X, 2.0)
    with pytest.raises(SourceError, match="was not made by s2s, so it is not overw"):
        df.save(path)
    assert path.read_text() == "import numpy\n"


# CuPy


def test_the_cupy_backend_swaps_the_array_module(tmp_path: Path) -> None:
    def f(x: np.float64, w: np.ndarray[tuple[int], np.dtype[np.float64]]):
        return np.sum(np.sin(w) ** 2) * x + SHIFT

    df = s2s.grad(f, argnums="w", backend="cupy")
    assert df.source.startswith("import cupy as cp\n")
    assert "np." not in df.source
    df.save(tmp_path / "made.py")
    text = (tmp_path / "made.py").read_text()
    assert "np." not in text.replace("=np.ones", "")
    assert (
        "SHIFT = cp.float64(1.5)"
        in s2s.value_and_grad(f, argnums="w", backend="cupy").source
        or "SHIFT" not in text
    )


def test_scalars_stay_on_the_device() -> None:
    import math

    def f(x: np.ndarray[tuple[int], np.dtype[np.float64]], k: float):
        return math.sqrt(np.sum(x)) * math.exp(k)

    source = s2s.value_and_grad(f, argnums=("x", "k"), backend="cupy").source
    assert "cp.sqrt(" in source and "math.sqrt" not in source
    assert "math.exp(k)" in source


def test_what_cupy_lacks_is_refused() -> None:
    def f(x: np.ndarray[tuple[int, int], np.dtype[np.float64]]):
        n = np.count_nonzero(x, axis=0, keepdims=True)
        return np.sum(x * n)

    with pytest.raises(UnsupportedError) as error:
        s2s.grad(f, backend="cupy").source  # noqa: B018
    assert str(error.value).partition(": ")[2].splitlines() == [
        "CuPy lacks the argument `keepdims` of `np.count_nonzero`",
        "    n = np.count_nonzero(x, axis=0, keepdims=True)",
        "        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        'advice: write it with other functions, or use backend="numpy"',
    ]
    assert s2s.grad(f).source


def test_what_is_called_cp() -> None:
    def f(cp: np.float64):
        return np.sin(cp)

    def heat(cp: float) -> Any:
        def g(x: np.float64):
            return cp * np.sin(x)

        return g

    for source in (
        s2s.grad(f, backend="cupy").source,
        s2s.grad(heat(1.4), backend="cupy").source,
    ):
        assert source.startswith("import cupy\n\n")
        assert "cupy.cos(" in source and "cp.cos" not in source


# Showing


def test_derivatives_show_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    df = s2s.grad(weighted)
    assert repr(df) == "<s2s.grad of weighted>"
    assert "of weighted" in df._repr_html_()
    df(X, 2.0)
    df.show()
    assert capsys.readouterr().out == df.source
    assert "weighted_grad" in df._repr_html_() and "<span" in df._repr_html_()

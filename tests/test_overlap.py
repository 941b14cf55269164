"""Arguments that overlap, or are not contiguous, where the primal changes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from test_save import load as load_module

import s2s
from s2s.errors import OverlapError

V = np.arange(1.0, 7.0) / 4.0
TABLE = V.copy()


def shifted(a, b):
    a[: len(b)] = b * b
    return np.sum(a) * np.sum(b)


def in_tuples(p, q):
    p[0][0] *= q[0][1]
    return np.sum(p[0] * p[1]) * np.sum(q[0] * q[1])


def with_a_global(a):
    a[0] *= 2.0
    return np.sum(a * TABLE)


def not_changed(a, b):
    return np.sum(a[: len(b)] * b)


def alone(a):
    a[1:] *= a[0]
    return np.sum(a)


def through_ravel(A, x):
    A.ravel()[4] *= x
    return np.sum(A**2)


def seen_through_reshape(A, x):
    v = A.reshape(-1)
    A[1, 1] *= x
    return np.sum(v**2)


def reshape_that_sees_nothing(A, x):
    A[1, 1] *= x
    v = A.reshape(-1)
    return np.sum(v**2) * x


APART = [
    (shifted, (V, V.copy())),
    (shifted, (V[::2], V[1::2])),
    (shifted, (V[:3], V[3:])),
    (shifted, (V.reshape(2, 3)[:, 0], V.reshape(2, 3)[:, 1])),
    (in_tuples, ((V, V.copy()), [V.copy(), V.copy()])),
    (with_a_global, (V,)),
    (not_changed, (V, V[1:])),
    (alone, (as_strided(V, (3,), (16,)),)),
]
OVERLAPPING = [
    (shifted, (V, V), "`a`", "`b`"),
    (shifted, (V, V[1:]), "`a`", "`b`"),
    (shifted, (V[::2], V[::-1]), "`a`", "`b`"),
    (in_tuples, ((V, V), [V.copy(), V.copy()]), "`p[0]`", "`p[1]`"),
    (in_tuples, ((V, V.copy()), [V.copy(), V[:]]), "`p[0]`", "`q`"),
    (with_a_global, (TABLE,), "`a`", "`TABLE`"),
    (alone, (as_strided(V, (4,), (0,)),), "`a`", "its elements"),
    (alone, (as_strided(V, (4, 3), (8, 8)),), "`a`", "its elements"),
]
CONTIGUOUS = [through_ravel, seen_through_reshape]


@pytest.mark.parametrize(("f", "args"), APART)
def test_apart(f: Any, args: tuple[Any, ...]) -> None:
    h = 1e-6
    both = f(*shift(args, h)), f(*shift(args, -h))
    slope = (both[0] - both[1]) / (2.0 * h)
    wrt = tuple(range(len(args)))
    gradient = s2s.grad(f, wrt)(*args)
    assert total(gradient) == pytest.approx(slope, rel=1e-8)
    tangents = shift(tuple(map(zeros, args)), 1.0)
    assert s2s.jvp(f, args, tangents)[1] == pytest.approx(slope, rel=1e-8)


def shift(item: Any, h: float) -> Any:
    if isinstance(item, tuple | list):
        return type(item)([shift(i, h) for i in item])
    return item + h


def zeros(item: Any) -> Any:
    if isinstance(item, tuple | list):
        return type(item)(map(zeros, item))
    return np.zeros_like(item)


def total(item: Any) -> float:
    return sum(map(total, item)) if isinstance(item, tuple | list) else np.sum(item)


@pytest.mark.parametrize(("f", "args", "one", "two"), OVERLAPPING)
def test_overlapping(f: Any, args: tuple[Any, ...], one: str, two: str) -> None:
    before = V.copy(), TABLE.copy()
    for call in (
        lambda: s2s.grad(f)(*args),
        lambda: s2s.vjp(f, *args),
        lambda: s2s.jvp(f, args, args),
    ):
        with pytest.raises(OverlapError) as error:
            call()
        assert one in error.value.message and two in error.value.message
        assert error.value.origin is not None and "copy" in error.value.advice
    np.testing.assert_array_equal((V, TABLE), before)


@pytest.mark.parametrize("f", CONTIGUOUS)
def test_contiguous(f: Any) -> None:
    A, x, h = V.reshape(2, 3), 1.5, 1e-6
    slope = (f(A.copy(), x + h) - f(A.copy(), x - h)) / (2.0 * h)
    d = s2s.grad(f, "x")
    assert d(A, x) == pytest.approx(slope, rel=1e-8)
    for B in (np.asfortranarray(A), np.ones((4, 6))[::2, ::2], A[:, :2]):
        with pytest.raises(OverlapError, match=r"np\.ascontiguousarray"):
            d(B, x)
    assert d(A[:1].repeat(2, 0), x) > 0.0


def test_views_that_no_store_is_seen_through_may_be_copies() -> None:
    A, x = np.asfortranarray(V.reshape(2, 3)), 1.5
    f = reshape_that_sees_nothing
    slope = (f(A.copy(), x + 1e-6) - f(A.copy(), x - 1e-6)) / 2e-6
    assert s2s.grad(f, "x")(A, x) == pytest.approx(slope, rel=1e-8)


def test_saved_modules_check_as_well(tmp_path: Path) -> None:
    df = s2s.grad(shifted)
    expected = df(V, V.copy())
    df.save(tmp_path / "made.py")
    run = load_module(tmp_path / "made.py").shifted_grad
    np.testing.assert_array_equal(run(V, V.copy()), expected)
    with pytest.raises(ValueError, match=r"`a` .* overlaps with `b`: pass a copy"):
        run(V, V[1:])
    df = s2s.grad(through_ravel)
    df(V.reshape(2, 3), 1.5)
    df.save(tmp_path / "flat.py")
    run = load_module(tmp_path / "flat.py").through_ravel_grad
    with pytest.raises(ValueError, match=r"pass `np.ascontiguousarray\(A\)`"):
        run(np.asfortranarray(V.reshape(2, 3)), 1.5)


def test_no_check_where_nothing_is_changed(tmp_path: Path) -> None:
    df = s2s.grad(not_changed)
    df(V, V)
    df.save(tmp_path / "made.py")
    assert "check_apart" not in (tmp_path / "made.py").read_text("utf-8")


def test_arguments_stay_as_they_are_where_the_primal_fails() -> None:
    def fails(a, b):
        a[0] = 7.0
        return np.sum(a + b)

    a, b = V.copy(), V[1:].copy()
    for _ in range(2):
        with pytest.raises(ValueError, match="broadcast"):
            s2s.grad(fails)(a, b)
        np.testing.assert_array_equal(a, V)

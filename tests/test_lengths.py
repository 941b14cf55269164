"""Lengths that are taken to be equal, and arguments of which that is not true."""
# ruff: noqa: B007, F821, F841

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import s2s
from s2s.api import transformed

rng = np.random.default_rng(17)


def interior(u, v):
    return np.sum(u[1:-1] * v[1:-1] ** 2) + np.sum(u**3)


def stepped(u, v, steps):
    u = u.copy()
    for t in range(steps):
        u[1:-1] += 0.1 * v[1:-1] * u[2:]
    return np.sum(u**2)


def faces(u, k, steps):
    u = u.copy()
    flux = np.empty(len(u) - 1)
    for t in range(steps):
        flux[:] = k * (u[1:] - u[:-1])
        u[:-1] += flux
    return np.sum(u**2)


def parts(p, steps):
    total = 0.0
    for t in range(steps):
        total = total + np.sum(p["u"][1:-1] * p["v"][1:-1]) * t
    return total


def grid(a, b):
    return np.sum(a[1:-1, 1:-1] * b[1:-1, 1:-1] ** 2)


def check(f: Callable[..., Any], df: Callable[..., Any], *args: Any) -> None:
    """The gradient in the first two arguments, against differences."""
    for grad, k in zip(df(*args), (0, 1), strict=True):
        assert grad.shape == args[k].shape
        for at in np.ndindex(grad.shape):
            step = np.zeros_like(args[k])
            step[at] = 1e-6
            ends = [f(*args[:k], args[k] + s, *args[k + 1 :]) for s in (step, -step)]
            assert grad[at] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def vectors(*lengths: int) -> list[np.ndarray]:
    return [rng.uniform(0.5, 1.5, n) for n in lengths]


@pytest.mark.parametrize("f", [interior, stepped])
def test_what_fits_and_what_is_broadcast(f: Any) -> None:
    """One derivative serves both, whichever comes first."""
    rest = (3,) if f is stepped else ()
    pairs = [(5, 5), (5, 3), (4, 4)] + [(3, 5)] * (f is interior)
    for order in pairs, pairs[::-1]:
        df = s2s.grad(f, (0, 1))
        for lengths in order:
            check(f, df, *vectors(*lengths), *rest)


def test_the_text_takes_equal_lengths_for_granted() -> None:
    for f, args in (
        (interior, vectors(5, 5)),
        (stepped, [*vectors(5, 5), 2]),
        (faces, [*vectors(5, 4), 2]),
    ):
        df = s2s.grad(f, (0, 1))
        df.compile(*args)
        assert "unbroadcast" not in df.source
    df.compile(*vectors(5, 2), 0)  # which is no error: the loop does not run
    assert "unbroadcast" in df.source


def test_a_length_that_is_another_one_less_one() -> None:
    df = s2s.grad(faces, (0, 1))
    check(faces, df, *vectors(5, 4), 3)
    check(faces, df, *vectors(2, 1), 3)
    check(faces, df, *vectors(5, 7), 0)
    with pytest.raises(ValueError, match="broadcast"):
        df(*vectors(5, 3), 2)


def test_parts_of_arguments() -> None:
    df = s2s.grad(parts)
    for lengths in (5, 5), (5, 3), (3, 5), (4, 4):
        u, v = vectors(*lengths)
        grads = df({"u": u, "v": v}, 3)
        wide = np.broadcast_shapes(u[1:-1].shape, v[1:-1].shape)
        for name, mine, other in ("u", u, v), ("v", v, u):
            expected = np.zeros_like(mine)
            spread = np.broadcast_to(3.0 * other[1:-1], wide)
            expected[1:-1] = spread.sum() if len(mine) == 3 else spread
            np.testing.assert_allclose(grads[name], expected)


def test_derivatives_of_derivatives() -> None:
    u, v = vectors(5, 5)
    hessian = s2s.hessian(interior)
    np.testing.assert_allclose(hessian(u, v), np.diag(6 * u), atol=1e-12)
    u, v = vectors(3, 5)
    np.testing.assert_allclose(hessian(u, v), np.diag(6 * u), atol=1e-12)
    s2s.check_grads(interior, vectors(5, 3))


def test_other_axes_may_differ() -> None:
    df = s2s.grad(grid, (0, 1))
    for shapes in ((4, 5), (4, 5)), ((4, 5), (4, 3)), ((3, 5), (4, 3)):
        check(grid, df, *(rng.uniform(0.5, 1.5, shape) for shape in shapes))


def saved(df: Any, path: Path) -> Any:
    """The function of a saved module."""
    df.save(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, df.latest.name)


def test_a_saved_module_checks_what_was_taken_for_granted(tmp_path: Path) -> None:
    df = s2s.grad(faces, (0, 1))
    df.compile(*vectors(5, 4), 3)
    made = saved(df, tmp_path / "made_faces.py")
    check(faces, made, *vectors(6, 5), 2)
    with pytest.raises(ValueError, match=r"k\.shape\[0\] is not u\.shape\[0\] - 1"):
        made(*vectors(5, 3), 0)

    df = s2s.grad(interior, (0, 1))
    df.compile(*vectors(5, 5))
    made = saved(df, tmp_path / "made_interior.py")
    check(interior, made, *vectors(4, 4))
    with pytest.raises(ValueError, match=r"v\.shape\[0\] is not u\.shape\[0\]"):
        made(*vectors(5, 3))
    df.compile(*vectors(5, 3))
    made = saved(df, tmp_path / "made_for_both.py")
    check(interior, made, *vectors(5, 3))
    check(interior, made, *vectors(4, 4))


def test_a_saved_second_derivative_checks_it_too(tmp_path: Path) -> None:
    def slope(u, v):
        return np.sum(u[1:-1] * v[1:-1] ** 2)

    first = s2s.grad(slope, 0)
    second = transformed(first, "vjp", (1,))
    u, v = vectors(5, 5)
    second.compile(u, v)
    made = saved(second, tmp_path / "second.py")
    (v_bar,) = made(u, v)[1](np.ones(5))
    np.testing.assert_allclose(v_bar[1:-1], 2 * v[1:-1])
    with pytest.raises(ValueError, match=r"v\.shape\[0\] is not u\.shape\[0\]"):
        made(*vectors(5, 3))
    (v_bar,) = second(*vectors(5, 3))[1](np.ones(5))
    assert v_bar.shape == (3,)


def test_the_shape_of_a_part_is_asked_of_the_last_version() -> None:
    def halves(u, parts):
        u = u.copy()
        for a, b in parts:
            u[a:b] = 0.5 * u[a + 1 : b + 1]
        return np.sum(u**2)

    df = s2s.grad(halves)
    (u,), parts = vectors(6), [(0, 3), (2, 5), (4, 6), (5, 5), (1, 2)]
    step, grad = 1e-6 * np.eye(6), df(u, parts)
    expected = [(halves(u + s, parts) - halves(u - s, parts)) / 2e-6 for s in step]
    np.testing.assert_allclose(grad, expected, rtol=1e-6)
    assert "u_stack" not in df.source


def test_numbers_are_no_lengths_of_arguments() -> None:
    def f(x, empty):
        return np.sum(x * np.array([1.0, 2.0, 3.0])) + np.sum(empty)

    df = s2s.grad(f, (0, 1))
    for n in 3, 1:
        check(f, df, *vectors(n, 0))


def pooled(u, v):
    pairs = 0.5 * (u[::2] + u[1::2]) * v[::-2]
    return np.sum(pairs**2) + np.sum(u * v**2)


def coloured(u, v):
    """Gauss-Seidel, the odd points first, then the even ones."""
    u = u.copy()
    for _ in range(2):
        u[1:-1:2] += 0.5 * (u[:-2:2] - 2.0 * u[1:-1:2] + u[2::2] - v[1:-1:2])
        u[2:-1:2] += 0.5 * (u[1:-2:2] - 2.0 * u[2:-1:2] + u[3::2] - v[2:-1:2])
    return np.sum(u**2)


@pytest.mark.parametrize("n", [4, 5, 8, 9])
def test_parts_in_steps_of_one_axis_are_equally_long(n: int) -> None:
    df = s2s.grad(coloured, (0, 1))
    check(coloured, df, *vectors(n, n))
    assert "unbroadcast" not in df.source


def test_the_length_of_an_axis_is_even_where_its_halves_are_added(
    tmp_path: Path,
) -> None:
    df = s2s.grad(pooled, (0, 1))
    check(pooled, df, *vectors(6, 6))
    assert "unbroadcast" not in df.source
    made = saved(df, tmp_path / "made_pooled.py")
    check(pooled, df, *vectors(3, 3))  # where one half is broadcast
    assert "unbroadcast" in df.source
    check(pooled, made, *vectors(4, 4))
    with pytest.raises(ValueError, match=r"u\.shape\[0\] is not a multiple of 2"):
        made(*vectors(3, 3))
    with pytest.raises(ValueError, match="broadcast"):
        df(*vectors(5, 5))


def test_thirds_of_an_axis() -> None:
    def thirds(u, v):
        return np.sum(u[::3] * u[2::3] * v[1:-1:3]) + np.sum(u[2:] * v[:-2])

    df = s2s.grad(thirds, (0, 1))
    check(thirds, df, *vectors(6, 6))
    assert "unbroadcast" not in df.source


def test_parts_by_one_index_are_equally_long() -> None:
    """By one mask, or masks that are written alike, and by slices with equal ends."""

    def masked(u, v):
        u = u.copy()
        u[v > 1.2] *= v[v > 1.2]
        few = u > v
        u[few] = u[few] * v[few] + u[few]
        return np.sum(u**2)

    def cut(u, v):
        return np.sum(u[1:4] * u[1:4] ** 2 * u[2 * 1 : 2 * 2 + 1]) + np.sum(v)

    df = s2s.grad(masked, (0, 1))
    check(masked, df, *vectors(6, 6))
    assert "unbroadcast" not in df.source
    df = s2s.grad(cut, (0, 1))
    check(cut, df, *vectors(6, 6))


def test_slices_whose_ends_are_lengths() -> None:
    """`n = len(u)`, `u[1:n - 1]`, as many write stencils."""

    def smoothed(u, v):
        u, n = u.copy(), len(u)
        for _ in range(2):
            u[1 : n - 1] = u[1 : n - 1] + v[0] * (u[0 : n - 2] + u[2:n])
        m = n - 2
        return np.sum(u[1 : m + 1] * u[:m] ** 2 + u[m:][0]) + np.sum(v)

    df = s2s.grad(smoothed, (0, 1))
    df(*vectors(6, 6))
    assert "shape" not in df.source
    for n in (1, 2, 3, 6):
        check(smoothed, df, *vectors(n, 6))

    def few(u, v):  # with three elements, u[:m] is empty; with two, it is not
        m = len(u) - 3
        return np.sum(u[:m] * u[:m]) + np.sum(v)

    df = s2s.grad(few, (0, 1))
    for n in (1, 2, 3, 6):
        check(few, df, *vectors(n, 6))


def test_slices_whose_ends_are_lengths_of_another() -> None:
    """Where `v[:n - 2] + v[2:]` is added, v is as long as u."""

    def smoothed(u, v):
        v, n = v.copy(), len(u)
        for _ in range(2):
            v[1 : n - 1] = v[1 : n - 1] + u[0] * (v[: n - 2] + v[2:])
        return np.sum(v**2) + np.sum(u)

    df = s2s.grad(smoothed, (0, 1))
    df(*vectors(6, 6))
    assert "shape" not in df.source
    for n in (2, 3, 6):
        check(smoothed, df, *vectors(n, n))

    def joined(u, v):  # v may be longer
        n = len(u)
        return np.sum(u[1:] * v[: n - 1] ** 2) + np.sum(u * v[0:n])

    df = s2s.grad(joined, (0, 1))
    for n in (1, 2, 6, 8):
        check(joined, df, *vectors(min(n, 6), n))


def test_a_part_of_another_round_has_its_own_length() -> None:
    def carried(u, v):
        s, low = 0.0, 2.0
        for k in range(2):
            now = u[v > low]
            if k > 0:
                s = s + np.sum(last * now * last)
            last = now[:1] * u[0]
            low = low - 2.0
        return s + u[1] * v[0]

    df = s2s.grad(carried, (0, 1))
    u, v = np.array([0.4, 0.7, 0.9]), np.array([1.5, 1.8, 2.5])
    check(carried, df, u, v)


def test_products_of_lengths_without_a_name_differ() -> None:
    def selected(x, y):
        a, b, c, d = x[x > 0], x[x > 1.0], y[y > 0], y[y > 1.0]
        p, q = np.outer(a, c).ravel(), np.outer(b, d).ravel()
        joined = np.concatenate([b, d]) * np.concatenate([a[:1], c])[:1]
        return np.sum(p * q * q) + np.sum(joined)

    x, y = np.array([0.5, 1.5, 0.2]), np.array([0.5, 1.7])
    check(selected, s2s.grad(selected, (0, 1)), x, y)

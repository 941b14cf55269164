"""`with np.errstate` and `try`: what ran is what is differentiated."""

import math
import warnings

import numpy as np
import pytest
from agree import check, check_spellings, raises_as
from differences import differences
from test_parse_source import run_cell

import s2s

V = np.array([0.3, -0.8, 1.1])
SPD = np.array([[2.0, 0.3], [0.3, 1.0]])


# with ---------------------------------------------------------------------------------


def masked(x, v):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(v * v - 0.09) / v
        z = np.where(v > 0.5, y, 0.0)
    return x * np.sum(z * z)


def test_both_sweeps_are_in_the_context():
    check(masked, (0.7, np.array([0.31, 0.8, 1.1])))
    gradient = s2s.grad(masked)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient(0.7, np.array([0.1, 0.3, 1.1]))
    source = gradient.source
    assert source.count('with np.errstate(divide="ignore", invalid="ignore"):') == 1
    both = s2s.grad(masked, (0, 1))
    both(0.7, V)
    assert both.source.count("with np.errstate(") == 2


def test_with_around_stores_loops_and_jumps():
    def f(x, v):
        w = np.zeros(3)
        s = 0.0
        for u in v:
            with np.errstate(all="ignore"), np.errstate(over="warn"):
                if u < 0.0:
                    continue
                w[1:] += np.sqrt(v[1:] * v[1:]) * x * u
                for k in range(2):
                    w[k] = w[k] * u
                if s > 5.0:
                    return s
                s = s + np.sum(w * w)
        return s * x

    def g(x, v):
        w = np.zeros(3)
        s = 0.0
        for u in v:
            if u < 0.0:
                continue
            w[1:] += np.sqrt(v[1:] * v[1:]) * x * u
            for k in range(2):
                w[k] = w[k] * u
            if s > 5.0:
                return s
            s = s + np.sum(w * w)
        return s * x

    check_spellings([f, g], (0.7, V))
    check_spellings([f, g], (9.7, V))


def test_a_context_that_raises():
    def f(x, v):
        out = []
        for u in v:
            with np.errstate(all="raise"):
                try:
                    w = np.log(u) * x
                except FloatingPointError:
                    w = u * x * x
            out.append(w * u)
        return sum(out)

    check(f, (0.7, V))


# try ----------------------------------------------------------------------------------


def divided(x, n):
    try:
        t = x * x
        z = t / n
    except ZeroDivisionError:
        z = x * 3.0
    return z * x


@pytest.mark.parametrize("n", [0, 2])
def test_the_branch_that_ran(n):
    def g(x, n):
        if n == 0:
            return x * 3.0 * x
        return x * x / n * x

    check_spellings([divided, g], (0.7, n))


def test_what_fails_is_kept_though_nothing_reads_it():
    def f(x, n):
        try:
            1.0 / n
            z = x * x
        except ZeroDivisionError:
            z = x * 3.0
        return z

    check(f, (0.7, 0))
    check(f, (0.7, 2))
    assert s2s.grad(f)(1.0, 0) == 3.0
    assert s2s.grad(f)(1.0, 1) == 2.0


def test_a_derivative_that_fails_is_not_caught():
    """math.sqrt has a value at 0, and no derivative."""

    def f(x):
        try:
            y = math.sqrt(x)
        except ZeroDivisionError:
            y = 5.0 * x
        return y

    check(f, (0.7,))
    for derivative in (lambda: s2s.grad(f)(0.0), lambda: s2s.jvp(f, (0.0,), (1.0,))):
        with pytest.raises(ZeroDivisionError):
            derivative()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_factorization_that_may_fail(sign):
    def f(A, b):
        try:
            L = np.linalg.cholesky(A)
            z = np.linalg.solve(L, b)
        except np.linalg.LinAlgError:
            z = np.linalg.solve(A, b)
        return np.sum(z * z)

    check(f, (sign * SPD, np.array([1.0, 2.0])))


@pytest.mark.parametrize("n", [2, 9])
def test_try_in_a_loop(n):
    def f(x, n):
        s = x
        for k in range(4):
            try:
                t = math.sin(s * x)
                w = t * t / (k - n)
            except ZeroDivisionError:
                s = s * s
                continue
            else:
                s = s * 2.0 + w
            if s > 8.0:
                break
        return s

    check(f, (0.7, n))
    check(f, (1.9, n))


def test_returns_and_reraising():
    def f(x, n):
        try:
            return x * x / n
        except (ZeroDivisionError, ValueError) as e:
            if x > 5.0:
                raise ValueError("large") from e
            if x > 4.0:
                raise
        finally:
            x = 2.0 * x
        return x * x

    for x in (0.7, 1.5):
        for n in (0, 2):
            check(f, (x, n))
    assert str(raises_as(f, 6.0, 0)) == "large"
    raises_as(f, 4.5, 0)


def test_names_keep_what_they_stood_for():
    def f(x, n):
        y = x * x
        z = y * x
        try:
            y = y / n
        except:  # noqa: E722
            z = z * y
        return y * z

    check(f, (0.7, 0))
    check(f, (0.7, 2))


@pytest.mark.parametrize("n", [1, 7])
def test_loops_and_branches_in_a_try(n):
    def f(x, n):
        best = x
        try:
            for k in range(3, -1, -1):
                x = x * x + best / (k - n) if x > 0.1 else x
            y = x * 2.0
        except ZeroDivisionError:
            y = best * best
        return y * best

    check(f, (0.7, n))


def test_try_inside_try_and_in_functions():
    def inverse(a, b):
        if b == 0:
            raise ValueError("zero")
        return a / b

    def guarded(a, b):
        try:
            return inverse(a, b)
        except ValueError:
            return a * a

    def f(x, n):
        s = guarded(x * x, n)
        for k in range(3):
            s = s + guarded(s * x, k - n)
        try:
            try:
                s = s / n * x
            except ZeroDivisionError:
                raise KeyError("inner") from None
        except KeyError:
            s = s * x
        return s

    for n in (0, 1, 5):
        check(f, (0.7, n))


def test_what_is_printed_before_a_failure(capsys):
    def f(x, n):
        try:
            print("begun")
            y = x / n
            print("done")
        except ZeroDivisionError:
            y = x
            print("failed")
        return y * y

    for n, text in ((2, "begun\ndone\n"), (0, "begun\nfailed\n")):
        for run in (lambda n=n: s2s.grad(f)(0.7, n), lambda n=n: s2s.vjp(f, 0.7, n)):
            run()
            assert capsys.readouterr().out == text
        s2s.jvp(f, (0.7, n), (1.0, None))
        assert capsys.readouterr().out == text


class Failure(Exception):
    pass


def test_exceptions_of_the_users_own():
    def f(x, n):
        try:
            if n > 1:
                raise Failure(n)
            y = x * x
        except Failure:
            y = x * x * x
        return y

    check(f, (0.7, 0))
    check(f, (0.7, 2))


def test_a_saved_module_catches_and_raises(tmp_path):
    def f(x, n):
        try:
            y = x * x / n
        except ZeroDivisionError:
            y = x
        if x > 2.0:
            raise ValueError("large")
        return y

    df = s2s.grad(f)
    df(0.7, 2)
    df.save(tmp_path / "made.py")
    made = run_cell((tmp_path / "made.py").read_text())["f_grad"]
    assert (made(0.7, 2), made(0.7, 0)) == (df(0.7, 2), 1.0)
    with pytest.raises(ValueError, match="large"):
        made(3.0, 0)


def test_second_derivatives():
    def f(x):
        s = 0.0
        for k in range(3):
            with np.errstate(all="ignore"):
                t = np.sin(x * k) * x
            try:
                s = s + math.sin(t * x) / (k - 1)
            except ZeroDivisionError:
                s = s * x
        return s

    df = s2s.grad(f)
    (want,), error = differences(df, [0.7], [1.0], 1e-2)
    assert error < 1e-9
    assert s2s.grad(df)(0.7) == pytest.approx(want, rel=1e-8)
    assert s2s.jvp(df, (0.7,), (1.0,))[1] == pytest.approx(want, rel=1e-8)
